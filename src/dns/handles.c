#include "dns/handles.h"

/* Held for one system call that makes or closes a descriptor, and during a fork. */
static struct {
    struct lock lock;
    struct list list;
} open_handles = {.lock = LOCK_INITIALIZER, .list = {&open_handles.list, &open_handles.list}};

static void hold(void)
{
    lock_acquire(&open_handles.lock);
}

static void let_go(void)
{
    lock_release(&open_handles.lock);
}

/* A thread that forks in the middle of an exchange (in the hook that is asked about signals) finds
 * that its descriptor is gone, and the exchange fails. */
static void close_all(void)
{
    struct list *link;
    while ((link = list_pop(&open_handles.list)) != NULL) {
        struct kept_handle *handle = container_of(link, struct kept_handle, link);
        (void)sys_close(handle->number);
        handle->number = -1;
    }
    let_go();
}

/* When the library is loaded, so that no fork is missed. */
__attribute__((constructor)) static void watch_forks(void)
{
    (void)sys_on_fork(hold, let_go, close_all);
}

static int32_t keep(struct kept_handle *handle, int32_t made)
{
    handle->number = made < 0 ? -1 : made;
    if (made >= 0)
        list_append(&open_handles.list, &handle->link);
    return made < 0 ? made : 0;
}

int32_t kept_socket(struct kept_handle *handle, int family, int type)
{
    hold();
    int32_t failed = keep(handle, sys_socket(family, type, 0));
    let_go();
    return failed;
}

int32_t kept_wake(struct kept_handle *handle)
{
    hold();
    int32_t failed = keep(handle, sys_wake_open());
    let_go();
    return failed;
}

void kept_close(struct kept_handle *handle)
{
    hold();
    if (handle->number >= 0) {
        list_remove(&handle->link);
        (void)sys_close(handle->number);
        handle->number = -1;
    }
    let_go();
}
