#include "unit/address/exact.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "address/address.h"

/* Bytes of a native address: the family, then the path filled with `fill`. */
static sn_error from_native(const void *path, size_t path_size, sn_endpoint *out_endpoint)
{
    uint8_t bytes[300] = {0};
    sa_family_t family = AF_UNIX;
    memcpy(bytes, &family, sizeof family);
    memcpy(bytes + 2, path, path_size);
    char *exact = exact_copy(bytes, 2 + path_size);
    sn_error error = sn_endpoint_from_sockaddr(exact, 2 + path_size, out_endpoint);
    free(exact);
    return error;
}

static void check(const sn_endpoint *endpoint, const char *path, size_t path_size, size_t stored)
{
    size_t size = 99;
    assert_int_equal(SN_ENDPOINT_UNIX, sn_endpoint_get_kind(endpoint));
    assert_int_equal(SN_FAMILY_UNIX, sn_endpoint_get_family(endpoint));
    const char *got = sn_endpoint_get_unix_path(endpoint, &size);
    assert_int_equal(path_size, size);
    assert_memory_equal(path, got, path_size);
    assert_int_equal('\0', got[path_size]); /* a C string, whatever the size counts */
    (void)sn_endpoint_get_sockaddr(endpoint, &size);
    assert_int_equal(stored, size);
}

