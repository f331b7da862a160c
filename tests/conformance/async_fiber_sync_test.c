/*
 * What joins fibers and threads: locks, channels, groups. Each of their waits is told, is ended as
 * every other, and is none of the parent's that a forked child has to care about.
 */
#include <sched.h>

#include "conformance/forks.h"
#include "support/allocations.h"
#include "support/children.h"
#include "support/transfer_support.h"

/* --- The waits -------------------------------------------------------------------------------- */

/* All are such that nobody can go on: the test has the mutex, and there is nothing to be had. */
struct scene {
    sn_engine *engine;
    sn_mutex mutex, own;
    sn_condition condition;
    sn_semaphore semaphore;
    sn_channel *channel; /* without room */
    sn_fiber_group *group;
    sn_milliseconds timeout_ms;
};

static sn_error sleep_long(void *context)
{
    (void)context;
    return sn_fiber_sleep(SN_FOREVER);
}

static void scene_open(struct scene *scene, int threads)
{
    const sn_engine_options options = {.threads = threads};
    *scene = (struct scene){.timeout_ms = SN_FOREVER};
    assert_ok(sn_engine_create(&options, &scene->engine));
    assert_ok(sn_mutex_acquire(&scene->mutex, SN_FOREVER));
    assert_ok(sn_channel_create(0, 1, &scene->channel));
    assert_ok(sn_fiber_group_create(NULL, NULL, &scene->group));
    assert_ok(sn_fiber_group_start(scene->group, sleep_long, NULL, NULL, NULL));
}

static void scene_close(struct scene *scene)
{
    assert_ok(sn_mutex_release(&scene->mutex));
    sn_channel_release(scene->channel);
    sn_fiber_group_cancel(scene->group);
    assert_ok(sn_fiber_group_join(scene->group, SN_FOREVER, NULL));
    sn_fiber_group_release(scene->group);
    assert_ok(sn_engine_destroy(scene->engine));
}

static sn_error wait_lock(void *context)
{
    struct scene *scene = context;
    return sn_mutex_acquire(&scene->mutex, scene->timeout_ms);
}

static sn_error wait_condition(void *context)
{
    struct scene *scene = context;
    sn_error error = sn_mutex_acquire(&scene->own, SN_FOREVER);
    if (error)
        return error;
    error = sn_condition_wait(&scene->condition, &scene->own, scene->timeout_ms);
    return sn_mutex_release(&scene->own) ? SN_ERROR_FAULT : error;
}

static sn_error wait_semaphore(void *context)
{
    struct scene *scene = context;
    return sn_semaphore_acquire(&scene->semaphore, 1, scene->timeout_ms);
}

static sn_error wait_send(void *context)
{
    struct scene *scene = context;
    return sn_channel_send(scene->channel, "x", scene->timeout_ms);
}

static sn_error wait_receive(void *context)
{
    struct scene *scene = context;
    char element;
    return sn_channel_receive(scene->channel, &element, scene->timeout_ms);
}

static sn_error wait_group(void *context)
{
    struct scene *scene = context;
    return sn_fiber_group_join(scene->group, scene->timeout_ms, NULL);
}

static const struct {
    const char *name, *told;
    thread_function wait;
} waits[] = {
    {"mutex", "Lock", wait_lock},
    {"condition", "Condition", wait_condition},
    {"semaphore", "Semaphore", wait_semaphore},
    {"send", "Channel", wait_send},
    {"receive", "Channel", wait_receive},
    {"group", "Group", wait_group},
};

static sn_fiber *start_waiting(struct scene *scene, size_t i)
{
    sn_fiber_info info = {.waits_for = ""};
    sn_fiber *fiber;
    assert_ok(sn_fiber_start(scene->engine, waits[i].wait, scene, NULL, &fiber));
    while (info.state != SN_FIBER_WAITING || strcmp(info.waits_for, waits[i].told) != 0) {
        assert_ok(sn_fiber_get_info(fiber, &info));
        assert_true(info.state != SN_FIBER_OVER);
        sched_yield();
    }
    assert_int_equal(SN_HANDLE_NONE, info.handle);
    return fiber;
}

static sn_error join_result(sn_fiber *fiber)
{
    sn_error result = SN_ERROR_FAULT;
    assert_ok(sn_fiber_join(fiber, SN_FOREVER, &result));
    sn_fiber_release(fiber);
    return result;
}

/* --- What ends them --------------------------------------------------------------------------- */

TEST(a_cancel_of_the_fiber_ends_each_wait)
{
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        struct scene scene;
        row_begin("%s", waits[i].name);
        scene_open(&scene, 1);
        sn_fiber *fiber = start_waiting(&scene, i);
        sn_fiber_cancel(fiber);
        row_error(SN_ERROR_OPERATION_CANCELED, join_result(fiber));
        scene_close(&scene);
    }
    rows_end();
}

