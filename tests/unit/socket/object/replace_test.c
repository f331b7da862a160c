#include "socket/object/object.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "support/descriptors.h"
#include "support/sockets.h"
#include "support/test.h"

static int native_option(sn_socket *socket, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    assert_int_equal(0, getsockopt(socket_handle(socket), level, name, &value, &size));
    return value;
}

/* Linux doubles a buffer size that is set: without a remedy it would grow with each new descriptor.
 */
TEST(a_new_descriptor_has_the_options_that_were_set_and_no_others)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    int size = 0, again = 0, kept = socket_handle(socket);
    assert_ok(sn_socket_set_send_buffer_size(socket, 20000));
    assert_ok(sn_socket_get_send_buffer_size(socket, &size));
    assert_ok(sn_socket_set_no_delay(socket, true));
    /* Behind the library's back, so that it does not know of it. */
    assert_int_equal(0, setsockopt(kept, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int)));
    for (int i = 0; i < 3; i++) {
        assert_ok(socket_replace_descriptor(socket));
        assert_int_equal(kept, socket_handle(socket));
        assert_ok(sn_socket_get_send_buffer_size(socket, &again));
        assert_int_equal(size, again);
        assert_int_equal(1, native_option(socket, IPPROTO_TCP, TCP_NODELAY));
        assert_int_equal(0, native_option(socket, SOL_SOCKET, SO_KEEPALIVE));
    }
    sn_socket_release(socket);
}

/* Each of .NET's two switches is both of the kernel's. */
TEST(address_reuse_brings_port_reuse_with_it)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, 1));
    int address = native_option(socket, SOL_SOCKET, SO_REUSEADDR),
        port = native_option(socket, SOL_SOCKET, SO_REUSEPORT);
    assert_true(address || port);
    assert_ok(socket_replace_descriptor(socket));
    assert_int_equal(address, native_option(socket, SOL_SOCKET, SO_REUSEADDR));
    assert_int_equal(port, native_option(socket, SOL_SOCKET, SO_REUSEPORT));
    sn_socket_release(socket);
}

TEST(what_was_wished_of_dual_mode_counts_and_not_what_a_bind_has_made_of_it)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    for (int wish = 0; wish < 2; wish++) {
        sn_socket *socket = socket_make(TCP_IPV6);
        assert_ok(sn_socket_set_dual_mode(socket, wish != 0));
        assert_int_equal(
            0, setsockopt(socket_handle(socket), IPPROTO_IPV6, IPV6_V6ONLY, &wish, sizeof wish));
        assert_ok(socket_replace_descriptor(socket));
        assert_int_equal(!wish, native_option(socket, IPPROTO_IPV6, IPV6_V6ONLY));
        assert_true(socket_is(socket, SOCKET_DUAL_MODE) == (wish != 0));
        sn_socket_release(socket);
    }
}

TEST(a_descriptor_with_options_that_nobody_knows_is_not_replaced)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_true(socket_is_replaceable(socket));
    socket_set(socket, SOCKET_IRREPLACEABLE);
    assert_false(socket_is_replaceable(socket));
    size_t before = descriptors_count();
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED, socket_replace_descriptor(socket));
    assert_ok(socket_renew_descriptor(socket)); /* without asking */
    assert_int_equal(before, descriptors_count());
    sn_socket_release(socket);
}

/* Its halves: for a connect that has several under way at once. */
TEST(another_descriptor_is_alike_and_can_be_put_under_the_number)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    int number = socket_handle(socket);
    size_t before = descriptors_count();
    assert_ok(sn_socket_set_no_delay(socket, true));
    int32_t fresh = socket_open_alike(socket, SN_FAMILY_IPV4, false);
    assert_true(fresh >= 0);
    assert_int_equal(0, setsockopt(fresh, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int)));
    assert_int_equal(0, socket_take_file(socket, fresh));
    assert_int_equal(number, socket_handle(socket));
    assert_int_equal(before, descriptors_count());
    assert_int_equal(1, native_option(socket, IPPROTO_TCP, TCP_NODELAY));
    assert_int_equal(1, native_option(socket, SOL_SOCKET, SO_KEEPALIVE)); /* it is that one */
    if (has_ipv6()) {
        for (int dual = 0; dual < 2; dual++) {
            fresh = socket_open_alike(socket, SN_FAMILY_IPV6, dual != 0);
            assert_int_equal(0, socket_take_file(socket, fresh));
            assert_int_equal(!dual, native_option(socket, IPPROTO_IPV6, IPV6_V6ONLY));
        }
    }
    sn_socket_release(socket);
}

static uint64_t file_of(const sn_socket *socket)
{
    struct stat status;
    assert_int_equal(0, fstat(socket_handle(socket), &status));
    return status.st_ino;
}

TEST(one_whose_handle_was_read_stays_the_same_file)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    uint64_t before = file_of(socket);
    const int on = 1;
    int handle = sn_socket_get_handle(socket);
    assert_int_equal(0, setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    socket_set(socket, SOCKET_CONNECT_FAILED | SOCKET_CONNECT_PENDING);
    socket->descriptor.marks |= DESCRIPTOR_SEND_SHUT;
    assert_ok(socket_replace_descriptor(socket));
    assert_int_equal(before, file_of(socket));
    assert_int_equal(handle, socket_handle(socket));
    assert_int_equal(1, native_option(socket, IPPROTO_TCP, TCP_NODELAY));
    assert_false(socket_is(socket, SOCKET_CONNECT_FAILED | SOCKET_CONNECT_PENDING));
    assert_false(socket->descriptor.marks & DESCRIPTOR_SEND_SHUT);
    sn_socket_release(socket);
}

TEST(a_new_descriptor_begins_without_the_marks_of_the_old_one)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    socket_set(socket, SOCKET_CONNECT_FAILED | SOCKET_CONNECT_PENDING | SOCKET_ENDED);
    socket->descriptor.marks |= DESCRIPTOR_SEND_SHUT;
    assert_ok(socket_replace_descriptor(socket));
    assert_false(socket_is(socket, SOCKET_CONNECT_FAILED | SOCKET_CONNECT_PENDING | SOCKET_ENDED));
    assert_false(socket->descriptor.marks & DESCRIPTOR_SEND_SHUT);
    sn_socket_release(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_descriptor_has_the_options_that_were_set_and_no_others),
        cmocka_unit_test(address_reuse_brings_port_reuse_with_it),
        cmocka_unit_test(what_was_wished_of_dual_mode_counts_and_not_what_a_bind_has_made_of_it),
        cmocka_unit_test(a_descriptor_with_options_that_nobody_knows_is_not_replaced),
        cmocka_unit_test(another_descriptor_is_alike_and_can_be_put_under_the_number),
        cmocka_unit_test(one_whose_handle_was_read_stays_the_same_file),
        cmocka_unit_test(a_new_descriptor_begins_without_the_marks_of_the_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
