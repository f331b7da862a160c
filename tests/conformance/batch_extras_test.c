/*
 * What a batch tells of each datagram beside its bytes, and what it says of each to the kernel:
 * addresses, interfaces, hops, traffic classes, the time.
 */
#include "conformance/batches.h"

#include <net/if.h>
#include <time.h>

static sn_datagram_extras told[4], said[4];

static const uint32_t all_told = SN_DATAGRAM_ADDRESS | SN_DATAGRAM_INTERFACE |
                                 SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_TRAFFIC_CLASS |
                                 SN_DATAGRAM_TIME;

static const sn_ip_address *loopback_of(enum transport transport)
{
    return transport == UDP_IPV6 ? &SN_IPV6_LOOPBACK : &SN_IPV4_LOOPBACK;
}

static sn_datagram *batch_told(size_t count, uint32_t wanted)
{
    sn_datagram *in = batch_in(count, true);
    memset(told, 0xEE, sizeof told);
    for (size_t i = 0; i < count; i++) {
        told[i] = (sn_datagram_extras){.wanted = wanted};
        in[i].extras = &told[i];
    }
    return in;
}

/* The first call asks the kernel; what came before it tells less. */
static void ask(sn_socket *socket, uint32_t wanted)
{
    size_t moved = 77;
    set_blocking(socket, false);
    assert_error(SN_ERROR_WOULD_BLOCK,
                 do_receive_batch(socket, batch_told(2, wanted), 2, 0, &moved));
    set_blocking(socket, true);
}

static sn_datagram *receive_told(sn_socket *socket, size_t count, uint32_t wanted)
{
    size_t moved = 0;
    sn_datagram *in = batch_told(count, wanted);
    for (size_t total = 0; total < count; total += moved)
        assert_ok(do_receive_batch(socket, &in[total], count - total, 0, &moved));
    return in;
}

/* Nanoseconds; the kernel's clock for this is the same. */
static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

TEST(a_datagram_tells_what_was_asked_for)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from = local_endpoint(sender);
    size_t moved = 0;
    ask(receiver, all_told);
    int64_t before_ns = now_ns();
    assert_ok(do_send_batch(sender, batch_out(3, 0, &to), 3, 0, &moved));
    sn_datagram *in = receive_told(receiver, 3, all_told);
    for (size_t i = 0; i < 3; i++) {
        row_begin("record %zu", i);
        row_equal(all_told, told[i].present);
        row_equal(true, sn_ip_address_equals(loopback_of(transport), &told[i].address));
        row_equal(if_nametoindex("lo"), told[i].interface_index);
        row_equal(64, told[i].time_to_live);
        row_equal(0, told[i].traffic_class);
        row_equal(true, told[i].time_ns >= before_ns && told[i].time_ns <= now_ns());
        row_equal(SN_FLAG_NONE, in[i].flags);
        row_equal(true, sn_endpoint_equals(&from, in[i].endpoint));
    }
    rows_end();
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

TEST(each_extra_can_be_asked_for_alone)
{
    enum transport transport = transport_of(state);
    for (uint32_t extra = SN_DATAGRAM_ADDRESS; extra <= SN_DATAGRAM_TIME; extra <<= 1) {
        sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
        sn_endpoint to = local_endpoint(receiver);
        size_t moved = 0;
        ask(receiver, extra);
        assert_ok(do_send_batch(sender, batch_out(1, 0, &to), 1, 0, &moved));
        (void)receive_told(receiver, 1, extra);
        row_begin("extra %#x", extra);
        row_equal(extra, told[0].present & extra);
        row_equal(0, told[0].present & ~(extra | SN_DATAGRAM_ADDRESS | SN_DATAGRAM_INTERFACE));
        sn_socket_release(receiver);
        sn_socket_release(sender);
    }
    rows_end();
}

