/* Messages with control messages: any of them, and those of datagrams by name. */
#include "support/transfer_support.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/threads.h"

struct message_call {
    struct call call;
    sn_socket *socket;
    sn_message *message;
    sn_flags flags;
};

static void start_send(void *arguments)
{
    struct message_call *send = arguments;
    sn_socket_send_message_async(send->socket, send->message, send->flags, &send->call.operation);
}

static void start_receive(void *arguments)
{
    struct message_call *receive = arguments;
    sn_socket_receive_message_async(receive->socket, receive->message, receive->flags,
                                    &receive->call.operation);
}

SN_MUST_USE static sn_error do_send_message(sn_socket *socket, sn_message *message, sn_flags flags,
                                            size_t *out_sent)
{
    struct message_call send = {.socket = socket, .message = message, .flags = flags};
    if (!call_begin(&send.call, socket, sn_socket_get_send_timeout))
        return sn_socket_send_message(socket, message, flags, out_sent);
    call_start(&send.call, start_send, &send);
    return call_end(&send.call, out_sent);
}

SN_MUST_USE static sn_error do_receive_message(sn_socket *socket, sn_message *message,
                                               sn_flags flags)
{
    struct message_call receive = {.socket = socket, .message = message, .flags = flags};
    if (!call_begin(&receive.call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_message(socket, message, flags);
    call_start(&receive.call, start_receive, &receive);
    return call_end(&receive.call, NULL);
}

static alignas(16) uint8_t said[256], told[256];
static char data[64];

static sn_message message_in(void)
{
    memset(data, '#', sizeof data);
    return (sn_message){.buffer = {data, sizeof data}, .control = {told, sizeof told}};
}

static sn_message message_out(const char *text, size_t control_size)
{
    return (sn_message){.buffer = {(void *)(uintptr_t)text, strlen(text)},
                        .control = {said, control_size}};
}

/* The control message that carries descriptors. */
static size_t say_descriptors(const int *handles, size_t count)
{
    size_t size = 0;
    const sn_control control = {SOL_SOCKET, SCM_RIGHTS, handles, count * sizeof *handles};
    assert_ok(sn_control_append(said, sizeof said, &size, &control));
    return size;
}

/* --- Any -------------------------------------------------------------------------------------- */

TEST(descriptors_go_over_a_unix_socket)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    int ends[2], got = -1;
    char byte = 0;
    size_t sent = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    sn_message out = message_out("take this", say_descriptors(ends, 1)), in = message_in();
    assert_ok(do_send_message(pair.client, &out, SN_FLAG_NONE, &sent));
    assert_int_equal(sent, 9);
    assert_ok(do_receive_message(pair.server, &in, SN_FLAG_NONE));
    assert_int_equal(in.transferred, 9);
    assert_memory_equal(data, "take this", 9);
    assert_int_equal(in.flags, SN_FLAG_NONE);
    sn_control control = {0};
    assert_true(sn_control_next(told, in.control_size, &control));
    assert_int_equal(control.level, SOL_SOCKET);
    assert_int_equal(control.type, SCM_RIGHTS);
    assert_int_equal(control.size, sizeof got);
    memcpy(&got, control.data, sizeof got);
    assert_false(sn_control_next(told, in.control_size, &control));
    assert_int_equal(fcntl(got, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(read(got, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    close(got);
    close(ends[0]);
    close(ends[1]);
    pair_release(&pair);
}

/* The check after each case sees a descriptor that stays open. */
TEST(what_has_no_room_is_told_and_its_descriptors_are_closed)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    for (size_t room = 0; room <= CMSG_SPACE(0); room += CMSG_SPACE(0)) {
        sn_message out = message_out("take this", say_descriptors(ends, 2)), in = message_in();
        in.control.size = room;
        assert_ok(do_send_message(pair.client, &out, SN_FLAG_NONE, NULL));
        assert_ok(do_receive_message(pair.server, &in, SN_FLAG_NONE));
        assert_int_equal(in.transferred, 9);
        assert_int_equal(in.flags, SN_FLAG_CONTROL_DATA_TRUNCATED);
        assert_true(in.control_size <= room);
    }
    close(ends[0]);
    close(ends[1]);
    pair_release(&pair);
}

struct sender {
    sn_socket *socket;
    sn_message message;
    size_t sent;
    struct thread thread;
};

static sn_error send_large(void *context)
{
    struct sender *sender = context;
    return do_send_message(sender->socket, &sender->message, SN_FLAG_NONE, &sender->sent);
}

/* A stream takes several calls for it. */
TEST(control_messages_go_with_the_first_byte_and_once)
{
    enum { SIZE = 4 << 20 };
    static char large[SIZE], got[SIZE];
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_buffer pieces[] = {{large, SIZE / 2}, {large + SIZE / 2, SIZE / 2}};
    int ends[2], count = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    for (size_t i = 0; i < SIZE; i++)
        large[i] = (char)(i * 31 >> 8);
    struct sender sender = {.socket = pair.client,
                            .message = {.buffers = pieces,
                                        .buffer_count = 2,
                                        .control = {said, say_descriptors(ends, 1)}}};
    thread_start(&sender.thread, send_large, &sender);
    for (size_t done = 0; done < SIZE;) {
        sn_message in = {.buffer = {got + done, SIZE - done}, .control = {told, sizeof told}};
        assert_ok(sn_socket_receive_message(pair.server, &in, SN_FLAG_NONE));
        assert_true(in.transferred > 0);
        sn_control control = {0};
        while (sn_control_next(told, in.control_size, &control)) {
            int handle;
            assert_int_equal(done, 0);
            memcpy(&handle, control.data, sizeof handle);
            close(handle);
            count++;
        }
        done += in.transferred;
    }
    assert_ok(thread_join(&sender.thread));
    assert_int_equal(sender.sent, SIZE);
    assert_int_equal(count, 1);
    assert_memory_equal(got, large, SIZE);
    close(ends[0]);
    close(ends[1]);
    pair_release(&pair);
}

/* --- By name ---------------------------------------------------------------------------------- */

TEST(a_datagram_says_and_tells_extras)
{
    enum transport transport = transport_of(state);
    const uint32_t wanted = SN_DATAGRAM_ADDRESS | SN_DATAGRAM_TIME_TO_LIVE |
                            SN_DATAGRAM_TRAFFIC_CLASS | SN_DATAGRAM_TIME;
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), own = local_endpoint(sender), from;
    sn_datagram_extras extras = {.present = SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_TRAFFIC_CLASS |
                                            SN_DATAGRAM_ADDRESS,
                                 .time_to_live = 7,
                                 .traffic_class = 0x28};
    size_t size = 0;
    assert_ok(sn_endpoint_get_address(&own, &extras.address));
    assert_ok(
        sn_control_append_extras(said, sizeof said, &size, &extras, transport_family(transport)));
    assert_ok(sn_socket_ask_for_extras(receiver, wanted));
    sn_message out = message_out("hello", size), in = message_in();
    out.endpoint = &to;
    in.endpoint = &from;
    assert_ok(do_send_message(sender, &out, SN_FLAG_NONE, NULL));
    assert_ok(do_receive_message(receiver, &in, SN_FLAG_NONE));
    assert_int_equal(in.transferred, 5);
    assert_same_endpoint(&own, &from);
    extras = (sn_datagram_extras){0};
    assert_ok(sn_control_read_extras(told, in.control_size, &extras));
    assert_int_equal(extras.present & wanted, wanted);
    assert_int_equal(extras.time_to_live, 7);
    assert_int_equal(extras.traffic_class, 0x28);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

TEST(a_message_without_control_messages_is_as_any_other)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_buffer pieces[] = {{data, 2}, {data + 10, 10}};
    sn_message out = message_out("abcdef", 0);
    sn_message in = {.buffers = pieces, .buffer_count = 2};
    size_t sent = 0;
    assert_ok(do_send_message(pair.client, &out, SN_FLAG_NONE, &sent));
    assert_int_equal(sent, 6);
    memset(data, '#', sizeof data);
    assert_ok(do_receive_message(pair.server, &in, SN_FLAG_NONE));
    assert_int_equal(in.transferred, 6);
    assert_int_equal(in.control_size, 0);
    assert_int_equal(in.flags, SN_FLAG_NONE);
    assert_memory_equal(data, "ab########cdef#", 15);
    pair_release(&pair);
}

TEST(a_message_without_room_waits_for_data_of_a_stream)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_message in = {.control = {told, sizeof told}, .control_size = 77};
    send_text(pair.client, "data");
    assert_ok(do_receive_message(pair.server, &in, SN_FLAG_NONE));
    assert_int_equal(in.transferred, 0);
    assert_int_equal(in.control_size, 0);
    assert_receives(pair.server, "data");
    pair_release(&pair);
}

/* --- Ends ------------------------------------------------------------------------------------- */

static sn_error wait_for_message(void *context)
{
    struct sender *receiver = context;
    return do_receive_message(receiver->socket, &receiver->message, SN_FLAG_NONE);
}

TEST(a_close_a_cancel_and_a_limit_end_a_receive_that_waits)
{
    enum transport transport = transport_of(state);
    for (int closes = 0; closes < 2; closes++) {
        struct socket_pair pair = pair_connected(transport);
        struct sender receiver = {.socket = pair.server, .message = message_in()};
        thread_start_blocked(&receiver.thread, wait_for_message, &receiver);
        if (closes)
            sn_socket_close(pair.server);
        else
            sn_socket_cancel(pair.server);
        sn_error error = thread_join(&receiver.thread);
        if (closes)
            assert_ended_by_close(transport_is_stream(transport) ? SN_ERROR_CONNECTION_ABORTED
                                                                 : SN_ERROR_INTERRUPTED,
                                  error);
        else
            assert_error(SN_ERROR_OPERATION_CANCELED, error);
        pair_release(&pair);
    }
    struct socket_pair pair = pair_connected(transport);
    sn_message in = message_in();
    assert_ok(sn_socket_set_receive_timeout(pair.server, 1));
    assert_error(SN_ERROR_TIMED_OUT, do_receive_message(pair.server, &in, SN_FLAG_NONE));
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_receive_message(pair.server, &in, SN_FLAG_DONT_WAIT));
    pair_release(&pair);
}

/* --- Mistakes --------------------------------------------------------------------------------- */

TEST(mistakes_are_told_and_nothing_moves)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint name;
    sn_message out = message_out("x", 0), in = message_in();
    assert_ok(sn_endpoint_from_dns("localhost", 1, SN_FAMILY_UNSPECIFIED, &name));
    sn_message no_buffers = {.buffer_count = 1}, no_memory = {.buffer = {NULL, 1}};
    sn_message no_control = {.buffer = {data, 1}, .control = {NULL, 8}};
    sn_message broken = {.buffer = {data, 1}, .control = {said, 20}};
    sn_message to_name = {.buffer = {data, 1}, .endpoint = &name};
    const struct {
        sn_message *message;
        sn_error error;
    } rows[] = {
        {NULL, SN_ERROR_ARGUMENT_NULL},       {&no_buffers, SN_ERROR_ARGUMENT},
        {&no_memory, SN_ERROR_ARGUMENT_NULL}, {&no_control, SN_ERROR_ARGUMENT_NULL},
        {&broken, SN_ERROR_ARGUMENT},         {&to_name, SN_ERROR_ARGUMENT},
    };
    memset(said, 0, sizeof said);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("row %zu", i);
        row_error(rows[i].error, do_send_message(pair.client, rows[i].message, 0, NULL));
        if (i < 4)
            row_error(rows[i].error, do_receive_message(pair.server, rows[i].message, 0));
    }
    rows_end();
    assert_error(SN_ERROR_ARGUMENT_NULL, do_send_message(NULL, &out, 0, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_receive_message(NULL, &in, 0));
    assert_error(SN_ERROR_ARGUMENT, sn_socket_ask_for_extras(pair.server, 1u << 31));
    assert_false(is_readable(pair.server));
    sn_socket_close(pair.server);
    assert_error(SN_ERROR_OBJECT_DISPOSED, do_receive_message(pair.server, NULL, 0));
    assert_error(SN_ERROR_OBJECT_DISPOSED, do_send_message(pair.server, NULL, 0, NULL));
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_ask_for_extras(pair.server, 0));
    pair_release(&pair);
}

