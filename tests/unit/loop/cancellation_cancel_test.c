/* The home of a cancellation handle: the one worker whose operations are linked without a lock. */
#include "unit/engine/engines.h"

#include "loop/cancellation.h"
#include "loop/worker.h"
#include "socket/object/object.h"
#include "support/allocations.h"
#include "support/children.h"
#include "support/threads.h"

/* A receive that was started in a callback of the socket's own worker. */
struct waiting {
    sn_engine *engine;
    struct socket_pair pair;
    sn_operation post, receive;
    uint32_t started, completed;
    char byte;
};

static void start_receive(sn_operation *post)
{
    struct waiting *waiting = post->context;
    assert_true(sn_socket_receive_async(waiting->pair.server, &waiting->byte, 1, SN_FLAG_NONE,
                                        &waiting->receive));
    atomic_store_release(&waiting->started, 1u);
}

static void start_waiting(struct waiting *waiting, sn_cancellation *cancellation)
{
    waiting->receive = (sn_operation){
        .completed = count_completed, .context = &waiting->completed, .cancellation = cancellation};
    waiting->post = (sn_operation){.completed = start_receive, .context = waiting};
    waiting->started = waiting->completed = 0;
    sn_engine_post_async(waiting->engine, &waiting->post);
    if (sn_engine_get_thread_count(waiting->engine) > 0)
        wait_for_count(&waiting->started, 1);
    else
        assert_ok(run_until(waiting->engine, &waiting->post));
}

static void waiting_make(struct waiting *waiting, void **state, int threads)
{
    *waiting =
        (struct waiting){.engine = engine_of(state, threads), .pair = pair_connected(TCP_IPV4)};
    use_engine(waiting->pair.server, waiting->engine);
    /* A back-end of readiness has to know the socket first. */
    start_waiting(waiting, NULL);
    send_text(waiting->pair.client, "1");
    if (threads > 0)
        assert_ok(sn_operation_wait(&waiting->receive));
    else
        assert_ok(run_until(waiting->engine, &waiting->receive));
}

static void waiting_end(struct waiting *waiting)
{
    pair_release(&waiting->pair);
    if (sn_engine_get_thread_count(waiting->engine) == 0)
        run_ready(waiting->engine);
    destroy_engine(waiting->engine);
}

static struct worker *worker_of(const struct waiting *waiting)
{
    return waiting->pair.server->descriptor.worker;
}

static sn_cancellation *handle_make(void)
{
    sn_cancellation *handle = NULL;
    assert_ok(sn_cancellation_create(&handle));
    return handle;
}

TEST(the_first_worker_that_ties_an_operation_is_the_home)
{
    struct waiting first, second;
    waiting_make(&first, state, 0);
    waiting_make(&second, state, 0);
    sn_cancellation *handle = handle_make();
    assert_null(handle->home);
    start_waiting(&first, handle);
    start_waiting(&second, handle);
    assert_ptr_equal(handle->home, worker_of(&first));
    assert_int_equal(handle->home_count, 1);
    assert_false(list_is_empty(&handle->operations)); /* the other's is linked under the guard */
    sn_cancellation_cancel(handle);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(first.engine, &first.receive));
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(second.engine, &second.receive));
    assert_int_equal(handle->home_count, 0);
    assert_int_equal(handle->references, 1);
    sn_cancellation_release(handle);
    waiting_end(&first);
    waiting_end(&second);
}

TEST(what_completes_at_home_is_tied_no_more)
{
    struct waiting waiting;
    waiting_make(&waiting, state, 0);
    sn_cancellation *handle = handle_make();
    for (int i = 0; i < 3; i++) {
        start_waiting(&waiting, handle);
        assert_int_equal(handle->home_count, 1);
        send_text(waiting.pair.client, "x");
        assert_ok(run_until(waiting.engine, &waiting.receive));
        assert_int_equal(handle->home_count, 0);
    }
    start_waiting(&waiting, handle);
    sn_operation_cancel(&waiting.receive); /* alone */
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(waiting.engine, &waiting.receive));
    start_waiting(&waiting, handle);
    sn_socket_close(waiting.pair.server);
    assert_error(SN_ERROR_OPERATION_ABORTED, run_until(waiting.engine, &waiting.receive));
    assert_int_equal(handle->home_count, 0);
    assert_int_equal(handle->references, 1);
    sn_cancellation_release(handle);
    waiting_end(&waiting);
}

/* The last that has it is the operation. */
TEST(a_handle_that_is_released_stays_while_an_operation_is_at_home)
{
    struct waiting waiting;
    allocations_begin();
    waiting_make(&waiting, state, 0);
    sn_cancellation *handle = handle_make();
    start_waiting(&waiting, handle);
    sn_cancellation_release(handle);
    send_text(waiting.pair.client, "x");
    assert_ok(run_until(waiting.engine, &waiting.receive));
    handle = handle_make();
    start_waiting(&waiting, handle);
    sn_cancellation_cancel(handle);
    sn_cancellation_release(handle); /* and it is on its way to the worker still */
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(waiting.engine, &waiting.receive));
    waiting_end(&waiting);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

