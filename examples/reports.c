/* What became of a datagram that nobody takes, and when one left; on one thread, without a
 * connection. */
#include <inttypes.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

static void check(sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s\n", sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static sn_socket *bound(sn_endpoint *endpoint)
{
    sn_socket *socket;
    check(sn_endpoint_parse("127.0.0.1:0", endpoint));
    check(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket));
    check(sn_socket_bind(socket, endpoint));
    check(sn_socket_get_local_endpoint(socket, endpoint));
    return socket;
}

static void show(const sn_report *report)
{
    char to[SN_ENDPOINT_TEXT_SIZE];
    if (report->origin == SN_REPORT_TIME) {
        printf("datagram %" PRIu32 " left at %" PRId64 " ns\n", report->number, report->time_ns);
        return;
    }
    check(sn_endpoint_format(&report->destination, to, sizeof to));
    printf("to %s: %s, says %s\n", to, sn_error_name(report->error),
           sn_report_origin_name(report->origin));
    if (report->path_mtu > 0)
        printf("packets of %" PRIu32 " bytes pass\n", report->path_mtu);
}

int main(void)
{
    sn_endpoint own, nowhere;
    sn_socket *socket = bound(&own), *closed = bound(&nowhere);
    sn_report report = {0};
    sn_socket_release(closed); /* so nobody is there any more */

    check(sn_socket_set_reports_errors(socket, true));
    check(sn_socket_send_to(socket, "hello", 5, SN_FLAG_NONE, &nowhere, NULL));
    check(sn_socket_receive_error(socket, &report, SN_FLAG_NONE));
    show(&report);

    check(sn_socket_set_reports_times(socket, SN_REPORT_SENT));
    check(sn_socket_send_to(socket, "hello", 5, SN_FLAG_NONE, &own, NULL));
    check(sn_socket_receive_error(socket, &report, SN_FLAG_NONE));
    show(&report);
    sn_socket_release(socket);
    return 0;
}
