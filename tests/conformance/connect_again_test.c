/*
 * Connecting again after a failure (contract B.5.4).
 */
#include "conformance/neighbours.h"
#include "support/hosts.h"
#include "support/run.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

/* Trap 27. */
TEST(a_socket_connects_again_after_a_failed_connect)
{
    struct neighbours there = neighbours_make();
    sn_socket *socket = socket_make(TCP_IPV4), *server = NULL;
    sn_endpoint refused = refused_of(&there), good = good_of(&there);
    for (int i = 0; i < 3; i++)
        assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
    assert_ok(do_connect(socket, &good));
    assert_true(sn_socket_is_connected(socket));
    assert_ok(do_accept(there.listener, &server));
    send_text(socket, "there");
    assert_receives(server, "there");
    assert_true(descriptor_is_nonblocking(sn_socket_get_handle(socket)));
    assert_true(descriptor_is_close_on_exec(sn_socket_get_handle(socket)));
    sn_socket_release(server);
    sn_socket_release(socket);
    neighbours_release(&there);
}

TEST(a_unix_socket_connects_again_after_a_failed_connect)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *socket = socket_make(transport);
    sn_endpoint absent = endpoint_free(transport), good = local_endpoint(listener);
    assert_error(SN_ERROR_ADDRESS_NOT_AVAILABLE, do_connect(socket, &absent));
    assert_ok(do_connect(socket, &good));
    sn_socket_release(socket);
    sn_socket_release(listener);
}

/* A tracked option is carried over; the second column says whether it is tracked. */
static const struct {
    const char *name;
    bool is_tracked;
    sn_option_level level;
    sn_option_name option;
    int value;
} options[] = {
    {"NoDelay", true, SN_LEVEL_TCP, SN_OPTION_NO_DELAY, 1},
    {"TcpKeepAliveTime", true, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_TIME, 77},
    {"TcpKeepAliveInterval", true, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_INTERVAL, 7},
    {"TcpKeepAliveRetryCount", true, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_RETRY_COUNT, 9},
    {"KeepAlive", true, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE, 1},
    {"ReuseAddress", true, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, 1},
    {"DontRoute", true, SN_LEVEL_SOCKET, SN_OPTION_DONT_ROUTE, 1},
    {"OutOfBandInline", true, SN_LEVEL_SOCKET, SN_OPTION_OUT_OF_BAND_INLINE, 1},
    {"ReceiveLowWater", true, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_LOW_WATER, 2},
    {"ReceiveTimeout", true, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT, 54321},
    {"SendTimeout", true, SN_LEVEL_SOCKET, SN_OPTION_SEND_TIMEOUT, 54321},
    {"IpTimeToLive", true, SN_LEVEL_IP, SN_OPTION_IP_TIME_TO_LIVE, 77},
    {"TypeOfService", true, SN_LEVEL_IP, SN_OPTION_TYPE_OF_SERVICE, 16},
    {"DontFragment", false, SN_LEVEL_IP, SN_OPTION_DONT_FRAGMENT, 1},
    {"Broadcast", false, SN_LEVEL_SOCKET, SN_OPTION_BROADCAST, 1},
    {"PacketInformation", false, SN_LEVEL_IP, SN_OPTION_PACKET_INFORMATION, 1},
};

/* Traps 27 and 29. */
TEST(options_survive_the_second_connect_or_prevent_it)
{
    struct neighbours there = neighbours_make();
    sn_endpoint refused = refused_of(&there), good = good_of(&there);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        int value = -1;
        row_begin("%s", options[i].name);
        row_error(SN_OK, sn_socket_set_option(socket, options[i].level, options[i].option,
                                              options[i].value));
        row_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
        row_error(options[i].is_tracked ? SN_OK : SN_ERROR_PLATFORM_NOT_SUPPORTED,
                  do_connect(socket, &good));
        row_error(SN_OK, sn_socket_get_option(socket, options[i].level, options[i].option, &value));
        row_equal(options[i].value, value);
        sn_socket_release(socket);
    }
    rows_end();
    neighbours_release(&there);
}

