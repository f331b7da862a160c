#include "stress/stream_inside.h"

#include <string.h>
#include <time.h>

#include "base/atomic.h"

static void start_random(struct stream_pair *pair, int end, struct randomness *randomness,
                         sn_cancellation *cancellation, struct record **out_waited);

/* Under the lock. */
static void complete(struct record *record)
{
    CHECK(record->is_busy);
    CHECK(!record->is_complete); /* exactly once */
    atomic_add_relaxed(&tally.completed, 1u);
    record->is_complete = true;
    look_at_line(line_of(record));
}

/* On an engine's thread. Now and then it starts the next one right here. */
static void completed(sn_operation *operation)
{
    struct record *record = operation->context;
    struct stream_pair *pair = record->pair;
    pthread_mutex_lock(&pair->lock);
    int end = record->end;
    complete(record);
    if (pair->is_open && random_once_in(&pair->randomness, 3))
        start_random(pair, end, &pair->randomness, NULL, NULL);
    pthread_mutex_unlock(&pair->lock);
}

/* --- Starting --------------------------------------------------------------------------------- */

static uint32_t random_size(struct randomness *randomness, uint32_t max)
{
    return 1 + random_below(randomness, random_once_in(randomness, 24) ? max : 600);
}

/* Under the lock: a free record at the end of the line, or NULL. */
static struct record *take_record(struct stream_pair *pair, int end, bool is_send)
{
    struct line *line = is_send ? &pair->sends[end] : &pair->receives[end];
    if (!pair->ends[end] || line->is_held || line->count == RECORDS_MAX)
        return NULL;
    struct record *record = &line->records[(line->first + line->count++) % RECORDS_MAX];
    CHECK(!record->is_busy);
    record->is_busy = true;
    record->may_end = false;
    pair->pending++;
    return record;
}

/* Under the lock, so that the order of starting is the order of the line. */
static void start(struct record *record, uint32_t size)
{
    struct stream_pair *pair = record->pair;
    sn_socket *socket = pair->ends[record->end];
    record->size = size;
    atomic_add_relaxed(&tally.started, 1u);
    if (!record->is_send) {
        sn_socket_receive_async(socket, record->data, size, SN_FLAG_NONE, &record->operation);
        return;
    }
    struct flow *flow = &pair->flows[record->end];
    const void *data = pattern_at(flow, flow->planned);
    flow->planned += size;
    sn_socket_send_async(socket, data, size, SN_FLAG_NONE, &record->operation);
}

static void start_random(struct stream_pair *pair, int end, struct randomness *randomness,
                         sn_cancellation *cancellation, struct record **out_waited)
{
    bool is_send = random_once_in(randomness, 2);
    struct record *record = take_record(pair, end, is_send);
    if (!record)
        return;
    record->is_waited = out_waited && random_once_in(randomness, 3);
    record->operation.completed = record->is_waited ? NULL : completed;
    record->operation.context = record;
    record->operation.timeout_ms =
        random_once_in(randomness, 8) ? 1 + random_below(randomness, 3) : 0;
    record->operation.cancellation = random_once_in(randomness, 8) ? cancellation : NULL;
    record->may_end = record->is_waited || record->operation.timeout_ms ||
                      record->operation.cancellation || random_once_in(randomness, 4);
    line_of(record)->is_held = is_send && record->may_end;
    if (record->is_waited)
        *out_waited = record;
    start(record, random_size(randomness, is_send ? SEND_MAX : RECEIVE_MAX));
}

static void wait_for(struct record *record, struct randomness *randomness)
{
    sn_operation *operation = &record->operation;
    size_t index;
    if (random_once_in(randomness, 4))
        sn_operation_cancel(operation);
    else if (random_once_in(randomness, 2))
        (void)!sn_operation_wait_any(&operation, 1, 1, &index);
    if (sn_operation_wait_for(operation, 1) == SN_ERROR_TIMED_OUT &&
        !sn_operation_is_completed(operation))
        sn_operation_cancel(operation);
    CHECK_OK(sn_operation_wait_all(&operation, 1, SN_FOREVER));
    CHECK(sn_operation_is_completed(operation));
    pthread_mutex_lock(&record->pair->lock);
    complete(record);
    pthread_mutex_unlock(&record->pair->lock);
}

