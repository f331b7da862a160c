/*
 * UDP datagrams of 64 bytes: what a send-to and a receive-from cost beside the plain sendto(2) and
 * recvfrom(2).
 *
 * They go over the loopback interface in bursts, all on one thread. Only the measured end's part is
 * timed: a burst that it receives stands in its queue before, and one that it sends is taken out
 * afterwards, both by plain calls. So a call never has to wait, and what is left is the call.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sennit.h>

#include "choices.h"
#include "measure.h"

enum { BURST = 64, SIZE = 64 };

struct contest;

/* What moves one burst; the nanoseconds that took, 0: it failed. */
typedef uint64_t burst_fn(struct contest *contest);

/* A contender's two sockets, and its operations. */
struct contest {
    burst_fn *burst;
    bool is_send;
    bool starts_all; /* the operations of a burst at once, or each from the callback before */
    uint64_t turn_ns;
    int near, far;            /* owned; the measured end is `socket` where there is one */
    sn_socket *socket;        /* owned */
    sn_engine *engine;        /* borrowed */
    struct sockaddr_in peer;  /* where the far end is, */
    sn_endpoint peer_as_ours; /* and the same */
    size_t started, completed;
    uint64_t begin_ns, end_ns;
    bool has_failed;
    sn_operation kick;
    sn_operation operations[BURST];
    sn_endpoint senders[BURST];
    char data[BURST][SIZE];
};

/* --- The bursts: raw, blocking, and started and waited for --------------------------------- */

static uint64_t burst_raw(struct contest *contest)
{
    uint64_t begin_ns = measure_clock_ns();
    for (int i = 0; i < BURST; i++) {
        struct sockaddr_in from;
        socklen_t from_size = sizeof from;
        ssize_t moved =
            contest->is_send
                ? sendto(contest->near, contest->data[i], SIZE, 0,
                         (struct sockaddr *)&contest->peer, sizeof contest->peer)
                : recvfrom(contest->near, contest->data[i], SIZE, 0, (void *)&from, &from_size);
        if (moved != SIZE)
            return 0;
    }
    return measure_clock_ns() - begin_ns;
}

static uint64_t burst_blocking(struct contest *contest)
{
    uint64_t begin_ns = measure_clock_ns();
    for (int i = 0; i < BURST; i++) {
        size_t moved = 0;
        sn_error error = contest->is_send
                             ? sn_socket_send_to(contest->socket, contest->data[i], SIZE,
                                                 SN_FLAG_NONE, &contest->peer_as_ours, &moved)
                             : sn_socket_receive_from(contest->socket, contest->data[i], SIZE,
                                                      SN_FLAG_NONE, &contest->senders[i], &moved);
        if (error || moved != SIZE)
            return 0;
    }
    return measure_clock_ns() - begin_ns;
}

static bool start(struct contest *contest, size_t i)
{
    sn_operation *operation = &contest->operations[i];
    return contest->is_send
               ? sn_socket_send_to_async(contest->socket, contest->data[i], SIZE, SN_FLAG_NONE,
                                         &contest->peer_as_ours, operation)
               : sn_socket_receive_from_async(contest->socket, contest->data[i], SIZE, SN_FLAG_NONE,
                                              &contest->senders[i], operation);
}

static uint64_t burst_waited(struct contest *contest)
{
    uint64_t begin_ns = measure_clock_ns();
    for (size_t i = 0; i < BURST; i++) {
        if (!start(contest, i) || sn_operation_wait(&contest->operations[i]) ||
            contest->operations[i].transferred != SIZE)
            return 0;
    }
    return measure_clock_ns() - begin_ns;
}

/* --- With callbacks, on an engine that this thread drives ------------------------------------ */

/* The clock runs from the callback that starts to the last one: how this thread gets into the
 * engine is not measured. */
static void on_completed(sn_operation *operation)
{
    struct contest *contest = operation->context;
    contest->has_failed |= operation->error || operation->transferred != SIZE;
    if (++contest->completed == BURST)
        contest->end_ns = measure_clock_ns();
    else if (contest->started < BURST)
        contest->has_failed |= !start(contest, contest->started++);
}

