/*
 * A server with thousands of connections that say nothing, each with a receive that waits.
 *
 * Counted is what the library takes through its memory functions, with what malloc adds, and the
 * operation, which is the program's. Not counted are the receive's buffer, whose size is up to the
 * program, and the kernel's part. The other ends are in a process of their own, so that both have
 * their own limit of descriptors.
 */
#include "parts.h"

#include <sennit.h>

#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    DESCRIPTORS_SPARE = 64,
    CHUNK_HEAD = sizeof(size_t), /* what malloc keeps in front of a block */
    RUN_MAX = 100
};

struct idle {
    sn_operation operation;
    sn_socket *socket; /* owned */
    char byte;
};

struct crowd {
    sn_socket *listener; /* owned */
    struct idle *all;    /* owned */
    size_t count;
    pid_t peers;
};

/* --- Accounting --- */

static atomic_size_t allocated;

static void *allocate_counted(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory)
        atomic_fetch_add(&allocated, malloc_usable_size(memory) + CHUNK_HEAD);
    return memory;
}

static void release_counted(void *memory)
{
    if (memory)
        atomic_fetch_sub(&allocated, malloc_usable_size(memory) + CHUNK_HEAD);
    free(memory);
}

/* --- The other ends --- */

static void connect_and_stay(int port, size_t count, pid_t parent)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < count && getppid() == parent; i++) {
        int handle = socket(AF_INET, SOCK_STREAM, 0);
        if (handle < 0 || connect(handle, (const struct sockaddr *)&address, sizeof address) != 0)
            _exit(1);
    }
    for (;;)
        (void)pause();
}

static bool start_peers(struct crowd *crowd, size_t count)
{
    sn_endpoint local;
    if (sn_socket_get_local_endpoint(crowd->listener, &local))
        return false;
    pid_t parent = getpid();
    (void)fflush(NULL);
    crowd->peers = fork();
    if (crowd->peers == 0)
        connect_and_stay(sn_endpoint_get_port(&local), count, parent);
    return crowd->peers > 0;
}

static void stop_peers(struct crowd *crowd)
{
    if (crowd->peers <= 0)
        return;
    (void)kill(crowd->peers, SIGKILL);
    (void)waitpid(crowd->peers, NULL, 0);
}

/* --- Our ends --- */

static bool listen_for(struct crowd *crowd)
{
    sn_endpoint local;
    return !sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &local) &&
           !sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &crowd->listener) &&
           !sn_socket_bind(crowd->listener, &local) && !sn_socket_listen(crowd->listener, 4096) &&
           !sn_socket_set_accept_timeout(crowd->listener, 10000);
}

/* The receives are pending once the engine has nothing more to do at once. */
static bool accept_all(struct crowd *crowd, sn_engine *engine, size_t count)
{
    while (crowd->count < count) {
        struct idle *idle = &crowd->all[crowd->count];
        if (sn_socket_accept(crowd->listener, &idle->socket))
            return false;
        crowd->count++;
        if (sn_socket_set_engine(idle->socket, engine))
            return false;
        sn_socket_receive_async(idle->socket, &idle->byte, 1, SN_FLAG_NONE, &idle->operation);
        if (crowd->count % RUN_MAX == 0 && sn_engine_run(engine, 0, NULL))
            return false;
    }
    return !sn_engine_run(engine, 0, NULL);
}

static bool is_all_pending(const struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++) {
        if (sn_operation_is_completed(&crowd->all[i].operation))
            return false;
    }
    return true;
}

static void print_values(sn_engine *engine, size_t connection_count, size_t used)
{
    const char *name = sn_engine_backend_name(sn_engine_get_backend(engine));
    double library = (double)used / (double)connection_count;
    printf("(%s: %zu connections: %.0f bytes of the library and an operation of %zu for each)\n",
           name, connection_count, library, sizeof(sn_operation));
    printf("value memory_%s_bytes %.0f\n", name, library + (double)sizeof(sn_operation));
}

/* The engine is new, so that what it takes to grow counts too. */
static bool measure_crowd(struct crowd *crowd, sn_engine *engine, size_t count)
{
    if (!listen_for(crowd) || !start_peers(crowd, count) || sn_engine_run(engine, 0, NULL))
        return false;
    size_t before = atomic_load(&allocated);
    if (!accept_all(crowd, engine, count) || !is_all_pending(crowd))
        return false;
    print_values(engine, count, atomic_load(&allocated) - before);
    return true;
}

static bool measure_backend(sn_engine_backend backend, size_t count)
{
    struct crowd crowd = {.all = calloc(count, sizeof *crowd.all)};
    const sn_engine_options options = {.backend = backend};
    sn_engine *engine = NULL;
    if (!crowd.all)
        abort();
    if (sn_engine_create(&options, &engine)) {
        printf("left out: %s: it does not work here\n", sn_engine_backend_name(backend));
        free(crowd.all);
        return true;
    }
    bool is_ok = measure_crowd(&crowd, engine, count);
    if (!is_ok)
        fprintf(stderr, "wait: %s: not all of %zu connections could be made to wait\n",
                sn_engine_backend_name(backend), count);
    stop_peers(&crowd);
    is_ok = sn_engine_destroy(engine) == SN_OK && is_ok;
    for (size_t i = 0; i < crowd.count; i++)
        sn_socket_release(crowd.all[i].socket);
    sn_socket_release(crowd.listener);
    free(crowd.all);
    return is_ok;
}

static size_t connections_possible(size_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    size_t possible =
        limit.rlim_max > DESCRIPTORS_SPARE ? (size_t)limit.rlim_max - DESCRIPTORS_SPARE : 1;
    if (possible >= wanted)
        return wanted;
    printf("the limit of open files allows %zu connections instead of %zu\n", possible, wanted);
    return possible;
}

bool memory_measure(size_t connection_count)
{
    const sn_memory_functions functions = {.allocate_zeroed = allocate_counted,
                                           .release = release_counted};
    size_t count = connections_possible(connection_count);
    return sn_memory_set_functions(&functions) &&
           measure_backend(SN_ENGINE_BACKEND_IO_URING, count) &&
           measure_backend(SN_ENGINE_BACKEND_EPOLL, count);
}
