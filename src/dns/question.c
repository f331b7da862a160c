/* Checks, and the one decision that needs no resolver: whether the text is an address. */
#include "dns/lookup.h"

#include <string.h>

static bool is_any(const sn_ip_address *address)
{
    return sn_ip_address_equals(address, &SN_IPV4_ANY) ||
           sn_ip_address_equals(address, &SN_IPV6_ANY);
}

/* The resolver's limit is 255 bytes with the dot that ends a full name, 254 without it. */
static bool is_too_long(const char *host, size_t size)
{
    return size > SN_HOST_SIZE_MAX || (size == SN_HOST_SIZE_MAX && host[size - 1] != '.');
}

static sn_error prepare_address(const sn_ip_address *address, enum dns_way way,
                                struct dns_question *question)
{
    /* It means "every address of this machine" and names no host. */
    if (is_any(address))
        return SN_ERROR_ARGUMENT;
    question->way = way;
    question->address = *address;
    return SN_OK;
}

/* The length is checked after the address, as in .NET: the text of an address may have any. */
static sn_error prepare_host(const struct dns_request *request, struct dns_question *question)
{
    const char *host = request->host;
    size_t size = request->host_size;
    if (!host)
        return SN_ERROR_ARGUMENT_NULL;
    /* Unlike .NET, which hands it on and looks up what stands before the NUL: a check of the text
     * and the lookup would then see two different names. */
    if (memchr(host, '\0', size))
        return SN_ERROR_HOST_NOT_FOUND;

    sn_ip_address address;
    if (sn_ip_address_parse_bytes(host, size, &address) == SN_OK)
        return prepare_address(&address, question->wants_name ? DNS_REVERSE : DNS_KNOWN, question);
    if (is_too_long(host, size))
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    question->way = DNS_FORWARD;
    memcpy(question->host, host, size);
    return SN_OK;
}

sn_error dns_question_prepare(const struct dns_request *request, struct dns_question *out_question)
{
    struct dns_question question = {.wants_name = request->kind != DNS_ADDRESSES,
                                    .family = request->family};
    sn_error error;
    if (request->kind != DNS_ENTRY_OF_ADDRESS)
        error = prepare_host(request, &question);
    else if (!request->address)
        error = SN_ERROR_ARGUMENT_NULL;
    else
        error = prepare_address(request->address, DNS_REVERSE, &question);
    if (!error)
        *out_question = question;
    return error;
}
