/* The same questions to a name server that others have made: dnsmasq, where it is installed, on a
 * port of its own and with a zone that the test gives it. It asks nobody else. */
#include "support/threads.h"
#include "conformance/resolvers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    pid_t process; /* the guard; 0: none */
    int pipe_end;
    sn_resolver *resolver;
    const char *missing;
} server;

/* A TXT record of 4 strings: too long for a datagram. */
#define S50  "12345678901234567890123456789012345678901234567890"
#define S200 S50 S50 S50 S50
#define ZONE "example.test"

static char port_option[32];
/* A name that only this process's server knows. */
static char mark_name[64], mark_option[96];
static char *const arguments[] = {"dnsmasq",
                                  "--keep-in-foreground",
                                  "--conf-file=/dev/null",
                                  "--pid-file=",
                                  "--user=root",
                                  "--no-resolv",
                                  "--no-hosts",
                                  "--bind-interfaces",
                                  "--interface=lo",
                                  "--listen-address=127.0.0.1",
                                  port_option,
                                  "--auth-server=ns." ZONE ",127.0.0.1",
                                  "--auth-zone=" ZONE ",192.0.2.0/24,2001:db8::/64",
                                  "--auth-soa=1,admin." ZONE,
                                  "--auth-ttl=321",
                                  "--local-ttl=222",
                                  "--host-record=host." ZONE ",192.0.2.7,2001:db8::7",
                                  "--host-record=mail." ZONE ",192.0.2.8",
                                  mark_option,
                                  "--cname=alias." ZONE ",host." ZONE,
                                  "--mx-host=" ZONE ",mail." ZONE ",10",
                                  "--srv-host=_sip._tcp." ZONE ",host." ZONE ",5060,3,9",
                                  "--txt-record=" ZONE ",v=1,second piece",
                                  "--txt-record=long." ZONE "," S200 "," S200 "," S200 "," S200,
                                  NULL};

