/*
 * Operations that start themselves again in their callbacks, a million times, on a stack of 128
 * KiB, the least that glibc gives on ARM of 64 bits: callbacks run one after the other, never one
 * inside the other.
 */
#include "support/async.h"

#include <sys/mman.h>

#define TURNS 1000000

/* A sanitizer needs more stack for itself. */
#if defined(__SANITIZE_THREAD__)
#define STACK_SIZE 4194304 /* what it keeps for each thread is in there, too */
#elif defined(__SANITIZE_ADDRESS__)
#define STACK_SIZE 262144
#else
#define STACK_SIZE 131072
#endif
#define GUARD_SIZE 65536 /* below it, and nobody may touch it */

/* One operation that goes round and round. */
struct chain {
    sn_operation operation;
    sn_socket *socket; /* NULL: it posts */
    sn_engine *engine;
    long left;
    char byte;
    bool is_inside, was_nested;
};

static void start_turn(struct chain *chain)
{
    /* The byte is looked at and left, so it is there for the next turn. */
    if (chain->socket)
        sn_socket_receive_async(chain->socket, &chain->byte, 1, SN_FLAG_PEEK, &chain->operation);
    else
        sn_engine_post_async(chain->engine, &chain->operation);
}

static void completed(sn_operation *operation)
{
    struct chain *chain = operation->context;
    chain->was_nested |= chain->is_inside;
    chain->is_inside = true;
    chain->left = operation->error ? -1 : chain->left - 1;
    if (chain->left > 0)
        start_turn(chain);
    chain->is_inside = false;
}

/* Makes, drives and destroys an engine on this thread. */
static sn_error drive(struct chain *chain)
{
    sn_error error = sn_engine_create(NULL, &chain->engine);
    if (!error && chain->socket)
        error = sn_socket_set_engine(chain->socket, chain->engine);
    chain->operation = (sn_operation){.completed = completed, .context = chain};
    if (!error)
        start_turn(chain);
    while (!error && chain->left > 0)
        error = sn_engine_run(chain->engine, SN_FOREVER, NULL);
    sn_error end = sn_engine_destroy(chain->engine);
    return error ? error : end;
}

static void *drive_thread(void *chain)
{
    return (void *)(intptr_t)drive(chain);
}

static sn_error drive_on_small_stack(struct chain *chain)
{
    char *stack = mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(MAP_FAILED, stack);
    assert_int_equal(0, mprotect(stack, GUARD_SIZE, PROT_NONE));
    pthread_attr_t attributes;
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(0, pthread_attr_init(&attributes));
    assert_int_equal(0, pthread_attr_setstack(&attributes, stack + GUARD_SIZE, STACK_SIZE));
    assert_int_equal(0, pthread_create(&thread, &attributes, drive_thread, chain));
    assert_int_equal(0, pthread_join(thread, &result));
    assert_int_equal(0, pthread_attr_destroy(&attributes));
    assert_int_equal(0, munmap(stack, GUARD_SIZE + STACK_SIZE));
    return (sn_error)(intptr_t)result;
}

TEST(a_million_posts_from_callbacks_run_on_a_flat_stack)
{
    struct chain chain = {.left = repetitions(TURNS)};
    assert_ok(drive_on_small_stack(&chain));
    assert_int_equal(0, chain.left);
    assert_false(chain.was_nested);
}

TEST(a_million_receives_from_callbacks_run_on_a_flat_stack)
{
    struct socket_pair pair = pair_plain(transport_of(state));
    struct chain chain = {.socket = pair.server, .left = repetitions(TURNS)};
    send_plain(pair.client, "x", 1);
    assert_ok(drive_on_small_stack(&chain));
    assert_int_equal(0, chain.left);
    assert_int_equal('x', chain.byte);
    assert_false(chain.was_nested);
    pair_release(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_million_posts_from_callbacks_run_on_a_flat_stack),
        CASE_ON(a_million_receives_from_callbacks_run_on_a_flat_stack, UNIX_STREAM),
    };
    return RUN(cases);
}
