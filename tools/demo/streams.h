/**
 * A file over a stream: the near end connects, sends and shuts sending down, the far end accepts
 * and receives until the end. The parts are there for foreign.c too.
 */
#ifndef TOOLS_DEMO_STREAMS_H
#define TOOLS_DEMO_STREAMS_H

#include <pthread.h>

#include "folder.h"
#include "table.h"

void demo_tcp_ipv4(const char *path, const struct folder *folder, struct row *out_row);
void demo_tcp_ipv6(const char *path, const struct folder *folder, struct row *out_row);
void demo_unix_stream(const char *path, const struct folder *folder, struct row *out_row);

/* The far end: a thread that accepts one connection. */
struct stream_far {
    pthread_t thread;
    sn_socket *listener; /* borrowed until joined */
    struct end end;
};

/** Makes a stream socket that listens at `local`. @param out_listener owned by the caller */
SN_MUST_USE sn_error stream_listen(const sn_endpoint *local, sn_socket **out_listener);

/** @return false, with the failure noted in `far`, if there is no thread */
bool stream_far_start(struct stream_far *far, sn_socket *listener);

/** Waits for it; `give_up` first closes the listener, so that nobody is waited for. */
void stream_far_join(struct stream_far *far, bool give_up);

/** Sends the whole file, then shuts sending down. */
void stream_send_file(sn_socket *socket, const char *path, struct end *near);

#endif
