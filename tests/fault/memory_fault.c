/*
 * No memory for the asynchronous half: each call with each of its allocations failing in turn
 * either gives OutOfMemory or does without, and loses nothing. (The blocking calls:
 * tests/conformance/out_of_memory_test.c.)
 */
#include "fault/kernel.h"

#include <errno.h>
#include <sched.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/hosts.h"
#include "support/transfer_support.h"

static sn_engine *engine;
static sn_endpoint address, datagram_address;
static sn_socket *listener, *client, *made;
static sn_operation operation;

/* --- Calls that make something ---------------------------------------------------------------- */

static sn_error make_engine(sn_engine_backend backend, int threads)
{
    sn_engine *another = NULL;
    sn_engine_options options = {.threads = threads, .backend = backend};
    sn_error error = sn_engine_create(&options, &another);
    if (!error && threads == 0) /* its back-end is made when it is run */
        error = sn_engine_run(another, 0, NULL);
    allocations_fail_nth(0);
    assert_ok(sn_engine_destroy(another));
    return error;
}

static sn_error call_epoll_engine(void)
{
    return make_engine(SN_ENGINE_BACKEND_EPOLL, 3);
}

static sn_error call_driven_engine(void)
{
    return make_engine(SN_ENGINE_BACKEND_EPOLL, 0);
}

static sn_error call_automatic_engine(void)
{
    return make_engine(SN_ENGINE_BACKEND_AUTOMATIC, 2);
}

static sn_error call_cancellation(void)
{
    sn_cancellation *cancellation = NULL;
    sn_error error = sn_cancellation_create(&cancellation);
    sn_cancellation_release(cancellation);
    return error;
}

static sn_error call_cancel_after(void)
{
    sn_cancellation *cancellation = NULL;
    sn_error error = sn_cancellation_create(&cancellation);
    if (!error)
        error = sn_cancellation_cancel_after(cancellation, 100000);
    sn_cancellation_release(cancellation);
    return error;
}

static sn_error call_operation(void)
{
    sn_operation *record = NULL;
    sn_error error = sn_operation_create(&record);
    assert_ok(sn_operation_destroy(record));
    return error;
}

/* --- Calls that start an operation ------------------------------------------------------------ */

static sn_error finish(void)
{
    sn_error error = sn_operation_wait(&operation);
    row_equal(true, sn_operation_is_completed(&operation));
    return error;
}

static sn_error call_connect(void)
{
    sn_socket_connect_async(client, &address, &operation);
    return finish();
}

static sn_error call_connect_host(void)
{
    sn_socket_connect_host_async(client, "localhost", sn_endpoint_get_port(&address), &operation);
    return finish();
}

static sn_error call_connect_literal(void)
{
    sn_socket_connect_host_async(client, "127.0.0.1", sn_endpoint_get_port(&address), &operation);
    return finish();
}

static sn_error call_connect_addresses(void)
{
    const sn_ip_address addresses[] = {SN_IPV4_LOOPBACK, SN_IPV4_LOOPBACK};
    sn_socket_connect_addresses_async(client, addresses, 2, sn_endpoint_get_port(&address),
                                      &operation);
    return finish();
}

/* Its time is counted from the answer on, when there is no room for it. */
enum { CROWD = 256 };

static sn_engine *crowded;
static sn_operation crowd[CROWD];

static void prepare_crowd(void)
{
    sn_engine_options options = {.threads = 1};
    sn_operation post = {0};
    assert_ok(sn_engine_create(&options, &crowded));
    for (int i = 0; i < CROWD; i++)
        sn_engine_delay_async(crowded, 1000000, &crowd[i]);
    sn_engine_post_async(crowded, &post);
    assert_ok(sn_operation_wait(&post));
    client = socket_make(TCP_IPV4);
    assert_ok(sn_socket_set_engine(client, crowded));
    assert_ok(sn_socket_set_connect_timeout(client, 100000));
}

static sn_error call_connect_in_crowd(void)
{
    sn_error error = call_connect_host();
    allocations_fail_nth(0);
    assert_ok(sn_engine_destroy(crowded));
    return error;
}

static sn_error call_create_connected(void)
{
    sn_socket_create_connected_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &address, &operation);
    sn_error error = finish();
    made = operation.socket;
    row_equal(error != SN_OK, made == NULL);
    return error;
}

static sn_error call_accept(void)
{
    sn_socket_accept_async(listener, NULL, &operation);
    sn_error error = finish();
    made = operation.socket;
    row_equal(error != SN_OK, made == NULL);
    return error;
}

