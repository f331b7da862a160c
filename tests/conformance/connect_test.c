/*
 * Connect to an end point, a host or a list of addresses, and connecting again after a failure
 * (contract B.4, B.5.1 and B.5.4; traps 22 to 29, 35, 38 and 40). Rows that depend on the kernel
 * were asked of .NET 10 on Linux.
 */
#include "support/hosts.h"
#include "support/run.h"

#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

/* 127.0.0.1 with a listener, and 127.0.0.2 (and [::1]) where the same port refuses. */
struct neighbours {
    sn_socket *listener, *refusing, *refusing_ipv6;
    int port;
};

static bool neighbours_try(struct neighbours *made)
{
    *made = (struct neighbours){.listener = socket_listening(TCP_IPV4, 16)};
    sn_endpoint address = local_endpoint(made->listener);
    made->port = sn_endpoint_get_port(&address);
    made->refusing = socket_make(TCP_IPV4);
    sn_endpoint other = endpoint_of_text("127.0.0.2:0");
    assert_ok(sn_endpoint_set_port(&other, made->port));
    bool is_free = sn_socket_bind(made->refusing, &other) == SN_OK;
    if (has_ipv6()) {
        made->refusing_ipv6 = socket_make(TCP_IPV6);
        other = endpoint_of(&SN_IPV6_LOOPBACK, made->port);
        is_free = sn_socket_bind(made->refusing_ipv6, &other) == SN_OK && is_free;
    }
    return is_free;
}

static void neighbours_release(struct neighbours *made)
{
    sn_socket_release(made->listener);
    sn_socket_release(made->refusing);
    sn_socket_release(made->refusing_ipv6);
}

/* Another program may have the port at the other address: then the next one. */
static struct neighbours neighbours_make(void)
{
    struct neighbours made;
    while (!neighbours_try(&made))
        neighbours_release(&made);
    return made;
}

static sn_ip_address address_of_text(const char *text)
{
    sn_ip_address address = {0};
    assert_ok(sn_ip_address_parse(text, &address));
    return address;
}

static sn_endpoint good_of(const struct neighbours *made)
{
    return endpoint_of(&SN_IPV4_LOOPBACK, made->port);
}

static sn_endpoint refused_of(const struct neighbours *made)
{
    sn_ip_address address = address_of_text("127.0.0.2");
    return endpoint_of(&address, made->port);
}

/* --- One end point --------------------------------------------------------------------------- */

TEST(connecting_connects)
{
    enum transport transport = transport_of(state);
    sn_socket *listener = socket_listening(transport, 1), *client = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_ok(do_connect(client, &address));
    assert_true(sn_socket_is_connected(client));
    assert_ok(do_accept(listener, &server));
    send_text(client, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

/* Trap 22; the peer may be changed. */
TEST(connecting_a_datagram_socket_sets_whom_it_talks_to_and_whom_it_hears)
{
    BLOCKING_ONLY("an asynchronous connect refuses any connected socket");
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport);
    sn_socket *first = socket_bound(transport), *second = socket_bound(transport);
    sn_endpoint here = local_endpoint(socket);
    sn_endpoint to_first = local_endpoint(first), to_second = local_endpoint(second);
    size_t sent;
    assert_ok(do_connect(socket, &to_first));
    assert_true(sn_socket_is_connected(socket));
    send_text(socket, "to the first");
    assert_receives(first, "to the first");
    assert_ok(do_send_to(first, "from the first", 14, SN_FLAG_NONE, &here, &sent));
    assert_receives(socket, "from the first");
    assert_ok(do_connect(socket, &to_second));
    assert_true(sn_socket_is_connected(socket));
    if (transport_is_ip(transport))
        assert_ok(do_send_to(first, "not heard", 9, SN_FLAG_NONE, &here, &sent));
    assert_ok(do_send_to(second, "from the second", 15, SN_FLAG_NONE, &here, &sent));
    assert_receives(socket, "from the second");
    send_text(socket, "to the second");
    assert_receives(second, "to the second");
    sn_socket_release(socket);
    sn_socket_release(first);
    sn_socket_release(second);
}

/* Trap 35. */
TEST(a_refused_connect_leaves_the_socket_unbound_and_unconnected)
{
    sn_socket *refusing = socket_refusing(transport_of(state));
    sn_socket *socket = socket_make(transport_of(state));
    sn_endpoint address = local_endpoint(refusing);
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(socket, &address));
    assert_int_not_equal(0, last_native());
    assert_false(sn_socket_is_connected(socket));
    assert_false(sn_socket_is_bound(socket));
    sn_endpoint local = local_endpoint(socket), remote = remote_endpoint(socket);
    assert_no_endpoint(&local);
    assert_no_endpoint(&remote);
    sn_socket_release(socket);
    sn_socket_release(refusing);
}

