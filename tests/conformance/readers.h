/*
 * The calls of a buffered reader in every style of calling, and the scene that its tests play in.
 */
#ifndef TESTS_CONFORMANCE_READERS_H
#define TESTS_CONFORMANCE_READERS_H

#include "support/async.h"
#include "support/threads.h"
#include "support/transfer_support.h"

/* --- The calls in every style ----------------------------------------------------------------- */

struct reading {
    struct call call;
    sn_reader *reader;
    const void *delimiter;
    size_t delimiter_size, limit;
    sn_buffer *part;
    void *data;
    size_t size;
};

static inline void start_until(void *arguments)
{
    struct reading *reading = arguments;
    sn_reader_read_until_async(reading->reader, reading->delimiter, reading->delimiter_size,
                               reading->limit, reading->part, &reading->call.operation);
}

static inline void start_exactly(void *arguments)
{
    struct reading *reading = arguments;
    sn_reader_read_exactly_async(reading->reader, reading->data, reading->size,
                                 &reading->call.operation);
}

static inline sn_error read_part(sn_reader *reader, const void *delimiter, size_t delimiter_size,
                                 size_t limit, sn_buffer *part)
{
    struct reading reading = {.reader = reader,
                              .delimiter = delimiter,
                              .delimiter_size = delimiter_size,
                              .limit = limit,
                              .part = part};
    size_t size = 0;
    if (!call_begin(&reading.call, sn_reader_get_socket(reader), sn_socket_get_receive_timeout))
        return sn_reader_read_until(reader, delimiter, delimiter_size, limit, part);
    call_start(&reading.call, start_until, &reading);
    sn_error error = call_end(&reading.call, &size);
    if (!error && size != part->size)
        return SN_ERROR_FAULT; /* the operation must say the same */
    return error;
}

static inline sn_error read_line(sn_reader *reader, sn_buffer *line)
{
    return read_part(reader, "\r\n", 2, 0, line);
}

static inline sn_error read_count(sn_reader *reader, void *data, size_t size, size_t *out_read)
{
    struct reading reading = {.reader = reader, .data = data, .size = size};
    if (!call_begin(&reading.call, sn_reader_get_socket(reader), sn_socket_get_receive_timeout))
        return sn_reader_read_exactly(reader, data, size, out_read);
    call_start(&reading.call, start_exactly, &reading);
    sn_error error = call_end(&reading.call, NULL);
    if (!error || reading.call.operation.transferred > 0)
        *out_read = reading.call.operation.transferred;
    return error;
}

/* --- Scenes ----------------------------------------------------------------------------------- */

static struct socket_pair pair;
static sn_reader *reader;

static inline void open_reader(enum transport transport, size_t size)
{
    pair = pair_connected(transport);
    assert_ok(sn_reader_create(pair.server, NULL, size, &reader));
}

static inline void close_reader(void)
{
    sn_reader_release(reader);
    reader = NULL;
    pair_release(&pair);
}

static inline void assert_part(const char *expected, const sn_buffer *part)
{
    assert_int_equal(strlen(expected), part->size);
    assert_memory_equal(expected, part->data, part->size);
}

static inline void assert_buffered(const char *expected)
{
    sn_buffer part;
    assert_ok(sn_reader_get_buffered(reader, &part));
    assert_part(expected, &part);
}

/* Another thread sends pieces, each once the one before was taken, and acts then. */
struct middle {
    const char *const *pieces; /* the last one is NULL */
    void (*act)(void);
};

static inline sn_error send_pieces(void *context)
{
    const struct middle *middle = context;
    for (const char *const *piece = middle->pieces; *piece; piece++) {
        size_t left = 1;
        if (sn_socket_send(pair.client, *piece, strlen(*piece), SN_FLAG_NONE, NULL))
            return SN_ERROR_FAULT;
        while (left > 0 && !sn_socket_get_available(pair.server, &left))
            give_way();
    }
    if (middle->act)
        middle->act();
    return SN_OK;
}

static inline sn_error read_line_beside(const char *const *pieces, void (*act)(void),
                                        sn_buffer *line)
{
    struct middle middle = {.pieces = pieces, .act = act};
    struct thread thread;
    thread_start(&thread, send_pieces, &middle);
    sn_error error = read_line(reader, line);
    assert_ok(thread_join(&thread));
    return error;
}

static inline void end_sending(void)
{
    (void)!sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND);
}

#endif
