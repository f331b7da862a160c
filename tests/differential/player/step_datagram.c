/* Steps that move datagrams with an address: send-to, receive-from. */
#include "player.h"

static void send_to_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    call_take_data(run, argument(run, step, 1), call);
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

static void receive_from_prepare(struct run *run, const struct step *step, struct call *call)
{
    const word *name = argument(run, step, 0);
    call->socket = value_socket(run, step, name);
    call->target = name->text;
    call_take_room(run, step, argument(run, step, 1), call);
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
    call_show_received(run, call, out);
    text_add(out, " from");
    show_endpoint(run, out, &call->from);
    value_named(run, call->target)->sender = call->from;
}

static const call_verb send_to_call = {send_to_prepare, send_to_blocking, send_to_start,
                                       call_show_sent};
static const call_verb receive_from_call = {receive_from_prepare, receive_from_blocking,
                                            receive_from_start, show_received_from};

const struct verb datagram_verbs[] = {
    {"send-to", 3, 4, NULL, &send_to_call, false},
    {"try-receive-from", 2, 3, NULL, &receive_from_call, true},
    {"receive-from", 2, 3, NULL, &receive_from_call, false},
    {0},
};
