#include "socket/options/option.h"

#include <errno.h>
#include <netinet/in.h>

#include "socket/options/option_table.h"
#include "support/sockets.h"
#include "support/test.h"

TEST(a_missing_option_says_nothing_about_the_connection_and_another_failure_ends_it)
{
    static const struct {
        int native;
        bool ends;
    } rows[] = {{ENOPROTOOPT, false},
                {EOPNOTSUPP, false},
                {EINVAL, true},
                {ENOTCONN, true},
                {EFAULT, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct socket_pair pair = pair_connected(TCP_IPV4);
        assert_error(sn_error_from_native(rows[i].native),
                     option_result(pair.client, -rows[i].native));
        assert_int_equal(rows[i].native, sn_error_last_native());
        assert_true(socket_is(pair.client, SOCKET_CONNECTED) == !rows[i].ends);
        assert_ok(option_result(pair.server, 5));
        pair_release(&pair);
    }
}

/* Which is what a descriptor that takes the place of this one must have; or there can be none. */
TEST(what_was_set_is_remembered_or_makes_the_descriptor_irreplaceable)
{
    sn_socket *tracked = socket_make(TCP_IPV4), *untracked = socket_make(TCP_IPV4);
    const struct option_row *row = option_find(SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE);
    assert_ok(option_write(tracked, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, 1));
    assert_true(tracked->tracked_options == UINT64_C(1) << option_index(row));
    assert_true(socket_is_replaceable(tracked));
    assert_ok(option_write(untracked, SN_LEVEL_SOCKET, SN_OPTION_BROADCAST, 1));
    assert_true(untracked->tracked_options == 0);
    assert_false(socket_is_replaceable(untracked));
    sn_socket_release(tracked);
    sn_socket_release(untracked);
}

TEST(what_was_refused_is_not_remembered)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 option_write(socket, SN_LEVEL_UDP, SN_OPTION_KEEP_ALIVE, 1));
    assert_error(SN_ERROR_FAULT,
                 option_write_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, NULL, 4));
    assert_error(SN_ERROR_FAULT,
                 option_write_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_BROADCAST, "", 0));
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 option_write_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_BROADCAST, "x", 1));
    assert_true(socket->tracked_options == 0);
    assert_true(socket_is_replaceable(socket));
    sn_socket_release(socket);
}

TEST(a_value_of_one_byte_is_that_number_on_every_machine)
{
    static const struct option_row *row;
    sn_socket *socket = socket_make(UDP_IPV4);
    int value = -1;
    uint8_t native = 0;
    uint32_t size = sizeof native;
    row = option_find(SN_LEVEL_IP, SN_OPTION_MULTICAST_TIME_TO_LIVE);
    assert_ok(option_write(socket, SN_LEVEL_IP, SN_OPTION_MULTICAST_TIME_TO_LIVE, 200));
    assert_int_equal(0, option_get_plain(socket, row, &native, &size));
    assert_int_equal(200, native);
    assert_ok(option_read(socket, SN_LEVEL_IP, SN_OPTION_MULTICAST_TIME_TO_LIVE, &value));
    assert_int_equal(200, value);
    sn_socket_release(socket);
}

TEST(a_place_for_the_value_is_asked_for_before_the_option)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    int value = 77;
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 option_read(socket, SN_LEVEL_UDP, SN_OPTION_KEEP_ALIVE, NULL));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 option_read(socket, SN_LEVEL_UDP, SN_OPTION_KEEP_ALIVE, &value));
    /* Without a row, and asked for all the same. */
    assert_error(SN_ERROR_PROTOCOL_OPTION,
                 option_read(socket, SN_LEVEL_IPV6, SN_OPTION_ADD_MEMBERSHIP, &value));
    assert_int_equal(77, value);
    sn_socket_release(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_missing_option_says_nothing_about_the_connection_and_another_failure_ends_it),
        cmocka_unit_test(what_was_set_is_remembered_or_makes_the_descriptor_irreplaceable),
        cmocka_unit_test(what_was_refused_is_not_remembered),
        cmocka_unit_test(a_value_of_one_byte_is_that_number_on_every_machine),
        cmocka_unit_test(a_place_for_the_value_is_asked_for_before_the_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
