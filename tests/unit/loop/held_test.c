/* What a round starts leaves at its end, and before anything that its callbacks do behind it. */
#include "unit/loop/burst.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/children.h"
#include "support/threads.h"

static bool expects_several(const struct burst *burst)
{
    return burst->pair.client->descriptor.sends_several;
}

/* What the second round holds from the first send on. */
static void burst_again(struct burst *burst, void (*then)(struct burst *burst))
{
    burst_start(burst);
    assert_all_sent(burst);
    assert_true(expects_several(burst));
    burst->completed = 0;
    burst->then = then;
    burst_start(burst);
}

TEST(what_was_started_once_in_a_round_is_not_held)
{
    struct burst burst;
    burst_make(&burst, state);
    burst.count = 1;
    for (int i = 0; i < 3; i++) {
        burst_start(&burst);
        assert_all_sent(&burst);
        assert_false(expects_several(&burst));
        burst.completed = 0;
    }
    burst_end(&burst);
}

TEST(one_alone_behind_a_round_of_several_leaves_with_its_round)
{
    struct burst burst;
    burst_make(&burst, state);
    burst_again(&burst, NULL);
    assert_all_sent(&burst);
    burst.count = 1;
    burst.completed = 0;
    burst_start(&burst);
    assert_all_sent(&burst);
    assert_false(expects_several(&burst));
    burst_end(&burst);
}

TEST(a_shutdown_in_the_callback_comes_behind_its_sends)
{
    struct burst burst;
    burst_make(&burst, state);
    burst_again(&burst, shut);
    assert_all_sent(&burst);
    assert_end_of_stream(&burst);
    burst_end(&burst);
}

static void end_connection(struct burst *burst)
{
    assert_ok(sn_socket_disconnect(burst->pair.client, true));
}

TEST(a_disconnect_in_the_callback_comes_behind_its_sends)
{
    struct burst burst;
    burst_make(&burst, state);
    burst_again(&burst, end_connection);
    assert_all_sent(&burst);
    assert_end_of_stream(&burst);
    burst_end(&burst);
}

static void cancel(struct burst *burst)
{
    sn_socket_cancel(burst->pair.client);
}

TEST(a_cancel_in_the_callback_finds_its_sends_done)
{
    struct burst burst;
    burst_make(&burst, state);
    burst_again(&burst, cancel);
    assert_all_sent(&burst);
    burst_end(&burst);
}

/* The shutdown has them sent, all in one row; so the cancels come too late. */
static void cancel_some(struct burst *burst)
{
    static const size_t some[] = {0, 5, 6, 20, SENDS - 1};
    assert_ok(sn_socket_shutdown(burst->pair.client, SN_SHUTDOWN_RECEIVE));
    for (size_t i = 0; i < array_count(some); i++)
        sn_operation_cancel(&burst->sends[some[i]]);
}

TEST(a_cancel_of_some_that_were_sent_together_changes_nothing)
{
    struct burst burst;
    burst_make(&burst, state);
    burst_again(&burst, cancel_some);
    assert_all_sent(&burst);
    assert_int_equal(burst.pair.client->descriptor.lanes[DIRECTION_OUT], 0);
    assert_closes(burst.engine, burst.pair.client);
    burst_end(&burst);
}

TEST(a_close_in_the_callback_comes_behind_its_sends)
{
    struct burst burst;
    burst_make(&burst, state);
    burst_again(&burst, close_client);
    assert_all_sent(&burst);
    assert_end_of_stream(&burst);
    burst_end(&burst);
}

/* Of a fork while sends are held the child knows nothing: it sends by an engine of its own. */
static int send_in_child(void *context)
{
    struct burst *burst = context;
    sn_operation send = {0};
    sn_engine *engine = NULL;
    CHILD_EXPECT(!sn_engine_create(NULL, &engine));
    CHILD_EXPECT(!sn_socket_set_engine(burst->pair.client, engine));
    sn_socket_send_async(burst->pair.client, "child", 5, SN_FLAG_NONE, &send);
    CHILD_EXPECT(sn_operation_wait_for(&send, 60000) == SN_OK);
    sn_socket_close(burst->pair.client);
    return 0;
}

static int status_of_child;

static void run_child(struct burst *burst)
{
    status_of_child = child_run(send_in_child, burst);
}

TEST(a_child_sends_by_itself_what_its_parent_does_not_hold)
{
    struct burst burst;
    char received[5];
    burst_make(&burst, state);
    burst_again(&burst, run_child);
    assert_int_equal(status_of_child, 0);
    receive_exactly(burst.pair.server, received, sizeof received); /* before what is held */
    assert_memory_equal(received, "child", 5);
    assert_all_sent(&burst);
    burst_end(&burst);
}

