/* A race on the calling thread, which polls all that is under way together with its wake event. */
#include "socket/connect/race.h"

#include <errno.h>

#include "sys/sys.h"
#include "telemetry/telemetry.h"

static const struct verb race_verb = {
    .kind = SN_OPERATION_CONNECT,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_CONNECT,
    .error_at_close = SN_ERROR_NOT_SOCKET,
};

static int64_t run(sn_socket *socket, struct race *race)
{
    uint32_t cancels = atomic_load_acquire(&socket->descriptor.cancels);
    int64_t result;
    while ((result = race_step(race)) == -EINPROGRESS) {
        struct sys_poll *polls;
        size_t count = race_polls(race, &polls);
        int32_t reason =
            descriptor_wait_any(&socket->descriptor, polls, count, race_due(race), cancels);
        if (reason != OUTCOME_READY && reason != OUTCOME_TIMED_OUT && reason != OUTCOME_RENEWED)
            return reason;
    }
    return result;
}

/* As socket_run_blocking(), whose operation is one attempt. */
static sn_error run_as_operation(sn_socket *socket, struct race *race)
{
    sn_operation operation;
    verb_begin(&operation, &race_verb);
    trace_operation_start(&operation, race_verb.kind, socket_handle(socket));
    record_of(&operation)->native_result = run(socket, race);
    race_end(race);
    sn_error error = socket_finish(socket, &operation);
    trace_operation_complete(&operation, race_verb.kind, error, 0);
    connect_note_attempt(socket, &operation);
    return error;
}

/*
 * It cannot go on by itself, as a single attempt does after "would block", nor queue behind another
 * connect, of which a worker alone knows how it ends.
 */
static sn_error check(const sn_socket *socket)
{
    if (socket_is(socket, SOCKET_NON_BLOCKING))
        return SN_ERROR_INVALID_OPERATION;
    return lane_has_operations(&socket->descriptor, DIRECTION_OUT) ? SN_ERROR_ALREADY_IN_PROGRESS
                                                                   : SN_OK;
}

sn_error connect_race(sn_socket *socket, const sn_ip_address *addresses, size_t count, int port)
{
    struct race_plan plan = {
        .socket = socket, .addresses = addresses, .count = count, .port = port, .epoll = -1};
    struct race *race = NULL;
    sn_error error = check(socket);
    if (error)
        return socket_misuse(error);
    error = race_new(&plan, &race);
    if (error == SN_ERROR_NOT_SUPPORTED) /* none of them fits: .NET's blocking form says it so */
        return socket_misuse(SN_ERROR_ARGUMENT);
    if (error)
        return error;
    error = run_as_operation(socket, race);
    race_free(race);
    return error;
}
