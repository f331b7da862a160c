#include "socket/verbs/sender.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "support/sockets.h"
#include "support/test.h"

TEST(the_memory_is_judged_first_then_the_place_of_the_sender_then_the_socket_then_the_flags)
{
    sn_socket *unbound = socket_make(UDP_IPV4), *bound = socket_bound(UDP_IPV4);
    sn_operation operation = {0};
    sn_endpoint from;
    assert_error(
        SN_ERROR_ARGUMENT_OUT_OF_RANGE,
        sender_check(&operation, unbound, SN_ERROR_ARGUMENT_OUT_OF_RANGE, SN_FLAG_PARTIAL, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sender_check(&operation, unbound, SN_OK, SN_FLAG_PARTIAL, NULL));
    assert_error(SN_ERROR_INVALID_OPERATION,
                 sender_check(&operation, unbound, SN_OK, SN_FLAG_PARTIAL, &from));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 sender_check(&operation, bound, SN_OK, SN_FLAG_PARTIAL, &from));
    assert_ok(sender_check(&operation, bound, SN_OK, SN_FLAG_PEEK, &from));
    assert_int_equal(MSG_PEEK, record_of(&operation)->native_flags);
    sn_socket_release(unbound);
    sn_socket_release(bound);
}

/* An operation that has received from a sender as the kernel names one. */
static sn_operation received(sn_endpoint *from, const void *sender, uint32_t size)
{
    sn_operation operation = {0};
    sender_set(&operation, from);
    memcpy(from->as.sockaddr, sender, size);
    record_of(&operation)->room.header.msg_namelen = size;
    return operation;
}

TEST(a_sender_is_told_as_the_kernel_names_it)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    const struct sockaddr_in sender = {
        .sin_family = AF_INET, .sin_port = htons(7), .sin_addr.s_addr = htonl(0x7f000001)};
    sn_endpoint from, expected = endpoint_of_text("127.0.0.1:7");
    sn_operation operation = received(&from, &sender, sizeof sender);
    sender_finish(socket, &operation);
    assert_same_endpoint(&expected, &from);
    sender_finish(socket, &operation);
    assert_same_endpoint(&expected, &from);
    sn_socket_release(socket);
}

TEST(a_sender_is_told_without_an_operation_too)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    const struct sockaddr_in sender = {
        .sin_family = AF_INET, .sin_port = htons(7), .sin_addr.s_addr = htonl(0x7f000001)};
    struct sockaddr_storage place = {.ss_family = AF_UNSPEC};
    sn_endpoint from, expected = endpoint_of_text("127.0.0.1:7"),
                      nobody = endpoint_of_text("0.0.0.0:0");
    for (uint32_t size = 0; size <= sizeof place; size += sizeof place) {
        sender_tell(socket, &place, size, &from);
        assert_same_endpoint(&nobody, &from);
    }
    memcpy(&place, &sender, sizeof sender);
    sender_tell(socket, &place, sizeof sender, &from);
    assert_same_endpoint(&expected, &from);
    sn_socket_release(socket);
}

/* The kernel tells how long the name was, not how much of it there was room for. */
TEST(a_sender_with_a_longer_name_than_fits_stays_within_its_place)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    struct sockaddr_storage place = {.ss_family = 77};
    struct {
        sn_endpoint from;
        uint8_t behind;
    } told = {.behind = 7};
    sender_tell(socket, &place, sizeof place + 9, &told.from);
    assert_int_equal(SN_SOCKADDR_SIZE_MAX, told.from.size);
    assert_int_equal(7, told.behind);
    sn_socket_release(socket);
}

/* A size without a family is what a receive leaves that ended because of a shutdown. */
TEST(nobody_is_the_wildcard_of_the_family)
{
    static const struct {
        enum transport transport;
        const char *nobody;
    } rows[] = {{UDP_IPV4, "0.0.0.0:0"}, {UDP_IPV6, "[::]:0"}, {UNIX_DATAGRAM, ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (transport_missing(rows[i].transport))
            continue;
        sn_socket *socket = socket_make(rows[i].transport);
        for (uint32_t size = 0; size <= 16; size += 16) {
            static const uint8_t zeros[16];
            sn_endpoint from;
            char text[SN_ENDPOINT_TEXT_SIZE];
            sn_operation operation = received(&from, zeros, size);
            sender_finish(socket, &operation);
            assert_int_equal(transport_family(rows[i].transport), sn_endpoint_get_family(&from));
            assert_ok(sn_endpoint_format(&from, text, sizeof text));
            assert_string_equal(rows[i].nobody, text);
        }
        sn_socket_release(socket);
    }
}

TEST(a_receive_of_no_bytes_looks_at_one_and_counts_none)
{
    static const sn_buffer empty[] = {{NULL, 0}, {NULL, 0}};
    sn_socket *socket = socket_make(UDP_IPV4);
    for (int is_vector = 0; is_vector < 2; is_vector++) {
        sn_endpoint from;
        sn_operation operation = received(&from, "", 0);
        if (is_vector)
            sender_set_buffers(&operation, empty, 2);
        else
            sender_set_data(&operation, NULL, 0);
        assert_int_equal(1, record_of(&operation)->buffer.size);
        assert_true(record_of(&operation)->native_flags & MSG_PEEK);
        operation.transferred = 1;
        record_of(&operation)->room.header.msg_flags = MSG_TRUNC;
        sender_finish(socket, &operation);
        assert_int_equal(0, operation.transferred);
        assert_int_equal(SN_FLAG_NONE, operation.flags);
    }
    sn_socket_release(socket);
}

TEST(a_datagram_that_was_cut_says_so)
{
    sn_socket *socket = socket_make(UDP_IPV4);
    char byte;
    sn_endpoint from;
    sn_operation operation = received(&from, "", 0);
    sender_set_data(&operation, &byte, 1);
    operation.transferred = 1;
    record_of(&operation)->room.header.msg_flags = MSG_TRUNC;
    sender_finish(socket, &operation);
    assert_int_equal(1, operation.transferred);
    assert_int_equal(SN_FLAG_TRUNCATED, operation.flags);
    sn_socket_release(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_memory_is_judged_first_then_the_place_of_the_sender_then_the_socket_then_the_flags),
        cmocka_unit_test(a_sender_is_told_as_the_kernel_names_it),
        cmocka_unit_test(a_sender_is_told_without_an_operation_too),
        cmocka_unit_test(a_sender_with_a_longer_name_than_fits_stays_within_its_place),
        cmocka_unit_test(nobody_is_the_wildcard_of_the_family),
        cmocka_unit_test(a_receive_of_no_bytes_looks_at_one_and_counts_none),
        cmocka_unit_test(a_datagram_that_was_cut_says_so),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
