/*
 * The hand-written contenders: what can be had of the kernel where nothing is in between. The limit
 * for all the others.
 */
#include "raw.h"

#include <stdio.h>
#include <sys/utsname.h>

static const char *version(void)
{
    static char text[sizeof "Linux " + sizeof((struct utsname *)0)->release];
    struct utsname system;
    (void)snprintf(text, sizeof text, "Linux %s", uname(&system) == 0 ? system.release : "?");
    return text;
}

static const struct contender_style styles[] = {
    {"epoll",
     {[SERVICE_ECHO] = raw_epoll_serve,
      [SERVICE_PIPELINE] = raw_epoll_serve,
      [SERVICE_FILE] = raw_file_serve,
      [SERVICE_DATAGRAM] = raw_datagram_serve}},
    {"io_uring", {[SERVICE_ECHO] = raw_io_uring_serve, [SERVICE_PIPELINE] = raw_io_uring_serve}},
    {"batch", {[SERVICE_DATAGRAM] = raw_datagram_batch_serve}},
    {"blocking", {[SERVICE_ECHO] = raw_blocking_serve}},
};

const struct contender_program contender_program = {version, styles,
                                                    sizeof styles / sizeof *styles};
