/*
 * The descriptor that a socket gets after a failed connect (contract B.5.4), with the kernel
 * failing on the way: the socket stays usable, and the next connect tries again.
 */
#include "fault/kernel.h"

#include <errno.h>

#include "support/transfer_support.h"

static sn_socket *listener, *refusing, *client;
static sn_endpoint address;
static int buffer_size;

/* A client whose connect was refused, with options of its own. */
static void open_room(void)
{
    kernel_reset();
    listener = socket_listening(TCP_IPV4, 4);
    address = local_endpoint(listener);
    refusing = socket_refusing(TCP_IPV4);
    sn_endpoint nobody = local_endpoint(refusing);
    client = socket_make(TCP_IPV4);
    assert_ok(sn_socket_set_receive_buffer_size(client, 20000));
    assert_ok(sn_socket_get_receive_buffer_size(client, &buffer_size));
    assert_ok(sn_socket_set_option(client, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, 1));
    assert_error(SN_ERROR_CONNECTION_REFUSED, sn_socket_connect(client, &nobody));
}

static void close_room(void)
{
    kernel_reset();
    sn_socket_release(client);
    sn_socket_release(refusing);
    sn_socket_release(listener);
}

static void assert_connects_with_its_options(void)
{
    int size = 0, reuse = 0;
    assert_ok(sn_socket_connect(client, &address));
    assert_true(sn_socket_is_connected(client));
    assert_ok(sn_socket_get_receive_buffer_size(client, &size));
    assert_int_equal(size, buffer_size);
    assert_ok(sn_socket_get_option(client, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, &reuse));
    assert_int_equal(reuse, 1);
}

TEST(options_are_carried_over_to_the_new_descriptor)
{
    open_room();
    assert_connects_with_its_options();
    close_room();
}

TEST(a_connect_that_gets_no_new_descriptor_fails_and_may_be_made_again)
{
    static const enum kernel_call calls[] = {KERNEL_sys_socket, KERNEL_sys_duplicate_onto};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        open_room();
        kernel_fail_nth(calls[i], 1, -EMFILE);
        assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, sn_socket_connect(client, &address));
        assert_int_equal(sn_error_last_native(), EMFILE);
        assert_false(sn_socket_is_connected(client));
        assert_connects_with_its_options();
        close_room();
    }
}

/* As in .NET: one option less is better than no connection. */
TEST(an_option_that_cannot_be_carried_over_is_left_behind)
{
    static const enum kernel_call calls[] = {KERNEL_sys_get_option, KERNEL_sys_set_option};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        open_room();
        kernel_fail_all(calls[i], -ENOPROTOOPT);
        sn_error error = sn_socket_connect(client, &address);
        kernel_reset();
        assert_ok(error);
        int reuse = 77;
        assert_ok(sn_socket_get_option(client, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, &reuse));
        assert_int_equal(reuse, 0);
        close_room();
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(options_are_carried_over_to_the_new_descriptor),
        CASE(a_connect_that_gets_no_new_descriptor_fails_and_may_be_made_again),
        CASE(an_option_that_cannot_be_carried_over_is_left_behind),
    };
    return RUN(cases);
}