/* Trap 23. */
TEST(a_connected_stream_does_not_connect_again)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint address = local_endpoint(pair.listener);
    assert_error(SN_ERROR_IS_CONNECTED, do_connect(pair.client, &address));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect(pair.server, &address));
    assert_true(sn_socket_is_connected(pair.client));
    send_text(pair.client, "still there");
    assert_receives(pair.server, "still there");
    pair_release(&pair);
}

/* Trap 23, the other ways of connecting. */
TEST(a_connected_socket_does_not_connect_to_a_host_or_a_list)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    static const sn_ip_address wrong[] = {{SN_FAMILY_IPV6, 0, {[15] = 1}}};
    assert_error(SN_ERROR_IS_CONNECTED, do_connect_host(pair.client, "127.0.0.1", 1));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect_host(pair.client, "localhost", 1));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect_addresses(pair.client, &SN_IPV4_LOOPBACK, 1, 1));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect_addresses(pair.client, wrong, 1, 1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_connect_addresses(pair.client, wrong, 1, -1));
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

TEST(a_listening_socket_does_not_connect)
{
    sn_socket *listener = socket_listening(transport_of(state), 1);
    sn_endpoint address = local_endpoint(listener);
    assert_error(SN_ERROR_INVALID_OPERATION, do_connect(listener, &address));
    if (transport_is_tcp(transport_of(state))) {
        assert_error(SN_ERROR_INVALID_OPERATION,
                     do_connect_addresses(listener,
                                          sn_socket_get_address_family(listener) == SN_FAMILY_IPV6
                                              ? &SN_IPV6_LOOPBACK
                                              : &SN_IPV4_LOOPBACK,
                                          1, 1));
    }
    sn_socket_release(listener);
}

TEST(a_missing_end_point_is_refused)
{
    sn_socket *socket = socket_make(transport_of(state));
    static const sn_endpoint none;
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect(socket, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect(socket, &none));
    sn_socket_release(socket);
}

enum where { V4, V6, BROADCAST, PORT_0, ABSENT_PATH, ABSENT_NAME, FILE_PATH, STREAM_PATH };

