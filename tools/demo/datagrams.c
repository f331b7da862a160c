/*
 * UDP may drop a datagram even on the loopback interface, when the receiver's buffer is full. So
 * datagrams are numbered, a few are under way at a time (the window), and the receiver answers each
 * with the number that it wants next. When no answer comes, the whole window is sent again.
 *
 * A datagram is a header of two numbers in network order, kind and number, and then the file's
 * bytes. The last one is of kind LAST and empty.
 */
#include "datagrams.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER_SIZE = 8,
    /* A little below 32 KiB, so that with the kernel's own bookkeeping a datagram stays in 32 KiB
     * of buffer, and a window fits into the room that Linux gives a UDP socket at most by default.
     */
    PAYLOAD_SIZE = 30 * 1024,
    DATAGRAM_SIZE = HEADER_SIZE + PAYLOAD_SIZE,
    WINDOW = 8,
    ROOM_SIZE = 1024 * 1024,
    RETRY_MS = 20,
    ANSWER_MS = 100
};

enum { KIND_DATA = 1, KIND_LAST = 2, KIND_WANTED = 3 };

struct datagram {
    size_t size;
    uint8_t bytes[DATAGRAM_SIZE];
};

static void put_number(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t get_number(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* A datagram that is lost and one that found no room now are the same to the protocol. */
static bool is_loss(sn_error error)
{
    return error == SN_ERROR_TIMED_OUT || error == SN_ERROR_NO_BUFFER_SPACE_AVAILABLE;
}

/* --- The far end --- */

struct far {
    sn_socket *socket;  /* borrowed: closed by the near end when everything was answered */
    sn_endpoint sender; /* all others are ignored */
    uint32_t wanted;    /* the number that comes next */
    bool has_last;
    struct end end;
};

/* Takes what is in order; the rest is dropped and will come again. */
static void take_datagram(struct far *far, const uint8_t *bytes, size_t size)
{
    uint32_t kind = get_number(bytes);
    if (get_number(bytes + 4) != far->wanted || (kind != KIND_DATA && kind != KIND_LAST))
        return;
    end_take(&far->end, bytes + HEADER_SIZE, size - HEADER_SIZE);
    far->has_last = kind == KIND_LAST;
    far->wanted++;
}

static sn_error answer(struct far *far)
{
    uint8_t bytes[HEADER_SIZE];
    put_number(bytes, KIND_WANTED);
    put_number(bytes + 4, far->wanted);
    sn_error error =
        sn_socket_send_to(far->socket, bytes, sizeof bytes, SN_FLAG_NONE, &far->sender, NULL);
    return is_loss(error) ? SN_OK : error;
}

static sn_error receive_one(struct far *far, uint8_t *bytes)
{
    sn_endpoint from;
    size_t size = 0;
    sn_error error =
        sn_socket_receive_from(far->socket, bytes, DATAGRAM_SIZE, SN_FLAG_NONE, &from, &size);
    if (error || size < HEADER_SIZE || !sn_endpoint_equals(&from, &far->sender))
        return error;
    take_datagram(far, bytes, size);
    return answer(far);
}

/* The answer to the last datagram can be lost too, so answering goes on until the near end, which
 * knows, closes this socket: that ends the receive. */
static void *far_run(void *argument)
{
    struct far *far = argument;
    uint8_t *bytes = malloc(DATAGRAM_SIZE);
    sn_error error = bytes ? SN_OK : SN_ERROR_OUT_OF_MEMORY;
    while (!error)
        error = receive_one(far, bytes);
    if (!far->has_last)
        end_fail(&far->end, "receive", error);
    free(bytes);
    return NULL;
}

/* --- The near end --- */

struct near {
    sn_socket *socket; /* borrowed */
    sn_endpoint receiver;
    FILE *file;
    struct datagram *window; /* owned: WINDOW of them, number n at n % WINDOW */
    uint32_t first;          /* the oldest without an answer */
    uint32_t next;           /* the next to be made */
    bool has_last;           /* the last one has been made */
    struct end end;
};

static sn_error send_number(struct near *near, uint32_t number)
{
    const struct datagram *datagram = &near->window[number % WINDOW];
    sn_error error = sn_socket_send_to(near->socket, datagram->bytes, datagram->size, SN_FLAG_NONE,
                                       &near->receiver, NULL);
    return is_loss(error) ? SN_OK : error;
}

/* Makes the next datagram from the file: the last one once the file has ended. */
static void make_next(struct near *near)
{
    struct datagram *datagram = &near->window[near->next % WINDOW];
    size_t size =
        end_read_file(&near->end, near->file, datagram->bytes + HEADER_SIZE, PAYLOAD_SIZE);
    near->has_last = size == 0;
    put_number(datagram->bytes, near->has_last ? KIND_LAST : KIND_DATA);
    put_number(datagram->bytes + 4, near->next);
    datagram->size = HEADER_SIZE + size;
    near->next++;
}

static sn_error fill_window(struct near *near)
{
    sn_error error = SN_OK;
    while (!error && !near->has_last && near->next - near->first < WINDOW) {
        make_next(near);
        if (end_has_failed(&near->end))
            return SN_OK; /* the file cannot be read any more */
        error = send_number(near, near->next - 1);
    }
    return error;
}

static sn_error send_window_again(struct near *near)
{
    sn_error error = SN_OK;
    for (uint32_t number = near->first; !error && number != near->next; number++)
        error = send_number(near, number);
    return error;
}

/* Waits for one answer and moves the window. */
static sn_error receive_answer(struct near *near)
{
    uint8_t bytes[HEADER_SIZE];
    size_t size = 0;
    sn_error error = sn_socket_receive(near->socket, bytes, sizeof bytes, SN_FLAG_NONE, &size);
    if (error || size != HEADER_SIZE || get_number(bytes) != KIND_WANTED)
        return error;
    uint32_t wanted = get_number(bytes + 4);
    if (wanted - near->first <= near->next - near->first) /* not an old answer, and not nonsense */
        near->first = wanted;
    return SN_OK;
}

static sn_error send_all(struct near *near)
{
    double heard_at = end_clock();
    while (!near->has_last || near->first != near->next) {
        sn_error error = fill_window(near);
        if (error || end_has_failed(&near->end))
            return error;
        uint32_t first = near->first;
        error = receive_answer(near);
        if (near->first != first)
            heard_at = end_clock();
        if (error == SN_ERROR_TIMED_OUT && (end_clock() - heard_at) * 1000 < PATIENCE_MS)
            error = send_window_again(near);
        if (error)
            return error;
    }
    return SN_OK;
}

static void near_run(struct near *near, const char *path)
{
    near->file = end_open_file(&near->end, path);
    near->window = malloc(WINDOW * sizeof *near->window);
    if (near->file && !near->window)
        end_fail(&near->end, "send", SN_ERROR_OUT_OF_MEMORY);
    if (!end_has_failed(&near->end)) {
        sn_error error = send_all(near);
        if (error)
            end_fail(&near->end, "send", error);
    }
    free(near->window);
    if (near->file)
        (void)fclose(near->file);
}

/* --- Both --- */

static sn_error open_bound(const sn_endpoint *local, sn_milliseconds receive_timeout_ms,
                           sn_socket **out_socket)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create(sn_endpoint_get_family(local), SN_TYPE_DATAGRAM,
                                      SN_PROTOCOL_UNSPECIFIED, &socket);
    if (!error)
        error = sn_socket_set_receive_buffer_size(socket, ROOM_SIZE);
    if (!error)
        error = sn_socket_set_receive_timeout(socket, receive_timeout_ms);
    if (!error) /* a full Unix socket makes the sender wait; both sides waiting would never end */
        error = sn_socket_set_send_timeout(socket, ANSWER_MS);
    if (!error)
        error = sn_socket_bind(socket, local);
    if (error) {
        sn_socket_release(socket);
        return error;
    }
    *out_socket = socket;
    return SN_OK;
}

static void transfer(const char *path, struct near *near, struct far *far, struct row *out_row)
{
    double begin = end_clock();
    pthread_t thread;
    int native = pthread_create(&thread, NULL, far_run, far);
    if (native != 0) {
        row_set(out_row, ROW_FAILED, strerror(native));
        return;
    }
    near_run(near, path);
    double seconds = end_clock() - begin;
    sn_socket_close(far->socket);
    (void)pthread_join(thread, NULL);
    row_conclude(out_row, &near->end, &far->end, seconds);
}

static void transfer_between(const char *path, const sn_endpoint *near_local,
                             const sn_endpoint *far_local, struct row *out_row)
{
    struct near near = {.socket = NULL};
    struct far far = {.socket = NULL};
    end_begin(&near.end);
    end_begin(&far.end);
    sn_error error = open_bound(near_local, RETRY_MS, &near.socket);
    if (!error)
        error = open_bound(far_local, PATIENCE_MS, &far.socket);
    if (!error)
        error = sn_socket_get_local_endpoint(near.socket, &far.sender);
    if (!error)
        error = sn_socket_get_local_endpoint(far.socket, &near.receiver);
    if (error)
        row_fail(out_row, "bind", error);
    else
        transfer(path, &near, &far, out_row);
    sn_socket_release(near.socket);
    sn_socket_release(far.socket);
}

void demo_udp(const char *path, const struct folder *folder, struct row *out_row)
{
    sn_endpoint local;
    (void)folder;
    sn_error error = sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &local);
    if (error)
        row_fail(out_row, "end point", error);
    else
        transfer_between(path, &local, &local, out_row);
}

void demo_unix_datagram(const char *path, const struct folder *folder, struct row *out_row)
{
    sn_endpoint near, far;
    sn_error error = folder_endpoint(folder, "near", &near);
    if (!error)
        error = folder_endpoint(folder, "far", &far);
    if (error)
        row_fail(out_row, "end point", error);
    else
        transfer_between(path, &near, &far, out_row);
}
