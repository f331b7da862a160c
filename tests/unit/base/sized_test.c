#include "base/sized.h"

#include <string.h>

#include "support/test.h"

struct known {
    size_t size;
    int first, second;
};

#define FIRST (offsetof(struct known, first) + sizeof(int))

TEST(nothing_given_is_all_zero)
{
    struct known out = {1, 2, 3};
    assert_int_equal(SIZED_OK, sized_read(NULL, FIRST, &out, sizeof out));
    assert_int_equal(0, out.size);
    assert_int_equal(0, out.first);
    assert_int_equal(0, out.second);
}

TEST(size_0_is_the_first_version_for_ever)
{
    const struct known given = {0, 5, 6};
    struct known out;
    assert_int_equal(SIZED_OK, sized_read(&given, FIRST, &out, sizeof out));
    assert_int_equal(5, out.first);
    assert_int_equal(0, out.second);
}

TEST(what_an_earlier_version_does_not_have_is_zero)
{
    const struct known given = {FIRST, 5, 6};
    struct known out;
    assert_int_equal(SIZED_OK, sized_read(&given, FIRST, &out, sizeof out));
    assert_int_equal(5, out.first);
    assert_int_equal(0, out.second);
}

TEST(less_than_there_ever_was_is_too_small)
{
    const struct known given = {FIRST - 1, 5, 6};
    struct known out;
    assert_int_equal(SIZED_TOO_SMALL, sized_read(&given, FIRST, &out, sizeof out));
    assert_int_equal(0, out.first);
}

TEST(a_later_version_may_have_more_as_long_as_it_is_zero)
{
    struct {
        struct known known;
        char more[9];
    } given = {.known = {sizeof given, 5, 6}};
    struct known out;
    assert_int_equal(SIZED_OK, sized_read(&given, FIRST, &out, sizeof out));
    assert_int_equal(5, out.first);
    assert_int_equal(6, out.second);
    given.more[8] = 1;
    assert_int_equal(SIZED_UNKNOWN, sized_read(&given, FIRST, &out, sizeof out));
    assert_int_equal(0, out.first);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_is_all_zero),
        cmocka_unit_test(size_0_is_the_first_version_for_ever),
        cmocka_unit_test(what_an_earlier_version_does_not_have_is_zero),
        cmocka_unit_test(less_than_there_ever_was_is_too_small),
        cmocka_unit_test(a_later_version_may_have_more_as_long_as_it_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
