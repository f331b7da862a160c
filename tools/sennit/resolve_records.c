/* Records as people and as scripts read them. */
#include <stdio.h>

#include "json.h"
#include "resolve.h"

/* As in a zone file: quotes, and what cannot be printed in decimal digits. */
static void print_strings(const sn_dns_record *record)
{
    for (size_t i = 0; i < record->as.txt.value_count; i++) {
        const sn_dns_text *text = &record->as.txt.values[i];
        printf("%s\"", i > 0 ? " " : "");
        for (size_t k = 0; k < text->size; k++) {
            unsigned char byte = (unsigned char)text->data[k];
            if (byte == '"' || byte == '\\')
                printf("\\%c", byte);
            else if (byte < ' ' || byte > 126)
                printf("\\%03u", byte);
            else
                putchar(byte);
        }
        putchar('"');
    }
}

static const char *format(const sn_ip_address *address, char text[SN_IP_ADDRESS_TEXT_SIZE])
{
    return sn_ip_address_format(address, text, SN_IP_ADDRESS_TEXT_SIZE) ? "?" : text;
}

void resolve_print_record(const char *name, const sn_dns_record *record)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    printf("%-30s %7u  %-5s ", name, record->ttl_s, sn_dns_type_name(record->type));
    switch ((int)record->type) {
    case SN_DNS_TYPE_A:
    case SN_DNS_TYPE_AAAA: fputs(format(&record->as.address, text), stdout); break;
    case SN_DNS_TYPE_MX: printf("%u %s", record->as.mx.preference, record->as.mx.exchange); break;
    case SN_DNS_TYPE_SRV:
        printf("%u %u %u %s", record->as.srv.priority, record->as.srv.weight, record->as.srv.port,
               record->as.srv.target);
        break;
    case SN_DNS_TYPE_TXT: print_strings(record); break;
    default: fputs(record->as.name, stdout);
    }
    putchar('\n');
}

static void write_service(const sn_dns_record *record)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    json_text("target", record->as.srv.target);
    json_number("port", record->as.srv.port);
    json_number("priority", record->as.srv.priority);
    json_number("weight", record->as.srv.weight);
    json_open_array("addresses");
    for (size_t i = 0; i < record->as.srv.address_count; i++)
        json_text(NULL, format(&record->as.srv.addresses[i].address, text));
    json_close_array();
}

void resolve_write_record(const char *name, const sn_dns_record *record)
{
    char text[SN_IP_ADDRESS_TEXT_SIZE];
    json_open_object(NULL);
    json_text("name", name);
    json_text("type", sn_dns_type_name(record->type));
    json_number("ttl", record->ttl_s);
    switch ((int)record->type) {
    case SN_DNS_TYPE_A:
    case SN_DNS_TYPE_AAAA: json_text("address", format(&record->as.address, text)); break;
    case SN_DNS_TYPE_MX:
        json_text("exchange", record->as.mx.exchange);
        json_number("preference", record->as.mx.preference);
        break;
    case SN_DNS_TYPE_SRV: write_service(record); break;
    case SN_DNS_TYPE_TXT:
        json_open_array("strings");
        for (size_t i = 0; i < record->as.txt.value_count; i++)
            json_bytes(NULL, record->as.txt.values[i].data, record->as.txt.values[i].size);
        json_close_array();
        break;
    default: json_text("target", record->as.name);
    }
    json_close_object();
}
