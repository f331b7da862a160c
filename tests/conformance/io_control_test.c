/*
 * Available and IOControl (contract B.13).
 */
#include "conformance/urgent.h"
#include "support/run.h"

#include <sennit/dotnet.h>

#include "support/transfer_support.h"
#include "support/verbs.h"

static size_t available_in(sn_socket *socket)
{
    size_t count = SIZE_MAX;
    assert_ok(sn_socket_get_available(socket, &count));
    return count;
}

static int control(sn_socket *socket, sn_io_control_code code)
{
    int value = -1;
    size_t written = 0;
    assert_ok(sn_socket_io_control(socket, code, NULL, 0, &value, sizeof value, &written));
    assert_int_equal(4, written);
    return value;
}

/* Trap 83. */
TEST(available_counts_the_bytes_of_a_stream)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_int_equal(0, available_in(pair.client));
    send_text(pair.server, "seven b");
    wait_readable(pair.client);
    assert_int_equal(7, available_in(pair.client));
    assert_int_equal(7, control(pair.client, SN_IO_CONTROL_DATA_TO_READ));
    assert_receives(pair.client, "seven");
    assert_int_equal(2, available_in(pair.client));
    pair_release(&pair);
}

TEST(available_is_the_size_of_the_next_datagram)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char byte;
    size_t received;
    assert_int_equal(0, available_in(pair.client));
    send_text(pair.server, "seven b");
    send_text(pair.server, "nine byte");
    wait_readable(pair.client);
    assert_int_equal(7, available_in(pair.client));
    assert_int_equal(7, control(pair.client, SN_IO_CONTROL_DATA_TO_READ));
    assert_ok(do_receive(pair.client, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(9, available_in(pair.client));
    pair_release(&pair);
}

TEST(nothing_is_available_on_an_unconnected_socket)
{
    sn_socket *socket = socket_make(transport_of(state));
    assert_int_equal(0, available_in(socket));
    sn_socket_release(socket);
}

TEST(a_listener_cannot_say_what_is_available)
{
    sn_socket *listener = socket_listening(transport_of(state), 1);
    size_t count;
    int value;
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_get_available(listener, &count));
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 sn_socket_io_control(listener, SN_IO_CONTROL_DATA_TO_READ, NULL, 0, &value,
                                      sizeof value, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_available(listener, NULL));
    sn_socket_release(listener);
}

/* Trap 83. */
TEST(a_control_code_needs_four_bytes_of_output)
{
    static const sn_io_control_code codes[] = {SN_IO_CONTROL_DATA_TO_READ,
                                               SN_IO_CONTROL_OOB_DATA_READ};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char output[16] = {0};
    size_t written = 77;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        for (size_t size = 0; size < 4; size++)
            assert_error(SN_ERROR_FAULT, sn_socket_io_control(pair.client, codes[i], NULL, 0,
                                                              output, size, &written));
        assert_error(SN_ERROR_FAULT,
                     sn_socket_io_control(pair.client, codes[i], NULL, 0, NULL, 0, &written));
        assert_error(SN_ERROR_FAULT,
                     sn_socket_io_control(pair.client, codes[i], NULL, 0, NULL, 4, &written));
        assert_int_equal(77, written);
        assert_ok(
            sn_socket_io_control(pair.client, codes[i], "in", 2, output, sizeof output, &written));
        assert_int_equal(4, written);
        assert_ok(sn_socket_io_control(pair.client, codes[i], NULL, 0, output, 4, NULL));
        written = 77;
    }
    pair_release(&pair);
}

/* Trap 84. */
TEST(the_urgent_mark_is_seen_before_and_after_the_urgent_byte_was_read)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char byte;
    size_t received;
    bool ready;
    assert_int_equal(0, control(pair.client, SN_IO_CONTROL_OOB_DATA_READ));
    send_urgent(pair.server);
    assert_ok(sn_socket_poll(pair.client, -1, SN_SELECT_ERROR, &ready));
    assert_int_equal(1, control(pair.client, SN_IO_CONTROL_OOB_DATA_READ));
    assert_ok(do_receive(pair.client, &byte, 1, SN_FLAG_OUT_OF_BAND, &received));
    assert_int_equal(1, control(pair.client, SN_IO_CONTROL_OOB_DATA_READ));
    pair_release(&pair);
}

/* Trap 85. */
TEST(every_other_control_code_is_refused)
{
    static const struct {
        const char *name;
        sn_io_control_code code;
    } codes[] = {
#define X(id, number, name) {name, number},
        SN_IO_CONTROL_TABLE(X)
#undef X
            {"0", 0},
        {"12345", 12345},
        {"-1", -1},
        {"beyond 32 bits", (sn_io_control_code)1 << 40 | SN_IO_CONTROL_DATA_TO_READ},
    };
    struct socket_pair pair = pair_connected(TCP_IPV4);
    int value;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (codes[i].code == SN_IO_CONTROL_DATA_TO_READ ||
            codes[i].code == SN_IO_CONTROL_OOB_DATA_READ)
            continue;
        row_begin("%s", codes[i].name);
        bool is_blocking = codes[i].code == SN_IO_CONTROL_NON_BLOCKING_IO;
        row_error(
            is_blocking ? SN_ERROR_INVALID_OPERATION : SN_ERROR_PLATFORM_NOT_SUPPORTED,
            sn_socket_io_control(pair.client, codes[i].code, NULL, 0, &value, sizeof value, NULL));
    }
    rows_end();
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(available_counts_the_bytes_of_a_stream),
        ON_UDP(available_is_the_size_of_the_next_datagram),
        ON_ALL_CONNECTED(nothing_is_available_on_an_unconnected_socket),
        ON_STREAMS(a_listener_cannot_say_what_is_available),
        CASE(a_control_code_needs_four_bytes_of_output),
        ON_TCP(the_urgent_mark_is_seen_before_and_after_the_urgent_byte_was_read),
        CASE(every_other_control_code_is_refused),
    };
    return RUN(cases);
}
