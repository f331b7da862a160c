/*
 * What an asynchronous receive tells of a datagram (contract B.7, B.9): its bytes, its sender, and
 * the flags, however the kernel was asked for them.
 */
#include "support/async.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/descriptors.h"

enum { AFTERWARDS, BEFORE, BEFORE_AND_WAITED, ARRIVAL_COUNT };

/* Two sockets that know each other: `sender` is connected, and `receiver` too. */
static void open_both(enum transport transport, sn_socket **out_sender, sn_socket **out_receiver)
{
    sn_socket *sender = socket_bound(transport), *receiver = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from = local_endpoint(sender);
    assert_ok(sn_socket_connect(sender, &to));
    assert_ok(sn_socket_connect(receiver, &from));
    *out_sender = sender;
    *out_receiver = receiver;
}

/* One receive into a few bytes, of which the one behind must stay: its flags. */
static sn_flags receive_text(sn_socket *sender, sn_socket *receiver, const char *text, size_t size,
                             sn_endpoint *out_from, int arrival)
{
    char data[16];
    struct pending pending;
    pending_init(&pending);
    if (arrival == BEFORE_AND_WAITED)
        pending.operation.completed = NULL;
    memset(data, '#', sizeof data);
    if (arrival != AFTERWARDS)
        assert_ok(sn_socket_send(sender, text, strlen(text), SN_FLAG_NONE, NULL));
    if (out_from)
        sn_socket_receive_from_async(receiver, data, size, SN_FLAG_NONE, out_from,
                                     &pending.operation);
    else
        sn_socket_receive_async(receiver, data, size, SN_FLAG_NONE, &pending.operation);
    if (arrival == AFTERWARDS)
        assert_ok(sn_socket_send(sender, text, strlen(text), SN_FLAG_NONE, NULL));
    if (arrival == BEFORE_AND_WAITED)
        assert_ok(sn_operation_wait(&pending.operation));
    else
        assert_pending(SN_OK, &pending);
    size_t expected = strlen(text) < size ? strlen(text) : size;
    assert_int_equal(expected, pending.operation.transferred);
    assert_memory_equal(text, data, expected);
    assert_int_equal('#', data[expected]);
    return pending.operation.flags;
}

