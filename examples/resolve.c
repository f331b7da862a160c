/*
 * Records of the name system: what a name server says of a name, and for how long it holds.
 *
 *     cc resolve.c $(pkg-config --cflags --libs sennit)
 *     ./a.out NAME TYPE           asks the servers of /etc/resolv.conf, such as example.org MX
 *     ./a.out NAME TYPE SERVER    asks that one, such as 9.9.9.9 or [::1]:5353
 *     ./a.out                     asks a server of its own, which knows one service
 */
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* --- What was answered ------------------------------------------------------------------------ */

static void print_address(const char *what, const sn_ip_address *address)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    check("format", sn_ip_address_format(address, text, sizeof text));
    printf("%s %s", what, text);
}

static void print_record(const sn_dns_record *record)
{
    printf("%u s  %s ", (unsigned)record->ttl_s, sn_dns_type_name(record->type));
    switch (record->type) {
    case SN_DNS_TYPE_A:
    case SN_DNS_TYPE_AAAA: print_address("is", &record->as.address); break;
    case SN_DNS_TYPE_NS:
    case SN_DNS_TYPE_CNAME:
    case SN_DNS_TYPE_PTR: printf("%s", record->as.name); break;
    case SN_DNS_TYPE_MX:
        printf("%u %s", (unsigned)record->as.mx.preference, record->as.mx.exchange);
        break;
    case SN_DNS_TYPE_SRV:
        printf("%s port %u", record->as.srv.target, (unsigned)record->as.srv.port);
        for (size_t i = 0; i < record->as.srv.address_count; i++)
            print_address(", at", &record->as.srv.addresses[i].address);
        break;
    case SN_DNS_TYPE_TXT:
        for (size_t i = 0; i < record->as.txt.value_count; i++)
            printf("\"%.*s\" ", (int)record->as.txt.values[i].size, record->as.txt.values[i].data);
        break;
    case SN_DNS_TYPE_ADDRESSES: break; /* asked for, and never the type of a record */
    }
    printf("\n");
}

static void print_result(const char *name, const sn_dns_result *result)
{
    size_t count;
    const sn_dns_record *records = sn_dns_result_get_records(result, &count);
    printf("%s: %s, %zu records\n", name,
           sn_dns_response_code_name(sn_dns_result_get_response_code(result)), count);
    for (size_t i = 0; i < count; i++)
        print_record(&records[i]);
    if (count == 0)
        printf("holds for %u s\n", (unsigned)sn_dns_result_get_negative_ttl(result));
}

/* --- Questions -------------------------------------------------------------------------------- */

static sn_resolver *make_resolver(const sn_endpoint *server)
{
    const sn_resolver_options options = {.size = sizeof options,
                                         .servers = server,
                                         .server_count = 1,
                                         .attempt_timeout_ms = 2000,
                                         .attempts = 3};
    sn_resolver *resolver;
    check("resolver", sn_resolver_create(&options, &resolver));
    return resolver;
}

static void ask(sn_resolver *resolver, const char *name, sn_dns_type type)
{
    sn_dns_result *result;
    check(name, sn_resolver_resolve(resolver, name, type, 5000, &result));
    print_result(name, result);
    sn_dns_result_release(result);
}

/* Two at the same time; this thread could do something else meanwhile. */
static void ask_two(sn_resolver *resolver, const char *name, const char *other)
{
    sn_dns_result *results[2];
    sn_operation operations[2] = {{.timeout_ms = 5000}, {.timeout_ms = 5000}};
    sn_resolver_resolve_async(resolver, name, SN_DNS_TYPE_SRV, &results[0], &operations[0]);
    sn_resolver_resolve_async(resolver, other, SN_DNS_TYPE_SRV, &results[1], &operations[1]);
    for (int i = 0; i < 2; i++) {
        check("resolve", sn_operation_wait(&operations[i]));
        print_result(i == 0 ? name : other, results[i]);
        sn_dns_result_release(results[i]);
    }
}

