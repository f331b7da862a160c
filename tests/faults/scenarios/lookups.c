/* Names, addresses and the own name looked up, in both forms. The asynchronous ones belong to no
 * socket, so the default engine carries them. */
#include "faults/scenarios/all.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct op looking, reversing;

/* Whether the file of hosts has the own name: others might ask the network for long. */
static bool knows_own_name(void)
{
    char own[256] = "", line[1024];
    FILE *file = fopen("/etc/hosts", "re");
    bool knows = false;
    (void)gethostname(own, sizeof own - 1);
    while (file && !knows && fgets(line, sizeof line, file)) {
        line[strcspn(line, "#")] = '\0';
        char *rest, *word = strtok_r(line, " \t\n", &rest);
        while (word && !knows)
            if ((word = strtok_r(NULL, " \t\n", &rest)) != NULL)
                knows = strcmp(word, own) == 0;
    }
    if (file)
        (void)fclose(file);
    return knows;
}

/* Whether a machine has a name for 127.0.0.1 is its own affair. */
static bool may_be_unknown(const char *what, sn_error error)
{
    return step(what, error == SN_ERROR_HOST_NOT_FOUND ? SN_OK : error);
}

static bool look_up(void)
{
    sn_dns_entry *entry = NULL, *reversed = NULL;
    sn_ip_address addresses[16];
    size_t count = 0;
    bool is_fine =
        step("look a name up", sn_dns_get_host_entry("localhost", SN_FAMILY_IPV4, &entry)) &&
        may_be_unknown("look a name up for an address",
                       sn_dns_get_host_entry_address(&SN_IPV4_LOOPBACK, &reversed)) &&
        (!knows_own_name() ||
         step("look a name up that is the own one",
              sn_dns_get_host_addresses("", SN_FAMILY_IPV4, addresses, 16, &count)));
    if (entry) {
        (void)sn_dns_entry_get_address_list(entry, &count);
        must(count > 0, "a name without an address");
        must(strlen(sn_dns_entry_get_host_name(entry)) > 0, "an entry without a name");
    }
    sn_dns_entry_release(entry);
    sn_dns_entry_release(reversed);
    return is_fine;
}

static void look_up_async(void)
{
    sn_dns_entry *entry = NULL, *reversed = NULL;
    sn_dns_get_host_entry_async("localhost", SN_FAMILY_IPV4, &entry, op_ready(&looking, NULL));
    sn_dns_get_host_entry_address_async(&SN_IPV4_LOOPBACK, &reversed, op_ready(&reversing, NULL));
    (void)step("look a name up asynchronously", sn_operation_wait(&looking.operation));
    (void)may_be_unknown("look a name up for an address asynchronously",
                         sn_operation_wait(&reversing.operation));
    ops_finish(NULL); /* the entries are lent until then */
    must(!looking.operation.error == (entry != NULL), "an answer without an entry, or the reverse");
    sn_dns_entry_release(entry);
    sn_dns_entry_release(reversed);
}

void play_lookups(void)
{
    memset(&looking, 0, sizeof looking);
    memset(&reversing, 0, sizeof reversing);
    if (look_up())
        look_up_async();
}
