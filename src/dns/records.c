/*
 * What a message answers.
 *
 * It is gone through twice. First everything that the result will hold is counted, which is also
 * the check; then one block is allocated, and the same steps fill it.
 *
 * Only records of the name that was asked for count, or of one to which its CNAME records lead:
 * what else is in the message nobody asked for, and a server may not tell about it here.
 */
#include "dns/records.h"

#include <string.h>

#include "base/base.h"

/* Longer chains are a mistake, or meant to keep somebody busy. */
#define CHAIN_LENGTH_MAX 16
/* So many additional records are looked at for the addresses of services: each service looks at
 * each of them. */
#define ADDITIONAL_MAX 64

/* Where the parts go; with all places NULL they are only counted. */
struct sink {
    sn_dns_record *records;
    sn_dns_address *addresses;
    sn_dns_text *texts;
    char *chars;
    size_t record_count, address_count, text_count, char_count;
};

/* --- Parts ------------------------------------------------------------------------------------ */

static const char *put_name(struct sink *sink, const struct wire_name *name)
{
    char *at = sink->chars ? sink->chars + sink->char_count : NULL;
    sink->char_count += wire_name_to_text(name, at) + 1;
    return at;
}

static bool put_data_name(struct sink *sink, const struct message *message,
                          const struct message_record *record, size_t offset, const char **out)
{
    struct wire_name name;
    if (!message_read_data_name(message, record, offset, &name))
        return false;
    *out = put_name(sink, &name);
    return true;
}

static bool read_address(const struct message *message, const struct message_record *record,
                         sn_ip_address *out)
{
    size_t wanted = record->type == SN_DNS_TYPE_A ? 4 : 16;
    return record->data_size == wanted &&
           !sn_ip_address_from_bytes(message->bytes + record->data_at, wanted, out);
}

static bool is_address(const struct message_record *record)
{
    return record->class == MESSAGE_CLASS_INTERNET &&
           (record->type == SN_DNS_TYPE_A || record->type == SN_DNS_TYPE_AAAA);
}

/* Those that came along as addresses of the target. One that is malformed is none. */
static void put_target_addresses(struct sink *sink, const struct message *message,
                                 const struct wire_name *target, sn_dns_record *out)
{
    size_t begin = sink->address_count, at = message->begins[MESSAGE_ADDITIONAL];
    struct message_record record;
    for (unsigned i = 0; i < message->counts[MESSAGE_ADDITIONAL] && i < ADDITIONAL_MAX; i++) {
        sn_dns_address address = {.ttl_s = 0};
        if (!message_read_record(message, &at, &record))
            break;
        if (!is_address(&record) || !wire_name_equals(&record.owner, target) ||
            !read_address(message, &record, &address.address))
            continue;
        address.ttl_s = record.ttl_s;
        if (sink->addresses)
            sink->addresses[sink->address_count] = address;
        sink->address_count++;
    }
    out->as.srv.address_count = sink->address_count - begin;
    if (sink->addresses && sink->address_count > begin)
        out->as.srv.addresses = sink->addresses + begin;
}

static bool put_service(struct sink *sink, const struct message *message,
                        const struct message_record *record, sn_dns_record *out)
{
    struct wire_name target;
    if (!message_read_data_name(message, record, 6, &target))
        return false;
    const uint8_t *data = message->bytes + record->data_at;
    out->as.srv.priority = message_u16(data);
    out->as.srv.weight = message_u16(data + 2);
    out->as.srv.port = message_u16(data + 4);
    out->as.srv.target = put_name(sink, &target);
    put_target_addresses(sink, message, &target, out);
    return true;
}

static bool put_exchange(struct sink *sink, const struct message *message,
                         const struct message_record *record, sn_dns_record *out)
{
    if (!put_data_name(sink, message, record, 2, &out->as.mx.exchange))
        return false;
    out->as.mx.preference = message_u16(message->bytes + record->data_at);
    return true;
}

