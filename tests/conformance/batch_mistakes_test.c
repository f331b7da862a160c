/*
 * Bad batches: a mistake is found before anything moves, none has moved, and the record that is
 * wrong says so.
 */
#include "conformance/batches.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define HUGE_SIZE ((size_t)SSIZE_MAX + 1)

static sn_buffer piece_without_memory[2] = {{sent.data[0], 4}, {NULL, 1}};
static sn_buffer pieces_too_large[2] = {{sent.data[0], SSIZE_MAX}, {sent.data[1], 1}};
static sn_buffer many_pieces[1025];
static sn_endpoint no_endpoint, too_long_endpoint;
static sn_datagram_extras extras;

/* What is wrong with a record; X(name, error of a send, error of a receive, how). SN_OK: that is
 * right there. */
#define RECORD_TABLE(X)                                                                            \
    X(no_memory, ARGUMENT_NULL, ARGUMENT_NULL, record->buffer = ((sn_buffer){NULL, 1}))            \
    X(too_large, ARGUMENT_OUT_OF_RANGE, ARGUMENT_OUT_OF_RANGE, record->buffer.size = HUGE_SIZE)    \
    X(no_memory_huge, ARGUMENT_NULL, ARGUMENT_NULL,                                                \
      record->buffer = ((sn_buffer){NULL, SIZE_MAX}))                                              \
    X(no_pieces, ARGUMENT, ARGUMENT, record->buffer_count = 2)                                     \
    X(piece_without_memory, ARGUMENT_NULL, ARGUMENT_NULL,                                          \
      (record->buffers = piece_without_memory, record->buffer_count = 2))                          \
    X(pieces_too_large, ARGUMENT_OUT_OF_RANGE, ARGUMENT_OUT_OF_RANGE,                              \
      (record->buffers = pieces_too_large, record->buffer_count = 2))                              \
    X(too_many_pieces, MESSAGE_SIZE, MESSAGE_SIZE,                                                 \
      (record->buffers = many_pieces, record->buffer_count = 1025))                                \
    X(piece_count_huge, MESSAGE_SIZE, MESSAGE_SIZE,                                                \
      (record->buffers = many_pieces, record->buffer_count = SIZE_MAX))                            \
    X(endpoint_none, ARGUMENT_NULL, OK, record->endpoint = &no_endpoint)                           \
    X(endpoint_dns, ARGUMENT, OK, record->endpoint = &given.dns)                                   \
    X(endpoint_too_long, ARGUMENT, OK, record->endpoint = &too_long_endpoint)                      \
    X(extra_without_name, ARGUMENT, OK, extras.present = 1 << 6)                                   \
    X(extra_highest, ARGUMENT, OK, extras.present = 1u << 31)                                      \
    X(time_to_send, ARGUMENT, OK, extras.present = SN_DATAGRAM_TIME)                               \
    X(wanted_without_name, OK, ARGUMENT, extras.wanted = 1 << 6)                                   \
    X(interface_0, ARGUMENT_OUT_OF_RANGE, OK, extras.present = SN_DATAGRAM_INTERFACE)              \
    X(interface_negative, ARGUMENT_OUT_OF_RANGE, OK,                                               \
      (extras.present = SN_DATAGRAM_INTERFACE, extras.interface_index = -1))                       \
    X(hops_256, ARGUMENT_OUT_OF_RANGE, OK,                                                         \
      (extras.present = SN_DATAGRAM_TIME_TO_LIVE, extras.time_to_live = 256))                      \
    X(hops_negative, ARGUMENT_OUT_OF_RANGE, OK,                                                    \
      (extras.present = SN_DATAGRAM_TIME_TO_LIVE, extras.time_to_live = -1))                       \
    X(class_256, ARGUMENT_OUT_OF_RANGE, OK,                                                        \
      (extras.present = SN_DATAGRAM_TRAFFIC_CLASS, extras.traffic_class = 256))                    \
    X(class_lowest, ARGUMENT_OUT_OF_RANGE, OK,                                                     \
      (extras.present = SN_DATAGRAM_TRAFFIC_CLASS, extras.traffic_class = INT32_MIN))              \
    X(segment_0, ARGUMENT_OUT_OF_RANGE, OK, extras.present = SN_DATAGRAM_SEGMENT_SIZE)             \
    X(segment_of_many_pieces, MESSAGE_SIZE, OK,                                                    \
      (record->buffers = many_pieces, record->buffer_count = 257, extras.segment_size = 1,         \
       extras.present = SN_DATAGRAM_SEGMENT_SIZE))                                                 \
    X(address_of_no_family, ARGUMENT, OK, extras.present = SN_DATAGRAM_ADDRESS)                    \
    X(address_of_the_other_family, ARGUMENT, OK,                                                   \
      (extras.present = SN_DATAGRAM_ADDRESS, extras.address = SN_IPV6_LOOPBACK))                   \
    X(segments_that_one_wants, OK, ARGUMENT, extras.wanted = SN_DATAGRAM_SEGMENT_SIZE)