/* A file of ours that is no socket. */
static sn_endpoint endpoint_of_file(void)
{
    struct unix_path path = unix_path_new();
    int handle = open(path.text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(handle >= 0);
    close(handle);
    return endpoint_of_path(path.text);
}

static sn_endpoint target_of(enum where where, const sn_endpoint *stream_path)
{
    sn_endpoint abstract;
    switch (where) {
    case V4: return endpoint_of_text("127.0.0.1:9");
    case V6: return endpoint_of_text("[::1]:9");
    case BROADCAST: return endpoint_of_text("127.255.255.255:9");
    case PORT_0: return endpoint_of_text("127.0.0.1:0");
    case ABSENT_PATH: return endpoint_free(UNIX_STREAM);
    case ABSENT_NAME:
        assert_ok(sn_endpoint_from_unix_bytes("\0sennit-nobody", 14, &abstract));
        return abstract;
    case FILE_PATH: return endpoint_of_file();
    case STREAM_PATH: return *stream_path;
    }
    return (sn_endpoint){0};
}

/* Traps 24, 25 and 40: asynchronously, an end point of another family is looked at before the
 * kernel is asked. */
TEST(an_end_point_that_does_not_fit_gets_the_kernels_error)
{
    static const struct {
        enum transport transport;
        enum where where;
        sn_error expected;
    } rows[] = {
        {TCP_IPV6, V4, SN_ERROR_INVALID_ARGUMENT},
        {TCP_IPV4, V6, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UDP_IPV4, V6, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UDP_IPV6, V4, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {TCP_IPV4, ABSENT_PATH, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UNIX_STREAM, V4, SN_ERROR_INVALID_ARGUMENT},
        {UDP_IPV4, BROADCAST, SN_ERROR_ACCESS_DENIED},
        {TCP_IPV4, PORT_0, SN_ERROR_CONNECTION_REFUSED},
        {UNIX_STREAM, ABSENT_PATH, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {UNIX_DATAGRAM, ABSENT_PATH, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {UNIX_SEQPACKET, ABSENT_PATH, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {UNIX_STREAM, ABSENT_NAME, SN_ERROR_CONNECTION_REFUSED},
        {UNIX_STREAM, FILE_PATH, SN_ERROR_CONNECTION_REFUSED},
        {UNIX_DATAGRAM, STREAM_PATH, SN_ERROR_PROTOCOL_TYPE},
        {UNIX_SEQPACKET, STREAM_PATH, SN_ERROR_PROTOCOL_TYPE},
    };
    sn_socket *listener = socket_listening(UNIX_STREAM, 1);
    sn_endpoint stream_path = local_endpoint(listener);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (transport_missing(rows[i].transport)) {
            print_message("skipped row: %s\n", transport_missing(rows[i].transport));
            continue;
        }
        sn_socket *socket = socket_make(rows[i].transport);
        sn_endpoint target = target_of(rows[i].where, &stream_path);
        row_begin("%s, end point %d", transport_name(rows[i].transport), (int)rows[i].where);
        bool fits = sn_endpoint_get_family(&target) == transport_family(rows[i].transport);
        row_error(fits ? rows[i].expected : style_error(rows[i].expected, SN_ERROR_NOT_SUPPORTED),
                  do_connect(socket, &target));
        row_equal(false, sn_socket_is_connected(socket));
        sn_socket_release(socket);
    }
    rows_end();
    sn_socket_release(listener);
}

/* B.4: no family check of its own, so the socket is not spoiled beyond what a failed connect does.
 */
TEST(after_the_wrong_family_the_right_one_connects)
{
    struct neighbours there = neighbours_make();
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_endpoint wrong = endpoint_of(&SN_IPV6_LOOPBACK, there.port), good = good_of(&there);
    assert_error(style_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED, SN_ERROR_NOT_SUPPORTED),
                 do_connect(socket, &wrong));
    assert_ok(do_connect(socket, &good));
    assert_true(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    neighbours_release(&there);
}

TEST(a_dual_mode_socket_connects_to_an_ipv4_end_point)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct neighbours there = neighbours_make();
    sn_socket *socket = NULL;
    sn_endpoint good = good_of(&there);
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    assert_ok(do_connect(socket, &good));
    sn_socket_release(socket);
    neighbours_release(&there);
}

/* --- Without waiting ------------------------------------------------------------------------- */

TEST(a_non_blocking_connect_is_on_its_way_and_another_one_must_wait)
{
    struct full_listener full = full_listener_make(transport_of(state));
    sn_socket *socket = socket_make(transport_of(state));
    size_t size;
    char byte;
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &full.address));
    assert_error(SN_ERROR_ALREADY_IN_PROGRESS, do_connect(socket, &full.address));
    assert_error(SN_ERROR_WOULD_BLOCK, do_send(socket, "x", 1, SN_FLAG_NONE, &size));
    assert_error(SN_ERROR_WOULD_BLOCK, do_receive(socket, &byte, 1, SN_FLAG_NONE, &size));
    assert_error(SN_ERROR_ALREADY_IN_PROGRESS, do_connect(socket, &full.address));
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    full_listener_release(&full);
}

TEST(a_non_blocking_connect_that_has_finished_is_connected)
{
    sn_socket *listener = socket_listening(transport_of(state), 1);
    sn_socket *socket = socket_make(transport_of(state)), *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &address));
    wait_writable(socket);
    assert_true(sn_socket_is_connected(socket));
    assert_error(SN_ERROR_IS_CONNECTED, do_connect(socket, &address));
    assert_ok(do_accept(listener, &server));
    send_text(socket, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(socket);
    sn_socket_release(listener);
}

