/* Loops made of system calls. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include "conformance/loops/loops.h"

bool host_before_sleep(struct host *host, sn_milliseconds *out_timeout_ms)
{
    if (!host->error)
        host->error = sn_engine_run(host->engine, 0, NULL);
    if (!host->error)
        host->error = sn_engine_get_timeout(host->engine, out_timeout_ms);
    if (host->error || atomic_load(&host->wanted) <= 0)
        return false;
    if (*out_timeout_ms != 0)
        atomic_fetch_add(&host->sleeps, 1);
    return true;
}

static void run_poll(struct host *host)
{
    sn_milliseconds timeout_ms;
    while (host_before_sleep(host, &timeout_ms)) {
        struct pollfd poll_one = {.fd = host->handle, .events = POLLIN};
        (void)!poll(&poll_one, 1, (int)timeout_ms);
    }
}

static void run_select(struct host *host)
{
    sn_milliseconds timeout_ms;
    while (host_before_sleep(host, &timeout_ms)) {
        struct timeval span = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
        fd_set set;
        FD_ZERO(&set);
        FD_SET((unsigned)host->handle, &set); /* in musl it divides by an unsigned number */
        (void)!select(host->handle + 1, &set, NULL, NULL, timeout_ms < 0 ? NULL : &span);
    }
}

static void run_epoll_for(struct host *host, uint32_t events)
{
    sn_milliseconds timeout_ms;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = events};
    (void)!epoll_ctl(epoll, EPOLL_CTL_ADD, host->handle, &event);
    while (host_before_sleep(host, &timeout_ms))
        (void)!epoll_wait(epoll, &event, 1, (int)timeout_ms);
    close(epoll);
}

static void run_epoll(struct host *host)
{
    run_epoll_for(host, EPOLLIN);
}

static void run_epoll_edges(struct host *host)
{
    run_epoll_for(host, EPOLLIN | EPOLLET);
}

const struct loop loop_poll = {"poll", run_poll};
const struct loop loop_select = {"select", run_select};
const struct loop loop_epoll = {"epoll", run_epoll};
const struct loop loop_epoll_edges = {"epoll, edges", run_epoll_edges};
