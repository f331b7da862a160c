/* A file that comes in: what is said before, the bytes, and what is said of them afterwards. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "part.h"
#include "progress.h"
#include "receive.h"
#include "report.h"
#include "transfer.h"

struct receiving {
    const struct receive_choices *choices;
    const char *peer;
    struct transfer transfer;
    char name[TRANSFER_NAME_SIZE];
    struct part part;
    uint64_t size, from;
    struct checksum sum;
    char sum_text[CHECKSUM_TEXT_SIZE], piece[TRANSFER_PIECE];
    struct progress progress;
};

/* --- Failures --------------------------------------------------------------------------------- */

/* What has come stays, and it is said where; also when a signal has ended it. */
static void name_part(struct receiving *receiving)
{
    progress_end(&receiving->progress);
    if (receiving->part.file < 0)
        return;
    uint64_t size = part_size(&receiving->part);
    if (size == 0) {
        part_remove(&receiving->part);
        return;
    }
    fprintf(stderr,
            "sennit: %" PRIu64 " of %" PRIu64 " bytes are in %s; sending the file again goes on "
            "from there\n",
            size, receiving->size, receiving->part.partial);
}

static int report_lost(struct receiving *receiving, sn_error error)
{
    (void)report_failure("receive from", receiving->peer, error);
    name_part(receiving);
    return EXIT_FAILED;
}

static int refuse(struct receiving *receiving, const char *what, const char *words)
{
    (void)report_words("receive", what, words);
    name_part(receiving);
    transfer_refuse(&receiving->transfer, receiving->name[0] ? receiving->name : "the file", words);
    return EXIT_FAILED;
}

/* --- Before ----------------------------------------------------------------------------------- */

static sn_error read_header(struct receiving *receiving)
{
    const char *text = "";
    struct transfer *transfer = &receiving->transfer;
    sn_error error = transfer_read_line(transfer);
    if (!error && strcmp(transfer->line, TRANSFER_GREETING) != 0)
        error = SN_ERROR_FORMAT;
    if (!error)
        error = transfer_read_field(transfer, "name", &text);
    if (!error && strlen(text) < sizeof receiving->name)
        strcpy(receiving->name, text);
    if (!error)
        error = transfer_read_number(transfer, "size", &receiving->size);
    if (!error)
        error = transfer_read_field(transfer, "checksum", &text);
    return error ? error : transfer_read_line(transfer);
}

static int prepare(struct receiving *receiving)
{
    const struct receive_choices *choices = receiving->choices;
    if (!choices->path && !transfer_is_name(receiving->name))
        return refuse(receiving, receiving->peer, "the sender's name for it is no name for a file");
    const char *words =
        part_open(&receiving->part, choices->path ? NULL : choices->folder,
                  choices->path ? choices->path : receiving->name, choices->overwrites);
    if (words)
        return refuse(receiving, receiving->part.path, words);
    /* Without a sum nobody knows whether what is here is the beginning of that file. */
    checksum_begin(&receiving->sum);
    if (!checksum_is_there() || receiving->part.have > receiving->size ||
        transfer_add_file(receiving->part.file, receiving->part.have, &receiving->sum) != 0)
        receiving->part.have = 0;
    receiving->progress.done = receiving->part.have;
    return EXIT_DONE;
}

static sn_error agree(struct receiving *receiving)
{
    struct transfer *transfer = &receiving->transfer;
    checksum_format(&receiving->sum, receiving->sum_text);
    sn_error error = transfer_print(transfer, "have: %" PRIu64 "\nchecksum: %s\n\n",
                                    receiving->part.have, receiving->sum_text);
    if (!error)
        error = transfer_read_number(transfer, "from", &receiving->from);
    if (!error && receiving->from != 0 && receiving->from != receiving->part.have)
        error = SN_ERROR_FORMAT;
    if (!error)
        error = transfer_read_line(transfer);
    if (error)
        return error;
    if (receiving->from == 0)
        checksum_begin(&receiving->sum);
    return SN_OK;
}

/* --- The bytes -------------------------------------------------------------------------------- */

static int receive_bytes(struct receiving *receiving)
{
    uint64_t left = receiving->size - receiving->from;
    const char *cut = part_cut(&receiving->part, receiving->from);
    if (cut)
        return refuse(receiving, receiving->part.partial, cut);
    while (left > 0) {
        size_t room = left < TRANSFER_PIECE ? (size_t)left : TRANSFER_PIECE, got = 0;
        sn_error error =
            sn_reader_read_exactly(receiving->transfer.reader, receiving->piece, room, &got);
        const char *words = part_write(&receiving->part, receiving->piece, got);
        if (words)
            return refuse(receiving, receiving->part.partial, words);
        checksum_add(&receiving->sum, receiving->piece, got);
        progress_advance(&receiving->progress, got);
        if (error)
            return report_lost(receiving, error);
        left -= got;
    }
    return EXIT_DONE;
}