static void on_kick(sn_operation *operation)
{
    struct contest *contest = operation->context;
    contest->begin_ns = measure_clock_ns();
    do {
        contest->has_failed |= !start(contest, contest->started++);
    } while (contest->starts_all && contest->started < BURST);
}

static uint64_t burst_called_back(struct contest *contest)
{
    contest->started = contest->completed = 0;
    contest->kick.completed = on_kick;
    contest->kick.context = contest;
    for (size_t i = 0; i < BURST; i++) {
        contest->operations[i].completed = on_completed;
        contest->operations[i].context = contest;
    }
    if (!sn_engine_post_async(contest->engine, &contest->kick))
        return 0;
    while (contest->completed < BURST && !contest->has_failed) {
        if (sn_engine_run(contest->engine, SN_FOREVER, NULL))
            return 0;
    }
    return contest->has_failed ? 0 : contest->end_ns - contest->begin_ns;
}

/* --- A turn ---------------------------------------------------------------------------------- */

/* The far end's part of a burst. */
static bool answer(const struct contest *contest)
{
    char data[SIZE] = {0};
    for (int i = 0; i < BURST; i++) {
        ssize_t moved = contest->is_send ? recv(contest->far, data, SIZE, 0)
                                         : send(contest->far, data, SIZE, 0);
        if (moved != SIZE)
            return false;
    }
    return true;
}

static double turn(void *context)
{
    struct contest *contest = context;
    uint64_t spent_ns = 0, count = 0;
    while (spent_ns < contest->turn_ns) {
        if (!contest->is_send && !answer(contest))
            return -1;
        uint64_t burst_ns = contest->burst(contest);
        if (burst_ns == 0 || (contest->is_send && !answer(contest)))
            return -1;
        spent_ns += burst_ns;
        count += BURST;
    }
    return (double)count * 1e9 / (double)spent_ns;
}

/* --- Setting up ------------------------------------------------------------------------------ */

static int open_raw(struct sockaddr_in *out_address)
{
    socklen_t size = sizeof *out_address;
    int raw = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    *out_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (raw >= 0 && bind(raw, (struct sockaddr *)out_address, sizeof *out_address) == 0 &&
        getsockname(raw, (struct sockaddr *)out_address, &size) == 0)
        return raw;
    if (raw >= 0)
        (void)close(raw);
    return -1;
}

static bool open_ours(struct contest *contest, struct sockaddr_in *out_address)
{
    sn_endpoint local;
    size_t size = 0;
    if (sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &local) ||
        sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &contest->socket) ||
        sn_socket_bind(contest->socket, &local) ||
        (contest->engine && sn_socket_set_engine(contest->socket, contest->engine)) ||
        sn_socket_get_local_endpoint(contest->socket, &local))
        return false;
    const void *bytes = sn_endpoint_get_sockaddr(&local, &size);
    memcpy(out_address, bytes, size < sizeof *out_address ? size : sizeof *out_address);
    return true;
}

/* The far end is connected, so that its part needs no addresses. */
static bool contest_open(struct contest *contest, bool is_ours)
{
    struct sockaddr_in near;
    contest->near = -1;
    contest->far = open_raw(&contest->peer);
    if (contest->far < 0 ||
        sn_endpoint_from_sockaddr(&contest->peer, sizeof contest->peer, &contest->peer_as_ours))
        return false;
    if (!(is_ours ? open_ours(contest, &near) : (contest->near = open_raw(&near)) >= 0))
        return false;
    return connect(contest->far, (struct sockaddr *)&near, sizeof near) == 0;
}

static void contest_close(struct contest *contest)
{
    sn_socket_release(contest->socket);
    if (contest->near >= 0)
        (void)close(contest->near);
    if (contest->far >= 0)
        (void)close(contest->far);
}

