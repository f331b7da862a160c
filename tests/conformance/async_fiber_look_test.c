/*
 * Fibers seen from outside: all of them, one after the other or as text, their counts, and stacks
 * that overflow.
 */
#include "conformance/fibers.h"
#include "conformance/forks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/children.h"

static sn_fiber *start_named(sn_engine *engine, const char *name)
{
    const sn_fiber_options options = {.name = name};
    sn_fiber *fiber = NULL;
    assert_ok(sn_fiber_start(engine, sleep_long, NULL, &options, &fiber));
    return fiber;
}

static void end_all(sn_engine *engine, sn_fiber **fibers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sn_fiber_cancel(fibers[i]);
    for (size_t i = 0; i < count; i++)
        assert_error(SN_ERROR_OPERATION_CANCELED, finish(engine, fibers[i]));
}

/* --- A visit ---------------------------------------------------------------------------------- */

enum { MANY = 100 };

struct seen {
    sn_fiber *fibers[MANY];
    size_t count, limit;
};

static bool note(sn_fiber *fiber, void *context)
{
    struct seen *seen = context;
    assert_true(seen->count < MANY);
    seen->fibers[seen->count++] = fiber;
    return seen->count < seen->limit;
}

static size_t times_seen(const struct seen *seen, const sn_fiber *fiber)
{
    size_t count = 0;
    for (size_t i = 0; i < seen->count; i++)
        count += seen->fibers[i] == fiber;
    return count;
}

TEST(a_visit_shows_each_fiber_once)
{
    sn_engine *engine = engine_with_threads(2);
    sn_fiber *fibers[50];
    struct seen seen = {.limit = MANY};
    for (size_t i = 0; i < COUNT_OF(fibers); i++)
        fibers[i] = start(engine, sleep_long, NULL);
    assert_ok(sn_fiber_visit(note, &seen));
    assert_int_equal(COUNT_OF(fibers), seen.count);
    for (size_t i = 0; i < COUNT_OF(fibers); i++)
        assert_int_equal(1, times_seen(&seen, fibers[i]));
    end_all(engine, fibers, COUNT_OF(fibers));
    seen = (struct seen){.limit = MANY};
    assert_ok(sn_fiber_visit(note, &seen));
    assert_int_equal(0, seen.count);
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_visitor_can_stop_and_others_see_all_the_same)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *fibers[50];
    for (size_t i = 0; i < COUNT_OF(fibers); i++)
        fibers[i] = start(engine, sleep_long, NULL);
    for (size_t limit = 1; limit <= COUNT_OF(fibers); limit += 7) {
        struct seen seen = {.limit = limit};
        assert_ok(sn_fiber_visit(note, &seen));
        assert_int_equal(limit, seen.count);
    }
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_visit(NULL, NULL));
    end_all(engine, fibers, COUNT_OF(fibers));
    assert_ok(sn_engine_destroy(engine));
}

struct ender {
    sn_engine *engine;
    sn_fiber **fibers;
    size_t count, seen;
};

static bool look_again(sn_fiber *fiber, void *context)
{
    (void)fiber;
    ++*(size_t *)context;
    return true;
}

/* Ends the one that is shown and all others, and starts one. */
static bool end_everything(sn_fiber *fiber, void *context)
{
    struct ender *ender = context;
    size_t inner = 0;
    assert_string_equal("", sn_fiber_get_name(fiber));
    assert_ok(sn_fiber_visit(look_again, &inner));
    assert_int_equal(ender->count, inner);
    end_all(ender->engine, ender->fibers, ender->count);
    assert_true(sn_fiber_is_over(fiber));
    ender->fibers[0] = start(ender->engine, sleep_long, NULL);
    ender->seen++;
    return true;
}

