/** The parts of `sennit relay`: its ends, and what joins two of them. */
#ifndef TOOLS_SENNIT_RELAY_H
#define TOOLS_SENNIT_RELAY_H

#include <sennit.h>

#include "target.h"
#include "way.h"

enum relay_role { RELAY_LISTENS, RELAY_CONNECTS, RELAY_RUNS, RELAY_STANDARD };

/* One of the two ends. */
struct relay_end {
    const char *text; /* borrowed: what the user typed */
    enum relay_role role;
    struct target target; /* of one that listens or connects */
    const char *command;  /* of one that runs */
    sn_socket *listener;  /* of one that listens, once it does */
};

struct relay_choices {
    const char *first, *second;
    struct way way;
    long count, limit, idle_ms, lifetime_ms;
    bool is_once, is_verbose;
    struct relay_end ends[2];
};

/**
 * Reads one end.
 *
 * @param role  of an end point without a word before it
 * @return      NULL, or what is wrong
 */
const char *relay_end_parse(const char *text, enum relay_role role, struct relay_end *out_end);

/** Whether it keeps datagrams apart, and has no end. */
bool relay_end_is_datagrams(const struct relay_end *end);

/**
 * Opens the end for one connection: connects, takes the next one, or starts the program.
 *
 * @param client      whom it is for; NULL: nobody
 * @param out_socket  owned by the caller
 * @param out_text    who is there, for messages
 * @return            EXIT_DONE, or EXIT_FAILED after a report
 */
int relay_end_open(struct relay_end *end, const struct relay_choices *choices, sn_socket *client,
                   sn_socket **out_socket, char out_text[TARGET_PEER_TEXT_SIZE]);

/** Waits for the programs that were started. @return EXIT_FAILED if any was reported as failed */
int relay_programs_wait(void);

/* Two sockets to be joined, and what they are called. */
struct relay_pair {
    sn_socket *sockets[2];
    char texts[2][TARGET_PEER_TEXT_SIZE];
    size_t piece_size;
    bool has_end[2];    /* datagrams have none */
    bool is_program[2]; /* which may leave without having read everything */
};

/**
 * Carries both directions until both have ended, or nothing moves any more.
 *
 * @return EXIT_DONE, or EXIT_FAILED after a report
 */
int relay_join(const struct relay_pair *pair, const struct relay_choices *choices);

/** Datagrams of many peers: each has a socket of its own at the other end. */
int relay_datagrams(sn_socket *socket, struct relay_choices *choices);

#endif
