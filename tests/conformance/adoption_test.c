/*
 * Wrapping a descriptor that exists already (contract A.3; traps 7 to 11). The descriptors are made
 * with the system's own calls, as a program that hands them over would. What is expected of each
 * was asked of .NET 10 on Linux.
 */
#include "conformance/adoptions.h"
#include "support/run.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

static int raw_socket(int family, int type, int protocol)
{
    return socket(family, type | SOCK_CLOEXEC, protocol);
}

static void raw_pair(int type, int out_pair[2])
{
    assert_int_equal(0, socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, out_pair));
}

/* --- What is found out ----------------------------------------------------------------------- */

struct fresh {
    int family, type, protocol; /* of the system */
    sn_address_family found_family;
    sn_socket_type found_type;
    sn_protocol_type found_protocol;
    const char *local; /* NULL: not bound */
};

/* Trap 7: an unbound IP or Unix descriptor counts as bound. Trap 8: a family without a name is
 * taken. */
static const struct fresh fresh_rows[] = {
    {AF_INET, SOCK_STREAM, 0, SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, "0.0.0.0:0"},
    {AF_INET, SOCK_DGRAM, 0, SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, "0.0.0.0:0"},
    {AF_INET, SOCK_DGRAM, 136, SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP_LITE, "0.0.0.0:0"},
    {AF_INET6, SOCK_STREAM, 0, SN_FAMILY_IPV6, SN_TYPE_STREAM, SN_PROTOCOL_TCP, "[::]:0"},
    {AF_INET6, SOCK_DGRAM, 0, SN_FAMILY_IPV6, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, "[::]:0"},
    {AF_UNIX, SOCK_STREAM, 0, SN_FAMILY_UNIX, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED, ""},
    {AF_UNIX, SOCK_DGRAM, 0, SN_FAMILY_UNIX, SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED, ""},
    {AF_UNIX, SOCK_SEQPACKET, 0, SN_FAMILY_UNIX, SN_TYPE_SEQPACKET, SN_PROTOCOL_UNSPECIFIED, ""},
    {16 /* netlink */, SOCK_RAW, 0, SN_FAMILY_NETLINK, SN_TYPE_RAW, SN_PROTOCOL_UNSPECIFIED, NULL},
    {38 /* the kernel's algorithms */, SOCK_SEQPACKET, 0, SN_FAMILY_UNKNOWN, SN_TYPE_SEQPACKET,
     SN_PROTOCOL_UNSPECIFIED, NULL},
    {AF_INET, SOCK_RAW, 1, SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_ICMP, "0.0.0.0:1"},
    {AF_INET, SOCK_RAW, 50, SN_FAMILY_IPV4, SN_TYPE_RAW, SN_PROTOCOL_UNKNOWN, "0.0.0.0:50"},
    {AF_INET6, SOCK_RAW, 58, SN_FAMILY_IPV6, SN_TYPE_RAW, SN_PROTOCOL_ICMPV6, "[::]:58"},
    {AF_PACKET, SOCK_RAW, 0, SN_FAMILY_PACKET, SN_TYPE_RAW, SN_PROTOCOL_UNSPECIFIED, NULL},
};

static void check_local(sn_socket *adopted, const char *expected)
{
    char text[SN_ENDPOINT_TEXT_SIZE] = "";
    sn_endpoint local = {0}, remote = {0};
    row_error(SN_OK, sn_socket_get_local_endpoint(adopted, &local));
    row_error(SN_OK, sn_socket_get_remote_endpoint(adopted, &remote));
    row_equal(SN_ENDPOINT_NONE, sn_endpoint_get_kind(&remote));
    row_equal(expected != NULL, sn_socket_is_bound(adopted));
    if (!expected) {
        row_equal(SN_ENDPOINT_NONE, sn_endpoint_get_kind(&local));
        return;
    }
    row_error(SN_OK, sn_endpoint_format(&local, text, sizeof text));
    row_equal(0, strcmp(expected, text));
}

