#include "support/test.h"

#include <errno.h>

#include "dns/lookup.h"

TEST(each_failure_has_its_error_and_errno)
{
    static const struct {
        int32_t native;
        sn_error error;
        int number;
    } rows[] = {
        {0, SN_OK, 0},
        {SYS_RESOLVE_TRY_AGAIN, SN_ERROR_TRY_AGAIN, EAGAIN},
        {SYS_RESOLVE_BAD_ARGUMENT, SN_ERROR_INVALID_ARGUMENT, EINVAL},
        {SYS_RESOLVE_FAILED, SN_ERROR_NO_RECOVERY, 0},
        {SYS_RESOLVE_BAD_FAMILY, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED, EAFNOSUPPORT},
        {SYS_RESOLVE_NOT_FOUND, SN_ERROR_HOST_NOT_FOUND, 0},
        {SYS_RESOLVE_OTHER, SN_ERROR_SOCKET_ERROR, 0},
        {-ENOMEM, SN_ERROR_OUT_OF_MEMORY, ENOMEM},
        {-EMFILE, SN_ERROR_SOCKET_ERROR, EMFILE},
        {-EAGAIN, SN_ERROR_SOCKET_ERROR, EAGAIN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int number = -1;
        assert_error(rows[i].error, dns_error_from_native(rows[i].native, &number));
        assert_int_equal(rows[i].number, number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_failure_has_its_error_and_errno)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
