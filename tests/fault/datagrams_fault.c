/*
 * Receives of datagrams that wait one behind the other, over a scripted kernel: one call fills
 * them, and what it fails with is told once.
 *
 * In an order, since the library remembers what the kernel cannot do.
 */
#include "fault/engines.h"
#include "fault/kernel.h"

#include <errno.h>

#include "support/transfer_support.h"

enum { BURST = 32 };

struct datagrams {
    sn_engine *engine;
    struct socket_pair pair;
    sn_operation receives[BURST];
    char data[BURST][8];
};

static void datagrams_arrive(struct datagrams *datagrams, sn_engine_backend backend)
{
    memset(datagrams, 0, sizeof *datagrams);
    datagrams->pair = pair_connected(UDP_IPV4);
    assert_ok(create(backend, 0, &datagrams->engine));
    assert_ok(sn_socket_set_engine(datagrams->pair.client, datagrams->engine));
    for (int i = 0; i < BURST; i++)
        sn_socket_receive_async(datagrams->pair.client, datagrams->data[i], 8, SN_FLAG_NONE,
                                &datagrams->receives[i]);
    assert_ok(sn_engine_run(datagrams->engine, 0, NULL)); /* they wait */
    for (int i = 0; i < BURST; i++)
        send_text(datagrams->pair.server, "text");
}

static sn_error datagrams_take(struct datagrams *datagrams, int i)
{
    while (!sn_operation_is_completed(&datagrams->receives[i]))
        assert_ok(sn_engine_run(datagrams->engine, SN_FOREVER, NULL));
    return datagrams->receives[i].error;
}

static void datagrams_leave(struct datagrams *datagrams)
{
    pair_release(&datagrams->pair);
    kernel_reset();
    assert_ok(sn_engine_destroy(datagrams->engine));
}

static void count_datagrams(sn_engine_backend backend)
{
    struct datagrams datagrams;
    kernel_reset();
    datagrams_arrive(&datagrams, backend);
    for (int i = 0; i < BURST; i++)
        assert_ok(datagrams_take(&datagrams, i));
    assert_in_range(kernel_count(KERNEL_sys_receive_messages), 1, 3);
    assert_in_range(kernel_count(KERNEL_sys_receive), 0, 3);
    datagrams_leave(&datagrams);
}

TEST(receives_of_datagrams_that_wait_are_filled_by_one_call)
{
    count_datagrams(SN_ENGINE_BACKEND_EPOLL);
    if (has_io_uring())
        count_datagrams(SN_ENGINE_BACKEND_IO_URING);
}

static void fail_datagrams(sn_engine_backend backend, int32_t failure, sn_error first)
{
    struct datagrams datagrams;
    kernel_reset();
    kernel_fail_all(KERNEL_sys_receive_messages, failure);
    datagrams_arrive(&datagrams, backend);
    bool is_told = false;
    for (int i = 0; i < BURST && !is_told; i++) {
        sn_error error = datagrams_take(&datagrams, i);
        if (error)
            assert_int_equal(error, first);
        is_told = error != SN_OK;
    }
    assert_int_equal(is_told, first != SN_OK);
    assert_true(kernel_count(KERNEL_sys_receive_messages) > 0);
    datagrams_leave(&datagrams);
}

TEST(a_failure_of_receives_that_are_filled_together_is_the_first_ones)
{
    fail_datagrams(SN_ENGINE_BACKEND_EPOLL, -ECONNREFUSED, SN_ERROR_CONNECTION_REFUSED);
    fail_datagrams(SN_ENGINE_BACKEND_EPOLL, -EFAULT, SN_ERROR_FAULT);
    if (has_io_uring())
        fail_datagrams(SN_ENGINE_BACKEND_IO_URING, -ECONNREFUSED, SN_ERROR_CONNECTION_REFUSED);
}

/* The last of them, since the library remembers it. */
TEST(where_the_call_for_several_is_forbidden_each_makes_its_own)
{
    fail_datagrams(SN_ENGINE_BACKEND_EPOLL, -EPERM, SN_OK);
    if (!has_io_uring())
        return;
    struct datagrams datagrams;
    datagrams_arrive(&datagrams, SN_ENGINE_BACKEND_IO_URING);
    for (int i = 0; i < BURST; i++)
        assert_ok(datagrams_take(&datagrams, i));
    assert_int_equal(kernel_count(KERNEL_sys_receive_messages), 0);
    datagrams_leave(&datagrams);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(receives_of_datagrams_that_wait_are_filled_by_one_call),
        CASE(a_failure_of_receives_that_are_filled_together_is_the_first_ones),
        CASE(where_the_call_for_several_is_forbidden_each_makes_its_own),
    };
    return RUN(cases);
}
