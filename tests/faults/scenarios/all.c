#include "faults/scenarios/all.h"

#include <stddef.h>

const struct scenario scenarios[] = {
#define X(name, function, kind) {name, function, kind},
    SCENARIO_TABLE(X)
#undef X
        {NULL, NULL, 0},
};
