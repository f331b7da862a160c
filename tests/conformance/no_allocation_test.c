/*
 * Nothing is allocated per send or receive (architecture 5): each form on each kind of socket is
 * used once, then many times with the allocations counted. Waiting, failing and timing out allocate
 * nothing either.
 */
#include "support/allocations.h"
#include "support/threads.h"
#include "support/transfer_support.h"

#define ROUNDS 200

/* Without it each small send behind another one waits 40 ms for the peer's acknowledgement. */
static struct socket_pair pair_without_delay(enum transport transport)
{
    struct socket_pair pair = pair_connected(transport);
    if (transport_is_tcp(transport)) {
        assert_ok(sn_socket_set_no_delay(pair.client, true));
        assert_ok(sn_socket_set_no_delay(pair.server, true));
    }
    return pair;
}

static void exchange(struct socket_pair *pair, const sn_endpoint *to)
{
    char first[4], second[12];
    sn_buffer pieces[2] = {{(void *)(uintptr_t) "hel", 3}, {(void *)(uintptr_t) "lo", 2}};
    sn_buffer in[2] = {{first, sizeof first}, {second, sizeof second}};
    size_t size = 0;
    sn_endpoint from;

    row_error(SN_OK, do_send(pair->client, "hello", 5, SN_FLAG_NONE, &size));
    row_error(SN_OK, do_receive(pair->server, NULL, 0, SN_FLAG_NONE, &size));
    row_error(SN_OK, do_receive(pair->server, second, 5, SN_FLAG_PEEK, &size));
    row_error(SN_OK, do_receive(pair->server, second, 5, SN_FLAG_NONE, &size));
    row_equal(5, size);

    row_error(SN_OK, do_send_buffers(pair->server, pieces, 2, SN_FLAG_NONE, &size));
    row_error(SN_OK, do_receive_buffers(pair->client, in, 2, SN_FLAG_NONE, &size));
    row_equal(5, size);

    row_error(SN_OK, to ? do_send_to(pair->client, "hello", 5, SN_FLAG_NONE, to, &size)
                        : do_send(pair->client, "hello", 5, SN_FLAG_NONE, &size));
    row_error(SN_OK,
              do_receive_from(pair->server, second, sizeof second, SN_FLAG_NONE, &from, &size));
    row_equal(5, size);
}

/* The calls that move nothing: each ends with the given error. */
static void fail_in_every_form(struct socket_pair *pair, sn_error expected)
{
    char data[4];
    sn_buffer buffer = {data, sizeof data};
    size_t size = 0;
    sn_endpoint from;
    row_error(expected, do_receive(pair->server, data, sizeof data, SN_FLAG_NONE, &size));
    row_error(expected, do_receive(pair->server, NULL, 0, SN_FLAG_NONE, &size));
    row_error(expected, do_receive_buffers(pair->server, &buffer, 1, SN_FLAG_NONE, &size));
    row_error(expected,
              do_receive_from(pair->server, data, sizeof data, SN_FLAG_NONE, &from, &size));
}

TEST(sending_and_receiving_allocate_nothing)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_without_delay(transport);
    sn_endpoint to = local_endpoint(pair.server);
    bool has_address = transport_is_tcp(transport) || transport_type(transport) == SN_TYPE_DATAGRAM;
    row_begin("%s", transport_name(transport));
    exchange(&pair, has_address ? &to : NULL); /* the warm-up */
    allocations_begin();
    for (int i = 0; i < ROUNDS; i++)
        exchange(&pair, has_address ? &to : NULL);
    size_t count = allocations_count();
    allocations_end();
    row_equal(0, count);
    rows_end();
    pair_release(&pair);
}

static void exchange_batch(struct socket_pair *pair)
{
    char data[8][16];
    static sn_datagram_extras extras[8];
    sn_datagram out[8], in[8];
    sn_endpoint senders[8];
    size_t moved = 0;
    for (size_t i = 0; i < 8; i++) {
        extras[i].wanted = SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_ADDRESS | SN_DATAGRAM_TIME;
        out[i] = (sn_datagram){.buffer = {data[i], sizeof data[i]}};
        in[i] = (sn_datagram){
            .buffer = {data[i], sizeof data[i]}, .endpoint = &senders[i], .extras = &extras[i]};
    }
    row_error(SN_OK, do_send_batch(pair->client, out, 8, SN_FLAG_NONE, &moved));
    row_equal(8, moved);
    for (size_t total = 0; total < 8; total += moved)
        row_error(SN_OK,
                  do_receive_batch(pair->server, &in[total], 8 - total, SN_FLAG_NONE, &moved));
}

TEST(a_batch_allocates_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    row_begin("a batch");
    exchange_batch(&pair); /* the warm-up */
    allocations_begin();
    for (int i = 0; i < ROUNDS; i++)
        exchange_batch(&pair);
    size_t count = allocations_count();
    allocations_end();
    row_equal(0, count);
    rows_end();
    pair_release(&pair);
}

TEST(a_call_that_would_block_allocates_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    set_blocking(pair.server, false);
    row_begin("non-blocking");
    allocations_begin();
    for (int i = 0; i < ROUNDS; i++)
        fail_in_every_form(&pair, SN_ERROR_WOULD_BLOCK);
    size_t count = allocations_count();
    allocations_end();
    row_equal(0, count);
    rows_end();
    pair_release(&pair);
}

