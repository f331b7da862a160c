/**
 * The part of sys that may take long: names and addresses of hosts, which the system's resolver
 * knows. It comes in through the room's door, sys.h.
 *
 * These calls read files, and ask name servers without a limit that could be set here. Nothing can
 * end them early, so only the dns room calls them, on threads of its own. As with all of sys, a
 * test can put a scripted resolver under everything (the linker's --wrap).
 */
#ifndef SYS_RESOLVE_H
#define SYS_RESOLVE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the resolver has against a name. Below the range of -errno, so that both fit one number; a
 * failure that has an errno (EAI_SYSTEM, EAI_MEMORY) comes as -errno. */
enum sys_resolve_failure {
    SYS_RESOLVE_TRY_AGAIN = -200001,    /* EAI_AGAIN */
    SYS_RESOLVE_BAD_ARGUMENT = -200002, /* EAI_BADFLAGS */
    SYS_RESOLVE_FAILED = -200003,       /* EAI_FAIL */
    SYS_RESOLVE_BAD_FAMILY = -200004,   /* EAI_FAMILY */
    SYS_RESOLVE_NOT_FOUND = -200005,    /* EAI_NONAME, EAI_NODATA */
    SYS_RESOLVE_OTHER = -200006,        /* anything else */
};

/* Room for any name that sys_reverse() finds, and the closing NUL. */
#define SYS_REVERSE_SIZE_MAX 1025

/* One IPv4 or IPv6 address. */
struct sys_resolved_address {
    uint32_t size;    /* bytes in use of `as` */
    bool is_loopback; /* of the interface; false for what the resolver found */
    union {
        struct sockaddr generic;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } as; /* port 0 */
};

/* A list that the caller owns. */
struct sys_resolved {
    char *canonical_name; /* owned; NULL where none was found */
    size_t count;
    struct sys_resolved_address addresses[];
};

/* The addresses of a host, for stream sockets, in the resolver's order, with what duplicates it
 * has. `native_family`: AF_UNSPEC for both. 0, -errno or an enum sys_resolve_failure. */
int32_t sys_resolve(const char *host, int native_family, struct sys_resolved **out_list);

/* The addresses of the interfaces that are up, as the system lists them. 0 or -errno. */
int32_t sys_interface_addresses(int native_family, struct sys_resolved **out_list);

void sys_resolved_free(struct sys_resolved *list); /* NULL is fine */

/* The name of the host behind an address, as text that ends with a NUL; digits are no name. 0,
 * -errno or an enum sys_resolve_failure. */
int32_t sys_reverse(const void *sockaddr, uint32_t size, char *name, size_t name_size);

/* This machine's name, as text that ends with a NUL. 0 or -errno. */
int32_t sys_host_name(char *name, size_t size);

/* Starts a thread that nobody joins, with every signal blocked, so that the program's handlers run
 * on the program's own threads. 0 or -errno. */
int32_t sys_thread_start_detached(void *(*run)(void *context), void *context);

#endif
