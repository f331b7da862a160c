/*
 * Batches over a kernel that takes fewer than it was given, refuses one in the middle, will not
 * cut, or does not make the calls for several messages: nothing is lost, nothing goes twice, and
 * the first one that is wrong is named.
 *
 * In an order, since the library remembers what the kernel cannot do: the last tests are those in
 * which it forbids the calls.
 */
#include "fault/kernel.h"

#include <errno.h>

#include "support/run.h"
#include "support/sockets.h"
#include "support/verbs.h"

enum { COUNT = 100, SIZE = 40 };

static struct socket_pair pair;
static char bytes[COUNT][SIZE], room[COUNT][SIZE];
static sn_datagram out[COUNT], in[COUNT];
static sn_endpoint senders[COUNT];
static size_t moved;

/* Every second one is shorter, so that no more than two leave together; or all are of one size. */
static void set_records(bool is_one_size)
{
    memset(in, 0, sizeof in);
    memset(room, 0, sizeof room);
    for (int i = 0; i < COUNT; i++) {
        snprintf(bytes[i], SIZE, "%d", i);
        out[i] = (sn_datagram){.buffer = {bytes[i], is_one_size ? SIZE : SIZE - (size_t)i % 2}};
        in[i] = (sn_datagram){.buffer = {room[i], SIZE}, .endpoint = &senders[i]};
    }
    moved = 77;
}

static void open_room(bool is_one_size)
{
    kernel_reset();
    pair = pair_connected(UDP_IPV4);
    set_records(is_one_size);
}

static void close_room(void)
{
    kernel_reset();
    pair_release(&pair);
}

/* Exactly these have arrived, in order. */
static void assert_arrived(size_t first, size_t count)
{
    size_t got = 0;
    for (size_t total = 0; total < count; total += got) {
        assert_ok(sn_socket_receive_batch(pair.server, &in[first + total], count - total, 0, &got));
        assert_in_range(got, 1, count - total);
    }
    for (size_t i = first; i < first + count; i++) {
        assert_int_equal(in[i].transferred, out[i].buffer.size);
        assert_memory_equal(room[i], bytes[i], in[i].transferred);
    }
    set_blocking(pair.server, false);
    assert_error(SN_ERROR_WOULD_BLOCK, sn_socket_receive_batch(pair.server, in, 1, 0, &got));
    set_blocking(pair.server, true);
}

TEST(a_call_that_takes_fewer_is_followed_by_others)
{
    for (uint32_t limit = 1; limit < 9; limit += 3) {
        open_room(limit == 4);
        kernel_limit_messages(limit);
        assert_ok(do_send_batch(pair.client, out, COUNT, 0, &moved));
        assert_int_equal(moved, COUNT);
        assert_arrived(0, COUNT);
        close_room();
    }
}

TEST(an_error_in_the_middle_is_told_with_what_has_gone)
{
    static const struct {
        int native;
        sn_error error;
    } rows[] = {{EPIPE, SN_ERROR_SHUTDOWN},
                {ENETUNREACH, SN_ERROR_NETWORK_UNREACHABLE},
                {EHOSTUNREACH, SN_ERROR_HOST_UNREACHABLE},
                {EACCES, SN_ERROR_ACCESS_DENIED}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        open_room(false);
        kernel_limit_messages(10);
        kernel_fail_nth(KERNEL_sys_send_messages, 2, -rows[i].native);
        assert_error(rows[i].error, do_send_batch(pair.client, out, COUNT, 0, &moved));
        assert_in_range(moved, 10, 20); /* ten messages, of one record or two each */
        assert_error(rows[i].error, out[moved].error);
        assert_ok(out[moved - 1].error);
        assert_ok(out[moved + 1].error);
        assert_arrived(0, moved);
        size_t first = moved;
        assert_ok(do_send_batch(pair.client, &out[first], COUNT - first, 0, &moved));
        assert_int_equal(moved, COUNT - first);
        assert_arrived(first, COUNT - first);
        close_room();
    }
}

TEST(a_kernel_that_will_not_cut_gets_them_one_by_one)
{
    static const int natives[] = {EINVAL, EMSGSIZE, EIO, ENOPROTOOPT, EOPNOTSUPP, ENOBUFS, ENOMEM};
    for (size_t i = 0; i < sizeof natives / sizeof *natives; i++) {
        open_room(true);
        kernel_fail_nth(KERNEL_sys_send_messages, 1, -natives[i]);
        assert_ok(do_send_batch(pair.client, out, COUNT, 0, &moved));
        assert_int_equal(moved, COUNT);
        for (size_t k = 0; k < COUNT; k++)
            assert_ok(out[k].error);
        assert_arrived(0, COUNT);
        /* The next batch of the size is not tried in vain. */
        unsigned before = kernel_count(KERNEL_sys_send_messages);
        assert_ok(do_send_batch(pair.client, out, COUNT, 0, &moved));
        bool is_forgotten = natives[i] == ENOBUFS || natives[i] == ENOMEM;
        assert_int_equal(kernel_count(KERNEL_sys_send_messages) - before, is_forgotten ? 1 : 2);
        assert_arrived(0, COUNT);
        close_room();
    }
}

