#include "support/test.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "socket/options/option_table.h"
#include "support/sockets.h"

TEST(each_row_is_complete_and_stands_once)
{
    const struct option_row *row;
    uint32_t count = 0;
    for (; (row = option_at(count)) != NULL; count++) {
        assert_non_null(row->set_int);
        assert_non_null(row->set);
        assert_non_null(row->get);
        assert_int_equal(option_index(row), count);
        assert_ptr_equal(option_find(row->level, row->name), row);
    }
    assert_true(count > 30 && count <= 64); /* a bit each in tracked_options */
    assert_null(option_at(UINT32_MAX));
}

TEST(a_pair_is_found_with_its_native_numbers)
{
    static const struct {
        sn_option_level level;
        sn_option_name name;
        int native_level, native_name;
    } rows[] = {
        {SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, SOL_SOCKET, SO_KEEPALIVE},
        {SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_BUFFER, SOL_SOCKET, SO_RCVBUF},
        {SN_LEVEL_TCP, SN_OPTION_NO_DELAY, IPPROTO_TCP, TCP_NODELAY},
        {SN_LEVEL_IP, SN_OPTION_IP_TIME_TO_LIVE, IPPROTO_IP, IP_TTL},
        {SN_LEVEL_IPV6, SN_OPTION_IPV6_ONLY, IPPROTO_IPV6, IPV6_V6ONLY},
        {SN_LEVEL_TCP, SN_OPTION_ERROR, SOL_SOCKET, SO_ERROR}, /* through any level */
        {(sn_option_level)99, SN_OPTION_ERROR, SOL_SOCKET, SO_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct option_row *row = option_find(rows[i].level, rows[i].name);
        assert_non_null(row);
        assert_int_equal(row->native_level, rows[i].native_level);
        assert_int_equal(row->native_name, rows[i].native_name);
    }
}

TEST(a_name_belongs_to_its_level)
{
    assert_null(option_find(SN_LEVEL_UDP, SN_OPTION_NO_DELAY));
    assert_null(option_find(SN_LEVEL_SOCKET, SN_OPTION_IPV6_ONLY));
    assert_null(option_find((sn_option_level)99, SN_OPTION_KEEP_ALIVE));
    assert_null(option_find(SN_LEVEL_SOCKET, (sn_option_name)12345));
}

TEST(a_plain_option_goes_to_the_kernel_and_back)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    const struct option_row *row = option_find(SN_LEVEL_TCP, SN_OPTION_NO_DELAY);
    int value = 1, got = 0;
    uint32_t size = sizeof got;
    assert_int_equal(option_set_plain(socket, row, &value, sizeof value), 0);
    assert_int_equal(option_get_plain(socket, row, &got, &size), 0);
    assert_int_equal(size, sizeof got);
    assert_int_equal(got, 1);
    assert_true(option_set_plain(socket, row, &value, 1) < 0); /* too short for a number */
    sn_socket_release(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_complete_and_stands_once),
        cmocka_unit_test(a_pair_is_found_with_its_native_numbers),
        cmocka_unit_test(a_name_belongs_to_its_level),
        cmocka_unit_test(a_plain_option_goes_to_the_kernel_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
