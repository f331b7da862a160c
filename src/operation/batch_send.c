/*
 * Sending: records become messages. Most are one each; a run of records that differ in nothing is
 * one message, which the kernel cuts apart again, and a record that is to be cut is one or several.
 *
 * What the kernel will not cut goes in pieces that it need not. Whether a refusal was about that
 * shows when the same bytes go without: then it is remembered for the socket, up to that size.
 */
#include "operation/batch.h"

#include <string.h>

#include "address/address.h"
#include "operation/control_message.h"
#include "sys/sys.h"

/* What one message takes of the records. */
struct taken {
    uint16_t records; /* all of so many; 0: bytes of one that is cut */
    uint16_t segment; /* the kernel cuts it into these; 0: it does not */
};

struct outgoing {
    uint32_t count;       /* of messages */
    uint32_t piece_count; /* of memory */
    size_t index, offset; /* where in the batch the next message begins */
    struct taken taken[BATCH_MESSAGES];
    struct mmsghdr messages[BATCH_MESSAGES];
    struct iovec pieces[BATCH_PIECES];
    uint64_t mapped[BATCH_MESSAGES][4];
    uint64_t control[BATCH_MESSAGES][CONTROL_SENT_SIZE_MAX / sizeof(uint64_t)];
};

_Static_assert(sizeof(struct sockaddr_storage) >= 28, "an IPv6 address");

/* --- Cutting --------------------------------------------------------------------------------- */

static bool is_cut(const sn_datagram *datagram)
{
    return datagram->extras && (datagram->extras->present & SN_DATAGRAM_SEGMENT_SIZE);
}

/* Whether the kernel is to cut by that size. */
static bool kernel_cuts(const struct record *record, size_t segment)
{
    const struct batch_place *place = &record->room.batch;
    uint16_t refused = atomic_load_relaxed(&record->owner->refused_segment);
    return place->may_cut && place->refused == 0 && segment <= SEGMENTS_SIZE_MAX &&
           (refused == 0 || segment < refused);
}

static size_t segments_size_max(size_t segment)
{
    size_t segments = SEGMENTS_SIZE_MAX / segment;
    return segment * (segments < SEGMENTS_MAX ? segments : SEGMENTS_MAX);
}

/* Up to `size` bytes of a record that is to be cut, from a place in it, as pieces; how many bytes.
 * False: there are not pieces enough left. */
static bool slice(struct outgoing *out, const sn_datagram *datagram, size_t offset, size_t size)
{
    const struct msghdr all = datagram_message(datagram);
    uint32_t count = out->piece_count;
    for (size_t i = 0; size > 0; i++) {
        struct iovec piece = all.msg_iov[i];
        size_t skipped = offset < piece.iov_len ? offset : piece.iov_len;
        offset -= skipped;
        piece.iov_base = (char *)piece.iov_base + skipped;
        piece.iov_len -= skipped;
        if (piece.iov_len > size)
            piece.iov_len = size;
        if (piece.iov_len == 0)
            continue;
        if (count == BATCH_PIECES)
            return false;
        size -= piece.iov_len;
        out->pieces[count++] = piece;
    }
    out->piece_count = count;
    return true;
}

/* --- Runs ------------------------------------------------------------------------------------ */

static bool have_one_endpoint(const sn_datagram *a, const sn_datagram *b)
{
    if (a->endpoint == b->endpoint)
        return true;
    return a->endpoint && b->endpoint && a->endpoint->size == b->endpoint->size &&
           memcmp(a->endpoint->as.sockaddr, b->endpoint->as.sockaddr, a->endpoint->size) == 0;
}

static bool have_one_control(const sn_datagram *a, const sn_datagram *b)
{
    if (a->extras == b->extras)
        return true;
    size_t size = a->extras ? extras_control_size(a->extras) : 0;
    if ((b->extras ? extras_control_size(b->extras) : 0) != size)
        return false;
    return size == 0 || memcmp(extras_control(a->extras), extras_control(b->extras), size) == 0;
}

/* How many records from the first on go as one message. */
static size_t run_length(const struct outgoing *out, const struct record *record)
{
    const sn_datagram *first = &record->datagrams.first[out->index];
    size_t segment = first->buffer.size;
    size_t most = record->datagrams.count - out->index;
    if (most < 2 || first->buffer_count > 0 || segment == 0 || is_cut(first) ||
        first[1].buffer.size > segment || !kernel_cuts(record, segment))
        return 1;
    size_t rest = segments_size_max(segment), length = 0;
    if (most > BATCH_PIECES - out->piece_count)
        most = BATCH_PIECES - out->piece_count;
    for (; length < most; length++) {
        const sn_datagram *next = &first[length];
        if (next->buffer_count > 0 || next->buffer.size > segment || next->buffer.size == 0 ||
            next->buffer.size > rest || is_cut(next) || !have_one_endpoint(first, next) ||
            !have_one_control(first, next))
            break;
        rest -= next->buffer.size;
        if (next->buffer.size < segment)
            return length + 1; /* the last */
    }
    return length;
}

