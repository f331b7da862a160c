/*
 * What is made with a socket and what it is made of (contract A.2): descriptors, pairs, and the
 * lack of descriptors and memory.
 */
#include "support/run.h"

#include <sennit/dotnet.h>

#include <sys/resource.h>
#include <unistd.h>

#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/transfer_support.h"

/* --- Descriptors ----------------------------------------------------------------------------- */

/* Trap 5. */
TEST(no_descriptor_is_inherited_by_another_program)
{
    enum transport transport = transport_of(state);
    struct socket_pair pair = pair_connected(transport);
    sn_socket *fresh = socket_make(transport);
    sn_socket *const all[] = {pair.client, pair.server, pair.listener, fresh};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (!all[i])
            continue;
        assert_true(descriptor_is_close_on_exec(sn_socket_get_handle(all[i])));
        assert_true(descriptor_is_nonblocking(sn_socket_get_handle(all[i])));
    }
    sn_socket_release(fresh);
    pair_release(&pair);
}

TEST(a_pair_is_two_unix_sockets_connected_to_each_other)
{
    static const sn_socket_type pair_types[] = {SN_TYPE_STREAM, SN_TYPE_DATAGRAM,
                                                SN_TYPE_SEQPACKET};
    for (size_t t = 0; t < COUNT_OF(pair_types); t++) {
        sn_socket *pair[2] = {0};
        assert_ok(sn_socket_pair(pair_types[t], pair));
        for (int i = 0; i < 2; i++) {
            assert_int_equal(SN_FAMILY_UNIX, sn_socket_get_address_family(pair[i]));
            assert_int_equal(pair_types[t], sn_socket_get_socket_type(pair[i]));
            assert_int_equal(SN_PROTOCOL_UNSPECIFIED, sn_socket_get_protocol_type(pair[i]));
            assert_true(sn_socket_is_connected(pair[i]));
            assert_true(sn_socket_is_blocking(pair[i]));
            assert_true(descriptor_is_close_on_exec(sn_socket_get_handle(pair[i])));
        }
        send_text(pair[0], "there");
        assert_receives(pair[1], "there");
        send_text(pair[1], "and back");
        assert_receives(pair[0], "and back");
        sn_socket_release(pair[0]);
        sn_socket_release(pair[1]);
    }
}

TEST(a_pair_of_a_type_that_unix_sockets_lack_gets_an_error)
{
    sn_socket *pair[2] = {0};
    assert_error(SN_ERROR_PROTOCOL_TYPE, sn_socket_pair(SN_TYPE_UNKNOWN, pair));
    assert_error(SN_ERROR_SOCKET_NOT_SUPPORTED, sn_socket_pair(SN_TYPE_RDM, pair));
    assert_null(pair[0]);
    assert_null(pair[1]);
}

/* Trap 13; .NET does not look at the socket either, so a closed one gives the same. */
TEST(a_socket_cannot_be_given_to_another_process_as_on_windows)
{
    const sn_socket_information information = {
        SN_SOCKET_INFORMATION_NON_BLOCKING | SN_SOCKET_INFORMATION_CONNECTED |
            SN_SOCKET_INFORMATION_LISTENING | SN_SOCKET_INFORMATION_USE_ONLY_OVERLAPPED_IO,
        "bytes", 5};
    struct socket_pair pair = pair_connected(TCP_IPV4);
    sn_socket_information untouched = information;
    sn_socket *made = NULL;
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED,
                 sn_socket_duplicate_and_close(pair.client, getpid(), &untouched));
    assert_memory_equal(&information, &untouched, sizeof untouched);
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED, sn_socket_from_information(&information, &made));
    assert_null(made);
    send_text(pair.client, "still there");
    assert_receives(pair.server, "still there");
    sn_socket_close(pair.client);
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED,
                 sn_socket_duplicate_and_close(pair.client, -1, NULL));
    assert_error(SN_ERROR_PLATFORM_NOT_SUPPORTED, sn_socket_from_information(NULL, NULL));
    pair_release(&pair);
}

TEST(a_missing_output_is_refused)
{
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_pair(SN_TYPE_STREAM, NULL));
}

/* --- Scarcity -------------------------------------------------------------------------------- */

static sn_error create_tcp(sn_socket **out_first, sn_socket **out_second)
{
    (void)out_second;
    return sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, out_first);
}

static sn_error create_dual(sn_socket **out_first, sn_socket **out_second)
{
    (void)out_second;
    return sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, out_first);
}

static sn_error create_pair(sn_socket **out_first, sn_socket **out_second)
{
    sn_socket *pair[2] = {0};
    sn_error error = sn_socket_pair(SN_TYPE_STREAM, pair);
    *out_first = pair[0];
    *out_second = pair[1];
    return error;
}

static sn_error (*const creators[])(sn_socket **, sn_socket **) = {create_tcp, create_dual,
                                                                   create_pair};

TEST(without_memory_nothing_is_made_and_nothing_is_lost)
{
    for (size_t i = 0; i < COUNT_OF(creators); i++) {
        sn_socket *first = NULL, *second = NULL;
        allocations_begin();
        assert_ok(creators[i](&first, &second));
        size_t needed = allocations_count();
        sn_socket_release(first);
        sn_socket_release(second);
        assert_int_equal(0, allocations_outstanding());
        assert_int_not_equal(0, needed);
        for (size_t nth = 1; nth <= needed; nth++) {
            size_t open = descriptors_count();
            allocations_fail_nth(nth);
            first = second = NULL;
            assert_error(SN_ERROR_OUT_OF_MEMORY, creators[i](&first, &second));
            assert_null(first);
            assert_null(second);
            assert_int_equal(0, allocations_outstanding());
            assert_int_equal(open, descriptors_count());
        }
        allocations_end();
    }
}

TEST(without_a_free_descriptor_nothing_is_made)
{
    struct rlimit before, none;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    sn_error errors[COUNT_OF(creators)];
    size_t allocated[COUNT_OF(creators)];
    none = before;
    none.rlim_cur = 3;
    for (size_t i = 0; i < COUNT_OF(creators); i++) {
        sn_socket *first = NULL, *second = NULL;
        allocations_begin();
        assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
        errors[i] = creators[i](&first, &second);
        assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
        allocated[i] = allocations_outstanding();
        allocations_end();
        sn_socket_release(first);
        sn_socket_release(second);
    }
    for (size_t i = 0; i < COUNT_OF(creators); i++) {
        assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, errors[i]);
        assert_int_equal(0, allocated[i]);
    }
}

TEST(the_system_says_what_it_supports)
{
    assert_true(sn_socket_os_supports_ipv4());
    assert_true(sn_socket_os_supports_unix());
    if (has_ipv6())
        assert_true(sn_socket_os_supports_ipv6());
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_ALL_CONNECTED(no_descriptor_is_inherited_by_another_program),
        CASE(a_pair_is_two_unix_sockets_connected_to_each_other),
        CASE(a_pair_of_a_type_that_unix_sockets_lack_gets_an_error),
        CASE(a_socket_cannot_be_given_to_another_process_as_on_windows),
        CASE(a_missing_output_is_refused),
        CASE(without_memory_nothing_is_made_and_nothing_is_lost),
        CASE(without_a_free_descriptor_nothing_is_made),
        CASE(the_system_says_what_it_supports),
    };
    return RUN(cases);
}
