/* sennit ping: echo requests to a host, and what comes back, in time. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments/arguments.h"
#include "clock.h"
#include "command.h"
#include "icmp.h"
#include "interrupt.h"
#include "report.h"

/* As the ping that everybody knows: 1 is for a host that does not answer. */
enum { EXIT_NO_ANSWER = 1, EXIT_TROUBLE = 2 };

struct choices {
    const char *host;
    bool is_ipv4_only;
    bool is_ipv6_only;
    long count; /* 0: without an end */
    long interval_ms;
    long size;
    long timeout_ms;
};

/* A request that was sent, by the number that its reply brings back. */
struct request {
    int64_t sent_ns; /* 0: none has that number yet */
    bool is_answered;
};

struct ping {
    const struct choices *choices;
    sn_socket *socket;
    sn_endpoint remote;
    struct echo echo;
    char address[SN_IP_ADDRESS_TEXT_SIZE];
    char peer[SN_HOST_SIZE_MAX + SN_IP_ADDRESS_TEXT_SIZE + 8]; /* for messages */
    uint8_t packet[IPV4_HEADER_SIZE_MAX + ECHO_HEADER_SIZE + ECHO_DATA_SIZE_MAX];
    struct request requests[65536];

    uint64_t sent, answered, repeated;
    int64_t shortest_ns, longest_ns, total_ns;
    bool has_failed; /* for a reason that no further request can change */
};

/* --- Beginning ------------------------------------------------------------------------------- */

