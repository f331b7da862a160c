/* Echo requests of ICMP to a host. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments/arguments.h"
#include "clock.h"
#include "icmp.h"
#include "interrupt.h"
#include "json.h"
#include "ping.h"
#include "report.h"

/* A request that was sent, by the number that its reply brings back. */
struct request {
    int64_t sent_ns; /* 0: none has that number yet */
    bool is_answered;
};

struct ping {
    const struct ping_choices *choices;
    struct ping_counts *counts;
    sn_socket *socket;
    sn_endpoint remote;
    struct echo echo;
    char address[SN_IP_ADDRESS_TEXT_SIZE];
    char peer[SN_HOST_SIZE_MAX + SN_IP_ADDRESS_TEXT_SIZE + 8]; /* for messages */
    uint8_t packet[IPV4_HEADER_SIZE_MAX + ECHO_HEADER_SIZE + ECHO_DATA_SIZE_MAX];
    struct request requests[65536];
};

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
    const struct ping_choices *choices = ping->choices;
    sn_ip_address address;
    sn_error error = ping_find_address(choices, choices->host, &address);
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
    if (!choices->is_json)
        printf("PING %s (%s): %ld bytes of data\n", choices->host, ping->address, choices->size);
    (void)fflush(stdout);
    return EXIT_DONE;
}

/* --- One after the other --------------------------------------------------------------------- */

static void note_failure(struct ping *ping, sn_error error)
{
    if (interrupt_is_coming())
        return; /* it has closed the socket */
    (void)report_failure("ping", ping->peer, error);
    ping->counts->has_failed = !ping_is_about_the_way(error);
}

static void send_request(struct ping *ping, uint16_t sequence)
{
    echo_write(&ping->echo, sequence, ping->packet);
    ping->counts->sent++;
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
    char text[160], hops[24] = "";
    if (reply->hops_left >= 0)
        snprintf(hops, sizeof hops, " ttl=%d", reply->hops_left);
    snprintf(text, sizeof text, "%zu bytes from %s: seq=%u%s%s", reply->size, from, reply->sequence,
             hops, reply->is_whole ? "" : " (other data than was sent)");
    ping_note(ping->counts, ping->choices, reply->sequence, text, round_trip_ns);
}

static void note_complaint(const struct echo_reply *reply, const char *from)
{
    const char *text = "too many routers on the way";
    if (reply->outcome == ECHO_NO_NETWORK)
        text = sn_error_name(SN_ERROR_NETWORK_UNREACHABLE);
    else if (reply->outcome == ECHO_NO_HOST)
        text = sn_error_name(SN_ERROR_HOST_UNREACHABLE);
    fprintf(stderr, "from %s: seq=%u: %s\n", from, reply->sequence, text);
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
        ping->counts->repeated++;
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

/* Until the next request is due; after the last one as long as replies may come. */
static void receive_until(struct ping *ping, int64_t until_ns, bool is_last)
{
    int64_t left_ns;
    while (ping_goes_on(ping->counts) &&
           !(is_last && ping->counts->answered == ping->counts->sent) &&
           (left_ns = until_ns - clock_now_ns()) > 0)
        receive_one(ping, left_ns);
}

static void exchange(struct ping *ping)
{
    const struct ping_choices *choices = ping->choices;
    int64_t due_ns = clock_now_ns();
    for (long i = 1; ping_goes_on(ping->counts) && (choices->count == 0 || i <= choices->count);
         i++) {
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

int ping_icmp(const struct ping_choices *choices, struct ping_counts *counts)
{
    static struct ping ping; /* too large for a stack */
    ping.choices = choices;
    ping.counts = counts;
    int status = begin(&ping);
    if (status == EXIT_DONE)
        exchange(&ping);
    sn_socket_release(ping.socket);
    return status;
}
