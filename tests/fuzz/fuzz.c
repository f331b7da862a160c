#include "fuzz.h"

#include <stdio.h>

void fuzz_require_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, condition);
    abort();
}

void *fuzz_exact(const void *bytes, size_t size)
{
    void *exact = malloc(size);
    require(exact || size == 0);
    if (size > 0)
        memcpy(exact, bytes, size);
    return exact;
}

char *fuzz_text(const void *bytes, size_t size)
{
    char *text = malloc(size + 1);
    require(text);
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

bool fuzz_is_filled(const void *record, size_t size)
{
    const uint8_t *bytes = record;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0xA5)
            return false;
    return true;
}
