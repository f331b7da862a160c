/*
 * Sizes around the borders of 31 and 32 bits (contract B.6, B.7): the kernel moves less than 2 GiB
 * with one call and a ring's entry has 32 bits for a size, of which a caller notices nothing. The
 * memory is mapped and hardly used: what is sent from it are zeros that take no room.
 */
#include "support/async.h"
#include "support/clients_support.h"
#include "support/files.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define GIB         ((size_t)1 << 30)
#define LARGEST     (4 * GIB + 1)
#define FIRST_BYTES (16 * MEGABYTE) /* what a peer takes before it goes */

static const size_t sizes[] = {2 * GIB - 1, 2 * GIB, 2 * GIB + 1, 4 * GIB - 1, 4 * GIB, LARGEST};

static char *huge; /* LARGEST bytes, all zero */

static void huge_map(void)
{
    if (sizeof(size_t) < 8)
        SKIP("no such sizes here");
    void *memory = mmap(NULL, LARGEST, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        SKIP("no room for 4 GiB of addresses");
    (void)madvise(memory, LARGEST, MADV_HUGEPAGE); /* a page of zeros is 2 MiB then, not 4 KiB */
    huge = memory;
}

static void huge_unmap(void)
{
    (void)munmap(huge, LARGEST);
}

/* In two pieces, so that no single one is as large as the whole. */
static void halves(size_t size, sn_buffer buffers[2])
{
    buffers[0] = (sn_buffer){huge, size / 2};
    buffers[1] = (sn_buffer){huge + size / 2, size - size / 2};
}

/* --- Receives -------------------------------------------------------------------------------- */

enum receive_verb { RECEIVE, RECEIVE_BUFFERS, FROM, MESSAGE_FROM, MESSAGE_FROM_BUFFERS, RECEIVES };

static sn_error receive(sn_socket *socket, enum receive_verb verb, size_t size,
                        size_t *out_received)
{
    sn_flags flags = SN_FLAG_NONE;
    sn_endpoint from;
    sn_ip_packet_information information;
    sn_buffer buffers[2];
    halves(size, buffers);
    switch (verb) {
    case RECEIVE: return do_receive(socket, huge, size, flags, out_received);
    case RECEIVE_BUFFERS: return do_receive_buffers(socket, buffers, 2, flags, out_received);
    case FROM: return do_receive_from(socket, huge, size, flags, &from, out_received);
    case MESSAGE_FROM:
        return do_receive_message_from(socket, huge, size, &flags, &from, &information,
                                       out_received);
    case MESSAGE_FROM_BUFFERS:
        return do_receive_message_from_buffers(socket, buffers, 2, &flags, &from, &information,
                                               out_received);
    case RECEIVES: break;
    }
    return SN_ERROR_ARGUMENT;
}

TEST(a_receive_into_gibibytes_gives_what_is_there)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    huge_map();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        for (enum receive_verb verb = RECEIVE; verb < RECEIVES; verb++) {
            row_begin("verb %d, %zu bytes", verb, sizes[i]);
            size_t received = 77;
            send_text(pair.client, "hello");
            row_error(SN_OK, receive(pair.server, verb, sizes[i], &received));
            row_equal(5, received);
            row_equal(0, memcmp(huge, "hello", 5));
        }
    }
    rows_end();
    huge_unmap();
    pair_release(&pair);
}

/* Not made in vain at once: asynchronously it is an entry that the kernel has. */
struct receiver {
    sn_socket *socket;
    size_t size, received;
};

static sn_error receive_late(void *context)
{
    struct receiver *receiver = context;
    return do_receive(receiver->socket, huge, receiver->size, SN_FLAG_NONE, &receiver->received);
}

TEST(a_receive_into_gibibytes_waits_for_data)
{
    huge_map();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct socket_pair pair = pair_plain(transport_of(state));
        struct receiver receiver = {pair.server, sizes[i], 77};
        struct thread thread;
        row_begin("%zu bytes", sizes[i]);
        thread_start_blocked(&thread, receive_late, &receiver);
        send_text(pair.client, "late");
        row_error(SN_OK, thread_join(&thread));
        row_equal(4, receiver.received);
        pair_release(&pair);
    }
    rows_end();
    huge_unmap();
}

/* --- Sends ----------------------------------------------------------------------------------- */

enum send_verb { SEND, SEND_BUFFERS, SEND_TO, SEND_FILE, SEND_PACKETS, SENDS };

struct sender {
    sn_socket *socket;
    enum send_verb verb;
    size_t size, sent;
};

