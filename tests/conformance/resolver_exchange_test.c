/* How a resolver comes to an answer: what is lost, cut short, forged or late, and which of several
 * servers is believed. */
#include "conformance/resolver_servers.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- Lost answers ----------------------------------------------------------------------------- */

TEST(a_lost_answer_is_asked_for_again)
{
    sn_resolver *resolver = open_servers(1, answer_the_third, NULL, LOSING_MS, MANY);
    assert_int_equal(1, told_by(resolver));
    assert_true(servers[0].datagrams >= 3);
    close_servers(resolver, 1);
}

TEST(a_silent_server_is_passed_over_for_the_next_one)
{
    sn_resolver *resolver = open_servers(2, stay_silent, answer_two, LOSING_MS, MANY);
    assert_int_equal(2, told_by(resolver));
    assert_true(servers[0].datagrams >= 1);
    close_servers(resolver, 2);
}

TEST(after_the_last_server_the_first_is_asked_again)
{
    sn_resolver *resolver = open_servers(2, answer_the_third, stay_silent, LOSING_MS, MANY);
    assert_int_equal(1, told_by(resolver));
    assert_true(servers[1].datagrams >= 2);
    close_servers(resolver, 2);
}

TEST(silence_of_all_is_told_after_every_attempt)
{
    sn_resolver *resolver = open_servers(2, stay_silent, stay_silent, 20, 3);
    assert_error(SN_ERROR_TRY_AGAIN, error_of(resolver, "a.example.org", SN_DNS_TYPE_ADDRESSES));
    name_server_await(&servers[0], 3);
    name_server_await(&servers[1], 3);
    assert_int_equal(3, servers[0].datagrams);
    assert_int_equal(3, servers[1].datagrams);
    close_servers(resolver, 2);
}

TEST(a_port_where_nobody_is_gives_its_error_or_the_next_server_answers)
{
    sn_resolver *resolver = open_servers(2, stay_silent, answer_two, PATIENT_MS, 1);
    name_server_close(&servers[0]);
    assert_int_equal(2, told_by(resolver));
    sn_resolver_release(resolver);
    resolver = resolver_of(servers, 1, PATIENT_MS, 2);
    assert_error(SN_ERROR_CONNECTION_REFUSED, error_of(resolver, "a.example.org", SN_DNS_TYPE_A));
    sn_resolver_release(resolver);
    name_server_close(&servers[1]);
}

/* --- What is not meant ------------------------------------------------------------------------ */

/* From another port, with everything else right. */
static void send_as_stranger(struct name_server *server, const struct name_reply *reply)
{
    int stranger = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)!sendto(stranger, reply->bytes, reply->size, 0,
                  (const struct sockaddr *)(const void *)server->peer, server->peer_size);
    close(stranger);
}

static void send_foreign(struct name_server *server, const struct name_question *question)
{
    struct name_reply reply;
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER);
    name_reply_add_address(&reply, NAME_ANSWER, NULL, 60, "192.0.2.66");
    const struct name_reply forged = reply;
    send_as_stranger(server, &reply);
    name_reply_set(&reply, 0, question->id ^ 0x101); /* another number */
    name_server_send(server, &reply);
    reply = forged;
    reply.bytes[13] = 'x'; /* another name */
    name_server_send(server, &reply);
    reply = forged;
    name_reply_set(&reply, question->name_end, SN_DNS_TYPE_AAAA); /* another type */
    name_server_send(server, &reply);
    reply = forged;
    name_reply_set(&reply, question->name_end + 2, 3); /* another class */
    name_server_send(server, &reply);
    reply = forged;
    name_reply_set(&reply, 2, 0x0100); /* a question itself */
    name_server_send(server, &reply);
    reply = forged;
    name_reply_set(&reply, 2, 0xA180); /* another kind of question: a notification */
    name_server_send(server, &reply);
    reply = forged;
    name_reply_set(&reply, 4, 2); /* two questions */
    name_server_send(server, &reply);
    name_reply_set(&reply, 4, 0); /* none, which only a failure may have */
    name_server_send(server, &reply);
    name_server_send_bytes(server, forged.bytes, 11); /* no whole header */
    name_server_send_bytes(server, forged.bytes, 15); /* no whole question */
    name_server_send_bytes(server, "", 0);
}

static void answer_after_forgeries(struct name_server *server, const struct name_question *question)
{
    send_foreign(server, question);
    answer_one(server, question);
}

TEST(what_answers_another_question_is_passed_over_while_the_answer_may_come)
{
    sn_resolver *resolver = open_servers(1, answer_after_forgeries, NULL, PATIENT_MS, 1);
    assert_int_equal(1, told_by(resolver));
    assert_int_equal(1, servers[0].datagrams);
    close_servers(resolver, 1);
}

TEST(forgeries_alone_are_silence)
{
    sn_resolver *resolver = open_servers(1, send_foreign, NULL, LOSING_MS, 1);
    assert_error(SN_ERROR_TRY_AGAIN, error_of(resolver, "a.example.org", SN_DNS_TYPE_A));
    close_servers(resolver, 1);
}

static void flood(struct name_server *server, const struct name_question *question)
{
    const atomic_bool *is_over = server->context;
    struct name_reply reply;
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER);
    name_reply_set(&reply, 0, question->id ^ 1);
    while (!atomic_load(is_over))
        name_server_send(server, &reply);
}

TEST(a_flood_of_forgeries_does_not_make_an_attempt_last)
{
    atomic_bool is_over = false;
    sn_resolver *resolver = open_servers(1, flood, NULL, LOSING_MS, 1);
    servers[0].context = &is_over;
    assert_error(SN_ERROR_TRY_AGAIN, error_of(resolver, "a.example.org", SN_DNS_TYPE_A));
    atomic_store(&is_over, true);
    close_servers(resolver, 1);
}

