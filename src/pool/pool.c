#include "pool/pool.h"

#include "sys/sys.h"

#define IDLE_NS INT64_C(10000000000)

/* A thread that has nothing to do. On its stack; linked while it may be given work. */
struct sleeper {
    struct list link;
    uint32_t is_woken; /* atomic; set under the lock */
};

/* --- Preparation ------------------------------------------------------------------------------ */

void pool_begin_anew(struct pool *pool)
{
    lock_init(&pool->lock);
    list_init(&pool->queue);
    list_init(&pool->sleepers);
    pool->thread_count = 0;
    pool->forks++;
}

static void enter(struct pool *pool)
{
    lock_acquire(&pool->lock);
    if (pool->limit == 0)
        pool->limit = pool->first_limit();
}

static void leave(struct pool *pool)
{
    lock_release(&pool->lock);
}

/* --- A thread of the pool --------------------------------------------------------------------- */

/* The lock is held, so that the sleeper cannot go while it is being woken. */
static bool wake_one(struct pool *pool)
{
    struct list *link = list_pop(&pool->sleepers);
    if (!link)
        return false;
    struct sleeper *sleeper = container_of(link, struct sleeper, link);
    atomic_store_release(&sleeper->is_woken, 1); /* pairs with the acquire in sleep_idle() */
    sys_futex_wake_all(&sleeper->is_woken);
    return true;
}

/* Held before and after, released while it sleeps. false: nothing came up in all the time. */
static bool sleep_idle(struct pool *pool)
{
    struct sleeper self = {.is_woken = 0};
    list_prepend(&pool->sleepers, &self.link);
    lock_release(&pool->lock);

    int64_t deadline_ns = sys_now() + IDLE_NS;
    while (!atomic_load_acquire(&self.is_woken) && sys_now() < deadline_ns)
        (void)sys_futex_wait(&self.is_woken, 0, deadline_ns);

    lock_acquire(&pool->lock);
    list_remove(&self.link);
    return self.is_woken != 0;
}

/* Held before and after, released while the task runs, which may free itself. */
static void run_task(struct pool *pool, struct list *link)
{
    struct pool_task *task = container_of(link, struct pool_task, link);
    lock_release(&pool->lock);
    task->run(task);
    lock_acquire(&pool->lock);
}

static void *serve(void *context)
{
    struct pool *pool = context;
    bool was_idle_long = false;
    lock_acquire(&pool->lock);
    uint32_t forks = pool->forks;
    while (pool->forks == forks && pool->thread_count <= pool->limit) {
        struct list *link = list_pop(&pool->queue);
        if (!link && was_idle_long)
            break;
        if (link)
            run_task(pool, link);
        was_idle_long = !link && !sleep_idle(pool);
    }
    if (pool->forks == forks) { /* else a task has forked, and this is the child's only thread */
        assert(pool->thread_count > 0);
        pool->thread_count--;
    }
    lock_release(&pool->lock);
    return NULL;
}

/* The lock is held, so that the new thread finds itself counted. */
static int32_t start_thread(struct pool *pool)
{
    int32_t failed = sys_thread_start_detached(serve, pool);
    if (!failed)
        pool->thread_count++;
    return failed;
}

/* --- Tasks ------------------------------------------------------------------------------------ */

int32_t pool_submit(struct pool *pool, struct pool_task *task)
{
    int32_t failed = 0;
    enter(pool);
    task->forks = pool->forks;
    list_append(&pool->queue, &task->link);
    if (!wake_one(pool) && pool->thread_count < pool->limit)
        failed = start_thread(pool);
    /* With a thread left it is only a matter of time. */
    if (failed && pool->thread_count > 0)
        failed = 0;
    if (failed)
        list_remove(&task->link);
    leave(pool);
    return failed;
}

bool pool_withdraw(struct pool *pool, struct pool_task *task)
{
    enter(pool);
    bool is_waiting = task->forks == pool->forks && !list_is_empty(&task->link);
    if (is_waiting)
        list_remove(&task->link);
    leave(pool);
    return is_waiting;
}

/* --- The limit -------------------------------------------------------------------------------- */

void pool_set_limit(struct pool *pool, uint32_t limit)
{
    assert(limit > 0);
    assert(limit <= POOL_LIMIT_MAX);
    enter(pool);
    pool->limit = limit;
    /* Idle threads look at the limit, and surplus ones end, so that no task is given to one of
     * those. */
    while (wake_one(pool))
        continue;
    const struct list *waiting = pool->queue.next;
    while (waiting != &pool->queue && pool->thread_count < pool->limit && start_thread(pool) == 0)
        waiting = waiting->next;
    leave(pool);
}

uint32_t pool_get_limit(struct pool *pool)
{
    enter(pool);
    uint32_t limit = pool->limit;
    leave(pool);
    return limit;
}
