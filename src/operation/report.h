/**
 * Reports of the error queue: taking one out, and reading what the kernel has written.
 */
#ifndef OPERATION_REPORT_H
#define OPERATION_REPORT_H

#include <sennit/operation.h>
#include <sennit/report.h>

/* Where the control messages stand: in the report, behind the word with their size. So nothing is
 * allocated for them. */
#define REPORT_CONTROL_SIZE (sizeof(((sn_report *)0)->opaque) - sizeof(uint64_t))

static inline uint8_t *report_control(sn_report *report)
{
    return (uint8_t *)&report->opaque[1];
}

/* The bytes in use. It is the program's memory, so what stands in it is not believed. */
static inline size_t report_control_size(const sn_report *report)
{
    uint64_t size = report->opaque[0];
    return size <= REPORT_CONTROL_SIZE ? (size_t)size : REPORT_CONTROL_SIZE;
}

/* One attempt, see operation_attempt(). It leaves in the report what the kernel has written: the
 * control messages, the destination's bytes with their size, the flags as MSG_ bits. */
int64_t report_attempt(sn_operation *operation, int32_t handle);

/*
 * What the control messages say: the results from `origin` on, but for the destination. They are
 * not trusted. `error` stays SN_OK; it is the caller's to translate.
 */
void report_read(const void *bytes, size_t size, sn_report *out);

#endif