/* --- One message ----------------------------------------------------------------------------- */

static void set_name(struct outgoing *out, const struct record *record, struct msghdr *message,
                     const sn_datagram *datagram)
{
    const sn_endpoint *to = datagram->endpoint;
    if (!to)
        return;
    message->msg_name = (void *)(uintptr_t)to->as.sockaddr; /* only read */
    message->msg_namelen = to->size;
    if (likely(!record->room.batch.is_mapping) || sn_endpoint_get_family(to) != SN_FAMILY_IPV4)
        return;
    sn_endpoint mapped;
    endpoint_map_to_ipv6(to, &mapped);
    assert(mapped.size <= sizeof out->mapped[0]);
    memcpy(out->mapped[out->count], mapped.as.sockaddr, mapped.size);
    message->msg_name = out->mapped[out->count];
    message->msg_namelen = mapped.size;
}

/* Control messages stand in the record's extras. Where one more has the message cut, all go into a
 * copy: records may share extras, and other messages of this call are cut otherwise. */
static void set_control(struct outgoing *out, struct msghdr *message, sn_datagram *datagram,
                        size_t segment)
{
    sn_datagram_extras *extras = datagram->extras;
    size_t size = extras ? extras_control_size(extras) : 0;
    void *room = extras ? extras_control(extras) : NULL;
    if (segment > 0) {
        uint8_t *copy = (uint8_t *)out->control[out->count];
        if (size > CONTROL_SENT_SIZE_MAX - CONTROL_SEGMENT_SIZE)
            size = 0; /* the program has written over it */
        if (size > 0)
            memcpy(copy, room, size);
        size += control_message_write_segment(copy + size, (uint16_t)segment);
        room = copy;
    }
    if (size > 0) {
        message->msg_control = room;
        message->msg_controllen = (uint32_t)size;
    }
}

static void add(struct outgoing *out, const struct record *record, const struct msghdr *message,
                struct taken taken)
{
    sn_datagram *datagram = &record->datagrams.first[out->index];
    struct msghdr *header = &out->messages[out->count].msg_hdr;
    *header = *message;
    set_name(out, record, header, datagram);
    if (unlikely(datagram->extras || taken.segment > 0))
        set_control(out, header, datagram, taken.segment);
    out->taken[out->count++] = taken;
}

static void add_run(struct outgoing *out, const struct record *record, size_t length)
{
    const sn_datagram *first = &record->datagrams.first[out->index];
    struct iovec *pieces = &out->pieces[out->piece_count];
    for (size_t i = 0; i < length; i++)
        pieces[i] = (struct iovec){first[i].buffer.data, first[i].buffer.size};
    const struct msghdr message = {.msg_iov = pieces, .msg_iovlen = (uint16_t)length};
    out->piece_count += (uint32_t)length;
    add(out, record, &message, (struct taken){(uint16_t)length, (uint16_t)first->buffer.size});
    out->index += length;
}

/* The next segments of a record that is to be cut. */
static bool add_segments(struct outgoing *out, const struct record *record)
{
    const sn_datagram *datagram = &record->datagrams.first[out->index];
    size_t segment = datagram->extras->segment_size;
    size_t total = datagram_size(datagram), rest = total - out->offset;
    bool cuts = rest > segment && kernel_cuts(record, segment);
    size_t most = cuts ? segments_size_max(segment) : segment;
    size_t size = rest < most ? rest : most;
    uint32_t first = out->piece_count;
    if (!slice(out, datagram, out->offset, size))
        return false;
    const struct msghdr message = {.msg_iov = &out->pieces[first],
                                   .msg_iovlen = (uint16_t)(out->piece_count - first)};
    cuts = cuts && size > segment;
    add(out, record, &message, (struct taken){0, cuts ? (uint16_t)segment : 0});
    out->offset += size;
    if (out->offset == total) {
        out->index++;
        out->offset = 0;
    }
    return true;
}

/* False: no room is left for it. */
static bool add_next(struct outgoing *out, const struct record *record)
{
    const sn_datagram *datagram = &record->datagrams.first[out->index];
    if (unlikely(is_cut(datagram)) && datagram_size(datagram) > 0)
        return add_segments(out, record);
    if (record->room.batch.may_cut && out->piece_count == BATCH_PIECES)
        return false; /* the next call takes it, perhaps as part of a run */
    size_t length = record->room.batch.may_cut ? run_length(out, record) : 1;
    if (length > 1) {
        add_run(out, record, length);
        return true;
    }
    const struct msghdr message = datagram_message(datagram);
    add(out, record, &message, (struct taken){.records = 1});
    out->index++;
    return true;
}

static void gather(struct outgoing *out, const struct record *record)
{
    out->count = out->piece_count = 0;
    out->index = record->room.batch.done;
    out->offset = record->room.batch.offset;
    while (out->count < BATCH_MESSAGES && out->index < record->datagrams.count &&
           add_next(out, record))
        continue;
    assert(out->count > 0); /* the pieces of one segment always fit: so many are refused */
}

/* --- The call -------------------------------------------------------------------------------- */

