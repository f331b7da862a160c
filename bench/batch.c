/*
 * Batches of 64 UDP datagrams of 64 bytes: what sn_socket_send_batch() and
 * sn_socket_receive_batch() cost beside the hand-written sendmmsg(2) and recvmmsg(2), and beside
 * one sendmsg(2) or recvmsg(2) with UDP_SEGMENT and UDP_GRO. Their segments are told apart by size,
 * and once more by sn_datagram_next_segment(), which looks at more than that for each.
 *
 * They go over the loopback interface, all on one thread. Only the measured end's part is timed: a
 * burst that it receives stands in its queue before, and one that it sends is taken out afterwards,
 * both by plain calls. The datagrams of "send" go to two sockets in turn, so that none leave
 * together; those of "segments" go to one. Both sides look at each datagram's size and end point.
 */
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sennit.h>

#include "choices.h"
#include "measure.h"

enum { BURST = 64, SIZE = 64, ROOM = 65535, FAR = 2 };

/* Headers are often older than the running kernel. */
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

struct contest;

/* What moves one burst; false: it failed. */
typedef bool burst_fn(struct contest *contest);

/* A kind of burst. */
struct kind {
    const char *title;
    bool is_send;
    bool is_together; /* as segments */
    bool is_called;   /* and ours are taken apart by a call for each, not by their size */
};

/* A contender's sockets, and what it moves. */
struct contest {
    burst_fn *burst;
    const struct kind *kind;
    uint64_t turn_ns, begin_ns, spent_ns, count;
    int near, far[FAR]; /* owned; the measured end is `socket` where there is one */
    sn_socket *socket;  /* owned */
    sn_engine *engine;  /* borrowed */
    struct sockaddr_in peers[FAR], senders[BURST];
    sn_endpoint peers_as_ours[FAR], senders_as_ours[BURST];
    sn_datagram datagrams[BURST];
    sn_datagram_extras extras;
    struct mmsghdr messages[BURST];
    struct iovec pieces[BURST];
    sn_operation kick, operation;
    bool is_done, has_failed;
    char *room; /* of `pieces`, or of one datagram with many segments */
};

static char rooms[16][ROOM + BURST];

/* --- By hand --------------------------------------------------------------------------------- */

static bool burst_sendmmsg(struct contest *contest)
{
    int sent = sendmmsg(contest->near, contest->messages, BURST, MSG_DONTWAIT);
    for (int i = 0; i < sent; i++)
        if (contest->messages[i].msg_len != SIZE)
            return false;
    return sent == BURST;
}

static bool burst_recvmmsg(struct contest *contest)
{
    for (int i = 0; i < BURST; i++)
        contest->messages[i].msg_hdr.msg_namelen = sizeof contest->senders[i];
    int received = recvmmsg(contest->near, contest->messages, BURST, MSG_DONTWAIT, NULL);
    for (int i = 0; i < received; i++)
        if (contest->messages[i].msg_len != SIZE ||
            (contest->messages[i].msg_hdr.msg_flags & MSG_TRUNC))
            return false;
    return received == BURST;
}

static bool burst_segment(struct contest *contest)
{
    char control[CMSG_SPACE(sizeof(uint16_t))] = {0};
    const struct cmsghdr header = {.cmsg_len = CMSG_LEN(sizeof(uint16_t)),
                                   .cmsg_level = IPPROTO_UDP,
                                   .cmsg_type = UDP_SEGMENT};
    const uint16_t size = SIZE;
    struct msghdr message = {.msg_name = &contest->peers[0],
                             .msg_namelen = sizeof contest->peers[0],
                             .msg_iov = contest->pieces,
                             .msg_iovlen = BURST,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    memcpy(control, &header, sizeof header);
    memcpy(control + CMSG_LEN(0), &size, sizeof size);
    return sendmsg(contest->near, &message, MSG_DONTWAIT) == BURST * SIZE;
}

static bool burst_gro(struct contest *contest)
{
    _Alignas(struct cmsghdr) char control[64];
    struct iovec piece = {contest->room, ROOM};
    struct msghdr message = {.msg_name = &contest->senders[0],
                             .msg_namelen = sizeof contest->senders[0],
                             .msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t size = recvmsg(contest->near, &message, MSG_DONTWAIT);
    int segment = 0, count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header))
        if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_GRO)
            memcpy(&segment, CMSG_DATA(header), sizeof segment);
    for (ssize_t at = 0; segment > 0 && at < size; at += segment)
        count += contest->room[at] == 'x';
    return count == BURST;
}

/* --- Ours ------------------------------------------------------------------------------------ */

