/*
 * Races with a host that does not answer (RFC 8305): on two hosts that the program makes itself,
 * see support/network.h, and with a name that has both families.
 */
#include "conformance/races.h"
#include "support/async.h"
#include "support/hosts.h"
#include "support/network_sockets.h"

static const char *names_missing;

/* A listener for both families on the far host. */
static sn_socket *listener_far(void)
{
    sn_socket *listener = NULL;
    sn_endpoint any = endpoint_of(&SN_IPV6_ANY, PORT);
    network_enter(HOST_FAR);
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &listener));
    network_enter(HOST_NEAR);
    assert_ok(sn_socket_bind(listener, &any));
    assert_ok(sn_socket_listen(listener, 8));
    return listener;
}

/* With the delay that a program gets that asks for none: when the second host has answered, the
 * time of the third attempt has not come yet. */
TEST(a_silent_host_costs_the_delay_and_not_the_system_s_patience)
{
    needs_network();
    struct race_log kept;
    const sn_ip_address silent = address_of("10.99.0.66"),
                        far = network_address(HOST_FAR, 0, SN_FAMILY_IPV4),
                        list[] = {silent, far, silent, silent};
    sn_socket *listener = listener_far(), *socket = racing_socket(&kept, 0);
    assert_ok(do_connect_addresses(socket, list, 4, PORT));
    assert_connected_to(socket, listener);
    assert_int_equal(2, kept.log.count);
    assert_attempt(&kept, 0, &silent, SN_ERROR_OPERATION_CANCELED);
    assert_attempt(&kept, 1, &far, SN_OK);
    int64_t span_ns = kept.attempts[1].end_ns - kept.attempts[0].start_ns;
    assert_true(span_ns >= 250000000);
    print_message("connected after %.1f ms\n", (double)span_ns / 1e6);
    sn_socket_release(socket);
    sn_socket_release(listener);
}

/* A broken IPv6 costs one delay, however many addresses the name has there. */
TEST(a_silent_family_costs_one_delay)
{
    needs_network();
    struct race_log kept;
    const sn_ip_address silent = address_of("fd99::66"),
                        far = network_address(HOST_FAR, 0, SN_FAMILY_IPV4),
                        list[] = {silent, silent, silent, silent, far};
    sn_socket *listener = listener_far(), *socket = NULL;
    race_log_init(&kept, 0);
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    assert_ok(sn_socket_set_connect_options(socket, &kept.options));
    assert_ok(do_connect_addresses(socket, list, 5, PORT));
    assert_connected_to(socket, listener);
    assert_int_equal(2, kept.log.count);
    assert_attempt(&kept, 0, &silent, SN_ERROR_OPERATION_CANCELED);
    assert_attempt(&kept, 1, &far, SN_OK);
    sn_socket_release(socket);
    sn_socket_release(listener);
}

/* Nobody answers, and the kernel says after a while that nobody is there: the next one begins. */
TEST(a_host_that_is_not_there_is_a_failure)
{
    needs_network();
    struct race_log kept;
    const sn_ip_address nobody = address_of("10.99.0.77"),
                        far = network_address(HOST_FAR, 0, SN_FAMILY_IPV4), list[] = {nobody, far};
    sn_socket *listener = listener_far(), *socket = racing_socket(&kept, AN_HOUR_MS);
    assert_ok(do_connect_addresses(socket, list, 2, PORT));
    assert_connected_to(socket, listener);
    assert_attempt(&kept, 0, &nobody, SN_ERROR_HOST_UNREACHABLE);
    assert_attempt(&kept, 1, &far, SN_OK);
    sn_socket_release(socket);
    sn_socket_release(listener);
}

/* --- A name with both families, of which IPv6 is silent ----------------------------------------
 */

struct silent_name {
    struct race_course course;
    struct full_listener silent;
    struct race_log kept;
    char text[32]; /* of the end point */
    sn_endpoint name;
};

static void silent_name_make(struct silent_name *made)
{
    needs_network();
    if (names_missing)
        SKIP("%s", names_missing);
    made->course = race_course_make();
    sn_endpoint local = endpoint_of(&SN_IPV6_LOOPBACK, made->course.there.port);
    sn_socket_release(made->course.there.refusing_ipv6);
    made->course.there.refusing_ipv6 = NULL;
    assert_true(full_listener_try_at(&local, &made->silent));
    assert_ok(sn_endpoint_from_dns("localhost", made->course.there.port, SN_FAMILY_UNSPECIFIED,
                                   &made->name));
    snprintf(made->text, sizeof made->text, "localhost:%d", made->course.there.port);
    race_log_init(&made->kept, 10);
}

static void silent_name_release(struct silent_name *made)
{
    assert_int_equal(2, made->kept.log.count);
    assert_attempt(&made->kept, 0, &SN_IPV6_LOOPBACK, SN_ERROR_OPERATION_CANCELED);
    assert_attempt(&made->kept, 1, &made->course.good, SN_OK);
    full_listener_release(&made->silent);
    race_course_release(&made->course);
}

TEST(a_made_socket_is_not_held_up_by_a_silent_family)
{
    struct silent_name name;
    struct pending connect;
    if (style_is_blocking())
        SKIP("there is no blocking form of it");
    silent_name_make(&name);
    pending_init(&connect);
    sn_socket_create_connected_with_async(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &name.name,
                                          &name.kept.options, &connect.operation);
    pending_wait(&connect);
    assert_ok(connect.operation.error);
    assert_int_equal(SN_FAMILY_IPV4, sn_socket_get_address_family(connect.operation.socket));
    assert_connected_to(connect.operation.socket, name.course.there.listener);
    sn_socket_release(connect.operation.socket);
    silent_name_release(&name);
}

TEST(a_dual_mode_socket_is_not_held_up_by_a_silent_family)
{
    struct silent_name name;
    sn_socket *socket = NULL;
    silent_name_make(&name);
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    assert_ok(sn_socket_set_connect_options(socket, &name.kept.options));
    assert_ok(do_connect(socket, &name.name));
    assert_connected_to(socket, name.course.there.listener);
    sn_socket_release(socket);
    silent_name_release(&name);
}

static sn_error count_prepared(sn_socket *socket, void *context)
{
    ++*(int *)context;
    return sn_socket_set_no_delay(socket, true);
}

TEST(a_name_that_is_opened_is_not_held_up_by_a_silent_family)
{
    struct silent_name name;
    sn_socket *socket = NULL;
    sn_connect_options left;
    int prepared = 0;
    bool no_delay = false;
    silent_name_make(&name);
    assert_ok(sn_socket_open_connected_with(name.text, &name.kept.options, count_prepared,
                                            &prepared, &socket));
    assert_int_equal(1, prepared);
    assert_ok(sn_socket_get_no_delay(socket, &no_delay));
    assert_true(no_delay);
    assert_connected_to(socket, name.course.there.listener);
    assert_ok(sn_socket_get_connect_options(socket, &left, sizeof left));
    assert_null(left.log);
    sn_socket_release(socket);
    silent_name_release(&name);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_silent_host_costs_the_delay_and_not_the_system_s_patience),
        CASE(a_silent_family_costs_one_delay),
        CASE(a_host_that_is_not_there_is_a_failure),
        CASE(a_made_socket_is_not_held_up_by_a_silent_family),
        CASE(a_dual_mode_socket_is_not_held_up_by_a_silent_family),
        CASE(a_name_that_is_opened_is_not_held_up_by_a_silent_family),
    };
    network_begin();
    if (!network_missing() && !hosts_know("::1"))
        names_missing = hosts_bring();
    int failed = RUN(cases);
    network_end();
    return failed;
}
