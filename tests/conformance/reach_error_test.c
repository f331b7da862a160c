/*
 * Reports of what happened on the way: the path takes no packets of that size, another host has
 * refused. On two hosts that the program makes itself, see support/network.h.
 */
#include "conformance/reports.h"
#include "support/network_sockets.h"

static char room[2048];

static sn_report report_of(void)
{
    return (sn_report){.buffer = {room, sizeof room}};
}

TEST(what_is_too_long_for_the_path_tells_how_much_passes)
{
    needs_network();
    sn_address_family family = family_of_case(state);
    static const char data[2000];
    static const int mtus[] = {1500, 1400};
    sn_ip_address far = network_address(HOST_FAR, 0, family);
    sn_endpoint to = endpoint_of(&far, PORT);
    for (size_t i = 0; i < COUNT_OF(mtus); i++) {
        network_set_mtu(HOST_NEAR, 0, mtus[i]);
        sn_socket *sender = udp_on(HOST_NEAR, family, 0);
        sn_report report = report_of();
        sn_ip_address told = SN_IPV4_ANY;
        assert_ok(sn_socket_set_reports_errors(sender, true));
        if (family == SN_FAMILY_IPV4)
            assert_ok(sn_socket_set_dont_fragment(sender, true));
        else
            assert_ok(sn_socket_set_raw_option(sender, IPPROTO_IPV6, IPV6_DONTFRAG, &(int){1},
                                               sizeof(int)));
        assert_error(SN_ERROR_MESSAGE_SIZE,
                     do_send_to(sender, data, sizeof data, SN_FLAG_NONE, &to, NULL));
        assert_ok(do_receive_error(sender, &report, SN_FLAG_NONE));
        assert_int_equal(report.origin, SN_REPORT_LOCAL);
        assert_error(SN_ERROR_MESSAGE_SIZE, report.error);
        assert_int_equal(report.path_mtu, mtus[i]);
        assert_ok(sn_endpoint_get_address(&report.destination, &told));
        assert_true(sn_ip_address_equals(&far, &told)); /* without a port: it never left */
        assert_no_endpoint(&report.offender);
        sn_socket_release(sender);
    }
    network_set_mtu(HOST_NEAR, 0, 1500);
}

TEST(another_host_that_refuses_is_named)
{
    needs_network();
    sn_address_family family = family_of_case(state);
    sn_ip_address far = network_address(HOST_FAR, 0, family);
    sn_endpoint to = endpoint_of(&far, PORT);
    sn_socket *sender = udp_on(HOST_NEAR, family, 0);
    sn_report report = report_of();
    assert_ok(sn_socket_set_reports_errors(sender, true));
    assert_ok(do_send_to(sender, "hello", 5, SN_FLAG_NONE, &to, NULL));
    assert_ok(do_receive_error(sender, &report, SN_FLAG_NONE));
    assert_refusal(&report, &to, "hello");
    sn_socket_release(sender);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UDP(what_is_too_long_for_the_path_tells_how_much_passes),
        ON_UDP(another_host_that_refuses_is_named),
    };
    network_begin();
    int failed = RUN(cases);
    network_end();
    return failed;
}