/* Trap 29. */
TEST(the_properties_survive_the_attempts_of_a_connect_to_several_addresses)
{
    struct neighbours there = neighbours_make();
    const sn_ip_address refusing = address_of_text("127.0.0.2");
    const sn_ip_address list[] = {refusing, refusing, SN_IPV4_LOOPBACK};
    const sn_linger_option linger = {true, 3};
    sn_linger_option read_back = {0};
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_milliseconds timeout = 0, connect_timeout = 0;
    assert_ok(sn_socket_set_linger_state(socket, &linger));
    assert_ok(sn_socket_set_receive_timeout(socket, 777));
    assert_ok(sn_socket_set_connect_timeout(socket, 60000));
    assert_ok(do_connect_addresses(socket, list, 3, there.port));
    assert_ok(sn_socket_get_linger_state(socket, &read_back));
    assert_true(read_back.enabled);
    assert_int_equal(3, read_back.seconds);
    assert_ok(sn_socket_get_receive_timeout(socket, &timeout));
    assert_int_equal(777, timeout);
    assert_ok(sn_socket_get_connect_timeout(socket, &connect_timeout));
    assert_int_equal(60000, connect_timeout);
    sn_socket_release(socket);
    neighbours_release(&there);
}

/* Trap 29, by a name: [::1] refuses first where the name has it. A descriptor that was replaced has
 * doubled buffers, as .NET's (B.5.4). */
TEST(the_properties_survive_the_attempts_of_a_connect_by_name)
{
    NEED_LOCALHOST();
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct neighbours there = neighbours_make();
    const sn_linger_option linger = {true, 3};
    sn_linger_option linger_after = {0};
    sn_socket *socket = NULL;
    bool no_delay = false;
    sn_milliseconds receive_timeout = 0, send_timeout = 0;
    int receive_buffer = 0, send_buffer = 0, before = 0;
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    assert_ok(sn_socket_set_linger_state(socket, &linger));
    assert_ok(sn_socket_set_no_delay(socket, true));
    assert_ok(sn_socket_set_receive_buffer_size(socket, 8192));
    assert_ok(sn_socket_set_send_buffer_size(socket, 8192));
    assert_ok(sn_socket_get_receive_buffer_size(socket, &before));
    assert_ok(sn_socket_set_receive_timeout(socket, 54321));
    assert_ok(sn_socket_set_send_timeout(socket, 12345));
    assert_ok(do_connect_host(socket, "localhost", there.port));
    assert_ok(sn_socket_get_linger_state(socket, &linger_after));
    assert_true(sn_linger_option_equals(&linger, &linger_after));
    assert_ok(sn_socket_get_no_delay(socket, &no_delay));
    assert_true(no_delay);
    assert_ok(sn_socket_get_receive_buffer_size(socket, &receive_buffer));
    assert_ok(sn_socket_get_send_buffer_size(socket, &send_buffer));
    assert_true(receive_buffer == before || receive_buffer == 2 * before);
    assert_true(send_buffer == before || send_buffer == 2 * before);
    assert_ok(sn_socket_get_receive_timeout(socket, &receive_timeout));
    assert_ok(sn_socket_get_send_timeout(socket, &send_timeout));
    assert_int_equal(54321, receive_timeout);
    assert_int_equal(12345, send_timeout);
    sn_socket_release(socket);
    neighbours_release(&there);
}

TEST(a_dual_mode_socket_is_one_still_after_a_failed_connect)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    for (int dual = 0; dual < 2; dual++) {
        struct neighbours there = neighbours_make();
        sn_endpoint refused = endpoint_of(&SN_IPV6_LOOPBACK, there.port);
        sn_socket *socket = socket_make(TCP_IPV6);
        bool is_dual = !dual;
        assert_ok(sn_socket_set_dual_mode(socket, dual));
        for (int i = 0; i < 2; i++)
            assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
        assert_ok(sn_socket_get_dual_mode(socket, &is_dual));
        assert_int_equal(dual, is_dual);
        sn_socket_release(socket);
        neighbours_release(&there);
    }
}