TEST(a_limit_ends_each_wait)
{
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        struct scene scene;
        row_begin("%s", waits[i].name);
        scene_open(&scene, 1);
        for (sn_milliseconds limit_ms = 0; limit_ms <= 3; limit_ms += 3) {
            sn_fiber *fiber;
            scene.timeout_ms = limit_ms;
            assert_ok(sn_fiber_start(scene.engine, waits[i].wait, &scene, NULL, &fiber));
            row_error(SN_ERROR_TIMED_OUT, join_result(fiber));
            row_error(waits[i].wait == wait_lock ? SN_ERROR_INVALID_OPERATION : SN_ERROR_TIMED_OUT,
                      waits[i].wait(&scene)); /* of this thread, which has the mutex */
        }
        scene_close(&scene);
    }
    rows_end();
}

struct in_scope {
    struct scene *scene;
    size_t which;
    sn_cancellation *cancellation;
};

static sn_error wait_in_scope(void *context)
{
    struct in_scope *in = context;
    sn_cancellation_scope scope;
    sn_error error = sn_cancellation_enter(in->cancellation, &scope);
    if (!error)
        error = waits[in->which].wait(in->scene);
    return sn_cancellation_leave(&scope) ? SN_ERROR_FAULT : error;
}

/* Of a fiber, and of a thread. */
TEST(the_time_of_a_scope_ends_each_wait)
{
    for (size_t i = 0; i < 2 * COUNT_OF(waits); i++) {
        struct scene scene;
        struct thread thread;
        struct in_scope in = {.scene = &scene, .which = i / 2};
        sn_fiber *fiber = NULL;
        row_begin("%s, %s", waits[in.which].name, i % 2 ? "thread" : "fiber");
        scene_open(&scene, 1);
        assert_ok(sn_cancellation_create(&in.cancellation));
        assert_ok(sn_cancellation_cancel_after(in.cancellation, 3));
        if (i % 2)
            thread_start(&thread, wait_in_scope, &in);
        else
            assert_ok(sn_fiber_start(scene.engine, wait_in_scope, &in, NULL, &fiber));
        row_error(SN_ERROR_TIMED_OUT, fiber ? join_result(fiber) : thread_join(&thread));
        sn_cancellation_release(in.cancellation);
        scene_close(&scene);
    }
    rows_end();
}

TEST(the_end_of_the_engine_ends_each_wait)
{
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        struct scene scene;
        row_begin("%s", waits[i].name);
        scene_open(&scene, 1);
        sn_fiber *fiber = start_waiting(&scene, i);
        assert_ok(sn_engine_destroy(scene.engine));
        scene.engine = NULL;
        row_error(SN_ERROR_OPERATION_ABORTED, join_result(fiber));
        scene_close(&scene);
    }
    rows_end();
}

struct answers {
    struct scene *scene;
    sn_error errors[COUNT_OF(waits)];
    uint32_t is_done;
};

static void ask_each(sn_operation *operation)
{
    struct answers *answers = operation->context;
    for (size_t i = 0; i < COUNT_OF(waits); i++)
        answers->errors[i] = waits[i].wait(answers->scene);
    __atomic_store_n(&answers->is_done, 1u, __ATOMIC_RELEASE);
}

TEST(a_callback_never_waits)
{
    for (sn_milliseconds limit_ms = -1; limit_ms <= 1; limit_ms++) {
        struct scene scene;
        struct answers answers = {.scene = &scene};
        sn_operation post = {.completed = ask_each, .context = &answers};
        scene_open(&scene, 1);
        scene.timeout_ms = limit_ms;
        sn_engine_post_async(scene.engine, &post);
        while (!__atomic_load_n(&answers.is_done, __ATOMIC_ACQUIRE))
            sched_yield();
        for (size_t i = 0; i < COUNT_OF(waits); i++) {
            row_begin("%s, %d ms", waits[i].name, (int)limit_ms);
            row_error(limit_ms ? SN_ERROR_INVALID_OPERATION : SN_ERROR_TIMED_OUT,
                      answers.errors[i]);
        }
        scene_close(&scene);
    }
    rows_end();
}

/* --- Who goes on meanwhile -------------------------------------------------------------------- */

static sn_error give_permit(void *context)
{
    struct scene *scene = context;
    return sn_semaphore_release(&scene->semaphore, 1);
}

