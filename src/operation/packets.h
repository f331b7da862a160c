/**
 * Packets: pieces of memory and of files that are sent one after the other as one operation
 * (ACTION_SEND_PACKETS), so that nobody sends between them.
 *
 * A stream takes a file through sendfile(2), a chunk with each attempt. Where the file cannot be
 * sent that way it is read and sent. A socket that keeps messages apart gets one message of each
 * packet.
 */
#ifndef OPERATION_PACKETS_H
#define OPERATION_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How much of a file one attempt sends: enough to make the calls around it cheap, and little enough
 * to leave the others of the worker their turn. */
#define PACKET_CHUNK ((int64_t)256 * 1024)

/* The most bytes that any socket here takes as one message; longer ones are refused unread. */
#define PACKET_MESSAGE_MAX ((int64_t)1024 * 1024)

/* The rest of a file of unknown size. */
#define PACKET_REST_UNKNOWN INT64_MAX

struct packet {
    const uint8_t *data; /* caller-provided: the memory; NULL: it is of a file */
    int32_t file;
    bool is_owned;  /* the file is closed with the list */
    bool is_whole;  /* up to the file's end, wherever that is: its size is unknown */
    int64_t offset; /* in the file */
    int64_t rest;   /* bytes still to be sent, more than 0 */
};

struct packet_list {
    size_t index, count; /* the packets before `index` have been sent */
    uint8_t *message;    /* owned: where a file becomes one message; NULL on streams */
    uint32_t flags;      /* for whoever made the list */
    struct packet packets[];
};

/* One attempt: bytes, 0 when there is nothing to send, or -errno. */
int64_t packet_list_attempt(const struct packet_list *list, int32_t handle);

/* Counts what has been sent; true when something is left. */
bool packet_list_advance(struct packet_list *list, int64_t bytes);

/* Closes its files and frees it; NULL is fine. */
void packet_list_destroy(struct packet_list *list);

#endif
