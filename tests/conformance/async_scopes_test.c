/*
 * Scopes of a handle: one inside the other, on many threads, left, forked, and lookups of names.
 */
#include "conformance/scopes.h"

#include "support/threads.h"
#include "support/children.h"

/* --- Several scopes --------------------------------------------------------------------------- */

TEST(each_of_the_scopes_that_a_thread_is_inside_ends_its_calls)
{
    for (int ended = 0; ended < 3; ended++) {
        struct scene scenes[3];
        sn_cancellation_scope scopes[3];
        for (int i = 0; i < 3; i++) {
            scene_open(&scenes[i], TCP_IPV4);
            assert_ok(sn_cancellation_enter(scenes[i].cancellation, &scopes[i]));
        }
        assert_ok(sn_cancellation_cancel_after(scenes[ended].cancellation, 2));
        assert_error(SN_ERROR_TIMED_OUT, call_receive(&scenes[0]));
        for (int i = 2; i >= 0; i--) {
            assert_error(i >= ended ? SN_ERROR_TIMED_OUT : SN_OK, sn_cancellation_check());
            assert_ok(sn_cancellation_leave(&scopes[i]));
        }
        /* Nothing is left that would end a wait outside. */
        assert_ok(sn_socket_set_receive_timeout(scenes[0].pair.server, 20));
        send_plain(scenes[0].pair.client, "x", 1);
        assert_ok(call_receive(&scenes[0]));
        for (int i = 0; i < 3; i++)
            scene_close(&scenes[i]);
    }
}

static atomic_bool has_left;

static sn_error receive_outside(void *context)
{
    struct scene *scene = context;
    const struct waiting_call call = {"receive", call_receive, TCP_IPV4};
    sn_error error = call_inside(&(struct inside){scene, &call});
    if (error != SN_ERROR_OPERATION_CANCELED)
        return SN_ERROR_FAULT;
    atomic_store(&has_left, true);
    return call_receive(scene); /* sleeps, although it was cancelled a moment before */
}

TEST(a_wait_after_a_scope_that_was_cancelled_is_as_every_other)
{
    for (int i = repetitions(20); i > 0; i--) {
        struct scene scene;
        struct thread thread;
        scene_open(&scene, TCP_IPV4);
        atomic_store(&has_left, false);
        thread_start_blocked(&thread, receive_outside, &scene);
        sn_cancellation_cancel(scene.cancellation);
        while (!atomic_load(&has_left))
            give_way();
        (void)thread_wait_blocked(&thread);
        send_plain(scene.pair.client, "x", 1);
        assert_ok(thread_join(&thread));
        scene_close(&scene);
    }
}

TEST(one_handle_ends_the_calls_of_many_threads_and_operations)
{
    static const struct waiting_call mixed[] = {{"receive", call_receive, TCP_IPV4},
                                                {"accept", call_accept, TCP_IPV4},
                                                {"wait, handed", call_wait_handed, TCP_IPV4}};
    enum { MANY = 6 };
    struct scene scenes[MANY];
    struct thread threads[MANY];
    struct inside insides[MANY];
    struct pending receive;
    char byte;
    sn_cancellation *cancellation = NULL;
    assert_ok(sn_cancellation_create(&cancellation));
    for (int i = 0; i < MANY; i++) {
        scene_open(&scenes[i], TCP_IPV4);
        sn_cancellation_release(scenes[i].cancellation);
        scenes[i].cancellation = cancellation;
        insides[i] = (struct inside){&scenes[i], &mixed[i % 3]};
        thread_start_blocked(&threads[i], call_inside, &insides[i]);
    }
    pending_init(&receive);
    receive.operation.cancellation = cancellation;
    sn_socket_receive_async(scenes[0].pair.client, &byte, 1, SN_FLAG_NONE, &receive.operation);
    sn_cancellation_cancel(cancellation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &receive);
    for (int i = 0; i < MANY; i++) {
        assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&threads[i]));
        scenes[i].cancellation = NULL;
        scene_close(&scenes[i]);
    }
    sn_cancellation_release(cancellation);
}

