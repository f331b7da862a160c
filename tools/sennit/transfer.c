#include "transfer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a sender that is told of a failure may go on. */
enum { FAREWELL_MS = 1000 };

sn_error transfer_begin(struct transfer *transfer, sn_socket *socket, long idle_ms)
{
    transfer->socket = socket;
    transfer->reader = NULL;
    sn_error error = sn_reader_create(socket, NULL, TRANSFER_LINE_SIZE, &transfer->reader);
    if (!error && idle_ms > 0)
        error = sn_socket_set_receive_timeout(socket, idle_ms);
    if (!error && idle_ms > 0)
        error = sn_socket_set_send_timeout(socket, idle_ms);
    return error;
}

void transfer_end(struct transfer *transfer)
{
    sn_reader_release(transfer->reader);
    transfer->reader = NULL;
}

sn_error transfer_read_line(struct transfer *transfer)
{
    sn_buffer part;
    sn_error error = sn_reader_read_until(transfer->reader, "\n", 1, 0, &part);
    if (error)
        return error == SN_ERROR_LIMIT_EXCEEDED ? SN_ERROR_FORMAT : error;
    memcpy(transfer->line, part.data, part.size - 1);
    transfer->line[part.size - 1] = '\0';
    return strlen(transfer->line) == part.size - 1 ? SN_OK : SN_ERROR_FORMAT;
}

sn_error transfer_read_field(struct transfer *transfer, const char *name, const char **out_value)
{
    sn_error error = transfer_read_line(transfer);
    if (error)
        return error;
    size_t size = strlen(name);
    if (strncmp(transfer->line, name, size) != 0 || strncmp(transfer->line + size, ": ", 2) != 0)
        return SN_ERROR_FORMAT;
    *out_value = transfer->line + size + 2;
    return SN_OK;
}

sn_error transfer_read_number(struct transfer *transfer, const char *name, uint64_t *out_number)
{
    const char *text = "";
    sn_error error = transfer_read_field(transfer, name, &text);
    if (error)
        return error;
    size_t size = strlen(text);
    if (size == 0 || size > 18 || strspn(text, "0123456789") != size)
        return SN_ERROR_FORMAT;
    *out_number = strtoull(text, NULL, 10);
    return SN_OK;
}

sn_error transfer_print(struct transfer *transfer, const char *format, ...)
{
    char text[2 * TRANSFER_LINE_SIZE];
    va_list values;
    va_start(values, format);
    int size = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (size < 0 || (size_t)size >= sizeof text)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    return sn_socket_send(transfer->socket, text, (size_t)size, SN_FLAG_NONE, NULL);
}

/* A close with something unread would take the words away from the sender, so it is read from until
 * it ends, or for a moment. */
static void drain(sn_socket *socket)
{
    char piece[16 * 1024];
    size_t size = 1;
    while (size > 0 && !sn_cancellation_check() &&
           !sn_socket_receive(socket, piece, sizeof piece, SN_FLAG_NONE, &size))
        ;
}

void transfer_refuse(struct transfer *transfer, const char *name, const char *words)
{
    sn_cancellation *limit = NULL;
    sn_cancellation_scope scope;
    if (transfer_print(transfer, "error: %.200s: %.200s\n\n", name, words))
        return;
    (void)sn_socket_shutdown(transfer->socket, SN_SHUTDOWN_SEND);
    if (sn_cancellation_create(&limit))
        return;
    if (!sn_cancellation_cancel_after(limit, FAREWELL_MS) &&
        !sn_cancellation_enter(limit, &scope)) {
        drain(transfer->socket);
        (void)sn_cancellation_leave(&scope);
    }
    sn_cancellation_release(limit);
}

/* A name that begins with a dot is read by programs that nobody thinks of. */
bool transfer_is_name(const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || size >= TRANSFER_NAME_SIZE || name[0] == '.' || strchr(name, '/'))
        return false;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 127)
            return false;
    return true;
}

int transfer_add_file(int file, uint64_t size, struct checksum *sum)
{
    char piece[16 * 1024];
    if (lseek(file, 0, SEEK_SET) != 0)
        return errno;
    while (size > 0) {
        size_t room = size < sizeof piece ? (size_t)size : sizeof piece;
        ssize_t got = read(file, piece, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : -1;
        checksum_add(sum, piece, (size_t)got);
        size -= (uint64_t)got;
    }
    return 0;
}
