#include "unit/engine/engines.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>

#include "support/transfer_support.h"

static sn_socket *adopt(int handle)
{
    sn_socket *socket = NULL;
    assert_true(handle >= 0);
    assert_ok(sn_socket_from_handle(handle, true, &socket));
    return socket;
}

/* epoll refuses a regular file, which is always ready. */
TEST(a_regular_file_is_read_and_written_without_waiting)
{
    sn_engine *engine = engine_of(state, 0);
    char path[] = "/tmp/sennit-epoll-XXXXXX", data[8] = "";
    sn_socket *file = adopt(mkstemp(path));
    uint32_t count = 0;
    sn_operation operation = {.completed = count_completed, .context = &count};
    unlink(path);
    use_engine(file, engine);
    sn_socket_send_async(file, "text", 4, SN_FLAG_NONE, &operation);
    assert_ok(run_until(engine, &operation));
    assert_int_equal(operation.transferred, 4);
    assert_int_equal(lseek(sn_socket_get_handle(file), 0, SEEK_SET), 0);
    sn_socket_receive_async(file, data, sizeof data, SN_FLAG_NONE, &operation);
    assert_ok(run_until(engine, &operation));
    assert_string_equal(data, "text");
    sn_socket_release(file);
    run_ready(engine);
    destroy_engine(engine);
}

TEST(a_pipe_is_waited_for)
{
    sn_engine *engine = engine_of(state, 0);
    int pipes[2];
    char data[8] = "";
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    sn_socket *reader = adopt(pipes[0]);
    sn_operation operation = {0};
    use_engine(reader, engine);
    sn_socket_receive_async(reader, data, sizeof data, SN_FLAG_NONE, &operation);
    run_ready(engine);
    assert_false(sn_operation_is_completed(&operation));
    assert_int_equal(write(pipes[1], "pip", 3), 3);
    assert_ok(run_until(engine, &operation));
    assert_string_equal(data, "pip");
    sn_socket_receive_async(reader, data, sizeof data, SN_FLAG_NONE, &operation);
    run_ready(engine);
    close(pipes[1]);
    assert_ok(run_until(engine, &operation));
    assert_int_equal(operation.transferred, 0);
    sn_socket_release(reader);
    run_ready(engine);
    destroy_engine(engine);
}

/* While a copy of the number is open, closing it leaves what epoll has registered. */
TEST(a_closed_socket_reports_nothing_while_a_copy_is_open)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char byte;
    sn_operation operation = {0};
    use_engine(pair.server, engine);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &operation);
    run_ready(engine);
    int copy = fcntl(sn_socket_get_handle(pair.server), F_DUPFD_CLOEXEC, 0);
    assert_true(copy >= 0);
    sn_socket_release(pair.server);
    assert_error(SN_ERROR_OPERATION_ABORTED, run_until(engine, &operation));
    run_ready(engine);
    send_text(pair.client, "for nobody");
    run_ready(engine); /* an event of the freed record would be met here */
    close(copy);
    sn_socket_release(pair.client);
    sn_socket_release(pair.listener);
    destroy_engine(engine);
}

/* The next socket gets the same number as the one before. */
TEST(a_number_that_is_used_again_is_registered_again)
{
    sn_engine *engine = engine_of(state, 0);
    for (int i = 0; i < 20; i++) {
        struct socket_pair pair = pair_connected(TCP_IPV4);
        char byte = 0;
        sn_operation operation = {0};
        use_engine(pair.server, engine);
        sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &operation);
        run_ready(engine);
        send_text(pair.client, "x");
        assert_ok(run_until(engine, &operation));
        assert_int_equal(byte, 'x');
        pair_release(&pair);
        run_ready(engine);
    }
    destroy_engine(engine);
}

TEST(many_sockets_that_are_ready_at_once_are_all_served)
{
    enum { MANY = 400 }; /* more than one wait reports; a process often has 1,024 descriptors */
    static sn_socket *pairs[MANY][2];
    static sn_operation operations[MANY];
    static char data[MANY];
    sn_engine *engine = engine_of(state, 0);
    for (int i = 0; i < MANY; i++) {
        assert_ok(sn_socket_pair(SN_TYPE_STREAM, pairs[i]));
        use_engine(pairs[i][0], engine);
        operations[i] = (sn_operation){0};
        sn_socket_receive_async(pairs[i][0], &data[i], 1, SN_FLAG_NONE, &operations[i]);
    }
    run_ready(engine);
    for (int i = 0; i < MANY; i++)
        send_text(pairs[i][1], "x");
    for (int i = 0; i < MANY; i++) {
        assert_ok(run_until(engine, &operations[i]));
        sn_socket_release(pairs[i][0]);
        sn_socket_release(pairs[i][1]);
    }
    run_ready(engine);
    destroy_engine(engine);
}

/* What was finished by another descriptor's reader is waited for again. */
TEST(data_that_somebody_else_has_taken_is_waited_for_again)
{
    sn_engine *engine = engine_of(state, 0);
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char byte, stolen;
    sn_operation operation = {0};
    use_engine(pair.server, engine);
    sn_socket_receive_async(pair.server, &byte, 1, SN_FLAG_NONE, &operation);
    run_ready(engine);
    send_text(pair.client, "x");
    ssize_t taken = recv(sn_socket_get_handle(pair.server), &stolen, 1, MSG_DONTWAIT);
    run_ready(engine);
    assert_int_equal(sn_operation_is_completed(&operation), taken != 1);
    send_text(pair.client, "y");
    assert_ok(run_until(engine, &operation));
    assert_true(taken != 1 || byte == 'y');
    pair_release(&pair);
    run_ready(engine);
    destroy_engine(engine);
}

