#include "address/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

void text_append(struct text_writer *writer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = writer->size - writer->length;
    int length = vsnprintf(writer->text + writer->length, room, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    assert((size_t)length < room);
    writer->length += (size_t)length;
}

/* .NET's number parser takes no sign and no white space here, any count of leading zeros, and NULs
 * at the end: it lets them count as the end of the text. Ports, prefixes and scopes inherit that.
 */
bool text_to_number(const char *text, size_t size, uint32_t number_max, uint32_t *out_number)
{
    uint64_t number = 0;
    size_t index = 0;
    for (; index < size && text_is_digit(text[index]); index++) {
        number = number * 10 + (uint64_t)(text[index] - '0');
        if (number > number_max)
            return false;
    }
    if (index == 0)
        return false;
    for (; index < size; index++)
        if (text[index] != '\0')
            return false;
    *out_number = (uint32_t)number;
    return true;
}

size_t text_find_last(const char *text, size_t size, char c)
{
    for (size_t index = size; index > 0; index--)
        if (text[index - 1] == c)
            return index - 1;
    return size;
}

sn_error text_deliver(const char *finished, size_t length, char *text, size_t size)
{
    if (!text)
        return SN_ERROR_ARGUMENT_NULL;
    if (size <= length)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    memcpy(text, finished, length);
    text[length] = '\0';
    return SN_OK;
}
