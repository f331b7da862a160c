/*
 * Close and cancel against every blocking call, many times over (contract A.10). Each row of the
 * table of blocked calls is ended in four ways: closed and cancelled once it is certainly blocked,
 * and closed and cancelled at any moment between its start and its sleep.
 *
 * SENNIT_TEST_REPEAT says how often each is done; under the thread sanitizer it is the test of the
 * close protocol.
 */
#include "support/run.h"

#include <stdlib.h>

#include "stress/stress.h"
#include "support/blocked_calls.h"
#include "support/descriptors.h"
#include "support/verbs.h"

/* Fewer where the same races are run on two back-ends in several styles, and under a sanitizer,
 * where each repetition takes many times as long. */
#define USUAL_REPETITIONS                                                                          \
    ((test_style == STYLE_BLOCKING ? 100                                                           \
      : style_is_fiber()           ? 4                                                             \
                                   : 25) /                                                                   \
     (STRESS_IS_SANITIZED ? 4 : 1))

static const struct blocked_call *call_of(void **state)
{
    const struct blocked_call *call = *state;
    const char *reason = transport_missing(call->transport);
    if (reason)
        SKIP("%s", reason);
    return call;
}

/* Waiting in poll and select has no asynchronous form. */
static void assert_closed(const struct blocked_call *call, sn_error error)
{
    if (call->verb == BLOCKED_POLL || call->verb == BLOCKED_SELECT)
        assert_error(call->at_close, error);
    else
        assert_ended_by_close(call->at_close, error);
}

/* A thread that sleeps on its way to the call would find the socket closed. */
static void start_in_call(struct blocked_scene *scene)
{
    thread_start(&scene->thread, blocked_scene_run, scene);
    assert_true(thread_wait_in_call(&scene->thread));
}

/* A full TCP buffer takes more once what is in flight has been acknowledged. So a send that was
 * blocked may have ended well just before the close, and the one made after it came too late. */
static bool came_too_late(sn_error error, unsigned successes)
{
    return error == SN_ERROR_OBJECT_DISPOSED && successes > 0;
}

/* Traps 37, 45, 59 and 68: what a close makes of each call stands in the table. */
TEST(closing_ends_the_blocked_call)
{
    const struct blocked_call *call = call_of(state);
    for (int i = repetitions(USUAL_REPETITIONS); i > 0; i--) {
        struct blocked_scene scene;
        blocked_scene_open(&scene, call);
        sn_handle handle = sn_socket_get_handle(scene.socket);
        start_in_call(&scene);
        sn_socket_close(scene.socket);
        bool is_open = test_style == STYLE_BLOCKING && descriptor_is_open(handle);
        sn_error error = thread_join(&scene.thread);
        if (!came_too_late(error, blocked_scene_successes(&scene)))
            assert_closed(call, error);
        assert_false(is_open);
        blocked_scene_release(&scene);
    }
}

/* A call that comes too late finds the socket closed. */
TEST(closing_ends_the_call_whenever_it_comes)
{
    const struct blocked_call *call = call_of(state);
    for (int i = repetitions(USUAL_REPETITIONS); i > 0; i--) {
        struct blocked_scene scene;
        blocked_scene_open(&scene, call);
        sn_handle handle = sn_socket_get_handle(scene.socket);
        thread_start(&scene.thread, blocked_scene_run, &scene);
        /* From none to all of the way to its sleep. */
        for (int turns = i % 64; turns > 0 && !thread_is_done(&scene.thread); turns--)
            (void)sn_socket_is_connected(scene.peer);
        sn_socket_close(scene.socket);
        bool is_open = test_style == STYLE_BLOCKING && descriptor_is_open(handle);
        sn_error error = thread_join(&scene.thread);
        if (error != SN_ERROR_OBJECT_DISPOSED)
            assert_closed(call, error);
        assert_false(is_open);
        blocked_scene_release(&scene);
    }
}

