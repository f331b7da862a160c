/* What stream.c and stream_look.c share. */
#ifndef TESTS_STRESS_STREAM_INSIDE_H
#define TESTS_STRESS_STREAM_INSIDE_H

#include "stress/stream.h"

const unsigned char *pattern_at(const struct flow *flow, uint64_t place);
struct line *line_of(struct record *record);

/* Under the lock: looks at what has completed and is the next in its line. */
void look_at_line(struct line *line);
void look_at_received(struct stream_pair *pair, int end, const void *data, bool may_end,
                      sn_error error, size_t moved);

#endif
