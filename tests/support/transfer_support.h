/*
 * What the tests of sending, receiving and options share: tables that report each row that fails,
 * and the proof that a refused call changed nothing.
 */
#ifndef TESTS_SUPPORT_TRANSFER_SUPPORT_H
#define TESTS_SUPPORT_TRANSFER_SUPPORT_H

#include "support/run.h"
#include "support/sockets.h"
#include "support/test.h"
#include "support/verbs.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* A UDP end point on the loopback address where nobody listens. */
sn_endpoint deserted_endpoint(sn_address_family family);
/* Receives exactly this many bytes of a stream. */
void receive_exactly(sn_socket *socket, void *data, size_t size);
/* Waits until SN_SELECT_ERROR says so: an error is pending, or urgent data is there. */
void wait_error(sn_socket *socket);
bool is_readable(sn_socket *socket);
size_t available(sn_socket *socket);

/* --- Tables: every failing row is reported, the others still run ------------------------------ */

void row_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void row_compare_errors(sn_error expected, sn_error actual, const char *file, int line);
void row_compare_numbers(long long expected, long long actual, const char *what, const char *file,
                         int line);
/* Fails the test if a row failed since the last call. */
void rows_end(void);

#define row_error(expected, actual) row_compare_errors(expected, actual, __FILE__, __LINE__)
#define row_equal(expected, actual)                                                                \
    row_compare_numbers((long long)(expected), (long long)(actual), #actual, __FILE__, __LINE__)

/* --- Nothing changed ------------------------------------------------------------------------- */

/* What a caller can see of a socket. */
struct snapshot {
    bool is_bound, connected, blocking;
    sn_milliseconds receive_timeout, send_timeout;
    sn_endpoint local, remote;
};

struct snapshot snapshot_take(sn_socket *socket);
/* A row fails if the socket does not look as it did. */
void snapshot_compare(const struct snapshot *before, sn_socket *socket);

/* --- Bad input ------------------------------------------------------------------------------- */

/* Where calls that must fail write their outputs, so that they can be seen to write none. */
extern struct outputs {
    bool truth;
    int number;
    sn_milliseconds span;
    size_t size;
    sn_endpoint endpoint;
    sn_socket *socket;
    sn_linger_option linger;
    char data[16];
} outputs;

void outputs_poison(void);
/* A row fails if anything was written since. */
void outputs_compare(void);

/* Arguments: right ones, and end points that are none. Made by bad_input_begin(). */
extern struct arguments {
    sn_endpoint somewhere, free_port, dns, dns_ipv6, none;
    sn_ip_address loopback[2];
    sn_buffer buffers[3];
} given;

void bad_input_begin(void);

#endif
