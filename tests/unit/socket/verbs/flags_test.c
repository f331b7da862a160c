#include "support/test.h"

#include <sys/socket.h>

#include "base/base.h"
#include "socket/object/object.h"

TEST(the_flags_that_can_be_given_become_the_kernels)
{
    static const struct {
        sn_flags flags;
        uint32_t native;
    } rows[] = {
        {SN_FLAG_NONE, 0},
        {SN_FLAG_OUT_OF_BAND, MSG_OOB},
        {SN_FLAG_PEEK, MSG_PEEK},
        {SN_FLAG_DONT_ROUTE, MSG_DONTROUTE},
        {SN_FLAG_TRUNCATED, MSG_TRUNC},
        {SN_FLAG_CONTROL_DATA_TRUNCATED, MSG_CTRUNC},
        {SN_FLAG_DONT_WAIT, MSG_DONTWAIT},
        {SN_FLAG_TRUNCATE, MSG_TRUNC},
        {SN_FLAG_MORE, MSG_MORE},
        {SN_FLAG_PEEK | SN_FLAG_OUT_OF_BAND, MSG_PEEK | MSG_OOB},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        uint32_t native = 0x5555;
        assert_true(flags_to_native(rows[i].flags, &native));
        assert_int_equal(native, rows[i].native);
    }
}

TEST(the_others_are_refused)
{
    static const sn_flags flags[] = {SN_FLAG_BROADCAST,
                                     SN_FLAG_MULTICAST,
                                     SN_FLAG_PARTIAL,
                                     0x8,
                                     0x10,
                                     0x80000000u,
                                     SN_FLAG_PEEK | SN_FLAG_PARTIAL};
    for (size_t i = 0; i < array_count(flags); i++) {
        uint32_t native;
        assert_false(flags_to_native(flags[i], &native));
    }
}

/* A peek is what the caller asked for, and no news. What the library sets itself is none either. */
TEST(a_receive_reports_what_the_kernel_has_noticed)
{
    assert_int_equal(flags_from_native(0), SN_FLAG_NONE);
    assert_int_equal(flags_from_native(MSG_PEEK | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC | MSG_DONTWAIT),
                     SN_FLAG_NONE);
    assert_int_equal(flags_from_native(MSG_TRUNC | MSG_CTRUNC | MSG_OOB),
                     SN_FLAG_TRUNCATED | SN_FLAG_CONTROL_DATA_TRUNCATED | SN_FLAG_OUT_OF_BAND);
    assert_int_equal(flags_from_native(MSG_TRUNC | MSG_EOR), SN_FLAG_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_flags_that_can_be_given_become_the_kernels),
        cmocka_unit_test(the_others_are_refused),
        cmocka_unit_test(a_receive_reports_what_the_kernel_has_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
