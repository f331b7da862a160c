/*
 * What a close makes of a Unix socket's file (contract A.9).
 */
#include "support/run.h"

#include <sennit/dotnet.h>

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

static bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

TEST(the_file_of_a_bound_unix_socket_disappears_when_it_is_closed)
{
    enum transport transport = transport_of(state);
    static void (*const ends[])(sn_socket *) = {sn_socket_close, sn_socket_release};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct unix_path path = unix_path_new();
        sn_endpoint endpoint = endpoint_of_path(path.text);
        sn_socket *socket = socket_make(transport);
        assert_ok(sn_socket_bind(socket, &endpoint));
        assert_true(file_exists(path.text));
        sn_socket *other = i == 0 ? socket : NULL;
        ends[i](socket);
        assert_false(file_exists(path.text));
        sn_socket_release(other);
    }
}

static sn_error accept_run(void *context)
{
    sn_socket *accepted;
    return sn_socket_accept(context, &accepted);
}

/* The thread that is blocked leaves last, so it is the one that closes the number. */
TEST(the_file_is_gone_when_a_close_returns_that_has_ended_a_blocked_call)
{
    for (int i = repetitions(200); i > 0; i--) {
        struct unix_path path = unix_path_new();
        sn_endpoint endpoint = endpoint_of_path(path.text);
        sn_socket *socket = socket_make(UNIX_STREAM);
        struct thread thread;
        assert_ok(sn_socket_bind(socket, &endpoint));
        assert_ok(sn_socket_listen(socket, 1));
        thread_start_blocked(&thread, accept_run, socket);
        sn_socket_close(socket);
        assert_false(file_exists(path.text));
        assert_error(SN_ERROR_INTERRUPTED, thread_join(&thread));
        sn_socket_release(socket);
    }
}

/* Trap 106. */
TEST(the_file_disappears_even_if_the_path_was_relative_and_the_directory_changed)
{
    struct unix_path path = unix_path_new();
    char directory[sizeof path.text], before[PATH_MAX];
    const char *name = strrchr(path.text, '/') + 1;
    snprintf(directory, sizeof directory, "%.*s", (int)(name - path.text), path.text);
    sn_socket *socket = socket_make(UNIX_STREAM);
    sn_endpoint relative = endpoint_of_path(name);
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(0, chdir(directory));
    sn_error error = sn_socket_bind(socket, &relative);
    assert_int_equal(0, chdir(before));
    assert_ok(error);
    assert_true(file_exists(path.text));
    sn_socket_close(socket);
    assert_false(file_exists(path.text));
    sn_socket_release(socket);
}

TEST(a_connection_does_not_remove_its_listeners_file)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    sn_endpoint address = local_endpoint(pair.listener);
    size_t size;
    const char *path = sn_endpoint_get_unix_path(&address, &size);
    sn_socket_close(pair.client);
    sn_socket_close(pair.server);
    assert_true(file_exists(path));
    sn_socket_close(pair.listener);
    engines_settle();
    assert_false(file_exists(path));
    pair_release(&pair);
}

TEST(the_file_stays_when_the_bind_was_somebody_elses)
{
    struct unix_path path = unix_path_new();
    sn_endpoint endpoint = endpoint_of_path(path.text);
    sn_socket *binder = socket_make(UNIX_STREAM), *late = socket_make(UNIX_STREAM), *adopted = NULL;
    assert_ok(sn_socket_bind(binder, &endpoint));
    assert_error(SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_socket_bind(late, &endpoint));
    sn_socket_release(late);
    assert_true(file_exists(path.text));
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(binder), false, &adopted));
    sn_socket_release(adopted);
    assert_true(file_exists(path.text));
    sn_socket_release(binder);
    assert_false(file_exists(path.text));
}

/* "Whether or not the handle is owned" (A.9). */
TEST(the_file_disappears_also_when_the_descriptor_is_not_owned)
{
    struct unix_path path = unix_path_new();
    sn_endpoint endpoint = endpoint_of_path(path.text);
    sn_socket *owner = socket_make(UNIX_STREAM), *borrower = NULL;
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(owner), false, &borrower));
    assert_ok(sn_socket_bind(borrower, &endpoint));
    sn_socket_close(borrower);
    assert_false(file_exists(path.text));
    sn_socket_release(borrower);
    sn_socket_release(owner);
}

/* Trap 107; there is no file to remove. */
TEST(an_abstract_name_is_seen_by_the_peer_and_is_free_again_after_a_close)
{
    char name[32];
    size_t size = (size_t)snprintf(name, sizeof name, "%csennit-%ld", '\0', (long)getpid());
    sn_endpoint abstract, listening = endpoint_free(UNIX_STREAM);
    assert_ok(sn_endpoint_from_unix_bytes(name, size, &abstract));
    for (int i = 0; i < 2; i++) {
        sn_socket *listener = socket_make(UNIX_STREAM), *client = socket_make(UNIX_STREAM);
        sn_socket *server = NULL;
        assert_ok(sn_socket_bind(listener, &listening));
        assert_ok(sn_socket_listen(listener, 1));
        assert_ok(sn_socket_bind(client, &abstract));
        assert_ok(do_connect(client, &listening));
        assert_ok(do_accept(listener, &server));
        sn_endpoint remote = remote_endpoint(server);
        assert_same_endpoint(&abstract, &remote);
        char text[SN_ENDPOINT_TEXT_SIZE];
        assert_ok(sn_endpoint_format(&remote, text, sizeof text));
        assert_int_equal('@', text[0]);
        sn_socket_release(client);
        sn_socket_release(server);
        sn_socket_release(listener);
        engines_settle();
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_ON(the_file_of_a_bound_unix_socket_disappears_when_it_is_closed, UNIX_STREAM),
        CASE_ON(the_file_of_a_bound_unix_socket_disappears_when_it_is_closed, UNIX_DATAGRAM),
        CASE(the_file_is_gone_when_a_close_returns_that_has_ended_a_blocked_call),
        CASE(the_file_disappears_even_if_the_path_was_relative_and_the_directory_changed),
        CASE_ON(a_connection_does_not_remove_its_listeners_file, UNIX_STREAM),
        CASE_ON(a_connection_does_not_remove_its_listeners_file, UNIX_SEQPACKET),
        CASE(the_file_stays_when_the_bind_was_somebody_elses),
        CASE(the_file_disappears_also_when_the_descriptor_is_not_owned),
        CASE(an_abstract_name_is_seen_by_the_peer_and_is_free_again_after_a_close),
    };
    return RUN(cases);
}
