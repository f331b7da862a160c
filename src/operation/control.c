/* Control messages as programs read and write them. */
#include <sennit/message.h>

#include <limits.h>
#include <string.h>

#include "operation/control_message.h"

/* --- Reading ---------------------------------------------------------------------------------- */

/* Where the one behind it begins; `size` where there is none. */
static size_t end_of(const void *controls, size_t size, const sn_control *control)
{
    const uint8_t *first = controls;
    const uint8_t *data = control->data;
    if (!data)
        return 0;
    if (data < first || data > first + size || control->size > size - (size_t)(data - first))
        return size; /* not what the last call has written */
    size_t end = CMSG_ALIGN((size_t)(data - first) + control->size);
    return end < size ? end : size;
}

bool sn_control_next(const void *controls, size_t size, sn_control *inout_control)
{
    struct control_message message;
    if (!controls || !inout_control)
        return false;
    size_t at = end_of(controls, size, inout_control);
    if (control_message_first((const uint8_t *)controls + at, size - at, &message) == 0)
        return false;
    *inout_control =
        (sn_control){message.level, message.type, message.payload, message.payload_size};
    return true;
}

sn_error sn_control_read_extras(const void *controls, size_t size, sn_datagram_extras *out_extras)
{
    if (!out_extras || (!controls && size > 0))
        return SN_ERROR_ARGUMENT_NULL;
    control_message_read_extras(controls, size, out_extras);
    return SN_OK;
}

/* --- Writing ---------------------------------------------------------------------------------- */

size_t sn_control_space(size_t size)
{
    return size <= SSIZE_MAX - CMSG_SPACE(0) - sizeof(size_t) ? CMSG_SPACE(size) : 0;
}

bool control_message_are_whole(const void *controls, size_t size)
{
    const uint8_t *at = controls;
    struct control_message message;
    while (size > 0) {
        size_t used = control_message_first(at, size, &message);
        if (used == 0)
            return false;
        at += used;
        size -= used;
    }
    return true;
}

/* Behind what is there; the kernel aligns each. */
static sn_error check_room(const void *controls, size_t capacity, const size_t *size, size_t more)
{
    if (!controls || !size)
        return SN_ERROR_ARGUMENT_NULL;
    if (*size > capacity || *size != CMSG_ALIGN(*size) ||
        !control_message_are_whole(controls, *size))
        return SN_ERROR_ARGUMENT;
    return more > capacity - *size ? SN_ERROR_ARGUMENT_OUT_OF_RANGE : SN_OK;
}

sn_error sn_control_append(void *controls, size_t capacity, size_t *inout_size,
                           const sn_control *control)
{
    if (!control || (!control->data && control->size > 0))
        return SN_ERROR_ARGUMENT_NULL;
    size_t more = sn_control_space(control->size);
    sn_error error = check_room(controls, capacity, inout_size, more > 0 ? more : SIZE_MAX);
    if (error)
        return error;
    *inout_size = control_message_append(controls, *inout_size, control->level, control->type,
                                         control->data, control->size);
    return SN_OK;
}

static bool is_byte(int32_t value)
{
    return value >= 0 && value <= UINT8_MAX;
}

static sn_error check_extras(const sn_datagram_extras *extras, sn_address_family family)
{
    uint32_t present = extras->present;
    if (present & ~(DATAGRAM_EXTRAS & ~(uint32_t)SN_DATAGRAM_TIME))
        return SN_ERROR_ARGUMENT;
    if (family != SN_FAMILY_IPV4 && family != SN_FAMILY_IPV6)
        return SN_ERROR_ARGUMENT;
    if ((present & SN_DATAGRAM_ADDRESS) && extras->address.family != family)
        return SN_ERROR_ARGUMENT;
    bool is_fine = (!(present & SN_DATAGRAM_INTERFACE) || extras->interface_index > 0) &&
                   (!(present & SN_DATAGRAM_TIME_TO_LIVE) || is_byte(extras->time_to_live)) &&
                   (!(present & SN_DATAGRAM_TRAFFIC_CLASS) || is_byte(extras->traffic_class)) &&
                   (!(present & SN_DATAGRAM_SEGMENT_SIZE) ||
                    (extras->segment_size > 0 && extras->segment_size <= UINT16_MAX));
    return is_fine ? SN_OK : SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}

sn_error sn_control_append_extras(void *controls, size_t capacity, size_t *inout_size,
                                  const sn_datagram_extras *extras, sn_address_family family)
{
    if (!extras)
        return SN_ERROR_ARGUMENT_NULL;
    sn_error error = check_extras(extras, family);
    if (error)
        return error;
    sn_datagram_extras said = *extras;
    control_message_write_extras(&said, family == SN_FAMILY_IPV4);
    size_t size = extras_control_size(&said);
    bool has_segments = (extras->present & SN_DATAGRAM_SEGMENT_SIZE) != 0;
    error = check_room(controls, capacity, inout_size,
                       size + (has_segments ? CONTROL_SEGMENT_SIZE : 0));
    if (error)
        return error;
    uint8_t *room = (uint8_t *)controls + *inout_size;
    memcpy(room, extras_control(&said), size);
    if (has_segments)
        size += control_message_write_segment(room + size, (uint16_t)extras->segment_size);
    *inout_size += size;
    return SN_OK;
}
