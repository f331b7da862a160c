/*
 * The properties of a socket that are options (contract C.4, E.1): what each kind of socket reads
 * at first, what it accepts, and which error it gives. Each row is what .NET 10 gave on Linux.
 */
#include "support/transfer_support.h"

#include <sennit/dotnet.h>

#include <limits.h>

#define ANY INT_MIN

typedef sn_error get_bool(sn_socket *socket, bool *out_value);
typedef sn_error set_bool(sn_socket *socket, bool value);
typedef sn_error get_number(sn_socket *socket, int64_t *out_value);
typedef sn_error set_number(sn_socket *socket, int64_t value);

/* The kinds of sockets a property tells apart. */
enum kind {
    K_TCP4,
    K_UDP4,
    K_TCP6,
    K_UDP6,
    K_DUAL_TCP,
    K_DUAL_UDP,
    K_UNIX_STREAM,
    K_UNIX_DATAGRAM,
    K_COUNT
};

static const char *const kind_names[K_COUNT] = {"TCP over IPv4", "UDP over IPv4", "TCP over IPv6",
                                                "UDP over IPv6", "dual-mode TCP", "dual-mode UDP",
                                                "Unix stream",   "Unix datagram"};

static bool kind_is_available(enum kind kind)
{
    return kind == K_TCP4 || kind == K_UDP4 || kind >= K_UNIX_STREAM ||
           !transport_missing(TCP_IPV6);
}

static sn_socket *kind_make(enum kind kind)
{
    sn_socket *socket = NULL;
    switch (kind) {
    case K_TCP4: return socket_make(TCP_IPV4);
    case K_UDP4: return socket_make(UDP_IPV4);
    case K_TCP6: return socket_make(TCP_IPV6);
    case K_UDP6: return socket_make(UDP_IPV6);
    case K_UNIX_STREAM: return socket_make(UNIX_STREAM);
    case K_UNIX_DATAGRAM: return socket_make(UNIX_DATAGRAM);
    case K_DUAL_TCP:
        assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
        return socket;
    case K_DUAL_UDP:
        assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket));
        return socket;
    case K_COUNT: break;
    }
    fail();
    return NULL;
}

enum {
    IP4 = 1 << K_TCP4 | 1 << K_UDP4,
    IP6 = 1 << K_TCP6 | 1 << K_UDP6,
    DUAL = 1 << K_DUAL_TCP | 1 << K_DUAL_UDP,
    IP = IP4 | IP6 | DUAL,
    STREAM_IP = 1 << K_TCP4 | 1 << K_TCP6 | 1 << K_DUAL_TCP,
    DATAGRAM_IP = 1 << K_UDP4 | 1 << K_UDP6 | 1 << K_DUAL_UDP,
    UNIX = 1 << K_UNIX_STREAM | 1 << K_UNIX_DATAGRAM,
    ALL = IP | UNIX
};

/* --- Properties that are true or false ------------------------------------------------------- */

static const struct truth {
    const char *what;
    int kinds; /* a mask */
    get_bool *get;
    set_bool *set;
    sn_error get_error;
    bool fresh;
    sn_error set_error;
    bool after_true, after_false; /* what is read once it was set */
} truths[] = {
#define TRUTH(property, kinds, fresh)                                                              \
    {                                                                                              \
#property, kinds, sn_socket_get_##property, sn_socket_set_##property, SN_OK, fresh, SN_OK, \
            true, false                                                                            \
    }
#define FAILS(property, kinds, get_error, set_error)                                               \
    {                                                                                              \
#property, kinds, sn_socket_get_##property, sn_socket_set_##property, get_error, false,    \
            set_error, false, false                                                                \
    }
    TRUTH(no_delay, STREAM_IP, false),
    FAILS(no_delay, 1 << K_UDP4, SN_ERROR_OPERATION_NOT_SUPPORTED, SN_ERROR_PROTOCOL_OPTION),
    FAILS(no_delay, 1 << K_UDP6 | 1 << K_DUAL_UDP, SN_ERROR_PROTOCOL_OPTION,
          SN_ERROR_PROTOCOL_OPTION),
    FAILS(no_delay, UNIX, SN_ERROR_OPERATION_NOT_SUPPORTED, SN_ERROR_OPERATION_NOT_SUPPORTED),
    TRUTH(dual_mode, IP6, false),
    TRUTH(dual_mode, DUAL, true), /* trap 1 */
    FAILS(dual_mode, IP4 | UNIX, SN_OK, SN_ERROR_NOT_SUPPORTED),
    TRUTH(dont_fragment, IP4 | DUAL, false),
    FAILS(dont_fragment, IP6 | UNIX, SN_ERROR_NOT_SUPPORTED, SN_ERROR_NOT_SUPPORTED),
    TRUTH(enable_broadcast, DATAGRAM_IP | 1 << K_UNIX_DATAGRAM, false),
    /* A stream takes the option and still answers false, without asking the kernel. */
    {"enable_broadcast", STREAM_IP | 1 << K_UNIX_STREAM, sn_socket_get_enable_broadcast,
     sn_socket_set_enable_broadcast, SN_OK, false, SN_OK, false, false},
    TRUTH(exclusive_address_use, IP, true), /* trap 86 */
    TRUTH(reuse_port, IP, false),
    TRUTH(reuse_address_only, IP, false),
    TRUTH(multicast_loopback, IP, true),
    FAILS(multicast_loopback, UNIX, SN_ERROR_NOT_SUPPORTED, SN_ERROR_NOT_SUPPORTED),
    /* trap 12 */
    FAILS(use_only_overlapped_io, ALL, SN_OK, SN_OK),
};

