#include "support/transfer_support.h"

#include <stdio.h>

/* What `prepare` is called with and answers. */
struct preparation {
    int calls;
    sn_error answer;
    bool was_bound;
};

static sn_error prepare(sn_socket *socket, void *context)
{
    struct preparation *preparation = context;
    sn_endpoint local;
    preparation->calls++;
    preparation->was_bound = !sn_socket_get_local_endpoint(socket, &local) &&
                             sn_endpoint_get_kind(&local) == SN_ENDPOINT_IP &&
                             sn_endpoint_get_port(&local) != 0;
    return preparation->answer;
}

static void text_of(sn_socket *listener, const char *format, char *text, size_t size)
{
    sn_endpoint local;
    assert_ok(sn_socket_get_local_endpoint(listener, &local));
    snprintf(text, size, format, sn_endpoint_get_port(&local));
}

static void talk(sn_socket *listener, const char *text)
{
    sn_socket *client = NULL, *server = NULL;
    char byte = 0;
    assert_ok(sn_socket_open_connected(text, NULL, NULL, &client));
    assert_ok(sn_socket_accept(listener, &server));
    send_text(client, "x");
    receive_exactly(server, &byte, 1);
    assert_int_equal(byte, 'x');
    sn_socket_release(client);
    sn_socket_release(server);
}

TEST(a_listener_and_a_client_meet_by_text)
{
    static const char *const rows[][2] = {
        {"127.0.0.1:0", "127.0.0.1:%d"},
        {"tcp://localhost:0", "localhost:%d"},
        {"*:0", "tcp://127.0.0.1:%d"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[100];
        sn_socket *listener = NULL;
        assert_ok(sn_socket_open_listening(rows[i][0], 4, NULL, NULL, &listener));
        text_of(listener, rows[i][1], text, sizeof text);
        talk(listener, text);
        sn_socket_release(listener);
    }
}

TEST(every_address_is_both_families)
{
    char text[100];
    sn_socket *listener = NULL;
    if (!sn_socket_os_supports_ipv6())
        SKIP("there is no IPv6");
    assert_ok(sn_socket_open_listening("*:0", 4, NULL, NULL, &listener));
    text_of(listener, "[::1]:%d", text, sizeof text);
    talk(listener, text);
    text_of(listener, "127.0.0.1:%d", text, sizeof text);
    talk(listener, text);
    sn_socket_release(listener);
}

TEST(unix_sockets_and_datagrams_are_opened_alike)
{
    sn_socket *listener = NULL, *client = NULL;
    char byte = 0, text[100];
    assert_ok(sn_socket_open_listening("unix:@sennit-open-test", 4, NULL, NULL, &listener));
    talk(listener, "unix://@sennit-open-test");
    sn_socket_release(listener);
    listener = NULL;
    assert_ok(sn_socket_open_listening("udp://127.0.0.1:0", 0, NULL, NULL, &listener));
    text_of(listener, "udp://127.0.0.1:%d", text, sizeof text);
    assert_ok(sn_socket_open_connected(text, NULL, NULL, &client));
    send_text(client, "x");
    receive_exactly(listener, &byte, 1);
    assert_int_equal(byte, 'x');
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(the_preparation_comes_before_the_bind_and_may_refuse)
{
    struct preparation preparation = {0};
    sn_socket *listener = NULL, *client = NULL;
    char text[100];
    assert_ok(sn_socket_open_listening("127.0.0.1:0", 4, prepare, &preparation, &listener));
    assert_int_equal(preparation.calls, 1);
    assert_false(preparation.was_bound);
    text_of(listener, "127.0.0.1:%d", text, sizeof text);
    assert_ok(sn_socket_open_connected(text, prepare, &preparation, &client));
    assert_int_equal(preparation.calls, 2);
    sn_socket_release(client);
    client = NULL;
    preparation.answer = SN_ERROR_ACCESS_DENIED;
    assert_error(SN_ERROR_ACCESS_DENIED,
                 sn_socket_open_connected(text, prepare, &preparation, &client));
    assert_error(SN_ERROR_ACCESS_DENIED,
                 sn_socket_open_listening("127.0.0.1:0", 4, prepare, &preparation, &client));
    assert_null(client);
    sn_socket_release(listener);
}

TEST(what_goes_wrong_is_told_and_nothing_is_left)
{
    sn_socket *listener = NULL, *other = NULL;
    char text[100];
    assert_ok(sn_socket_open_listening("127.0.0.1:0", 4, NULL, NULL, &listener));
    text_of(listener, "127.0.0.1:%d", text, sizeof text);
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE,
                 sn_socket_open_listening(text, 4, NULL, NULL, &other));
    sn_socket_release(listener);
    assert_error(SN_ERROR_CONNECTION_REFUSED, sn_socket_open_connected(text, NULL, NULL, &other));
    assert_error(SN_ERROR_FORMAT, sn_socket_open_connected("nonsense", NULL, NULL, &other));
    assert_error(SN_ERROR_FORMAT, sn_socket_open_listening("ftp://a:1", 4, NULL, NULL, &other));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_open_connected(NULL, NULL, NULL, &other));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_open_connected("a:1", NULL, NULL, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_open_listening("a:1", 4, NULL, NULL, NULL));
    assert_error(SN_ERROR_CONNECTION_REFUSED,
                 sn_socket_open_connected("unix:@sennit-nobody-here", NULL, NULL, &other));
    assert_null(other);
}