TEST(a_home_may_end_before_its_handle)
{
    struct waiting waiting, other;
    allocations_begin();
    waiting_make(&waiting, state, 0);
    sn_cancellation *handle = handle_make(), *unused = handle_make();
    start_waiting(&waiting, handle);
    destroy_engine(waiting.engine); /* with the operation at home */
    assert_error(SN_ERROR_OPERATION_ABORTED, waiting.receive.error);
    assert_int_equal(handle->home_count, 0);
    pair_release(&waiting.pair);
    waiting_make(&other, state, 0);
    start_waiting(&other, handle); /* no home is left to have: under the guard */
    sn_cancellation_cancel(handle);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(other.engine, &other.receive));
    start_waiting(&other, unused);
    send_text(other.pair.client, "x");
    assert_ok(run_until(other.engine, &other.receive));
    waiting_end(&other);
    sn_cancellation_cancel(unused); /* to nobody */
    assert_int_equal(unused->references, 1);
    sn_cancellation_release(unused);
    sn_cancellation_release(handle);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

struct child {
    struct waiting *waiting;
    void **state;
    sn_cancellation *handle;
};

/* Nothing of the parent's is tied there, and it gets a home of its own. */
static int use_in_child(void *context)
{
    struct child *child = context;
    sn_engine *engine = NULL;
    sn_engine_options options = {
        .backend = (sn_engine_backend)(intptr_t)*child->state,
    };
    sn_cancellation_cancel(child->handle);
    CHILD_EXPECT(sn_cancellation_is_canceled(child->handle));
    CHILD_EXPECT(child->handle->references == 1);
    CHILD_EXPECT(child->handle->home == NULL);
    CHILD_EXPECT(!sn_operation_is_completed(&child->waiting->receive));
    CHILD_EXPECT(!sn_engine_create(&options, &engine));
    sn_cancellation_release(child->handle);
    CHILD_EXPECT(!sn_engine_destroy(engine));
    return 0;
}

TEST(a_child_has_nothing_of_what_is_at_home_in_its_parent)
{
    struct waiting waiting;
    waiting_make(&waiting, state, 0);
    struct child child = {.waiting = &waiting, .state = state, .handle = handle_make()};
    start_waiting(&waiting, child.handle);
    assert_int_equal(child_run(use_in_child, &child), 0);
    assert_false(sn_operation_is_completed(&waiting.receive));
    sn_cancellation_cancel(child.handle);
    assert_error(SN_ERROR_OPERATION_CANCELED, run_until(waiting.engine, &waiting.receive));
    sn_cancellation_release(child.handle);
    waiting_end(&waiting);
}

/* --- Cancelled by another thread while operations come and go at home ------------------------- */

enum { ROUNDS = 300 };

struct loop {
    sn_socket *socket;
    sn_operation receive;
    uint32_t is_canceled;
    char byte;
};

/* Starts again and again, until the handle ends it. */
static void receive_again(sn_operation *operation)
{
    struct loop *loop = operation->context;
    if (operation->error) {
        atomic_store_release(&loop->is_canceled,
                             operation->error == SN_ERROR_OPERATION_CANCELED ? 1u : 2u);
        return;
    }
    sn_socket_receive_async(loop->socket, &loop->byte, 1, SN_FLAG_NONE, operation);
}

TEST(a_cancel_that_meets_starts_and_completions_ends_each_once)
{
    sn_engine *engine = engine_of(state, 1);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    use_engine(pair.server, engine);
    for (int i = 0; i < ROUNDS; i++) {
        struct loop loop = {.socket = pair.server};
        sn_cancellation *handle = handle_make();
        loop.receive =
            (sn_operation){.completed = receive_again, .context = &loop, .cancellation = handle};
        sn_socket_receive_async(pair.server, &loop.byte, 1, SN_FLAG_NONE, &loop.receive);
        for (int j = 0; j < i % 7; j++)
            send_text(pair.client, "x");
        sn_cancellation_cancel(handle);
        wait_for_count(&loop.is_canceled, 1);
        assert_int_equal(atomic_load_acquire(&loop.is_canceled), 1);
        sn_cancellation_release(handle);
    }
    pair_release(&pair);
    destroy_engine(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(the_first_worker_that_ties_an_operation_is_the_home),
        ON_BOTH(what_completes_at_home_is_tied_no_more),
        ON_BOTH(a_handle_that_is_released_stays_while_an_operation_is_at_home),
        ON_BOTH(a_home_may_end_before_its_handle),
        ON_BOTH(a_child_has_nothing_of_what_is_at_home_in_its_parent),
        ON_BOTH(a_cancel_that_meets_starts_and_completions_ends_each_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
