/*
 * Socket options by level and name (contract C): every row of the table, what becomes of a pair that does
 * not exist here, and the special cases. The properties have a file of their own, option_property_test.c.
 *
 * Each error below is what .NET 10 gave on Linux for the same row.
 */
#include "support/transfer_support.h"

#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANY INT_MIN /* any value will do */

/* Which kinds a row is about. */
enum {
    T4 = 1 << TCP_IPV4,
    T6 = 1 << TCP_IPV6,
    U4 = 1 << UDP_IPV4,
    U6 = 1 << UDP_IPV6,
    US = 1 << UNIX_STREAM,
    UD = 1 << UNIX_DATAGRAM,
    TCP = T4 | T6,
    UDP = U4 | U6,
    IP4 = T4 | U4,
    IP6 = T6 | U6,
    IP = TCP | UDP,
    UNIX = US | UD,
    ALL = IP | UNIX
};

/* --- The table of C.3 ------------------------------------------------------------------------ */

struct row {
    int kinds; /* a mask of the above */
    sn_option_level level;
    sn_option_name name;
    sn_error get_error;
    int fresh; /* what a connected socket reads, or ANY */
    int value; /* what is set */
    sn_error set_error;
    int after; /* what is read after a successful set, or ANY */
};

/* Reads `fresh`; setting `value` works, and then it reads `after`. */
#define READ_WRITE(kinds, level, name, fresh, value, after)                                        \
    {kinds, SN_LEVEL_##level, SN_OPTION_##name, SN_OK, fresh, value, SN_OK, after}
/* Reads `fresh`; setting `value` does not work. */
#define READ_ONLY(kinds, level, name, fresh, value, error)                                         \
    {kinds, SN_LEVEL_##level, SN_OPTION_##name, SN_OK, fresh, value, SN_ERROR_##error, ANY}
/* Neither works. */
#define REFUSED(kinds, level, name, get_error, set_error)                                          \
    {kinds, SN_LEVEL_##level, SN_OPTION_##name, SN_ERROR_##get_error, ANY, 1, SN_ERROR_##set_error, ANY}
/* A row marked U in the contract. */
#define NO_ROW(kinds, level, name)                                                                 \
    {kinds, SN_LEVEL_##level, SN_OPTION_##name, SN_ERROR_OPERATION_NOT_SUPPORTED, ANY, 1,          \
     SN_ERROR_OPERATION_NOT_SUPPORTED, ANY}

static const struct row rows[] = {
    /* Socket */
    READ_ONLY(ALL, SOCKET, ACCEPT_CONNECTION, 0, 1, PROTOCOL_OPTION),
    READ_WRITE(IP, SOCKET, REUSE_ADDRESS, 0, 1, 1),
    READ_WRITE(IP, SOCKET, EXCLUSIVE_ADDRESS_USE, 1, 0, 0),
    READ_WRITE(ALL, SOCKET, EXCLUSIVE_ADDRESS_USE, 1, 1, 1),
    READ_WRITE(ALL, SOCKET, KEEP_ALIVE, 0, 1, 1),
    READ_WRITE(ALL, SOCKET, DONT_ROUTE, 0, 1, 1),
    READ_WRITE(ALL, SOCKET, BROADCAST, 0, 1, 1),
    NO_ROW(ALL, SOCKET, USE_LOOPBACK),
    NO_ROW(ALL, SOCKET, DONT_LINGER),
    READ_WRITE(ALL, SOCKET, OUT_OF_BAND_INLINE, 0, 1, 1),
    READ_WRITE(ALL, SOCKET, SEND_BUFFER, ANY, 8192, 16384),
    READ_WRITE(ALL, SOCKET, RECEIVE_BUFFER, ANY, 8192, 16384),
    READ_ONLY(ALL, SOCKET, SEND_LOW_WATER, 1, 1, PROTOCOL_OPTION),
    READ_WRITE(ALL, SOCKET, RECEIVE_LOW_WATER, 1, 5, 5),
    READ_WRITE(ALL, SOCKET, SEND_TIMEOUT, 0, 1234, 1234),
    READ_WRITE(ALL, SOCKET, RECEIVE_TIMEOUT, 0, 1234, 1234),
    READ_ONLY(ALL, SOCKET, ERROR, SN_OK, 1, PROTOCOL_OPTION),
    READ_ONLY(TCP | US, SOCKET, TYPE, SN_TYPE_STREAM, 1, PROTOCOL_OPTION),
    READ_ONLY(UDP | UD, SOCKET, TYPE, SN_TYPE_DATAGRAM, 1, PROTOCOL_OPTION),
    NO_ROW(ALL, SOCKET, REUSE_UNICAST_PORT),
    NO_ROW(ALL, SOCKET, UPDATE_ACCEPT_CONTEXT),
    NO_ROW(ALL, SOCKET, UPDATE_CONNECT_CONTEXT),
    NO_ROW(ALL, SOCKET, MAX_CONNECTIONS),

    /* IP. An IPv6 socket has these too, for its IPv4 traffic. */
    READ_WRITE(IP, IP, IP_OPTIONS, 0, 1, ANY),
    READ_ONLY(IP, IP, HEADER_INCLUDED, 0, 1, PROTOCOL_OPTION), /* raw only: raw_socket_test.c */
    READ_WRITE(IP, IP, TYPE_OF_SERVICE, 0, 16, 16),
    READ_WRITE(IP, IP, IP_TIME_TO_LIVE, ANY, 33, 33),
    READ_WRITE(UDP, IP, MULTICAST_INTERFACE, 0, 0, 0),
    READ_ONLY(TCP, IP, MULTICAST_INTERFACE, 0, 0, INVALID_ARGUMENT),
    READ_WRITE(UDP, IP, MULTICAST_TIME_TO_LIVE, 1, 7, 7),
    READ_ONLY(TCP, IP, MULTICAST_TIME_TO_LIVE, 1, 7, INVALID_ARGUMENT),
    READ_WRITE(IP, IP, MULTICAST_LOOPBACK, 1, 0, 0),
    REFUSED(UDP, IP, ADD_MEMBERSHIP, PROTOCOL_OPTION, INVALID_ARGUMENT), /* trap 88 */
    REFUSED(UDP, IP, DROP_MEMBERSHIP, PROTOCOL_OPTION, INVALID_ARGUMENT),
    READ_WRITE(IP, IP, DONT_FRAGMENT, 0, 1, 1),
    READ_WRITE(IP, IP, DONT_FRAGMENT, 0, 0, 0),
    REFUSED(IP, IP, ADD_SOURCE_MEMBERSHIP, PROTOCOL_OPTION, INVALID_ARGUMENT), /* bytes only */
    REFUSED(IP, IP, DROP_SOURCE_MEMBERSHIP, PROTOCOL_OPTION, INVALID_ARGUMENT),
    REFUSED(IP, IP, BLOCK_SOURCE, PROTOCOL_OPTION, INVALID_ARGUMENT),
    REFUSED(IP, IP, UNBLOCK_SOURCE, PROTOCOL_OPTION, INVALID_ARGUMENT),
    READ_WRITE(IP, IP, PACKET_INFORMATION, 0, 1, 1),
    READ_WRITE(IP, IP, PACKET_INFORMATION, 0, 0, 0),
    NO_ROW(ALL, IP, IP_PROTECTION_LEVEL),

    /* IPv6 */
    READ_WRITE(IP6, IPV6, IP_TIME_TO_LIVE, ANY, 33, 33),
    READ_WRITE(U6, IPV6, MULTICAST_INTERFACE, 0, 1, 1),
    READ_ONLY(T6, IPV6, MULTICAST_INTERFACE, 0, 1, PROTOCOL_OPTION),
    READ_WRITE(U6, IPV6, MULTICAST_TIME_TO_LIVE, 1, 7, 7),
    READ_ONLY(T6, IPV6, MULTICAST_TIME_TO_LIVE, 1, 7, PROTOCOL_OPTION),
    READ_WRITE(IP6, IPV6, MULTICAST_LOOPBACK, 1, 0, 0),
    REFUSED(IP6, IPV6, ADD_MEMBERSHIP, PROTOCOL_OPTION, OPERATION_NOT_SUPPORTED), /* trap 88 */
    REFUSED(IP6, IPV6, DROP_MEMBERSHIP, PROTOCOL_OPTION, OPERATION_NOT_SUPPORTED),
    READ_WRITE(IP6, IPV6, PACKET_INFORMATION, 0, 1, 1),
    REFUSED(IP6, IPV6, HOP_LIMIT, PROTOCOL_OPTION, PROTOCOL_OPTION),
    NO_ROW(ALL, IPV6, IP_PROTECTION_LEVEL),
    READ_ONLY(IP6, IPV6, IPV6_ONLY, 1, 1, INVALID_ARGUMENT), /* bound: dual_mode_test.c has more */
    REFUSED(IP4, IPV6, IP_TIME_TO_LIVE, OPERATION_NOT_SUPPORTED, PROTOCOL_OPTION),
    REFUSED(IP4, IPV6, IPV6_ONLY, OPERATION_NOT_SUPPORTED, PROTOCOL_OPTION),

    /* Tcp. Trap 94. */
    READ_WRITE(TCP, TCP, NO_DELAY, 0, 1, 1),
    NO_ROW(ALL, TCP, BSD_URGENT),
    NO_ROW(ALL, TCP, EXPEDITED),
    READ_WRITE(TCP, TCP, TCP_KEEP_ALIVE_TIME, ANY, 61, 61),
    READ_WRITE(TCP, TCP, TCP_KEEP_ALIVE_INTERVAL, ANY, 62, 62),
    READ_WRITE(TCP, TCP, TCP_KEEP_ALIVE_RETRY_COUNT, ANY, 7, 7),
    READ_ONLY(TCP, TCP, FAST_OPEN, 0, 1, INVALID_ARGUMENT), /* for listeners: see below */
    REFUSED(U4, TCP, NO_DELAY, OPERATION_NOT_SUPPORTED, PROTOCOL_OPTION),
    REFUSED(U6, TCP, NO_DELAY, PROTOCOL_OPTION, PROTOCOL_OPTION),

    /* Udp: no name exists on this level. */
    NO_ROW(ALL, UDP, NO_CHECKSUM),
    NO_ROW(ALL, UDP, CHECKSUM_COVERAGE),

    /* The kernel knows no level but Socket for Unix sockets. */
    NO_ROW(UNIX, IP, TYPE_OF_SERVICE),
    NO_ROW(UNIX, IPV6, IP_TIME_TO_LIVE),
    NO_ROW(UNIX, TCP, NO_DELAY),
};

/* C.1, A.6: these two errors of an option leave Connected alone; any other one resets it. */
static bool keeps_connected(sn_error error)
{
    return error == SN_OK || error == SN_ERROR_PROTOCOL_OPTION ||
           error == SN_ERROR_OPERATION_NOT_SUPPORTED;
}

static void check_row(const struct row *row, enum transport kind)
{
    struct socket_pair pair = pair_connected(kind);
    int before = ANY;
    row_error(row->get_error, sn_socket_get_option(pair.client, row->level, row->name, &before));
    if (row->fresh != ANY)
        row_equal(row->fresh, before);
    row_equal(true, sn_socket_get_connected(pair.client));

    row_error(row->set_error, sn_socket_set_option(pair.client, row->level, row->name, row->value));
    row_equal(keeps_connected(row->set_error), sn_socket_get_connected(pair.client));

    int after = ANY;
    row_error(row->get_error, sn_socket_get_option(pair.client, row->level, row->name, &after));
    if (row->set_error)
        row_equal(before, after); /* also: nothing is written where reading fails */
    else if (row->after != ANY)
        row_equal(row->after, after);
    pair_release(&pair);
}

/* C.3; traps 88, 91, 94 */
TEST(every_option_is_read_and_set_as_its_row_says)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int kind = 0; kind < RAW_ICMP; kind++) {
            if (!(rows[i].kinds & (1 << kind)) || transport_missing((enum transport)kind))
                continue;
            row_begin("row %zu, level %d name %d, %s", i, (int)rows[i].level, (int)rows[i].name,
                      transport_name((enum transport)kind));
            check_row(&rows[i], (enum transport)kind);
        }
    }
    rows_end();
}