static uint32_t is_call_missing; /* atomic: here every message is a call */

static int64_t send_singly(struct outgoing *out, int32_t handle, int flags, int64_t *out_error)
{
    for (uint32_t i = 0; i < out->count; i++) {
        struct mmsghdr *message = &out->messages[i];
        int64_t sent = sys_send_message(handle, &message->msg_hdr, flags);
        if (sent < 0) {
            *out_error = sent;
            return i;
        }
        message->msg_len = (unsigned)sent;
    }
    return out->count;
}

/* How many of the messages went. Where the one behind them has said why not, *out_error tells. */
static int64_t send_messages(struct outgoing *out, int32_t handle, int flags, int64_t *out_error)
{
    if (likely(!atomic_load_relaxed(&is_call_missing))) {
        int64_t sent = sys_send_messages(handle, out->messages, out->count, flags);
        if (likely(sent > 0))
            return sent;
        *out_error = sent;
        if (!batch_call_is_missing(sent))
            return 0;
        *out_error = 0;
        sent = send_singly(out, handle, flags, out_error);
        if (sent > 0) /* so it was the call that is forbidden, and not this message */
            atomic_store_relaxed(&is_call_missing, 1u);
        return sent;
    }
    return send_singly(out, handle, flags, out_error);
}

/* --- What has come of it ---------------------------------------------------------------------- */

/* The bytes that the kernel would not cut have gone without. */
COLD static void note_refused(struct record *record)
{
    uint16_t *known = &record->owner->refused_segment;
    uint16_t before = atomic_load_relaxed(known);
    uint16_t refused = record->room.batch.refused;
    if (before == 0 || refused < before)
        atomic_store_relaxed(known, refused);
    record->room.batch.refused = 0;
}

static void settle_part(struct record *record, size_t bytes)
{
    struct batch_place *place = &record->room.batch;
    sn_datagram *datagram = &record->datagrams.first[place->done];
    place->offset += bytes;
    datagram_set_moved(datagram, place->offset);
    if (place->offset >= datagram_size(datagram)) {
        place->done++;
        place->offset = 0;
    }
}

static void settle_records(struct record *record, size_t count, size_t bytes)
{
    sn_datagram *datagram = &record->datagrams.first[record->room.batch.done];
    record->room.batch.done += count;
    if (likely(count == 1)) {
        datagram_set_moved(datagram, bytes);
        return;
    }
    for (size_t i = 0; i < count; i++)
        datagram_set_moved(&datagram[i], datagram[i].buffer.size);
}

static void settle(sn_operation *operation, const struct outgoing *out, size_t sent)
{
    struct record *record = record_of(operation);
    for (size_t i = 0; i < sent; i++) {
        size_t bytes = out->messages[i].msg_len;
        operation->transferred += bytes;
        if (likely(out->taken[i].records > 0))
            settle_records(record, out->taken[i].records, bytes);
        else
            settle_part(record, bytes);
    }
    if (unlikely(record->room.batch.refused != 0) && sent > 0)
        note_refused(record);
}

/* Whether to send the same once more without having the kernel cut it. Errors that are the peer's
 * or the socket's are not asked about: they are told once. */
static bool goes_on_uncut(struct record *record, const struct taken *taken, int64_t error)
{
    if (taken->segment == 0)
        return false;
    switch (-error) {
    case EINVAL:
    case EMSGSIZE: record->room.batch.refused = (uint16_t)taken->segment; return true;
    case EIO:
    case ENOPROTOOPT:
    case EOPNOTSUPP: record->room.batch.refused = 1; return true; /* none at all */
    case ENOBUFS:
    case ENOMEM: record->room.batch.may_cut = false; return true; /* this time */
    default: return false;
    }
}

/* A Unix socket whose queue is full: see operation_events(). */
static int64_t count_tries(struct record *record, int64_t result)
{
    if (result == -EAGAIN && record->tries < UINT8_MAX)
        record->tries++;
    return result;
}

int64_t batch_send_attempt(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    struct batch_place *place = &record->room.batch;
    size_t rest = record->datagrams.count - place->done;
    size_t until = place->done + (rest < BATCH_TURN ? rest : BATCH_TURN);
    while (place->done < until) {
        struct outgoing out; /* large: nothing of it is cleared */
        int64_t error = 0;
        gather(&out, record);
        int64_t sent = send_messages(&out, handle, (int)record->native_flags, &error);
        settle(operation, &out, (size_t)sent);
        if (sent > 0)
            record->tries = 0;
        if (error < 0 && !goes_on_uncut(record, &out.taken[sent], error))
            return count_tries(record, error);
    }
    return (int64_t)place->done;
}

bool batch_goes_to(const sn_operation *operation, int family)
{
    const struct record *record = record_of(operation);
    size_t index = record->room.batch.done;
    sa_family_t to = AF_UNSPEC;
    if (index == record->datagrams.count || !record->datagrams.first[index].endpoint)
        return false;
    memcpy(&to, record->datagrams.first[index].endpoint->as.sockaddr, sizeof to);
    return to == family;
}
