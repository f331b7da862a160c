/*
 * Somebody else makes the descriptor blocking: O_NONBLOCK belongs to the open file, which a
 * duplicate, a forked child or another library may share. No call waits in the kernel because of
 * that: each can be cancelled and obeys its time limit, and no start blocks its caller.
 */
#include "support/async.h"
#include "support/clients_support.h"
#include "support/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/blocked_calls.h"
#include "support/descriptors.h"

static void make_blocking(int handle)
{
    int other = dup(handle);
    assert_true(other >= 0);
    assert_int_equal(0, fcntl(other, F_SETFL, fcntl(other, F_GETFL) & ~O_NONBLOCK));
    assert_int_equal(0, close(other));
    assert_false(descriptor_is_nonblocking(handle));
}

/* The same from a process of its own, as a child does that wants its standard input to block. */
static void make_blocking_in_a_child(int handle)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(fcntl(handle, F_SETFL, fcntl(handle, F_GETFL) & ~O_NONBLOCK) != 0);
    int status = 1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue; /* some runs have many signals */
    assert_int_equal(0, status);
    assert_false(descriptor_is_nonblocking(handle));
}

/* --- Every call that can block --------------------------------------------------------------- */

TEST(a_call_on_a_descriptor_that_was_made_blocking_can_be_cancelled)
{
    struct blocked_scene scene;
    for (size_t i = 0; i < blocked_call_count; i++) {
        if (transport_missing(blocked_calls[i].transport))
            continue;
        row_begin("%s", blocked_calls[i].name);
        blocked_scene_open(&scene, &blocked_calls[i]);
        make_blocking(sn_socket_get_handle(scene.socket));
        thread_start(&scene.thread, blocked_scene_run, &scene);
        if (thread_wait_in_call(&scene.thread)) {
            unsigned successes = blocked_scene_successes(&scene);
            sn_socket_cancel(scene.socket);
            row_error(SN_ERROR_OPERATION_CANCELED, blocked_scene_join_cancelled(&scene, successes));
        } else {
            row_error(SN_ERROR_OPERATION_CANCELED, thread_join(&scene.thread));
        }
        blocked_scene_release(&scene);
    }
    rows_end();
}

TEST(a_child_that_makes_a_descriptor_blocking_changes_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    char byte;
    size_t received;
    make_blocking_in_a_child(sn_socket_get_handle(pair.server));
    assert_ok(sn_socket_set_receive_timeout(pair.server, 1));
    assert_error(SN_ERROR_TIMED_OUT, do_receive(pair.server, &byte, 1, SN_FLAG_NONE, &received));
    pair_release(&pair);
}

/* --- What would have waited for room --------------------------------------------------------- */

struct sender {
    sn_socket *socket;
    const struct unix_path *path; /* NULL: from memory */
    char *data;
    size_t size;
};

static sn_error send_all(void *context)
{
    struct sender *sender = context;
    size_t sent;
    if (sender->path)
        return do_send_file(sender->socket, WHOLE_FILE(sender->path->text), &sent);
    return do_send(sender->socket, sender->data, sender->size, SN_FLAG_NONE, &sent);
}

static void assert_send_can_be_cancelled(struct sender *sender)
{
    struct thread thread;
    make_blocking(sn_socket_get_handle(sender->socket));
    thread_start(&thread, send_all, sender);
    assert_true(thread_wait_in_call(&thread));
    sn_socket_cancel(sender->socket);
    (void)thread_join(&thread); /* what has moved is never hidden, so it may be a success */
}

TEST(a_large_send_and_a_file_can_be_cancelled)
{
    size_t size = 8 * MEGABYTE;
    char *data = calloc(1, size);
    struct unix_path path = file_new(data, size);
    for (int from_file = 0; from_file <= 1; from_file++) {
        struct socket_pair pair = pair_plain(transport_of(state));
        struct sender sender = {pair.client, from_file ? &path : NULL, data, size};
        assert_send_can_be_cancelled(&sender);
        pair_release(&pair);
    }
    settle();
    (void)unlink(path.text);
    free(data);
}

