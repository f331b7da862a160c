/* The same question over a connection, where each message follows its size (RFC 7766, 8). */
#include "dns/exchange.h"

#include <errno.h>
#include <poll.h>

#include "base/base.h"
#include "dns/handles.h"
#include "sys/sys.h"

struct stream {
    const struct exchange *exchange;
    int32_t handle;
    int64_t deadline_ns; /* of everything over it */
};

static int32_t connect_to_server(const struct stream *stream)
{
    const sn_endpoint *server = stream->exchange->server;
    int32_t result = sys_connect(stream->handle, server->as.sockaddr, server->size);
    if (result != -EINPROGRESS)
        return result;
    result = exchange_wait(stream->exchange, stream->handle, POLLOUT, stream->deadline_ns);
    if (result)
        return result;
    int failure = 0;
    uint32_t size = sizeof failure;
    result = sys_get_option(stream->handle, SOL_SOCKET, SO_ERROR, &failure, &size);
    return result < 0 ? result : -failure;
}

static int32_t send_all(const struct stream *stream, const uint8_t *bytes, size_t size)
{
    size_t sent = 0;
    while (sent < size) {
        int64_t more = sys_send(stream->handle, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (more == -EAGAIN)
            more = exchange_wait(stream->exchange, stream->handle, POLLOUT, stream->deadline_ns);
        if (more < 0)
            return (int32_t)more;
        sent += (size_t)more;
    }
    return 0;
}

static int32_t receive_all(const struct stream *stream, uint8_t *bytes, size_t size)
{
    size_t received = 0;
    while (received < size) {
        int32_t result =
            exchange_wait(stream->exchange, stream->handle, POLLIN, stream->deadline_ns);
        if (result)
            return result;
        int64_t more = sys_receive(stream->handle, bytes + received, size - received, 0);
        if (more < 0 && more != -EAGAIN)
            return (int32_t)more;
        if (more == 0)
            return EXCHANGE_BROKEN_OFF;
        received += more > 0 ? (size_t)more : 0;
    }
    return 0;
}

/* A server has no reason to send anything here but the answer. */
static int32_t receive_answer(const struct stream *stream, struct message *out_message)
{
    uint8_t prefix[2];
    int32_t result = receive_all(stream, prefix, sizeof prefix);
    if (result)
        return result;
    size_t size = message_u16(prefix);
    if (size == 0)
        return EXCHANGE_MALFORMED;
    uint8_t *bytes = memory_zeroed(size);
    if (!bytes)
        return -ENOMEM;
    result = receive_all(stream, bytes, size);
    if (!result &&
        message_read(stream->exchange->question, bytes, size, out_message) != MESSAGE_WHOLE)
        result = EXCHANGE_MALFORMED;
    if (result)
        memory_free(bytes);
    return result; /* the message has the bytes */
}

static int32_t ask(const struct stream *stream, struct message *out_message)
{
    uint8_t bytes[2 + MESSAGE_QUESTION_MAX];
    size_t size = message_write(stream->exchange->question, bytes + 2);
    bytes[0] = (uint8_t)(size >> 8);
    bytes[1] = (uint8_t)size;
    int32_t result = connect_to_server(stream);
    if (!result)
        result = send_all(stream, bytes, 2 + size);
    return result ? result : receive_answer(stream, out_message);
}

int32_t exchange_by_stream(const struct exchange *exchange, struct message *out_message)
{
    struct kept_handle handle;
    const struct sockaddr *server = (const void *)exchange->server->as.sockaddr;
    int32_t result = kept_socket(&handle, server->sa_family, SOCK_STREAM);
    if (!result) {
        const struct stream stream = {.exchange = exchange,
                                      .handle = handle.number,
                                      .deadline_ns = exchange_deadline(exchange)};
        result = ask(&stream, out_message);
    }
    kept_close(&handle);
    return result;
}