/* A connect leaves its socket in another state when it ends; all others can be made again. */
static void renew(struct blocked_scene *scene, const struct blocked_call *call)
{
    if (call->verb != BLOCKED_CONNECT)
        return;
    blocked_scene_release(scene);
    blocked_scene_open(scene, call);
}

TEST(cancelling_ends_the_blocked_call_and_the_socket_survives)
{
    const struct blocked_call *call = call_of(state);
    struct blocked_scene scene;
    blocked_scene_open(&scene, call);
    for (int i = repetitions(USUAL_REPETITIONS); i > 0; i--) {
        start_in_call(&scene);
        unsigned successes = blocked_scene_successes(&scene);
        sn_socket_cancel(scene.socket);
        assert_error(SN_ERROR_OPERATION_CANCELED, blocked_scene_join_cancelled(&scene, successes));
        renew(&scene, call);
    }
    blocked_scene_release(&scene);
}

/* A cancel that comes before the call has no effect on it, so it is repeated until the call has
 * ended. */
TEST(cancelling_ends_the_call_whenever_it_comes)
{
    const struct blocked_call *call = call_of(state);
    struct blocked_scene scene;
    blocked_scene_open(&scene, call);
    for (int i = repetitions(USUAL_REPETITIONS); i > 0; i--) {
        thread_start(&scene.thread, blocked_scene_run, &scene);
        while (!thread_is_done(&scene.thread)) {
            sn_socket_cancel(scene.socket);
            if (sn_fiber_current()) /* on the thread that is to carry it out */
                give_way();
        }
        assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&scene.thread));
        renew(&scene, call);
    }
    blocked_scene_release(&scene);
}

/* --- All of a socket at once ----------------------------------------------------------------- */

/* Several threads in several calls of one socket; the last reference may be anybody's. */
struct crowd {
    sn_socket *socket; /* each thread holds a reference of its own */
    sn_error (*call)(sn_socket *socket);
    unsigned successes; /* valid once it has been joined */
    sn_error result;    /* the same */
    struct thread thread;
};

static sn_error crowd_receive(sn_socket *socket)
{
    char byte;
    size_t size;
    return sn_socket_receive(socket, &byte, 1, SN_FLAG_NONE, &size);
}

static sn_error crowd_send(sn_socket *socket)
{
    size_t size;
    return sn_socket_send(socket, "x", 1, SN_FLAG_NONE, &size);
}

static sn_error crowd_poll(sn_socket *socket)
{
    bool is_ready;
    return sn_socket_poll(socket, -1, SN_SELECT_READ, &is_ready);
}

/* Only a send can succeed: nothing comes. */
static sn_error crowd_run(void *context)
{
    struct crowd *member = context;
    sn_error error;
    while (!(error = member->call(member->socket)))
        member->successes++;
    sn_socket_release(member->socket);
    return error;
}

static void assert_member_ended(const struct crowd *member, bool was_in_call)
{
    sn_error error = member->result;
    if (came_too_late(error, member->successes) ||
        (error == SN_ERROR_OBJECT_DISPOSED && !was_in_call))
        return;
    bool is_transfer = member->call != crowd_poll;
    assert_error(is_transfer ? SN_ERROR_CONNECTION_ABORTED : SN_ERROR_INTERRUPTED, error);
}

