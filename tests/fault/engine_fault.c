/* Engines on a kernel that has no descriptors, no threads, no rings or no watches left. */
#include "fault/engines.h"
#include "fault/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"

/* --- Making an engine ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    sn_engine_backend backend;
    enum kernel_call kernel;
    unsigned nth;
    int native;
    sn_error error;
} faults[] = {
    {"first wake event", SN_ENGINE_BACKEND_EPOLL, KERNEL_sys_wake_open, 1, EMFILE,
     SN_ERROR_TOO_MANY_OPEN_SOCKETS},
    {"second wake event", SN_ENGINE_BACKEND_EPOLL, KERNEL_sys_wake_open, 2, ENFILE,
     SN_ERROR_TOO_MANY_OPEN_SOCKETS},
    {"first epoll", SN_ENGINE_BACKEND_EPOLL, KERNEL_sys_epoll_open, 1, EMFILE,
     SN_ERROR_TOO_MANY_OPEN_SOCKETS},
    {"third epoll", SN_ENGINE_BACKEND_EPOLL, KERNEL_sys_epoll_open, 3, ENOMEM,
     SN_ERROR_OUT_OF_MEMORY},
    {"watch of the wake event", SN_ENGINE_BACKEND_EPOLL, KERNEL_sys_epoll_register, 2, ENOMEM,
     SN_ERROR_OUT_OF_MEMORY},
    {"first thread", SN_ENGINE_BACKEND_EPOLL, KERNEL_sys_thread_start, 1, EAGAIN,
     SN_ERROR_OUT_OF_MEMORY},
    {"third thread", SN_ENGINE_BACKEND_EPOLL, KERNEL_sys_thread_start, 3, EAGAIN,
     SN_ERROR_OUT_OF_MEMORY},
    /* What is short for the moment is not told as "never". */
    {"first ring", SN_ENGINE_BACKEND_IO_URING, KERNEL_io_uring_queue_init_params, 1, EMFILE,
     SN_ERROR_TOO_MANY_OPEN_SOCKETS},
    {"first ring", SN_ENGINE_BACKEND_IO_URING, KERNEL_io_uring_queue_init_params, 1, ENOMEM,
     SN_ERROR_OUT_OF_MEMORY},
    {"self-test", SN_ENGINE_BACKEND_IO_URING, KERNEL_sys_socket_pair, 1, EMFILE,
     SN_ERROR_TOO_MANY_OPEN_SOCKETS},
    {"second ring", SN_ENGINE_BACKEND_IO_URING, KERNEL_io_uring_queue_init_params, 2, EMFILE,
     SN_ERROR_TOO_MANY_OPEN_SOCKETS},
    {"third ring", SN_ENGINE_BACKEND_IO_URING, KERNEL_io_uring_queue_init_params, 3, ENOMEM,
     SN_ERROR_OUT_OF_MEMORY},
};

TEST(an_engine_that_cannot_be_made_leaves_nothing)
{
    bool has_rings = has_io_uring();
    size_t descriptors_before = descriptors_count();
    allocations_begin();
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        sn_engine *engine = NULL;
        if (faults[i].backend == SN_ENGINE_BACKEND_IO_URING && !has_rings)
            continue;
        row_begin("%s: %s", faults[i].name, strerror(faults[i].native));
        kernel_reset();
        kernel_fail_nth(faults[i].kernel, faults[i].nth, -faults[i].native);
        row_error(faults[i].error, create(faults[i].backend, 3, &engine));
        row_equal(faults[i].native, sn_error_last_native());
        row_equal(true, engine == NULL);
        row_equal(descriptors_before, descriptors_count());
        row_equal(0, allocations_outstanding());
    }
    rows_end();
    allocations_end();
}

