/* Questions to name servers that are ended in the middle, by a cancel, a time limit or a fork, and
 * what is left of them: nothing. */
#include "conformance/forks.h"
#include "conformance/resolvers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/children.h"
#include "support/descriptors.h"
#include "support/threads.h"

static struct name_server silent, good;
static sn_resolver *at_silent, *at_good;
static size_t descriptors_before;

static void stay_silent(struct name_server *server, const struct name_question *question)
{
    (void)server;
    (void)question;
}

static void answer_one(struct name_server *server, const struct name_question *question)
{
    struct name_reply reply;
    name_reply_begin(&reply, question, NAME_FLAGS_ANSWER);
    name_reply_add_address(&reply, NAME_ANSWER, NULL, 60, "192.0.2.1");
    name_server_send(server, &reply);
}

static int begin(void **state)
{
    int failed = case_begin(state);
    descriptors_before = descriptors_count();
    name_server_open(&silent, SN_FAMILY_IPV4, stay_silent);
    name_server_open(&good, SN_FAMILY_IPV4, answer_one);
    at_silent = resolver_of(&silent, 1, PATIENT_MS, 1);
    at_good = resolver_of(&good, 1, PATIENT_MS, 1);
    return failed;
}

static int end(void **state)
{
    assert_ok(sn_dns_set_thread_limit(16));
    sn_resolver_release(at_silent);
    sn_resolver_release(at_good);
    name_server_close(&silent);
    name_server_close(&good);
    await_descriptors(descriptors_before);
    return case_end(state);
}

/* Allocated, so that a sanitizer sees who touches it too late. */
struct question {
    sn_operation operation;
    sn_dns_result *result;
    unsigned *callback_count; /* borrowed; atomic */
};

static void count(sn_operation *operation)
{
    struct question *question = operation->context;
    __atomic_fetch_add(question->callback_count, 1, __ATOMIC_ACQ_REL);
}

static struct question *make(unsigned *callback_count)
{
    struct question *question = calloc(1, sizeof *question);
    assert_non_null(question);
    question->operation.completed = callback_count ? count : NULL;
    question->operation.context = question;
    question->callback_count = callback_count;
    return question;
}

static void start(struct question *question, sn_resolver *resolver)
{
    sn_resolver_resolve_async(resolver, "host.example.org", SN_DNS_TYPE_A, &question->result,
                              &question->operation);
}

static void wait_for(const unsigned *callback_count, unsigned wanted)
{
    while (__atomic_load_n(callback_count, __ATOMIC_ACQUIRE) != wanted)
        give_way();
}

/* --- Ended ------------------------------------------------------------------------------------ */

TEST(a_cancel_completes_the_question_and_sets_its_thread_free)
{
    struct question *question = make(NULL), *next = make(NULL);
    assert_ok(sn_dns_set_thread_limit(1));
    start(question, at_silent);
    name_server_await(&silent, 1);
    start(next, at_good); /* behind it in the queue */
    sn_operation_cancel(&question->operation);
    sn_operation_cancel(&question->operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&question->operation));
    assert_null(question->result);
    assert_int_equal(0, question->operation.transferred);
    free(question);
    assert_ok(sn_operation_wait(&next->operation));
    assert_int_equal(1, next->operation.transferred);
    sn_dns_result_release(next->result);
    free(next);
}

static void hold_connection(struct name_server *server, const struct name_question *question)
{
    struct name_reply reply;
    name_reply_begin(&reply, question, NAME_FLAGS_TRUNCATED);
    if (!question->by_stream) {
        name_server_send(server, &reply);
        return;
    }
    *(int *)server->context = server->connection;
    server->connection = -1;
}

TEST(a_cancel_ends_a_question_over_a_connection)
{
    int held = -1;
    struct name_server server;
    name_server_open(&server, SN_FAMILY_IPV4, hold_connection);
    server.context = &held;
    sn_resolver *resolver = resolver_of(&server, 1, PATIENT_MS, 1);
    struct question *question = make(NULL);
    start(question, resolver);
    while (atomic_load(&server.streams) == 0)
        give_way();
    sn_operation_cancel(&question->operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&question->operation));
    free(question);
    sn_resolver_release(resolver);
    name_server_close(&server);
    close(held);
}

TEST(a_time_limit_completes_a_question)
{
    struct question *question = make(NULL);
    question->operation.timeout_ms = 20;
    start(question, at_silent);
    assert_error(SN_ERROR_TIMED_OUT, sn_operation_wait(&question->operation));
    assert_null(question->result);
    free(question);
}

