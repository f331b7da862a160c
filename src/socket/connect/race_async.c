/*
 * A race on a worker. Its operation waits for something outside the kernel (ACTION_EXTERNAL) in the
 * queue of its descriptor, like a connect whose name is being looked up. What it waits for is a
 * watch of an epoll instance in which all that is under way is registered: so it is the same with
 * either back-end, no matter how many there are, and no worker sleeps for it. Each time the watch
 * tells, the worker looks at the operation again, and the race takes a step.
 *
 * Time limit, cancel, handle, close and the end of the engine end the operation as they end any
 * other; its finish step gives up what is still under way. All of it happens on the worker.
 */
#include <errno.h>

#include "error/error.h"
#include "socket/connect/chain.h"
#include "socket/connect/race.h"
#include "sys/sys.h"

/* --- Before it ------------------------------------------------------------------------------- */

static sn_error native_error(int32_t native_result)
{
    error_set_last_native(-native_result);
    return sn_error_from_native(-native_result);
}

static void look_again(void *context)
{
    sn_socket *socket = context;
    worker_request(&socket->descriptor, REQUEST_RESUME);
}

static sn_error make_watch(struct connect_chain *chain, struct worker *worker, int32_t *out_epoll)
{
    int32_t epoll = sys_epoll_open();
    if (epoll < 0)
        return native_error(epoll);
    chain->watch = watch_make(worker, epoll, look_again, chain->socket);
    if (!chain->watch) {
        (void)sys_close(epoll);
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    }
    *out_epoll = epoll;
    return SN_OK;
}

static void leave_watch(struct connect_chain *chain)
{
    watch_leave(chain->watch);
    chain->watch = NULL;
}

sn_error chain_race(struct connect_chain *chain, sn_operation *operation)
{
    struct worker *worker;
    sn_error error = chain_bind(chain, &worker);
    if (error)
        return error;
    struct race_plan plan = {.socket = chain->socket,
                             .addresses = chain->addresses,
                             .count = chain->count,
                             .port = chain->port,
                             .takes_any = chain->is_made,
                             .metrics = &worker->metrics};
    error = make_watch(chain, worker, &plan.epoll);
    if (error)
        return error;
    error = race_new(&plan, &chain->race);
    if (error) {
        int last_native = sn_error_last_native();
        leave_watch(chain);
        error_set_last_native(last_native);
        return error;
    }
    record_of(operation)->action = ACTION_EXTERNAL;
    record_of(operation)->verb = &connect_race_verb;
    return SN_OK;
}

/* --- On the worker --------------------------------------------------------------------------- */

/* What a back-end has registered under the number would tell of the attempts. An operation that is
 * started meanwhile registers it anew, and is told of them: see settle_ready() in loop/reports.c.
 */
static void forget_registration(sn_socket *socket)
{
    descriptor_forget(&socket->descriptor);
    worker_request(&socket->descriptor, REQUEST_RENEWED);
}

/* Also looked at when nothing has come: by who has released the send lock, say. */
static bool resume(sn_socket *socket, sn_operation *operation)
{
    struct connect_chain *chain = *chain_of(operation);
    (void)socket;
    int64_t result = watch_failure(chain->watch);
    if (!result)
        result = race_step(chain->race);
    if (result == -EINPROGRESS) {
        watch_arm(chain->watch, race_due(chain->race));
        return false;
    }
    record_of(operation)->action = ACTION_NONE;
    record_of(operation)->native_result = result;
    return true;
}

/* The finish step is next. */
static void abandon(sn_operation *operation)
{
    (void)operation;
}

static bool finish(sn_socket *socket, sn_operation *operation)
{
    struct connect_chain *chain = *chain_of(operation);
    race_end(chain->race);
    leave_watch(chain);
    connect_note_attempt(socket, operation);
    if (!operation->error && race_was_won_by_own(chain->race))
        forget_registration(socket);
    race_free(chain->race);
    chain->race = NULL;
    chain_end(operation);
    return true;
}

const struct verb connect_race_verb = {
    .kind = SN_OPERATION_CONNECT,
    .direction = DIRECTION_OUT,
    .timeout = TIMEOUT_CONNECT,
    .error_at_close = SN_ERROR_NOT_SOCKET,
    .finish = finish,
    .resume = resume,
    .abandon = abandon,
};