/* Records with and without extras, in one batch. */
TEST(a_record_without_extras_says_that_it_was_not_told)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver);
    size_t moved = 0;
    ask(receiver, all_told);
    assert_ok(do_send_batch(sender, batch_out(3, 0, &to), 3, 0, &moved));
    sn_datagram *in = batch_told(3, all_told);
    in[1].extras = NULL;
    for (size_t total = 0; total < 3; total += moved)
        assert_ok(do_receive_batch(receiver, &in[total], 3 - total, 0, &moved));
    assert_int_equal(all_told, told[0].present);
    assert_int_equal(all_told, told[2].present);
    assert_int_equal(SN_FLAG_NONE, in[0].flags);
    assert_int_equal(SN_FLAG_CONTROL_DATA_TRUNCATED, in[1].flags);
    for (size_t i = 0; i < 3; i++)
        assert_true(is_filled(in[i].buffer.data, in[i].transferred, i));
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

TEST(what_is_said_of_a_datagram_arrives_with_it)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver);
    sn_datagram *out = batch_out(4, 32, &to);
    size_t moved = 0;
    memset(said, 0, sizeof said);
    for (size_t i = 0; i < 4; i++)
        out[i].extras = &said[i];
    /* Two in a row say the same, and one of them nothing. */
    for (size_t i = 0; i < 2; i++) {
        said[i].present = SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_TRAFFIC_CLASS;
        said[i].time_to_live = 33;
        said[i].traffic_class = 0xB8 | 2; /* expedited, and ECN's "capable" */
    }
    said[3].present = SN_DATAGRAM_INTERFACE | SN_DATAGRAM_TRAFFIC_CLASS;
    said[3].interface_index = (int32_t)if_nametoindex("lo");
    said[3].traffic_class = 3;
    ask(receiver, all_told);
    assert_ok(do_send_batch(sender, out, 4, 0, &moved));
    assert_int_equal(moved, 4);
    (void)receive_told(receiver, 4, all_told);
    static const int hops[] = {33, 33, 64, 64}, classes[] = {0xBA, 0xBA, 0, 3};
    for (size_t i = 0; i < 4; i++) {
        row_begin("record %zu", i);
        row_equal(hops[i], told[i].time_to_live);
        row_equal(classes[i], told[i].traffic_class);
        row_equal(true, is_filled(received.data[i], 32, i));
    }
    rows_end();
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* A server answers from the address that it was asked at. */
TEST(a_datagram_leaves_from_the_address_that_is_said)
{
    sn_endpoint any = endpoint_wildcard(UDP_IPV4);
    sn_socket *server = socket_make(UDP_IPV4), *client = socket_bound(UDP_IPV4);
    assert_ok(sn_socket_bind(server, &any));
    ask(server, SN_DATAGRAM_ADDRESS);
    sn_endpoint local = local_endpoint(server);
    static const char *const addresses[] = {"127.0.0.1", "127.0.0.2", "127.1.2.3"};
    sn_endpoint to[3];
    sn_datagram *out = batch_out(3, 0, NULL);
    size_t moved = 0;
    for (size_t i = 0; i < 3; i++) {
        sn_ip_address address;
        assert_ok(sn_ip_address_parse(addresses[i], &address));
        to[i] = endpoint_of(&address, sn_endpoint_get_port(&local));
        out[i].endpoint = &to[i];
    }
    assert_ok(do_send_batch(client, out, 3, 0, &moved));
    sn_datagram *in = receive_told(server, 3, SN_DATAGRAM_ADDRESS);
    /* The same records back: what was told is what is said. */
    for (size_t i = 0; i < 3; i++) {
        in[i].buffer.size = in[i].transferred;
        told[i].present = SN_DATAGRAM_ADDRESS;
    }
    assert_ok(do_send_batch(server, in, 3, 0, &moved));
    assert_int_equal(moved, 3);
    in = batch_in(3, true);
    for (size_t total = 0; total < 3; total += moved)
        assert_ok(do_receive_batch(client, &in[total], 3 - total, 0, &moved));
    for (size_t i = 0; i < 3; i++)
        assert_same_endpoint(&to[i], in[i].endpoint);
    sn_socket_release(server);
    sn_socket_release(client);
}