TEST(a_control_message_that_the_kernel_does_not_know_is_refused)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t size = 0;
    const sn_control control = {SOL_SOCKET, 12345, "abc", 3};
    assert_ok(sn_control_append(said, sizeof said, &size, &control));
    sn_message out = message_out("x", size);
    assert_error(SN_ERROR_INVALID_ARGUMENT, do_send_message(pair.client, &out, 0, NULL));
    assert_false(is_readable(pair.server));
    pair_release(&pair);
}

#define ON_UNIX(test)                                                                              \
    CASE_ON(test, UNIX_STREAM), CASE_ON(test, UNIX_DATAGRAM), CASE_ON(test, UNIX_SEQPACKET)

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UNIX(descriptors_go_over_a_unix_socket),
        ON_UNIX(what_has_no_room_is_told_and_its_descriptors_are_closed),
        CASE_ON(control_messages_go_with_the_first_byte_and_once, UNIX_STREAM),
        ON_UDP(a_datagram_says_and_tells_extras),
        ON_ALL_CONNECTED(a_message_without_control_messages_is_as_any_other),
        ON_STREAMS(a_message_without_room_waits_for_data_of_a_stream),
        ON_ALL_CONNECTED(a_close_a_cancel_and_a_limit_end_a_receive_that_waits),
        ON_UDP(mistakes_are_told_and_nothing_moves),
        ON_UNIX(mistakes_are_told_and_nothing_moves),
        ON_UDP(a_control_message_that_the_kernel_does_not_know_is_refused),
    };
    return RUN(cases);
}
