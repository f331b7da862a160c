/* Steps that move datagrams with an address: send-to, receive-from. */
#include "player.h"

#include <stdlib.h>

static void send_to_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    const word *data = argument(run, step, 1);
    if (word_is(data, "null"))
        call->size = 1;
    else
        call->data = value_text(run, data, &call->size);
    call->endpoint = value_endpoint(run, step, argument(run, step, 2));
    call->flags = value_flags(run, step, argument_named(step, "flags"));
}

static sn_error send_to_blocking(struct call *call)
{
    return sn_socket_send_to(call->socket, call->data, call->size, call->flags, call->endpoint,
                             &call->transferred);
}

static void send_to_start(struct call *call)
{
    sn_socket_send_to_async(call->socket, call->data, call->size, call->flags, call->endpoint,
                            &call->operation);
}

static void show_sent(struct run *run, struct call *call, text *out)
{
    (void)run;
    text_add(out, " %zu", call->transferred);
}

static void receive_from_prepare(struct run *run, const struct step *step, struct call *call)
{
    const word *name = argument(run, step, 0);
    call->socket = value_socket(run, step, name);
    call->target = name->text;
    const word *size = argument(run, step, 1);
    call->size = word_is(size, "null") ? 1 : (size_t)value_number(run, step, size);
    call->data = word_is(size, "null") ? NULL : room(call->size);
    call->flags = value_flags(run, step, argument_named(step, "flags"));
}

static sn_error receive_from_blocking(struct call *call)
{
    return sn_socket_receive_from(call->socket, call->data, call->size, call->flags, &call->from,
                                  &call->transferred);
}

static void receive_from_start(struct call *call)
{
    sn_socket_receive_from_async(call->socket, call->data, call->size, call->flags, &call->from,
                                 &call->operation);
}

static void show_received_from(struct run *run, struct call *call, text *out)
{
    text_add(out, " %zu", call->transferred);
    show_bytes(out, call->data, call->transferred < call->size ? call->transferred : call->size);
    text_add(out, " from");
    show_endpoint(run, out, &call->from);
    value_named(run, call->target)->sender = call->from;
}

static const call_verb send_to_call = {send_to_prepare, send_to_blocking, send_to_start, show_sent};
static const call_verb receive_from_call = {receive_from_prepare, receive_from_blocking,
                                            receive_from_start, show_received_from};

const struct verb datagram_verbs[] = {
    {"send-to", 3, 4, NULL, &send_to_call, false},
    {"try-receive-from", 2, 3, NULL, &receive_from_call, true},
    {"receive-from", 2, 3, NULL, &receive_from_call, false},
    {0},
};
