#include "support/threads.h"
#include "support/sockets.h"

#include <dirent.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"
#include "support/verbs.h"

static const struct {
    const char *name;
    sn_address_family family;
    sn_socket_type type;
    sn_protocol_type protocol;
} transports[] = {
#define X(id, family, type, protocol)                                                              \
    {#id, SN_FAMILY_##family, SN_TYPE_##type, SN_PROTOCOL_##protocol},
    TRANSPORT_TABLE(X)
#undef X
};

const char *transport_name(enum transport transport)
{
    return transports[transport].name;
}

sn_address_family transport_family(enum transport transport)
{
    return transports[transport].family;
}

sn_socket_type transport_type(enum transport transport)
{
    return transports[transport].type;
}

sn_protocol_type transport_protocol(enum transport transport)
{
    return transports[transport].protocol;
}

bool transport_is_stream(enum transport transport)
{
    return transport_type(transport) == SN_TYPE_STREAM;
}

bool transport_is_tcp(enum transport transport)
{
    return transport_protocol(transport) == SN_PROTOCOL_TCP;
}

bool transport_is_ip(enum transport transport)
{
    return transport_family(transport) != SN_FAMILY_UNIX;
}

bool transport_listens(enum transport transport)
{
    return transport_is_stream(transport) || transport_type(transport) == SN_TYPE_SEQPACKET;
}

const char *transport_missing(enum transport transport)
{
    if (transport_family(transport) == SN_FAMILY_IPV6 && !has_ipv6())
        return "this machine has no IPv6";
    if (transport_type(transport) == SN_TYPE_RAW && !is_privileged())
        return "raw sockets need a privilege";
    return NULL;
}

/* Asked with the system's own calls, so that a fault of the library is not taken for a lack of
 * IPv6. */
static bool can_bind_ipv6(void)
{
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int handle = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool can =
        handle >= 0 && bind(handle, (const struct sockaddr *)&loopback, sizeof loopback) == 0;
    if (handle >= 0)
        close(handle);
    return can;
}

bool has_ipv6(void)
{
    static int known = -1;
    if (known < 0)
        known = can_bind_ipv6();
    return known != 0;
}

bool is_privileged(void)
{
    int handle = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1);
    if (handle >= 0)
        close(handle);
    return handle >= 0;
}

/* --- Addresses ------------------------------------------------------------------------------- */

sn_endpoint endpoint_of(const sn_ip_address *address, int port)
{
    sn_endpoint endpoint = {0};
    assert_ok(sn_endpoint_from_ip(address, port, &endpoint));
    return endpoint;
}

sn_endpoint endpoint_of_text(const char *text)
{
    sn_endpoint endpoint = {0};
    assert_ok(sn_endpoint_parse(text, &endpoint));
    return endpoint;
}

sn_endpoint endpoint_of_path(const char *path)
{
    sn_endpoint endpoint = {0};
    assert_ok(sn_endpoint_from_unix(path, &endpoint));
    return endpoint;
}

sn_endpoint endpoint_free(enum transport transport)
{
    switch (transport_family(transport)) {
    case SN_FAMILY_IPV6: return endpoint_of(&SN_IPV6_LOOPBACK, 0);
    case SN_FAMILY_UNIX: {
        struct unix_path path = unix_path_new();
        return endpoint_of_path(path.text);
    }
    default: break;
    }
    /* A raw socket hears all that comes to its address: one that other tests do not use. */
    return transport == RAW_ICMP ? endpoint_of_text("127.0.0.77:0")
                                 : endpoint_of(&SN_IPV4_LOOPBACK, 0);
}

sn_endpoint endpoint_wildcard(enum transport transport)
{
    bool is_ipv6 = transport_family(transport) == SN_FAMILY_IPV6;
    return endpoint_of(is_ipv6 ? &SN_IPV6_ANY : &SN_IPV4_ANY, 0);
}

sn_endpoint local_endpoint(sn_socket *socket)
{
    sn_endpoint endpoint = {0};
    assert_ok(sn_socket_get_local_endpoint(socket, &endpoint));
    return endpoint;
}

sn_endpoint remote_endpoint(sn_socket *socket)
{
    sn_endpoint endpoint = {0};
    assert_ok(sn_socket_get_remote_endpoint(socket, &endpoint));
    return endpoint;
}

static void describe(const sn_endpoint *endpoint, char *text, size_t size)
{
    if (sn_endpoint_get_kind(endpoint) == SN_ENDPOINT_NONE)
        snprintf(text, size, "(none)");
    else
        assert_ok(sn_endpoint_format(endpoint, text, size));
}