static void check_truth(const struct truth *truth, enum kind kind)
{
    sn_socket *socket = kind_make(kind);
    bool value = !truth->fresh;
    row_error(truth->get_error, truth->get(socket, &value));
    row_equal(truth->get_error ? !truth->fresh : truth->fresh, value);
    for (int set = 1; set >= 0; set--) {
        row_error(truth->set_error, truth->set(socket, set));
        if (truth->get_error)
            continue;
        bool after = set ? truth->after_true : truth->after_false;
        value = !after;
        row_error(SN_OK, truth->get(socket, &value));
        row_equal(truth->set_error ? truth->fresh : after, value);
    }
    sn_socket_release(socket);
}

/* C.4, E.1; traps 1, 12, 86 */
TEST(each_truth_is_read_and_set_as_its_row_says)
{
    for (size_t i = 0; i < COUNT_OF(truths); i++) {
        for (int kind = 0; kind < K_COUNT; kind++) {
            if (!(truths[i].kinds & (1 << kind)) || !kind_is_available((enum kind)kind))
                continue;
            row_begin("%s of %s", truths[i].what, kind_names[kind]);
            check_truth(&truths[i], (enum kind)kind);
        }
    }
    rows_end();
}

/* --- Properties that are numbers ------------------------------------------------------------- */

#define NARROW(property)                                                                           \
    static sn_error get_##property(sn_socket *socket, int64_t *out_value)                          \
    {                                                                                              \
        int value = ANY;                                                                           \
        sn_error error = sn_socket_get_##property(socket, &value);                                 \
        *out_value = value;                                                                        \
        return error;                                                                              \
    }                                                                                              \
    static sn_error set_##property(sn_socket *socket, int64_t value)                               \
    {                                                                                              \
        return sn_socket_set_##property(socket, (int)value);                                       \
    }
NARROW(receive_buffer_size)
NARROW(send_buffer_size)
NARROW(ttl)

