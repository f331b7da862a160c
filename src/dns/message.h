/**
 * Inside dns only: messages of the name system (RFC 1035, 4). Made: a question. Read: whatever
 * comes, every size and count of it doubted.
 */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "dns/wire_name.h"

#define MESSAGE_HEADER_SIZE    12
#define MESSAGE_QUESTION_MAX   (MESSAGE_HEADER_SIZE + WIRE_NAME_SIZE_MAX + 4)
#define MESSAGE_SIZE_MAX       65535
#define MESSAGE_TYPE_CNAME     5
#define MESSAGE_TYPE_SOA       6
#define MESSAGE_CLASS_INTERNET 1

struct message_question {
    uint16_t id;
    uint16_t type;
    struct wire_name name;
};

/* The message's size. It asks for recursion; no extension (RFC 6891) is offered, as in .NET. */
size_t message_write(const struct message_question *question, uint8_t out[MESSAGE_QUESTION_MAX]);

enum message_section { MESSAGE_ANSWER, MESSAGE_AUTHORITY, MESSAGE_ADDITIONAL };

/* One that was read: the places of its parts. */
struct message {
    const uint8_t *bytes; /* borrowed */
    size_t size;
    uint8_t code; /* of the response */
    uint16_t counts[3];
    size_t begins[3]; /* of the sections */
};

enum message_verdict {
    MESSAGE_FOREIGN,   /* no answer to this question: it may be anybody's */
    MESSAGE_TRUNCATED, /* the answer is longer than what was sent */
    MESSAGE_MALFORMED, /* from the server, and not to be understood */
    MESSAGE_WHOLE,     /* `out` is filled, and every record lies inside */
};

enum message_verdict message_read(const struct message_question *question, const uint8_t *bytes,
                                  size_t size, struct message *out);

struct message_record {
    struct wire_name owner;
    uint16_t type;
    uint16_t class;
    uint32_t ttl_s;
    size_t data_at;
    size_t data_size;
};

/* The record at *inout_at, which is the next one's place then. False: it leaves the message. */
bool message_read_record(const struct message *message, size_t *inout_at,
                         struct message_record *out);

/* A name in a record's data, from `offset` of it exactly to its end. */
bool message_read_data_name(const struct message *message, const struct message_record *record,
                            size_t offset, struct wire_name *out);

/* Numbers lie in network order, at any address. */
static inline uint16_t message_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}
static inline uint32_t message_u32(const uint8_t *bytes)
{
    return (uint32_t)message_u16(bytes) << 16 | message_u16(bytes + 2);
}

#endif
