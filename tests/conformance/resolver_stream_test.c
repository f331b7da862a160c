/* Answers that are too long for a datagram, and what happens over the connection that they are
 * fetched by. */
#include "conformance/resolver_servers.h"

#include <unistd.h>

/* --- Long answers ----------------------------------------------------------------------------- */

#define LONG_COUNT 4000 /* 16 bytes each: nearly all that a message can hold */

static void add_many(struct name_reply *reply, const struct name_question *question, int count)
{
    name_reply_begin(reply, question, NAME_FLAGS_ANSWER);
    for (int i = 0; i < count; i++)
        name_reply_add_address(reply, NAME_ANSWER, NULL, 60, "192.0.2.9");
}

static void answer_long_by_connection(struct name_server *server,
                                      const struct name_question *question)
{
    struct name_reply reply;
    if (!question->by_stream) {
        say_it_is_too_long(server, question);
        return;
    }
    add_many(&reply, question, LONG_COUNT);
    name_server_send(server, &reply);
}

static void expect_many(name_script script, int count, int streams)
{
    size_t actual;
    sn_resolver *resolver = open_servers(1, script, NULL, PATIENT_MS, 1);
    sn_dns_result *result = answer_of(resolver, "host.example.org", SN_DNS_TYPE_A);
    const sn_dns_record *records = sn_dns_result_get_records(result, &actual);
    assert_int_equal(count, actual);
    assert_address("192.0.2.9", &records[count - 1].as.address);
    sn_dns_result_release(result);
    assert_int_equal(1, servers[0].datagrams);
    assert_int_equal(streams, servers[0].streams);
    close_servers(resolver, 1);
}

TEST(an_answer_too_long_for_a_datagram_is_fetched_by_a_connection)
{
    expect_many(answer_long_by_connection, LONG_COUNT, 1);
}

static void answer_in_pieces(struct name_server *server, const struct name_question *question)
{
    struct name_reply reply;
    if (!question->by_stream) {
        say_it_is_too_long(server, question);
        return;
    }
    add_many(&reply, question, 3);
    const unsigned char prefix[] = {(unsigned char)(reply.size >> 8), (unsigned char)reply.size};
    for (int i = 0; i < 2; i++)
        name_server_send_bytes(server, prefix + i, 1);
    for (size_t i = 0; i < reply.size; i++)
        name_server_send_bytes(server, reply.bytes + i, 1);
}

TEST(an_answer_over_a_connection_may_come_in_any_pieces)
{
    expect_many(answer_in_pieces, 3, 1);
}

static void answer_with_long_datagram(struct name_server *server,
                                      const struct name_question *question)
{
    struct name_reply reply;
    add_many(&reply, question, 250);
    name_server_send(server, &reply);
}

static void answer_with_huge_datagram(struct name_server *server,
                                      const struct name_question *question)
{
    struct name_reply reply;
    add_many(&reply, question, 1000);
    name_server_send(server, &reply);
}

TEST(a_datagram_longer_than_it_may_be_is_taken_as_it_is_or_fetched_again)
{
    expect_many(answer_with_long_datagram, 250, 0);
    expect_many(answer_with_huge_datagram, 1000, 1);
}

/* --- Over the connection ---------------------------------------------------------------------- */

enum stream_fault { ENDS_AT_ONCE, ENDS_INSIDE, HAS_NO_SIZE, HAS_WRONG_NUMBER, IS_CUT_AGAIN };

static void break_stream(struct name_server *server, const struct name_question *question)
{
    struct name_reply reply;
    if (!question->by_stream) {
        say_it_is_too_long(server, question);
        return;
    }
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER);
    name_reply_add_address(&reply, NAME_ANSWER, NULL, 60, "192.0.2.66");
    switch (*(enum stream_fault *)server->context) {
    case ENDS_AT_ONCE: return;
    case ENDS_INSIDE: name_server_send_bytes(server, "\1\0half", 6); return;
    case HAS_NO_SIZE: name_server_send_bytes(server, "\0\0", 2); return;
    case HAS_WRONG_NUMBER: name_reply_set(&reply, 0, question->id ^ 1); break;
    case IS_CUT_AGAIN: name_reply_set(&reply, 2, NAME_FLAGS_TRUNCATED); break;
    }
    name_server_send(server, &reply);
}

TEST(a_connection_that_breaks_off_or_says_nonsense_gives_an_error)
{
    static const sn_error errors[] = {SN_ERROR_TRY_AGAIN, SN_ERROR_TRY_AGAIN, SN_ERROR_NO_RECOVERY,
                                      SN_ERROR_NO_RECOVERY, SN_ERROR_NO_RECOVERY};
    enum stream_fault fault;
    for (fault = ENDS_AT_ONCE; fault <= IS_CUT_AGAIN; fault++) {
        sn_resolver *resolver = open_servers(1, break_stream, NULL, PATIENT_MS, 2);
        servers[0].context = &fault;
        assert_error(errors[fault], error_of(resolver, "a.example.org", SN_DNS_TYPE_A));
        close_servers(resolver, 1);
    }
}

TEST(after_a_connection_that_breaks_off_the_next_server_is_asked)
{
    enum stream_fault fault = ENDS_INSIDE;
    sn_resolver *resolver = open_servers(2, break_stream, answer_two, PATIENT_MS, 1);
    servers[0].context = &fault;
    assert_int_equal(2, told_by(resolver));
    close_servers(resolver, 2);
}

TEST(a_server_may_have_an_ipv6_address)
{
    if (!has_ipv6())
        SKIP("this machine has no IPv6");
    name_server_open(&servers[0], SN_FAMILY_IPV6, answer_long_by_connection);
    sn_resolver *resolver = resolver_of(servers, 1, PATIENT_MS, 1);
    assert_int_equal(9, told_by(resolver));
    close_servers(resolver, 1);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(an_answer_too_long_for_a_datagram_is_fetched_by_a_connection),
        CASE(an_answer_over_a_connection_may_come_in_any_pieces),
        CASE(a_datagram_longer_than_it_may_be_is_taken_as_it_is_or_fetched_again),
        CASE(a_connection_that_breaks_off_or_says_nonsense_gives_an_error),
        CASE(after_a_connection_that_breaks_off_the_next_server_is_asked),
        CASE(a_server_may_have_an_ipv6_address),
    };
    return RUN(cases);
}
