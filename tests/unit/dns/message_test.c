/* A question's bytes, and which messages answer it. Malformed ones, a row each, are in
 * tests/conformance/resolver_hostile_test.c. */
#include "support/test.h"

#include "base/base.h"
#include "dns/message.h"

static struct message_question question_of(const char *name)
{
    struct message_question question = {.id = 0x1234, .type = 15};
    assert_true(wire_name_from_text(name, &question.name));
    return question;
}

TEST(a_question_asks_for_recursion_and_offers_no_extension)
{
    static const char expected[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\1a\3org\0\0\x0F\0\1";
    uint8_t bytes[MESSAGE_QUESTION_MAX];
    const struct message_question question = question_of("a.org");
    assert_int_equal(sizeof expected - 1, message_write(&question, bytes));
    assert_memory_equal(expected, bytes, sizeof expected - 1);
}

TEST(the_longest_name_fits)
{
    uint8_t bytes[MESSAGE_QUESTION_MAX];
    char text[254];
    for (size_t i = 0; i < 253; i++)
        text[i] = i % 2 ? '.' : 'a';
    text[253] = '\0';
    const struct message_question question = question_of(text);
    assert_int_equal(MESSAGE_QUESTION_MAX, message_write(&question, bytes));
}

TEST(only_what_answers_the_question_is_its_answer)
{
    static const struct {
        size_t at;
        uint8_t byte;
        enum message_verdict verdict;
    } rows[] = {
        {0, 0x12, MESSAGE_WHOLE},     /* as it is */
        {13, 'A', MESSAGE_WHOLE},     /* letters in another case */
        {3, 0x83, MESSAGE_WHOLE},     /* no such name */
        {2, 0x83, MESSAGE_TRUNCATED}, /* cut short */
        {7, 1, MESSAGE_MALFORMED},    /* an answer that is not there */
        {9, 1, MESSAGE_MALFORMED},    /* nor this authority */
        {11, 1, MESSAGE_MALFORMED},   /* nor this addition */
        {1, 0x35, MESSAGE_FOREIGN},   /* another number */
        {2, 0x01, MESSAGE_FOREIGN},   /* a question */
        {2, 0xA9, MESSAGE_FOREIGN},   /* another opcode */
        {5, 0, MESSAGE_FOREIGN},      /* no question */
        {5, 2, MESSAGE_FOREIGN},      /* two */
        {13, 'b', MESSAGE_FOREIGN},   /* another name */
        {12, 0xC0, MESSAGE_FOREIGN},  /* a name that is none */
        {20, 16, MESSAGE_FOREIGN},    /* another type */
        {22, 3, MESSAGE_FOREIGN},     /* another class */
    };
    const struct message_question question = question_of("a.org");
    for (size_t i = 0; i < array_count(rows); i++) {
        uint8_t bytes[MESSAGE_QUESTION_MAX];
        struct message message;
        size_t size = message_write(&question, bytes);
        bytes[2] = 0x81;
        bytes[3] = 0x80;
        bytes[rows[i].at] = rows[i].byte;
        assert_int_equal(rows[i].verdict, message_read(&question, bytes, size, &message));
    }
}

TEST(a_message_that_is_cut_anywhere_is_never_whole)
{
    const struct message_question question = question_of("a.org");
    uint8_t bytes[MESSAGE_QUESTION_MAX];
    struct message message;
    size_t size = message_write(&question, bytes);
    bytes[2] = 0x81;
    for (size_t i = 0; i < size; i++)
        assert_int_equal(MESSAGE_FOREIGN, message_read(&question, bytes, i, &message));
    assert_int_equal(MESSAGE_WHOLE, message_read(&question, bytes, size, &message));
    assert_int_equal(size, message.begins[MESSAGE_ADDITIONAL]);
}

TEST(a_failure_need_not_repeat_the_question)
{
    const struct message_question question = question_of("a.org");
    uint8_t bytes[MESSAGE_HEADER_SIZE] = {0x12, 0x34, 0x81};
    struct message message;
    for (uint8_t code = 0; code < 16; code++) {
        bytes[3] = code;
        enum message_verdict expected = code == 0 || code == 3 ? MESSAGE_FOREIGN : MESSAGE_WHOLE;
        assert_int_equal(expected, message_read(&question, bytes, sizeof bytes, &message));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_asks_for_recursion_and_offers_no_extension),
        cmocka_unit_test(the_longest_name_fits),
        cmocka_unit_test(only_what_answers_the_question_is_its_answer),
        cmocka_unit_test(a_message_that_is_cut_anywhere_is_never_whole),
        cmocka_unit_test(a_failure_need_not_repeat_the_question),
    };
    return cmocka_run_group_tests_name("dns/message", tests, NULL, NULL);
}
