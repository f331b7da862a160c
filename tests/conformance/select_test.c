/*
 * Select (contract B.13): poll for lists of sockets.
 */
#include "conformance/urgent.h"
#include "support/run.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "support/threads.h"
#include "support/transfer_support.h"

/* Trap 80. */
TEST(select_keeps_the_ready_sockets_in_their_order)
{
    enum { COUNT = 6 };
    struct socket_pair pairs[COUNT];
    sn_socket *reads[COUNT], *writes[COUNT], *errors[COUNT];
    for (int i = 0; i < COUNT; i++) {
        pairs[i] = pair_connected(i % 2 ? UDP_IPV4 : TCP_IPV4);
        reads[i] = writes[i] = errors[i] = pairs[i].client;
        if (i == 1 || i == 2 || i == 5) {
            send_text(pairs[i].server, "data");
            wait_readable(pairs[i].client);
        }
    }
    sn_socket_list read = {reads, COUNT}, write = {writes, COUNT}, error = {errors, COUNT};
    assert_ok(sn_socket_select(&read, &write, &error, -1));
    assert_int_equal(3, read.count);
    assert_ptr_equal(pairs[1].client, reads[0]);
    assert_ptr_equal(pairs[2].client, reads[1]);
    assert_ptr_equal(pairs[5].client, reads[2]);
    assert_int_equal(COUNT, write.count);
    for (int i = 0; i < COUNT; i++)
        assert_ptr_equal(pairs[i].client, writes[i]);
    assert_int_equal(0, error.count);
    for (int i = 0; i < COUNT; i++)
        pair_release(&pairs[i]);
}

TEST(select_empties_the_lists_when_the_time_passes)
{
    sn_socket *a = socket_bound(UDP_IPV4), *b = socket_bound(UNIX_DATAGRAM);
    static const int times_us[] = {0, 1, 5000};
    for (size_t i = 0; i < COUNT_OF(times_us); i++) {
        sn_socket *reads[] = {a, b}, *errors[] = {b, a};
        sn_socket_list read = {reads, 2}, error = {errors, 2}, empty = {NULL, 0};
        assert_ok(sn_socket_select(&read, &empty, &error, times_us[i]));
        assert_int_equal(0, read.count);
        assert_int_equal(0, error.count);
    }
    sn_socket_release(a);
    sn_socket_release(b);
}

/* Trap 81. */
TEST(select_puts_urgent_data_into_the_error_list)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket *errors[] = {pair.server, pair.client};
    sn_socket_list error = {errors, 2};
    send_urgent(pair.server);
    assert_ok(sn_socket_select(NULL, NULL, &error, -1));
    assert_int_equal(1, error.count);
    assert_ptr_equal(pair.client, errors[0]);
    pair_release(&pair);
}

TEST(the_same_socket_may_stand_in_a_list_twice)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    sn_socket *reads[] = {pair.client, pair.server, pair.client};
    sn_socket_list read = {reads, 3};
    send_text(pair.server, "data");
    assert_ok(sn_socket_select(&read, NULL, NULL, -1));
    assert_int_equal(2, read.count);
    assert_ptr_equal(pair.client, reads[0]);
    assert_ptr_equal(pair.client, reads[1]);
    pair_release(&pair);
}

/* Trap 78. */
TEST(select_with_nothing_to_wait_for_is_refused)
{
    sn_socket_list empty = {NULL, 0};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(NULL, NULL, NULL, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&empty, NULL, &empty, -1));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&empty, &empty, &empty, -1));
}

TEST(select_with_a_missing_socket_is_refused)
{
    sn_socket *socket = socket_bound(UDP_IPV4);
    sn_socket *sockets[] = {socket, NULL};
    sn_socket_list list = {sockets, 2}, pointless = {NULL, 1};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&list, NULL, NULL, 0));
    assert_int_equal(2, list.count);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_select(&pointless, NULL, NULL, 0));
    sn_socket_release(socket);
}

