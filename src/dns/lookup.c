/**
 * Finding an answer on the calling thread.
 *
 * Results are native while they are collected; they become an sn_error once, in dns_look_up().
 */
#include "dns/lookup.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "address/address.h"
#include "base/base.h"
#include "error/error.h"

/* --- The entry's parts ------------------------------------------------------------------------ */

static void add_native(struct dns_addresses *addresses, const struct sys_resolved_address *native)
{
    sn_endpoint endpoint;
    sn_ip_address address;
    if (sn_endpoint_from_sockaddr(&native->as, native->size, &endpoint) == SN_OK &&
        sn_endpoint_get_address(&endpoint, &address) == SN_OK)
        dns_addresses_add(addresses, &address);
}

static int32_t add_all(struct dns_addresses *addresses, const struct sys_resolved *list)
{
    if (!dns_addresses_reserve(addresses, list->count))
        return -ENOMEM;
    for (size_t index = 0; index < list->count; index++)
        add_native(addresses, &list->addresses[index]);
    return 0;
}

static int32_t set_name(sn_dns_entry *entry, const char *name)
{
    char *copy = memory_text(name, strlen(name));
    if (!copy)
        return -ENOMEM;
    memory_free(entry->host_name);
    entry->host_name = copy;
    return 0;
}

/* --- This machine's own name ------------------------------------------------------------------ */

static bool is_of_family(const struct sys_resolved_address *address, int native_family)
{
    return address->as.generic.sa_family == native_family;
}

static bool has_outer(const struct sys_resolved *list, int native_family)
{
    for (size_t index = 0; index < list->count; index++)
        if (is_of_family(&list->addresses[index], native_family) &&
            !list->addresses[index].is_loopback)
            return true;
    return false;
}

/*
 * The resolver often knows no more of the own name than 127.0.0.1, or 127.0.1.1. So the interfaces'
 * addresses follow; the loopback ones of a family only where it has no others.
 *
 * .NET appends both families even if one was asked for; here the caller gets what he asked for.
 */
static int32_t add_interfaces(struct dns_addresses *addresses, int native_family)
{
    struct sys_resolved *list;
    if (sys_interface_addresses(native_family, &list) < 0)
        return 0; /* what the resolver said stands */
    int32_t failed = dns_addresses_reserve(addresses, list->count) ? 0 : -ENOMEM;
    bool has_outer_ipv4 = has_outer(list, AF_INET);
    bool has_outer_ipv6 = has_outer(list, AF_INET6);
    for (size_t index = 0; !failed && index < list->count; index++) {
        const struct sys_resolved_address *address = &list->addresses[index];
        bool is_shadowed = is_of_family(address, AF_INET) ? has_outer_ipv4 : has_outer_ipv6;
        if (!address->is_loopback || !is_shadowed)
            add_native(addresses, address);
    }
    sys_resolved_free(list);
    return failed;
}

/* --- The ways --------------------------------------------------------------------------------- */

static int32_t look_up_known(const struct dns_question *question, sn_dns_entry *entry)
{
    /* An address of another family than the one asked for is no answer, and no error. */
    if (question->family != SN_FAMILY_UNSPECIFIED && question->family != question->address.family)
        return 0;
    if (!dns_addresses_reserve(&entry->addresses, 1))
        return -ENOMEM;
    dns_addresses_add(&entry->addresses, &question->address);
    return 0;
}

static int32_t look_up_host(const struct dns_question *question, const char *host,
                            sn_dns_entry *entry)
{
    int native_family = address_family_to_native(question->family);
    if (native_family < 0)
        return SYS_RESOLVE_BAD_FAMILY;

    char own_name[SN_HOST_SIZE_MAX + 1];
    int32_t failed = sys_host_name(own_name, sizeof own_name);
    if (*host == '\0') {
        if (failed)
            return failed;
        host = own_name;
    }
    bool is_own_name = !failed && strcasecmp(host, own_name) == 0;

    struct sys_resolved *list;
    failed = sys_resolve(host, native_family, &list);
    if (failed)
        return failed;
    failed = add_all(&entry->addresses, list);
    if (!failed && question->wants_name)
        failed = set_name(entry, list->canonical_name ? list->canonical_name : host);
    sys_resolved_free(list);
    if (!failed && is_own_name)
        failed = add_interfaces(&entry->addresses, native_family);
    return failed;
}

static int32_t look_up_name_of(const struct dns_question *question, sn_dns_entry *entry)
{
    sn_endpoint endpoint;
    if (sn_endpoint_from_ip(&question->address, 0, &endpoint) != SN_OK)
        return SYS_RESOLVE_BAD_FAMILY;
    size_t size;
    const void *sockaddr = sn_endpoint_get_sockaddr(&endpoint, &size);
    char name[SYS_REVERSE_SIZE_MAX];
    int32_t failed = sys_reverse(sockaddr, (uint32_t)size, name, sizeof name);
    if (!failed)
        failed = set_name(entry, name);
    if (failed)
        return failed;

    /* A name that leads nowhere, or not in this family, is an answer all the same: as in .NET the
     * list of addresses is empty then, and the address that was asked about is not put into it. */
    failed = look_up_host(question, name, entry);
    return failed == -ENOMEM ? failed : 0;
}

static int32_t look_up(const struct dns_question *question, sn_dns_entry *entry)
{
    switch (question->way) {
    case DNS_KNOWN: return look_up_known(question, entry);
    case DNS_FORWARD: return look_up_host(question, question->host, entry);
    case DNS_REVERSE: break;
    }
    return look_up_name_of(question, entry);
}

void dns_look_up(const struct dns_question *question, struct dns_answer *out_answer)
{
    struct dns_answer answer = {.entry = memory_zeroed(sizeof *answer.entry)};
    int32_t native = answer.entry ? look_up(question, answer.entry) : -ENOMEM;
    answer.error = dns_error_from_native(native, &answer.native_error);
    if (answer.error) {
        sn_dns_entry_release(answer.entry);
        answer.entry = NULL;
    }
    *out_answer = answer;
}
