/*
 * sennit-demo: a real file over every kind of connection that one machine has, checked at the far
 * end.
 *
 * Both ends are in this process, on two threads. The file is read in pieces, so its size does not
 * matter. The time includes reading the file and both checksums.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments/arguments.h"
#include "datagrams.h"
#include "foreign.h"
#include "standard/standard.h"
#include "streams.h"

static const char *title_of(const char *title)
{
    return title ? title : foreign_title();
}

static const struct {
    const char *title; /* NULL: the foreign program's */
    void (*run)(const char *path, const struct folder *folder, struct row *out_row);
} TRANSFERS[] = {
    {"TCP/IPv4", demo_tcp_ipv4},
    {"TCP/IPv6", demo_tcp_ipv6},
    {"UDP/IPv4", demo_udp},
    {"Unix stream", demo_unix_stream},
    {"Unix datagram", demo_unix_datagram},
    {NULL, demo_foreign},
};

/* Says why the file cannot be sent; it must be a regular one, since it is read several times. */
static bool can_be_sent(const char *path)
{
    struct stat facts;
    const char *reason = NULL;
    if (stat(path, &facts) != 0 || access(path, R_OK) != 0)
        reason = strerror(errno);
    else if (S_ISDIR(facts.st_mode))
        reason = "it is a directory";
    else if (!S_ISREG(facts.st_mode))
        reason = "it is not a regular file";
    if (reason)
        fprintf(stderr, "sennit-demo: cannot read %s: %s\n", path, reason);
    return !reason;
}

/* Runs all transfers. @return how many did not go well */
static unsigned run_all(const char *path, const struct folder *folder)
{
    unsigned failure_count = 0;
    struct digest digest;
    bool has_digest = false;
    table_print_head();
    for (size_t i = 0; i < sizeof TRANSFERS / sizeof *TRANSFERS; i++) {
        struct row row = {.bytes = 0};
        TRANSFERS[i].run(path, folder, &row);
        table_print_row(title_of(TRANSFERS[i].title), &row);
        if (row.state == ROW_FAILED || row.state == ROW_DIFFERENT)
            failure_count++;
        if (row.state == ROW_OK) {
            /* Each row agrees with itself; they must agree with each other, too. */
            if (has_digest && !digest_equals(&digest, &row.digest))
                failure_count++;
            digest = row.digest;
            has_digest = true;
        }
    }
    if (has_digest) {
        char text[DIGEST_TEXT_SIZE];
        digest_format(&digest, text);
        printf("\nSHA-256 %s\n", text);
    }
    return failure_count;
}

static int run(int argc, char **argv)
{
    const char *path = NULL;
    const struct argument_table table = {
        .program = "sennit-demo",
        .about =
            "Sends a file over TCP, UDP and Unix sockets on this machine, and through a program\n"
            "that is not ours (socat or ncat), and compares the SHA-256 of both ends.\n"
            "The exit status is 0 only if all of them match.\n",
        .operand = "FILE",
        .out_text = &path,
    };
    int status = arguments_parse(&table, argc - 1, argv + 1);
    if (status != ARGUMENTS_GO_ON)
        return status;
    if (!can_be_sent(path))
        return EXIT_FAILED;

    struct folder folder;
    const char *reason = folder_create(&folder);
    if (reason) {
        fprintf(stderr, "sennit-demo: cannot make the folder %s: %s\n", folder.path, reason);
        return EXIT_FAILED;
    }
    printf("%s by Sennit %s\n\n", path, sn_version());
    unsigned failure_count = run_all(path, &folder);
    folder_remove(&folder);
    if (failure_count > 0)
        printf("%u of the transfers failed\n", failure_count);
    return failure_count > 0 ? EXIT_FAILED : EXIT_DONE;
}

int main(int argc, char **argv)
{
    int status = standard_begin();
    if (status != EXIT_DONE)
        return status;
    return standard_end("sennit-demo", run(argc, argv), EXIT_FAILED);
}
