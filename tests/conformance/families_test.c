/* Families and protocols that .NET has no names for. What the kernel here lacks is skipped, and its
 * error is looked at. */
#include "support/transfer_support.h"

#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "support/threads.h"

/* Or the test is skipped, once the error is one that says so. */
static sn_socket *make_or_skip(sn_address_family family, sn_socket_type type,
                               sn_protocol_type protocol)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create(family, type, protocol, &socket);
    if (error == SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED ||
        error == SN_ERROR_PROTOCOL_NOT_SUPPORTED || error == SN_ERROR_SOCKET_NOT_SUPPORTED)
        SKIP("this kernel has no %s of %s", sn_protocol_type_name(protocol),
             sn_address_family_name(family));
    assert_ok(error);
    assert_int_equal(sn_socket_get_address_family(socket), family);
    assert_int_equal(sn_socket_get_protocol_type(socket), protocol);
    return socket;
}

/* --- Netlink ---------------------------------------------------------------------------------- */

struct link_request {
    struct nlmsghdr header;
    struct ifinfomsg info;
};

/* Asks for the loopback interface, whose index is 1 in every namespace. */
static void ask_for_link(sn_socket *socket, const sn_endpoint *to)
{
    struct link_request request = {
        .header = {.nlmsg_len = sizeof request,
                   .nlmsg_type = RTM_GETLINK,
                   .nlmsg_flags = NLM_F_REQUEST,
                   .nlmsg_seq = 42},
        .info = {.ifi_family = AF_UNSPEC, .ifi_index = 1},
    };
    size_t sent = 0;
    if (to)
        assert_ok(do_send_to(socket, &request, sizeof request, SN_FLAG_NONE, to, &sent));
    else
        assert_ok(do_send(socket, &request, sizeof request, SN_FLAG_NONE, &sent));
    assert_int_equal(sent, sizeof request);
}

static void assert_link(const void *answer, size_t size)
{
    struct link_request link;
    assert_true(size >= sizeof link);
    memcpy(&link, answer, sizeof link);
    assert_int_equal(link.header.nlmsg_type, RTM_NEWLINK);
    assert_int_equal(link.header.nlmsg_seq, 42);
    assert_int_equal(link.info.ifi_index, 1);
}

TEST(the_kernel_answers_on_netlink)
{
    static char answer[16384];
    sn_socket *socket =
        make_or_skip(SN_FAMILY_NETLINK, SN_TYPE_RAW, SN_PROTOCOL_UNSPECIFIED); /* NETLINK_ROUTE */
    sn_endpoint kernel, any, from, own;
    size_t size = 0;
    uint32_t port = 0, groups = 0;
    assert_ok(sn_endpoint_from_netlink(0, 0, &kernel));
    assert_ok(sn_endpoint_from_text("netlink:0:0", &any, NULL));
    assert_ok(sn_socket_bind(socket, &any));
    assert_ok(sn_socket_get_local_endpoint(socket, &own));
    assert_ok(sn_endpoint_get_netlink(&own, &port, &groups));
    assert_true(port != 0);
    ask_for_link(socket, &kernel);
    /* How long the answer is, before there is room for it. */
    assert_ok(do_receive(socket, NULL, 0, SN_FLAG_TRUNCATE, &size));
    assert_in_range(size, sizeof(struct link_request), sizeof answer);
    size_t told = size;
    assert_ok(do_receive_from(socket, answer, sizeof answer, SN_FLAG_NONE, &from, &size));
    assert_int_equal(size, told);
    assert_link(answer, size);
    assert_same_endpoint(&kernel, &from);
    assert_ok(do_connect(socket, &kernel));
    ask_for_link(socket, NULL);
    assert_ok(do_receive(socket, answer, sizeof answer, SN_FLAG_NONE, &size));
    assert_link(answer, size);
    sn_socket_release(socket);
}

TEST(a_netlink_protocol_that_is_none_is_refused)
{
    sn_socket *socket = NULL;
    assert_error(SN_ERROR_PROTOCOL_NOT_SUPPORTED,
                 sn_socket_create(SN_FAMILY_NETLINK, SN_TYPE_RAW, (sn_protocol_type)99, &socket));
    assert_error(SN_ERROR_PROTOCOL_NOT_SUPPORTED,
                 sn_socket_create(SN_FAMILY_NETLINK, SN_TYPE_RAW, SN_PROTOCOL_UNKNOWN, &socket));
    assert_null(socket);
}

/* --- Virtual machines ------------------------------------------------------------------------- */

