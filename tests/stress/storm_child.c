/* What a child of the storm does: it has been forked at any moment, and inherits sockets that other
 * threads of its parent are in. */
#include "stress/storm.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic.h"
#include "support/test.h"

/* Longer than anything takes on a busy machine with a sanitizer. */
#define SECONDS 60

/* The thread sanitizer knows a child's thread by its parent's number, and stops. And the allocator
 * of the address sanitizer does not survive such a fork; so nothing is allocated there. */
#if defined(__SANITIZE_THREAD__)
#define CHILD_THREADS 0
#else
#define CHILD_THREADS 1
#endif

struct heritage {
    struct randomness randomness;
    sn_socket *sockets[HEIRLOOM_COUNT]; /* NULL: none */
    sn_engine *foreign;
    sn_engine *driven; /* its own one; NULL: none */
};

/* Nobody else drives it. */
static void wait_driving(struct heritage *heritage, sn_operation *operation)
{
    while (heritage->driven && !sn_operation_is_completed(operation))
        CHECK_OK(sn_engine_run(heritage->driven, SN_FOREVER, NULL));
    (void)!sn_operation_wait(operation);
}

static void use_blocking(struct heritage *heritage, sn_socket *socket)
{
    char data[64];
    size_t size;
    bool is_ready;
    switch (random_below(&heritage->randomness, 4)) {
    case 0: (void)!sn_socket_send(socket, "child", 5, SN_FLAG_NONE, &size); break;
    case 1: (void)!sn_socket_receive(socket, data, sizeof data, SN_FLAG_NONE, &size); break;
    case 2: (void)!sn_socket_poll(socket, 500, SN_SELECT_READ, &is_ready); break;
    case 3: sn_socket_cancel(socket); break;
    }
}

static void close_some_way(struct heritage *heritage, sn_socket *socket)
{
    sn_operation close = {0};
    switch (random_below(&heritage->randomness, 4)) {
    case 0: sn_socket_close(socket); break;
    case 1: (void)!sn_socket_close_within(socket, 1); break;
    case 2:
        sn_socket_close_async(socket, &close);
        wait_driving(heritage, &close);
        CHECK_OK(close.error);
        break;
    case 3: break; /* with the last reference, or with the process */
    }
}

/* Both operations have a time limit, so both end. */
static void exchange_something(struct heritage *heritage, sn_socket *socket)
{
    sn_operation receive = {.timeout_ms = 2}, send = {.timeout_ms = 2};
    char data[64];
    sn_socket_receive_async(socket, data, sizeof data, SN_FLAG_NONE, &receive);
    sn_socket_send_async(socket, "child", 5, SN_FLAG_NONE, &send);
    wait_driving(heritage, &receive);
    wait_driving(heritage, &send);
}

/* None can be made while the descriptors are short. Gives the engine, which may live on. */
static sn_engine *use_asynchronously(struct heritage *heritage)
{
    sn_engine *engine = NULL;
    int threads = (int)random_below(&heritage->randomness, CHILD_THREADS + 1);
    sn_engine_options options = {.threads = threads};
    if (sn_engine_create(&options, &engine))
        return NULL;
    heritage->driven = threads == 0 ? engine : NULL;
    for (int i = 0; i < HEIRLOOM_COUNT; i++)
        if (heritage->sockets[i] && !sn_socket_set_engine(heritage->sockets[i], engine))
            exchange_something(heritage, heritage->sockets[i]);
    return engine;
}

static void destroy_own(struct heritage *heritage, sn_engine *engine)
{
    CHECK_OK(sn_engine_destroy(engine));
    heritage->driven = NULL;
}

static _Noreturn void be_child(struct heritage *heritage)
{
    sn_engine *engine = NULL;
    signal(SIGALRM, SIG_DFL);
    alarm(SECONDS);
    CHECK(sn_engine_destroy(heritage->foreign) == SN_ERROR_INVALID_OPERATION);
    for (int i = 0; i < HEIRLOOM_COUNT; i++)
        if (heritage->sockets[i] && random_once_in(&heritage->randomness, 2))
            use_blocking(heritage, heritage->sockets[i]);
    if (!HAS_ADDRESS_SANITIZER && random_once_in(&heritage->randomness, 2))
        engine = use_asynchronously(heritage);
    if (engine && random_once_in(&heritage->randomness, 2)) {
        destroy_own(heritage, engine);
        engine = NULL;
    }
    for (int i = 0; i < HEIRLOOM_COUNT; i++) {
        if (heritage->sockets[i])
            close_some_way(heritage, heritage->sockets[i]);
        if (!HAS_ADDRESS_SANITIZER)
            sn_socket_release(heritage->sockets[i]);
    }
    destroy_own(heritage, engine);
    _exit(0);
}

static void wait_for_child(pid_t child)
{
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        fprintf(stderr, "the child was ended by signal %d%s\n", WTERMSIG(status),
                WTERMSIG(status) == SIGALRM ? ": it hung" : "");
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void storm_fork(struct storm_thread *thread)
{
    struct heritage heritage = {.randomness = {thread->randomness.state ^ UINT64_C(0xf0f0)}};
    for (int i = 0; i < HEIRLOOM_COUNT; i++)
        heritage.sockets[i] = storm_take(&thread->randomness);
    pthread_rwlock_rdlock(&storm.engines_lock); /* the engine is not half destroyed */
    heritage.foreign = storm.engines[random_below(&thread->randomness, ENGINE_COUNT)];
    pid_t child = fork();
    if (child == 0)
        be_child(&heritage);
    pthread_rwlock_unlock(&storm.engines_lock);
    CHECK(child > 0);
    for (int i = 0; i < HEIRLOOM_COUNT; i++)
        sn_socket_release(heritage.sockets[i]);
    wait_for_child(child);
    atomic_add_relaxed(&storm_tally.forks, 1u);
}
