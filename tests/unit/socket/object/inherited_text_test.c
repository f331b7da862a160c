/* LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES as texts. */
#include "support/test.h"

#include <stdlib.h>

#include "socket/object/inherited_text.h"

enum { SELF = 4711 };

static sn_error count_of(const char *process, const char *count, const char *names, size_t *out)
{
    const struct inherited_texts texts = {.process = process, .count = count, .names = names};
    *out = 99;
    return inherited_count(&texts, SELF, out);
}

TEST(what_is_meant_for_this_process_is_counted)
{
    static const struct {
        const char *process, *count, *names;
        sn_error error;
        size_t expected;
    } rows[] = {
        {NULL, NULL, NULL, SN_OK, 0},
        {NULL, "1", NULL, SN_OK, 0},
        {"4711", NULL, NULL, SN_OK, 0},
        {"4712", "1", NULL, SN_OK, 0},
        {"4712", "nonsense that is another's", NULL, SN_OK, 0},
        {"4711", "0", NULL, SN_OK, 0},
        {"4711", "0", "names:of:nothing", SN_OK, 0},
        {"4711", "1", NULL, SN_OK, 1},
        {"4711", "1", "", SN_OK, 1},
        {"4711", "1", "name", SN_OK, 1},
        {"4711", "3", "::", SN_OK, 3},
        {"4711", "2", "a b:c", SN_OK, 2},
        {"4711", "2147483644", NULL, SN_OK, 2147483644},
        {"4711", "2147483645", NULL, SN_ERROR_FORMAT, 0},
        {"4711", "4294967297", NULL, SN_ERROR_FORMAT, 0},
        {"4711", "18446744073709551617", NULL, SN_ERROR_FORMAT, 0},
        {"4711", "", NULL, SN_ERROR_FORMAT, 0},
        {"4711", "+1", NULL, SN_ERROR_FORMAT, 0},
        {"4711", "0x1", NULL, SN_ERROR_FORMAT, 0},
        {"4711 ", "1", NULL, SN_ERROR_FORMAT, 0},
        {"-4711", "1", NULL, SN_ERROR_FORMAT, 0},
        {"0", "1", NULL, SN_ERROR_FORMAT, 0},
        {"", "1", NULL, SN_ERROR_FORMAT, 0},
        {"4294972007", "1", NULL, SN_ERROR_FORMAT, 0}, /* 4711 in 32 bits */
        {"4711", "1", "a:b", SN_ERROR_FORMAT, 0},
        {"4711", "2", "a", SN_ERROR_FORMAT, 0},
        {"4711", "1", "\x7f", SN_ERROR_FORMAT, 0},
        {"4711", "1", "\xc3\xa9", SN_ERROR_FORMAT, 0},
        {"4711", "1", "a\n", SN_ERROR_FORMAT, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t count;
        print_message("row %zu\n", i);
        assert_error(rows[i].error,
                     count_of(rows[i].process, rows[i].count, rows[i].names, &count));
        assert_int_equal(count, rows[i].expected);
    }
}

TEST(a_name_has_at_most_255_characters)
{
    char name[INHERITED_NAME_SIZE + 1], out[INHERITED_NAME_SIZE];
    size_t count;
    memset(name, 'n', sizeof name);
    name[INHERITED_NAME_SIZE] = '\0';
    assert_error(SN_ERROR_FORMAT, count_of("4711", "1", name, &count));
    name[INHERITED_NAME_SIZE - 1] = '\0';
    assert_ok(count_of("4711", "1", name, &count));
    (void)inherited_next_name(name, out);
    assert_string_equal(out, name);
}

TEST(names_come_one_by_one)
{
    static const char *const expected[] = {"web", "", "a b", ""};
    const char *names = "web::a b:";
    char out[INHERITED_NAME_SIZE];
    for (size_t i = 0; i < 4; i++) {
        names = inherited_next_name(names, out);
        assert_string_equal(out, expected[i]);
    }
}

TEST(without_names_each_is_unknown)
{
    const char *names = NULL;
    char out[INHERITED_NAME_SIZE];
    for (int i = 0; i < 2; i++) {
        names = inherited_next_name(names, out);
        assert_string_equal(out, "unknown");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_meant_for_this_process_is_counted),
        cmocka_unit_test(a_name_has_at_most_255_characters),
        cmocka_unit_test(names_come_one_by_one),
        cmocka_unit_test(without_names_each_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
