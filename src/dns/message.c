#include "dns/message.h"

#include <string.h>

#include "base/base.h"

#define FLAG_RESPONSE         0x8000u
#define FLAG_TRUNCATED        0x0200u
#define FLAG_RECURSION_WANTED 0x0100u
#define OPCODE_MASK           0x7800u /* 0: a plain question */
#define CODE_MASK             0x000Fu

/* The codes without which an answer says nothing of the name. */
#define CODE_NO_ERROR  0
#define CODE_NX_DOMAIN 3

/* Of the sign bit RFC 2181, 8 says that a time with it is 0. */
#define TTL_MAX INT32_MAX

static void put_u16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

size_t message_write(const struct message_question *question, uint8_t out[MESSAGE_QUESTION_MAX])
{
    memset(out, 0, MESSAGE_HEADER_SIZE);
    put_u16(out, question->id);
    put_u16(out + 2, FLAG_RECURSION_WANTED);
    put_u16(out + 4, 1); /* question */
    size_t size = MESSAGE_HEADER_SIZE;
    memcpy(out + size, question->name.bytes, question->name.size);
    size += question->name.size;
    put_u16(out + size, question->type);
    put_u16(out + size + 2, MESSAGE_CLASS_INTERNET);
    return size + 4;
}

/* --- Reading ---------------------------------------------------------------------------------- */

bool message_read_record(const struct message *message, size_t *inout_at,
                         struct message_record *out)
{
    size_t at = *inout_at;
    if (!wire_name_read(message->bytes, message->size, &at, &out->owner) || message->size - at < 10)
        return false;
    const uint8_t *fixed = message->bytes + at;
    out->type = message_u16(fixed);
    out->class = message_u16(fixed + 2);
    out->ttl_s = message_u32(fixed + 4);
    if (out->ttl_s > TTL_MAX)
        out->ttl_s = 0;
    out->data_size = message_u16(fixed + 8);
    out->data_at = at + 10;
    if (out->data_size > message->size - out->data_at)
        return false;
    *inout_at = out->data_at + out->data_size;
    return true;
}

bool message_read_data_name(const struct message *message, const struct message_record *record,
                            size_t offset, struct wire_name *out)
{
    size_t at = record->data_at + offset, end = record->data_at + record->data_size;
    /* What lies behind the data is none of its name's. */
    return at < end && wire_name_read(message->bytes, end, &at, out) && at == end;
}

/* Where the question of the message ends; 0: it is another one. A server that has not understood
 * the question, or will not look at it, may leave it out. */
static size_t match_question(const struct message_question *question, const uint8_t *bytes,
                             size_t size)
{
    unsigned code = message_u16(bytes + 2) & CODE_MASK;
    unsigned count = message_u16(bytes + 4);
    if (count == 0 && code != CODE_NO_ERROR && code != CODE_NX_DOMAIN)
        return MESSAGE_HEADER_SIZE;
    size_t at = MESSAGE_HEADER_SIZE;
    struct wire_name name;
    if (count != 1 || !wire_name_read(bytes, size, &at, &name) || size - at < 4)
        return 0;
    bool is_this = wire_name_equals(&name, &question->name) &&
                   message_u16(bytes + at) == question->type &&
                   message_u16(bytes + at + 2) == MESSAGE_CLASS_INTERNET;
    return is_this ? at + 4 : 0;
}

static bool walk(struct message *message, size_t at)
{
    struct message_record record;
    for (int section = 0; section < 3; section++) {
        message->counts[section] = message_u16(message->bytes + 6 + 2 * section);
        message->begins[section] = at;
        for (unsigned i = 0; i < message->counts[section]; i++)
            if (!message_read_record(message, &at, &record))
                return false;
    }
    return true;
}

enum message_verdict message_read(const struct message_question *question, const uint8_t *bytes,
                                  size_t size, struct message *out)
{
    if (size < MESSAGE_HEADER_SIZE || message_u16(bytes) != question->id)
        return MESSAGE_FOREIGN;
    unsigned flags = message_u16(bytes + 2);
    if (!(flags & FLAG_RESPONSE) || (flags & OPCODE_MASK))
        return MESSAGE_FOREIGN;
    size_t at = match_question(question, bytes, size);
    if (at == 0)
        return MESSAGE_FOREIGN;
    if (flags & FLAG_TRUNCATED)
        return MESSAGE_TRUNCATED;
    struct message message = {.bytes = bytes, .size = size, .code = (uint8_t)(flags & CODE_MASK)};
    if (!walk(&message, at))
        return MESSAGE_MALFORMED;
    *out = message;
    return MESSAGE_WHOLE;
}
