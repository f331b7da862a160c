#include "support/test.h"

#include <limits.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/base.h"
#include "socket/verbs/transfer.h"
#include "support/sockets.h"

TEST(memory_must_be_there_unless_it_is_empty)
{
    char byte;
    assert_ok(transfer_check_data(&byte, 1));
    assert_ok(transfer_check_data(NULL, 0));
    assert_ok(transfer_check_data(&byte, SSIZE_MAX));
    assert_error(SN_ERROR_ARGUMENT_NULL, transfer_check_data(NULL, 1));
    assert_error(SN_ERROR_ARGUMENT_NULL, transfer_check_data(NULL, SIZE_MAX));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, transfer_check_data(&byte, (size_t)SSIZE_MAX + 1));
}

TEST(a_list_of_buffers_is_checked_as_a_whole)
{
    char byte;
    const sn_buffer right[] = {{&byte, 1}, {NULL, 0}, {&byte, SSIZE_MAX - 1}};
    const sn_buffer too_much[] = {{&byte, SSIZE_MAX}, {&byte, 1}};
    const sn_buffer hole[] = {{&byte, 1}, {NULL, 1}};
    const sn_buffer huge[] = {{&byte, SIZE_MAX}};
    assert_ok(transfer_check_buffers(right, 3));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, transfer_check_buffers(too_much, 2));
    assert_error(SN_ERROR_ARGUMENT_NULL, transfer_check_buffers(hole, 2));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, transfer_check_buffers(huge, 1));
    assert_error(SN_ERROR_ARGUMENT_NULL, transfer_check_buffers(NULL, 1));
    assert_error(SN_ERROR_ARGUMENT, transfer_check_buffers(right, 0));
}

TEST(a_flag_that_does_not_exist_ends_connected)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_operation operation = {0};
    assert_ok(transfer_prepare_flags(&operation, pair.client, SN_FLAG_PEEK));
    assert_int_equal(record_of(&operation)->native_flags, MSG_PEEK);
    assert_true(socket_is(pair.client, SOCKET_CONNECTED));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 transfer_prepare_flags(&operation, pair.client, SN_FLAG_PARTIAL));
    assert_false(socket_is(pair.client, SOCKET_CONNECTED));
    assert_true(socket_is(pair.client, SOCKET_DISCONNECTED));
    pair_release(&pair);
}

static uint8_t action_for_flags(const sn_socket *socket, uint32_t native_flags)
{
    sn_operation operation = {0};
    record_of(&operation)->native_flags = native_flags;
    transfer_ask_for_flags(&operation, socket);
    return record_of(&operation)->action;
}

TEST(only_a_length_of_udp_tells_all_that_a_header_would)
{
    static const enum transport others[] = {TCP_IPV4, UNIX_DATAGRAM};
    sn_socket *socket = socket_bound(UDP_IPV4), *raw = NULL;
    assert_int_equal(ACTION_RECEIVE_DATAGRAM, action_for_flags(socket, 0));
    assert_int_equal(ACTION_RECEIVE_MESSAGE, action_for_flags(socket, MSG_PEEK));
    sn_socket_release(socket);
    for (size_t i = 0; i < array_count(others); i++) {
        socket = socket_bound(others[i]);
        assert_int_equal(ACTION_RECEIVE_MESSAGE, action_for_flags(socket, 0));
        sn_socket_release(socket);
    }
    if (sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_ICMP, &raw) == SN_OK)
        assert_int_equal(ACTION_RECEIVE_MESSAGE, action_for_flags(raw, 0));
    sn_socket_release(raw);
}

