/* The steps of the storm: one random thing after the other, by each of its threads. What the calls
 * answer depends on what the others do, so it is looked at only where it cannot be. */
#include "stress/storm.h"

#include <sys/resource.h>

#include "base/atomic.h"
#include "support/test.h"

struct storm storm;
struct storm_tally storm_tally;

static char large[1 << 17];

static void count(uint32_t *number)
{
    atomic_add_relaxed(number, 1u);
}

/* --- The sockets ------------------------------------------------------------------------------ */

static sn_socket *exchange(size_t slot, sn_socket *socket)
{
    pthread_mutex_lock(&storm.slots[slot].lock);
    sn_socket *before = storm.slots[slot].socket;
    storm.slots[slot].socket = socket;
    pthread_mutex_unlock(&storm.slots[slot].lock);
    return before;
}

sn_socket *storm_take(struct randomness *randomness)
{
    size_t slot = random_below(randomness, SLOT_COUNT);
    pthread_mutex_lock(&storm.slots[slot].lock);
    sn_socket *socket = sn_socket_retain(storm.slots[slot].socket);
    pthread_mutex_unlock(&storm.slots[slot].lock);
    return socket;
}

sn_socket *storm_take_out(struct randomness *randomness)
{
    return exchange(random_below(randomness, SLOT_COUNT), NULL);
}

void storm_put(struct randomness *randomness, sn_socket *socket)
{
    sn_socket_release(exchange(random_below(randomness, SLOT_COUNT), socket));
}

void storm_empty_slots(void)
{
    for (size_t i = 0; i < SLOT_COUNT; i++)
        sn_socket_release(exchange(i, NULL));
}

/* Everything that blocks has a limit. Some of it may fail: another thread has closed it already. */
static void set_limits(sn_socket *socket)
{
    (void)!sn_socket_set_receive_timeout(socket, 1);
    (void)!sn_socket_set_send_timeout(socket, 1);
    (void)!sn_socket_set_connect_timeout(socket, 2);
}

static bool is_short(sn_error error)
{
    return error == SN_ERROR_TOO_MANY_OPEN_SOCKETS;
}

static sn_socket *make_stream(void)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket);
    if (is_short(error))
        return NULL;
    CHECK_OK(error);
    set_limits(socket);
    return socket;
}

static void open_pair(struct storm_thread *thread)
{
    sn_socket *ends[2] = {NULL, NULL};
    sn_error error = sn_socket_pair(SN_TYPE_STREAM, ends);
    if (is_short(error))
        return;
    CHECK_OK(error);
    for (int i = 0; i < 2; i++) {
        set_limits(ends[i]);
        storm_put(&thread->randomness, ends[i]);
    }
}

/* --- Asynchronous ----------------------------------------------------------------------------- */

/* The record and what it holds are the thread's again. */
static void end_task(struct task *task)
{
    sn_operation *operation = &task->operation;
    struct randomness randomness = {(uint64_t)(uintptr_t)operation ^ operation->transferred};
    sn_socket *socket = task->socket, *into = task->into, *accepted = operation->socket;
    CHECK(!accepted || !operation->error);
    CHECK(!accepted || !into || accepted == into);
    count(operation->error ? &storm_tally.failed : &storm_tally.completed);
    uint32_t was_busy = atomic_exchange_acq_rel(&task->is_busy, 0u);
    CHECK(was_busy == 1);
    if (accepted) {
        set_limits(accepted);
        storm_put(&randomness, accepted);
    }
    if (!accepted)
        sn_socket_release(into);
    sn_socket_release(socket);
}

static void completed(sn_operation *operation)
{
    struct task *task = (struct task *)operation;
    if (!operation->error && operation->kind == SN_OPERATION_RECEIVE &&
        operation->transferred > 0 && task->restarts > 0) {
        task->restarts--;
        count(&storm_tally.started);
        count(&storm_tally.completed);
        sn_socket_receive_async(task->socket, task->data, sizeof task->data, SN_FLAG_NONE,
                                operation);
        return;
    }
    end_task(task);
}

bool task_is_over(struct task *task)
{
    if (!atomic_load_acquire(&task->is_busy))
        return true;
    if (task->operation.completed || !sn_operation_is_completed(&task->operation))
        return false;
    (void)!sn_operation_wait(&task->operation);
    end_task(task);
    return true;
}

