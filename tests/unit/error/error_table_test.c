#include "support/test.h"

TEST(every_error_has_the_name_that_dotnet_gives_it)
{
    static const struct {
        sn_error error;
        int number;
        const char *name;
    } rows[] = {
#define X(id, number, name, message) {SN_ERROR_##id, number, name},
        SN_ERROR_TABLE(X)
#undef X
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(rows[i].number, (int)rows[i].error);
        assert_string_equal(rows[i].name, sn_error_name(rows[i].error));
    }
    assert_string_equal("Success", sn_error_name(SN_OK));
    assert_string_equal("ConnectionRefused", sn_error_name(SN_ERROR_CONNECTION_REFUSED));
    assert_int_equal(10061, SN_ERROR_CONNECTION_REFUSED);
}

TEST(every_error_has_one_sentence_without_a_full_stop)
{
    static const sn_error errors[] = {SN_OK,
#define X(id, number, name, message) SN_ERROR_##id,
                                      SN_ERROR_TABLE(X)
#undef X
    };
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const char *message = sn_error_message(errors[i]);
        assert_true(strlen(message) > 5);
        assert_int_not_equal('.', message[strlen(message) - 1]);
    }
}

TEST(a_number_that_is_no_error_has_a_name_and_a_message)
{
    static const int numbers[] = {1, -2, 994, 10000, 19999, 20099, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_string_equal("Unknown", sn_error_name((sn_error)numbers[i]));
        assert_non_null(sn_error_message((sn_error)numbers[i]));
        assert_false(sn_error_is_transient((sn_error)numbers[i]));
    }
}

TEST(an_accept_loop_goes_on_after_what_concerns_one_peer_or_this_moment)
{
    static const sn_error transient[] = {
        SN_ERROR_WOULD_BLOCK,
        SN_ERROR_TIMED_OUT,
        SN_ERROR_CONNECTION_ABORTED,
        SN_ERROR_CONNECTION_RESET,
        SN_ERROR_NETWORK_DOWN,
        SN_ERROR_NETWORK_UNREACHABLE,
        SN_ERROR_HOST_DOWN,
        SN_ERROR_HOST_UNREACHABLE,
        SN_ERROR_PROTOCOL_OPTION,
        SN_ERROR_TOO_MANY_OPEN_SOCKETS,
        SN_ERROR_NO_BUFFER_SPACE_AVAILABLE,
        SN_ERROR_OUT_OF_MEMORY,
    };
    for (size_t i = 0; i < sizeof transient / sizeof transient[0]; i++)
        assert_true(sn_error_is_transient(transient[i]));
}

TEST(an_accept_loop_stops_after_what_concerns_the_listener)
{
    static const sn_error lasting[] = {
        SN_OK,
        SN_ERROR_SOCKET_ERROR,
        SN_ERROR_OPERATION_ABORTED,
        SN_ERROR_INTERRUPTED,
        SN_ERROR_ACCESS_DENIED,
        SN_ERROR_FAULT,
        SN_ERROR_INVALID_ARGUMENT,
        SN_ERROR_NOT_SOCKET,
        SN_ERROR_OPERATION_NOT_SUPPORTED,
        SN_ERROR_OBJECT_DISPOSED,
        SN_ERROR_INVALID_OPERATION,
        SN_ERROR_ARGUMENT_NULL,
        SN_ERROR_OPERATION_CANCELED,
    };
    for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++)
        assert_false(sn_error_is_transient(lasting[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_the_name_that_dotnet_gives_it),
        cmocka_unit_test(every_error_has_one_sentence_without_a_full_stop),
        cmocka_unit_test(a_number_that_is_no_error_has_a_name_and_a_message),
        cmocka_unit_test(an_accept_loop_goes_on_after_what_concerns_one_peer_or_this_moment),
        cmocka_unit_test(an_accept_loop_stops_after_what_concerns_the_listener),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
