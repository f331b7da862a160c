/* sennit resolve: the records of a name, from name servers. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sennit/dns.h>

#include "command.h"
#include "json.h"
#include "report.h"
#include "resolve.h"

struct choices {
    const char *name, *type;
    struct argument_list servers;
    long timeout_ms;
    bool asks_system, is_json;

    /* From here on it is check()'s. */
    sn_dns_type types[16];
    size_t type_count;
    sn_endpoint endpoints[SN_RESOLVER_SERVER_COUNT_MAX];
};

static const sn_dns_type TYPES[] = {
#define X(id, number, name) SN_DNS_TYPE_##id,
    SN_DNS_TYPE_TABLE(X)
#undef X
};

enum { TYPE_COUNT = sizeof TYPES / sizeof *TYPES };

static int parse(int argc, char **argv, struct choices *choices)
{
    const struct argument_option options[] = {
        {.name = "type",
         .text = &choices->type,
         .value = "TYPE",
         .help = "A, AAAA, CNAME, MX, NS, PTR, SRV, TXT, or all (A+AAAA)"},
        {.name = "server",
         .list = &choices->servers,
         .value = "ADDRESS",
         .help = "ask this name server, address or address:port; may be repeated"},
        {.name = "timeout",
         .number = &choices->timeout_ms,
         .minimum = 1,
         .maximum = INT_MAX,
         .value = "MS",
         .help = "give up after so many ms for each type (10000)"},
        {.name = "system",
         .flag = &choices->asks_system,
         .help = "addresses as programs get them: /etc/hosts, too; no times"},
        {.name = "json", .flag = &choices->is_json, .help = "print the records for a script"},
    };
    const struct argument_table table = {
        .program = "sennit resolve",
        .about =
            "Asks the name servers of /etc/resolv.conf for the records of a name, and prints\n"
            "each with its time to live in seconds. NAME may be an address: then its names are\n"
            "asked for.\n",
        .operand = "NAME",
        .out_text = &choices->name,
        .outcome = "Exit status: 0 there are records, 1 there are none or nobody answered, 2 a\n"
                   "mistake in the arguments.\n",
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    return arguments_parse(&table, argc, argv);
}

static const char *check_types(struct choices *choices)
{
    const char *wanted = choices->type ? choices->type : sn_dns_type_name(SN_DNS_TYPE_ADDRESSES);
    bool is_all = strcasecmp(wanted, "all") == 0;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        bool is_sum = TYPES[i] == SN_DNS_TYPE_ADDRESSES; /* of two others */
        if (is_all ? !is_sum : strcasecmp(wanted, sn_dns_type_name(TYPES[i])) == 0)
            choices->types[choices->type_count++] = TYPES[i];
    }
    return choices->type_count > 0 ? NULL
                                   : "no such type; there are A, AAAA, CNAME, MX, NS, PTR, SRV, "
                                     "TXT and all";
}

static const char *check(struct choices *choices, const char **out_wrong)
{
    *out_wrong = choices->type;
    const char *complaint = check_types(choices);
    if (complaint)
        return complaint;
    *out_wrong = choices->name;
    if (choices->asks_system && (choices->type || choices->servers.count > 0))
        return "--system excludes --type and --server";
    if (choices->servers.count > SN_RESOLVER_SERVER_COUNT_MAX)
        return "so many servers cannot be asked; 16 are possible";
    for (size_t i = 0; i < choices->servers.count; i++) {
        *out_wrong = choices->servers.texts[i];
        if (sn_endpoint_parse(choices->servers.texts[i], &choices->endpoints[i]))
            return "not the address of a server; write 192.0.2.1, 192.0.2.1:53 or [::1]:53";
    }
    return NULL;
}

/* --- Asking ----------------------------------------------------------------------------------- */

static sn_error ask(sn_resolver *resolver, const struct choices *choices, sn_dns_type type,
                    sn_dns_result **out_result)
{
    sn_ip_address address;
    if (!choices->type && !sn_ip_address_parse(choices->name, &address))
        return sn_resolver_resolve_address(resolver, &address, choices->timeout_ms, out_result);
    return sn_resolver_resolve(resolver, choices->name, type, choices->timeout_ms, out_result);
}