/* --- Pairs that do not exist -------------------------------------------------------------------- */

static bool has_row(int level, int name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if ((int)rows[i].level == level && (int)rows[i].name == name)
            return true;
    return level == SN_LEVEL_SOCKET && (name == SN_OPTION_LINGER || name == SN_OPTION_DEBUG);
}

static void check_pair_does_not_exist(sn_socket *socket, int level, int name)
{
    row_begin("level %d name %d", level, name);
    sn_option_level hostile_level = (sn_option_level)level;
    sn_option_name hostile_name = (sn_option_name)name;
    int value = ANY, bytes = ANY;
    size_t size = 77;
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_socket_set_option(socket, hostile_level, hostile_name, 1));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_socket_get_option(socket, hostile_level, hostile_name, &value));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_socket_set_option_bytes(socket, hostile_level, hostile_name, &value, sizeof value));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_socket_get_option_bytes(socket, hostile_level, hostile_name, &bytes, sizeof bytes,
                                         &size));
    row_equal(ANY, value);
    row_equal(ANY, bytes);
    row_equal(77, size);
    row_equal(true, sn_socket_get_connected(socket));
}

/* C.1 "unsupported pair", C.2 "other", trap 91; the hostile numbers of E */
TEST(a_pair_of_level_and_name_without_a_row_is_refused_without_asking_the_kernel)
{
    static const int levels[] = {0, 1, 6, 17, 41, 58, 255, 65535, 65536, -1, INT_MAX, INT_MIN};
    static const int names[] = {4096, 4105, 12295, 28683, 28688, 65535, INT_MAX, INT_MIN};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        for (int name = -300; name <= 300; name++)
            if (!has_row(levels[i], name))
                check_pair_does_not_exist(pair.client, levels[i], name);
        for (size_t j = 0; j < COUNT_OF(names); j++)
            check_pair_does_not_exist(pair.client, levels[i], names[j]);
    }
    rows_end();
    pair_release(&pair);
}

