#include "support/test.h"

#include "clients/holder.h"
#include "support/descriptors.h"
#include "support/sockets.h"

enum shape { EMPTY, FILLED, CLOSED_EMPTY, CLOSED_FILLED, SHAPE_COUNT };

/* A holder in one of the states that calls can find it in. */
static struct holder holder_in(enum shape shape)
{
    struct holder holder;
    bool is_filled = shape == FILLED || shape == CLOSED_FILLED;
    holder_init(&holder, is_filled ? socket_make(TCP_IPV4) : NULL, true);
    if (shape == CLOSED_EMPTY || shape == CLOSED_FILLED)
        (void)holder_close(&holder);
    return holder;
}

static bool is_open(sn_socket *socket)
{
    return sn_socket_get_handle(socket) != SN_HANDLE_NONE;
}

TEST(a_use_needs_a_holder_that_is_open_and_has_a_socket)
{
    static const sn_error errors[SHAPE_COUNT] = {
        [EMPTY] = SN_ERROR_INVALID_OPERATION,
        [CLOSED_EMPTY] = SN_ERROR_OBJECT_DISPOSED,
        [CLOSED_FILLED] = SN_ERROR_OBJECT_DISPOSED,
    };
    for (int shape = 0; shape < SHAPE_COUNT; shape++) {
        struct holder holder = holder_in((enum shape)shape);
        sn_socket *used = NULL, *peeked = holder_peek(&holder);
        assert_error(errors[shape], holder_use(&holder, &used));
        assert_int_equal(0, sn_error_last_native());
        assert_true((used != NULL) == (shape == FILLED));
        assert_ptr_equal(used, peeked);
        assert_ptr_equal(used, holder_borrow(&holder));
        assert_true(holder_is_empty(&holder) == (shape == EMPTY));
        holder_deinit(&holder);
        assert_true(!used || is_open(used)); /* what was given for a call outlives the holder */
        sn_socket_release(used);
        sn_socket_release(peeked);
    }
}

TEST(a_socket_that_comes_too_late_goes)
{
    for (int shape = 0; shape < SHAPE_COUNT; shape++) {
        struct holder holder = holder_in((enum shape)shape);
        size_t before = descriptors_count();
        sn_socket *late = socket_make(UDP_IPV4);
        holder_fill(&holder, late);
        assert_int_equal(before + (shape == EMPTY), descriptors_count());
        assert_true((holder_borrow(&holder) == late) == (shape == EMPTY));
        holder_deinit(&holder);
    }
}

TEST(a_replacement_takes_the_place_of_the_one_before)
{
    struct holder holder = holder_in(FILLED);
    size_t before = descriptors_count();
    sn_socket *next = socket_make(UDP_IPV4);
    assert_ok(holder_replace(&holder, next));
    assert_int_equal(before, descriptors_count());
    assert_ptr_equal(next, holder_borrow(&holder));
    assert_ok(holder_replace(&holder, NULL));
    assert_int_equal(before - 1, descriptors_count());
    assert_true(holder_is_empty(&holder));
    holder_deinit(&holder);
}

/* The caller keeps what it has offered. */
TEST(a_closed_holder_takes_no_replacement)
{
    struct holder holder = holder_in(CLOSED_FILLED);
    sn_socket *next = socket_make(UDP_IPV4);
    assert_error(SN_ERROR_OBJECT_DISPOSED, holder_replace(&holder, next));
    assert_true(is_open(next));
    sn_socket_release(next);
    holder_deinit(&holder);
}

TEST(the_first_close_gives_the_socket_and_no_other)
{
    struct holder holder = holder_in(FILLED);
    sn_socket *socket = holder_borrow(&holder);
    assert_ptr_equal(socket, holder_close(&holder));
    assert_true(is_open(socket)); /* whoever closes the holder decides how the socket ends */
    assert_null(holder_close(&holder));
    close_gracefully(socket);
    assert_false(is_open(socket));
    close_gracefully(NULL);
    holder_deinit(&holder);
}

TEST(an_exchange_hands_over_both)
{
    struct holder holder = holder_in(FILLED);
    sn_socket *first = holder_borrow(&holder), *second = socket_make(UDP_IPV4);
    assert_ptr_equal(first, holder_exchange(&holder, second));
    assert_ptr_equal(second, holder_exchange(&holder, NULL));
    assert_null(holder_exchange(&holder, NULL));
    sn_socket_release(first);
    sn_socket_release(second);
    holder_deinit(&holder);
}

TEST(the_last_of_its_references_is_told)
{
    struct holder holder = holder_in(EMPTY);
    holder_retain(&holder);
    assert_false(holder_release(&holder));
    assert_true(holder_release(&holder));
    holder_deinit(&holder);
}

TEST(an_operation_that_is_not_started_completes_at_once_unless_it_runs)
{
    sn_operation operation;
    memset(&operation, 0xff, sizeof operation);
    operation.completed = NULL;
    operation.cancellation = NULL;
    operation.timeout_ms = 0;
    assert_true(complete_now(&operation, SN_OPERATION_ACCEPT, SN_ERROR_OBJECT_DISPOSED));
    assert_true(sn_operation_is_completed(&operation));
    assert_error(SN_ERROR_OBJECT_DISPOSED, operation.error);
    assert_int_equal(SN_OPERATION_ACCEPT, operation.kind);
    assert_false(complete_now(NULL, SN_OPERATION_ACCEPT, SN_OK));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_use_needs_a_holder_that_is_open_and_has_a_socket),
        cmocka_unit_test(a_socket_that_comes_too_late_goes),
        cmocka_unit_test(a_replacement_takes_the_place_of_the_one_before),
        cmocka_unit_test(a_closed_holder_takes_no_replacement),
        cmocka_unit_test(the_first_close_gives_the_socket_and_no_other),
        cmocka_unit_test(an_exchange_hands_over_both),
        cmocka_unit_test(the_last_of_its_references_is_told),
        cmocka_unit_test(an_operation_that_is_not_started_completes_at_once_unless_it_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
