/**
 * Static trace points: where a tracer such as bpftrace or perf can look on, an operation's start
 * and its completion, and the life of a fiber. Each is one instruction that does nothing until a
 * tracer is attached, and a note in the library's file that tells the tracer its place and its
 * arguments. Nothing at all where the build found no <sys/sdt.h>.
 *
 * The names and the arguments are what scripts of users are written for; docs/guide/observing.md
 * lists them.
 */
#ifndef TELEMETRY_TRACE_H
#define TELEMETRY_TRACE_H

#include <stddef.h>
#include <stdint.h>

#ifdef SENNIT_TRACE
#include <sys/sdt.h>
/* perf leaves a constant argument out, and then refuses the trace point for having other arguments
 * here than there. */
#define TRACE_AS_VARIABLE(value) __asm__("" : "+r"(value))
#else
#define TRACE_AS_VARIABLE(value)                  ((void)(value))
#define DTRACE_PROBE1(provider, name, a)          ((void)(a))
#define DTRACE_PROBE2(provider, name, a, b)       ((void)(a), (void)(b))
#define DTRACE_PROBE3(provider, name, a, b, c)    ((void)(a), (void)(b), (void)(c))
#define DTRACE_PROBE4(provider, name, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

/* `operation` is an address that tells two operations at one time apart, `kind` an
 * sn_operation_kind, `handle` the descriptor or -1. */
static inline void trace_operation_start(const void *operation, uint32_t kind, int32_t handle)
{
    TRACE_AS_VARIABLE(kind);
    TRACE_AS_VARIABLE(handle);
    DTRACE_PROBE3(sennit, operation_start, operation, kind, handle);
}

/* `error` is an sn_error, `transferred` bytes. */
static inline void trace_operation_complete(const void *operation, uint32_t kind, int error,
                                            size_t transferred)
{
    TRACE_AS_VARIABLE(kind);
    TRACE_AS_VARIABLE(error);
    TRACE_AS_VARIABLE(transferred);
    DTRACE_PROBE4(sennit, operation_complete, operation, kind, error, transferred);
}

/* `fiber` is an address as above, `number` counts all of the process, `name` is text. */
static inline void trace_fiber_start(const void *fiber, uint64_t number, const char *name)
{
    TRACE_AS_VARIABLE(number);
    DTRACE_PROBE3(sennit, fiber_start, fiber, number, name);
}

/* It goes on, on the thread that says so. */
static inline void trace_fiber_in(const void *fiber)
{
    DTRACE_PROBE1(sennit, fiber_in, fiber);
}

/* It steps aside; `wait` is an sn_operation_kind, or a number of enum flow_wait, `handle` the
 * descriptor or -1. */
static inline void trace_fiber_out(const void *fiber, uint32_t wait, int32_t handle)
{
    TRACE_AS_VARIABLE(wait);
    TRACE_AS_VARIABLE(handle);
    DTRACE_PROBE3(sennit, fiber_out, fiber, wait, handle);
}

/* `result` is what its body has returned. */
static inline void trace_fiber_end(const void *fiber, int result)
{
    TRACE_AS_VARIABLE(result);
    DTRACE_PROBE2(sennit, fiber_end, fiber, result);
}

#endif
