#include "unit/engine/engines.h"

#include "loop/worker.h"
#include "socket/object/object.h"
#include "support/descriptors.h"

static struct worker *worker_of(sn_socket *socket)
{
    return socket->descriptor.worker;
}

TEST(descriptors_are_dealt_round_robin)
{
    sn_engine *engine = engine_of(state, 3);
    sn_socket *sockets[6];
    for (size_t i = 0; i < array_count(sockets); i++) {
        sockets[i] = socket_make(UDP_IPV4);
        use_engine(sockets[i], engine);
        assert_ptr_equal(worker_of(sockets[i])->engine, engine);
        assert_true(i < 3 || worker_of(sockets[i]) == worker_of(sockets[i - 3]));
        assert_true(i == 0 || worker_of(sockets[i]) != worker_of(sockets[i - 1]));
    }
    for (size_t i = 0; i < array_count(sockets); i++)
        sn_socket_release(sockets[i]);
    destroy_engine(engine);
}

TEST(a_descriptor_stays_with_its_first_engine)
{
    sn_engine *first = engine_of(state, 0), *second = engine_of(state, 0);
    sn_socket *socket = socket_make(UDP_IPV4);
    use_engine(socket, first);
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_set_engine(socket, second));
    use_engine(socket, first);
    assert_ptr_equal(worker_of(socket)->engine, first);
    sn_socket_release(socket);
    destroy_engine(first);
    destroy_engine(second);
}

TEST(a_closed_descriptor_gets_no_worker)
{
    int32_t native = 7;
    struct bare bare;
    sn_engine *engine = engine_of(state, 0);
    bare_open(&bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare.descriptor));
    bare_begin_close(&bare);
    assert_null(descriptor_bind(&bare.descriptor, engine, &native));
    assert_int_equal(native, 0);
    descriptor_unref(&bare.descriptor);
    bare_close(&bare);
    destroy_engine(engine);
}

/* --- A destroyed engine ----------------------------------------------------------------------- */

static void bind_and_destroy(void **state, int threads)
{
    sn_engine *engine = engine_of(state, threads), *next = engine_of(state, 0);
    size_t before = descriptors_count();
    sn_socket *kept = socket_make(UDP_IPV4), *closed = socket_make(UDP_IPV4);
    use_engine(kept, engine);
    use_engine(closed, engine);
    sn_socket_close(closed);
    destroy_engine(engine);
    assert_null(worker_of(kept));
    use_engine(kept, next);
    sn_socket_release(kept);
    sn_socket_release(closed);
    destroy_engine(next);
    assert_true(descriptors_count() < before); /* the engines' own are gone too */
}

TEST(a_socket_that_never_started_anything_outlives_its_engine)
{
    bind_and_destroy(state, 0);
    bind_and_destroy(state, 2);
}

TEST(an_accepted_socket_outlives_the_engine_that_accepted_it)
{
    sn_engine *engine = engine_of(state, 2);
    sn_socket *listener = socket_listening(TCP_IPV4, 4), *client = socket_make(TCP_IPV4);
    sn_endpoint address = local_endpoint(listener);
    sn_operation operation = {0};
    use_engine(listener, engine);
    sn_socket_accept_async(listener, NULL, &operation);
    assert_ok(sn_socket_connect(client, &address));
    assert_ok(sn_operation_wait(&operation));
    assert_ptr_equal(worker_of(operation.socket)->engine, engine);
    destroy_engine(engine);
    assert_null(worker_of(operation.socket));
    send_text(client, "still here");
    assert_receives(operation.socket, "still here");
    sn_socket_release(operation.socket);
    sn_socket_release(listener);
    sn_socket_release(client);
}

/* --- The engine goes while somebody has a reference to a closed descriptor -------------------- */

static void release_and_destroy(void **state, struct bare *bare)
{
    sn_engine *engine = engine_of(state, 1);
    int32_t native;
    bare_open(bare, SOCK_STREAM);
    assert_true(descriptor_ref(&bare->descriptor));
    assert_non_null(descriptor_bind(&bare->descriptor, engine, &native));
    bare_begin_close(bare);
    while (!(atomic_load_acquire(&bare->descriptor.marks) & DESCRIPTOR_RELEASED))
        sched_yield();
    destroy_engine(engine);
    assert_int_equal(bare->closed, 0);
}

/* A request to a worker that nobody runs any more kept the number open for ever. */
TEST(who_still_has_a_reference_asks_nothing_of_an_engine_that_is_gone)
{
    struct bare bare;
    release_and_destroy(state, &bare);
    assert_null(worker_ref_of(&bare.descriptor));
    descriptor_cancel(&bare.descriptor);
    descriptor_unref(&bare.descriptor);
    assert_int_equal(bare.closed, 1);
    bare_close(&bare);
}

/* What was pending when it looked has ended with the engine. */
TEST(a_blocking_call_does_not_queue_with_an_engine_that_is_gone)
{
    struct bare bare;
    char byte;
    sn_operation operation = {0};
    release_and_destroy(state, &bare);
    record_of(&operation)->action = ACTION_RECEIVE;
    record_of(&operation)->buffer.data = &byte;
    record_of(&operation)->buffer.size = 1;
    lane_add(&bare.descriptor, DIRECTION_IN);
    assert_true(operation_run_blocking(&operation, &bare.descriptor, DIRECTION_IN, 0));
    assert_int_equal(record_of(&operation)->native_result, OUTCOME_CLOSED);
    lane_subtract(&bare.descriptor, DIRECTION_IN);
    descriptor_unref(&bare.descriptor);
    bare_close(&bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(descriptors_are_dealt_round_robin),
        ON_BOTH(a_descriptor_stays_with_its_first_engine),
        ON_BOTH(a_closed_descriptor_gets_no_worker),
        ON_BOTH(a_socket_that_never_started_anything_outlives_its_engine),
        ON_BOTH(an_accepted_socket_outlives_the_engine_that_accepted_it),
        ON_BOTH(who_still_has_a_reference_asks_nothing_of_an_engine_that_is_gone),
        ON_BOTH(a_blocking_call_does_not_queue_with_an_engine_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
