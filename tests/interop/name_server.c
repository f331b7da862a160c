/*
 * A name server whose answers do not all fit into a datagram, for others to ask. What is too long
 * is answered with the bit that says so, and in full on a connection.
 *
 * usage: name_server    on a free port of 127.0.0.1, which it prints; it says who asks for what by
 * which way; until SIGTERM or SIGINT
 *
 * It knows the address of small.test, and many texts of large.test.
 */
#include <pthread.h>
#include <sennit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER = 12,
    QUESTION_MAX = 255 + 4,
    ANSWER_MAX = 40000,
    TEXTS = 100,
    TEXT_SIZE = 200,
    DATAGRAM_MAX = 512, /* as for clients that say nothing of longer ones */
    TYPE_A = 1,
    TYPE_TXT = 16,
    IDLE_MS = 10000
};

struct message {
    uint8_t data[ANSWER_MAX];
    size_t size;
};

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* --- Messages --------------------------------------------------------------------------------- */

static void put(struct message *message, const void *data, size_t size)
{
    memcpy(message->data + message->size, data, size);
    message->size += size;
}

static void put_16(struct message *message, unsigned value)
{
    put(message, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

/* The name is the question's, for a minute. */
static void put_record(struct message *message, unsigned type, const void *data, size_t size)
{
    put(message, "\xC0\x0C", 2);
    put_16(message, type);
    put(message, "\0\1\0\0\0\x3C", 6);
    put_16(message, (unsigned)size);
    put(message, data, size);
}

/* Where the question of a message ends; 0: there is none. */
static size_t question_end(const uint8_t *data, size_t size)
{
    size_t at = HEADER;
    while (at < size && data[at] > 0 && data[at] < 64)
        at += data[at] + 1U;
    at += 5;
    return size > HEADER && at <= size && at <= HEADER + QUESTION_MAX && data[at - 5] == 0 ? at : 0;
}

static bool asks_for(const uint8_t *question, size_t size, const char *name, size_t name_size,
                     unsigned type)
{
    if (size != name_size + 4)
        return false;
    for (size_t i = 0; i < name_size; i++)
        if ((question[i] | 0x20) != (name[i] | 0x20)) /* letters of either case */
            return false;
    return question[name_size] == 0 && question[name_size + 1] == type;
}

static unsigned put_answers(struct message *answer, const uint8_t *question, size_t size)
{
    static const char small[] = "\5small\4test", large[] = "\5large\4test";
    char text[TEXT_SIZE + 1];
    if (asks_for(question, size, small, sizeof small, TYPE_A)) {
        put_record(answer, TYPE_A, "\xC0\0\2\7", 4);
        return 1;
    }
    if (!asks_for(question, size, large, sizeof large, TYPE_TXT))
        return 0;
    for (unsigned i = 0; i < TEXTS; i++) {
        text[0] = (char)(TEXT_SIZE & 0xFF);
        memset(text + 1, 'a' + (int)(i % 26), TEXT_SIZE);
        put_record(answer, TYPE_TXT, text, sizeof text);
    }
    return TEXTS;
}

/* False: it was no question. */
static bool answer_to(const uint8_t *data, size_t size, size_t limit, struct message *answer)
{
    size_t end = question_end(data, size);
    if (end == 0 || (data[2] & 0x80) != 0)
        return false;
    answer->size = 0;
    put(answer, data, end);
    unsigned count = put_answers(answer, data + HEADER, end - HEADER);
    bool is_cut = answer->size > limit;
    if (is_cut)
        answer->size = end;
    bool is_unknown = count == 0;
    answer->data[2] = (uint8_t)(0x84 | (data[2] & 0x01) | (is_cut ? 0x02 : 0));
    answer->data[3] = (uint8_t)(0x80 | (is_unknown ? 3 : 0));
    size_t whole = answer->size;
    answer->size = 4;
    put_16(answer, 1);
    put_16(answer, is_cut ? 0 : count);
    put(answer, "\0\0\0", 4);
    answer->size = whole;
    return true;
}

static void tell(const char *way, bool is_cut)
{
    printf("asked by %s, %s\n", way, is_cut ? "cut off" : "answered");
    (void)fflush(stdout);
}

/* --- Both ways -------------------------------------------------------------------------------- */

static sn_error answer_datagrams(void *socket)
{
    static struct message answer; /* one fiber uses it */
    uint8_t data[1500];
    size_t size;
    sn_endpoint client;
    sn_error error;
    while (
        !(error = sn_socket_receive_from(socket, data, sizeof data, SN_FLAG_NONE, &client, &size)))
        if (answer_to(data, size, DATAGRAM_MAX, &answer)) {
            tell("datagram", (answer.data[2] & 0x02) != 0);
            (void)!sn_socket_send_to(socket, answer.data, answer.size, SN_FLAG_NONE, &client, NULL);
        }
    return error;
}

static sn_error converse(sn_socket *socket, struct message *answer)
{
    uint8_t data[2 + 1500];
    for (;;) {
        size_t got;
        sn_error error = sn_socket_receive_exactly(socket, data, 2, &got);
        size_t size = (size_t)data[0] << 8 | data[1];
        if (!error && size > sizeof data - 2)
            error = SN_ERROR_MESSAGE_SIZE;
        if (!error)
            error = sn_socket_receive_exactly(socket, data + 2, size, &got);
        if (error || !answer_to(data + 2, size, ANSWER_MAX, answer))
            return error;
        tell("connection", false);
        uint8_t length[] = {(uint8_t)(answer->size >> 8), (uint8_t)answer->size};
        sn_buffer parts[] = {{length, 2}, {answer->data, answer->size}};
        error = sn_socket_send_buffers(socket, parts, 2, SN_FLAG_NONE, NULL);
        if (error)
            return error;
    }
}

static sn_error serve(void *socket)
{
    struct message *answer = malloc(sizeof *answer);
    sn_error error =
        answer ? sn_socket_set_receive_timeout(socket, IDLE_MS) : SN_ERROR_OUT_OF_MEMORY;
    if (!error)
        error = converse(socket, answer);
    sn_socket_release(socket);
    free(answer);
    return error;
}

static sn_error accept_all(void *listener)
{
    sn_error error = SN_OK;
    sn_socket *connection;
    while (!error || sn_error_is_transient(error)) {
        error = sn_socket_accept(listener, &connection);
        if (!error && sn_fiber_start(NULL, serve, connection, NULL, NULL))
            sn_socket_release(connection);
    }
    return error;
}

/* Both on one port. The system chooses it for the one, and the other may find it taken. */
static void open_both(sn_socket **out_listener, sn_socket **out_datagrams,
                      sn_endpoint *out_endpoint)
{
    sn_error error = SN_ERROR_ADDRESS_ALREADY_IN_USE;
    for (int i = 0; i < 100 && error == SN_ERROR_ADDRESS_ALREADY_IN_USE; i++) {
        check("open", sn_socket_open_listening("tcp://127.0.0.1:0", 64, NULL, NULL, out_listener));
        check("open", sn_socket_get_local_endpoint(*out_listener, out_endpoint));
        check("open",
              sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, out_datagrams));
        error = sn_socket_bind(*out_datagrams, out_endpoint);
        if (error) {
            sn_socket_release(*out_datagrams);
            sn_socket_release(*out_listener);
        }
    }
    check("bind", error);
}

int main(void)
{
    sn_engine *engine;
    sn_socket *listener, *datagrams;
    sn_endpoint endpoint;
    char text[SN_ENDPOINT_TEXT_SIZE];
    sigset_t ends;
    int signal_number;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL); /* before there is a second thread */
    open_both(&listener, &datagrams, &endpoint);
    check("engine", sn_engine_create(&(sn_engine_options){.threads = 1}, &engine));
    check("start", sn_fiber_start(engine, answer_datagrams, datagrams, NULL, NULL));
    check("start", sn_fiber_start(engine, accept_all, listener, NULL, NULL));
    check("text", sn_endpoint_format(&endpoint, text, sizeof text));
    printf("listening on %s\n", text);
    (void)fflush(stdout);
    (void)sigwait(&ends, &signal_number);
    check("end", sn_engine_destroy(engine)); /* ends what its fibers wait in, and waits for them */
    sn_socket_release(datagrams);
    sn_socket_release(listener);
    return EXIT_SUCCESS;
}
