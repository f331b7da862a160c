/*
 * Sockets whose callbacks run on one thread, by choice: what two of them share needs no lock.
 */
#include "conformance/forks.h"

#include <unistd.h>

#include "support/children.h"

#define THREADS 3
#define PAIRS   12

/* What the callbacks of a group share, without a lock: the thread sanitizer looks on. */
struct group {
    pthread_t thread;
    int count; /* of callbacks */
    bool is_split;
};

static void enter(struct pending *pending)
{
    struct group *group = pending->context;
    if (group->count++ == 0)
        group->thread = pthread_self();
    else if (!pthread_equal(group->thread, pthread_self()))
        group->is_split = true;
}

static void receive_in(struct group *group, sn_socket *socket, struct pending *pending, char *data)
{
    pending_init(pending);
    pending->then = enter;
    pending->context = group;
    sn_socket_receive_async(socket, data, 1, SN_FLAG_NONE, &pending->operation);
}

static void post_to(struct group *group, sn_socket *socket, struct pending *pending)
{
    pending_init(pending);
    pending->then = enter;
    pending->context = group;
    assert_true(sn_socket_post_async(socket, &pending->operation));
}

TEST(the_callbacks_of_joined_sockets_run_on_one_thread)
{
    sn_engine *engine = engine_make(THREADS);
    struct socket_pair pairs[PAIRS];
    struct pending receives[PAIRS], posts[PAIRS];
    struct group group = {.count = 0};
    char data[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        pairs[i] = pair_plain(i % 2 ? TCP_IPV4 : UNIX_DATAGRAM);
        if (i == 0)
            assert_ok(sn_socket_set_engine(pairs[0].server, engine));
        else
            assert_ok(sn_socket_join(pairs[i].server, pairs[i - 1].server));
    }
    for (int i = 0; i < PAIRS; i++)
        receive_in(&group, pairs[i].server, &receives[i], &data[i]);
    for (int i = 0; i < PAIRS; i++) {
        send_plain(pairs[i].client, "x", 1);
        post_to(&group, pairs[i].server, &posts[i]);
    }
    for (int i = 0; i < PAIRS; i++) {
        assert_pending(SN_OK, &receives[i]);
        assert_pending(SN_OK, &posts[i]);
        assert_int_equal(SN_OPERATION_POST, sn_operation_get_kind(&posts[i].operation));
    }
    assert_int_equal(2 * PAIRS, group.count);
    assert_false(group.is_split);
    for (int i = 0; i < PAIRS; i++)
        pair_release(&pairs[i]);
    engine_destroy(engine);
}

/* A socket that has no engine yet gets the default one, and the other its thread. */
TEST(a_socket_joins_one_that_was_not_used_yet)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending receives[2];
    struct group group = {.count = 0};
    char data[2];
    assert_ok(sn_socket_join(pair.server, pair.client));
    assert_ok(sn_socket_join(pair.server, pair.client)); /* again, the other way, and itself */
    assert_ok(sn_socket_join(pair.client, pair.server));
    assert_ok(sn_socket_join(pair.client, pair.client));
    receive_in(&group, pair.server, &receives[0], &data[0]);
    receive_in(&group, pair.client, &receives[1], &data[1]);
    send_plain(pair.client, "x", 1);
    send_plain(pair.server, "y", 1);
    for (int i = 0; i < 2; i++)
        assert_pending(SN_OK, &receives[i]);
    assert_false(group.is_split);
    pair_release(&pair);
}

TEST(a_socket_that_belongs_elsewhere_does_not_join)
{
    sn_engine *engines[2] = {engine_make(1), engine_make(1)};
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct group group = {.count = 0};
    struct pending receive;
    char byte;
    assert_ok(sn_socket_set_engine(pair.server, engines[0]));
    assert_ok(sn_socket_set_engine(pair.client, engines[1]));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_join(pair.server, pair.client));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_join(pair.client, pair.server));
    receive_in(&group, pair.server, &receive, &byte); /* both are as they were */
    send_plain(pair.client, "x", 1);
    assert_pending(SN_OK, &receive);
    pair_release(&pair);
    for (int i = 0; i < 2; i++)
        engine_destroy(engines[i]);
}

/* What was started without a callback, and is carried by whoever waits for it, goes along. */
TEST(a_receive_that_was_started_before_the_join_completes)
{
    sn_engine *engine = engine_make(1);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_operation receive = {0};
    char byte;
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &receive);
    assert_ok(sn_socket_set_engine(pair.client, engine));
    assert_ok(sn_socket_join(pair.server, pair.client));
    send_plain(pair.client, "x", 1);
    assert_ok(sn_operation_wait(&receive));
    pair_release(&pair);
    engine_destroy(engine);
}

TEST(what_is_no_socket_or_closed_does_not_join)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending post;
    struct group group = {.count = 0};
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_join(NULL, pair.client));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_join(pair.client, NULL));
    assert_false(sn_socket_post_async(pair.client, NULL));
    sn_socket_close(pair.server);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_join(pair.server, pair.client));
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_join(pair.client, pair.server));
    post_to(&group, pair.server, &post);
    assert_pending(SN_ERROR_OBJECT_DISPOSED, &post);
    post_to(&group, NULL, &post);
    assert_pending(SN_ERROR_ARGUMENT_NULL, &post);
    pair_release(&pair);
}

