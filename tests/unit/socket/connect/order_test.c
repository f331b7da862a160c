#include "socket/connect/race.h"

#include <string.h>

#include "support/transfer_support.h"

#define MOST 8

/* The addresses of a text, between spaces. */
static size_t parse(const char *text, sn_ip_address addresses[MOST])
{
    char copy[256], *rest = copy;
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
        assert_ok(sn_ip_address_parse(word, &addresses[count++]));
    return count;
}

TEST(the_families_take_turns_and_each_keeps_its_order)
{
    static const struct {
        const char *given, *expected;
    } rows[] = {
        {"", ""},
        {"1.1.1.1", "1.1.1.1"},
        {"::1", "::1"},
        {"1.1.1.1 2.2.2.2 3.3.3.3", "1.1.1.1 2.2.2.2 3.3.3.3"},
        {"::1 ::2 ::3", "::1 ::2 ::3"},
        {"::1 ::2 1.1.1.1 2.2.2.2", "::1 1.1.1.1 ::2 2.2.2.2"},
        {"1.1.1.1 2.2.2.2 ::1 ::2", "1.1.1.1 ::1 2.2.2.2 ::2"},
        {"::1 1.1.1.1 ::2 2.2.2.2", "::1 1.1.1.1 ::2 2.2.2.2"},
        {"::1 ::2 ::3 ::4 1.1.1.1", "::1 1.1.1.1 ::2 ::3 ::4"},
        {"1.1.1.1 ::1 ::2 ::3 ::4", "1.1.1.1 ::1 ::2 ::3 ::4"},
        {"1.1.1.1 2.2.2.2 3.3.3.3 ::1", "1.1.1.1 ::1 2.2.2.2 3.3.3.3"},
        /* What is mapped is IPv4. */
        {"::ffff:1.1.1.1 2.2.2.2 ::1", "::ffff:1.1.1.1 ::1 2.2.2.2"},
        {"::1 ::2 ::ffff:1.1.1.1", "::1 ::ffff:1.1.1.1 ::2"},
        /* The same one several times is several. */
        {"::1 ::1 1.1.1.1 1.1.1.1", "::1 1.1.1.1 ::1 1.1.1.1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_ip_address addresses[MOST], expected[MOST];
        const sn_ip_address *pointers[MOST], *ordered[MOST];
        size_t count = parse(rows[i].given, addresses);
        assert_int_equal(count, parse(rows[i].expected, expected));
        for (size_t k = 0; k < count; k++)
            pointers[k] = &addresses[k];
        race_order(pointers, count, ordered);
        row_begin("%s", rows[i].given);
        for (size_t k = 0; k < count; k++)
            row_equal(true, sn_ip_address_equals(&expected[k], ordered[k]));
    }
    rows_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_families_take_turns_and_each_keeps_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
