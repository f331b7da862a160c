/*
 * Engines by making one on each back-end; the ring by asking for one. Which of its operations work
 * is not what the kernel lists: a filter may deny some of those. So each is made on a descriptor
 * that is none: who may use it is told so.
 */
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sennit.h>

#ifdef SENNIT_HAS_IO_URING
#include <liburing.h>
#endif

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- Engines ---------------------------------------------------------------------------------- */

static void probe_engine(const char *name, sn_engine_backend backend)
{
    const sn_engine_options options = {.threads = 0, .backend = backend};
    sn_engine *engine = NULL;
    sn_error error = sn_engine_create(&options, &engine);
    if (!error)
        error = sn_engine_run(engine, 0, NULL); /* a driven one begins with its first run */
    char text[400];
    if (error) {
        snprintf(text, sizeof text, "%s", sn_error_name(error));
    } else {
        const char *made = sn_engine_backend_name(sn_engine_get_backend(engine));
        const char *reason = sn_engine_get_backend_reason(engine);
        snprintf(text, sizeof text, "%s%s%s", made, reason && *reason ? ": " : "",
                 reason ? reason : "");
    }
    const char *cells[] = {name, error ? "no" : "yes", text};
    probe_table_row(cells);
    if (engine && sn_engine_destroy(engine))
        fprintf(stderr, "sennit: an engine could not be destroyed\n");
}

/* --- The ring --------------------------------------------------------------------------------- */

static const struct probe_column ring_columns[] = {
    {"RING", "name", 16}, {"HERE", "here", 4}, {"USE, OR WHY NOT", "detail", 0}};

#ifdef SENNIT_HAS_IO_URING

/* Of what the kernel says about a ring, by its number: headers may be older than the kernel. */
static const struct {
    unsigned bit;
    const char *name, *use;
} features[] = {
    {0, "SingleMmap", "one piece of memory for both queues"},
    {1, "NoDrop", "no result is lost when the queue is full"},
    {2, "SubmitStable", "what an entry names need not outlive its submission"},
    {5, "FastPoll", "a receive waits in the kernel, without a thread there"},
    {8, "ExtArg", "a wait with a limit is one call"},
    {11, "CqeSkip", "entries without results"},
    {14, "RecvSendBundle", "several buffers in one entry; not used"},
    {15, "MinTimeout", "a wait that gathers; not used"},
    {17, "NoIowait", "a wait that does not count as one for a disk"},
};

static void prepare_none(struct io_uring_sqe *entry)
{
    io_uring_prep_nop(entry);
}

static void prepare_receive(struct io_uring_sqe *entry)
{
    static char byte;
    io_uring_prep_recv(entry, -1, &byte, 1, 0);
}

static void prepare_send(struct io_uring_sqe *entry)
{
    io_uring_prep_send(entry, -1, "", 1, 0);
}

static struct msghdr message;

static void prepare_receive_message(struct io_uring_sqe *entry)
{
    io_uring_prep_recvmsg(entry, -1, &message, 0);
}

static void prepare_send_message(struct io_uring_sqe *entry)
{
    io_uring_prep_sendmsg(entry, -1, &message, 0);
}

static void prepare_accept(struct io_uring_sqe *entry)
{
    io_uring_prep_accept(entry, -1, NULL, NULL, 0);
}

static void prepare_poll(struct io_uring_sqe *entry)
{
    io_uring_prep_poll_add(entry, -1, 1);
}

static void prepare_cancel(struct io_uring_sqe *entry)
{
    io_uring_prep_cancel64(entry, 0, 0);
}

static const struct {
    const char *name;
    void (*prepare)(struct io_uring_sqe *entry);
    int allowed; /* what one that may be made answers */
} entries[] = {
    {"Nop", prepare_none, 0},
    {"Receive", prepare_receive, EBADF},
    {"Send", prepare_send, EBADF},
    {"ReceiveMessage", prepare_receive_message, EBADF},
    {"SendMessage", prepare_send_message, EBADF},
    {"Accept", prepare_accept, EBADF},
    {"Poll", prepare_poll, EBADF},
    {"Cancel", prepare_cancel, ENOENT},
};

/* 0 or the errno that the entry was answered with; -1: there was no answer. */
static int answer_to(struct io_uring *ring, void (*prepare)(struct io_uring_sqe *entry))
{
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    struct io_uring_cqe *result = NULL;
    if (!entry)
        return -1;
    prepare(entry);
    if (io_uring_submit_and_wait(ring, 1) < 0 || io_uring_peek_cqe(ring, &result) < 0)
        return -1;
    int answer = result->res < 0 ? -result->res : 0;
    io_uring_cqe_seen(ring, result);
    return answer;
}

static void print_answer(const char *name, int answer, int allowed)
{
    const char *cells[] = {name, answer == allowed ? "yes" : "no",
                           answer == allowed ? ""
                           : answer < 0      ? "no answer"
                                             : strerror(answer)};
    probe_table_row(cells);
}

static void probe_features(unsigned found)
{
    for (size_t i = 0; i < COUNT(features); i++) {
        const char *cells[] = {features[i].name, found & 1u << features[i].bit ? "yes" : "no",
                               features[i].use};
        probe_table_row(cells);
    }
}

static void probe_ring(void)
{
    struct io_uring ring;
    struct io_uring_params parameters = {0};
    int failed = -io_uring_queue_init_params(4, &ring, &parameters);
    probe_table_begin("ring", ring_columns, COUNT(ring_columns));
    if (failed) {
        const char *cells[] = {"io_uring", "no", strerror(failed)};
        probe_table_row(cells);
    } else {
        probe_features(parameters.features);
        for (size_t i = 0; i < COUNT(entries); i++)
            print_answer(entries[i].name, answer_to(&ring, entries[i].prepare), entries[i].allowed);
        io_uring_queue_exit(&ring);
    }
    probe_table_end();
}

#else

static void probe_ring(void)
{
    const char *cells[] = {"io_uring", "no", "this program was built without it"};
    probe_table_begin("ring", ring_columns, COUNT(ring_columns));
    probe_table_row(cells);
    probe_table_end();
}

#endif

void probe_engines(void)
{
    static const struct probe_column columns[] = {
        {"ENGINE", "name", 16}, {"WORK", "works", 4}, {"BACK-END AND WHY", "detail", 0}};
    probe_table_begin("engines", columns, COUNT(columns));
    probe_engine("automatic", SN_ENGINE_BACKEND_AUTOMATIC);
    probe_engine("epoll", SN_ENGINE_BACKEND_EPOLL);
    probe_engine("io_uring", SN_ENGINE_BACKEND_IO_URING);
    probe_table_end();
    probe_ring();
}
