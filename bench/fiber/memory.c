/*
 * A crowd of fibers that wait, on an engine that this thread drives. Not counted is the kernel's
 * part: sockets, page tables, the records of mappings.
 */
#include "parts.h"

#include <sennit.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    DESCRIPTORS_SPARE = 64,
    CHUNK_HEAD = sizeof(size_t), /* what malloc keeps in front of a block */
    CONNECTED_SHARE = 5,         /* one fiber in so many has a connection */
    RUN_EVERY = 256
};

struct usage {
    size_t allocated; /* by the library */
    size_t resident;
};

struct crowd {
    sn_engine *engine;
    sn_socket **sockets; /* owned */
    size_t connected_count, sleeping_count;
    size_t waiting_count; /* fibers that have come to their wait */
};

/* --- Accounting --- */

static size_t allocated; /* the engine has no thread of its own */

static void *allocate_counted(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory)
        allocated += malloc_usable_size(memory) + CHUNK_HEAD;
    return memory;
}

static void release_counted(void *memory)
{
    if (memory)
        allocated -= malloc_usable_size(memory) + CHUNK_HEAD;
    free(memory);
}

static struct usage usage_now(void)
{
    unsigned long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file || fscanf(file, "%lu %lu", &total, &resident) != 2)
        abort();
    (void)fclose(file);
    return (struct usage){allocated, resident * (size_t)sysconf(_SC_PAGESIZE)};
}

/* --- The fibers --- */

static struct crowd crowd;

static sn_error wait_for_byte(void *context)
{
    sn_socket *socket = context;
    char byte;
    size_t received;
    crowd.waiting_count++;
    return sn_socket_receive(socket, &byte, 1, SN_FLAG_NONE, &received);
}

static sn_error wait_for_ever(void *context)
{
    (void)context;
    crowd.waiting_count++;
    return sn_fiber_sleep(SN_FOREVER);
}

static bool settle(size_t waiting_count)
{
    while (crowd.waiting_count < waiting_count) {
        if (sn_engine_run(crowd.engine, 0, NULL))
            return false;
    }
    return !sn_engine_run(crowd.engine, 0, NULL); /* to where it waits */
}

static bool start_sleeping(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sn_fiber_start(crowd.engine, wait_for_ever, NULL, NULL, NULL))
            return false;
        if (i % RUN_EVERY == 0 && sn_engine_run(crowd.engine, 0, NULL))
            return false;
    }
    return settle(crowd.connected_count + count);
}

static bool start_connected(void)
{
    for (size_t i = 0; i < crowd.connected_count; i += 2) {
        if (sn_socket_pair(SN_TYPE_STREAM, &crowd.sockets[i]))
            return false;
        for (size_t k = i; k < i + 2; k++) {
            if (sn_fiber_start(crowd.engine, wait_for_byte, crowd.sockets[k], NULL, NULL))
                return false;
        }
        if (i % RUN_EVERY == 0 && sn_engine_run(crowd.engine, 0, NULL))
            return false;
    }
    return settle(crowd.connected_count);
}

/* --- Measuring --- */

static void print_part(const char *kind, struct usage before, struct usage after, size_t count)
{
    const char *name = sn_engine_backend_name(sn_engine_get_backend(crowd.engine));
    double library = (double)(after.allocated - before.allocated) / (double)count;
    double resident = (double)(after.resident - before.resident) / (double)count;
    printf("value memory_%s_%s_library_bytes %.0f\nvalue memory_%s_%s_stack_bytes %.0f\n", kind,
           name, library, kind, name, resident - library);
}

/* An empty crowd first: what an engine takes to begin with is not the fibers'. */
static bool measure_crowd(void)
{
    if (sn_engine_run(crowd.engine, 0, NULL))
        return false;
    struct usage before = usage_now();
    if (!start_connected())
        return false;
    struct usage connected = usage_now();
    if (!start_sleeping(crowd.sleeping_count))
        return false;
    struct usage all = usage_now();
    printf("(%s: %zu fibers wait, %zu of them at the ends of connections, whose socket is in the "
           "library's part)\n",
           sn_engine_backend_name(sn_engine_get_backend(crowd.engine)),
           crowd.connected_count + crowd.sleeping_count, crowd.connected_count);
    print_part("connected", before, connected, crowd.connected_count);
    print_part("sleeping", connected, all, crowd.sleeping_count);
    return true;
}

static bool measure_backend(sn_engine_backend backend, size_t connected_count,
                            size_t sleeping_count)
{
    crowd = (struct crowd){.connected_count = connected_count, .sleeping_count = sleeping_count};
    if (sn_engine_create(&(sn_engine_options){.backend = backend}, &crowd.engine)) {
        printf("not here: fibers on %s\n", sn_engine_backend_name(backend));
        return true;
    }
    crowd.sockets = calloc(connected_count, sizeof *crowd.sockets);
    if (!crowd.sockets)
        abort();
    bool is_ok = measure_crowd();
    if (!is_ok)
        fprintf(stderr, "fiber: so many fibers could not be started\n");
    /* What they wait in ends. */
    is_ok = sn_engine_destroy(crowd.engine) == SN_OK && is_ok;
    for (size_t i = 0; i < connected_count; i++)
        sn_socket_release(crowd.sockets[i]);
    free(crowd.sockets);
    return is_ok;
}

/* In a process of its own: stacks and memory that others have left behind would be used again, and
 * their pages not be counted. */
static bool measure_apart(sn_engine_backend backend, size_t connected_count, size_t sleeping_count)
{
    int status = 1;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        bool is_ok = measure_backend(backend, connected_count, sleeping_count);
        (void)fflush(NULL);
        _exit(is_ok ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Even: they are the ends of connections. */
static size_t connections_possible(size_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted & ~(size_t)1;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    size_t possible =
        limit.rlim_max > DESCRIPTORS_SPARE ? (size_t)limit.rlim_max - DESCRIPTORS_SPARE : 2;
    return (possible < wanted ? possible : wanted) & ~(size_t)1;
}

bool memory_measure(size_t fiber_count)
{
    const sn_memory_functions functions = {.allocate_zeroed = allocate_counted,
                                           .release = release_counted};
    size_t connected = connections_possible(fiber_count / CONNECTED_SHARE);
    return sn_memory_set_functions(&functions) &&
           measure_apart(SN_ENGINE_BACKEND_IO_URING, connected, fiber_count - connected) &&
           measure_apart(SN_ENGINE_BACKEND_EPOLL, connected, fiber_count - connected);
}
