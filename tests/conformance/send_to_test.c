/*
 * SendTo (contract B.8): where a datagram goes, what it does to the socket that sends it, and the
 * address that does not fit. Traps 15, 17, 18, 71.
 */
#include "support/threads.h"
#include "support/transfer_support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sends four bytes; gives what the call gave, and checks that a failed one wrote nothing. */
static sn_error send_four_to(sn_socket *socket, const sn_endpoint *to)
{
    size_t sent = 77;
    sn_error error = do_send_to(socket, "four", 4, SN_FLAG_NONE, to, &sent);
    row_equal(error ? 77 : 4, sent);
    return error;
}

static bool has_local_endpoint(sn_socket *socket)
{
    sn_endpoint local = local_endpoint(socket);
    return sn_endpoint_get_kind(&local) != SN_ENDPOINT_NONE;
}

/* B.8 */
TEST(a_datagram_goes_where_it_was_sent_to)
{
    enum transport transport = transport_of(state);
    sn_socket *receivers[3], *sender = socket_bound(transport);
    sn_endpoint addresses[3], from = local_endpoint(sender);
    for (int i = 0; i < 3; i++) {
        receivers[i] = socket_bound(transport);
        addresses[i] = local_endpoint(receivers[i]);
    }
    for (int i = 2; i >= 0; i--) {
        char text[] = {'t', 'o', (char)('0' + i)};
        size_t sent = 0;
        assert_ok(do_send_to(sender, text, 3, SN_FLAG_NONE, &addresses[i], &sent));
        assert_int_equal(3, sent);
    }
    for (int i = 0; i < 3; i++) {
        char text[8];
        size_t received = 0;
        sn_endpoint sender_seen;
        assert_ok(do_receive_from(receivers[i], text, sizeof text, SN_FLAG_NONE, &sender_seen,
                                  &received));
        assert_int_equal(3, received);
        assert_int_equal('0' + i, text[2]);
        assert_same_endpoint(&from, &sender_seen);
        sn_socket_release(receivers[i]);
    }
    assert_false(sn_socket_is_connected(sender));
    sn_socket_release(sender);
}

/* A.4, B.8 "unbound socket"; trap 17 */
TEST(the_first_send_to_binds_the_socket)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_make(transport);
    sn_endpoint to = local_endpoint(receiver);
    assert_false(sn_socket_is_bound(sender));
    assert_false(has_local_endpoint(sender));
    assert_ok(do_send_to(sender, "x", 1, SN_FLAG_NONE, &to, NULL));
    assert_true(sn_socket_is_bound(sender));
    assert_false(sn_socket_is_connected(sender));
    assert_true(has_local_endpoint(sender));
    if (transport_is_ip(transport)) {
        sn_endpoint local = local_endpoint(sender), any = endpoint_wildcard(transport);
        assert_true(sn_endpoint_get_port(&local) > 0);
        assert_ok(sn_endpoint_set_port(&any, sn_endpoint_get_port(&local)));
        assert_same_endpoint(&any, &local); /* 0.0.0.0 with the port that the kernel chose */
    }
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* A.5; trap 15 */
TEST(the_wildcard_address_stays_after_a_send_to)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport);
    for (int read_before = 0; read_before <= 1; read_before++) {
        sn_socket *sender = socket_make(transport);
        sn_endpoint any = endpoint_wildcard(transport), to = local_endpoint(receiver);
        assert_ok(sn_socket_bind(sender, &any));
        sn_endpoint before = any;
        if (read_before)
            before = local_endpoint(sender);
        assert_ok(do_send_to(sender, "x", 1, SN_FLAG_NONE, &to, NULL));
        sn_endpoint after = local_endpoint(sender), received_from;
        if (!read_before)
            assert_ok(sn_endpoint_set_port(&before, sn_endpoint_get_port(&after)));
        assert_same_endpoint(&before, &after);
        char byte;
        size_t received = 0;
        assert_ok(do_receive_from(receiver, &byte, 1, SN_FLAG_NONE, &received_from, &received));
        assert_int_equal(sn_endpoint_get_port(&after), sn_endpoint_get_port(&received_from));
        sn_socket_release(sender);
    }
    sn_socket_release(receiver);
}