struct seen {
    unsigned ids[32], ports[32];
};

static void note_question(struct name_server *server, const struct name_question *question)
{
    struct seen *seen = server->context;
    const struct sockaddr_in *peer = (const void *)server->peer;
    seen->ids[question->number] = question->id;
    seen->ports[question->number] = peer->sin_port;
    answer_one(server, question);
}

TEST(each_question_has_a_number_and_a_port_of_its_own)
{
    struct seen seen;
    int equal_ids = 0, equal_ports = 0;
    sn_resolver *resolver = open_servers(1, note_question, NULL, PATIENT_MS, 1);
    servers[0].context = &seen;
    for (int i = 0; i < 32; i++)
        assert_int_equal(1, told_by(resolver));
    for (int i = 1; i < 32; i++) {
        equal_ids += seen.ids[i] == seen.ids[i - 1];
        equal_ports += seen.ports[i] == seen.ports[i - 1];
    }
    assert_true(equal_ids < 4); /* by chance once in some thousand runs, four times never */
    assert_true(equal_ports < 4);
    close_servers(resolver, 1);
}

/* --- Several servers -------------------------------------------------------------------------- */

TEST(a_server_that_fails_in_words_makes_room_for_the_next)
{
    static const name_script failing[] = {fail_in_words, refuse_in_words};
    for (int i = 0; i < 2; i++) {
        sn_resolver *resolver = open_servers(2, failing[i], answer_two, PATIENT_MS, 3);
        assert_int_equal(2, told_by(resolver));
        assert_int_equal(1, servers[0].datagrams);
        close_servers(resolver, 2);
    }
}

static int code_of(sn_resolver *resolver)
{
    sn_dns_result *result = answer_of(resolver, "a.example.org", SN_DNS_TYPE_A);
    int code = (int)sn_dns_result_get_response_code(result);
    sn_dns_result_release(result);
    return code;
}

TEST(a_name_that_one_server_does_not_know_is_not_asked_for_at_another)
{
    sn_resolver *resolver = open_servers(2, know_no_such_name, answer_two, PATIENT_MS, 3);
    assert_int_equal(SN_DNS_RESPONSE_NX_DOMAIN, code_of(resolver));
    assert_int_equal(0, servers[1].datagrams);
    close_servers(resolver, 2);
}

TEST(if_all_fail_in_words_the_first_of_them_is_the_answer)
{
    sn_resolver *resolver = open_servers(2, refuse_in_words, fail_in_words, PATIENT_MS, 3);
    assert_int_equal(SN_DNS_RESPONSE_REFUSED, code_of(resolver));
    assert_int_equal(1, servers[0].datagrams);
    assert_int_equal(1, servers[1].datagrams);
    close_servers(resolver, 2);
}

TEST(a_failure_in_words_is_more_than_silence)
{
    sn_resolver *resolver = open_servers(2, stay_silent, fail_in_words, LOSING_MS, 2);
    assert_int_equal(SN_DNS_RESPONSE_SERVER_FAILURE, code_of(resolver));
    close_servers(resolver, 2);
}

static void fail_without_question(struct name_server *server, const struct name_question *question)
{
    struct name_reply reply;
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER | 1);
    name_reply_set(&reply, 4, 0);
    name_server_send_bytes(server, reply.bytes, 12);
}

TEST(a_failure_may_come_without_the_question)
{
    sn_resolver *resolver = open_servers(1, fail_without_question, NULL, PATIENT_MS, 1);
    assert_int_equal(SN_DNS_RESPONSE_FORMAT_ERROR, code_of(resolver));
    close_servers(resolver, 1);
}

/* --- The time of the whole -------------------------------------------------------------------- */

/* A connection that is not closed before the test says so. */
static void hold_connection(struct name_server *server, const struct name_question *question)
{
    if (question->by_stream) {
        *(int *)server->context = server->connection;
        server->connection = -1;
    } else {
        say_it_is_too_long(server, question);
    }
}

TEST(the_time_of_the_call_ends_it_inside_an_attempt)
{
    static const name_script scripts[] = {stay_silent, hold_connection};
    size_t before = descriptors_count();
    for (int i = 0; i < 2; i++) {
        int held = -1;
        struct asking asking = {
            .name = "a.example.org", .type = SN_DNS_TYPE_A, .timeout_ms = LOSING_MS};
        asking.resolver = open_servers(1, scripts[i], NULL, PATIENT_MS, 3);
        servers[0].context = &held;
        assert_error(SN_ERROR_TIMED_OUT, ask(&asking));
        assert_null(asking.result);
        close_servers(asking.resolver, 1);
        if (held >= 0)
            close(held);
        await_descriptors(before);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_lost_answer_is_asked_for_again),
        CASE(a_silent_server_is_passed_over_for_the_next_one),
        CASE(after_the_last_server_the_first_is_asked_again),
        CASE(silence_of_all_is_told_after_every_attempt),
        CASE(a_port_where_nobody_is_gives_its_error_or_the_next_server_answers),
        CASE(what_answers_another_question_is_passed_over_while_the_answer_may_come),
        CASE(forgeries_alone_are_silence),
        CASE(a_flood_of_forgeries_does_not_make_an_attempt_last),
        CASE(each_question_has_a_number_and_a_port_of_its_own),
        CASE(a_server_that_fails_in_words_makes_room_for_the_next),
        CASE(a_name_that_one_server_does_not_know_is_not_asked_for_at_another),
        CASE(if_all_fail_in_words_the_first_of_them_is_the_answer),
        CASE(a_failure_in_words_is_more_than_silence),
        CASE(a_failure_may_come_without_the_question),
        CASE(the_time_of_the_call_ends_it_inside_an_attempt),
    };
    return RUN(cases);
}
