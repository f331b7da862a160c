#include "support/threads.h"
#include "support/name_server.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"

/* --- Questions -------------------------------------------------------------------------------- */

/* Only the library's own questions come, so a wrong one ends the program. */
static void read_question(struct name_question *question)
{
    size_t at = 12, used = 0;
    while (question->bytes[at] != 0) {
        size_t label = question->bytes[at++];
        assert_true(at + label < question->size);
        if (used > 0)
            question->name[used++] = '.';
        while (label-- > 0)
            question->name[used++] = (char)tolower(question->bytes[at++]);
    }
    question->name[used] = '\0';
    question->name_end = ++at;
    question->id = (unsigned)question->bytes[0] << 8 | question->bytes[1];
    question->type = (unsigned)question->bytes[at] << 8 | question->bytes[at + 1];
}

static void answer(struct name_server *server, struct name_question *question)
{
    question->number = atomic_load(&server->datagrams) + atomic_load(&server->streams);
    read_question(question);
    atomic_fetch_add(question->by_stream ? &server->streams : &server->datagrams, 1);
    server->script(server, question);
}

static void serve_datagram(struct name_server *server)
{
    struct name_question question = {.by_stream = false};
    socklen_t size = sizeof server->peer;
    ssize_t count = recvfrom(server->datagram, question.bytes, sizeof question.bytes, 0,
                             (struct sockaddr *)(void *)server->peer, &size);
    server->peer_size = size;
    server->connection = -1;
    question.size = count > 0 ? (size_t)count : 0;
    if (question.size > 16)
        answer(server, &question);
}

static bool receive_whole(int connection, void *data, size_t size)
{
    return recv(connection, data, size, MSG_WAITALL) == (ssize_t)size;
}

/* One question; the peer closes when it has what it wants, or is told nothing more. */
static void serve_connection(struct name_server *server)
{
    struct name_question question = {.by_stream = true};
    unsigned char prefix[2];
    server->connection = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (server->connection < 0)
        return;
    if (receive_whole(server->connection, prefix, 2)) {
        question.size = (size_t)prefix[0] << 8 | prefix[1];
        if (question.size > 16 && question.size <= sizeof question.bytes &&
            receive_whole(server->connection, question.bytes, question.size))
            answer(server, &question);
    }
    if (server->connection >= 0)
        close(server->connection);
    server->connection = -1;
}

static void *serve(void *context)
{
    struct name_server *server = context;
    struct pollfd polled[] = {{.fd = server->stop, .events = POLLIN},
                              {.fd = server->datagram, .events = POLLIN},
                              {.fd = server->listener, .events = POLLIN}};
    while (poll(polled, 3, -1) > 0 && !polled[0].revents) {
        if (polled[1].revents)
            serve_datagram(server);
        if (polled[2].revents)
            serve_connection(server);
    }
    return NULL;
}

/* --- The server ------------------------------------------------------------------------------- */

static int bound(int type, const sn_endpoint *endpoint)
{
    size_t size;
    const struct sockaddr *address = sn_endpoint_get_sockaddr(endpoint, &size);
    int handle = socket(address->sa_family, type | SOCK_CLOEXEC, 0);
    if (handle < 0 || bind(handle, address, (socklen_t)size) == 0)
        return handle;
    close(handle);
    return -1;
}

/* The port of the connections has to be free for datagrams too. */
static bool try_ports(struct name_server *server, const sn_ip_address *address)
{
    socklen_t size = sizeof server->endpoint.as.sockaddr;
    assert_ok(sn_endpoint_from_ip(address, 0, &server->endpoint));
    server->listener = bound(SOCK_STREAM, &server->endpoint);
    assert_true(server->listener >= 0);
    assert_int_equal(0, listen(server->listener, 8));
    assert_int_equal(0, getsockname(server->listener, (void *)server->endpoint.as.sockaddr, &size));
    server->datagram = bound(SOCK_DGRAM, &server->endpoint);
    if (server->datagram < 0)
        close(server->listener);
    return server->datagram >= 0;
}

/* A script has a reply or two on its stack, and a thread of musl's has 128 KiB. Whatever interrupts
 * the test's own threads (support/signals.c) is not about this one. */
static void start_serving(struct name_server *server)
{
    pthread_attr_t attributes;
    sigset_t all, old;
    assert_int_equal(0, pthread_attr_init(&attributes));
    assert_int_equal(0, pthread_attr_setstacksize(&attributes, (size_t)1 << 20));
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&server->thread, &attributes, serve, server);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    (void)pthread_attr_destroy(&attributes);
    assert_int_equal(0, failed);
}

void name_server_open(struct name_server *server, sn_address_family family, name_script script)
{
    const sn_ip_address *address = family == SN_FAMILY_IPV6 ? &SN_IPV6_LOOPBACK : &SN_IPV4_LOOPBACK;
    memset((void *)server, 0, sizeof *server);
    server->script = script;
    server->connection = -1;
    while (!try_ports(server, address))
        continue;
    server->stop = eventfd(0, EFD_CLOEXEC);
    assert_true(server->stop >= 0);
    start_serving(server);
}

