#include "operation/packets.h"

#include <errno.h>

#include "base/base.h"
#include "sys/sys.h"

#define COPY_SIZE ((int64_t)16 * 1024)

static size_t smaller(int64_t rest, int64_t most)
{
    return (size_t)(rest < most ? rest : most);
}

/* The end of the file. Before the end of a range that was asked for: it was cut after it was
 * measured, so the range lies beyond the end by now. */
static int64_t ended(const struct packet *packet)
{
    return packet->is_whole ? 0 : -EINVAL;
}

/* The files of /proc come in pieces, whatever is asked for. */
static int64_t read_piece(const struct packet *packet, uint8_t *room, size_t size, bool is_message)
{
    size_t total = 0;
    int64_t got;
    do {
        got =
            sys_read_at(packet->file, room + total, size - total, packet->offset + (int64_t)total);
        total += got > 0 ? (size_t)got : 0;
    } while (is_message && got > 0 && total < size);
    return got < 0 ? got : (int64_t)total;
}

/* Nothing is kept of what was read: what a stream does not take is read again. */
static int64_t read_and_send(const struct packet *packet, int32_t handle, uint8_t *room,
                             size_t size, bool is_message)
{
    int64_t got = read_piece(packet, room, size, is_message);
    if (got < 0)
        return got;
    return got > 0 ? sys_send(handle, room, (size_t)got, 0) : ended(packet);
}

static int64_t send_copied(const struct packet *packet, int32_t handle)
{
    uint8_t room[COPY_SIZE];
    return read_and_send(packet, handle, room, smaller(packet->rest, COPY_SIZE), false);
}

static int64_t send_from_file(const struct packet *packet, int32_t handle)
{
    int64_t result =
        sys_send_file(handle, packet->file, packet->offset, smaller(packet->rest, PACKET_CHUNK));
    if (result == -EINVAL || result == -ENOSYS || result == -EOPNOTSUPP)
        return send_copied(packet, handle); /* a file system that cannot do that */
    return result == 0 ? ended(packet) : result;
}

int64_t packet_list_attempt(const struct packet_list *list, int32_t handle)
{
    if (list->index == list->count)
        return 0;
    const struct packet *packet = &list->packets[list->index];
    assert(packet->rest > 0);
    if (packet->data)
        return sys_send(handle, packet->data, (size_t)packet->rest, 0);
    if (list->message)
        return read_and_send(packet, handle, list->message,
                             smaller(packet->rest, PACKET_MESSAGE_MAX), true);
    return send_from_file(packet, handle);
}

bool packet_list_advance(struct packet_list *list, int64_t bytes)
{
    if (list->index == list->count)
        return false;
    struct packet *packet = &list->packets[list->index];
    assert(bytes > 0 || packet->is_whole);
    assert(bytes <= packet->rest);
    packet->rest = bytes > 0 ? packet->rest - bytes : 0; /* the end of the file */
    packet->offset += bytes;
    if (packet->data)
        packet->data += bytes;
    if (packet->rest == 0)
        list->index++;
    return list->index < list->count;
}

void packet_list_destroy(struct packet_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        if (list->packets[i].is_owned)
            (void)sys_close(list->packets[i].file);
    memory_free(list->message);
    memory_free(list);
}