/* The Unix kernel connects at once or refuses for now. */
TEST(a_non_blocking_connect_to_a_unix_listener_succeeds_at_once)
{
    sn_socket *listener = socket_listening(transport_of(state), 1);
    sn_socket *socket = socket_make(transport_of(state));
    sn_endpoint address = local_endpoint(listener);
    set_blocking(socket, false);
    assert_ok(do_connect(socket, &address));
    assert_true(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    sn_socket_release(listener);
}

/* Unlike TCP nothing is on its way then: the program tries again. */
TEST(a_non_blocking_connect_to_a_full_unix_queue_is_made_again)
{
    enum transport transport = transport_of(state);
    struct full_listener full = full_listener_make(transport);
    sn_socket *socket = socket_make(transport), *first = NULL, *second = NULL;
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &full.address));
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &full.address));
    assert_ok(do_accept(full.listener, &first));
    assert_ok(do_connect(socket, &full.address));
    assert_true(sn_socket_is_connected(socket));
    assert_ok(do_accept(full.listener, &second));
    send_text(socket, "there");
    assert_receives(second, "there");
    sn_socket_release(first);
    sn_socket_release(second);
    sn_socket_release(socket);
    full_listener_release(&full);
}

TEST(a_blocking_connect_follows_a_non_blocking_one_that_failed)
{
    struct neighbours there = neighbours_make();
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_endpoint refused = refused_of(&there), good = good_of(&there);
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, do_connect(socket, &refused));
    wait_writable(socket);
    assert_false(sn_socket_is_connected(socket));
    set_blocking(socket, true);
    /* The kernel may say once more that the last one came to nothing; see B.5.4, point 1: a connect
     * that gave WouldBlock does not mark the socket. */
    sn_error error = do_connect(socket, &good);
    if (error) {
        assert_error(SN_ERROR_CONNECTION_ABORTED, error);
        assert_ok(do_connect(socket, &good));
    }
    assert_true(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    neighbours_release(&there);
}

/* --- A time limit ---------------------------------------------------------------------------- */

TEST(the_connect_timeout_reads_back_and_minus_one_means_none)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_milliseconds value = -1;
    assert_ok(sn_socket_get_connect_timeout(socket, &value));
    assert_int_equal(0, value);
    assert_ok(sn_socket_set_connect_timeout(socket, 1234));
    assert_ok(sn_socket_get_connect_timeout(socket, &value));
    assert_int_equal(1234, value);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_set_connect_timeout(socket, -2));
    assert_ok(sn_socket_get_connect_timeout(socket, &value));
    assert_int_equal(1234, value);
    assert_ok(sn_socket_set_connect_timeout(socket, -1));
    assert_ok(sn_socket_get_connect_timeout(socket, &value));
    assert_int_equal(0, value);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_connect_timeout(socket, NULL));
    sn_socket_release(socket);
}

