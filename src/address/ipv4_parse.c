#include "address/ip_parse.h"
#include "address/text.h"

#define PART_COUNT_MAX 4

/* Where a number stands in the text. Nothing is read past `end`. */
struct cursor {
    const char *at;
    const char *end;
};

/* The base comes from the prefix. "0" is octal with no further digit, but "0x" alone is nothing. */
static uint32_t take_base(struct cursor *cursor, bool *out_has_digit)
{
    *out_has_digit = false;
    if (cursor->at == cursor->end || *cursor->at != '0')
        return 10;
    cursor->at++;
    if (cursor->at < cursor->end && (*cursor->at == 'x' || *cursor->at == 'X')) {
        cursor->at++;
        return 16;
    }
    *out_has_digit = true;
    return 8;
}

static bool take_number(struct cursor *cursor, uint32_t *out_number)
{
    bool has_digit;
    uint32_t base = take_base(cursor, &has_digit);
    uint64_t number = 0;
    while (cursor->at < cursor->end && text_digit_value(*cursor->at) < base) {
        number = number * base + text_digit_value(*cursor->at);
        if (number > UINT32_MAX)
            return false;
        has_digit = true;
        cursor->at++;
    }
    *out_number = (uint32_t)number;
    return has_digit;
}

bool ipv4_parse(const char *text, size_t size, uint8_t out_bytes[4])
{
    struct cursor cursor = {text, text + size};
    uint32_t address = 0;
    uint32_t last;
    unsigned part_count = 1;
    for (;; part_count++) {
        if (!take_number(&cursor, &last))
            return false;
        if (cursor.at == cursor.end)
            break;
        if (*cursor.at != '.' || part_count == PART_COUNT_MAX || last > UINT8_MAX)
            return false;
        cursor.at++;
        address |= last << (32 - 8 * part_count);
    }
    if (last > UINT32_MAX >> (8 * (part_count - 1)))
        return false;
    address |= last;
    for (unsigned i = 0; i < 4; i++)
        out_bytes[i] = (uint8_t)(address >> (24 - 8 * i));
    return true;
}

/* A decimal part of an embedded address, without a leading zero before another digit. (.NET 10 lets
 * the last part have one, .NET 11 none.) */
static bool take_embedded_part(struct cursor *cursor, uint8_t *out_byte)
{
    const char *start = cursor->at;
    uint32_t number = 0;
    while (cursor->at < cursor->end && text_is_digit(*cursor->at)) {
        if (cursor->at > start && *start == '0')
            return false;
        number = number * 10 + (uint32_t)(*cursor->at - '0');
        if (number > UINT8_MAX)
            return false;
        cursor->at++;
    }
    *out_byte = (uint8_t)number;
    return cursor->at > start;
}

bool ipv4_parse_embedded(const char *text, size_t size, uint8_t out_bytes[4])
{
    struct cursor cursor = {text, text + size};
    for (int i = 0;; i++) {
        bool is_last = i == PART_COUNT_MAX - 1;
        if (!take_embedded_part(&cursor, &out_bytes[i]))
            return false;
        if (is_last)
            return cursor.at == cursor.end;
        if (cursor.at == cursor.end || *cursor.at != '.')
            return false;
        cursor.at++;
    }
}
