/* SendBatch: several datagrams, each to its own end point. */
#include <errno.h>
#include <netinet/in.h>

#include "address/address.h"
#include "operation/operation.h"
#include "socket/verbs/batch.h"
#include "socket/verbs/extras.h"
#include "sys/sys.h"
#include "telemetry/telemetry.h"

static bool finish(sn_socket *socket, sn_operation *operation)
{
    if (batch_finish(socket, operation, METRIC_BYTES_SENT, METRIC_DATAGRAMS_SENT) &&
        operation_has_moved(operation) && !socket_is(socket, SOCKET_BOUND))
        socket_set(socket, SOCKET_BOUND); /* by the kernel, with the first */
    return true;
}

static const struct verb send_batch_verb = {
    .kind = SN_OPERATION_SEND_BATCH,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_SEND,
    .transfers = TRANSFERS_NOTHING, /* counted above */
    .finish = finish,
};

/* --- Extras ---------------------------------------------------------------------------------- */

static bool is_mapped(const sn_endpoint *endpoint)
{
    sn_ip_address address;
    return sn_endpoint_get_address(endpoint, &address) == SN_OK &&
           sn_ip_address_is_ipv4_mapped_to_ipv6(&address);
}

static bool is_peer_ipv4(const sn_socket *socket)
{
    sn_endpoint peer = {0};
    uint32_t size = sizeof peer.as.sockaddr;
    if (sys_peer_name(socket_handle(socket), peer.as.sockaddr, &size) < 0)
        return false;
    endpoint_set_from_native(&peer, size);
    return is_mapped(&peer);
}

/* Whether the datagram goes out as IPv4, also from a dual-mode socket. */
static bool goes_as_ipv4(const sn_socket *socket, const sn_endpoint *to)
{
    if (socket_family(socket) == SN_FAMILY_IPV4)
        return true;
    if (!to)
        return is_peer_ipv4(socket);
    return sn_endpoint_get_family(to) == SN_FAMILY_IPV4 || is_mapped(to);
}

static bool is_byte(int32_t value)
{
    return value >= 0 && value <= UINT8_MAX;
}

static sn_error check_numbers(const sn_datagram_extras *extras)
{
    uint32_t present = extras->present;
    bool is_fine = (!(present & SN_DATAGRAM_INTERFACE) || extras->interface_index > 0) &&
                   (!(present & SN_DATAGRAM_TIME_TO_LIVE) || is_byte(extras->time_to_live)) &&
                   (!(present & SN_DATAGRAM_TRAFFIC_CLASS) || is_byte(extras->traffic_class)) &&
                   (!(present & SN_DATAGRAM_SEGMENT_SIZE) || extras->segment_size > 0);
    return is_fine ? SN_OK : SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}

COLD static sn_error prepare_extras(const sn_socket *socket, const sn_datagram *datagram)
{
    sn_datagram_extras *extras = datagram->extras;
    const uint32_t can_be_sent = DATAGRAM_EXTRAS & ~(uint32_t)SN_DATAGRAM_TIME;
    uint32_t messages = extras->present & ~(uint32_t)SN_DATAGRAM_SEGMENT_SIZE;
    if (extras->present & ~can_be_sent)
        return SN_ERROR_ARGUMENT;
    if (messages && !extras_are_told(socket))
        return SN_ERROR_NOT_SUPPORTED;
    if ((extras->present & SN_DATAGRAM_SEGMENT_SIZE) && datagram->buffer_count > BATCH_PIECES)
        return SN_ERROR_MESSAGE_SIZE;
    sn_error error = check_numbers(extras);
    if (error)
        return error;
    bool is_ipv4 = messages && goes_as_ipv4(socket, datagram->endpoint);
    if ((extras->present & SN_DATAGRAM_ADDRESS) &&
        extras->address.family != (is_ipv4 ? SN_FAMILY_IPV4 : SN_FAMILY_IPV6))
        return SN_ERROR_ARGUMENT;
    control_message_write_extras(extras, is_ipv4);
    return SN_OK;
}

/* --- Starting -------------------------------------------------------------------------------- */

static sn_error check_record(const sn_socket *socket, const sn_datagram *datagram)
{
    sn_error error = batch_check_memory(datagram);
    if (!error && datagram->endpoint)
        error = transfer_check_destination(datagram->endpoint);
    if (!error && datagram->extras)
        error = prepare_extras(socket, datagram);
    return error;
}

/* Whether the kernel cuts datagrams apart by itself (UDP_SEGMENT). One that does not know the
 * option would pass over the control message and send them as one: so it is asked before. */
static bool kernel_can_cut(const sn_socket *socket)
{
    enum { UNKNOWN, YES, NO };
    static uint32_t known; /* atomic */
    if (!extras_have_segments(socket))
        return false;
    uint32_t answer = atomic_load_relaxed(&known);
    if (unlikely(answer == UNKNOWN)) {
        int segment = 0;
        uint32_t size = sizeof segment;
        int32_t result =
            sys_get_option(socket_handle(socket), IPPROTO_UDP, UDP_SEGMENT, &segment, &size);
        answer = result >= 0 ? YES : NO;
        if (result >= 0 || result == -ENOPROTOOPT || result == -EOPNOTSUPP)
            atomic_store_relaxed(&known, answer);
    }
    return answer == YES;
}

static sn_error prepare(sn_operation *operation, sn_socket *socket, sn_datagram *datagrams,
                        size_t count, sn_flags flags)
{
    sn_error error = batch_prepare(operation, socket, datagrams, count, flags);
    for (size_t i = 0; i < count && !error; i++) {
        error = check_record(socket, &datagrams[i]);
        if (unlikely(error))
            return batch_refuse(operation, &datagrams[i], error);
    }
    struct batch_place *place = &record_of(operation)->room.batch;
    place->is_mapping = socket_is(socket, SOCKET_DUAL_MODE);
    place->may_cut = !error && kernel_can_cut(socket);
    record_of(operation)->action = ACTION_SEND_BATCH;
    return error;
}

sn_error sn_socket_send_batch(sn_socket *socket, sn_datagram *datagrams, size_t count,
                              sn_flags flags, size_t *out_count)
{
    size_t ignored;
    size_t *sent = out_count ? out_count : &ignored;
    *sent = 0;
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    sn_operation operation;
    verb_begin(&operation, &send_batch_verb);
    error = prepare(&operation, socket, datagrams, count, flags);
    if (!error)
        error = batch_run(socket, &operation);
    *sent = record_of(&operation)->room.batch.done;
    socket_unref(socket);
    return error;
}

bool sn_socket_send_batch_async(sn_socket *socket, sn_datagram *datagrams, size_t count,
                                sn_flags flags, sn_operation *operation)
{
    if (!socket_begin_async(operation, &send_batch_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare(operation, socket, datagrams, count, flags);
    socket_start_async(socket, operation, error);
    return true;
}