static void put_text(struct sink *sink, const uint8_t *data, size_t size)
{
    if (sink->texts) {
        char *at = sink->chars + sink->char_count;
        memcpy(at, data, size); /* the block is zeroed, so a NUL follows */
        sink->texts[sink->text_count] = (sn_dns_text){.data = at, .size = size};
    }
    sink->text_count++;
    sink->char_count += size + 1;
}

static bool put_texts(struct sink *sink, const struct message *message,
                      const struct message_record *record, sn_dns_record *out)
{
    const uint8_t *data = message->bytes + record->data_at;
    size_t begin = sink->text_count, at = 0;
    while (at < record->data_size) {
        size_t size = data[at++];
        if (size > record->data_size - at)
            return false;
        put_text(sink, data + at, size);
        at += size;
    }
    out->as.txt.value_count = sink->text_count - begin;
    if (sink->texts)
        out->as.txt.values = sink->texts + begin;
    return sink->text_count > begin;
}

static bool put_record(struct sink *sink, const struct message *message,
                       const struct message_record *record)
{
    sn_dns_record made = {.type = (sn_dns_type)record->type, .ttl_s = record->ttl_s};
    bool is_sound = false;
    switch (made.type) {
    case SN_DNS_TYPE_A:
    case SN_DNS_TYPE_AAAA: is_sound = read_address(message, record, &made.as.address); break;
    case SN_DNS_TYPE_NS:
    case SN_DNS_TYPE_CNAME:
    case SN_DNS_TYPE_PTR: is_sound = put_data_name(sink, message, record, 0, &made.as.name); break;
    case SN_DNS_TYPE_MX: is_sound = put_exchange(sink, message, record, &made); break;
    case SN_DNS_TYPE_TXT: is_sound = put_texts(sink, message, record, &made); break;
    case SN_DNS_TYPE_SRV: is_sound = put_service(sink, message, record, &made); break;
    case SN_DNS_TYPE_ADDRESSES: break;
    }
    if (sink->records)
        sink->records[sink->record_count] = made;
    sink->record_count += is_sound;
    return is_sound;
}

/* --- The way through a message ---------------------------------------------------------------- */

/* One name of the chain. Its records of the type go into the sink; `next` is where its CNAME
 * leads. */
struct link {
    struct wire_name name;
    struct wire_name next;
    bool has_next;
};

static bool follow(struct sink *sink, const struct records_source *source, struct link *link)
{
    const struct message *message = &source->message;
    size_t at = message->begins[MESSAGE_ANSWER];
    struct message_record record;
    link->has_next = false;
    for (unsigned i = 0; i < message->counts[MESSAGE_ANSWER]; i++) {
        if (!message_read_record(message, &at, &record))
            return false;
        if (record.class != MESSAGE_CLASS_INTERNET || !wire_name_equals(&record.owner, &link->name))
            continue;
        /* What comes with a failure is no answer. */
        if (record.type == source->type && message->code == SN_DNS_RESPONSE_NO_ERROR &&
            !put_record(sink, message, &record))
            return false;
        if (record.type != MESSAGE_TYPE_CNAME || link->has_next)
            continue;
        if (!message_read_data_name(message, &record, 0, &link->next))
            return false;
        link->has_next = true;
    }
    return true;
}

/* `out_name`: the last name of the chain. A chain that leads back to itself ends with the number of
 * records. */
static bool collect(struct sink *sink, const struct records_source *source,
                    struct wire_name *out_name)
{
    struct link link = {.name = *source->name};
    size_t begin = sink->record_count;
    unsigned length = source->message.counts[MESSAGE_ANSWER];
    if (length > CHAIN_LENGTH_MAX)
        length = CHAIN_LENGTH_MAX;
    for (unsigned i = 0; i < length; i++) {
        if (!follow(sink, source, &link))
            return false;
        bool is_found = sink->record_count > begin && source->type != MESSAGE_TYPE_CNAME;
        if (is_found || !link.has_next)
            break;
        link.name = link.next;
    }
    *out_name = link.name;
    return true;
}

