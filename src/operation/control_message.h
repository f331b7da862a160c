/**
 * What the kernel says about a datagram beside its bytes, and what it is told: reading and writing
 * control messages.
 *
 * Pure: bytes in, a value out, and back. The bytes are not trusted: whatever they hold, nothing
 * outside them is read.
 */
#ifndef OPERATION_CONTROL_MESSAGE_H
#define OPERATION_CONTROL_MESSAGE_H

#include <sennit/datagram.h>
#include <sennit/operation.h>

#include <netinet/in.h>
#include <sys/socket.h>

/* Headers are often older than the running kernel. */
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

/* All that one can know here, and can send. */
#define DATAGRAM_EXTRAS                                                                            \
    ((uint32_t)(SN_DATAGRAM_ADDRESS | SN_DATAGRAM_INTERFACE | SN_DATAGRAM_TIME_TO_LIVE |           \
                SN_DATAGRAM_TRAFFIC_CLASS | SN_DATAGRAM_TIME | SN_DATAGRAM_SEGMENT_SIZE))

/* Where a datagram's control messages stand: in its extras, behind the word with their size. So
 * nothing is allocated for them. */
#define EXTRAS_CONTROL_SIZE (sizeof(((sn_datagram_extras *)0)->opaque) - sizeof(uint64_t))

static inline uint8_t *extras_control(sn_datagram_extras *extras)
{
    return (uint8_t *)&extras->opaque[1];
}

/* The bytes in use. It is the program's memory, so what stands in it is not believed. */
static inline size_t extras_control_size(const sn_datagram_extras *extras)
{
    uint64_t size = extras->opaque[0];
    return size <= EXTRAS_CONTROL_SIZE ? (size_t)size : EXTRAS_CONTROL_SIZE;
}

static inline void extras_set_control_size(sn_datagram_extras *extras, size_t size)
{
    extras->opaque[0] = size;
}

/* One message: its header, and its payload inside the bytes that were given. */
struct control_message {
    int level, type;
    const uint8_t *payload;
    size_t payload_size;
};

/* The first message of the bytes; returns how many bytes it and its padding take, and 0 where no
 * whole message is. */
size_t control_message_first(const uint8_t *bytes, size_t size, struct control_message *message);
/* Whether the bytes are control messages, all of them. */
bool control_message_are_whole(const void *controls, size_t size);
/* Behind `size` bytes of `room`; how many there are then. */
size_t control_message_append(uint8_t *room, size_t size, int level, int type, const void *payload,
                              size_t payload_size);
/* The time that stands in the payload behind `index` others; false, and nothing written, if it is
 * none. */
bool control_message_read_time(const struct control_message *message, size_t index,
                               int64_t *out_time_ns);
/* What one message tells, but for addresses and interfaces: see below. */
void control_message_read_extra(const struct control_message *message, sn_datagram_extras *out);

/*
 * Where the datagram was sent to, and which interface it came in on. False, and nothing written, if
 * no message tells it.
 */
bool control_message_read(const void *bytes, size_t size, sn_ip_packet_information *out);

/* All that is told of the datagram: `present` and what it names. The rest of `out` stays. */
void control_message_read_extras(const void *bytes, size_t size, sn_datagram_extras *out);

/* The messages that say what `present` names, but for the segment size, into the extras' own room.
 * `is_ipv4`: in the words of that family. */
void control_message_write_extras(sn_datagram_extras *extras, bool is_ipv4);

/* How many bytes that are at most, with the message below. */
#define CONTROL_SENT_SIZE_MAX                                                                      \
    (CMSG_SPACE(sizeof(struct in6_pktinfo)) + 2 * CMSG_SPACE(sizeof(int)) + CONTROL_SEGMENT_SIZE)

/* Descriptors: the most that Linux takes and gives at once (SCM_MAX_FD). */
#define HANDLES_MAX               253
#define CONTROL_HANDLES_SENT_SIZE CMSG_SPACE(HANDLES_MAX * sizeof(int32_t))
/* With room for what somebody may have had switched on besides: credentials, a label, a process. */
#define CONTROL_HANDLES_RECEIVED_SIZE (CONTROL_HANDLES_SENT_SIZE + 320)
/* As many as such bytes can name. */
#define CONTROL_HANDLES_MAX (CONTROL_HANDLES_RECEIVED_SIZE / sizeof(int32_t))

/* The message that carries them, into `room`, aligned; the bytes that takes. */
size_t control_message_write_handles(void *room, const int32_t *handles, size_t count);
/*
 * All descriptors that the messages brought, which are this process's now: how many, at most
 * CONTROL_HANDLES_MAX. In front stand those that were sent, `out_sent` of them; behind them comes
 * what the kernel has added of itself, the process of the sender (SO_PASSPIDFD).
 */
size_t control_message_read_handles(const void *bytes, size_t size, int32_t *out_handles,
                                    size_t *out_sent);

/* The message that has the kernel cut a datagram, into `room`, aligned; the bytes that takes. */
#define CONTROL_SEGMENT_SIZE CMSG_SPACE(sizeof(uint16_t))
size_t control_message_write_segment(void *room, uint16_t segment_size);

#endif
