/* Files and lists of packets: send-file, send-packets. */
#include "player.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* write-file PATH DATA */
static void write_file(struct run *run, const struct step *step, text *out)
{
    size_t size, path_size;
    char *path = value_text(run, argument(run, step, 0), &path_size);
    char *data = value_text(run, argument(run, step, 1), &size);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        run_broken(run, step, "cannot write %s", path);
    free(path);
    free(data);
    show_error(out, SN_OK);
}

static sn_transmit_flags take_transmit(const struct run *run, const struct step *step)
{
    const char *names = argument_named(step, "flags");
    if (!names)
        return SN_TRANSMIT_USE_DEFAULT_WORKER_THREAD;
    long all = 0;
    char copy[96];
    snprintf(copy, sizeof copy, "%s", names);
    char *rest = copy;
    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        long number;
        if (!name_number("transmit", name, &number))
            run_broken(run, step, "unknown flag: %s", name);
        all |= number;
    }
    return (sn_transmit_flags)all;
}

static char *take_text_or_null(const struct run *run, const word *item)
{
    size_t size;
    return word_is(item, "null") ? NULL : value_text(run, item, &size);
}

/* --- send-file SOCKET PATH|null [BEFORE|null BEHIND|null] [flags=F] --------------------------- */

static void file_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    call->host = take_text_or_null(run, argument(run, step, 1));
    call->transmit = take_transmit(run, step);
    call->has_parts = step->words.count > 3;
    for (size_t i = 0; call->has_parts && i < 2; i++) {
        const word *item = argument(run, step, i + 2);
        if (!word_is(item, "null"))
            call->parts[i].data = value_text(run, item, &call->parts[i].size);
    }
}

/* .NET's empty name, like none, is no file. */
static sn_file_send file_of(const struct call *call)
{
    return (sn_file_send){.kind = call->host && call->host[0] ? SN_FILE_PATH : SN_FILE_NONE,
                          .flags = call->transmit,
                          .path = call->host,
                          .before = call->parts[0],
                          .after = call->parts[1]};
}

static sn_error file_blocking(struct call *call)
{
    const sn_file_send send = file_of(call);
    return sn_socket_send_file(call->socket, &send, &call->transferred);
}

static void file_start(struct call *call)
{
    const sn_file_send send = file_of(call);
    sn_socket_send_file_async(call->socket, &send, &call->operation);
}

/* --- send-packets SOCKET ELEMENT... [flags=F] ----------------------------------------------------
 *
 * An element is "text", null, file:PATH[:OFFSET[:COUNT]], or handle:, the same by an open file.
 * Asynchronous in every style, as in .NET. */

static void take_part_of_file(struct run *run, const struct step *step, char *parts,
                              sn_send_packets_element *element)
{
    char *rest = parts;
    const char *kind = strsep(&rest, ":");
    word path = {strsep(&rest, ":"), 0, false};
    path.size = path.text ? strlen(path.text) : 0;
    const char *offset = strsep(&rest, ":");
    const char *count = strsep(&rest, ":");
    size_t size;
    if (!path.text)
        run_broken(run, step, "neither text nor file:PATH: %s", kind);
    element->path = value_text(run, &path, &size);
    element->offset = offset ? atoll(offset) : 0;
    element->count = count ? atoll(count) : 0;
    element->kind = SN_SEND_PACKETS_PATH;
    if (strcmp(kind, "handle") != 0)
        return;
    element->kind = SN_SEND_PACKETS_HANDLE;
    element->file = open(element->path, O_RDONLY | O_CLOEXEC);
    if (element->file < 0)
        run_broken(run, step, "cannot open %s", element->path);
}

static void packets_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->socket = value_socket(run, step, argument(run, step, 0));
    call->transmit = take_transmit(run, step);
    call->elements = room(sizeof *call->elements * step->words.count);
    for (size_t i = 1; i < step->words.count; i++) {
        const word *item = &step->words.items[i];
        if (!item->quoted && strncmp(item->text, "flags=", 6) == 0)
            continue;
        sn_send_packets_element *element = &call->elements[call->element_count++];
        if (item->quoted) {
            element->kind = SN_SEND_PACKETS_MEMORY;
            element->data = value_text(run, item, &element->size);
        } else if (!word_is(item, "null")) {
            char *copy = copy_text(item->text);
            take_part_of_file(run, step, copy, element);
            free(copy);
        }
    }
}

static void packets_start(struct call *call)
{
    sn_socket_send_packets_async(call->socket, call->elements, call->element_count, call->transmit,
                                 &call->operation);
}

static sn_error packets_blocking(struct call *call)
{
    packets_start(call);
    sn_error error = sn_operation_wait(&call->operation);
    call->transferred = call->operation.transferred;
    return error;
}

/* packet-element memory DATA|null, packet-element file PATH|null OFFSET COUNT */
static void packet_element(struct run *run, const struct step *step, text *out)
{
    sn_send_packets_element element;
    size_t size = 1;
    sn_error error;
    char *given = NULL;
    const word *item = argument(run, step, 1);
    if (!word_is(item, "null"))
        given = value_text(run, item, &size);
    if (word_is(argument(run, step, 0), "memory"))
        error = sn_send_packets_element_from_memory(given, size, false, &element);
    else
        error = sn_send_packets_element_from_path(
            given, value_number(run, step, argument(run, step, 2)),
            value_number(run, step, argument(run, step, 3)), false, &element);
    if (!show_failed(out, error)) {
        bool is_memory = element.kind == SN_SEND_PACKETS_MEMORY;
        text_add(out, " %lld %lld", (long long)element.offset,
                 is_memory ? (long long)element.size : (long long)element.count);
        show_bool(out, element.end_of_packet);
    }
    free(given);
}

static const call_verb file_call = {file_prepare, file_blocking, file_start, NULL};
static const call_verb packets_call = {packets_prepare, packets_blocking, packets_start,
                                       call_show_sent};

const struct verb file_verbs[] = {
    {"write-file", 2, 2, write_file, NULL, false},
    {"send-file", 2, 5, NULL, &file_call, false},
    {"send-packets", 1, 20, NULL, &packets_call, false},
    {"packet-element", 2, 4, packet_element, NULL, false},
    {0},
};
