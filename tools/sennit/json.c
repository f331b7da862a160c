#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int depth;
static bool has_member; /* what is open has one, so that a comma is due */

/* How many bytes from `at` on are one character of UTF-8; 0: none. */
static size_t character_size(const uint8_t *at, size_t left)
{
    size_t size = 0;
    if (at[0] < 0x80)
        size = 1;
    else if (at[0] >= 0xC2 && at[0] < 0xE0)
        size = 2;
    else if (at[0] >= 0xE0 && at[0] < 0xF0)
        size = 3;
    else if (at[0] >= 0xF0 && at[0] < 0xF5)
        size = 4;
    if (size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

/* A byte that belongs to no character becomes the character of its number: no reader refuses it. */
static void write_quoted(const uint8_t *bytes, size_t size)
{
    putchar('"');
    for (size_t i = 0; i < size;) {
        size_t width = character_size(bytes + i, size - i);
        if (width == 0 || bytes[i] < ' ' || bytes[i] == 127)
            printf("\\u%04x", bytes[i]);
        else if (bytes[i] == '"' || bytes[i] == '\\')
            printf("\\%c", bytes[i]);
        else
            (void)fwrite(bytes + i, 1, width, stdout);
        i += width > 0 ? width : 1;
    }
    putchar('"');
}

static void begin(const char *name)
{
    if (has_member)
        putchar(',');
    has_member = true;
    if (name) {
        write_quoted((const uint8_t *)name, strlen(name));
        putchar(':');
    }
}

static void open_with(const char *name, char bracket)
{
    begin(name);
    putchar(bracket);
    has_member = false;
    depth++;
}

static void close_with(char bracket)
{
    putchar(bracket);
    has_member = true;
    if (--depth == 0) {
        putchar('\n');
        has_member = false;
        (void)fflush(stdout);
    }
}

void json_open_object(const char *name)
{
    open_with(name, '{');
}

void json_close_object(void)
{
    close_with('}');
}

void json_open_array(const char *name)
{
    open_with(name, '[');
}

void json_close_array(void)
{
    close_with(']');
}

void json_bytes(const char *name, const void *bytes, size_t size)
{
    begin(name);
    write_quoted(bytes, size);
}

void json_text(const char *name, const char *text)
{
    if (text) {
        json_bytes(name, text, strlen(text));
        return;
    }
    begin(name);
    fputs("null", stdout);
}

void json_number(const char *name, int64_t number)
{
    begin(name);
    printf("%" PRId64, number);
}

void json_real(const char *name, double number)
{
    begin(name);
    printf("%.6g", number);
}

void json_boolean(const char *name, bool value)
{
    begin(name);
    fputs(value ? "true" : "false", stdout);
}