TEST(a_fresh_descriptor_is_recognised_by_family_type_and_protocol)
{
    for (size_t i = 0; i < COUNT_OF(fresh_rows); i++) {
        const struct fresh *row = &fresh_rows[i];
        int handle = raw_socket(row->family, row->type, row->protocol);
        if (handle < 0) {
            print_message("skipped row: no socket of family %d, type %d, protocol %d here\n",
                          row->family, row->type, row->protocol);
            continue;
        }
        row_begin("family %d, type %d, protocol %d", row->family, row->type, row->protocol);
        sn_socket *adopted = adopt(handle);
        row_equal(row->found_family, sn_socket_get_address_family(adopted));
        row_equal(row->found_type, sn_socket_get_socket_type(adopted));
        row_equal(row->found_protocol, sn_socket_get_protocol_type(adopted));
        row_equal(false, sn_socket_is_connected(adopted));
        row_equal(true, sn_socket_is_blocking(adopted));
        row_equal(handle, sn_socket_get_handle(adopted));
        check_local(adopted, row->local);
        sn_socket_release(adopted);
    }
    rows_end();
}

/* Trap 9. */
TEST(a_listening_descriptor_is_known_to_listen)
{
    int handle = raw_socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in loopback = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(0, bind(handle, (struct sockaddr *)&loopback, sizeof loopback));
    assert_int_equal(0, listen(handle, 4));
    sn_socket *listener = adopt(handle), *client = socket_make(TCP_IPV4), *server = NULL;
    sn_endpoint address = local_endpoint(listener);
    assert_error(SN_ERROR_INVALID_OPERATION, do_connect(listener, &address));
    assert_ok(do_connect(client, &address));
    assert_ok(do_accept(listener, &server));
    send_text(client, "there");
    assert_receives(server, "there");
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(a_descriptor_that_is_not_listening_does_not_accept)
{
    sn_socket *adopted = adopt(raw_socket(AF_INET, SOCK_STREAM, 0)), *server = NULL;
    assert_error(SN_ERROR_INVALID_OPERATION, do_accept(adopted, &server));
    sn_socket_release(adopted);
}

/* Trap 10, its first half. The second half (no longer connected once the other end is closed) is
 * not what Linux and .NET 10 do: the kernel still names the peer. */
TEST(the_ends_of_a_socketpair_are_connected_also_after_one_was_closed)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        int handles[2];
        raw_pair(types[i], handles);
        sn_socket *a = adopt(handles[0]), *b = adopt(handles[1]), *again = NULL;
        assert_true(sn_socket_is_bound(a));
        assert_true(sn_socket_is_connected(a));
        assert_true(sn_socket_is_connected(b));
        sn_endpoint remote = remote_endpoint(a);
        assert_int_equal(SN_ENDPOINT_UNIX, sn_endpoint_get_kind(&remote));
        send_text(a, "there");
        assert_receives(b, "there");
        sn_socket_release(b);
        assert_ok(sn_socket_from_handle(handles[0], false, &again));
        assert_true(sn_socket_is_connected(again));
        sn_socket_release(again);
        sn_socket_release(a);
    }
}

TEST(a_connected_tcp_descriptor_is_connected_and_knows_both_ends)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket *again = NULL;
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(pair.client), false, &again));
    assert_true(sn_socket_is_connected(again));
    assert_true(sn_socket_is_bound(again));
    sn_endpoint expected = local_endpoint(pair.client), actual = local_endpoint(again);
    assert_same_endpoint(&expected, &actual);
    expected = local_endpoint(pair.server);
    actual = remote_endpoint(again);
    assert_same_endpoint(&expected, &actual);
    /* The peer's orderly end does not change it, a reset does. */
    sn_socket_release(again);
    sn_socket_close(pair.server);
    wait_readable(pair.client);
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(pair.client), false, &again));
    assert_true(sn_socket_is_connected(again));
    sn_socket_release(again);
    pair_release(&pair);
}

TEST(a_reset_tcp_descriptor_is_not_connected)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_socket *again = NULL;
    assert_ok(sn_socket_close_within(pair.server, 0));
    wait_readable(pair.client);
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(pair.client), false, &again));
    assert_false(sn_socket_is_connected(again));
    sn_socket_release(again);
    pair_release(&pair);
}

