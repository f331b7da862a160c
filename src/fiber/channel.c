/*
 * A channel: a ring of elements, a line of those who want to send and one of those who want to
 * receive. An element goes straight from the one to the other where the other waits already. So
 * whoever waits to receive found the ring empty, and whoever waits to send found it full, and they
 * still do: all of it is under the channel's guard.
 */
#include <sennit/sync.h>

#include <string.h>

#include "error/error.h"
#include "fiber/waiting.h"

/* They are moved under a guard that other objects have too. */
#define ELEMENT_MAX ((size_t)4096)

struct sn_channel {
    uint32_t references; /* atomic */
    bool is_closed;
    size_t element_size;
    size_t capacity;
    size_t first, count; /* in the ring */
    struct line senders, receivers;
    _Alignas(16) unsigned char ring[];
};

static sn_error misuse(sn_error error)
{
    error_set_last_native(0);
    return error;
}

/* --- The object ------------------------------------------------------------------------------- */

sn_error sn_channel_create(size_t capacity, size_t element_size, sn_channel **out_channel)
{
    if (!out_channel)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (element_size == 0 || element_size > ELEMENT_MAX)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    if (capacity > (SIZE_MAX / 2 - sizeof(sn_channel)) / element_size)
        return misuse(SN_ERROR_OUT_OF_MEMORY);
    sn_channel *channel = memory_zeroed(sizeof *channel + capacity * element_size);
    if (!channel)
        return misuse(SN_ERROR_OUT_OF_MEMORY);
    channel->references = 1;
    channel->element_size = element_size;
    channel->capacity = capacity;
    *out_channel = channel;
    return SN_OK;
}

sn_channel *sn_channel_retain(sn_channel *channel)
{
    if (channel)
        atomic_add_relaxed(&channel->references, 1u);
    return channel;
}

void sn_channel_release(sn_channel *channel)
{
    if (channel && atomic_sub_acq_rel(&channel->references, 1u) == 1)
        memory_free(channel);
}

/* --- Moving elements: under the guard --------------------------------------------------------- */

struct channel_waiting {
    struct waiting waiting; /* first */
    sn_channel *channel;
    const void *sent; /* borrowed: the element */
    void *received;   /* borrowed: where it goes */
};

static struct channel_waiting *waiting_of(struct waiting *waiting)
{
    return container_of(waiting, struct channel_waiting, waiting);
}

static void move(const sn_channel *channel, void *to, const void *from)
{
    memcpy(to, from, channel->element_size);
}

static void push(sn_channel *channel, const void *element)
{
    size_t place = channel->first + channel->count++;
    if (place >= channel->capacity)
        place -= channel->capacity;
    move(channel, channel->ring + place * channel->element_size, element);
}

static void pop(sn_channel *channel, void *element)
{
    move(channel, element, channel->ring + channel->first * channel->element_size);
    if (++channel->first == channel->capacity)
        channel->first = 0;
    channel->count--;
}

/* --- Sending ---------------------------------------------------------------------------------- */

static bool attempt_send(struct waiting *waiting, bool may_wait)
{
    sn_channel *channel = waiting_of(waiting)->channel;
    struct waiting *receiver = line_first(&channel->receivers);
    (void)may_wait;
    if (channel->is_closed) {
        waiting->error = SN_ERROR_SHUTDOWN;
    } else if (receiver) {
        move(channel, waiting_of(receiver)->received, waiting_of(waiting)->sent);
        waiting_tell(receiver, SN_OK);
    } else if (channel->count < channel->capacity) {
        push(channel, waiting_of(waiting)->sent);
    } else {
        return false;
    }
    return true;
}

static const struct waiting_class send_class = {.wait = FLOW_WAIT_CHANNEL, .attempt = attempt_send};

sn_error sn_channel_send(sn_channel *channel, const void *element, sn_milliseconds timeout_ms)
{
    struct channel_waiting own;
    if (!channel || !element)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (timeout_ms < SN_FOREVER)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    waiting_begin(&own.waiting, &send_class, channel, &channel->senders);
    own.channel = channel;
    own.sent = element;
    return waiting_run(&own.waiting, deadline_of_wait(timeout_ms));
}

/* --- Receiving -------------------------------------------------------------------------------- */

static bool attempt_receive(struct waiting *waiting, bool may_wait)
{
    sn_channel *channel = waiting_of(waiting)->channel;
    struct waiting *sender = line_first(&channel->senders);
    bool is_stored = channel->count > 0;
    (void)may_wait;
    if (is_stored)
        pop(channel, waiting_of(waiting)->received);
    if (sender && is_stored)
        push(channel, waiting_of(sender)->sent); /* the ring was full, and the oldest goes first */
    else if (sender)
        move(channel, waiting_of(waiting)->received, waiting_of(sender)->sent);
    else if (!is_stored && channel->is_closed)
        waiting->error = SN_ERROR_END_OF_STREAM;
    else if (!is_stored)
        return false;
    if (sender)
        waiting_tell(sender, SN_OK);
    return true;
}

static const struct waiting_class receive_class = {.wait = FLOW_WAIT_CHANNEL,
                                                   .attempt = attempt_receive};

sn_error sn_channel_receive(sn_channel *channel, void *out_element, sn_milliseconds timeout_ms)
{
    struct channel_waiting own;
    if (!channel || !out_element)
        return misuse(SN_ERROR_ARGUMENT_NULL);
    if (timeout_ms < SN_FOREVER)
        return misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    waiting_begin(&own.waiting, &receive_class, channel, &channel->receivers);
    own.channel = channel;
    own.received = out_element;
    return waiting_run(&own.waiting, deadline_of_wait(timeout_ms));
}

/* --- The rest --------------------------------------------------------------------------------- */

void sn_channel_close(sn_channel *channel)
{
    if (!channel)
        return;
    waiting_hold(channel);
    channel->is_closed = true;
    line_tell_all(&channel->senders, SN_ERROR_SHUTDOWN);
    line_tell_all(&channel->receivers, SN_ERROR_END_OF_STREAM);
    waiting_let_go(channel);
}

bool sn_channel_is_closed(const sn_channel *channel)
{
    if (!channel)
        return true;
    waiting_hold(channel);
    bool is_closed = channel->is_closed;
    waiting_let_go(channel);
    return is_closed;
}

size_t sn_channel_get_count(const sn_channel *channel)
{
    if (!channel)
        return 0;
    waiting_hold(channel);
    size_t count = channel->count;
    waiting_let_go(channel);
    return count;
}