enum record_mistake {
#define X(name, send, receive, how) MISTAKE_##name,
    RECORD_TABLE(X)
#undef X
        MISTAKE_COUNT
};

static const struct {
    const char *name;
    sn_error send, receive;
} mistakes[] = {
#define X(name, send, receive, how) {#name, SN_ERROR_##send, SN_ERROR_##receive},
#define SN_ERROR_OK                 SN_OK
    RECORD_TABLE(X)
#undef X
};

static void make(enum record_mistake mistake, sn_datagram *record)
{
    extras = (sn_datagram_extras){.wanted = 0};
    record->extras = &extras;
    switch (mistake) {
#define X(name, send, receive, how)                                                                \
    case MISTAKE_##name: how; break;
        RECORD_TABLE(X)
#undef X
    case MISTAKE_COUNT: break;
    }
}

static void begin(void)
{
    bad_input_begin();
    for (size_t i = 0; i < COUNT_OF(many_pieces); i++)
        many_pieces[i] = (sn_buffer){sent.data[0], 1};
    too_long_endpoint = given.somewhere;
    too_long_endpoint.size = SN_SOCKADDR_SIZE_MAX + 1;
}

/* First, in the middle, last. */
TEST(a_record_that_is_wrong_is_named_and_nothing_has_moved)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    begin();
    for (int mistake = 0; mistake < MISTAKE_COUNT; mistake++) {
        for (size_t place = 0; place < 5; place += 2) {
            for (int receives = 0; receives < 2; receives++) {
                sn_error expected = receives ? mistakes[mistake].receive : mistakes[mistake].send;
                sn_datagram *batch = receives ? batch_in(5, false) : batch_out(5, 20, NULL);
                size_t moved = 77;
                if (expected == SN_OK)
                    continue;
                for (size_t i = 0; i < 5; i++) {
                    batch[i].error = SN_ERROR_FAULT;
                    batch[i].transferred = 77;
                }
                make((enum record_mistake)mistake, &batch[place]);
                row_begin("%s at %zu, %s", mistakes[mistake].name, place,
                          receives ? "receive" : "send");
                row_error(expected, receives ? do_receive_batch(pair.server, batch, 5, 0, &moved)
                                             : do_send_batch(pair.client, batch, 5, 0, &moved));
                row_equal(0, moved);
                for (size_t i = 0; i < 5; i++) {
                    row_error(i == place ? expected : SN_OK, batch[i].error);
                    row_equal(0, batch[i].transferred);
                }
                row_equal(false, is_readable(pair.server));
            }
        }
    }
    rows_end();
    pair_release(&pair);
}

TEST(a_call_that_is_wrong_says_so)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    sn_socket *stream = socket_make(TCP_IPV4), *closed = socket_make(UDP_IPV4);
    sn_datagram *out = batch_out(2, 0, NULL), *in = batch_in(2, false);
    size_t moved;
    const sn_flags unknown = 1u << 20;
    sn_socket_close(closed);