static sn_error send_huge(void *context)
{
    struct sender *sender = context;
    sn_endpoint to = remote_endpoint(sender->socket);
    sn_send_packets_element element;
    sn_buffer buffers[2];
    halves(sender->size, buffers);
    size_t size = sender->size, *sent = &sender->sent;
    switch (sender->verb) {
    case SEND: return do_send(sender->socket, huge, size, SN_FLAG_NONE, sent);
    case SEND_BUFFERS: return do_send_buffers(sender->socket, buffers, 2, SN_FLAG_NONE, sent);
    case SEND_TO: return do_send_to(sender->socket, huge, size, SN_FLAG_NONE, &to, sent);
    case SEND_FILE:
        return do_send_file(sender->socket, &(sn_file_send){.before = {huge, size}}, sent);
    case SEND_PACKETS:
        if (sn_send_packets_element_from_memory(huge, size, false, &element))
            break;
        return do_send_packets(sender->socket, &element, 1, 0, sent);
    case SENDS: break;
    }
    return SN_ERROR_ARGUMENT;
}

/* Receives so many bytes of a stream, or everything up to its end, and gives their number. What is
 * received with Truncated is dropped by TCP where it is. */
static size_t drain(sn_socket *socket, size_t most)
{
    sn_flags drop =
        sn_socket_get_address_family(socket) == SN_FAMILY_UNIX ? SN_FLAG_NONE : SN_FLAG_TRUNCATED;
    size_t total = 0, received;
    static char room[MEGABYTE];
    while (total < most) {
        if (sn_socket_receive(socket, room, sizeof room, drop, &received) || received == 0)
            break;
        total += received;
    }
    return total;
}

/* It goes on and on, also where what is left falls below 2 or 4 GiB, until the peer has seen
 * enough.
 */
TEST(a_send_of_gibibytes_goes_on_until_the_peer_goes)
{
    enum transport transport = transport_of(state);
    huge_map();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        for (enum send_verb verb = SEND; verb < SENDS; verb++) {
            if (verb == SEND_TO && transport == UNIX_STREAM)
                continue; /* a connected one refuses an address */
            row_begin("verb %d, %zu bytes", verb, sizes[i]);
            struct socket_pair pair = pair_plain(transport);
            struct sender sender = {pair.client, verb, sizes[i], 0};
            struct thread thread;
            thread_start(&thread, send_huge, &sender);
            row_equal(true, drain(pair.server, FIRST_BYTES) >= FIRST_BYTES);
            row_equal(false, thread_is_done(&thread));
            sn_socket_release(pair.server);
            pair.server = NULL;
            sn_error error = thread_join(&thread);
            bool is_reset = error == SN_ERROR_CONNECTION_RESET || error == SN_ERROR_SHUTDOWN;
            if (!is_reset)
                row_error(SN_ERROR_CONNECTION_RESET, error);
            pair_release(&pair);
        }
    }
    rows_end();
    settle(); /* send_packets has used an engine, which closes what it knows */
    huge_unmap();
}

TEST(more_than_4_gib_arrive_whole)
{
    if (!getenv("SENNIT_TEST_LARGE"))
        SKIP("takes some seconds; set SENNIT_TEST_LARGE to run it");
    struct socket_pair pair = pair_plain(transport_of(state));
    huge_map();
    struct sender sender = {pair.client, SEND, LARGEST, 0};
    struct thread thread;
    thread_start(&thread, send_huge, &sender);
    size_t arrived = drain(pair.server, LARGEST);
    assert_ok(thread_join(&thread));
    assert_int_equal(LARGEST, sender.sent);
    assert_int_equal(LARGEST, arrived);
    huge_unmap();
    pair_release(&pair);
}

TEST(a_message_of_gibibytes_is_refused)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_plain(transport);
    huge_map();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        for (enum send_verb verb = SEND; verb < SENDS; verb++) {
            if (verb == SEND_FILE || (verb == SEND_TO && transport == UNIX_SEQPACKET))
                continue; /* for streams alone; a connected one refuses an address */
            row_begin("verb %d, %zu bytes", verb, sizes[i]);
            /* It counts as disconnected after the first refusal, as in .NET. */
            struct socket_pair fresh = pair_plain(transport);
            struct sender sender = {fresh.client, verb, sizes[i], 77};
            row_error(SN_ERROR_MESSAGE_SIZE, send_huge(&sender));
            row_equal(77, sender.sent);
            pair_release(&fresh);
        }
    }
    rows_end();
    settle(); /* send_packets has used an engine, which closes what it knows */
    huge_unmap();
    pair_release(&pair);
}

/* --- Pipes ----------------------------------------------------------------------------------- */

