/*
 * Operations: whether a record is taken, that each completes once, on the engine's thread and never
 * inside of its start, and what ends them.
 */
#include "duo.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "support/files.h"

struct watched {
    sn_tls_operation operation; /* first */
    pthread_t starter;
    atomic_int completions;
    atomic_bool is_starting, was_inside;
    sn_tls_stream *stream; /* for what goes on in its callback */
    int left;
    char data[64];
};

static void note(sn_tls_operation *operation)
{
    struct watched *watched = (struct watched *)operation;
    if (pthread_equal(pthread_self(), watched->starter))
        atomic_store(&watched->was_inside, true);
    atomic_fetch_add(&watched->completions, 1);
}

static void watch(struct watched *watched, sn_tls_stream *stream)
{
    memset(watched, 0, sizeof *watched);
    watched->operation.completed = note;
    watched->starter = pthread_self();
    watched->stream = stream;
}

static void wait_for(struct watched *watched, int completions)
{
    while (atomic_load(&watched->completions) < completions)
        give_way();
    assert_int_equal(completions, atomic_load(&watched->completions));
    assert_false(atomic_load(&watched->was_inside));
}

static bool start_read(struct watched *watched)
{
    return sn_tls_stream_read_async(watched->stream, watched->data, sizeof watched->data,
                                    &watched->operation);
}

TEST(a_record_that_runs_or_has_no_callback_is_not_taken)
{
    struct duo duo;
    struct watched watched;
    duo_open(&duo);
    watch(&watched, duo.client);
    assert_false(sn_tls_stream_read_async(duo.client, watched.data, 1, NULL));
    watched.operation.completed = NULL;
    assert_false(start_read(&watched));
    watched.operation.completed = note;
    assert_true(start_read(&watched));
    assert_false(start_read(&watched));
    assert_false(sn_tls_stream_shutdown_async(duo.client, &watched.operation));
    assert_ok(do_write(duo.server, "ab", 2, NULL));
    wait_for(&watched, 1);
    assert_ok(watched.operation.error);
    assert_int_equal(2, watched.operation.transferred);
    assert_memory_equal("ab", watched.data, 2);
    duo_free(&duo);
}

TEST(misuse_comes_out_through_the_operation)
{
    struct duo duo;
    struct watched watched, second;
    duo_open(&duo);
    watch(&watched, NULL);
    assert_true(start_read(&watched));
    wait_for(&watched, 1);
    assert_error(SN_ERROR_ARGUMENT_NULL, watched.operation.error);
    watch(&watched, duo.client);
    watch(&second, duo.client);
    assert_true(start_read(&watched));
    assert_true(start_read(&second));
    wait_for(&second, 1);
    assert_error(SN_ERROR_INVALID_OPERATION, second.operation.error);
    sn_tls_stream_close(duo.client);
    wait_for(&watched, 1);
    assert_error(SN_ERROR_OPERATION_ABORTED, watched.operation.error);
    assert_true(start_read(&second));
    wait_for(&second, 2);
    assert_error(SN_ERROR_OBJECT_DISPOSED, second.operation.error);
    duo_free(&duo);
}

TEST(a_cancel_ends_it_and_the_stream_goes_on)
{
    struct duo duo;
    struct watched watched;
    duo_open(&duo);
    watch(&watched, duo.client);
    sn_tls_operation_cancel(NULL);
    sn_tls_operation_cancel(&watched.operation); /* not started */
    for (int i = 1; i <= 100; i++) {
        assert_true(start_read(&watched));
        for (int turns = i % 7; turns > 0; turns--)
            give_way();
        sn_tls_operation_cancel(&watched.operation);
        wait_for(&watched, i);
        assert_error(SN_ERROR_OPERATION_CANCELED, watched.operation.error);
    }
    sn_tls_operation_cancel(&watched.operation); /* completed */
    assert_ok(do_write(duo.server, "abc", 3, NULL));
    assert_true(start_read(&watched));
    wait_for(&watched, 101);
    assert_ok(watched.operation.error);
    assert_int_equal(3, watched.operation.transferred);
    duo_free(&duo);
}

TEST(a_handle_ends_many)
{
    struct duo duo;
    struct watched read, handshake;
    duo_open(&duo);
    struct duo silent;
    duo_init(&silent, NULL, NULL);
    watch(&read, duo.client);
    watch(&handshake, silent.client);
    assert_ok(sn_cancellation_create(&read.operation.cancellation));
    handshake.operation.cancellation = read.operation.cancellation;
    assert_true(start_read(&read));
    assert_true(sn_tls_stream_authenticate_as_client_async(silent.client, silent.client_context,
                                                           "localhost", &handshake.operation));
    sn_cancellation_cancel(read.operation.cancellation);
    wait_for(&read, 1);
    wait_for(&handshake, 1);
    assert_error(SN_ERROR_OPERATION_CANCELED, read.operation.error);
    assert_error(SN_ERROR_OPERATION_CANCELED, handshake.operation.error);
    sn_cancellation_release(read.operation.cancellation);
    duo_free(&silent);
    duo_free(&duo);
}

/* In its callback the record is the program's, and is started anew. */
static void read_again(sn_tls_operation *operation)
{
    struct watched *watched = (struct watched *)operation;
    bool goes_on = !operation->error && --watched->left > 0;
    if (!goes_on)
        note(operation);
    else if (!sn_tls_stream_read_async(watched->stream, watched->data, 1, operation))
        abort();
}

TEST(a_callback_starts_the_next_one)
{
    struct duo duo;
    struct watched watched;
    char data[5000] = {0};
    duo_open(&duo);
    watch(&watched, duo.client);
    watched.left = sizeof data;
    watched.operation.completed = read_again;
    assert_true(sn_tls_stream_read_async(duo.client, watched.data, 1, &watched.operation));
    assert_ok(do_write(duo.server, data, sizeof data, NULL));
    wait_for(&watched, 1);
    assert_ok(watched.operation.error);
    assert_int_equal(0, watched.left);
    duo_free(&duo);
}