TEST(a_virtual_machine_binds_and_listens)
{
    sn_socket *listener = make_or_skip(SN_FAMILY_VSOCK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED);
    sn_endpoint any, own;
    uint32_t context = 0, port = 0;
    assert_ok(sn_endpoint_from_vsock(SN_VSOCK_CONTEXT_ANY, SN_VSOCK_PORT_ANY, &any));
    assert_ok(sn_socket_bind(listener, &any));
    assert_ok(sn_socket_listen(listener, 4));
    assert_ok(sn_socket_get_local_endpoint(listener, &own));
    assert_ok(sn_endpoint_get_vsock(&own, &context, &port));
    assert_int_equal(context, SN_VSOCK_CONTEXT_ANY);
    assert_true(port != SN_VSOCK_PORT_ANY);
    sn_socket *adopted = NULL;
    assert_ok(sn_socket_from_handle(sn_socket_get_handle(listener), false, &adopted));
    assert_int_equal(sn_socket_get_address_family(adopted), SN_FAMILY_VSOCK);
    sn_endpoint again = local_endpoint(adopted);
    assert_same_endpoint(&own, &again);
    sn_socket_release(adopted);
    sn_socket_release(listener);
}

TEST(two_sockets_of_this_machine_meet_on_vsock)
{
    sn_socket *listener = make_or_skip(SN_FAMILY_VSOCK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED);
    sn_socket *client = make_or_skip(SN_FAMILY_VSOCK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED);
    sn_socket *server = NULL;
    sn_endpoint any, own;
    uint32_t context, port;
    assert_ok(sn_endpoint_from_vsock(SN_VSOCK_CONTEXT_ANY, SN_VSOCK_PORT_ANY, &any));
    assert_ok(sn_socket_bind(listener, &any));
    assert_ok(sn_socket_listen(listener, 4));
    assert_ok(sn_socket_get_local_endpoint(listener, &own));
    assert_ok(sn_endpoint_get_vsock(&own, &context, &port));
    assert_ok(sn_endpoint_from_vsock(SN_VSOCK_CONTEXT_LOCAL, port, &own));
    assert_ok(sn_socket_set_connect_timeout(client, 100)); /* nobody may answer */
    sn_error error = do_connect(client, &own);
    if (error == SN_OK) {
        assert_ok(do_accept(listener, &server));
        send_text(client, "hello");
        assert_receives(server, "hello");
        sn_socket_release(server);
    }
    sn_socket_release(client);
    sn_socket_release(listener);
    if (error)
        SKIP("nothing carries vsock within this machine: %s", sn_error_name(error));
}

/* --- Multipath TCP, UDP-Lite ------------------------------------------------------------------ */

static void check_stream(sn_socket *listener, sn_socket *client)
{
    sn_endpoint any = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    sn_socket *server = NULL;
    static char large[300000], got[sizeof large];
    assert_ok(sn_socket_bind(listener, &any));
    assert_ok(sn_socket_listen(listener, 4));
    sn_endpoint own = local_endpoint(listener);
    assert_ok(do_connect(client, &own));
    assert_ok(do_accept(listener, &server));
    assert_int_equal(sn_socket_get_protocol_type(server), sn_socket_get_protocol_type(listener));
    send_text(client, "hello");
    assert_receives(server, "hello");
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)(i * 7);
    size_t sent = 0;
    set_blocking(client, false);
    assert_ok(sn_socket_send(client, large, 1, SN_FLAG_NONE, &sent));
    set_blocking(client, true);
    receive_exactly(server, got, 1);
    for (size_t done = 0; done < sizeof large; done += 10000) {
        assert_ok(do_send(client, large + done, 10000, SN_FLAG_NONE, &sent));
        receive_exactly(server, got + done, 10000);
    }
    assert_memory_equal(got, large, sizeof large);
    assert_ok(sn_socket_shutdown(client, SN_SHUTDOWN_SEND));
    assert_receives_end(server);
    sn_socket_release(server);
}

TEST(multipath_tcp_carries_a_stream)
{
    sn_socket *listener = make_or_skip(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_MPTCP);
    sn_socket *client = make_or_skip(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_MPTCP);
    check_stream(listener, client);
    sn_socket_release(client);
    sn_socket_release(listener);
}

struct waiting {
    sn_socket *socket;
    size_t count;
    struct thread thread;
};

static sn_error wait_for_data(void *context)
{
    struct waiting *waiting = context;
    return do_receive(waiting->socket, NULL, 0, SN_FLAG_NONE, &waiting->count);
}

/* The kernel answers a receive of no bytes at once there. */
TEST(a_receive_of_no_bytes_waits_for_data_on_multipath_tcp)
{
    sn_socket *listener = make_or_skip(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_MPTCP);
    sn_socket *client = make_or_skip(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_MPTCP);
    sn_endpoint any = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    struct waiting waiting = {.count = 7};
    assert_ok(sn_socket_bind(listener, &any));
    assert_ok(sn_socket_listen(listener, 4));
    sn_endpoint own = local_endpoint(listener);
    assert_ok(do_connect(client, &own));
    assert_ok(do_accept(listener, &waiting.socket));
    thread_start_blocked(&waiting.thread, wait_for_data, &waiting);
    send_text(client, "data");
    assert_ok(thread_join(&waiting.thread));
    assert_int_equal(waiting.count, 0);
    assert_receives(waiting.socket, "data");
    sn_socket_release(waiting.socket);
    sn_socket_release(client);
    sn_socket_release(listener);
}

