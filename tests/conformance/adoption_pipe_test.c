/*
 * A descriptor that is no socket, adopted as one (contract A.3): a pipe, a file, a terminal.
 */
#include "conformance/adoptions.h"
#include "support/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/threads.h"
#include "support/transfer_support.h"
#include "support/verbs.h"

static void assert_is_no_socket(sn_socket *adopted)
{
    assert_int_equal(SN_FAMILY_UNKNOWN, sn_socket_get_address_family(adopted));
    assert_int_equal(SN_TYPE_UNKNOWN, sn_socket_get_socket_type(adopted));
    assert_int_equal(SN_PROTOCOL_UNKNOWN, sn_socket_get_protocol_type(adopted));
    assert_false(sn_socket_is_bound(adopted));
    assert_false(sn_socket_is_connected(adopted));
    assert_true(sn_socket_is_blocking(adopted));
    sn_endpoint endpoint = local_endpoint(adopted);
    assert_no_endpoint(&endpoint);
    endpoint = remote_endpoint(adopted);
    assert_no_endpoint(&endpoint);
}

static void adopt_pipe(sn_socket **out_reader, sn_socket **out_writer)
{
    int handles[2];
    assert_int_equal(0, pipe2(handles, O_CLOEXEC));
    *out_reader = adopt(handles[0]);
    *out_writer = adopt(handles[1]);
}

TEST(a_pipe_is_sent_to_and_received_from)
{
    sn_socket *reader, *writer;
    size_t available = 0;
    bool is_ready = false;
    adopt_pipe(&reader, &writer);
    assert_is_no_socket(reader);
    assert_is_no_socket(writer);
    send_text(writer, "through the pipe");
    assert_ok(sn_socket_get_available(reader, &available));
    assert_int_equal(strlen("through the pipe"), available);
    assert_ok(sn_socket_poll(reader, 0, SN_SELECT_READ, &is_ready));
    assert_true(is_ready);
    assert_receives(reader, "through the pipe");
    sn_socket_release(writer);
    assert_receives_end(reader);
    sn_socket_release(reader);
}

TEST(buffers_go_through_a_pipe_in_their_order)
{
    sn_socket *reader, *writer;
    char first[3], second[16];
    const sn_buffer out[] = {{(char[]){'a', 'b'}, 2}, {NULL, 0}, {(char[]){'c', 'd', 'e'}, 3}};
    const sn_buffer in[] = {{first, sizeof first}, {second, sizeof second}};
    size_t size = 0;
    adopt_pipe(&reader, &writer);
    assert_ok(do_send_buffers(writer, out, COUNT_OF(out), SN_FLAG_NONE, &size));
    assert_int_equal(5, size);
    assert_ok(do_receive_buffers(reader, in, COUNT_OF(in), SN_FLAG_NONE, &size));
    assert_int_equal(5, size);
    assert_memory_equal(first, "abc", 3);
    assert_memory_equal(second, "de", 2);
    sn_socket_release(reader);
    sn_socket_release(writer);
}

struct pipe_sender {
    sn_socket *writer;
    struct thread thread;
};

static sn_error send_last(void *context)
{
    struct pipe_sender *sender = context;
    size_t sent;
    return do_send(sender->writer, "last", 4, SN_FLAG_NONE, &sent);
}

TEST(a_full_pipe_blocks_the_sender_until_somebody_receives)
{
    static char page[65536];
    struct pipe_sender sender;
    sn_socket *reader;
    size_t size = 0, left = 0;
    adopt_pipe(&reader, &sender.writer);
    set_blocking(sender.writer, false);
    while (!sn_socket_send(sender.writer, page, sizeof page, SN_FLAG_NONE, &size))
        left += size;
    set_blocking(sender.writer, true);
    thread_start_blocked(&sender.thread, send_last, &sender);
    for (left += 4; left > 0; left -= size)
        assert_ok(do_receive(reader, page, sizeof page, SN_FLAG_NONE, &size));
    assert_ok(thread_join(&sender.thread));
    sn_socket_release(reader);
    sn_socket_release(sender.writer);
}

