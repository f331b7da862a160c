#include "socket/connect/connect.h"

#include <string.h>

#include "support/allocations.h"
#include "support/sockets.h"
#include "support/transfer_support.h"

/* A record of a later version of this library. */
struct later {
    sn_connect_options known;
    uint64_t unknown;
};

TEST(options_are_read_as_the_program_s_version_has_them)
{
    static const struct {
        const char *name;
        struct later given;
        sn_error error;
    } rows[] = {
        {"all zero", {{0}, 7}, SN_OK},
        {"a race",
         {{.size = sizeof(sn_connect_options), .algorithm = SN_CONNECT_PARALLEL}, 7},
         SN_OK},
        {"of 0.2", {{.algorithm = SN_CONNECT_PARALLEL, .attempt_delay_ms = 10}, 7}, SN_OK},
        {"later, asks for nothing", {{.size = sizeof(struct later)}, 0}, SN_OK},
        {"later, asks for more", {{.size = sizeof(struct later)}, 1}, SN_ERROR_NOT_SUPPORTED},
        {"too small", {{.size = 8}, 0}, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"no such algorithm", {{.algorithm = (sn_connect_algorithm)2}, 0}, SN_ERROR_ARGUMENT},
        {"negative algorithm", {{.algorithm = (sn_connect_algorithm)-1}, 0}, SN_ERROR_ARGUMENT},
        {"the longest delay", {{.attempt_delay_ms = INT64_MAX}, 0}, SN_OK},
        {"a short delay", {{.attempt_delay_ms = 9}, 0}, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {"a negative delay", {{.attempt_delay_ms = -1}, 0}, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sn_connect_options read;
        row_begin("%s", rows[i].name);
        row_error(rows[i].error, connect_options_read(&rows[i].given.known, &read));
        if (!rows[i].error)
            row_equal(rows[i].given.known.algorithm, read.algorithm);
    }
    rows_end();
    sn_connect_options none = {.algorithm = SN_CONNECT_PARALLEL};
    assert_ok(connect_options_read(NULL, &none));
    assert_int_equal(SN_CONNECT_DEFAULT, none.algorithm);
}

TEST(a_socket_remembers_its_options_until_others_are_set)
{
    sn_socket *socket = socket_make(TCP_IPV4), *datagrams = socket_make(UDP_IPV4);
    sn_connect_options race = {.algorithm = SN_CONNECT_PARALLEL, .attempt_delay_ms = 99}, got;
    assert_false(connect_is_race(socket));
    assert_ok(sn_socket_set_connect_options(socket, &race));
    assert_ok(sn_socket_set_connect_options(datagrams, &race));
    assert_true(connect_is_race(socket));
    assert_false(connect_is_race(datagrams));
    assert_ok(sn_socket_get_connect_options(socket, &got, sizeof got));
    assert_int_equal(SN_CONNECT_PARALLEL, got.algorithm);
    assert_int_equal(99, got.attempt_delay_ms);
    assert_ok(sn_socket_set_connect_options(socket, &got)); /* and takes back what it has told */
    race.attempt_delay_ms = 1;
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_socket_set_connect_options(socket, &race));
    assert_true(connect_is_race(socket)); /* nothing was changed */
    assert_ok(sn_socket_set_connect_options(socket, NULL));
    assert_false(connect_is_race(socket));
    assert_ok(sn_socket_get_connect_options(socket, &got, sizeof got));
    assert_int_equal(SN_CONNECT_DEFAULT, got.algorithm);
    sn_socket_release(socket);
    sn_socket_release(datagrams);
}

TEST(nothing_is_told_beyond_the_record_that_the_program_knows)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    struct later later = {.unknown = 7};
    sn_connect_options race = {.algorithm = SN_CONNECT_PARALLEL, .attempt_delay_ms = 99};
    const size_t small = offsetof(sn_connect_options, attempt_delay_ms);
    assert_ok(sn_socket_set_connect_options(socket, &race));
    assert_ok(sn_socket_get_connect_options(socket, &later.known, sizeof later));
    assert_int_equal(SN_CONNECT_PARALLEL, later.known.algorithm);
    assert_int_equal(0, later.unknown);
    memset(&later, 0xee, sizeof later);
    assert_ok(sn_socket_get_connect_options(socket, &later.known, small));
    assert_int_equal(SN_CONNECT_PARALLEL, later.known.algorithm);
    assert_true(later.known.attempt_delay_ms == (sn_milliseconds)0xeeeeeeeeeeeeeeee);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_connect_options(socket, NULL, 1));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_set_connect_options(NULL, &race));
    sn_socket_close(socket);
    assert_error(SN_ERROR_OBJECT_DISPOSED, sn_socket_set_connect_options(socket, &race));
    assert_error(SN_ERROR_OBJECT_DISPOSED,
                 sn_socket_get_connect_options(socket, &race, sizeof race));
    sn_socket_release(socket);
}

TEST(options_for_which_there_is_no_memory_change_nothing)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    const sn_connect_options race = {.algorithm = SN_CONNECT_PARALLEL};
    for (size_t nth = 1; nth <= 2; nth++) {
        allocations_begin();
        allocations_fail_nth(nth);
        sn_error error = sn_socket_set_connect_options(socket, &race);
        allocations_end();
        assert_error(SN_ERROR_OUT_OF_MEMORY, error);
        assert_false(connect_is_race(socket));
    }
    assert_ok(sn_socket_set_connect_options(socket, &race));
    sn_socket_release(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read_as_the_program_s_version_has_them),
        cmocka_unit_test(a_socket_remembers_its_options_until_others_are_set),
        cmocka_unit_test(options_for_which_there_is_no_memory_change_nothing),
        cmocka_unit_test(nothing_is_told_beyond_the_record_that_the_program_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
