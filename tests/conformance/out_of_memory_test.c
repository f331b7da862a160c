/*
 * No memory: each call that allocates, with each of its allocations failing in turn, gives
 * OutOfMemory, changes nothing and loses nothing (<sennit/error.h>).
 */
#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/hosts.h"
#include "support/transfer_support.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A call that allocates, with what it needs around it. */
struct memory_case {
    const char *name;
    void (*prepare)(void);
    sn_error (*call)(void);
    void (*check)(sn_error error); /* what must hold afterwards */
};

static struct {
    sn_socket *socket, *result, *pair[2];
    sn_endpoint address;
    struct socket_pair connected;
    int handle;
} room;

static void no_preparation(void)
{
}

static void no_result(sn_error error)
{
    row_equal(error != SN_OK, room.result == NULL);
}

static void release_all(void)
{
    sn_socket_release(room.socket);
    sn_socket_release(room.result);
    sn_socket_release(room.pair[0]);
    sn_socket_release(room.pair[1]);
    pair_release(&room.connected);
    if (room.handle > 0)
        (void)close(room.handle);
    memset(&room, 0, sizeof room);
}

static sn_error call_create(void)
{
    return sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &room.result);
}

static sn_error call_create_dual_mode(void)
{
    return sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &room.result);
}

static void prepare_handle(void)
{
    room.handle = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(room.handle >= 0);
}

static sn_error call_from_handle(void)
{
    return sn_socket_from_handle(room.handle, true, &room.result);
}

static void check_handle(sn_error error)
{
    no_result(error);
    row_equal(true, descriptor_is_open(room.handle));
    row_equal(error == SN_OK, descriptor_is_nonblocking(room.handle));
    row_equal(error == SN_OK, descriptor_is_close_on_exec(room.handle));
    if (!error)
        room.handle = 0; /* the socket's now */
}

static sn_error call_pair(void)
{
    return sn_socket_pair(SN_TYPE_STREAM, room.pair);
}

static void check_pair(sn_error error)
{
    row_equal(error != SN_OK, room.pair[0] == NULL);
    row_equal(error != SN_OK, room.pair[1] == NULL);
}

static void prepare_bind_unix(void)
{
    room.socket = socket_make(UNIX_STREAM);
    room.address = endpoint_free(UNIX_STREAM);
}

static sn_error call_bind(void)
{
    return sn_socket_bind(room.socket, &room.address);
}

static void check_bind_unix(sn_error error)
{
    size_t size = 0;
    const char *path = sn_endpoint_get_unix_path(&room.address, &size);
    row_equal(error == SN_OK, sn_socket_is_bound(room.socket));
    row_equal(error == SN_OK, access(path, F_OK) == 0);
}

static void prepare_accept(void)
{
    room.connected.listener = socket_listening(TCP_IPV4, 4);
    room.connected.client = socket_make(TCP_IPV4);
    sn_endpoint there = local_endpoint(room.connected.listener);
    assert_ok(do_connect(room.connected.client, &there));
}

static sn_error call_accept(void)
{
    return do_accept(room.connected.listener, &room.result);
}

/* The connection waits on. */
static void check_accept(sn_error error)
{
    no_result(error);
    if (!error)
        return;
    row_error(SN_OK, do_accept(room.connected.listener, &room.result));
    row_error(SN_OK, do_send(room.connected.client, "x", 1, SN_FLAG_NONE, NULL));
    assert_receives(room.result, "x");
}

static void prepare_connect(void)
{
    room.connected.listener = socket_listening(TCP_IPV4, 4);
    room.address = local_endpoint(room.connected.listener);
    room.socket = socket_make(TCP_IPV4);
}

static sn_error call_connect(void)
{
    return do_connect(room.socket, &room.address);
}

static sn_error call_connect_addresses(void)
{
    return do_connect_addresses(room.socket, given.loopback, 2,
                                sn_endpoint_get_port(&room.address));
}

