#include "end.h"

#include <errno.h>
#include <string.h>
#include <time.h>

void end_begin(struct end *end)
{
    *end = (struct end){.bytes = 0};
    sha256_init(&end->sum);
}

void end_take(struct end *end, const void *data, size_t size)
{
    sha256_update(&end->sum, size, data);
    end->bytes += size;
}

struct digest end_digest(const struct end *end)
{
    struct sha256_ctx sum = end->sum; /* reading the sum resets nettle's context */
    struct digest digest;
    sha256_digest(&sum, sizeof digest.bytes, digest.bytes);
    return digest;
}

void end_fail(struct end *end, const char *doing, sn_error error)
{
    char reason[200];
    snprintf(reason, sizeof reason, "%s: %s", sn_error_name(error), sn_error_message(error));
    end_fail_with(end, doing, reason);
}

void end_fail_with(struct end *end, const char *doing, const char *reason)
{
    if (!end_has_failed(end))
        snprintf(end->failure, sizeof end->failure, "%s: %s", doing, reason);
}

bool end_has_failed(const struct end *end)
{
    return end->failure[0] != '\0';
}

FILE *end_open_file(struct end *near, const char *path)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        end_fail_with(near, "open", strerror(errno));
    else
        (void)setvbuf(file, NULL, _IONBF, 0); /* the pieces are big: no second copy of them */
    return file;
}

size_t end_read_file(struct end *near, FILE *file, void *data, size_t size)
{
    size_t taken = fread(data, 1, size, file);
    if (ferror(file))
        end_fail_with(near, "read", strerror(errno));
    end_take(near, data, taken);
    return taken;
}

double end_clock(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