static sn_error call_transfer(void)
{
    char data[8];
    sn_endpoint from;
    sn_socket_send_to_async(made, "datagram", 8, SN_FLAG_NONE, &datagram_address, &operation);
    if (finish() != SN_OK)
        return operation.error;
    sn_socket_receive_from_async(made, data, sizeof data, SN_FLAG_NONE, &from, &operation);
    return finish();
}

/* --- Each allocation of each ------------------------------------------------------------------ */

static void no_preparation(void)
{
}

static void prepare_client(void)
{
    client = socket_make(TCP_IPV4);
    assert_ok(sn_socket_set_engine(client, engine));
}

static void prepare_connection(void)
{
    prepare_client();
    assert_ok(sn_socket_connect(client, &address));
}

static void prepare_datagrams(void)
{
    made = socket_bound(UDP_IPV4);
    assert_ok(sn_socket_set_engine(made, engine));
    datagram_address = local_endpoint(made);
}

static const struct memory_case {
    const char *name;
    void (*prepare)(void);
    sn_error (*call)(void);
    bool allocates;
} memory_cases[] = {
    {"an engine on epoll", no_preparation, call_epoll_engine, true},
    {"a driven engine", no_preparation, call_driven_engine, true},
    {"an engine by choice", no_preparation, call_automatic_engine, true},
    {"a cancellation", no_preparation, call_cancellation, true},
    {"cancel after", no_preparation, call_cancel_after, true},
    {"an operation", no_preparation, call_operation, true},
    {"connect", prepare_client, call_connect, false},
    {"connect to a host", prepare_client, call_connect_host, true},
    {"connect to a host in a crowd", prepare_crowd, call_connect_in_crowd, true},
    {"connect to an address as text", prepare_client, call_connect_literal, true},
    {"connect to addresses", prepare_client, call_connect_addresses, true},
    {"create connected", no_preparation, call_create_connected, true},
    {"accept", prepare_connection, call_accept, true},
    {"datagrams", prepare_datagrams, call_transfer, false},
};

/* Connections that nobody wants any more. */
static void empty_listener(void)
{
    set_blocking(listener, false);
    sn_socket *accepted;
    while (sn_socket_accept(listener, &accepted) == SN_OK)
        sn_socket_release(accepted);
    set_blocking(listener, true);
}

/* How many allocations it has made. */
static size_t play(const struct memory_case *memory_case, size_t failing)
{
    size_t outstanding_before = allocations_outstanding();
    operation = (sn_operation){0};
    client = made = NULL;
    memory_case->prepare();
    size_t count_before = allocations_count();
    allocations_fail_nth(failing);
    sn_error error = memory_case->call();
    allocations_fail_nth(0);
    size_t count = allocations_count() - count_before;
    if (error && !(failing && error == SN_ERROR_OUT_OF_MEMORY))
        row_error(SN_OK, error);
    sn_socket_release(client);
    sn_socket_release(made);
    empty_listener();
    row_equal(outstanding_before, allocations_settle(outstanding_before));
    return count;
}

static void open_room(void)
{
    sn_engine_options options = {.threads = 1};
    sn_operation first = {0};
    sn_ip_address found[4];
    size_t count;
    kernel_reset();
    sn_engine_post_async(NULL, &first); /* what stays for the whole process */
    assert_ok(sn_operation_wait(&first));
    (void)!sn_dns_get_host_addresses("localhost", SN_FAMILY_IPV4, found, 4, &count);
    allocations_begin();
    assert_ok(sn_engine_create(&options, &engine));
    listener = socket_listening(TCP_IPV4, 64);
    address = local_endpoint(listener);
    assert_ok(sn_socket_set_engine(listener, engine));
}