/* The contenders; the third kind runs on an engine of the back-end. */
static const struct row {
    const char *name;
    burst_fn *burst;
    sn_engine_backend backend;
    bool starts_all;
} rows[] = {
    {"raw", burst_raw, SN_ENGINE_BACKEND_AUTOMATIC, false},
    {"blocking", burst_blocking, SN_ENGINE_BACKEND_AUTOMATIC, false},
    {"waited", burst_waited, SN_ENGINE_BACKEND_AUTOMATIC, false},
    {"one-io_uring", burst_called_back, SN_ENGINE_BACKEND_IO_URING, false},
    {"one-epoll", burst_called_back, SN_ENGINE_BACKEND_EPOLL, false},
    {"64-io_uring", burst_called_back, SN_ENGINE_BACKEND_IO_URING, true},
    {"64-epoll", burst_called_back, SN_ENGINE_BACKEND_EPOLL, true},
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

static struct contest contests[ROW_COUNT];
static sn_engine *engines[SN_ENGINE_BACKEND_EPOLL + 1];

static bool needs_missing_engine(const struct row *row)
{
    return row->backend != SN_ENGINE_BACKEND_AUTOMATIC && !engines[row->backend];
}

static bool measure_direction(const char *title, bool is_send, const struct choices *choices)
{
    struct contender contenders[ROW_COUNT];
    size_t count = 0;
    bool is_ok = true;
    for (size_t i = 0; is_ok && i < ROW_COUNT; i++) {
        if (needs_missing_engine(&rows[i]))
            continue;
        struct contest *contest = &contests[count];
        *contest = (struct contest){.burst = rows[i].burst,
                                    .is_send = is_send,
                                    .starts_all = rows[i].starts_all,
                                    .turn_ns = (uint64_t)choices->turn * 1000000u,
                                    .engine = engines[rows[i].backend]};
        contenders[count++] =
            (struct contender){.name = rows[i].name, .turn = turn, .context = contest};
        is_ok = contest_open(contest, i > 0);
    }
    struct measurement measurement = {.title = title,
                                      .unit = "datagrams/s",
                                      .scale = 1,
                                      .contenders = contenders,
                                      .count = count,
                                      .round_count = (size_t)choices->round_count};
    if (!is_ok)
        fprintf(stderr, "datagram: no sockets over the loopback interface\n");
    is_ok = is_ok && measure_run(&measurement);
    if (is_ok)
        measure_finish(&measurement);
    for (size_t i = 0; i < count; i++)
        contest_close(&contests[i]);
    return is_ok;
}

static bool open_engine(sn_engine_backend backend)
{
    const sn_engine_options options = {.backend = backend};
    sn_error error = sn_engine_create(&options, &engines[backend]);
    if (!error && sn_engine_get_backend(engines[backend]) == backend)
        return true;
    printf("without %s: %s\n", sn_engine_backend_name(backend),
           error ? sn_error_message(error) : sn_engine_get_backend_reason(engines[backend]));
    if (!error && sn_engine_destroy(engines[backend]))
        return false;
    engines[backend] = NULL;
    return true;
}

static bool close_engine(sn_engine_backend backend)
{
    return !engines[backend] || sn_engine_destroy(engines[backend]) == SN_OK;
}

int main(int argc, char **argv)
{
    struct choices choices = {
        .program = "datagram",
        .about = "UDP datagrams of 64 bytes on one processor: Sennit against sendto and recvfrom.\n"
                 "  raw       plain calls: the reference\n"
                 "  blocking  sn_socket_send_to and sn_socket_receive_from\n"
                 "  waited    the asynchronous forms without a callback, each waited for\n"
                 "  one-...   with callbacks, each started from the one before\n"
                 "  64-...    with callbacks, 64 started at once\n",
        .can_be_dear = true,
        .round_count = 120,
        .turn = 10};
    int status = choices_parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    if (!measure_pin(measure_core(0)))
        fprintf(stderr, "datagram: this process cannot be kept on one processor\n");
    printf("value null_call_ns %.0f\n", measure_null_call_ns());
    bool is_ok = open_engine(SN_ENGINE_BACKEND_IO_URING) && open_engine(SN_ENGINE_BACKEND_EPOLL);
    is_ok = is_ok && measure_direction("send_to", true, &choices);
    is_ok = is_ok && measure_direction("receive_from", false, &choices);
    is_ok =
        close_engine(SN_ENGINE_BACKEND_IO_URING) && close_engine(SN_ENGINE_BACKEND_EPOLL) && is_ok;
    return is_ok ? EXIT_DONE : EXIT_FAILED;
}