static void expose_by_raw_option(sn_socket *socket)
{
    const int size = 8192;
    assert_ok(sn_socket_set_raw_option(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
}

/* Trap 27. Whether before or after the failure makes no difference. */
TEST(a_raw_option_prevents_the_second_connect)
{
    static void (*const exposures[])(sn_socket *) = {expose_by_raw_option};
    struct neighbours there = neighbours_make();
    sn_endpoint refused = refused_of(&there), good = good_of(&there);
    for (size_t i = 0; i < COUNT_OF(exposures); i++) {
        for (int is_late = 0; is_late < 2; is_late++) {
            sn_socket *socket = socket_make(TCP_IPV4);
            row_begin("exposure %zu, %s", i, is_late ? "late" : "early");
            if (!is_late)
                exposures[i](socket);
            row_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
            if (is_late)
                exposures[i](socket);
            row_error(SN_ERROR_PLATFORM_NOT_SUPPORTED, do_connect(socket, &good));
            row_equal(false, sn_socket_is_connected(socket));
            sn_socket_release(socket);
        }
    }
    rows_end();
    neighbours_release(&there);
}

/* Only setting one does: reading changes nothing that would have to be carried over. */
TEST(reading_a_raw_option_does_not_prevent_the_second_connect)
{
    struct neighbours there = neighbours_make();
    sn_endpoint refused = refused_of(&there), good = good_of(&there);
    sn_socket *socket = socket_make(TCP_IPV4);
    int size;
    assert_ok(sn_socket_get_raw_option(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size, NULL));
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
    assert_ok(do_connect(socket, &good));
    sn_socket_release(socket);
    neighbours_release(&there);
}

static uint64_t file_of(int handle)
{
    struct stat status;
    assert_int_equal(0, fstat(handle, &status));
    return status.st_ino;
}

/* .NET refuses. Whatever the program has done with the handle stays done: decision 0035. */
TEST(a_handle_that_was_read_names_the_same_file_after_the_second_connect)
{
    struct neighbours there = neighbours_make();
    sn_endpoint refused = refused_of(&there), good = good_of(&there);
    for (int is_late = 0; is_late < 2; is_late++) {
        sn_socket *socket = socket_make(TCP_IPV4), *server = NULL;
        int before = is_late ? -1 : sn_socket_get_handle(socket), no_delay = 0;
        socklen_t size = sizeof no_delay;
        for (int i = 0; i < 3; i++)
            assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
        int handle = sn_socket_get_handle(socket);
        assert_true(is_late || handle == before);
        uint64_t file = file_of(handle);
        assert_int_equal(0, setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)));
        assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
        assert_ok(do_connect(socket, &good));
        assert_int_equal(handle, sn_socket_get_handle(socket));
        assert_int_equal(file, file_of(handle));
        assert_int_equal(0, getsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size));
        assert_int_equal(no_delay, 1);
        assert_ok(do_accept(there.listener, &server));
        send_text(socket, "there");
        assert_receives(server, "there");
        send_text(server, "back");
        assert_receives(socket, "back");
        sn_socket_release(server);
        sn_socket_release(socket);
    }
    neighbours_release(&there);
}

/* The attempt goes on in the kernel when its time is over. */
TEST(a_handle_that_was_read_can_connect_after_an_attempt_that_took_too_long)
{
    enum transport transport = transport_of(state);
    struct full_listener full = full_listener_make(transport);
    sn_socket *listener = socket_listening(transport, 4), *socket = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint good = local_endpoint(listener);
    uint64_t file = file_of(sn_socket_get_handle(socket));
    assert_ok(sn_socket_set_connect_timeout(socket, 5));
    for (int i = 0; i < 2; i++)
        assert_error(SN_ERROR_TIMED_OUT, do_connect(socket, &full.address));
    assert_ok(sn_socket_set_connect_timeout(socket, 0));
    assert_ok(do_connect(socket, &good));
    assert_int_equal(file, file_of(sn_socket_get_handle(socket)));
    assert_ok(do_accept(listener, &server));
    send_text(socket, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(socket);
    sn_socket_release(listener);
    full_listener_release(&full);
}

TEST(a_handle_that_was_read_keeps_its_bind)
{
    struct neighbours there = neighbours_make();
    sn_endpoint refused = refused_of(&there), good = good_of(&there);
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_endpoint bound = endpoint_of_text("127.0.0.5:0");
    assert_ok(sn_socket_bind(socket, &bound));
    bound = local_endpoint(socket);
    (void)sn_socket_get_handle(socket);
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
    assert_ok(do_connect(socket, &good));
    sn_endpoint local = local_endpoint(socket);
    assert_same_endpoint(&bound, &local);
    sn_socket_release(socket);
    neighbours_release(&there);
}

TEST(a_list_of_addresses_goes_on_with_a_handle_that_was_read)
{
    struct neighbours there = neighbours_make();
    const sn_ip_address refusing = address_of_text("127.0.0.2");
    const sn_ip_address list[] = {refusing, refusing, SN_IPV4_LOOPBACK};
    sn_socket *socket = socket_make(TCP_IPV4);
    uint64_t file = file_of(sn_socket_get_handle(socket));
    assert_ok(do_connect_addresses(socket, list, 3, there.port));
    assert_int_equal(file, file_of(sn_socket_get_handle(socket)));
    sn_socket_release(socket);
    neighbours_release(&there);
}

/* Trap 28. B.5.4, point 4, as of .NET 10: the first address is tried, and gives its own error. */
TEST(with_a_raw_option_a_list_ends_at_its_first_failure)
{
    NEED_LOCALHOST();
    struct neighbours there = neighbours_make();
    const sn_ip_address refusing = address_of_text("127.0.0.2");
    const sn_ip_address list[] = {refusing, SN_IPV4_LOOPBACK};
    sn_socket *socket = socket_make(TCP_IPV4);
    expose_by_raw_option(socket);
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect_addresses(socket, list, 2, there.port));
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    /* If the first one answers there is nothing to replace. */
    socket = socket_make(TCP_IPV4);
    expose_by_raw_option(socket);
    assert_ok(do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, there.port));
    sn_socket_release(socket);
    static const char *const hosts[] = {"127.0.0.1", "localhost"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        socket = socket_make(TCP_IPV4);
        expose_by_raw_option(socket);
        assert_ok(do_connect_host(socket, hosts[i], there.port));
        sn_socket_release(socket);
    }
    neighbours_release(&there);
}