TEST(each_allocation_of_each_call_can_fail)
{
    NEED_LOCALHOST();
    open_room();
    for (size_t i = 0; i < COUNT_OF(memory_cases); i++) {
        row_begin("%s, everything there", memory_cases[i].name);
        size_t count = play(&memory_cases[i], 0);
        row_equal(memory_cases[i].allocates, count > 0);
        for (size_t n = 1; n <= count + 1 && n < 100; n++) {
            row_begin("%s, allocation %zu of %zu", memory_cases[i].name, n, count);
            (void)play(&memory_cases[i], n);
        }
    }
    sn_socket_release(listener);
    assert_ok(sn_engine_destroy(engine));
    rows_end();
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

/* --- The heap of deadlines grows with the operations that have one
 * --------------------------------
 */

enum { MANY = 600 };

TEST(an_operation_whose_time_cannot_be_counted_ends_at_once)
{
    static sn_operation delays[MANY];
    sn_engine_options options = {.threads = 0};
    size_t ended = 0;
    allocations_begin();
    assert_ok(sn_engine_create(&options, &engine));
    assert_ok(sn_engine_run(engine, 0, NULL));
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_ok(sn_socket_set_engine(pair.client, engine));
    for (int i = 0; i < MANY; i++) {
        delays[i] = (sn_operation){.timeout_ms = 100000};
        static char byte;
        sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &delays[i]);
    }
    allocations_fail_nth(1);
    for (int i = 0; i < 4; i++)
        assert_ok(sn_engine_run(engine, 0, NULL));
    allocations_fail_nth(0);
    for (int i = 0; i < MANY; i++)
        ended += sn_operation_is_completed(&delays[i]) && delays[i].error == SN_ERROR_OUT_OF_MEMORY;
    assert_int_equal(ended, 1);
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
    for (int i = 0; i < MANY; i++)
        assert_true(sn_operation_is_completed(&delays[i]));
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

/* --- An accept loop --------------------------------------------------------------------------- */

enum { TURNS = 100, STEPS = 5 };

static int64_t stopped_ns; /* the time at which the clock stands; 0: it goes */

int64_t __real_sys_now(void);
int64_t __wrap_sys_now(void);
int64_t __wrap_sys_now(void)
{
    return stopped_ns ? stopped_ns : __real_sys_now();
}

static struct {
    size_t ended, failed;
    sn_socket *accepted;
} loop;

/* Goes on after errors that pass, as the guide says. */
static void accept_again(sn_operation *ended)
{
    loop.ended++;
    loop.failed += ended->error == SN_ERROR_OUT_OF_MEMORY;
    if (!ended->error)
        loop.accepted = ended->socket;
    else if (sn_error_is_transient(ended->error))
        sn_socket_accept_async(listener, NULL, ended);
}

static void turn(void)
{
    for (int i = 0; i < TURNS; i++)
        assert_ok(sn_engine_run(engine, 0, NULL));
}

/* The engine knows then that nobody waits to be accepted. */
static void find_nobody(void)
{
    operation = (sn_operation){0};
    sn_socket_accept_async(listener, NULL, &operation);
    turn();
    sn_operation_cancel(&operation);
    turn();
    assert_error(SN_ERROR_OPERATION_CANCELED, operation.error);
}

/* While the clock stands a loop that spins makes an attempt in each turn. */
static void starve_loop(void)
{
    sn_operation accepts[2] = {{.completed = accept_again}, {.completed = accept_again}};
    stopped_ns = __real_sys_now();
    allocations_fail_all();
    sn_socket_accept_async(listener, NULL, &accepts[0]);
    sn_socket_accept_async(listener, NULL, &accepts[1]);
    for (size_t step = 0; step < STEPS; step++) {
        turn();
        row_equal(1 + step, loop.ended);
        stopped_ns += 1000000;
    }
    row_equal(loop.ended, loop.failed);
    allocations_fail_nth(0);
    assert_ok(sn_socket_connect(client, &address));
    for (size_t step = 0; step < STEPS && !loop.accepted; step++) {
        turn();
        stopped_ns += 1000000;
    }
    row_equal(true, loop.accepted != NULL);
    stopped_ns = 0;
    sn_socket_release(listener); /* ends the other one */
    listener = NULL;
    while (!sn_operation_is_completed(&accepts[0]) || !sn_operation_is_completed(&accepts[1]))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
}

TEST(an_accept_loop_without_memory_does_not_spin)
{
    static const sn_engine_backend backends[] = {SN_ENGINE_BACKEND_EPOLL,
                                                 SN_ENGINE_BACKEND_IO_URING};
    for (size_t i = 0; i < COUNT_OF(backends); i++) {
        sn_engine_options options = {.backend = backends[i]};
        row_begin("%s", sn_engine_backend_name(backends[i]));
        memset(&loop, 0, sizeof loop);
        allocations_begin();
        if (sn_engine_create(&options, &engine) == SN_ERROR_PLATFORM_NOT_SUPPORTED)
            continue;
        assert_ok(sn_engine_run(engine, 0, NULL));
        listener = socket_listening(TCP_IPV4, 2);
        client = socket_make(TCP_IPV4);
        address = local_endpoint(listener);
        assert_ok(sn_socket_set_engine(listener, engine));
        find_nobody();
        starve_loop();
        sn_socket_release(loop.accepted);
        sn_socket_release(client);
        assert_ok(sn_engine_destroy(engine));
        row_equal(0, allocations_outstanding());
        allocations_end();
    }
    rows_end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        cmocka_unit_test(each_allocation_of_each_call_can_fail),
        CASE(an_operation_whose_time_cannot_be_counted_ends_at_once),
        CASE(an_accept_loop_without_memory_does_not_spin),
    };
    return RUN(cases);
}