TEST(a_post_to_a_driven_engine_s_socket_runs_where_that_is_driven)
{
    sn_engine *engine = engine_make(0);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending post;
    struct group group = {.count = 0};
    assert_ok(sn_socket_set_engine(pair.client, engine));
    assert_ok(sn_socket_join(pair.server, pair.client));
    post_to(&group, pair.server, &post);
    assert_int_equal(0, pending_count(&post));
    run_until(engine, &post);
    assert_int_equal(1, group.count);
    assert_true(pthread_equal(group.thread, pthread_self()));
    sn_operation silent = {0};
    assert_true(sn_socket_post_async(pair.server, &silent));
    while (!sn_operation_is_completed(&silent))
        assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
    assert_ok(silent.error);
    pair_release(&pair);
    engine_destroy(engine);
}

TEST(a_cancelled_handle_ends_a_post)
{
    struct socket_pair pair = pair_plain(TCP_IPV4);
    sn_cancellation *cancellation = NULL;
    struct pending post;
    assert_ok(sn_cancellation_create(&cancellation));
    sn_cancellation_cancel(cancellation);
    pending_init(&post);
    post.operation.cancellation = cancellation;
    assert_true(sn_socket_post_async(pair.server, &post.operation));
    assert_pending(SN_ERROR_OPERATION_CANCELED, &post);
    sn_cancellation_release(cancellation);
    pair_release(&pair);
}

/* The engines of the parent are not the child's, and neither is what binds a socket to them. */
static int join_in_child(void *context)
{
    struct socket_pair *pair = context;
    sn_operation post = {0};
    CHILD_EXPECT(sn_socket_join(pair->server, pair->client) == SN_OK);
    CHILD_EXPECT(sn_socket_post_async(pair->server, &post));
    CHILD_EXPECT(sn_operation_wait(&post) == SN_OK);
    return 0;
}

TEST(sockets_join_anew_in_a_forked_child)
{
    sn_engine *engines[2] = {engine_make(1), engine_make(1)};
    struct socket_pair pair = pair_plain(TCP_IPV4);
    assert_ok(sn_socket_set_engine(pair.server, engines[0]));
    assert_ok(sn_socket_set_engine(pair.client, engines[1]));
    assert_int_equal(0, child_run(join_in_child, &pair));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_join(pair.server, pair.client));
    pair_release(&pair);
    for (int i = 0; i < 2; i++)
        engine_destroy(engines[i]);
}

/* --- A relay, whose two directions share what they count -------------------------------------- */

struct relay {
    struct pending ends[2];
    sn_socket *sockets[2]; /* borrowed */
    char data[2][64];
    size_t moved; /* by both, without a lock */
    int ended;
};

static void receive_at(struct relay *relay, int end);

static void relayed(struct pending *pending)
{
    struct relay *relay = pending->context;
    int end = pending == &relay->ends[1];
    const sn_operation *operation = &pending->operation;
    if (operation->error || operation->transferred == 0) {
        relay->ended++;
        return;
    }
    relay->moved += operation->transferred;
    size_t sent;
    if (sn_socket_send(relay->sockets[1 - end], relay->data[end], operation->transferred,
                       SN_FLAG_NONE, &sent) == SN_OK)
        receive_at(relay, end);
}

static void receive_at(struct relay *relay, int end)
{
    sn_socket_receive_async(relay->sockets[end], relay->data[end], sizeof relay->data[end],
                            SN_FLAG_NONE, &relay->ends[end].operation);
}

TEST(the_two_ends_of_a_relay_need_no_lock)
{
    enum { ROUNDS = 200 };
    sn_engine *engine = engine_make(THREADS);
    struct socket_pair left = pair_plain(TCP_IPV4), right = pair_plain(UNIX_STREAM);
    struct relay relay = {.sockets = {left.server, right.server}};
    assert_ok(sn_socket_set_engine(left.server, engine));
    assert_ok(sn_socket_join(right.server, left.server));
    for (int end = 0; end < 2; end++) {
        pending_init(&relay.ends[end]);
        relay.ends[end].then = relayed;
        relay.ends[end].context = &relay;
        receive_at(&relay, end);
    }
    for (int i = 0; i < ROUNDS; i++) {
        char byte;
        send_plain(left.client, "l", 1);
        send_plain(right.client, "r", 1);
        receive_plain(left.client, &byte, 1);
        assert_int_equal('r', byte);
        receive_plain(right.client, &byte, 1);
        assert_int_equal('l', byte);
    }
    assert_ok(sn_socket_shutdown(left.client, SN_SHUTDOWN_SEND));
    assert_ok(sn_socket_shutdown(right.client, SN_SHUTDOWN_SEND));
    engine_destroy(engine); /* its threads have ended, so what they counted can be read */
    assert_int_equal(2 * ROUNDS, relay.moved);
    assert_int_equal(2, relay.ended);
    pair_release(&left);
    pair_release(&right);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_callbacks_of_joined_sockets_run_on_one_thread),
        CASE(a_socket_joins_one_that_was_not_used_yet),
        CASE(a_socket_that_belongs_elsewhere_does_not_join),
        CASE(a_receive_that_was_started_before_the_join_completes),
        CASE(what_is_no_socket_or_closed_does_not_join),
        CASE(a_post_to_a_driven_engine_s_socket_runs_where_that_is_driven),
        CASE(a_cancelled_handle_ends_a_post),
        CASE(sockets_join_anew_in_a_forked_child),
        CASE(the_two_ends_of_a_relay_need_no_lock),
    };
    return RUN(cases);
}
