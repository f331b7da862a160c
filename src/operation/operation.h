/**
 * operation: the record that a program lends for one thing to be done. Its life from begun to
 * completed, waiting for it, and what one system call of each action does.
 *
 * It must never know who carries it out: the calling thread, a back-end, a worker. Results stay
 * native here.
 */
#ifndef OPERATION_OPERATION_H
#define OPERATION_OPERATION_H

#include "operation/attempt.h"
#include "operation/batch.h"
#include "operation/control_message.h"
#include "operation/gather.h"
#include "operation/gather_messages.h"
#include "operation/handles.h"
#include "operation/packets.h"
#include "operation/record.h"
#include "operation/report.h"

#endif
