/**
 * Connections that are served at the same time, a thread for each. A peer that is silent keeps
 * nobody else waiting, and a connection that fails is reported and ends no other.
 */
#ifndef TOOLS_SENNIT_SERVICE_H
#define TOOLS_SENNIT_SERVICE_H

#include <sennit.h>

#include "target.h"

struct service {
    sn_socket *listener;         /* borrowed; closed when no more are taken */
    const struct target *target; /* borrowed, for messages */
    long limit;                  /* how many at the same time; 0: as many as there are */
    long count;                  /* how many in all; 0: without an end */
    bool is_verbose;             /* who comes is said on standard error */

    /* Serves one, and gives EXIT_DONE or EXIT_FAILED after a report. The socket is the service's
     * and closed afterwards. With a count of 1 it runs on the thread of service_run(). */
    int (*serve)(sn_socket *socket, const char *peer, struct service *service);
    void *context; /* borrowed: for `serve` */

    sn_cancellation *stop; /* the service's own */
};

/**
 * Serves until so many have been served, a signal comes, or one of them says that it is no use.
 * All of them have ended then.
 *
 * @return EXIT_DONE, or EXIT_FAILED: the listener has failed, or with a count one of them has
 */
int service_serve(struct service *service);

/* The three parts of that, for a service that another thread may stop between the first and the
 * last. @return EXIT_DONE, or EXIT_FAILED after a report */
int service_begin(struct service *service);
int service_run(struct service *service);
void service_end(struct service *service);

/** All of it ends, what is being served too: to be called by `serve`, or from another thread. */
void service_stop(struct service *service);

#endif