/* A copy of the engine, whose callback returns in the child, must not send what was held. */
static pid_t child;

static void fork_here(struct burst *burst)
{
    (void)burst;
    child = fork();
    if (child == 0)
        alarm(60);
}

TEST(a_child_forked_in_the_callback_sends_nothing_of_it)
{
    struct burst burst;
    int status = -1;
    burst_make(&burst, state);
    burst_start(&burst);
    assert_all_sent(&burst);
    burst.completed = 0;
    burst.then = fork_here;
    burst.post = (sn_operation){.completed = start_all, .context = &burst};
    sn_engine_post_async(burst.engine, &burst.post);
    sn_error error = SN_OK;
    while (!error && !sn_operation_is_completed(&burst.post))
        error = sn_engine_run(burst.engine, SN_FOREVER, NULL);
    if (child == 0)
        _exit(error == SN_ERROR_INVALID_OPERATION ? 0 : 1);
    assert_ok(error);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_all_sent(&burst);
    shut(&burst);
    assert_end_of_stream(&burst);
    burst_end(&burst);
}

TEST(a_reset_is_told_to_the_first_of_them)
{
    struct burst burst;
    char byte;
    sn_operation receive = {0};
    burst_make(&burst, state);
    burst_start(&burst);
    for (size_t i = 0; i < SENDS; i++)
        assert_ok(run_until(burst.engine, &burst.sends[i]));
    sn_socket_close(burst.pair.server); /* with data unread */
    struct sys_poll reset = {.handle = socket_handle(burst.pair.client), .events = POLLIN};
    assert_int_equal(sys_poll(&reset, 1, SYS_NEVER), 1);
    burst.completed = 0;
    burst_start(&burst);
    assert_error(SN_ERROR_CONNECTION_RESET, run_until(burst.engine, &burst.sends[0]));
    for (size_t i = 1; i < SENDS; i++)
        assert_error(SN_ERROR_SHUTDOWN, run_until(burst.engine, &burst.sends[i]));
    sn_socket_receive_async(burst.pair.client, &byte, 1, SN_FLAG_NONE, &receive);
    assert_ok(run_until(burst.engine, &receive)); /* the reset was told */
    assert_int_equal(receive.transferred, 0);
    burst_end(&burst);
}

/* More sockets than the worker notes: the others leave at once. */
TEST(of_many_sockets_each_sends_its_own)
{
    enum { PAIRS = HELD_MAX + 6 };
    static struct burst bursts[PAIRS];
    sn_engine *engine = engine_of(state, 0);
    for (size_t i = 0; i < PAIRS; i++) {
        burst_make_on(&bursts[i], engine);
        bursts[i].count = 3;
    }
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < PAIRS; i++) {
            bursts[i].completed = 0;
            bursts[i].post = (sn_operation){.completed = start_all, .context = &bursts[i]};
            sn_engine_post_async(engine, &bursts[i].post);
        }
        for (size_t i = 0; i < PAIRS; i++) {
            assert_ok(run_until(engine, &bursts[i].post));
            assert_all_sent(&bursts[i]);
        }
    }
    for (size_t i = 0; i < PAIRS; i++)
        pair_release(&bursts[i].pair);
    run_ready(engine);
    destroy_engine(engine);
}

/* From another thread: in the order of its calls, though they come out of the inbox together. */
static sn_error start_here(void *context)
{
    struct burst *burst = context;
    for (size_t i = 0; i < SENDS; i++)
        start_one(burst, i);
    return SN_OK;
}

TEST(sends_of_another_thread_leave_in_order)
{
    struct burst burst;
    struct thread thread;
    burst_make(&burst, state);
    thread_start(&thread, start_here, &burst);
    assert_ok(thread_join(&thread));
    assert_all_sent(&burst);
    burst_end(&burst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(what_was_started_once_in_a_round_is_not_held),
        ON_BOTH(one_alone_behind_a_round_of_several_leaves_with_its_round),
        ON_BOTH(a_shutdown_in_the_callback_comes_behind_its_sends),
        ON_BOTH(a_disconnect_in_the_callback_comes_behind_its_sends),
        ON_BOTH(a_cancel_in_the_callback_finds_its_sends_done),
        ON_BOTH(a_cancel_of_some_that_were_sent_together_changes_nothing),
        ON_BOTH(a_close_in_the_callback_comes_behind_its_sends),
        ON_BOTH(a_child_sends_by_itself_what_its_parent_does_not_hold),
        ON_BOTH(a_child_forked_in_the_callback_sends_nothing_of_it),
        ON_BOTH(a_reset_is_told_to_the_first_of_them),
        ON_BOTH(of_many_sockets_each_sends_its_own),
        ON_BOTH(sends_of_another_thread_leave_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