static const struct number {
    const char *what;
    int kinds; /* a mask */
    get_number *get;
    set_number *set;
    int64_t value;
    sn_error error;
    int64_t after; /* what is read after it, or ANY */
} numbers[] = {
#define ROW(property, get, set, kinds, value, error, after)                                        \
    {                                                                                              \
#property " = " #value, kinds, get, set, value, error, after                               \
    }
#define NUMBER(property, kinds, value, error, after)                                               \
    ROW(property, get_##property, set_##property, kinds, value, error, after)
#define SPAN(property, value, error, after)                                                        \
    ROW(property, sn_socket_get_##property, sn_socket_set_##property, ALL, value, error, after)
#define TIMEOUT(property)                                                                          \
    SPAN(property, 0, SN_OK, 0), SPAN(property, 1, SN_OK, 1),                                      \
        SPAN(property, INT_MAX, SN_OK, INT_MAX), SPAN(property, SN_FOREVER, SN_OK, 0),             \
        SPAN(property, -2, SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0),                                     \
        SPAN(property, INT_MAX + INT64_C(1), SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0),                   \
        SPAN(property, INT64_C(1) << 32, SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0),                       \
        SPAN(property, INT64_MAX, SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0),                              \
        SPAN(property, INT64_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0)
    TIMEOUT(receive_timeout), /* trap 63 */
    TIMEOUT(send_timeout),
    TIMEOUT(connect_timeout),
    TIMEOUT(accept_timeout),
#define BUFFER_SIZE(property)                                                                      \
    NUMBER(property, ALL, 8192, SN_OK, 16384),                                                     \
        NUMBER(property, ALL, 0, SN_OK, ANY),       /* trap 58: legal, the kernel has a floor */   \
        NUMBER(property, ALL, INT_MAX, SN_OK, ANY), /* and a ceiling */                            \
        NUMBER(property, ALL, -1, SN_ERROR_ARGUMENT_OUT_OF_RANGE, ANY),                            \
        NUMBER(property, ALL, INT_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE, ANY)
    BUFFER_SIZE(receive_buffer_size),
    BUFFER_SIZE(send_buffer_size),
    NUMBER(ttl, IP, 1, SN_OK, 1),
    NUMBER(ttl, IP, 255, SN_OK, 255),
    NUMBER(ttl, IP4, 0, SN_ERROR_INVALID_ARGUMENT, ANY),
    NUMBER(ttl, IP6 | DUAL, 0, SN_OK, 0),
    /* The range is checked before the family. */
    NUMBER(ttl, ALL, 256, SN_ERROR_ARGUMENT_OUT_OF_RANGE, ANY),
    NUMBER(ttl, ALL, -1, SN_ERROR_ARGUMENT_OUT_OF_RANGE, ANY),
    NUMBER(ttl, ALL, INT_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE, ANY),
    NUMBER(ttl, ALL, INT_MAX, SN_ERROR_ARGUMENT_OUT_OF_RANGE, ANY),
    NUMBER(ttl, UNIX, 200, SN_ERROR_NOT_SUPPORTED, ANY),
};

static void check_number(const struct number *number, enum kind kind)
{
    sn_socket *socket = kind_make(kind);
    int64_t before = ANY, after = ANY;
    sn_error reading = number->get(socket, &before);
    row_error(number->get == get_ttl && ((1 << kind) & UNIX) ? SN_ERROR_NOT_SUPPORTED : SN_OK,
              reading);
    row_error(number->error, number->set(socket, number->value));
    row_error(reading, number->get(socket, &after));
    if (number->after != ANY)
        row_equal(number->after, after);
    else if (number->error)
        row_equal(before, after);
    sn_socket_release(socket);
}

/* C.4, E.1; traps 58, 63 */
TEST(each_number_is_read_and_set_as_its_row_says)
{
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        for (int kind = 0; kind < K_COUNT; kind++) {
            if (!(numbers[i].kinds & (1 << kind)) || !kind_is_available((enum kind)kind))
                continue;
            row_begin("%s of %s", numbers[i].what, kind_names[kind]);
            check_number(&numbers[i], (enum kind)kind);
        }
    }
    rows_end();
}

/* C.4 SendTimeout / ReceiveTimeout: property and option are one value */
TEST(a_timeout_is_the_same_as_its_option)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_milliseconds value = ANY;
    int option = ANY;
    assert_ok(sn_socket_set_receive_timeout(socket, 77));
    assert_ok(sn_socket_get_option(socket, SN_LEVEL_SOCKET, SN_OPTION_RECEIVE_TIMEOUT, &option));
    assert_int_equal(77, option);
    assert_ok(sn_socket_set_option(socket, SN_LEVEL_SOCKET, SN_OPTION_SEND_TIMEOUT, 78));
    assert_ok(sn_socket_get_send_timeout(socket, &value));
    assert_int_equal(78, value);
    sn_socket_release(socket);
}

/* C.4 TTL: the property is the option of the socket's own family */
TEST(ttl_is_the_option_of_the_sockets_family)
{
    for (int kind = 0; kind < K_COUNT; kind++) {
        if (!((1 << kind) & IP) || !kind_is_available((enum kind)kind))
            continue;
        row_begin("%s", kind_names[kind]);
        sn_socket *socket = kind_make((enum kind)kind);
        int value = ANY;
        row_error(SN_OK, sn_socket_set_ttl(socket, 44));
        row_error(SN_OK,
                  sn_socket_get_option(socket, ((1 << kind) & IP4) ? SN_LEVEL_IP : SN_LEVEL_IPV6,
                                       SN_OPTION_IP_TIME_TO_LIVE, &value));
        row_equal(44, value);
        sn_socket_release(socket);
    }
    rows_end();
}

