/* A file on its way: what is said before, the bytes, and what is said of them afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "opening.h"
#include "progress.h"
#include "report.h"
#include "send.h"
#include "service.h"
#include "transfer.h"

/* One file on its way. */
struct sending {
    const struct send_choices *choices;
    const struct target *target;
    struct transfer transfer;
    int file;
    uint64_t size, from;
    struct checksum sum;
    struct progress progress;
    char sum_text[CHECKSUM_TEXT_SIZE];
    char peer[TARGET_PEER_TEXT_SIZE];
};

static int open_file(struct sending *sending)
{
    struct stat facts;
    const char *path = sending->choices->path;
    sending->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (sending->file < 0 || fstat(sending->file, &facts) != 0)
        return report_file_failure(path, errno);
    if (!S_ISREG(facts.st_mode))
        return report_words("send", path,
                            S_ISDIR(facts.st_mode)
                                ? "a folder; pack it first: tar cf - FOLDER | sennit connect"
                                : "no file with a size; pipe it into 'sennit connect'");
    sending->size = (uint64_t)facts.st_size;
    return EXIT_DONE;
}

/* --- What is said ----------------------------------------------------------------------------- */

static int report(struct sending *sending, sn_error error)
{
    char what[PATH_MAX + TARGET_PEER_TEXT_SIZE];
    const char *words = sending->transfer.line;
    progress_end(&sending->progress);
    snprintf(what, sizeof what, "%s to %s", sending->choices->path, sending->peer);
    if (error == SN_ERROR_FORMAT && strncmp(words, "error: ", 7) == 0)
        return report_words("send", what, words + 7);
    if (error == SN_ERROR_FORMAT)
        return report_words("send", what, "who listens there is not 'sennit receive'");
    (void)report_failure("send", what, error);
    fprintf(stderr,
            "sennit: %" PRIu64 " of %" PRIu64 " bytes were sent; sending it again goes on from "
            "where the receiver is\n",
            sending->progress.done, sending->size);
    return EXIT_FAILED;
}

/* A receiver that gives up says why before it goes; that may have come already. */
static int report_broken(struct sending *sending, sn_error error)
{
    sn_error last = SN_OK;
    while (error != SN_ERROR_OPERATION_CANCELED && !last &&
           !(last = transfer_read_line(&sending->transfer)))
        if (strncmp(sending->transfer.line, "error: ", 7) == 0)
            return report(sending, SN_ERROR_FORMAT);
    return report(sending, error);
}

static sn_error agree(struct sending *sending)
{
    uint64_t have = 0;
    const char *text = "", *none = checksum_is_there() ? "sha256" : "none";
    char theirs[CHECKSUM_TEXT_SIZE];
    struct transfer *transfer = &sending->transfer;
    sn_error error = transfer_print(
        transfer, TRANSFER_GREETING "\nname: %s\nsize: %" PRIu64 "\nchecksum: %s\n\n",
        sending->choices->name, sending->size, none);
    if (!error)
        error = transfer_read_number(transfer, "have", &have);
    if (!error)
        error = transfer_read_field(transfer, "checksum", &text);
    if (error)
        return error;
    snprintf(theirs, sizeof theirs, "%.64s", text);
    error = transfer_read_line(transfer);
    if (error)
        return error;
    /* Another file of that name, or one that has changed, begins from the start. */
    sending->from = 0;
    checksum_begin(&sending->sum);
    if (have > 0 && have <= sending->size && checksum_is_there() &&
        transfer_add_file(sending->file, have, &sending->sum) == 0) {
        checksum_format(&sending->sum, sending->sum_text);
        sending->from = strcmp(sending->sum_text, theirs) == 0 ? have : 0;
    }
    if (sending->from == 0)
        checksum_begin(&sending->sum);
    return transfer_print(transfer, "from: %" PRIu64 "\n\n", sending->from);
}

