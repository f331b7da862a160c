/* The asynchronous lookups on the system's resolver: nothing that needs a network. What a resolver
 * that gets stuck does to them is in async_fault.c. */
#include "support/hosts.h"
#include "support/test.h"

#include <pthread.h>
#include <sched.h>

#include "base/base.h"

/* What a callback saw. */
struct witness {
    pthread_t thread;
    unsigned count; /* atomic */
};

static void note(sn_operation *operation)
{
    struct witness *witness = operation->context;
    witness->thread = pthread_self();
    atomic_add_acq_rel(&witness->count, 1);
}

static sn_error addresses_of(const char *host, sn_address_family family, sn_ip_address *address,
                             size_t *out_count)
{
    sn_operation operation = {0};
    sn_dns_get_host_addresses_async(host, family, address, address ? 1 : 0, &operation);
    sn_error error = sn_operation_wait(&operation);
    assert_int_equal(SN_OPERATION_RESOLVE, operation.kind);
    assert_error(error, operation.error);
    *out_count = operation.transferred;
    return error;
}

TEST(localhost_is_a_loopback_address)
{
    NEED_LOCALHOST();
    sn_ip_address address;
    size_t count;
    assert_ok(addresses_of("localhost", SN_FAMILY_UNSPECIFIED, &address, &count));
    assert_true(count >= 1);
    assert_true(sn_ip_address_is_loopback(&address));
}

TEST(the_text_of_an_address_is_its_own_answer)
{
    static const struct {
        const char *text;
        sn_address_family family;
        size_t count;
    } rows[] = {
        {"192.0.2.77", SN_FAMILY_UNSPECIFIED, 1},
        {"[::1]", SN_FAMILY_UNSPECIFIED, 1},
        {"192.0.2.77", SN_FAMILY_IPV4, 1},
        {"192.0.2.77", SN_FAMILY_IPV6, 0},
        {"::1", SN_FAMILY_IPV4, 0},
        {"::1", SN_FAMILY_UNIX, 0},
    };
    for (size_t i = 0; i < array_count(rows); i++) {
        sn_ip_address expected, address = {0};
        size_t count;
        assert_ok(sn_ip_address_parse(rows[i].text, &expected));
        assert_ok(addresses_of(rows[i].text, rows[i].family, &address, &count));
        assert_int_equal(rows[i].count, count);
        assert_true(count == 0 || sn_ip_address_equals(&expected, &address));
        assert_ok(addresses_of(rows[i].text, rows[i].family, NULL, &count));
        assert_int_equal(rows[i].count, count);
    }
}

TEST(misuse_comes_out_through_the_operation_as_of_the_plain_call)
{
    char long_name[300];
    memset(long_name, 'a', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    const char *const hosts[] = {NULL, "0.0.0.0", "::", "[::]", long_name};
    for (size_t i = 0; i < array_count(hosts); i++) {
        size_t count = 77;
        sn_error expected = sn_dns_get_host_addresses(hosts[i], SN_FAMILY_IPV4, NULL, 0, &count);
        int native = sn_error_last_native();
        assert_true(expected != SN_OK);
        sn_operation operation = {0};
        sn_dns_get_host_addresses_async(hosts[i], SN_FAMILY_IPV4, NULL, 0, &operation);
        assert_error(expected, sn_operation_wait(&operation));
        assert_int_equal(native, operation.native_error);
        assert_int_equal(0, operation.transferred);

        sn_dns_entry *entry = NULL;
        sn_dns_get_host_entry_async(hosts[i], SN_FAMILY_IPV4, &entry, &operation);
        assert_error(expected, sn_operation_wait(&operation));
        assert_null(entry);
    }
}

TEST(a_place_for_the_result_must_be_given)
{
    sn_operation operation = {0};
    sn_dns_get_host_addresses_async("127.0.0.1", SN_FAMILY_IPV4, NULL, 1, &operation);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&operation));
    sn_dns_get_host_entry_async("127.0.0.1", SN_FAMILY_IPV4, NULL, &operation);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&operation));
    sn_dns_get_host_entry_address_async(&SN_IPV4_LOOPBACK, NULL, &operation);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&operation));
    /* Without a record there is nowhere to report; nothing happens. */
    sn_dns_get_host_addresses_async("127.0.0.1", SN_FAMILY_IPV4, NULL, 0, NULL);
    sn_dns_get_host_entry_async("127.0.0.1", SN_FAMILY_IPV4, NULL, NULL);
    sn_dns_get_host_entry_address_async(&SN_IPV4_LOOPBACK, NULL, NULL);
}

TEST(the_entry_of_an_address_is_what_the_plain_call_gives)
{
    sn_dns_entry *expected = NULL, *entry = NULL;
    sn_operation operation = {0};
    sn_error error = sn_dns_get_host_entry_address(&SN_IPV4_LOOPBACK, &expected);
    sn_dns_get_host_entry_address_async(&SN_IPV4_LOOPBACK, &entry, &operation);
    assert_error(error, sn_operation_wait(&operation));
    if (error)
        SKIP("this machine has no name for 127.0.0.1: %s", sn_error_name(error));
    assert_string_equal(sn_dns_entry_get_host_name(expected), sn_dns_entry_get_host_name(entry));
    sn_dns_entry_release(expected);
    sn_dns_entry_release(entry);

    sn_dns_get_host_entry_address_async(NULL, &entry, &operation);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&operation));
    sn_dns_get_host_entry_address_async(&SN_IPV4_ANY, &entry, &operation);
    assert_error(SN_ERROR_ARGUMENT, sn_operation_wait(&operation));
    sn_dns_get_host_entry_address_async(&(sn_ip_address){0}, &entry, &operation);
    assert_error(SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED, sn_operation_wait(&operation));
}

/* Whether a name must be asked for, is an address, or cannot be asked for at all. */
TEST(the_callback_runs_on_another_thread_than_the_starting_one)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1", "::"};
    for (size_t i = 0; i < array_count(hosts); i++) {
        struct witness witness = {.count = 0};
        sn_operation operation = {.completed = note, .context = &witness};
        sn_dns_get_host_addresses_async(hosts[i], SN_FAMILY_IPV4, NULL, 0, &operation);
        while (atomic_load_acquire(&witness.count) == 0)
            sched_yield();
        assert_int_equal(1, witness.count);
        assert_false(pthread_equal(pthread_self(), witness.thread));
    }
}

TEST(an_operation_can_be_used_again)
{
    sn_operation operation = {0};
    for (int i = 0; i < 1000; i++) {
        sn_ip_address address = {0};
        sn_dns_get_host_addresses_async("192.0.2.1", SN_FAMILY_IPV4, &address, 1, &operation);
        assert_ok(sn_operation_wait(&operation));
        assert_int_equal(1, operation.transferred);
        assert_int_equal(SN_FAMILY_IPV4, address.family);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(localhost_is_a_loopback_address),
        cmocka_unit_test(the_text_of_an_address_is_its_own_answer),
        cmocka_unit_test(misuse_comes_out_through_the_operation_as_of_the_plain_call),
        cmocka_unit_test(a_place_for_the_result_must_be_given),
        cmocka_unit_test(the_entry_of_an_address_is_what_the_plain_call_gives),
        cmocka_unit_test(the_callback_runs_on_another_thread_than_the_starting_one),
        cmocka_unit_test(an_operation_can_be_used_again),
    };
    return cmocka_run_group_tests_name("dns/async", tests, NULL, NULL);
}