/* --- Blocking calls --------------------------------------------------------------------------- */

/* Under the lock. */
static void break_off(struct stream_pair *pair, int end)
{
    pair->is_open = false;
    pair->is_broken = true;
    sn_socket_close(pair->ends[end]);
}

/* The line is held for the call, which comes behind what is pending in it. */
static void call(struct stream_pair *pair, int end, bool is_send, struct randomness *randomness)
{
    struct flow *flow = &pair->flows[end];
    struct record *record = take_record(pair, end, is_send);
    if (!record)
        return;
    line_of(record)->is_held = record->may_end = true;
    sn_socket *socket = sn_socket_retain(pair->ends[end]);
    const void *to_send = pattern_at(flow, flow->planned);
    record->size = random_size(randomness, is_send ? SEND_MAX : RECEIVE_MAX);
    if (is_send)
        flow->planned += record->size;
    pthread_mutex_unlock(&pair->lock);

    size_t moved = 0;
    sn_error error =
        is_send ? sn_socket_send(socket, to_send, record->size, SN_FLAG_NONE, &moved)
                : sn_socket_receive(socket, record->data, record->size, SN_FLAG_NONE, &moved);
    sn_socket_release(socket);
    atomic_add_relaxed(&tally.blocking, 1u);
    atomic_add_relaxed(&tally.started, 1u);

    pthread_mutex_lock(&pair->lock);
    record->operation.error = error;
    record->operation.transferred = moved;
    if (is_send && error == SN_ERROR_TIMED_OUT)
        break_off(pair, end); /* the part that was sent is not told */
    complete(record);
}

/* --- Steps ------------------------------------------------------------------------------------ */

void stream_pair_step(struct stream_pair *pair, struct randomness *randomness,
                      sn_cancellation *cancellation)
{
    int end = (int)random_below(randomness, 2);
    struct record *waited = NULL;
    pthread_mutex_lock(&pair->lock);
    if (!pair->is_open) {
        pthread_mutex_unlock(&pair->lock);
        return;
    }
    if (random_once_in(randomness, 16))
        call(pair, end, random_once_in(randomness, 2), randomness);
    else
        start_random(pair, end, randomness, cancellation, &waited);
    pthread_mutex_unlock(&pair->lock);
    if (waited)
        wait_for(waited, randomness);
}

static void cancel_all(struct stream_pair *pair, int end)
{
    if (!pair->ends[end])
        return;
    struct line *lines[] = {&pair->sends[end], &pair->receives[end]};
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < RECORDS_MAX; j++)
            lines[i]->records[j].may_end |= lines[i]->records[j].is_busy;
        lines[i]->is_held = lines[i]->count > 0;
    }
    sn_socket_cancel(pair->ends[end]);
}

static void cancel_one(struct stream_pair *pair, int end, struct randomness *randomness)
{
    struct line *line = random_once_in(randomness, 2) ? &pair->sends[end] : &pair->receives[end];
    struct record *record = &line->records[random_below(randomness, RECORDS_MAX)];
    if (record->is_busy && record->may_end)
        sn_operation_cancel(&record->operation);
}

