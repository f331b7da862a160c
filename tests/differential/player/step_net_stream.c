/* NetworkStream. */
#include "player.h"

#include <sennit/dotnet.h>

#include <string.h>

static sn_network_stream *stream_of(struct run *run, const struct step *step)
{
    return object_get(run, step, 0, OBJECT_STREAM);
}

/* stream NAME SOCKET|null [access=A] [owns=true] */
static void create(struct run *run, const struct step *step, text *out)
{
    sn_network_stream *made;
    sn_socket *socket = value_socket_or_null(run, step, argument(run, step, 1));
    const char *access = argument_named(step, "access"), *owns = argument_named(step, "owns");
    long number = SN_FILE_ACCESS_READ_WRITE;
    if (access && !name_number("access", access, &number))
        run_broken(run, step, "unknown access: %s", access);
    bool owns_socket = owns && strcmp(owns, "true") == 0;
    if (!show_failed(out,
                     sn_network_stream_create(socket, (sn_file_access)number, owns_socket, &made)))
        object_keep(run, argument(run, step, 0)->text, OBJECT_STREAM, made);
}

/* stream-socket SOCKET NAME */
static void show_socket(struct run *run, const struct step *step, text *out)
{
    object_show_socket(run, step,
                       sn_network_stream_get_socket(object_get(run, step, 1, OBJECT_STREAM)), out);
}

/* stream-close NAME */
static void step_close(struct run *run, const struct step *step, text *out)
{
    sn_network_stream_close(stream_of(run, step));
    run_let_engine_close(run);
    show_error(out, SN_OK);
}

/* stream-close-within NAME MILLISECONDS */
static void close_within(struct run *run, const struct step *step, text *out)
{
    int timeout_ms = (int)value_number(run, step, argument(run, step, 1));
    sn_error error = sn_network_stream_close_within(stream_of(run, step), timeout_ms);
    run_let_engine_close(run);
    show_error(out, error);
}

/* --- Reading and writing ---------------------------------------------------------------------- */

/* stream-read NAME SIZE */
static void read_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = stream_of(run, step);
    call_take_room(run, step, argument(run, step, 1), call);
}

static sn_error read_blocking(struct call *call)
{
    return sn_network_stream_read(call->object, call->data, call->size, &call->transferred);
}

static void read_start(struct call *call)
{
    sn_network_stream_read_async(call->object, call->data, call->size, &call->operation);
}

/* stream-write NAME DATA */
static void write_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = stream_of(run, step);
    call_take_data(run, argument(run, step, 1), call);
}

static sn_error write_blocking(struct call *call)
{
    return sn_network_stream_write(call->object, call->data, call->size);
}

static void write_start(struct call *call)
{
    sn_network_stream_write_async(call->object, call->data, call->size, &call->operation);
}

/* stream-flush NAME */
static void flush_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->object = stream_of(run, step);
}

static sn_error flush_blocking(struct call *call)
{
    return sn_network_stream_flush(call->object);
}

static void flush_start(struct call *call)
{
    sn_network_stream_flush_async(call->object, &call->operation);
}

/* stream-read-byte NAME: the byte, or -1 at the end */
static void read_byte(struct run *run, const struct step *step, text *out)
{
    int byte;
    if (!show_failed(out, sn_network_stream_read_byte(stream_of(run, step), &byte)))
        text_add(out, " %d", byte);
}

/* stream-write-byte NAME NUMBER */
static void write_byte(struct run *run, const struct step *step, text *out)
{
    uint8_t byte = (uint8_t)value_number(run, step, argument(run, step, 1));
    show_error(out, sn_network_stream_write_byte(stream_of(run, step), byte));
}

/* --- Properties ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*get)(const sn_network_stream *stream);
} abilities[] = {
    {"CanRead", sn_network_stream_can_read},
    {"CanWrite", sn_network_stream_can_write},
    {"CanSeek", sn_network_stream_can_seek},
    {"CanTimeout", sn_network_stream_can_timeout},
};

/* stream-get NAME PROPERTY */
static void step_get(struct run *run, const struct step *step, text *out)
{
    sn_network_stream *stream = stream_of(run, step);
    const char *name = argument(run, step, 1)->text;
    for (size_t i = 0; i < sizeof abilities / sizeof abilities[0]; i++) {
        if (strcmp(abilities[i].name, name) == 0) {
            show_error(out, SN_OK);
            show_bool(out, abilities[i].get(stream));
            return;
        }
    }
    bool is_available;
    sn_milliseconds timeout_ms;
    if (strcmp(name, "DataAvailable") == 0) {
        if (!show_failed(out, sn_network_stream_get_data_available(stream, &is_available)))
            show_bool(out, is_available);
    } else if (strcmp(name, "ReadTimeout") == 0) {
        if (!show_failed(out, sn_network_stream_get_read_timeout(stream, &timeout_ms)))
            text_add(out, " %lld", (long long)timeout_ms);
    } else if (strcmp(name, "WriteTimeout") == 0) {
        if (!show_failed(out, sn_network_stream_get_write_timeout(stream, &timeout_ms)))
            text_add(out, " %lld", (long long)timeout_ms);
    } else {
        run_broken(run, step, "unknown property: %s", name);
    }
}

/* stream-set NAME PROPERTY VALUE */
static void step_set(struct run *run, const struct step *step, text *out)
{
    sn_network_stream *stream = stream_of(run, step);
    const char *name = argument(run, step, 1)->text;
    const word *value = argument(run, step, 2);
    sn_error error;
    if (strcmp(name, "ReadTimeout") == 0)
        error = sn_network_stream_set_read_timeout(stream, (int)value_number(run, step, value));
    else if (strcmp(name, "WriteTimeout") == 0)
        error = sn_network_stream_set_write_timeout(stream, (int)value_number(run, step, value));
    else if (strcmp(name, "Readable") == 0)
        error = sn_network_stream_set_readable(stream, value_bool(run, step, value));
    else if (strcmp(name, "Writeable") == 0)
        error = sn_network_stream_set_writeable(stream, value_bool(run, step, value));
    else
        run_broken(run, step, "unknown property, or one that is only read: %s", name);
    show_error(out, error);
}

static const call_verb read_call = {read_prepare, read_blocking, read_start, call_show_received};
static const call_verb write_call = {write_prepare, write_blocking, write_start, NULL};
static const call_verb flush_call = {flush_prepare, flush_blocking, flush_start, NULL};

const struct verb net_stream_verbs[] = {
    {"stream", 2, 4, create, NULL, false},
    {"stream-socket", 2, 2, show_socket, NULL, false},
    {"stream-close", 1, 1, step_close, NULL, false},
    {"stream-close-within", 2, 2, close_within, NULL, false},
    {"stream-read", 2, 2, NULL, &read_call, false},
    {"stream-write", 2, 2, NULL, &write_call, false},
    {"stream-flush", 1, 1, NULL, &flush_call, false},
    {"stream-read-byte", 1, 1, read_byte, NULL, false},
    {"stream-write-byte", 2, 2, write_byte, NULL, false},
    {"stream-get", 2, 2, step_get, NULL, false},
    {"stream-set", 3, 3, step_set, NULL, false},
    {0},
};
