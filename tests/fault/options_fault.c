/*
 * Options with the system call under them failing, and with sizes that are not theirs: the error
 * comes out, the value does not, and no option is left half set.
 */
#include "fault/kernel.h"

#include <errno.h>
#include <limits.h>

#include "support/transfer_support.h"

static sn_socket *tcp, *udp;

static void open_room(void)
{
    kernel_reset();
    tcp = socket_make(TCP_IPV4);
    udp = socket_make(UDP_IPV4);
}

static void close_room(void)
{
    kernel_reset();
    sn_socket_release(tcp);
    sn_socket_release(udp);
}

/* Of each kind of option one, and all that have code of their own. */
static const struct option_case {
    const char *name;
    sn_option_level level;
    sn_option_name option;
    bool is_settable;
} option_cases[] = {
    {"keep alive", SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, true},
    {"reuse address", SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, true},
    {"exclusive address use", SN_LEVEL_SOCKET, SN_OPTION_EXCLUSIVE_ADDRESS_USE, true},
    {"send timeout", SN_LEVEL_SOCKET, SN_OPTION_SEND_TIMEOUT, true},
    {"receive timeout", SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT, true},
    {"error", SN_LEVEL_SOCKET, SN_OPTION_ERROR, false},
    {"type", SN_LEVEL_SOCKET, SN_OPTION_TYPE, false},
    {"dont fragment", SN_LEVEL_IP, SN_OPTION_DONT_FRAGMENT, true},
    {"packet information", SN_LEVEL_IP, SN_OPTION_PACKET_INFORMATION, true},
    {"multicast interface", SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE, true},
};

static bool is_timeout(const struct option_case *row)
{
    return row->option == SN_OPTION_SEND_TIMEOUT || row->option == SN_OPTION_RECEIVE_TIMEOUT;
}

TEST(an_option_that_the_kernel_refuses_keeps_its_value)
{
    open_room();
    for (size_t i = 0; i < COUNT_OF(option_cases); i++) {
        const struct option_case *row = &option_cases[i];
        int before = 77, after = 78;
        row_begin("%s", row->name);
        row_error(SN_OK, sn_socket_get_option(udp, row->level, row->option, &before));
        kernel_fail_nth(KERNEL_sys_set_option, 1, -ENOBUFS);
        row_error(SN_ERROR_NO_BUFFER_SPACE_AVAILABLE,
                  sn_socket_set_option(udp, row->level, row->option, row->is_settable ? 1 : 0));
        row_equal(ENOBUFS, sn_error_last_native());
        row_error(SN_OK, sn_socket_get_option(udp, row->level, row->option, &after));
        row_equal(before, after);
    }
    rows_end();
    close_room();
}

TEST(an_option_that_the_kernel_does_not_tell_writes_nothing)
{
    open_room();
    for (size_t i = 0; i < COUNT_OF(option_cases); i++) {
        const struct option_case *row = &option_cases[i];
        int value = 77;
        if (is_timeout(row)) /* the object's own */
            continue;
        row_begin("%s", row->name);
        kernel_fail_nth(KERNEL_sys_get_option, 1, -ENOBUFS);
        row_error(SN_ERROR_NO_BUFFER_SPACE_AVAILABLE,
                  sn_socket_get_option(udp, row->level, row->option, &value));
        row_equal(77, value);
    }
    rows_end();
    close_room();
}

/* Reuse is two switches of the kernel. */
TEST(address_reuse_is_never_left_half_set)
{
    int on = 77;
    open_room();
    kernel_fail_nth(KERNEL_sys_set_option, 2, -ENOBUFS);
    assert_error(SN_ERROR_NO_BUFFER_SPACE_AVAILABLE,
                 sn_socket_set_option(tcp, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, 1));
    assert_int_equal(kernel_count(KERNEL_sys_set_option), 3);
    assert_ok(sn_socket_get_option(tcp, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, &on));
    assert_int_equal(on, 0);
    close_room();
}

/* --- Sizes ------------------------------------------------------------------------------------ */

static const struct option_case exact_cases[] = {
    {"reuse address", SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, true},
    {"exclusive address use", SN_LEVEL_SOCKET, SN_OPTION_EXCLUSIVE_ADDRESS_USE, true},
    {"dont fragment", SN_LEVEL_IP, SN_OPTION_DONT_FRAGMENT, true},
};