/* With a way of its own: see tests/conformance/connect_race_network_test.c for names. */
TEST(a_text_is_connected_to_in_the_way_that_is_asked_for)
{
    sn_socket *listener = NULL, *client = NULL;
    char text[64];
    sn_connect_attempt attempts[2];
    sn_connect_log log = {.attempts = attempts, .capacity = 2};
    sn_connect_options options = {.algorithm = SN_CONNECT_PARALLEL, .log = &log}, left;
    struct preparation preparation = {.answer = SN_OK};
    assert_ok(sn_socket_open_listening("127.0.0.1:0", 4, NULL, NULL, &listener));
    text_of(listener, "tcp://127.0.0.1:%d", text, sizeof text);
    assert_ok(sn_socket_open_connected_with(text, &options, prepare, &preparation, &client));
    assert_int_equal(1, preparation.calls);
    assert_int_equal(1, log.count);
    assert_ok(attempts[0].error);
    assert_ok(sn_socket_get_connect_options(client, &left, sizeof left));
    assert_null(left.log);
    sn_socket_release(client);
    client = NULL;

    preparation.answer = SN_ERROR_ACCESS_DENIED;
    assert_error(SN_ERROR_ACCESS_DENIED,
                 sn_socket_open_connected_with(text, &options, prepare, &preparation, &client));
    options.attempt_delay_ms = 1;
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_socket_open_connected_with(text, &options, NULL, NULL, &client));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_socket_open_connected_with(text, &options, NULL, NULL, NULL));
    assert_int_equal(1, log.count);
    assert_null(client);
    assert_ok(sn_socket_open_connected_with(text, NULL, NULL, NULL, &client));
    sn_socket_release(client);
    sn_socket_release(listener);
    client = NULL;
    options = (sn_connect_options){.log = &log};
    assert_error(SN_ERROR_CONNECTION_REFUSED,
                 sn_socket_open_connected_with(text, &options, NULL, NULL, &client));
    assert_int_equal(2, log.count);
    assert_error(SN_ERROR_CONNECTION_REFUSED, attempts[1].error);
    assert_null(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listener_and_a_client_meet_by_text),
        cmocka_unit_test(every_address_is_both_families),
        cmocka_unit_test(unix_sockets_and_datagrams_are_opened_alike),
        cmocka_unit_test(the_preparation_comes_before_the_bind_and_may_refuse),
        cmocka_unit_test(what_goes_wrong_is_told_and_nothing_is_left),
        cmocka_unit_test(a_text_is_connected_to_in_the_way_that_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