/* Trap 78. */
TEST(a_list_of_more_than_65536_sockets_is_refused)
{
    sn_socket *socket = socket_bound(UDP_IPV4);
    size_t count = 65537;
    sn_socket **sockets = malloc(count * sizeof(*sockets));
    assert_non_null(sockets);
    for (size_t i = 0; i < count; i++)
        sockets[i] = socket;
    sn_socket_list list = {sockets, count};
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_select(NULL, &list, NULL, 0));
    assert_int_equal(count, list.count);
    free(sockets);
    sn_socket_release(socket);
}

TEST(more_sockets_than_fit_on_the_stack_are_selected)
{
    enum { COUNT = 300 };
    sn_socket *sockets[COUNT], *writes[COUNT], *reads[COUNT];
    for (int i = 0; i < COUNT; i++)
        sockets[i] = writes[i] = reads[i] = socket_bound(UDP_IPV4);
    sn_socket_list read = {reads, COUNT}, write = {writes, COUNT};
    assert_ok(sn_socket_select(&read, &write, NULL, -1));
    assert_int_equal(0, read.count);
    assert_int_equal(COUNT, write.count);
    assert_memory_equal(sockets, writes, sizeof writes);
    for (int i = 0; i < COUNT; i++)
        sn_socket_release(sockets[i]);
}

enum { MANY = 5000, FEW = 400 };

/* Sets how many descriptors the process may have; false where that is forbidden. */
static bool limit_descriptors(rlim_t count, struct rlimit *out_before)
{
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, out_before));
    struct rlimit wanted = *out_before;
    wanted.rlim_cur = count;
    return (wanted.rlim_max == RLIM_INFINITY || count <= wanted.rlim_max) &&
           setrlimit(RLIMIT_NOFILE, &wanted) == 0;
}

/* So many sockets in all three lists: every second can be read, all can be written to. */
static void check_select_of(size_t count)
{
    sn_socket **sockets = calloc(4 * count, sizeof *sockets);
    sn_socket *sender = socket_make(UDP_IPV4);
    for (size_t i = 0; i < count; i++) {
        sockets[i] = socket_bound(UDP_IPV4);
        sn_endpoint to = local_endpoint(sockets[i]);
        if (i % 2)
            assert_ok(sn_socket_send_to(sender, "x", 1, SN_FLAG_NONE, &to, NULL));
    }
    for (size_t i = 0; i < 3 * count; i++)
        sockets[count + i] = sockets[i % count];
    sn_socket_list read = {sockets + count, count}, write = {sockets + 2 * count, count};
    sn_socket_list error = {sockets + 3 * count, count};
    assert_ok(sn_socket_select(&read, &write, &error, -1));
    assert_int_equal(count / 2, read.count);
    for (size_t i = 0; i < count / 2; i++)
        assert_ptr_equal(sockets[2 * i + 1], read.sockets[i]);
    assert_int_equal(count, write.count);
    assert_memory_equal(sockets, write.sockets, count * sizeof *sockets);
    assert_int_equal(0, error.count);
    /* Nothing is ready any more but for reading. */
    read.count = error.count = count;
    memcpy(read.sockets, sockets, count * sizeof *sockets);
    memcpy(error.sockets, sockets, count * sizeof *sockets);
    assert_ok(sn_socket_select(&read, NULL, &error, -1));
    assert_int_equal(count / 2, read.count);
    assert_int_equal(0, error.count);
    for (size_t i = 0; i < count; i++)
        sn_socket_release(sockets[i]);
    sn_socket_release(sender);
    free(sockets);
}

TEST(thousands_of_sockets_are_selected)
{
    struct rlimit before;
    if (!limit_descriptors(MANY + 200, &before))
        SKIP("this user may not have %d descriptors", MANY + 200);
    check_select_of(MANY);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
}

/* The kernel polls no more entries than a process may have descriptors, and one socket may have an
 * entry in each list. */
TEST(the_lists_may_be_longer_than_the_limit_of_descriptors)
{
    struct rlimit before;
    if (!limit_descriptors(FEW + 200, &before))
        SKIP("the limit of descriptors cannot be changed");
    check_select_of(FEW);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
}

