#include "scripted_resolver.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "sys/sys.h"

struct script script;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned stuck_count;
static unsigned stuck_max;
static unsigned lookup_count;
static unsigned once_count;
static bool is_released;
static unsigned thread_count;  /* atomic */
static uint32_t is_time_short; /* atomic */

int32_t __wrap_sys_resolve(const char *host, int native_family, struct sys_resolved **out_list);
int32_t __wrap_sys_reverse(const void *sockaddr, uint32_t size, char *name, size_t name_size);
int32_t __wrap_sys_host_name(char *name, size_t size);
int32_t __wrap_sys_interface_addresses(int native_family, struct sys_resolved **out_list);
int32_t __real_sys_thread_start_detached(void *(*run)(void *context), void *context);
int32_t __wrap_sys_thread_start_detached(void *(*run)(void *context), void *context);
int64_t __real_sys_now(void);
int64_t __wrap_sys_now(void);
bool __real_sys_futex_wait(const uint32_t *word, uint32_t value, int64_t deadline_ns);
bool __wrap_sys_futex_wait(const uint32_t *word, uint32_t value, int64_t deadline_ns);

/* --- What tests do ---------------------------------------------------------------------------- */

/* So that a child does not inherit the mutex from a thread that it does not have. */
static void hold(void)
{
    pthread_mutex_lock(&mutex);
}

static void let_go(void)
{
    pthread_mutex_unlock(&mutex);
}

static void prepare(void)
{
    (void)pthread_atfork(hold, let_go, let_go);
}

void script_reset(void)
{
    static pthread_once_t prepared = PTHREAD_ONCE_INIT;
    pthread_once(&prepared, prepare);
    atomic_store_relaxed(&is_time_short, 0);
    pthread_mutex_lock(&mutex);
    while (stuck_count > 0)
        pthread_cond_wait(&changed, &mutex);
    stuck_max = lookup_count = once_count = 0;
    is_released = false;
    script = (struct script){.canonical_name = NULL};
    pthread_mutex_unlock(&mutex);
}

void script_shorten_time(void)
{
    atomic_store_relaxed(&is_time_short, 1);
}

