/* The room sys over a scripted resolver of the C library, and scripted interfaces. */
#include "support/allocations.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/un.h>

#include "base/base.h"
#include "sys/sys.h"

/* What the next calls answer: a code each, and with EAI_SYSTEM an errno. Once these are used up the
 * answer is the lists below. */
static struct {
    const int *codes;
    size_t count;
    int number; /* the errno */
    size_t calls, lists_out;
    const char *host_name; /* or NULL: longer than any room */
    struct addrinfo *results;
    struct ifaddrs *interfaces;
} script;

static int answer_of(void)
{
    size_t index = script.calls++;
    if (index >= script.count)
        return 0;
    errno = index + 1 < script.count ? EINTR : script.number;
    return script.codes[index];
}

/* `number`: the errno of the last answer; those before are interruptions. */
static void script_answers(const int *codes, size_t count, int number)
{
    script.codes = codes;
    script.count = count;
    script.number = number;
    script.calls = 0;
}

int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out_results);
int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out_results)
{
    (void)host, (void)service, (void)hints;
    int code = answer_of();
    if (!code) {
        *out_results = script.results;
        script.lists_out++;
    }
    return code;
}

void __wrap_freeaddrinfo(struct addrinfo *results);
void __wrap_freeaddrinfo(struct addrinfo *results)
{
    assert_ptr_equal(results, script.results);
    script.lists_out--;
}

int __wrap_getnameinfo(const struct sockaddr *address, socklen_t size, char *name,
                       socklen_t name_size, char *service, socklen_t service_size, int flags);
int __wrap_getnameinfo(const struct sockaddr *address, socklen_t size, char *name,
                       socklen_t name_size, char *service, socklen_t service_size, int flags)
{
    (void)address, (void)size, (void)service, (void)service_size;
    assert_int_equal(flags, NI_NAMEREQD);
    int code = answer_of();
    if (!code)
        assert_true(snprintf(name, name_size, "scripted.example") < (int)name_size);
    return code;
}

int __wrap_getifaddrs(struct ifaddrs **out_interfaces);
int __wrap_getifaddrs(struct ifaddrs **out_interfaces)
{
    int code = answer_of();
    if (!code) {
        *out_interfaces = script.interfaces;
        script.lists_out++;
    }
    return code;
}

void __wrap_freeifaddrs(struct ifaddrs *interfaces);
void __wrap_freeifaddrs(struct ifaddrs *interfaces)
{
    assert_ptr_equal(interfaces, script.interfaces);
    script.lists_out--;
}

int __wrap_gethostname(char *name, size_t size);
int __wrap_gethostname(char *name, size_t size)
{
    memset(name, 'n', size);
    if (script.host_name)
        snprintf(name, size, "%s", script.host_name);
    return answer_of();
}

/* --- Lists ------------------------------------------------------------------------------------ */

static struct sockaddr_in ipv4 = {.sin_family = AF_INET};
static struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
static struct sockaddr_un local = {.sun_family = AF_UNIX};

/* An address of each kind that a system may list, and none. */
static void list_everything(void)
{
    static void *const addresses[] = {&ipv4, &local, &ipv6, NULL, &ipv4};
    static struct addrinfo results[array_count(addresses)];
    static struct ifaddrs interfaces[array_count(addresses)];
    for (size_t i = 0; i < array_count(addresses); i++) {
        bool is_last = i + 1 == array_count(addresses);
        results[i] =
            (struct addrinfo){.ai_addr = addresses[i], .ai_next = is_last ? NULL : &results[i + 1]};
        interfaces[i] = (struct ifaddrs){.ifa_addr = addresses[i],
                                         .ifa_flags = IFF_UP | (i == 0 ? IFF_LOOPBACK : 0),
                                         .ifa_next = is_last ? NULL : &interfaces[i + 1]};
    }
    interfaces[array_count(addresses) - 1].ifa_flags = 0;
    results[0].ai_canonname = (char *)(uintptr_t) "canonical.example";
    script.results = results;
    script.interfaces = interfaces;
}

static int set_up(void **state)
{
    (void)state;
    memset(&script, 0, sizeof script);
    list_everything();
    return 0;
}

static void assert_families(const struct sys_resolved *list, const int *families, size_t count)
{
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list->addresses[i].as.generic.sa_family, families[i]);
}

TEST(only_addresses_of_the_internet_and_of_the_family_are_taken)
{
    static const int all[] = {AF_INET, AF_INET6, AF_INET};
    struct sys_resolved *list;
    assert_int_equal(sys_resolve("host", AF_UNSPEC, &list), 0);
    assert_families(list, all, 3);
    assert_string_equal(list->canonical_name, "canonical.example");
    sys_resolved_free(list);
    assert_int_equal(sys_resolve("host", AF_INET6, &list), 0);
    assert_families(list, all + 1, 1);
    sys_resolved_free(list);
    assert_int_equal(script.lists_out, 0);
}

TEST(an_answer_without_a_canonical_name_has_none)
{
    struct sys_resolved *list;
    script.results[0].ai_canonname = NULL;
    assert_int_equal(sys_resolve("host", AF_INET, &list), 0);
    assert_null(list->canonical_name);
    sys_resolved_free(list);
    script.results = NULL;
    assert_int_equal(sys_resolve("host", AF_INET, &list), 0);
    assert_int_equal(list->count, 0);
    assert_null(list->canonical_name);
    sys_resolved_free(list);
}