/* The same error of the same bytes without the kernel's help: then it is about them. */
TEST(an_error_that_stays_without_cutting_is_the_record_s)
{
    open_room(true);
    kernel_fail_all(KERNEL_sys_send_messages, -EMSGSIZE);
    assert_error(SN_ERROR_MESSAGE_SIZE, do_send_batch(pair.client, out, COUNT, 0, &moved));
    assert_int_equal(moved, 0);
    assert_error(SN_ERROR_MESSAGE_SIZE, out[0].error);
    kernel_reset();
    assert_ok(do_send_batch(pair.client, out, COUNT, 0, &moved));
    assert_int_equal(kernel_count(KERNEL_sys_send_messages), 1); /* cut by the kernel */
    assert_arrived(0, COUNT);
    close_room();
}

TEST(a_batch_that_would_block_now_goes_on_later)
{
    open_room(false);
    kernel_limit_messages(10);
    kernel_fail_nth(KERNEL_sys_send_messages, 3, -EAGAIN);
    assert_ok(do_send_batch(pair.client, out, COUNT, 0, &moved));
    assert_int_equal(moved, COUNT);
    assert_arrived(0, COUNT);
    close_room();
}

TEST(an_error_of_a_receive_is_told_and_loses_no_datagram)
{
    open_room(false);
    assert_ok(do_send_batch(pair.client, out, COUNT, 0, &moved));
    /* The second call of this one: the first 64 have come. */
    kernel_fail_nth(KERNEL_sys_receive_messages, 2, -ECONNREFUSED);
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_receive_batch(pair.server, in, COUNT, 0, &moved));
    assert_int_equal(moved, 64);
    assert_error(SN_ERROR_CONNECTION_REFUSED, in[64].error);
    for (size_t i = 0; i < 64; i++)
        assert_memory_equal(room[i], bytes[i], in[i].transferred);
    assert_arrived(64, COUNT - 64);
    close_room();
}

/* --- The calls are forbidden ------------------------------------------------------------------ */

/* A firewall's refusal is the record's, and says nothing about the call. */
TEST(a_refusal_that_the_plain_call_gives_too_is_the_record_s)
{
    open_room(false);
    kernel_fail_nth(KERNEL_sys_send_messages, 1, -EPERM);
    kernel_fail_nth(KERNEL_sys_send_message, 1, -EPERM);
    assert_error(sn_error_from_native(EPERM), do_send_batch(pair.client, out, COUNT, 0, &moved));
    assert_int_equal(moved, 0);
    unsigned before = kernel_count(KERNEL_sys_send_messages);
    assert_ok(do_send_batch(pair.client, out, COUNT, 0, &moved));
    assert_true(kernel_count(KERNEL_sys_send_messages) > before);
    assert_arrived(0, COUNT);
    close_room();
}

TEST(where_the_calls_are_forbidden_every_message_is_a_call)
{
    static const int natives[] = {EPERM, ENOSYS};
    for (size_t i = 0; i < 2; i++) {
        open_room(i == 1);
        kernel_fail_all(KERNEL_sys_send_messages, -natives[i]);
        kernel_fail_all(KERNEL_sys_receive_messages, -natives[i]);
        assert_ok(do_send_batch(pair.client, out, COUNT, 0, &moved));
        assert_int_equal(moved, COUNT);
        assert_true(kernel_count(KERNEL_sys_send_message) > 0);
        assert_arrived(0, COUNT);
        for (size_t k = 0; k < COUNT; k++)
            assert_int_equal(SN_ENDPOINT_IP, sn_endpoint_get_kind(&senders[k]));
        close_room();
    }
    /* Remembered: nobody asks again. */
    open_room(false);
    assert_ok(do_send_batch(pair.client, out, COUNT, 0, &moved));
    assert_arrived(0, COUNT);
    assert_int_equal(kernel_count(KERNEL_sys_send_messages), 0);
    assert_int_equal(kernel_count(KERNEL_sys_receive_messages), 0);
    /* An error is told at once here. */
    kernel_fail_nth(KERNEL_sys_send_message, 4, -EACCES);
    assert_error(SN_ERROR_ACCESS_DENIED, do_send_batch(pair.client, out, COUNT, 0, &moved));
    assert_in_range(moved, 3, 6);
    assert_error(SN_ERROR_ACCESS_DENIED, out[moved].error);
    assert_arrived(0, moved);
    close_room();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_call_that_takes_fewer_is_followed_by_others),
        CASE(an_error_in_the_middle_is_told_with_what_has_gone),
        CASE(a_kernel_that_will_not_cut_gets_them_one_by_one),
        CASE(an_error_that_stays_without_cutting_is_the_record_s),
        CASE(a_batch_that_would_block_now_goes_on_later),
        CASE(an_error_of_a_receive_is_told_and_loses_no_datagram),
        CASE(a_refusal_that_the_plain_call_gives_too_is_the_record_s),
        CASE(where_the_calls_are_forbidden_every_message_is_a_call),
    };
    return RUN(cases);
}