/* --- Linger ---------------------------------------------------------------------------------- */

/* C.4 Linger; trap 93 */
TEST(linger_takes_0_to_65535_seconds)
{
    static const struct {
        bool enabled;
        int seconds;
        sn_error error;
    } steps[] = {
        {true, 0, SN_OK},
        {true, 1, SN_OK},
        {true, 65535, SN_OK},
        {false, 0, SN_OK},
        {true, 65536, SN_ERROR_ARGUMENT},
        {true, -1, SN_ERROR_ARGUMENT},
        {false, -1, SN_ERROR_ARGUMENT},
        {false, 65536, SN_ERROR_ARGUMENT},
        {true, INT_MAX, SN_ERROR_ARGUMENT},
        {true, INT_MIN, SN_ERROR_ARGUMENT},
    };
    for (int kind = 0; kind < K_COUNT; kind++) {
        if (!kind_is_available((enum kind)kind))
            continue;
        sn_socket *socket = kind_make((enum kind)kind);
        row_begin("fresh %s", kind_names[kind]);
        sn_linger_option before = {true, 99}, after;
        row_error(SN_OK, sn_socket_get_linger_state(socket, &before));
        row_equal(false, before.enabled);
        row_equal(0, before.seconds);
        for (size_t i = 0; i < COUNT_OF(steps); i++) {
            row_begin("step %zu of %s", i, kind_names[kind]);
            sn_linger_option linger = {steps[i].enabled, steps[i].seconds};
            row_error(steps[i].error, sn_socket_set_linger_state(socket, &linger));
            row_error(SN_OK, sn_socket_get_linger_state(socket, &after));
            if (steps[i].error)
                linger = before;
            row_equal(linger.enabled, after.enabled);
            if (linger.enabled)
                row_equal(linger.seconds, after.seconds);
            before = after;
        }
        row_error(SN_ERROR_ARGUMENT_NULL, sn_socket_set_linger_state(socket, NULL));
        sn_socket_release(socket);
    }
    rows_end();
}

/* trap 93 */
TEST(linger_may_be_set_after_the_peer_has_closed)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket_close(pair.server);
    wait_readable(pair.client);
    sn_linger_option linger = {true, 1};
    assert_ok(sn_socket_set_linger_state(pair.client, &linger));
    pair_release(&pair);
}

TEST(linger_options_are_equal_when_both_fields_are)
{
    static const sn_linger_option options[] = {
        {false, 0}, {true, 0}, {false, 3}, {true, 3}, {true, -1}};
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        for (size_t j = 0; j < COUNT_OF(options); j++) {
            const sn_linger_option copy = options[j];
            assert_int_equal(i == j, sn_linger_option_equals(&options[i], &copy));
            if (i == j)
                assert_int_equal(sn_linger_option_hash(&options[i]), sn_linger_option_hash(&copy));
        }
        assert_false(sn_linger_option_equals(&options[i], NULL));
        assert_false(sn_linger_option_equals(NULL, &options[i]));
    }
    assert_false(sn_linger_option_equals(NULL, NULL));
    assert_int_equal(0, sn_linger_option_hash(NULL));
    assert_int_not_equal(sn_linger_option_hash(&options[0]), sn_linger_option_hash(&options[1]));
    assert_int_not_equal(sn_linger_option_hash(&options[2]), sn_linger_option_hash(&options[0]));
}

/* --- Rules of single properties -------------------------------------------------------------- */

/* C.4, E.1; trap 95 */
TEST(exclusive_address_use_cannot_be_set_once_the_socket_is_bound)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket *bound = socket_bound(UDP_IPV4);
    for (int value = 0; value <= 1; value++) {
        row_begin("value %d", value);
        row_error(SN_ERROR_INVALID_OPERATION, sn_socket_set_exclusive_address_use(bound, value));
        row_error(SN_ERROR_INVALID_OPERATION,
                  sn_socket_set_exclusive_address_use(pair.client, value));
    }
    row_equal(true, sn_socket_is_connected(pair.client));
    /* The option call is always allowed. */
    row_error(SN_OK, sn_socket_set_option(pair.client, SN_LEVEL_SOCKET,
                                          SN_OPTION_EXCLUSIVE_ADDRESS_USE, 0));
    rows_end();
    sn_socket_release(bound);
    pair_release(&pair);
}

