/* Records of the name system, and the server that answers for them. */
#include "player.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 512, NAME_END = 12 };

/* --- dns-records TYPE NAME SERVER ------------------------------------------------------------- */

static void records_prepare(struct run *run, const struct step *step, struct call *call)
{
    static const struct {
        const char *name;
        sn_dns_type type;
    } types[] = {{"Addresses", SN_DNS_TYPE_ADDRESSES},
                 {"CName", SN_DNS_TYPE_CNAME},
                 {"Mx", SN_DNS_TYPE_MX},
                 {"Ns", SN_DNS_TYPE_NS},
                 {"Ptr", SN_DNS_TYPE_PTR},
                 {"Srv", SN_DNS_TYPE_SRV},
                 {"Txt", SN_DNS_TYPE_TXT},
                 {NULL, SN_DNS_TYPE_A}};
    const word *name = argument(run, step, 1);
    size_t i = 0;
    while (types[i].name && !word_is(argument(run, step, 0), types[i].name))
        i++;
    if (!types[i].name)
        run_broken(run, step, "no type of records");
    call->record_type = types[i].type;
    call->host = word_is(name, "null") ? NULL : copy_text(name->text);
    call->endpoint = value_endpoint(run, step, argument(run, step, 2));
}

static sn_error make_resolver(struct call *call)
{
    const sn_resolver_options options = {
        .servers = call->endpoint, .server_count = 1, .attempts = 1, .attempt_timeout_ms = 5000};
    return sn_resolver_create(&options, &call->resolver);
}

static sn_error records_blocking(struct call *call)
{
    sn_error error = make_resolver(call);
    return error ? error
                 : sn_resolver_resolve(call->resolver, call->host, call->record_type, SN_FOREVER,
                                       &call->records);
}

static void records_start(struct call *call)
{
    (void)!make_resolver(
        call); /* without one the system's servers are asked, and the step differs */
    sn_resolver_resolve_async(call->resolver, call->host, call->record_type, &call->records,
                              &call->operation);
}

static void show_text(text *out, const sn_dns_text *value)
{
    text_add(out, "\"");
    text_add_bytes(out, value->data, value->size);
    text_add(out, "\"");
}

static void show_addresses(text *out, const sn_dns_address *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        show_ip_address(out, &list[i].address);
        text_add(out, "/%u", list[i].ttl_s);
    }
}

static void show_record(text *out, const sn_dns_record *record)
{
    switch (record->type) {
    case SN_DNS_TYPE_A:
    case SN_DNS_TYPE_AAAA: show_ip_address(out, &record->as.address); break;
    case SN_DNS_TYPE_MX:
        text_add(out, " %u,%s", record->as.mx.preference, record->as.mx.exchange);
        break;
    case SN_DNS_TYPE_SRV:
        text_add(out, " %u,%u,%u,%s", record->as.srv.priority, record->as.srv.weight,
                 record->as.srv.port, record->as.srv.target);
        break;
    case SN_DNS_TYPE_TXT:
        text_add(out, " ");
        for (size_t i = 0; i < record->as.txt.value_count; i++)
            show_text(out, &record->as.txt.values[i]);
        break;
    default: text_add(out, " %s", record->as.name); break;
    }
    text_add(out, "/%u", record->ttl_s);
    if (record->type == SN_DNS_TYPE_SRV)
        show_addresses(out, record->as.srv.addresses, record->as.srv.address_count);
}

static void records_show(struct run *run, struct call *call, text *out)
{
    size_t count;
    const sn_dns_record *records = sn_dns_result_get_records(call->records, &count);
    (void)run;
    text_add(out, " %s %u",
             sn_dns_response_code_name(sn_dns_result_get_response_code(call->records)),
             sn_dns_result_get_negative_ttl(call->records));
    for (size_t i = 0; i < count; i++)
        show_record(out, &records[i]);
}

/* --- answer-name SERVER CODE [RECORD...]: answers the next question --------------------------- */

/* A record is "TYPE TTL VALUE...", of the name that was asked for; "+NAME TYPE ..." is of another,
 * and comes along. */
struct answer {
    uint8_t bytes[MESSAGE_MAX];
    size_t size;
    const char *next; /* of the record's words */
    struct run *run;
    const struct step *step;
};

static void put(struct answer *answer, unsigned number, int bytes)
{
    while (bytes-- > 0)
        answer->bytes[answer->size++] = (uint8_t)(number >> (8 * bytes));
}