static const char *program(void)
{
    static const char *const places[] = {"/usr/sbin/dnsmasq", "/usr/bin/dnsmasq",
                                         "/usr/local/sbin/dnsmasq"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

/* A port that is free now; somebody else may be quicker, and then dnsmasq ends at once. */
static int free_port(void)
{
    sn_socket *socket = socket_listening(TCP_IPV4, 1);
    sn_endpoint endpoint = local_endpoint(socket);
    sn_socket_release(socket);
    return sn_endpoint_get_port(&endpoint);
}

static bool has_ended(void)
{
    int status;
    if (waitpid(server.process, &status, WNOHANG) == 0)
        return false;
    server.process = 0;
    return true;
}

/* dnsmasq changes its credentials, so no signal comes to it at the end of its parent. A process in
 * between sees that the pipe ends, when this one ends or begins anew, and ends it. */
static _Noreturn void guard(const char *path, int pipe_end)
{
    int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC), status;
    struct pollfd polled = {.fd = pipe_end, .events = POLLIN};
    pid_t process = fork();
    if (process == 0) {
        (void)dup2(quiet, STDERR_FILENO);
        execv(path, arguments);
        _exit(127);
    }
    while (poll(&polled, 1, 50) <= 0)
        if (process < 0 || waitpid(process, &status, WNOHANG) == process)
            _exit(1);
    (void)kill(process, SIGKILL);
    (void)waitpid(process, &status, 0);
    _exit(0);
}

static void start_process(const char *path)
{
    int ends[2];
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    server.process = fork();
    assert_true(server.process >= 0);
    if (server.process == 0) {
        close(ends[1]);
        guard(path, ends[0]);
    }
    close(ends[0]);
    server.pipe_end = ends[1];
}

/* True: it answers, and not another test's, which was quicker to take the port and may end soon. */
static bool try_port(const char *path, int port)
{
    sn_dns_result *result = NULL;
    snprintf(port_option, sizeof port_option, "--port=%d", port);
    snprintf(mark_name, sizeof mark_name, "of-%ld." ZONE, (long)getpid());
    snprintf(mark_option, sizeof mark_option, "--host-record=%s,192.0.2.9", mark_name);
    start_process(path);
    const sn_endpoint endpoint = endpoint_of(&SN_IPV4_LOOPBACK, port);
    const sn_resolver_options options = {
        .servers = &endpoint, .server_count = 1, .attempt_timeout_ms = PATIENT_MS / 10};
    assert_ok(sn_resolver_create(&options, &server.resolver));
    while (!has_ended()) {
        if (!sn_resolver_resolve(server.resolver, mark_name, SN_DNS_TYPE_A, SN_FOREVER, &result))
            break;
        give_way();
    }
    sn_dns_result_release(result);
    if (server.process != 0)
        return true;
    close(server.pipe_end);
    sn_resolver_release(server.resolver);
    return false;
}

static void open_server(void)
{
    const char *path = program();
    server.missing = path ? "it does not begin here" : "it is not installed (dnsmasq-base)";
    for (int i = 0; path && server.missing && i < 3; i++)
        if (try_port(path, free_port()))
            server.missing = NULL;
}

static void close_server(void)
{
    if (server.process == 0)
        return;
    sn_resolver_release(server.resolver);
    close(server.pipe_end);
    while (waitpid(server.process, NULL, 0) < 0 && errno == EINTR)
        continue;
}

#define NEED_SERVER()                                                                              \
    do {                                                                                           \
        if (server.missing)                                                                        \
            SKIP("dnsmasq: %s", server.missing);                                                   \
    } while (0)

static const sn_dns_record *only_record(const sn_dns_result *result)
{
    size_t count;
    const sn_dns_record *records = sn_dns_result_get_records(result, &count);
    assert_int_equal(1, count);
    return records;
}

TEST(dnsmasq_tells_addresses_of_both_families_with_their_time)
{
    NEED_SERVER();
    size_t count;
    sn_dns_result *result = answer_of(server.resolver, "alias." ZONE, SN_DNS_TYPE_ADDRESSES);
    const sn_dns_record *records = sn_dns_result_get_records(result, &count);
    assert_int_equal(2, count);
    assert_address("192.0.2.7", &records[0].as.address);
    assert_address("2001:db8::7", &records[1].as.address);
    assert_int_equal(321, records[0].ttl_s);
    assert_string_equal("host." ZONE, sn_dns_result_get_canonical_name(result));
    sn_dns_result_release(result);
}

TEST(dnsmasq_tells_every_other_type)
{
    NEED_SERVER();
    sn_dns_result *result = answer_of(server.resolver, "alias." ZONE, SN_DNS_TYPE_CNAME);
    assert_string_equal("host." ZONE, only_record(result)->as.name);
    sn_dns_result_release(result);
    result = answer_of(server.resolver, ZONE, SN_DNS_TYPE_MX);
    assert_string_equal("mail." ZONE, only_record(result)->as.mx.exchange);
    assert_int_equal(10, only_record(result)->as.mx.preference);
    sn_dns_result_release(result);
    result = answer_of(server.resolver, ZONE, SN_DNS_TYPE_NS);
    assert_string_equal("ns." ZONE, only_record(result)->as.name);
    sn_dns_result_release(result);
    result = answer_of(server.resolver, "_sip._tcp." ZONE, SN_DNS_TYPE_SRV);
    assert_string_equal("host." ZONE, only_record(result)->as.srv.target);
    assert_int_equal(5060, only_record(result)->as.srv.port);
    assert_int_equal(3, only_record(result)->as.srv.priority);
    assert_int_equal(9, only_record(result)->as.srv.weight);
    sn_dns_result_release(result);
    result = answer_of(server.resolver, ZONE, SN_DNS_TYPE_TXT);
    assert_int_equal(2, only_record(result)->as.txt.value_count);
    assert_string_equal("second piece", only_record(result)->as.txt.values[1].data);
    sn_dns_result_release(result);
    result = answer_of(server.resolver, "7.2.0.192.in-addr.arpa", SN_DNS_TYPE_PTR);
    assert_string_equal("host." ZONE, only_record(result)->as.name);
    sn_dns_result_release(result);
}

TEST(dnsmasq_cuts_a_long_answer_short_and_gives_it_over_a_connection)
{
    NEED_SERVER();
    sn_dns_result *result = answer_of(server.resolver, "long." ZONE, SN_DNS_TYPE_TXT);
    assert_int_equal(4, only_record(result)->as.txt.value_count);
    assert_string_equal(S200, only_record(result)->as.txt.values[3].data);
    sn_dns_result_release(result);
}

TEST(dnsmasq_says_how_long_a_name_is_known_not_to_be)
{
    NEED_SERVER();
    sn_dns_result *result = answer_of(server.resolver, "none." ZONE, SN_DNS_TYPE_MX);
    assert_int_equal(SN_DNS_RESPONSE_NX_DOMAIN, sn_dns_result_get_response_code(result));
    assert_true(sn_dns_result_get_negative_ttl(result) > 0);
    sn_dns_result_release(result);
    result = answer_of(server.resolver, "mail." ZONE, SN_DNS_TYPE_AAAA);
    assert_int_equal(SN_DNS_RESPONSE_NO_ERROR, sn_dns_result_get_response_code(result));
    assert_true(sn_dns_result_get_negative_ttl(result) > 0);
    sn_dns_result_release(result);
    result = answer_of(server.resolver, "elsewhere.test.", SN_DNS_TYPE_A);
    assert_int_equal(SN_DNS_RESPONSE_REFUSED, sn_dns_result_get_response_code(result));
    sn_dns_result_release(result);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(dnsmasq_tells_addresses_of_both_families_with_their_time),
        CASE(dnsmasq_tells_every_other_type),
        CASE(dnsmasq_cuts_a_long_answer_short_and_gives_it_over_a_connection),
        CASE(dnsmasq_says_how_long_a_name_is_known_not_to_be),
    };
    open_server();
    int failed = RUN(cases);
    close_server();
    return failed;
}
