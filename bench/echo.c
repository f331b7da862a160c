/*
 * Servers compared: Sennit on io_uring and on epoll, the best loops we can write by hand, and what
 * users would take instead. One processor serves, another one makes the load.
 *
 * The figure to trust is the server's processor time for a request, as a ratio to another server in
 * the same round. Rates and latencies also depend on the load, which has no faster processor than
 * the server.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "arguments/arguments.h"
#include "echo/compare.h"
#include "echo/machine.h"
#include "echo/options.h"
#include "measure.h"

static const uint64_t LOAD_MAX_NS = 600000000000;
static const rlim_t DESCRIPTORS_WANTED = 524288;

/* Both ends of thousands of connections need descriptors; root may have as many as the system. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit = {.rlim_cur = DESCRIPTORS_WANTED, .rlim_max = DESCRIPTORS_WANTED};
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* This process becomes the server. */
static int only_serve(const struct options *options)
{
    struct rival_command command;
    const struct scenario scenario = scenario_echo(1);
    const char *name = options->server->name;
    if (!rival_prepare(options->server, &scenario, options->server_port, &command)) {
        fprintf(stderr, "echo: %s: its program is not built\n", name);
        return EXIT_FAILED;
    }
    (void)measure_pin(measure_core(0));
    (void)execvp(command.words[0], command.words);
    fprintf(stderr, "echo: %s: %s\n", name, strerror(errno));
    return EXIT_FAILED;
}

static int only_load(const struct options *options)
{
    struct load load;
    static struct histogram latencies;
    (void)measure_pin(measure_core(1));
    if (!load_open(&load, options->load_port, &options->plan.scenarios[0].load)) {
        fprintf(stderr, "echo: port %d: %s\n", options->load_port, load.failure);
        return EXIT_FAILED;
    }
    load.latencies = &latencies;
    uint64_t begin_ns = measure_clock_ns();
    bool is_ok = load_start(&load, options->request_count) &&
                 load_run(&load, begin_ns + LOAD_MAX_NS, options->request_count);
    if (is_ok && load.completed < options->request_count)
        load.failure = "answers are missing";
    is_ok = !load.failure;
    double elapsed_s = (double)(measure_clock_ns() - begin_ns) / 1e9;
    if (is_ok)
        printf("%llu requests, %.0f requests/s, latency p50 %.1f us, p99 %.1f us\n",
               (unsigned long long)load.completed, (double)load.completed / elapsed_s,
               histogram_percentile_ns(&latencies, 50) / 1e3,
               histogram_percentile_ns(&latencies, 99) / 1e3);
    else
        fprintf(stderr, "echo: %s\n", load.failure);
    load_close(&load);
    return is_ok ? EXIT_DONE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    static struct options options;
    int status = options_parse(argc, argv, &options);
    if (status != ARGUMENTS_GO_ON)
        return status;
    raise_descriptor_limit();
    if (options.only_machine)
        return machine_print() ? EXIT_DONE : EXIT_FAILED;
    if (options.server)
        return only_serve(&options);
    if (options.load_port > 0)
        return only_load(&options);
    return compare_run(&options.plan) ? EXIT_DONE : EXIT_FAILED;
}
