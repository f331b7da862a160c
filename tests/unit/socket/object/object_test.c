#include "support/test.h"

#include <sys/socket.h>
#include <unistd.h>

#include "socket/object/object.h"
#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/sockets.h"

static sn_socket *wrap(int *out_handle)
{
    int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(handle >= 0);
    sn_socket *made = socket_new(handle, true, SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP);
    assert_non_null(made);
    *out_handle = handle;
    return made;
}

TEST(the_records_are_small)
{
    assert_true(sizeof(struct sn_socket) <= 216);
    assert_true(sizeof(sn_operation) <= 272);
}

TEST(the_type_leaves_the_rest_of_the_state_alone)
{
    const uint32_t others = ~(uint32_t)SOCKET_TYPE;
    sn_socket socket = {.state = others};
    for (int type = SN_TYPE_UNKNOWN; type <= SN_TYPE_SEQPACKET; type++) {
        socket_set_identity(&socket, SN_FAMILY_UNIX, (sn_socket_type)type, SN_PROTOCOL_UNKNOWN);
        assert_int_equal(socket_type(&socket), type);
        assert_int_equal(socket.state & others, others);
    }
}

TEST(the_last_release_closes_and_frees)
{
    int handle;
    allocations_begin();
    sn_socket *socket = wrap(&handle);
    assert_ptr_equal(sn_socket_retain(socket), socket);
    sn_socket_release(socket);
    assert_true(descriptor_is_open(handle));
    sn_socket_release(socket);
    assert_false(descriptor_is_open(handle));
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
    sn_socket_release(NULL);
    assert_null(sn_socket_retain(NULL));
}

TEST(a_closed_socket_lives_until_its_last_release)
{
    int handle;
    allocations_begin();
    sn_socket *socket = wrap(&handle);
    sn_socket_close(socket);
    sn_socket_close(socket);
    assert_false(descriptor_is_open(handle));
    assert_int_equal(allocations_outstanding(), 1);
    assert_int_equal(sn_socket_get_address_family(socket), SN_FAMILY_IPV4);
    assert_error(SN_ERROR_OBJECT_DISPOSED, socket_ref(socket));
    sn_socket_release(socket);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

TEST(a_released_socket_lives_until_the_last_call_has_left)
{
    int handle;
    allocations_begin();
    sn_socket *socket = wrap(&handle);
    assert_ok(socket_ref(socket));
    sn_socket *kept = sn_socket_retain(socket);
    assert_true(descriptor_begin_close(&socket->descriptor));
    socket_unref(socket);
    assert_true(descriptor_is_open(handle));
    sn_socket_release(socket);
    socket_unref(kept);
    assert_false(descriptor_is_open(handle));
    assert_int_equal(allocations_outstanding(), 1);
    sn_socket_release(kept);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

TEST(without_memory_the_descriptor_stays_the_callers)
{
    int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    allocations_begin();
    allocations_fail_nth(1);
    assert_null(socket_new(handle, true, SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP));
    assert_true(descriptor_is_open(handle));
    allocations_end();
    close(handle);
}

TEST(entering_refuses_what_is_no_socket)
{
    assert_error(SN_ERROR_ARGUMENT_NULL, socket_ref(NULL));
    assert_int_equal(sn_error_last_native(), 0);
}

TEST(the_kind_decides_the_marks_of_the_descriptor)
{
    static const struct {
        sn_address_family family;
        sn_socket_type type;
        bool owned;
        uint32_t marks;
    } rows[] = {
        {SN_FAMILY_IPV4, SN_TYPE_STREAM, true, DESCRIPTOR_OWNED | DESCRIPTOR_STREAM_TCP},
        {SN_FAMILY_IPV6, SN_TYPE_STREAM, false, DESCRIPTOR_STREAM_TCP},
        {SN_FAMILY_UNIX, SN_TYPE_STREAM, true, DESCRIPTOR_OWNED},
        {SN_FAMILY_UNIX, SN_TYPE_SEQPACKET, false, DESCRIPTOR_MESSAGES},
        {SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, false, DESCRIPTOR_MESSAGES | DESCRIPTOR_DATAGRAMS},
        {SN_FAMILY_UNKNOWN, SN_TYPE_UNKNOWN, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_socket *socket =
            socket_new(-1, rows[i].owned, rows[i].family, rows[i].type, SN_PROTOCOL_UNSPECIFIED);
        assert_non_null(socket);
        assert_int_equal(socket->descriptor.marks, rows[i].marks);
        sn_socket_release(socket);
    }
}

TEST(the_file_of_a_unix_socket_goes_with_it)
{
    allocations_begin();
    sn_socket *listener = socket_listening(UNIX_STREAM, 1);
    sn_endpoint local = local_endpoint(listener);
    char path[SN_UNIX_PATH_SIZE_MAX];
    assert_ok(sn_endpoint_format(&local, path, sizeof path));
    assert_int_equal(access(path, F_OK), 0);
    assert_ok(socket_ref(listener));
    sn_socket_retain(listener);
    sn_socket_release(listener);
    socket_unref(listener);
    sn_socket_release(listener);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_records_are_small),
        cmocka_unit_test(the_type_leaves_the_rest_of_the_state_alone),
        cmocka_unit_test(the_last_release_closes_and_frees),
        cmocka_unit_test(a_closed_socket_lives_until_its_last_release),
        cmocka_unit_test(a_released_socket_lives_until_the_last_call_has_left),
        cmocka_unit_test(without_memory_the_descriptor_stays_the_callers),
        cmocka_unit_test(entering_refuses_what_is_no_socket),
        cmocka_unit_test(the_kind_decides_the_marks_of_the_descriptor),
        cmocka_unit_test(the_file_of_a_unix_socket_goes_with_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
