/*
 * Options with rules of their own (contract C.4): the address reuse pair, the time limits, forms in
 * bytes, the options that mean something only in one state. Traps 38, 47, 48, 63, 86, 87, 94.
 */
#include "support/transfer_support.h"

#include <limits.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANY INT_MIN /* any value will do */

/* C.4 Error; trap 38 */
TEST(the_error_option_gives_the_sockets_error_once)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    sn_endpoint nobody = deserted_endpoint(SN_FAMILY_IPV4);
    assert_ok(sn_socket_connect(socket, &nobody));
    assert_ok(sn_socket_send(socket, "x", 1, SN_FLAG_NONE, NULL));
    wait_error(socket); /* the ICMP answer */
    int value = ANY;
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ERROR, &value));
    assert_error(SN_ERROR_CONNECTION_REFUSED, (sn_error)value);
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ERROR, &value));
    assert_error(SN_OK, (sn_error)value);
    sn_socket_release(socket);
}

/* C.3 AcceptConnection; trap 47 */
TEST(accept_connection_reads_1_once_the_socket_listens)
{
    sn_socket *socket = socket_bound(TCP_IPV4);
    int value = ANY;
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ACCEPT_CONNECTION, &value));
    assert_int_equal(0, value);
    assert_ok(sn_socket_listen(socket, 1));
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ACCEPT_CONNECTION, &value));
    assert_int_equal(1, value);
    sn_socket_release(socket);
}

/* C.3 FastOpen */
TEST(fast_open_is_set_and_read_on_a_listener)
{
    sn_socket *socket = socket_listening(TCP_IPV4, 16);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_TCP, SN_OPTION_FAST_OPEN, 5));
    int value = ANY;
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_TCP, SN_OPTION_FAST_OPEN, &value));
    assert_int_equal(5, value);
    sn_socket_release(socket);
}

/* C.3 Debug */
TEST(the_debug_option_needs_a_privilege)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_error error = sn_socket_set_option(pair.client, SN_LEVEL_SOCKET, SN_OPTION_DEBUG, 1);
    int value = ANY;
    assert_ok(sn_socket_get_option(pair.client, SN_LEVEL_SOCKET, SN_OPTION_DEBUG, &value));
    if (error) {
        assert_error(SN_ERROR_ACCESS_DENIED, error);
        assert_int_equal(0, value);
        assert_false(sn_socket_is_connected(pair.client)); /* A.6 */
    } else {
        assert_int_equal(1, value);
    }
    pair_release(&pair);
}

/* C.4 ReuseAddress / ExclusiveAddressUse; trap 86 */
TEST(reuse_address_and_exclusive_address_use_are_two_views_of_one_thing)
{
    static const struct {
        sn_option_name name;
        int value;
        sn_error error;
        int reuse, exclusive;
    } steps[] = {
        {SN_OPTION_REUSE_ADDRESS, 0, SN_OK, 0, 1},
        {SN_OPTION_REUSE_ADDRESS, 1, SN_OK, 1, 0},
        {SN_OPTION_EXCLUSIVE_ADDRESS_USE, 1, SN_OK, 0, 1},
        {SN_OPTION_EXCLUSIVE_ADDRESS_USE, 0, SN_OK, 1, 0},
        {SN_OPTION_REUSE_ADDRESS, 0, SN_OK, 0, 1},
        {SN_OPTION_EXCLUSIVE_ADDRESS_USE, 2, SN_ERROR_INVALID_ARGUMENT, 0, 1},
        {SN_OPTION_EXCLUSIVE_ADDRESS_USE, -1, SN_ERROR_INVALID_ARGUMENT, 0, 1},
        {SN_OPTION_REUSE_ADDRESS, 2, SN_OK, 1, 0},
    };
    sn_socket *socket = socket_make(UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        row_begin("step %zu", i);
        row_error(steps[i].error,
                  sn_socket_set_option(socket, SN_LEVEL_SOCKET, steps[i].name, steps[i].value));
        int reuse = ANY, exclusive = ANY, port = ANY, address = ANY;
        row_error(SN_OK,
                  sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, &reuse));
        row_error(SN_OK, sn_socket_get_option(socket, SN_LEVEL_SOCKET,
                                              SN_OPTION_EXCLUSIVE_ADDRESS_USE, &exclusive));
        row_equal(steps[i].reuse, reuse);
        row_equal(steps[i].exclusive, exclusive);
        /* The kernel's two options always agree. */
        row_error(SN_OK, sn_socket_get_raw_option(socket, SOL_SOCKET, SO_REUSEPORT, &port,
                                                  sizeof port, NULL));
        row_error(SN_OK, sn_socket_get_raw_option(socket, SOL_SOCKET, SO_REUSEADDR, &address,
                                                  sizeof address, NULL));
        row_equal(steps[i].reuse, port);
        row_equal(steps[i].reuse, address);
    }
    rows_end();
    sn_socket_release(socket);
}