/* --- Afterwards ------------------------------------------------------------------------------- */

static int finish(struct receiving *receiving)
{
    const char *theirs = "";
    sn_error error = transfer_read_field(&receiving->transfer, "checksum", &theirs);
    if (error)
        return report_lost(receiving, error);
    checksum_format(&receiving->sum, receiving->sum_text);
    bool are_both = checksum_is_there() && strcmp(theirs, "none") != 0;
    if (are_both && strcmp(theirs, receiving->sum_text) != 0) {
        /* Nothing is to be gone on from. */
        part_remove(&receiving->part);
        return refuse(receiving, receiving->part.path,
                      "its checksum is another than the sender's; what came was thrown away");
    }
    if (!are_both && !receiving->choices->is_quiet)
        fprintf(stderr, "sennit: %s: only its size was compared: one side has no checksums\n",
                receiving->part.path);
    const char *words = part_finish(&receiving->part, receiving->choices->overwrites);
    if (words)
        return refuse(receiving, receiving->part.path, words);
    (void)!transfer_print(&receiving->transfer, "ok\n"); /* here it is done, told or not */
    return EXIT_DONE;
}

static void tell_script(const struct receiving *receiving)
{
    json_open_object(NULL);
    json_text("file", receiving->part.path);
    json_text("peer", receiving->peer);
    json_number("bytes", (int64_t)receiving->size);
    json_number("resumed_at", (int64_t)receiving->from);
    json_real("seconds", progress_seconds(&receiving->progress));
    json_text("sha256", checksum_is_there() ? receiving->sum_text : NULL);
    json_close_object();
}

static void tell_person(const struct receiving *receiving)
{
    char size[PROGRESS_SIZE_TEXT], rate[PROGRESS_SIZE_TEXT];
    const struct progress *progress = &receiving->progress;
    progress_format_size((double)(receiving->size - receiving->from), size);
    progress_format_size(progress_rate(progress), rate);
    printf("%s: %s received from %s in %.1f s (%s/s), sha256 %s\n", receiving->part.path, size,
           receiving->peer, progress_seconds(progress), rate, receiving->sum_text);
    (void)fflush(stdout);
}

static void tell(const struct receiving *receiving)
{
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER; /* several may end at once */
    (void)pthread_mutex_lock(&turn);
    if (receiving->choices->is_json)
        tell_script(receiving);
    else if (!receiving->choices->is_quiet)
        tell_person(receiving);
    (void)pthread_mutex_unlock(&turn);
}
static int run(struct receiving *receiving)
{
    const struct receive_choices *choices = receiving->choices;
    sn_error error = read_header(receiving);
    if (error == SN_ERROR_FORMAT)
        return refuse(receiving, receiving->peer, "who connected is not 'sennit send'");
    if (error)
        return report_lost(receiving, error);
    int status = prepare(receiving);
    if (status != EXIT_DONE)
        return status;
    error = agree(receiving);
    if (error)
        return report_lost(receiving, error);
    bool is_shown = choices->count == 1 && !choices->is_quiet &&
                    (choices->shows_progress || isatty(STDERR_FILENO));
    progress_begin(&receiving->progress, receiving->part.path, receiving->size, receiving->from,
                   is_shown);
    status = receive_bytes(receiving);
    if (status == EXIT_DONE)
        status = finish(receiving);
    progress_end(&receiving->progress);
    return status;
}

int receive_file(sn_socket *socket, const char *peer, const struct receive_choices *choices)
{
    struct receiving *receiving = calloc(1, sizeof *receiving);
    if (!receiving)
        return report_failure("receive from", peer, SN_ERROR_OUT_OF_MEMORY);
    receiving->choices = choices;
    receiving->peer = peer;
    receiving->part.file = -1;
    sn_error error = transfer_begin(&receiving->transfer, socket, choices->idle_ms);
    int status = error ? report_failure("receive from", peer, error) : run(receiving);
    if (status == EXIT_DONE)
        tell(receiving);
    transfer_end(&receiving->transfer);
    part_close(&receiving->part);
    free(receiving);
    return status;
}