/* Nothing found is said on standard error, and how long that is so. */
static void explain_nothing(const struct choices *choices, sn_dns_type type,
                            const sn_dns_result *result)
{
    sn_dns_response_code code = sn_dns_result_get_response_code(result);
    uint32_t ttl_s = sn_dns_result_get_negative_ttl(result);
    fprintf(stderr, "sennit: resolve %s: ", choices->name);
    if (code == SN_DNS_RESPONSE_NO_ERROR)
        fprintf(stderr, "no %s records; the name exists, --type all asks for all",
                sn_dns_type_name(type));
    else if (code == SN_DNS_RESPONSE_NX_DOMAIN)
        fprintf(stderr, "NxDomain: there is no such name; --system looks into /etc/hosts, too");
    else
        fprintf(stderr, "%s: the server gave no answer; try another one with --server",
                sn_dns_response_code_name(code));
    if (ttl_s > 0)
        fprintf(stderr, " (for %u s)", ttl_s);
    fputc('\n', stderr);
}

static size_t tell(const struct choices *choices, const sn_dns_result *result)
{
    size_t count = 0;
    const sn_dns_record *records = sn_dns_result_get_records(result, &count);
    const char *name = sn_dns_result_get_canonical_name(result);
    for (size_t i = 0; i < count; i++) {
        if (choices->is_json)
            resolve_write_record(name, &records[i]);
        else
            resolve_print_record(name, &records[i]);
    }
    return count;
}

/* What was found for all the types together decides; one that a name does not have is no failure
 * beside another that it has. */
static int ask_servers(const struct choices *choices)
{
    const sn_resolver_options options = {.size = sizeof options,
                                         .servers = choices->endpoints,
                                         .server_count = choices->servers.count};
    sn_resolver *resolver = NULL;
    size_t found = 0;
    bool has_failed = false;
    sn_error error = sn_resolver_create(choices->servers.count > 0 ? &options : NULL, &resolver);
    if (error)
        return report_failure("resolve", choices->name, error);
    if (choices->is_json)
        json_open_array(NULL);
    for (size_t i = 0; i < choices->type_count && !has_failed; i++) {
        sn_dns_result *result = NULL;
        error = ask(resolver, choices, choices->types[i], &result);
        has_failed = error != SN_OK;
        if (has_failed) {
            (void)report_failure("resolve", choices->name, error);
            break;
        }
        size_t count = tell(choices, result);
        if (count == 0 && choices->type_count == 1)
            explain_nothing(choices, choices->types[i], result);
        found += count;
        sn_dns_result_release(result);
    }
    if (choices->is_json)
        json_close_array();
    if (found == 0 && !has_failed && choices->type_count > 1)
        (void)report_words("resolve", choices->name, "there are no records of any type");
    sn_resolver_release(resolver);
    return found > 0 && !has_failed ? EXIT_DONE : EXIT_FAILED;
}

static int ask_system(const struct choices *choices)
{
    sn_ip_address addresses[64];
    size_t count = 0;
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    sn_error error = sn_dns_get_host_addresses(choices->name, SN_FAMILY_UNSPECIFIED, addresses,
                                               sizeof addresses / sizeof *addresses, &count);
    if (error)
        return report_failure("resolve", choices->name, error);
    if (choices->is_json)
        json_open_array(NULL);
    for (size_t i = 0; i < count && i < sizeof addresses / sizeof *addresses; i++) {
        if (sn_ip_address_format(&addresses[i], text, sizeof text))
            continue;
        if (choices->is_json)
            json_text(NULL, text);
        else
            printf("%s\n", text);
    }
    if (choices->is_json)
        json_close_array();
    return EXIT_DONE;
}

int command_resolve(int argc, char **argv)
{
    struct choices choices = {.timeout_ms = 10000};
    const char *wrong = NULL;
    int status = parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    const char *complaint = check(&choices, &wrong);
    if (complaint)
        return report_usage("resolve", wrong, complaint);
    return choices.asks_system ? ask_system(&choices) : ask_servers(&choices);
}