/* --- The scope itself ------------------------------------------------------------------------- */

TEST(a_handle_may_be_released_inside_and_its_time_counts_on)
{
    struct scene scene;
    sn_cancellation_scope scope;
    scene_open(&scene, TCP_IPV4);
    assert_ok(sn_cancellation_enter(scene.cancellation, &scope));
    assert_ok(sn_cancellation_cancel_after(scene.cancellation, 3));
    sn_cancellation_release(scene.cancellation);
    scene.cancellation = NULL;
    assert_error(SN_ERROR_TIMED_OUT, call_receive(&scene));
    assert_ok(sn_cancellation_leave(&scope));
    scene_close(&scene);
}

TEST(scopes_are_entered_once_and_left_from_the_inside)
{
    struct scene scene;
    sn_cancellation_scope scopes[2];
    memset(scopes, 0xa5, sizeof scopes);
    scene_open(&scene, TCP_IPV4);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_cancellation_enter(NULL, &scopes[0]));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_cancellation_enter(scene.cancellation, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_cancellation_leave(NULL));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_cancellation_leave(&scopes[0]));
    assert_ok(sn_cancellation_enter(scene.cancellation, &scopes[0]));
    assert_ok(sn_cancellation_enter(scene.cancellation, &scopes[1]));
    for (int i = 0; i < 2; i++)
        assert_error(SN_ERROR_INVALID_OPERATION,
                     sn_cancellation_enter(scene.cancellation, &scopes[i]));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_cancellation_leave(&scopes[0]));
    assert_ok(sn_cancellation_leave(&scopes[1]));
    assert_ok(sn_cancellation_leave(&scopes[0]));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_cancellation_leave(&scopes[0]));
    scene_close(&scene);
}

/* What a callback waits for with a blocking call ends too. */
static void wait_in_callback(struct pending *pending)
{
    const struct waiting_call call = {"receive", call_receive, TCP_IPV4};
    struct scene *scene = pending->context;
    scene->count = (size_t)call_inside(&(struct inside){scene, &call});
}

TEST(a_scope_ends_what_a_callback_waits_for)
{
    struct scene scene;
    struct pending post;
    scene_open(&scene, TCP_IPV4);
    assert_ok(sn_cancellation_cancel_after(scene.cancellation, 3));
    pending_init(&post);
    post.then = wait_in_callback;
    post.context = &scene;
    sn_engine *engine = engine_make(1); /* not the one whose thread counts the time */
    sn_engine_post_async(engine, &post.operation);
    assert_pending(SN_OK, &post);
    assert_int_equal(SN_ERROR_TIMED_OUT, scene.count);
    engine_destroy(engine);
    scene_close(&scene);
}

/* A race: the cancel comes while the threads enter, sleep and leave. */
static sn_error come_and_go(void *context)
{
    struct scene *scene = context;
    for (;;) {
        sn_cancellation_scope scope;
        bool is_ready;
        if (sn_cancellation_enter(scene->cancellation, &scope) != SN_OK)
            return SN_ERROR_FAULT;
        sn_error error = sn_socket_poll(scene->pair.server, 1000, SN_SELECT_READ, &is_ready);
        if (sn_cancellation_leave(&scope) != SN_OK)
            return SN_ERROR_FAULT;
        if (error)
            return error;
    }
}

TEST(a_cancel_while_threads_come_and_go_ends_them_all)
{
    for (int i = repetitions(50); i > 0; i--) {
        struct scene scene;
        struct thread threads[3];
        scene_open(&scene, UNIX_STREAM);
        for (int k = 0; k < 3; k++)
            thread_start(&threads[k], come_and_go, &scene);
        if (i % 3 == 0)
            (void)thread_wait_blocked(&threads[0]);
        sn_cancellation_cancel(scene.cancellation);
        for (int k = 0; k < 3; k++)
            assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&threads[k]));
        scene_close(&scene);
    }
}

