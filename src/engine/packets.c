#include "engine/packets.h"

#include <errno.h>

#include "base/base.h"
#include "sys/sys.h"

#define COPY_SIZE ((int64_t)16 * 1024)

static size_t smaller(int64_t rest, int64_t most)
{
    return (size_t)(rest < most ? rest : most);
}

/*
 * Nothing is kept of what was read: what a stream does not take is read again. A file that ends
 * before its packet was cut after it was measured, so its range lies beyond the end by now.
 */
static int64_t read_and_send(const struct packet *packet, int32_t handle, void *room, size_t size)
{
    int64_t got = sys_read_at(packet->file, room, size, packet->offset);
    if (got < 0)
        return got;
    return got > 0 ? sys_send(handle, room, (size_t)got, 0) : -EINVAL;
}

static int64_t send_copied(const struct packet *packet, int32_t handle)
{
    uint8_t room[COPY_SIZE];
    return read_and_send(packet, handle, room, smaller(packet->rest, COPY_SIZE));
}

static int64_t send_from_file(const struct packet *packet, int32_t handle)
{
    int64_t result =
        sys_send_file(handle, packet->file, packet->offset, smaller(packet->rest, PACKET_CHUNK));
    if (result == -EINVAL || result == -ENOSYS || result == -EOPNOTSUPP)
        return send_copied(packet, handle); /* a file system that cannot do that */
    return result == 0 ? -EINVAL : result;
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
        return read_and_send(packet, handle, list->message, (size_t)packet->rest);
    return send_from_file(packet, handle);
}

bool packet_list_advance(struct packet_list *list, int64_t bytes)
{
    if (list->index == list->count)
        return false;
    struct packet *packet = &list->packets[list->index];
    assert(bytes > 0);
    assert(bytes <= packet->rest);
    packet->rest -= bytes;
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
