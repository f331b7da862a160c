#include "stress/stress.h"

#include <stdlib.h>
#include <time.h>

#include "support/test.h"

static uint64_t seed;

_Noreturn void stress_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s (SENNIT_STRESS_SEED=%llu)\n", file, line, what,
            (unsigned long long)seed);
    abort();
}

void stress_check_ok(sn_error error, const char *what, const char *file, int line)
{
    if (error == SN_OK)
        return;
    fprintf(stderr, "%s: %s, errno %d\n", what, sn_error_name(error), sn_error_last_native());
    stress_fail("it succeeds", file, line);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    unsigned long long number = text ? strtoull(text, NULL, 10) : 0;
    return number > 0 ? number : otherwise;
}

uint64_t stress_size(uint64_t usual, uint64_t sanitized)
{
    return number_from("SENNIT_STRESS_OPERATIONS", STRESS_IS_SANITIZED ? sanitized : usual);
}

void stress_begin(const char *name)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    seed =
        number_from("SENNIT_STRESS_SEED", (uint64_t)now.tv_sec * 1000003 + (uint64_t)now.tv_nsec);
    printf("%s: SENNIT_STRESS_SEED=%llu\n", name, (unsigned long long)seed);
    fflush(stdout);
}

struct randomness randomness_of(uint64_t number)
{
    struct randomness randomness = {(seed + number * 7919) * UINT64_C(0x9e3779b97f4a7c15) | 1};
    for (int i = 0; i < 4; i++)
        (void)random_below(&randomness, 2);
    return randomness;
}

/* xorshift64* */
uint32_t random_below(struct randomness *randomness, uint32_t limit)
{
    randomness->state ^= randomness->state >> 12;
    randomness->state ^= randomness->state << 25;
    randomness->state ^= randomness->state >> 27;
    uint64_t mixed = (randomness->state * UINT64_C(2685821657736338717)) >> 32;
    return (uint32_t)((mixed * limit) >> 32);
}

bool random_once_in(struct randomness *randomness, uint32_t n)
{
    return random_below(randomness, n) == 0;
}

sn_engine *stress_engine(int threads)
{
    sn_engine *engine = NULL;
    sn_engine_options options = {.threads = threads};
    CHECK_OK(sn_engine_create(&options, &engine));
    return engine;
}

void stress_skip_without_engine(void)
{
    const char *wanted = getenv("SENNIT_ENGINE");
    sn_engine *engine = stress_engine(0);
    const char *name = sn_engine_backend_name(sn_engine_get_backend(engine));
    const char *reason = sn_engine_get_backend_reason(engine);
    printf("back-end: %s (%s)\n", name, reason);
    bool is_there = !wanted || strcmp(wanted, name) == 0;
    CHECK_OK(sn_engine_destroy(engine));
    if (!is_there)
        SKIP("%s", reason);
}
