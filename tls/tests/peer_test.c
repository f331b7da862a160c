/*
 * A peer that is OpenSSL itself, and does what two streams of ours never do: new keys, tickets in
 * pieces, another handshake in the same connection, questions without end.
 */
#include "duo.h"

#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

/* OpenSSL is the server; it reads and writes memory, which the test carries. */
struct peer {
    struct duo duo;
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
};

static void receive_some(struct peer *peer)
{
    char data[20000];
    size_t count;
    assert_ok(sn_socket_receive(peer->duo.pair.server, data, sizeof data, SN_FLAG_NONE, &count));
    assert_int_equal((int)count, BIO_write(peer->in, data, (int)count));
}

/* So many bytes of what the peer has to say; all of it if it is less. */
static void send_some(struct peer *peer, size_t most)
{
    char data[20000];
    int count;
    while (most > 0 && (count = BIO_read(peer->out, data,
                                         (int)(most < sizeof data ? most : sizeof data))) > 0) {
        assert_ok(sn_socket_send(peer->duo.pair.server, data, (size_t)count, SN_FLAG_NONE, NULL));
        most -= (size_t)count;
    }
}

static sn_error meet(void *context)
{
    struct peer *peer = context;
    return do_client(peer->duo.client, peer->duo.client_context, "localhost");
}

static void peer_open(struct peer *peer, int version)
{
    duo_init(&peer->duo, NULL, NULL);
    peer->context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(peer->context, the_server()->certificate);
    SSL_CTX_use_PrivateKey(peer->context, the_server()->key);
    SSL_CTX_set_max_proto_version(peer->context, version);
    SSL_CTX_set_num_tickets(peer->context, 0);
    peer->ssl = SSL_new(peer->context);
    peer->in = BIO_new(BIO_s_mem());
    peer->out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(peer->in, -1);
    SSL_set_bio(peer->ssl, peer->in, peer->out);
    SSL_set_accept_state(peer->ssl);
    struct thread thread;
    thread_start(&thread, meet, peer);
    while (SSL_do_handshake(peer->ssl) != 1) {
        send_some(peer, SIZE_MAX);
        receive_some(peer);
    }
    send_some(peer, SIZE_MAX);
    assert_ok(thread_join(&thread));
}

static void peer_close(struct peer *peer)
{
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
    duo_free(&peer->duo);
}

static void say(struct peer *peer, const char *text)
{
    assert_int_equal((int)strlen(text), SSL_write(peer->ssl, text, (int)strlen(text)));
    send_some(peer, SIZE_MAX);
}

static void assert_hears(struct peer *peer, const char *text)
{
    char data[100];
    int done = 0, size = (int)strlen(text);
    while (done < size) {
        int count = SSL_read(peer->ssl, data + done, size - done);
        if (count > 0)
            done += count;
        else
            receive_some(peer);
    }
    assert_memory_equal(text, data, (size_t)size);
}

static void assert_reads(struct peer *peer, const char *text)
{
    char data[100];
    assert_ok(do_read_all(peer->duo.client, data, strlen(text)));
    assert_memory_equal(text, data, strlen(text));
}

TEST(new_keys_of_both_sides_are_taken_over)
{
    struct peer peer;
    peer_open(&peer, TLS1_3_VERSION);
    for (int i = 0; i < 20; i++) {
        assert_true(SSL_key_update(peer.ssl, i % 2 ? SSL_KEY_UPDATE_REQUESTED
                                                   : SSL_KEY_UPDATE_NOT_REQUESTED));
        say(&peer, "with new keys");
        assert_reads(&peer, "with new keys");
        assert_ok(do_write(peer.duo.client, "an answer", 9, NULL));
        assert_hears(&peer, "an answer");
    }
    peer_close(&peer);
}

TEST(tickets_are_no_data)
{
    struct peer peer;
    peer_open(&peer, TLS1_3_VERSION);
    for (int i = 0; i < 3; i++) {
        assert_true(SSL_new_session_ticket(peer.ssl));
        say(&peer, "data");
        assert_reads(&peer, "data");
    }
    peer_close(&peer);
}

struct talk {
    struct thread thread;
    struct peer *peer;
    char byte;
    size_t count;
};

static sn_error write_one(void *context)
{
    struct talk *talk = context;
    return do_write(talk->peer->duo.client, "w", 1, NULL);
}

static sn_error read_one(void *context)
{
    struct talk *talk = context;
    return do_read(talk->peer->duo.client, &talk->byte, 1, &talk->count);
}

/* A ticket in records of 512 bytes, of which only the first has come: OpenSSL wants the rest before
 * it takes a byte to write. */
static void begin_ticket(struct peer *peer, size_t *out_left)
{
    static unsigned char large[700];
    peer_open(peer, TLS1_3_VERSION);
    assert_true(SSL_set_max_send_fragment(peer->ssl, 512));
    /* The ticket holds the session, and the session what the program puts into it. */
    assert_true(SSL_SESSION_set1_ticket_appdata(SSL_get_session(peer->ssl), large, sizeof large));
    assert_true(SSL_new_session_ticket(peer->ssl));
    assert_int_equal(1, SSL_do_handshake(peer->ssl));
    *out_left = BIO_ctrl_pending(peer->out);
    assert_true(*out_left > 600);
}

