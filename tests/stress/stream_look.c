/* What stream operations have moved is looked at here, in the order they were started. */
#include "stress/stream_inside.h"

#include <string.h>

#include "base/atomic.h"

#define PATTERN_PERIOD 65521

struct tally tally;

static unsigned char pattern[PATTERN_PERIOD + SEND_MAX];

void pattern_prepare(void)
{
    struct randomness randomness = randomness_of(1000000);
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = i < PATTERN_PERIOD ? (unsigned char)random_below(&randomness, 256)
                                        : pattern[i - PATTERN_PERIOD];
}

const unsigned char *pattern_at(const struct flow *flow, uint64_t place)
{
    return &pattern[(flow->begin + place) % PATTERN_PERIOD];
}

struct line *line_of(struct record *record)
{
    return record->is_send ? &record->pair->sends[record->end]
                           : &record->pair->receives[record->end];
}

/* --- Looking at what has completed ------------------------------------------------------------ */

static void count_error(sn_error error)
{
    if (error == SN_ERROR_OPERATION_CANCELED)
        atomic_add_relaxed(&tally.canceled, 1u);
    if (error == SN_ERROR_TIMED_OUT)
        atomic_add_relaxed(&tally.timed_out, 1u);
    if (error == SN_ERROR_OPERATION_ABORTED)
        atomic_add_relaxed(&tally.aborted, 1u);
}

/* Whether the outcome is one that this operation may have. */
static void check_error(const struct stream_pair *pair, bool may_end, sn_error error)
{
    count_error(error);
    bool was_ended = error == SN_ERROR_OPERATION_CANCELED || error == SN_ERROR_TIMED_OUT;
    if (error && !pair->is_broken && !(was_ended && may_end))
        CHECK_OK(error);
}

static void look_at_sent(struct stream_pair *pair, struct line *line, int end, uint32_t size,
                         bool may_end, sn_error error, size_t moved)
{
    struct flow *flow = &pair->flows[end];
    check_error(pair, may_end, error);
    CHECK(moved <= size);
    if (!pair->is_broken) {
        CHECK(!error || moved == 0);
        CHECK(moved == size || may_end);
        CHECK(!line->is_short || moved == 0);
    }
    if (moved < size)
        line->is_short = true;
    if (moved > 0 && moved < size)
        atomic_add_relaxed(&tally.partial, 1u);
    flow->sent += moved;
}

void look_at_received(struct stream_pair *pair, int end, const void *data, bool may_end,
                      sn_error error, size_t moved)
{
    struct flow *flow = &pair->flows[!end];
    check_error(pair, may_end, error);
    if (error)
        return;
    CHECK(moved <= RECEIVE_MAX);
    CHECK(moved > 0 || pair->is_broken);
    CHECK(memcmp(data, pattern_at(flow, flow->received), moved) == 0);
    flow->received += moved;
    CHECK(flow->received <= flow->planned || pair->is_broken);
    atomic_add_relaxed(&tally.bytes, moved);
}

/* Under the lock: what has completed, in the order it was started. */
void look_at_line(struct line *line)
{
    while (line->count > 0 && line->records[line->first].is_complete) {
        struct record *record = &line->records[line->first];
        const sn_operation *operation = &record->operation;
        if (record->is_send)
            look_at_sent(record->pair, line, record->end, record->size, record->may_end,
                         operation->error, operation->transferred);
        else
            look_at_received(record->pair, record->end, record->data, record->may_end,
                             operation->error, operation->transferred);
        record->is_complete = record->is_busy = false;
        record->pair->pending--;
        line->first = (line->first + 1) % RECORDS_MAX;
        line->count--;
    }
    if (line->count > 0)
        return;
    line->is_held = line->is_short = false;
    struct stream_pair *pair = line->records[0].pair;
    if (line->records[0].is_send)
        pair->flows[line->records[0].end].planned = pair->flows[line->records[0].end].sent;
    pthread_cond_broadcast(&pair->changed);
}
