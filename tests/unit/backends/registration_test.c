/* A file that a child of the process, or another number, keeps open is not ended by our close. */
#include "unit/engine/engines.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/sockets.h"
#include "support/threads.h"

/* How many files the engine's epoll instance watches; 0 for a ring, which has no such list. */
static int watched_by(sn_engine *engine)
{
    sn_handle handle = SN_HANDLE_NONE;
    char path[64], line[256];
    int count = 0;
    assert_ok(sn_engine_get_handle(engine, &handle));
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", handle);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        count += strncmp(line, "tfd:", 4) == 0;
    fclose(file);
    return count;
}

/* A child that has everything open until it is ended. */
static pid_t child_holding(void)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (;;)
            pause();
    }
    return child;
}

static void child_end(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void connect_to(sn_engine *engine, sn_socket *socket, const sn_endpoint *to)
{
    sn_operation operation = {0};
    sn_socket_connect_async(socket, to, &operation);
    assert_ok(run_until(engine, &operation));
}

static sn_socket *accept_from(sn_socket *listener)
{
    sn_socket *accepted = NULL;
    assert_ok(sn_socket_accept(listener, &accepted));
    return accepted;
}

static sn_error disconnect(void *socket)
{
    return sn_socket_disconnect(socket, true);
}

/* The case of all: an event of the old file would name a freed record. */
TEST(a_descriptor_that_is_replaced_is_watched_no_more_in_its_old_file)
{
    for (int on_other_thread = 0; on_other_thread < 2; on_other_thread++) {
        sn_engine *engine = engine_of(state, 0);
        sn_socket *listener = socket_listening(TCP_IPV4, 4), *socket = socket_make(TCP_IPV4);
        sn_endpoint at = local_endpoint(listener);
        struct thread thread;
        use_engine(socket, engine);
        int watched_before = watched_by(engine);
        connect_to(engine, socket, &at);
        sn_socket *peer = accept_from(listener);
        pid_t child = child_holding();
        if (on_other_thread) {
            thread_start(&thread, disconnect, socket);
            assert_ok(thread_join(&thread));
        } else {
            assert_ok(disconnect(socket));
        }
        assert_int_equal(watched_by(engine), watched_before);
        run_ready(engine);
        connect_to(engine, socket, &at); /* what reuse is for */
        sn_socket *second = accept_from(listener);
        sn_socket_release(socket);
        run_ready(engine);
        assert_int_equal(watched_by(engine), watched_before);
        (void)!sn_socket_send(peer, "late", 4, SN_FLAG_NONE,
                              NULL); /* the child has the other end */
        sn_socket_release(peer);
        run_ready(engine);
        sn_socket_release(second);
        sn_socket_release(listener);
        child_end(child);
        destroy_engine(engine);
    }
}

TEST(a_connect_after_a_failed_one_leaves_nothing_watched)
{
    sn_engine *engine = engine_of(state, 0);
    sn_socket *refusing = socket_refusing(TCP_IPV4), *listener = socket_listening(TCP_IPV4, 4);
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_endpoint nowhere = local_endpoint(refusing), at = local_endpoint(listener);
    sn_operation operation = {0};
    use_engine(socket, engine);
    int watched_before = watched_by(engine);
    sn_socket_connect_async(socket, &nowhere, &operation);
    assert_error(SN_ERROR_CONNECTION_REFUSED, run_until(engine, &operation));
    pid_t child = child_holding();
    connect_to(engine, socket, &at);
    sn_socket_release(socket);
    run_ready(engine);
    assert_int_equal(watched_by(engine), watched_before);
    sn_socket_release(refusing);
    sn_socket_release(listener);
    child_end(child);
    run_ready(engine);
    destroy_engine(engine);
}

TEST(an_accept_into_a_socket_leaves_nothing_watched)
{
    sn_engine *engine = engine_of(state, 0);
    sn_socket *listener = socket_listening(TCP_IPV4, 4), *into = socket_make(TCP_IPV4);
    sn_socket *client = socket_make(TCP_IPV4);
    sn_endpoint at = local_endpoint(listener);
    char byte;
    sn_operation receive = {0}, accept = {0};
    use_engine(listener, engine);
    use_engine(into, engine);
    int watched_before = watched_by(engine);
    sn_socket_receive_async(into, &byte, 1, SN_FLAG_NONE, &receive);
    assert_error(SN_ERROR_NOT_CONNECTED, run_until(engine, &receive));
    pid_t child = child_holding();
    sn_socket_accept_async(listener, into, &accept);
    assert_ok(sn_socket_connect(client, &at));
    assert_ok(run_until(engine, &accept));
    sn_socket_receive_async(into, &byte, 1, SN_FLAG_NONE, &receive);
    send_text(client, "x");
    assert_ok(run_until(engine, &receive));
    sn_socket_release(into);
    sn_socket_release(listener);
    run_ready(engine);
    assert_int_equal(watched_by(engine), watched_before);
    sn_socket_release(client);
    child_end(child);
    destroy_engine(engine);
}

TEST(a_closed_socket_and_one_whose_engine_is_destroyed_are_watched_no_more)
{
    sn_engine *engine = engine_of(state, 0), *other = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char byte;
    sn_operation receive = {0};
    use_engine(pair.server, engine);
    use_engine(pair.client, other);
    int watched_before = watched_by(engine);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive);
    run_ready(engine);
    pid_t child = child_holding();
    sn_socket_close(pair.server);
    assert_error(SN_ERROR_OPERATION_ABORTED, run_until(engine, &receive));
    run_ready(engine);
    assert_int_equal(watched_by(engine), watched_before);
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &receive);
    destroy_engine(other);
    use_engine(pair.client, engine); /* it is nobody's now */
    pair_release(&pair);
    child_end(child);
    run_ready(engine);
    destroy_engine(engine);
}

