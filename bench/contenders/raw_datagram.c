/*
 * Datagrams that are sent back, by plain calls until the socket is empty, or by the batch, as
 * recvmmsg(2) and sendmmsg(2) are for.
 */
#include "raw.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

static bool wait_for_some(int handle)
{
    struct pollfd waited = {.fd = handle, .events = POLLIN};
    return poll(&waited, 1, -1) >= 0 || errno == EINTR;
}

const char *raw_datagram_serve(const struct service *service)
{
    int handle = contender_bind(service);
    char *buffer = malloc(service->buffer_size);
    if (handle < 0 || !buffer)
        return "it cannot bind";
    do {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        ssize_t size;
        while ((size = recvfrom(handle, buffer, service->buffer_size, MSG_DONTWAIT,
                                (struct sockaddr *)&peer, &length)) >= 0) {
            (void)sendto(handle, buffer, (size_t)size, MSG_DONTWAIT, (struct sockaddr *)&peer,
                         length);
            length = sizeof peer;
        }
    } while (wait_for_some(handle));
    return "poll() failed";
}

/* --- By the batch --- */

struct batch {
    struct mmsghdr messages[CONTENDER_PIECES_MAX];
    struct iovec pieces[CONTENDER_PIECES_MAX];
    struct sockaddr_in peers[CONTENDER_PIECES_MAX];
};

static bool batch_init(struct batch *batch, size_t buffer_size)
{
    char *buffers = malloc(CONTENDER_PIECES_MAX * buffer_size);
    for (size_t i = 0; buffers && i < CONTENDER_PIECES_MAX; i++) {
        batch->pieces[i] = (struct iovec){buffers + i * buffer_size, buffer_size};
        batch->messages[i].msg_hdr = (struct msghdr){
            .msg_iov = &batch->pieces[i], .msg_iovlen = 1, .msg_name = &batch->peers[i]};
    }
    return buffers;
}

static int receive_batch(int handle, struct batch *batch, size_t buffer_size)
{
    for (size_t i = 0; i < CONTENDER_PIECES_MAX; i++) {
        batch->pieces[i].iov_len = buffer_size;
        batch->messages[i].msg_hdr.msg_namelen = sizeof batch->peers[i];
    }
    int count = recvmmsg(handle, batch->messages, CONTENDER_PIECES_MAX, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
        batch->pieces[i].iov_len = batch->messages[i].msg_len;
    return count;
}

const char *raw_datagram_batch_serve(const struct service *service)
{
    static struct batch batch;
    int handle = contender_bind(service), count;
    if (handle < 0 || !batch_init(&batch, service->buffer_size))
        return "it cannot bind";
    do {
        while ((count = receive_batch(handle, &batch, service->buffer_size)) > 0)
            (void)sendmmsg(handle, batch.messages, (unsigned)count, MSG_DONTWAIT);
    } while (wait_for_some(handle));
    return "poll() failed";
}
