/*
 * Groups of fibers, of fibers that have groups, and engines that end under fibers that wait, at
 * random: as many end as were begun, and what has ended is not waited for.
 */
#include "stress/actors.h"

static uint64_t steps;

/* --- Groups ----------------------------------------------------------------------------------- */

static struct {
    sn_mutex mutex;
    uint64_t begun, ended; /* atomic */
} family;

struct child {
    sn_fiber_group *group; /* borrowed: its own */
    uint64_t number;
    int depth;
};

static sn_error live(void *context);

/* Starts some in a group and waits for them, gives up, or lets them go. */
static sn_error bring_up(uint64_t number, int depth)
{
    enum { CHILDREN = 4 };
    struct randomness randomness = randomness_of(number);
    const sn_fiber_group_options options = {.ignores_errors = random_once_in(&randomness, 2)};
    struct child children[CHILDREN];
    sn_fiber_group *group;
    sn_error error = SN_OK;
    CHECK_OK(sn_fiber_group_create(engines[random_below(&randomness, ENGINES)], &options, &group));
    for (uint64_t i = 0; i < CHILDREN; i++) {
        children[i] = (struct child){group, number * CHILDREN + i + 1, depth - 1};
        CHECK_OK(sn_fiber_group_start(group, live, &children[i], NULL, NULL));
    }
    if (random_once_in(&randomness, 4))
        sn_fiber_group_cancel(group);
    if (random_once_in(&randomness, 4))
        (void)!sn_fiber_group_join(group, 1, NULL);
    sn_error joined = sn_fiber_group_join(group, SN_FOREVER, &error);
    CHECK(has_got(joined) || sn_cancellation_check() != SN_OK);
    CHECK(sn_fiber_group_get_count(group) == 0); /* so the children's records may go */
    sn_fiber_group_release(group);
    return joined ? joined : error;
}

static sn_error live(void *context)
{
    const struct child *child = context;
    struct randomness randomness = randomness_of(child->number);
    sn_error error = SN_OK;
    atomic_add_relaxed(&family.begun, 1u);
    if (child->depth > 0)
        error = bring_up(child->number, child->depth);
    switch (random_below(&randomness, 6)) {
    case 0: error = SN_ERROR_FORMAT; break;
    case 1: sn_fiber_group_cancel(child->group); break;
    case 2: sn_fiber_cancel(sn_fiber_current()); break;
    case 3: error = sn_fiber_sleep(1); break;
    default:
        if (sn_mutex_acquire(&family.mutex, SN_FOREVER) == SN_OK) {
            (void)sn_fiber_yield();
            CHECK_OK(sn_mutex_release(&family.mutex));
        }
        break;
    }
    atomic_add_relaxed(&family.ended, 1u);
    return error;
}

static void raise_families(struct actor *actor)
{
    for (uint64_t i = 0; i < steps; i++)
        (void)!bring_up(((uint64_t)actor->number << 32) + i * 1000, 2);
}

TEST(no_fiber_outlives_the_join_of_its_group)
{
    stress_skip_without_engine();
    engines_open();
    steps = stress_size(3000, 400) / 60;
    memset(&family, 0, sizeof family);
    actors_start(raise_families);
    actors_join();
    CHECK(family.begun == family.ended);
    CHECK(family.begun == steps * ACTORS * (4 + 4 * 4));
    engines_close();
}

/* --- Engines that end under those who wait ---------------------------------------------------- */

static struct {
    sn_mutex mutex;
    sn_condition condition;
    sn_semaphore semaphore;
    sn_channel *channel;
    uint32_t waiting; /* atomic */
} held;

static sn_error wait_somewhere(void *context)
{
    sn_mutex own = SN_MUTEX_INIT;
    uint64_t element = 0;
    atomic_add_acq_rel(&held.waiting, 1u);
    switch ((uintptr_t)context % 5) {
    case 0: return sn_mutex_acquire(&held.mutex, SN_FOREVER);
    case 1: return sn_semaphore_acquire(&held.semaphore, 1, SN_FOREVER);
    case 2: return sn_channel_send(held.channel, &element, SN_FOREVER);
    case 3: return sn_channel_receive(held.channel, &element, 100000);
    default: break;
    }
    CHECK_OK(sn_mutex_acquire(&own, SN_FOREVER));
    sn_error error = sn_condition_wait(&held.condition, &own, SN_FOREVER);
    CHECK_OK(sn_mutex_release(&own));
    return error;
}

static void turn(sn_engine *engine)
{
    if (sn_engine_get_thread_count(engine) == 0)
        CHECK_OK(sn_engine_run(engine, 0, NULL));
    else
        sched_yield();
}

static void destroy_one(struct randomness *randomness)
{
    enum { COUNT = 20 };
    sn_fiber *fibers[COUNT];
    sn_engine *engine = stress_engine((int)random_below(randomness, 3));
    held.waiting = 0;
    for (uintptr_t i = 0; i < COUNT; i++)
        CHECK_OK(sn_fiber_start(engine, wait_somewhere, (void *)i, NULL, &fibers[i]));
    while (random_once_in(randomness, 2) && atomic_load_acquire(&held.waiting) < COUNT)
        turn(engine);
    CHECK_OK(sn_engine_destroy(engine));
    for (int i = 0; i < COUNT; i++) {
        sn_error result = SN_OK;
        CHECK_OK(sn_fiber_join(fibers[i], 0, &result));
        CHECK(result == SN_ERROR_OPERATION_ABORTED || i % 5 == 2 || i % 5 == 3);
        sn_fiber_release(fibers[i]);
    }
}

TEST(the_end_of_an_engine_ends_all_that_its_fibers_wait_for)
{
    struct randomness randomness = randomness_of(0);
    stress_skip_without_engine();
    memset(&held, 0, sizeof held);
    CHECK_OK(sn_channel_create(0, sizeof(uint64_t), &held.channel));
    CHECK_OK(sn_mutex_acquire(&held.mutex, SN_FOREVER));
    for (uint64_t i = stress_size(3000, 400) / 30; i > 0; i--)
        destroy_one(&randomness);
    CHECK_OK(sn_mutex_release(&held.mutex));
    sn_channel_release(held.channel);
}

int main(void)
{
    stress_begin("fiber_group_test");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_fiber_outlives_the_join_of_its_group),
        cmocka_unit_test(the_end_of_an_engine_ends_all_that_its_fibers_wait_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
