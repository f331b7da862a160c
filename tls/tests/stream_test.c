/*
 * Bytes: both directions at once, the ends of each, what is cut off or changed on its way, and what
 * may not be called.
 */
#include "duo.h"

#include <stdlib.h>

#include "support/files.h"

enum { BIG = 5 * 1024 * 1024 + 17 };

struct mover {
    struct thread thread;
    sn_tls_stream *stream;
    const uint8_t *expected;
    uint8_t *room;
    size_t size, done;
};

static sn_error move_out(void *context)
{
    struct mover *mover = context;
    return do_write(mover->stream, mover->expected, mover->size, &mover->done);
}

/* In pieces of odd sizes, to the end. */
static sn_error move_in(void *context)
{
    struct mover *mover = context;
    size_t count = 1;
    sn_error error = SN_OK;
    while (!error && count > 0) {
        size_t left = mover->size + 1 - mover->done, piece = mover->done % 70001 + 1;
        error =
            do_read(mover->stream, mover->room + mover->done, left < piece ? left : piece, &count);
        mover->done += error ? 0 : count;
    }
    return error;
}

static struct mover mover_to(sn_tls_stream *stream, const uint8_t *data)
{
    return (struct mover){.stream = stream, .expected = data, .room = malloc(BIG + 1), .size = BIG};
}

static void assert_moved(struct mover *mover)
{
    assert_ok(thread_join(&mover->thread));
    assert_int_equal(BIG, mover->done);
    assert_memory_equal(mover->expected, mover->room, BIG);
    free(mover->room);
}

TEST(both_directions_carry_much_at_the_same_time)
{
    struct duo duo;
    duo_open(&duo);
    uint8_t *there = pattern_new(BIG, 1), *back = pattern_new(BIG, 2);
    struct mover out[] = {{.stream = duo.client, .expected = there, .size = BIG},
                          {.stream = duo.server, .expected = back, .size = BIG}};
    struct mover in[] = {mover_to(duo.server, there), mover_to(duo.client, back)};
    for (int i = 0; i < 2; i++) {
        thread_start(&in[i].thread, move_in, &in[i]);
        thread_start(&out[i].thread, move_out, &out[i]);
    }
    for (int i = 0; i < 2; i++) {
        assert_ok(thread_join(&out[i].thread));
        assert_int_equal(BIG, out[i].done);
        assert_ok(do_shutdown(out[i].stream));
    }
    for (int i = 0; i < 2; i++)
        assert_moved(&in[i]);
    duo_free(&duo);
    free(there);
    free(back);
}

TEST(one_direction_ends_and_the_other_goes_on)
{
    struct duo duo;
    char data[8];
    size_t count = 9;
    duo_open(&duo);
    assert_ok(do_write(duo.client, "question", 8, NULL));
    assert_ok(do_shutdown(duo.client));
    assert_ok(do_shutdown(duo.client)); /* no more than once */
    assert_error(SN_ERROR_SHUTDOWN, do_write(duo.client, "x", 1, NULL));
    assert_ok(do_read_all(duo.server, data, 8));
    assert_memory_equal("question", data, 8);
    for (int i = 0; i < 2; i++) {
        assert_ok(do_read(duo.server, data, sizeof data, &count));
        assert_int_equal(0, count);
    }
    assert_ok(do_write(duo.server, "answer", 6, NULL));
    assert_ok(do_read_all(duo.client, data, 6));
    assert_memory_equal("answer", data, 6);
    assert_ok(do_shutdown(duo.server));
    assert_ok(do_read(duo.client, data, sizeof data, &count));
    assert_int_equal(0, count);
    assert_text("", duo.client);
    duo_free(&duo);
}

TEST(a_connection_that_is_cut_is_no_end)
{
    struct duo duo;
    char data[8];
    size_t count;
    duo_open(&duo);
    assert_ok(do_write(duo.server, "the half", 8, NULL));
    sn_tls_stream_close(duo.server);
    assert_ok(do_read_all(duo.client, data, 8)); /* what has come is given */
    for (int i = 0; i < 2; i++)
        assert_error(SN_ERROR_END_OF_STREAM, do_read(duo.client, data, 8, &count));
    assert_text("the connection has ended without the peer's close_notify", duo.client);
    duo_free(&duo);
}

