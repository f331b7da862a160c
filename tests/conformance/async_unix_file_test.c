/*
 * Whose file a Unix socket's close removes, and when (contract A.9).
 */
#include "support/async.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/children.h"
#include "support/descriptors.h"

static bool file_exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static sn_socket *bound_to(const struct unix_path *path)
{
    sn_endpoint endpoint = endpoint_of_path(path->text);
    sn_socket *socket = socket_make(UNIX_STREAM);
    assert_ok(sn_socket_bind(socket, &endpoint));
    assert_ok(sn_socket_listen(socket, 4));
    return socket;
}

/* A descriptor that counts in no engine: the path is only looked at. */
static bool can_connect(const struct unix_path *path)
{
    sn_endpoint endpoint = endpoint_of_path(path->text);
    sn_socket *client = socket_make(UNIX_STREAM);
    sn_error error = sn_socket_connect(client, &endpoint);
    sn_socket_release(client);
    return error == SN_OK;
}

static int close_copy(void *socket)
{
    sn_socket_close(socket);
    return 0;
}

static int release_copy(void *socket)
{
    sn_socket_release(socket);
    return 0;
}

TEST(a_forked_child_that_closes_its_copy_leaves_the_file)
{
    static const child_function ends[] = {close_copy, release_copy};
    for (int is_async = 0; is_async < 2; is_async++) {
        for (size_t i = 0; i < COUNT_OF(ends); i++) {
            struct unix_path path = unix_path_new();
            struct pending accept;
            sn_socket *listener = bound_to(&path);
            pending_init(&accept);
            if (is_async)
                sn_socket_accept_async(listener, NULL, &accept.operation);
            assert_int_equal(child_run(ends[i], listener), 0);
            assert_true(file_exists(path.text));
            assert_true(can_connect(&path));
            if (is_async) {
                assert_pending(SN_OK, &accept);
                sn_socket_release(accept.operation.socket);
            }
            sn_socket_close(listener);
            assert_false(file_exists(path.text));
            sn_socket_release(listener);
        }
    }
}

static int bind_and_close(void *context)
{
    const struct unix_path *path = context;
    sn_endpoint endpoint = endpoint_of_path(path->text);
    sn_socket *socket = NULL;
    CHILD_EXPECT(sn_socket_create(SN_FAMILY_UNIX, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED,
                                  &socket) == SN_OK);
    CHILD_EXPECT(sn_socket_bind(socket, &endpoint) == SN_OK);
    CHILD_EXPECT(file_exists(path->text));
    sn_socket_release(socket);
    CHILD_EXPECT(!file_exists(path->text));
    return 0;
}

TEST(a_child_removes_the_file_of_its_own_bind)
{
    struct unix_path path = unix_path_new();
    assert_int_equal(child_run(bind_and_close, &path), 0);
}

/* The engine ends the accept and closes the number whenever it likes; the file is not its affair.
 */
TEST(the_file_is_gone_when_a_close_returns_that_has_left_operations_to_an_engine)
{
    for (int i = repetitions(100); i > 0; i--) {
        struct unix_path path = unix_path_new();
        struct pending accept;
        sn_socket *listener = bound_to(&path);
        pending_init(&accept);
        sn_socket_accept_async(listener, NULL, &accept.operation);
        sn_socket_close(listener);
        assert_false(file_exists(path.text));
        sn_socket *next = bound_to(&path);
        assert_pending(SN_ERROR_OPERATION_ABORTED, &accept);
        sn_socket_release(listener);
        assert_true(can_connect(&path));
        sn_socket_release(next);
        assert_false(file_exists(path.text));
    }
}

/* What stands at the path is looked at, not what once did. */
TEST(a_file_that_somebody_else_has_put_there_is_left_alone)
{
    struct unix_path path = unix_path_new();
    sn_socket *first = bound_to(&path);
    assert_int_equal(unlink(path.text), 0);
    sn_socket *second = bound_to(&path);
    sn_socket_release(first);
    assert_true(can_connect(&path));
    assert_int_equal(unlink(path.text), 0);
    int file = open(path.text, O_CREAT | O_EXCL | O_CLOEXEC | O_WRONLY, 0600);
    assert_true(file >= 0);
    close(file);
    sn_socket_release(second);
    assert_true(file_exists(path.text));
    assert_int_equal(unlink(path.text), 0);
}

TEST(a_file_that_is_gone_already_does_not_matter)
{
    struct unix_path path = unix_path_new();
    sn_socket *socket = bound_to(&path);
    assert_int_equal(unlink(path.text), 0);
    sn_socket_release(socket);
    assert_false(file_exists(path.text));
}

TEST(the_removal_can_be_switched_off)
{
    bool value = false;
    struct unix_path path = unix_path_new();
    sn_socket *socket = bound_to(&path);
    assert_ok(sn_socket_get_unlink_on_close(socket, &value));
    assert_true(value);
    assert_ok(sn_socket_set_unlink_on_close(socket, false));
    assert_ok(sn_socket_get_unlink_on_close(socket, &value));
    assert_false(value);
    sn_socket_release(socket);
    assert_true(file_exists(path.text));
    assert_int_equal(unlink(path.text), 0);
    socket = bound_to(&path);
    assert_ok(sn_socket_set_unlink_on_close(socket, false));
    assert_ok(sn_socket_set_unlink_on_close(socket, true));
    sn_socket_release(socket);
    assert_false(file_exists(path.text));
}

TEST(the_switch_wants_a_socket_that_is_open)
{
    bool value = true;
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_unlink_on_close(NULL, &value));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_set_unlink_on_close(NULL, true));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_unlink_on_close(socket, NULL));
    assert_ok(sn_socket_set_unlink_on_close(socket, false));
    sn_socket_close(socket);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_get_unlink_on_close(socket, &value));
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_set_unlink_on_close(socket, true));
    assert_true(value);
    sn_socket_release(socket);
}

/* The bind is not carried over to the new descriptor, so the file is nobody's any more. */
TEST(the_file_goes_with_a_descriptor_that_is_replaced)
{
    struct unix_path path = unix_path_new(), own = unix_path_new();
    sn_endpoint there = endpoint_of_path(path.text), here = endpoint_of_path(own.text);
    sn_socket *listener = bound_to(&path), *client = socket_make(UNIX_STREAM);
    assert_ok(sn_socket_bind(client, &here));
    assert_ok(sn_socket_connect(client, &there));
    assert_true(file_exists(own.text));
    assert_ok(sn_socket_disconnect(client, true));
    assert_false(file_exists(own.text));
    assert_ok(sn_socket_bind(client, &here));
    assert_true(file_exists(own.text));
    sn_socket_release(client);
    assert_false(file_exists(own.text));
    sn_socket_release(listener);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_forked_child_that_closes_its_copy_leaves_the_file),
        CASE(a_child_removes_the_file_of_its_own_bind),
        CASE(the_file_is_gone_when_a_close_returns_that_has_left_operations_to_an_engine),
        CASE(a_file_that_somebody_else_has_put_there_is_left_alone),
        CASE(a_file_that_is_gone_already_does_not_matter),
        CASE(the_removal_can_be_switched_off),
        CASE(the_switch_wants_a_socket_that_is_open),
        CASE(the_file_goes_with_a_descriptor_that_is_replaced),
    };
    return RUN(cases);
}