static sn_error call_connect_literal(void)
{
    return do_connect_host(room.socket, "127.0.0.1", sn_endpoint_get_port(&room.address));
}

static sn_error call_connect_name(void)
{
    return do_connect_host(room.socket, "localhost", sn_endpoint_get_port(&room.address));
}

static void check_connect(sn_error error)
{
    row_equal(error == SN_OK, sn_socket_is_connected(room.socket));
    if (error) /* it can be tried again */
        row_error(SN_OK, do_connect(room.socket, &room.address));
}

static void prepare_reconnect(void)
{
    prepare_connect();
    sn_endpoint nobody = deserted_endpoint(SN_FAMILY_IPV4);
    assert_error(SN_ERROR_CONNECTION_REFUSED, do_connect(room.socket, &nobody));
}

static void prepare_select(void)
{
    room.connected = pair_connected(TCP_IPV4);
}

static sn_error call_select(void)
{
    enum { COUNT = 3000 };
    static sn_socket *sockets[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        sockets[i] = room.connected.client;
    sn_socket_list list = {sockets, COUNT};
    sn_error error = sn_socket_select(NULL, &list, NULL, -1);
    row_equal(COUNT, list.count);
    return error;
}

/* More entries than descriptors are allowed: those of one socket are asked as one. */
static sn_error call_select_under_a_limit(void)
{
    struct rlimit before, few;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    few = before;
    few.rlim_cur = 200;
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    sn_error error = call_select();
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    return error;
}

static void nothing_to_check(sn_error error)
{
    (void)error;
}

static const struct memory_case memory_cases[] = {
    {"create", no_preparation, call_create, no_result},
    {"create_dual_mode", no_preparation, call_create_dual_mode, no_result},
    {"from_handle", prepare_handle, call_from_handle, check_handle},
    {"pair", no_preparation, call_pair, check_pair},
    {"bind to a Unix path", prepare_bind_unix, call_bind, check_bind_unix},
    {"accept", prepare_accept, call_accept, check_accept},
    {"connect", prepare_connect, call_connect, check_connect},
    {"connect_addresses", prepare_connect, call_connect_addresses, check_connect},
    {"connect_host, an address", prepare_connect, call_connect_literal, check_connect},
    {"connect_host, a name", prepare_connect, call_connect_name, check_connect},
    {"connect after a failed connect", prepare_reconnect, call_connect, check_connect},
    {"select", prepare_select, call_select, nothing_to_check},
    {"select under a limit", prepare_select, call_select_under_a_limit, nothing_to_check},
};

/* Whether the n-th allocation of the call was reached and refused. */
static bool fails_at(const struct memory_case *memory_case, size_t n)
{
    row_begin("%s, allocation %zu", memory_case->name, n);
    allocations_begin();
    memory_case->prepare();
    size_t descriptors = descriptors_count(), before = allocations_count();
    allocations_fail_nth(n);
    sn_error error = memory_case->call();
    bool was_refused = allocations_count() - before >= n;
    allocations_fail_nth(0);
    /* What is only remembered to be faster, such as an end point, may be done without. */
    if (!was_refused || (n > 1 && error != SN_ERROR_OUT_OF_MEMORY))
        row_error(SN_OK, error);
    else
        row_error(SN_ERROR_OUT_OF_MEMORY, error);
    if (error)
        row_equal(descriptors, descriptors_count());
    memory_case->check(error);
    release_all();
    row_equal(0, allocations_settle(0)); /* a fiber looks names up on a thread of the library */
    allocations_end();
    return was_refused;
}

TEST(without_memory_a_call_says_so_and_loses_nothing)
{
    NEED_LOCALHOST();
    BLOCKING_ONLY("engines allocate as they please");
    bad_input_begin();
    for (size_t i = 0; i < COUNT_OF(memory_cases); i++)
        for (size_t n = 1; fails_at(&memory_cases[i], n); n++)
            assert_true(n < 100);
    rows_end();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(without_memory_a_call_says_so_and_loses_nothing),
    };
    return RUN(cases);
}
