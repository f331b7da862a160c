/* What the kernel writes into the error queue, read out of bytes that are not trusted. */
#include "operation/report.h"

#include "support/sockets.h"
#include "support/test.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "operation/control_message.h"
#include "operation/record.h"
#include "support/descriptors.h"

static uint8_t room[512];

/* The record with the address of who reports behind it. */
static size_t add_record(size_t size, bool is_ipv6, const struct sock_extended_err *native,
                         const void *offender, size_t offender_size)
{
    uint8_t payload[sizeof *native + sizeof(struct sockaddr_in6)];
    memcpy(payload, native, sizeof *native);
    if (offender_size > 0)
        memcpy(payload + sizeof *native, offender, offender_size);
    return control_message_append(room, size, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                                  is_ipv6 ? IPV6_RECVERR : IP_RECVERR, payload,
                                  sizeof *native + offender_size);
}

static sn_report read_first(size_t size)
{
    sn_report report;
    uint8_t *exact = malloc(size > 0 ? size : 1);
    assert_non_null(exact);
    memcpy(exact, room, size);
    memset(&report, 0xEE, sizeof report);
    report_read(exact, size, &report);
    free(exact);
    return report;
}

TEST(a_refusal_names_its_origin_its_error_and_who_refused)
{
    const struct sock_extended_err native = {.ee_errno = EHOSTUNREACH,
                                             .ee_origin = SO_EE_ORIGIN_ICMP,
                                             .ee_type = 3,
                                             .ee_code = 1,
                                             .ee_info = 99};
    const struct sockaddr_in offender = {
        .sin_family = AF_INET, .sin_port = 0x1234, .sin_addr = {htonl(0x0A000001)}};
    sn_report report = read_first(add_record(0, false, &native, &offender, sizeof offender));
    sn_endpoint expected = endpoint_of_text("10.0.0.1:0");
    assert_int_equal(report.origin, SN_REPORT_ICMP);
    assert_int_equal(report.native_error, EHOSTUNREACH);
    assert_int_equal(report.icmp_type, 3);
    assert_int_equal(report.icmp_code, 1);
    assert_int_equal(report.path_mtu, 0); /* of another error the number means something else */
    assert_same_endpoint(&expected, &report.offender);
}

TEST(a_path_that_takes_less_tells_how_much)
{
    const struct sock_extended_err native = {
        .ee_errno = EMSGSIZE, .ee_origin = SO_EE_ORIGIN_ICMP6, .ee_type = 2, .ee_info = 1280};
    const struct sockaddr_in6 offender = {.sin6_family = AF_INET6,
                                          .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    sn_report report = read_first(add_record(0, true, &native, &offender, sizeof offender));
    sn_endpoint expected = endpoint_of_text("[::1]:0");
    assert_int_equal(report.origin, SN_REPORT_ICMPV6);
    assert_int_equal(report.path_mtu, 1280);
    assert_same_endpoint(&expected, &report.offender);
}

TEST(a_time_is_no_error_and_stands_in_a_message_of_its_own)
{
    static const struct {
        uint32_t info, moment;
    } rows[] = {{SCM_TSTAMP_SND, SN_REPORT_SENT},
                {SCM_TSTAMP_SCHED, SN_REPORT_SCHEDULED},
                {SCM_TSTAMP_ACK, SN_REPORT_ACKNOWLEDGED},
                {77, 0}};
    for (size_t i = 0; i < array_count(rows); i++) {
        const struct timespec times[3] = {{1, 500}, {0, 0}, {2, 700}};
        const struct sock_extended_err native = {.ee_errno = ENOMSG,
                                                 .ee_origin = SO_EE_ORIGIN_TIMESTAMPING,
                                                 .ee_info = rows[i].info,
                                                 .ee_data = 42};
        size_t size =
            control_message_append(room, 0, SOL_SOCKET, SCM_TIMESTAMPING, times, sizeof times);
        sn_report report = read_first(add_record(size, false, &native, NULL, 0));
        assert_int_equal(report.origin, SN_REPORT_TIME);
        assert_int_equal(report.native_error, 0);
        assert_int_equal(report.moments, rows[i].moment);
        assert_int_equal(report.number, 42);
        assert_int_equal(report.time_ns, 1000000500);
        assert_int_equal(report.hardware_time_ns, 2000000700);
        assert_no_endpoint(&report.offender);
    }
}

TEST(what_is_cut_off_or_strange_tells_nothing_that_is_not_there)
{
    const struct sock_extended_err native = {.ee_errno = 0xFFFFFFFF, .ee_origin = 200};
    const struct sockaddr_in offender = {.sin_family = AF_INET, .sin_addr = {htonl(1)}};
    const struct timespec times[3] = {{-1, -1}, {0, 0}, {INT64_MAX, 0}};
    size_t size = add_record(0, false, &native, &offender, sizeof offender);
    for (size_t shorter = 0; shorter < CMSG_LEN(sizeof native); shorter++) {
        sn_report report = read_first(shorter);
        assert_int_equal(report.origin, SN_REPORT_NONE);
        assert_no_endpoint(&report.offender);
    }
    sn_report report = read_first(size);
    assert_int_equal(report.origin, 200);
    assert_int_equal(report.native_error, 0);
    /* An address that is shorter than its family says. */
    size = add_record(0, false, &native, &offender, sizeof offender - 4);
    report = read_first(size);
    assert_no_endpoint(&report.offender);
    size = control_message_append(room, 0, SOL_SOCKET, SCM_TIMESTAMPING, times, sizeof times);
    report = read_first(size);
    assert_int_equal(report.time_ns, 0);
    assert_int_equal(report.hardware_time_ns, 0);
}

TEST(the_size_of_the_messages_is_not_believed)
{
    sn_report report = {.opaque = {UINT64_MAX}};
    assert_int_equal(report_control_size(&report), REPORT_CONTROL_SIZE);
    report.opaque[0] = 5;
    assert_int_equal(report_control_size(&report), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_names_its_origin_its_error_and_who_refused),
        cmocka_unit_test(a_path_that_takes_less_tells_how_much),
        cmocka_unit_test(a_time_is_no_error_and_stands_in_a_message_of_its_own),
        cmocka_unit_test(what_is_cut_off_or_strange_tells_nothing_that_is_not_there),
        cmocka_unit_test(the_size_of_the_messages_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