enum { FLOW = 3 * 1024 * 1024 };

struct flow {
    struct thread thread;
    sn_tls_stream *stream;
    const uint8_t *data;
    uint8_t *room;
    unsigned seed;
};

/* A cancel at any moment: before, in or after each of its waits. */
static sn_error run_canceled(struct flow *flow, bool reads, size_t done, size_t *out_size)
{
    struct watched watched;
    watch(&watched, flow->stream);
    size_t size = 1 + (size_t)rand_r(&flow->seed) % 60000;
    size = size < FLOW - done ? size : FLOW - done;
    if (reads)
        sn_tls_stream_read_async(flow->stream, flow->room + done, size, &watched.operation);
    else
        sn_tls_stream_write_async(flow->stream, flow->data + done, size, &watched.operation);
    for (int turns = rand_r(&flow->seed) % 20; turns > 0; turns--)
        give_way();
    sn_tls_operation_cancel(&watched.operation);
    while (atomic_load(&watched.completions) < 1)
        give_way();
    *out_size = watched.operation.transferred;
    return watched.operation.error == SN_ERROR_OPERATION_CANCELED ? SN_OK : watched.operation.error;
}

static sn_error flow_out(void *context)
{
    struct flow *flow = context;
    size_t done = 0, size;
    sn_error error = SN_OK;
    while (!error && done < FLOW) {
        error = run_canceled(flow, false, done, &size);
        done += size;
    }
    return error ? error : do_shutdown(flow->stream);
}

static sn_error flow_in(void *context)
{
    struct flow *flow = context;
    size_t done = 0, size;
    sn_error error = SN_OK;
    while (!error && done < FLOW) {
        error = run_canceled(flow, true, done, &size);
        done += size;
    }
    return error;
}

TEST(bytes_survive_any_number_of_cancels_in_both_directions)
{
    struct duo duo;
    duo_open(&duo);
    uint8_t *there = pattern_new(FLOW, 1), *back = pattern_new(FLOW, 2);
    struct flow out[] = {{.stream = duo.client, .data = there, .seed = 1},
                         {.stream = duo.server, .data = back, .seed = 2}};
    struct flow in[] = {{.stream = duo.server, .room = malloc(FLOW), .seed = 3},
                        {.stream = duo.client, .room = malloc(FLOW), .seed = 4}};
    for (int i = 0; i < 2; i++) {
        thread_start(&out[i].thread, flow_out, &out[i]);
        thread_start(&in[i].thread, flow_in, &in[i]);
    }
    for (int i = 0; i < 2; i++) {
        assert_ok(thread_join(&out[i].thread));
        assert_ok(thread_join(&in[i].thread));
    }
    assert_memory_equal(there, in[0].room, FLOW);
    assert_memory_equal(back, in[1].room, FLOW);
    for (int i = 0; i < 2; i++)
        free(in[i].room);
    duo_free(&duo);
    free(there);
    free(back);
}

/* The last reference goes while they are under way. */
TEST(a_release_completes_what_is_pending)
{
    for (int i = 0; i < 50; i++) {
        struct duo duo;
        struct watched read, write;
        static char much[4 << 20];
        duo_open(&duo);
        watch(&read, duo.client);
        watch(&write, duo.client);
        assert_true(start_read(&read));
        assert_true(sn_tls_stream_write_async(duo.client, much, sizeof much, &write.operation));
        for (int turns = i % 5; turns > 0; turns--)
            give_way();
        sn_tls_stream_close(duo.client);
        sn_tls_stream_release(duo.client);
        duo.client = NULL;
        wait_for(&read, 1);
        wait_for(&write, 1);
        assert_error(SN_ERROR_OPERATION_ABORTED, read.operation.error);
        assert_error(SN_ERROR_OPERATION_ABORTED, write.operation.error);
        duo_free(&duo);
    }
}

TEST(the_end_of_the_engine_ends_what_is_pending)
{
    struct duo duo;
    struct watched watched;
    sn_engine *engine;
    duo_init(&duo, NULL, NULL);
    sn_engine_options options = {.threads = 1};
    assert_ok(sn_engine_create(&options, &engine));
    sn_socket *ends[2];
    assert_ok(sn_socket_pair(SN_TYPE_STREAM, ends));
    assert_ok(sn_socket_set_engine(ends[0], engine));
    sn_tls_stream *stream;
    assert_ok(sn_tls_stream_create_on_socket(ends[0], true, &stream));
    watch(&watched, stream);
    assert_true(sn_tls_stream_authenticate_as_client_async(stream, duo.client_context, "localhost",
                                                           &watched.operation));
    wait_readable(ends[1]); /* its first bytes have come */
    watched.starter = (pthread_t){0};
    assert_ok(sn_engine_destroy(engine));
    wait_for(&watched, 1);
    assert_error(SN_ERROR_OPERATION_ABORTED, watched.operation.error);
    sn_tls_stream_release(stream);
    sn_socket_release(ends[0]);
    sn_socket_release(ends[1]);
    duo_free(&duo);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_record_that_runs_or_has_no_callback_is_not_taken),
        CASE(misuse_comes_out_through_the_operation),
        CASE(a_cancel_ends_it_and_the_stream_goes_on),
        CASE(a_handle_ends_many),
        CASE(a_callback_starts_the_next_one),
        CASE(bytes_survive_any_number_of_cancels_in_both_directions),
        CASE(a_release_completes_what_is_pending),
        CASE(the_end_of_the_engine_ends_what_is_pending),
    };
    return RUN(cases);
}