TEST(bytes_that_were_changed_are_refused)
{
    static const char record[] = "\x17\x03\x03\x00\x20"
                                 "0123456789abcdef0123456789abcdef";
    struct duo duo;
    char data[8];
    size_t count;
    duo_open(&duo);
    assert_ok(sn_socket_send(duo.pair.server, record, sizeof record - 1, SN_FLAG_NONE, NULL));
    assert_error(SN_ERROR_AUTHENTICATION, do_read(duo.client, data, 8, &count));
    assert_text("decryption failed or bad record mac", duo.client);
    assert_error(SN_ERROR_AUTHENTICATION, do_write(duo.client, "x", 1, NULL));
    assert_error(SN_ERROR_AUTHENTICATION, do_shutdown(duo.client));
    /* The other side is told. */
    assert_error(SN_ERROR_AUTHENTICATION, do_read(duo.server, data, 8, &count));
    assert_text("the peer says: bad record mac", duo.server);
    duo_free(&duo);
}

TEST(a_peer_that_speaks_something_else_is_refused)
{
    struct duo duo;
    duo_init(&duo, NULL, NULL);
    send_text(duo.pair.client, "GET / HTTP/1.1\r\n\r\n");
    assert_error(SN_ERROR_AUTHENTICATION, do_server(duo.server, duo.server_context));
    assert_text("http request", duo.server);
    send_text(duo.pair.server, "220 ready\r\n");
    assert_error(SN_ERROR_AUTHENTICATION, do_client(duo.client, duo.client_context, "localhost"));
    assert_text("wrong version number", duo.client);
    duo_free(&duo);
}

TEST(a_peer_that_goes_in_the_handshake_is_no_refusal)
{
    struct duo duo;
    duo_init(&duo, NULL, NULL);
    assert_ok(sn_socket_shutdown(duo.pair.server, SN_SHUTDOWN_SEND));
    assert_error(SN_ERROR_END_OF_STREAM, do_client(duo.client, duo.client_context, "localhost"));
    assert_false(sn_tls_stream_is_authenticated(duo.client));
    assert_error(SN_ERROR_INVALID_OPERATION,
                 do_client(duo.client, duo.client_context, "localhost"));
    duo_free(&duo);
}

TEST(a_read_of_no_bytes_waits_for_some_and_takes_none)
{
    struct duo duo;
    char data[4];
    size_t count = 9;
    duo_open(&duo);
    assert_ok(do_write(duo.server, NULL, 0, &count));
    assert_int_equal(0, count);
    assert_ok(do_write(duo.server, "data", 4, &count));
    assert_int_equal(4, count);
    assert_ok(do_read(duo.client, NULL, 0, &count));
    assert_int_equal(0, count);
    assert_ok(do_read(duo.client, data, (size_t)INT32_MAX + 5, &count)); /* more than an int */
    assert_int_equal(4, count);
    assert_ok(do_shutdown(duo.server));
    assert_ok(do_read(duo.client, NULL, 0, &count));
    assert_int_equal(0, count);
    duo_free(&duo);
}

static sn_error read_one(void *context)
{
    struct mover *mover = context;
    return do_read(mover->stream, mover->room, 1, &mover->done);
}

TEST(a_second_read_at_once_is_refused_and_the_first_goes_on)
{
    struct duo duo;
    uint8_t byte = 0;
    size_t count;
    duo_open(&duo);
    struct mover mover = {.stream = duo.client, .room = &byte};
    thread_start_blocked(&mover.thread, read_one, &mover);
    assert_error(SN_ERROR_INVALID_OPERATION, do_read(duo.client, &count, 1, &count));
    assert_ok(do_write(duo.client, "meanwhile", 9, NULL)); /* the other direction */
    assert_ok(do_write(duo.server, "a", 1, NULL));
    assert_ok(thread_join(&mover.thread));
    assert_int_equal('a', byte);
    duo_free(&duo);
}