/* --- What is no socket ----------------------------------------------------------------------- */

struct pipe_sockets {
    sn_socket *reader, *writer;
};

static struct pipe_sockets pipe_make(void)
{
    struct pipe_sockets made;
    int ends[2];
    assert_int_equal(0, pipe(ends));
    assert_ok(sn_socket_from_handle(ends[0], true, &made.reader));
    assert_ok(sn_socket_from_handle(ends[1], true, &made.writer));
    set_blocking(made.reader, true);
    set_blocking(made.writer, true);
    return made;
}

static sn_error receive_one(void *socket)
{
    char byte;
    size_t received;
    return do_receive(socket, &byte, 1, SN_FLAG_NONE, &received);
}

TEST(a_pipe_that_was_made_blocking_stops_nobody)
{
    size_t size = MEGABYTE;
    char *data = calloc(1, size);
    struct pipe_sockets pipes = pipe_make();
    struct thread thread;
    make_blocking(sn_socket_get_handle(pipes.reader));
    thread_start(&thread, receive_one, pipes.reader);
    assert_true(thread_wait_in_call(&thread));
    sn_socket_cancel(pipes.reader);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&thread));
    struct sender sender = {pipes.writer, NULL, data, size};
    assert_send_can_be_cancelled(&sender);
    sn_socket_release(pipes.reader);
    sn_socket_release(pipes.writer);
    free(data);
}

/* --- Starts ----------------------------------------------------------------------------------- */

/* One operation each, on descriptors that were made blocking, none of which can end: the starts
 * return, and the engine still has time for another's. */
TEST(starts_on_blocking_descriptors_return_and_the_engine_goes_on)
{
    struct socket_pair pair = pair_plain(TCP_IPV4), other = pair_plain(TCP_IPV4);
    struct pipe_sockets pipes = pipe_make();
    struct pending pending[4];
    char bytes[4];
    make_blocking(sn_socket_get_handle(pair.client));
    make_blocking(sn_socket_get_handle(pair.listener));
    make_blocking(sn_socket_get_handle(pipes.reader));
    for (int has_callback = 0; has_callback <= 1; has_callback++) {
        pending_init_all(pending, COUNT_OF(pending));
        for (size_t i = 0; i < 3 && !has_callback; i++)
            pending[i].operation.completed = NULL; /* then the start makes an attempt itself */
        sn_socket_receive_async(pair.client, bytes, 1, SN_FLAG_NONE, &pending[0].operation);
        sn_socket_accept_async(pair.listener, NULL, &pending[1].operation);
        sn_socket_receive_async(pipes.reader, bytes + 1, 1, SN_FLAG_NONE, &pending[2].operation);
        sn_socket_receive_async(other.client, bytes + 2, 1, SN_FLAG_NONE, &pending[3].operation);
        send_plain(other.server, "x", 1);
        assert_pending(SN_OK, &pending[3]);
        for (size_t i = 0; i < 3; i++) {
            sn_operation_cancel(&pending[i].operation);
            assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&pending[i].operation));
        }
    }
    sn_socket_release(pipes.reader);
    sn_socket_release(pipes.writer);
    pair_release(&pair);
    pair_release(&other);
    settle();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_call_on_a_descriptor_that_was_made_blocking_can_be_cancelled),
        ON_ALL_CONNECTED(a_child_that_makes_a_descriptor_blocking_changes_nothing),
        ON_STREAMS(a_large_send_and_a_file_can_be_cancelled),
        CASE(a_pipe_that_was_made_blocking_stops_nobody),
        CASE(starts_on_blocking_descriptors_return_and_the_engine_goes_on),
    };
    clients_begin(); /* some tests are asynchronous in every style */
    return RUN(cases);
}
