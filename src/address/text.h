/**
 * What the parsers and formatters of this room share.
 */
#ifndef ADDRESS_TEXT_H
#define ADDRESS_TEXT_H

#include <sennit/error.h>
#include <sennit/types.h>

/* A text being made, in memory that is known to suffice: texts are finished here first and copied
 * to the caller whole, so that a buffer of his that is too small stays as it was. */
struct text_writer {
    char *text; /* borrowed; ends with a NUL after each append */
    size_t size;
    size_t length;
};

void text_append(struct text_writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads a whole text as a decimal number; false if it is none or is larger than `number_max`. */
bool text_to_number(const char *text, size_t size, uint32_t number_max, uint32_t *out_number);

/* Where `c` stands last in the text; `size` if nowhere. */
size_t text_find_last(const char *text, size_t size, char c);

/* Copies a finished text of `length` characters and a NUL into the caller's memory, or nothing. */
sn_error text_deliver(const char *finished, size_t length, char *text, size_t size);

static inline bool text_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit; 16, more than any base, for everything else. */
static inline uint32_t text_digit_value(char c)
{
    if (text_is_digit(c))
        return (uint32_t)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (uint32_t)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (uint32_t)(c - 'A') + 10;
    return 16;
}

#endif
