/* A detach that is ended early: while the test has a reference, it cannot come to its end. What a
 * program sees otherwise is in tests/conformance/detach_test.c and async_detach_test.c. */
#include "support/async.h"

#include <unistd.h>

#include "socket/object/object.h"
#include "support/allocations.h"
#include "support/children.h"
#include "support/descriptors.h"

struct scene {
    sn_socket *socket;
    sn_handle number, handle;
    struct pending detach;
    struct unix_path path;
};

static void begin(struct scene *scene, sn_milliseconds timeout_ms)
{
    *scene = (struct scene){.handle = SN_HANDLE_NONE, .path = unix_path_new()};
    sn_endpoint address = endpoint_of_path(scene->path.text);
    scene->socket = socket_make(UNIX_STREAM);
    scene->number = sn_socket_get_handle(scene->socket);
    assert_ok(sn_socket_bind(scene->socket, &address));
    assert_ok(socket_ref(scene->socket));
    pending_init(&scene->detach);
    scene->detach.operation.timeout_ms = timeout_ms;
    sn_socket_detach_async(scene->socket, true, &scene->handle, &scene->detach.operation);
}

/* It has become a close: with the last reference the number goes, and the file. */
static void assert_closed_instead(struct scene *scene)
{
    assert_int_equal(scene->handle, SN_HANDLE_NONE);
    assert_true(descriptor_is_open(scene->number));
    assert_int_equal(access(scene->path.text, F_OK), 0);
    socket_unref(scene->socket);
    assert_false(descriptor_is_open(scene->number));
    assert_int_not_equal(access(scene->path.text, F_OK), 0);
    sn_socket_release(scene->socket);
}

TEST(a_cancel_makes_a_close_of_it)
{
    struct scene scene;
    begin(&scene, 0);
    sn_operation_cancel(&scene.detach.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &scene.detach);
    assert_closed_instead(&scene);
}

TEST(a_time_limit_makes_a_close_of_it)
{
    struct scene scene;
    begin(&scene, 1);
    assert_pending(SN_ERROR_TIMED_OUT, &scene.detach);
    assert_closed_instead(&scene);
}

TEST(with_the_last_reference_the_number_comes_and_the_file_stays)
{
    struct scene scene;
    begin(&scene, 60000);
    assert_int_equal(pending_count(&scene.detach), 0);
    socket_unref(scene.socket);
    assert_pending(SN_OK, &scene.detach);
    assert_int_equal(scene.handle, scene.number);
    assert_false(descriptor_is_nonblocking(scene.handle));
    sn_socket_release(scene.socket);
    assert_int_equal(access(scene.path.text, F_OK), 0);
    close(scene.handle);
}

TEST(the_end_of_the_engine_makes_a_close_of_it)
{
    struct scene scene = {.handle = SN_HANDLE_NONE};
    sn_engine *engine = engine_make(1);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    assert_ok(sn_socket_set_engine(pair.server, engine));
    scene.number = sn_socket_get_handle(pair.server);
    assert_ok(socket_ref(pair.server));
    pending_init(&scene.detach);
    sn_socket_detach_async(pair.server, true, &scene.handle, &scene.detach.operation);
    engine_destroy(engine);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &scene.detach);
    socket_unref(pair.server);
    assert_int_equal(scene.handle, SN_HANDLE_NONE);
    assert_false(descriptor_is_open(scene.number));
    pair_release(&pair);
}

/* It begins only where it can be told of. This test is the first: there is no engine yet. */
TEST(without_an_engine_for_its_callback_nothing_happens)
{
    struct socket_pair pair = pair_plain(UNIX_STREAM);
    struct pending detach;
    sn_handle handle = SN_HANDLE_NONE;
    pending_init(&detach);
    allocations_begin();
    allocations_fail_all();
    sn_socket_detach_async(pair.server, true, &handle, &detach.operation);
    pending_wait(&detach);
    allocations_end();
    assert_error(SN_ERROR_OUT_OF_MEMORY, detach.operation.error);
    assert_int_equal(handle, SN_HANDLE_NONE);
    send_plain(pair.client, "well", 4);
    assert_receives(pair.server, "well");
    pair_release(&pair);
}

static int release_in_child(void *context)
{
    struct scene *scene = context;
    sn_socket_release(scene->socket);
    CHILD_EXPECT(!descriptor_is_open(scene->number));
    CHILD_EXPECT(access(scene->path.text, F_OK) == 0);
    return 0;
}

/* The operation is the parent's, and so is the reference that holds it up. */
TEST(a_child_that_is_forked_in_the_middle_closes_its_copy)
{
    struct scene scene;
    begin(&scene, 0);
    assert_int_equal(child_run(release_in_child, &scene), 0);
    assert_int_equal(pending_count(&scene.detach), 0);
    socket_unref(scene.socket);
    assert_pending(SN_OK, &scene.detach);
    assert_int_equal(scene.handle, scene.number);
    sn_socket_release(scene.socket);
    close(scene.handle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_engine_for_its_callback_nothing_happens),
        cmocka_unit_test(a_cancel_makes_a_close_of_it),
        cmocka_unit_test(a_time_limit_makes_a_close_of_it),
        cmocka_unit_test(with_the_last_reference_the_number_comes_and_the_file_stays),
        cmocka_unit_test(a_child_that_is_forked_in_the_middle_closes_its_copy),
        cmocka_unit_test(the_end_of_the_engine_makes_a_close_of_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