TEST(one_handle_cancels_many_questions_asked_or_waiting)
{
    enum { COUNT = 12 };
    unsigned callbacks = 0;
    struct question *questions[COUNT];
    sn_cancellation *cancellation;
    assert_ok(sn_cancellation_create(&cancellation));
    assert_ok(sn_dns_set_thread_limit(4));
    for (int i = 0; i < COUNT; i++) {
        questions[i] = make(&callbacks);
        questions[i]->operation.cancellation = cancellation;
        start(questions[i], at_silent);
    }
    name_server_await(&silent, 4);
    sn_cancellation_cancel(cancellation);
    wait_for(&callbacks, COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_error(SN_ERROR_OPERATION_CANCELED, questions[i]->operation.error);
        free(questions[i]);
    }
    int asked = silent.datagrams;
    struct question *late = make(NULL);
    late->operation.cancellation = cancellation;
    start(late, at_silent);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&late->operation));
    assert_int_equal(asked, silent.datagrams);
    free(late);
    sn_cancellation_release(cancellation);
}

TEST(misuse_comes_out_through_the_operation)
{
    sn_dns_result *result = NULL;
    sn_operation operation = {0};
    assert_true(sn_resolver_resolve_async(at_good, NULL, SN_DNS_TYPE_A, &result, &operation));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&operation));
    assert_true(sn_resolver_resolve_async(at_good, "a.e", SN_DNS_TYPE_A, NULL, &operation));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&operation));
    assert_true(sn_resolver_resolve_async(at_good, "a..e", SN_DNS_TYPE_A, &result, &operation));
    assert_error(SN_ERROR_ARGUMENT, sn_operation_wait(&operation));
    assert_true(sn_resolver_resolve_address_async(at_good, NULL, &result, &operation));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_operation_wait(&operation));
    assert_false(sn_resolver_resolve_async(at_good, "a.e", SN_DNS_TYPE_A, &result, NULL));
    assert_false(sn_resolver_resolve_address_async(at_good, &SN_IPV4_LOOPBACK, &result, NULL));
    assert_null(result);
}

TEST(a_record_that_is_running_is_not_taken)
{
    struct question *question = make(NULL);
    start(question, at_silent);
    assert_false(sn_resolver_resolve_async(at_good, "a.e", SN_DNS_TYPE_A, &question->result,
                                           &question->operation));
    sn_operation_cancel(&question->operation);
    assert_error(SN_ERROR_OPERATION_CANCELED, sn_operation_wait(&question->operation));
    free(question);
}

/* --- Races ------------------------------------------------------------------------------------ */

#define STARTER_COUNT 4

struct starter {
    pthread_t thread;
    unsigned callback_count; /* atomic */
    unsigned failed_count;
    int rounds;
};

static bool is_expected(const struct question *question)
{
    switch ((int)question->operation.error) {
    case SN_OK: return question->result && question->operation.transferred == 1;
    case SN_ERROR_OPERATION_CANCELED:
    case SN_ERROR_TIMED_OUT: return !question->result && question->operation.transferred == 0;
    default: return false;
    }
}

/* Each record is freed as soon as it has completed. */
static void *start_many(void *context)
{
    struct starter *starter = context;
    unsigned callbacks = 0;
    for (int i = 0; i < starter->rounds; i++) {
        bool is_called = i % 2;
        struct question *question = make(is_called ? &starter->callback_count : NULL);
        question->operation.timeout_ms = i % 5 == 0 || i % 3 == 0;
        start(question, i % 3 ? at_good : at_silent);
        if (i % 4 < 2)
            sn_operation_cancel(&question->operation);
        callbacks += is_called;
        if (is_called)
            wait_for(&starter->callback_count, callbacks);
        else
            (void)!sn_operation_wait(&question->operation);
        starter->failed_count += !is_expected(question);
        sn_dns_result_release(question->result);
        free(question);
    }
    starter->failed_count += starter->callback_count != callbacks;
    return NULL;
}

TEST(every_question_completes_exactly_once_answered_cancelled_or_too_late)
{
    struct starter starters[STARTER_COUNT] = {{.failed_count = 0}};
    for (int i = 0; i < STARTER_COUNT; i++) {
        starters[i].rounds = repetitions(200);
        assert_int_equal(0, pthread_create(&starters[i].thread, NULL, start_many, &starters[i]));
    }
    for (int i = 0; i < STARTER_COUNT; i++) {
        pthread_join(starters[i].thread, NULL);
        assert_int_equal(0, starters[i].failed_count);
    }
}

