#include "support/test.h"

#include "base/base.h"

static const struct {
    const char *text;
    const char *expected; /* as sn_endpoint_format() writes it; NULL: refused */
    sn_error error;
    sn_socket_type type;
    sn_protocol_type protocol;
} rows[] = {
    {"127.0.0.1:80", "127.0.0.1:80", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_TCP},
    {"tcp://127.0.0.1:0", "127.0.0.1:0", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_TCP},
    {"udp://127.0.0.1:65535", "127.0.0.1:65535", SN_OK, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP},
    {"[::1]:80", "[::1]:80", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_TCP},
    {"udp://[fe80::1%3]:53", "[fe80::1%3]:53", SN_OK, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP},
    {"*:80", "[::]:80", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_TCP},
    {"example.org:443", "Unspecified/example.org:443", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_TCP},
    {"udp://a-b.c:1", "Unspecified/a-b.c:1", SN_OK, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP},
    {"unix:/run/x", "/run/x", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED},
    {"unix:///run/x", "/run/x", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED},
    {"unix:x", "x", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED},
    {"unix:@name", "@name", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED},
    {"unix-dgram://@name", "@name", SN_OK, SN_TYPE_DATAGRAM, SN_PROTOCOL_UNSPECIFIED},
    {"unix-seqpacket:/x", "/x", SN_OK, SN_TYPE_SEQPACKET, SN_PROTOCOL_UNSPECIFIED},
    {"mptcp://127.0.0.1:80", "127.0.0.1:80", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_MPTCP},
    {"udplite://[::1]:53", "[::1]:53", SN_OK, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP_LITE},
    {"vsock:2:1024", "vsock:2:1024", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED},
    {"vsock://*:1", "vsock:*:1", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED},
    {"vsock:*:*", "vsock:*:*", SN_OK, SN_TYPE_STREAM, SN_PROTOCOL_UNSPECIFIED},
    {"vsock-seqpacket:0x10:0", "vsock:16:0", SN_OK, SN_TYPE_SEQPACKET, SN_PROTOCOL_UNSPECIFIED},
    {"vsock-dgram:1:4294967294", "vsock:1:4294967294", SN_OK, SN_TYPE_DATAGRAM,
     SN_PROTOCOL_UNSPECIFIED},
    {"netlink:0:1", "netlink:0:1", SN_OK, SN_TYPE_RAW, SN_PROTOCOL_UNSPECIFIED},
    {"netlink:77:0xFFFFFFFF", "netlink:77:4294967295", SN_OK, SN_TYPE_RAW, SN_PROTOCOL_UNSPECIFIED},
    {"can:*", "can:*", SN_OK, SN_TYPE_RAW, SN_PROTOCOL_RAW},
    {"can:3", "can:3", SN_OK, SN_TYPE_RAW, SN_PROTOCOL_RAW},
    {"can-bcm:3", "can:3", SN_OK, SN_TYPE_DATAGRAM, SN_PROTOCOL_CAN_BROADCAST_MANAGER},
    {"can-isotp:3:0x7a:9", "can:3:0x7a:0x9", SN_OK, SN_TYPE_DATAGRAM, SN_PROTOCOL_CAN_ISO_TP},
    {"vsock:", NULL, SN_ERROR_FORMAT, 0, 0},
    {"vsock:2", NULL, SN_ERROR_FORMAT, 0, 0},
    {"vsock:2:", NULL, SN_ERROR_FORMAT, 0, 0},
    {"vsock:2:3:4", NULL, SN_ERROR_FORMAT, 0, 0},
    {"vsock:-1:3", NULL, SN_ERROR_FORMAT, 0, 0},
    {"vsock:4294967296:3", NULL, SN_ERROR_FORMAT, 0, 0},
    {"vsock:0x:3", NULL, SN_ERROR_FORMAT, 0, 0},
    {"vsock:0x123456789:3", NULL, SN_ERROR_FORMAT, 0, 0},
    {"vsock:0x1g:3", NULL, SN_ERROR_FORMAT, 0, 0},
    {"netlink:0", NULL, SN_ERROR_FORMAT, 0, 0},
    {"netlink:*:0", NULL, SN_ERROR_FORMAT, 0, 0},
    {"netlink:0:0:0", NULL, SN_ERROR_FORMAT, 0, 0},
    {"can:", NULL, SN_ERROR_FORMAT, 0, 0},
    {"can:1:2", NULL, SN_ERROR_FORMAT, 0, 0},
    {"can:1:2:x", NULL, SN_ERROR_FORMAT, 0, 0},
    {"can:1:2:3:4", NULL, SN_ERROR_FORMAT, 0, 0},
    {"can:nosuch0", NULL, SN_ERROR_ADDRESS_NOT_AVAILABLE, 0, 0},
    {"can:a-name-that-is-too-long", NULL, SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0, 0},
    {"", NULL, SN_ERROR_FORMAT, 0, 0},
    {":80", NULL, SN_ERROR_FORMAT, 0, 0},
    {"localhost", NULL, SN_ERROR_FORMAT, 0, 0},
    {"localhost:", NULL, SN_ERROR_FORMAT, 0, 0},
    {"localhost:65536", NULL, SN_ERROR_FORMAT, 0, 0},
    {"localhost:-1", NULL, SN_ERROR_FORMAT, 0, 0},
    {"localhost: 1", NULL, SN_ERROR_FORMAT, 0, 0},
    {"local host:1", NULL, SN_ERROR_FORMAT, 0, 0},
    {"::1:80", NULL, SN_ERROR_FORMAT, 0, 0},
    {"[::1]", NULL, SN_ERROR_FORMAT, 0, 0},
    {"[::1]80", NULL, SN_ERROR_FORMAT, 0, 0},
    {"[::1:80", NULL, SN_ERROR_FORMAT, 0, 0},
    {"[]:80", NULL, SN_ERROR_FORMAT, 0, 0},
    {"[host]:80", NULL, SN_ERROR_FORMAT, 0, 0},
    {"a/b:80", NULL, SN_ERROR_FORMAT, 0, 0},
    {"user@host:80", NULL, SN_ERROR_FORMAT, 0, 0},
    {"http://host:80", NULL, SN_ERROR_FORMAT, 0, 0},
    {"unix:", NULL, SN_ERROR_FORMAT, 0, 0},
    {"unix://", NULL, SN_ERROR_FORMAT, 0, 0},
    {"unix:@", NULL, SN_ERROR_FORMAT, 0, 0},
};

