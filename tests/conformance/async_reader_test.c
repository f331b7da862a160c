/* The buffered reader's operations: callbacks, cancels, releases and forks while one is pending. */
#include "conformance/forks.h"
#include "support/async.h"
#include "support/children.h"
#include "support/threads.h"

static struct socket_pair pair;
static sn_reader *reader;
static sn_buffer line;

static void open_reader(enum transport transport, size_t size)
{
    pair = pair_plain(transport);
    assert_ok(sn_reader_create(pair.server, NULL, size, &reader));
    line = (sn_buffer){NULL, 77};
}

static void close_reader(void)
{
    sn_reader_release(reader);
    reader = NULL;
    pair_release(&pair);
}

static void start_line(struct pending *pending)
{
    sn_reader_read_until_async(reader, "\n", 1, 0, &line, &pending->operation);
}

static void wait_taken(void)
{
    size_t left = 1;
    while (left > 0) {
        assert_ok(sn_socket_get_available(pair.server, &left));
        give_way();
    }
}

/* --- Callbacks -------------------------------------------------------------------------------- */

enum { LINES = 5000 };

static int lines_seen;
static bool is_wrong;

static void next_line(struct pending *pending)
{
    char text[16];
    if (pending->operation.error)
        return;
    int size = snprintf(text, sizeof text, "%d\n", lines_seen++);
    is_wrong |= line.size != (size_t)size || memcmp(line.data, text, line.size) != 0 ||
                pending->operation.transferred != line.size;
    start_line(pending);
}

/* Most of them are buffered when they are asked for, and complete without the socket. */
TEST(a_callback_reads_line_after_line)
{
    struct pending reading;
    char text[16];
    open_reader(transport_of(state), 100);
    pending_init(&reading);
    reading.then = next_line;
    lines_seen = 0;
    is_wrong = false;
    start_line(&reading);
    for (int i = 0; i < LINES; i++) {
        snprintf(text, sizeof text, "%d\n", i);
        send_text(pair.client, text);
    }
    assert_ok(sn_socket_shutdown(pair.client, SN_SHUTDOWN_SEND));
    pending_wait_count(&reading, LINES + 1);
    assert_error(SN_ERROR_END_OF_STREAM, reading.operation.error);
    assert_int_equal(LINES, lines_seen);
    assert_false(is_wrong);
    close_reader();
}

/* --- Early ends ------------------------------------------------------------------------------- */

TEST(a_cancelled_operation_leaves_what_came_to_the_next)
{
    struct pending reading;
    open_reader(transport_of(state), 64);
    pending_init(&reading);
    start_line(&reading);
    send_text(pair.client, "ha");
    wait_taken();
    sn_operation_cancel(&reading.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &reading);
    assert_int_equal(0, reading.operation.transferred);
    assert_int_equal(77, line.size);
    pending_init(&reading);
    start_line(&reading);
    send_text(pair.client, "lf\n");
    assert_pending(SN_OK, &reading);
    assert_int_equal(5, reading.operation.transferred);
    assert_memory_equal("half\n", line.data, 5);
    close_reader();
}

TEST(an_operation_keeps_the_next_call_out_and_lets_it_in_when_it_is_done)
{
    sn_operation first = {0}, second = {0};
    open_reader(transport_of(state), 64);
    assert_true(sn_reader_read_until_async(reader, "\n", 1, 0, &line, &first));
    assert_true(sn_reader_read_until_async(reader, "\n", 1, 0, &line, &second));
    assert_error(SN_ERROR_INVALID_OPERATION, sn_operation_wait(&second));
    assert_false(sn_reader_read_until_async(reader, "\n", 1, 0, &line, &first));
    assert_false(sn_reader_read_exactly_async(reader, NULL, 0, NULL));
    send_text(pair.client, "one\ntwo\n");
    assert_ok(sn_operation_wait(&first));
    assert_memory_equal("one\n", line.data, 4);
    assert_true(sn_reader_read_until_async(reader, "\n", 1, 0, &line, &second));
    assert_ok(sn_operation_wait(&second));
    assert_memory_equal("two\n", line.data, 4);
    close_reader();
}

/* --- Releases --------------------------------------------------------------------------------- */

TEST(releasing_the_last_reference_to_the_socket_ends_what_is_pending)
{
    struct pending reading;
    open_reader(transport_of(state), 64);
    pending_init(&reading);
    start_line(&reading);
    send_text(pair.client, "ha");
    wait_taken();
    sn_socket_release(pair.server);
    pair.server = NULL;
    sn_reader_release(reader);
    assert_pending(SN_ERROR_OPERATION_ABORTED, &reading);
    assert_int_equal(77, line.size);
    reader = NULL;
    pair_release(&pair);
}

TEST(a_reader_that_goes_first_gives_no_part_of_its_memory)
{
    struct pending reading;
    char data[4];
    for (int is_count = 0; is_count <= 1; is_count++) {
        open_reader(transport_of(state), 64);
        pending_init(&reading);
        if (is_count)
            sn_reader_read_exactly_async(reader, data, 4, &reading.operation);
        else
            start_line(&reading);
        sn_reader_release(reader);
        send_text(pair.client, "all\n");
        assert_pending(is_count ? SN_OK : SN_ERROR_OPERATION_ABORTED, &reading);
        assert_int_equal(77, line.size);
        if (is_count)
            assert_memory_equal("all\n", data, 4);
        reader = NULL;
        pair_release(&pair);
    }
}

/* --- fork ------------------------------------------------------------------------------------- */

static int read_in_child(void *context)
{
    sn_buffer part;
    (void)context;
    CHILD_EXPECT(!sn_reader_get_buffered(reader, &part));
    CHILD_EXPECT(part.size == 2 && memcmp(part.data, "ha", 2) == 0);
    CHILD_EXPECT(!sn_reader_read_until(reader, "a", 1, 0, &part));
    CHILD_EXPECT(part.size == 2);
    sn_reader_release(reader);
    return 0;
}

/* The operation is the parent's; what was buffered at the fork both have. */
TEST(a_forked_child_can_use_the_reader_whose_operation_is_the_parents)
{
    struct pending reading;
    open_reader(transport_of(state), 64);
    pending_init(&reading);
    start_line(&reading);
    send_text(pair.client, "ha");
    wait_taken();
    sn_operation_cancel(&reading.operation);
    assert_pending(SN_ERROR_OPERATION_CANCELED, &reading);
    pending_init(&reading);
    start_line(&reading);
    assert_int_equal(0, child_run(read_in_child, NULL));
    send_text(pair.client, "lf\n");
    assert_pending(SN_OK, &reading);
    assert_memory_equal("half\n", line.data, 5);
    close_reader();
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_STREAMS(a_callback_reads_line_after_line),
        ON_STREAMS(a_cancelled_operation_leaves_what_came_to_the_next),
        ON_STREAMS(an_operation_keeps_the_next_call_out_and_lets_it_in_when_it_is_done),
        ON_STREAMS(releasing_the_last_reference_to_the_socket_ends_what_is_pending),
        ON_STREAMS(a_reader_that_goes_first_gives_no_part_of_its_memory),
        CASE_ON(a_forked_child_can_use_the_reader_whose_operation_is_the_parents, TCP_IPV4),
    };
    return RUN(cases);
}
