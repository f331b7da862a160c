/* What the machine offers, as the kernel's answers have it. Each case is a process of its own,
 * since an answer is remembered. */
#include "fault/kernel.h"

#include <errno.h>
#include <stdlib.h>

#include "support/children.h"
#include "support/test.h"

static int ask_without_ipv6(void *context)
{
    (void)context;
    kernel_fail_nth(KERNEL_sys_socket, 1, -EAFNOSUPPORT);
    CHILD_EXPECT(!sn_socket_os_supports_ipv6());
    CHILD_EXPECT(!sn_socket_os_supports_ipv6());
    CHILD_EXPECT(kernel_count(KERNEL_sys_socket) == 1);
    return 0;
}

TEST(a_family_that_does_not_exist_is_asked_for_once)
{
    assert_int_equal(child_run(ask_without_ipv6, NULL), 0);
}

static int use_dual_mode_without_ipv6(void *context)
{
    (void)context;
    sn_socket *socket = NULL;
    sn_tcp_listener *listener = NULL;
    sn_endpoint local;
    kernel_fail_nth(KERNEL_sys_socket, 1, -EAFNOSUPPORT);
    CHILD_EXPECT(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket) == SN_OK);
    CHILD_EXPECT(sn_socket_get_address_family(socket) == SN_FAMILY_IPV4);
    CHILD_EXPECT(sn_tcp_listener_create_dual_mode(0, &listener) == SN_OK);
    CHILD_EXPECT(sn_tcp_listener_get_local_endpoint(listener, &local) == SN_OK);
    CHILD_EXPECT(sn_endpoint_get_family(&local) == SN_FAMILY_IPV4);
    sn_tcp_listener_release(listener);
    sn_socket_release(socket);
    return 0;
}

TEST(without_ipv6_a_socket_of_both_families_is_one_of_ipv4)
{
    assert_int_equal(child_run(use_dual_mode_without_ipv6, NULL), 0);
}

static int ask_in_a_shortage(void *context)
{
    (void)context;
    kernel_fail_nth(KERNEL_sys_socket, 1, -EMFILE);
    CHILD_EXPECT(sn_socket_os_supports_ipv4());
    CHILD_EXPECT(sn_socket_os_supports_ipv4());
    CHILD_EXPECT(kernel_count(KERNEL_sys_socket) == 2);
    CHILD_EXPECT(sn_socket_os_supports_ipv4());
    CHILD_EXPECT(kernel_count(KERNEL_sys_socket) == 2);
    return 0;
}

TEST(an_answer_under_a_shortage_is_not_remembered)
{
    assert_int_equal(child_run(ask_in_a_shortage, NULL), 0);
}

static int ask_with_ipv6_disabled(void *context)
{
    CHILD_EXPECT(setenv("DOTNET_SYSTEM_NET_DISABLEIPV6", context, 1) == 0);
    CHILD_EXPECT(!sn_socket_os_supports_ipv6());
    CHILD_EXPECT(kernel_count(KERNEL_sys_socket) == 0);
    CHILD_EXPECT(setenv("DOTNET_SYSTEM_NET_DISABLEIPV6", "0", 1) == 0);
    (void)sn_socket_os_supports_ipv6();
    CHILD_EXPECT(kernel_count(KERNEL_sys_socket) == 1);
    return 0;
}

TEST(ipv6_can_be_switched_off_in_the_environment_as_in_dotnet)
{
    assert_int_equal(child_run(ask_with_ipv6_disabled, "1"), 0);
    assert_int_equal(child_run(ask_with_ipv6_disabled, "true"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_that_does_not_exist_is_asked_for_once),
        cmocka_unit_test(without_ipv6_a_socket_of_both_families_is_one_of_ipv4),
        cmocka_unit_test(an_answer_under_a_shortage_is_not_remembered),
        cmocka_unit_test(ipv6_can_be_switched_off_in_the_environment_as_in_dotnet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