TEST(a_visitor_may_end_and_start_fibers)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *fibers[40];
    for (size_t i = 0; i < COUNT_OF(fibers); i++)
        fibers[i] = start(engine, sleep_long, NULL);
    struct ender ender = {.engine = engine, .fibers = fibers, .count = COUNT_OF(fibers)};
    assert_ok(sn_fiber_visit(end_everything, &ender));
    assert_int_equal(1, ender.seen);
    end_all(engine, fibers, 1);
    assert_ok(sn_engine_destroy(engine));
}

static sn_error yield_some(void *context)
{
    (void)context;
    for (int i = 0; i < 3; i++)
        (void)sn_fiber_yield();
    return SN_OK;
}

static sn_error start_many(void *context)
{
    for (int i = 0; i < 2000; i++) {
        sn_fiber *fiber;
        sn_error error = sn_fiber_start(context, yield_some, NULL, NULL, &fiber);
        if (!error)
            error = sn_fiber_join(fiber, SN_FOREVER, NULL);
        sn_fiber_release(fiber);
        if (error)
            return error;
    }
    return SN_OK;
}

static bool look_inside(sn_fiber *fiber, void *context)
{
    sn_fiber_info info = {.size = sizeof info};
    size_t *wrong = context;
    *wrong += sn_fiber_get_info(fiber, &info) != SN_OK || info.number == 0 || !info.engine;
    return true;
}

TEST(fibers_start_and_end_while_others_look)
{
    sn_engine *engine = engine_with_threads(2);
    struct thread threads[2];
    size_t wrong = 0;
    sn_fiber *waits = start(engine, sleep_long, NULL);
    for (int i = 0; i < 2; i++)
        thread_start(&threads[i], start_many, engine);
    sn_fiber_counts counts;
    for (int i = 0; i < 500; i++) {
        assert_ok(sn_fiber_visit(look_inside, &wrong));
        assert_ok(sn_fiber_get_counts(&counts, sizeof counts));
        assert_int_equal(counts.started,
                         counts.ended + counts.starting + counts.running + counts.waiting);
    }
    assert_int_equal(0, wrong);
    assert_ok(thread_join(&threads[0]));
    assert_ok(thread_join(&threads[1]));
    end_all(engine, &waits, 1);
    assert_ok(sn_engine_destroy(engine));
}

/* --- Counts ----------------------------------------------------------------------------------- */

TEST(counts_tell_what_was_and_what_is)
{
    sn_engine *engine = engine_with_threads(0);
    sn_fiber_counts before, now;
    assert_ok(sn_fiber_get_counts(&before, sizeof before));
    sn_fiber *fibers[3];
    for (int i = 0; i < 3; i++)
        fibers[i] = start(engine, i ? sleep_long : yield_some, NULL);
    assert_ok(sn_fiber_get_counts(&now, sizeof now));
    assert_int_equal(3, now.started - before.started);
    assert_int_equal(3, now.starting);
    assert_int_equal(0, now.switches - before.switches);
    assert_ok(finish(engine, fibers[0]));
    assert_ok(sn_fiber_get_counts(&now, sizeof now));
    assert_int_equal(3, now.started - before.started);
    assert_int_equal(1, now.ended - before.ended);
    assert_int_equal(2, now.waiting);
    assert_int_equal(4 + 2, now.switches - before.switches); /* once, and after each yield */
    end_all(engine, fibers + 1, 2);
    assert_ok(sn_fiber_get_counts(&now, sizeof now));
    assert_int_equal(3, now.ended - before.ended);
    assert_int_equal(8, now.switches - before.switches);
    assert_int_equal(0, now.starting + now.running + now.waiting);
    assert_ok(sn_engine_destroy(engine));
}

static sn_error count_running(void *context)
{
    return sn_fiber_get_counts(context, sizeof(sn_fiber_counts));
}

TEST(a_fiber_counts_itself_as_running)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber_counts counts;
    assert_ok(finish(engine, start(engine, count_running, &counts)));
    assert_int_equal(1, counts.running);
    assert_ok(sn_engine_destroy(engine));
}