/* api 9: the two halves of .NET's ReuseAddress, each on its own */
TEST(reuse_port_and_reuse_address_only_are_separate)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    bool port = false, address = true, exclusive = true;
    assert_ok(sn_socket_set_reuse_port(socket, true));
    assert_ok(sn_socket_get_reuse_port(socket, &port));
    assert_ok(sn_socket_get_reuse_address_only(socket, &address));
    assert_true(port);
    assert_false(address);
    assert_ok(sn_socket_get_exclusive_address_use(socket, &exclusive)); /* reads SO_REUSEPORT */
    assert_false(exclusive);

    assert_ok(sn_socket_set_reuse_port(socket, false));
    assert_ok(sn_socket_set_reuse_address_only(socket, true));
    assert_ok(sn_socket_get_reuse_port(socket, &port));
    assert_ok(sn_socket_get_reuse_address_only(socket, &address));
    assert_false(port);
    assert_true(address);

    assert_ok(sn_socket_set_option(socket, SN_LEVEL_SOCKET, SN_OPTION_REUSE_ADDRESS, 1));
    assert_ok(sn_socket_get_reuse_port(socket, &port));
    assert_ok(sn_socket_get_reuse_address_only(socket, &address));
    assert_true(port);
    assert_true(address);
    sn_socket_release(socket);
}

/* C.4 DontFragment: an IPv6 socket has it while it speaks IPv4 too */
TEST(dont_fragment_follows_dual_mode)
{
    if (transport_missing(UDP_IPV6))
        SKIP("no IPv6 here");
    sn_socket *socket = socket_make(UDP_IPV6);
    bool value = true;
    assert_error(SN_ERROR_NOT_SUPPORTED, sn_socket_get_dont_fragment(socket, &value));
    assert_ok(sn_socket_set_dual_mode(socket, true));
    assert_ok(sn_socket_set_dont_fragment(socket, true));
    assert_ok(sn_socket_get_dont_fragment(socket, &value));
    assert_true(value);
    assert_ok(sn_socket_set_dual_mode(socket, false));
    assert_error(SN_ERROR_NOT_SUPPORTED, sn_socket_set_dont_fragment(socket, true));
    sn_socket_release(socket);
}

/* C.4, E.1; trap 92 */
TEST(ip_protection_levels_exist_on_windows_only)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    assert_error(SN_ERROR_ARGUMENT,
                 sn_socket_set_ip_protection_level(socket, SN_PROTECTION_UNSPECIFIED));
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED,
                 sn_socket_set_ip_protection_level(socket, SN_PROTECTION_UNRESTRICTED));
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED,
                 sn_socket_set_ip_protection_level(socket, SN_PROTECTION_EDGE_RESTRICTED));
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED,
                 sn_socket_set_ip_protection_level(socket, SN_PROTECTION_RESTRICTED));
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED,
                 sn_socket_set_ip_protection_level(socket, (sn_ip_protection_level)77));
    sn_socket_release(socket);
}

/* C.1: a property that the kernel does not know leaves Connected alone */
TEST(reading_a_property_that_the_kernel_lacks_keeps_connected)
{
    struct socket_pair pair = pair_connected(UDP_IPV4);
    bool value = true;
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, sn_socket_get_no_delay(pair.client, &value));
    assert_error(SN_ERROR_PROTOCOL_OPTION, sn_socket_set_no_delay(pair.client, true));
    assert_true(value);
    assert_true(sn_socket_is_connected(pair.client));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(each_truth_is_read_and_set_as_its_row_says),
        CASE(each_number_is_read_and_set_as_its_row_says),
        CASE(a_timeout_is_the_same_as_its_option),
        CASE(ttl_is_the_option_of_the_sockets_family),
        CASE(linger_takes_0_to_65535_seconds),
        CASE(linger_may_be_set_after_the_peer_has_closed),
        CASE(linger_options_are_equal_when_both_fields_are),
        CASE(exclusive_address_use_cannot_be_set_once_the_socket_is_bound),
        CASE(reuse_port_and_reuse_address_only_are_separate),
        CASE(dont_fragment_follows_dual_mode),
        CASE(ip_protection_levels_exist_on_windows_only),
        CASE(reading_a_property_that_the_kernel_lacks_keeps_connected),
    };
    return RUN(cases);
}
