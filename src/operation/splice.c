#include "operation/splice.h"

#include <errno.h>

#include "sys/sys.h"

/* A terminal and some protocols cannot do it, a filter may forbid it. Where it was something else
 * the plain call, which is made instead, says so. */
static int64_t note_refusal(struct record *record, int64_t result)
{
    switch (result) {
    case -EINVAL:
    case -ENOSYS:
    case -EOPNOTSUPP:
    case -EPERM: record->room.splice.is_refused = true; return 0;
    default: return result;
    }
}

int64_t splice_in_attempt(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    return note_refusal(record,
                        sys_splice_in(handle, record->room.splice.pipe, record->buffer.size));
}

int64_t splice_out_attempt(sn_operation *operation, int32_t handle)
{
    struct record *record = record_of(operation);
    return note_refusal(record,
                        sys_splice_out(record->room.splice.pipe, handle, record->buffer.size));
}
