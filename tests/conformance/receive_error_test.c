/* The error queue: what became of what was sent. */
#include "conformance/reports.h"

#include <errno.h>
#include <time.h>

static char room[2048];

static sn_report report_of(size_t size)
{
    memset(room, 0xEE, sizeof room);
    return (sn_report){.buffer = {room, size}};
}

/* Nanoseconds; the kernel's clock for this is the same. */
static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void send_one(sn_socket *socket, const char *text, const sn_endpoint *to)
{
    assert_ok(sn_socket_send_to(socket, text, strlen(text), SN_FLAG_NONE, to, NULL));
}

/* --- Refusals --------------------------------------------------------------------------------- */

TEST(a_datagram_that_nobody_takes_is_reported_without_a_connection)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_reporting(transport);
    sn_endpoint to = deserted_endpoint(transport_family(transport));
    sn_report report = report_of(sizeof room);
    send_one(socket, "is anybody there?", &to);
    assert_ok(do_receive_error(socket, &report, SN_FLAG_NONE));
    assert_refusal(&report, &to, "is anybody there?");
    assert_int_equal(report.flags, SN_FLAG_NONE);
    sn_socket_release(socket);
}

TEST(a_report_that_was_taken_is_told_to_no_other_call)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_reporting(transport), *peer = socket_bound(transport);
    sn_endpoint deserted = deserted_endpoint(transport_family(transport));
    sn_endpoint to = local_endpoint(peer), own = local_endpoint(socket);
    sn_report report = report_of(sizeof room);
    send_one(socket, "lost", &deserted);
    assert_ok(do_receive_error(socket, &report, SN_FLAG_NONE));
    send_one(socket, "found", &to);
    assert_receives(peer, "found");
    send_one(peer, "back", &own);
    assert_receives(socket, "back");
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK, sn_socket_receive_error(socket, &report, SN_FLAG_NONE));
    sn_socket_release(socket);
    sn_socket_release(peer);
}

TEST(reports_come_in_the_order_of_the_refusals)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_reporting(transport);
    sn_endpoint to = deserted_endpoint(transport_family(transport));
    const char *texts[] = {"a", "bc", "def"};
    /* The error of one that was refused is the next call's: taken away with its report. */
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (sn_socket_send_to(socket, texts[i], strlen(texts[i]), SN_FLAG_NONE, &to, NULL))
            send_one(socket, texts[i], &to);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        sn_report report = report_of(sizeof room);
        assert_ok(do_receive_error(socket, &report, SN_FLAG_NONE));
        assert_refusal(&report, &to, texts[i]);
    }
    sn_socket_release(socket);
}

TEST(a_datagram_that_does_not_fit_is_told_to_be_cut)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_reporting(transport);
    sn_endpoint to = deserted_endpoint(transport_family(transport));
    sn_report report = report_of(3);
    send_one(socket, "abcdef", &to);
    assert_ok(do_receive_error(socket, &report, SN_FLAG_NONE));
    assert_refusal(&report, &to, "abc");
    assert_int_equal(report.flags, SN_FLAG_TRUNCATED);
    assert_int_equal((unsigned char)room[3], 0xEE);
    report = (sn_report){0}; /* the bytes are not wanted */
    send_one(socket, "abcdef", &to);
    assert_ok(do_receive_error(socket, &report, SN_FLAG_NONE));
    assert_refusal(&report, &to, "");
    sn_socket_release(socket);
}

TEST(an_error_that_another_call_has_met_is_still_reported)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_reporting(transport);
    sn_endpoint to = deserted_endpoint(transport_family(transport));
    sn_report report = report_of(sizeof room);
    char byte;
    size_t count;
    send_one(socket, "x", &to);
    assert_error(SN_ERROR_CONNECTION_REFUSED,
                 sn_socket_receive(socket, &byte, 1, SN_FLAG_NONE, &count));
    assert_ok(do_receive_error(socket, &report, SN_FLAG_NONE));
    assert_refusal(&report, &to, "x");
    sn_socket_release(socket);
}

TEST(a_dual_mode_socket_is_told_of_both_families)
{
    sn_socket *socket = NULL;
    if (!has_ipv6())
        SKIP("no IPv6");
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &socket));
    assert_ok(sn_socket_set_reports_errors(socket, true));
    for (int i = 0; i < 2; i++) {
        sn_endpoint to = deserted_endpoint(i ? SN_FAMILY_IPV6 : SN_FAMILY_IPV4);
        sn_report report = report_of(sizeof room);
        send_one(socket, "x", &to);
        assert_ok(do_receive_error(socket, &report, SN_FLAG_NONE));
        assert_int_equal(report.origin, i ? SN_REPORT_ICMPV6 : SN_REPORT_ICMP);
        assert_int_equal(sn_endpoint_get_port(&report.destination), sn_endpoint_get_port(&to));
        assert_int_equal(sn_endpoint_get_family(&report.destination), SN_FAMILY_IPV6);
    }
    sn_socket_release(socket);
}

