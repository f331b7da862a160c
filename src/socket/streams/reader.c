/*
 * A buffered reader. Each of its calls is one receive that goes on until there is enough: the
 * function that says so, called each time that bytes have come, is the search for the delimiter. So
 * time limits, cancels, closes, both halves and both back-ends are the receive's own.
 */
#include "socket/streams/reader.h"

#include <string.h>

#include "sys/sys.h"

/* --- One call at a time ----------------------------------------------------------------------- */

static void drop(sn_reader *reader)
{
    if (atomic_sub_acq_rel(&reader->references, 1u) > 1)
        return;
    if (reader->owns_memory)
        memory_free(reader->memory);
    memory_free(reader);
}

/* In a forked child a call of the parent's never ends. */
static void forget_parent(sn_reader *reader)
{
    uint32_t call = atomic_load_acquire(&reader->call);
    if (call != 0 && call != sys_fork_count() + 1 &&
        atomic_replace_acq_rel(&reader->call, &call, 0u))
        atomic_sub_acq_rel(&reader->references, 1u);
}

static sn_error enter(sn_reader *reader)
{
    uint32_t none = 0;
    if (!reader)
        return socket_misuse(SN_ERROR_ARGUMENT_NULL);
    forget_parent(reader);
    if (!atomic_replace_acq_rel(&reader->call, &none, sys_fork_count() + 1))
        return socket_misuse(SN_ERROR_INVALID_OPERATION);
    atomic_add_relaxed(&reader->references, 1u);
    return SN_OK;
}

static void leave(sn_reader *reader)
{
    atomic_store_release(&reader->call, 0u);
    drop(reader);
}

/* --- What is buffered ------------------------------------------------------------------------- */

static size_t buffered(const sn_reader *reader)
{
    return reader->end - reader->start;
}

/* Takes the next bytes out; where they stood they stay until the next receive. */
static uint8_t *take(sn_reader *reader, size_t size)
{
    uint8_t *data = reader->memory + reader->start;
    assert(size <= buffered(reader));
    reader->start += size;
    return data;
}

/* The part up to the delimiter, once it is within the limit; 0: it is not. What was looked at in
 * vain is not looked at again, but for the beginning of a delimiter at its end. */
static size_t find_part(sn_reader *reader)
{
    const struct reader_wish *wish = &reader->wish;
    const uint8_t *begin = reader->memory + reader->start;
    size_t window = buffered(reader) < wish->limit ? buffered(reader) : wish->limit;
    size_t back = wish->delimiter_size - 1;
    size_t from = reader->searched > back ? reader->searched - back : 0;
    const uint8_t *found =
        memmem(begin + from, window - from, wish->delimiter, wish->delimiter_size);
    reader->searched = window;
    return found ? (size_t)(found - begin) + wish->delimiter_size : 0;
}

/* Whether what is buffered answers the call, with success or with LIMIT_EXCEEDED. */
static bool is_answered(sn_reader *reader)
{
    const struct reader_wish *wish = &reader->wish;
    if (!wish->delimiter)
        return buffered(reader) >= wish->size;
    reader->part_size = find_part(reader);
    return reader->part_size > 0 || buffered(reader) >= wish->limit;
}

/* More has come into the buffer. */
static bool is_enough(void *context, size_t received)
{
    sn_reader *reader = context;
    reader->end += received;
    return is_answered(reader);
}

/* --- The end of a call ------------------------------------------------------------------------ */

static sn_error end_of_part(sn_reader *reader, size_t *out_size)
{
    /* The call's reference is the only one: the memory goes with it. */
    if (atomic_load_acquire(&reader->references) == 1)
        return socket_misuse(SN_ERROR_OPERATION_ABORTED);
    if (reader->part_size == 0)
        return socket_misuse(SN_ERROR_LIMIT_EXCEEDED);
    *out_size = reader->part_size;
    *reader->wish.out_part =
        (sn_buffer){.data = take(reader, reader->part_size), .size = reader->part_size};
    return SN_OK;
}

/* What is buffered goes to the caller, as much as was asked for, also after an error. */
static size_t end_of_count(sn_reader *reader)
{
    struct reader_wish *wish = &reader->wish;
    size_t size = buffered(reader) < wish->size ? buffered(reader) : wish->size;
    if (size > 0)
        memcpy(wish->data, take(reader, size), size);
    return wish->before + size;
}

