/* What ends kept operations, whether or not somebody carries them. */
#include "unit/engine/kept_scene.h"

#include "support/children.h"

struct end {
    const char *what;
    void (*make)(struct scene *scene);
    sn_error expected;
};

static void cancel_it(struct scene *scene)
{
    sn_operation_cancel(&scene->receive);
    sn_operation_cancel(&scene->receive);
}

static void cancel_socket(struct scene *scene)
{
    sn_socket_cancel(scene->pair.server);
}

static void close_socket(struct scene *scene)
{
    sn_socket_close(scene->pair.server);
}

static void close_peer(struct scene *scene)
{
    sn_socket_close(scene->pair.client);
}

static void shut_down(struct scene *scene)
{
    assert_ok(sn_socket_shutdown(scene->pair.server, SN_SHUTDOWN_RECEIVE));
}

static const struct end ends[] = {
    {"cancel", cancel_it, SN_ERROR_OPERATION_CANCELED},
    {"cancel of the socket", cancel_socket, SN_ERROR_OPERATION_CANCELED},
    {"close", close_socket, SN_ERROR_OPERATION_ABORTED},
    {"close of the peer", close_peer, SN_OK},
    {"shutdown", shut_down, SN_OK},
};

TEST(what_ends_an_operation_ends_a_kept_one)
{
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct scene scene;
        open_scene(&scene, TCP_IPV4);
        ends[i].make(&scene);
        if (sn_operation_wait(&scene.receive) != ends[i].expected)
            fail_msg("%s: %s", ends[i].what, sn_error_name(scene.receive.error));
        assert_int_equal(scene.receive.transferred, 0);
        assert_false(has_worker(&scene));
        close_scene(&scene);
    }
}

TEST(what_ends_an_operation_ends_a_carried_one)
{
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct scene scene;
        struct thread waiter;
        open_scene(&scene, TCP_IPV4);
        thread_start_blocked(&waiter, wait_for_it, &scene);
        ends[i].make(&scene);
        sn_error error = thread_join(&waiter);
        if (error != ends[i].expected)
            fail_msg("%s: %s", ends[i].what, sn_error_name(error));
        close_scene(&scene);
    }
}

/* Between the claim of a thread that begins to wait and its sleep. */
TEST(an_end_that_comes_as_the_wait_begins_is_not_lost)
{
    for (size_t i = 0; i < 300; i++) {
        const struct end *end = &ends[i % COUNT_OF(ends)];
        struct scene scene;
        struct thread waiter;
        open_scene(&scene, UNIX_STREAM);
        thread_start(&waiter, wait_for_it, &scene);
        end->make(&scene);
        sn_error error = thread_join(&waiter);
        if (error != end->expected)
            fail_msg("%s: %s", end->what, sn_error_name(error));
        close_scene(&scene);
    }
}

TEST(a_close_that_ends_one_resets_the_connection)
{
    struct scene scene;
    char byte;
    size_t count;
    open_scene(&scene, TCP_IPV4);
    sn_socket_close(scene.pair.server);
    assert_error(SN_ERROR_OPERATION_ABORTED, sn_operation_wait(&scene.receive));
    assert_error(SN_ERROR_CONNECTION_RESET,
                 sn_socket_receive(scene.pair.client, &byte, 1, SN_FLAG_NONE, &count));
    close_scene(&scene);
}

TEST(the_end_of_its_sockets_engine_ends_it)
{
    struct scene kept, carried;
    struct thread waiter;
    sn_engine *engine = engine_of(state, 1);
    open_scene_of(&kept, TCP_IPV4, engine);
    open_scene_of(&carried, TCP_IPV4, engine);
    thread_start_blocked(&waiter, wait_for_it, &carried);
    destroy_engine(engine);
    assert_error(SN_ERROR_OPERATION_ABORTED, sn_operation_wait(&kept.receive));
    assert_error(SN_ERROR_OPERATION_ABORTED, thread_join(&waiter));
    close_scene(&kept);
    close_scene(&carried);
}

TEST(the_connection_that_is_taken_away_takes_it_along)
{
    for (int i = 0; i < 20; i++) {
        struct scene scene;
        struct thread waiter;
        open_scene(&scene, TCP_IPV4);
        if (i % 2 == 0)
            thread_start_blocked(&waiter, wait_for_it, &scene);
        assert_ok(sn_socket_disconnect(scene.pair.server, true));
        sn_error error = i % 2 == 0 ? thread_join(&waiter) : sn_operation_wait(&scene.receive);
        /* What the shutdown told first stands. */
        if (error && error != SN_ERROR_OPERATION_ABORTED)
            fail_msg("%s", sn_error_name(error));
        assert_int_equal(scene.receive.transferred, 0);
        close_scene(&scene);
    }
}

/* --- Forks ------------------------------------------------------------------------------------ */

/* It is pending there for ever, as what a worker of the parent has; the socket is of use. */
static int use_in_child(void *context)
{
    struct scene *scene = context;
    sn_operation again = {0};
    CHILD_EXPECT(sn_operation_wait_for(&scene->receive, 0) == SN_ERROR_TIMED_OUT);
    CHILD_EXPECT(!sn_operation_is_completed(&scene->receive));
    sn_operation_cancel(&scene->receive);
    CHILD_EXPECT(sn_operation_wait_for(&scene->receive, 1) == SN_ERROR_TIMED_OUT);
    CHILD_EXPECT(sn_socket_receive_async(scene->pair.server, scene->data, 3, SN_FLAG_NONE, &again));
    CHILD_EXPECT(send_abc(scene) == SN_OK);
    CHILD_EXPECT(sn_operation_wait(&again) == SN_OK);
    CHILD_EXPECT(memcmp(scene->data, "abc", 3) == 0);
    sn_socket_close(scene->pair.server);
    CHILD_EXPECT(sn_operation_wait_for(&scene->receive, 0) == SN_ERROR_TIMED_OUT);
    return 0;
}

TEST(in_a_forked_child_it_stays_pending_and_the_parent_has_it)
{
    struct scene scene;
    open_scene(&scene, TCP_IPV4);
    assert_int_equal(child_run(use_in_child, &scene), 0);
    assert_true(is_kept(&scene));
    assert_ok(send_abc(&scene));
    assert_ok(sn_operation_wait(&scene.receive));
    expect_abc(&scene);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ends_an_operation_ends_a_kept_one),
        cmocka_unit_test(what_ends_an_operation_ends_a_carried_one),
        cmocka_unit_test(an_end_that_comes_as_the_wait_begins_is_not_lost),
        cmocka_unit_test(a_close_that_ends_one_resets_the_connection),
        ON_BOTH(the_end_of_its_sockets_engine_ends_it),
        cmocka_unit_test(the_connection_that_is_taken_away_takes_it_along),
        cmocka_unit_test(in_a_forked_child_it_stays_pending_and_the_parent_has_it),
    };
    return cmocka_run_group_tests_name("loop/kept", tests, NULL, NULL);
}
