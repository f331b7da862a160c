/* sennit bench: how long messages take to an echo and back, and how much goes there in a second. */
#include "bench.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>

#include "command.h"
#include "echo.h"
#include "interrupt.h"
#include "json.h"
#include "report.h"
#include "service.h"

static int parse(int argc, char **argv, struct bench_choices *choices)
{
    const struct argument_option options[] = {
        ARGUMENT_NUMBER("duration", &choices->duration_ms, 1, INT_MAX, "MS",
                        "how long each of the two is measured (3000)"),
        ARGUMENT_NUMBER("size", &choices->size, 1, 65507, "BYTES",
                        "how long a message is that goes there and back (64)"),
        ARGUMENT_NUMBER("connections", &choices->connections, 1, 1000, "N",
                        "how many work at the same time (1)"),
        {.name = "latency", .flag = &choices->only_latency, .help = "only how long messages take"},
        {.name = "throughput",
         .flag = &choices->only_throughput,
         .help = "only how much goes there and back"},
        {.name = "json", .flag = &choices->is_json, .help = "print the outcome for a script"},
        WAY_OPTIONS(choices->way),
    };
    const struct argument_table table = {
        .program = "sennit bench",
        .about =
            "Measures against 'sennit echo ENDPOINT', or any server that sends back what comes:\n"
            "how long a message takes there and back, as a histogram, and how much goes there\n"
            "and back in a second. Without ENDPOINT there is a server in this program, by TCP on\n"
            "this machine.\n",
        .operand = "ENDPOINT",
        .one_word = ONE_WORD_HELP,
        .out_text = &choices->endpoint,
        .is_optional = true,
        .outcome = ENDPOINT_HELP "\n" STATUS_HELP,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

/* --- A server of its own ---------------------------------------------------------------------- */

static struct echo_choices echo_choices;
static struct target echo_target;
static struct service echo_service = {
    .target = &echo_target, .serve = echo_serve, .context = &echo_choices};

static bool has_server; /* its thread runs */

static void *run_server(void *argument)
{
    sn_cancellation_scope scope;
    (void)argument;
    interrupt_enter(&scope);
    (void)service_run(&echo_service);
    interrupt_leave(&scope);
    return NULL;
}

static int start_server(struct target *target, pthread_t *out_thread)
{
    static char text[TARGET_PEER_TEXT_SIZE];
    sn_endpoint local;
    sn_error error =
        sn_socket_open_listening("127.0.0.1:0", INT_MAX, NULL, NULL, &echo_service.listener);
    if (!error)
        error = sn_socket_get_local_endpoint(echo_service.listener, &local);
    if (!error)
        error = sn_endpoint_format(&local, text, sizeof text);
    if (error)
        return report_failure("bench", "127.0.0.1:0", error);
    (void)target_parse(text, target);
    echo_target = *target;
    if (service_begin(&echo_service) != EXIT_DONE)
        return EXIT_FAILED;
    int native = pthread_create(out_thread, NULL, run_server, NULL);
    has_server = native == 0;
    return native == 0 ? EXIT_DONE : report_file_failure("starting a thread", native);
}

static void stop_server(pthread_t thread)
{
    if (has_server) {
        service_stop(&echo_service);
        (void)pthread_join(thread, NULL);
    }
    service_end(&echo_service);
    sn_socket_release(echo_service.listener);
}

/* --- Measuring -------------------------------------------------------------------------------- */

static int measure(const struct bench_choices *choices, const struct target *target)
{
    static struct bench_latency latency; /* large */
    struct bench_throughput throughput = {0};
    bool has_latency = !choices->only_throughput, has_throughput = !choices->only_latency;
    int status = EXIT_DONE;
    if (has_latency)
        status = bench_measure_latency(choices, target, &latency);
    if (status == EXIT_DONE && has_latency && latency.times.total == 0)
        return report_words("bench", target->text, "nothing came back; is it an echo server?");
    if (status == EXIT_DONE && has_latency && !choices->is_json)
        bench_draw_latency(choices, &latency);
    if (status == EXIT_DONE && has_throughput)
        status = bench_measure_throughput(choices, target, &throughput);
    if (status != EXIT_DONE)
        return status;
    if (!choices->is_json) {
        if (has_throughput)
            bench_draw_throughput(choices, &throughput);
        return EXIT_DONE;
    }
    json_open_object(NULL);
    json_text("endpoint", target->text);
    json_number("connections", choices->connections);
    if (has_latency)
        bench_write_latency(choices, &latency);
    if (has_throughput)
        bench_write_throughput(&throughput);
    json_close_object();
    return EXIT_DONE;
}

static const char *check(struct bench_choices *choices, struct target *target,
                         const char **out_wrong)
{
    const char *complaint = NULL;
    *out_wrong = choices->endpoint ? choices->endpoint : "--throughput";
    if (choices->endpoint)
        complaint = target_parse_remote(choices->endpoint, target);
    else
        (void)target_parse("127.0.0.1:1", target);
    if (!complaint && choices->only_latency && choices->only_throughput)
        complaint = "--latency and --throughput exclude each other";
    if (!complaint && target->type != SN_TYPE_STREAM && choices->only_throughput)
        complaint = "throughput is measured on streams";
    if (complaint)
        return complaint;
    if (target->type != SN_TYPE_STREAM)
        choices->only_latency = true;
    return way_check(&choices->way, target, out_wrong);
}

int command_bench(int argc, char **argv)
{
    struct target target;
    pthread_t server = {0};
    struct bench_choices choices = {.duration_ms = 3000, .size = 64, .connections = 1};
    const char *wrong = NULL;
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *complaint = check(&choices, &target, &wrong);
    if (complaint)
        return report_usage("bench", wrong, complaint);
    status = choices.endpoint ? EXIT_DONE : start_server(&target, &server);
    if (status == EXIT_DONE)
        status = measure(&choices, &target);
    if (!choices.endpoint)
        stop_server(server);
    return status;
}