static sn_dns_type type_of(const char *text)
{
#define X(id, number, name)                                                                        \
    if (strcmp(text, name) == 0)                                                                   \
        return SN_DNS_TYPE_##id;
    SN_DNS_TYPE_TABLE(X)
#undef X
    return SN_DNS_TYPE_ADDRESSES;
}

/* --- A server that knows one service ---------------------------------------------------------- */

struct server {
    sn_socket *socket;
    sn_endpoint endpoint, client;
    sn_operation receiving;
    unsigned char message[1024];
};

static const char service[] = "\4_sip\4_tcp\7example\0";

/* The question as it came, with the answer behind it: a service at host.example, and its address;
 * or that there is no such name, which may be remembered for 30 seconds. */
static size_t write_answer(unsigned char *message, size_t size)
{
    static const char known[] = "\xC0\x0C\0\x21\0\1\0\0\1\x2C\0\x14" /* SRV, 300 s, 20 bytes */
                                "\0\1\0\1\x13\xC4\4host\7example\0"
                                "\xC0\x35\0\1\0\1\0\0\0\x3C\0\4\xC0\0\2\7"; /* A, 60 s */
    static const char unknown[] = "\0\0\6\0\1\0\0\0\x1E\0\x16" /* SOA, 30 s, 22 bytes */
                                  "\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\x1E";
    bool is_known = memcmp(message + 12, service, sizeof service - 1) == 0;
    const char *records = is_known ? known : unknown;
    size_t more = is_known ? sizeof known - 1 : sizeof unknown - 1;
    memcpy(message + 2, is_known ? "\x81\x80\0\1\0\1\0\0\0\1" : "\x81\x83\0\1\0\0\0\1\0\0", 10);
    memcpy(message + size, records, more);
    return size + more;
}

static void serve(sn_operation *operation)
{
    struct server *server = operation->context;
    if (operation->error)
        return; /* the socket was closed */
    size_t size = write_answer(server->message, operation->transferred);
    (void)!sn_socket_send_to(server->socket, server->message, size, SN_FLAG_NONE, &server->client,
                             NULL);
    sn_socket_receive_from_async(server->socket, server->message, 512, SN_FLAG_NONE,
                                 &server->client, operation);
}

static void begin_serving(struct server *server)
{
    check("endpoint", sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &server->endpoint));
    check("socket",
          sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &server->socket));
    check("bind", sn_socket_bind(server->socket, &server->endpoint));
    check("bind", sn_socket_get_local_endpoint(server->socket, &server->endpoint));
    server->client = server->endpoint;
    server->receiving.completed = serve;
    server->receiving.context = server;
    sn_socket_receive_from_async(server->socket, server->message, 512, SN_FLAG_NONE,
                                 &server->client, &server->receiving);
}

static int ask_own_server(void)
{
    struct server server = {.receiving = {.timeout_ms = 0}};
    begin_serving(&server);
    sn_resolver *resolver = make_resolver(&server.endpoint);
    ask(resolver, "_sip._tcp.example", SN_DNS_TYPE_SRV);
    ask_two(resolver, "_sip._tcp.example", "_irc._tcp.example");
    sn_resolver_release(resolver);
    sn_socket_close(server.socket);
    (void)!sn_operation_wait(&server.receiving);
    sn_socket_release(server.socket);
    return EXIT_SUCCESS;
}

int main(int argument_count, char **arguments)
{
    sn_endpoint server;
    if (argument_count < 3)
        return ask_own_server();
    sn_resolver *resolver = NULL; /* the system's servers */
    if (argument_count > 3) {
        check(arguments[3], sn_endpoint_parse(arguments[3], &server));
        resolver = make_resolver(&server);
    }
    ask(resolver, arguments[1], type_of(arguments[2]));
    sn_resolver_release(resolver);
    return EXIT_SUCCESS;
}