TEST(a_pipe_takes_gibibytes_and_is_read_into_them)
{
    huge_map();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        int ends[2];
        sn_socket *reader, *writer;
        row_begin("%zu bytes", sizes[i]);
        assert_int_equal(0, pipe(ends));
        assert_ok(sn_socket_from_handle(ends[0], true, &reader));
        assert_ok(sn_socket_from_handle(ends[1], true, &writer));
        set_blocking(reader, true);
        set_blocking(writer, true);
        struct sender sender = {writer, SEND_BUFFERS, sizes[i], 0};
        struct thread thread;
        thread_start(&thread, send_huge, &sender);
        size_t received = 0;
        row_error(SN_OK, do_receive(reader, huge, sizes[i], SN_FLAG_NONE, &received));
        row_equal(true, received > 0);
        row_equal(true, drain(reader, MEGABYTE) >= MEGABYTE);
        row_equal(false, thread_is_done(&thread));
        sn_socket_release(reader);
        row_error(SN_ERROR_SHUTDOWN, thread_join(&thread));
        sn_socket_release(writer);
    }
    rows_end();
    huge_unmap();
}

/* --- More buffers than the kernel takes at once ---------------------------------------------- */

#define MANY 1200

static char many_bytes[MANY];
static sn_buffer many[MANY]; /* of one byte each */

static void many_make(void)
{
    for (size_t i = 0; i < MANY; i++)
        many[i] = (sn_buffer){many_bytes + i, 1};
}

static sn_error receive_many(sn_socket *socket, enum receive_verb verb, size_t count,
                             size_t *received)
{
    sn_flags flags = SN_FLAG_NONE;
    sn_endpoint from;
    sn_ip_packet_information information;
    if (verb == RECEIVE_BUFFERS)
        return do_receive_buffers(socket, many, count, flags, received);
    return do_receive_message_from_buffers(socket, many, count, &flags, &from, &information,
                                           received);
}

/* Cut it would be called a success: the kernel's own answer is EMSGSIZE, and so is .NET's. */
TEST(a_message_into_more_buffers_than_fit_is_refused_and_stays)
{
    static const enum receive_verb verbs[] = {RECEIVE_BUFFERS, MESSAGE_FROM_BUFFERS};
    char data[MANY];
    many_make();
    memset(data, 'x', sizeof data);
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        struct socket_pair pair = pair_connected(transport_of(state));
        row_begin("verb %d", verbs[i]);
        size_t received = 77;
        assert_ok(sn_socket_send(pair.client, data, sizeof data, SN_FLAG_NONE, NULL));
        row_error(SN_ERROR_MESSAGE_SIZE, receive_many(pair.server, verbs[i], MANY, &received));
        row_error(SN_ERROR_MESSAGE_SIZE, receive_many(pair.server, verbs[i], 1025, &received));
        row_equal(77, received);
        row_error(SN_OK, receive_many(pair.server, verbs[i], 1024, &received));
        row_equal(1024, received);
        pair_release(&pair);
    }
    rows_end();
}

TEST(a_pipe_takes_any_number_of_buffers)
{
    int ends[2];
    sn_socket *reader, *writer;
    size_t sent = 0, received = 0, again = 0;
    many_make();
    assert_int_equal(0, pipe(ends));
    assert_ok(sn_socket_from_handle(ends[0], true, &reader));
    assert_ok(sn_socket_from_handle(ends[1], true, &writer));
    assert_ok(do_send_buffers(writer, many, MANY, SN_FLAG_NONE, &sent));
    assert_int_equal(MANY, sent);
    assert_ok(do_receive_buffers(reader, many, MANY, SN_FLAG_NONE, &received));
    assert_int_equal(1024, received); /* what one call takes; the rest is there */
    assert_ok(do_receive_buffers(reader, many, MANY, SN_FLAG_NONE, &again));
    assert_int_equal(MANY - 1024, again);
    sn_socket_release(reader);
    sn_socket_release(writer);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(a_receive_into_gibibytes_gives_what_is_there),
        ON_ALL_CONNECTED(a_receive_into_gibibytes_waits_for_data),
        ON_STREAMS(a_send_of_gibibytes_goes_on_until_the_peer_goes),
        CASE_ON(more_than_4_gib_arrive_whole, TCP_IPV4),
        CASE_ON(a_message_of_gibibytes_is_refused, UNIX_SEQPACKET),
        CASE_ON(a_message_of_gibibytes_is_refused, UNIX_DATAGRAM),
        ON_UDP(a_message_of_gibibytes_is_refused),
        CASE(a_pipe_takes_gibibytes_and_is_read_into_them),
        CASE_ON(a_message_into_more_buffers_than_fit_is_refused_and_stays, UNIX_SEQPACKET),
        CASE_ON(a_message_into_more_buffers_than_fit_is_refused_and_stays, UNIX_DATAGRAM),
        ON_UDP(a_message_into_more_buffers_than_fit_is_refused_and_stays),
        CASE(a_pipe_takes_any_number_of_buffers),
    };
    clients_begin(); /* send_packets is asynchronous in every style */
    return RUN(cases);
}