static int parse(int argc, char **argv, struct choices *choices)
{
    const struct argument_option options[] = {
        {.name = "count",
         .number = &choices->count,
         .minimum = 1,
         .maximum = LONG_MAX,
         .value = "N",
         .help = "end after so many requests (goes on until Ctrl-C)"},
        {.name = "interval",
         .number = &choices->interval_ms,
         .minimum = 1,
         .maximum = INT_MAX,
         .value = "MS",
         .help = "milliseconds from one request to the next (1000)"},
        {.name = "size",
         .number = &choices->size,
         .maximum = ECHO_DATA_SIZE_MAX,
         .value = "BYTES",
         .help = "how much data each request carries (56)"},
        {.name = "timeout",
         .number = &choices->timeout_ms,
         .minimum = 1,
         .maximum = INT_MAX,
         .value = "MS",
         .help = "a reply that comes later counts as lost (2000)"},
        {.name = "ipv4",
         .flag = &choices->is_ipv4_only,
         .help = "take an IPv4 address of the host"},
        {.name = "ipv6",
         .flag = &choices->is_ipv6_only,
         .help = "take an IPv6 address of the host"},
    };
    const struct argument_table table = {
        .program = "sennit ping",
        .about =
            "Sends echo requests to a host and prints the replies with their round-trip times.\n"
            "HOST is an address or a name.\n\n"
            "Exit status: 0 at least one reply came, 1 none came, 2 it could not be tried.\n",
        .operand = "HOST",
        .out_text = &choices->host,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

/* An address, or the first one of a name. */
static sn_error find_address(const struct choices *choices, sn_ip_address *out_address)
{
    sn_address_family family = choices->is_ipv4_only   ? SN_FAMILY_IPV4
                               : choices->is_ipv6_only ? SN_FAMILY_IPV6
                                                       : SN_FAMILY_UNSPECIFIED;
    if (!sn_ip_address_parse(choices->host, out_address))
        return family == SN_FAMILY_UNSPECIFIED || family == out_address->family
                   ? SN_OK
                   : SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED;
    size_t count = 0;
    sn_error error = sn_dns_get_host_addresses(choices->host, family, out_address, 1, &count);
    return !error && count == 0 ? SN_ERROR_NO_DATA : error;
}

/* Raw sockets need a privilege. Without it the kernel may still give a datagram socket that can
 * send echo requests and nothing else. */
static sn_error open_socket(struct ping *ping, const sn_ip_address *address)
{
    sn_protocol_type protocol = ping->echo.is_ipv6 ? SN_PROTOCOL_ICMPV6 : SN_PROTOCOL_ICMP;
    sn_error error = sn_socket_create(address->family, SN_TYPE_RAW, protocol, &ping->socket);
    ping->echo.is_raw = error == SN_OK;
    if (error == SN_ERROR_ACCESS_DENIED)
        error = sn_socket_create(address->family, SN_TYPE_DATAGRAM, protocol, &ping->socket);
    sn_endpoint any;
    if (!error)
        error = sn_endpoint_from_ip(ping->echo.is_ipv6 ? &SN_IPV6_ANY : &SN_IPV4_ANY, 0, &any);
    if (!error)
        error = sn_socket_bind(ping->socket, &any); /* or it could not receive before it has sent */
    if (!error)
        error = sn_endpoint_from_ip(address, 0, &ping->remote);
    /* A raw socket hears what routers say about a request. For the other kind the kernel listens,
     * and tells it as an error if the socket is connected. */
    if (!error && !ping->echo.is_raw)
        error = sn_socket_connect(ping->socket, &ping->remote);
    return error;
}

static int begin(struct ping *ping)
{
    const struct choices *choices = ping->choices;
    sn_ip_address address;
    sn_error error = find_address(choices, &address);
    if (!error) {
        ping->echo = (struct echo){.is_ipv6 = address.family == SN_FAMILY_IPV6,
                                   .id = (uint16_t)getpid(),
                                   .data_size = (size_t)choices->size};
        error = open_socket(ping, &address);
    }
    if (!error)
        error = sn_ip_address_format(&address, ping->address, sizeof ping->address);
    if (error) {
        (void)report_failure("ping", choices->host, error);
        if (error == SN_ERROR_ACCESS_DENIED)
            fprintf(stderr, "sennit: run it as root, or let the group send echo requests by the "
                            "setting net.ipv4.ping_group_range\n");
        return EXIT_TROUBLE;
    }
    if (strcmp(choices->host, ping->address) == 0)
        snprintf(ping->peer, sizeof ping->peer, "%s", ping->address);
    else
        snprintf(ping->peer, sizeof ping->peer, "%.*s (%s)", SN_HOST_SIZE_MAX, choices->host,
                 ping->address);
    printf("PING %s (%s): %ld bytes of data\n", choices->host, ping->address, choices->size);
    (void)fflush(stdout);
    return EXIT_DONE;
}

/* --- One after the other --------------------------------------------------------------------- */

/* An ICMP message said so, or the route did: the next request may get through. */
static bool is_about_the_way(sn_error error)
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

static void note_failure(struct ping *ping, sn_error error)
{
    if (interrupt_is_coming())
        return; /* it has closed the socket */
    (void)report_failure("ping", ping->peer, error);
    ping->has_failed = !is_about_the_way(error);
}

static void send_request(struct ping *ping, uint16_t sequence)
{
    echo_write(&ping->echo, sequence, ping->packet);
    ping->sent++;
    ping->requests[sequence] = (struct request){.sent_ns = clock_now_ns()};
    sn_error error =
        sn_socket_send_to(ping->socket, ping->packet, ECHO_HEADER_SIZE + ping->echo.data_size,
                          SN_FLAG_NONE, &ping->remote, NULL);
    if (error)
        note_failure(ping, error);
}

static void note_reply(struct ping *ping, const struct echo_reply *reply, const char *from,
                       int64_t round_trip_ns)
{
    if (ping->answered++ == 0 || round_trip_ns < ping->shortest_ns)
        ping->shortest_ns = round_trip_ns;
    if (round_trip_ns > ping->longest_ns)
        ping->longest_ns = round_trip_ns;
    ping->total_ns += round_trip_ns;
    printf("%zu bytes from %s: seq=%u", reply->size, from, reply->sequence);
    if (reply->hops_left >= 0)
        printf(" ttl=%d", reply->hops_left);
    printf(" time=%.3f ms%s\n", clock_in_ms(round_trip_ns),
           reply->is_whole ? "" : ", with other data than was sent");
}

static void note_complaint(const struct echo_reply *reply, const char *from)
{
    const char *text = "too many routers on the way";
    if (reply->outcome == ECHO_NO_NETWORK)
        text = sn_error_name(SN_ERROR_NETWORK_UNREACHABLE);
    else if (reply->outcome == ECHO_NO_HOST)
        text = sn_error_name(SN_ERROR_HOST_UNREACHABLE);
    printf("from %s: seq=%u: %s\n", from, reply->sequence, text);
}

static void take_reply(struct ping *ping, const struct echo_reply *reply, const sn_endpoint *from)
{
    struct request *request = &ping->requests[reply->sequence];
    int64_t round_trip_ns = clock_now_ns() - request->sent_ns;
    if (request->sent_ns == 0)
        return; /* of an earlier program with this one's number */
    char text[SN_IP_ADDRESS_TEXT_SIZE] = "?";
    sn_ip_address address;
    if (!sn_endpoint_get_address(from, &address))
        (void)!sn_ip_address_format(&address, text, sizeof text);
    if (reply->outcome != ECHO_REPLY) {
        note_complaint(reply, text);
    } else if (request->is_answered) {
        ping->repeated++;
    } else if (round_trip_ns <= ping->choices->timeout_ms * INT64_C(1000000)) {
        request->is_answered = true;
        note_reply(ping, reply, text, round_trip_ns);
    }
    (void)fflush(stdout);
}

/* Waits for one packet, and no longer than so many nanoseconds, of which there are some. */
static void receive_one(struct ping *ping, int64_t left_ns)
{
    size_t size = 0;
    sn_endpoint from;
    struct echo_reply reply;
    sn_error error =
        sn_socket_set_receive_timeout(ping->socket, (int)((left_ns + 999999) / 1000000));
    if (!error)
        error = sn_socket_receive_from(ping->socket, ping->packet, sizeof ping->packet,
                                       SN_FLAG_NONE, &from, &size);
    if (!error && echo_read(&ping->echo, ping->packet, size, &reply))
        take_reply(ping, &reply, &from);
    else if (error && error != SN_ERROR_TIMED_OUT)
        note_failure(ping, error);
}

static bool goes_on(const struct ping *ping)
{
    return !ping->has_failed && !interrupt_is_coming() && !ferror(stdout);
}

/* Until the next request is due; after the last one as long as replies may come. */
static void receive_until(struct ping *ping, int64_t until_ns, bool is_last)
{
    int64_t left_ns;
    while (goes_on(ping) && !(is_last && ping->answered == ping->sent) &&
           (left_ns = until_ns - clock_now_ns()) > 0)
        receive_one(ping, left_ns);
}

static void exchange(struct ping *ping)
{
    const struct choices *choices = ping->choices;
    int64_t due_ns = clock_now_ns();
    for (long i = 1; goes_on(ping) && (choices->count == 0 || i <= choices->count); i++) {
        bool is_last = i == choices->count;
        send_request(ping, (uint16_t)i);
        due_ns += choices->interval_ms * INT64_C(1000000);
        if (due_ns < clock_now_ns()) /* after a sleep of the machine there is no catching up */
            due_ns = clock_now_ns();
        receive_until(ping,
                      is_last ? clock_now_ns() + choices->timeout_ms * INT64_C(1000000) : due_ns,
                      is_last);
    }
}

/* --- The end --------------------------------------------------------------------------------- */

static int summarize(const struct ping *ping)
{
    uint64_t lost = ping->sent - ping->answered;
    printf("--- %s: %" PRIu64 " sent, %" PRIu64 " answered, %" PRIu64 " lost (%.0f %%)",
           ping->choices->host, ping->sent, ping->answered, lost,
           ping->sent > 0 ? 100.0 * (double)lost / (double)ping->sent : 0.0);
    if (ping->repeated > 0)
        printf(", %" PRIu64 " answered more than once", ping->repeated);
    if (ping->answered > 0)
        printf("; round trip min/avg/max %.3f/%.3f/%.3f ms", clock_in_ms(ping->shortest_ns),
               clock_in_ms(ping->total_ns) / (double)ping->answered, clock_in_ms(ping->longest_ns));
    printf("\n");
    if (ping->has_failed)
        return EXIT_TROUBLE;
    return ping->answered > 0 ? EXIT_DONE : EXIT_NO_ANSWER;
}

int command_ping(int argc, char **argv)
{
    static struct ping ping; /* too large for a stack */
    struct choices choices = {.interval_ms = 1000, .size = 56, .timeout_ms = 2000};
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    if (choices.is_ipv4_only && choices.is_ipv6_only)
        return report_usage("ping", choices.host, "--ipv4 and --ipv6 exclude each other");

    ping.choices = &choices;
    status = begin(&ping);
    if (status == EXIT_DONE) {
        interrupt_forgive(); /* what was found out is told, and counts */
        exchange(&ping);
        status = summarize(&ping);
    }
    /* Lost lines are trouble, not a host that did not answer; main() says which. */
    if (fflush(stdout) != 0 || ferror(stdout))
        status = EXIT_TROUBLE;
    sn_socket_release(ping.socket);
    return status;
}