TEST(while_one_waits_the_others_of_its_thread_go_on)
{
    struct scene scene;
    scene_open(&scene, 1);
    sn_fiber *waiting = start_waiting(&scene, 2), *giving;
    assert_ok(sn_fiber_start(scene.engine, give_permit, &scene, NULL, &giving));
    assert_ok(join_result(giving));
    assert_ok(join_result(waiting));
    scene_close(&scene);
}

enum { ROUNDS = 300 };

static sn_error send_all(void *context)
{
    struct scene *scene = context;
    sn_error error = SN_OK;
    for (int i = 0; i < ROUNDS && !error; i++)
        error = sn_channel_send(scene->channel, &(char){(char)i}, SN_FOREVER);
    sn_channel_close(scene->channel);
    return error;
}

static sn_error receive_all(void *context)
{
    struct scene *scene = context;
    char element, wanted = 0;
    sn_error error;
    while (!(error = sn_channel_receive(scene->channel, &element, SN_FOREVER)))
        if (element != wanted++)
            return SN_ERROR_FAULT;
    return error;
}

TEST(a_channel_joins_what_runs_on_one_thread_two_engines_and_a_thread)
{
    for (int i = 0; i < 4; i++) {
        struct scene scene;
        struct thread thread;
        sn_fiber *sending, *receiving = NULL;
        scene_open(&scene, i == 0 ? 0 : 1);
        assert_ok(sn_fiber_start(scene.engine, send_all, &scene, NULL, &sending));
        if (i == 3)
            thread_start(&thread, receive_all, &scene);
        else
            assert_ok(sn_fiber_start(i == 2 ? NULL : scene.engine, receive_all, &scene, NULL,
                                     &receiving));
        while (i == 0 && !(sn_fiber_is_over(sending) && sn_fiber_is_over(receiving)))
            assert_ok(sn_engine_run(scene.engine, SN_FOREVER, NULL));
        assert_ok(join_result(sending));
        assert_error(SN_ERROR_END_OF_STREAM,
                     receiving ? join_result(receiving) : thread_join(&thread));
        scene_close(&scene);
    }
}

/* Room for deadlines is made once. */
static sn_error wait_each_twice(void *context)
{
    struct scene *scene = context;
    const sn_milliseconds limits[] = {1, 2, 1};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        scene->timeout_ms = limits[i];
        if (i == 1)
            allocations_begin();
        for (size_t which = 0; which < COUNT_OF(waits); which++)
            if (waits[which].wait(scene) != SN_ERROR_TIMED_OUT)
                return SN_ERROR_FAULT;
    }
    size_t count = allocations_count();
    allocations_end();
    return count == 0 ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
}

TEST(a_wait_allocates_nothing)
{
    struct scene scene;
    sn_fiber *fiber;
    scene_open(&scene, 1);
    assert_ok(sn_fiber_start(scene.engine, wait_each_twice, &scene, NULL, &fiber));
    assert_ok(join_result(fiber));
    scene_close(&scene);
}

/* --- A fork ----------------------------------------------------------------------------------- */

struct shared {
    struct scene scene;
    sn_mutex held, free, foreign; /* by who forks; by nobody; by a fiber that stays behind */
    sn_channel *stored;
    sn_semaphore one;
};

static int look_as_child(void *context)
{
    struct shared *shared = context;
    char element = 0;
    /* What it held, with somebody of the parent's waiting for it. */
    CHILD_EXPECT(sn_mutex_is_own(&shared->held));
    CHILD_EXPECT(sn_mutex_acquire(&shared->held, 0) == SN_ERROR_INVALID_OPERATION);
    CHILD_EXPECT(sn_mutex_release(&shared->held) == SN_OK);
    CHILD_EXPECT(sn_mutex_acquire(&shared->held, SN_FOREVER) == SN_OK);
    CHILD_EXPECT(sn_mutex_release(&shared->held) == SN_OK);
    /* What nobody has, and what somebody has that has stayed behind. */
    CHILD_EXPECT(sn_mutex_acquire(&shared->free, SN_FOREVER) == SN_OK);
    CHILD_EXPECT(sn_mutex_acquire(&shared->foreign, SN_FOREVER) == SN_ERROR_INVALID_OPERATION);
    CHILD_EXPECT(sn_mutex_release(&shared->foreign) == SN_ERROR_INVALID_OPERATION);
    /* Who waits in the rest is not there either. */
    sn_condition_signal_all(&shared->scene.condition);
    CHILD_EXPECT(sn_semaphore_release(&shared->scene.semaphore, 1) == SN_OK);
    CHILD_EXPECT(sn_semaphore_get_count(&shared->scene.semaphore) == 1);
    CHILD_EXPECT(sn_channel_send(shared->scene.channel, "x", 0) == SN_ERROR_TIMED_OUT);
    CHILD_EXPECT(sn_channel_receive(shared->scene.channel, &element, 0) == SN_ERROR_TIMED_OUT);
    CHILD_EXPECT(sn_channel_receive(shared->stored, &element, 0) == SN_OK && element == 's');
    CHILD_EXPECT(sn_fiber_group_join(shared->scene.group, SN_FOREVER, NULL) ==
                 SN_ERROR_INVALID_OPERATION);
    CHILD_EXPECT(sn_fiber_group_start(shared->scene.group, sleep_long, NULL, NULL, NULL) ==
                 SN_ERROR_INVALID_OPERATION);
    sn_fiber_group_cancel(shared->scene.group);
    sn_fiber_group_release(shared->scene.group);
    sn_channel_release(shared->scene.channel);
    return 0;
}

