#include "socket/object/unix_file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "support/allocations.h"
#include "support/sockets.h"
#include "support/test.h"

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static void make_file(const char *path)
{
    FILE *file = fopen(path, "wx");
    assert_non_null(file);
    assert_int_equal(0, fclose(file));
}

TEST(only_a_path_of_the_file_system_makes_a_file)
{
    static const char abstract[] = "\0name";
    sn_endpoint path = endpoint_of_path("/tmp/x"), ip = endpoint_of_text("127.0.0.1:1"), none = {0},
                other;
    assert_true(unix_file_is_made(&path));
    assert_false(unix_file_is_made(&ip));
    assert_false(unix_file_is_made(&none));
    assert_ok(sn_endpoint_from_unix_bytes(abstract, sizeof abstract - 1, &other));
    assert_false(unix_file_is_made(&other));
    (void)!sn_endpoint_from_sockaddr(&(sa_family_t){AF_UNIX}, sizeof(sa_family_t), &other);
    assert_false(unix_file_is_made(&other));
}

/* As a bind does: the file is there when the socket has made it. */
static sn_socket *socket_with_file(const char *path)
{
    sn_socket *socket = socket_make(UNIX_STREAM);
    sn_endpoint endpoint = endpoint_of_path(path);
    struct unix_file *file = unix_file_prepare(socket, &endpoint);
    assert_non_null(file);
    make_file(path);
    unix_file_made(socket, file);
    return socket;
}

TEST(its_file_goes_once)
{
    struct unix_path path = unix_path_new();
    sn_socket *socket = socket_with_file(path.text);
    unix_file_remove(socket);
    assert_false(exists(path.text));
    make_file(path.text);
    unix_file_remove(socket);
    sn_socket_release(socket);
    assert_true(exists(path.text));
}

TEST(what_stands_at_the_path_by_then_is_somebody_elses)
{
    struct unix_path path = unix_path_new(), moved = unix_path_new();
    sn_socket *socket = socket_with_file(path.text);
    assert_int_equal(0, rename(path.text, moved.text)); /* so that its number is not given again */
    make_file(path.text);
    unix_file_remove(socket);
    assert_true(exists(path.text));
    assert_true(exists(moved.text));
    sn_socket_release(socket);
}

TEST(a_link_to_its_file_is_not_its_file)
{
    struct unix_path path = unix_path_new(), moved = unix_path_new();
    sn_socket *socket = socket_with_file(path.text);
    assert_int_equal(0, rename(path.text, moved.text));
    assert_int_equal(0, symlink(moved.text, path.text));
    unix_file_remove(socket);
    assert_true(exists(path.text));
    sn_socket_release(socket);
}

TEST(a_file_that_is_gone_before_it_was_remembered_is_none)
{
    struct unix_path path = unix_path_new();
    sn_socket *socket = socket_make(UNIX_STREAM);
    sn_endpoint endpoint = endpoint_of_path(path.text);
    struct unix_file *file = unix_file_prepare(socket, &endpoint);
    unix_file_made(socket, file);
    make_file(path.text);
    sn_socket_release(socket);
    assert_true(exists(path.text));
}

TEST(a_relative_path_is_that_of_the_folder_at_the_bind)
{
    struct unix_path path = unix_path_new();
    char before[4096], *name = strrchr(path.text, '/');
    assert_non_null(getcwd(before, sizeof before));
    *name = '\0';
    assert_int_equal(0, chdir(path.text));
    *name = '/';
    sn_socket *socket = socket_with_file(name + 1);
    assert_int_equal(0, chdir(before));
    assert_true(exists(path.text));
    sn_socket_release(socket);
    assert_false(exists(path.text));
}

TEST(a_socket_that_keeps_its_file_forgets_it_all_the_same)
{
    struct unix_path path = unix_path_new();
    sn_socket *socket = socket_with_file(path.text);
    assert_ok(sn_socket_set_unlink_on_close(socket, false));
    unix_file_remove(socket);
    assert_ok(sn_socket_set_unlink_on_close(socket, true));
    sn_socket_release(socket);
    assert_true(exists(path.text));
}

TEST(a_close_that_came_first_leaves_no_file)
{
    struct unix_path path = unix_path_new();
    sn_socket *socket = socket_make(UNIX_STREAM);
    sn_endpoint endpoint = endpoint_of_path(path.text);
    struct unix_file *file = unix_file_prepare(socket, &endpoint);
    sn_socket_close(socket);
    make_file(path.text);
    unix_file_made(socket, file);
    assert_false(exists(path.text));
    sn_socket_release(socket);
}

TEST(without_memory_nothing_is_prepared)
{
    sn_endpoint endpoint = endpoint_of_path("/tmp/x");
    for (size_t nth = 1; nth <= 2; nth++) {
        sn_socket *socket = socket_make(UNIX_STREAM);
        allocations_begin();
        allocations_fail_nth(nth);
        assert_null(unix_file_prepare(socket, &endpoint));
        allocations_end();
        sn_socket_release(socket);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_path_of_the_file_system_makes_a_file),
        cmocka_unit_test(its_file_goes_once),
        cmocka_unit_test(what_stands_at_the_path_by_then_is_somebody_elses),
        cmocka_unit_test(a_link_to_its_file_is_not_its_file),
        cmocka_unit_test(a_file_that_is_gone_before_it_was_remembered_is_none),
        cmocka_unit_test(a_relative_path_is_that_of_the_folder_at_the_bind),
        cmocka_unit_test(a_socket_that_keeps_its_file_forgets_it_all_the_same),
        cmocka_unit_test(a_close_that_came_first_leaves_no_file),
        cmocka_unit_test(without_memory_nothing_is_prepared),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
