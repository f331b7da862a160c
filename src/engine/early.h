/**
 * What a blocking call says of its operation once the wait for it was ended early.
 */
#ifndef ENGINE_EARLY_H
#define ENGINE_EARLY_H

#include "operation/operation.h"

/* A signal or a scope has ended the wait, and the operation was cancelled and has ended: that is
 * told as what it is; what was quicker stands. */
void early_tell_reason(sn_operation *operation, sn_error reason);

#endif
