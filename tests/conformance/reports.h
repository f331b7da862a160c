/*
 * Reports of the error queue in every style of calling, and datagrams that have some.
 */
#ifndef TESTS_CONFORMANCE_REPORTS_H
#define TESTS_CONFORMANCE_REPORTS_H

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>

#include "support/run.h"
#include "support/threads.h"
#include "support/transfer_support.h"

struct report_call {
    struct call call;
    sn_socket *socket;
    sn_report *report;
    sn_flags flags;
};

static inline void start_receive_error(void *arguments)
{
    struct report_call *error = arguments;
    sn_socket_receive_error_async(error->socket, error->report, error->flags,
                                  &error->call.operation);
}

SN_MUST_USE static inline sn_error do_receive_error(sn_socket *socket, sn_report *report,
                                                    sn_flags flags)
{
    struct report_call error = {.socket = socket, .report = report, .flags = flags};
    if (!call_begin(&error.call, socket, sn_socket_get_receive_timeout))
        return sn_socket_receive_error(socket, report, flags);
    call_start(&error.call, start_receive_error, &error);
    return call_end(&error.call, NULL);
}

/* A bound socket that wants to be told of refusals. */
static inline sn_socket *socket_reporting(enum transport transport)
{
    sn_socket *socket = socket_bound(transport);
    bool value = false;
    assert_ok(sn_socket_set_reports_errors(socket, true));
    assert_ok(sn_socket_get_reports_errors(socket, &value));
    assert_true(value);
    return socket;
}

/* One of a datagram that nobody took, whose bytes are `text`. */
static inline void assert_refusal(sn_report *report, const sn_endpoint *to, const char *text)
{
    bool is_ipv6 = sn_endpoint_get_family(to) == SN_FAMILY_IPV6;
    sn_ip_address expected = SN_IPV4_ANY, offender = SN_IPV4_ANY;
    assert_int_equal(report->origin, is_ipv6 ? SN_REPORT_ICMPV6 : SN_REPORT_ICMP);
    assert_error(SN_ERROR_CONNECTION_REFUSED, report->error);
    assert_int_equal(report->native_error, ECONNREFUSED);
    assert_int_equal(report->icmp_type, is_ipv6 ? 1 : 3); /* unreachable: the port */
    assert_int_equal(report->icmp_code, is_ipv6 ? 4 : 3);
    assert_int_equal(report->transferred, strlen(text));
    assert_memory_equal(report->buffer.data, text, strlen(text));
    assert_same_endpoint(to, &report->destination);
    assert_ok(sn_endpoint_get_address(to, &expected));
    assert_ok(sn_endpoint_get_address(&report->offender, &offender));
    assert_true(sn_ip_address_equals(&expected, &offender));
    assert_int_equal(sn_endpoint_get_port(&report->offender), 0);
    assert_int_equal(report->path_mtu, 0);
    assert_int_equal(report->moments, 0);
}

#endif
