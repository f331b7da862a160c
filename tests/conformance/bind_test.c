/*
 * Bind and Listen (contract B.1 and B.2; traps 47, 48 and 72).
 */
#include "support/run.h"

#include <errno.h>
#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/transfer_support.h"
#include "support/verbs.h"

/* --- Bind ------------------------------------------------------------------------------------ */

TEST(a_missing_address_is_refused)
{
    sn_socket *socket = socket_make(transport_of(state));
    static const sn_endpoint none;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_bind(socket, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_bind(socket, &none));
    assert_false(sn_socket_is_bound(socket));
    sn_socket_release(socket);
}

TEST(a_host_name_is_no_address_to_bind_to)
{
    sn_socket *socket = socket_make(transport_of(state));
    sn_endpoint name;
    assert_ok(sn_endpoint_from_dns("localhost", 0, SN_FAMILY_UNSPECIFIED, &name));
    assert_error(SN_ERROR_ARGUMENT, sn_socket_bind(socket, &name));
    assert_false(sn_socket_is_bound(socket));
    sn_socket_release(socket);
}

enum where {
    V4,
    V6,
    V4_FOREIGN,
    V6_FOREIGN,
    V6_LINK_LOCAL,
    PATH,
    PATH_IN_NO_FOLDER,
    PATH_IN_A_FILE
};

static sn_endpoint address_of(enum where where)
{
    switch (where) {
    case V4: return endpoint_of_text("127.0.0.1:0");
    case V6: return endpoint_of_text("[::1]:0");
    case V4_FOREIGN: return endpoint_of_text("203.0.113.7:0");   /* reserved for documentation */
    case V6_FOREIGN: return endpoint_of_text("[2001:db8::7]:0"); /* the same */
    case V6_LINK_LOCAL: return endpoint_of_text("[fe80::1]:0");  /* without a scope */
    case PATH: return endpoint_free(UNIX_STREAM);
    case PATH_IN_NO_FOLDER: return endpoint_of_path("/nonexistent-folder/path");
    case PATH_IN_A_FILE: return endpoint_of_path("/proc/self/stat/path");
    }
    return (sn_endpoint){0};
}

/* Nothing but the kernel looks whether an address fits (B.1). */
TEST(an_address_that_does_not_fit_gets_the_kernels_error)
{
    static const struct {
        enum transport transport;
        enum where where;
        sn_error expected;
    } rows[] = {
        {TCP_IPV4, V6, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UDP_IPV4, V6, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {TCP_IPV6, V4, SN_ERROR_INVALID_ARGUMENT},
        {UDP_IPV6, V4, SN_ERROR_INVALID_ARGUMENT},
        {TCP_IPV4, PATH, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UNIX_STREAM, V4, SN_ERROR_INVALID_ARGUMENT},
        {TCP_IPV4, V4_FOREIGN, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {UDP_IPV4, V4_FOREIGN, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {TCP_IPV6, V6_FOREIGN, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {TCP_IPV6, V6_LINK_LOCAL, SN_ERROR_INVALID_ARGUMENT},
        {UNIX_STREAM, PATH_IN_NO_FOLDER, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {UNIX_STREAM, PATH_IN_A_FILE, SN_ERROR_SOCKET_ERROR}, /* ENOTDIR has no name: D.1 */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (transport_missing(rows[i].transport)) {
            print_message("skipped row: %s\n", transport_missing(rows[i].transport));
            continue;
        }
        sn_socket *socket = socket_make(rows[i].transport);
        sn_endpoint address = address_of(rows[i].where);
        row_begin("%s, address %d", transport_name(rows[i].transport), (int)rows[i].where);
        row_error(rows[i].expected, sn_socket_bind(socket, &address));
        row_equal(false, sn_socket_is_bound(socket));
        sn_socket_release(socket);
    }
    rows_end();
}

TEST(a_refused_bind_can_be_followed_by_a_good_one)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_endpoint foreign = address_of(V4_FOREIGN), good = address_of(V4);
    assert_error(SN_ERROR_ADDRESS_NOT_AVAILABLE, sn_socket_bind(socket, &foreign));
    assert_int_not_equal(0, sn_error_last_native());
    assert_ok(sn_socket_bind(socket, &good));
    sn_socket_release(socket);
}

TEST(a_second_bind_is_refused)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport);
    sn_endpoint before = local_endpoint(socket), other = endpoint_free(transport);
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_bind(socket, &other));
    assert_true(sn_socket_is_bound(socket));
    sn_endpoint after = local_endpoint(socket);
    assert_same_endpoint(&before, &after);
    sn_socket_release(socket);
}

TEST(a_dual_mode_socket_takes_an_ipv4_address)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    static const struct {
        sn_socket_type type;
        sn_protocol_type protocol;
    } rows[] = {{SN_TYPE_STREAM, SN_PROTOCOL_TCP}, {SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_socket *socket = NULL;
        char text[SN_ENDPOINT_TEXT_SIZE];
        sn_endpoint address = address_of(V4);
        assert_ok(sn_socket_create_dual_mode(rows[i].type, rows[i].protocol, &socket));
        assert_ok(sn_socket_bind(socket, &address));
        sn_endpoint local = local_endpoint(socket);
        assert_ok(sn_endpoint_format(&local, text, sizeof text));
        assert_ptr_equal(text, strstr(text, "[::ffff:127.0.0.1]:"));
        sn_socket_release(socket);
    }
}

/* Trap 72. */
TEST(dual_mode_cannot_be_switched_after_a_bind)
{
    sn_socket *socket = socket_bound(transport_of(state));
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_set_dual_mode(socket, true));
    sn_socket_release(socket);
}

