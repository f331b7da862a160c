/* Names: what the resolver answers without a network. */
#include "player.h"

#include <string.h>
#include <unistd.h>

enum { ADDRESSES_MAX = 64 };

static void take_host(struct run *run, const struct step *step, struct call *call)
{
    const word *host = argument(run, step, 0);
    call->host = word_is(host, "null") ? NULL : copy_text(host->text);
    call->family = SN_FAMILY_UNSPECIFIED;
    if (step->words.count > 1)
        call->family = (sn_address_family)value_name(run, step, "family", argument(run, step, 1));
}

/* dns-addresses HOST [FAMILY] */
static void addresses_prepare(struct run *run, const struct step *step, struct call *call)
{
    take_host(run, step, call);
    call->addresses = room(sizeof(sn_ip_address) * ADDRESSES_MAX);
}

static sn_error addresses_blocking(struct call *call)
{
    return sn_dns_get_host_addresses(call->host, call->family, call->addresses, ADDRESSES_MAX,
                                     &call->transferred);
}

static void addresses_start(struct call *call)
{
    sn_dns_get_host_addresses_async(call->host, call->family, call->addresses, ADDRESSES_MAX,
                                    &call->operation);
}

static void addresses_show(struct run *run, struct call *call, text *out)
{
    (void)run;
    for (size_t i = 0; i < call->transferred; i++)
        show_ip_address(out, &call->addresses[i]);
}

/* dns-entry HOST [FAMILY] */
static sn_error entry_blocking(struct call *call)
{
    return sn_dns_get_host_entry(call->host, call->family, &call->entry);
}

static void entry_start(struct call *call)
{
    sn_dns_get_host_entry_async(call->host, call->family, &call->entry, &call->operation);
}

static void entry_show(struct run *run, struct call *call, text *out)
{
    (void)run;
    size_t count;
    const sn_ip_address *list = sn_dns_entry_get_address_list(call->entry, &count);
    text_add(out, " %s", sn_dns_entry_get_host_name(call->entry));
    for (size_t i = 0; i < count; i++)
        show_ip_address(out, &list[i]);
}

/* dns-entry-address ADDRESS|null */
static void by_address_prepare(struct run *run, const struct step *step, struct call *call)
{
    call->addresses = NULL;
    if (word_is(argument(run, step, 0), "null"))
        return;
    call->addresses = room(sizeof(sn_ip_address));
    call->addresses[0] = value_address(run, step, argument(run, step, 0));
}

static sn_error by_address_blocking(struct call *call)
{
    return sn_dns_get_host_entry_address(call->addresses, &call->entry);
}

static void by_address_start(struct call *call)
{
    sn_dns_get_host_entry_address_async(call->addresses, &call->entry, &call->operation);
}

/* dns-host-name: whether it is the system's */
static void host_name(struct run *run, const struct step *step, text *out)
{
    (void)run;
    (void)step;
    char name[256] = "", expected[256] = "";
    gethostname(expected, sizeof expected - 1);
    if (!show_failed(out, sn_dns_get_host_name(name, sizeof name)))
        show_bool(out, strcmp(name, expected) == 0);
}

static const call_verb addresses_call = {addresses_prepare, addresses_blocking, addresses_start,
                                         addresses_show};
static const call_verb entry_call = {take_host, entry_blocking, entry_start, entry_show};
static const call_verb by_address_call = {by_address_prepare, by_address_blocking, by_address_start,
                                          entry_show};

const struct verb dns_verbs[] = {
    {"dns-addresses", 1, 2, NULL, &addresses_call, false},
    {"dns-entry", 1, 2, NULL, &entry_call, false},
    {"dns-entry-address", 1, 1, NULL, &by_address_call, false},
    {"dns-host-name", 0, 0, host_name, NULL, false},
    {0},
};