/* C.3 "Socket (any level)": .NET answers Error on every level */
TEST(the_error_option_is_read_on_every_level)
{
    static const int levels[] = {0, 6, 17, 41, 65535, 99};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        row_begin("level %d", levels[i]);
        int value = ANY;
        row_error(SN_OK, sn_socket_get_option(pair.client, (sn_option_level)levels[i], SN_OPTION_ERROR,
                                              &value));
        row_equal(SN_OK, value);
    }
    rows_end();
    pair_release(&pair);
}

/* --- Special cases (C.4) ------------------------------------------------------------------------ */

/* C.4 Error; trap 38 */
TEST(the_error_option_gives_the_sockets_error_once)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    sn_endpoint nobody = deserted_endpoint(SN_FAMILY_IPV4);
    assert_ok(sn_socket_connect(socket, &nobody));
    assert_ok(sn_socket_send(socket, "x", 1, SN_FLAG_NONE, NULL));
    wait_readable(socket); /* the ICMP answer */
    int value = ANY;
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ERROR, &value));
    assert_error(SN_ERROR_CONNECTION_REFUSED, (sn_error)value);
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ERROR, &value));
    assert_error(SN_OK, (sn_error)value);
    sn_socket_release(socket);
}

/* C.3 AcceptConnection; trap 47 */
TEST(accept_connection_reads_1_once_the_socket_listens)
{
    sn_socket *socket = socket_bound(TCP_IPV4);
    int value = ANY;
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ACCEPT_CONNECTION, &value));
    assert_int_equal(0, value);
    assert_ok(sn_socket_listen(socket, 1));
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_ACCEPT_CONNECTION, &value));
    assert_int_equal(1, value);
    sn_socket_release(socket);
}

