#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/descriptors.h"
#include "support/files.h"
#include "sys/sys.h"

TEST(opening_a_fifo_does_not_wait_for_its_writer)
{
    struct unix_path path = unix_path_new();
    int64_t size = -1;
    assert_int_equal(0, mkfifo(path.text, 0600));
    int32_t file = sys_open_file(path.text);
    assert_true(file >= 0);
    assert_true(descriptor_is_close_on_exec(file));
    assert_int_equal(-ESPIPE, sys_file_size(file, &size));
    assert_int_equal(-1, size);
    sys_close(file);
}

TEST(a_size_is_told_of_what_can_be_read_at_a_place)
{
    struct unix_path path = file_new("12345", 5);
    int32_t file = sys_open_file(path.text), folder = sys_open_file("/"),
            closed_to_reading = open(path.text, O_WRONLY | O_CLOEXEC);
    int64_t size = -1;
    assert_int_equal(-EISDIR, sys_file_size(folder, &size));
    assert_int_equal(-EBADF, sys_file_size(closed_to_reading, &size));
    assert_int_equal(-EBADF, sys_file_size(-1, &size));
    assert_int_equal(-1, size);
    assert_int_equal(0, sys_file_size(file, &size));
    assert_int_equal(5, size);
    sys_close(file);
    sys_close(folder);
    sys_close(closed_to_reading);
}

/* Others may read the same open file meanwhile, each from where it stands. */
TEST(sending_and_reading_leave_the_files_position_alone)
{
    struct unix_path path = file_new("12345", 5);
    int32_t file = sys_open_file(path.text), pair[2];
    char data[8] = "";
    assert_int_equal(0, sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, pair));
    assert_int_equal(1, lseek(file, 1, SEEK_SET));
    assert_int_equal(3, sys_send_file(pair[0], file, 2, 100));
    assert_int_equal(3, sys_receive(pair[1], data, sizeof data, 0));
    assert_string_equal("345", data);
    assert_int_equal(2, sys_read_at(file, data, sizeof data, 3));
    assert_int_equal(0, sys_read_at(file, data, sizeof data, 5));
    assert_int_equal(0, sys_send_file(pair[0], file, 5, 1));
    assert_int_equal(1, file_position(file));
    sys_close(pair[0]);
    sys_close(pair[1]);
    sys_close(file);
}

TEST(a_file_for_a_peer_that_has_gone_is_an_error_and_no_signal)
{
    struct unix_path path = file_new("12345", 5);
    int32_t file = sys_open_file(path.text), pair[2];
    assert_int_equal(0, sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, pair));
    sys_close(pair[1]);
    assert_int_equal(-EPIPE, sys_send_file(pair[0], file, 0, 5));
    sys_close(pair[0]);
    sys_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_a_fifo_does_not_wait_for_its_writer),
        cmocka_unit_test(a_size_is_told_of_what_can_be_read_at_a_place),
        cmocka_unit_test(sending_and_reading_leave_the_files_position_alone),
        cmocka_unit_test(a_file_for_a_peer_that_has_gone_is_an_error_and_no_signal),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
