/* The reader of the error queue's control messages, report_read(). */
#include "operation/report.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "fuzz.h"

static sn_report read_exactly(const uint8_t *data, size_t size)
{
    sn_report report;
    uint8_t *exact = fuzz_exact(data, size);
    fuzz_fill(report);
    report_read(exact, size, &report);
    free(exact);
    return report;
}

/* What is the program's, and what the messages do not tell, is not written. */
static void check_untouched(const sn_report *read)
{
    sn_report untouched;
    fuzz_fill(untouched);
    require(read->buffer.data == untouched.buffer.data);
    require(read->buffer.size == untouched.buffer.size);
    require(read->transferred == untouched.transferred);
    require(read->flags == untouched.flags);
    require(memcmp(read->opaque, untouched.opaque, sizeof read->opaque) == 0);
    require(memcmp(&read->destination, &untouched.destination, sizeof read->destination) == 0);
}

static void check(const sn_report *read)
{
    check_untouched(read);
    require(read->error == SN_OK);
    require(read->native_error >= 0);
    require((int)read->origin >= 0 && (int)read->origin <= 255);
    require(read->path_mtu == 0 || read->native_error == EMSGSIZE);
    bool is_icmp = read->origin == SN_REPORT_ICMP || read->origin == SN_REPORT_ICMPV6;
    require(is_icmp || (read->icmp_type == 0 && read->icmp_code == 0));
    require(read->moments == 0 || read->moments == SN_REPORT_SENT ||
            read->moments == SN_REPORT_SCHEDULED || read->moments == SN_REPORT_ACKNOWLEDGED);
    sn_endpoint_kind kind = sn_endpoint_get_kind(&read->offender);
    require(kind == SN_ENDPOINT_NONE || kind == SN_ENDPOINT_IP);
    require(sn_endpoint_get_port(&read->offender) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sn_report whole = read_exactly(data, size);
    check(&whole);
    for (size_t shorter = size > 128 ? 128 : size; shorter-- > 0;) {
        sn_report read = read_exactly(data, shorter);
        check(&read);
    }
    return 0;
}