/* C.3 FastOpen */
TEST(fast_open_is_set_and_read_on_a_listener)
{
    sn_socket *socket = socket_listening(TCP_IPV4, 16);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_TCP, SN_OPTION_FAST_OPEN, 5));
    int value = ANY;
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_TCP, SN_OPTION_FAST_OPEN, &value));
    assert_int_equal(5, value);
    sn_socket_release(socket);
}

/* C.3 Debug */
TEST(the_debug_option_needs_a_privilege)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_error error = sn_socket_set_option(pair.client, SN_LEVEL_SOCKET, SN_OPTION_DEBUG, 1);
    int value = ANY;
    assert_ok(sn_socket_get_option(pair.client, SN_LEVEL_SOCKET, SN_OPTION_DEBUG, &value));
    if (error) {
        assert_error(SN_ERROR_ACCESS_DENIED, error);
        assert_int_equal(0, value);
        assert_false(sn_socket_get_connected(pair.client)); /* A.6 */
    } else {
        assert_int_equal(1, value);
    }
    pair_release(&pair);
}

/* C.4 ReuseAddress / ExclusiveAddressUse; trap 86 */
TEST(reuse_address_and_exclusive_address_use_are_two_views_of_one_thing)
{
    static const struct {
        sn_option_name name;
        int value;
        sn_error error;
        int reuse, exclusive;
    } steps[] = {
        {SN_OPTION_REUSE_ADDRESS, 0, SN_OK, 0, 1},
        {SN_OPTION_REUSE_ADDRESS, 1, SN_OK, 1, 0},
        {SN_OPTION_EXCLUSIVE_ADDRESS_USE, 1, SN_OK, 0, 1},
        {SN_OPTION_EXCLUSIVE_ADDRESS_USE, 0, SN_OK, 1, 0},
        {SN_OPTION_REUSE_ADDRESS, 0, SN_OK, 0, 1},
        {SN_OPTION_EXCLUSIVE_ADDRESS_USE, 2, SN_ERROR_INVALID_ARGUMENT, 0, 1},
        {SN_OPTION_EXCLUSIVE_ADDRESS_USE, -1, SN_ERROR_INVALID_ARGUMENT, 0, 1},
        {SN_OPTION_REUSE_ADDRESS, 2, SN_OK, 1, 0},
    };
    sn_socket *socket = socket_make(UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        row_begin("step %zu", i);
        row_error(steps[i].error,
                  sn_socket_set_option(socket, SN_LEVEL_SOCKET, steps[i].name, steps[i].value));
        int reuse = ANY, exclusive = ANY, port = ANY, address = ANY;
        row_error(SN_OK, sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS,
                                              &reuse));
        row_error(SN_OK, sn_socket_get_option(socket, SN_LEVEL_SOCKET,
                                              SN_OPTION_EXCLUSIVE_ADDRESS_USE, &exclusive));
        row_equal(steps[i].reuse, reuse);
        row_equal(steps[i].exclusive, exclusive);
        /* The kernel's two options always agree. */
        row_error(SN_OK, sn_socket_get_raw_option(socket, SOL_SOCKET, SO_REUSEPORT, &port,
                                                  sizeof port, NULL));
        row_error(SN_OK, sn_socket_get_raw_option(socket, SOL_SOCKET, SO_REUSEADDR, &address,
                                                  sizeof address, NULL));
        row_equal(steps[i].reuse, port);
        row_equal(steps[i].reuse, address);
    }
    rows_end();
    sn_socket_release(socket);
}

/* C.4 "value length must be 4" */
TEST(reuse_address_as_bytes_must_be_four_bytes_long)
{
    static const uint8_t one[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    sn_socket *socket = socket_make(UDP_IPV4);
    for (size_t size = 1; size <= sizeof one; size++) {
        if (size == 4)
            continue;
        row_begin("%zu bytes", size);
        row_error(SN_ERROR_INVALID_ARGUMENT,
                  sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, one,
                                             size));
        row_error(SN_ERROR_INVALID_ARGUMENT,
                  sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET,
                                             SN_OPTION_EXCLUSIVE_ADDRESS_USE, one, size));
    }
    int value = 1;
    row_begin("four bytes");
    row_error(SN_OK, sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS,
                                                &value, sizeof value));
    row_error(SN_OK,
              sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, &value));
    row_equal(1, value);
    rows_end();
    sn_socket_release(socket);
}

