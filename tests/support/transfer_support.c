#include "support/transfer_support.h"

sn_endpoint deserted_endpoint(sn_address_family family)
{
    /* Port 9 (discard) is used by nobody on a test machine, and is below the ephemeral ports. */
    return endpoint_of(family == SN_FAMILY_IPV6 ? &SN_IPV6_LOOPBACK : &SN_IPV4_LOOPBACK, 9);
}

void receive_exactly(sn_socket *socket, void *data, size_t size)
{
    for (size_t total = 0; total < size;) {
        size_t received = 0;
        assert_ok(do_receive(socket, (char *)data + total, size - total, SN_FLAG_NONE, &received));
        assert_true(received > 0);
        total += received;
    }
}

void wait_error(sn_socket *socket)
{
    bool ready = false;
    engines_settle();
    assert_ok(sn_socket_poll(socket, -1, SN_SELECT_ERROR, &ready));
    assert_true(ready);
}

bool is_readable(sn_socket *socket)
{
    bool ready = false;
    engines_settle();
    assert_ok(sn_socket_poll(socket, 0, SN_SELECT_READ, &ready));
    return ready;
}

size_t available(sn_socket *socket)
{
    size_t size = 77;
    assert_ok(sn_socket_get_available(socket, &size));
    return size;
}

/* --- Tables ---------------------------------------------------------------------------------- */

static char row_text[200];
static int failed_rows;

void row_begin(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(row_text, sizeof row_text, format, arguments);
    va_end(arguments);
}

void row_compare_errors(sn_error expected, sn_error actual, const char *file, int line)
{
    if (expected == actual)
        return;
    failed_rows++;
    print_error("%s:%d: %s: expected %s, got %s (errno %d)\n", file, line, row_text,
                sn_error_name(expected), sn_error_name(actual), sn_error_last_native());
}

void row_compare_numbers(long long expected, long long actual, const char *what, const char *file,
                         int line)
{
    if (expected == actual)
        return;
    failed_rows++;
    print_error("%s:%d: %s: %s: expected %lld, got %lld\n", file, line, row_text, what, expected,
                actual);
}

void rows_end(void)
{
    int failed = failed_rows;
    failed_rows = 0;
    if (failed > 0)
        fail_msg("%d comparisons failed", failed);
}

/* --- Nothing changed -------------------------------------------------------------------------- */

struct snapshot snapshot_take(sn_socket *socket)
{
    struct snapshot snapshot;
    memset(&snapshot, 0, sizeof snapshot);
    snapshot.is_bound = sn_socket_is_bound(socket);
    snapshot.connected = sn_socket_is_connected(socket);
    snapshot.blocking = sn_socket_is_blocking(socket);
    assert_ok(sn_socket_get_receive_timeout(socket, &snapshot.receive_timeout));
    assert_ok(sn_socket_get_send_timeout(socket, &snapshot.send_timeout));
    assert_ok(sn_socket_get_local_endpoint(socket, &snapshot.local));
    assert_ok(sn_socket_get_remote_endpoint(socket, &snapshot.remote));
    return snapshot;
}

static bool same_endpoint(const sn_endpoint *a, const sn_endpoint *b)
{
    if (a->kind == SN_ENDPOINT_NONE || b->kind == SN_ENDPOINT_NONE)
        return a->kind == b->kind;
    return sn_endpoint_equals(a, b);
}

void snapshot_compare(const struct snapshot *before, sn_socket *socket)
{
    struct snapshot after = snapshot_take(socket);
    row_equal(before->is_bound, after.is_bound);
    row_equal(before->connected, after.connected);
    row_equal(before->blocking, after.blocking);
    row_equal(before->receive_timeout, after.receive_timeout);
    row_equal(before->send_timeout, after.send_timeout);
    row_equal(true, same_endpoint(&before->local, &after.local));
    row_equal(true, same_endpoint(&before->remote, &after.remote));
}

/* --- Bad input -------------------------------------------------------------------------------- */

struct outputs outputs;
struct arguments given;

static struct outputs poisoned;

void outputs_poison(void)
{
    memset(&outputs, 0xEE, sizeof outputs);
    memcpy(&poisoned, &outputs, sizeof outputs);
}

void outputs_compare(void)
{
    row_equal(0, memcmp(&poisoned, &outputs, sizeof outputs));
}

void bad_input_begin(void)
{
    static char text[8];
    memset(&given, 0, sizeof given);
    given.somewhere = endpoint_of(&SN_IPV4_LOOPBACK, 9);
    given.free_port = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    assert_ok(sn_endpoint_from_dns("localhost", 9, SN_FAMILY_UNSPECIFIED, &given.dns));
    assert_ok(sn_endpoint_from_dns("localhost", 9, SN_FAMILY_IPV6, &given.dns_ipv6));
    given.loopback[0] = given.loopback[1] = SN_IPV4_LOOPBACK;
    for (size_t i = 0; i < COUNT_OF(given.buffers); i++)
        given.buffers[i] = (sn_buffer){text, 2};
}