#define ROW(error, call)                                                                           \
    moved = 77;                                                                                    \
    row_begin("%s", #call);                                                                        \
    row_error(SN_ERROR_##error, call);                                                             \
    row_equal(0, moved);
    ROW(ARGUMENT_NULL, do_send_batch(NULL, out, 2, 0, &moved))
    ROW(ARGUMENT_NULL, do_receive_batch(NULL, in, 2, 0, &moved))
    ROW(OBJECT_DISPOSED, do_send_batch(closed, out, 2, 0, &moved))
    ROW(OBJECT_DISPOSED, do_receive_batch(closed, in, 2, 0, &moved))
    ROW(ARGUMENT_NULL, do_send_batch(pair.client, NULL, 2, 0, &moved))
    ROW(ARGUMENT_NULL, do_receive_batch(pair.server, NULL, 2, 0, &moved))
    ROW(ARGUMENT_NULL, do_send_batch(pair.client, NULL, 0, 0, &moved))
    ROW(ARGUMENT, do_send_batch(pair.client, out, 0, 0, &moved))
    ROW(ARGUMENT, do_receive_batch(pair.server, in, 0, 0, &moved))
    ROW(OPERATION_NOT_SUPPORTED, do_send_batch(stream, out, 2, 0, &moved))
    ROW(OPERATION_NOT_SUPPORTED, do_receive_batch(stream, in, 2, 0, &moved))
    ROW(OPERATION_NOT_SUPPORTED, do_send_batch(pair.client, out, 2, unknown, &moved))
    ROW(OPERATION_NOT_SUPPORTED, do_receive_batch(pair.server, in, 2, unknown, &moved))
#undef ROW
    row_begin("no count");
    row_error(SN_ERROR_ARGUMENT_NULL, do_receive_batch(pair.server, in, 2, 0, NULL));
    row_error(SN_OK, do_send_batch(pair.client, out, 2, 0, NULL));
    rows_end();
    assert_receives_batch(pair.server, 0, 2, 0);
    sn_socket_release(stream);
    sn_socket_release(closed);
    pair_release(&pair);
}

/* Only a segment size can be said there: that needs no kernel. */
TEST(a_unix_socket_has_no_extras_to_send)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_datagram *out = batch_out(2, 20, NULL);
    size_t moved = 77;
    extras = (sn_datagram_extras){.present = SN_DATAGRAM_TIME_TO_LIVE, .time_to_live = 5};
    out[1].extras = &extras;
    assert_error(SN_ERROR_NOT_SUPPORTED, do_send_batch(pair.client, out, 2, 0, &moved));
    assert_int_equal(moved, 0);
    assert_error(SN_ERROR_NOT_SUPPORTED, out[1].error);
    assert_false(is_readable(pair.server));
    pair_release(&pair);
}

/* What the kernel refuses of extras is the record's error, behind what went. */
TEST(extras_that_the_system_refuses_are_named)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    sn_datagram *out = batch_out(4, 20, NULL);
    size_t moved = 77;
    extras = (sn_datagram_extras){.present = SN_DATAGRAM_INTERFACE, .interface_index = INT32_MAX};
    out[2].extras = &extras;
    sn_error error = do_send_batch(pair.client, out, 4, 0, &moved);
    assert_true(error != SN_OK);
    assert_int_equal(moved, 2);
    assert_error(error, out[2].error);
    assert_ok(out[1].error);
    assert_ok(out[3].error);
    assert_receives_batch(pair.server, 0, 2, 20);
    pair_release(&pair);
}