/* Trap 48. */
TEST(an_address_in_use_is_refused)
{
    enum transport transport = transport_of(state);
    sn_socket *first =
        transport_listens(transport) ? socket_listening(transport, 1) : socket_bound(transport);
    sn_socket *second = socket_make(transport);
    sn_endpoint taken = local_endpoint(first);
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_socket_bind(second, &taken));
    assert_false(sn_socket_is_bound(second));
    sn_socket_release(second);
    sn_socket_release(first);
}

/* SO_REUSEADDR is set by Bind for TCP, and only there: a server comes back at once although
 * connections of its port still linger. It does not show in the option. */
TEST(a_tcp_listener_comes_back_while_old_connections_linger)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    sn_endpoint address = local_endpoint(pair.listener);
    int reuses = -1;
    assert_ok(
        sn_socket_get_option(pair.listener, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, &reuses));
    assert_int_equal(0, reuses);
    /* The side that ends first keeps the lingering end: the server's. */
    sn_socket_close(pair.server);
    assert_receives_end(pair.client);
    sn_socket_close(pair.client);
    sn_socket_close(pair.listener);
    engines_settle();
    sn_socket *again = socket_make(transport);
    assert_ok(sn_socket_bind(again, &address));
    assert_ok(sn_socket_listen(again, 1));
    sn_socket_release(again);
    pair_release(&pair);
}

/* A stale file is not removed by who finds it (B.1). */
TEST(a_unix_path_that_exists_is_refused_and_left_alone)
{
    enum transport transport = transport_of(state);
    sn_socket *first = socket_make(transport), *second = socket_make(transport);
    sn_endpoint path = endpoint_free(transport);
    size_t size;
    assert_ok(sn_socket_bind(first, &path));
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_socket_bind(second, &path));
    assert_int_equal(0, access(sn_endpoint_get_unix_path(&path, &size), F_OK));
    sn_socket_release(second);
    assert_int_equal(0, access(sn_endpoint_get_unix_path(&path, &size), F_OK));
    sn_socket_release(first);
}

/* In a child that gives its privileges away. */
static sn_error bind_to_low_port_without_privilege(void)
{
    sn_socket *socket = NULL;
    sn_endpoint low;
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return SN_ERROR_FAULT;
    sn_error error = sn_endpoint_parse("127.0.0.1:1", &low);
    if (!error)
        error = sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket);
    return error ? error : sn_socket_bind(socket, &low);
}

TEST(a_low_port_needs_a_privilege)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        sn_error error = bind_to_low_port_without_privilege();
        _exit(error == SN_ERROR_ACCESS_DENIED ? 0 : error == SN_OK ? 1 : 2);
    }
    assert_true(child > 0);
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(EINTR, errno);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 1)
        SKIP("this machine gives low ports to everybody");
    assert_int_equal(0, WEXITSTATUS(status));
}