/* Both families at one socket, in both directions. */
TEST(a_dual_mode_socket_tells_and_says_everything_of_both_families)
{
    if (!has_ipv6())
        SKIP("there is no IPv6 here");
    sn_socket *dual = NULL, *others[] = {socket_bound(UDP_IPV4), socket_bound(UDP_IPV6)};
    sn_endpoint any = endpoint_wildcard(UDP_IPV6);
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &dual));
    assert_ok(sn_socket_bind(dual, &any));
    ask(dual, all_told);
    sn_endpoint local = local_endpoint(dual);
    for (size_t i = 0; i < 2; i++) {
        enum transport transport = i == 0 ? UDP_IPV4 : UDP_IPV6;
        const sn_ip_address *loopback = loopback_of(transport);
        sn_endpoint to = endpoint_of(loopback, sn_endpoint_get_port(&local));
        sn_datagram *out = batch_out(2, 32, &to);
        size_t moved = 0;
        assert_ok(do_send_batch(others[i], out, 2, 0, &moved));
        sn_datagram *in = receive_told(dual, 2, all_told);
        row_begin("%s", transport_name(transport));
        for (size_t k = 0; k < 2; k++) {
            row_equal(all_told, told[k].present);
            row_equal(true, sn_ip_address_equals(loopback, &told[k].address));
            row_equal(64, told[k].time_to_live);
            row_equal(SN_FLAG_NONE, in[k].flags);
        }
        /* Back, with everything said, to the sender as it was told. */
        for (size_t k = 0; k < 2; k++) {
            told[k].present = SN_DATAGRAM_ADDRESS | SN_DATAGRAM_INTERFACE |
                              SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_TRAFFIC_CLASS;
            told[k].time_to_live = 21;
            told[k].traffic_class = 1;
            in[k].buffer.size = in[k].transferred;
        }
        sn_datagram back[2] = {in[0], in[1]};
        sn_endpoint senders[2] = {*in[0].endpoint, *in[1].endpoint};
        sn_datagram_extras kept[2] = {told[0], told[1]};
        for (size_t k = 0; k < 2; k++) {
            back[k].endpoint = &senders[k];
            back[k].extras = &kept[k];
            back[k].buffer.data = sent.data[k];
        }
        ask(others[i], all_told);
        row_error(SN_OK, do_send_batch(dual, back, 2, 0, &moved));
        (void)receive_told(others[i], 2, all_told);
        for (size_t k = 0; k < 2; k++) {
            row_equal(21, told[k].time_to_live);
            row_equal(1, told[k].traffic_class);
        }
        sn_socket_release(others[i]);
    }
    rows_end();
    sn_socket_release(dual);
}

/* Its peer is IPv4, and no record says so. */
TEST(a_connected_dual_mode_socket_speaks_the_family_of_its_peer)
{
    if (!has_ipv6())
        SKIP("there is no IPv6 here");
    sn_socket *dual = NULL, *receiver = socket_bound(UDP_IPV4);
    sn_endpoint to = local_endpoint(receiver);
    size_t moved = 0;
    assert_ok(sn_socket_create_dual_mode(SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &dual));
    assert_ok(sn_socket_connect(dual, &to));
    ask(receiver, all_told);
    sn_datagram *out = batch_out(1, 32, NULL);
    said[0] = (sn_datagram_extras){.present = SN_DATAGRAM_TIME_TO_LIVE | SN_DATAGRAM_ADDRESS,
                                   .address = SN_IPV4_LOOPBACK,
                                   .time_to_live = 9};
    out[0].extras = &said[0];
    assert_ok(do_send_batch(dual, out, 1, 0, &moved));
    (void)receive_told(receiver, 1, all_told);
    assert_int_equal(9, told[0].time_to_live);
    sn_socket_release(dual);
    sn_socket_release(receiver);
}

