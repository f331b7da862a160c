/* A question in want of memory, descriptors or time, in both forms. How it is answered is in
 * tests/conformance/resolver_exchange_test.c. */
#include "support/test.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/base.h"
#include "dns/resolver.h"
#include "support/allocations.h"
#include "support/descriptors.h"
#include "support/name_server.h"

static struct name_server server;
static sn_resolver *resolver;

static void answer(struct name_server *self, const struct name_question *question)
{
    struct name_reply reply;
    name_reply_begin(&reply, question,
                     question->by_stream ? NAME_FLAGS_ANSWER : NAME_FLAGS_TRUNCATED);
    if (question->by_stream)
        name_reply_add_address(&reply, NAME_ANSWER, NULL, 60,
                               question->type == SN_DNS_TYPE_A ? "192.0.2.1" : "2001:db8::1");
    name_server_send(self, &reply);
}

static int begin(void **state)
{
    (void)state;
    name_server_open(&server, SN_FAMILY_IPV4, answer);
    const sn_resolver_options options = {
        .servers = &server.endpoint, .server_count = 1, .attempt_timeout_ms = 60000, .attempts = 2};
    return sn_resolver_create(&options, &resolver) != SN_OK;
}

static int end(void **state)
{
    (void)state;
    sn_resolver_release(resolver);
    name_server_close(&server);
    return 0;
}

static sn_error ask(bool is_async, sn_dns_result **out_result, int *out_native)
{
    sn_operation operation = {0};
    sn_error error;
    if (is_async) {
        sn_resolver_resolve_async(resolver, "a.example.org", SN_DNS_TYPE_ADDRESSES, out_result,
                                  &operation);
        error = sn_operation_wait(&operation);
        *out_native = operation.native_error;
    } else {
        error = sn_resolver_resolve(resolver, "a.example.org", SN_DNS_TYPE_ADDRESSES, SN_FOREVER,
                                    out_result);
        *out_native = sn_error_last_native();
    }
    return error;
}

TEST(each_allocation_that_fails_is_told_and_nothing_is_left)
{
    sn_engine *engine;
    assert_ok(sn_engine_default(&engine)); /* what it allocates is not counted */
    for (int is_async = 0; is_async < 2; is_async++) {
        sn_dns_result *result = NULL;
        int native;
        allocations_begin();
        sn_error error = SN_ERROR_OUT_OF_MEMORY;
        for (size_t n = 1; error; n++) {
            assert_true(n < 10);
            allocations_fail_nth(n);
            error = ask(is_async, &result, &native);
            assert_true(!error || error == SN_ERROR_OUT_OF_MEMORY);
            assert_int_equal(error ? ENOMEM : native, native);
            assert_int_equal(!error, result != NULL);
            /* The thread of the pool gives its reference back when it pleases. */
            while (allocations_outstanding() > (error ? 0 : 1))
                sched_yield();
        }
        assert_true(allocations_count() >= 3);
        sn_dns_result_release(result);
        allocations_end();
    }
}

/* Takes every descriptor that there may be. (A limit of none would be one of poll() too.) */
struct taken {
    struct rlimit old;
    int handles[64];
    int count;
};

static void take_all(struct taken *taken)
{
    struct rlimit few;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &taken->old));
    few = taken->old;
    few.rlim_cur = 64;
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    taken->count = 0;
    while (taken->count < 64 && (taken->handles[taken->count] = dup(STDOUT_FILENO)) >= 0)
        taken->count++;
}

static void give_back(struct taken *taken)
{
    while (taken->count > 0)
        close(taken->handles[--taken->count]);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &taken->old));
}

TEST(without_a_descriptor_the_error_says_so)
{
    for (int is_async = 0; is_async < 2; is_async++) {
        struct taken taken;
        sn_dns_result *result = NULL;
        int native;
        size_t before = descriptors_count();
        assert_ok(ask(is_async, &result, &native)); /* the threads are there now */
        sn_dns_result_release(result);
        result = NULL;
        while (is_async && descriptors_count() > before + 1) /* the waiting thread's own event */
            sched_yield();
        take_all(&taken);
        sn_error error = ask(is_async, &result, &native);
        give_back(&taken);
        assert_error(SN_ERROR_TOO_MANY_OPEN_SOCKETS, error);
        assert_int_equal(EMFILE, native);
        assert_null(result);
        assert_ok(ask(is_async, &result, &native));
        sn_dns_result_release(result);
    }
}

TEST(a_question_leaves_no_descriptor)
{
    sn_dns_result *result;
    int native;
    for (int is_async = 0; is_async < 2; is_async++) {
        assert_ok(ask(is_async, &result, &native));
        sn_dns_result_release(result);
        size_t before = descriptors_count();
        assert_ok(ask(is_async, &result, &native));
        sn_dns_result_release(result);
        while (descriptors_count() > before)
            sched_yield();
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_allocation_that_fails_is_told_and_nothing_is_left,
                                        begin, end),
        cmocka_unit_test_setup_teardown(without_a_descriptor_the_error_says_so, begin, end),
        cmocka_unit_test_setup_teardown(a_question_leaves_no_descriptor, begin, end),
    };
    return cmocka_run_group_tests_name("dns/resolve", tests, NULL, NULL);
}