TEST(a_connect_that_takes_too_long_times_out_and_can_be_made_again)
{
    enum transport transport = transport_of(state);
    struct full_listener full = full_listener_make(transport);
    sn_socket *listener = socket_listening(transport, 1), *socket = socket_make(transport);
    sn_socket *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_ok(sn_socket_set_connect_timeout(socket, 5));
    assert_error(SN_ERROR_TIMED_OUT, do_connect(socket, &full.address));
    assert_false(sn_socket_is_connected(socket));
    assert_error(SN_ERROR_TIMED_OUT, do_connect(socket, &full.address));
    assert_ok(sn_socket_set_connect_timeout(socket, 0));
    assert_ok(do_connect(socket, &address));
    assert_ok(do_accept(listener, &server));
    send_text(socket, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(socket);
    sn_socket_release(listener);
    full_listener_release(&full);
}

/* .NET has no such limit, and its SendTimeout is not one (B.4). */
TEST(the_send_timeout_does_not_end_a_connect)
{
    enum transport transport = TCP_IPV4;
    struct full_listener full = full_listener_make(transport);
    sn_socket *socket = socket_make(transport);
    assert_ok(sn_socket_set_send_timeout(socket, 1));
    assert_ok(sn_socket_set_connect_timeout(socket, 20));
    assert_error(SN_ERROR_TIMED_OUT, do_connect(socket, &full.address));
    sn_socket_release(socket);
    full_listener_release(&full);
}

/* "For each address tried". */
/* The kernel calls a connecting socket hung up for ever when it was shut down before. */
TEST(a_connect_after_a_shutdown_keeps_its_time_limit_too)
{
    struct full_listener full = full_listener_make(TCP_IPV4);
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_error(SN_ERROR_NOT_CONNECTED, sn_socket_shutdown(socket, SN_SHUTDOWN_BOTH));
    assert_ok(sn_socket_set_connect_timeout(socket, 20));
    assert_error(SN_ERROR_TIMED_OUT, do_connect(socket, &full.address));
    sn_socket_release(socket);
    full_listener_release(&full);
}

TEST(the_connect_timeout_holds_for_each_address)
{
    BLOCKING_ONLY(
        "here the limit becomes the operation's, for all addresses: async_connect_test.c");
    struct full_listener full = full_listener_make(TCP_IPV4);
    sn_socket *socket = socket_make(TCP_IPV4), *listener = socket_make(TCP_IPV4);
    int port = sn_endpoint_get_port(&full.address);
    const sn_ip_address addresses[] = {SN_IPV4_LOOPBACK, address_of_text("127.0.0.3")};
    sn_endpoint other = endpoint_of(&addresses[1], port);
    if (sn_socket_bind(listener, &other) != SN_OK) {
        sn_socket_release(socket);
        sn_socket_release(listener);
        full_listener_release(&full);
        SKIP("another program has the port");
    }
    assert_ok(sn_socket_listen(listener, 1));
    assert_ok(sn_socket_set_connect_timeout(socket, 5));
    assert_ok(do_connect_addresses(socket, addresses, 2, port));
    sn_endpoint remote = remote_endpoint(socket);
    assert_same_endpoint(&other, &remote);
    sn_socket_release(socket);
    sn_socket_release(listener);
    full_listener_release(&full);
}

/* --- Lists of addresses ---------------------------------------------------------------------- */

/* Traps 21 and 26. */
TEST(the_first_address_that_answers_is_taken)
{
    struct neighbours there = neighbours_make();
    const sn_ip_address refusing = address_of_text("127.0.0.2");
    const sn_ip_address lists[][3] = {
        {SN_IPV4_LOOPBACK, refusing, refusing},
        {refusing, SN_IPV4_LOOPBACK, refusing},
        {refusing, refusing, SN_IPV4_LOOPBACK},
        {SN_IPV6_LOOPBACK, SN_IPV4_LOOPBACK, refusing}, /* passed over: an IPv4 socket */
        {SN_IPV6_ANY, refusing, SN_IPV4_LOOPBACK},
    };
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        sn_socket *socket = socket_make(TCP_IPV4), *server = NULL;
        row_begin("list %zu", i);
        row_error(SN_OK, do_connect_addresses(socket, lists[i], 3, there.port));
        row_equal(true, sn_socket_is_connected(socket));
        row_error(SN_OK, do_accept(there.listener, &server));
        sn_socket_release(server);
        sn_socket_release(socket);
    }
    rows_end();
    neighbours_release(&there);
}

TEST(a_dual_mode_socket_tries_both_families_in_the_given_order)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct neighbours there = neighbours_make();
    const sn_ip_address list[] = {SN_IPV6_LOOPBACK, SN_IPV4_LOOPBACK};
    sn_socket *socket = NULL;
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    assert_ok(do_connect_addresses(socket, list, 2, there.port));
    bool is_dual = false;
    assert_ok(sn_socket_get_dual_mode(socket, &is_dual));
    assert_true(is_dual);
    sn_socket_release(socket);
    neighbours_release(&there);
}

