#include "operation/handles.h"

#include "operation/attempt.h"
#include "operation/control_message.h"
#include "sys/sys.h"

static struct iovec piece_of(const struct record *record)
{
    return (struct iovec){.iov_base = record->buffer.data,
                          .iov_len = attempt_size(record->buffer.size)};
}

/* They go with the first byte, once: what is left of a stream's send goes without. */
int64_t handles_send_attempt(sn_operation *operation, int32_t handle)
{
    const struct record *record = record_of(operation);
    const struct handles_place *place = &record->room.handles;
    struct iovec piece = piece_of(record);
    union {
        struct cmsghdr aligned;
        uint8_t bytes[CONTROL_HANDLES_SENT_SIZE];
    } control;
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (operation->transferred == 0 && place->count > 0) {
        message.msg_control = control.bytes;
        size_t size = control_message_write_handles(control.bytes, place->handles, place->count);
        message.msg_controllen = (uint32_t)size; /* fits any type of it */
    }
    return sys_send_message(handle, &message, (int)record->native_flags);
}

/* What came without being wanted. The last reference to somebody's connection may be among it, with
 * a linger time that whoever closes it would wait for. */
static void close_unwanted(int32_t handle)
{
    static const struct linger off = {0};
    struct linger linger = {0};
    uint32_t size = sizeof linger;
    if (sys_get_option(handle, SOL_SOCKET, SO_LINGER, &linger, &size) >= 0 && linger.l_onoff &&
        linger.l_linger > 0)
        (void)sys_set_option(handle, SOL_SOCKET, SO_LINGER, &off, sizeof off);
    (void)sys_close(handle);
}

static void take(struct handles_place *place, const struct msghdr *message)
{
    int32_t all[CONTROL_HANDLES_MAX];
    size_t wanted = 0;
    size_t count =
        control_message_read_handles(message->msg_control, message->msg_controllen, all, &wanted);
    place->received = wanted < place->count ? wanted : place->count;
    for (size_t i = 0; i < place->received; i++)
        place->handles[i] = all[i];
    for (size_t i = place->received; i < count; i++)
        close_unwanted(all[i]);
    place->native_flags = (uint32_t)message->msg_flags;
    if (wanted > place->count)
        place->native_flags |= MSG_CTRUNC;
}

/*
 * There is always room for as many as a message can carry, whatever the program wants: what the
 * kernel finds no room for it closes itself, on this thread and with the linger time of whoever has
 * sent it. So it does that only where no descriptor is free.
 */
int64_t handles_receive_attempt(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    struct iovec piece = piece_of(record);
    union {
        struct cmsghdr aligned;
        uint8_t bytes[CONTROL_HANDLES_RECEIVED_SIZE];
    } control;
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    record->room.handles.received = 0;
    int64_t result = sys_receive_message(handle, &message, (int)record->native_flags);
    if (result >= 0)
        take(&record->room.handles, &message);
    return result;
}

bool handles_have_come(const sn_operation *operation)
{
    const struct record *record = record_of(operation);
    return record->action == ACTION_RECEIVE_HANDLES && record->room.handles.received > 0;
}
