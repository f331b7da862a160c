/* UDP: to and from, in both forms, and with what the packet says of itself. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct op receiving, sending;
static char data[16];
static sn_endpoint from;

static sn_socket *open_bound(sn_engine *engine, sn_endpoint *out_address)
{
    sn_socket *socket = NULL;
    sn_endpoint any = scene_address();
    if (!step("create a socket",
              sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket)))
        return NULL;
    keep(socket);
    bool is_fine =
        step("set the engine", sn_socket_set_engine(socket, engine)) &&
        step("bind", sn_socket_bind(socket, &any)) &&
        step("ask for the local end point", sn_socket_get_local_endpoint(socket, out_address));
    return is_fine ? socket : NULL;
}

static bool exchange(sn_socket *a, sn_socket *b, const sn_endpoint *to_b)
{
    size_t size = 0;
    sn_flags flags = SN_FLAG_NONE;
    sn_ip_packet_information information;
    if (!step("send to", sn_socket_send_to(a, "first", 5, SN_FLAG_NONE, to_b, NULL)) ||
        !step("receive from",
              sn_socket_receive_from(b, data, sizeof data, SN_FLAG_NONE, &from, &size)))
        return false;
    must(size == 5 && memcmp(data, "first", 5) == 0, "another datagram came");
    if (!step("send to again", sn_socket_send_to(a, "2nd", 3, SN_FLAG_NONE, to_b, NULL)) ||
        !step("receive a message from", sn_socket_receive_message_from(b, data, sizeof data, &flags,
                                                                       &from, &information, &size)))
        return false;
    must(size == 3 && memcmp(data, "2nd", 3) == 0, "another second datagram came");
    return true;
}

static bool exchange_async(sn_socket *a, sn_socket *b, const sn_endpoint *to_b)
{
    sn_socket_receive_from_async(b, data, sizeof data, SN_FLAG_NONE, &from,
                                 op_ready(&receiving, NULL));
    sn_socket_send_to_async(a, "third", 5, SN_FLAG_NONE, to_b, op_ready(&sending, NULL));
    if (!step("send to asynchronously", sn_operation_wait(&sending.operation)) ||
        !step("receive from asynchronously", sn_operation_wait(&receiving.operation)))
        return false;
    must(receiving.operation.transferred == 5 && memcmp(data, "third", 5) == 0,
         "another third datagram came");
    sn_socket_send_to_async(a, "4th", 3, SN_FLAG_NONE, to_b, op_ready(&sending, NULL));
    sn_socket_receive_message_from_async(b, data, sizeof data, SN_FLAG_NONE, &from,
                                         op_ready(&receiving, NULL));
    return step("send the fourth", sn_operation_wait(&sending.operation)) &&
           step("receive the fourth", sn_operation_wait(&receiving.operation));
}

/* Four to one end point, which may leave as one message, and each comes by itself. */
static bool exchange_batch(sn_socket *a, sn_socket *b, sn_endpoint *to_b)
{
    static char room[4][8];
    static sn_datagram_extras extras[4];
    sn_datagram out[4], in[4];
    size_t moved = 0;
    for (int i = 0; i < 4; i++) {
        out[i] = (sn_datagram){.buffer = {data, 5}, .endpoint = to_b};
        extras[i].wanted = SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_TIME;
        in[i] = (sn_datagram){.buffer = {room[i], sizeof room[i]}, .extras = &extras[i]};
    }
    if (!step("send a batch", sn_socket_send_batch(a, out, 4, SN_FLAG_NONE, &moved)))
        return false;
    must(moved == 4, "a batch that was sent has gone in part");
    for (size_t total = 0; total < 4; total += moved) {
        if (!step("receive a batch",
                  sn_socket_receive_batch(b, &in[total], 4 - total, SN_FLAG_NONE, &moved)))
            return false;
        must(moved > 0 && in[total].transferred == 5, "another datagram came in a batch");
    }
    sn_socket_send_batch_async(a, out, 4, SN_FLAG_NONE, op_ready(&sending, NULL));
    if (!step("send a batch asynchronously", sn_operation_wait(&sending.operation)))
        return false;
    for (size_t total = 0; total < 4; total += moved) {
        sn_socket_receive_batch_async(b, &in[total], 4 - total, SN_FLAG_NONE,
                                      op_ready(&receiving, NULL));
        if (!step("receive a batch asynchronously", sn_operation_wait(&receiving.operation)))
            return false;
        moved = sn_operation_get_datagram_count(&receiving.operation);
        must(moved > 0, "a batch of none came");
    }
    return true;
}

/* The times of two sends, out of the error queue. */
static bool report_times(sn_socket *a, const sn_endpoint *to_b)
{
    static sn_report report;
    report = (sn_report){0};
    if (!step("ask for times", sn_socket_set_reports_times(a, SN_REPORT_SENT)) ||
        !step("send with its time", sn_socket_send_to(a, "5th", 3, SN_FLAG_NONE, to_b, NULL)) ||
        !step("receive a report", sn_socket_receive_error(a, &report, SN_FLAG_NONE)))
        return false;
    must(report.origin == SN_REPORT_TIME && report.number == 0, "another report came");
    sn_socket_receive_error_async(a, &report, SN_FLAG_NONE, op_ready(&receiving, NULL));
    sn_socket_send_to_async(a, "6th", 3, SN_FLAG_NONE, to_b, op_ready(&sending, NULL));
    if (!step("send with a time asynchronously", sn_operation_wait(&sending.operation)) ||
        !step("receive a report asynchronously", sn_operation_wait(&receiving.operation)))
        return false;
    must(report.number == 1, "another second report came");
    return true;
}

void play_datagrams(void)
{
    sn_endpoint to_a, to_b;
    memset(&receiving, 0, sizeof receiving);
    memset(&sending, 0, sizeof sending);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    sn_socket *a = open_bound(engine, &to_a), *b = a ? open_bound(engine, &to_b) : NULL;
    if (b && exchange(a, b, &to_b))
        (void)(exchange_async(a, b, &to_b) && exchange_batch(a, b, &to_b) &&
               report_times(a, &to_b));
    engine_end(engine, 1);
}