/* NULL: the one that was looked at is still busy. It takes the reference over. */
static struct task *begin_task(struct storm_thread *thread, sn_socket *socket)
{
    struct randomness *randomness = &thread->randomness;
    struct task *task = &thread->tasks[random_below(randomness, TASK_COUNT)];
    if (!task_is_over(task)) {
        sn_socket_release(socket);
        return NULL;
    }
    task->operation = (sn_operation){0};
    if (random_once_in(randomness, 2))
        task->operation.completed = completed;
    if (random_once_in(randomness, 3))
        task->operation.timeout_ms = 1 + random_below(randomness, 5);
    task->socket = socket;
    task->into = NULL;
    task->restarts = random_below(randomness, 4);
    atomic_store_release(&task->is_busy, 1u);
    count(&storm_tally.started);
    return task;
}

/* One that had an engine which is gone gets another; one that has an engine keeps it. */
static void choose_engine(struct randomness *randomness, sn_socket *socket)
{
    sn_engine *engine = storm.engines[random_below(randomness, ENGINE_COUNT)];
    (void)!sn_socket_set_engine(socket, engine);
}

static const sn_endpoint *somewhere(struct randomness *randomness)
{
    return random_once_in(randomness, 3) ? &storm.refused : &storm.address;
}

static void start(struct storm_thread *thread, sn_socket *socket)
{
    struct task *task = begin_task(thread, socket);
    struct randomness *randomness = &thread->randomness;
    if (!task)
        return;
    sn_operation *operation = &task->operation;
    pthread_rwlock_rdlock(&storm.engines_lock);
    choose_engine(randomness, socket);
    switch (random_below(randomness, 8)) {
    case 0:
    case 1:
    case 2:
    case 3:
        sn_socket_receive_async(socket, task->data, sizeof task->data, SN_FLAG_NONE, operation);
        break;
    case 4:
    case 5: {
        size_t size = random_once_in(randomness, 4) ? sizeof large : 64;
        sn_socket_send_async(socket, large, size, SN_FLAG_NONE, operation);
        break;
    }
    case 6: sn_socket_disconnect_async(socket, true, operation); break;
    case 7: sn_socket_connect_async(socket, somewhere(randomness), operation); break;
    }
    pthread_rwlock_unlock(&storm.engines_lock);
    /* Nobody but this thread starts it again. */
    if (random_once_in(randomness, 5))
        sn_operation_cancel(operation);
}

/* It takes over the reference to `into`, which nobody else uses until it has completed. */
static void start_accept(struct storm_thread *thread, sn_socket *into)
{
    struct task *task = begin_task(thread, sn_socket_retain(storm.accepting));
    if (!task) {
        sn_socket_release(into);
        return;
    }
    task->into = into;
    if (into)
        count(&storm_tally.renewals);
    pthread_rwlock_rdlock(&storm.engines_lock);
    choose_engine(&thread->randomness, storm.accepting);
    sn_socket_accept_async(storm.accepting, into, &task->operation);
    pthread_rwlock_unlock(&storm.engines_lock);
}

static void start_listener_accept(struct storm_thread *thread)
{
    struct task *task = begin_task(thread, NULL);
    if (!task)
        return;
    pthread_rwlock_rdlock(&storm.engines_lock);
    sn_tcp_listener_accept_socket_async(storm.listener, &task->operation);
    pthread_rwlock_unlock(&storm.engines_lock);
}

/* --- Blocking --------------------------------------------------------------------------------- */

static void use_blocking(struct randomness *randomness, sn_socket *socket)
{
    char data[64];
    size_t size;
    bool is_ready;
    switch (random_below(randomness, 4)) {
    case 0: (void)!sn_socket_send(socket, "storm", 5, SN_FLAG_NONE, &size); break;
    case 1: (void)!sn_socket_receive(socket, data, sizeof data, SN_FLAG_NONE, &size); break;
    case 2: (void)!sn_socket_poll(socket, 300, SN_SELECT_READ, &is_ready); break;
    case 3: (void)!sn_socket_connect(socket, somewhere(randomness)); break;
    }
}

/* A connect that fails has its socket made anew by the next one. */
static void connect_again(struct storm_thread *thread)
{
    sn_socket *socket = make_stream();
    if (!socket)
        return;
    if (random_once_in(&thread->randomness, 2))
        (void)!sn_socket_connect(socket, &storm.refused);
    sn_socket *held = sn_socket_retain(socket);
    storm_put(&thread->randomness, socket);
    start(thread, sn_socket_retain(held));
    (void)!sn_socket_connect(held, &storm.address);
    sn_socket_release(held);
}

