#include "support/test.h"

TEST(types_have_the_names_of_dotnet)
{
    assert_string_equal(sn_socket_type_name(SN_TYPE_STREAM), "Stream");
    assert_string_equal(sn_socket_type_name(SN_TYPE_DATAGRAM), "Dgram");
    assert_string_equal(sn_socket_type_name(SN_TYPE_SEQPACKET), "Seqpacket");
    assert_string_equal(sn_socket_type_name(SN_TYPE_UNKNOWN), "Unknown");
    assert_string_equal(sn_socket_type_name((sn_socket_type)0), "?");
    assert_string_equal(sn_socket_type_name((sn_socket_type)6), "?");
}

TEST(protocols_have_the_names_of_dotnet)
{
    assert_string_equal(sn_protocol_type_name(SN_PROTOCOL_TCP), "Tcp");
    assert_string_equal(sn_protocol_type_name(SN_PROTOCOL_UNSPECIFIED), "Unspecified");
    assert_string_equal(sn_protocol_type_name(SN_PROTOCOL_IP), "Unspecified"); /* the same number */
    assert_string_equal(sn_protocol_type_name(SN_PROTOCOL_SPX_II), "SpxII");
    assert_string_equal(sn_protocol_type_name(SN_PROTOCOL_UNKNOWN), "Unknown");
    assert_string_equal(sn_protocol_type_name((sn_protocol_type)2000), "?");
}

static void assert_all_differ(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_string_not_equal(names[i], "?");
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(names[i], names[k]);
    }
}

TEST(no_two_numbers_share_a_name)
{
    const char *const names[] = {
#define X(id, number, name) sn_socket_type_name(SN_TYPE_##id),
        SN_SOCKET_TYPE_TABLE(X)
#undef X
    };
    const char *const protocols[] = {
#define X(id, number, name) sn_protocol_type_name(SN_PROTOCOL_##id),
        SN_PROTOCOL_TYPE_TABLE(X) SN_PROTOCOL_TYPE_NATIVE_TABLE(X)
#undef X
    };
    assert_all_differ(names, sizeof names / sizeof names[0]);
    assert_all_differ(protocols, sizeof protocols / sizeof protocols[0]);
}

TEST(the_version_is_that_of_the_headers)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", SN_VERSION_MAJOR, SN_VERSION_MINOR, SN_VERSION_PATCH);
    assert_string_equal(sn_version(), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_have_the_names_of_dotnet),
        cmocka_unit_test(protocols_have_the_names_of_dotnet),
        cmocka_unit_test(no_two_numbers_share_a_name),
        cmocka_unit_test(the_version_is_that_of_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
