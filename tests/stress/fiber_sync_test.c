/*
 * Locks and channels between fibers of two engines and threads, at random, with limits and
 * cancels at random moments. Everything is counted: as many acquisitions as releases, as much
 * received as sent; and nobody waits for ever, or the program would not end.
 */
#include "stress/actors.h"

/* --- Random steps ----------------------------------------------------------------------------- */

enum { MUTEXES = 3, PERMITS = 4 };

static struct {
    sn_mutex mutexes[MUTEXES];
    uint64_t inside[MUTEXES];   /* under the mutex of that number, not atomic */
    uint64_t acquired[MUTEXES]; /* atomic */
    sn_semaphore semaphore;
    uint32_t permits; /* atomic: in hands */
    sn_channel *channels[3];
    uint64_t sent, received; /* atomic: sums */
    sn_mutex counter_mutex;
    sn_condition more;
    uint64_t tickets;    /* under the counter's mutex */
    uint64_t put, taken; /* atomic */
} shared;

static void pause_a_little(struct actor *actor)
{
    switch (random_below(&actor->randomness, 16)) {
    case 0: (void)sn_fiber_sleep(random_below(&actor->randomness, 2)); break;
    case 1:
    case 2:
    case 3: (void)sn_fiber_yield(); break;
    default: break;
    }
}

static void enter(struct actor *actor, uint32_t number)
{
    uint64_t before = shared.inside[number];
    atomic_add_relaxed(&shared.acquired[number], 1u);
    pause_a_little(actor);
    CHECK(shared.inside[number] == before); /* nobody else is inside */
    shared.inside[number] = before + 1;
    CHECK(sn_mutex_is_own(&shared.mutexes[number]));
}

static void lock(struct actor *actor)
{
    uint32_t number = random_below(&actor->randomness, MUTEXES);
    uint32_t second = number + 1; /* always in this order */
    if (!has_got(sn_mutex_acquire(&shared.mutexes[number], some_limit(actor))))
        return;
    enter(actor, number);
    if (second < MUTEXES && random_once_in(&actor->randomness, 3) &&
        has_got(sn_mutex_acquire(&shared.mutexes[second], SN_FOREVER))) {
        enter(actor, second);
        CHECK_OK(sn_mutex_release(&shared.mutexes[second]));
    }
    CHECK_OK(sn_mutex_release(&shared.mutexes[number]));
}

static void use_permits(struct actor *actor)
{
    uint32_t count = 1 + random_below(&actor->randomness, PERMITS);
    if (!has_got(sn_semaphore_acquire(&shared.semaphore, count, some_limit(actor))))
        return;
    CHECK(atomic_add_acq_rel(&shared.permits, count) + count <= PERMITS);
    pause_a_little(actor);
    atomic_sub_acq_rel(&shared.permits, count);
    CHECK_OK(sn_semaphore_release(&shared.semaphore, count));
}

static void exchange(struct actor *actor)
{
    sn_channel *channel = shared.channels[random_below(&actor->randomness, 3)];
    uint64_t element = 1 + random_below(&actor->randomness, 1000);
    sn_milliseconds limit_ms = some_limit(actor) % 1000; /* nobody may be there */
    if (random_once_in(&actor->randomness, 2)) {
        if (has_got(sn_channel_send(channel, &element, limit_ms)))
            atomic_add_relaxed(&shared.sent, element);
    } else if (has_got(sn_channel_receive(channel, &element, limit_ms))) {
        CHECK(element >= 1 && element <= 1000);
        atomic_add_relaxed(&shared.received, element);
    }
}

static void put_ticket(struct actor *actor)
{
    if (!has_got(sn_mutex_acquire(&shared.counter_mutex, SN_FOREVER)))
        return;
    shared.tickets++;
    atomic_add_relaxed(&shared.put, 1u);
    bool is_outside = random_once_in(&actor->randomness, 2);
    if (!is_outside)
        sn_condition_signal(&shared.more);
    CHECK_OK(sn_mutex_release(&shared.counter_mutex));
    if (is_outside)
        sn_condition_signal_all(&shared.more);
}

static void take_ticket(struct actor *actor)
{
    bool goes_on = true;
    if (!has_got(sn_mutex_acquire(&shared.counter_mutex, SN_FOREVER)))
        return;
    while (shared.tickets == 0 && goes_on)
        goes_on = has_got(
            sn_condition_wait(&shared.more, &shared.counter_mutex, some_limit(actor) % 1000));
    CHECK(sn_mutex_is_own(&shared.counter_mutex));
    if (shared.tickets > 0) {
        shared.tickets--;
        atomic_add_relaxed(&shared.taken, 1u);
    }
    CHECK_OK(sn_mutex_release(&shared.counter_mutex));
}

static void step(struct actor *actor)
{
    switch (random_below(&actor->randomness, 6)) {
    case 0:
    case 1: lock(actor); break;
    case 2: use_permits(actor); break;
    case 3: exchange(actor); break;
    case 4: put_ticket(actor); break;
    default: take_ticket(actor); break;
    }
}

/* Now and then inside a scope whose handle is cancelled at some moment, or has been. */
static void step_in_scope(struct actor *actor)
{
    sn_cancellation *cancellation;
    sn_cancellation_scope scope;
    CHECK_OK(sn_cancellation_create(&cancellation));
    if (random_once_in(&actor->randomness, 3))
        sn_cancellation_cancel(cancellation);
    else
        CHECK_OK(sn_cancellation_cancel_after(cancellation, random_below(&actor->randomness, 2)));
    CHECK_OK(sn_cancellation_enter(cancellation, &scope));
    step(actor);
    CHECK_OK(sn_cancellation_leave(&scope));
    sn_cancellation_release(cancellation);
}

