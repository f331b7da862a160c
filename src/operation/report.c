#include "operation/report.h"

#include <string.h>
#include <time.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "address/address.h"
#include "operation/attempt.h"
#include "operation/control_message.h"

#ifndef SO_EE_ORIGIN_TXTIME
#define SO_EE_ORIGIN_TXTIME 6
#endif

_Static_assert(SN_REPORT_TIME == SO_EE_ORIGIN_TIMESTAMPING, "the kernel's numbers");
_Static_assert(SN_REPORT_SEND_TIME == SO_EE_ORIGIN_TXTIME, "the kernel's numbers");

int64_t report_attempt(sn_operation *operation, int32_t handle)
{
    sn_report *report = record_of(operation)->target.report;
    struct iovec piece = {.iov_base = report->buffer.data, .iov_len = report->buffer.size};
    struct msghdr message = {
        .msg_name = report->destination.as.sockaddr,
        .msg_namelen = sizeof report->destination.as.sockaddr,
        .msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = report_control(report),
        .msg_controllen = REPORT_CONTROL_SIZE,
    };
    int flags = (int)record_of(operation)->native_flags | MSG_ERRQUEUE;
    int64_t result = sys_receive_message(handle, &message, flags);
    if (result < 0)
        return result;
    report->opaque[0] = message.msg_controllen;
    report->destination.size = message.msg_namelen;
    report->flags = (sn_flags)message.msg_flags;
    return result;
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* The address of who reports stands behind the record, of family 0 where there is none. */
static void read_offender(const struct control_message *message, sn_endpoint *out)
{
    const size_t begin = sizeof(struct sock_extended_err);
    size_t size = message->payload_size - begin;
    sa_family_t family;
    if (size < sizeof(struct sockaddr))
        return;
    memcpy(&family, message->payload + begin, sizeof family);
    size_t whole = family == AF_INET    ? sizeof(struct sockaddr_in)
                   : family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                        : 0;
    if (whole == 0 || size < whole)
        return;
    memset(out, 0, sizeof *out);
    memcpy(out->as.sockaddr, message->payload + begin, whole);
    endpoint_set_from_native(out, (uint32_t)whole);
    (void)!sn_endpoint_set_port(out, 0); /* the kernel says none */
}

static uint32_t moment_of(uint32_t info)
{
    switch (info) {
    case SCM_TSTAMP_SND: return SN_REPORT_SENT;
    case SCM_TSTAMP_SCHED: return SN_REPORT_SCHEDULED;
    case SCM_TSTAMP_ACK: return SN_REPORT_ACKNOWLEDGED;
    default: return 0;
    }
}

static void clear_record(sn_report *out)
{
    out->origin = SN_REPORT_NONE;
    out->native_error = 0;
    out->icmp_type = out->icmp_code = 0;
    out->path_mtu = out->moments = out->number = 0;
    out->offender = (sn_endpoint){0};
}

/* The kernel writes one. Of several the last one stands, whole. */
static void read_record(const struct control_message *message, sn_report *out)
{
    struct sock_extended_err native;
    if (message->payload_size < sizeof native)
        return;
    memcpy(&native, message->payload, sizeof native);
    clear_record(out);
    out->origin = (sn_report_origin)native.ee_origin;
    bool is_time = out->origin == SN_REPORT_TIME;
    bool is_error = !is_time && out->origin != SN_REPORT_ZERO_COPY;
    if (is_error && native.ee_errno <= INT32_MAX)
        out->native_error = (int)native.ee_errno;
    if (out->origin == SN_REPORT_ICMP || out->origin == SN_REPORT_ICMPV6) {
        out->icmp_type = native.ee_type;
        out->icmp_code = native.ee_code;
    }
    if (is_error && native.ee_errno == EMSGSIZE)
        out->path_mtu = native.ee_info;
    if (is_time) {
        out->moments = moment_of(native.ee_info);
        out->number = native.ee_data;
    }
    read_offender(message, &out->offender);
}

/* The kernel's clock, one that is not used any more, the card's; 0 is none. */
static void read_times(const struct control_message *message, sn_report *out)
{
    (void)control_message_read_time(message, 0, &out->time_ns);
    (void)control_message_read_time(message, 2, &out->hardware_time_ns);
}

static bool is_record(const struct control_message *message)
{
    return (message->level == IPPROTO_IP && message->type == IP_RECVERR) ||
           (message->level == IPPROTO_IPV6 && message->type == IPV6_RECVERR);
}

void report_read(const void *bytes, size_t size, sn_report *out)
{
    const uint8_t *at = bytes;
    struct control_message message;
    clear_record(out);
    out->error = SN_OK;
    out->time_ns = out->hardware_time_ns = 0;
    for (size_t used; (used = control_message_first(at, size, &message)) > 0;
         at += used, size -= used) {
        if (is_record(&message))
            read_record(&message, out);
        else if (message.level == SOL_SOCKET && message.type == SCM_TIMESTAMPING)
            read_times(&message, out);
    }
}

const char *sn_report_origin_name(sn_report_origin origin)
{
    switch ((int)origin) {
#define X(id, number, name)                                                                        \
    case number: return name;
        SN_REPORT_ORIGIN_TABLE(X)
#undef X
    default: return "?";
    }
}