/* --- Waiting ---------------------------------------------------------------------------------- */

struct waiting {
    sn_socket *socket;
    sn_report report;
    struct thread thread;
};

static sn_error wait_for_report(void *context)
{
    struct waiting *waiting = context;
    return do_receive_error(waiting->socket, &waiting->report, SN_FLAG_NONE);
}

TEST(a_call_that_waits_is_woken_by_a_report)
{
    enum transport transport = transport_of(state);
    struct waiting waiting = {.socket = socket_reporting(transport)};
    sn_endpoint to = deserted_endpoint(transport_family(transport));
    waiting.report = report_of(sizeof room);
    thread_start_blocked(&waiting.thread, wait_for_report, &waiting);
    send_one(waiting.socket, "hello", &to);
    assert_ok(thread_join(&waiting.thread));
    assert_refusal(&waiting.report, &to, "hello");
    sn_socket_release(waiting.socket);
}

TEST(a_close_and_a_cancel_end_a_call_that_waits)
{
    enum transport transport = transport_of(state);
    for (int closes = 0; closes < 2; closes++) {
        struct waiting waiting = {.socket = socket_reporting(transport)};
        thread_start_blocked(&waiting.thread, wait_for_report, &waiting);
        if (closes)
            sn_socket_close(waiting.socket);
        else
            sn_socket_cancel(waiting.socket);
        sn_error error = thread_join(&waiting.thread);
        if (closes)
            assert_ended_by_close(SN_ERROR_INTERRUPTED, error);
        else
            assert_error(SN_ERROR_OPERATION_CANCELED, error);
        sn_socket_release(waiting.socket);
    }
}

TEST(a_time_limit_ends_a_call_that_waits)
{
    sn_socket *socket = socket_reporting(transport_of(state));
    sn_report report = report_of(sizeof room);
    assert_ok(sn_socket_set_receive_timeout(socket, 1));
    assert_error(SN_ERROR_TIMED_OUT, do_receive_error(socket, &report, SN_FLAG_NONE));
    sn_socket_release(socket);
}

TEST(a_call_that_must_not_wait_says_that_it_would)
{
    sn_socket *socket = socket_reporting(transport_of(state));
    sn_report report = report_of(sizeof room);
    report.origin = SN_REPORT_ZERO_COPY;
    assert_error(SN_ERROR_WOULD_BLOCK, sn_socket_receive_error(socket, &report, SN_FLAG_DONT_WAIT));
    assert_int_equal(report.origin, SN_REPORT_ZERO_COPY);
    assert_true(sn_socket_is_blocking(socket));
    sn_socket_release(socket);
}

/* A full queue makes the socket look ready all the time. */
TEST(a_queue_that_nobody_empties_loses_no_data_and_no_time_limit)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport), *peer = socket_bound(transport);
    sn_endpoint to = local_endpoint(peer), own = local_endpoint(socket);
    char data[8];
    size_t count = 0;
    assert_ok(sn_socket_set_reports_times(socket, SN_REPORT_SENT));
    send_one(socket, "timed", &to);
    assert_receives(peer, "timed");
    wait_error(socket);
    assert_ok(sn_socket_set_receive_timeout(socket, 20));
    assert_error(SN_ERROR_TIMED_OUT, do_receive(socket, data, sizeof data, SN_FLAG_NONE, &count));
    send_one(peer, "data", &own);
    assert_ok(do_receive(socket, data, sizeof data, SN_FLAG_NONE, &count));
    assert_int_equal(count, 4);
    sn_socket_release(socket);
    sn_socket_release(peer);
}

/* --- Times ------------------------------------------------------------------------------------ */

TEST(the_time_of_each_send_is_told_with_its_number)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_bound(transport), *peer = socket_bound(transport);
    sn_endpoint to = local_endpoint(peer);
    uint32_t moments = 0;
    int64_t before_ns = now_ns();
    assert_ok(sn_socket_set_reports_times(socket, SN_REPORT_SENT | SN_REPORT_SCHEDULED));
    assert_ok(sn_socket_get_reports_times(socket, &moments));
    assert_int_equal(moments, SN_REPORT_SENT | SN_REPORT_SCHEDULED);
    for (uint32_t i = 0; i < 3; i++) {
        moments = 0;
        send_one(socket, "x", &to);
        for (int told = 0; told < 2; told++) {
            sn_report report = report_of(sizeof room);
            assert_ok(do_receive_error(socket, &report, SN_FLAG_NONE));
            assert_int_equal(report.origin, SN_REPORT_TIME);
            assert_ok(report.error);
            assert_int_equal(report.native_error, 0);
            assert_int_equal(report.number, i);
            assert_int_equal(report.transferred, 0);
            assert_true(report.time_ns >= before_ns && report.time_ns <= now_ns());
            assert_no_endpoint(&report.offender);
            moments |= report.moments;
        }
        assert_int_equal(moments, SN_REPORT_SENT | SN_REPORT_SCHEDULED);
    }
    assert_ok(sn_socket_set_reports_times(socket, 0));
    assert_ok(sn_socket_get_reports_times(socket, &moments));
    assert_int_equal(moments, 0);
    sn_socket_release(socket);
    sn_socket_release(peer);
}