/* Trap 56. */
TEST(a_datagram_that_did_not_fit_is_told_to_be_truncated)
{
    sn_socket *sender, *receiver;
    open_both(transport_of(state), &sender, &receiver);
    sn_endpoint expected = local_endpoint(sender);
    for (int i = 0; i < 2 * ARRIVAL_COUNT; i++) {
        sn_endpoint from, *out_from = i % 2 ? &from : NULL;
        row_begin("%s, arrival %d", out_from ? "receive from" : "receive", i / 2);
        row_equal(SN_FLAG_TRUNCATED, receive_text(sender, receiver, "hello", 3, out_from, i / 2));
        row_equal(SN_FLAG_NONE, receive_text(sender, receiver, "hello", 5, out_from, i / 2));
        row_equal(SN_FLAG_NONE, receive_text(sender, receiver, "hello", 9, out_from, i / 2));
        if (out_from)
            assert_same_endpoint(&expected, &from);
    }
    rows_end();
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

static void ask_by_option(sn_socket **receiver)
{
    assert_ok(sn_socket_set_option(*receiver, SN_LEVEL_IP, SN_OPTION_PACKET_INFORMATION, 1));
}

static void ask_by_raw_option(sn_socket **receiver)
{
    int on = 1;
    assert_ok(sn_socket_set_raw_option(*receiver, IPPROTO_IP, IP_RECVTTL, &on, sizeof on));
}

static void ask_by_handle(sn_socket **receiver)
{
    int on = 1, handle = (int)sn_socket_get_handle(*receiver);
    assert_int_equal(0, setsockopt(handle, IPPROTO_IP, IP_RECVTTL, &on, sizeof on));
}

/* It is another object's from now on. */
static void ask_before_adoption(sn_socket **receiver)
{
    int on = 1;
    int handle = fcntl((int)sn_socket_get_handle(*receiver), F_DUPFD_CLOEXEC, 0);
    assert_int_equal(0, setsockopt(handle, IPPROTO_IP, IP_RECVTTL, &on, sizeof on));
    sn_socket_release(*receiver);
    assert_ok(sn_socket_from_handle(handle, true, receiver));
}

/* The kernel tells it of every control message that somebody has asked for, whoever it was. */
TEST(control_messages_that_had_no_room_are_told)
{
    static const struct {
        const char *name;
        void (*ask)(sn_socket **receiver);
    } rows[] = {
        {"by an option", ask_by_option},
        {"by a raw option", ask_by_raw_option},
        {"by the handle", ask_by_handle},
        {"before the adoption", ask_before_adoption},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_socket *sender, *receiver;
        open_both(UDP_IPV4, &sender, &receiver);
        rows[i].ask(&receiver);
        for (int arrival = 0; arrival < ARRIVAL_COUNT; arrival++) {
            const sn_flags both = SN_FLAG_CONTROL_DATA_TRUNCATED | SN_FLAG_TRUNCATED;
            sn_endpoint from;
            row_begin("%s, arrival %d", rows[i].name, arrival);
            row_equal(SN_FLAG_CONTROL_DATA_TRUNCATED,
                      receive_text(sender, receiver, "hello", 9, NULL, arrival));
            row_equal(both, receive_text(sender, receiver, "hello", 3, &from, arrival));
        }
        sn_socket_release(sender);
        sn_socket_release(receiver);
    }
    rows_end();
}

/* Also while the receive waits already, on either back-end. */
TEST(control_messages_that_are_asked_for_meanwhile_are_told)
{
    sn_socket *sender, *receiver;
    char data[8];
    struct pending pending;
    open_both(UDP_IPV4, &sender, &receiver);
    pending_init(&pending);
    sn_socket_receive_async(receiver, data, sizeof data, SN_FLAG_NONE, &pending.operation);
    ask_by_option(&receiver);
    assert_ok(sn_socket_send(sender, "hello", 5, SN_FLAG_NONE, NULL));
    assert_pending(SN_OK, &pending);
    assert_int_equal(SN_FLAG_CONTROL_DATA_TRUNCATED, pending.operation.flags);
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

TEST(an_option_that_asks_for_no_control_messages_changes_nothing)
{
    sn_socket *sender, *receiver;
    open_both(UDP_IPV4, &sender, &receiver);
    assert_ok(sn_socket_set_option(receiver, SN_LEVEL_SOCKET, SN_OPTION_BROADCAST, 1));
    for (int arrival = 0; arrival < ARRIVAL_COUNT; arrival++)
        assert_int_equal(SN_FLAG_TRUNCATED,
                         receive_text(sender, receiver, "hello", 3, NULL, arrival));
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

static void send_gift(sn_socket *sender)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec piece = {(void *)(uintptr_t) "gift", 4};
    struct msghdr gift = {.msg_iov = &piece, .msg_iovlen = 1};
    gift.msg_control = &control;
    gift.msg_controllen = sizeof control;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memset(CMSG_DATA(&control.header), 0, sizeof(int)); /* descriptor 0 */
    assert_int_equal(4, sendmsg((int)sn_socket_get_handle(sender), &gift, 0));
}

/* On a Unix socket nobody need have asked. */
TEST(a_descriptor_that_came_with_a_datagram_is_told_and_not_taken)
{
    sn_socket *sender, *receiver;
    open_both(UNIX_DATAGRAM, &sender, &receiver);
    for (int i = 0; i < 2; i++) {
        char data[16];
        sn_endpoint from;
        struct pending pending;
        pending_init(&pending);
        send_gift(sender);
        size_t before = descriptors_count();
        pending.operation.completed = NULL;
        if (i == 0)
            sn_socket_receive_async(receiver, data, sizeof data, SN_FLAG_NONE, &pending.operation);
        else
            sn_socket_receive_from_async(receiver, data, sizeof data, SN_FLAG_NONE, &from,
                                         &pending.operation);
        assert_ok(sn_operation_wait(&pending.operation));
        assert_int_equal(4, pending.operation.transferred);
        assert_int_equal(SN_FLAG_CONTROL_DATA_TRUNCATED, pending.operation.flags);
        assert_int_equal(before, descriptors_count());
    }
    sn_socket_release(sender);
    sn_socket_release(receiver);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_ON(a_datagram_that_did_not_fit_is_told_to_be_truncated, UNIX_DATAGRAM),
        ON_UDP(a_datagram_that_did_not_fit_is_told_to_be_truncated),
        CASE(control_messages_that_had_no_room_are_told),
        CASE(control_messages_that_are_asked_for_meanwhile_are_told),
        CASE(an_option_that_asks_for_no_control_messages_changes_nothing),
        CASE(a_descriptor_that_came_with_a_datagram_is_told_and_not_taken),
    };
    return RUN(cases);
}
