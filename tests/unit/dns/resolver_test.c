/* Making resolvers; what they are for is in tests/conformance/resolver_test.c. */
#include "support/test.h"

#include "base/base.h"
#include "dns/resolver.h"
#include "support/allocations.h"

static sn_endpoint server_of(const char *text)
{
    sn_endpoint endpoint;
    assert_ok(sn_endpoint_parse(text, &endpoint));
    return endpoint;
}

static sn_error error_of(const sn_resolver_options *options)
{
    sn_resolver *resolver = NULL;
    sn_error error = sn_resolver_create(options, &resolver);
    sn_resolver_release(resolver);
    return error;
}

TEST(a_resolver_has_the_servers_it_was_given_in_their_order)
{
    sn_endpoint servers[] = {server_of("[::1]:5353"), server_of("192.0.2.1")};
    const sn_resolver_options options = {.size = sizeof options,
                                         .servers = servers,
                                         .server_count = 2,
                                         .attempt_timeout_ms = 1,
                                         .attempts = 10};
    sn_resolver *resolver;
    size_t count;
    assert_ok(sn_resolver_create(&options, &resolver));
    servers[0] = server_of("192.0.2.66:1"); /* it has copies */
    const sn_endpoint *own = sn_resolver_get_servers(resolver, &count);
    assert_int_equal(2, count);
    assert_int_equal(5353, sn_endpoint_get_port(&own[0]));
    assert_int_equal(53, sn_endpoint_get_port(&own[1]));
    assert_int_equal(SN_FAMILY_IPV6, sn_endpoint_get_family(&own[0]));
    assert_int_equal(1000000, resolver->attempt_timeout_ns);
    assert_int_equal(10, resolver->attempts);
    sn_resolver_release(resolver);
}

TEST(the_systems_servers_are_those_of_its_configuration)
{
    struct resolver_config config;
    sn_resolver *resolver;
    size_t count;
    if (resolver_config_read("/etc/resolv.conf", &config) != 0)
        SKIP("/etc/resolv.conf cannot be read");
    assert_ok(sn_resolver_create(NULL, &resolver));
    const sn_endpoint *servers = sn_resolver_get_servers(resolver, &count);
    assert_int_equal(config.server_count ? config.server_count : 1, count);
    assert_int_equal(53, sn_endpoint_get_port(&servers[0]));
    assert_int_equal(config.attempts ? config.attempts : 3, resolver->attempts);
    sn_resolver_release(resolver);
}

TEST(the_programs_own_times_go_before_the_systems)
{
    const sn_resolver_options options = {.attempt_timeout_ms = 1234, .attempts = 7};
    sn_resolver *resolver;
    assert_ok(sn_resolver_create(&options, &resolver));
    assert_int_equal(INT64_C(1234000000), resolver->attempt_timeout_ns);
    assert_int_equal(7, resolver->attempts);
    sn_resolver_release(resolver);
}

TEST(numbers_out_of_range_are_refused)
{
    const sn_endpoint servers[SN_RESOLVER_SERVER_COUNT_MAX + 1] = {server_of("192.0.2.1")};
    const sn_resolver_options rows[] = {
        {.attempts = -1},
        {.attempts = 11},
        {.attempt_timeout_ms = -1},
        {.attempt_timeout_ms = 60001},
        {.attempt_timeout_ms = INT64_MAX},
        {.servers = servers, .server_count = SN_RESOLVER_SERVER_COUNT_MAX + 1},
        {.servers = servers, .server_count = SIZE_MAX},
        {.size = 8},
    };
    for (size_t i = 0; i < array_count(rows); i++)
        assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, error_of(&rows[i]));
}

TEST(a_server_is_an_address_and_a_port)
{
    sn_endpoint servers[4] = {server_of("192.0.2.1:53")};
    sn_resolver_options options = {.servers = servers, .server_count = 2};
    assert_error(SN_ERROR_ARGUMENT, error_of(&options)); /* all zero is none */
    assert_ok(sn_endpoint_from_dns("localhost", 53, SN_FAMILY_UNSPECIFIED, &servers[1]));
    assert_error(SN_ERROR_ARGUMENT, error_of(&options));
    assert_ok(sn_endpoint_from_unix("/tmp/name", &servers[1]));
    assert_error(SN_ERROR_ARGUMENT, error_of(&options));
    options.servers = NULL;
    assert_error(SN_ERROR_ARGUMENT_NULL, error_of(&options));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_resolver_create(NULL, NULL));
}

TEST(a_later_record_is_taken_if_it_wants_nothing_that_is_not_known)
{
    struct {
        sn_resolver_options options;
        uint64_t later;
    } record = {.options = {.size = sizeof record, .attempts = 2}};
    assert_ok(error_of(&record.options));
    record.later = 1;
    assert_error(SN_ERROR_NOT_SUPPORTED, error_of(&record.options));
}

TEST(nothing_is_what_is_said_of_null)
{
    size_t count = 77;
    sn_resolver_release(NULL);
    sn_dns_result_release(NULL);
    assert_null(sn_resolver_get_servers(NULL, &count));
    assert_int_equal(0, count);
    assert_null(sn_resolver_get_servers(NULL, NULL));
    assert_null(sn_dns_result_get_records(NULL, &count));
    assert_int_equal(0, count);
    assert_int_equal(SN_DNS_RESPONSE_NO_ERROR, sn_dns_result_get_response_code(NULL));
    assert_int_equal(0, sn_dns_result_get_negative_ttl(NULL));
    assert_string_equal("", sn_dns_result_get_canonical_name(NULL));
}

TEST(types_and_codes_have_names)
{
    assert_string_equal("MX", sn_dns_type_name(SN_DNS_TYPE_MX));
    assert_string_equal("A+AAAA", sn_dns_type_name(SN_DNS_TYPE_ADDRESSES));
    assert_string_equal("?", sn_dns_type_name((sn_dns_type)6));
    assert_string_equal("NxDomain", sn_dns_response_code_name(SN_DNS_RESPONSE_NX_DOMAIN));
    assert_string_equal("?", sn_dns_response_code_name((sn_dns_response_code)9));
}

TEST(without_memory_there_is_no_resolver_and_nothing_is_left)
{
    sn_resolver *resolver = NULL;
    allocations_begin();
    sn_error error = SN_ERROR_OUT_OF_MEMORY;
    for (size_t n = 1; error; n++) {
        allocations_fail_nth(n);
        error = sn_resolver_create(NULL, &resolver);
        assert_true(!error || error == SN_ERROR_OUT_OF_MEMORY);
        assert_int_equal(error ? 0 : 1, allocations_outstanding());
        assert_true(n < 10);
    }
    sn_resolver_release(resolver);
    assert_int_equal(0, allocations_outstanding());
    allocations_end();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resolver_has_the_servers_it_was_given_in_their_order),
        cmocka_unit_test(the_systems_servers_are_those_of_its_configuration),
        cmocka_unit_test(the_programs_own_times_go_before_the_systems),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(a_server_is_an_address_and_a_port),
        cmocka_unit_test(a_later_record_is_taken_if_it_wants_nothing_that_is_not_known),
        cmocka_unit_test(nothing_is_what_is_said_of_null),
        cmocka_unit_test(types_and_codes_have_names),
        cmocka_unit_test(without_memory_there_is_no_resolver_and_nothing_is_left),
    };
    return cmocka_run_group_tests_name("dns/resolver", tests, NULL, NULL);
}