/* C.4 "the same for TCP listeners"; trap 48 */
TEST(two_listeners_share_a_port_only_when_both_reuse_addresses)
{
    for (int reuse = 0; reuse <= 1; reuse++) {
        row_begin("reuse %d", reuse);
        sn_socket *first = socket_make(TCP_IPV4), *second = socket_make(TCP_IPV4);
        assert_ok(sn_socket_set_option(first, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, reuse));
        assert_ok(sn_socket_set_option(second, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, reuse));
        sn_endpoint any_port = endpoint_of(&SN_IPV4_LOOPBACK, 0);
        assert_ok(sn_socket_bind(first, &any_port));
        assert_ok(sn_socket_listen(first, 1));
        sn_endpoint taken = local_endpoint(first);
        row_error(reuse ? SN_OK : SN_ERROR_ADDRESS_ALREADY_IN_USE, sn_socket_bind(second, &taken));
        if (reuse)
            row_error(SN_OK, sn_socket_listen(second, 1));
        /* The SO_REUSEADDR that a TCP bind sets by itself shows in neither option. */
        int value = ANY;
        row_error(SN_OK,
                  sn_socket_get_option(first, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, &value));
        row_equal(reuse, value);
        sn_socket_release(first);
        sn_socket_release(second);
    }
    rows_end();
}

/* C.4; trap 87 */
TEST(reuse_address_shares_a_udp_port_with_a_foreign_program_that_sets_so_reuseaddr)
{
    int foreign = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
    assert_true(foreign >= 0);
    assert_int_equal(0, setsockopt(foreign, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    sn_endpoint endpoint = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    size_t size;
    const void *address = sn_endpoint_sockaddr(&endpoint, &size);
    assert_int_equal(0, bind(foreign, address, (socklen_t)size));
    struct sockaddr_in bound;
    socklen_t bound_size = sizeof bound;
    assert_int_equal(0, getsockname(foreign, (struct sockaddr *)&bound, &bound_size));
    assert_ok(sn_endpoint_from_sockaddr(&bound, sizeof bound, &endpoint));

    sn_socket *socket = socket_make(UDP_IPV4);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, 1));
    assert_ok(sn_socket_bind(socket, &endpoint));
    sn_socket_release(socket);
    assert_int_equal(0, close(foreign));
}

/* C.4 SendTimeout / ReceiveTimeout; trap 63 */
TEST(a_timeout_option_refuses_negative_values)
{
    static const sn_option_name names[] = {SN_OPTION_SEND_TIMEOUT, SN_OPTION_RECEIVE_TIMEOUT};
    static const int values[] = {-1, -2, -1000, INT_MIN};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        for (size_t j = 0; j < COUNT_OF(values); j++) {
            row_begin("name %d value %d", (int)names[i], values[j]);
            row_error(SN_ERROR_INVALID_ARGUMENT,
                      sn_socket_set_option(pair.client, SN_LEVEL_SOCKET, names[i], values[j]));
        }
        row_error(SN_OK, sn_socket_set_option(pair.client, SN_LEVEL_SOCKET, names[i], INT_MAX));
        int value = ANY;
        row_error(SN_OK, sn_socket_get_option(pair.client, SN_LEVEL_SOCKET, names[i], &value));
        row_equal(INT_MAX, value);
    }
    rows_end();
    pair_release(&pair);
}

/* C.1, C.4: the bytes form is the kernel's struct timeval and goes past the remembered value */
TEST(the_bytes_form_of_a_timeout_is_a_timeval_that_does_not_show_in_the_property)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    struct timeval two_seconds = {.tv_sec = 2}, read_back;
    memset(&read_back, 0, sizeof read_back);
    size_t size = 0;
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT,
                                            &two_seconds, 4));
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT,
                                         &two_seconds, sizeof two_seconds));
    int timeout = ANY;
    assert_ok(sn_socket_get_receive_timeout(socket, &timeout));
    assert_int_equal(0, timeout);
    assert_ok(sn_socket_get_option_bytes(socket, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT,
                                         &read_back, sizeof read_back, &size));
    assert_int_equal(sizeof read_back, size);
    assert_int_equal(2, read_back.tv_sec);
    sn_socket_release(socket);
}

/* C.3 Linger: the int form hands four bytes to the kernel */
TEST(linger_cannot_be_set_as_a_number)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 sn_socket_set_option(pair.client, SN_LEVEL_SOCKET, SN_OPTION_LINGER, 1));
    assert_false(sn_socket_get_connected(pair.client));
    pair_release(&pair);
}

/* C.1 byte forms; trap 94 */
TEST(an_option_is_read_into_as_much_room_as_there_is)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_TIME, 0x0102));
    int expected = 0x0102;
    for (size_t room = 0; room <= 8; room++) {
        row_begin("%zu bytes of room", room);
        uint8_t bytes[8];
        memset(bytes, 0xEE, sizeof bytes);
        size_t size = 99;
        row_error(SN_OK, sn_socket_get_option_bytes(socket, SN_LEVEL_TCP,
                                                    SN_OPTION_TCP_KEEP_ALIVE_TIME,
                                                    room ? bytes : NULL, room, &size));
        row_equal(room < 4 ? room : 4, size);
        row_equal(0, memcmp(bytes, &expected, size));
        for (size_t i = size; i < sizeof bytes; i++)
            row_equal(0xEE, bytes[i]); /* nothing behind it was touched */
        row_error(SN_OK, sn_socket_get_option_bytes(socket, SN_LEVEL_TCP,
                                                    SN_OPTION_TCP_KEEP_ALIVE_TIME,
                                                    room ? bytes : NULL, room, NULL));
    }
    rows_end();
    sn_socket_release(socket);
}

