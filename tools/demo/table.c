#include "table.h"

#include <inttypes.h>
#include <string.h>

void row_set(struct row *row, enum row_state state, const char *note)
{
    row->state = state;
    snprintf(row->note, sizeof row->note, "%s", note);
}

void row_fail(struct row *row, const char *doing, sn_error error)
{
    struct end end = {.bytes = 0};
    end_fail(&end, doing, error);
    row_set(row, ROW_FAILED, end.failure);
}

/* When one end fails the other one usually notices; both are told, since either may be the cause.
 */
static void note_failures(struct row *row, const struct end *near, const struct end *far)
{
    row->state = ROW_FAILED;
    snprintf(row->note, sizeof row->note, "%s%s%s%s%s", end_has_failed(near) ? "sender: " : "",
             near->failure, end_has_failed(near) && end_has_failed(far) ? "; " : "",
             end_has_failed(far) ? "receiver: " : "", far->failure);
}

void row_conclude(struct row *row, const struct end *near, const struct end *far, double seconds)
{
    struct digest sent = end_digest(near);
    row->digest = end_digest(far);
    row->bytes = far->bytes;
    row->seconds = seconds;
    if (end_has_failed(near) || end_has_failed(far))
        note_failures(row, near, far);
    else if (near->bytes != far->bytes || !digest_equals(&sent, &row->digest))
        row->state = ROW_DIFFERENT;
    else
        row->state = ROW_OK;
}

void table_print_head(void)
{
    printf("%-22s %14s %9s   %s\n", "PROTOCOL", "BYTES", "MB/S", "CHECKSUM");
    fflush(stdout);
}

void table_print_row(const char *protocol, const struct row *row)
{
    double rate = row->seconds > 0 ? (double)row->bytes / 1e6 / row->seconds : 0;
    printf("%-22s ", protocol);
    switch (row->state) {
    case ROW_OK: printf("%14" PRIu64 " %9.1f   ok\n", row->bytes, rate); break;
    case ROW_DIFFERENT: printf("%14" PRIu64 " %9.1f   DIFFERENT\n", row->bytes, rate); break;
    case ROW_FAILED: printf("%14s %9s   FAILED: %s\n", "-", "-", row->note); break;
    case ROW_NOT_AVAILABLE: printf("%14s %9s   not available: %s\n", "-", "-", row->note); break;
    }
    fflush(stdout);
}
