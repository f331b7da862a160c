/**
 * A race between the addresses of one connect (RFC 8305), as both forms run it: what is attempted
 * when, what has come of it, who wins. It never waits: whoever runs it takes a step, waits until
 * one of its handles is ready or the next step is due, and takes the next one. For this room only.
 *
 * The socket's own descriptor makes the first attempt, so a race of one address is a connect like
 * any other, and what the socket is bound to is bound. Each other one has a descriptor of its own,
 * which is put under the socket's number if it wins.
 */
#ifndef SOCKET_CONNECT_RACE_H
#define SOCKET_CONNECT_RACE_H

#include "socket/connect/connect.h"

struct race;

/* What both forms begin with. */
struct race_plan {
    sn_socket *socket;              /* borrowed: alive until race_end() */
    const sn_ip_address *addresses; /* borrowed until race_end() */
    size_t count;
    int port;
    bool takes_any;                 /* the socket was made for it and becomes what it has to */
    int32_t epoll;                  /* gets the handles that are waited for; -1: none */
    struct metrics_source *metrics; /* where attempts are counted; NULL: at no engine */
};

/* SN_ERROR_NOT_SUPPORTED: none of the addresses fits. Other errors: the socket cannot begin. The
 * thread's last native error is set. */
sn_error race_new(const struct race_plan *plan, struct race **out_race);
/* NULL is fine. After race_end(), or where no step was taken. */
void race_free(struct race *race);

/*
 * Looks at what is under way and begins what is due. -EINPROGRESS: the race goes on. 0: the socket
 * is connected, to the winner. Else the last failure, of the race as a whole: -errno or an enum
 * outcome.
 */
int64_t race_step(struct race *race);
/* When the next step is due though no handle is ready; SYS_NEVER: never. */
int64_t race_due(const struct race *race);
/* The handles to poll, for whoever has no epoll instance: `*out_polls` has room for one more at its
 * begin, and is the race's until the next step. Returns how many, with that one. */
size_t race_polls(struct race *race, struct sys_poll **out_polls);
/* Gives up what is under way, if anything is, and closes it. Once a step was taken it has to come,
 * whatever that has said; it may be called twice. */
void race_end(struct race *race);
/* Whether the descriptor that the socket has had all along is the winner. */
bool race_was_won_by_own(const struct race *race);

/* The given addresses, `count` of them, as a race tries them: the families take turns. */
void race_order(const sn_ip_address *const *addresses, size_t count, const sn_ip_address **out);

#endif
