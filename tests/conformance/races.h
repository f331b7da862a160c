/*
 * Addresses of which one answers, one refuses and one is silent, all with one port: for the tests
 * of connects that race. A listener whose queue is full is a black hole: what the kernel gets for
 * it is dropped.
 */
#ifndef TESTS_CONFORMANCE_RACES_H
#define TESTS_CONFORMANCE_RACES_H

#include "conformance/neighbours.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

/* No next attempt of a test's begins because so much time has passed. */
#define AN_HOUR_MS INT64_C(3600000)

/* 127.0.0.1 answers, 127.0.0.2 (and ::1) refuses, 127.0.0.3 is silent. */
struct race_course {
    struct neighbours there;
    struct full_listener silent;
    sn_ip_address good, refused, hole;
};

static inline struct race_course race_course_make(void)
{
    struct race_course course = {.good = SN_IPV4_LOOPBACK};
    course.refused = address_of_text("127.0.0.2");
    course.hole = address_of_text("127.0.0.3");
    for (;;) {
        course.there = neighbours_make();
        sn_endpoint local = endpoint_of(&course.hole, course.there.port);
        if (full_listener_try_at(&local, &course.silent))
            return course;
        full_listener_release(&course.silent);
        neighbours_release(&course.there);
    }
}

static inline void race_course_release(struct race_course *course)
{
    full_listener_release(&course->silent);
    neighbours_release(&course->there);
}

/* The log of a test, and the options that ask for a race which writes it. */
struct race_log {
    sn_connect_attempt attempts[8];
    sn_connect_log log;
    sn_connect_options options;
};

static inline void race_log_init(struct race_log *kept, sn_milliseconds delay_ms)
{
    *kept = (struct race_log){.log = {.attempts = kept->attempts, .capacity = 8},
                              .options = {.size = sizeof kept->options,
                                          .algorithm = SN_CONNECT_PARALLEL,
                                          .attempt_delay_ms = delay_ms,
                                          .log = &kept->log}};
}

/* A socket whose connects race and are logged. */
static inline sn_socket *racing_socket(struct race_log *kept, sn_milliseconds delay_ms)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    race_log_init(kept, delay_ms);
    assert_ok(sn_socket_set_connect_options(socket, &kept->options));
    return socket;
}

/* Until so many attempts are under way in this process. */
static inline void wait_for_attempts(int64_t wanted)
{
    sn_metrics metrics;
    do {
        engines_settle();
        sn_metrics_get(&metrics, sizeof metrics);
    } while (metrics.current_outgoing_connect_attempts < wanted);
}

/* That this one was tried, and ended so. */
static inline void assert_attempt(const struct race_log *kept, size_t place,
                                  const sn_ip_address *address, sn_error error)
{
    assert_true(place < kept->log.count);
    const sn_connect_attempt *attempt = &kept->attempts[place];
    assert_true(sn_ip_address_equals(address, &attempt->address));
    assert_error(error, attempt->error);
    assert_true(attempt->start_ns > 0);
    assert_true(attempt->end_ns >= attempt->start_ns);
    assert_true(place == 0 || attempt->start_ns >= attempt[-1].start_ns);
}

/* The connection is with the listener that answers, and carries bytes both ways. */
static inline void assert_connected_to(sn_socket *socket, sn_socket *listener)
{
    sn_socket *server = NULL;
    assert_true(sn_socket_is_connected(socket));
    assert_ok(do_accept(listener, &server));
    send_text(socket, "there");
    assert_receives(server, "there");
    send_text(server, "and back");
    assert_receives(socket, "and back");
    sn_socket_release(server);
}

#endif