/* C.4 "value length must be 4" */
TEST(reuse_address_as_bytes_must_be_four_bytes_long)
{
    static const uint8_t one[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    sn_socket *socket = socket_make(UDP_IPV4);
    for (size_t size = 1; size <= sizeof one; size++) {
        if (size == 4)
            continue;
        row_begin("%zu bytes", size);
        row_error(SN_ERROR_INVALID_ARGUMENT,
                  sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, one,
                                             size));
        row_error(SN_ERROR_INVALID_ARGUMENT,
                  sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET,
                                             SN_OPTION_EXCLUSIVE_ADDRESS_USE, one, size));
    }
    int value = 1;
    row_begin("four bytes");
    row_error(SN_OK, sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS,
                                                &value, sizeof value));
    row_error(SN_OK,
              sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, &value));
    row_equal(1, value);
    rows_end();
    sn_socket_release(socket);
}

/* C.4 "the same for TCP listeners"; trap 48 */
TEST(two_listeners_share_a_port_only_when_both_reuse_addresses)
{
    for (int reuse = 0; reuse <= 1; reuse++) {
        row_begin("reuse %d", reuse);
        sn_socket *first = socket_make(TCP_IPV4), *second = socket_make(TCP_IPV4);
        assert_ok(sn_socket_set_option(first, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, reuse));
        assert_ok(sn_socket_set_option(second, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, reuse));
        sn_endpoint any_port = endpoint_of(&SN_IPV4_LOOPBACK, 0);
        assert_ok(sn_socket_bind(first, &any_port));
        assert_ok(sn_socket_listen(first, 1));
        sn_endpoint taken = local_endpoint(first);
        row_error(reuse ? SN_OK : SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_socket_bind(second, &taken));
        if (reuse)
            row_error(SN_OK, sn_socket_listen(second, 1));
        /* The SO_REUSEADDR that a TCP bind sets by itself shows in neither option. */
        int value = ANY;
        row_error(SN_OK,
                  sn_socket_get_option(first, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, &value));
        row_equal(reuse, value);
        sn_socket_release(first);
        sn_socket_release(second);
    }
    rows_end();
}

/* C.4; trap 87 */
TEST(reuse_address_shares_a_udp_port_with_a_foreign_program_that_sets_so_reuseaddr)
{
    int foreign = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
    assert_true(foreign >= 0);
    assert_int_equal(0, setsockopt(foreign, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    sn_endpoint endpoint = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    size_t size;
    const void *address = sn_endpoint_get_sockaddr(&endpoint, &size);
    assert_int_equal(0, bind(foreign, address, (socklen_t)size));
    struct sockaddr_in bound;
    socklen_t bound_size = sizeof bound;
    assert_int_equal(0, getsockname(foreign, (struct sockaddr *)&bound, &bound_size));
    assert_ok(sn_endpoint_from_sockaddr(&bound, sizeof bound, &endpoint));

    sn_socket *socket = socket_make(UDP_IPV4);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, 1));
    assert_ok(sn_socket_bind(socket, &endpoint));
    sn_socket_release(socket);
    assert_int_equal(0, close(foreign));
}

/* C.4 SendTimeout / ReceiveTimeout; trap 63 */
TEST(a_timeout_option_refuses_negative_values)
{
    static const sn_option_name names[] = {SN_OPTION_SEND_TIMEOUT, SN_OPTION_RECEIVE_TIMEOUT};
    static const int values[] = {-1, -2, -1000, INT_MIN};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        for (size_t j = 0; j < COUNT_OF(values); j++) {
            row_begin("name %d value %d", (int)names[i], values[j]);
            row_error(SN_ERROR_INVALID_ARGUMENT,
                      sn_socket_set_option(pair.client, SN_LEVEL_SOCKET, names[i], values[j]));
        }
        row_error(SN_OK, sn_socket_set_option(pair.client, SN_LEVEL_SOCKET, names[i], INT_MAX));
        int value = ANY;
        row_error(SN_OK, sn_socket_get_option(pair.client, SN_LEVEL_SOCKET, names[i], &value));
        row_equal(INT_MAX, value);
    }
    rows_end();
    pair_release(&pair);
}

/* C.1, C.4: the bytes form is the kernel's struct timeval and goes past the remembered value */
TEST(the_bytes_form_of_a_timeout_is_a_timeval_that_does_not_show_in_the_property)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    struct timeval two_seconds = {.tv_sec = 2}, read_back;
    memset(&read_back, 0, sizeof read_back);
    size_t size = 0;
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT,
                                            &two_seconds, 4));
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT,
                                         &two_seconds, sizeof two_seconds));
    sn_milliseconds timeout = ANY;
    assert_ok(sn_socket_get_receive_timeout(socket, &timeout));
    assert_int_equal(0, timeout);
    assert_ok(sn_socket_get_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT,
                                         &read_back, sizeof read_back, &size));
    assert_int_equal(sizeof read_back, size);
    assert_int_equal(2, read_back.tv_sec);
    sn_socket_release(socket);
}