static bool wakes_its_engine(sn_engine *engine)
{
    sn_handle handle = SN_HANDLE_NONE;
    assert_ok(sn_engine_get_handle(engine, &handle));
    struct pollfd look = {.fd = handle, .events = POLLIN};
    return poll(&look, 1, 0) > 0;
}

static const enum transport quiet[] = {TCP_IPV4,      UDP_IPV4,       UDP_IPV6,
                                       UNIX_DATAGRAM, UNIX_SEQPACKET, UNIX_STREAM};

/* With a receive that waits, as a server has one. */
TEST(what_was_sent_and_is_taken_by_the_peer_wakes_nobody)
{
    for (size_t i = 0; i < array_count(quiet); i++) {
        sn_engine *engine = engine_of(state, 0);
        struct socket_pair pair = pair_connected(quiet[i]);
        sn_operation send = {0}, receive = {0};
        char byte, answer;
        use_engine(pair.client, engine);
        sn_socket_receive_async(pair.client, &answer, 1, SN_FLAG_NONE, &receive);
        sn_socket_send_async(pair.client, "x", 1, SN_FLAG_NONE, &send);
        assert_ok(run_until(engine, &send));
        run_ready(engine);
        assert_false(wakes_its_engine(engine));
        receive_exactly(pair.server, &byte, 1);
        assert_false(wakes_its_engine(engine));
        pair_release(&pair);
        run_ready(engine);
        destroy_engine(engine);
    }
}

/* Its edges are asked for by then, in each of the two ways that lead there. */
TEST(a_send_that_found_no_room_goes_on_when_there_is_some)
{
    static char message[4096];
    for (size_t i = 0; i < array_count(quiet); i++) {
        if (quiet[i] == UDP_IPV4 || quiet[i] == UDP_IPV6)
            continue; /* on loopback what finds no room is lost */
        sn_engine *engine = engine_of(state, 0);
        struct socket_pair pair = pair_connected(quiet[i]);
        sn_operation sends[3] = {{0}};
        use_engine(pair.client, engine);
        for (int round = 0; round < 2; round++) {
            (void)fill_until_full(pair.client);
            for (size_t k = 0; k < array_count(sends); k++)
                sn_socket_send_async(pair.client, message, sizeof message, SN_FLAG_NONE, &sends[k]);
            run_ready(engine);
            assert_false(sn_operation_is_completed(&sends[0]));
            while (!sn_operation_is_completed(&sends[2])) {
                char taken[sizeof message];
                size_t size;
                set_blocking(pair.server, false);
                while (!sn_socket_receive(pair.server, taken, sizeof taken, SN_FLAG_NONE, &size))
                    continue;
                assert_ok(sn_engine_run(engine, SN_FOREVER, NULL));
            }
            for (size_t k = 0; k < array_count(sends); k++)
                assert_ok(sends[k].error);
        }
        pair_release(&pair);
        run_ready(engine);
        destroy_engine(engine);
    }
}

struct senders {
    sn_socket *socket;
    sn_operation post, single, several, receive;
    sn_buffer buffer;
    char byte;
    uint32_t completed;
};

static void start_sends(sn_operation *post)
{
    struct senders *senders = post->context;
    senders->buffer = (sn_buffer){&senders->byte, 1};
    senders->single.completed = senders->several.completed = count_completed;
    senders->single.context = senders->several.context = &senders->completed;
    sn_socket_send_async(senders->socket, &senders->byte, 1, SN_FLAG_NONE, &senders->single);
    sn_socket_send_buffers_async(senders->socket, &senders->buffer, 1, SN_FLAG_NONE,
                                 &senders->several);
}

/* Sends of messages ask for nothing as long as there is room. */
TEST(a_socket_that_only_sends_messages_is_not_registered)
{
    static const enum transport messages[] = {UDP_IPV4, UNIX_DATAGRAM, UNIX_SEQPACKET};
    for (size_t i = 0; i < array_count(messages); i++) {
        sn_engine *engine = engine_of(state, 0);
        struct socket_pair pair = pair_connected(messages[i]);
        struct senders senders = {.socket = pair.client};
        char data[4];
        size_t size;
        use_engine(pair.client, engine);
        senders.post = (sn_operation){.completed = start_sends, .context = &senders};
        sn_engine_post_async(engine, &senders.post);
        run_ready(engine);
        assert_int_equal(senders.completed, 2);
        assert_ok(senders.single.error);
        assert_ok(senders.several.error);
        assert_int_equal(pair.client->descriptor.watched, -1);
        for (int k = 0; k < 2; k++)
            assert_ok(sn_socket_receive(pair.server, data, sizeof data, SN_FLAG_NONE, &size));
        senders.receive =
            (sn_operation){.completed = count_completed, .context = &senders.completed};
        sn_socket_receive_async(pair.client, data, sizeof data, SN_FLAG_NONE, &senders.receive);
        run_ready(engine);
        assert_int_equal(pair.client->descriptor.watched, pair.client->descriptor.handle);
        send_text(pair.server, "x");
        assert_ok(run_until(engine, &senders.receive));
        pair_release(&pair);
        run_ready(engine);
        destroy_engine(engine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_regular_file_is_read_and_written_without_waiting),
        ON_BOTH(a_pipe_is_waited_for),
        ON_BOTH(a_closed_socket_reports_nothing_while_a_copy_is_open),
        ON_BOTH(a_number_that_is_used_again_is_registered_again),
        ON_BOTH(many_sockets_that_are_ready_at_once_are_all_served),
        ON_BOTH(data_that_somebody_else_has_taken_is_waited_for_again),
        ON_BOTH(what_was_sent_and_is_taken_by_the_peer_wakes_nobody),
        ON_BOTH(a_send_that_found_no_room_goes_on_when_there_is_some),
        ON_EPOLL(a_socket_that_only_sends_messages_is_not_registered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