/* B.8 "broadcast address"; trap 18 */
TEST(a_broadcast_address_needs_permission)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    sn_endpoint everybody = endpoint_of(&SN_IPV4_BROADCAST, 9);
    row_begin("without permission");
    sn_error error = send_four_to(socket, &everybody);
    if (error != SN_ERROR_NETWORK_UNREACHABLE) /* a machine without any network has no way there */
        row_error(SN_ERROR_ACCESS_DENIED, error);
    row_equal(false, sn_socket_is_bound(socket));
    row_equal(false, has_local_endpoint(socket));
    /* The loopback network's own broadcast address never leaves this machine. */
    sn_endpoint loopback = endpoint_of_text("127.255.255.255:9");
    row_error(SN_ERROR_ACCESS_DENIED, send_four_to(socket, &loopback));
    row_begin("with permission");
    row_error(SN_OK, sn_socket_set_enable_broadcast(socket, true));
    row_error(SN_OK, send_four_to(socket, &loopback));
    row_equal(true, sn_socket_is_bound(socket));
    rows_end();
    sn_socket_release(socket);
}

/* B.8 "zero bytes", B.6 */
TEST(an_empty_datagram_is_sent)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from;
    size_t size = 77;
    assert_ok(do_send_to(sender, NULL, 0, SN_FLAG_NONE, &to, &size));
    assert_int_equal(0, size);
    assert_ok(do_send_to(sender, "", 0, SN_FLAG_NONE, &to, NULL));
    for (int i = 0; i < 2; i++) {
        char byte;
        size = 77;
        assert_ok(do_receive_from(receiver, &byte, 1, SN_FLAG_NONE, &from, &size));
        assert_int_equal(0, size);
    }
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* B.8 "connected datagram socket": the explicit address wins for this datagram */
TEST(a_connected_socket_may_send_elsewhere)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket *other = socket_bound(transport_of(state));
    sn_endpoint elsewhere = local_endpoint(other), peer = local_endpoint(pair.server);
    assert_ok(do_send_to(pair.client, "other", 5, SN_FLAG_NONE, &elsewhere, NULL));
    assert_ok(do_send(pair.client, "peer", 4, SN_FLAG_NONE, NULL));
    assert_receives(other, "other");
    assert_receives(pair.server, "peer");
    sn_endpoint remote = remote_endpoint(pair.client);
    assert_same_endpoint(&peer, &remote);
    assert_true(sn_socket_is_connected(pair.client));
    sn_socket_release(other);
    pair_release(&pair);
}

/* B.8 "connected TCP": the kernel ignores the address */
TEST(a_connected_stream_ignores_the_address)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_endpoint nowhere = endpoint_of(&SN_IPV4_LOOPBACK, 9),
                also = endpoint_of(&SN_IPV6_LOOPBACK, 9);
    size_t sent = 0;
    assert_ok(do_send_to(pair.client, "one", 3, SN_FLAG_NONE, &nowhere, &sent));
    assert_int_equal(3, sent);
    assert_ok(do_send_to(pair.client, "two", 3, SN_FLAG_NONE, &also, &sent));
    assert_receives(pair.server, "onetwo");
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

/* B.6 by way of B.8: on a stream everything is handed over, and the limit is the same */
TEST(a_stream_that_is_full_takes_a_send_to_no_longer)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_endpoint nowhere = endpoint_of(&SN_IPV4_LOOPBACK, 9);
    fill_for_good(pair.client);
    size_t sent = 77;
    assert_ok(sn_socket_set_send_timeout(pair.client, 10));
    assert_error(SN_ERROR_TIMED_OUT,
                 sn_socket_send_to(pair.client, "x", 1, SN_FLAG_NONE, &nowhere, &sent));
    set_blocking(pair.client, false);
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_send_to(pair.client, "x", 1, SN_FLAG_NONE, &nowhere, &sent));
    assert_int_equal(77, sent);
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

/* --- Addresses that do not fit --------------------------------------------------------------- */

enum socket_kind { UDP4, UDP6_ONLY, DUAL, UNIX_DGRAM, UNIX_STREAM_FRESH, TCP4_FRESH };

static sn_socket *socket_of_kind(enum socket_kind kind)
{
    sn_socket *dual = NULL;
    switch (kind) {
    case UDP4: return socket_make(UDP_IPV4);
    case UDP6_ONLY: return socket_make(UDP_IPV6);
    case UNIX_DGRAM: return socket_make(UNIX_DATAGRAM);
    case UNIX_STREAM_FRESH: return socket_make(UNIX_STREAM);
    case TCP4_FRESH: return socket_make(TCP_IPV4);
    case DUAL: break;
    }
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &dual));
    return dual;
}

