#include "socket/object/inherited_text.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* Digits and nothing else: no sign, no blanks. */
static bool read_number(const char *text, uint32_t most, uint32_t *out)
{
    uint64_t number = 0;
    if (*text == '\0')
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (uint64_t)(*text - '0');
        if (number > most)
            return false;
    }
    *out = (uint32_t)number;
    return true;
}

static const char *end_of_name(const char *name)
{
    return name + strcspn(name, ":");
}

/* What can be seen in ASCII, and blanks; it may be empty. */
static bool is_name(const char *name, const char *end)
{
    if (end - name >= INHERITED_NAME_SIZE)
        return false;
    for (; name < end; name++)
        if (*name < ' ' || *name > '~')
            return false;
    return true;
}

/* One for each: a colon stands between two. */
static bool are_names(const char *names, size_t count)
{
    for (;; count--) {
        const char *end = end_of_name(names);
        if (count == 0 || !is_name(names, end))
            return false;
        if (*end == '\0')
            return count == 1;
        names = end + 1;
    }
}

sn_error inherited_count(const struct inherited_texts *texts, uint32_t process, size_t *out_count)
{
    uint32_t to = 0, count = 0;
    *out_count = 0;
    if (!texts->process || !texts->count)
        return SN_OK;
    if (!read_number(texts->process, INT_MAX, &to) || to == 0)
        return SN_ERROR_FORMAT;
    if (to != process)
        return SN_OK;
    if (!read_number(texts->count, INT_MAX - INHERITED_FIRST, &count))
        return SN_ERROR_FORMAT;
    if (count > 0 && texts->names && !are_names(texts->names, count))
        return SN_ERROR_FORMAT;
    *out_count = count;
    return SN_OK;
}

const char *inherited_next_name(const char *names, char out_name[INHERITED_NAME_SIZE])
{
    const char *name = names ? names : "unknown"; /* systemd's word for it */
    const char *end = end_of_name(name);
    size_t size = (size_t)(end - name);
    memcpy(out_name, name, size);
    out_name[size] = '\0';
    return names && *end ? end + 1 : names;
}
