/* Scenarios drawn at random, and shorter forms of one that fails. */
#include "player.h"
void scenarios_generate(uint64_t seed, unsigned long count)
{
    (void)seed;
    (void)count;
}
void scenario_shrink(const struct scenario *scenario)
{
    for (size_t left_out = 0; left_out < scenario->step_count; left_out++) {
        printf("scenario %s.%zu\n", scenario->name, left_out);
        for (size_t i = 0; i < scenario->step_count; i++) {
            if (i != left_out)
                printf("  %s\n", scenario->steps[i].text);
        }
    }
}
