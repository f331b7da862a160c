/*
 * Each verb twice: the blocking function, and its asynchronous form. Where an output is missing
 * that only the blocking form has, that form is called in every style.
 */
#include "support/verbs.h"

#include <string.h>

sn_error do_accept(sn_socket *socket, sn_socket **out_socket)
{
    struct call call;
    if (!out_socket || !call_begin(&call, socket, sn_socket_get_accept_timeout))
        return sn_socket_accept(socket, out_socket);
    sn_socket_accept_async(socket, NULL, &call.operation);
    sn_error error = call_end(&call, NULL);
    if (!error)
        *out_socket = call.operation.socket;
    return error;
}

sn_error do_connect(sn_socket *socket, const sn_endpoint *remote)
{
    struct call call;
    if (!call_begin(&call, socket, sn_socket_get_connect_timeout))
        return sn_socket_connect(socket, remote);
    sn_socket_connect_async(socket, remote, &call.operation);
    return call_end(&call, NULL);
}

sn_error do_connect_host(sn_socket *socket, const char *host, int port)
{
    struct call call;
    if (!call_begin(&call, socket, sn_socket_get_connect_timeout))
        return sn_socket_connect_host(socket, host, port);
    sn_socket_connect_host_async(socket, host, port, &call.operation);
    return call_end(&call, NULL);
}

sn_error do_connect_addresses(sn_socket *socket, const sn_ip_address *addresses, size_t count,
                              int port)
{
    struct call call;
    if (!call_begin(&call, socket, sn_socket_get_connect_timeout))
        return sn_socket_connect_addresses(socket, addresses, count, port);
    sn_socket_connect_addresses_async(socket, addresses, count, port, &call.operation);
    return call_end(&call, NULL);
}

sn_error do_disconnect(sn_socket *socket, bool reuse)
{
    struct call call;
    if (!call_begin(&call, socket, NULL))
        return sn_socket_disconnect(socket, reuse);
    sn_socket_disconnect_async(socket, reuse, &call.operation);
    return call_end(&call, NULL);
}

/* What the plain transfers are started with. */
struct transfer {
    struct call call;
    sn_socket *socket;
    void *data;
    size_t size;
    size_t minimum;
    sn_flags flags;
};

static void start_send(void *arguments)
{
    struct transfer *transfer = arguments;
    sn_socket_send_async(transfer->socket, transfer->data, transfer->size, transfer->flags,
                         &transfer->call.operation);
}

static void start_receive(void *arguments)
{
    struct transfer *transfer = arguments;
    sn_socket_receive_async(transfer->socket, transfer->data, transfer->size, transfer->flags,
                            &transfer->call.operation);
}

sn_error do_send(sn_socket *socket, const void *data, size_t size, sn_flags flags, size_t *out_sent)
{
    struct transfer send = {
        .socket = socket, .data = (void *)(uintptr_t)data, .size = size, .flags = flags};
    if (!call_begin(&send.call, socket, sn_socket_get_send_timeout))
        return sn_socket_send(socket, data, size, flags, out_sent);
    call_start(&send.call, start_send, &send);
    return call_end(&send.call, out_sent);
}

