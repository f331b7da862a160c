/* One verb in flight, in whichever form the style asks for. */
#include "player.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void call_take_data(const struct run *run, const word *item, struct call *call)
{
    if (word_is(item, "null"))
        call->size = 1;
    else
        call->data = value_text(run, item, &call->size);
}

void call_take_room(struct run *run, const struct step *step, const word *item, struct call *call)
{
    if (word_is(item, "null")) {
        call->size = 1;
        return;
    }
    call->size = (size_t)value_number(run, step, item);
    call->data = room(call->size);
}

void call_take_addresses(struct run *run, const struct step *step, size_t first, struct call *call)
{
    size_t count = step->words.count - first;
    if (count == 1 && word_is(argument(run, step, first), "null")) {
        call->address_count = 1;
        return;
    }
    call->addresses = room(sizeof(sn_ip_address) * count);
    for (size_t i = 0; i < count; i++)
        call->addresses[call->address_count++] =
            value_address(run, step, argument(run, step, first + i));
}

void call_show_sent(struct run *run, struct call *call, text *out)
{
    (void)run;
    text_add(out, " %zu", call->transferred);
}

void call_show_received(struct run *run, struct call *call, text *out)
{
    call_show_sent(run, call, out);
    if (call->data)
        show_bytes(out, call->data,
                   call->transferred < call->size ? call->transferred : call->size);
}

struct call *call_create(struct run *run, const struct step *step)
{
    struct call *made = room(sizeof *made);
    made->verb = step->verb->call;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->done, NULL);
    made->verb->prepare(run, step, made);
    return made;
}

void call_destroy(struct call *call)
{
    if (!call)
        return;
    for (size_t i = 0; call->buffers && i < call->buffer_count; i++)
        free(call->buffers[i].data);
    free(call->buffers);
    free(call->data);
    free(call->endpoint);
    free(call->addresses);
    for (size_t i = 0; i < call->element_count; i++) {
        free((void *)(uintptr_t)call->elements[i].data);
        free((void *)(uintptr_t)call->elements[i].path);
        if (call->elements[i].kind == SN_SEND_PACKETS_HANDLE)
            close(call->elements[i].file);
    }
    free(call->elements);
    free((void *)(uintptr_t)call->host);
    for (size_t i = 0; i < 2; i++)
        free(call->parts[i].data);
    sn_dns_entry_release(call->entry);
    sn_dns_result_release(call->records);
    sn_resolver_release(call->resolver);
    sn_cancellation_release(call->cancellation);
    pthread_mutex_destroy(&call->lock);
    pthread_cond_destroy(&call->done);
    free(call);
}

static void completed(sn_operation *operation)
{
    struct call *call = operation->context;
    pthread_mutex_lock(&call->lock);
    call->is_done = true;
    pthread_cond_signal(&call->done);
    pthread_mutex_unlock(&call->lock);
}

void call_start(struct run *run, struct call *call, bool cancelled)
{
    call->operation = (sn_operation){0};
    if (run->style == STYLE_CALLBACK) {
        call->operation.completed = completed;
        call->operation.context = call;
    }
    if (sn_cancellation_create(&call->cancellation) == SN_OK)
        call->operation.cancellation = call->cancellation;
    if (cancelled)
        sn_cancellation_cancel(call->cancellation);
    call->verb->start(call);
}

static void wait_for_callback(struct call *call)
{
    pthread_mutex_lock(&call->lock);
    while (!call->is_done)
        pthread_cond_wait(&call->done, &call->lock);
    pthread_mutex_unlock(&call->lock);
}

static void show(struct run *run, struct call *call, text *out)
{
    if (!show_failed(out, call->error) && call->verb->show)
        call->verb->show(run, call, out);
}

void call_finish(struct run *run, struct call *call, text *out)
{
    if (run->style == STYLE_CALLBACK) {
        wait_for_callback(call);
        call->error = call->operation.error;
    } else {
        call->error = sn_operation_wait(&call->operation);
    }
    call->transferred = call->operation.transferred;
    call->accepted = call->operation.socket;
    call->noticed = call->operation.flags;
    call->information = call->operation.packet_information;
    show(run, call, out);
}

void call_play(struct run *run, struct call *call, text *out)
{
    if (run->style != STYLE_BLOCKING) {
        call_start(run, call, false);
        call_finish(run, call, out);
        return;
    }
    call->error = call->verb->blocking(call);
    show(run, call, out);
}
