/* Fibers: alone and in a group, with what joins them, on a thread of an engine and on one that the
 * program drives. */
#include "faults/scenarios/all.h"

#include <string.h>

enum { LONE_FIBERS = 2, GROUP_FIBERS = 4, ROUNDS = 2, OWN_STACK = 128 << 10 };

static struct {
    sn_engine *engine;
    sn_socket *near, *far, *quiet;
    sn_channel *channel;
    sn_fiber_group *group;
    sn_fiber *fibers[LONE_FIBERS];
    sn_mutex mutex;
    sn_condition condition;
    sn_semaphore semaphore;
    bool has_helped;             /* under the mutex */
    unsigned started, ended;     /* of all; `ended` under the scene's lock */
    unsigned ended_of_the_group; /* the same */
} room;

/* Of a fiber: what fails ends the scene, so that nobody waits for what will not come. */
static bool goes_well(const char *what, sn_error error)
{
    bool is_fine = step(what, error);
    if (!is_fine)
        stop();
    return is_fine;
}

/* Who is ended by a cancel has done what was wanted; by the end of its engine, the scene is over.
 */
static sn_error ended(const char *what, sn_error error)
{
    must(error != SN_OK, "what nobody ends has ended");
    if (error != SN_ERROR_OPERATION_CANCELED && !is_stopped())
        (void)goes_well(what, error);
    note(&room.ended);
    return error;
}

static sn_error group_ended(bool is_fine)
{
    note(&room.ended_of_the_group);
    note(&room.ended);
    return is_fine ? SN_OK : SN_ERROR_FAULT;
}

/* --- Alone ------------------------------------------------------------------------------------ */

static sn_error sleep_long(void *unused)
{
    (void)unused;
    return ended("sleep", sn_fiber_sleep(SN_FOREVER));
}

/* In a poll, which takes descriptors of its own. */
static sn_error watch(void *unused)
{
    bool is_ready = false;
    (void)unused;
    sn_error error = sn_socket_poll(room.quiet, -1, SN_SELECT_READ, &is_ready);
    return ended("poll", error);
}

/* --- In the group ----------------------------------------------------------------------------- */

/* What comes from the far end goes into the channel. */
static sn_error take(void *unused)
{
    char byte = 0;
    size_t size = 1;
    bool is_fine = true;
    (void)unused;
    for (int i = 0; is_fine && i < ROUNDS; i++) {
        is_fine = goes_well("receive", sn_socket_receive(room.near, &byte, 1, SN_FLAG_NONE, &size));
        must(!is_fine || size == 1 || is_stopped(), "a byte is missing");
        is_fine = is_fine && size == 1 &&
                  goes_well("give", sn_channel_send(room.channel, &byte, SN_FOREVER));
    }
    sn_channel_close(room.channel);
    return group_ended(is_fine);
}

/* And from there back, in turns with who helps. */
static bool answer(char byte)
{
    if (!goes_well("take a turn", sn_semaphore_acquire(&room.semaphore, 1, SN_FOREVER)))
        return false;
    bool is_fine = goes_well("answer", sn_socket_send(room.near, &byte, 1, SN_FLAG_NONE, NULL)) &&
                   goes_well("yield", sn_fiber_yield());
    must(!sn_semaphore_release(&room.semaphore, 1), "a turn could not be given back");
    return is_fine;
}

static sn_error answer_all(void *unused)
{
    char byte = 0;
    sn_error error = SN_OK;
    bool is_fine = true;
    (void)unused;
    while (is_fine && !(error = sn_channel_receive(room.channel, &byte, SN_FOREVER)))
        is_fine = answer(byte);
    if (error && error != SN_ERROR_END_OF_STREAM)
        is_fine = goes_well("get", error);
    return group_ended(is_fine);
}

static sn_error compute(void *context)
{
    *(int *)context = 42;
    return SN_OK;
}

/* On another thread; then it lets the one go on that asks. Also where it has failed. */
static sn_error help(void *unused)
{
    int result = 0;
    (void)unused;
    bool is_fine = goes_well("offload", sn_fiber_offload(compute, &result));
    must(!is_fine || result == 42, "another result");
    if (!goes_well("acquire", sn_mutex_acquire(&room.mutex, SN_FOREVER)))
        return group_ended(false);
    room.has_helped = true;
    sn_condition_signal(&room.condition);
    must(!sn_mutex_release(&room.mutex), "a mutex could not be given back");
    return group_ended(is_fine);
}