sn_error do_send_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count, sn_flags flags,
                         size_t *out_sent)
{
    struct call call;
    if (!call_begin(&call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_buffers(socket, buffers, count, flags, out_sent);
    sn_socket_send_buffers_async(socket, buffers, count, flags, &call.operation);
    return call_end(&call, out_sent);
}

sn_error do_send_to(sn_socket *socket, const void *data, size_t size, sn_flags flags,
                    const sn_endpoint *to, size_t *out_sent)
{
    struct call call;
    if (!call_begin(&call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_to(socket, data, size, flags, to, out_sent);
    sn_socket_send_to_async(socket, data, size, flags, to, &call.operation);
    return call_end(&call, out_sent);
}

sn_error do_send_to_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                            sn_flags flags, const sn_endpoint *to, size_t *out_sent)
{
    struct call call;
    if (!call_begin(&call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_to_buffers(socket, buffers, count, flags, to, out_sent);
    sn_socket_send_to_buffers_async(socket, buffers, count, flags, to, &call.operation);
    return call_end(&call, out_sent);
}

sn_error do_receive_from_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                 sn_flags flags, sn_endpoint *out_from, size_t *out_received)
{
    struct call call;
    if (!out_received || !call_begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_from_buffers(socket, buffers, count, flags, out_from,
                                              out_received);
    sn_socket_receive_from_buffers_async(socket, buffers, count, flags, out_from, &call.operation);
    return call_end(&call, out_received);
}

sn_error do_receive(sn_socket *socket, void *data, size_t size, sn_flags flags,
                    size_t *out_received)
{
    struct transfer receive = {.socket = socket, .data = data, .size = size, .flags = flags};
    if (!out_received || !call_begin(&receive.call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive(socket, data, size, flags, out_received);
    call_start(&receive.call, start_receive, &receive);
    return call_end(&receive.call, out_received);
}

static void start_receive_at_least(void *arguments)
{
    struct transfer *transfer = arguments;
    sn_socket_receive_at_least_async(transfer->socket, transfer->data, transfer->size,
                                     transfer->minimum, &transfer->call.operation);
}

sn_error do_receive_at_least(sn_socket *socket, void *data, size_t size, size_t minimum,
                             size_t *out_received)
{
    struct transfer receive = {.socket = socket, .data = data, .size = size, .minimum = minimum};
    if (!call_begin(&receive.call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_at_least(socket, data, size, minimum, out_received);
    call_start(&receive.call, start_receive_at_least, &receive);
    sn_error error = call_end(&receive.call, NULL);
    if (out_received && (!error || receive.call.operation.transferred > 0))
        *out_received = receive.call.operation.transferred;
    return error;
}

sn_error do_receive_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                            sn_flags flags, size_t *out_received)
{
    struct call call;
    if (!out_received || !call_begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_buffers(socket, buffers, count, flags, out_received);
    sn_socket_receive_buffers_async(socket, buffers, count, flags, &call.operation);
    return call_end(&call, out_received);
}

sn_error do_receive_from(sn_socket *socket, void *data, size_t size, sn_flags flags,
                         sn_endpoint *out_from, size_t *out_received)
{
    struct call call;
    if (!out_received || !call_begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_from(socket, data, size, flags, out_from, out_received);
    sn_socket_receive_from_async(socket, data, size, flags, out_from, &call.operation);
    return call_end(&call, out_received);
}

/* What a receive of a message notices comes in the operation. */
static sn_error end_message(struct call *call, sn_flags *flags,
                            sn_ip_packet_information *information, size_t *out_received)
{
    sn_error error = call_end(call, out_received);
    if (!error) {
        *flags = call->operation.flags;
        *information = call->operation.packet_information;
    }
    return error;
}

sn_error do_receive_message_from(sn_socket *socket, void *data, size_t size, sn_flags *inout_flags,
                                 sn_endpoint *out_from, sn_ip_packet_information *out_information,
                                 size_t *out_received)
{
    struct call call;
    if (!inout_flags || !out_information || !out_received ||
        !call_begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_message_from(socket, data, size, inout_flags, out_from,
                                              out_information, out_received);
    sn_socket_receive_message_from_async(socket, data, size, *inout_flags, out_from,
                                         &call.operation);
    return end_message(&call, inout_flags, out_information, out_received);
}

sn_error do_receive_message_from_buffers(sn_socket *socket, const sn_buffer *buffers, size_t count,
                                         sn_flags *inout_flags, sn_endpoint *out_from,
                                         sn_ip_packet_information *out_information,
                                         size_t *out_received)
{
    struct call call;
    if (!inout_flags || !out_information || !out_received ||
        !call_begin(&call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_message_from_buffers(socket, buffers, count, inout_flags, out_from,
                                                      out_information, out_received);
    sn_socket_receive_message_from_buffers_async(socket, buffers, count, *inout_flags, out_from,
                                                 &call.operation);
    return end_message(&call, inout_flags, out_information, out_received);
}

/* What a batch is started with: in the driven style in a callback, where the worker takes it
 * itself.
 */
struct batch {
    struct call call;
    sn_socket *socket;
    sn_datagram *datagrams;
    size_t count;
    sn_flags flags;
};

static void start_send_batch(void *arguments)
{
    struct batch *batch = arguments;
    sn_socket_send_batch_async(batch->socket, batch->datagrams, batch->count, batch->flags,
                               &batch->call.operation);
}

static void start_receive_batch(void *arguments)
{
    struct batch *batch = arguments;
    sn_socket_receive_batch_async(batch->socket, batch->datagrams, batch->count, batch->flags,
                                  &batch->call.operation);
}

static sn_error end_batch(struct batch *batch, size_t *out_count)
{
    sn_error error = call_end(&batch->call, NULL);
    if (out_count)
        *out_count = sn_operation_get_datagram_count(&batch->call.operation);
    return error;
}

sn_error do_send_batch(sn_socket *socket, sn_datagram *datagrams, size_t count, sn_flags flags,
                       size_t *out_count)
{
    struct batch batch = {.socket = socket, .datagrams = datagrams, .count = count, .flags = flags};
    if (!call_begin(&batch.call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_batch(socket, datagrams, count, flags, out_count);
    call_start(&batch.call, start_send_batch, &batch);
    return end_batch(&batch, out_count);
}

sn_error do_receive_batch(sn_socket *socket, sn_datagram *datagrams, size_t count, sn_flags flags,
                          size_t *out_count)
{
    struct batch batch = {.socket = socket, .datagrams = datagrams, .count = count, .flags = flags};
    if (!out_count || !call_begin(&batch.call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_batch(socket, datagrams, count, flags, out_count);
    call_start(&batch.call, start_receive_batch, &batch);
    return end_batch(&batch, out_count);
}

/* How much of a file went is told after an error too, unless nothing was begun. */
static sn_error end_file(struct call *call, size_t *out_sent)
{
    sn_error error = call_end(call, NULL);
    if (out_sent && (!error || call->operation.transferred > 0))
        *out_sent = call->operation.transferred;
    return error;
}

sn_error do_send_file(sn_socket *socket, const sn_file_send *send, size_t *out_sent)
{
    struct call call;
    if (!call_begin(&call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_file(socket, send, out_sent);
    sn_socket_send_file_async(socket, send, &call.operation);
    return end_file(&call, out_sent);
}

sn_error do_send_packets(sn_socket *socket, const sn_send_packets_element *elements, size_t count,
                         sn_transmit_flags flags, size_t *out_sent)
{
    struct call call;
    if (!call_begin(&call, socket, sn_socket_get_send_timeout)) {
        memset(&call, 0, sizeof call);
        call.style = STYLE_WAIT;
    }
    sn_socket_send_packets_async(socket, elements, count, flags, &call.operation);
    return end_file(&call, out_sent);
}
