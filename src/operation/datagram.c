#include <sennit/datagram.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Called for each datagram, so it is short: what a step leaves tells where the next one begins. */
bool sn_datagram_next_segment(const sn_datagram *datagram, sn_buffer *inout_segment)
{
    if (!datagram || !inout_segment || datagram->buffer_count > 0 || !datagram->buffer.data)
        return false;
    const sn_datagram_extras *extras = datagram->extras;
    char *next = datagram->buffer.data;
    const char *end = next + smaller(datagram->transferred, datagram->buffer.size);
    if (inout_segment->data) {
        next = (char *)inout_segment->data + inout_segment->size;
        if (next >= end)
            return false;
    }
    size_t size = (size_t)(end - next);
    if (extras && (extras->present & SN_DATAGRAM_SEGMENT_SIZE) && extras->segment_size - 1 < size)
        size = extras->segment_size; /* 0 is none */
    inout_segment->data = next;
    inout_segment->size = size;
    return true;
}