static void put_name(struct answer *answer, const char *name)
{
    while (*name) {
        size_t size = strcspn(name, ".");
        put(answer, (unsigned)size, 1);
        memcpy(answer->bytes + answer->size, name, size);
        answer->size += size;
        name += size + (name[size] == '.');
    }
    put(answer, 0, 1);
}

/* The next word; static, one at a time. */
static const char *next_word(struct answer *answer)
{
    static _Thread_local char item[256];
    size_t size = strcspn(answer->next, " ");
    snprintf(item, sizeof item, "%.*s", (int)size, answer->next);
    answer->next += size + (answer->next[size] == ' ');
    return item;
}

static unsigned next_number(struct answer *answer)
{
    return (unsigned)strtoul(next_word(answer), NULL, 10);
}

static void put_value(struct answer *answer, const char *type)
{
    if (strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0) {
        int family = type[1] ? AF_INET6 : AF_INET;
        inet_pton(family, next_word(answer), answer->bytes + answer->size);
        answer->size += type[1] ? 16 : 4;
    } else if (strcmp(type, "TXT") == 0) {
        while (*answer->next) {
            const char *value = next_word(answer);
            put(answer, (unsigned)strlen(value), 1);
            memcpy(answer->bytes + answer->size, value, strlen(value));
            answer->size += strlen(value);
        }
    } else if (strcmp(type, "SOA") == 0) {
        put_name(answer, "ns.example");
        put_name(answer, "host.example");
        for (int i = 0; i < 4; i++)
            put(answer, 1, 4);
        put(answer, next_number(answer), 4);
    } else {
        int numbers = strcmp(type, "MX") == 0 ? 1 : strcmp(type, "SRV") == 0 ? 3 : 0;
        for (int i = 0; i < numbers; i++)
            put(answer, next_number(answer), 2);
        put_name(answer, next_word(answer));
    }
}

static void put_record(struct answer *answer, const char *record)
{
    static const char *const names[] = {"A",  "NS",  "CNAME", "SOA", "PTR",
                                        "MX", "TXT", "AAAA",  "SRV"};
    static const unsigned numbers[] = {1, 2, 5, 6, 12, 15, 16, 28, 33};
    char type[256];
    size_t i = 0;
    answer->next = record;
    if (*record == '+')
        put_name(answer, next_word(answer) + 1);
    else
        put(answer, 0xc000 | NAME_END, 2);
    snprintf(type, sizeof type, "%s", next_word(answer));
    while (i < sizeof names / sizeof *names && strcmp(names[i], type) != 0)
        i++;
    if (i == sizeof names / sizeof *names)
        run_broken(answer->run, answer->step, "no type of records");
    put(answer, numbers[i], 2);
    put(answer, 1, 2);
    put(answer, next_number(answer), 4);
    size_t at = answer->size;
    put(answer, 0, 2);
    put_value(answer, type);
    size_t size = answer->size - at - 2;
    answer->bytes[at] = (uint8_t)(size >> 8);
    answer->bytes[at + 1] = (uint8_t)size;
}

/* In which of the three parts it stands. */
static int part_of(const char *record)
{
    return *record == '+' ? 2 : strncmp(record, "SOA", 3) == 0 ? 1 : 0;
}

static void answer_name(struct run *run, const struct step *step, text *out)
{
    struct answer answer = {.run = run, .step = step};
    sn_socket *server = value_socket(run, step, argument(run, step, 0));
    sn_endpoint asker;
    sn_error error = sn_socket_receive_from(server, answer.bytes, sizeof answer.bytes, SN_FLAG_NONE,
                                            &asker, &answer.size);
    if (error) {
        show_error(out, error);
        return;
    }
    size_t name = NAME_END;
    while (name < answer.size && answer.bytes[name])
        name += answer.bytes[name] + 1u;
    answer.size = name + 5; /* without what may stand behind the question */
    answer.bytes[2] = 0x81;
    answer.bytes[3] = (uint8_t)(0x80 | value_number(run, step, argument(run, step, 1)));
    memset(answer.bytes + 6, 0, 6);
    for (int part = 0; part < 3; part++)
        for (size_t i = 2; i < step->words.count; i++)
            if (part_of(step->words.items[i].text) == part) {
                put_record(&answer, step->words.items[i].text);
                answer.bytes[7 + 2 * part]++;
            }
    (void)show_failed(
        out, sn_socket_send_to(server, answer.bytes, answer.size, SN_FLAG_NONE, &asker, NULL));
}

static const call_verb records_call = {records_prepare, records_blocking, records_start,
                                       records_show};

const struct verb resolver_verbs[] = {
    {"dns-records", 3, 3, NULL, &records_call, false},
    {"answer-name", 2, 10, answer_name, NULL, false},
    {0},
};
