#include <sys/wait.h>
#include <unistd.h>

#include "support/transfer_support.h"

static void expect_own(sn_socket *socket)
{
    sn_peer_credentials credentials = {0};
    assert_ok(sn_socket_get_peer_credentials(socket, &credentials));
    assert_int_equal(credentials.process, getpid());
    assert_int_equal(credentials.user, geteuid());
    assert_int_equal(credentials.group, getegid());
}

TEST(each_end_of_a_connection_knows_who_the_other_is)
{
    static const enum transport transports[] = {UNIX_STREAM, UNIX_SEQPACKET};
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        struct socket_pair pair = pair_connected(transports[i]);
        expect_own(pair.client);
        expect_own(pair.server);
        pair_release(&pair);
    }
}

/* In a process of its own, which has gone when it is asked about. */
static void connect_and_go(const sn_endpoint *remote)
{
    sn_socket *socket = NULL;
    sn_error error =
        sn_socket_create(SN_FAMILY_UNIX, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED, &socket);
    if (!error)
        error = sn_socket_connect(socket, remote);
    _exit(error ? 1 : 0);
}

TEST(a_peer_that_has_gone_is_told_all_the_same)
{
    sn_socket *listener = socket_listening(UNIX_STREAM, 4), *server = NULL;
    sn_endpoint local;
    sn_peer_credentials credentials = {0};
    int status = 0;
    assert_ok(sn_socket_get_local_endpoint(listener, &local));
    pid_t child = fork();
    if (child == 0)
        connect_and_go(&local);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_ok(sn_socket_accept(listener, &server));
    assert_ok(sn_socket_get_peer_credentials(server, &credentials));
    assert_int_equal(credentials.process, child);
    assert_int_equal(credentials.user, geteuid());
    sn_socket_release(server);
    sn_socket_release(listener);
}

TEST(the_groups_of_the_peer_are_those_of_its_process)
{
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    gid_t own[1 << 10];
    uint32_t told[1 << 10];
    int own_count = getgroups((int)COUNT_OF(own), own);
    size_t count = 12345;
    assert_true(own_count >= 0);
    assert_ok(sn_socket_get_peer_groups(pair.client, told, COUNT_OF(told), &count));
    assert_int_equal(count, own_count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(told[i], own[i]);
    if (own_count > 0) { /* how many there are is told where they do not fit */
        count = 12345;
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                     sn_socket_get_peer_groups(pair.client, NULL, 0, &count));
        assert_int_equal(count, own_count);
    }
    pair_release(&pair);
}

TEST(who_has_no_peer_and_other_families_are_refused)
{
    sn_socket *listener = socket_listening(UNIX_STREAM, 4), *fresh = socket_make(UNIX_STREAM);
    sn_socket *datagram = socket_make(UNIX_DATAGRAM);
    struct socket_pair tcp = pair_connected(TCP_IPV4);
    sn_peer_credentials credentials = {.process = 77};
    uint32_t groups[4];
    size_t count = 77;
    sn_socket *nobody[] = {listener, fresh, datagram};
    for (size_t i = 0; i < COUNT_OF(nobody); i++) {
        assert_error(SN_ERROR_NOT_CONNECTED,
                     sn_socket_get_peer_credentials(nobody[i], &credentials));
        assert_error(SN_ERROR_NOT_CONNECTED,
                     sn_socket_get_peer_groups(nobody[i], groups, 4, &count));
    }
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 sn_socket_get_peer_credentials(tcp.client, &credentials));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 sn_socket_get_peer_groups(tcp.client, groups, 4, &count));
    assert_int_equal(credentials.process, 77);
    assert_int_equal(count, 77);
    assert_true(sn_socket_is_connected(tcp.client));
    pair_release(&tcp);
    sn_socket_release(listener);
    sn_socket_release(fresh);
    sn_socket_release(datagram);
}

TEST(mistakes_are_told)
{
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    sn_peer_credentials credentials;
    uint32_t group;
    size_t count;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_peer_credentials(pair.client, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_peer_credentials(NULL, &credentials));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_peer_groups(pair.client, NULL, 1, &count));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_socket_get_peer_groups(pair.client, &group, 1, NULL));
    sn_socket_close(pair.client);
    assert_error(SN_ERROR_OBJECT_DISPOSED,
                 sn_socket_get_peer_credentials(pair.client, &credentials));
    pair_release(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_end_of_a_connection_knows_who_the_other_is),
        cmocka_unit_test(a_peer_that_has_gone_is_told_all_the_same),
        cmocka_unit_test(the_groups_of_the_peer_are_those_of_its_process),
        cmocka_unit_test(who_has_no_peer_and_other_families_are_refused),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