TEST(without_rings_the_choice_falls_on_epoll_and_says_why)
{
    static const struct {
        int native;
        const char *part;
        sn_error error; /* where the ring was asked for: what passes is not "never" */
    } rows[] = {
        {ENOSYS, "no io_uring", SN_ERROR_PLATFORM_NOT_SUPPORTED},
        {EPERM, "forbidden", SN_ERROR_PLATFORM_NOT_SUPPORTED},
        {EACCES, "forbidden", SN_ERROR_PLATFORM_NOT_SUPPORTED},
        {EINVAL, "older", SN_ERROR_PLATFORM_NOT_SUPPORTED},
        {ENOMEM, "memory", SN_ERROR_OUT_OF_MEMORY},
        {EMFILE, "no descriptor", SN_ERROR_TOO_MANY_OPEN_SOCKETS},
        {ENFILE, "no descriptor", SN_ERROR_TOO_MANY_OPEN_SOCKETS},
        {EIO, "self-test", SN_ERROR_PLATFORM_NOT_SUPPORTED},
    };
    unsetenv("SENNIT_ENGINE");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_engine *engine = NULL;
        kernel_reset();
        kernel_fail_all(KERNEL_io_uring_queue_init_params, -rows[i].native);
        assert_error(rows[i].error, create(SN_ENGINE_BACKEND_IO_URING, 1, &engine));
        assert_int_equal(sn_error_last_native(), rows[i].native);
        assert_ok(create(SN_ENGINE_BACKEND_AUTOMATIC, 1, &engine));
        assert_int_equal(sn_engine_get_backend(engine), SN_ENGINE_BACKEND_EPOLL);
        const char *reason = sn_engine_get_backend_reason(engine);
        if (!strstr(reason, rows[i].part))
            fail_msg("the reason for %s is \"%s\"", strerror(rows[i].native), reason);
        assert_ok(sn_engine_destroy(engine));
    }
    kernel_reset();
}

/* The self-test needs a pair of sockets too. */
TEST(a_self_test_that_cannot_be_made_falls_back_too)
{
    sn_engine *engine = NULL;
    if (!has_io_uring())
        SKIP("there is no io_uring here");
    unsetenv("SENNIT_ENGINE");
    kernel_fail_nth(KERNEL_sys_socket_pair, 1, -EMFILE);
    assert_ok(create(SN_ENGINE_BACKEND_AUTOMATIC, 0, &engine));
    assert_int_equal(sn_engine_get_backend(engine), SN_ENGINE_BACKEND_EPOLL);
    assert_ok(sn_engine_destroy(engine));
}

struct elsewhere {
    sn_engine_backend backend;
    sn_engine *engine;
};

static sn_error create_elsewhere(void *context)
{
    struct elsewhere *made = context;
    return create(made->backend, 0, &made->engine);
}

/* Made by another thread than the one that drives it, so that this one needs a ring of its own. */
static sn_engine *made_elsewhere(sn_engine_backend backend)
{
    struct elsewhere made = {.backend = backend};
    struct thread thread;
    thread_start(&thread, create_elsewhere, &made);
    assert_ok(thread_join(&thread));
    return made.engine;
}

TEST(a_driven_engine_that_could_not_begin_begins_later)
{
    static const enum kernel_call calls[] = {KERNEL_sys_epoll_open,
                                             KERNEL_io_uring_queue_init_params};
    bool has_rings = has_io_uring();
    for (int i = 0; i < (has_rings ? 2 : 1); i++) {
        sn_operation operation = {0};
        sn_handle handle = -7;
        kernel_reset();
        sn_engine *engine =
            made_elsewhere(i ? SN_ENGINE_BACKEND_IO_URING : SN_ENGINE_BACKEND_EPOLL);
        sn_engine_post_async(engine, &operation);
        kernel_fail_nth(calls[i], 1, -EMFILE);
        assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, sn_engine_run(engine, 0, NULL));
        kernel_fail_nth(calls[i], 1, -ENOMEM);
        assert_error(SN_ERROR_OUT_OF_MEMORY, sn_engine_get_handle(engine, &handle));
        assert_int_equal(handle, -7);
        assert_ok(sn_engine_run(engine, 0, NULL));
        assert_true(sn_operation_is_completed(&operation));
        assert_ok(sn_engine_destroy(engine));
    }
}