/* --- Names ------------------------------------------------------------------------------------ */

TEST(a_name_is_looked_up_inside_a_scope)
{
    struct scene scene;
    sn_cancellation_scope scope;
    sn_ip_address addresses[4];
    size_t count = 0;
    scene_open(&scene, TCP_IPV4);
    assert_ok(sn_cancellation_enter(scene.cancellation, &scope));
    assert_ok(sn_dns_get_host_addresses("localhost", SN_FAMILY_UNSPECIFIED, addresses, 4, &count));
    assert_true(count > 0);
    assert_ok(sn_cancellation_leave(&scope));
    scene_close(&scene);
}

TEST(a_name_is_not_waited_for_when_all_is_over)
{
    struct scene scene;
    sn_cancellation_scope scope;
    sn_ip_address addresses[4];
    size_t count = 0;
    scene_open(&scene, TCP_IPV4);
    assert_ok(sn_cancellation_cancel_after(scene.cancellation, 0));
    assert_ok(sn_cancellation_enter(scene.cancellation, &scope));
    assert_error(SN_ERROR_TIMED_OUT, sn_dns_get_host_addresses("localhost", SN_FAMILY_UNSPECIFIED,
                                                               addresses, 4, &count));
    assert_ok(sn_dns_get_host_addresses("127.0.0.1", SN_FAMILY_UNSPECIFIED, addresses, 4, &count));
    assert_ok(sn_cancellation_leave(&scope));
    scene_close(&scene);
}

/* --- fork ------------------------------------------------------------------------------------- */

/* The child goes on inside the scope, with a copy of the handle that is its own. */
static int go_on_inside(void *context)
{
    struct scene *scene = context;
    CHILD_EXPECT(sn_cancellation_check() == SN_OK);
    CHILD_EXPECT(sn_cancellation_cancel_after(scene->cancellation, 2) == SN_OK);
    CHILD_EXPECT(call_receive(scene) == SN_ERROR_TIMED_OUT);
    CHILD_EXPECT(call_wait_handed(scene) == SN_ERROR_TIMED_OUT);
    return 0;
}

TEST(a_forked_child_is_inside_the_scope_of_the_thread_that_has_forked)
{
    struct scene scene;
    struct thread thread;
    sn_cancellation_scope scope;
    const struct waiting_call call = {"accept", call_accept, TCP_IPV4};
    scene_open(&scene, TCP_IPV4);
    thread_start_blocked(&thread, call_inside, &(struct inside){&scene, &call});
    assert_ok(sn_cancellation_enter(scene.cancellation, &scope));
    assert_ok(sn_socket_set_receive_timeout(scene.pair.server, 1));
    assert_error(SN_ERROR_TIMED_OUT, call_receive(&scene)); /* so that it is in the handle's list */
    assert_ok(sn_socket_set_receive_timeout(scene.pair.server, 0));
    assert_int_equal(0, child_run(go_on_inside, &scene));
    assert_ok(sn_cancellation_check());
    sn_cancellation_cancel(scene.cancellation);
    assert_error(SN_ERROR_OPERATION_CANCELED, call_receive(&scene));
    assert_ok(sn_cancellation_leave(&scope));
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&thread));
    scene_close(&scene);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(each_of_the_scopes_that_a_thread_is_inside_ends_its_calls),
        CASE(a_wait_after_a_scope_that_was_cancelled_is_as_every_other),
        CASE(one_handle_ends_the_calls_of_many_threads_and_operations),
        CASE(a_handle_may_be_released_inside_and_its_time_counts_on),
        CASE(scopes_are_entered_once_and_left_from_the_inside),
        CASE(a_scope_ends_what_a_callback_waits_for),
        CASE(a_cancel_while_threads_come_and_go_ends_them_all),
        CASE(a_name_is_looked_up_inside_a_scope),
        CASE(a_name_is_not_waited_for_when_all_is_over),
        CASE(a_forked_child_is_inside_the_scope_of_the_thread_that_has_forked),
    };
    return RUN(cases);
}