TEST(a_call_that_times_out_allocates_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_receive_timeout(pair.server, 1));
    row_begin("with a limit");
    fail_in_every_form(&pair, SN_ERROR_TIMED_OUT); /* the warm-up: this thread's wake event */
    allocations_begin();
    for (int i = 0; i < 5; i++)
        fail_in_every_form(&pair, SN_ERROR_TIMED_OUT);
    size_t count = allocations_count();
    allocations_end();
    row_equal(0, count);
    rows_end();
    pair_release(&pair);
}

static sn_error answer_each(void *context)
{
    sn_socket *socket = context;
    for (;;) {
        char byte;
        size_t received = 0;
        sn_error error = do_receive(socket, &byte, 1, SN_FLAG_NONE, &received);
        if (error || received == 0 || byte == '.')
            return error;
        error = do_send(socket, &byte, 1, SN_FLAG_NONE, NULL);
        if (error)
            return error;
    }
}

static void ping(sn_socket *socket, char byte)
{
    char answer = 0;
    size_t received = 0;
    row_error(SN_OK, do_send(socket, &byte, 1, SN_FLAG_NONE, NULL));
    row_error(SN_OK, do_receive(socket, &answer, 1, SN_FLAG_NONE, &received));
    row_equal(byte, answer);
}

/* Both sides wait for each other all the time. */
TEST(calls_that_wait_allocate_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct thread thread;
    row_begin("ping and pong");
    thread_start_blocked(&thread, answer_each, pair.server); /* it has waited once by now */
    ping(pair.client, 'w');
    (void)thread_wait_blocked(&thread);
    allocations_begin();
    for (int i = 0; i < ROUNDS; i++)
        ping(pair.client, 'p');
    size_t count = allocations_count();
    allocations_end();
    row_equal(0, count);
    row_error(SN_OK, do_send(pair.client, ".", 1, SN_FLAG_NONE, NULL));
    row_error(SN_OK, thread_join(&thread));
    rows_end();
    pair_release(&pair);
}

static sn_error take_everything(void *context)
{
    static char block[65536];
    size_t received = 0;
    sn_error error;
    while ((error = do_receive(context, block, sizeof block, SN_FLAG_NONE, &received)) == SN_OK &&
           received > 0)
        continue;
    return error;
}

/* A long list that the kernel takes piece by piece, with waits between them. */
TEST(a_send_of_many_buffers_allocates_nothing)
{
    static char block[2000];
    static sn_buffer buffers[5000];
    for (size_t i = 0; i < COUNT_OF(buffers); i++)
        buffers[i] = (sn_buffer){block, i % sizeof block};
    struct socket_pair pair = pair_connected(transport_of(state));
    struct thread thread;
    row_begin("5000 buffers");
    thread_start_blocked(&thread, take_everything, pair.server);
    allocations_begin();
    row_error(SN_OK, do_send_buffers(pair.client, buffers, COUNT_OF(buffers), SN_FLAG_NONE, NULL));
    size_t count = allocations_count();
    allocations_end();
    row_equal(0, count);
    row_error(SN_OK, sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    row_error(SN_OK, thread_join(&thread));
    rows_end();
    pair_release(&pair);
}

/* A count from the socket, then a part and a count from the reader, whose rest is buffered. */
static void exchange_parts(struct socket_pair *pair, sn_reader *reader)
{
    char data[8];
    size_t moved = 0;
    sn_buffer part;
    row_error(SN_OK, do_send(pair->client, "count", 5, SN_FLAG_NONE, NULL));
    row_error(SN_OK, do_receive_at_least(pair->server, data, 5, 5, &moved));
    row_error(SN_OK, do_send(pair->client, "line\nrest", 9, SN_FLAG_NONE, NULL));
    row_error(SN_OK, sn_reader_read_until(reader, "\n", 1, 0, &part));
    row_error(SN_OK, sn_reader_read_exactly(reader, data, 4, NULL));
}

TEST(counts_and_parts_allocate_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_reader *reader = NULL;
    assert_ok(sn_reader_create(pair.server, NULL, 64, &reader));
    row_begin("counts and parts");
    exchange_parts(&pair, reader); /* the warm-up */
    allocations_begin();
    for (int i = 0; i < ROUNDS; i++)
        exchange_parts(&pair, reader);
    size_t count = allocations_count();
    allocations_end();
    row_equal(0, count);
    rows_end();
    sn_reader_release(reader);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(sending_and_receiving_allocate_nothing),
        ON_UDP(a_batch_allocates_nothing),
        CASE_ON(a_batch_allocates_nothing, UNIX_DATAGRAM),
        CASE_ON(a_batch_allocates_nothing, UNIX_SEQPACKET),
        ON_ALL_CONNECTED(a_call_that_would_block_allocates_nothing),
        ON_ALL_CONNECTED(a_call_that_times_out_allocates_nothing),
        ON_ALL_CONNECTED(calls_that_wait_allocate_nothing),
        ON_STREAMS(a_send_of_many_buffers_allocates_nothing),
        ON_STREAMS(counts_and_parts_allocate_nothing),
    };
    return RUN(cases);
}