void assert_same_endpoint(const sn_endpoint *expected, const sn_endpoint *actual)
{
    char expected_text[SN_ENDPOINT_TEXT_SIZE], actual_text[SN_ENDPOINT_TEXT_SIZE];
    describe(expected, expected_text, sizeof expected_text);
    describe(actual, actual_text, sizeof actual_text);
    assert_string_equal(expected_text, actual_text);
    assert_true(sn_endpoint_equals(expected, actual));
}

void assert_no_endpoint(const sn_endpoint *actual)
{
    static const sn_endpoint none;
    assert_same_endpoint(&none, actual);
}

static char folder[64];

static void folder_make(void)
{
    const char *parent = getenv("TMPDIR");
    /* The whole path must fit into a Unix address. */
    if (!parent || strlen(parent) > 32)
        parent = "/tmp";
    snprintf(folder, sizeof folder, "%s/sennit-XXXXXX", parent);
    assert_non_null(mkdtemp(folder));
}

struct unix_path unix_path_new(void)
{
    static unsigned given;
    struct unix_path path;
    if (!folder[0])
        folder_make();
    snprintf(path.text, sizeof path.text, "%s/%u", folder, given++);
    return path;
}

void unix_paths_remove(void)
{
    DIR *directory = folder[0] ? opendir(folder) : NULL;
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    (void)rmdir(folder);
    folder[0] = '\0';
}

/* --- Sockets --------------------------------------------------------------------------------- */

sn_socket *socket_make(enum transport transport)
{
    sn_socket *made = NULL;
    assert_ok(sn_socket_create(transport_family(transport), transport_type(transport),
                               transport_protocol(transport), &made));
    return made;
}

sn_socket *socket_bound(enum transport transport)
{
    sn_socket *bound = socket_make(transport);
    sn_endpoint local = endpoint_free(transport);
    assert_ok(sn_socket_bind(bound, &local));
    return bound;
}

sn_socket *socket_listening(enum transport transport, int backlog)
{
    sn_socket *listener = socket_bound(transport);
    assert_ok(sn_socket_listen(listener, backlog));
    return listener;
}

sn_socket *socket_refusing(enum transport transport)
{
    return socket_bound(transport);
}

static void connect_to(sn_socket *socket, sn_socket *to)
{
    sn_endpoint address = local_endpoint(to);
    assert_ok(do_connect(socket, &address));
}

struct socket_pair pair_connected(enum transport transport)
{
    struct socket_pair pair = {0};
    if (transport_listens(transport)) {
        pair.listener = socket_listening(transport, 16);
        pair.client = socket_make(transport);
        connect_to(pair.client, pair.listener);
        assert_ok(do_accept(pair.listener, &pair.server));
        return pair;
    }
    pair.client = socket_bound(transport);
    pair.server = socket_bound(transport);
    connect_to(pair.client, pair.server);
    connect_to(pair.server, pair.client);
    return pair;
}

void pair_release(struct socket_pair *pair)
{
    sn_socket_release(pair->client);
    sn_socket_release(pair->server);
    sn_socket_release(pair->listener);
    *pair = (struct socket_pair){0};
}

/* Unix: the connect that finds the queue full says so. TCP: it stays on its way. */
static bool is_queued(sn_socket *socket, const sn_endpoint *address)
{
    set_blocking(socket, false);
    sn_error error = sn_socket_connect(socket, address);
    if (!error)
        return true;
    assert_error(SN_ERROR_WOULD_BLOCK, error);
    bool is_ready = false;
    assert_ok(sn_socket_poll(socket, 0, SN_SELECT_WRITE, &is_ready));
    return is_ready && sn_endpoint_get_family(address) != SN_FAMILY_UNIX;
}

static void fill(struct full_listener *full, enum transport transport)
{
    full->address = local_endpoint(full->listener);
    for (size_t i = 0; i < sizeof full->queued / sizeof full->queued[0]; i++) {
        full->queued[i] = socket_make(transport);
        if (!is_queued(full->queued[i], &full->address))
            return;
    }
    fail_msg("the queue of a listener with backlog 0 does not get full");
}

struct full_listener full_listener_make(enum transport transport)
{
    struct full_listener full = {.listener = socket_listening(transport, 0)};
    fill(&full, transport);
    return full;
}

