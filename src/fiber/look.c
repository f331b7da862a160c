/* All fibers, for a visitor or as text; and how many there are. */
#include "fiber/registry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "error/error.h"

static sn_error misuse(void)
{
    error_set_last_native(0);
    return SN_ERROR_ARGUMENT_NULL;
}

sn_error sn_fiber_visit(sn_fiber_visitor visitor, void *context)
{
    if (!visitor)
        return misuse();
    struct registry_walk walk;
    registry_walk_begin(&walk);
    bool goes_on = true;
    sn_fiber *fiber;
    while (goes_on && (fiber = registry_walk_next(&walk))) {
        goes_on = visitor(fiber, context);
        sn_fiber_release(fiber);
    }
    if (!goes_on)
        registry_walk_leave(&walk);
    return SN_OK;
}

/* --- As text ---------------------------------------------------------------------------------- */

struct dump {
    int32_t to;
    int32_t failed; /* -errno; 0: nothing has */
};

/* What a name has that would make a line of its own, or move the cursor, does not get through. */
static void put_name(const sn_fiber *fiber, char *text, size_t size)
{
    if (!*fiber->name) {
        (void)snprintf(text, size, "%p", (const void *)fiber);
        return;
    }
    (void)snprintf(text, size, "\"%s\"", fiber->name);
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
}

static void put_state(const sn_fiber_info *info, char *text, size_t size)
{
    static const char *const names[] = {[SN_FIBER_STARTING] = "starting",
                                        [SN_FIBER_RUNNING] = "running",
                                        [SN_FIBER_WAITING] = "waiting for ",
                                        [SN_FIBER_OVER] = "over"};
    if (info->handle >= 0)
        (void)snprintf(text, size, "%s%s on %d", names[info->state], info->waits_for, info->handle);
    else
        (void)snprintf(text, size, "%s%s", names[info->state], info->waits_for);
}

static bool dump_one(sn_fiber *fiber, void *context)
{
    struct dump *dump = context;
    sn_fiber_info info = {.size = sizeof info};
    char name[80], state[80], line[320];
    (void)sn_fiber_get_info(fiber, &info);
    put_name(fiber, name, sizeof name);
    put_state(&info, state, sizeof state);
    int size = snprintf(line, sizeof line,
                        "fiber %" PRIu64 " %s: %s, %" PRId64 " ms, %" PRIu64
                        " switches, thread %" PRIu32 " of engine %p\n",
                        info.number, name, state, (int64_t)info.since_ms, info.switches,
                        info.thread, (const void *)info.engine);
    dump->failed = sys_write_text(dump->to, line, (size_t)size);
    return dump->failed == 0;
}

static int32_t dump_counts(int32_t to)
{
    sn_fiber_counts counts;
    char line[320];
    registry_count(&counts);
    int size =
        snprintf(line, sizeof line,
                 "fibers: %" PRIu64 " started, %" PRIu64 " ended, %" PRIu64 " starting, %" PRIu64
                 " running, %" PRIu64 " waiting, %" PRIu64 " switches\n",
                 counts.started, counts.ended, counts.starting, counts.running, counts.waiting,
                 counts.switches);
    return sys_write_text(to, line, (size_t)size);
}

sn_error sn_fiber_dump(sn_handle to)
{
    struct dump dump = {.to = (int32_t)to};
    (void)sn_fiber_visit(dump_one, &dump);
    if (!dump.failed)
        dump.failed = dump_counts(dump.to);
    if (!dump.failed)
        return SN_OK;
    error_set_last_native(-dump.failed);
    return sn_error_from_native(-dump.failed);
}

/* --- Counts ----------------------------------------------------------------------------------- */

sn_error sn_fiber_get_counts(sn_fiber_counts *out_counts, size_t size)
{
    sn_fiber_counts counts;
    if (!out_counts)
        return misuse();
    registry_count(&counts);
    size_t known = size < sizeof counts ? size : sizeof counts;
    memcpy(out_counts, &counts, known);
    memset((char *)out_counts + known, 0, size - known);
    return SN_OK;
}