static uint64_t steps;

static void run_steps(struct actor *actor)
{
    for (uint64_t i = 0; i < steps; i++) {
        if (random_once_in(&actor->randomness, 8))
            step_in_scope(actor);
        else
            step(actor);
        if (random_once_in(&actor->randomness, 8))
            (void)sn_fiber_yield();
    }
}

static void check_balance(void)
{
    for (int i = 0; i < MUTEXES; i++) {
        CHECK(shared.inside[i] == shared.acquired[i]);
        CHECK_OK(sn_mutex_acquire(&shared.mutexes[i], 0));
        CHECK_OK(sn_mutex_release(&shared.mutexes[i]));
    }
    CHECK(sn_semaphore_get_count(&shared.semaphore) == PERMITS);
    CHECK_OK(sn_semaphore_acquire(&shared.semaphore, PERMITS, 0));
    for (int i = 0; i < 3; i++) {
        uint64_t element;
        while (sn_channel_receive(shared.channels[i], &element, 0) == SN_OK)
            shared.received += element;
        sn_channel_release(shared.channels[i]);
    }
    CHECK(shared.sent == shared.received);
    CHECK(shared.put == shared.taken + shared.tickets);
}

TEST(what_is_acquired_is_released_and_what_is_sent_is_received)
{
    static const size_t capacities[] = {0, 1, 7};
    stress_skip_without_engine();
    engines_open();
    steps = stress_size(3000, 400);
    memset(&shared, 0, sizeof shared);
    shared.semaphore = (sn_semaphore)SN_SEMAPHORE_INIT(PERMITS, PERMITS);
    for (int i = 0; i < 3; i++)
        CHECK_OK(sn_channel_create(capacities[i], sizeof(uint64_t), &shared.channels[i]));
    actors_start(run_steps);
    actors_join();
    check_balance();
    engines_close();
}

/* --- Without limits: a wake-up that is lost would leave somebody waiting ------------------------
 */

static struct {
    sn_channel *channel;
    uint32_t senders;        /* atomic: those that have not ended */
    uint64_t sent, received; /* atomic: how many */
} pipe_of;

static void send_or_receive(struct actor *actor)
{
    uint64_t element = 0;
    if (actor->number % 2) {
        for (uint64_t i = 0; i < steps; i++) {
            CHECK_OK(sn_channel_send(pipe_of.channel, &i, SN_FOREVER));
            atomic_add_relaxed(&pipe_of.sent, 1u);
        }
        if (atomic_sub_acq_rel(&pipe_of.senders, 1u) == 1)
            sn_channel_close(pipe_of.channel);
        return;
    }
    sn_error error;
    while (!(error = sn_channel_receive(pipe_of.channel, &element, SN_FOREVER)))
        atomic_add_relaxed(&pipe_of.received, 1u);
    CHECK(error == SN_ERROR_END_OF_STREAM);
}

TEST(everything_that_is_sent_arrives_before_the_end)
{
    static const size_t capacities[] = {0, 1, 16};
    stress_skip_without_engine();
    engines_open();
    steps = stress_size(3000, 400);
    for (size_t i = 0; i < 3; i++) {
        memset(&pipe_of, 0, sizeof pipe_of);
        pipe_of.senders = ACTORS / 2;
        CHECK_OK(sn_channel_create(capacities[i], sizeof(uint64_t), &pipe_of.channel));
        actors_start(send_or_receive);
        actors_join();
        CHECK(pipe_of.sent == steps * (ACTORS / 2));
        CHECK(pipe_of.received == pipe_of.sent);
        sn_channel_release(pipe_of.channel);
    }
    engines_close();
}

static struct {
    sn_mutex mutex;
    sn_condition changed[ACTORS];
    sn_semaphore turns[ACTORS];
    uint64_t at; /* under the mutex */
} ring;

/* A token goes round by conditions, and another by semaphores. */
static void pass_on(struct actor *actor)
{
    int next = (actor->number + 1) % ACTORS;
    for (uint64_t i = 0; i < steps; i++) {
        CHECK_OK(sn_mutex_acquire(&ring.mutex, SN_FOREVER));
        while (ring.at % ACTORS != (uint64_t)actor->number)
            CHECK_OK(sn_condition_wait(&ring.changed[actor->number], &ring.mutex, SN_FOREVER));
        ring.at++;
        sn_condition_signal(&ring.changed[next]);
        CHECK_OK(sn_mutex_release(&ring.mutex));
        CHECK_OK(sn_semaphore_acquire(&ring.turns[actor->number], 1, SN_FOREVER));
        CHECK_OK(sn_semaphore_release(&ring.turns[next], 1));
    }
}

TEST(a_token_goes_round)
{
    stress_skip_without_engine();
    engines_open();
    steps = stress_size(1500, 200);
    memset(&ring, 0, sizeof ring);
    CHECK_OK(sn_semaphore_release(&ring.turns[0], 1));
    actors_start(pass_on);
    actors_join();
    CHECK(ring.at == steps * ACTORS);
    CHECK(sn_semaphore_get_count(&ring.turns[0]) == 1);
    engines_close();
}

int main(void)
{
    stress_begin("fiber_sync_test");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_acquired_is_released_and_what_is_sent_is_received),
        cmocka_unit_test(everything_that_is_sent_arrives_before_the_end),
        cmocka_unit_test(a_token_goes_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