static size_t record_count(const struct contest *contest)
{
    return contest->kind->is_together && !contest->kind->is_send ? 1 : BURST;
}

static size_t count_called(const sn_datagram *datagram)
{
    sn_buffer segment = {0};
    size_t count = 0;
    while (sn_datagram_next_segment(datagram, &segment))
        count += segment.size == SIZE && *(char *)segment.data == 'x';
    return count;
}

/* As burst_gro() does it. */
static size_t count_by_size(const sn_datagram *datagram)
{
    const char *room = datagram->buffer.data;
    size_t at = 0, segment = datagram->extras->segment_size, count = 0;
    for (; segment > 0 && at < datagram->transferred; at += segment)
        count += room[at] == 'x';
    return count;
}

/* Every datagram is there, of its size. */
static bool is_whole(const struct contest *contest)
{
    const sn_datagram *datagrams = contest->datagrams;
    size_t count = 0;
    for (size_t i = 0; i < record_count(contest); i++) {
        if (datagrams[i].flags != SN_FLAG_NONE)
            return false;
        if (record_count(contest) > 1)
            count += datagrams[i].transferred == SIZE;
        else
            count += contest->kind->is_called ? count_called(datagrams) : count_by_size(datagrams);
    }
    return count == BURST;
}

static bool burst_blocking(struct contest *contest)
{
    size_t count = 0, wanted = record_count(contest);
    sn_error error =
        contest->kind->is_send
            ? sn_socket_send_batch(contest->socket, contest->datagrams, wanted, 0, &count)
            : sn_socket_receive_batch(contest->socket, contest->datagrams, wanted, 0, &count);
    return !error && count == wanted && is_whole(contest);
}

/* --- A turn ---------------------------------------------------------------------------------- */

/* The far end's part of a burst. */
static bool answer(struct contest *contest)
{
    char data[SIZE];
    memset(data, 'x', sizeof data);
    for (int i = 0; i < BURST && contest->kind->is_send; i++)
        if (recv(contest->far[contest->kind->is_together ? 0 : i % FAR], data, SIZE,
                 MSG_DONTWAIT) != SIZE)
            return false;
    if (contest->kind->is_send)
        return true;
    if (contest->kind->is_together) {
        static char all[BURST * SIZE];
        memset(all, 'x', sizeof all);
        return send(contest->far[0], all, sizeof all, 0) == sizeof all;
    }
    for (int i = 0; i < BURST; i++)
        if (send(contest->far[0], data, SIZE, 0) != SIZE)
            return false;
    return true;
}

/* Around what is measured. */
static bool burst_begin(struct contest *contest)
{
    bool is_ready = contest->kind->is_send || answer(contest);
    contest->begin_ns = measure_clock_ns();
    return is_ready;
}

static bool burst_end(struct contest *contest)
{
    contest->spent_ns += measure_clock_ns() - contest->begin_ns;
    contest->count += BURST;
    return !contest->kind->is_send || answer(contest);
}

static double turn(void *context)
{
    struct contest *contest = context;
    contest->spent_ns = contest->count = 0;
    while (contest->spent_ns < contest->turn_ns)
        if (!burst_begin(contest) || !contest->burst(contest) || !burst_end(contest))
            return -1;
    return (double)contest->count * 1e9 / (double)contest->spent_ns;
}

/* --- A turn with callbacks, on an engine that this thread drives ------------------------------ */

static bool start(struct contest *contest)
{
    if (!burst_begin(contest))
        return false;
    return contest->kind->is_send
               ? sn_socket_send_batch_async(contest->socket, contest->datagrams,
                                            record_count(contest), 0, &contest->operation)
               : sn_socket_receive_batch_async(contest->socket, contest->datagrams,
                                               record_count(contest), 0, &contest->operation);
}

static void end_turn(struct contest *contest, bool has_failed)
{
    contest->is_done = true;
    contest->has_failed = has_failed;
}

/* Each is started in the callback of the one before. */
static void on_completed(sn_operation *operation)
{
    struct contest *contest = operation->context;
    bool is_fine = !operation->error &&
                   sn_operation_get_datagram_count(operation) == record_count(contest) &&
                   is_whole(contest) && burst_end(contest);
    if (!is_fine || contest->spent_ns >= contest->turn_ns)
        end_turn(contest, !is_fine);
    else if (!start(contest))
        end_turn(contest, true);
}

static void on_kick(sn_operation *operation)
{
    struct contest *contest = operation->context;
    if (!start(contest))
        end_turn(contest, true);
}