void stream_pair_disturb(struct stream_pair *pair, struct randomness *randomness)
{
    int end = (int)random_below(randomness, 2);
    pthread_mutex_lock(&pair->lock);
    if (pair->is_open && random_once_in(randomness, 60))
        break_off(pair, end);
    else if (pair->is_open && random_once_in(randomness, 12))
        cancel_all(pair, end);
    else
        cancel_one(pair, end, randomness);
    pthread_mutex_unlock(&pair->lock);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void line_init(struct stream_pair *pair, struct line *line, int end, bool is_send)
{
    for (int i = 0; i < RECORDS_MAX; i++) {
        line->records[i].pair = pair;
        line->records[i].end = (uint8_t)end;
        line->records[i].is_send = is_send;
    }
}

void stream_pair_init(struct stream_pair *pair, struct randomness randomness)
{
    pthread_condattr_t monotonic;
    memset(pair, 0, sizeof *pair);
    pair->randomness = randomness;
    CHECK(pthread_mutex_init(&pair->lock, NULL) == 0);
    CHECK(pthread_condattr_init(&monotonic) == 0);
    CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&pair->changed, &monotonic) == 0);
    CHECK(pthread_condattr_destroy(&monotonic) == 0);
    for (int end = 0; end < 2; end++) {
        line_init(pair, &pair->sends[end], end, true);
        line_init(pair, &pair->receives[end], end, false);
    }
}

bool stream_pair_is_open(struct stream_pair *pair)
{
    pthread_mutex_lock(&pair->lock);
    bool is_open = pair->is_open;
    pthread_mutex_unlock(&pair->lock);
    return is_open;
}

void stream_pair_open(struct stream_pair *pair, sn_socket *ends[2])
{
    pthread_mutex_lock(&pair->lock);
    for (int end = 0; end < 2; end++) {
        CHECK_OK(sn_socket_set_receive_timeout(ends[end], 2));
        CHECK_OK(sn_socket_set_send_timeout(ends[end], 20));
        pair->ends[end] = ends[end];
        pair->flows[end] = (struct flow){.begin = random_below(&pair->randomness, 65536)};
    }
    pair->is_broken = false;
    pair->is_open = true;
    pthread_mutex_unlock(&pair->lock);
    atomic_add_relaxed(&tally.pairs, 1u);
}

/* Under the lock. */
static void wait_until_idle(struct stream_pair *pair)
{
    struct timespec limit;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += 60;
    while (pair->pending > 0)
        CHECK(pthread_cond_timedwait(&pair->changed, &pair->lock, &limit) == 0);
}

/* Receives what is still on its way; then everything has come that was sent. */
static void drain(struct stream_pair *pair, int end)
{
    unsigned char data[RECEIVE_MAX];
    size_t moved = 1;
    while (moved > 0) {
        sn_error error =
            sn_socket_receive(pair->ends[end], data, sizeof data, SN_FLAG_NONE, &moved);
        if (error == SN_ERROR_TIMED_OUT)
            continue;
        CHECK_OK(error);
        if (moved > 0)
            look_at_received(pair, end, data, false, SN_OK, moved);
    }
    CHECK(pair->flows[!end].received == pair->flows[!end].sent);
}

static void release_ends(struct stream_pair *pair)
{
    for (int end = 0; end < 2; end++) {
        sn_socket_release(pair->ends[end]);
        pair->ends[end] = NULL;
    }
}

void stream_pair_end(struct stream_pair *pair, struct randomness *randomness)
{
    pthread_mutex_lock(&pair->lock);
    pair->is_open = false;
    if (!pair->ends[0]) {
        pthread_mutex_unlock(&pair->lock);
        return;
    }
    if (!pair->is_broken && random_once_in(randomness, 2)) {
        cancel_all(pair, 0);
        cancel_all(pair, 1);
        wait_until_idle(pair);
    }
    if (!pair->is_broken && pair->pending == 0) {
        for (int end = 0; end < 2; end++)
            CHECK_OK(sn_socket_shutdown(pair->ends[end], SN_SHUTDOWN_SEND));
        for (int end = 0; end < 2; end++)
            drain(pair, end);
    }
    pair->is_broken = true;
    release_ends(pair); /* with what is still pending */
    wait_until_idle(pair);
    pthread_mutex_unlock(&pair->lock);
}