TEST(counts_fit_a_program_of_another_version)
{
    sn_fiber_counts counts[2];
    memset(counts, 0xff, sizeof counts);
    assert_ok(sn_fiber_get_counts(counts, sizeof counts));
    assert_int_equal(0, counts[1].started | counts[1].switches);
    memset(counts, 0xff, sizeof counts);
    assert_ok(sn_fiber_get_counts(counts, sizeof counts->started));
    assert_int_not_equal(UINT64_MAX, counts[0].started);
    assert_int_equal(UINT64_MAX, counts[0].ended);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_fiber_get_counts(NULL, sizeof counts));
}

/* --- As text ---------------------------------------------------------------------------------- */

/* Of all that a pipe holds. */
static const char *dumped(void)
{
    static char text[8192];
    int ends[2];
    assert_int_equal(0, pipe(ends));
    assert_ok(sn_fiber_dump(ends[1]));
    assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
    close(ends[1]);
    size_t size = 0;
    ssize_t part;
    while ((part = read(ends[0], text + size, sizeof text - 1 - size)) > 0)
        size += (size_t)part;
    text[size] = '\0';
    close(ends[0]);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("there is no '%s' in:\n%s", part, text);
}

TEST(a_dump_says_what_each_fiber_waits_for)
{
    sn_engine *engine = engine_with_threads(0);
    struct wait_scene scene;
    char expected[160];
    wait_scene_open(&scene, &wait_kinds[0]);
    sn_fiber *fibers[3] = {start(engine, wait_scene_run, &scene), start_named(engine, "Fi\nona"),
                           NULL};
    sn_fiber_info info = {.size = sizeof info};
    drive_until_waiting(engine, fibers[0]);
    drive_until_waiting(engine, fibers[1]);
    fibers[2] = start_named(engine, "late");
    const char *text = dumped();
    assert_ok(sn_fiber_get_info(fibers[0], &info));
    snprintf(expected, sizeof expected, "fiber %" PRIu64 " %p: waiting for Receive on %d, ",
             info.number, (void *)fibers[0], sn_socket_get_handle(scene.pair.client));
    assert_has(text, expected);
    snprintf(expected, sizeof expected, " 1 switches, thread 0 of engine %p\n", (void *)engine);
    assert_has(text, expected);
    assert_has(text, " \"Fi?ona\": waiting for Time, ");
    assert_has(text, " \"late\": starting, ");
    assert_has(text, " 1 starting, 0 running, 2 waiting, ");
    end_all(engine, fibers, 3);
    wait_scene_close(&scene);
    assert_null(strstr(dumped(), "\nfiber "));
    assert_ok(sn_engine_destroy(engine));
}

static sn_error read_all(void *context)
{
    char bytes[256];
    while (read(*(int *)context, bytes, sizeof bytes) > 0)
        continue;
    return SN_OK;
}

TEST(a_dump_waits_where_its_reader_is_slow)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *fiber = start(engine, sleep_long, NULL);
    int ends[2];
    char byte = 'x';
    struct thread reader;
    assert_int_equal(0, pipe(ends));
    assert_int_equal(0, fcntl(ends[1], F_SETFL, O_NONBLOCK));
    while (write(ends[1], &byte, 1) == 1)
        continue;
    thread_start(&reader, read_all, &ends[0]);
    assert_ok(sn_fiber_dump(ends[1]));
    close(ends[1]);
    assert_ok(thread_join(&reader));
    close(ends[0]);
    end_all(engine, &fiber, 1);
    assert_ok(sn_engine_destroy(engine));
}

TEST(a_dump_to_nowhere_is_an_error)
{
    int ends[2];
    assert_int_not_equal(SN_OK, sn_fiber_dump(SN_HANDLE_NONE));
    assert_int_equal(EBADF, sn_error_last_native());
    assert_int_equal(0, pipe(ends));
    close(ends[0]);
    assert_int_not_equal(SN_OK, sn_fiber_dump(ends[1])); /* and no SIGPIPE */
    assert_int_equal(EPIPE, sn_error_last_native());
    close(ends[1]);
}