TEST(what_is_missing_or_comes_too_early_is_refused)
{
    struct duo duo;
    char data[4];
    size_t count;
    duo_init(&duo, NULL, NULL);
    assert_error(SN_ERROR_INVALID_OPERATION, do_read(duo.client, data, 4, &count));
    assert_error(SN_ERROR_INVALID_OPERATION, do_write(duo.client, data, 4, NULL));
    assert_error(SN_ERROR_INVALID_OPERATION, do_shutdown(duo.client));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_client(duo.client, NULL, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_client(NULL, NULL, "localhost"));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_server(duo.server, NULL));
    assert_error(SN_ERROR_ARGUMENT, do_client(duo.client, duo.server_context, "localhost"));
    assert_error(SN_ERROR_ARGUMENT, do_server(duo.server, duo.client_context));
    assert_error(SN_ERROR_ARGUMENT, do_client(duo.client, NULL, "m\xc3\xbcnchen"));
    assert_error(SN_ERROR_ARGUMENT, do_client(duo.client, NULL, "two words"));
    char name[300];
    memset(name, 'a', sizeof name);
    name[256] = '\0';
    assert_error(SN_ERROR_ARGUMENT, do_client(duo.client, NULL, name));
    duo_meet(&duo); /* none of this has changed anything */
    assert_ok(duo.client_error);
    assert_ok(duo.server_error);
    assert_error(SN_ERROR_INVALID_OPERATION, do_client(duo.client, NULL, "localhost"));
    assert_error(SN_ERROR_INVALID_OPERATION, do_server(duo.client, duo.server_context));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_read(duo.client, NULL, 4, &count));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_write(duo.client, NULL, 4, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_shutdown(NULL));
    sn_tls_stream_close(duo.client);
    sn_tls_stream_close(duo.client);
    assert_error(SN_ERROR_OBJECT_DISPOSED, do_read(duo.client, data, 4, &count));
    assert_error(SN_ERROR_OBJECT_DISPOSED, do_write(duo.client, data, 4, NULL));
    duo_free(&duo);
}

TEST(a_connection_that_is_left_open_speaks_plainly_again)
{
    struct duo duo;
    size_t count;
    char byte;
    duo_init(&duo, NULL, NULL);
    sn_tls_stream_release(duo.client);
    sn_tls_stream_release(duo.server);
    pair_release(&duo.pair);
    duo.pair = pair_connected(TCP_IPV4);
    sn_network_stream *inner;
    assert_ok(sn_network_stream_create(duo.pair.client, SN_FILE_ACCESS_READ_WRITE, true, &inner));
    assert_ok(sn_tls_stream_create(inner, true, &duo.client));
    assert_ok(sn_tls_stream_create_on_socket(duo.pair.server, false, &duo.server));
    duo_meet(&duo);
    assert_ok(duo.client_error);
    assert_ok(do_shutdown(duo.client));
    assert_ok(do_read(duo.server, &byte, 1, &count));
    assert_ok(do_shutdown(duo.server));
    assert_ok(do_read(duo.client, &byte, 1, &count));
    assert_int_equal(0, count);
    sn_tls_stream_close(duo.client);
    sn_tls_stream_close(duo.server);
    send_text(duo.pair.server, "plain");
    assert_receives(duo.pair.client, "plain");
    duo_free(&duo);
    sn_network_stream_release(inner);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(both_directions_carry_much_at_the_same_time),
        CASE(one_direction_ends_and_the_other_goes_on),
        CASE(a_connection_that_is_cut_is_no_end),
        CASE(bytes_that_were_changed_are_refused),
        CASE(a_peer_that_speaks_something_else_is_refused),
        CASE(a_peer_that_goes_in_the_handshake_is_no_refusal),
        CASE(a_read_of_no_bytes_waits_for_some_and_takes_none),
        CASE(a_second_read_at_once_is_refused_and_the_first_goes_on),
        CASE(what_is_missing_or_comes_too_early_is_refused),
        CASE(a_connection_that_is_left_open_speaks_plainly_again),
    };
    return RUN(cases);
}
