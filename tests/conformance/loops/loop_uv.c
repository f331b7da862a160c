#include "conformance/loops/loops.h"

#ifdef HAS_LIBUV
#include <uv.h>

struct embedded {
    struct host *host;
    uv_prepare_t prepare;
    uv_poll_t poll;
    uv_timer_t timer;
};

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)poll, (void)status, (void)events;
}

static void on_time(uv_timer_t *timer)
{
    (void)timer;
}

static void before_sleep(uv_prepare_t *prepare)
{
    struct embedded *embedded = prepare->data;
    sn_milliseconds timeout_ms;
    if (!host_before_sleep(embedded->host, &timeout_ms)) {
        uv_stop(prepare->loop);
        uv_timer_start(&embedded->timer, on_time, 0, 0); /* and it does not sleep before */
    } else if (timeout_ms < 0) {
        uv_timer_stop(&embedded->timer);
    } else {
        uv_timer_start(&embedded->timer, on_time, (uint64_t)timeout_ms, 0);
    }
}

static void run_uv(struct host *host)
{
    uv_loop_t loop;
    struct embedded embedded = {.host = host};
    uv_loop_init(&loop);
    uv_prepare_init(&loop, &embedded.prepare);
    uv_poll_init(&loop, &embedded.poll, host->handle);
    uv_timer_init(&loop, &embedded.timer);
    embedded.prepare.data = &embedded;
    uv_prepare_start(&embedded.prepare, before_sleep);
    uv_poll_start(&embedded.poll, UV_READABLE, on_readable);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&embedded.prepare, NULL);
    uv_close((uv_handle_t *)&embedded.poll, NULL);
    uv_close((uv_handle_t *)&embedded.timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
}

void loop_uv_begin(void)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    uv_loop_close(&loop);
}

const struct loop loop_uv = {"libuv", run_uv};
#else
void loop_uv_begin(void)
{
}

const struct loop loop_uv = {"libuv", NULL};
#endif
