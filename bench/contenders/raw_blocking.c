/*
 * A thread for each connection, with calls that block.
 */
#include "raw.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct talk {
    int handle;
    size_t size;
    char buffer[];
};

static void *run(void *argument)
{
    struct talk *talk = argument;
    ssize_t size;
    while ((size = recv(talk->handle, talk->buffer, talk->size, 0)) > 0) {
        if (send(talk->handle, talk->buffer, (size_t)size, MSG_NOSIGNAL) != size)
            break;
    }
    (void)close(talk->handle);
    free(talk);
    return NULL;
}

static void start(int handle, size_t buffer_size)
{
    struct talk *talk = calloc(1, sizeof *talk + buffer_size);
    pthread_t thread;
    contender_no_delay(handle);
    if (talk) {
        talk->handle = handle;
        talk->size = buffer_size;
        if (pthread_create(&thread, NULL, run, talk) == 0) {
            (void)pthread_detach(thread);
            return;
        }
    }
    free(talk);
    (void)close(handle);
}

const char *raw_blocking_serve(const struct service *service)
{
    int listener = contender_listen(service);
    if (listener < 0)
        return "it cannot listen";
    for (;;) {
        int handle = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (handle >= 0)
            start(handle, service->buffer_size);
    }
}