/* What the kernel was asked for by others needs more room than there is. */
TEST(control_data_that_is_cut_off_is_told_and_what_is_left_is_read)
{
    sn_socket *receiver = socket_bound(UDP_IPV4), *sender = socket_bound(UDP_IPV4);
    sn_endpoint to = local_endpoint(receiver);
    size_t moved = 0;
    ask(receiver, all_told);
    /* Every option that brings one. */
    static const int names[] = {6 /* IP_RECVOPTS */, 7 /* IP_RETOPTS */, 20 /* IP_ORIGDSTADDR */,
                                23 /* IP_CHECKSUM */, 25 /* IP_RECVFRAGSIZE */};
    const int on = 1;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)!sn_socket_set_raw_option(receiver, 0, names[i], &on, sizeof on);
    /* Time stamps in another form, of 64 bytes. */
    const int stamping = (1 << 3) | (1 << 4) | (1 << 6);
    (void)!sn_socket_set_raw_option(receiver, 1, 37, &stamping, sizeof stamping);
    assert_ok(do_send_batch(sender, batch_out(2, 0, &to), 2, 0, &moved));
    sn_datagram *in = receive_told(receiver, 2, all_told);
    for (size_t i = 0; i < 2; i++) {
        assert_true(is_filled(in[i].buffer.data, in[i].transferred, i));
        assert_true(in[i].flags == SN_FLAG_NONE || in[i].flags == SN_FLAG_CONTROL_DATA_TRUNCATED);
        assert_int_equal(64, told[i].time_to_live);
        assert_true(told[i].present & SN_DATAGRAM_TIME_TO_LIVE);
    }
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

/* The only control messages there carry descriptors. */
TEST(a_unix_socket_tells_nothing)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    size_t moved = 0;
    assert_ok(do_send_batch(pair.client, batch_out(2, 0, NULL), 2, 0, &moved));
    sn_datagram *in = receive_told(pair.server, 2, all_told);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(0, told[i].present);
        assert_int_equal(SN_FLAG_NONE, in[i].flags);
    }
    pair_release(&pair);
}

/* The single receive finds what a batch has switched on. */
TEST(a_receive_of_one_message_tells_its_part_too)
{
    enum transport transport = transport_of(state);
    sn_socket *receiver = socket_bound(transport), *sender = socket_bound(transport);
    sn_endpoint to = local_endpoint(receiver), from;
    sn_ip_packet_information information;
    sn_flags flags = SN_FLAG_NONE;
    char data[64];
    size_t moved = 0, size = 0;
    ask(receiver, SN_DATAGRAM_ADDRESS);
    assert_ok(do_send_batch(sender, batch_out(1, 0, &to), 1, 0, &moved));
    assert_ok(
        do_receive_message_from(receiver, data, sizeof data, &flags, &from, &information, &size));
    assert_true(sn_ip_address_equals(loopback_of(transport), &information.address));
    assert_int_equal(if_nametoindex("lo"), information.interface_index);
    sn_socket_release(receiver);
    sn_socket_release(sender);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_UDP(a_datagram_tells_what_was_asked_for),
        ON_UDP(each_extra_can_be_asked_for_alone),
        ON_UDP(a_record_without_extras_says_that_it_was_not_told),
        ON_UDP(what_is_said_of_a_datagram_arrives_with_it),
        CASE(a_datagram_leaves_from_the_address_that_is_said),
        CASE(a_dual_mode_socket_tells_and_says_everything_of_both_families),
        CASE(a_connected_dual_mode_socket_speaks_the_family_of_its_peer),
        CASE(control_data_that_is_cut_off_is_told_and_what_is_left_is_read),
        CASE_ON(a_unix_socket_tells_nothing, UNIX_DATAGRAM),
        CASE_ON(a_unix_socket_tells_nothing, UNIX_SEQPACKET),
        ON_UDP(a_receive_of_one_message_tells_its_part_too),
    };
    return RUN(cases);
}