/* Records with room for segments that do not fit what was asked for. */
TEST(segments_are_wanted_by_all_records_with_room_for_them)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    char *room = malloc(2 * (size_t)SN_DATAGRAM_SEGMENTS_SIZE_MAX);
    static sn_datagram_extras wanted[2];
    sn_buffer pieces[2];
    sn_datagram in[2];
    size_t moved;
    assert_non_null(room);
    for (size_t how = 0; how < 3; how++) {
        for (size_t i = 0; i < 2; i++) {
            wanted[i] = (sn_datagram_extras){.wanted = SN_DATAGRAM_SEGMENT_SIZE};
            in[i] = (sn_datagram){
                .buffer = {room + i * SN_DATAGRAM_SEGMENTS_SIZE_MAX, SN_DATAGRAM_SEGMENTS_SIZE_MAX},
                .extras = &wanted[i]};
            pieces[i] = in[i].buffer;
        }
        if (how == 0)
            in[1].buffer.size--;
        else if (how == 1)
            wanted[1].wanted = SN_DATAGRAM_TIME;
        else
            in[1] = (sn_datagram){.buffers = pieces, .buffer_count = 2, .extras = &wanted[1]};
        moved = 77;
        row_begin("how %zu", how);
        row_error(SN_ERROR_ARGUMENT, do_receive_batch(pair.server, in, 2, 0, &moved));
        row_error(SN_OK, in[0].error);
        row_error(SN_ERROR_ARGUMENT, in[1].error);
        row_equal(0, moved);
    }
    rows_end();
    free(room);
    pair_release(&pair);
}

/* Overlapping records do no harm to anything else: the later datagram stands there. */
TEST(records_that_share_everything_harm_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    static sn_datagram_extras shared;
    sn_endpoint sender;
    size_t moved = 0;
    shared = (sn_datagram_extras){.wanted = SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_ADDRESS};
    assert_ok(do_send_batch(pair.client, batch_out(4, 30, NULL), 4, 0, &moved));
    sn_datagram *in = batch_in(4, false);
    for (size_t i = 0; i < 4; i++) {
        in[i].buffer = (sn_buffer){received.data[0], ROOM};
        in[i].endpoint = &sender;
        in[i].extras = &shared;
    }
    for (size_t total = 0; total < 4; total += moved)
        assert_ok(do_receive_batch(pair.server, &in[total], 4 - total, 0, &moved));
    assert_true(is_filled(received.data[0], 30, 3));
    assert_int_equal(received.data[1][0], '#');
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(in[i].transferred, 30);
    /* A send may share them all. */
    sn_datagram *out = batch_out(4, 30, NULL);
    for (size_t i = 1; i < 4; i++)
        out[i].buffer = out[0].buffer;
    assert_ok(do_send_batch(pair.client, out, 4, 0, &moved));
    assert_int_equal(moved, 4);
    pair_release(&pair);
}

/* A record whose bytes the program may not read: the kernel says so, of that one. */
TEST(memory_that_is_not_there_is_a_fault_of_its_record)
{
    struct socket_pair pair = pair_connected(UNIX_DATAGRAM);
    sn_datagram *out = batch_out(3, 20, NULL);
    size_t moved = 77;
    out[1].buffer.data = (void *)(uintptr_t)8;
    assert_error(SN_ERROR_FAULT, do_send_batch(pair.client, out, 3, 0, &moved));
    assert_int_equal(moved, 1);
    assert_error(SN_ERROR_FAULT, out[1].error);
    assert_receives_batch(pair.server, 0, 1, 20);
    pair_release(&pair);
}

TEST(what_is_no_socket_has_no_datagrams)
{
    sn_socket *pipe = NULL;
    int ends[2];
    size_t moved = 77;
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    assert_ok(sn_socket_from_handle(ends[0], true, &pipe));
    sn_error error = do_receive_batch(pipe, batch_in(2, false), 2, 0, &moved);
    assert_true(error == SN_ERROR_NOT_SOCKET || error == SN_ERROR_OPERATION_NOT_SUPPORTED);
    assert_int_equal(moved, 0);
    sn_socket_release(pipe);
    close(ends[1]);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_record_that_is_wrong_is_named_and_nothing_has_moved),
        CASE(a_call_that_is_wrong_says_so),
        CASE_ON(a_unix_socket_has_no_extras_to_send, UNIX_DATAGRAM),
        CASE_ON(a_unix_socket_has_no_extras_to_send, UNIX_SEQPACKET),
        CASE(extras_that_the_system_refuses_are_named),
        CASE(segments_are_wanted_by_all_records_with_room_for_them),
        ON_MESSAGES(records_that_share_everything_harm_nothing),
        CASE(memory_that_is_not_there_is_a_fault_of_its_record),
        CASE(what_is_no_socket_has_no_datagrams),
    };
    return RUN(cases);
}