bool records_are_sound(const struct records_source *source)
{
    struct sink sink = {.records = NULL};
    struct wire_name name;
    return collect(&sink, source, &name);
}

/* RFC 2308, 5: the lower of the record's own time and its last field. Mailbox and server are two
 * names, and 20 bytes of numbers follow. */
static uint32_t negative_ttl(const struct message *message)
{
    size_t at = message->begins[MESSAGE_AUTHORITY];
    struct message_record record;
    for (unsigned i = 0; i < message->counts[MESSAGE_AUTHORITY]; i++) {
        if (!message_read_record(message, &at, &record))
            break;
        if (record.class != MESSAGE_CLASS_INTERNET || record.type != MESSAGE_TYPE_SOA ||
            record.data_size < 22)
            continue;
        uint32_t minimum = message_u32(message->bytes + record.data_at + record.data_size - 4);
        return minimum < record.ttl_s ? minimum : record.ttl_s;
    }
    return 0;
}

/* --- The result ------------------------------------------------------------------------------- */

/* Everything once more or for the first time, into the places of the sink. */
static const char *fill(struct sink *sink, const struct records_source *sources, size_t count)
{
    struct wire_name name = *sources[0].name;
    for (size_t i = 0; i < count; i++) {
        struct wire_name last;
        size_t begin = sink->record_count;
        bool is_sound = collect(sink, &sources[i], &last);
        assert(is_sound);
        (void)is_sound;
        if (i == 0 || sink->record_count > begin)
            name = last;
    }
    return put_name(sink, &name);
}

static sn_dns_result *allocate(struct sink *sink)
{
    size_t records_size = sink->record_count * sizeof *sink->records;
    size_t addresses_size = sink->address_count * sizeof *sink->addresses;
    size_t texts_size = sink->text_count * sizeof *sink->texts;
    _Static_assert(_Alignof(sn_dns_record) >= _Alignof(sn_dns_text) &&
                       _Alignof(sn_dns_text) >= _Alignof(sn_dns_address) &&
                       sizeof(sn_dns_result) % _Alignof(sn_dns_record) == 0,
                   "each part leaves the next one aligned");
    sn_dns_result *result = memory_zeroed(sizeof *result + records_size + texts_size +
                                          addresses_size + sink->char_count);
    if (!result)
        return NULL;
    char *at = (char *)(result + 1);
    *sink = (struct sink){
        .records = (sn_dns_record *)(void *)at,
        .texts = (sn_dns_text *)(void *)(at + records_size),
        .addresses = (sn_dns_address *)(void *)(at + records_size + texts_size),
        .chars = at + records_size + texts_size + addresses_size,
    };
    return result;
}

/* A question that has found records decides over one that has not; else the first that failed. */
static void conclude(sn_dns_result *result, const struct records_source *sources, size_t count)
{
    if (result->record_count > 0)
        return;
    for (size_t i = 0; i < count && !result->code; i++)
        result->code = (sn_dns_response_code)sources[i].message.code;
    for (size_t i = 0; i < count; i++) {
        uint32_t ttl_s = negative_ttl(&sources[i].message);
        if (i == 0 || ttl_s < result->negative_ttl_s)
            result->negative_ttl_s = ttl_s;
    }
    /* Of a failure nothing is known of the name. */
    if (result->code != SN_DNS_RESPONSE_NO_ERROR && result->code != SN_DNS_RESPONSE_NX_DOMAIN)
        result->negative_ttl_s = 0;
}

sn_dns_result *records_make_result(const struct records_source *sources, size_t count)
{
    struct sink sink = {.records = NULL};
    assert(count > 0);
    (void)fill(&sink, sources, count);
    sn_dns_result *result = allocate(&sink);
    if (!result)
        return NULL;
    result->records = sink.records;
    result->canonical_name = fill(&sink, sources, count);
    result->record_count = sink.record_count;
    conclude(result, sources, count);
    return result;
}
