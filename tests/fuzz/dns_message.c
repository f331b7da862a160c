/* The reader of name servers' answers: message_read(), the records, the result. The input is the
 * message; the question is what the message itself claims to answer, so that all of it is looked
 * at, and a type that its first byte chooses. */
#include "fuzz.h"

#include <sennit/resolver.h>

#include "dns/records.h"

static const uint16_t types[] = {SN_DNS_TYPE_A,    SN_DNS_TYPE_NS, SN_DNS_TYPE_CNAME,
                                 SN_DNS_TYPE_PTR,  SN_DNS_TYPE_MX, SN_DNS_TYPE_TXT,
                                 SN_DNS_TYPE_AAAA, SN_DNS_TYPE_SRV};

/* A name that was told can be asked for again, and is told in the same way. */
static void check_name(const char *text)
{
    struct wire_name name;
    char again[WIRE_NAME_TEXT_SIZE];
    require(strlen(text) > 0 && strlen(text) < WIRE_NAME_TEXT_SIZE);
    require(wire_name_from_text(text, &name));
    require(wire_name_to_text(&name, again) == strlen(text));
    require(strcmp(text, again) == 0);
}

static void check_address(const sn_ip_address *address, bool is_ipv4)
{
    require(address->family == (is_ipv4 ? SN_FAMILY_IPV4 : SN_FAMILY_IPV6));
    require(address->scope_id == 0);
}

static void check_service(const sn_dns_record *record)
{
    check_name(record->as.srv.target);
    require((record->as.srv.addresses != NULL) == (record->as.srv.address_count > 0));
    for (size_t i = 0; i < record->as.srv.address_count; i++) {
        const sn_dns_address *address = &record->as.srv.addresses[i];
        check_address(&address->address, address->address.family == SN_FAMILY_IPV4);
        require(address->ttl_s <= INT32_MAX);
    }
}

static void check_record(const sn_dns_record *record, uint16_t type)
{
    require(record->type == (sn_dns_type)type);
    require(record->ttl_s <= INT32_MAX);
    switch (record->type) {
    case SN_DNS_TYPE_A:
    case SN_DNS_TYPE_AAAA: check_address(&record->as.address, record->type == SN_DNS_TYPE_A); break;
    case SN_DNS_TYPE_NS:
    case SN_DNS_TYPE_CNAME:
    case SN_DNS_TYPE_PTR: check_name(record->as.name); break;
    case SN_DNS_TYPE_MX: check_name(record->as.mx.exchange); break;
    case SN_DNS_TYPE_SRV: check_service(record); break;
    case SN_DNS_TYPE_TXT:
        require(record->as.txt.value_count > 0);
        for (size_t i = 0; i < record->as.txt.value_count; i++) {
            require(record->as.txt.values[i].size <= 255);
            require(record->as.txt.values[i].data[record->as.txt.values[i].size] == '\0');
        }
        break;
    case SN_DNS_TYPE_ADDRESSES: require(record->type != SN_DNS_TYPE_ADDRESSES); break;
    }
}

static void check_result(const sn_dns_result *result, uint16_t type)
{
    size_t count;
    const sn_dns_record *records = sn_dns_result_get_records(result, &count);
    check_name(sn_dns_result_get_canonical_name(result));
    for (size_t i = 0; i < count; i++)
        check_record(&records[i], type);
    require(count == 0 || sn_dns_result_get_response_code(result) == SN_DNS_RESPONSE_NO_ERROR);
    require(count == 0 || sn_dns_result_get_negative_ttl(result) == 0);
}

/* As it claims to have been asked; whether it has a question at all. */
static bool find_question(const uint8_t *bytes, size_t size, struct message_question *out)
{
    size_t at = MESSAGE_HEADER_SIZE;
    *out = (struct message_question){.type = SN_DNS_TYPE_A, .name = {.size = 1}};
    if (size < MESSAGE_HEADER_SIZE)
        return false;
    out->id = message_u16(bytes);
    if (!wire_name_read(bytes, size, &at, &out->name) || size - at < 4)
        return false;
    out->type = message_u16(bytes + at);
    return true;
}

/* All of it again with each type, whatever the question was: twice as two questions at once. */
static void check_sources(const struct message *message, const struct wire_name *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const struct records_source source = {name, types[i], *message};
        const struct records_source both[] = {source, source};
        if (!records_are_sound(&source))
            continue;
        sn_dns_result *result = records_make_result(both, 1);
        sn_dns_result *twice = records_make_result(both, 2);
        require(result && twice);
        check_result(result, types[i]);
        check_result(twice, types[i]);
        require(twice->record_count == 2 * result->record_count);
        sn_dns_result_release(result);
        sn_dns_result_release(twice);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *exact = fuzz_exact(data, size);
    struct message_question question;
    struct message message;
    fuzz_fill(message);
    bool has_question = size > 0 && find_question(exact, size, &question);
    if (has_question) {
        enum message_verdict verdict = message_read(&question, exact, size, &message);
        require(verdict == MESSAGE_WHOLE || fuzz_is_untouched(message));
        if (verdict == MESSAGE_WHOLE)
            check_sources(&message, &question.name);
        question.id ^= 1;
        require(message_read(&question, exact, size, &message) == MESSAGE_FOREIGN);
    }
    free(exact);
    return 0;
}
