/**
 * What poll and select share. For this room only.
 */
#ifndef SOCKET_POLL_H
#define SOCKET_POLL_H

#include "socket/object/object.h"

/* The events that a mode asks the kernel for, and those that answer it. */
int16_t poll_asked(sn_select_mode mode);
int16_t poll_answers(sn_select_mode mode);

/* The point in time that .NET's microseconds mean; 0: do not wait. False: poll(2) would refuse
 * them. */
bool poll_deadline(int timeout_us, int64_t *out_deadline_ns);

/* The error of a wait that neither became ready nor ran out of time. */
sn_error poll_error(int64_t result);

#endif