/* --- Blocked ---------------------------------------------------------------------------------- */

static sn_error ask_blocking(void *context)
{
    sn_dns_result *result = NULL;
    sn_error error =
        sn_resolver_resolve(context, "host.example.org", SN_DNS_TYPE_A, SN_FOREVER, &result);
    if (error == SN_ERROR_INTERRUPTED && sn_error_last_native() != EINTR)
        return SN_ERROR_FAULT;
    sn_dns_result_release(result);
    return error;
}

static bool says_yes(void *context)
{
    (void)context;
    return true;
}

static void ignore_signal(int number)
{
    (void)number;
}

/* The hook must be there when the wait begins. */
static struct sigaction begin_interrupts(void)
{
    const struct sigaction action = {.sa_handler = ignore_signal};
    struct sigaction old;
    assert_int_equal(0, sigaction(SIGUSR2, &action, &old));
    sn_set_interrupt_hook(says_yes, NULL);
    return old;
}

static void end_by_interrupt(struct thread *thread, const struct sigaction *old)
{
    while (!thread_is_done(thread)) {
        pthread_kill(thread->id, SIGUSR2);
        give_way();
    }
    assert_error(SN_ERROR_INTERRUPTED, thread_join(thread));
    sn_set_interrupt_hook(NULL, NULL);
    assert_int_equal(0, sigaction(SIGUSR2, old, NULL));
}

TEST(a_signal_ends_a_blocking_question_where_a_hook_says_so)
{
    struct thread thread;
    const struct sigaction old = begin_interrupts();
    thread_start(&thread, ask_blocking, at_silent);
    name_server_await(&silent, 1);
    end_by_interrupt(&thread, &old);
}

/* --- fork ------------------------------------------------------------------------------------- */

struct inherited {
    struct question *question;
    size_t descriptors; /* open in the parent */
};

static int use_in_child(void *context)
{
    const struct inherited *inherited = context;
    sn_dns_result *result = NULL;
    sn_operation operation = {0};
    /* The socket of the blocked thread, and socket and event of the one that asks. */
    CHILD_EXPECT(descriptors_count() == inherited->descriptors - 3);
    CHILD_EXPECT(!sn_operation_is_completed(&inherited->question->operation));
    CHILD_EXPECT(!ask_blocking(at_good));
    if (HAS_ADDRESS_SANITIZER)
        return 0;
    sn_resolver_resolve_async(at_good, "host.example.org", SN_DNS_TYPE_A, &result, &operation);
    CHILD_EXPECT(!sn_operation_wait(&operation));
    CHILD_EXPECT(operation.transferred == 1);
    sn_dns_result_release(result);
    return 0;
}

TEST(a_forked_child_has_no_descriptor_of_a_question_and_can_ask_its_own)
{
    struct thread thread;
    unsigned callbacks = 0;
    struct inherited inherited = {.question = make(&callbacks)};
    const struct sigaction old = begin_interrupts();
    start(inherited.question, at_silent);
    thread_start(&thread, ask_blocking, at_silent);
    name_server_await(&silent, 2);
    inherited.descriptors = descriptors_count();
    assert_int_equal(0, child_run(use_in_child, &inherited));
    sn_operation_cancel(&inherited.question->operation);
    wait_for(&callbacks, 1);
    assert_error(SN_ERROR_OPERATION_CANCELED, inherited.question->operation.error);
    free(inherited.question);

    /* The parent's own questions are as they were. */
    assert_false(thread_is_done(&thread));
    end_by_interrupt(&thread, &old);
}

#define ASKED(test)                                                                                \
    {                                                                                              \
#test, test, begin, end, NULL                                                              \
    }

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ASKED(a_cancel_completes_the_question_and_sets_its_thread_free),
        ASKED(a_cancel_ends_a_question_over_a_connection),
        ASKED(a_time_limit_completes_a_question),
        ASKED(one_handle_cancels_many_questions_asked_or_waiting),
        ASKED(misuse_comes_out_through_the_operation),
        ASKED(a_record_that_is_running_is_not_taken),
        ASKED(every_question_completes_exactly_once_answered_cancelled_or_too_late),
        ASKED(a_signal_ends_a_blocking_question_where_a_hook_says_so),
        ASKED(a_forked_child_has_no_descriptor_of_a_question_and_can_ask_its_own),
    };
    return RUN(cases);
}