/* C.1 byte forms; trap 94 */
TEST(an_option_is_set_from_no_fewer_bytes_than_it_has)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_error(SN_ERROR_FAULT, sn_socket_set_option_bytes(pair.client, SN_LEVEL_SOCKET,
                                                            SN_OPTION_KEEP_ALIVE, NULL, 0));
    assert_error(SN_ERROR_FAULT, sn_socket_set_option_bytes(pair.client, SN_LEVEL_SOCKET,
                                                            SN_OPTION_KEEP_ALIVE, NULL, 4));
    static const uint8_t one[8] = {1};
    for (size_t size = 0; size <= sizeof one; size++) {
        row_begin("%zu bytes", size);
        sn_error error = sn_socket_set_option_bytes(pair.client, SN_LEVEL_SOCKET, SN_OPTION_KEEP_ALIVE,
                                                    one, size);
        if (size == 0)
            row_equal(true, error != SN_OK); /* Fault in .NET, which sees no memory there */
        else
            row_error(size < 4 ? SN_ERROR_INVALID_ARGUMENT : SN_OK, error);
    }
    rows_end();
    pair_release(&pair);
}

/* C.3 the four source memberships: bytes, struct ip_mreq_source */
TEST(source_memberships_take_the_kernels_structure)
{
    sn_socket *socket = socket_bound(UDP_IPV4);
    struct ip_mreq_source source = {
        .imr_multiaddr.s_addr = htonl(0xE8010203), /* 232.1.2.3 */
        .imr_interface.s_addr = htonl(INADDR_LOOPBACK),
        .imr_sourceaddr.s_addr = htonl(INADDR_LOOPBACK),
    };
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_ADD_SOURCE_MEMBERSHIP,
                                         &source, sizeof source));
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_DROP_SOURCE_MEMBERSHIP,
                                         &source, sizeof source));
    sn_multicast_option group = {.group = {SN_FAMILY_IPV4, 0, {232, 1, 2, 3}},
                                 .local_address = SN_IPV4_LOOPBACK};
    assert_ok(sn_socket_set_multicast_option(socket, SN_OPTION_ADD_MEMBERSHIP, &group));
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_BLOCK_SOURCE, &source,
                                         sizeof source));
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_UNBLOCK_SOURCE, &source,
                                         sizeof source));
    sn_socket_release(socket);
}

/* C.3 IPOptions: bytes */
TEST(ip_options_are_bytes_of_any_length)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    static const uint8_t no_operation[4] = {1, 1, 1, 1};
    uint8_t bytes[40];
    size_t size = 0;
    assert_ok(sn_socket_set_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_IP_OPTIONS, no_operation,
                                         sizeof no_operation));
    assert_ok(sn_socket_get_option_bytes(socket, SN_LEVEL_IP, SN_OPTION_IP_OPTIONS, bytes,
                                         sizeof bytes, &size));
    assert_int_equal(sizeof no_operation, size);
    assert_memory_equal(no_operation, bytes, size);
    sn_socket_release(socket);
}

/* C.4 MulticastInterface; trap 89 */
TEST(the_ipv4_multicast_interface_is_an_index_or_an_address_in_network_order)
{
    static const struct {
        uint32_t value; /* host order */
        sn_error error;
        uint32_t reads;
    } steps[] = {
        {1, SN_OK, 0},                                                /* the loopback interface */
        {31415, SN_ERROR_ADDRESS_NOT_AVAILABLE, 0},                   /* no such interface */
        {0x00FFFFFF, SN_ERROR_ADDRESS_NOT_AVAILABLE, 0},              /* the largest index */
        {INADDR_LOOPBACK, SN_OK, INADDR_LOOPBACK},                    /* an address */
        {0xCB007101, SN_ERROR_ADDRESS_NOT_AVAILABLE, INADDR_LOOPBACK}, /* not ours: 203.0.113.1 */
        {0, SN_OK, 0},                                                /* any */
    };
    sn_socket *socket = socket_make(UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        row_begin("step %zu", i);
        row_error(steps[i].error,
                  sn_socket_set_option(socket, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE,
                                       (int)htonl(steps[i].value)));
        int value = ANY;
        row_error(SN_OK, sn_socket_get_option(socket, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE,
                                              &value));
        row_equal(steps[i].reads, ntohl((uint32_t)value));
    }
    rows_end();
    sn_socket_release(socket);
}

/* C.3 IPv6 MulticastInterface: an index in host order */
TEST(the_ipv6_multicast_interface_is_an_index)
{
    if (transport_missing(UDP_IPV6))
        SKIP("no IPv6 here");
    sn_socket *socket = socket_make(UDP_IPV6);
    int value = ANY;
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_IPV6, SN_OPTION_MULTICAST_INTERFACE, 1));
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_IPV6, SN_OPTION_MULTICAST_INTERFACE, &value));
    assert_int_equal(1, value);
    /* ENODEV has no SocketError: the catch-all */
    assert_error(SN_ERROR_SOCKET_ERROR,
                 sn_socket_set_option(socket, SN_LEVEL_IPV6, SN_OPTION_MULTICAST_INTERFACE, 31415));
    sn_socket_release(socket);
}