/* "A previous Bind is not carried over." */
TEST(the_second_connect_forgets_the_bind)
{
    struct neighbours there = neighbours_make();
    sn_socket *socket = socket_make(TCP_IPV4), *server = NULL, *other = socket_make(TCP_IPV4);
    sn_endpoint refused = refused_of(&there), good = good_of(&there);
    sn_endpoint bound = endpoint_of_text("127.0.0.4:0");
    assert_ok(sn_socket_bind(socket, &bound));
    bound = local_endpoint(socket);
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
    assert_ok(do_connect(socket, &good));
    assert_ok(do_accept(there.listener, &server));
    sn_endpoint seen = remote_endpoint(server);
    assert_false(sn_endpoint_equals(&bound, &seen));
    assert_ok(sn_socket_bind(other, &bound)); /* the old descriptor is closed */
    sn_socket_release(other);
    sn_socket_release(server);
    sn_socket_release(socket);
    neighbours_release(&there);
}

TEST(a_failed_connect_leaks_no_descriptor_and_no_memory)
{
    struct neighbours there = neighbours_make();
    sn_endpoint refused = refused_of(&there);
    sn_socket *socket = socket_make(TCP_IPV4);
    size_t open = descriptors_count();
    allocations_begin();
    for (int i = 0; i < 20; i++) {
        assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &refused));
        assert_int_equal(open, descriptors_count());
    }
    assert_int_equal(0, allocations_outstanding());
    allocations_end();
    sn_socket_release(socket);
    neighbours_release(&there);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_socket_connects_again_after_a_failed_connect),
        CASE_ON(a_unix_socket_connects_again_after_a_failed_connect, UNIX_STREAM),
        CASE_ON(a_unix_socket_connects_again_after_a_failed_connect, UNIX_SEQPACKET),
        CASE(options_survive_the_second_connect_or_prevent_it),
        CASE(the_properties_survive_the_attempts_of_a_connect_to_several_addresses),
        CASE(the_properties_survive_the_attempts_of_a_connect_by_name),
        CASE(a_dual_mode_socket_is_one_still_after_a_failed_connect),
        CASE(a_raw_option_prevents_the_second_connect),
        CASE(reading_a_raw_option_does_not_prevent_the_second_connect),
        CASE(with_a_raw_option_a_list_ends_at_its_first_failure),
        CASE(a_handle_that_was_read_names_the_same_file_after_the_second_connect),
        ON_LISTENERS(a_handle_that_was_read_can_connect_after_an_attempt_that_took_too_long),
        CASE(a_handle_that_was_read_keeps_its_bind),
        CASE(a_list_of_addresses_goes_on_with_a_handle_that_was_read),
        CASE(the_second_connect_forgets_the_bind),
        CASE(a_failed_connect_leaks_no_descriptor_and_no_memory),
    };
    return RUN(cases);
}
