/*
 * Copies where the kernel does not move the bytes itself: from the beginning, in the middle, or
 * without a pipe. What arrives is the same.
 */
#include "conformance/relays.h"

#include <errno.h>

#include "sys/sys.h"

/* From the nth call on such a call fails; 0: never. */
static atomic_int pipe_from, in_from, out_from;
static atomic_int pipe_calls, in_calls, out_calls;
static atomic_int failure;

static bool is_failing(atomic_int *calls, const atomic_int *from)
{
    int call = atomic_fetch_add(calls, 1) + 1;
    int first = atomic_load(from);
    return first != 0 && call >= first;
}

#define WRAP(name, result, parameters, arguments, which)                                           \
    result __real_##name parameters;                                                               \
    result __wrap_##name parameters;                                                               \
    result __wrap_##name parameters                                                                \
    {                                                                                              \
        return is_failing(&which##_calls, &which##_from) ? -atomic_load(&failure)                  \
                                                         : __real_##name arguments;                \
    }
WRAP(sys_pipe, int32_t, (int32_t ends[2]), (ends), pipe)
WRAP(sys_splice_in, int64_t, (int32_t handle, int32_t pipe, size_t size), (handle, pipe, size), in)
WRAP(sys_splice_out, int64_t, (int32_t pipe, int32_t handle, size_t size), (pipe, handle, size),
     out)

static void script(int pipe_first, int in_first, int out_first, int native)
{
    atomic_store(&pipe_from, pipe_first);
    atomic_store(&in_from, in_first);
    atomic_store(&out_from, out_first);
    atomic_store(&failure, native);
    atomic_store(&pipe_calls, 0);
    atomic_store(&in_calls, 0);
    atomic_store(&out_calls, 0);
}

/* On the back-ends in turn. */
static sn_engine *engines[2];

static void row_copy(sn_engine *engine, size_t size)
{
    struct thread sender, receiver;
    sn_operation operation = {0};
    sn_relay_result result = {0};
    open_both(TCP_IPV4, TCP_IPV4);
    row_error(SN_OK, sn_socket_set_engine(near.server, engine));
    row_error(SN_OK, sn_socket_set_engine(far.client, engine));
    struct flow out = {.socket = near.client, .size = size, .ends = true};
    struct flow in = {.socket = far.server, .size = size};
    thread_start(&sender, send_flow, &out);
    thread_start(&receiver, receive_flow, &in);
    sn_socket_copy_to_async(near.server, far.client, SN_FOREVER, &result, &operation);
    row_error(SN_OK, sn_operation_wait(&operation));
    row_error(SN_OK, thread_join(&sender));
    row_error(SN_OK, thread_join(&receiver));
    row_equal(true, in.is_right);
    row_equal(size, result.there);
    close_both();
}

TEST(the_bytes_arrive_where_the_kernel_does_not_move_them)
{
    static const int natives[] = {EINVAL, ENOSYS, EPERM, EOPNOTSUPP};
    static const int places[][3] = {{0, 1, 0}, {0, 3, 0}, {0, 0, 1}, {0, 0, 2}, {1, 0, 0}};
    for (size_t k = 0; k < COUNT_OF(engines); k++)
        for (size_t i = 0; engines[k] && i < COUNT_OF(places); i++)
            for (size_t n = 0; n < COUNT_OF(natives); n++) {
                row_begin("engine %zu, place %zu, errno %d", k, i, natives[n]);
                script(places[i][0], places[i][1], places[i][2], natives[n]);
                row_copy(engines[k], 500000);
            }
    rows_end();
}

TEST(without_a_free_descriptor_memory_takes_its_place)
{
    script(1, 0, 0, EMFILE);
    for (size_t k = 0; k < COUNT_OF(engines); k++) {
        row_begin("engine %zu", k);
        if (engines[k])
            row_copy(engines[k], 500000);
    }
    rows_end();
    assert_int_equal(0, atomic_load(&in_calls));
}

/* What is the connection's is no reason to try otherwise. */
TEST(an_error_of_the_connection_is_told)
{
    static const int places[][3] = {{0, 1, 0}, {0, 0, 1}};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        sn_operation operation = {0};
        sn_relay_result result = {0};
        open_both(TCP_IPV4, TCP_IPV4);
        send_text(near.client, "text");
        script(places[i][0], places[i][1], places[i][2], ECONNRESET);
        sn_socket_copy_to_async(near.server, far.client, SN_FOREVER, &result, &operation);
        assert_error(SN_ERROR_CONNECTION_RESET, sn_operation_wait(&operation));
        assert_int_equal(ECONNRESET, operation.native_error);
        assert_ptr_equal(i == 0 ? near.server : far.client, result.failed);
        script(0, 0, 0, 0);
        close_both();
    }
}

static int make_engines(void **state)
{
    static const sn_engine_backend backends[] = {SN_ENGINE_BACKEND_EPOLL,
                                                 SN_ENGINE_BACKEND_IO_URING};
    (void)state;
    for (size_t k = 0; k < COUNT_OF(engines); k++) {
        const sn_engine_options options = {.backend = backends[k], .threads = 1};
        if (sn_engine_create(&options, &engines[k]))
            print_message("skipped: engine %zu does not work here\n", k);
    }
    return 0;
}

static int destroy_engines(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(engines); k++)
        (void)!sn_engine_destroy(engines[k]); /* NULL where there is none */
    return 0;
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_bytes_arrive_where_the_kernel_does_not_move_them),
        cmocka_unit_test(without_a_free_descriptor_memory_takes_its_place),
        cmocka_unit_test(an_error_of_the_connection_is_told),
    };
    return cmocka_run_group_tests(cases, make_engines, destroy_engines);
}