TEST(an_interface_that_is_down_or_has_no_address_is_left_out)
{
    static const int up[] = {AF_INET, AF_INET6};
    struct sys_resolved *list;
    assert_int_equal(sys_interface_addresses(AF_UNSPEC, &list), 0);
    assert_families(list, up, 2);
    assert_true(list->addresses[0].is_loopback);
    assert_false(list->addresses[1].is_loopback);
    sys_resolved_free(list);
    assert_int_equal(script.lists_out, 0);
}

TEST(without_memory_nothing_of_the_list_is_left)
{
    struct sys_resolved *list = NULL;
    allocations_begin();
    for (size_t n = 1; n <= 2; n++) {
        allocations_fail_nth(n);
        assert_int_equal(sys_resolve("host", AF_UNSPEC, &list), -ENOMEM);
    }
    allocations_fail_nth(1);
    assert_int_equal(sys_interface_addresses(AF_UNSPEC, &list), -ENOMEM);
    assert_null(list);
    assert_int_equal(script.lists_out, 0);
    assert_int_equal(allocations_outstanding(), 0);
    allocations_end();
}

/* --- Failures --------------------------------------------------------------------------------- */

static int32_t resolve(void)
{
    struct sys_resolved *list = NULL;
    int32_t result = sys_resolve("host", AF_UNSPEC, &list);
    sys_resolved_free(list);
    return result;
}

static int32_t reverse(void)
{
    char name[SYS_REVERSE_SIZE_MAX];
    return sys_reverse(&ipv4, sizeof ipv4, name, sizeof name);
}

static int32_t (*const lookups[])(void) = {resolve, reverse};

TEST(each_failure_of_the_resolver_has_its_number)
{
    static const struct {
        int code, number;
        int32_t expected;
    } rows[] = {
        {EAI_AGAIN, 0, SYS_RESOLVE_TRY_AGAIN},
        {EAI_BADFLAGS, 0, SYS_RESOLVE_BAD_ARGUMENT},
        {EAI_FAIL, 0, SYS_RESOLVE_FAILED},
        {EAI_FAMILY, 0, SYS_RESOLVE_BAD_FAMILY},
        {EAI_NONAME, 0, SYS_RESOLVE_NOT_FOUND},
        {EAI_NODATA, 0, SYS_RESOLVE_NOT_FOUND},
        {EAI_SERVICE, 0, SYS_RESOLVE_OTHER},
        {EAI_MEMORY, 0, -ENOMEM},
        {EAI_SYSTEM, EMFILE, -EMFILE},
        {EAI_SYSTEM, 0, SYS_RESOLVE_OTHER},        /* it does not say what it was */
        {EAI_AGAIN, EINTR, SYS_RESOLVE_TRY_AGAIN}, /* what it says itself goes before */
    };
    for (size_t i = 0; i < array_count(rows); i++)
        for (size_t k = 0; k < array_count(lookups); k++) {
            script_answers(&rows[i].code, 1, rows[i].number);
            assert_int_equal(lookups[k](), rows[i].expected);
            assert_int_equal(script.calls, 1);
        }
}

TEST(an_interrupted_lookup_is_made_again)
{
    static const int codes[] = {EAI_SYSTEM, EAI_SYSTEM, EAI_FAIL}, none[] = {EAI_SYSTEM, 0};
    for (size_t k = 0; k < array_count(lookups); k++) {
        script_answers(codes, 3, 0);
        assert_int_equal(lookups[k](), SYS_RESOLVE_FAILED);
        assert_int_equal(script.calls, 3);
        script_answers(none, 2, 0);
        assert_int_equal(lookups[k](), 0);
        assert_int_equal(script.calls, 2);
    }
}

/* Systems differ: some cut a name off without an error. */
TEST(a_host_name_that_is_cut_off_is_an_error)
{
    char name[8];
    assert_int_equal(sys_host_name(name, sizeof name), -ENAMETOOLONG);
    script.host_name = "host.example"; /* cut, and ended with a NUL, as musl does it */
    assert_int_equal(sys_host_name(name, sizeof name), -ENAMETOOLONG);
    assert_int_equal(sys_host_name(name, 0), -ENAMETOOLONG);
    script.host_name = "example";
    assert_int_equal(sys_host_name(name, sizeof name), 0);
    assert_string_equal(name, "example");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_addresses_of_the_internet_and_of_the_family_are_taken, set_up),
        cmocka_unit_test_setup(an_answer_without_a_canonical_name_has_none, set_up),
        cmocka_unit_test_setup(an_interface_that_is_down_or_has_no_address_is_left_out, set_up),
        cmocka_unit_test_setup(without_memory_nothing_of_the_list_is_left, set_up),
        cmocka_unit_test_setup(each_failure_of_the_resolver_has_its_number, set_up),
        cmocka_unit_test_setup(an_interrupted_lookup_is_made_again, set_up),
        cmocka_unit_test_setup(a_host_name_that_is_cut_off_is_an_error, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
