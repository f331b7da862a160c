#include "dns/pool.h"

#include <stdlib.h>

#include "sys/sys.h"

#define IDLE_NS INT64_C(10000000000)

/* A thread that has nothing to do. On its stack; linked while it may be given work. */
struct sleeper {
    struct list link;
    uint32_t is_woken; /* atomic; set under the lock */
};

/* All under the lock. */
static struct {
    struct lock lock;
    struct list queue;     /* tasks that no thread has taken yet */
    struct list sleepers;  /* the last that went to sleep is first, so that the others can end */
    uint32_t thread_count; /* started and not ended */
    uint32_t limit;        /* 0: the environment was not asked yet */
    uint32_t forks;
} pool = {.lock = LOCK_INITIALIZER,
          .queue = {&pool.queue, &pool.queue},
          .sleepers = {&pool.sleepers, &pool.sleepers}};

/* --- Preparation ------------------------------------------------------------------------------ */

/*
 * The child of a fork has none of the threads, and the lock may have been in the hands of one of
 * them. So it starts anew; tasks of the parent are forgotten, since only the parent's threads know
 * how far they are.
 */
static void start_anew(void)
{
    lock_init(&pool.lock);
    list_init(&pool.queue);
    list_init(&pool.sleepers);
    pool.thread_count = 0;
    pool.forks++;
}

/* A number that makes no sense leaves the default in place: a typing error in the environment must
 * not keep a program from starting. */
static uint32_t limit_from_environment(void)
{
    const char *text = secure_getenv("SENNIT_DNS_THREADS");
    if (!text || *text < '0' || *text > '9')
        return POOL_LIMIT_DEFAULT;
    char *end;
    unsigned long limit = strtoul(text, &end, 10); /* ULONG_MAX if it is larger than that */
    if (*end != '\0' || limit == 0)
        return POOL_LIMIT_DEFAULT;
    return limit < POOL_LIMIT_MAX ? (uint32_t)limit : POOL_LIMIT_MAX;
}

/* When the library is loaded, so that no fork is missed. */
__attribute__((constructor)) static void watch_forks(void)
{
    (void)sys_on_fork(NULL, NULL, start_anew);
}

static void enter(void)
{
    lock_acquire(&pool.lock);
    if (pool.limit == 0)
        pool.limit = limit_from_environment();
}

static void leave(void)
{
    lock_release(&pool.lock);
}

/* --- A thread of the pool --------------------------------------------------------------------- */

/* The lock is held, so that the sleeper cannot go while it is being woken. */
static bool wake_one(void)
{
    struct list *link = list_pop(&pool.sleepers);
    if (!link)
        return false;
    struct sleeper *sleeper = container_of(link, struct sleeper, link);
    atomic_store_release(&sleeper->is_woken, 1); /* pairs with the acquire in sleep_idle() */
    sys_futex_wake_all(&sleeper->is_woken);
    return true;
}

/* Held before and after, released while it sleeps. false: nothing came up in all the time. */
static bool sleep_idle(void)
{
    struct sleeper self = {.is_woken = 0};
    list_prepend(&pool.sleepers, &self.link);
    lock_release(&pool.lock);

    int64_t deadline_ns = sys_now() + IDLE_NS;
    while (!atomic_load_acquire(&self.is_woken) && sys_now() < deadline_ns)
        (void)sys_futex_wait(&self.is_woken, 0, deadline_ns);

    lock_acquire(&pool.lock);
    list_remove(&self.link);
    return self.is_woken != 0;
}

/* Held before and after, released while the task runs, which may free itself. */
static void run_task(struct list *link)
{
    struct pool_task *task = container_of(link, struct pool_task, link);
    lock_release(&pool.lock);
    task->run(task);
    lock_acquire(&pool.lock);
}

static void *serve(void *context)
{
    (void)context;
    bool was_idle_long = false;
    lock_acquire(&pool.lock);
    while (pool.thread_count <= pool.limit) {
        struct list *link = list_pop(&pool.queue);
        if (!link && was_idle_long)
            break;
        if (link)
            run_task(link);
        was_idle_long = !link && !sleep_idle();
    }
    assert(pool.thread_count > 0);
    pool.thread_count--;
    lock_release(&pool.lock);
    return NULL;
}

/* The lock is held, so that the new thread finds itself counted. */
static int32_t start_thread(void)
{
    int32_t failed = sys_thread_start_detached(serve, NULL);
    if (!failed)
        pool.thread_count++;
    return failed;
}

/* --- Tasks ------------------------------------------------------------------------------------ */

int32_t pool_submit(struct pool_task *task)
{
    int32_t failed = 0;
    enter();
    task->forks = pool.forks;
    list_append(&pool.queue, &task->link);
    if (!wake_one() && pool.thread_count < pool.limit)
        failed = start_thread();
    /* With a thread left it is only a matter of time. */
    if (failed && pool.thread_count > 0)
        failed = 0;
    if (failed)
        list_remove(&task->link);
    leave();
    return failed;
}

bool pool_withdraw(struct pool_task *task)
{
    enter();
    bool is_waiting = task->forks == pool.forks && !list_is_empty(&task->link);
    if (is_waiting)
        list_remove(&task->link);
    leave();
    return is_waiting;
}

/* --- The limit -------------------------------------------------------------------------------- */

void pool_set_limit(uint32_t limit)
{
    assert(limit > 0);
    assert(limit <= POOL_LIMIT_MAX);
    enter();
    pool.limit = limit;
    /* Idle threads look at the limit, and surplus ones end, so that no task is given to one of
     * those. */
    while (wake_one())
        continue;
    const struct list *waiting = pool.queue.next;
    while (waiting != &pool.queue && pool.thread_count < pool.limit && start_thread() == 0)
        waiting = waiting->next;
    leave();
}

uint32_t pool_get_limit(void)
{
    enter();
    uint32_t limit = pool.limit;
    leave();
    return limit;
}