static void answer(sn_reader *reader, sn_operation *operation)
{
    reader->is_answered = true;
    if (!reader->wish.delimiter) {
        /* What went past the buffer is counted already. */
        size_t past = reader->wish.is_direct ? operation->transferred : 0;
        operation->transferred = past + end_of_count(reader);
        return;
    }
    operation->transferred = 0;
    if (!operation->error)
        operation->error = end_of_part(reader, &operation->transferred);
}

static bool reader_finish(sn_socket *socket, sn_operation *operation)
{
    sn_reader *reader = record_of(operation)->room.enough.context;
    (void)socket;
    bool is_async = reader->is_async;
    answer(reader, operation);
    if (is_async)
        leave(reader);
    return true;
}

static const struct verb reader_verb = {
    .kind = SN_OPERATION_RECEIVE,
    .direction = DIRECTION_IN,
    .timeout = TIMEOUT_RECEIVE,
    .transfers = TRANSFERS_IN,
    .is_all_or_error = true,
    .finish = reader_finish,
};

/* --- The beginning ---------------------------------------------------------------------------- */

/* Room for as much as the call may need. */
static void make_room(sn_reader *reader, size_t wanted)
{
    size_t size = buffered(reader);
    if (size > 0 && wanted <= reader->size - reader->start)
        return;
    memmove(reader->memory, reader->memory + reader->start, size);
    reader->start = 0;
    reader->end = size;
}

/* More than there is room for goes past the buffer, behind what is in it. */
static void go_direct(sn_reader *reader)
{
    struct reader_wish *wish = &reader->wish;
    size_t size = buffered(reader);
    memcpy(wish->data, take(reader, size), size);
    wish->is_direct = true;
    wish->before = size;
    wish->data = (uint8_t *)wish->data + size;
    wish->size = 0;
}

/* There is not enough in the buffer: what is to be received, and where to. */
static void prepare(sn_reader *reader, sn_operation *operation)
{
    struct reader_wish *wish = &reader->wish;
    struct enough_place enough = {.context = reader};
    if (!wish->delimiter && wish->size > reader->size) {
        enough.minimum = wish->size - buffered(reader);
        go_direct(reader);
        enough_prepare(operation, reader->socket, wish->data, enough.minimum, &enough);
        return;
    }
    make_room(reader, wish->delimiter ? wish->limit : wish->size);
    enough.is_enough = is_enough;
    enough_prepare(operation, reader->socket, reader->memory + reader->end,
                   reader->size - reader->end, &enough);
}

/* The reader is this call's. */
static void begin(sn_reader *reader, const struct reader_wish *wish, bool is_async)
{
    reader->wish = *wish;
    reader->searched = reader->part_size = 0;
    reader->is_async = is_async;
    reader->is_answered = false;
}

static sn_error check(const sn_reader *reader, struct reader_wish *wish)
{
    if (!wish->is_for_part) {
        if (!wish->data && wish->size > 0)
            return SN_ERROR_ARGUMENT_NULL;
        return wish->size > SSIZE_MAX ? SN_ERROR_ARGUMENT_OUT_OF_RANGE : SN_OK;
    }
    if (!wish->delimiter || !wish->out_part)
        return SN_ERROR_ARGUMENT_NULL;
    if (wish->delimiter_size == 0)
        return SN_ERROR_ARGUMENT;
    if (wish->limit > reader->size)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    if (wish->limit == 0)
        wish->limit = reader->size;
    return SN_OK;
}

static void run(sn_reader *reader, sn_operation *operation)
{
    operation->error = socket_ref(reader->socket);
    if (operation->error)
        return;
    prepare(reader, operation);
    operation->error = socket_run_blocking(reader->socket, operation);
    socket_unref(reader->socket);
}

/* Gives the bytes in the caller's hands, whatever has ended the call. */
static sn_error read_blocking(sn_reader *reader, struct reader_wish *wish, size_t *out_size)
{
    sn_operation operation;
    verb_begin(&operation, &reader_verb);
    sn_error error = enter(reader);
    if (error)
        return error;
    error = check(reader, wish);
    if (error) {
        leave(reader);
        return socket_misuse(error);
    }
    begin(reader, wish, false);
    if (!is_answered(reader))
        run(reader, &operation);
    if (!reader->is_answered) /* a worker may have done it */
        answer(reader, &operation);
    leave(reader);
    *out_size = operation.transferred;
    return operation.error;
}

/* It completes, and its callback may make the next call, before this returns: so the reader is left
 * before. */
