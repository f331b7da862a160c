/* Sockets from a text, ready for use. */
#include <sennit/open.h>

#include <sennit/dns.h>
#include <sennit/option.h>

#include "clients/clients.h"
#include "clients/holder.h"

/* What both calls are asked for. */
struct wish {
    sn_endpoint endpoint;
    sn_endpoint_target target;
    sn_open_prepare prepare;
    void *context;
};

static sn_error read_wish(const char *text, sn_open_prepare prepare, void *context,
                          sn_socket **out_socket, struct wish *out_wish)
{
    *out_wish = (struct wish){.prepare = prepare, .context = context};
    sn_error error = out_socket
                         ? sn_endpoint_from_text(text, &out_wish->endpoint, &out_wish->target)
                         : SN_ERROR_ARGUMENT_NULL;
    return error ? misuse(error) : SN_OK;
}

/* Made and prepared. */
static sn_error make(const struct wish *wish, sn_address_family family, sn_socket **out_socket)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create(family, wish->target.type, wish->target.protocol, &socket);
    if (!error && wish->prepare)
        error = wish->prepare(socket, wish->context);
    if (!error)
        *out_socket = socket;
    else
        sn_socket_release(socket);
    return error;
}

/* --- Connected -------------------------------------------------------------------------------- */

static sn_error connect_to(const struct wish *wish, const sn_endpoint *remote,
                           sn_socket **out_socket)
{
    sn_socket *socket = NULL;
    sn_error error = make(wish, sn_endpoint_get_family(remote), &socket);
    if (!error)
        error = sn_socket_connect(socket, remote);
    if (!error)
        *out_socket = socket;
    else
        sn_socket_release(socket);
    return error;
}

/* Ended from outside, and not by the address that was tried. */
static bool is_final(sn_error error)
{
    return error == SN_ERROR_INTERRUPTED || error == SN_ERROR_OPERATION_CANCELED ||
           sn_cancellation_check() != SN_OK;
}

enum { ADDRESSES_MAX = 16 }; /* beyond, nobody would wait for all of them */

static sn_error connect_to_name(const struct wish *wish, sn_socket **out_socket)
{
    sn_ip_address addresses[ADDRESSES_MAX];
    size_t count = 0;
    sn_endpoint remote;
    sn_error error =
        sn_dns_get_host_addresses(sn_endpoint_get_host(&wish->endpoint), SN_FAMILY_UNSPECIFIED,
                                  addresses, ADDRESSES_MAX, &count);
    if (error)
        return error;
    error = misuse(SN_ERROR_NO_DATA);
    for (size_t i = 0; i < count && i < ADDRESSES_MAX; i++) {
        error = sn_endpoint_from_ip(&addresses[i], sn_endpoint_get_port(&wish->endpoint), &remote);
        if (!error)
            error = connect_to(wish, &remote, out_socket);
        if (!error || is_final(error))
            break;
    }
    return error;
}

sn_error sn_socket_open_connected(const char *text, sn_open_prepare prepare, void *context,
                                  sn_socket **out_socket)
{
    struct wish wish;
    sn_error error = read_wish(text, prepare, context, out_socket, &wish);
    if (error)
        return error;
    return sn_endpoint_get_kind(&wish.endpoint) == SN_ENDPOINT_DNS
               ? connect_to_name(&wish, out_socket)
               : connect_to(&wish, &wish.endpoint, out_socket);
}

/* --- Connected, all addresses on one socket --------------------------------------------------- */

static sn_error make_for_both(const struct wish *wish, sn_socket **out_socket)
{
    sn_socket *socket = NULL;
    sn_error error = sn_socket_create_dual_mode(wish->target.type, wish->target.protocol, &socket);
    if (!error && wish->prepare)
        error = wish->prepare(socket, wish->context);
    if (!error)
        *out_socket = socket;
    else
        sn_socket_release(socket);
    return error;
}

/* Made and prepared, and then told how it is to connect, for this once. */
static sn_error connect_in_a_way(const struct wish *wish, const sn_connect_options *options,
                                 sn_socket **out_socket)
{
    const sn_endpoint *remote = &wish->endpoint;
    bool is_name = sn_endpoint_get_kind(remote) == SN_ENDPOINT_DNS;
    sn_socket *socket = NULL;
    sn_error error = is_name ? make_for_both(wish, &socket)
                             : make(wish, sn_endpoint_get_family(remote), &socket);
    if (!error)
        error = sn_socket_set_connect_options(socket, options);
    if (!error)
        error = sn_socket_connect(socket, remote);
    if (!error)
        error = sn_socket_set_connect_options(socket, NULL);
    if (!error)
        *out_socket = socket;
    else
        sn_socket_release(socket);
    return error;
}

sn_error sn_socket_open_connected_with(const char *text, const sn_connect_options *options,
                                       sn_open_prepare prepare, void *context,
                                       sn_socket **out_socket)
{
    struct wish wish;
    if (!options)
        return sn_socket_open_connected(text, prepare, context, out_socket);
    sn_error error = read_wish(text, prepare, context, out_socket, &wish);
    return error ? error : connect_in_a_way(&wish, options, out_socket);
}

/* --- Listening -------------------------------------------------------------------------------- */

static bool is_every_address(const sn_endpoint *endpoint)
{
    sn_ip_address address;
    return sn_endpoint_get_family(endpoint) == SN_FAMILY_IPV6 &&
           !sn_endpoint_get_address(endpoint, &address) &&
           sn_ip_address_equals(&address, &SN_IPV6_ANY);
}

/* Where a socket can be bound: a name becomes its first address, and every address one that the
 * system has. */
static sn_error settle(struct wish *wish)
{
    int port = sn_endpoint_get_port(&wish->endpoint);
    if (is_every_address(&wish->endpoint) && !sn_socket_os_supports_ipv6())
        return sn_endpoint_from_ip(&SN_IPV4_ANY, port, &wish->endpoint);
    if (sn_endpoint_get_kind(&wish->endpoint) != SN_ENDPOINT_DNS)
        return SN_OK;
    sn_ip_address address;
    size_t count = 0;
    sn_error error = sn_dns_get_host_addresses(sn_endpoint_get_host(&wish->endpoint),
                                               SN_FAMILY_UNSPECIFIED, &address, 1, &count);
    if (!error && count == 0)
        error = misuse(SN_ERROR_NO_DATA);
    return error ? error : sn_endpoint_from_ip(&address, port, &wish->endpoint);
}

static sn_error listen_at(const struct wish *wish, int backlog, sn_socket *socket)
{
    sn_error error = SN_OK;
    if (is_every_address(&wish->endpoint))
        error = sn_socket_set_dual_mode(socket, true);
    if (!error)
        error = sn_socket_bind(socket, &wish->endpoint);
    bool listens = wish->target.type == SN_TYPE_STREAM || wish->target.type == SN_TYPE_SEQPACKET;
    if (!error && listens)
        error = sn_socket_listen(socket, backlog);
    return error;
}

sn_error sn_socket_open_listening(const char *text, int backlog, sn_open_prepare prepare,
                                  void *context, sn_socket **out_socket)
{
    struct wish wish;
    sn_socket *socket = NULL;
    sn_error error = read_wish(text, prepare, context, out_socket, &wish);
    if (!error)
        error = settle(&wish);
    if (!error)
        error = make(&wish, sn_endpoint_get_family(&wish.endpoint), &socket);
    if (!error)
        error = listen_at(&wish, backlog, socket);
    if (!error)
        *out_socket = socket;
    else
        sn_socket_release(socket);
    return error;
}