TEST(udp_lite_carries_datagrams)
{
    sn_socket *a = make_or_skip(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP_LITE);
    sn_socket *b = make_or_skip(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP_LITE);
    sn_endpoint any = endpoint_of(&SN_IPV4_LOOPBACK, 0), from;
    char data[16];
    size_t count = 0;
    assert_ok(sn_socket_bind(a, &any));
    assert_ok(sn_socket_bind(b, &any));
    sn_endpoint to = local_endpoint(b), own = local_endpoint(a);
    assert_ok(do_send_to(a, "light", 5, SN_FLAG_NONE, &to, NULL));
    assert_ok(do_receive_from(b, data, sizeof data, SN_FLAG_NONE, &from, &count));
    assert_int_equal(count, 5);
    assert_same_endpoint(&own, &from);
    assert_ok(do_send_to(b, "longer", 6, SN_FLAG_NONE, &own, NULL));
    assert_ok(do_receive(a, data, 3, SN_FLAG_TRUNCATE, &count));
    assert_int_equal(count, 6);
    sn_socket_release(a);
    sn_socket_release(b);
}

TEST(a_text_names_the_protocol_of_a_socket)
{
    sn_socket *listener = NULL, *client = NULL, *server = NULL;
    char text[SN_ENDPOINT_TEXT_SIZE + 10] = "mptcp://";
    sn_error error = sn_socket_open_listening("mptcp://127.0.0.1:0", 4, NULL, NULL, &listener);
    if (error == SN_ERROR_PROTOCOL_NOT_SUPPORTED)
        SKIP("this kernel has no Multipath TCP");
    assert_ok(error);
    sn_endpoint own = local_endpoint(listener);
    assert_ok(sn_endpoint_format(&own, text + 8, sizeof text - 8));
    assert_ok(sn_socket_open_connected(text, NULL, NULL, &client));
    assert_ok(sn_socket_accept(listener, &server));
    assert_int_equal(sn_socket_get_protocol_type(client), SN_PROTOCOL_MPTCP);
    sn_socket_release(server);
    sn_socket_release(client);
    sn_socket_release(listener);
    /* What does not listen is only bound. */
    assert_ok(sn_socket_open_listening("netlink:0:1", 4, NULL, NULL, &listener));
    assert_int_equal(sn_socket_get_address_family(listener), SN_FAMILY_NETLINK);
    sn_socket_release(listener);
}

/* --- CAN -------------------------------------------------------------------------------------- */

TEST(a_bus_is_bound_to_every_interface)
{
    sn_socket *socket = make_or_skip(SN_FAMILY_CAN, SN_TYPE_RAW, SN_PROTOCOL_RAW);
    sn_endpoint any;
    sn_can_address address = {.interface_index = 7};
    assert_ok(sn_endpoint_from_text("can:*", &any, NULL));
    assert_ok(sn_socket_bind(socket, &any));
    sn_endpoint own = local_endpoint(socket);
    assert_ok(sn_endpoint_get_can(&own, &address));
    assert_int_equal(address.interface_index, 0);
    sn_socket_release(socket);
}

TEST(a_combination_that_does_not_exist_is_told_by_its_part)
{
    sn_socket *socket = NULL;
    assert_error(SN_ERROR_PROTOCOL_NOT_SUPPORTED,
                 sn_socket_create(SN_FAMILY_UNIX, SN_TYPE_STREAM, SN_PROTOCOL_MPTCP, &socket));
    assert_error(SN_ERROR_PROTOCOL_NOT_SUPPORTED,
                 sn_socket_create(SN_FAMILY_VSOCK, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket));
    sn_error error =
        sn_socket_create(SN_FAMILY_VSOCK, SN_TYPE_RAW, SN_PROTOCOL_UNSPECIFIED, &socket);
    assert_true(error == SN_ERROR_SOCKET_NOT_SUPPORTED ||
                error == SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED);
    assert_null(socket);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_kernel_answers_on_netlink),
        CASE(a_netlink_protocol_that_is_none_is_refused),
        CASE(a_virtual_machine_binds_and_listens),
        CASE(two_sockets_of_this_machine_meet_on_vsock),
        CASE(multipath_tcp_carries_a_stream),
        CASE(a_receive_of_no_bytes_waits_for_data_on_multipath_tcp),
        CASE(udp_lite_carries_datagrams),
        CASE(a_text_names_the_protocol_of_a_socket),
        CASE(a_bus_is_bound_to_every_interface),
        CASE(a_combination_that_does_not_exist_is_told_by_its_part),
    };
    return RUN(cases);
}