void name_server_close(struct name_server *server)
{
    const unsigned long long one = 1;
    assert_int_equal(sizeof one, write(server->stop, &one, sizeof one));
    pthread_join(server->thread, NULL);
    close(server->stop);
    close(server->datagram);
    close(server->listener);
}

void name_server_await(struct name_server *server, int datagrams)
{
    while (atomic_load(&server->datagrams) < datagrams)
        give_way();
}

/* --- Replies ---------------------------------------------------------------------------------- */

void name_reply_append(struct name_reply *reply, const void *bytes, size_t size)
{
    assert_true(size <= sizeof reply->bytes - reply->size);
    if (size > 0)
        memcpy(reply->bytes + reply->size, bytes, size);
    reply->size += size;
}

void name_reply_set(struct name_reply *reply, size_t at, unsigned value)
{
    reply->bytes[at] = (unsigned char)(value >> 8);
    reply->bytes[at + 1] = (unsigned char)value;
}

static void append_number(struct name_reply *reply, unsigned value)
{
    reply->size += 2;
    assert_true(reply->size <= sizeof reply->bytes);
    name_reply_set(reply, reply->size - 2, value);
}

static void append_name(struct name_reply *reply, const char *name)
{
    while (*name != '\0') {
        unsigned char label = (unsigned char)strcspn(name, ".");
        name_reply_append(reply, &label, 1);
        name_reply_append(reply, name, label);
        name += label;
        name += *name == '.';
    }
    name_reply_append(reply, "", 1);
}

void name_reply_begin(struct name_reply *reply, const struct name_question *question,
                      unsigned flags)
{
    reply->size = 0;
    name_reply_append(reply, question->bytes, question->name_end + 4);
    name_reply_set(reply, 2, flags);
    name_reply_set(reply, 4, 1);
    memset(reply->bytes + 6, 0, 6);
}

void name_reply_add(struct name_reply *reply, enum name_section section, const char *owner,
                    unsigned type, unsigned ttl_s, const void *data, size_t size)
{
    if (owner)
        append_name(reply, owner);
    else
        append_number(reply, 0xC00C);
    append_number(reply, type);
    append_number(reply, 1); /* the class of the Internet */
    append_number(reply, ttl_s >> 16);
    append_number(reply, ttl_s & 0xFFFFu);
    append_number(reply, (unsigned)size);
    name_reply_append(reply, data, size);
    unsigned count = (unsigned)reply->bytes[section] << 8 | reply->bytes[section + 1];
    name_reply_set(reply, section, count + 1);
}

void name_reply_add_name(struct name_reply *reply, enum name_section section, const char *owner,
                         unsigned type, unsigned ttl_s, const void *prefix, size_t prefix_size,
                         const char *name)
{
    name_reply_add(reply, section, owner, type, ttl_s, prefix, prefix_size);
    size_t size_at = reply->size - prefix_size - 2;
    append_name(reply, name);
    name_reply_set(reply, size_at, (unsigned)(reply->size - size_at - 2));
}

void name_reply_add_address(struct name_reply *reply, enum name_section section, const char *owner,
                            unsigned ttl_s, const char *text)
{
    unsigned char bytes[16];
    bool is_ipv6 = strchr(text, ':') != NULL;
    assert_int_equal(1, inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text, bytes));
    name_reply_add(reply, section, owner, is_ipv6 ? SN_DNS_TYPE_AAAA : SN_DNS_TYPE_A, ttl_s, bytes,
                   is_ipv6 ? 16 : 4);
}

void name_reply_add_soa(struct name_reply *reply, const char *zone, unsigned ttl_s,
                        unsigned minimum_s)
{
    /* Two names, the root both, and five numbers. */
    unsigned char data[22] = {0};
    data[20] = (unsigned char)(minimum_s >> 8);
    data[21] = (unsigned char)minimum_s;
    name_reply_add(reply, NAME_AUTHORITY, zone, 6, ttl_s, data, sizeof data);
}

void name_server_send_bytes(struct name_server *server, const void *bytes, size_t size)
{
    /* The peer may be gone. */
    if (server->connection >= 0)
        (void)!send(server->connection, bytes, size, MSG_NOSIGNAL);
    else
        (void)!sendto(server->datagram, bytes, size, MSG_NOSIGNAL,
                      (const struct sockaddr *)(const void *)server->peer, server->peer_size);
}

void name_server_send(struct name_server *server, const struct name_reply *reply)
{
    const unsigned char prefix[] = {(unsigned char)(reply->size >> 8), (unsigned char)reply->size};
    if (server->connection >= 0)
        name_server_send_bytes(server, prefix, sizeof prefix);
    name_server_send_bytes(server, reply->bytes, reply->size);
}