void script_wait_stuck(unsigned count)
{
    pthread_mutex_lock(&mutex);
    while (stuck_count != count)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

void script_release(void)
{
    pthread_mutex_lock(&mutex);
    is_released = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static unsigned read_count(const unsigned *count)
{
    pthread_mutex_lock(&mutex);
    unsigned value = *count;
    pthread_mutex_unlock(&mutex);
    return value;
}

unsigned script_stuck_max(void)
{
    return read_count(&stuck_max);
}

unsigned script_lookup_count(void)
{
    return read_count(&lookup_count);
}

unsigned script_thread_count(void)
{
    return atomic_load_acquire(&thread_count);
}

void script_wait_threads(unsigned count)
{
    while (script_thread_count() > count)
        sched_yield();
}

/* --- What the room sees ----------------------------------------------------------------------- */

static void get_stuck(void)
{
    pthread_mutex_lock(&mutex);
    stuck_count++;
    if (stuck_count > stuck_max)
        stuck_max = stuck_count;
    pthread_cond_broadcast(&changed);
    while (!is_released)
        pthread_cond_wait(&changed, &mutex);
    stuck_count--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static unsigned count_up(unsigned *count)
{
    pthread_mutex_lock(&mutex);
    unsigned before = (*count)++;
    pthread_mutex_unlock(&mutex);
    return before;
}

static struct sys_resolved *list_of(const struct script_address *addresses, int native_family)
{
    struct sys_resolved *list =
        memory_zeroed(sizeof *list + SCRIPT_ADDRESS_MAX * sizeof(struct sys_resolved_address));
    for (size_t index = 0; list && index < SCRIPT_ADDRESS_MAX && addresses[index].text; index++) {
        sn_ip_address address;
        sn_endpoint endpoint;
        size_t size;
        if (sn_ip_address_parse(addresses[index].text, &address) ||
            sn_endpoint_from_ip(&address, 0, &endpoint))
            abort();
        struct sys_resolved_address *next = &list->addresses[list->count];
        const void *sockaddr = sn_endpoint_get_sockaddr(&endpoint, &size);
        memcpy(&next->as, sockaddr, size);
        next->size = (uint32_t)size;
        next->is_loopback = addresses[index].is_loopback;
        if (native_family == AF_UNSPEC || next->as.generic.sa_family == native_family)
            list->count++;
    }
    return list;
}

static int32_t deliver(const struct script_address *addresses, int native_family,
                       const char *canonical_name, struct sys_resolved **out_list)
{
    struct sys_resolved *list = list_of(addresses, native_family);
    if (!list)
        return -ENOMEM;
    if (canonical_name) {
        list->canonical_name = memory_text(canonical_name, strlen(canonical_name));
        if (!list->canonical_name) {
            sys_resolved_free(list);
            return -ENOMEM;
        }
    }
    *out_list = list;
    return 0;
}

int32_t __wrap_sys_resolve(const char *host, int native_family, struct sys_resolved **out_list)
{
    static const struct script_address quick[SCRIPT_ADDRESS_MAX] = {{"192.0.2.1", false}};
    static const struct script_address own[SCRIPT_ADDRESS_MAX] = {{"127.0.1.1", false}};
    (void)count_up(&lookup_count);
    if (begins_with(host, "fails-"))
        return (int32_t)strtol(host + strlen("fails"), NULL, 10);
    if (begins_with(host, "stuck"))
        get_stuck();
    else if (begins_with(host, "once") && count_up(&once_count) == 0)
        get_stuck();
    else if (strcmp(host, "listed") == 0)
        return deliver(script.listed, native_family, script.canonical_name, out_list);
    else if (strcasecmp(host, "own.example") == 0)
        return deliver(own, native_family, script.canonical_name, out_list);
    else if (!begins_with(host, "quick") && !begins_with(host, "once"))
        return SYS_RESOLVE_NOT_FOUND;
    return deliver(quick, native_family, NULL, out_list);
}

int32_t __wrap_sys_reverse(const void *sockaddr, uint32_t size, char *name, size_t name_size)
{
    (void)sockaddr;
    (void)size;
    if (script.reverse_result)
        return script.reverse_result;
    snprintf(name, name_size, "%s", script.reverse_name);
    return 0;
}

int32_t __wrap_sys_host_name(char *name, size_t size)
{
    if (script.host_name_result)
        return script.host_name_result;
    snprintf(name, size, "Own.Example");
    return 0;
}

int32_t __wrap_sys_interface_addresses(int native_family, struct sys_resolved **out_list)
{
    if (script.interfaces_result)
        return script.interfaces_result;
    return deliver(script.interfaces, native_family, NULL, out_list);
}

/* Every thread has the same function, so it can stand here. Atomic. */
static void *(*run_thread)(void *context);

static void *run_counted(void *context)
{
    (void)atomic_load_acquire (&run_thread)(context);
    atomic_sub_acq_rel(&thread_count, 1);
    return NULL;
}

int32_t __wrap_sys_thread_start_detached(void *(*run)(void *context), void *context)
{
    if (script.thread_result)
        return script.thread_result;
    atomic_store_release(&run_thread, run);
    atomic_add_acq_rel(&thread_count, 1);
    return __real_sys_thread_start_detached(run_counted, context);
}

/* Each look at the clock finds an hour gone, and no sleep lasts longer than a millisecond. */
int64_t __wrap_sys_now(void)
{
    static int64_t lead_ns;
    int64_t now_ns = __real_sys_now();
    if (!atomic_load_relaxed(&is_time_short))
        return now_ns;
    return now_ns + atomic_add_relaxed(&lead_ns, INT64_C(3600000000000));
}

bool __wrap_sys_futex_wait(const uint32_t *word, uint32_t value, int64_t deadline_ns)
{
    if (atomic_load_relaxed(&is_time_short))
        deadline_ns = __real_sys_now() + 1000000;
    return __real_sys_futex_wait(word, value, deadline_ns);
}
