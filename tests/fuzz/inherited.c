/* The texts of LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, which a NUL each divides. */
#include "socket/object/inherited_text.h"

#include "fuzz.h"

enum { SELF = 77 };

/* What stands before the next NUL, without which it is not set; moves on behind it. */
static char *next_text(const uint8_t **data, size_t *size)
{
    const uint8_t *end = *size > 0 ? memchr(*data, 0, *size) : NULL;
    if (!end)
        return NULL;
    char *text = fuzz_exact(*data, (size_t)(end - *data) + 1);
    *size -= (size_t)(end - *data) + 1;
    *data = end + 1;
    return text;
}

/* All names together, with a colon between two, are the text again. */
static void check_names(const char *names, size_t count)
{
    const char *at = names, *text = names;
    char name[INHERITED_NAME_SIZE];
    for (size_t i = 0; i < count; i++) {
        fuzz_fill(name);
        at = inherited_next_name(at, name);
        size_t size = strlen(name);
        require(size < INHERITED_NAME_SIZE);
        require(memcmp(name, text, size) == 0);
        require(text[size] == (i + 1 < count ? ':' : '\0'));
        for (size_t k = 0; k < size; k++)
            require(name[k] >= ' ' && name[k] <= '~' && name[k] != ':');
        text += size + 1;
    }
}

static void check(const struct inherited_texts *texts)
{
    size_t count = SIZE_MAX, for_other = SIZE_MAX;
    sn_error error = inherited_count(texts, SELF, &count);
    require(error == SN_OK || error == SN_ERROR_FORMAT);
    require(!error || count == 0);
    require(count <= (size_t)INT32_MAX - INHERITED_FIRST);
    if (count > 0) {
        require(texts->process && texts->count);
        require(strtoul(texts->process, NULL, 10) == SELF);
        require(strtoul(texts->count, NULL, 10) == count);
        require(inherited_count(texts, SELF + 1, &for_other) == SN_OK && for_other == 0);
        if (texts->names)
            check_names(texts->names, count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *process = next_text(&data, &size), *count = next_text(&data, &size);
    char *names = next_text(&data, &size);
    check(&(struct inherited_texts){process, count, names});
    /* The second text alone decides more often when the first is right. */
    check(&(struct inherited_texts){"77", process, count});
    check(&(struct inherited_texts){"77", "3", process});
    free(process);
    free(count);
    free(names);
    return 0;
}
