/*
 * Socket options by level and name (contract C): every row of the table, what becomes of a pair
 * that does not exist here, and the platform's own numbers. Options with rules of their own stand
 * in option_special_test.c and multicast_option_test.c, the properties in option_property_test.c.
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
    {                                                                                              \
        kinds, SN_LEVEL_##level, SN_OPTION_##name, SN_OK, fresh, value, SN_OK, after               \
    }
/* Reads `fresh`; setting `value` does not work. */
#define READ_ONLY(kinds, level, name, fresh, value, error)                                         \
    {                                                                                              \
        kinds, SN_LEVEL_##level, SN_OPTION_##name, SN_OK, fresh, value, SN_ERROR_##error, ANY      \
    }
/* Neither works. */
#define REFUSED(kinds, level, name, get_error, set_error)                                          \
    {                                                                                              \
        kinds, SN_LEVEL_##level, SN_OPTION_##name, SN_ERROR_##get_error, ANY, 1,                   \
            SN_ERROR_##set_error, ANY                                                              \
    }
/* A row marked U in the contract. */
#define NO_ROW(kinds, level, name)                                                                 \
    {                                                                                              \
        kinds, SN_LEVEL_##level, SN_OPTION_##name, SN_ERROR_OPERATION_NOT_SUPPORTED, ANY, 1,       \
            SN_ERROR_OPERATION_NOT_SUPPORTED, ANY                                                  \
    }

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
    /* Trap 88: only the multicast call sets these, and as .NET does it the kernel is asked for
       them. */
    REFUSED(IP6, IPV6, ADD_MEMBERSHIP, PROTOCOL_OPTION, OPERATION_NOT_SUPPORTED),
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
    row_equal(true, sn_socket_is_connected(pair.client));

    row_error(row->set_error, sn_socket_set_option(pair.client, row->level, row->name, row->value));
    row_equal(keeps_connected(row->set_error), sn_socket_is_connected(pair.client));

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

/* --- Pairs that do not exist ----------------------------------------------------------------- */

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
    row_error(
        SN_ERROR_OPERATION_NOT_SUPPORTED,
        sn_socket_set_option_bytes(socket, hostile_level, hostile_name, &value, sizeof value));
    row_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
              sn_socket_get_option_bytes(socket, hostile_level, hostile_name, &bytes, sizeof bytes,
                                         &size));
    row_equal(ANY, value);
    row_equal(ANY, bytes);
    row_equal(77, size);
    row_equal(true, sn_socket_is_connected(socket));
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
        row_error(SN_OK, sn_socket_get_option(pair.client, (sn_option_level)levels[i],
                                              SN_OPTION_ERROR, &value));
        row_equal(SN_OK, value);
    }
    rows_end();
    pair_release(&pair);
}

/* --- Raw options ----------------------------------------------------------------------------- */

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
    assert_error(SN_ERROR_PROTOCOL_OPTION, sn_socket_get_raw_option(pair.client, SOL_SOCKET, 9999,
                                                                    &value, sizeof value, &size));
    assert_error(SN_ERROR_PROTOCOL_OPTION,
                 sn_socket_set_raw_option(pair.client, 9999, 1, &value, sizeof value));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 sn_socket_get_raw_option(pair.client, 9999, 1, &value, sizeof value, &size));
    assert_int_equal(77, size);
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

/* C.4: what a raw option call did is not seen by the timeout properties */
TEST(a_raw_timeout_is_not_seen_by_the_property)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    struct timeval limit = {.tv_sec = 3};
    assert_ok(sn_socket_set_raw_option(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    sn_milliseconds value = ANY;
    assert_ok(sn_socket_get_receive_timeout(socket, &value));
    assert_int_equal(0, value);
    sn_socket_release(socket);
}

/* A.6, C.1: every other error of an option resets Connected, and the socket counts as disconnected
 */
TEST(an_option_value_that_the_kernel_refuses_resets_connected)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 sn_socket_set_option(pair.client, SN_LEVEL_TCP, SN_OPTION_TCP_KEEP_ALIVE_TIME, 0));
    assert_false(sn_socket_is_connected(pair.client));
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
        CASE(a_raw_option_goes_to_the_kernel_untranslated),
        CASE(a_raw_option_that_the_kernel_does_not_know_gives_its_error),
        CASE(a_raw_timeout_is_not_seen_by_the_property),
        CASE(an_option_value_that_the_kernel_refuses_resets_connected),
    };
    return RUN(cases);
}