TEST(each_text_is_read_as_users_mean_it)
{
    for (size_t i = 0; i < array_count(rows); i++) {
        sn_endpoint endpoint;
        sn_endpoint_target target = {.type = 99};
        char text[SN_ENDPOINT_TEXT_SIZE];
        memset(&endpoint, 0x5a, sizeof endpoint);
        const sn_endpoint before = endpoint;
        sn_error error = sn_endpoint_from_text(rows[i].text, &endpoint, &target);
        if (error != rows[i].error)
            fail_msg("'%s': %s", rows[i].text, sn_error_name(error));
        if (error) { /* nothing is written */
            assert_memory_equal(&endpoint, &before, sizeof endpoint);
            assert_int_equal(target.type, 99);
            continue;
        }
        assert_ok(sn_endpoint_format(&endpoint, text, sizeof text));
        assert_string_equal(text, rows[i].expected);
        assert_int_equal(target.type, rows[i].type);
        assert_int_equal(target.protocol, rows[i].protocol);
        assert_ok(sn_endpoint_from_text(rows[i].text, &endpoint, NULL));
    }
}

TEST(what_is_too_long_is_told_as_that)
{
    char text[1000];
    sn_endpoint endpoint;
    memset(text, 'a', sizeof text);
    memcpy(text + 300, ":80", 4);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_text(text, &endpoint, NULL));
    memset(text, 'a', sizeof text);
    memcpy(text, "unix:/", 6);
    text[6 + 106] = '\0'; /* 107 bytes: the longest */
    assert_ok(sn_endpoint_from_text(text, &endpoint, NULL));
    text[6 + 106] = 'a';
    text[6 + 107] = '\0';
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_text(text, &endpoint, NULL));
    memcpy(text, "unix:@", 6);
    assert_ok(sn_endpoint_from_text(text, &endpoint, NULL)); /* 108 bytes */
    text[6 + 107] = 'a';
    text[6 + 108] = '\0';
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_text(text, &endpoint, NULL));
}

TEST(a_text_or_a_place_that_is_none_is_refused)
{
    sn_endpoint endpoint;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_text(NULL, &endpoint, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_text("a:1", NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text_is_read_as_users_mean_it),
        cmocka_unit_test(what_is_too_long_is_told_as_that),
        cmocka_unit_test(a_text_or_a_place_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