/* --- Listen ---------------------------------------------------------------------------------- */

static int accept_connection(sn_socket *socket)
{
    int value = -1;
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ACCEPT_CONNECTION, &value));
    return value;
}

/* Trap 47. */
TEST(the_option_accept_connection_tells_whether_it_listens)
{
    sn_socket *socket = socket_bound(transport_of(state));
    assert_int_equal(0, accept_connection(socket));
    assert_ok(sn_socket_listen(socket, 1));
    assert_int_equal(1, accept_connection(socket));
    sn_socket_release(socket);
}

/* There is no range check: the kernel takes a negative number as its maximum. */
TEST(any_backlog_is_taken_and_it_may_be_changed)
{
    enum transport transport = transport_of(state);
    static const int backlogs[] = {0, 1, 5, -1, -5, INT_MAX, INT_MIN, 1};
    sn_socket *socket = socket_bound(transport), *client = socket_make(transport), *server = NULL;
    sn_endpoint address = local_endpoint(socket);
    for (size_t i = 0; i < COUNT_OF(backlogs); i++)
        assert_ok(sn_socket_listen(socket, backlogs[i]));
    assert_ok(do_connect(client, &address));
    assert_ok(do_accept(socket, &server));
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(socket);
}

TEST(a_datagram_socket_cannot_listen)
{
    sn_socket *socket = socket_bound(transport_of(state));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, sn_socket_listen(socket, 1));
    sn_socket_release(socket);
}

/* The kernel gives it a port, yet it does not count as bound; see accept_test.c. */
TEST(an_unbound_tcp_socket_can_listen)
{
    sn_socket *socket = socket_make(transport_of(state));
    assert_ok(sn_socket_listen(socket, 1));
    assert_int_equal(1, accept_connection(socket));
    assert_false(sn_socket_is_bound(socket));
    sn_socket_release(socket);
}

TEST(an_unbound_unix_socket_cannot_listen)
{
    sn_socket *socket = socket_make(transport_of(state));
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_listen(socket, 1));
    sn_socket_release(socket);
}

TEST(a_connected_socket_cannot_listen)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_error(SN_ERROR_INVALID_ARGUMENT, sn_socket_listen(pair.client, 1));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(a_missing_address_is_refused),
        ON_ALL_CONNECTED(a_host_name_is_no_address_to_bind_to),
        CASE(an_address_that_does_not_fit_gets_the_kernels_error),
        CASE(a_refused_bind_can_be_followed_by_a_good_one),
        ON_ALL_CONNECTED(a_second_bind_is_refused),
        CASE(a_dual_mode_socket_takes_an_ipv4_address),
        CASE_ON(dual_mode_cannot_be_switched_after_a_bind, TCP_IPV6),
        CASE_ON(dual_mode_cannot_be_switched_after_a_bind, UDP_IPV6),
        ON_ALL_CONNECTED(an_address_in_use_is_refused),
        ON_TCP(a_tcp_listener_comes_back_while_old_connections_linger),
        CASE_ON(a_unix_path_that_exists_is_refused_and_left_alone, UNIX_STREAM),
        CASE_ON(a_unix_path_that_exists_is_refused_and_left_alone, UNIX_DATAGRAM),
        CASE(a_low_port_needs_a_privilege),
        ON_LISTENERS(the_option_accept_connection_tells_whether_it_listens),
        ON_LISTENERS(any_backlog_is_taken_and_it_may_be_changed),
        ON_UDP(a_datagram_socket_cannot_listen),
        CASE_ON(a_datagram_socket_cannot_listen, UNIX_DATAGRAM),
        ON_TCP(an_unbound_tcp_socket_can_listen),
        CASE_ON(an_unbound_unix_socket_cannot_listen, UNIX_STREAM),
        CASE_ON(an_unbound_unix_socket_cannot_listen, UNIX_SEQPACKET),
        ON_LISTENERS(a_connected_socket_cannot_listen),
    };
    return RUN(cases);
}
