#include <sennit/datagram.h>

#include <stdint.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

bool sn_datagram_next_segment(const sn_datagram *datagram, sn_buffer *inout_segment)
{
    if (!datagram || !inout_segment || datagram->buffer_count > 0 || !datagram->buffer.data)
        return false;
    const sn_datagram_extras *extras = datagram->extras;
    size_t size = smaller(datagram->transferred, datagram->buffer.size);
    uintptr_t begin = (uintptr_t)datagram->buffer.data;
    size_t at =
        inout_segment->data ? (uintptr_t)inout_segment->data - begin + inout_segment->size : 0;
    if (inout_segment->data && at >= size)
        return false;
    bool is_cut =
        extras && (extras->present & SN_DATAGRAM_SEGMENT_SIZE) && extras->segment_size > 0;
    size_t rest = size - at;
    *inout_segment = (sn_buffer){
        .data = (char *)datagram->buffer.data + at,
        .size = is_cut ? smaller(rest, extras->segment_size) : rest,
    };
    return true;
}