TEST(when_all_addresses_fail_the_last_failure_is_reported)
{
    struct neighbours there = neighbours_make();
    const sn_ip_address refusing = address_of_text("127.0.0.2");
    const sn_ip_address list[] = {SN_IPV4_LOOPBACK, refusing};
    sn_socket *socket = socket_make(TCP_IPV4);
    const sn_ip_address twice[] = {refusing, refusing};
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect_addresses(socket, twice, 2, there.port));
    assert_false(sn_socket_is_connected(socket));
    assert_ok(do_connect_addresses(socket, list, 2, there.port)); /* and it can be used again */
    sn_socket_release(socket);
    neighbours_release(&there);
}

/* Trap 24. */
TEST(a_list_in_which_no_address_fits_is_refused)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    const sn_ip_address list[] = {SN_IPV6_LOOPBACK, SN_IPV6_ANY};
    assert_error(style_error(SN_ERROR_ARGUMENT, SN_ERROR_NOT_SUPPORTED),
                 do_connect_addresses(socket, list, 2, 1));
    sn_socket_release(socket);
    if (!has_ipv6())
        return;
    socket = socket_make(TCP_IPV6);
    assert_error(style_error(SN_ERROR_ARGUMENT, SN_ERROR_NOT_SUPPORTED),
                 do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, 1));
    sn_socket_release(socket);
}

/* E.1, in the order of the checks. */
TEST(a_bad_list_or_port_is_refused)
{
    sn_socket *socket = socket_make(TCP_IPV4), *local = socket_make(UNIX_STREAM);
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect_addresses(socket, NULL, 1, 1));
    assert_error(SN_ERROR_ARGUMENT, do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 0, 65536));
    static const int ports[] = {-1, 65536, INT_MAX, INT_MIN};
    for (size_t i = 0; i < COUNT_OF(ports); i++) {
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, ports[i]));
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     do_connect_addresses(local, &SN_IPV4_LOOPBACK, 1, ports[i]));
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     do_connect_host(socket, "localhost", ports[i]));
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_connect_host(local, "localhost", ports[i]));
    }
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_addresses(local, &SN_IPV4_LOOPBACK, 1, 1));
    sn_socket_release(socket);
    sn_socket_release(local);
}

TEST(a_datagram_socket_connects_to_a_list_too)
{
    BLOCKING_ONLY("an asynchronous connect refuses any connected socket");
    sn_socket *socket = socket_make(UDP_IPV4), *peer = socket_bound(UDP_IPV4);
    sn_endpoint address = local_endpoint(peer);
    int port = sn_endpoint_get_port(&address);
    assert_ok(do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, port));
    assert_ok(do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, port));
    send_text(socket, "there");
    assert_receives(peer, "there");
    sn_socket_release(socket);
    sn_socket_release(peer);
}

/* --- Hosts ----------------------------------------------------------------------------------- */

TEST(a_host_may_be_an_address_or_a_name)
{
    NEED_LOCALHOST();
    static const char *const hosts[] = {"127.0.0.1", "localhost", "0x7f.1", "2130706433"};
    struct neighbours there = neighbours_make();
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        row_begin("%s", hosts[i]);
        row_error(SN_OK, do_connect_host(socket, hosts[i], there.port));
        row_equal(true, sn_socket_is_connected(socket));
        sn_socket_release(socket);
    }
    rows_end();
    neighbours_release(&there);
}

TEST(a_host_of_the_wrong_family_is_refused)
{
    sn_socket *socket = socket_make(TCP_IPV4), *local = socket_make(UNIX_STREAM);
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_host(socket, "::1", 1));
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_host(local, "localhost", 1));
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_host(local, "127.0.0.1", 1));
    sn_socket_release(local);
    sn_socket_release(socket);
    if (!has_ipv6())
        return;
    socket = socket_make(TCP_IPV6);
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect_host(socket, "127.0.0.1", 1));
    sn_socket_release(socket);
}

