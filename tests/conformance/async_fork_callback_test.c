/*
 * A fork inside a callback, from which the child returns.
 */
#include "conformance/forks.h"
#include "support/async.h"

#include <sys/wait.h>
#include <unistd.h>

static struct {
    pid_t child; /* 0 in the child */
    bool is_child;
} forked;

static void fork_in_callback(struct pending *pending)
{
    (void)pending;
    forked.child = fork();
    forked.is_child = forked.child == 0;
    if (forked.is_child)
        alarm(60);
}

static int status_of_child(void)
{
    int status = -1;
    assert_true(forked.child > 0);
    assert_int_equal(waitpid(forked.child, &status, 0), forked.child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* The engine's thread is the only one of the child, and ends with it. Before, it went on in the
 * epoll instance of its parent, and took the parent's events. */
TEST(a_child_that_returns_from_a_callback_on_an_engines_thread_ends)
{
    sn_engine *engine = engine_make(1);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending post, behind, receive;
    char byte = 0;
    assert_ok(sn_socket_set_engine(pair.client, engine));
    pending_init(&receive);
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &receive.operation);
    pending_init(&post);
    pending_init(&behind);
    post.then = fork_in_callback;
    sn_engine_post_async(engine, &post.operation);
    sn_engine_post_async(engine, &behind.operation);
    assert_pending(SN_OK, &post);
    assert_pending(SN_OK, &behind);
    assert_int_equal(status_of_child(), 0);
    send_plain(pair.server, "x", 1);
    assert_pending(SN_OK, &receive);
    pair_release(&pair);
    engine_destroy(engine);
}

/* The callback comes before the engine waits, or after. */
static void fork_in_driven(bool is_after_wait)
{
    sn_engine *engine = engine_make(0);
    struct pending post;
    pending_init(&post);
    post.then = fork_in_callback;
    sn_engine_delay_async(engine, is_after_wait ? 20 : 0, &post.operation);
    sn_error error = sn_engine_run(engine, SN_FOREVER, NULL);
    if (forked.is_child)
        _exit(error == SN_ERROR_INVALID_OPERATION &&
                      sn_engine_run(engine, 0, NULL) == SN_ERROR_INVALID_OPERATION
                  ? 7
                  : 1);
    assert_ok(error);
    assert_int_equal(status_of_child(), 7);
    engine_destroy(engine);
}

TEST(a_child_that_returns_from_a_callback_of_a_driven_engine_is_told_so)
{
    fork_in_driven(false);
    fork_in_driven(true);
}

/* The child that ends with its thread leaves everything behind. */
int __lsan_is_turned_off(void) __attribute__((visibility("default")));
int __lsan_is_turned_off(void)
{
    return forked.is_child;
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_child_that_returns_from_a_callback_on_an_engines_thread_ends),
        CASE(a_child_that_returns_from_a_callback_of_a_driven_engine_is_told_so),
    };
    return RUN(cases);
}