static int send_bytes(struct sending *sending)
{
    static char piece[TRANSFER_PIECE];
    uint64_t left = sending->size - sending->from;
    if (lseek(sending->file, (off_t)sending->from, SEEK_SET) < 0)
        return report_file_failure(sending->choices->path, errno);
    while (left > 0) {
        ssize_t got = read(sending->file, piece, left < sizeof piece ? (size_t)left : sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            progress_end(&sending->progress);
            return got < 0 ? report_file_failure(sending->choices->path, errno)
                           : report_words("send", sending->choices->path,
                                          "the file has become shorter while it was sent; the "
                                          "receiver has a part of it");
        }
        checksum_add(&sending->sum, piece, (size_t)got);
        sn_error error =
            sn_socket_send(sending->transfer.socket, piece, (size_t)got, SN_FLAG_NONE, NULL);
        if (error)
            return report_broken(sending, error);
        progress_advance(&sending->progress, (size_t)got);
        left -= (uint64_t)got;
    }
    return EXIT_DONE;
}

static int finish(struct sending *sending)
{
    checksum_format(&sending->sum, sending->sum_text);
    sn_error error = transfer_print(&sending->transfer, "checksum: %s\n", sending->sum_text);
    if (error)
        return report_broken(sending, error);
    error = transfer_read_line(&sending->transfer);
    if (!error && strcmp(sending->transfer.line, "ok") != 0)
        error = SN_ERROR_FORMAT;
    return error ? report(sending, error) : EXIT_DONE;
}

static void tell(const struct sending *sending)
{
    char size[PROGRESS_SIZE_TEXT], rate[PROGRESS_SIZE_TEXT];
    const struct progress *progress = &sending->progress;
    if (sending->choices->is_json) {
        json_open_object(NULL);
        json_text("file", sending->choices->path);
        json_text("name", sending->choices->name);
        json_text("peer", sending->peer);
        json_number("bytes", (int64_t)sending->size);
        json_number("resumed_at", (int64_t)sending->from);
        json_real("seconds", progress_seconds(progress));
        json_text("sha256", checksum_is_there() ? sending->sum_text : NULL);
        json_close_object();
        return;
    }
    if (sending->choices->is_quiet)
        return;
    progress_format_size((double)(sending->size - sending->from), size);
    progress_format_size(progress_rate(progress), rate);
    printf("%s: %s sent to %s in %.1f s (%s/s), sha256 %s\n", sending->choices->path, size,
           sending->peer, progress_seconds(progress), rate, sending->sum_text);
}

static int run(struct sending *sending)
{
    sn_error error = agree(sending);
    if (error)
        return report(sending, error);
    const struct send_choices *choices = sending->choices;
    progress_begin(&sending->progress, choices->name, sending->size, sending->from,
                   !choices->is_quiet && (choices->shows_progress || isatty(STDERR_FILENO)));
    int status = send_bytes(sending);
    if (status == EXIT_DONE)
        status = finish(sending);
    progress_end(&sending->progress);
    if (status == EXIT_DONE)
        tell(sending);
    return status;
}

static int send_over(struct sending *sending, sn_socket *socket)
{
    target_peer_text(sending->target, socket, sending->peer);
    sn_error error = transfer_begin(&sending->transfer, socket, sending->choices->idle_ms);
    int status = error ? report_failure("send to", sending->peer, error) : run(sending);
    transfer_end(&sending->transfer);
    return status;
}

static int send_connected(struct sending *sending)
{
    sn_socket *socket = NULL;
    int status = way_connect(&sending->choices->way, sending->target, "send to", NULL, &socket);
    if (status == EXIT_DONE)
        status = send_over(sending, socket);
    sn_socket_release(socket);
    return status;
}

static int serve(sn_socket *socket, const char *peer, struct service *service)
{
    (void)peer; /* which send_over() finds, as where it has connected */
    return send_over(service->context, socket);
}

static int send_to_who_comes(struct sending *sending)
{
    const struct send_choices *choices = sending->choices;
    sn_socket *socket = NULL;
    int status =
        opening_listen(sending->target, &choices->way.options, choices->is_verbose, &socket);
    if (status != EXIT_DONE)
        return status;
    struct service service = {.listener = socket,
                              .target = sending->target,
                              .limit = 1,
                              .count = 1,
                              .is_verbose = choices->is_verbose,
                              .serve = serve,
                              .context = sending};
    status = service_serve(&service);
    sn_socket_release(socket);
    return status;
}

int send_file(const struct send_choices *choices, const struct target *target)
{
    struct sending sending = {.choices = choices, .target = target, .file = -1};
    int status = open_file(&sending);
    if (status == EXIT_DONE)
        status = choices->listens ? send_to_who_comes(&sending) : send_connected(&sending);
    if (sending.file >= 0)
        (void)close(sending.file);
    return status;
}
