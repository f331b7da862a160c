/**
 * Attempts that move bytes between a stream and a pipe inside the kernel: the two halves of a copy
 * from one stream to another. The pipe is empty before the first half, and holds what the second
 * one is to move, so that "would block" is always said of the stream.
 */
#ifndef OPERATION_SPLICE_H
#define OPERATION_SPLICE_H

#include "operation/record.h"

/*
 * See operation_attempt(). Where the kernel cannot do that with such a descriptor nothing has
 * moved: 0, and `is_refused` in the record.
 */
int64_t splice_in_attempt(sn_operation *operation, int32_t handle);
int64_t splice_out_attempt(sn_operation *operation, int32_t handle);

#endif
