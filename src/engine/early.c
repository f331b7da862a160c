#include "engine/early.h"

#include <errno.h>

/* Whether a send has gone out in part, which a cancel makes a success of: see ended_result(). */
static bool was_cut(const sn_operation *operation)
{
    const struct record *record = record_of(operation);
    return (record->marks & MARK_ALL) && (record->marks & MARK_CANCELED) &&
           record->native_result == 0 && operation->transferred > 0;
}

void early_tell_reason(sn_operation *operation, sn_error reason)
{
    /* As every cancel: bytes that have moved are a success. */
    if (reason == SN_ERROR_OPERATION_CANCELED)
        return;
    if (operation->error == SN_ERROR_OPERATION_CANCELED ||
        (!operation->error && was_cut(operation))) {
        operation->error = reason;
        operation->native_error = reason == SN_ERROR_INTERRUPTED ? EINTR : 0;
    }
}
