/* Names as text and as bytes. What a program may write is also in
 * tests/conformance/resolver_test.c, and any bytes are in tests/fuzz/dns_message.c. */
#include "support/test.h"

#include "base/base.h"
#include "dns/wire_name.h"

static void assert_wire(const char *text, const char *bytes, size_t size)
{
    struct wire_name name;
    assert_true(wire_name_from_text(text, &name));
    assert_int_equal(size, name.size);
    assert_memory_equal(bytes, name.bytes, size);
}

TEST(a_text_becomes_labels_with_their_sizes)
{
    assert_wire(".", "", 1);
    assert_wire("a", "\1a", 3);
    assert_wire("a.", "\1a", 3);
    assert_wire("www.example.org", "\3www\7example\3org", 17);
    assert_wire("a\\.b", "\3a.b", 5);
    assert_wire("\\000\\255", "\2\0\377", 4);
    assert_wire("a\\ b", "\3a b", 5);
}

TEST(bytes_that_are_not_clear_are_written_with_escapes)
{
    static const struct {
        const char *written, *told;
    } rows[] = {
        {".", "."},
        {"WWW.example.org.", "WWW.example.org"},
        {"a\\.b\\\\c", "a\\.b\\\\c"},
        {"\\000x\\127\\128.y", "\\000x\\127\\128.y"},
        {"\\120", "x"},
        {"a\\ b", "a\\032b"},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        struct wire_name name;
        char text[WIRE_NAME_TEXT_SIZE];
        assert_true(wire_name_from_text(rows[i].written, &name));
        assert_int_equal(strlen(rows[i].told), wire_name_to_text(&name, NULL));
        assert_int_equal(strlen(rows[i].told), wire_name_to_text(&name, text));
        assert_string_equal(rows[i].told, text);
    }
}

TEST(a_label_ends_at_63_bytes_and_a_name_at_255)
{
    struct wire_name name;
    char text[300];
    memset(text, 'a', sizeof text);
    text[63] = '\0';
    assert_true(wire_name_from_text(text, &name));
    text[63] = 'a';
    text[64] = '\0';
    assert_false(wire_name_from_text(text, &name));
    for (size_t i = 0; i < 254; i++)
        text[i] = i % 2 ? '.' : 'a';
    text[253] = '\0'; /* 127 labels of one byte, and the root: 255 */
    assert_true(wire_name_from_text(text, &name));
    assert_int_equal(WIRE_NAME_SIZE_MAX, name.size);
    text[253] = '.';
    text[254] = 'a';
    text[255] = '\0';
    assert_false(wire_name_from_text(text, &name));
}

TEST(letters_are_equal_in_any_case_and_other_bytes_are_not)
{
    struct wire_name a, b;
    assert_true(wire_name_from_text("WwW.Example.ORG", &a));
    assert_true(wire_name_from_text("wWw.eXAMPLE.org.", &b));
    assert_true(wire_name_equals(&a, &b));
    assert_true(wire_name_from_text("www.example.or", &b));
    assert_false(wire_name_equals(&a, &b));
    assert_true(wire_name_from_text("[", &a));
    assert_true(wire_name_from_text("{", &b));
    assert_false(wire_name_equals(&a, &b));
}

TEST(the_name_of_an_address_is_the_address_backwards)
{
    struct wire_name name, expected;
    assert_true(wire_name_from_address(&SN_IPV4_BROADCAST, &name));
    assert_true(wire_name_from_text("255.255.255.255.in-addr.arpa", &expected));
    assert_true(wire_name_equals(&expected, &name));
    assert_true(wire_name_from_address(&SN_IPV6_LOOPBACK, &name));
    assert_true(wire_name_from_text(
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", &expected));
    assert_true(wire_name_equals(&expected, &name));
    assert_false(wire_name_from_address(&(sn_ip_address){0}, &name));
}

/* "b" at 2, "a.b" at 0 by pointers, and what stands at 7. */
TEST(a_pointer_leads_to_the_front_only)
{
    static const uint8_t message[] = {0, 1, 'b', 0, 1, 'a', 0xC0, 1, 'z', 0xC0, 9, 0xC0, 4, 0xC0};
    static const struct {
        size_t at, behind; /* 0: it is no name */
        const char *text;
    } rows[] = {
        {0, 1, "."},  {1, 4, "b"},     {4, 8, "a.b"}, {6, 8, "b"},
        {9, 0, NULL}, {11, 13, "a.b"}, {13, 0, NULL}, {14, 0, NULL},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        struct wire_name name;
        char text[WIRE_NAME_TEXT_SIZE];
        size_t at = rows[i].at;
        bool is_name = wire_name_read(message, sizeof message, &at, &name);
        assert_int_equal(rows[i].behind != 0, is_name);
        assert_int_equal(is_name ? rows[i].behind : rows[i].at, at);
        if (is_name)
            (void)wire_name_to_text(&name, text);
        assert_true(!is_name || strcmp(rows[i].text, text) == 0);
    }
}

/* Each pointer leads to the one before it, and the first to the root. */
TEST(a_long_chain_of_pointers_is_not_followed_to_its_end)
{
    uint8_t message[2 * 129] = {0};
    struct wire_name name;
    for (size_t i = 1; i < 129; i++) {
        message[2 * i] = (uint8_t)(0xC0 | (i - 1) >> 7);
        message[2 * i + 1] = (uint8_t)(2 * (i - 1));
    }
    size_t at = 2 * 127;
    assert_true(wire_name_read(message, sizeof message, &at, &name));
    at = 2 * 128;
    assert_false(wire_name_read(message, sizeof message, &at, &name));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_becomes_labels_with_their_sizes),
        cmocka_unit_test(bytes_that_are_not_clear_are_written_with_escapes),
        cmocka_unit_test(a_label_ends_at_63_bytes_and_a_name_at_255),
        cmocka_unit_test(letters_are_equal_in_any_case_and_other_bytes_are_not),
        cmocka_unit_test(the_name_of_an_address_is_the_address_backwards),
        cmocka_unit_test(a_pointer_leads_to_the_front_only),
        cmocka_unit_test(a_long_chain_of_pointers_is_not_followed_to_its_end),
    };
    return cmocka_run_group_tests_name("dns/wire_name", tests, NULL, NULL);
}
