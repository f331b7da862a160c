/* A back-end without a loop: it is given operations, and says what the kernel has said. */
#include "unit/engine/engines.h"

#include "backends/backend.h"

struct alone {
    const struct backend_class *class;
    struct backend *backend;
    struct backend_host host;
    struct bare bare; /* bound to no worker */
    sn_operation operation;
    char byte;
};

static struct alone alone_open(const struct backend_class *class)
{
    struct alone alone = {.class = class, .host = {.watched = -1}};
    alone.host.wake_handle = sys_wake_open();
    assert_true(alone.host.wake_handle >= 0);
    return alone;
}

static bool has_ring(void)
{
    const sn_engine_options options = {.backend = SN_ENGINE_BACKEND_IO_URING};
    sn_engine *engine;
    if (sn_engine_create(&options, &engine))
        return false;
    destroy_engine(engine);
    return true;
}

/* The record is where it stays. */
static void alone_begin(struct alone *alone)
{
    alone->backend = alone->class->make(&alone->host);
    assert_non_null(alone->backend);
    assert_int_equal(0, alone->class->open(alone->backend, 64));
    bare_open(&alone->bare, SOCK_STREAM);
    record_of(&alone->operation)->owner = &alone->bare.descriptor;
    record_of(&alone->operation)->action = ACTION_RECEIVE;
    record_of(&alone->operation)->direction = DIRECTION_IN;
    record_of(&alone->operation)->buffer = (sn_buffer){.data = &alone->byte, .size = 1};
}

static void alone_end(struct alone *alone)
{
    if (alone->class->forget && alone->bare.descriptor.watched >= 0)
        alone->class->forget(alone->backend, &alone->bare.descriptor);
    alone->class->close(alone->backend);
    bare_close(&alone->bare);
    (void)sys_close(alone->host.wake_handle);
}

static int64_t submit(struct alone *alone)
{
    return alone->class->submit(alone->backend, &alone->bare.descriptor, &alone->operation);
}

/* One wait, which has to bring something. */
static struct report report_of_wait(struct alone *alone)
{
    alone->host.count = 0;
    while (alone->host.count == 0)
        assert_int_equal(0, alone->class->wait(alone->backend, SYS_NEVER));
    assert_int_equal(alone->host.count, 1);
    return alone->host.reports[0];
}

static bool is_readiness(const struct report *report)
{
    return ((uintptr_t)report->subject & REPORT_READY) != 0;
}

static void receive_on(const struct backend_class *class)
{
    struct alone alone = alone_open(class);
    alone_begin(&alone);
    assert_int_equal(submit(&alone), SUBMITTED);
    assert_int_equal(send(alone.bare.peer, "x", 1, 0), 1);
    struct report report = report_of_wait(&alone);
    while (is_readiness(&report) && !(report.what & READY_IN))
        report = report_of_wait(&alone);
    if (is_readiness(&report)) {
        assert_ptr_equal((char *)report.subject - REPORT_READY, &alone.bare.descriptor);
        report.what = operation_attempt(&alone.operation, alone.bare.descriptor.handle);
    } else {
        assert_ptr_equal(report.subject, &alone.operation);
    }
    assert_int_equal(report.what, 1);
    assert_int_equal(alone.byte, 'x');
    alone_end(&alone);
}

TEST(a_receive_is_reported)
{
    receive_on(&backend_epoll);
    if (has_ring())
        receive_on(&backend_io_uring);
}

static void cancel_on(const struct backend_class *class)
{
    struct alone alone = alone_open(class);
    alone_begin(&alone);
    assert_int_equal(submit(&alone), SUBMITTED);
    if (!class->cancel(alone.backend, &alone.bare.descriptor, &alone.operation)) {
        struct report report = report_of_wait(&alone);
        assert_ptr_equal(report.subject, &alone.operation);
        assert_int_equal(report.what, -ECANCELED);
    }
    alone_end(&alone);
}

TEST(a_cancel_withdraws_it_or_is_reported)
{
    cancel_on(&backend_epoll);
    if (has_ring())
        cancel_on(&backend_io_uring);
}

static void wake_on(const struct backend_class *class)
{
    struct alone alone = alone_open(class);
    alone_begin(&alone);
    sys_wake_signal(alone.host.wake_handle);
    while (!alone.host.was_woken)
        assert_int_equal(0, class->wait(alone.backend, SYS_NEVER));
    assert_int_equal(alone.host.count, 0);
    assert_true(alone.host.batch > 0);
    alone_end(&alone);
}

TEST(the_wake_event_ends_a_wait)
{
    wake_on(&backend_epoll);
    if (has_ring())
        wake_on(&backend_io_uring);
    wake_on(&backend_ended);
}

/* Nothing can wake it then, so it looks again after a while, and not all the time. */
TEST(what_has_ended_waits_without_a_wake_event_too)
{
    struct backend_host host = {.watched = -1, .wake_handle = 1 << 20};
    struct backend *backend = backend_ended.make(&host);
    int64_t before_ns = sys_now();
    assert_int_equal(0, backend_ended.wait(backend, SYS_NEVER));
    assert_true(sys_now() > before_ns);
    assert_int_equal(0, backend_ended.wait(backend, before_ns)); /* that time has come */
    assert_int_equal(host.batch, 0);
    assert_false(host.was_woken);
    backend_ended.close(backend);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receive_is_reported),
        cmocka_unit_test(a_cancel_withdraws_it_or_is_reported),
        cmocka_unit_test(the_wake_event_ends_a_wait),
        cmocka_unit_test(what_has_ended_waits_without_a_wake_event_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
