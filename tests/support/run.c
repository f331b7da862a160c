#include "support/run.h"

#include <stdlib.h>

#include "support/descriptors.h"
#include "support/threads.h"
#include "support/verbs.h"

static size_t open_before;

int case_begin(void **state)
{
    (void)state;
    open_before = descriptors_count();
    return 0;
}

int case_end(void **state)
{
    (void)state;
    size_t open_after;
    /* An operation that a close has ended may take its engine a few rounds more; a case that calls
     * blocking may have started one too. */
    int rounds = 1000;
    do {
        engines_settle();
        open_after = descriptors_count();
        if (open_after > open_before && test_style == STYLE_BLOCKING)
            give_way();
    } while (open_after > open_before && --rounds > 0);
    if (open_after <= open_before)
        return 0;
    print_error("%zu descriptors were left open; now open are:\n", open_after - open_before);
    descriptors_print();
    return -1;
}

/* A thread makes its wake event at its first wait and keeps it. */
static void make_wake_event(void)
{
    sn_socket *pair[2];
    char byte;
    size_t received;
    if (sn_socket_pair(SN_TYPE_STREAM, pair))
        return;
    if (!sn_socket_set_receive_timeout(pair[0], 1))
        (void)!sn_socket_receive(pair[0], &byte, 1, SN_FLAG_NONE, &received);
    bool is_ready;
    (void)!sn_socket_poll(pair[0], 1000, SN_SELECT_READ, &is_ready); /* a fiber's */
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
}

/* Stands for all cases of a program that cannot be run as it was asked to. */
TEST(every_case_of_this_program)
{
    SKIP("%s", style_missing());
}

struct program {
    const char *name;
    const struct CMUnitTest *cases;
    size_t count;
};

static int run_program(void *context)
{
    const struct program *program = context;
    make_wake_event();
    return tests_run(program->name, program->cases, program->count, NULL, NULL);
}

int run_cases(const char *program, const struct CMUnitTest *cases, size_t count)
{
    style_choose();
    /* For a person who looks for something: patterns of test names, such as "*accept*". */
    cmocka_set_test_filter(getenv("SENNIT_TEST_ONLY"));
    cmocka_set_skip_filter(getenv("SENNIT_TEST_SKIP"));
    static const struct CMUnitTest none[] = {CASE(every_case_of_this_program)};
    if (style_missing()) {
        cases = none;
        count = 1;
    }
    int failed =
        style_run(run_program, &(struct program){.name = program, .cases = cases, .count = count});
    unix_paths_remove();
    return failed;
}

enum transport transport_of(void **state)
{
    enum transport transport = (enum transport)(intptr_t)*state;
    const char *reason = transport_missing(transport);
    if (reason)
        SKIP("%s", reason);
    return transport;
}

static int number_in(const char *variable)
{
    const char *text = getenv(variable);
    return text ? atoi(text) : 0;
}

int repetitions(int usual)
{
    int count = number_in("SENNIT_TEST_REPEAT"), most = number_in("SENNIT_TEST_REPEAT_MOST");
    if (count <= 0)
        count = usual;
    return most > 0 && count > most ? most : count;
}