TEST(destroying_a_driven_engine_needs_nothing)
{
    bool has_rings = has_io_uring();
    for (int i = 0; i < (has_rings ? 2 : 1); i++) {
        sn_engine *engine = NULL;
        sn_operation post = {0}, delay = {0};
        kernel_reset();
        assert_ok(create(i ? SN_ENGINE_BACKEND_IO_URING : SN_ENGINE_BACKEND_EPOLL, 0, &engine));
        sn_engine_post_async(engine, &post);
        sn_engine_delay_async(engine, 100000, &delay);
        kernel_fail_all(KERNEL_sys_epoll_open, -EMFILE);
        kernel_fail_all(KERNEL_io_uring_queue_init_params, -EMFILE);
        kernel_fail_all(KERNEL_sys_wake_open, -EMFILE);
        assert_ok(sn_engine_destroy(engine));
        assert_true(sn_operation_is_completed(&post));
        assert_error(SN_ERROR_OPERATION_ABORTED, delay.error);
    }
    kernel_reset();
}

static void count_callback(sn_operation *operation);

/* The time limits of the first 256 have room; for the others some must be allocated. */
TEST(without_memory_for_its_time_limit_an_operation_says_so)
{
    enum { MANY = 300 };
    static sn_operation delays[MANY], receive;
    sn_engine *engine = NULL;
    kernel_reset();
    assert_ok(create(SN_ENGINE_BACKEND_EPOLL, 0, &engine));
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char byte;
    assert_ok(sn_socket_set_engine(pair.client, engine));
    for (int i = 0; i < 256; i++)
        sn_engine_delay_async(engine, 1000000, &delays[i]);
    assert_ok(sn_engine_run(engine, 0, NULL));
    allocations_begin();
    allocations_fail_nth(1);
    sn_engine_delay_async(engine, 1000000, &delays[256]);
    assert_ok(sn_engine_run(engine, 0, NULL));
    assert_true(sn_operation_is_completed(&delays[256]));
    assert_error(SN_ERROR_OUT_OF_MEMORY, delays[256].error);
    assert_int_equal(delays[256].native_error, ENOMEM);
    receive = (sn_operation){.timeout_ms = 1000000, .completed = count_callback};
    allocations_fail_nth(1);
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &receive);
    assert_ok(sn_engine_run(engine, 0, NULL));
    assert_ok(sn_engine_run(engine, 0, NULL));
    assert_true(sn_operation_is_completed(&receive));
    assert_error(SN_ERROR_OUT_OF_MEMORY, receive.error);
    allocations_end();
    for (int i = 257; i < MANY; i++)
        sn_engine_delay_async(engine, 1000000, &delays[i]);
    assert_ok(sn_engine_run(engine, 0, NULL));
    for (int i = 257; i < MANY; i++)
        assert_false(sn_operation_is_completed(&delays[i]));
    pair_release(&pair);
    assert_ok(sn_engine_destroy(engine));
}

/* --- The environment -------------------------------------------------------------------------- */

static void reason_with(const char *value, char *reason, size_t size)
{
    sn_engine *engine = NULL;
    setenv("SENNIT_ENGINE", value, 1);
    assert_ok(create(SN_ENGINE_BACKEND_AUTOMATIC, 0, &engine));
    snprintf(reason, size, "%s", sn_engine_get_backend_reason(engine));
    assert_ok(sn_engine_destroy(engine));
    unsetenv("SENNIT_ENGINE");
}

