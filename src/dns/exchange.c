/*
 * One exchange: a datagram to the server, its answer, and where that is too long once more over a
 * connection (exchange_stream.c).
 *
 * The one who answers must know the question's number and the port that it left from, both new and
 * random in each exchange, and repeat the question. Whatever comes without that is passed over, as
 * if it had not come: an answer may be on its way still, and a forger must not be able to end the
 * wait for it. The socket is connected, so the kernel keeps away what other addresses send.
 */
#include "dns/exchange.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/base.h"
#include "dns/handles.h"
#include "sys/sys.h"

/* Without an extension a datagram has at most 512 bytes; some servers do not keep to it. */
#define DATAGRAM_SIZE_MAX 4096

/* A copy that can be kept. */
static int32_t keep(const uint8_t *bytes, size_t size, const struct message *message,
                    struct message *out_message)
{
    uint8_t *copy = memory_zeroed(size);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, bytes, size);
    *out_message = *message;
    out_message->bytes = copy;
    return 0;
}

/* What a datagram is to the question: 0 with `out`, -EAGAIN to wait on, or why it ends. */
static int32_t judge(const struct exchange *exchange, const uint8_t *bytes, size_t size,
                     struct message *out)
{
    struct message message;
    /* The kernel tells the size that it had; what was cut off can still be fetched. */
    bool is_cut = size > DATAGRAM_SIZE_MAX;
    switch (message_read(exchange->question, bytes, is_cut ? DATAGRAM_SIZE_MAX : size, &message)) {
    case MESSAGE_FOREIGN: break;
    case MESSAGE_TRUNCATED: return EXCHANGE_TOO_LONG;
    case MESSAGE_MALFORMED: return is_cut ? EXCHANGE_TOO_LONG : EXCHANGE_MALFORMED;
    case MESSAGE_WHOLE: return is_cut ? EXCHANGE_TOO_LONG : keep(bytes, size, &message, out);
    }
    return -EAGAIN;
}

static int32_t receive(const struct exchange *exchange, int32_t handle, struct message *out)
{
    uint8_t bytes[DATAGRAM_SIZE_MAX];
    int64_t deadline_ns = exchange_deadline(exchange);
    int32_t result;
    do {
        result = exchange_wait(exchange, handle, POLLIN, deadline_ns);
        if (result)
            return result;
        int64_t size = sys_receive(handle, bytes, sizeof bytes, MSG_TRUNC);
        result = size < 0 ? (int32_t)size : judge(exchange, bytes, (size_t)size, out);
        /* Somebody who sends without end must not make it last. */
        if (result == -EAGAIN && sys_now() >= deadline_ns)
            return exchange_too_late(exchange);
    } while (result == -EAGAIN);
    return result;
}

static int32_t send_question(const struct exchange *exchange, int32_t handle)
{
    uint8_t bytes[MESSAGE_QUESTION_MAX];
    size_t size = message_write(exchange->question, bytes);
    int64_t deadline_ns = exchange_deadline(exchange), result;
    int32_t failed = sys_connect(handle, exchange->server->as.sockaddr, exchange->server->size);
    if (failed)
        return failed == -EAGAIN ? -EADDRNOTAVAIL : failed; /* every port is in use */
    while ((result = sys_send(handle, bytes, size, MSG_NOSIGNAL)) == -EAGAIN)
        if ((failed = exchange_wait(exchange, handle, POLLOUT, deadline_ns)) != 0)
            return failed;
    return result < 0 ? (int32_t)result : 0;
}

static int32_t exchange_by_datagram(const struct exchange *exchange, struct message *out_message)
{
    struct kept_handle handle;
    const struct sockaddr *server = (const void *)exchange->server->as.sockaddr;
    int32_t result = kept_socket(&handle, server->sa_family, SOCK_DGRAM);
    if (!result)
        result = send_question(exchange, handle.number);
    if (!result)
        result = receive(exchange, handle.number, out_message);
    kept_close(&handle);
    return result;
}

int32_t exchange_run(const struct exchange *exchange, struct message *out_message)
{
    struct message_question question = *exchange->question;
    struct exchange own = *exchange;
    int32_t result = sys_random(&question.id, sizeof question.id);
    if (result)
        return result;
    own.question = &question;
    result = exchange_by_datagram(&own, out_message);
    if (result == EXCHANGE_TOO_LONG)
        result = exchange_by_stream(&own, out_message);
    return result;
}