/* What waits is started anew with the new file; without that it would wait for ever. */
TEST(an_operation_that_waits_goes_on_with_the_new_file)
{
    sn_engine *engine = engine_of(state, 0);
    sn_socket *listener = socket_listening(TCP_IPV4, 4), *socket = socket_make(TCP_IPV4);
    sn_endpoint at = local_endpoint(listener);
    char byte = 0;
    sn_operation receive = {0};
    use_engine(socket, engine);
    connect_to(engine, socket, &at);
    sn_socket *peer = accept_from(listener);
    assert_ok(sn_socket_disconnect(socket, true)); /* the engine does not know yet */
    sn_socket_receive_async(socket, &byte, 1, SN_FLAG_NONE, &receive);
    assert_error(SN_ERROR_NOT_CONNECTED, run_until(engine, &receive));
    connect_to(engine, socket, &at);
    sn_socket *second = accept_from(listener);
    sn_socket_receive_async(socket, &byte, 1, SN_FLAG_NONE, &receive);
    run_ready(engine);
    send_text(second, "y");
    assert_ok(run_until(engine, &receive));
    assert_int_equal(byte, 'y');
    sn_socket_release(peer);
    sn_socket_release(second);
    sn_socket_release(socket);
    sn_socket_release(listener);
    run_ready(engine);
    destroy_engine(engine);
}

/* --- One descriptor, two objects -------------------------------------------------------------- */

/* epoll knows a number once, and the second registration took the place of the first. */
TEST(a_descriptor_that_was_adopted_twice_serves_both_objects)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket *again = NULL;
    char bytes[2] = {0};
    sn_operation first = {0}, second = {0};
    sn_operation *both[] = {&first, &second};
    int watched_before = watched_by(engine);
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(pair.server), false, &again));
    use_engine(pair.server, engine);
    use_engine(again, engine);
    sn_socket_receive_async(pair.server, &bytes[0], 1, SN_FLAG_NONE, &first);
    sn_socket_receive_async(again, &bytes[1], 1, SN_FLAG_NONE, &second);
    run_ready(engine);
    send_text(pair.client, "xx");
    for (size_t i = 0; i < array_count(both); i++) {
        assert_ok(run_until(engine, both[i]));
        assert_int_equal(bytes[i], 'x');
    }
    sn_socket_release(again);
    run_ready(engine);
    sn_socket_receive_async(pair.server, &bytes[0], 1, SN_FLAG_NONE, &first);
    run_ready(engine);
    send_text(pair.client, "y");
    assert_ok(run_until(engine, &first));
    assert_int_equal(bytes[0], 'y');
    pair_release(&pair);
    run_ready(engine);
    assert_int_equal(watched_by(engine), watched_before);
    destroy_engine(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_descriptor_that_is_replaced_is_watched_no_more_in_its_old_file),
        ON_BOTH(a_connect_after_a_failed_one_leaves_nothing_watched),
        ON_BOTH(an_accept_into_a_socket_leaves_nothing_watched),
        ON_BOTH(a_closed_socket_and_one_whose_engine_is_destroyed_are_watched_no_more),
        ON_BOTH(an_operation_that_waits_goes_on_with_the_new_file),
        ON_BOTH(a_descriptor_that_was_adopted_twice_serves_both_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