/* --- In a forked child ------------------------------------------------------------------------ */

static int look_in_child(void *context)
{
    struct seen seen = {.limit = MANY};
    sn_fiber_counts counts;
    CHILD_EXPECT(sn_fiber_visit(note, &seen) == SN_OK && seen.count == 0);
    CHILD_EXPECT(sn_fiber_get_counts(&counts, sizeof counts) == SN_OK);
    CHILD_EXPECT(counts.started == 0 && counts.ended == 0 && counts.waiting == 0);
    sn_engine *engine;
    sn_fiber *fiber;
    CHILD_EXPECT(sn_engine_create(&(sn_engine_options){.threads = 1}, &engine) == SN_OK);
    CHILD_EXPECT(sn_fiber_start(engine, sleep_long, NULL, NULL, &fiber) == SN_OK);
    CHILD_EXPECT(sn_fiber_visit(note, &seen) == SN_OK && seen.count == 1);
    CHILD_EXPECT(seen.fibers[0] == fiber);
    sn_fiber_cancel(fiber);
    sn_fiber_cancel(context); /* the parent's */
    CHILD_EXPECT(sn_engine_destroy(engine) == SN_OK);
    CHILD_EXPECT(sn_fiber_get_counts(&counts, sizeof counts) == SN_OK);
    CHILD_EXPECT(counts.started == 1 && counts.ended == 1);
    sn_fiber_release(fiber);
    return 0;
}

TEST(a_forked_child_has_none_of_its_parent_s)
{
#ifdef __SANITIZE_THREAD__
    SKIP("the thread sanitizer takes a thread of the child's for one of the parent's");
#endif
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *fiber = start(engine, sleep_long, NULL);
    wait_until_waiting(fiber);
    assert_int_equal(0, child_run(look_in_child, fiber));
    struct seen seen = {.limit = MANY};
    assert_ok(sn_fiber_visit(note, &seen));
    assert_int_equal(1, seen.count);
    end_all(engine, &fiber, 1);
    assert_ok(sn_engine_destroy(engine));
}

static bool fork_inside(sn_fiber *fiber, void *context)
{
    size_t *seen = context;
    (void)fiber;
    ++*seen;
    if (*seen > 1)
        return true;
    pid_t child = fork();
    assert_true(child >= 0);
    int status = 0;
    if (child > 0) {
        assert_int_equal(child, waitpid(child, &status, 0));
        assert_true(WIFEXITED(status));
        assert_int_equal(0, WEXITSTATUS(status));
    } else {
        *seen = 1000;
    }
    return true;
}

TEST(a_visitor_may_fork_and_the_child_sees_no_more)
{
    sn_engine *engine = engine_with_threads(1);
    sn_fiber *fibers[20];
    size_t seen = 0;
    for (size_t i = 0; i < COUNT_OF(fibers); i++)
        fibers[i] = start(engine, sleep_long, NULL);
    assert_ok(sn_fiber_visit(fork_inside, &seen));
    if (seen >= 1000)
        _exit(seen == 1000 ? 0 : 1); /* the child */
    assert_int_equal(COUNT_OF(fibers), seen);
    end_all(engine, fibers, COUNT_OF(fibers));
    assert_ok(sn_engine_destroy(engine));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_visit_shows_each_fiber_once),
        CASE(a_visitor_can_stop_and_others_see_all_the_same),
        CASE(a_visitor_may_end_and_start_fibers),
        CASE(fibers_start_and_end_while_others_look),
        CASE(counts_tell_what_was_and_what_is),
        CASE(a_fiber_counts_itself_as_running),
        CASE(counts_fit_a_program_of_another_version),
        CASE(a_dump_says_what_each_fiber_waits_for),
        CASE(a_dump_waits_where_its_reader_is_slow),
        CASE(a_dump_to_nowhere_is_an_error),
        CASE(a_forked_child_has_none_of_its_parent_s),
        CASE(a_visitor_may_fork_and_the_child_sees_no_more),
    };
    return RUN(cases);
}