TEST(a_dual_mode_socket_connects_to_a_name)
{
    NEED_LOCALHOST();
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    struct neighbours there = neighbours_make();
    static const char *const hosts[] = {"localhost", "127.0.0.1", "::ffff:127.0.0.1"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        sn_socket *socket = NULL;
        assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
        row_begin("%s", hosts[i]);
        row_error(SN_OK, do_connect_host(socket, hosts[i], there.port));
        sn_socket_release(socket);
    }
    rows_end();
    neighbours_release(&there);
}

TEST(a_host_end_point_is_resolved)
{
    NEED_LOCALHOST();
    struct neighbours there = neighbours_make();
    static const sn_address_family wishes[] = {SN_FAMILY_UNSPECIFIED, SN_FAMILY_IPV4};
    sn_endpoint endpoint;
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        sn_socket *socket = socket_make(TCP_IPV4);
        assert_ok(sn_endpoint_from_dns("localhost", there.port, wishes[i], &endpoint));
        assert_ok(do_connect(socket, &endpoint));
        sn_socket_release(socket);
    }
    sn_socket *socket = socket_make(TCP_IPV4), *local = socket_make(UNIX_STREAM);
    assert_ok(sn_endpoint_from_dns("localhost", there.port, SN_FAMILY_IPV6, &endpoint));
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect(socket, &endpoint));
    assert_ok(sn_endpoint_from_dns("localhost", there.port, SN_FAMILY_UNSPECIFIED, &endpoint));
    assert_error(SN_ERROR_NOT_SUPPORTED, do_connect(local, &endpoint));
    sn_socket_release(socket);
    sn_socket_release(local);
    neighbours_release(&there);
}

TEST(a_missing_or_too_long_name_is_refused)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    char name[301];
    memset(name, 'a', sizeof name);
    name[300] = '\0';
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect_host(socket, NULL, 1));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_connect_host(socket, NULL, -1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, name, 1));
    name[256] = '\0';
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_connect_host(socket, name, 1));
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
}

/* D.1: what the resolver says, in .NET's words. */
static sn_error error_of_resolver(int code)
{
    switch (code) {
    case EAI_AGAIN: return SN_ERROR_TRY_AGAIN;
    case EAI_FAIL: return SN_ERROR_NO_RECOVERY;
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
        return SN_ERROR_HOST_NOT_FOUND;
    default: return SN_ERROR_SOCKET_ERROR;
    }
}

/* Trap 30. No name server is asked for: a machine without one answers in its own way, which is
 * asked of the resolver itself. */
TEST(an_unknown_host_gives_the_resolvers_error)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int code = getaddrinfo("no-such-host.invalid", NULL, &hints, &found);
    if (code == 0) {
        freeaddrinfo(found);
        SKIP("this machine's resolver knows every name");
    }
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_error error = do_connect_host(socket, "no-such-host.invalid", 1);
    assert_error(error_of_resolver(code), error);
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
}

/* --- Again after a failure (B.5.4) ------------------------------------------------------------ */

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

static void expose_by_handle(sn_socket *socket)
{
    (void)sn_socket_get_handle(socket);
}