/* --- Memberships ---------------------------------------------------------------------------------- */

#define GROUP4 {SN_FAMILY_IPV4, 0, {239, 1, 2, 3}}
#define GROUP6 {SN_FAMILY_IPV6, 0, {0xff, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2}}

/* C.1, C.4 MulticastOption */
TEST(an_ipv4_group_is_joined_and_left_as_the_option_says)
{
    static const struct {
        const char *what;
        sn_option_name name;
        sn_multicast_option option;
        sn_error error;
    } steps[] = {
        {"join by address", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, {SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, 0},
         SN_OK},
        {"join again", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, {SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, 0},
         SN_ERROR_ADDRESS_ALREADY_IN_USE},
        {"leave", SN_OPTION_DROP_MEMBERSHIP, {GROUP4, {SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, 0}, SN_OK},
        {"leave again", SN_OPTION_DROP_MEMBERSHIP, {GROUP4, {SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, 0},
         SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {"join by index", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, {0}, 1}, SN_OK},
        {"leave by index", SN_OPTION_DROP_MEMBERSHIP, {GROUP4, {0}, 1}, SN_OK},
        {"no such interface", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, {0}, 31415}, SN_ERROR_SOCKET_ERROR},
        {"largest index", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, {0}, 0x00FFFFFF}, SN_ERROR_SOCKET_ERROR},
        {"index too large", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, {0}, 0x01000000},
         SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"index negative", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, {0}, -1}, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"not a group", SN_OPTION_ADD_MEMBERSHIP, {{SN_FAMILY_IPV4, 0, {127, 0, 0, 1}}, {0}, 1},
         SN_ERROR_INVALID_ARGUMENT},
        {"an IPv6 group", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, {0}, 1}, SN_ERROR_ARGUMENT},
        {"an IPv6 interface", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, GROUP6, 0}, SN_ERROR_ARGUMENT},
        {"another name", SN_OPTION_MULTICAST_LOOPBACK, {GROUP4, {0}, 1}, SN_ERROR_ARGUMENT},
    };
    sn_socket *socket = socket_bound(UDP_IPV4);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        row_begin("%s", steps[i].what);
        row_error(steps[i].error,
                  sn_socket_set_multicast_option(socket, steps[i].name, &steps[i].option));
    }
    rows_end();
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_socket_set_multicast_option(socket, SN_OPTION_ADD_MEMBERSHIP, NULL));
    sn_socket_release(socket);
}

/* C.1, C.4 IPv6MulticastOption */
TEST(an_ipv6_group_is_joined_and_left_as_the_option_says)
{
    if (transport_missing(UDP_IPV6))
        SKIP("no IPv6 here");
    static const struct {
        const char *what;
        sn_option_name name;
        sn_ipv6_multicast_option option;
        sn_error error;
    } steps[] = {
        {"join", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, 1}, SN_OK},
        {"join again", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, 1}, SN_ERROR_ADDRESS_ALREADY_IN_USE},
        {"leave", SN_OPTION_DROP_MEMBERSHIP, {GROUP6, 1}, SN_OK},
        {"leave again", SN_OPTION_DROP_MEMBERSHIP, {GROUP6, 1}, SN_ERROR_ADDRESS_NOT_AVAILABLE},
        {"no such interface", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, 31415}, SN_ERROR_SOCKET_ERROR},
        {"index negative", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, -1}, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"index too large", SN_OPTION_ADD_MEMBERSHIP, {GROUP6, INT64_C(0x100000000)},
         SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"not a group", SN_OPTION_ADD_MEMBERSHIP, {{SN_FAMILY_IPV6, 0, {0}}, 1},
         SN_ERROR_INVALID_ARGUMENT},
        {"an IPv4 group", SN_OPTION_ADD_MEMBERSHIP, {GROUP4, 1}, SN_ERROR_ARGUMENT},
        {"another name", SN_OPTION_MULTICAST_LOOPBACK, {GROUP6, 1}, SN_ERROR_ARGUMENT},
    };
    sn_socket *socket = socket_bound(UDP_IPV6);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        row_begin("%s", steps[i].what);
        row_error(steps[i].error,
                  sn_socket_set_ipv6_multicast_option(socket, steps[i].name, &steps[i].option));
    }
    rows_end();
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_socket_set_ipv6_multicast_option(socket, SN_OPTION_ADD_MEMBERSHIP, NULL));
    sn_socket_release(socket);
}

