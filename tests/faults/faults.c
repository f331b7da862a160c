#include "faults/faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"

/* How often what passes by itself fails when it is lasting. */
enum { BURST = 40 };

static const struct {
    const char *name;
    int natives[32]; /* ends with 0 */
} points[POINT_COUNT] = {
#define X(name, type, parameters, arguments, how, ...) [POINT_##name] = {#name, {__VA_ARGS__}},
    FAULT_SYS_TABLE(X)
#undef X
#define X(name, parameters, arguments, ...) [POINT_##name] = {#name, {__VA_ARGS__}},
        FAULT_RING_TABLE(X)
#undef X
#define X(name, ...) [POINT_entry_##name] = {"IORING_OP_" #name, {__VA_ARGS__}},
            FAULT_ENTRY_TABLE(X)
#undef X
                [POINT_MEMORY] = {"memory", {ENOMEM}},
    [POINT_DESCRIPTORS] = {"descriptors", {EMFILE}},
};

#define NAME(native)                                                                               \
    {                                                                                              \
        native, #native                                                                            \
    }
#define RESOLVE(name)                                                                              \
    {                                                                                              \
        -SYS_RESOLVE_##name, "SYS_RESOLVE_" #name                                                  \
    }
static const struct {
    int native;
    const char *name;
} names[] = {
    NAME(EACCES),       NAME(EADDRINUSE),      NAME(EADDRNOTAVAIL), NAME(EAFNOSUPPORT),
    NAME(EAGAIN),       NAME(EBADF),           NAME(EBADR),         NAME(EBUSY),
    NAME(ECONNABORTED), NAME(ECONNREFUSED),    NAME(ECONNRESET),    NAME(EDESTADDRREQ),
    NAME(EDQUOT),       NAME(EFBIG),           NAME(EFAULT),        NAME(EHOSTDOWN),
    NAME(EHOSTUNREACH), NAME(EINTR),           NAME(EINVAL),        NAME(EIO),
    NAME(EISDIR),       NAME(ELOOP),           NAME(EMFILE),        NAME(EMSGSIZE),
    NAME(ENAMETOOLONG), NAME(ENETDOWN),        NAME(ENETUNREACH),   NAME(ENFILE),
    NAME(ENOBUFS),      NAME(ENODEV),          NAME(ENOENT),        NAME(ENOMEM),
    NAME(ENONET),       NAME(ENOPROTOOPT),     NAME(ENOSPC),        NAME(ENOTCONN),
    NAME(ENOTDIR),      NAME(ENOTSOCK),        NAME(ENOTTY),        NAME(ENXIO),
    NAME(EOPNOTSUPP),   NAME(EOVERFLOW),       NAME(EPERM),         NAME(EPIPE),
    NAME(EPROTO),       NAME(EPROTONOSUPPORT), NAME(EPROTOTYPE),    NAME(ERANGE),
    NAME(EROFS),        NAME(ESPIPE),          NAME(ETIME),         NAME(ETIMEDOUT),
    RESOLVE(TRY_AGAIN), RESOLVE(BAD_ARGUMENT), RESOLVE(FAILED),     RESOLVE(BAD_FAMILY),
    RESOLVE(NOT_FOUND), RESOLVE(OTHER),
};

static struct {
    struct fault fault;         /* set while only one thread runs, or before `is_armed` */
    uint32_t is_armed;          /* atomic */
    uint32_t struck;            /* atomic: how often */
    struct fault_counts counts; /* atomic */
} state;

const char *fault_point_name(enum fault_point point)
{
    return points[point].name;
}

const char *fault_native_name(int native)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].native == native)
            return names[i].name;
    fprintf(stderr, "faults: errno %d has no row in faults.c\n", native);
    abort();
}

int fault_point_find(const char *name)
{
    for (int i = 0; i < POINT_COUNT; i++)
        if (strcmp(points[i].name, name) == 0)
            return i;
    return -1;
}

int fault_native_find(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].native;
    return -1;
}

const int *fault_natives(enum fault_point point)
{
    return points[point].natives;
}

bool fault_passes(enum fault_point point, int native)
{
    if (point == POINT_sys_thread_start || point == POINT_sys_thread_start_detached)
        return false; /* EAGAIN is a limit there */
    return native == EAGAIN || native == EINTR || native == EBUSY;
}

void fault_arm(const struct fault *fault)
{
    state.fault = *fault;
    atomic_store_relaxed(&state.struck, 0u);
    for (int i = 0; i < POINT_COUNT; i++)
        atomic_store_relaxed(&state.counts.of[i], 0u);
    atomic_store_release(&state.is_armed, 1u);
}

void fault_disarm(void)
{
    atomic_store_release(&state.is_armed, 0u);
}

bool fault_has_struck(void)
{
    return atomic_load_relaxed(&state.struck) > 0;
}

bool fault_may_keep_file(void)
{
    return atomic_load_relaxed(&state.is_armed) && fault_has_struck() &&
           (state.fault.point == POINT_sys_unlink || state.fault.point == POINT_sys_identify ||
            state.fault.point == POINT_sys_working_directory);
}

void fault_get_counts(struct fault_counts *out_counts)
{
    for (int i = 0; i < POINT_COUNT; i++)
        out_counts->of[i] = atomic_load_relaxed(&state.counts.of[i]);
}

static bool is_struck(enum fault_point point, unsigned number)
{
    const struct fault *fault = &state.fault;
    if (fault->occurrence == 0 || point != fault->point || number < fault->occurrence)
        return false;
    if (!fault->is_lasting)
        return number == fault->occurrence;
    return !fault_passes(point, fault->native) || number < fault->occurrence + BURST;
}

bool fault_strikes(enum fault_point point, int32_t *out_result)
{
    if (!atomic_load_acquire(&state.is_armed)) /* pairs with the release in fault_arm() */
        return false;
    if (!is_struck(point, atomic_add_relaxed(&state.counts.of[point], 1u) + 1))
        return false;
    atomic_add_relaxed(&state.struck, 1u);
    *out_result = -state.fault.native;
    return true;
}
