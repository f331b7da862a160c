/**
 * Input in memory of exactly its size, so that a read past the end is caught by the sanitizer, and
 * outputs whose every byte is known, so that a write on failure is seen.
 */
#ifndef TESTS_UNIT_ADDRESS_EXACT_H
#define TESTS_UNIT_ADDRESS_EXACT_H

#include "support/test.h"

#include <stdlib.h>

/* A text literal with its true length: embedded NULs count. */
#define BYTES(literal) (literal), sizeof(literal) - 1

/* Free it with free(). */
static inline char *exact_copy(const void *bytes, size_t size)
{
    char *exact = malloc(size > 0 ? size : 1);
    assert_non_null(exact);
    if (size > 0)
        memcpy(exact, bytes, size);
    return exact;
}

/* `prefix`, then `count` times `c`. */
static inline char *exact_repeat(const char *prefix, char c, size_t count)
{
    size_t length = strlen(prefix);
    char *text = malloc(length + count);
    assert_non_null(text);
    memcpy(text, prefix, length);
    memset(text + length, c, count);
    return text;
}

/* A record whose bytes are all 0xA5, to compare with after a failed call. */
#define UNTOUCHED              0xA5
#define fill_untouched(record) memset(&(record), UNTOUCHED, sizeof(record))

static inline void assert_untouched(const void *record, size_t size)
{
    const unsigned char *byte = record;
    for (size_t i = 0; i < size; i++)
        assert_int_equal(UNTOUCHED, byte[i]);
}

static inline sn_ip_address parsed(const char *text)
{
    sn_ip_address address;
    assert_ok(sn_ip_address_parse(text, &address));
    return address;
}

static inline sn_endpoint parsed_endpoint(const char *text)
{
    sn_endpoint endpoint;
    assert_ok(sn_endpoint_parse(text, &endpoint));
    return endpoint;
}

static inline void assert_address_text(const char *expected, const sn_ip_address *address)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    assert_ok(sn_ip_address_format(address, text, sizeof text));
    assert_string_equal(expected, text);
}

static inline void assert_endpoint_text(const char *expected, const sn_endpoint *endpoint)
{
    char text[SN_ENDPOINT_TEXT_SIZE];
    assert_ok(sn_endpoint_format(endpoint, text, sizeof text));
    assert_string_equal(expected, text);
}

#endif