TEST(what_the_environment_says_is_told_in_the_reason)
{
    static const char *const known[] = {"epoll", "EPOLL", "Epoll", "io_uring", "IO_URING", ""};
    char reason[512], usual[512];
    kernel_reset();
    reason_with("", usual, sizeof usual);
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        reason_with(known[i], reason, sizeof reason);
        assert_null(strstr(reason, "no back-end"));
        assert_int_equal(i < 3, strstr(reason, "says so") != NULL);
    }
    reason_with("epol", reason, sizeof reason);
    assert_memory_equal(reason, usual, strlen(usual));
    assert_non_null(strstr(reason, "SENNIT_ENGINE=epol is no back-end's name"));
    static char endless[5000];
    memset(endless, 'x', sizeof endless - 1);
    reason_with(endless, reason, sizeof reason);
    assert_true(strlen(reason) < 320);
}

/* --- The default engine: made when the first operation needs it ------------------------------- */

static uint32_t callback_count;

static void count_callback(sn_operation *operation)
{
    (void)operation;
    callback_count++;
}

/* The first test of the program, so that there is none yet. */
TEST(without_a_default_engine_an_operation_completes_with_the_reason)
{
    struct socket_pair pair = pair_connected(TCP_IPV4);
    char byte;
    sn_operation waited = {.timeout_ms = 60000}, told = {.completed = count_callback}, delay = {0};
    sn_engine *engine = NULL;
    kernel_reset();
    /* The limit of a container: no thread can be started. That is no reason to poll. */
    kernel_fail_all(KERNEL_sys_thread_start, -EAGAIN);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_engine_default(&engine));
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &waited);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_operation_wait(&waited));
    sn_engine_delay_async(NULL, 1, &delay);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_operation_wait(&delay));
    sn_dns_get_host_addresses_async("a.name", SN_FAMILY_UNSPECIFIED, NULL, 0, &delay);
    assert_error(SN_ERROR_OUT_OF_MEMORY, sn_operation_wait(&delay));
    kernel_reset();
    kernel_fail_all(KERNEL_sys_wake_open, -EMFILE);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, sn_engine_default(&engine));
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &waited);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, sn_operation_wait(&waited));
    sn_engine_delay_async(NULL, 1, &delay);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, sn_operation_wait(&delay));
    /* Nor can the time of a handle be counted. */
    sn_cancellation *cancellation = NULL;
    assert_ok(sn_cancellation_create(&cancellation));
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, sn_cancellation_cancel_after(cancellation, 1));
    assert_false(sn_cancellation_is_canceled(cancellation));
    sn_cancellation_release(cancellation);
    /* Its attempts would tell the engine's thread of the answer. */
    sn_socket *socket = socket_make(TCP_IPV4);
    sn_socket_connect_host_async(socket, "a.name", 1, &waited);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, sn_operation_wait(&waited));
    sn_socket_release(socket);
    /* There is no engine's thread to call it on. */
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &told);
    assert_int_equal(callback_count, 1);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, told.error);
    /* It is closed all the same. */
    sn_socket_close_async(pair.listener, &told);
    assert_int_equal(callback_count, 2);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, told.error);
    kernel_reset();
    setenv("SENNIT_THREADS", "100000", 1);
    assert_ok(sn_engine_default(&engine));
    assert_non_null(strstr(sn_engine_get_backend_reason(engine),
                           "SENNIT_THREADS=100000 is no number from 1 to 1024"));
    assert_true(sn_engine_get_thread_count(engine) >= 1);
    unsetenv("SENNIT_THREADS");
    send_text(pair.server, "x");
    sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &waited);
    assert_ok(sn_operation_wait(&waited));
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        /* Its engine stays, and so do the descriptors of that. */
        cmocka_unit_test(without_a_default_engine_an_operation_completes_with_the_reason),
        CASE(an_engine_that_cannot_be_made_leaves_nothing),
        CASE(without_rings_the_choice_falls_on_epoll_and_says_why),
        CASE(a_self_test_that_cannot_be_made_falls_back_too),
        CASE(a_driven_engine_that_could_not_begin_begins_later),
        CASE(destroying_a_driven_engine_needs_nothing),
        CASE(without_memory_for_its_time_limit_an_operation_says_so),
        CASE(what_the_environment_says_is_told_in_the_reason),
    };
    return RUN(cases);
}