/* .NET's Serialize: Unix:4:{97,0} for "a", Unix:6:{0,97,98,115} for an abstract name. */
TEST(a_path_is_stored_with_one_nul_and_an_abstract_name_with_none)
{
    static const struct {
        const char *path;
        size_t size;
        size_t path_size;
        size_t stored;
    } rows[] = {
        {BYTES("a"), 1, 4},        {BYTES("/tmp/x"), 6, 9},   {BYTES("\xc3\xa9"), 2, 5},
        {BYTES("a\0"), 1, 4},      {BYTES("a\0\0\0"), 1, 4},  {BYTES("a\0b"), 3, 6},
        {BYTES("a\0b\0\0"), 3, 6}, {BYTES("\0"), 1, 3},       {BYTES("\0abs"), 4, 6},
        {BYTES("\0a\0"), 3, 5},    {BYTES("\0\0\0\0"), 4, 6}, {BYTES("\0a\0b"), 4, 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sn_endpoint endpoint;
        char *exact = exact_copy(rows[i].path, rows[i].size);
        assert_ok(sn_endpoint_from_unix_bytes(exact, rows[i].size, &endpoint));
        free(exact);
        check(&endpoint, rows[i].path, rows[i].path_size, rows[i].stored);
        sn_endpoint native;
        assert_ok(from_native(rows[i].path, rows[i].size, &native));
        assert_true(sn_endpoint_equals(&endpoint, &native));
        check(&native, rows[i].path, rows[i].path_size, rows[i].stored);
    }
}

/* Trap 108. */
TEST(an_empty_or_too_long_path_is_refused)
{
    char path[201];
    sn_endpoint endpoint;
    memset(path, 'p', 200);
    path[200] = '\0';
    fill_untouched(endpoint);
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_unix(NULL, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_unix("", &endpoint));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_unix(path, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_unix(path + 92, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_unix_bytes(NULL, 0, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_unix_bytes("", 0, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_unix_bytes(path, 108, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_unix("a", NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_endpoint_from_unix_bytes("a", 1, NULL));
    path[0] = '\0';
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, sn_endpoint_from_unix_bytes(path, 109, &endpoint));
    assert_untouched(&endpoint, sizeof endpoint);
}

TEST(the_longest_path_and_the_longest_abstract_name_fill_the_structure)
{
    char path[109];
    sn_endpoint endpoint;
    memset(path, 'p', 107);
    path[107] = '\0';
    assert_ok(sn_endpoint_from_unix(path, &endpoint));
    check(&endpoint, path, 107, sizeof(struct sockaddr_un));
    memset(path, 'q', 108);
    path[0] = '\0';
    assert_ok(sn_endpoint_from_unix_bytes(path, 108, &endpoint));
    check(&endpoint, path, 108, sizeof(struct sockaddr_un));
}

TEST(two_bytes_are_an_unnamed_end_point)
{
    sn_endpoint endpoint;
    sn_endpoint other;
    assert_ok(from_native("", 0, &endpoint));
    check(&endpoint, "", 0, 2);
    assert_endpoint_text("", &endpoint);
    assert_ok(from_native("", 0, &other));
    assert_true(sn_endpoint_equals(&endpoint, &other));
    assert_ok(from_native("\0", 1, &other)); /* an abstract name of nothing is a name */
    assert_false(sn_endpoint_equals(&endpoint, &other));
}

TEST(a_structure_passed_whole_loses_what_is_behind_the_path)
{
    char path[126] = "/tmp/x";
    sn_endpoint endpoint;
    for (size_t size = 6; size <= sizeof path; size++) {
        assert_ok(from_native(path, size, &endpoint));
        check(&endpoint, "/tmp/x", 6, 9);
    }
}

/* Linux binds a path of 108 bytes without a NUL, and reports it with one: 111 bytes. */
TEST(a_path_of_108_bytes_that_the_kernel_reports_is_kept)
{
    char path[126];
    sn_endpoint endpoint;
    memset(path, 'p', sizeof path);
    assert_ok(from_native(path, 108, &endpoint));
    check(&endpoint, path, 108, 110);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, from_native(path, 109, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, from_native(path, 126, &endpoint));
    path[108] = '\0';
    assert_ok(from_native(path, 109, &endpoint));
    check(&endpoint, path, 108, 110);
    path[0] = '\0';
    assert_ok(from_native(path, 108, &endpoint));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, from_native(path, 109, &endpoint));
}

static sn_endpoint bound_name(const sn_endpoint *wanted)
{
    sn_endpoint reported = {0};
    size_t size;
    const void *sockaddr = sn_endpoint_get_sockaddr(wanted, &size);
    int handle = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(handle >= 0);
    assert_int_equal(0, bind(handle, (const struct sockaddr *)sockaddr, (socklen_t)size));
    socklen_t reported_size = sizeof reported.as.sockaddr;
    assert_int_equal(0,
                     getsockname(handle, (struct sockaddr *)&reported.as.sockaddr, &reported_size));
    endpoint_set_from_native(&reported, reported_size);
    close(handle);
    return reported;
}

/* Trap 107, as far as it concerns values. */
TEST(the_kernel_reports_the_name_that_was_bound)
{
    char path[100];
    char directory[] = "/tmp/sennit-unix-XXXXXX";
    sn_endpoint wanted;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/socket", directory);
    assert_ok(sn_endpoint_from_unix(path, &wanted));
    sn_endpoint reported = bound_name(&wanted);
    assert_true(sn_endpoint_equals(&wanted, &reported));
    assert_int_equal(wanted.size, reported.size);
    unlink(path);
    rmdir(directory);

    int size = snprintf(path, sizeof path, "_sennit-%d_x", (int)getpid());
    path[0] = '\0';
    path[size - 2] = '\0';
    assert_ok(sn_endpoint_from_unix_bytes(path, (size_t)size, &wanted));
    reported = bound_name(&wanted);
    assert_true(sn_endpoint_equals(&wanted, &reported));
    char text[SN_ENDPOINT_TEXT_SIZE];
    assert_ok(sn_endpoint_format(&reported, text, sizeof text));
    assert_int_equal('@', text[0]);
    assert_int_equal('@', text[size - 2]);
}

TEST(other_kinds_have_no_path)
{
    sn_endpoint none = {0};
    sn_endpoint ip = parsed_endpoint("1.2.3.4:80");
    size_t size = 99;
    assert_null(sn_endpoint_get_unix_path(&none, &size));
    assert_int_equal(0, size);
    assert_null(sn_endpoint_get_unix_path(&ip, NULL));
    assert_null(sn_endpoint_get_unix_path(NULL, &size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_stored_with_one_nul_and_an_abstract_name_with_none),
        cmocka_unit_test(an_empty_or_too_long_path_is_refused),
        cmocka_unit_test(the_longest_path_and_the_longest_abstract_name_fill_the_structure),
        cmocka_unit_test(two_bytes_are_an_unnamed_end_point),
        cmocka_unit_test(a_structure_passed_whole_loses_what_is_behind_the_path),
        cmocka_unit_test(a_path_of_108_bytes_that_the_kernel_reports_is_kept),
        cmocka_unit_test(the_kernel_reports_the_name_that_was_bound),
        cmocka_unit_test(other_kinds_have_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