static bool wait_for_help(void)
{
    if (!goes_well("acquire for a wait", sn_mutex_acquire(&room.mutex, SN_FOREVER)))
        return false;
    sn_error error = SN_OK;
    while (!error && !room.has_helped)
        error = sn_condition_wait(&room.condition, &room.mutex, SN_FOREVER);
    must(!sn_mutex_release(&room.mutex), "a mutex could not be given back after a wait");
    return goes_well("wait for help", error);
}

static sn_error ask(void *unused)
{
    char byte = 0;
    size_t size = 1;
    (void)unused;
    bool is_fine = wait_for_help();
    for (char i = 'a'; is_fine && i < 'a' + ROUNDS; i++) {
        is_fine =
            goes_well("ask", sn_socket_send(room.far, &i, 1, SN_FLAG_NONE, NULL)) &&
            goes_well("be answered", sn_socket_receive(room.far, &byte, 1, SN_FLAG_NONE, &size));
        must(!is_fine || is_stopped() || (size == 1 && byte == i), "another answer");
        is_fine = is_fine && size == 1;
    }
    return group_ended(is_fine);
}

/* --- All together ----------------------------------------------------------------------------- */

static bool open_pair(sn_socket **out_near, sn_socket **out_far)
{
    sn_socket *pair[2] = {NULL, NULL};
    if (!step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair)))
        return false;
    *out_near = keep(pair[0]);
    *out_far = keep(pair[1]);
    return true;
}

static bool prepare(void)
{
    sn_socket *unused;
    room.semaphore = (sn_semaphore)SN_SEMAPHORE_INIT(1, 1);
    /* Else their number depends on whether the thread of the last play has come to rest. */
    must(!sn_fiber_set_offload_limit(1), "a limit was refused");
    return open_pair(&room.near, &room.far) && open_pair(&room.quiet, &unused) &&
           step("make a channel", sn_channel_create(1, 1, &room.channel)) &&
           step("make a group", sn_fiber_group_create(room.engine, NULL, &room.group));
}

static bool start_lone(size_t at, sn_fiber_body body, const sn_fiber_options *options)
{
    bool is_fine =
        step("start a fiber", sn_fiber_start(room.engine, body, NULL, options, &room.fibers[at]));
    room.started += is_fine;
    return is_fine;
}

static bool start_in_group(sn_fiber_body body, const sn_fiber_options *options)
{
    bool is_fine = step("start a fiber of the group",
                        sn_fiber_group_start(room.group, body, NULL, options, NULL));
    room.started += is_fine;
    return is_fine;
}

/* Stacks of the pool, and of a size of their own, which are unmapped at the end. */
static bool start_all(void)
{
    const sn_fiber_options large = {.stack_size = OWN_STACK, .name = "large"};
    return start_lone(0, sleep_long, NULL) && start_lone(1, watch, &large) &&
           start_in_group(take, &large) && start_in_group(answer_all, NULL) &&
           start_in_group(ask, NULL) && start_in_group(help, &large);
}

static void cancel_all(void)
{
    for (size_t i = 0; i < LONE_FIBERS; i++)
        sn_fiber_cancel(room.fibers[i]);
    sn_fiber_group_cancel(room.group);
}

/* All have ended, whatever has failed: each tells so, and a wait for it does not wait. */
static void join_all(void)
{
    sn_error result = SN_OK;
    must(room.ended == room.started, "a fiber was lost");
    for (size_t i = 0; i < LONE_FIBERS; i++)
        if (room.fibers[i]) {
            must(!sn_fiber_join(room.fibers[i], 0, &result), "a fiber has not ended");
            must(result != SN_OK, "a fiber tells another result");
        }
    if (room.group) {
        must(!sn_fiber_group_join(room.group, 0, &result), "a group has not ended");
        must(is_stopped() || !result, "a group tells of a failure");
    }
}

static void release_all(void)
{
    for (size_t i = 0; i < LONE_FIBERS; i++)
        sn_fiber_release(room.fibers[i]);
    sn_fiber_group_release(room.group);
    sn_channel_release(room.channel);
}

static void play(int threads)
{
    memset(&room, 0, sizeof room);
    if (!(room.engine = engine_open(threads)))
        return;
    sn_engine *driven = threads == 0 ? room.engine : NULL;
    if (prepare()) {
        if (start_all())
            wait_for(driven, &room.ended_of_the_group, GROUP_FIBERS);
        else
            stop();
        cancel_all();
        wait_for(driven, &room.ended, room.started);
    }
    engine_end(room.engine, threads);
    join_all();
    release_all();
}

void play_fibers(void)
{
    play(1);
}

void play_fibers_driven(void)
{
    play(0);
}
