/**
 * Static trace points: where a tracer such as bpftrace or perf can look on, an operation's start
 * and its completion. Each is one instruction that does nothing until a tracer is attached, and a
 * note in the library's file that tells the tracer its place and its arguments. Nothing at all
 * where the build found no <sys/sdt.h>.
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

#endif
