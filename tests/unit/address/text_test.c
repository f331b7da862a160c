#include "unit/address/exact.h"

#include "address/text.h"

TEST(a_number_is_decimal_digits_and_perhaps_nuls_behind_them)
{
    static const struct {
        const char *text;
        size_t size;
        uint32_t max;
        bool is_number;
        uint32_t number;
    } rows[] = {
        {BYTES("0"), 65535, true, 0},
        {BYTES("80"), 65535, true, 80},
        {BYTES("65535"), 65535, true, 65535},
        {BYTES("65536"), 65535, false, 0},
        {BYTES("4294967295"), UINT32_MAX, true, UINT32_MAX},
        {BYTES("4294967296"), UINT32_MAX, false, 0},
        {BYTES("4294967376"), 65535, false, 0},
        {BYTES("18446744073709551617"), UINT32_MAX, false, 0},
        {BYTES("00000000000000000000000000080"), 65535, true, 80},
        {BYTES("80\0"), 65535, true, 80},
        {BYTES("80\0\0\0"), 65535, true, 80},
        {BYTES("8\0"
               "0"),
         65535, false, 0},
        {BYTES("\0"), 65535, false, 0},
        {BYTES(""), 65535, false, 0},
        {BYTES("+80"), 65535, false, 0},
        {BYTES("-80"), 65535, false, 0},
        {BYTES(" 80"), 65535, false, 0},
        {BYTES("80 "), 65535, false, 0},
        {BYTES("0x50"), 65535, false, 0},
        {BYTES("\xd9\xa1"), 65535, false, 0}, /* an Arabic-Indic digit */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t number = 4711;
        char *text = exact_copy(rows[i].text, rows[i].size);
        bool is_number = text_to_number(text, rows[i].size, rows[i].max, &number);
        free(text);
        assert_int_equal(rows[i].is_number, is_number);
        assert_int_equal(rows[i].is_number ? rows[i].number : 4711, number);
    }
}

TEST(the_last_of_several_is_found)
{
    assert_int_equal(3, text_find_last("a:b:c", 5, ':'));
    assert_int_equal(0, text_find_last(":", 1, ':'));
    assert_int_equal(3, text_find_last("abc", 3, ':'));
    assert_int_equal(0, text_find_last("", 0, ':'));
    assert_int_equal(1, text_find_last("a:b:c", 3, ':'));
}

TEST(a_text_is_delivered_whole_or_not_at_all)
{
    char text[6];
    fill_untouched(text);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, text_deliver("hello", 5, text, 5));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, text_deliver("hello", 5, text, 0));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, text_deliver("", 0, text, 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, text_deliver("hello", 5, NULL, 6));
    assert_untouched(text, sizeof text);
    assert_ok(text_deliver("hello", 5, text, 6));
    assert_string_equal("hello", text);
    assert_ok(text_deliver("", 0, text, 1));
    assert_string_equal("", text);
}

TEST(appending_goes_on_where_the_text_ends)
{
    char text[9];
    struct text_writer writer = {text, sizeof text, 0};
    text_append(&writer, "%d", 12);
    text_append(&writer, "%s", "");
    text_append(&writer, ":%s", "abcde");
    assert_string_equal("12:abcde", text);
    assert_int_equal(8, writer.length);
}

TEST(a_digit_has_its_value_in_either_case)
{
    static const char digits[] = "0123456789abcdef";
    for (uint32_t i = 0; i < 16; i++)
        assert_int_equal(i, text_digit_value(digits[i]));
    assert_int_equal(10, text_digit_value('A'));
    assert_int_equal(15, text_digit_value('F'));
    for (int c = -128; c < 128; c++)
        if (c <= 0 || !strchr("0123456789abcdefABCDEF", c))
            assert_int_equal(16, text_digit_value((char)c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_decimal_digits_and_perhaps_nuls_behind_them),
        cmocka_unit_test(the_last_of_several_is_found),
        cmocka_unit_test(a_text_is_delivered_whole_or_not_at_all),
        cmocka_unit_test(appending_goes_on_where_the_text_ends),
        cmocka_unit_test(a_digit_has_its_value_in_either_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
