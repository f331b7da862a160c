#include "support/test.h"

#include <errno.h>
#include <unistd.h>

#include "support/descriptors.h"
#include "sys/sys.h"

static void assert_made(int32_t handle)
{
    assert_true(handle >= 0);
    assert_true(descriptor_is_nonblocking(handle));
    assert_true(descriptor_is_close_on_exec(handle));
}

TEST(what_is_made_never_waits_and_never_reaches_another_program)
{
    int32_t one = sys_socket(AF_UNIX, SOCK_STREAM, 0), pair[2];
    assert_made(one);
    assert_int_equal(0, sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, pair));
    assert_made(pair[0]);
    assert_made(pair[1]);
    sys_close(one);
    sys_close(pair[0]);
    sys_close(pair[1]);
}

/* The listener is made blocking by somebody who shares its file: an accept with nobody there would
 * wait. */
TEST(an_accept_does_not_wait_on_a_listener_that_was_made_blocking)
{
    int32_t listener = sys_socket(AF_UNIX, SOCK_STREAM, 0),
            client = sys_socket(AF_UNIX, SOCK_STREAM, 0);
    sa_family_t family = AF_UNIX; /* the kernel chooses a name */
    struct sockaddr_storage address;
    uint32_t size = sizeof address;
    assert_int_equal(0, sys_bind(listener, &family, sizeof family));
    assert_int_equal(0, sys_listen(listener, 1));
    assert_int_equal(0, sys_local_name(listener, &address, &size));
    assert_int_equal(0, sys_set_nonblocking(listener, false));
    assert_int_equal(-EAGAIN, sys_accept(listener, NULL, NULL));
    assert_true(descriptor_is_nonblocking(listener));

    assert_int_equal(0, sys_connect(client, &address, size));
    int32_t accepted = sys_accept(listener, NULL, NULL);
    assert_made(accepted);
    sys_close(accepted);
    sys_close(client);
    sys_close(listener);
}

TEST(a_duplicate_is_another_number_that_no_other_program_gets)
{
    int32_t handle = sys_socket(AF_UNIX, SOCK_STREAM, 0), copy = sys_duplicate(handle);
    assert_int_not_equal(handle, copy);
    assert_made(copy);
    assert_int_equal(-EBADF, sys_duplicate(-1));
    sys_close(copy);
    sys_close(handle);
}

TEST(a_descriptor_can_be_put_under_a_number_that_is_taken)
{
    int32_t pair[2], other = sys_socket(AF_UNIX, SOCK_DGRAM, 0);
    char byte;
    assert_int_equal(0, sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, pair));
    assert_int_equal(other, sys_duplicate_onto(pair[0], other));
    assert_made(other);
    assert_int_equal(0, sys_close(pair[0]));
    assert_int_equal(1, sys_send(other, "x", 1, 0));
    assert_int_equal(1, sys_receive(pair[1], &byte, 1, 0));
    assert_int_equal(-EINVAL, sys_duplicate_onto(other, other)); /* as the kernel has it */
    sys_close(other);
    sys_close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_never_waits_and_never_reaches_another_program),
        cmocka_unit_test(an_accept_does_not_wait_on_a_listener_that_was_made_blocking),
        cmocka_unit_test(a_duplicate_is_another_number_that_no_other_program_gets),
        cmocka_unit_test(a_descriptor_can_be_put_under_a_number_that_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
