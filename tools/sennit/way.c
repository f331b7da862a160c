#include "way.h"

#include <stdio.h>
#include <string.h>

#include "proxy_header.h"
#include "report.h"
#include "socket_options.h"

static const char *check_family(const struct way *way, struct target *target)
{
    if (way->is_ipv4_only && way->is_ipv6_only)
        return "--ipv4 and --ipv6 exclude each other";
    if (!way->is_ipv4_only && !way->is_ipv6_only)
        return NULL;
    sn_address_family wanted = way->is_ipv4_only ? SN_FAMILY_IPV4 : SN_FAMILY_IPV6;
    if (!target->has_port)
        return "--ipv4 and --ipv6 are for hosts";
    if (target->family != SN_FAMILY_UNSPECIFIED && target->family != wanted)
        return way->is_ipv4_only ? "this is no IPv4 address, and --ipv4 is given"
                                 : "this is no IPv6 address, and --ipv6 is given";
    target->family = wanted;
    return NULL;
}

static const char *read_source(const char *text, const struct target *target,
                               sn_endpoint *out_source)
{
    sn_endpoint_target kind;
    if (target->has_port)
        return sn_endpoint_parse(text, out_source)
                   ? "not an address of this machine; write 192.0.2.1, 192.0.2.1:4000 or [::1]:4000"
                   : NULL;
    char whole[TARGET_TEXT_SIZE];
    snprintf(whole, sizeof whole, "%.*s:%s", (int)strcspn(target->text, ":"), target->text, text);
    if (strlen(text) > SN_UNIX_PATH_SIZE_MAX || sn_endpoint_from_text(whole, out_source, &kind))
        return "not an address of the kind that is connected to; for a Unix socket write a path";
    return NULL;
}

/* Both are about streams: a SOCKS server could take datagrams, but few do. */
static const char *check_proxy(struct way *way, const struct target *target, const char **out_wrong)
{
    if (way->header_version > 0 && target->type != SN_TYPE_STREAM)
        return "--proxy-header is for streams";
    if (!way->proxy)
        return NULL;
    if (!target->has_port || target->type != SN_TYPE_STREAM)
        return "--via is for TCP";
    *out_wrong = way->proxy;
    const char *complaint = via_parse(way->proxy, &way->via);
    return complaint ? complaint : check_family(way, &way->via.target);
}

const char *way_check(struct way *way, struct target *target, const char **out_wrong)
{
    *out_wrong = target->text;
    const char *complaint = check_family(way, target);
    if (!complaint && way->from) {
        *out_wrong = way->from;
        complaint = read_source(way->from, target, &way->source);
    }
    if (!complaint)
        complaint = check_proxy(way, target, out_wrong);
    return complaint ? complaint : socket_options_check(&way->options, out_wrong);
}

int way_prepare(const struct way *way, const struct target *target, const char *doing,
                sn_socket *socket)
{
    char what[TARGET_TEXT_SIZE + 80];
    const char *failed = "";
    sn_error error = socket_options_apply(&way->options, socket, &failed);
    if (error) {
        snprintf(what, sizeof what, "%.*s with the option %.60s", TARGET_TEXT_SIZE, target->text,
                 failed);
        return report_failure(doing, what, error);
    }
    if (sn_endpoint_get_kind(&way->source) == SN_ENDPOINT_NONE)
        return EXIT_DONE;
    error = sn_socket_bind(socket, &way->source);
    if (!error)
        return EXIT_DONE;
    snprintf(what, sizeof what, "%.*s from %.60s", TARGET_TEXT_SIZE, target->text, way->from);
    return report_failure(doing, what, error);
}

/* Connects, and says what has to be said before the program's own bytes. `*out_words` is what went
 * wrong where the error alone would not tell. */
static sn_error connect_through(const struct way *way, const struct target *target,
                                sn_socket *socket, sn_socket *client, const char **out_words)
{
    bool is_by_proxy = way->via.kind != VIA_NONE;
    const struct target *next = is_by_proxy ? &way->via.target : target;
    sn_error error = sn_socket_connect(socket, &next->endpoint);
    if (!error && is_by_proxy)
        error = via_connect(&way->via, target, socket, out_words);
    if (!error && way->header_version > 0)
        error = proxy_header_send(socket, way->header_version, client);
    return error;
}

/* One time limit for the lookup, all attempts, and what is said. */
static sn_error connect_in_time(const struct way *way, const struct target *target,
                                sn_socket *socket, sn_socket *client, const char **out_words)
{
    sn_cancellation *limit = NULL;
    sn_cancellation_scope scope;
    if (way->timeout_ms == 0)
        return connect_through(way, target, socket, client, out_words);
    sn_error error = sn_cancellation_create(&limit);
    if (!error)
        error = sn_cancellation_cancel_after(limit, way->timeout_ms);
    if (!error)
        error = sn_cancellation_enter(limit, &scope);
    if (!error) {
        error = connect_through(way, target, socket, client, out_words);
        (void)sn_cancellation_leave(&scope);
    }
    sn_cancellation_release(limit);
    return error;
}

static int report(const struct way *way, const struct target *target, const char *doing,
                  sn_error error, const char *words)
{
    char what[2 * TARGET_TEXT_SIZE + 8];
    if (way->via.kind == VIA_NONE)
        return report_failure(doing, target->text, error);
    /* Not as it was given: the password is nothing for a log. */
    snprintf(what, sizeof what, "%s via %s", target->text, way->via.place);
    return words ? report_words(doing, what, words) : report_failure(doing, what, error);
}

const char *way_check_none(const struct way *way, const char **out_wrong)
{
    if (way->from || way->timeout_ms > 0 || way->is_ipv4_only || way->is_ipv6_only || way->proxy ||
        way->header_version != 0)
        return "--from, --timeout, --ipv4, --ipv6, --via and --proxy-header are for connecting, "
               "not for listening";
    return socket_options_check(&way->options, out_wrong);
}

int way_connect(const struct way *way, const struct target *target, const char *doing,
                sn_socket *client, sn_socket **out_socket)
{
    sn_socket *socket = NULL;
    const char *words = NULL;
    const struct target *next = way->via.kind != VIA_NONE ? &way->via.target : target;
    sn_error error = target_open(next, &socket);
    if (!error && next->has_port) {
        const sn_connect_options options = {
            .size = sizeof options, .algorithm = SN_CONNECT_PARALLEL, .log = way->log};
        error = sn_socket_set_connect_options(socket, &options);
    }
    int status =
        error ? report_failure(doing, target->text, error) : way_prepare(way, next, doing, socket);
    if (status == EXIT_DONE) {
        error = connect_in_time(way, target, socket, client, &words);
        if (error)
            status = report(way, target, doing, error, words);
    }
    if (status != EXIT_DONE) {
        sn_socket_release(socket);
        return status;
    }
    *out_socket = socket;
    return EXIT_DONE;
}
