/* sennit check: whether an end point can be reached, and what was tried to find out. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sennit/dns.h>

#include "clock.h"
#include "command.h"
#include "interrupt.h"
#include "json.h"
#include "report.h"
#include "way.h"

enum {
    ADDRESSES_MAX = 64,
    UDP_WAIT_MS = 1000,
    EXIT_NOT_KNOWN = 3 /* beside those of all commands */
};

struct choices {
    const char *endpoint;
    struct way way;
    bool tries_each, is_json;
};

/* What was found out. */
struct finding {
    const struct choices *choices;
    struct target target;
    sn_ip_address addresses[ADDRESSES_MAX];
    size_t address_count;
    sn_connect_attempt attempts[ADDRESSES_MAX];
    sn_connect_log log;
    int64_t begin_ns, end_ns;
    char peer[TARGET_PEER_TEXT_SIZE];
    int status;
};

static int parse(int argc, char **argv, struct choices *choices)
{
    const struct argument_option options[] = {
        {.name = "each",
         .flag = &choices->tries_each,
         .help = "try every address by itself; all have to be reachable"},
        {.name = "json", .flag = &choices->is_json, .help = "print the outcome for a script"},
        WAY_OPTIONS(choices->way),
        VIA_OPTIONS(choices->way),
    };
    const struct argument_table table = {
        .program = "sennit check",
        .about =
            "Connects, closes the connection again, and prints which addresses were tried when,\n"
            "and what came of each. The addresses of a name race, as in 'sennit connect'. By\n"
            "UDP it sends an empty datagram and waits whether it is refused or "
            "answered.\n",
        .operand = "ENDPOINT",
        .one_word = ONE_WORD_HELP,
        .out_text = &choices->endpoint,
        .outcome = ENDPOINT_HELP
        "\nExit status: 0 reachable, 1 not reachable, 2 a mistake in the arguments, 3 not\n"
        "known: a datagram was neither refused nor answered.\n",
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

/* --- Trying ----------------------------------------------------------------------------------- */

static sn_error find_addresses(struct finding *finding)
{
    /* A proxy looks the name up itself. */
    const struct via *via = &finding->choices->way.via;
    const struct target *next = via->kind != VIA_NONE ? &via->target : &finding->target;
    const char *host = sn_endpoint_get_host(&next->endpoint);
    if (!host) {
        if (!next->has_port)
            return SN_OK;
        finding->address_count = 1;
        return sn_endpoint_get_address(&next->endpoint, &finding->addresses[0]);
    }
    sn_error error = sn_dns_get_host_addresses(host, next->family, finding->addresses,
                                               ADDRESSES_MAX, &finding->address_count);
    if (finding->address_count > ADDRESSES_MAX)
        finding->address_count = ADDRESSES_MAX;
    return error;
}

/* What a datagram's peer says, as far as it says anything. */
static int ask(sn_socket *socket, const char *text)
{
    char byte;
    size_t size;
    sn_error error = sn_socket_set_receive_timeout(socket, UDP_WAIT_MS);
    if (!error)
        error = sn_socket_send(socket, "", 0, SN_FLAG_NONE, NULL);
    if (!error)
        error = sn_socket_receive(socket, &byte, 1, SN_FLAG_NONE, &size);
    if (error == SN_ERROR_TIMED_OUT)
        return EXIT_NOT_KNOWN;
    /* An answer that is longer than there is room for is one, too. */
    return error && error != SN_ERROR_MESSAGE_SIZE ? report_failure("check", text, error)
                                                   : EXIT_DONE;
}

static int try(struct finding *finding, const struct target *target)
{
    sn_socket *socket = NULL;
    struct way way = finding->choices->way;
    way.log = &finding->log;
    int status = way_connect(&way, target, "check", NULL, &socket);
    if (status == EXIT_DONE && target->has_port && !target_is_connected_kind(target))
        status = ask(socket, target->text);
    finding->end_ns = clock_now_ns();
    if (status != EXIT_FAILED)
        target_peer_text(target, socket, finding->peer);
    sn_socket_release(socket);
    return status;
}

static int try_each(struct finding *finding)
{
    int worst = EXIT_DONE;
    for (size_t i = 0; i < finding->address_count && !interrupt_is_coming(); i++) {
        struct target target = finding->target;
        target.family = finding->addresses[i].family;
        sn_error error =
            sn_endpoint_from_ip(&finding->addresses[i],
                                sn_endpoint_get_port(&finding->target.endpoint), &target.endpoint);
        int status = error ? report_failure("check", target.text, error) : try(finding, &target);
        if (status != EXIT_DONE && worst != EXIT_FAILED)
            worst = status;
    }
    return worst;
}

/* --- Telling ---------------------------------------------------------------------------------- */

static const char *outcome_text(const sn_connect_attempt *attempt)
{
    if (!attempt->error)
        return "connected";
    return attempt->error == SN_ERROR_OPERATION_CANCELED ? "given up"
                                                         : sn_error_name(attempt->error);
}

static const char *address_text(const sn_ip_address *address, char text[SN_IP_ADDRESS_TEXT_SIZE])
{
    sn_ip_address plain = sn_ip_address_is_ipv4_mapped_to_ipv6(address)
                              ? sn_ip_address_map_to_ipv4(address)
                              : *address;
    return sn_ip_address_format(&plain, text, SN_IP_ADDRESS_TEXT_SIZE) ? "?" : text;
}

static bool was_tried(const struct finding *finding, const char *address)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    for (size_t i = 0; i < finding->log.count && i < ADDRESSES_MAX; i++)
        if (strcmp(address_text(&finding->attempts[i].address, text), address) == 0)
            return true;
    return false;
}

static double since(const struct finding *finding, int64_t ns)
{
    return clock_in_ms((ns ? ns : finding->end_ns) - finding->begin_ns);
}

static void tell_script(const struct finding *finding)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    static const char *const words[] = {"reachable", "unreachable", "", "unknown"};
    json_open_object(NULL);
    json_text("endpoint", finding->choices->endpoint);
    json_text("outcome", words[finding->status]);
    json_text("peer", finding->status == EXIT_FAILED ? NULL : finding->peer);
    json_real("milliseconds", since(finding, finding->end_ns));
    json_open_array("attempts");
    for (size_t i = 0; i < finding->log.count && i < ADDRESSES_MAX; i++) {
        const sn_connect_attempt *attempt = &finding->attempts[i];
        json_open_object(NULL);
        json_text("address", address_text(&attempt->address, text));
        json_text("outcome", attempt->error ? sn_error_name(attempt->error) : "connected");
        json_real("started", since(finding, attempt->start_ns));
        json_real("ended", since(finding, attempt->end_ns));
        json_close_object();
    }
    json_close_array();
    json_open_array("not_tried");
    for (size_t i = 0; i < finding->address_count; i++)
        if (!was_tried(finding, address_text(&finding->addresses[i], text)))
            json_text(NULL, text);
    json_close_array();
    json_close_object();
}