TEST(a_write_receives_the_rest_of_a_ticket)
{
    struct peer peer;
    size_t left;
    begin_ticket(&peer, &left);
    struct talk writer = {.peer = &peer}, reader = {.peer = &peer};
    send_some(&peer, 540);
    /* A read has taken the first part, and was cancelled. */
    thread_start_blocked(&reader.thread, read_one, &reader);
    wait_taken(&peer.duo);
    assert_error(SN_ERROR_OPERATION_CANCELED, cancel_client(&peer.duo, &reader.thread));
    thread_start_blocked(&writer.thread, write_one, &writer);
    thread_start_blocked(&reader.thread, read_one, &reader); /* waits for what the write receives */
    send_some(&peer, SIZE_MAX);
    assert_ok(thread_join(&writer.thread));
    assert_hears(&peer, "w");
    say(&peer, "r");
    assert_ok(thread_join(&reader.thread));
    assert_int_equal('r', reader.byte);
    peer_close(&peer);
}

TEST(a_write_waits_for_the_read_that_receives_a_ticket)
{
    struct peer peer;
    size_t left;
    begin_ticket(&peer, &left);
    struct talk writer = {.peer = &peer}, reader = {.peer = &peer};
    send_some(&peer, 540);
    thread_start_blocked(&reader.thread, read_one, &reader);
    wait_taken(&peer.duo);
    thread_start_blocked(&writer.thread, write_one, &writer);
    send_some(&peer, SIZE_MAX);
    assert_ok(thread_join(&writer.thread));
    assert_hears(&peer, "w");
    say(&peer, "r");
    assert_ok(thread_join(&reader.thread));
    assert_int_equal('r', reader.byte);
    peer_close(&peer);
}

TEST(a_write_that_waits_so_ends_at_its_limit_and_at_a_close)
{
    for (int i = 0; i < 2; i++) {
        struct peer peer;
        size_t left;
        begin_ticket(&peer, &left);
        struct talk writer = {.peer = &peer}, reader = {.peer = &peer};
        send_some(&peer, 540);
        thread_start_blocked(&reader.thread, read_one, &reader);
        wait_taken(&peer.duo);
        if (i == 0) {
            limit_calls(peer.duo.client, 30);
            assert_error(SN_ERROR_TIMED_OUT, write_one(&writer));
            limit_calls(peer.duo.client, SN_FOREVER);
            sn_tls_stream_close(peer.duo.client);
        } else {
            thread_start_blocked(&writer.thread, write_one, &writer);
            sn_tls_stream_close(peer.duo.client);
            assert_int_not_equal(SN_OK, thread_join(&writer.thread));
        }
        assert_int_not_equal(SN_OK, thread_join(&reader.thread));
        peer_close(&peer);
    }
}

TEST(another_handshake_in_the_same_connection_is_declined)
{
    struct peer peer;
    peer_open(&peer, TLS1_2_VERSION);
    assert_int_equal(1, SSL_renegotiate(peer.ssl));
    (void)SSL_do_handshake(peer.ssl); /* asks for it */
    send_some(&peer, SIZE_MAX);
    struct talk reader = {.peer = &peer};
    thread_start_blocked(&reader.thread, read_one, &reader);
    receive_some(&peer);
    char byte;
    assert_true(SSL_read(peer.ssl, &byte, 1) <= 0); /* a warning: no renegotiation */
    sn_tls_stream_close(peer.duo.client);
    assert_int_not_equal(SN_OK, thread_join(&reader.thread));
    peer_close(&peer);
}

TEST(a_peer_that_asks_without_end_and_takes_no_answer_is_left)
{
    struct peer peer;
    struct talk reader = {.peer = &peer};
    peer_open(&peer, TLS1_2_VERSION);
    fill_for_good(peer.duo.pair.client); /* nothing more goes out */
    thread_start(&reader.thread, read_one, &reader);
    sn_error error = SN_OK;
    for (int i = 0; i < 20000 && !error && !thread_is_done(&reader.thread); i++) {
        char data[100];
        assert_int_equal(1, SSL_renegotiate(peer.ssl));
        assert_int_equal(1, SSL_do_handshake(peer.ssl));
        int count = BIO_read(peer.out, data, sizeof data);
        error = sn_socket_send(peer.duo.pair.server, data, (size_t)count, SN_FLAG_NONE, NULL);
    }
    assert_error(SN_ERROR_LIMIT_EXCEEDED, thread_join(&reader.thread));
    assert_text("the peer asks for answers and takes none", peer.duo.client);
    peer_close(&peer);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(new_keys_of_both_sides_are_taken_over),
        CASE(tickets_are_no_data),
        CASE(a_write_receives_the_rest_of_a_ticket),
        CASE(a_write_waits_for_the_read_that_receives_a_ticket),
        CASE(a_write_that_waits_so_ends_at_its_limit_and_at_a_close),
        CASE(another_handshake_in_the_same_connection_is_declined),
        CASE(a_peer_that_asks_without_end_and_takes_no_answer_is_left),
    };
    return RUN(cases);
}