TEST(an_option_that_is_an_int_takes_exactly_its_bytes)
{
    static const char bytes[8];
    open_room();
    for (size_t i = 0; i < COUNT_OF(exact_cases); i++) {
        const struct option_case *row = &exact_cases[i];
        row_begin("%s", row->name);
        for (size_t size = 1; size <= sizeof bytes; size++)
            row_error(size == sizeof(int) ? SN_OK : SN_ERROR_INVALID_ARGUMENT,
                      sn_socket_set_option_bytes(udp, row->level, row->option, bytes, size));
        row_error(SN_ERROR_FAULT,
                  sn_socket_set_option_bytes(udp, row->level, row->option, NULL, sizeof(int)));
    }
    rows_end();
    close_room();
}

TEST(address_reuse_is_told_as_an_int_only)
{
    char bytes[8];
    size_t size = 77;
    open_room();
    for (size_t i = 0; i < 2; i++) {
        row_begin("%s", exact_cases[i].name);
        for (size_t room = 1; room <= sizeof bytes; room++)
            if (room != sizeof(int))
                row_error(SN_ERROR_INVALID_ARGUMENT,
                          sn_socket_get_option_bytes(udp, exact_cases[i].level,
                                                     exact_cases[i].option, bytes, room, &size));
        row_equal(77, size);
        row_error(SN_OK,
                  sn_socket_get_option_bytes(udp, exact_cases[i].level, exact_cases[i].option,
                                             bytes, sizeof(int), NULL));
    }
    rows_end();
    close_room();
}

/* .NET's own numbers are cut to the room, and tell how long they are, as the kernel's do. */
TEST(an_int_is_cut_to_the_room_there_is)
{
    open_room();
    for (size_t room = 1; room <= 8; room++) {
        unsigned char bytes[8];
        size_t size = 77, expected = room < sizeof(int) ? room : sizeof(int);
        int value = SN_TYPE_DATAGRAM;
        memset(bytes, 0xee, sizeof bytes);
        assert_ok(
            sn_socket_get_option_bytes(udp, SN_LEVEL_SOCKET, SN_OPTION_TYPE, bytes, room, &size));
        assert_int_equal(size, expected);
        assert_memory_equal(bytes, &value, expected);
        for (size_t i = expected; i < sizeof bytes; i++)
            assert_int_equal(bytes[i], 0xee);
    }
    close_room();
}

/* The kernel counts in an int, and reads what it needs. */
TEST(a_size_beyond_an_int_is_as_large_as_one)
{
    static const int on = 1;
    int value = 0;
    size_t size = 0;
    open_room();
    assert_ok(sn_socket_set_option_bytes(tcp, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, &on,
                                         (size_t)INT_MAX + 1));
    assert_ok(sn_socket_get_option_bytes(tcp, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, &value,
                                         SIZE_MAX, &size));
    assert_int_equal(size, sizeof value);
    assert_int_equal(value, 1);
    value = 0;
    assert_ok(sn_socket_set_raw_option(tcp, SOL_SOCKET, SO_OOBINLINE, &on, SIZE_MAX));
    assert_ok(sn_socket_get_raw_option(tcp, SOL_SOCKET, SO_OOBINLINE, &value, SIZE_MAX, NULL));
    assert_int_equal(value, 1);
    close_room();
}

/* --- Records ---------------------------------------------------------------------------------- */

TEST(a_record_that_the_kernel_does_not_tell_is_not_written)
{
    sn_linger_option linger = {true, 77};
    open_room();
    kernel_fail_nth(KERNEL_sys_get_option, 1, -ENOBUFS);
    assert_error(SN_ERROR_NO_BUFFER_SPACE_AVAILABLE, sn_socket_get_linger_state(tcp, &linger));
    assert_int_equal(linger.seconds, 77);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_linger_state(tcp, NULL));
    close_room();
}

TEST(a_property_without_a_place_for_its_value_is_refused)
{
    open_room();
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_dont_fragment(udp, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_dual_mode(udp, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_no_delay(tcp, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_ttl(udp, NULL));
    close_room();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(an_option_that_the_kernel_refuses_keeps_its_value),
        CASE(an_option_that_the_kernel_does_not_tell_writes_nothing),
        CASE(address_reuse_is_never_left_half_set),
        CASE(an_option_that_is_an_int_takes_exactly_its_bytes),
        CASE(address_reuse_is_told_as_an_int_only),
        CASE(an_int_is_cut_to_the_room_there_is),
        CASE(a_size_beyond_an_int_is_as_large_as_one),
        CASE(a_record_that_the_kernel_does_not_tell_is_not_written),
        CASE(a_property_without_a_place_for_its_value_is_refused),
    };
    return RUN(cases);
}