static void tell_person(const struct finding *finding)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    for (size_t i = 0; i < finding->log.count && i < ADDRESSES_MAX; i++) {
        const sn_connect_attempt *attempt = &finding->attempts[i];
        printf("  %-24s from %8.3f to %8.3f ms  %s\n", address_text(&attempt->address, text),
               since(finding, attempt->start_ns), since(finding, attempt->end_ns),
               outcome_text(attempt));
    }
    for (size_t i = 0; i < finding->address_count; i++)
        if (!was_tried(finding, address_text(&finding->addresses[i], text)))
            printf("  %-24s not tried\n", text);
    if (finding->status == EXIT_DONE)
        printf("%s: reachable, %s in %.3f ms\n", finding->choices->endpoint, finding->peer,
               since(finding, finding->end_ns));
    else if (finding->status == EXIT_NOT_KNOWN)
        printf("%s: not known: the datagram was neither refused nor answered\n",
               finding->choices->endpoint);
    else
        printf("%s: not reachable\n", finding->choices->endpoint);
}

int command_check(int argc, char **argv)
{
    static struct finding finding; /* large */
    struct choices choices = {.endpoint = NULL};
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *wrong = choices.endpoint;
    const char *complaint = target_parse_remote(choices.endpoint, &finding.target);
    if (!complaint)
        complaint = way_check(&choices.way, &finding.target, &wrong);
    if (!complaint && choices.tries_each && (!finding.target.has_port || choices.way.proxy))
        complaint = "--each is for hosts, without --via";
    if (complaint)
        return report_usage("check", wrong, complaint);

    finding.choices = &choices;
    finding.log = (sn_connect_log){.attempts = finding.attempts, .capacity = ADDRESSES_MAX};
    finding.begin_ns = clock_now_ns();
    sn_error error = find_addresses(&finding);
    if (error)
        finding.status = report_failure("check", choices.endpoint, error);
    else
        finding.status = choices.tries_each ? try_each(&finding) : try(&finding, &finding.target);
    finding.end_ns = clock_now_ns();
    if (choices.is_json)
        tell_script(&finding);
    else
        tell_person(&finding);
    return finding.status;
}
