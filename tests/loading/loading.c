/*
 * A program that does not know the library at its start and loads it from the file it is given, as
 * the bindings of other languages do. Threads are there before it and after it.
 *
 * It stands alone, so that it is compiled for another C library too.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <sennit.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, ROUNDS = 50 };

#define FUNCTION_TABLE(X)                                                                          \
    X(sn_socket_pair)                                                                              \
    X(sn_socket_send)                                                                              \
    X(sn_socket_receive)                                                                           \
    X(sn_socket_send_async)                                                                        \
    X(sn_socket_receive_async)                                                                     \
    X(sn_socket_release)                                                                           \
    X(sn_error_last_native)

#define X(name) static __typeof__(name) *call_##name;
FUNCTION_TABLE(X)
#undef X

static pthread_barrier_t barrier;

static void expect(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    exit(EXIT_FAILURE);
}

static void *find(void *library, const char *name)
{
    void *symbol = dlsym(library, name);
    expect(symbol, name);
    return symbol;
}

/* C has no conversion between the two kinds of pointers, POSIX has. */
static void find_functions(void *library)
{
    void *symbol;
#define X(name)                                                                                    \
    symbol = find(library, #name);                                                                 \
    memcpy(&call_##name, &symbol, sizeof symbol);
    FUNCTION_TABLE(X)
#undef X
}

static void *load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fprintf(stderr, "%s\n", dlerror());
    expect(library, "it can be loaded");
    return library;
}

static void block(sn_socket *pair[2], uint32_t number)
{
    uint32_t received = 0;
    size_t count = 0;
    expect(!call_sn_socket_send(pair[0], &number, sizeof number, SN_FLAG_NONE, NULL), "a send");
    expect(!call_sn_socket_receive(pair[1], &received, sizeof received, SN_FLAG_NONE, &count) &&
               count == sizeof number && received == number,
           "what was sent is received");
}

static void post(sn_operation *operation)
{
    (void)sem_post(operation->context);
}

/* On a thread of the library, too. */
static void complete(sn_socket *pair[2], uint32_t number)
{
    uint32_t received = 0;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    sn_operation receive = {.completed = post, .context = &done};
    sn_operation send = {.completed = post, .context = &done};
    call_sn_socket_receive_async(pair[1], &received, sizeof received, SN_FLAG_NONE, &receive);
    call_sn_socket_send_async(pair[0], &number, sizeof number, SN_FLAG_NONE, &send);
    for (int i = 0; i < 2; i++)
        while (sem_wait(&done) != 0)
            ;
    expect(!receive.error && !send.error && received == number, "a callback tells of what came");
    (void)sem_destroy(&done);
}

static void fail(sn_socket *pair[2])
{
    char byte;
    size_t count;
    call_sn_socket_release(pair[0]);
    expect(!call_sn_socket_receive(pair[1], &byte, 1, SN_FLAG_NONE, &count) && count == 0,
           "the end of the stream");
    expect(call_sn_socket_send(pair[1], "", 1, SN_FLAG_NONE, NULL) != SN_OK, "a send to nobody");
    expect(call_sn_error_last_native() != 0, "each thread has an error of its own");
    call_sn_socket_release(pair[1]);
}

static void *use(void *argument)
{
    uint32_t base = (uint32_t)(uintptr_t)argument * ROUNDS;
    (void)pthread_barrier_wait(&barrier); /* it is loaded now */
    expect(call_sn_error_last_native() == 0, "a thread begins without an error");
    sn_socket *pair[2];
    expect(!call_sn_socket_pair(SN_TYPE_STREAM, pair), "a pair of sockets");
    for (uint32_t i = 0; i < ROUNDS; i++) {
        block(pair, base + i);
        complete(pair, base + i);
    }
    fail(pair);
    (void)pthread_barrier_wait(&barrier);
    (void)pthread_barrier_wait(&barrier); /* it is not in use any more */
    return NULL;
}

int main(int argc, char **argv)
{
    expect(argc == 2, "the argument is the library's file");
    pthread_t threads[THREADS];
    (void)pthread_barrier_init(&barrier, NULL, THREADS + 1);
    for (uintptr_t i = 0; i < THREADS; i++)
        expect(!pthread_create(&threads[i], NULL, use, (void *)i), "a thread starts");

    void *library = load(argv[1]);
    find_functions(library);
    (void)pthread_barrier_wait(&barrier);
    (void)pthread_barrier_wait(&barrier);
    expect(!dlclose(library), "it can be closed");

    /* What these threads leave behind is cleared away by the library when they end. */
    (void)pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);

    library = dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD);
    expect(library, "it has stayed in memory");
    find_functions(library);
    sn_socket *pair[2];
    expect(!call_sn_socket_pair(SN_TYPE_STREAM, pair), "a pair of sockets, later");
    block(pair, 1);
    complete(pair, 2);
    fail(pair);
    puts("loaded, used by threads, closed, and used again");
}