static void expose_by_raw_option(sn_socket *socket)
{
    const int size = 8192;
    assert_ok(sn_socket_set_raw_option(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
}

/* Trap 27. Whether before or after the failure makes no difference. */
TEST(an_exposed_descriptor_prevents_the_second_connect)
{
    static void (*const exposures[])(sn_socket *) = {expose_by_handle, expose_by_raw_option};
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

/* Trap 28. B.5.4, point 4, as of .NET 10: the first address is tried, and gives its own error. */
TEST(with_an_exposed_descriptor_a_list_ends_at_its_first_failure)
{
    NEED_LOCALHOST();
    struct neighbours there = neighbours_make();
    const sn_ip_address refusing = address_of_text("127.0.0.2");
    const sn_ip_address list[] = {refusing, SN_IPV4_LOOPBACK};
    sn_socket *socket = socket_make(TCP_IPV4);
    expose_by_handle(socket);
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect_addresses(socket, list, 2, there.port));
    assert_false(sn_socket_is_connected(socket));
    sn_socket_release(socket);
    /* If the first one answers there is nothing to replace. */
    socket = socket_make(TCP_IPV4);
    expose_by_handle(socket);
    assert_ok(do_connect_addresses(socket, &SN_IPV4_LOOPBACK, 1, there.port));
    sn_socket_release(socket);
    static const char *const hosts[] = {"127.0.0.1", "localhost"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        socket = socket_make(TCP_IPV4);
        expose_by_handle(socket);
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
        ON_LISTENERS(connecting_connects),
        ON_UDP(connecting_a_datagram_socket_sets_whom_it_talks_to_and_whom_it_hears),
        CASE_ON(connecting_a_datagram_socket_sets_whom_it_talks_to_and_whom_it_hears,
                UNIX_DATAGRAM),
        ON_LISTENERS(a_refused_connect_leaves_the_socket_unbound_and_unconnected),
        ON_STREAMS(a_connected_stream_does_not_connect_again),
        CASE(a_connected_socket_does_not_connect_to_a_host_or_a_list),
        ON_LISTENERS(a_listening_socket_does_not_connect),
        ON_ALL_CONNECTED(a_missing_end_point_is_refused),
        CASE(an_end_point_that_does_not_fit_gets_the_kernels_error),
        CASE(after_the_wrong_family_the_right_one_connects),
        CASE(a_dual_mode_socket_connects_to_an_ipv4_end_point),
        ON_TCP(a_non_blocking_connect_is_on_its_way_and_another_one_must_wait),
        ON_TCP(a_non_blocking_connect_that_has_finished_is_connected),
        CASE_ON(a_non_blocking_connect_to_a_unix_listener_succeeds_at_once, UNIX_STREAM),
        CASE_ON(a_non_blocking_connect_to_a_unix_listener_succeeds_at_once, UNIX_SEQPACKET),
        CASE_ON(a_non_blocking_connect_to_a_full_unix_queue_is_made_again, UNIX_STREAM),
        CASE_ON(a_non_blocking_connect_to_a_full_unix_queue_is_made_again, UNIX_SEQPACKET),
        CASE(a_blocking_connect_follows_a_non_blocking_one_that_failed),
        CASE(the_connect_timeout_reads_back_and_minus_one_means_none),
        ON_LISTENERS(a_connect_that_takes_too_long_times_out_and_can_be_made_again),
        CASE(the_send_timeout_does_not_end_a_connect),
        CASE(a_connect_after_a_shutdown_keeps_its_time_limit_too),
        CASE(the_connect_timeout_holds_for_each_address),
        CASE(the_first_address_that_answers_is_taken),
        CASE(a_dual_mode_socket_tries_both_families_in_the_given_order),
        CASE(when_all_addresses_fail_the_last_failure_is_reported),
        CASE(a_list_in_which_no_address_fits_is_refused),
        CASE(a_bad_list_or_port_is_refused),
        CASE(a_datagram_socket_connects_to_a_list_too),
        CASE(a_host_may_be_an_address_or_a_name),
        CASE(a_host_of_the_wrong_family_is_refused),
        CASE(a_dual_mode_socket_connects_to_a_name),
        CASE(a_host_end_point_is_resolved),
        CASE(a_missing_or_too_long_name_is_refused),
        CASE(an_unknown_host_gives_the_resolvers_error),
        CASE(a_socket_connects_again_after_a_failed_connect),
        CASE_ON(a_unix_socket_connects_again_after_a_failed_connect, UNIX_STREAM),
        CASE_ON(a_unix_socket_connects_again_after_a_failed_connect, UNIX_SEQPACKET),
        CASE(options_survive_the_second_connect_or_prevent_it),
        CASE(the_properties_survive_the_attempts_of_a_connect_to_several_addresses),
        CASE(the_properties_survive_the_attempts_of_a_connect_by_name),
        CASE(a_dual_mode_socket_is_one_still_after_a_failed_connect),
        CASE(an_exposed_descriptor_prevents_the_second_connect),
        CASE(reading_a_raw_option_does_not_prevent_the_second_connect),
        CASE(with_an_exposed_descriptor_a_list_ends_at_its_first_failure),
        CASE(the_second_connect_forgets_the_bind),
        CASE(a_failed_connect_leaks_no_descriptor_and_no_memory),
    };
    return RUN(cases);
}
