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
        cmocka_unit_test(the_version_is_that_of_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