TEST(a_stream_tells_when_its_bytes_were_acknowledged)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_report report = report_of(sizeof room);
    assert_ok(sn_socket_set_reports_times(pair.client, SN_REPORT_ACKNOWLEDGED));
    send_text(pair.client, "hello");
    assert_receives(pair.server, "hello");
    assert_ok(do_receive_error(pair.client, &report, SN_FLAG_NONE));
    assert_int_equal(report.origin, SN_REPORT_TIME);
    assert_int_equal(report.moments, SN_REPORT_ACKNOWLEDGED);
    assert_int_equal(report.number, 4); /* the last byte */
    send_text(pair.server, "the stream goes on");
    assert_receives(pair.client, "the stream goes on");
    pair_release(&pair);
}

/* --- Mistakes --------------------------------------------------------------------------------- */

TEST(mistakes_are_told_and_change_nothing)
{
    enum transport transport = transport_of(state);
    sn_socket *socket = socket_reporting(transport);
    sn_report report = {0}, no_memory = {.buffer = {NULL, 1}};
    sn_report too_long = {.buffer = {room, (size_t)SSIZE_MAX + 1}};
    bool value;
    uint32_t moments;
    const sn_flags refused[] = {SN_FLAG_PEEK, SN_FLAG_OUT_OF_BAND, SN_FLAG_TRUNCATE, 0x40000000};
    assert_error(SN_ERROR_ARGUMENT_NULL, do_receive_error(NULL, &report, SN_FLAG_NONE));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_receive_error(socket, NULL, SN_FLAG_NONE));
    assert_error(SN_ERROR_ARGUMENT_NULL, do_receive_error(socket, &no_memory, SN_FLAG_NONE));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, do_receive_error(socket, &too_long, SN_FLAG_NONE));
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                     do_receive_error(socket, &report, refused[i]));
    assert_error(SN_ERROR_ARGUMENT, sn_socket_set_reports_times(socket, 8));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_reports_times(socket, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_reports_errors(socket, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_set_reports_errors(NULL, true));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_set_reports_times(NULL, 0));
    sn_socket_close(socket);
    assert_error(SN_ERROR_OBJECT_DISPOSED, do_receive_error(socket, NULL, SN_FLAG_NONE));
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_get_reports_errors(socket, &value));
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_set_reports_errors(socket, true));
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_get_reports_times(socket, &moments));
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_set_reports_times(socket, 0));
    sn_socket_release(socket);
}

/* The kernel would take the request for one of data. */
TEST(a_socket_without_an_error_queue_says_so_and_keeps_its_data)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_report report = report_of(sizeof room);
    bool value;
    send_text(pair.client, "data");
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_receive_error(pair.server, &report, SN_FLAG_NONE));
    assert_error(SN_ERROR_NOT_SUPPORTED, sn_socket_get_reports_errors(pair.server, &value));
    assert_error(SN_ERROR_NOT_SUPPORTED, sn_socket_set_reports_errors(pair.server, true));
    assert_receives(pair.server, "data");
    pair_release(&pair);
}

TEST(every_origin_has_a_name)
{
    assert_string_equal(sn_report_origin_name(SN_REPORT_ICMPV6), "IcmpV6");
    assert_string_equal(sn_report_origin_name(SN_REPORT_TIME), "Time");
    assert_string_equal(sn_report_origin_name((sn_report_origin)99), "?");
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UDP(a_datagram_that_nobody_takes_is_reported_without_a_connection),
        ON_UDP(a_report_that_was_taken_is_told_to_no_other_call),
        ON_UDP(reports_come_in_the_order_of_the_refusals),
        ON_UDP(a_datagram_that_does_not_fit_is_told_to_be_cut),
        ON_UDP(an_error_that_another_call_has_met_is_still_reported),
        CASE(a_dual_mode_socket_is_told_of_both_families),
        ON_UDP(a_call_that_waits_is_woken_by_a_report),
        ON_UDP(a_close_and_a_cancel_end_a_call_that_waits),
        ON_UDP(a_time_limit_ends_a_call_that_waits),
        ON_UDP(a_call_that_must_not_wait_says_that_it_would),
        ON_UDP(a_queue_that_nobody_empties_loses_no_data_and_no_time_limit),
        ON_UDP(the_time_of_each_send_is_told_with_its_number),
        ON_TCP(a_stream_tells_when_its_bytes_were_acknowledged),
        ON_UDP(mistakes_are_told_and_change_nothing),
        CASE_ON(a_socket_without_an_error_queue_says_so_and_keeps_its_data, UNIX_STREAM),
        CASE_ON(a_socket_without_an_error_queue_says_so_and_keeps_its_data, UNIX_DATAGRAM),
        CASE(every_origin_has_a_name),
    };
    return RUN(cases);
}
