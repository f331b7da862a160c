/* Receives that wait for all of their buffer, among others of the same socket. */
#include "support/async.h"

TEST(receives_behind_it_get_what_comes_after)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending all, next;
    char whole[4], rest[8];
    pending_init(&all);
    pending_init(&next);
    sn_socket_receive_async(pair.server, whole, sizeof whole, SN_FLAG_WAIT_ALL, &all.operation);
    sn_socket_receive_async(pair.server, rest, sizeof rest, SN_FLAG_NONE, &next.operation);
    send_text(pair.client, "ab");
    send_text(pair.client, "cdef");
    assert_pending(SN_OK, &all);
    assert_int_equal(all.operation.transferred, 4);
    assert_pending(SN_OK, &next);
    assert_true(next.operation.transferred > 0);
    assert_memory_equal(whole, "abcd", 4);
    assert_memory_equal(rest, "ef", next.operation.transferred);
    pair_release(&pair);
}

TEST(a_limit_of_the_operation_gives_what_came)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending all;
    char whole[4];
    pending_init(&all);
    all.operation.timeout_ms = 5;
    send_text(pair.client, "ab");
    sn_socket_receive_async(pair.server, whole, sizeof whole, SN_FLAG_WAIT_ALL, &all.operation);
    assert_pending(SN_OK, &all);
    assert_int_equal(all.operation.transferred, 2);
    pair_release(&pair);
}

TEST(a_close_tells_what_came_beside_its_error)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct pending all;
    char whole[4];
    pending_init(&all);
    send_text(pair.client, "ab");
    sn_socket_receive_async(pair.server, whole, sizeof whole, SN_FLAG_WAIT_ALL, &all.operation);
    while (available(pair.server) > 0)
        (void)pending_count(&all);
    sn_socket_close(pair.server);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &all);
    assert_int_equal(all.operation.transferred, 2);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(receives_behind_it_get_what_comes_after),
        ON_STREAMS(a_limit_of_the_operation_gives_what_came),
        ON_STREAMS(a_close_tells_what_came_beside_its_error),
    };
    return RUN(cases);
}
