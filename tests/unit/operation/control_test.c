/* Control messages as programs read and write them. */
#include <sennit/message.h>

#include "support/sockets.h"
#include "support/test.h"

#include <limits.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>

#include "base/base.h"

static alignas(16) uint8_t room[256];

TEST(what_is_written_is_found_in_its_order)
{
    const sn_control controls[] = {{1, 2, "abc", 3}, {3, 4, NULL, 0}, {5, 6, "0123456789", 10}};
    size_t size = 0, expected = 0;
    for (size_t i = 0; i < array_count(controls); i++) {
        assert_ok(sn_control_append(room, sizeof room, &size, &controls[i]));
        expected += sn_control_space(controls[i].size);
        assert_int_equal(size, expected);
    }
    sn_control read = {0};
    for (size_t i = 0; i < array_count(controls); i++) {
        assert_true(sn_control_next(room, size, &read));
        assert_int_equal(read.level, controls[i].level);
        assert_int_equal(read.type, controls[i].type);
        assert_int_equal(read.size, controls[i].size);
        if (read.size > 0)
            assert_memory_equal(read.data, controls[i].data, read.size);
    }
    assert_false(sn_control_next(room, size, &read));
    assert_int_equal(read.level, 5); /* untouched */
}

TEST(what_does_not_fit_changes_nothing)
{
    const sn_control control = {1, 2, "abcdefgh", 8};
    size_t size = 0, space = sn_control_space(8);
    memset(room, 0xEE, sizeof room);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_control_append(room, space - 1, &size, &control));
    assert_int_equal(size, 0);
    assert_int_equal(room[0], 0xEE);
    assert_ok(sn_control_append(room, space, &size, &control));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_control_append(room, space, &size, &control));
    assert_int_equal(size, space);
    const sn_control huge = {1, 2, room, SIZE_MAX};
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_control_append(room, SIZE_MAX, &size, &huge));
    assert_int_equal(sn_control_space(SIZE_MAX), 0);
    assert_int_equal(sn_control_space(SSIZE_MAX), 0);
}

TEST(mistakes_are_told)
{
    const sn_control control = {1, 2, "a", 1}, none = {1, 2, NULL, 1};
    sn_datagram_extras extras = {0};
    sn_control read = {0};
    size_t size = 0, odd = 3, beyond = 300, zeros = 16;
    memset(room, 0, sizeof room);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_control_append(NULL, 8, &size, &control));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_control_append(room, 8, NULL, &control));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_control_append(room, 8, &size, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_control_append(room, 8, &size, &none));
    assert_error(SN_ERROR_ARGUMENT, sn_control_append(room, sizeof room, &odd, &control));
    assert_error(SN_ERROR_ARGUMENT, sn_control_append(room, sizeof room, &beyond, &control));
    assert_error(SN_ERROR_ARGUMENT, sn_control_append(room, sizeof room, &zeros, &control));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_control_read_extras(NULL, 1, &extras));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_control_read_extras(room, 1, NULL));
    assert_ok(sn_control_read_extras(NULL, 0, &extras));
    assert_false(sn_control_next(NULL, 8, &read));
    assert_false(sn_control_next(room, 8, NULL));
    assert_false(sn_control_next(room, sizeof room, &read)); /* zeros are no message */
    /* What no call has written: nothing outside is read. */
    read = (sn_control){.data = &read, .size = 1};
    assert_false(sn_control_next(room, sizeof room, &read));
    read = (sn_control){.data = room + 16, .size = SIZE_MAX};
    assert_false(sn_control_next(room, sizeof room, &read));
}

TEST(extras_become_messages_and_are_read_again)
{
    static const sn_address_family families[] = {SN_FAMILY_IPV4, SN_FAMILY_IPV6};
    for (size_t i = 0; i < array_count(families); i++) {
        sn_datagram_extras extras = {.present = SN_DATAGRAM_INTERFACE | SN_DATAGRAM_TIME_TO_LIVE |
                                                SN_DATAGRAM_TRAFFIC_CLASS,
                                     .interface_index = 3,
                                     .time_to_live = 255,
                                     .traffic_class = 1};
        sn_datagram_extras read = {0};
        size_t size = 0;
        assert_ok(sn_control_append_extras(room, sizeof room, &size, &extras, families[i]));
        assert_ok(sn_control_read_extras(room, size, &read));
        assert_int_equal(read.present, extras.present | SN_DATAGRAM_ADDRESS);
        assert_int_equal(read.interface_index, 3);
        assert_int_equal(read.time_to_live, 255);
        assert_int_equal(read.traffic_class, 1);
    }
    sn_datagram_extras segments = {.present = SN_DATAGRAM_SEGMENT_SIZE, .segment_size = 500};
    sn_control read = {0};
    size_t size = 0;
    uint16_t told = 0;
    assert_ok(sn_control_append_extras(room, sizeof room, &size, &segments, SN_FAMILY_IPV4));
    assert_true(sn_control_next(room, size, &read));
    assert_int_equal(read.size, sizeof told);
    memcpy(&told, read.data, sizeof told);
    assert_int_equal(told, 500);
}

TEST(extras_that_cannot_be_said_are_refused)
{
    const struct {
        sn_datagram_extras extras;
        sn_address_family family;
        sn_error error;
    } rows[] = {
        {{.present = SN_DATAGRAM_TIME}, SN_FAMILY_IPV4, SN_ERROR_ARGUMENT},
        {{.present = 1u << 31}, SN_FAMILY_IPV4, SN_ERROR_ARGUMENT},
        {{.present = 0}, SN_FAMILY_UNIX, SN_ERROR_ARGUMENT},
        {{.present = SN_DATAGRAM_ADDRESS, .address = SN_IPV6_LOOPBACK},
         SN_FAMILY_IPV4,
         SN_ERROR_ARGUMENT},
        {{.present = SN_DATAGRAM_TIME_TO_LIVE, .time_to_live = 256},
         SN_FAMILY_IPV4,
         SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {{.present = SN_DATAGRAM_INTERFACE}, SN_FAMILY_IPV6, SN_ERROR_ARGUMENT_OUT_OF_RANGE},
        {{.present = SN_DATAGRAM_SEGMENT_SIZE, .segment_size = 65536},
         SN_FAMILY_IPV4,
         SN_ERROR_ARGUMENT_OUT_OF_RANGE},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        size_t size = 0;
        assert_error(rows[i].error, sn_control_append_extras(room, sizeof room, &size,
                                                             &rows[i].extras, rows[i].family));
        assert_int_equal(size, 0);
    }
    size_t size = 0;
    sn_datagram_extras fine = {.present = SN_DATAGRAM_TIME_TO_LIVE};
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 sn_control_append_extras(room, 8, &size, &fine, SN_FAMILY_IPV4));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_control_append_extras(room, 8, &size, NULL, SN_FAMILY_IPV4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_found_in_its_order),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(extras_become_messages_and_are_read_again),
        cmocka_unit_test(extras_that_cannot_be_said_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