static sn_error hold_foreign(void *context)
{
    struct shared *shared = context;
    sn_error error = sn_mutex_acquire(&shared->foreign, SN_FOREVER);
    if (!error)
        error = sn_semaphore_acquire(&shared->one, 1, SN_FOREVER);
    return error ? error : sn_mutex_release(&shared->foreign);
}

/* All waits are somebody's, and the foreign mutex is held by a fiber that waits, too. */
static void with_all_waiting(sn_error (*run)(struct shared *shared))
{
    struct shared shared = {0};
    sn_fiber *fibers[COUNT_OF(waits)], *holder;
    sn_fiber_info info = {.waits_for = ""};
    scene_open(&shared.scene, 1);
    assert_ok(sn_channel_create(1, 1, &shared.stored));
    assert_ok(sn_channel_send(shared.stored, "s", 0));
    for (size_t i = 0; i < COUNT_OF(waits); i++)
        if (waits[i].wait != wait_receive) /* it would meet the one that sends */
            fibers[i] = start_waiting(&shared.scene, i);
    assert_ok(sn_fiber_start(shared.scene.engine, hold_foreign, &shared, NULL, &holder));
    while (strcmp(info.waits_for, "Semaphore") != 0)
        assert_ok(sn_fiber_get_info(holder, &info));
    assert_ok(run(&shared));
    assert_ok(sn_semaphore_release(&shared.one, 1));
    assert_ok(join_result(holder));
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        if (waits[i].wait == wait_receive)
            continue;
        sn_fiber_cancel(fibers[i]);
        assert_error(SN_ERROR_OPERATION_CANCELED, join_result(fibers[i]));
    }
    sn_channel_release(shared.stored);
    scene_close(&shared.scene);
}

static sn_error wait_held(void *context)
{
    struct shared *shared = context;
    sn_error error = sn_mutex_acquire(&shared->held, SN_FOREVER);
    return error ? error : sn_mutex_release(&shared->held);
}

/* It has what another one waits for. */
static sn_error fork_here(void *context)
{
    struct shared *shared = context;
    sn_fiber_info info = {.waits_for = ""};
    sn_fiber *waiting;
    sn_error error = sn_mutex_acquire(&shared->held, SN_FOREVER);
    if (!error)
        error = sn_fiber_start(shared->scene.engine, wait_held, shared, NULL, &waiting);
    while (!error && strcmp(info.waits_for, "Lock") != 0)
        error = sn_fiber_get_info(waiting, &info);
    if (error || child_run(look_as_child, shared) != 0 || sn_mutex_release(&shared->held))
        return SN_ERROR_FAULT;
    return join_result(waiting);
}

static sn_error fork_as_thread(struct shared *shared)
{
    return fork_here(shared);
}

TEST(a_child_finds_nobody_waiting_and_has_what_the_thread_had)
{
    with_all_waiting(fork_as_thread);
}

static sn_error fork_as_fiber(struct shared *shared)
{
    const sn_fiber_options options = {.stack_size = (size_t)1 << 20};
    sn_fiber *fiber;
    assert_ok(sn_fiber_start(NULL, fork_here, shared, &options, &fiber));
    return join_result(fiber);
}

TEST(a_child_of_a_fiber_has_what_the_fiber_had)
{
    with_all_waiting(fork_as_fiber);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_cancel_of_the_fiber_ends_each_wait),
        CASE(a_limit_ends_each_wait),
        CASE(the_time_of_a_scope_ends_each_wait),
        CASE(the_end_of_the_engine_ends_each_wait),
        CASE(a_callback_never_waits),
        CASE(while_one_waits_the_others_of_its_thread_go_on),
        CASE(a_channel_joins_what_runs_on_one_thread_two_engines_and_a_thread),
        CASE(a_wait_allocates_nothing),
        CASE(a_child_finds_nobody_waiting_and_has_what_the_thread_had),
        CASE(a_child_of_a_fiber_has_what_the_fiber_had),
    };
    return RUN(cases);
}