bool full_listener_try_at(const sn_endpoint *local, struct full_listener *out_full)
{
    enum transport transport =
        sn_endpoint_get_family(local) == SN_FAMILY_IPV6 ? TCP_IPV6 : TCP_IPV4;
    struct full_listener full = {.listener = socket_make(transport)};
    bool is_free = sn_socket_bind(full.listener, local) == SN_OK;
    if (is_free) {
        assert_ok(sn_socket_listen(full.listener, 0));
        fill(&full, transport);
    }
    *out_full = full;
    return is_free;
}

void full_listener_release(struct full_listener *full)
{
    for (size_t i = 0; i < sizeof full->queued / sizeof full->queued[0]; i++)
        sn_socket_release(full->queued[i]);
    sn_socket_release(full->listener);
    *full = (struct full_listener){0};
}

/* --- Steps ----------------------------------------------------------------------------------- */

void set_blocking(sn_socket *socket, bool blocking)
{
    assert_ok(sn_socket_set_blocking(socket, blocking));
}

static void wait_ready(sn_socket *socket, sn_select_mode mode)
{
    bool is_ready = false;
    engines_settle(); /* what it waits for may be a close that an engine finishes */
    assert_ok(sn_socket_poll(socket, -1, mode, &is_ready));
    assert_true(is_ready);
}

void wait_readable(sn_socket *socket)
{
    wait_ready(socket, SN_SELECT_READ);
}

void wait_writable(sn_socket *socket)
{
    wait_ready(socket, SN_SELECT_WRITE);
}

size_t fill_until_full(sn_socket *socket)
{
    static const char data[65536];
    size_t chunk = sn_socket_get_socket_type(socket) == SN_TYPE_STREAM ? sizeof data : 1;
    size_t total = 0, sent = 0;
    set_blocking(socket, false);
    sn_error error;
    while (chunk > 0) {
        while (!(error = sn_socket_send(socket, data, chunk, SN_FLAG_NONE, &sent)))
            total += sent;
        assert_error(SN_ERROR_WOULD_BLOCK, error);
        chunk /= 2; /* the last bytes fit one by one */
    }
    set_blocking(socket, true);
    return total;
}

/* Whether something of a TCP stream has been sent and not acknowledged yet: when it is, there is
 * room again. */
static bool is_in_flight(sn_socket *socket)
{
    int unacknowledged = 0, unsent = 0;
    int handle = (int)sn_socket_get_handle(socket);
    return sn_socket_get_protocol_type(socket) == SN_PROTOCOL_TCP &&
           ioctl(handle, SIOCOUTQ, &unacknowledged) == 0 &&
           ioctl(handle, SIOCOUTQNSD, &unsent) == 0 && unacknowledged > unsent;
}

/* The kernel lets a send buffer grow when something is acknowledged, be it a probe of the closed
 * window seconds later. It leaves a size alone that was set. */
static void keep_send_buffer(sn_socket *socket)
{
    int size = 0;
    socklen_t option_size = sizeof size;
    int handle = (int)sn_socket_get_handle(socket);
    assert_int_equal(0, getsockopt(handle, SOL_SOCKET, SO_SNDBUF, &size, &option_size));
    size /= 2; /* what is set is doubled */
    assert_int_equal(0, setsockopt(handle, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
}

size_t fill_for_good(sn_socket *socket)
{
    size_t total = 0, more;
    keep_send_buffer(socket);
    do {
        while (is_in_flight(socket))
            give_way();
        more = fill_until_full(socket);
        total += more;
    } while (more > 0 || is_in_flight(socket));
    return total;
}

void send_text(sn_socket *socket, const char *text)
{
    size_t sent = 0;
    assert_ok(do_send(socket, text, strlen(text), SN_FLAG_NONE, &sent));
    assert_int_equal(sent, strlen(text));
}

void assert_receives(sn_socket *socket, const char *text)
{
    char data[256] = {0};
    size_t total = 0, received = 0;
    assert_true(strlen(text) < sizeof data);
    while (total < strlen(text)) {
        assert_ok(do_receive(socket, data + total, strlen(text) - total, SN_FLAG_NONE, &received));
        assert_int_not_equal(received, 0);
        total += received;
    }
    assert_string_equal(text, data);
}

void assert_receives_end(sn_socket *socket)
{
    char byte;
    size_t received = 1;
    assert_ok(do_receive(socket, &byte, 1, SN_FLAG_NONE, &received));
    assert_int_equal(received, 0);
}

void assert_receive_fails(sn_socket *socket, sn_error expected)
{
    char byte;
    size_t received = 0;
    assert_error(expected, do_receive(socket, &byte, 1, SN_FLAG_NONE, &received));
}