/* B.8 "conversion"; trap 71. What the kernel says, as .NET reports it. */
TEST(an_address_that_the_kernel_refuses_gives_its_error_and_changes_nothing)
{
    static const char *const path = "/nowhere/at/all";
    static const struct {
        enum socket_kind kind;
        const char *to; /* text of an IP end point, or NULL: the path */
        sn_error error;
    } cases[] = {
        {UDP4, "127.0.0.1:9", SN_OK},
        {UDP4, "0.0.0.0:9", SN_OK},
        {UDP4, "[::1]:9", SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UDP4, "127.0.0.1:0", SN_ERROR_INVALID_ARGUMENT},
        {UDP4, NULL, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
        {UDP6_ONLY, "[::1]:9", SN_OK},
        {UDP6_ONLY, "127.0.0.1:9", SN_ERROR_NETWORK_UNREACHABLE}, /* trap 71 */
        {UDP6_ONLY, "[::ffff:127.0.0.1]:9", SN_ERROR_NETWORK_UNREACHABLE},
        {DUAL, "127.0.0.1:9", SN_OK},
        {DUAL, "[::ffff:127.0.0.1]:9", SN_OK},
        {DUAL, "[::1]:9", SN_OK},
        {UNIX_DGRAM, NULL, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {UNIX_DGRAM, "127.0.0.1:9", SN_ERROR_INVALID_ARGUMENT},
        {UNIX_STREAM_FRESH, NULL, SN_ERROR_OPERATION_NOT_SUPPORTED},
        {TCP4_FRESH, "127.0.0.1:9", SN_ERROR_SHUTDOWN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if ((cases[i].kind == UDP6_ONLY || cases[i].kind == DUAL) && !has_ipv6())
            continue;
        row_begin("case %zu, to %s", i, cases[i].to ? cases[i].to : path);
        sn_socket *socket = socket_of_kind(cases[i].kind);
        sn_endpoint to = cases[i].to ? endpoint_of_text(cases[i].to) : endpoint_of_path(path);
        sn_endpoint copy = to;
        row_error(cases[i].error, send_four_to(socket, &to));
        row_equal(cases[i].error == SN_OK, sn_socket_is_bound(socket));
        row_equal(cases[i].error == SN_OK, has_local_endpoint(socket));
        row_equal(false, sn_socket_is_connected(socket));
        row_equal(0, memcmp(&copy, &to, sizeof to)); /* mapping happens on the side */
        sn_socket_release(socket);
    }
    rows_end();
}

/* B.8: an address whose bytes were cut off */
TEST(a_truncated_address_is_refused)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_make(transport);
    sn_endpoint to = local_endpoint(receiver);
    size_t whole = 0;
    const void *bytes = sn_endpoint_get_sockaddr(&to, &whole);
    for (size_t size = 0; size < whole; size++) {
        row_begin("%zu of %zu bytes", size, whole);
        sn_endpoint cut = {0};
        /* Whatever is made of it, the kernel must not be led to send. */
        if (sn_endpoint_from_sockaddr(bytes, size, &cut) != SN_OK)
            continue;
        row_equal(true, send_four_to(sender, &cut) != SN_OK || size >= 24); /* 24: no scope */
    }
    rows_end();
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

/* B.6, B.8 */
TEST(a_datagram_that_is_too_long_is_refused)
{
    static const char block[70000];
    sn_socket *socket = socket_make(UDP_IPV4), *receiver = socket_bound(UDP_IPV4);
    sn_endpoint to = local_endpoint(receiver);
    size_t sent = 77;
    assert_error(SN_ERROR_MESSAGE_SIZE,
                 do_send_to(socket, block, sizeof block, SN_FLAG_NONE, &to, &sent));
    assert_error(SN_ERROR_MESSAGE_SIZE, do_send_to(socket, block, 65508, SN_FLAG_NONE, &to, &sent));
    assert_int_equal(77, sent);
    assert_ok(do_send_to(socket, block, 65507, SN_FLAG_NONE, &to, &sent));
    assert_int_equal(65507, sent);
    assert_false(is_readable(receiver) && available(receiver) != 65507);
    sn_socket_release(socket);
    sn_socket_release(receiver);
}

/* D.5 */
TEST(a_flag_that_cannot_be_given_to_a_send_to_is_refused)
{
    for (int bit = 0; bit < 32; bit++) {
        sn_flags flag = (sn_flags)1 << bit;
        if (flag & (SN_FLAG_DONT_WAIT | SN_FLAG_MORE | SN_FLAG_TRUNCATE | SN_FLAG_WAIT_ALL))
            continue; /* none of .NET's: native_flags_test.c */
        bool is_accepted = flag & (SN_FLAG_PEEK | SN_FLAG_DONT_ROUTE | SN_FLAG_TRUNCATED |
                                   SN_FLAG_CONTROL_DATA_TRUNCATED);
        row_begin("flag 0x%x", flag);
        sn_socket *socket = socket_make(UDP_IPV4), *receiver = socket_bound(UDP_IPV4);
        sn_endpoint to = local_endpoint(receiver);
        size_t sent = 77;
        /* OutOfBand passes the check, and the kernel refuses it for datagrams with the same error.
         */
        row_error(is_accepted ? SN_OK : SN_ERROR_OPERATION_NOT_SUPPORTED,
                  do_send_to(socket, "four", 4, flag, &to, &sent));
        row_equal(is_accepted ? 4 : 77, sent);
        row_equal(is_accepted, sn_socket_is_bound(socket));
        sn_socket_release(socket);
        sn_socket_release(receiver);
    }
    rows_end();
}

/* NULL: the sender is connected. */
static sn_error send_plainly(sn_socket *sender, const char *text, const sn_endpoint *to)
{
    return to ? sn_socket_send_to(sender, text, strlen(text), SN_FLAG_NONE, to, NULL)
              : sn_socket_send(sender, text, strlen(text), SN_FLAG_NONE, NULL);
}

struct late_send {
    sn_socket *sender;
    const sn_endpoint *to;
};

static sn_error send_late(void *context)
{
    const struct late_send *late = context;
    return send_plainly(late->sender, "late", late->to);
}

static void send_until_full(bool is_connected)
{
    sn_socket *receiver = socket_bound(UNIX_DATAGRAM), *sender = socket_make(UNIX_DATAGRAM);
    sn_endpoint bound = local_endpoint(receiver), *to = is_connected ? NULL : &bound;
    if (is_connected)
        assert_ok(sn_socket_connect(sender, &bound));
    set_blocking(sender, false);
    size_t queued = 0;
    sn_error error;
    while ((error = do_send_to(sender, "x", 1, SN_FLAG_NONE, &bound, NULL)) == SN_OK)
        queued++;
    assert_error(SN_ERROR_WOULD_BLOCK, error);
    assert_error(SN_ERROR_WOULD_BLOCK, send_plainly(sender, "x", to));
    set_blocking(sender, true);
    assert_ok(sn_socket_set_send_timeout(sender, 10));
    assert_error(SN_ERROR_TIMED_OUT, send_plainly(sender, "x", to));
    assert_ok(sn_socket_set_send_timeout(sender, 0));
    struct late_send late = {sender, to};
    struct thread thread;
    thread_start_blocked(&thread, send_late, &late);
    for (; queued > 0; queued--)
        assert_receives(receiver, "x");
    assert_ok(thread_join(&thread));
    assert_receives(receiver, "late");
    assert_ok(send_plainly(sender, "y", to));
    assert_receives(receiver, "y");
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

/* B.6, B.8: a Unix receiver whose queue is full makes the sender wait */
TEST(a_receiver_whose_queue_is_full_makes_the_sender_wait)
{
    send_until_full(false);
}

TEST(and_a_sender_that_is_connected_to_it)
{
    send_until_full(true);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UDP(a_datagram_goes_where_it_was_sent_to),
        CASE_ON(a_datagram_goes_where_it_was_sent_to, UNIX_DATAGRAM),
        ON_UDP(the_first_send_to_binds_the_socket),
        CASE_ON(the_first_send_to_binds_the_socket, UNIX_DATAGRAM),
        ON_UDP(the_wildcard_address_stays_after_a_send_to),
        CASE(a_broadcast_address_needs_permission),
        ON_UDP(an_empty_datagram_is_sent),
        CASE_ON(an_empty_datagram_is_sent, UNIX_DATAGRAM),
        ON_UDP(a_connected_socket_may_send_elsewhere),
        ON_TCP(a_connected_stream_ignores_the_address),
        CASE(a_stream_that_is_full_takes_a_send_to_no_longer),
        CASE(an_address_that_the_kernel_refuses_gives_its_error_and_changes_nothing),
        ON_UDP(a_truncated_address_is_refused),
        CASE(a_datagram_that_is_too_long_is_refused),
        CASE(a_flag_that_cannot_be_given_to_a_send_to_is_refused),
        CASE(a_receiver_whose_queue_is_full_makes_the_sender_wait),
        CASE(and_a_sender_that_is_connected_to_it),
    };
    return RUN(cases);
}