static double turn_called_back(void *context)
{
    struct contest *contest = context;
    contest->spent_ns = contest->count = 0;
    contest->is_done = false;
    contest->kick.completed = on_kick;
    contest->operation.completed = on_completed;
    contest->kick.context = contest->operation.context = contest;
    if (!sn_engine_post_async(contest->engine, &contest->kick))
        return -1;
    while (!contest->is_done)
        if (sn_engine_run(contest->engine, SN_FOREVER, NULL))
            return -1;
    return contest->has_failed ? -1 : (double)contest->count * 1e9 / (double)contest->spent_ns;
}

/* --- Setting up ------------------------------------------------------------------------------ */

static int open_raw(struct sockaddr_in *out_address)
{
    socklen_t size = sizeof *out_address;
    int raw = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    *out_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (raw >= 0 && bind(raw, (struct sockaddr *)out_address, sizeof *out_address) == 0 &&
        getsockname(raw, (struct sockaddr *)out_address, &size) == 0)
        return raw;
    if (raw >= 0)
        (void)close(raw);
    return -1;
}

static bool open_ours(struct contest *contest, struct sockaddr_in *out_address)
{
    sn_endpoint local;
    size_t size = 0;
    if (sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &local) ||
        sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &contest->socket) ||
        sn_socket_bind(contest->socket, &local) ||
        (contest->engine && sn_socket_set_engine(contest->socket, contest->engine)) ||
        sn_socket_get_local_endpoint(contest->socket, &local))
        return false;
    const void *bytes = sn_endpoint_get_sockaddr(&local, &size);
    memcpy(out_address, bytes, size < sizeof *out_address ? size : sizeof *out_address);
    return true;
}

static void set_records(struct contest *contest)
{
    const struct kind *kind = contest->kind;
    memset(contest->room, 'x', ROOM);
    for (int i = 0; i < BURST; i++) {
        int to = kind->is_together ? 0 : i % FAR;
        contest->pieces[i] = (struct iovec){contest->room + (size_t)i * SIZE, SIZE};
        contest->messages[i].msg_hdr = (struct msghdr){
            .msg_name = kind->is_send ? &contest->peers[to] : &contest->senders[i],
            .msg_namelen = sizeof(struct sockaddr_in),
            .msg_iov = &contest->pieces[i],
            .msg_iovlen = 1,
        };
        contest->datagrams[i] = (sn_datagram){
            .buffer = {contest->pieces[i].iov_base, SIZE},
            .endpoint = kind->is_send ? &contest->peers_as_ours[to] : &contest->senders_as_ours[i],
        };
    }
    if (record_count(contest) == 1) {
        contest->extras.wanted = SN_DATAGRAM_SEGMENT_SIZE;
        contest->datagrams[0].buffer.size = ROOM;
        contest->datagrams[0].extras = &contest->extras;
    }
}

