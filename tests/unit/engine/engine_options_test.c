#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "engine/engine_object.h"

/* As programs of 0.2 know it, for good. */
struct options_of_0_2 {
    size_t size;
    int threads;
    int backend;
    int queue_size;
    int spin_us;
};

static sn_error read_options(const void *given, sn_engine_options *out)
{
    return engine_options_read(given, out);
}

TEST(none_is_all_zero)
{
    sn_engine_options options;
    memset(&options, 0xff, sizeof options);
    assert_ok(read_options(NULL, &options));
    assert_int_equal(options.threads, 0);
    assert_int_equal(options.spin_us, 0);
}

/* Nothing behind it is read: address sanitizers would say so. */
TEST(a_record_of_an_earlier_version_is_enough)
{
    static const size_t sizes[] = {0, sizeof(struct options_of_0_2)};
    for (size_t i = 0; i < array_count(sizes); i++) {
        struct options_of_0_2 *given = calloc(1, sizeof *given);
        sn_engine_options options;
        given->size = sizes[i];
        given->threads = 2;
        given->spin_us = 7;
        assert_ok(read_options(given, &options));
        assert_int_equal(options.threads, 2);
        assert_int_equal(options.spin_us, 7);
        free(given);
    }
}

TEST(a_record_of_a_later_version_is_fine_while_it_asks_for_nothing_new)
{
    struct {
        sn_engine_options known;
        char more[16];
    } later = {.known = {.threads = 3}};
    sn_engine_options options;
    later.known.size = sizeof later;
    assert_ok(read_options(&later, &options));
    assert_int_equal(options.threads, 3);
    later.more[15] = 1;
    assert_error(SN_ERROR_NOT_SUPPORTED, read_options(&later, &options));
}

TEST(less_than_the_first_version_is_no_record)
{
    sn_engine_options given = {.size = sizeof(struct options_of_0_2) - 1}, options;
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, read_options(&given, &options));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_all_zero),
        cmocka_unit_test(a_record_of_an_earlier_version_is_enough),
        cmocka_unit_test(a_record_of_a_later_version_is_fine_while_it_asks_for_nothing_new),
        cmocka_unit_test(less_than_the_first_version_is_no_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
