#include "support/test.h"

#include <stdlib.h>

#include "socket/verbs/transfer.h"
#include "support/children.h"
#include "support/sockets.h"

static bool takes_fast_way(void)
{
    sn_socket *socket = socket_make(TCP_IPV4);
    bool is_fast = fast_fits(&socket->descriptor, "x", 1, SN_FLAG_NONE);
    sn_socket_release(socket);
    return is_fast;
}

/* The environment is looked at once in a process. */
static int look(void *text)
{
    if (text)
        (void)setenv("SENNIT_FAST", text, 1);
    else
        (void)unsetenv("SENNIT_FAST");
    return takes_fast_way();
}

TEST(the_fast_way_can_be_switched_off_for_tests)
{
    char off[] = "0", on[] = "1";
    assert_int_equal(child_run(look, NULL), 1);
    assert_int_equal(child_run(look, on), 1);
    assert_int_equal(child_run(look, off), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fast_way_can_be_switched_off_for_tests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
