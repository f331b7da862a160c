/* Steps that move bytes: send, receive, and their forms with several buffers. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

static void take_common(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    call->flags = value_flags(run, step, argument_named(step, "flags"));
}

/* --- send, receive
 * -------------------------------------------------------------------------------- */

static void send_prepare(struct run *run, const struct step *step, struct call *call)
{
    take_common(run, step, call);
    call_take_data(run, argument(run, step, 1), call);
}

static sn_error send_blocking(struct call *call)
{
    return sn_socket_send(call->socket, call->data, call->size, call->flags, &call->transferred);
}

static void send_start(struct call *call)
{
    sn_socket_send_async(call->socket, call->data, call->size, call->flags, &call->operation);
}

static void receive_prepare(struct run *run, const struct step *step, struct call *call)
{
    take_common(run, step, call);
    call_take_room(run, step, argument(run, step, 1), call);
}

static sn_error receive_blocking(struct call *call)
{
    return sn_socket_receive(call->socket, call->data, call->size, call->flags, &call->transferred);
}

static void receive_start(struct call *call)
{
    sn_socket_receive_async(call->socket, call->data, call->size, call->flags, &call->operation);
}

/* --- send-buffers, receive-buffers
 * ------------------------------------------------------------------- */

static bool is_mark(const word *item)
{
    return !item->quoted && strchr(item->text, '=') != NULL;
}

/* The words between the socket and the marks, all of them times=N over. */
static size_t count_buffers(const struct step *step, size_t *out_words)
{
    const char *times = argument_named(step, "times");
    *out_words = 0;
    for (size_t i = 1; i < step->words.count && !is_mark(&step->words.items[i]); i++)
        (*out_words)++;
    return *out_words * (times ? (size_t)atol(times) : 1);
}

static void buffers_prepare(struct run *run, const struct step *step, struct call *call,
                            bool is_room)
{
    take_common(run, step, call);
    if (step->words.count > 1 && word_is(argument(run, step, 1), "null")) {
        call->buffer_count = 1;
        return;
    }
    size_t kinds;
    call->buffer_count = count_buffers(step, &kinds);
    call->buffers = room(sizeof(sn_buffer) * call->buffer_count);
    for (size_t i = 0; i < call->buffer_count; i++) {
        const word *item = &step->words.items[1 + i % kinds];
        sn_buffer *buffer = &call->buffers[i];
        if (word_is(item, "none")) {
            buffer->size = 1;
        } else if (is_room) {
            buffer->size = (size_t)value_number(run, step, item);
            buffer->data = room(buffer->size);
        } else {
            buffer->data = value_text(run, item, &buffer->size);
        }
    }
}

static void send_buffers_prepare(struct run *run, const struct step *step, struct call *call)
{
    buffers_prepare(run, step, call, false);
}

static sn_error send_buffers_blocking(struct call *call)
{
    return sn_socket_send_buffers(call->socket, call->buffers, call->buffer_count, call->flags,
                                  &call->transferred);
}

static void send_buffers_start(struct call *call)
{
    sn_socket_send_buffers_async(call->socket, call->buffers, call->buffer_count, call->flags,
                                 &call->operation);
}

static void receive_buffers_prepare(struct run *run, const struct step *step, struct call *call)
{
    buffers_prepare(run, step, call, true);
}

static sn_error receive_buffers_blocking(struct call *call)
{
    return sn_socket_receive_buffers(call->socket, call->buffers, call->buffer_count, call->flags,
                                     &call->transferred);
}

static void receive_buffers_start(struct call *call)
{
    sn_socket_receive_buffers_async(call->socket, call->buffers, call->buffer_count, call->flags,
                                    &call->operation);
}

void call_show_received_buffers(struct run *run, struct call *call, text *out)
{
    call_show_sent(run, call, out);
    size_t left = call->transferred;
    for (size_t i = 0; i < call->buffer_count && left > 0; i++) {
        size_t part = left < call->buffers[i].size ? left : call->buffers[i].size;
        show_bytes(out, call->buffers[i].data, part);
        left -= part;
    }
}

/* --- Several receives in one step
 * -------------------------------------------------------------------- */

/* receive-exactly SOCKET SIZE: receives until so much is there. How the bytes were cut is not
 * shown. */
static void receive_exactly(struct run *run, const struct step *step, text *out)
{
    size_t wanted = (size_t)value_number(run, step, argument(run, step, 1));
    char *all = room(wanted);
    size_t got = 0;
    sn_error error = SN_OK;
    while (got < wanted && error == SN_OK) {
        struct call call = {.socket = value_socket(run, step, argument(run, step, 0))};
        call.data = all + got;
        call.size = wanted - got;
        if (run->style == STYLE_BLOCKING) {
            error = receive_blocking(&call);
        } else {
            receive_start(&call);
            error = sn_operation_wait(&call.operation);
            call.transferred = call.operation.transferred;
        }
        if (error == SN_OK && call.transferred == 0)
            break;
        got += call.transferred;
    }
    if (!show_failed(out, error)) {
        text_add(out, " %zu", got);
        show_bytes(out, all, got);
    }
    free(all);
}

/* receive-flags SOCKET SIZE: an asynchronous receive in every style; shows what was noticed. */
static void receive_flags(struct run *run, const struct step *step, text *out)
{
    struct call call = {0};
    receive_prepare(run, step, &call);
    receive_start(&call);
    call.error = sn_operation_wait(&call.operation);
    call.transferred = call.operation.transferred;
    if (!show_failed(out, call.error)) {
        call_show_received(run, &call, out);
        text_add(out, " flags %u", (unsigned)call.operation.flags);
    }
    free(call.data);
}

/* receive-record SOCKET SIZE: the same; shows what the record says of itself. */
static void receive_record(struct run *run, const struct step *step, text *out)
{
    struct call call = {0};
    receive_prepare(run, step, &call);
    call.operation.context = &call;
    receive_start(&call);
    call.error = sn_operation_wait(&call.operation);
    show_error(out, call.error);
    text_add(out, " operation %d", (int)call.operation.kind);
    show_bool(out, call.operation.context == &call);
    free(call.data);
}

static const call_verb send_call = {send_prepare, send_blocking, send_start, call_show_sent};
static const call_verb receive_call = {receive_prepare, receive_blocking, receive_start,
                                       call_show_received};
static const call_verb send_buffers_call = {send_buffers_prepare, send_buffers_blocking,
                                            send_buffers_start, call_show_sent};
static const call_verb receive_buffers_call = {receive_buffers_prepare, receive_buffers_blocking,
                                               receive_buffers_start, call_show_received_buffers};

const struct verb stream_verbs[] = {
    {"send", 2, 3, NULL, &send_call, false},
    {"receive", 2, 3, NULL, &receive_call, false},
    {"try-receive", 2, 3, NULL, &receive_call, true},
    {"send-buffers", 1, 40, NULL, &send_buffers_call, false},
    {"receive-buffers", 1, 40, NULL, &receive_buffers_call, false},
    {"receive-exactly", 2, 2, receive_exactly, NULL, false},
    {"receive-flags", 2, 3, receive_flags, NULL, false},
    {"receive-record", 2, 2, receive_record, NULL, false},
    {0},
};
