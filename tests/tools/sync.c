/*
 * What locks and channels cost between fibers of one thread, and the mutex beside that of the C
 * library.
 *
 * The contenders take short turns; the fastest turn of each is the one that nothing else on the
 * machine has disturbed.
 *
 * usage: sync [ROUNDS]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <sennit.h>

static sn_engine *engine;

static void expect(sn_error error, const char *what)
{
    if (error == SN_OK)
        return;
    fprintf(stderr, "sync: %s: %s\n", what, sn_error_name(error));
    exit(1);
}

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* --- What nobody waits for -------------------------------------------------------------------- */

static void lock_mutex(long count)
{
    static sn_mutex mutex;
    for (long i = 0; i < count; i++) {
        expect(sn_mutex_acquire(&mutex, SN_FOREVER), "acquire");
        expect(sn_mutex_release(&mutex), "release");
    }
}

static void lock_pthread_mutex(long count)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    for (long i = 0; i < count; i++) {
        (void)pthread_mutex_lock(&mutex);
        (void)pthread_mutex_unlock(&mutex);
    }
}

static void use_semaphore(long count)
{
    static sn_semaphore semaphore = SN_SEMAPHORE_INIT(1, 0);
    for (long i = 0; i < count; i++) {
        expect(sn_semaphore_acquire(&semaphore, 1, SN_FOREVER), "acquire");
        expect(sn_semaphore_release(&semaphore, 1), "release");
    }
}

/* --- Two fibers ------------------------------------------------------------------------------- */

/* What they share. */
static struct {
    long count;
    sn_channel *channel;
    sn_mutex mutex;
    sn_condition conditions[2];
    int turn; /* under the mutex */
} room;

static sn_error send_all(void *unused)
{
    (void)unused;
    for (long i = 0; i < room.count; i++)
        expect(sn_channel_send(room.channel, &i, SN_FOREVER), "send");
    return SN_OK;
}

static sn_error receive_all(void *unused)
{
    (void)unused;
    for (long i = 0, element; i < room.count; i++)
        expect(sn_channel_receive(room.channel, &element, SN_FOREVER), "receive");
    return SN_OK;
}

static void run_both(sn_fiber_body first, void *of_first, sn_fiber_body second, void *of_second)
{
    sn_fiber_group *group;
    sn_error error;
    expect(sn_fiber_group_create(engine, NULL, &group), "group");
    expect(sn_fiber_group_start(group, first, of_first, NULL, NULL), "start");
    expect(sn_fiber_group_start(group, second, of_second, NULL, NULL), "start");
    expect(sn_fiber_group_join(group, SN_FOREVER, &error), "join");
    expect(error, "a fiber");
    sn_fiber_group_release(group);
}

static void move_through(size_t capacity, long count)
{
    room.count = count;
    expect(sn_channel_create(capacity, sizeof(long), &room.channel), "channel");
    run_both(send_all, NULL, receive_all, NULL);
    sn_channel_release(room.channel);
}

static void move_without_room(long count)
{
    move_through(0, count);
}

static void move_with_room(long count)
{
    move_through(64, count);
}

/* It gives it back while the other waits, and waits while the other has it. */
static sn_error lock_in_turn(void *unused)
{
    (void)unused;
    for (long i = 0; i < room.count / 2; i++) {
        expect(sn_mutex_acquire(&room.mutex, SN_FOREVER), "acquire");
        expect(sn_fiber_yield(), "yield");
        expect(sn_mutex_release(&room.mutex), "release");
    }
    return SN_OK;
}

static void hand_over_mutex(long count)
{
    room.count = count;
    run_both(lock_in_turn, NULL, lock_in_turn, NULL);
}

static sn_error take_turns(void *number)
{
    int own = *(const int *)number;
    expect(sn_mutex_acquire(&room.mutex, SN_FOREVER), "acquire");
    for (long i = 0; i < room.count / 2; i++) {
        while (room.turn != own)
            expect(sn_condition_wait(&room.conditions[own], &room.mutex, SN_FOREVER), "wait");
        room.turn = !own;
        sn_condition_signal(&room.conditions[!own]);
    }
    expect(sn_mutex_release(&room.mutex), "release");
    return SN_OK;
}

static void signal_condition(long count)
{
    int numbers[] = {0, 1};
    room.count = count;
    run_both(take_turns, &numbers[0], take_turns, &numbers[1]);
}

static sn_error only_yield(void *unused)
{
    (void)unused;
    for (long i = 0; i < room.count / 2; i++)
        expect(sn_fiber_yield(), "yield");
    return SN_OK;
}

static void yield(long count)
{
    room.count = count;
    run_both(only_yield, NULL, only_yield, NULL);
}

/* --- Turns ------------------------------------------------------------------------------------ */

struct contender {
    const char *name;
    void (*turn)(long count);
    long count;
    double best_ns;
};

static struct contender contenders[] = {
    {"acquire and release a mutex: sennit", lock_mutex, 100000, 0},
    {"acquire and release a mutex: pthread", lock_pthread_mutex, 100000, 0},
    {"acquire and release a semaphore", use_semaphore, 100000, 0},
    {"yield to another fiber", yield, 20000, 0},
    {"an element through a channel, capacity 0", move_without_room, 20000, 0},
    {"an element through a channel, capacity 64", move_with_room, 20000, 0},
    {"hand a mutex to another fiber, and a yield", hand_over_mutex, 20000, 0},
    {"let another fiber go on by a condition", signal_condition, 20000, 0},
};
enum { CONTENDERS = sizeof contenders / sizeof contenders[0] };

static void take_turn(struct contender *contender)
{
    double begin_ns = now_ns();
    contender->turn(contender->count);
    double each_ns = (now_ns() - begin_ns) / (double)contender->count;
    if (contender->best_ns <= 0 || each_ns < contender->best_ns)
        contender->best_ns = each_ns;
}

int main(int count, char **arguments)
{
    long rounds = count > 1 ? strtol(arguments[1], NULL, 10) : 100;
    if (rounds < 1 || count > 2) {
        fprintf(stderr, "usage: sync [ROUNDS]\n");
        return 2;
    }
    const sn_engine_options options = {.threads = 1};
    expect(sn_engine_create(&options, &engine), "engine");
    for (long round = 0; round < rounds; round++)
        for (int i = 0; i < CONTENDERS; i++)
            take_turn(&contenders[i]);
    for (int i = 0; i < CONTENDERS; i++)
        printf("%-50s %8.1f ns\n", contenders[i].name, contenders[i].best_ns);
    expect(sn_engine_destroy(engine), "destroy");
    return 0;
}