/* What sends and receives segments by hand has the kernel told once. */
static bool set_segments(struct contest *contest)
{
    const int on = 1, size = SIZE;
    if (!contest->kind->is_together || contest->kind->is_send)
        return true;
    if (setsockopt(contest->far[0], IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size) != 0)
        return false;
    size_t ignored;
    if (contest->near >= 0)
        return setsockopt(contest->near, IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0;
    /* The first call asks for it, and finds nothing yet. */
    bool is_empty = !sn_socket_set_blocking(contest->socket, false) &&
                    sn_socket_receive_batch(contest->socket, contest->datagrams, 1, 0, &ignored) ==
                        SN_ERROR_WOULD_BLOCK;
    return is_empty && !sn_socket_set_blocking(contest->socket, true);
}

static bool contest_open(struct contest *contest, bool is_ours)
{
    struct sockaddr_in near;
    contest->near = -1;
    for (int i = 0; i < FAR; i++) {
        contest->far[i] = open_raw(&contest->peers[i]);
        if (contest->far[i] < 0 ||
            sn_endpoint_from_sockaddr(&contest->peers[i], sizeof contest->peers[i],
                                      &contest->peers_as_ours[i]))
            return false;
    }
    if (!(is_ours ? open_ours(contest, &near) : (contest->near = open_raw(&near)) >= 0))
        return false;
    set_records(contest);
    return connect(contest->far[0], (struct sockaddr *)&near, sizeof near) == 0 &&
           connect(contest->far[1], (struct sockaddr *)&near, sizeof near) == 0 &&
           set_segments(contest);
}

static void contest_close(struct contest *contest)
{
    sn_socket_release(contest->socket);
    if (contest->near >= 0)
        (void)close(contest->near);
    for (int i = 0; i < FAR; i++)
        if (contest->far[i] >= 0)
            (void)close(contest->far[i]);
}

/* The contenders; the last two run on an engine of the back-end. */
static const struct row {
    const char *name;
    double (*turn)(void *contest);
    sn_engine_backend backend;
} rows[] = {
    {"by hand", turn, SN_ENGINE_BACKEND_AUTOMATIC},
    {"blocking", turn, SN_ENGINE_BACKEND_AUTOMATIC},
    {"io_uring", turn_called_back, SN_ENGINE_BACKEND_IO_URING},
    {"epoll", turn_called_back, SN_ENGINE_BACKEND_EPOLL},
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

static struct contest contests[ROW_COUNT];
static sn_engine *engines[SN_ENGINE_BACKEND_EPOLL + 1];

static burst_fn *by_hand(const struct kind *kind)
{
    if (kind->is_together)
        return kind->is_send ? burst_segment : burst_gro;
    return kind->is_send ? burst_sendmmsg : burst_recvmmsg;
}

static bool needs_missing_engine(const struct row *row)
{
    return row->backend != SN_ENGINE_BACKEND_AUTOMATIC && !engines[row->backend];
}

static bool measure_kind(const struct kind *kind, const struct choices *choices)
{
    struct contender contenders[ROW_COUNT];
    size_t count = 0;
    bool is_ok = true;
    for (size_t i = 0; is_ok && i < ROW_COUNT; i++) {
        if (needs_missing_engine(&rows[i]))
            continue;
        struct contest *contest = &contests[count];
        *contest = (struct contest){.burst = i > 0 ? burst_blocking : by_hand(kind),
                                    .kind = kind,
                                    .turn_ns = (uint64_t)choices->turn * 1000000u,
                                    .engine = engines[rows[i].backend],
                                    .room = rooms[count]};
        contenders[count++] =
            (struct contender){.name = rows[i].name, .turn = rows[i].turn, .context = contest};
        is_ok = contest_open(contest, i > 0);
    }
    struct measurement measurement = {.title = kind->title,
                                      .unit = "datagrams/s",
                                      .scale = 1,
                                      .contenders = contenders,
                                      .count = count,
                                      .round_count = (size_t)choices->round_count};
    if (!is_ok)
        fprintf(stderr, "batch: no sockets for \"%s\" over the loopback interface\n", kind->title);
    is_ok = is_ok && measure_run(&measurement);
    if (is_ok)
        measure_finish(&measurement);
    for (size_t i = 0; i < count; i++)
        contest_close(&contests[i]);
    return is_ok;
}

static bool open_engine(sn_engine_backend backend)
{
    const sn_engine_options options = {.backend = backend};
    sn_error error = sn_engine_create(&options, &engines[backend]);
    if (!error && sn_engine_get_backend(engines[backend]) == backend)
        return true;
    printf("without %s: %s\n", sn_engine_backend_name(backend),
           error ? sn_error_message(error) : sn_engine_get_backend_reason(engines[backend]));
    if (!error && sn_engine_destroy(engines[backend]))
        return false;
    engines[backend] = NULL;
    return true;
}

static bool close_engine(sn_engine_backend backend)
{
    return !engines[backend] || sn_engine_destroy(engines[backend]) == SN_OK;
}

int main(int argc, char **argv)
{
    static const struct kind kinds[] = {
        {"send", true, false, false},
        {"receive", false, false, false},
        {"send segments", true, true, false},
        {"receive segments", false, true, false},
        {"receive segments, a call for each", false, true, true},
    };
    struct choices choices = {
        .program = "batch",
        .about = "Batches of 64 UDP datagrams of 64 bytes on one processor.\n"
                 "  by hand   sendmmsg and recvmmsg; for segments one sendmsg and one recvmsg\n"
                 "  blocking  sn_socket_send_batch and sn_socket_receive_batch\n"
                 "  io_uring, epoll  the asynchronous forms, each started in a callback\n",
        .can_be_dear = true,
        .round_count = 120,
        .turn = 10};
    int status = choices_parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;
    if (!measure_pin(measure_core(0)))
        fprintf(stderr, "batch: this process cannot be kept on one processor\n");
    bool is_ok = open_engine(SN_ENGINE_BACKEND_IO_URING) && open_engine(SN_ENGINE_BACKEND_EPOLL);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        is_ok = is_ok && measure_kind(&kinds[i], &choices);
    is_ok =
        close_engine(SN_ENGINE_BACKEND_IO_URING) && close_engine(SN_ENGINE_BACKEND_EPOLL) && is_ok;
    return is_ok ? EXIT_DONE : EXIT_FAILED;
}
