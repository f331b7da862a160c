/* The system's resolver, the interfaces' addresses, and the threads that wait for the resolver. */
#include "sys/resolve.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/retry.h"
#include "sys/thread_mask.h"

#ifndef EAI_NODATA
#define EAI_NODATA EAI_NONAME
#endif

/* No switch: systems differ in which of these share a number. */
static int32_t failure_of(int code)
{
    if (code == EAI_SYSTEM)
        return errno ? -errno : SYS_RESOLVE_OTHER;
    if (code == EAI_MEMORY)
        return -ENOMEM;
    if (code == EAI_AGAIN)
        return SYS_RESOLVE_TRY_AGAIN;
    if (code == EAI_BADFLAGS)
        return SYS_RESOLVE_BAD_ARGUMENT;
    if (code == EAI_FAIL)
        return SYS_RESOLVE_FAILED;
    if (code == EAI_FAMILY)
        return SYS_RESOLVE_BAD_FAMILY;
    if (code == EAI_NONAME || code == EAI_NODATA)
        return SYS_RESOLVE_NOT_FOUND;
    return SYS_RESOLVE_OTHER;
}

static bool was_interrupted(int code)
{
    return code == EAI_SYSTEM && errno == EINTR;
}

/* --- Lists ------------------------------------------------------------------------------------ */

/* Its size cannot overflow: what is copied lies in memory already, and is larger there. */
static struct sys_resolved *list_of(size_t capacity)
{
    return memory_zeroed(sizeof(struct sys_resolved) +
                         capacity * sizeof(struct sys_resolved_address));
}

void sys_resolved_free(struct sys_resolved *list)
{
    if (!list)
        return;
    memory_free(list->canonical_name);
    memory_free(list);
}

/* The size of an address of a family that is wanted, else 0. */
static uint32_t size_of(const struct sockaddr *sockaddr, int native_family)
{
    if (!sockaddr || (native_family != AF_UNSPEC && sockaddr->sa_family != native_family))
        return 0;
    switch (sockaddr->sa_family) {
    case AF_INET: return sizeof(struct sockaddr_in);
    case AF_INET6: return sizeof(struct sockaddr_in6);
    default: return 0;
    }
}

static void append(struct sys_resolved *list, const struct sockaddr *sockaddr, uint32_t size,
                   bool is_loopback)
{
    struct sys_resolved_address *address = &list->addresses[list->count++];
    address->size = size;
    address->is_loopback = is_loopback;
    memcpy(&address->as, sockaddr, size);
}

/* --- Names to addresses ----------------------------------------------------------------------- */

static struct sys_resolved *copy_results(const struct addrinfo *results, int native_family)
{
    size_t capacity = 0;
    for (const struct addrinfo *result = results; result; result = result->ai_next)
        capacity++;
    struct sys_resolved *list = list_of(capacity);
    if (!list)
        return NULL;

    for (const struct addrinfo *result = results; result; result = result->ai_next) {
        uint32_t size = size_of(result->ai_addr, native_family);
        if (size > 0)
            append(list, result->ai_addr, size, false);
    }
    /* It stands in the first result only. */
    if (results && results->ai_canonname) {
        list->canonical_name = memory_text(results->ai_canonname, strlen(results->ai_canonname));
        if (!list->canonical_name) {
            sys_resolved_free(list);
            return NULL;
        }
    }
    return list;
}

int32_t sys_resolve(const char *host, int native_family, struct sys_resolved **out_list)
{
    const struct addrinfo hints = {
        .ai_flags = AI_CANONNAME, .ai_family = native_family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *results;
    int code;
    do {
        results = NULL;
        code = getaddrinfo(host, NULL, &hints, &results);
    } while (was_interrupted(code));
    if (code)
        return failure_of(code);

    struct sys_resolved *list = copy_results(results, native_family);
    freeaddrinfo(results);
    if (!list)
        return -ENOMEM;
    *out_list = list;
    return 0;
}

int32_t sys_interface_addresses(int native_family, struct sys_resolved **out_list)
{
    struct ifaddrs *interfaces;
    int32_t failed = SYS_RETRY(int32_t, getifaddrs(&interfaces));
    if (failed)
        return failed;
    size_t capacity = 0;
    for (const struct ifaddrs *one = interfaces; one; one = one->ifa_next)
        capacity++;

    struct sys_resolved *list = list_of(capacity);
    for (const struct ifaddrs *one = interfaces; list && one; one = one->ifa_next) {
        uint32_t size = size_of(one->ifa_addr, native_family);
        if (size > 0 && (one->ifa_flags & IFF_UP))
            append(list, one->ifa_addr, size, (one->ifa_flags & IFF_LOOPBACK) != 0);
    }
    freeifaddrs(interfaces);
    if (!list)
        return -ENOMEM;
    *out_list = list;
    return 0;
}

/* --- Addresses to names, the own name --------------------------------------------------------- */

int32_t sys_reverse(const void *sockaddr, uint32_t size, char *name, size_t name_size)
{
    int code;
    do {
        code = getnameinfo(sockaddr, size, name, (socklen_t)name_size, NULL, 0, NI_NAMEREQD);
    } while (was_interrupted(code));
    return code ? failure_of(code) : 0;
}

/* What does not fit is cut off without an error by some, and musl ends even that with a NUL. So the
 * question has room for every name, and only the answer is measured. */
int32_t sys_host_name(char *name, size_t size)
{
    char whole[NI_MAXHOST];
    int32_t failed = SYS_RETRY(int32_t, gethostname(whole, sizeof whole));
    if (failed)
        return failed;
    size_t length = strnlen(whole, sizeof whole);
    if (length == sizeof whole || length >= size)
        return -ENAMETOOLONG;
    memcpy(name, whole, length + 1);
    return 0;
}

/* --- Threads ---------------------------------------------------------------------------------- */

int32_t sys_thread_start_detached(void *(*run)(void *context), void *context)
{
    pthread_attr_t attributes;
    int failed = pthread_attr_init(&attributes);
    if (failed)
        return -failed;
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);

    /* A thread begins with the mask of the one that makes it. */
    sigset_t mask, before;
    thread_mask_fill(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, &before);
    pthread_t thread;
    failed = pthread_create(&thread, &attributes, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    (void)pthread_attr_destroy(&attributes);
    return -failed;
}
