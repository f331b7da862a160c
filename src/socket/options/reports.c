/* What comes into the error queue: refusals, and times. */
#include <sennit/report.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/net_tstamp.h>

#include "socket/options/option.h"
#include "socket/verbs/extras.h"
#include "sys/sys.h"

static int32_t set_number(const sn_socket *socket, int level, int name, int value)
{
    return sys_set_option(socket_handle(socket), level, name, &value, sizeof value);
}

static int32_t get_number(const sn_socket *socket, int level, int name, int *out_value)
{
    uint32_t size = sizeof *out_value;
    *out_value = 0;
    return sys_get_option(socket_handle(socket), level, name, out_value, &size);
}

/* --- Refusals --------------------------------------------------------------------------------- */

static int32_t set_errors(const sn_socket *socket, bool value)
{
    int32_t result = 0;
    bool is_ipv6 = socket_family(socket) == SN_FAMILY_IPV6;
    if (!is_ipv6 || socket_is(socket, SOCKET_DUAL_MODE))
        result = set_number(socket, IPPROTO_IP, IP_RECVERR, value);
    if (is_ipv6 && result >= 0)
        result = set_number(socket, IPPROTO_IPV6, IPV6_RECVERR, value);
    return result;
}

sn_error sn_socket_get_reports_errors(sn_socket *socket, bool *out_value)
{
    int value = 0;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (!out_value)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    else if (!extras_are_told(socket))
        error = socket_misuse(SN_ERROR_NOT_SUPPORTED);
    else if (socket_family(socket) == SN_FAMILY_IPV6)
        error = option_result(socket, get_number(socket, IPPROTO_IPV6, IPV6_RECVERR, &value));
    else
        error = option_result(socket, get_number(socket, IPPROTO_IP, IP_RECVERR, &value));
    if (!error)
        *out_value = value != 0;
    socket_unref(socket);
    return error;
}

sn_error sn_socket_set_reports_errors(sn_socket *socket, bool value)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (!extras_are_told(socket)) {
        error = socket_misuse(SN_ERROR_NOT_SUPPORTED);
    } else {
        socket_set(socket, SOCKET_IRREPLACEABLE); /* a fresh descriptor would not have it */
        error = option_result(socket, set_errors(socket, value));
    }
    socket_unref(socket);
    return error;
}

/* --- Times ------------------------------------------------------------------------------------ */

static const struct moment {
    uint32_t moment;
    int native;
} moments_known[] = {
    {SN_REPORT_SENT, SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_HARDWARE},
    {SN_REPORT_SCHEDULED, SOF_TIMESTAMPING_TX_SCHED},
    {SN_REPORT_ACKNOWLEDGED, SOF_TIMESTAMPING_TX_ACK},
};

/* With their numbers, and without the datagrams, of which a copy would count against the receive
 * buffer. */
static const int with_every_moment = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RAW_HARDWARE |
                                     SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;

/* False: a bit without a name. */
static bool moments_to_native(uint32_t moments, int *out_native)
{
    int native = moments ? with_every_moment : 0;
    for (size_t i = 0; i < array_count(moments_known); i++) {
        if (moments & moments_known[i].moment)
            native |= moments_known[i].native;
        moments &= ~moments_known[i].moment;
    }
    *out_native = native;
    return moments == 0;
}

sn_error sn_socket_get_reports_times(sn_socket *socket, uint32_t *out_moments)
{
    int native = 0;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (!out_moments)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    else
        error = option_result(socket, get_number(socket, SOL_SOCKET, SO_TIMESTAMPING, &native));
    if (!error) {
        *out_moments = 0;
        for (size_t i = 0; i < array_count(moments_known); i++)
            if (native & moments_known[i].native)
                *out_moments |= moments_known[i].moment;
    }
    socket_unref(socket);
    return error;
}

/* Data that comes in may bring times from then on. */
sn_error sn_socket_set_reports_times(sn_socket *socket, uint32_t moments)
{
    int native;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    if (!moments_to_native(moments, &native)) {
        error = socket_misuse(SN_ERROR_ARGUMENT);
    } else {
        socket_expect_control(socket);
        socket_set(socket, SOCKET_IRREPLACEABLE);
        error = option_result(socket, set_number(socket, SOL_SOCKET, SO_TIMESTAMPING, native));
    }
    socket_unref(socket);
    return error;
}