/* Into one that was connected, whose old descriptor is registered, and may be a child's too. */
static void accept_into_used(struct storm_thread *thread)
{
    sn_operation receive = {0};
    char byte;
    sn_socket *socket = make_stream();
    if (!socket)
        return;
    if (!sn_socket_connect(socket, &storm.address)) {
        pthread_rwlock_rdlock(&storm.engines_lock);
        choose_engine(&thread->randomness, socket);
        sn_socket_receive_async(socket, &byte, 1, SN_FLAG_NONE, &receive);
        pthread_rwlock_unlock(&storm.engines_lock);
        sn_operation_cancel(&receive);
        (void)!sn_operation_wait(&receive);
        (void)!sn_socket_disconnect(socket, true);
    }
    start_accept(thread, socket);
}

static void renew(struct storm_thread *thread)
{
    sn_socket *socket = storm_take_out(&thread->randomness);
    if (!socket)
        return;
    (void)!sn_socket_disconnect(socket, true);
    (void)!sn_socket_connect(socket, &storm.address);
    count(&storm_tally.renewals);
    storm_put(&thread->randomness, socket);
}

static void end(struct randomness *randomness, sn_socket *socket)
{
    sn_operation close = {0};
    sn_error error;
    switch (random_below(randomness, 6)) {
    case 0: sn_socket_close(socket); break;
    case 1: (void)!sn_socket_close_within(socket, (int)random_below(randomness, 2)); break;
    case 2: sn_socket_cancel(socket); break;
    case 3: (void)!sn_socket_shutdown(socket, SN_SHUTDOWN_BOTH); break;
    case 4:
        sn_socket_close_async(socket, &close);
        error = sn_operation_wait(&close);
        CHECK(!error || error == SN_ERROR_OPERATION_ABORTED); /* its engine was destroyed */
        break;
    case 5: sn_socket_release(storm_take_out(randomness)); break;
    }
}

/* A child that was forked meanwhile may hold the address. */
static void stop_and_start(struct storm_thread *thread)
{
    sn_tcp_listener_stop(storm.listener);
    if (random_once_in(&thread->randomness, 2))
        start_listener_accept(thread); /* of one that may not be started */
    sn_error error = sn_tcp_listener_start(storm.listener, 8);
    CHECK(!error || is_short(error) || error == SN_ERROR_ADDRESS_ALREADY_IN_USE);
    count(&storm_tally.stops);
}

/* --- The steps -------------------------------------------------------------------------------- */

static void step_once(struct storm_thread *thread);

static void set_limit(rlim_t limit)
{
    struct rlimit now;
    CHECK(getrlimit(RLIMIT_NOFILE, &now) == 0);
    now.rlim_cur = limit;
    CHECK(setrlimit(RLIMIT_NOFILE, &now) == 0);
}

/* For a while nobody gets a descriptor. */
static void be_short(struct storm_thread *thread)
{
    struct rlimit before;
    if (pthread_mutex_trylock(&storm.limit_lock) != 0)
        return;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    set_limit(3);
    for (int i = 0; i < 20; i++)
        step_once(thread);
    set_limit(before.rlim_cur);
    pthread_mutex_unlock(&storm.limit_lock);
    count(&storm_tally.shortages);
}

static void use_one(struct storm_thread *thread, bool is_blocking)
{
    sn_socket *socket = storm_take(&thread->randomness);
    if (!socket) {
        open_pair(thread);
    } else if (is_blocking) {
        use_blocking(&thread->randomness, socket);
        sn_socket_release(socket);
    } else {
        start(thread, socket);
    }
}

static void end_one(struct storm_thread *thread)
{
    sn_socket *socket = storm_take(&thread->randomness);
    if (socket)
        end(&thread->randomness, socket);
    sn_socket_release(socket);
}

static void step_once(struct storm_thread *thread)
{
    uint32_t choice = random_below(&thread->randomness, 32);
    if (choice < 14)
        use_one(thread, false);
    else if (choice < 20)
        use_one(thread, true);
    else if (choice < 22)
        open_pair(thread);
    else if (choice < 24)
        connect_again(thread);
    else if (choice < 25)
        renew(thread);
    else if (choice < 26)
        accept_into_used(thread);
    else if (choice < 27)
        start_accept(thread, NULL);
    else if (choice < 28)
        start_listener_accept(thread);
    else if (choice < 29)
        stop_and_start(thread);
    else
        end_one(thread);
}

void storm_step(struct storm_thread *thread)
{
    if (random_once_in(&thread->randomness, 60))
        storm_fork(thread);
    else if (random_once_in(&thread->randomness, 150))
        storm_replace_engine(thread);
    else if (random_once_in(&thread->randomness, 150))
        be_short(thread);
    else
        step_once(thread);
}
