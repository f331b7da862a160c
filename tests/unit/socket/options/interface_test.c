/* Network interfaces by name and by index. */
#include "support/transfer_support.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <sys/resource.h>

enum { ROOM = 64 };

TEST(an_interface_is_found_by_its_name_and_back)
{
    int index = 0;
    char name[SN_INTERFACE_NAME_SIZE];
    assert_ok(sn_interface_index_from_name("lo", &index));
    assert_int_equal(if_nametoindex("lo"), index);
    assert_ok(sn_interface_name_from_index(index, name, sizeof name));
    assert_string_equal("lo", name);
    memset(name, 'u', sizeof name);
    assert_ok(sn_interface_name_from_index(index, name, 3)); /* just enough */
    assert_memory_equal("lo\0u", name, 4);
}

TEST(the_list_has_each_of_them_once)
{
    sn_interface list[ROOM] = {{0}}, first = {0};
    size_t count = 0, again = 0;
    int index = 0;
    assert_ok(sn_interface_list(list, ROOM, &count));
    assert_in_range(count, 1, ROOM);
    for (size_t i = 0; i < count; i++) {
        assert_ok(sn_interface_index_from_name(list[i].name, &index));
        assert_int_equal(index, list[i].index);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(list[k].index, list[i].index);
    }
    assert_ok(sn_interface_list(NULL, 0, &again));
    assert_int_equal(count, again);
    assert_ok(sn_interface_list(&first, 1, &again)); /* room for fewer than there are */
    assert_int_equal(count, again);
    assert_int_equal(list[0].index, first.index);
}

TEST(what_is_no_interface_is_told)
{
    static const char *const names[] = {
        "", "no-such", "lo/", "exactly-16-bytes", "a-name-that-is-longer-than-any-can-be", "lo\n"};
    static const int indexes[] = {0, -1, INT_MIN, INT_MAX};
    int index = 77;
    char name[SN_INTERFACE_NAME_SIZE] = "u";
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        row_begin("\"%s\"", names[i]);
        row_error(SN_ERROR_ADDRESS_NOT_AVAILABLE, sn_interface_index_from_name(names[i], &index));
        row_equal(ENODEV, sn_error_last_native());
    }
    for (size_t i = 0; i < COUNT_OF(indexes); i++) {
        row_begin("%d", indexes[i]);
        row_error(SN_ERROR_ADDRESS_NOT_AVAILABLE,
                  sn_interface_name_from_index(indexes[i], name, sizeof name));
        row_equal(ENODEV, sn_error_last_native());
    }
    rows_end();
    assert_int_equal(77, index);
    assert_string_equal("u", name);
}

TEST(misuse_is_refused)
{
    int index = 77;
    char name[SN_INTERFACE_NAME_SIZE] = "u";
    size_t count = 77;
    assert_ok(sn_interface_index_from_name("lo", &index));
    row_begin("misuse");
    row_error(SN_ERROR_ARGUMENT_NULL, sn_interface_index_from_name(NULL, &index));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_interface_index_from_name("lo", NULL));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_interface_name_from_index(index, NULL, 16));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_interface_name_from_index(index, name, 2));
    row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_interface_name_from_index(index, name, 0));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_interface_list(NULL, 1, &count));
    row_error(SN_ERROR_ARGUMENT_NULL, sn_interface_list(NULL, 0, NULL));
    row_equal(0, sn_error_last_native());
    row_equal(77, count);
    rows_end();
    assert_string_equal("u", name);
}

/* The system is asked with a socket. */
TEST(without_a_descriptor_the_system_cannot_be_asked)
{
    struct rlimit limit, none;
    int index = 77;
    char name[SN_INTERFACE_NAME_SIZE] = "u";
    size_t count = 77;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    sn_error of_name = sn_interface_index_from_name("lo", &index);
    sn_error of_index = sn_interface_name_from_index(1, name, sizeof name);
    sn_error of_list = sn_interface_list(NULL, 0, &count);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, of_name);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, of_index);
    assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, of_list);
    assert_int_equal(77, index);
    assert_int_equal(77, count);
    assert_string_equal("u", name);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        cmocka_unit_test(an_interface_is_found_by_its_name_and_back),
        cmocka_unit_test(the_list_has_each_of_them_once),
        cmocka_unit_test(what_is_no_interface_is_told),
        cmocka_unit_test(misuse_is_refused),
        cmocka_unit_test(without_a_descriptor_the_system_cannot_be_asked),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