/* Nothing is asserted while threads run: a failing test takes its stack from under them. */
TEST(one_close_ends_every_call_of_a_socket_and_the_last_reference_frees_it)
{
    static sn_error (*const calls[])(sn_socket *) = {crowd_receive, crowd_send, crowd_poll,
                                                     crowd_receive, crowd_send, crowd_poll};
    enum { COUNT = sizeof calls / sizeof calls[0] };
    enum transport transport = transport_of(state);
    for (int i = repetitions(USUAL_REPETITIONS); i > 0; i--) {
        struct socket_pair pair = pair_connected(transport);
        struct crowd crowd[COUNT];
        bool are_in_call = i % 2 == 0, has_ended = false;
        (void)fill_until_full(pair.client);
        for (int k = 0; k < COUNT; k++) {
            crowd[k] = (struct crowd){.socket = sn_socket_retain(pair.client), .call = calls[k]};
            thread_start(&crowd[k].thread, crowd_run, &crowd[k]);
        }
        for (int k = 0; are_in_call && k < COUNT; k++)
            has_ended |= !thread_wait_in_call(&crowd[k].thread);
        sn_socket_close(pair.client);
        sn_socket_release(pair.client);
        pair.client = NULL;
        for (int k = 0; k < COUNT; k++)
            crowd[k].result = thread_join(&crowd[k].thread);
        for (int k = 0; k < COUNT; k++)
            assert_member_ended(&crowd[k], are_in_call && !has_ended);
        assert_false(has_ended);
        pair_release(&pair);
    }
}

/* Two threads close at once: both return when the descriptor is closed. */
struct closer {
    sn_socket *socket;
    sn_handle handle;
    bool was_open; /* when its close had returned */
    struct thread thread;
};

static sn_error close_run(void *context)
{
    struct closer *closer = context;
    sn_socket_close(closer->socket);
    closer->was_open = descriptor_is_open(closer->handle);
    return SN_OK;
}

TEST(two_closes_at_once_both_return_with_the_descriptor_closed)
{
    for (int i = repetitions(USUAL_REPETITIONS); i > 0; i--) {
        sn_socket *socket = socket_bound(UDP_IPV4);
        struct closer closers[2];
        for (int k = 0; k < 2; k++) {
            closers[k] = (struct closer){.socket = socket, .handle = sn_socket_get_handle(socket)};
            thread_start(&closers[k].thread, close_run, &closers[k]);
        }
        for (int k = 0; k < 2; k++)
            (void)thread_join(&closers[k].thread);
        assert_false(closers[0].was_open || closers[1].was_open);
        sn_socket_release(socket);
    }
}

/* --- The list: each row in each way ---------------------------------------------------------- */

static const struct {
    const char *name;
    void (*test)(void **state);
} ways[] = {
    {"closing_ends_a_blocked", closing_ends_the_blocked_call},
    {"closing_at_any_moment_ends_a", closing_ends_the_call_whenever_it_comes},
    {"cancelling_ends_a_blocked", cancelling_ends_the_blocked_call_and_the_socket_survives},
    {"cancelling_at_any_moment_ends_a", cancelling_ends_the_call_whenever_it_comes},
};
enum { WAYS = sizeof ways / sizeof ways[0], OTHERS = 3 };

static struct CMUnitTest case_of(size_t way, const struct blocked_call *call, char *name,
                                 size_t name_size)
{
    snprintf(name, name_size, "%s %s", ways[way].name, call->name);
    return (struct CMUnitTest){name, ways[way].test, case_begin, case_end, (void *)(uintptr_t)call};
}

int main(void)
{
    enum { NAME_SIZE = 96 };
    static const struct CMUnitTest others[OTHERS] = {
        CASE_ON(one_close_ends_every_call_of_a_socket_and_the_last_reference_frees_it, TCP_IPV4),
        CASE_ON(one_close_ends_every_call_of_a_socket_and_the_last_reference_frees_it, UNIX_STREAM),
        CASE(two_closes_at_once_both_return_with_the_descriptor_closed),
    };
    size_t count = blocked_call_count * WAYS;
    struct CMUnitTest *cases = calloc(count + OTHERS, sizeof *cases);
    char *names = calloc(count, NAME_SIZE);
    if (!cases || !names)
        return 1;
    for (size_t i = 0; i < count; i++)
        cases[i] = case_of(i % WAYS, &blocked_calls[i / WAYS], names + i * NAME_SIZE, NAME_SIZE);
    memcpy(cases + count, others, sizeof others);
    int failed = run_cases(__FILE__, cases, count + OTHERS);
    free(cases);
    free(names);
    return failed;
}
