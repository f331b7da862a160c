#include "unit/engine/engines.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#include "support/threads.h"
#include "sys/sys.h"

/* A watch of an event, on a driven engine. */
struct scene {
    sn_engine *engine;
    struct watch *watch;
    int event;
    int told;
};

static void tell(void *context)
{
    ((struct scene *)context)->told++;
}

static struct scene scene_open(void **state)
{
    return (struct scene){.engine = engine_of(state, 0),
                          .event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
}

static void scene_watch(struct scene *scene)
{
    scene->watch = watch_make(engine_next_worker(scene->engine), scene->event, tell, scene);
    assert_non_null(scene->watch);
}

/* A watch is armed in its worker's loop, as its owner's finish and resume steps are. */
static sn_milliseconds armed_for_ms;

static void arm_inside(sn_operation *operation)
{
    struct scene *scene = operation->context;
    watch_arm(scene->watch, armed_for_ms < 0 ? SYS_NEVER : deadline_after(armed_for_ms));
}

static void leave_inside(sn_operation *operation)
{
    struct scene *scene = operation->context;
    watch_leave(scene->watch);
}

static void run_inside(struct scene *scene, void (*what)(sn_operation *))
{
    sn_operation post = {.completed = what, .context = scene};
    sn_engine_post_async(scene->engine, &post);
    assert_ok(run_until(scene->engine, &post));
}

static void arm(struct scene *scene, sn_milliseconds span_ms)
{
    armed_for_ms = span_ms;
    run_inside(scene, arm_inside);
}

static void signal_event(const struct scene *scene)
{
    const uint64_t one = 1;
    assert_int_equal(sizeof one, write(scene->event, &one, sizeof one));
}

static bool is_open(int handle)
{
    return fcntl(handle, F_GETFD) >= 0;
}

static void scene_close(struct scene *scene)
{
    run_inside(scene, leave_inside);
    run_ready(scene->engine);
    assert_false(is_open(scene->event));
    destroy_engine(scene->engine);
}

TEST(a_watch_tells_once_for_each_time_that_it_is_armed)
{
    struct scene scene = scene_open(state);
    scene_watch(&scene);
    signal_event(&scene);
    run_ready(scene.engine);
    assert_int_equal(0, scene.told);
    for (int i = 1; i <= 3; i++) {
        arm(&scene, SN_FOREVER);
        run_ready(scene.engine);
        assert_int_equal(i, scene.told); /* it is readable still */
        assert_int_equal(0, watch_failure(scene.watch));
    }
    scene_close(&scene);
}

TEST(a_watch_waits_until_its_descriptor_is_readable)
{
    struct scene scene = scene_open(state);
    scene_watch(&scene);
    arm(&scene, SN_FOREVER);
    arm(&scene, SN_FOREVER); /* it is */
    run_ready(scene.engine);
    assert_int_equal(0, scene.told);
    signal_event(&scene);
    while (scene.told == 0)
        assert_ok(sn_engine_run(scene.engine, SN_FOREVER, NULL));
    assert_int_equal(1, scene.told);
    scene_close(&scene);
}

TEST(a_watch_tells_when_its_time_has_come)
{
    struct scene scene = scene_open(state);
    scene_watch(&scene);
    arm(&scene, 1);
    while (scene.told == 0)
        assert_ok(sn_engine_run(scene.engine, SN_FOREVER, NULL));
    assert_int_equal(0, watch_failure(scene.watch));
    scene_close(&scene);
}

TEST(a_watch_that_was_left_tells_nothing)
{
    struct scene scene = scene_open(state);
    scene_watch(&scene);
    arm(&scene, SN_FOREVER);
    signal_event(&scene);
    scene_close(&scene);
    assert_int_equal(0, scene.told);
}

static sn_error leave_elsewhere(void *watch)
{
    watch_leave(watch);
    return SN_OK;
}

TEST(a_watch_that_was_never_armed_may_be_left_anywhere)
{
    struct scene scene = scene_open(state);
    struct thread thread;
    watch_leave(NULL);
    scene_watch(&scene);
    thread_start(&thread, leave_elsewhere, scene.watch);
    assert_ok(thread_join(&thread));
    run_ready(scene.engine);
    assert_false(is_open(scene.event));
    destroy_engine(scene.engine);
}

static void tell_and_leave(void *context)
{
    struct scene *scene = context;
    scene->told++;
    assert_int_equal(OUTCOME_STOPPED, watch_failure(scene->watch));
    watch_leave(scene->watch);
}

TEST(the_end_of_the_engine_is_told_as_a_failure)
{
    struct scene scene = scene_open(state);
    scene.watch = watch_make(engine_next_worker(scene.engine), scene.event, tell_and_leave, &scene);
    assert_non_null(scene.watch);
    arm(&scene, SN_FOREVER);
    destroy_engine(scene.engine);
    assert_int_equal(1, scene.told);
    assert_false(is_open(scene.event));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_watch_tells_once_for_each_time_that_it_is_armed),
        ON_BOTH(a_watch_waits_until_its_descriptor_is_readable),
        ON_BOTH(a_watch_tells_when_its_time_has_come),
        ON_BOTH(a_watch_that_was_left_tells_nothing),
        ON_BOTH(a_watch_that_was_never_armed_may_be_left_anywhere),
        ON_BOTH(the_end_of_the_engine_is_told_as_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
