/** The parts of `sennit send`. */
#ifndef TOOLS_SENNIT_SEND_H
#define TOOLS_SENNIT_SEND_H

#include "target.h"
#include "way.h"

struct send_choices {
    const char *path, *endpoint, *name;
    struct way way;
    long idle_ms;
    bool listens; /* the receiver comes */
    bool is_quiet, shows_progress, is_json, is_verbose;
};

/** Sends the file, and tells the outcome. @return EXIT_DONE, or EXIT_FAILED after a report */
int send_file(const struct send_choices *choices, const struct target *target);

#endif
