/**
 * The inputs of a fuzz target: the files of a folder, in the order of their names.
 */
#ifndef TESTS_FUZZ_CORPUS_H
#define TESTS_FUZZ_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input {
    char *name; /* owned: the path */
    uint8_t *data;
    size_t size;
};

struct corpus {
    struct input *inputs; /* owned */
    size_t count;
};

/* A file, or all files of a folder; false, with the reason on standard error, when something cannot
 * be read or there is nothing. Free it in both cases. */
bool corpus_read(struct corpus *corpus, const char *path);
void corpus_free(struct corpus *corpus);

#endif