/* ... also while it waits: the entry of the thread's wake event is among them. */
TEST(a_select_of_long_lists_waits_and_is_woken)
{
    struct rlimit before;
    struct socket_pair pair = pair_connected(UDP_IPV4);
    sn_socket *sockets[3][FEW];
    sn_socket_list lists[3];
    if (!limit_descriptors(FEW - 200, &before))
        SKIP("the limit of descriptors cannot be changed");
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < FEW; k++)
            sockets[i][k] = k == FEW - 1 ? pair.server : pair.client;
        lists[i] = (sn_socket_list){sockets[i], FEW};
    }
    assert_ok(sn_socket_select(&lists[0], NULL, &lists[2], 1000));
    assert_int_equal(0, lists[0].count);
    lists[0].count = lists[2].count = FEW;
    for (int k = 0; k < FEW; k++)
        sockets[0][k] = sockets[2][k] = k == FEW - 1 ? pair.server : pair.client;
    send_text(pair.client, "x");
    assert_ok(sn_socket_select(&lists[0], &lists[1], &lists[2], -1));
    assert_int_equal(1, lists[0].count);
    assert_ptr_equal(pair.server, sockets[0][0]);
    assert_int_equal(FEW, lists[1].count);
    assert_int_equal(0, lists[2].count);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    pair_release(&pair);
}

TEST(select_with_a_closed_socket_leaves_the_lists_alone)
{
    sn_socket *open = socket_bound(UDP_IPV4), *closed = socket_bound(UDP_IPV4);
    sn_socket *reads[] = {open}, *writes[] = {open, closed};
    sn_socket_list read = {reads, 1}, write = {writes, 2};
    sn_socket_close(closed);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_select(&read, &write, NULL, 0));
    assert_int_equal(1, read.count);
    assert_int_equal(2, write.count);
    assert_ptr_equal(open, writes[0]);
    assert_ptr_equal(closed, writes[1]);
    sn_socket_release(open);
    sn_socket_release(closed);
}

struct selector {
    sn_socket *sockets[3];
    sn_socket_list list;
    struct thread thread;
};

static sn_error select_run(void *context)
{
    struct selector *selector = context;
    return sn_socket_select(&selector->list, NULL, NULL, -1);
}

TEST(a_blocked_select_ends_when_any_socket_becomes_ready)
{
    for (int which = 0; which < 3; which++) {
        struct socket_pair pairs[3] = {pair_connected(TCP_IPV4), pair_connected(UDP_IPV4),
                                       pair_connected(UNIX_STREAM)};
        struct selector selector = {.sockets = {pairs[0].client, pairs[1].client, pairs[2].client}};
        selector.list = (sn_socket_list){selector.sockets, 3};
        thread_start_blocked(&selector.thread, select_run, &selector);
        send_text(pairs[which].server, "data");
        assert_ok(thread_join(&selector.thread));
        assert_int_equal(1, selector.list.count);
        assert_ptr_equal(pairs[which].client, selector.sockets[0]);
        for (int i = 0; i < 3; i++)
            pair_release(&pairs[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(select_keeps_the_ready_sockets_in_their_order),
        CASE(select_empties_the_lists_when_the_time_passes),
        CASE(select_puts_urgent_data_into_the_error_list),
        CASE(the_same_socket_may_stand_in_a_list_twice),
        CASE(select_with_nothing_to_wait_for_is_refused),
        CASE(select_with_a_missing_socket_is_refused),
        CASE(a_list_of_more_than_65536_sockets_is_refused),
        CASE(more_sockets_than_fit_on_the_stack_are_selected),
        CASE(thousands_of_sockets_are_selected),
        CASE(the_lists_may_be_longer_than_the_limit_of_descriptors),
        CASE(a_select_of_long_lists_waits_and_is_woken),
        CASE(select_with_a_closed_socket_leaves_the_lists_alone),
        CASE(a_blocked_select_ends_when_any_socket_becomes_ready),
    };
    return RUN(cases);
}