static void start(sn_reader *reader, sn_operation *operation)
{
    sn_socket *socket = reader->socket;
    bool is_here = is_answered(reader);
    operation->error = is_here ? SN_OK : socket_ref(socket);
    if (is_here || operation->error) {
        answer(reader, operation);
        leave(reader);
        enough_complete(socket, operation);
        return;
    }
    prepare(reader, operation);
    socket_start_async(socket, operation, SN_OK);
}

static bool read_async(sn_reader *reader, struct reader_wish *wish, sn_operation *operation)
{
    if (!socket_begin_async(operation, &reader_verb))
        return false;
    sn_error error = enter(reader);
    if (error) {
        socket_refuse_async(reader ? reader->socket : NULL, operation, error);
        return true;
    }
    error = check(reader, wish);
    if (error) {
        leave(reader);
        socket_refuse_async(reader->socket, operation, socket_misuse(error));
        return true;
    }
    begin(reader, wish, true);
    start(reader, operation);
    return true;
}

/* --- Public ----------------------------------------------------------------------------------- */

static sn_error check_socket(sn_socket *socket, size_t size)
{
    sn_error error = socket_ref(socket);
    if (error)
        return error;
    error = size == 0 || size > SSIZE_MAX ? socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE)
                                          : enough_check_socket(socket);
    socket_unref(socket);
    return error;
}

sn_error sn_reader_create(sn_socket *socket, void *memory, size_t size, sn_reader **out_reader)
{
    sn_error error = check_socket(socket, size);
    if (!error && !out_reader)
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    if (error)
        return error;
    sn_reader *reader = memory_zeroed(sizeof *reader);
    uint8_t *own = reader && !memory ? memory_zeroed(size) : NULL;
    if (!reader || (!memory && !own)) {
        memory_free(reader);
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    }
    reader->socket = sn_socket_retain(socket);
    reader->memory = memory ? memory : own;
    reader->owns_memory = own != NULL;
    reader->size = size;
    reader->references = 1;
    *out_reader = reader;
    return SN_OK;
}

/* The socket goes now, also where an operation is pending: the last reference closes it, and that
 * ends the operation. */
void sn_reader_release(sn_reader *reader)
{
    if (!reader)
        return;
    forget_parent(reader);
    sn_socket_release(reader->socket);
    drop(reader);
}

sn_socket *sn_reader_get_socket(const sn_reader *reader)
{
    return reader ? reader->socket : NULL;
}

sn_error sn_reader_read_until(sn_reader *reader, const void *delimiter, size_t delimiter_size,
                              size_t limit, sn_buffer *out_part)
{
    size_t size;
    struct reader_wish wish = {.is_for_part = true,
                               .delimiter = delimiter,
                               .delimiter_size = delimiter_size,
                               .limit = limit,
                               .out_part = out_part};
    return read_blocking(reader, &wish, &size);
}

bool sn_reader_read_until_async(sn_reader *reader, const void *delimiter, size_t delimiter_size,
                                size_t limit, sn_buffer *out_part, sn_operation *operation)
{
    struct reader_wish wish = {.is_for_part = true,
                               .delimiter = delimiter,
                               .delimiter_size = delimiter_size,
                               .limit = limit,
                               .out_part = out_part};
    return read_async(reader, &wish, operation);
}

sn_error sn_reader_read_exactly(sn_reader *reader, void *data, size_t size, size_t *out_read)
{
    size_t read = 0;
    struct reader_wish wish = {.data = data, .size = size};
    sn_error error = read_blocking(reader, &wish, &read);
    if (out_read && (!error || read > 0))
        *out_read = read;
    return error;
}

bool sn_reader_read_exactly_async(sn_reader *reader, void *data, size_t size,
                                  sn_operation *operation)
{
    struct reader_wish wish = {.data = data, .size = size};
    return read_async(reader, &wish, operation);
}

sn_error sn_reader_read_byte(sn_reader *reader, uint8_t *out_byte)
{
    return sn_reader_read_exactly(reader, out_byte, 1, NULL);
}

sn_error sn_reader_get_buffered(sn_reader *reader, sn_buffer *out_buffered)
{
    sn_error error = enter(reader);
    if (error)
        return error;
    if (out_buffered)
        *out_buffered =
            (sn_buffer){.data = reader->memory + reader->start, .size = buffered(reader)};
    else
        error = socket_misuse(SN_ERROR_ARGUMENT_NULL);
    leave(reader);
    return error;
}

sn_error sn_reader_skip(sn_reader *reader, size_t size)
{
    sn_error error = enter(reader);
    if (error)
        return error;
    if (size <= buffered(reader))
        (void)take(reader, size);
    else
        error = socket_misuse(SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    leave(reader);
    return error;
}
