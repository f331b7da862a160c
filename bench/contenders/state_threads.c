/*
 * State Threads as its notes for programmers write a server: a thread of its kind for each
 * connection, on epoll (its "alternative event system"), with st_read() and st_write(), and without
 * a time limit. Its stacks are of the size that it takes by itself.
 */
#include "contender.h"

#include <st.h>
#include <stdlib.h>
#include <unistd.h>

struct talk {
    st_netfd_t connection; /* owned */
    size_t size;
    char buffer[];
};

static void *talk_run(void *context)
{
    struct talk *talk = context;
    ssize_t size;
    while ((size = st_read(talk->connection, talk->buffer, talk->size, ST_UTIME_NO_TIMEOUT)) > 0) {
        if (st_write(talk->connection, talk->buffer, (size_t)size, ST_UTIME_NO_TIMEOUT) != size)
            break;
    }
    (void)st_netfd_close(talk->connection);
    free(talk);
    return NULL;
}

static void start(st_netfd_t connection, const struct service *service)
{
    struct talk *talk = calloc(1, sizeof *talk + service->buffer_size);
    contender_no_delay(st_netfd_fileno(connection));
    if (talk) {
        talk->connection = connection;
        talk->size = service->buffer_size;
        if (st_thread_create(talk_run, talk, 0, 0))
            return;
    }
    free(talk);
    (void)st_netfd_close(connection);
}

static const char *serve(const struct service *service)
{
    if (st_set_eventsys(ST_EVENTSYS_ALT) != 0 || st_init() != 0)
        return "it has no epoll";
    int handle = contender_listen(service);
    st_netfd_t listener = handle < 0 ? NULL : st_netfd_open_socket(handle);
    if (!listener)
        return "it cannot listen";
    for (;;) {
        st_netfd_t connection = st_accept(listener, NULL, NULL, ST_UTIME_NO_TIMEOUT);
        if (connection)
            start(connection, service);
    }
}

static const char *version(void)
{
    return "State Threads " ST_VERSION;
}

static const struct contender_style styles[] = {{"thread", {[SERVICE_ECHO] = serve}}};

const struct contender_program contender_program = {version, styles,
                                                    sizeof styles / sizeof *styles};
