#include "support/test.h"

#include <errno.h>
#include <sys/socket.h>

#include "dns/handles.h"
#include "support/children.h"
#include "support/descriptors.h"

static struct kept_handle first, second;

static int look_in_child(void *context)
{
    const int *numbers = context;
    struct kept_handle own;
    CHILD_EXPECT(first.number == -1);
    CHILD_EXPECT(second.number == -1);
    CHILD_EXPECT(!descriptor_is_open(numbers[0]));
    CHILD_EXPECT(!descriptor_is_open(numbers[1]));
    kept_close(&first); /* what the thread that had it would do */
    CHILD_EXPECT(kept_socket(&own, AF_INET, SOCK_DGRAM) == 0);
    CHILD_EXPECT(descriptor_is_open(own.number));
    kept_close(&own);
    return 0;
}

TEST(a_forked_child_has_none_of_those_that_were_open)
{
    assert_int_equal(0, kept_socket(&first, AF_INET, SOCK_DGRAM));
    assert_int_equal(0, kept_wake(&second));
    int numbers[] = {first.number, second.number};
    assert_int_equal(0, child_run(look_in_child, numbers));
    assert_true(descriptor_is_open(numbers[0]));
    kept_close(&first);
    kept_close(&first);
    kept_close(&second);
    assert_false(descriptor_is_open(numbers[0]));
    assert_false(descriptor_is_open(numbers[1]));
}

TEST(one_that_could_not_be_made_is_none)
{
    struct kept_handle handle;
    assert_int_equal(-EAFNOSUPPORT, kept_socket(&handle, AF_MAX + 1, SOCK_DGRAM));
    assert_int_equal(-1, handle.number);
    kept_close(&handle);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forked_child_has_none_of_those_that_were_open),
        cmocka_unit_test(one_that_could_not_be_made_is_none),
    };
    return cmocka_run_group_tests_name("dns/handles", tests, NULL, NULL);
}