TEST(only_one_message_without_anything_else_asked_for_is_plain)
{
    static const enum transport transports[] = {UDP_IPV4, UNIX_DATAGRAM, TCP_IPV4};
    for (size_t i = 0; i < array_count(transports); i++) {
        sn_socket *socket = socket_bound(transports[i]);
        bool is_plain = transports[i] != TCP_IPV4;
        assert_int_equal(is_plain, transfer_is_plain(socket, DIRECTION_IN, "x", 1, SN_FLAG_NONE));
        assert_false(transfer_is_plain(socket, DIRECTION_IN, "x", 0, SN_FLAG_NONE));
        assert_false(transfer_is_plain(socket, DIRECTION_IN, NULL, 1, SN_FLAG_NONE));
        assert_false(transfer_is_plain(socket, DIRECTION_IN, "x", SIZE_MAX, SN_FLAG_NONE));
        assert_false(transfer_is_plain(socket, DIRECTION_IN, "x", 1, SN_FLAG_PEEK));
        (void)lane_add(&socket->descriptor, DIRECTION_IN); /* something is pending */
        assert_false(transfer_is_plain(socket, DIRECTION_IN, "x", 1, SN_FLAG_NONE));
        assert_int_equal(is_plain, transfer_is_plain(socket, DIRECTION_OUT, "x", 1, SN_FLAG_NONE));
        lane_subtract(&socket->descriptor, DIRECTION_IN);
        sn_socket_release(socket);
    }
}

TEST(what_moves_is_noted_in_the_operation)
{
    char data[8] = "";
    const sn_buffer buffers[] = {{data, 4}, {data + 4, 4}};
    sn_operation one = {0}, several = {0};
    transfer_set_data(&one, data, sizeof data);
    assert_ptr_equal(record_of(&one)->buffer.data, data);
    assert_int_equal(record_of(&one)->buffer.size, sizeof data);
    assert_false(record_of(&one)->marks & MARK_VECTOR);
    transfer_set_buffers(&several, buffers, 2);
    assert_ptr_equal(record_of(&several)->vector.first, buffers);
    assert_int_equal(record_of(&several)->vector.count, 2);
    assert_true(record_of(&several)->marks & MARK_VECTOR);
}

TEST(a_destination_is_used_where_it_stands)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    sn_endpoint to = endpoint_of_text("127.0.0.1:9"), none = {0}, name = {0};
    sn_operation operation = {0};
    assert_ok(transfer_set_destination(&operation, socket, &to));
    assert_ptr_equal(record_of(&operation)->target.address, to.as.sockaddr);
    assert_int_equal(record_of(&operation)->address_size, sizeof(struct sockaddr_in));
    assert_error(SN_ERROR_ARGUMENT_NULL, transfer_set_destination(&operation, socket, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, transfer_set_destination(&operation, socket, &none));
    assert_ok(sn_endpoint_from_dns("localhost", 9, SN_FAMILY_UNSPECIFIED, &name));
    assert_error(SN_ERROR_ARGUMENT, transfer_set_destination(&operation, socket, &name));
    sn_socket_release(socket);
}

TEST(ipv4_is_mapped_on_a_dual_mode_socket_only)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    sn_socket *dual = NULL;
    sn_endpoint to = endpoint_of_text("127.0.0.1:9"), ipv6 = endpoint_of_text("[::1]:9");
    sn_operation operation = {0};
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &dual));
    assert_ok(transfer_set_destination(&operation, dual, &to));
    const struct sockaddr_in6 *mapped = record_of(&operation)->target.address;
    assert_ptr_equal((const void *)mapped, record_of(&operation)->room.send.mapped);
    assert_int_equal(record_of(&operation)->address_size, sizeof *mapped);
    assert_int_equal(mapped->sin6_family, AF_INET6);
    assert_int_equal(mapped->sin6_port, htons(9));
    assert_true(IN6_IS_ADDR_V4MAPPED(&mapped->sin6_addr));
    assert_ok(transfer_set_destination(&operation, dual, &ipv6));
    assert_ptr_equal(record_of(&operation)->target.address, ipv6.as.sockaddr);
    sn_socket_release(dual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_must_be_there_unless_it_is_empty),
        cmocka_unit_test(a_list_of_buffers_is_checked_as_a_whole),
        cmocka_unit_test(a_flag_that_does_not_exist_ends_connected),
        cmocka_unit_test(only_a_length_of_udp_tells_all_that_a_header_would),
        cmocka_unit_test(only_one_message_without_anything_else_asked_for_is_plain),
        cmocka_unit_test(what_moves_is_noted_in_the_operation),
        cmocka_unit_test(a_destination_is_used_where_it_stands),
        cmocka_unit_test(ipv4_is_mapped_on_a_dual_mode_socket_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