/* --- Blocking -------------------------------------------------------------------------------- */

/* Decision 0001. .NET 10 reads true too, but refuses every blocking call until it is assigned. */
TEST(an_adopted_socket_waits_whatever_the_mode_of_its_descriptor)
{
    int handles[2];
    char byte;
    size_t received;
    raw_pair(SOCK_STREAM | SOCK_NONBLOCK, handles);
    sn_socket *a = adopt(handles[0]), *b = adopt(handles[1]);
    assert_true(sn_socket_is_blocking(a));
    assert_ok(sn_socket_set_receive_timeout(a, 1));
    assert_error(SN_ERROR_TIMED_OUT, do_receive(a, &byte, 1, SN_FLAG_NONE, &received));
    send_text(b, "there");
    assert_receives(a, "there");
    set_blocking(a, false);
    assert_receive_fails(a, SN_ERROR_WOULD_BLOCK);
    sn_socket_release(b);
    sn_socket_release(a);
}

static sn_error accept_one(void *listener)
{
    sn_socket *accepted = NULL;
    sn_error error = do_accept(listener, &accepted);
    sn_socket_release(accepted);
    return error;
}

/* As a program does that inherits its listener, or is sent it. */
TEST(a_descriptor_of_a_socket_of_ours_waits_when_it_is_adopted_again)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 1), *client = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(listener);
    sn_socket *again = adopt(dup(sn_socket_get_handle(listener)));
    struct thread thread;
    assert_true(sn_socket_is_blocking(again));
    thread_start_blocked(&thread, accept_one, again);
    assert_ok(sn_socket_connect(client, &address));
    assert_ok(thread_join(&thread));
    sn_socket_release(client);
    sn_socket_release(again);
    sn_socket_release(listener);
}

TEST(what_was_borrowed_is_given_back_as_it_was)
{
    for (int mode = 0; mode < 4; mode++) {
        int is_nonblocking = mode & 1, is_close_on_exec = mode >> 1, handles[2];
        sn_socket *borrower = NULL;
        row_begin("non-blocking %d, close-on-exec %d", is_nonblocking, is_close_on_exec);
        raw_pair(SOCK_STREAM, handles);
        row_equal(0, fcntl(handles[0], F_SETFL, is_nonblocking ? O_NONBLOCK : 0));
        row_equal(0, fcntl(handles[0], F_SETFD, is_close_on_exec ? FD_CLOEXEC : 0));
        row_error(SN_OK, sn_socket_from_handle(handles[0], false, &borrower));
        row_equal(true, descriptor_is_nonblocking(handles[0]));
        row_equal(true, descriptor_is_close_on_exec(handles[0]));
        row_error(SN_OK, do_send(borrower, "x", 1, SN_FLAG_NONE, NULL));
        sn_socket_release(borrower);
        engines_settle();
        row_equal(is_nonblocking, descriptor_is_nonblocking(handles[0]));
        row_equal(is_close_on_exec, descriptor_is_close_on_exec(handles[0]));
        close(handles[0]);
        close(handles[1]);
    }
    rows_end();
}

TEST(an_adopted_descriptor_becomes_non_blocking_and_close_on_exec)
{
    int handles[2];
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, handles));
    sn_socket *a = adopt(handles[0]), *b = adopt(handles[1]);
    assert_true(sn_socket_is_blocking(a));
    assert_true(descriptor_is_nonblocking(handles[0]));
    assert_true(descriptor_is_close_on_exec(handles[0]));
    sn_socket_release(a);
    sn_socket_release(b);
}

/* --- Ownership ------------------------------------------------------------------------------- */

