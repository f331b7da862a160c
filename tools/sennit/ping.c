/* sennit ping: requests to a host or an end point, and what comes back, in time. */
#include "ping.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "icmp.h"
#include "interrupt.h"
#include "json.h"
#include "report.h"

static const char ABOUT[] =
    "Sends echo requests to a host and prints the replies with their round-trip times.\n"
    "HOST is an address or a name: echo requests of ICMP. Or it is an ENDPOINT: how long "
    "a\n"
    "connection takes, or a datagram to a server that sends it back ('sennit "
    "echo').\n";

static int parse(int argc, char **argv, struct ping_choices *choices)
{
    const struct argument_option options[] = {
        ARGUMENT_NUMBER("count", &choices->count, 1, LONG_MAX, "N",
                        "end after so many requests (goes on until Ctrl-C)"),
        ARGUMENT_NUMBER("interval", &choices->interval_ms, 1, INT_MAX, "MS",
                        "milliseconds from one request to the next (1000)"),
        ARGUMENT_NUMBER("size", &choices->size, 0, ECHO_DATA_SIZE_MAX, "BYTES",
                        "how much data each request carries (56)"),
        ARGUMENT_NUMBER("timeout", &choices->timeout_ms, 1, INT_MAX, "MS",
                        "a reply that comes later counts as lost (2000)"),
        {.name = "json", .flag = &choices->is_json, .help = "a line for each answer, for a script"},
        {.name = "from",
         .text = &choices->way.from,
         .value = "ADDRESS",
         .help = "ENDPOINT: bind to it before"},
        {.name = "option",
         .list = &choices->way.options,
         .value = "NAME=VALUE",
         .help = "ENDPOINT: set an option of the socket; may be repeated"},
        {.name = "ipv4",
         .flag = &choices->way.is_ipv4_only,
         .help = "take an IPv4 address of the host"},
        {.name = "ipv6",
         .flag = &choices->way.is_ipv6_only,
         .help = "take an IPv6 address of the host"},
    };
    const struct argument_table table = {
        .program = "sennit ping",
        .about = ABOUT,
        .outcome = ENDPOINT_HELP
        "\nExit status: 0 at least one reply came, 1 none came, 2 it could not be tried.\n",
        .operand = "HOST",
        .out_text = &choices->host,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

/* An address, or the first one of a name. */
sn_error ping_find_address(const struct ping_choices *choices, const char *host,
                           sn_ip_address *out_address)
{
    sn_address_family family = choices->way.is_ipv4_only   ? SN_FAMILY_IPV4
                               : choices->way.is_ipv6_only ? SN_FAMILY_IPV6
                                                           : SN_FAMILY_UNSPECIFIED;
    if (!sn_ip_address_parse(host, out_address))
        return family == SN_FAMILY_UNSPECIFIED || family == out_address->family
                   ? SN_OK
                   : SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED;
    size_t count = 0;
    sn_error error = sn_dns_get_host_addresses(host, family, out_address, 1, &count);
    return !error && count == 0 ? SN_ERROR_NO_DATA : error;
}

/* An ICMP message said so, or the route did: the next request may get through. */
bool ping_is_about_the_way(sn_error error)
{
    switch ((int)error) {
    case SN_ERROR_HOST_UNREACHABLE:
    case SN_ERROR_HOST_DOWN:
    case SN_ERROR_NETWORK_UNREACHABLE:
    case SN_ERROR_NETWORK_DOWN:
    case SN_ERROR_CONNECTION_REFUSED:
    case SN_ERROR_PROTOCOL_OPTION:
    case SN_ERROR_ACCESS_DENIED:
    case SN_ERROR_NO_BUFFER_SPACE_AVAILABLE: return true;
    default: return false;
    }
}

bool ping_goes_on(const struct ping_counts *counts)
{
    return !counts->has_failed && !interrupt_is_coming() && !ferror(stdout);
}

/* A signal ends the wait and not the delay, so its record has to stay. */
void ping_wait_until(int64_t until_ns)
{
    static sn_operation delay;
    sn_engine *engine = NULL;
    int64_t left_ms = (until_ns - clock_now_ns() + 999999) / 1000000;
    if (left_ms <= 0 || sn_engine_default(&engine))
        return;
    (void)sn_engine_delay_async(engine, left_ms, &delay);
    (void)!sn_operation_wait(&delay);
}

void ping_note(struct ping_counts *counts, const struct ping_choices *choices, unsigned sequence,
               const char *text, int64_t round_trip_ns)
{
    if (counts->answered++ == 0 || round_trip_ns < counts->shortest_ns)
        counts->shortest_ns = round_trip_ns;
    if (round_trip_ns > counts->longest_ns)
        counts->longest_ns = round_trip_ns;
    counts->total_ns += round_trip_ns;
    if (choices->is_json) {
        json_open_object(NULL);
        json_number("sequence", sequence);
        json_real("milliseconds", clock_in_ms(round_trip_ns));
        json_close_object();
    } else {
        printf("%s time=%.3f ms\n", text, clock_in_ms(round_trip_ns));
    }
    (void)fflush(stdout);
}

static void summarize_for_script(const struct ping_choices *choices,
                                 const struct ping_counts *counts)
{
    json_open_object(NULL);
    json_text("host", choices->host);
    json_number("sent", (int64_t)counts->sent);
    json_number("answered", (int64_t)counts->answered);
    json_number("repeated", (int64_t)counts->repeated);
    if (counts->answered > 0) {
        json_real("shortest", clock_in_ms(counts->shortest_ns));
        json_real("average", clock_in_ms(counts->total_ns) / (double)counts->answered);
        json_real("longest", clock_in_ms(counts->longest_ns));
    }
    json_close_object();
}

static void summarize(const struct ping_choices *choices, const struct ping_counts *counts)
{
    uint64_t lost = counts->sent - counts->answered;
    printf("--- %s: %" PRIu64 " sent, %" PRIu64 " answered, %" PRIu64 " lost (%.0f %%)",
           choices->host, counts->sent, counts->answered, lost,
           counts->sent > 0 ? 100.0 * (double)lost / (double)counts->sent : 0.0);
    if (counts->repeated > 0)
        printf(", %" PRIu64 " answered more than once", counts->repeated);
    if (counts->answered > 0)
        printf("; round trip min/avg/max %.3f/%.3f/%.3f ms", clock_in_ms(counts->shortest_ns),
               clock_in_ms(counts->total_ns) / (double)counts->answered,
               clock_in_ms(counts->longest_ns));
    printf("\n");
}

/* "::1" is an address, with colons and without a port. */
static bool is_endpoint(const char *host)
{
    sn_ip_address address;
    return strchr(host, ':') && sn_ip_address_parse(host, &address);
}

static const char *check(struct ping_choices *choices, struct target *target,
                         const char **out_wrong)
{
    *out_wrong = choices->host;
    if (is_endpoint(choices->host)) {
        const char *complaint = target_parse_remote(choices->host, target);
        return complaint ? complaint : way_check(&choices->way, target, out_wrong);
    }
    if (choices->way.is_ipv4_only && choices->way.is_ipv6_only)
        return "--ipv4 and --ipv6 exclude each other";
    if (choices->way.from || choices->way.options.count > 0)
        return "--from and --option are for an ENDPOINT";
    return NULL;
}

int command_ping(int argc, char **argv)
{
    struct target target;
    struct ping_counts counts = {0};
    struct ping_choices choices = {.interval_ms = 1000, .size = 56, .timeout_ms = 2000};
    const char *wrong = NULL;
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *complaint = check(&choices, &target, &wrong);
    if (complaint)
        return report_usage("ping", wrong, complaint);

    interrupt_forgive(); /* what was found out until then is told, and counts */
    choices.way.timeout_ms = choices.timeout_ms;
    status = is_endpoint(choices.host) ? ping_endpoint(&choices, &target, &counts)
                                       : ping_icmp(&choices, &counts);
    if (status == EXIT_DONE) {
        if (choices.is_json)
            summarize_for_script(&choices, &counts);
        else
            summarize(&choices, &counts);
        status = counts.answered > 0 ? EXIT_DONE : EXIT_NO_ANSWER;
        if (counts.has_failed)
            status = EXIT_TROUBLE;
    }
    /* Lost lines are trouble, not a host that did not answer; main() says which. */
    return fflush(stdout) != 0 || ferror(stdout) ? EXIT_TROUBLE : status;
}
