/* Words of a line, and memory that never fails. */
#include "player.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void *room(size_t size)
{
    void *memory = calloc(1, size > 0 ? size : 1);
    if (!memory) {
        fputs("player: no memory\n", stderr);
        exit(2);
    }
    return memory;
}

char *copy_text(const char *from)
{
    size_t size = strlen(from) + 1;
    return memcpy(room(size), from, size);
}

void text_add_bytes(text *to, const void *data, size_t size)
{
    if (to->size + size + 1 > to->capacity) {
        size_t capacity = (to->size + size + 1) * 2;
        char *bigger = room(capacity);
        if (to->size > 0)
            memcpy(bigger, to->data, to->size);
        free(to->data);
        to->data = bigger;
        to->capacity = capacity;
    }
    if (size > 0)
        memcpy(to->data + to->size, data, size);
    to->size += size;
    to->data[to->size] = '\0';
}

void text_add(text *to, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    text_add_bytes(to, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
}

bool word_is(const word *item, const char *wanted)
{
    return !item->quoted && strcmp(item->text, wanted) == 0;
}

void words_free(words *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].text);
    free(list->items);
    *list = (words){0};
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit = (char)tolower((unsigned char)digit);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* One character after a backslash; NULL if it means nothing. */
static const char *read_escape(const char *at, text *to)
{
    static const char letters[] = "0nrt\"\\";
    static const char meanings[] = "\0\n\r\t\"\\";
    const char *letter = *at ? strchr(letters, *at) : NULL;
    if (letter) {
        text_add_bytes(to, &meanings[letter - letters], 1);
        return at + 1;
    }
    if (*at != 'x' || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0)
        return NULL;
    char byte = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
    text_add_bytes(to, &byte, 1);
    return at + 3;
}

/* "..." followed by *COUNT or by nothing. */
static const char *read_quoted(const char *at, text *to)
{
    for (at++; *at != '"';) {
        if (!*at)
            return NULL;
        if (*at == '\\') {
            at = read_escape(at + 1, to);
            if (!at)
                return NULL;
        } else {
            text_add_bytes(to, at++, 1);
        }
    }
    at++;
    if (*at != '*')
        return at;
    char *end;
    unsigned long count = strtoul(at + 1, &end, 10);
    if (end == at + 1 || count > 100000000)
        return NULL;
    text all = {0};
    text_add_bytes(&all, "", 0);
    for (unsigned long i = 0; i < count; i++)
        text_add_bytes(&all, to->data, to->size);
    free(to->data);
    *to = all;
    return end;
}

const char *words_read(const char *line, words *out_words)
{
    words list = {.items = room(sizeof(word) * (strlen(line) / 2 + 1))};
    const char *at = line;
    const char *problem = NULL;
    for (;;) {
        while (isspace((unsigned char)*at))
            at++;
        if (!*at || *at == '#')
            break;
        text piece = {0};
        text_add_bytes(&piece, "", 0);
        bool quoted = *at == '"';
        if (quoted) {
            at = read_quoted(at, &piece);
            if (!at || (*at && !isspace((unsigned char)*at))) {
                free(piece.data);
                problem = "a quoted text that does not end, or an unknown escape in it";
                break;
            }
        } else {
            size_t size = strcspn(at, " \t\r\n");
            text_add_bytes(&piece, at, size);
            at += size;
        }
        list.items[list.count++] = (word){piece.data, piece.size, quoted};
    }
    if (problem)
        words_free(&list);
    *out_words = list;
    return problem;
}