TEST(closing_closes_the_descriptor_only_if_it_is_owned)
{
    int handles[2];
    raw_pair(SOCK_STREAM, handles);
    sn_socket *owning = NULL, *borrowing = NULL;
    assert_ok(sn_socket_from_handle(handles[0], false, &borrowing));
    assert_ok(sn_socket_close_within(borrowing, 0)); /* the time is ignored, too */
    assert_true(descriptor_is_open(handles[0]));
    assert_int_equal(1, write(handles[0], "x", 1));
    sn_socket_release(borrowing);
    assert_true(descriptor_is_open(handles[0]));
    assert_ok(sn_socket_from_handle(handles[0], true, &owning));
    sn_socket_close(owning);
    assert_false(descriptor_is_open(handles[0]));
    sn_socket_release(owning);
    close(handles[1]);
}

/* Trap 11 speaks of two objects over one handle *object*, which does not exist here. A descriptor
 * that is wrapped anew from its number starts with its own time limits (A.3). */
TEST(time_limits_belong_to_the_object)
{
    sn_socket *first = socket_make(UDP_IPV4), *second = NULL;
    sn_milliseconds timeout = -1;
    assert_ok(sn_socket_set_receive_timeout(first, 500));
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(first), false, &second));
    assert_ok(sn_socket_get_receive_timeout(second, &timeout));
    assert_int_equal(0, timeout);
    sn_socket_release(second);
    sn_socket_release(first);
}

/* --- Refusals -------------------------------------------------------------------------------- */

TEST(a_number_that_is_no_open_descriptor_is_refused)
{
    int closed = raw_socket(AF_INET, SOCK_DGRAM, 0);
    close(closed);
    sn_socket *adopted = NULL;
    assert_error(SN_ERROR_ARGUMENT, sn_socket_from_handle(SN_HANDLE_NONE, true, &adopted));
    assert_error(SN_ERROR_NOT_SOCKET, sn_socket_from_handle(closed, true, &adopted));
    assert_error(SN_ERROR_NOT_SOCKET, sn_socket_from_handle(closed, false, &adopted));
    assert_null(adopted);
}

TEST(a_refused_descriptor_is_still_the_callers)
{
    sn_socket *adopted = NULL;
    int handle = raw_socket(AF_INET, SOCK_STREAM, 0);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_from_handle(handle, true, NULL));
    allocations_begin();
    allocations_fail_nth(1);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_socket_from_handle(handle, true, &adopted));
    assert_int_equal(0, allocations_outstanding());
    allocations_end();
    assert_null(adopted);
    assert_true(descriptor_is_open(handle));
    close(handle);
}

/* As .NET 10 does it: an adopted descriptor is replaced like one that was made here (B.5.4). */
TEST(an_adopted_socket_connects_again_after_a_failed_connect)
{
    sn_socket *adopted = adopt(raw_socket(AF_INET, SOCK_STREAM, 0));
    sn_socket *refusing = socket_refusing(TCP_IPV4), *listener = socket_listening(TCP_IPV4, 1);
    sn_endpoint refused = local_endpoint(refusing), open = local_endpoint(listener);
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(adopted, &refused));
    assert_ok(do_connect(adopted, &open));
    sn_socket_release(adopted);
    sn_socket_release(refusing);
    sn_socket_release(listener);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_fresh_descriptor_is_recognised_by_family_type_and_protocol),
        CASE(a_listening_descriptor_is_known_to_listen),
        CASE(a_descriptor_that_is_not_listening_does_not_accept),
        CASE(the_ends_of_a_socketpair_are_connected_also_after_one_was_closed),
        ON_TCP(a_connected_tcp_descriptor_is_connected_and_knows_both_ends),
        ON_TCP(a_reset_tcp_descriptor_is_not_connected),
        CASE(an_adopted_socket_waits_whatever_the_mode_of_its_descriptor),
        CASE(a_descriptor_of_a_socket_of_ours_waits_when_it_is_adopted_again),
        CASE(what_was_borrowed_is_given_back_as_it_was),
        CASE(an_adopted_descriptor_becomes_non_blocking_and_close_on_exec),
        CASE(closing_closes_the_descriptor_only_if_it_is_owned),
        CASE(time_limits_belong_to_the_object),
        CASE(a_number_that_is_no_open_descriptor_is_refused),
        CASE(a_refused_descriptor_is_still_the_callers),
        CASE(an_adopted_socket_connects_again_after_a_failed_connect),
    };
    return RUN(cases);
}