/* C.3 Linger: the int form hands four bytes to the kernel */
TEST(linger_cannot_be_set_as_a_number)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 sn_socket_set_option(pair.client, SN_LEVEL_SOCKET, SN_OPTION_LINGER, 1));
    assert_false(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

/* C.1 byte forms; trap 94 */
TEST(an_option_is_read_into_as_much_room_as_there_is)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_TIME, 0x0102));
    int expected = 0x0102;
    for (size_t room = 0; room <= 8; room++) {
        row_begin("%zu bytes of room", room);
        uint8_t bytes[8];
        memset(bytes, 0xEE, sizeof bytes);
        size_t size = 99;
        row_error(SN_OK,
                  sn_socket_get_option_bytes(socket, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_TIME,
                                             room ? bytes : NULL, room, &size));
        row_equal(room < 4 ? room : 4, size);
        row_equal(0, memcmp(bytes, &expected, size));
        for (size_t i = size; i < sizeof bytes; i++)
            row_equal(0xEE, bytes[i]); /* nothing behind it was touched */
        row_error(SN_OK,
                  sn_socket_get_option_bytes(socket, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_TIME,
                                             room ? bytes : NULL, room, NULL));
    }
    rows_end();
    sn_socket_release(socket);
}

/* C.1 byte forms; trap 94 */
TEST(an_option_is_set_from_no_fewer_bytes_than_it_has)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_error(SN_ERROR_FAULT, sn_socket_set_option_bytes(pair.client, SN_LEVEL_SOCKET,
                                                            SN_OPTION_KEEP_ALIVE, NULL, 0));
    assert_error(SN_ERROR_FAULT, sn_socket_set_option_bytes(pair.client, SN_LEVEL_SOCKET,
                                                            SN_OPTION_KEEP_ALIVE, NULL, 4));
    static const uint8_t one[8] = {1};
    for (size_t size = 0; size <= sizeof one; size++) {
        row_begin("%zu bytes", size);
        sn_error error = sn_socket_set_option_bytes(pair.client, SN_LEVEL_SOCKET,
                                                    SN_OPTION_KEEP_ALIVE, one, size);
        if (size == 0)
            row_equal(true, error != SN_OK); /* Fault in .NET, which sees no memory there */
        else
            row_error(size < 4 ? SN_ERROR_INVALID_ARGUMENT : SN_OK, error);
    }
    rows_end();
    pair_release(&pair);
}

/* C.1 byte forms, of the options that are more than a number for the kernel */
TEST(an_option_that_is_translated_is_set_from_no_fewer_bytes_than_it_has)
{
    static const struct {
        sn_option_level level;
        sn_option_name name;
    } rows[] = {
        {SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE},
        {SN_LEVEL_IP, SN_OPTION_DONT_FRAGMENT},
        {SN_LEVEL_SOCKET, SN_OPTION_SEND_TIMEOUT},
    };
    sn_socket *socket = socket_make(UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_begin("row %zu", i);
        row_error(SN_ERROR_INVALID_ARGUMENT,
                  sn_socket_set_option_bytes(socket, rows[i].level, rows[i].name, "xy", 2));
    }
    rows_end();
    sn_socket_release(socket);
}

TEST(a_property_without_a_place_for_its_value_is_refused)
{
    sn_socket *stream = socket_make(TCP_IPV4);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_enable_broadcast(stream, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_reuse_port(stream, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_reuse_address_only(stream, NULL));
    sn_socket_release(stream);
}

/* C.3 IPOptions: bytes */
TEST(ip_options_are_bytes_of_any_length)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    static const uint8_t no_operation[4] = {1, 1, 1, 1};
    uint8_t bytes[40];
    size_t size = 0;
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_IP_OPTIONS, no_operation,
                                         sizeof no_operation));
    assert_ok(sn_socket_get_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_IP_OPTIONS, bytes,
                                         sizeof bytes, &size));
    assert_int_equal(sizeof no_operation, size);
    assert_memory_equal(no_operation, bytes, size);
    sn_socket_release(socket);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_error_option_gives_the_sockets_error_once),
        CASE(accept_connection_reads_1_once_the_socket_listens),
        CASE(fast_open_is_set_and_read_on_a_listener),
        CASE(the_debug_option_needs_a_privilege),
        CASE(reuse_address_and_exclusive_address_use_are_two_views_of_one_thing),
        CASE(reuse_address_as_bytes_must_be_four_bytes_long),
        CASE(two_listeners_share_a_port_only_when_both_reuse_addresses),
        CASE(reuse_address_shares_a_udp_port_with_a_foreign_program_that_sets_so_reuseaddr),
        CASE(a_timeout_option_refuses_negative_values),
        CASE(the_bytes_form_of_a_timeout_is_a_timeval_that_does_not_show_in_the_property),
        CASE(linger_cannot_be_set_as_a_number),
        CASE(an_option_is_read_into_as_much_room_as_there_is),
        CASE(an_option_is_set_from_no_fewer_bytes_than_it_has),
        CASE(an_option_that_is_translated_is_set_from_no_fewer_bytes_than_it_has),
        CASE(a_property_without_a_place_for_its_value_is_refused),
        CASE(ip_options_are_bytes_of_any_length),
    };
    return RUN(cases);
}
