#include "worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../measure.h"

/* The part of a turn that is not counted: so long, and until every connection had some answers. A
 * server that is slower than that is measured as it is. */
static const uint64_t WARM_MIN_NS = 8000000, WARM_MAX_NS = 1000000000,
                      DRAIN_PATIENCE_NS = 5000000000;
/* A window also lasts until every connection had some answers on the average: a server that takes
 * hundreds of them at a time would otherwise be measured with a part of a round of its loop. */
static const uint64_t WINDOW_MAX_NS = 2500000000;
enum { WARM_ANSWERS = 2, WINDOW_ANSWERS = 4, MANY_CONNECTIONS = 2000 };

/* --- In the worker --- */

/* Of very many connections half of them will do. */
static uint64_t answers(const struct load *load, uint64_t each)
{
    if (load->count >= MANY_CONNECTIONS)
        each /= 2;
    return each * load->count * load->plan.in_flight;
}

static bool warm_up(struct load *load)
{
    uint64_t now_ns = measure_clock_ns();
    return load_start(load, UINT64_MAX) && load_run(load, now_ns + WARM_MIN_NS, UINT64_MAX) &&
           load_run(load, now_ns + WARM_MAX_NS, answers(load, WARM_ANSWERS));
}

/* The processor time is read just inside the clock's interval at both ends. */
static bool count_window(struct load *load, const struct process *server, uint64_t window_ns,
                         struct turn *turn)
{
    uint64_t begin_ns = measure_clock_ns(), completed = load->completed;
    uint64_t cpu_ns = process_cpu_ns(server);
    turn->latencies = (struct histogram){.total = 0};
    load->latencies = &turn->latencies;
    bool is_ok =
        load_run(load, begin_ns + window_ns, UINT64_MAX) &&
        load_run(load, begin_ns + WINDOW_MAX_NS, completed + answers(load, WINDOW_ANSWERS));
    load->latencies = NULL;
    turn->cpu_ns = process_cpu_ns(server) - cpu_ns;
    turn->elapsed_ns = measure_clock_ns() - begin_ns;
    turn->completed = load->completed - completed;
    if (is_ok && turn->completed == 0)
        load->failure = "no answer came";
    return is_ok && turn->completed > 0;
}

static void work(struct worker *worker, const struct process *server, const struct load_plan *plan)
{
    struct turn *turn = worker->turn;
    struct load load;
    uint64_t window_ns = 0;
    turn->is_ok = load_open(&load, server->port, plan);
    do {
        if (turn->is_ok && window_ns > 0)
            turn->is_ok = warm_up(&load) && count_window(&load, server, window_ns, turn) &&
                          load_drain(&load, DRAIN_PATIENCE_NS);
        if (!turn->is_ok)
            (void)snprintf(turn->failure, sizeof turn->failure, "%s", load.failure);
        if (write(worker->replies, "", 1) != 1)
            break;
    } while (turn->is_ok && read(worker->orders, &window_ns, sizeof window_ns) == sizeof window_ns);
    load_close(&load);
    _exit(0);
}

/* --- In the process that gives the orders --- */

static bool hear(struct worker *worker)
{
    char byte;
    if (read(worker->replies, &byte, 1) == 1)
        return worker->turn->is_ok;
    (void)snprintf(worker->turn->failure, sizeof worker->turn->failure, "the load has died");
    return false;
}

static void close_both(const int ends[2])
{
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* The child has the far ends of both pipes. */
static void be_worker(struct worker *worker, const int orders[2], const int replies[2])
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)close(orders[1]);
    (void)close(replies[0]);
    worker->orders = orders[0];
    worker->replies = replies[1];
}

bool worker_start(struct worker *worker, const struct process *server, const struct load_plan *plan,
                  size_t core)
{
    int orders[2], replies[2];
    *worker = (struct worker){.id = 0};
    worker->turn =
        mmap(NULL, sizeof *worker->turn, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (worker->turn == MAP_FAILED || pipe2(orders, O_CLOEXEC) != 0) {
        worker->turn = NULL;
        return false;
    }
    if (pipe2(replies, O_CLOEXEC) != 0) {
        close_both(orders);
        return false;
    }
    (void)fflush(NULL);
    worker->id = fork();
    if (worker->id == 0) {
        be_worker(worker, orders, replies);
        (void)measure_pin(core);
        work(worker, server, plan);
    }
    (void)close(orders[0]);
    (void)close(replies[1]);
    worker->orders = orders[1];
    worker->replies = replies[0];
    if (worker->id < 0) {
        worker->id = 0;
        close_both((int[]){orders[1], replies[0]});
        return false;
    }
    return hear(worker);
}

bool worker_turn(struct worker *worker, uint64_t window_ns)
{
    return write(worker->orders, &window_ns, sizeof window_ns) == sizeof window_ns && hear(worker);
}

void worker_stop(struct worker *worker)
{
    if (worker->id > 0) {
        close_both((int[]){worker->orders, worker->replies});
        /* The workers that were started later have these ends too: it would see no end. */
        (void)kill(worker->id, SIGKILL);
        (void)waitpid(worker->id, NULL, 0);
    }
    if (worker->turn)
        (void)munmap(worker->turn, sizeof *worker->turn);
    *worker = (struct worker){.id = 0};
}