/* The limits are kept by the calls themselves: the kernel has them for sockets alone. */
TEST(a_pipe_has_time_limits)
{
    int ends[2];
    sn_milliseconds value = 0;
    char byte, *large = calloc(1, 1 << 20);
    size_t received;
    assert_int_equal(0, pipe(ends));
    sn_socket *reader = adopt(ends[0]), *writer = adopt(ends[1]);
    assert_ok(sn_socket_set_receive_timeout(reader, 5));
    assert_ok(sn_socket_get_receive_timeout(reader, &value));
    assert_int_equal(5, value);
    assert_error(SN_ERROR_TIMED_OUT, do_receive(reader, &byte, 1, SN_FLAG_NONE, &received));
    assert_ok(sn_socket_set_send_timeout(writer, 5));
    assert_error(style_error(SN_ERROR_TIMED_OUT, SN_OK), /* of an operation a part has gone */
                 do_send(writer, large, 1 << 20, SN_FLAG_NONE, &received));
    free(large);
    sn_socket_release(reader);
    sn_socket_release(writer);
}

TEST(a_non_blocking_pipe_gives_would_block)
{
    sn_socket *reader, *writer;
    adopt_pipe(&reader, &writer);
    set_blocking(reader, false);
    assert_receive_fails(reader, SN_ERROR_WOULD_BLOCK);
    sn_socket_release(reader);
    sn_socket_release(writer);
}

/* No SIGPIPE, as with sockets. */
TEST(sending_into_a_pipe_without_a_reader_gives_shutdown)
{
    sn_socket *reader, *writer;
    size_t sent = 0;
    adopt_pipe(&reader, &writer);
    sn_socket_release(reader);
    assert_error(SN_ERROR_SHUTDOWN, do_send(writer, "x", 1, SN_FLAG_NONE, &sent));
    sn_socket_release(writer);
}

TEST(what_only_sockets_can_do_gives_not_socket_on_a_pipe)
{
    sn_socket *reader, *writer;
    bool value;
    adopt_pipe(&reader, &writer);
    sn_endpoint address = endpoint_of(&SN_IPV4_LOOPBACK, 0);
    assert_error(SN_ERROR_NOT_SOCKET, sn_socket_bind(reader, &address));
    assert_error(SN_ERROR_NOT_SOCKET, sn_socket_listen(reader, 1));
    assert_error(SN_ERROR_NOT_SOCKET, sn_socket_get_no_delay(reader, &value));
    assert_error(style_error(SN_ERROR_NOT_SOCKET, SN_ERROR_NOT_SUPPORTED),
                 do_connect(reader, &address));
    assert_ok(sn_socket_shutdown(writer, SN_SHUTDOWN_BOTH)); /* ignored (A.8) */
    sn_socket_release(reader);
    sn_socket_release(writer);
}

TEST(a_file_is_received_from_to_its_end)
{
    struct unix_path path = unix_path_new();
    int handle = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(9, write(handle, "some text", 9));
    assert_int_equal(0, lseek(handle, 0, SEEK_SET));
    sn_socket *file = adopt(handle);
    assert_is_no_socket(file);
    assert_receives(file, "some text");
    assert_receives_end(file);
    send_text(file, ", and more");
    assert_receives_end(file);
    assert_int_equal(5, lseek(handle, 5, SEEK_SET));
    assert_receives(file, "text, and more");
    sn_socket_release(file);
}

TEST(a_terminal_is_sent_to_and_received_from)
{
    int controller = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (controller < 0 || grantpt(controller) != 0 || unlockpt(controller) != 0)
        SKIP("this machine has no terminals");
    int terminal = open(ptsname(controller), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) {
        close(controller);
        SKIP("this machine has no terminals");
    }
    sn_socket *near = adopt(controller), *far = adopt(terminal);
    assert_is_no_socket(near);
    assert_is_no_socket(far);
    send_text(near, "a line\n");
    assert_receives(far, "a line\n");
    sn_socket_release(near);
    sn_socket_release(far);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_pipe_is_sent_to_and_received_from),
        CASE(buffers_go_through_a_pipe_in_their_order),
        CASE(a_full_pipe_blocks_the_sender_until_somebody_receives),
        CASE(a_pipe_has_time_limits),
        CASE(a_non_blocking_pipe_gives_would_block),
        CASE(sending_into_a_pipe_without_a_reader_gives_shutdown),
        CASE(what_only_sockets_can_do_gives_not_socket_on_a_pipe),
        CASE(a_file_is_received_from_to_its_end),
        CASE(a_terminal_is_sent_to_and_received_from),
    };
    return RUN(cases);
}
