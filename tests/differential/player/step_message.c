/* Datagrams with what the kernel tells of them: receive-message-from. */
#include "player.h"

static void prepare_common(struct run *run, const struct step *step, struct call *call)
{
    const word *name = argument(run, step, 0);
    call->socket = value_socket(run, step, name);
    call->target = name->text;
    call->flags = value_flags(run, step, argument_named(step, "flags"));
    call->noticed = call->flags;
}

/* receive-message-from SOCKET SIZE [flags=F] */
static void message_prepare(struct run *run, const struct step *step, struct call *call)
{
    prepare_common(run, step, call);
    call_take_room(run, step, argument(run, step, 1), call);
}

static sn_error message_blocking(struct call *call)
{
    return sn_socket_receive_message_from(call->socket, call->data, call->size, &call->noticed,
                                          &call->from, &call->information, &call->transferred);
}

static void message_start(struct call *call)
{
    sn_socket_receive_message_from_async(call->socket, call->data, call->size, call->flags,
                                         &call->from, &call->operation);
}

static void show_message(struct run *run, struct call *call, text *out)
{
    text_add(out, " from");
    show_endpoint(run, out, &call->from);
    text_add(out, " flags %u to", (unsigned)call->noticed);
    show_ip_address(out, &call->information.address);
    text_add(out, " interface %d", call->information.interface_index);
    value_named(run, call->target)->sender = call->from;
}

static void message_show(struct run *run, struct call *call, text *out)
{
    call_show_received(run, call, out);
    show_message(run, call, out);
}

/* receive-message-from-buffers SOCKET SIZE SIZE */
static void buffers_prepare(struct run *run, const struct step *step, struct call *call)
{
    prepare_common(run, step, call);
    call->buffer_count = step->words.count - 1;
    call->buffers = room(sizeof(sn_buffer) * call->buffer_count);
    for (size_t i = 0; i < call->buffer_count; i++) {
        call->buffers[i].size = (size_t)value_number(run, step, argument(run, step, i + 1));
        call->buffers[i].data = room(call->buffers[i].size);
    }
}

static sn_error buffers_blocking(struct call *call)
{
    return sn_socket_receive_message_from_buffers(call->socket, call->buffers, call->buffer_count,
                                                  &call->noticed, &call->from, &call->information,
                                                  &call->transferred);
}

static void buffers_start(struct call *call)
{
    sn_socket_receive_message_from_buffers_async(call->socket, call->buffers, call->buffer_count,
                                                 call->flags, &call->from, &call->operation);
}

static void buffers_show(struct run *run, struct call *call, text *out)
{
    call_show_received_buffers(run, call, out);
    show_message(run, call, out);
}

static const call_verb message_call = {message_prepare, message_blocking, message_start,
                                       message_show};
static const call_verb buffers_call = {buffers_prepare, buffers_blocking, buffers_start,
                                       buffers_show};

const struct verb message_verbs[] = {
    {"receive-message-from", 2, 3, NULL, &message_call, false},
    {"receive-message-from-buffers", 2, 8, NULL, &buffers_call, false},
    {0},
};
