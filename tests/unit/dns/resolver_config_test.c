#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"
#include "dns/resolver.h"

static void assert_server(const char *text, const sn_endpoint *server)
{
    char actual[SN_ENDPOINT_TEXT_SIZE];
    assert_ok(sn_endpoint_format(server, actual, sizeof actual));
    assert_string_equal(text, actual);
}

TEST(servers_and_options_are_read_and_all_else_is_passed_over)
{
    static const char text[] = "# nameserver 192.0.2.66\n"
                               "; nameserver 192.0.2.66\n"
                               "domain example.org\n"
                               "search example.org example.net\n"
                               " nameserver 192.0.2.66\n"
                               "nameserver\t192.0.2.1  # the first\r\n"
                               "nameserver nonsense\n"
                               "nameserver\n"
                               "nameservers 192.0.2.66\n"
                               "options ndots:3 timeout:7 rotate attempts:4 edns0\n"
                               "nameserver 2001:db8::1 192.0.2.66\n"
                               "nameserver fe80::1%7";
    struct resolver_config config;
    resolver_config_parse(text, &config);
    assert_int_equal(3, config.server_count);
    assert_server("192.0.2.1:53", &config.servers[0]);
    assert_server("[2001:db8::1]:53", &config.servers[1]);
    assert_server("[fe80::1%7]:53", &config.servers[2]);
    assert_int_equal(7, config.timeout_s);
    assert_int_equal(4, config.attempts);
}

TEST(numbers_stay_in_their_range)
{
    static const struct {
        const char *text;
        int timeout_s, attempts;
    } rows[] = {
        {"", 0, 0},
        {"options", 0, 0},
        {"options timeout:0 attempts:0", 0, 0},
        {"options timeout:-1 attempts:x", 0, 0},
        {"options timeout: attempts:", 0, 0},
        {"options timeout", 0, 0},
        {"options timeout:31 attempts:6", 30, 5},
        {"options timeout:99999999999999999999 attempts:99999999999999999999", 30, 5},
        {"options timeout:1\noptions timeout:2", 2, 0},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        struct resolver_config config;
        resolver_config_parse(rows[i].text, &config);
        assert_int_equal(0, config.server_count);
        assert_int_equal(rows[i].timeout_s, config.timeout_s);
        assert_int_equal(rows[i].attempts, config.attempts);
    }
}

TEST(there_is_room_for_so_many_servers_and_no_more)
{
    char text[100 * 24] = "";
    struct resolver_config config;
    for (int i = 0; i < 100; i++)
        strcat(text, "nameserver 192.0.2.1\n");
    resolver_config_parse(text, &config);
    assert_int_equal(SN_RESOLVER_SERVER_COUNT_MAX, config.server_count);
}

TEST(a_file_that_is_missing_says_nothing_and_one_that_cannot_be_read_is_an_error)
{
    struct resolver_config config;
    assert_int_equal(0, resolver_config_read("/nowhere/at/all", &config));
    assert_int_equal(0, config.server_count);
    assert_int_equal(-EISDIR, resolver_config_read("/", &config));
}

TEST(a_file_is_read_up_to_a_limit)
{
    char path[] = "/tmp/sennit-resolv-XXXXXX";
    struct resolver_config config;
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(21, write(file, "nameserver 192.0.2.1\n", 21));
    assert_int_equal(0, resolver_config_read(path, &config));
    assert_int_equal(1, config.server_count);
    for (int i = 0; i < 70; i++) {
        static const char comment[1024] = "\n#";
        assert_int_equal(sizeof comment, pwrite(file, comment, sizeof comment, 21 + i * 1024));
    }
    assert_int_equal(0, resolver_config_read(path, &config));
    assert_int_equal(1, config.server_count);
    close(file);
    unlink(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_and_options_are_read_and_all_else_is_passed_over),
        cmocka_unit_test(numbers_stay_in_their_range),
        cmocka_unit_test(there_is_room_for_so_many_servers_and_no_more),
        cmocka_unit_test(
            a_file_that_is_missing_says_nothing_and_one_that_cannot_be_read_is_an_error),
        cmocka_unit_test(a_file_is_read_up_to_a_limit),
    };
    return cmocka_run_group_tests_name("dns/resolver_config", tests, NULL, NULL);
}
