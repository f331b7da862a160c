#include "support/allocations.h"
#include "support/sockets.h"
#include "support/test.h"

#include "base/base.h"
#include "socket/object/endpoint_cache.h"

static const char *const longest_path =
    "/tmp/"
    "a-path-of-107-bytes-which-is-the-longest-that-a-unix-address-has-room-for-in-its-108-bytes-"
    "with-a-NULL";

TEST(nothing_is_remembered_at_first)
{
    struct endpoint_cache cache = {{0}};
    sn_endpoint endpoint = endpoint_of_text("10.1.2.3:4"), before = endpoint;
    assert_false(endpoint_cache_get(&cache, &endpoint));
    assert_memory_equal(&endpoint, &before, sizeof endpoint);
    endpoint_cache_clear(&cache);
    endpoint_cache_clear(&cache);
}

TEST(every_kind_of_end_point_comes_back_as_it_was)
{
    const sn_endpoint rows[] = {
        endpoint_of_text("127.0.0.1:80"),
        endpoint_of_text("[fe80::1%7]:65535"),
        endpoint_of_text("[::]:0"),
        endpoint_of_text("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535"),
        endpoint_of_path("/short"),
        endpoint_of_path("/the-longest-of-27-bytes"),
        endpoint_of_path("/one-with-28-as-ipv6-has-"),
        endpoint_of_path("/tmp/a-path-that-does-not-fit-into-the-object"),
        endpoint_of_path(longest_path),
    };
    allocations_begin();
    struct endpoint_cache cache = {{0}};
    for (size_t i = 0; i < array_count(rows); i++) {
        sn_endpoint endpoint = {0};
        endpoint_cache_set(&cache, &rows[i]); /* over the one before */
        assert_true(endpoint_cache_get(&cache, &endpoint));
        assert_same_endpoint(&rows[i], &endpoint);
    }
    endpoint_cache_clear(&cache);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

TEST(only_a_long_path_needs_memory)
{
    struct endpoint_cache cache = {{0}};
    sn_endpoint ipv6 = endpoint_of_text("[fe80::1%7]:65535"), path = endpoint_of_path(longest_path);
    allocations_begin();
    endpoint_cache_set(&cache, &ipv6);
    assert_int_equal(allocations_count(), 0);
    endpoint_cache_set(&cache, &path);
    assert_int_equal(allocations_count(), 1);
    endpoint_cache_clear(&cache);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

TEST(without_memory_nothing_is_remembered)
{
    struct endpoint_cache cache = {{0}};
    sn_endpoint ipv4 = endpoint_of_text("127.0.0.1:80"), path = endpoint_of_path(longest_path);
    allocations_begin();
    endpoint_cache_set(&cache, &ipv4);
    allocations_fail_nth(1);
    endpoint_cache_set(&cache, &path);
    assert_false(endpoint_cache_get(&cache, &ipv4)); /* the old one would be wrong */
    endpoint_cache_clear(&cache);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_remembered_at_first),
        cmocka_unit_test(every_kind_of_end_point_comes_back_as_it_was),
        cmocka_unit_test(only_a_long_path_needs_memory),
        cmocka_unit_test(without_memory_nothing_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
