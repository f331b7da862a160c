/*
 * How long a connection takes, and how long a datagram that comes back. A host's name is looked up
 * once, before: its time is not the peer's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/arguments.h"
#include "clock.h"
#include "interrupt.h"
#include "ping.h"
#include "report.h"
#include "socket_options.h"

struct call {
    const struct ping_choices *choices;
    const struct target *target;
    struct ping_counts *counts;
    char peer[TARGET_PEER_TEXT_SIZE];
    sn_socket *socket; /* of datagrams: one for all */
    char *data, *back;
    size_t room; /* of `back` */
};

static void note_failure(struct call *call, unsigned sequence, sn_error error)
{
    char what[TARGET_PEER_TEXT_SIZE + 24];
    if (interrupt_is_coming())
        return;
    snprintf(what, sizeof what, "%s: seq=%u", call->peer, sequence);
    (void)report_failure("ping", what, error);
    call->counts->has_failed = !ping_is_about_the_way(error) && error != SN_ERROR_TIMED_OUT &&
                               error != SN_ERROR_ADDRESS_NOT_AVAILABLE;
}

/* --- Connections ------------------------------------------------------------------------------ */

static sn_error connect_once(struct call *call, int64_t *out_span_ns)
{
    sn_socket *socket = NULL;
    const char *failed = "";
    const struct way *way = &call->choices->way;
    sn_error error = target_open(call->target, &socket);
    if (!error)
        error = socket_options_apply(&way->options, socket, &failed);
    if (!error && sn_endpoint_get_kind(&way->source) != SN_ENDPOINT_NONE)
        error = sn_socket_bind(socket, &way->source);
    if (!error)
        error = sn_socket_set_connect_timeout(socket, call->choices->timeout_ms);
    int64_t begin_ns = clock_now_ns();
    if (!error)
        error = sn_socket_connect(socket, &call->target->endpoint);
    *out_span_ns = clock_now_ns() - begin_ns;
    sn_socket_release(socket);
    return error;
}

static void ask_by_connection(struct call *call, unsigned sequence)
{
    char text[TARGET_PEER_TEXT_SIZE + 40];
    int64_t span_ns = 0;
    sn_error error = connect_once(call, &span_ns);
    if (error) {
        note_failure(call, sequence, error);
        return;
    }
    snprintf(text, sizeof text, "connected to %s: seq=%u", call->peer, sequence);
    ping_note(call->counts, call->choices, sequence, text, span_ns);
}

/* --- Datagrams -------------------------------------------------------------------------------- */

static bool is_answer(const struct call *call, const char *back, size_t size)
{
    return size == (size_t)call->choices->size && memcmp(back, call->data, size) == 0;
}

static sn_error receive_answer(struct call *call, int64_t until_ns)
{
    for (;;) {
        size_t size = 0;
        int64_t left_ms = (until_ns - clock_now_ns() + 999999) / 1000000;
        if (left_ms <= 0)
            return SN_ERROR_TIMED_OUT;
        sn_error error = sn_socket_set_receive_timeout(call->socket, left_ms);
        if (!error)
            error = sn_socket_receive(call->socket, call->back, call->room, SN_FLAG_NONE, &size);
        if (error || is_answer(call, call->back, size))
            return error;
        call->counts->repeated++; /* of an earlier one, that was given up or has come before */
    }
}

static void ask_by_datagram(struct call *call, unsigned sequence)
{
    char text[TARGET_PEER_TEXT_SIZE + 40];
    size_t size = (size_t)call->choices->size;
    for (size_t i = 0; i < size; i++) /* each is another one, as far as there is room for it */
        call->data[i] = (char)(i < 4 ? sequence >> 8 * i : i);
    int64_t begin_ns = clock_now_ns();
    sn_error error = sn_socket_send(call->socket, call->data, size, SN_FLAG_NONE, NULL);
    if (!error)
        error = receive_answer(call, begin_ns + call->choices->timeout_ms * INT64_C(1000000));
    int64_t span_ns = clock_now_ns() - begin_ns;
    if (error) {
        note_failure(call, sequence, error);
        return;
    }
    snprintf(text, sizeof text, "%zu bytes from %s: seq=%u", size, call->peer, sequence);
    ping_note(call->counts, call->choices, sequence, text, span_ns);
}

/* --- One after the other ---------------------------------------------------------------------- */

static void exchange(struct call *call)
{
    const struct ping_choices *choices = call->choices;
    int64_t due_ns = clock_now_ns();
    for (unsigned i = 1; ping_goes_on(call->counts); i++) {
        call->counts->sent++;
        if (call->socket)
            ask_by_datagram(call, i);
        else
            ask_by_connection(call, i);
        if (choices->count > 0 && i >= choices->count)
            break;
        due_ns += choices->interval_ms * INT64_C(1000000);
        if (due_ns < clock_now_ns()) /* there is no catching up */
            due_ns = clock_now_ns();
        ping_wait_until(due_ns);
    }
}

static int begin(struct call *call, struct target *target)
{
    sn_ip_address address;
    const char *host = sn_endpoint_get_host(&target->endpoint);
    sn_error error = SN_OK;
    if (host)
        error = ping_find_address(call->choices, host, &address);
    if (!error && host) {
        error = sn_endpoint_from_ip(&address, sn_endpoint_get_port(&target->endpoint),
                                    &target->endpoint);
        target->family = address.family;
    }
    if (error) {
        (void)report_failure("ping", target->text, error);
        return EXIT_TROUBLE;
    }
    target_format(target, &target->endpoint, call->peer);
    if (target_is_connected_kind(target))
        return EXIT_DONE;
    call->room = (size_t)call->choices->size + 65536;
    call->data = malloc((size_t)call->choices->size + 1);
    call->back = malloc(call->room);
    if (!call->data || !call->back) {
        (void)report_failure("ping", target->text, SN_ERROR_OUT_OF_MEMORY);
        return EXIT_TROUBLE;
    }
    return way_connect(&call->choices->way, target, "ping", NULL, &call->socket) == EXIT_DONE
               ? EXIT_DONE
               : EXIT_TROUBLE;
}

int ping_endpoint(const struct ping_choices *choices, struct target *target,
                  struct ping_counts *counts)
{
    struct call call = {.choices = choices, .target = target, .counts = counts};
    int status = begin(&call, target);
    if (status == EXIT_DONE) {
        if (!choices->is_json)
            printf("PING %s (%s)\n", choices->host, call.peer);
        exchange(&call);
    }
    sn_socket_release(call.socket);
    free(call.data);
    free(call.back);
    return status;
}