/* C.4: what is joined is heard, and the sender chose the interface */
TEST(a_member_hears_what_is_sent_to_the_group)
{
    sn_socket *receiver = socket_make(UDP_IPV4), *sender = socket_make(UDP_IPV4);
    sn_ip_address group = GROUP4;
    sn_endpoint local;
    assert_ok(sn_endpoint_from_ip(&group, 0, &local));
    assert_ok(sn_socket_bind(receiver, &local));
    sn_multicast_option option = {.group = group, .interface_index = 1};
    assert_ok(sn_socket_set_multicast_option(receiver, SN_OPTION_ADD_MEMBERSHIP, &option));
    assert_ok(sn_socket_set_option(sender, SN_LEVEL_IP, SN_OPTION_MULTICAST_INTERFACE,
                                   (int)htonl(1)));
    sn_endpoint to = local_endpoint(receiver);
    assert_ok(sn_socket_send_to(sender, "hello", 5, SN_FLAG_NONE, &to, NULL));
    char text[8];
    size_t received = 0;
    assert_ok(sn_socket_receive(receiver, text, sizeof text, SN_FLAG_NONE, &received));
    assert_int_equal(5, received);
    assert_memory_equal("hello", text, 5);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* --- Raw options ---------------------------------------------------------------------------------- */

/* C.1; trap 90 */
TEST(a_raw_option_goes_to_the_kernel_untranslated)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    int value = 8192;
    size_t size = 0;
    assert_ok(sn_socket_set_raw_option(socket, SOL_SOCKET, SO_RCVBUF, &value, sizeof value));
    uint8_t bytes[8];
    assert_ok(sn_socket_get_raw_option(socket, SOL_SOCKET, SO_RCVBUF, bytes, sizeof bytes, &size));
    assert_int_equal(4, size);
    memcpy(&value, bytes, sizeof value);
    assert_int_equal(16384, value);
    assert_ok(sn_socket_get_receive_buffer_size(socket, &value));
    assert_int_equal(16384, value);
    sn_socket_release(socket);
}

/* C.1 */
TEST(a_raw_option_that_the_kernel_does_not_know_gives_its_error)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    int value = 1;
    size_t size = 77;
    assert_error(SN_ERROR_PROTOCOL_OPTION,
                 sn_socket_set_raw_option(pair.client, SOL_SOCKET, 9999, &value, sizeof value));
    assert_error(SN_ERROR_PROTOCOL_OPTION,
                 sn_socket_get_raw_option(pair.client, SOL_SOCKET, 9999, &value, sizeof value, &size));
    assert_error(SN_ERROR_PROTOCOL_OPTION,
                 sn_socket_set_raw_option(pair.client, 9999, 1, &value, sizeof value));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 sn_socket_get_raw_option(pair.client, 9999, 1, &value, sizeof value, &size));
    assert_int_equal(77, size);
    assert_true(sn_socket_get_connected(pair.client));
    pair_release(&pair);
}

/* C.4: what a raw option call did is not seen by the timeout properties */
TEST(a_raw_timeout_is_not_seen_by_the_property)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    struct timeval limit = {.tv_sec = 3};
    assert_ok(sn_socket_set_raw_option(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    int value = ANY;
    assert_ok(sn_socket_get_receive_timeout(socket, &value));
    assert_int_equal(0, value);
    sn_socket_release(socket);
}

/* A.6, C.1: every other error of an option resets Connected, and the socket counts as disconnected */
TEST(an_option_value_that_the_kernel_refuses_resets_connected)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 sn_socket_set_option(pair.client, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_TIME, 0));
    assert_false(sn_socket_get_connected(pair.client));
    sn_endpoint anywhere = deserted_endpoint(SN_FAMILY_IPV4);
    assert_error(SN_ERROR_INVALID_OPERATION, sn_socket_connect(pair.client, &anywhere));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(every_option_is_read_and_set_as_its_row_says),
        CASE(a_pair_of_level_and_name_without_a_row_is_refused_without_asking_the_kernel),
        CASE(the_error_option_is_read_on_every_level),
        CASE(the_error_option_gives_the_sockets_error_once),
        CASE(accept_connection_reads_1_once_the_socket_listens),
        CASE(fast_open_is_set_and_read_on_a_listener),
        CASE(the_debug_option_needs_a_privilege),
        CASE(reuse_address_and_exclusive_address_use_are_two_views_of_one_thing),
        CASE(reuse_address_as_bytes_must_be_four_bytes_long),
        CASE(two_listeners_share_a_port_only_when_both_reuse_addresses),
        CASE(
            reuse_address_shares_a_udp_port_with_a_foreign_program_that_sets_so_reuseaddr),
        CASE(a_timeout_option_refuses_negative_values),
        CASE(
            the_bytes_form_of_a_timeout_is_a_timeval_that_does_not_show_in_the_property),
        CASE(linger_cannot_be_set_as_a_number),
        CASE(an_option_is_read_into_as_much_room_as_there_is),
        CASE(an_option_is_set_from_no_fewer_bytes_than_it_has),
        CASE(source_memberships_take_the_kernels_structure),
        CASE(ip_options_are_bytes_of_any_length),
        CASE(the_ipv4_multicast_interface_is_an_index_or_an_address_in_network_order),
        CASE(the_ipv6_multicast_interface_is_an_index),
        CASE(an_ipv4_group_is_joined_and_left_as_the_option_says),
        CASE(an_ipv6_group_is_joined_and_left_as_the_option_says),
        CASE(a_member_hears_what_is_sent_to_the_group),
        CASE(a_raw_option_goes_to_the_kernel_untranslated),
        CASE(a_raw_option_that_the_kernel_does_not_know_gives_its_error),
        CASE(a_raw_timeout_is_not_seen_by_the_property),
        CASE(an_option_value_that_the_kernel_refuses_resets_connected),
    };
    return RUN(cases);
}
