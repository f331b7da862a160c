/* Handles beside bytes over Unix sockets. */
#include "support/handle_verbs.h"
#include "support/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/descriptors.h"
#include "support/threads.h"
#include "support/transfer_support.h"

static sn_handle own_file(void)
{
    int handle = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_true(handle >= 0);
    return handle;
}

static bool is_same_file(int a, int b)
{
    struct stat one, other;
    assert_int_equal(fstat(a, &one), 0);
    assert_int_equal(fstat(b, &other), 0);
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* What a receive gave. */
struct arrival {
    char data[64];
    sn_handle handles[SN_HANDLES_MAX];
    size_t size, count;
    sn_flags flags;
};

static struct arrival arrival; /* too big for a stack, and one at a time is enough */

static sn_error receive_into(sn_socket *socket, size_t size, size_t room)
{
    memset(&arrival, 0, sizeof arrival);
    return do_receive_handles(socket, arrival.data, size, arrival.handles, room, &arrival.flags,
                              &arrival.count, &arrival.size);
}

static void assert_arrives(sn_socket *socket, size_t room, const char *text, size_t count,
                           sn_flags flags)
{
    assert_ok(receive_into(socket, sizeof arrival.data, room));
    assert_int_equal(arrival.size, strlen(text));
    assert_memory_equal(arrival.data, text, strlen(text));
    assert_int_equal(arrival.count, count);
    assert_int_equal(arrival.flags, flags);
}

static void close_arrived(void)
{
    for (size_t i = 0; i < arrival.count; i++)
        assert_int_equal(close(arrival.handles[i]), 0);
}

static void send_with(sn_socket *socket, const char *text, const sn_handle *handles, size_t count)
{
    size_t sent = 0;
    assert_ok(do_send_handles(socket, text, strlen(text), handles, count, SN_FLAG_NONE, &sent));
    if (style_is_blocking())
        assert_int_equal(sent, strlen(text));
}

/* --- What arrives ----------------------------------------------------------------------------- */

TEST(a_handle_arrives_beside_its_bytes_and_is_close_on_exec)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle file = own_file();
    send_with(pair.client, "here", &file, 1);
    assert_arrives(pair.server, 1, "here", 1, SN_FLAG_NONE);
    assert_int_not_equal(arrival.handles[0], file);
    assert_true(is_same_file(arrival.handles[0], file));
    assert_true(descriptor_is_close_on_exec(arrival.handles[0]));
    assert_true(descriptor_is_open(file));
    close_arrived();
    close(file);
    pair_release(&pair);
}

TEST(as_many_arrive_as_the_kernel_takes)
{
    if (!handles_all_fit())
        SKIP("this C library sends at most 1024 bytes of control messages");
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle handles[SN_HANDLES_MAX];
    sn_handle file = own_file();
    for (size_t i = 0; i < SN_HANDLES_MAX; i++)
        handles[i] = file;
    send_with(pair.client, "many", handles, SN_HANDLES_MAX);
    assert_arrives(pair.server, SN_HANDLES_MAX, "many", SN_HANDLES_MAX, SN_FLAG_NONE);
    for (size_t i = 0; i < SN_HANDLES_MAX; i++)
        assert_true(is_same_file(arrival.handles[i], file));
    close_arrived();
    close(file);
    pair_release(&pair);
}

TEST(bytes_go_without_handles_too)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    send_with(pair.client, "none", NULL, 0);
    assert_arrives(pair.server, 1, "none", 0, SN_FLAG_NONE);
    send_text(pair.client, "plain");
    assert_arrives(pair.server, 0, "plain", 0, SN_FLAG_NONE);
    pair_release(&pair);
}

/* The kernel rounds the room for control messages up: of two for which there is room for one, both
 * would come. */
TEST(what_there_is_no_room_for_is_closed_and_told)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle file = own_file();
    sn_handle handles[5] = {file, file, file, file, file};
    size_t before = descriptors_count();
    for (size_t room = 0; room <= 5; room++) {
        send_with(pair.client, "five", handles, 5);
        assert_arrives(pair.server, room, "five", room,
                       room < 5 ? SN_FLAG_CONTROL_DATA_TRUNCATED : SN_FLAG_NONE);
        assert_int_equal(descriptors_count(), before + room);
        close_arrived();
    }
    close(file);
    pair_release(&pair);
}

TEST(a_plain_receive_throws_handles_away)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle file = own_file();
    size_t before = descriptors_count();
    send_with(pair.client, "plain", &file, 1);
    assert_receives(pair.server, "plain");
    assert_int_equal(descriptors_count(), before);
    close(file);
    pair_release(&pair);
}

/* On a stream two sends with handles are never read as one. */
TEST(handles_stay_with_their_bytes)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle file = own_file(), other = dup(STDERR_FILENO);
    send_with(pair.client, "one", &file, 1);
    send_with(pair.client, "two", &other, 1);
    assert_arrives(pair.server, 2, "one", 1, SN_FLAG_NONE);
    assert_true(is_same_file(arrival.handles[0], file));
    close_arrived();
    assert_arrives(pair.server, 2, "two", 1, SN_FLAG_NONE);
    assert_true(is_same_file(arrival.handles[0], other));
    close_arrived();
    close(file);
    close(other);
    pair_release(&pair);
}

TEST(a_message_that_is_too_long_is_told_and_its_handles_come)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle file = own_file();
    send_with(pair.client, "too long", &file, 1);
    assert_ok(receive_into(pair.server, 3, 1));
    assert_int_equal(arrival.size, 3);
    assert_int_equal(arrival.count, 1);
    assert_int_equal(arrival.flags, SN_FLAG_TRUNCATED);
    close_arrived();
    close(file);
    pair_release(&pair);
}

TEST(the_end_of_a_stream_is_no_bytes_and_no_handles)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle file = own_file();
    send_with(pair.client, "last", &file, 1);
    sn_socket_close(pair.client);
    assert_arrives(pair.server, 1, "last", 1, SN_FLAG_NONE);
    close_arrived();
    assert_arrives(pair.server, 1, "", 0, SN_FLAG_NONE);
    close(file);
    pair_release(&pair);
}

/* By somebody else: a message without bytes is not the end when it brings something. */
TEST(handles_without_bytes_are_not_lost)
{
    struct socket_pair pair = pair_connected(UNIX_SEQPACKET);
    sn_handle file = own_file();
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.header), &file, sizeof file);
    struct msghdr message = {.msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    assert_int_equal(sendmsg(sn_socket_get_handle(pair.client), &message, 0), 0);
    sn_socket_close(pair.client);
    assert_arrives(pair.server, 1, "", 1, SN_FLAG_NONE);
    close_arrived();
    close(file);
    pair_release(&pair);
}

/* What the kernel has been asked for besides takes no room away. */
TEST(credentials_beside_them_take_no_room)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    const int on = 1;
    sn_handle file = own_file();
    sn_handle handles[2] = {file, file};
    assert_int_equal(
        setsockopt(sn_socket_get_handle(pair.server), SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
    size_t before = descriptors_count();
#ifdef SO_PASSPIDFD /* which is a descriptor too, and nobody has asked us for it */
    (void)setsockopt(sn_socket_get_handle(pair.server), SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on);
#endif
    send_with(pair.client, "who", handles, 2);
    assert_arrives(pair.server, 2, "who", 2, SN_FLAG_NONE);
    close_arrived();
    assert_int_equal(descriptors_count(), before);
    close(file);
    pair_release(&pair);
}

/* --- Sockets ---------------------------------------------------------------------------------- */

TEST(a_live_connection_goes_on_at_the_other_end)
{
    struct socket_pair way = pair_connected(UNIX_STREAM), live = pair_connected(TCP_IPV4);
    sn_socket *arrived = NULL;
    sn_handle handle = SN_HANDLE_NONE;
    send_text(live.client, "early");
    assert_ok(do_detach(live.server, false, &handle));
    send_with(way.client, "state", &handle, 1);
    close(handle);
    assert_arrives(way.server, 1, "state", 1, SN_FLAG_NONE);
    assert_ok(sn_socket_from_handle(arrival.handles[0], true, &arrived));
    assert_receives(arrived, "early");
    send_text(arrived, "answer");
    assert_receives(live.client, "answer");
    sn_socket_release(arrived);
    pair_release(&live);
    pair_release(&way);
}

/* --- In part ---------------------------------------------------------------------------------- */

struct large {
    sn_socket *socket;
    char *data;
    size_t size;
    sn_handle handle;
};

static sn_error send_large(void *context)
{
    const struct large *large = context;
    return do_send_handles(large->socket, large->data, large->size, &large->handle, 1, SN_FLAG_NONE,
                           NULL);
}

/* The bytes take many system calls; the handles go with the first. */
TEST(a_send_in_parts_sends_the_handles_once)
{
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    struct large large = {.socket = pair.client, .size = 4 << 20, .handle = own_file()};
    struct thread thread;
    large.data = calloc(1, large.size);
    assert_non_null(large.data);
    size_t received = 0, count = 0;
    thread_start(&thread, send_large, &large);
    while (received < large.size) {
        char data[50000];
        sn_flags flags = SN_FLAG_NONE;
        size_t handles = 0, size = 0;
        sn_handle arrived[4];
        assert_ok(sn_socket_receive_handles(pair.server, data, sizeof data, arrived, 4, &flags,
                                            &handles, &size));
        assert_int_not_equal(size, 0);
        assert_int_equal(flags, SN_FLAG_NONE);
        if (handles > 0)
            assert_int_equal(received, 0); /* with the first bytes */
        for (size_t i = 0; i < handles; i++)
            close(arrived[i]);
        received += size;
        count += handles;
    }
    assert_ok(thread_join(&thread));
    assert_int_equal(count, 1);
    close(large.handle);
    free(large.data);
    pair_release(&pair);
}

/* --- No descriptor is free -------------------------------------------------------------------- */

TEST(handles_for_which_no_descriptor_is_free_are_told_of)
{
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    struct rlimit limit, low;
    sn_handle file = own_file();
    sn_handle handles[3] = {file, file, file};
    send_with(pair.client, "short", handles, 3);
    wait_readable(pair.server);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    low = limit;
    int next = dup(file);
    low.rlim_cur = (rlim_t)next + 1; /* one more, where nothing below is free */
    close(next);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    sn_error error = receive_into(pair.server, sizeof arrival.data, 3);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_ok(error);
    assert_int_equal(arrival.size, 5);
    assert_int_equal(arrival.count, 1);
    assert_int_equal(arrival.flags, SN_FLAG_CONTROL_DATA_TRUNCATED);
    close_arrived();
    close(file);
    pair_release(&pair);
}

/* --- Mistakes --------------------------------------------------------------------------------- */

TEST(only_a_unix_socket_carries_handles)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle file = own_file();
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_send_handles(pair.client, "x", 1, &file, 1, SN_FLAG_NONE, NULL));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED, receive_into(pair.server, 1, 1));
    assert_true(sn_socket_is_connected(pair.client));
    assert_true(sn_socket_is_connected(pair.server));
    close(file);
    pair_release(&pair);
}

/* Nothing goes out, and the connection is as it was. */
TEST(a_wrong_handle_is_told_and_nothing_goes_out)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    sn_handle file = own_file(), closed = dup(file);
    close(closed);
    sn_handle handles[2] = {file, closed};
    static sn_handle many[SN_HANDLES_MAX + 1];
    assert_error(SN_ERROR_ARGUMENT,
                 do_send_handles(pair.client, "x", 1, handles, 2, SN_FLAG_NONE, NULL));
    handles[1] = -1;
    assert_error(SN_ERROR_ARGUMENT,
                 do_send_handles(pair.client, "x", 1, handles, 2, SN_FLAG_NONE, NULL));
    assert_error(
        SN_ERROR_ARGUMENT_OUT_OF_RANGE,
        do_send_handles(pair.client, "x", 1, many, SN_HANDLES_MAX + 1, SN_FLAG_NONE, NULL));
    assert_true(sn_socket_is_connected(pair.client));
    send_with(pair.client, "right", &file, 1);
    assert_arrives(pair.server, 1, "right", 1, SN_FLAG_NONE);
    close_arrived();
    close(file);
    pair_release(&pair);
}

TEST(wrong_arguments_are_told)
{
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    sn_handle file = own_file();
    sn_flags flags = SN_FLAG_PEEK;
    size_t count = 7, size = 7;
    char byte;
    assert_error(SN_ERROR_ARGUMENT,
                 do_send_handles(pair.client, "", 0, &file, 1, SN_FLAG_NONE, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 do_send_handles(pair.client, NULL, 1, &file, 1, SN_FLAG_NONE, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 do_send_handles(pair.client, "x", 1, NULL, 1, SN_FLAG_NONE, NULL));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_send_handles(pair.client, "x", 1, &file, 1, SN_FLAG_OUT_OF_BAND, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 do_send_handles(NULL, "x", 1, &file, 1, SN_FLAG_NONE, NULL));
    assert_error(SN_ERROR_ARGUMENT, receive_into(pair.server, 0, 1));
    assert_error(SN_ERROR_OPERATION_NOT_SUPPORTED,
                 do_receive_handles(pair.server, &byte, 1, &file, 1, &flags, &count, &size));
    assert_int_equal(flags, SN_FLAG_PEEK);
    flags = SN_FLAG_NONE;
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 do_receive_handles(pair.server, &byte, 1, NULL, 1, &flags, &count, &size));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 do_receive_handles(pair.server, &byte, 1, &file, 1, NULL, &count, &size));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 do_receive_handles(pair.server, &byte, 1, &file, 1, &flags, NULL, &size));
    assert_error(SN_ERROR_ARGUMENT_NULL,
                 do_receive_handles(pair.server, &byte, 1, &file, 1, &flags, &count, NULL));
    assert_int_equal(count + size, 14);
    close(file);
    pair_release(&pair);
}

/* --- Limits, cancels, closes ------------------------------------------------------------------ */

TEST(a_receive_waits_for_its_time)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    assert_ok(sn_socket_set_receive_timeout(pair.server, 1));
    assert_error(SN_ERROR_TIMED_OUT, receive_into(pair.server, 1, 1));
    pair_release(&pair);
}

TEST(a_receive_that_may_not_wait_says_so)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    set_blocking(pair.server, false);
    assert_error(SN_ERROR_WOULD_BLOCK, receive_into(pair.server, 1, 1));
    set_blocking(pair.server, true);
    sn_flags flags = SN_FLAG_DONT_WAIT;
    size_t count, size;
    char byte;
    assert_error(SN_ERROR_WOULD_BLOCK,
                 sn_socket_receive_handles(pair.server, &byte, 1, NULL, 0, &flags, &count, &size));
    pair_release(&pair);
}

static sn_error receive_one(void *socket)
{
    return receive_into(socket, 1, 1);
}

TEST(a_cancel_ends_a_receive_that_waits)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    struct thread thread;
    thread_start(&thread, receive_one, pair.server);
    assert_true(thread_wait_in_call(&thread));
    sn_socket_cancel(pair.server);
    assert_error(SN_ERROR_OPERATION_CANCELED, thread_join(&thread));
    pair_release(&pair);
}

TEST(a_close_ends_a_receive_that_waits)
{
    struct socket_pair pair = pair_connected(transport_of(state));
    bool is_stream = transport_is_stream(transport_of(state));
    struct thread thread;
    thread_start(&thread, receive_one, pair.server);
    assert_true(thread_wait_in_call(&thread));
    sn_socket_close(pair.server);
    sn_error error = thread_join(&thread);
    if (error != SN_ERROR_OPERATION_ABORTED)
        assert_ended_by_close(is_stream ? SN_ERROR_CONNECTION_ABORTED : SN_ERROR_INTERRUPTED,
                              error);
    assert_error(SN_ERROR_OBJECT_DISPOSED, receive_into(pair.server, 1, 1));
    pair_release(&pair);
}

#define ON_CARRIERS(test)                                                                          \
    CASE_ON(test, UNIX_STREAM), CASE_ON(test, UNIX_SEQPACKET), CASE_ON(test, UNIX_DATAGRAM)

int main(void)
{
    static const struct CMUnitTest cases[] = {
        ON_CARRIERS(a_handle_arrives_beside_its_bytes_and_is_close_on_exec),
        ON_CARRIERS(as_many_arrive_as_the_kernel_takes),
        ON_CARRIERS(bytes_go_without_handles_too),
        ON_CARRIERS(what_there_is_no_room_for_is_closed_and_told),
        ON_CARRIERS(a_plain_receive_throws_handles_away),
        ON_CARRIERS(handles_stay_with_their_bytes),
        CASE_ON(a_message_that_is_too_long_is_told_and_its_handles_come, UNIX_SEQPACKET),
        CASE_ON(a_message_that_is_too_long_is_told_and_its_handles_come, UNIX_DATAGRAM),
        CASE_ON(the_end_of_a_stream_is_no_bytes_and_no_handles, UNIX_STREAM),
        CASE_ON(the_end_of_a_stream_is_no_bytes_and_no_handles, UNIX_SEQPACKET),
        CASE(handles_without_bytes_are_not_lost),
        ON_CARRIERS(credentials_beside_them_take_no_room),
        CASE(a_live_connection_goes_on_at_the_other_end),
        CASE(a_send_in_parts_sends_the_handles_once),
        CASE(handles_for_which_no_descriptor_is_free_are_told_of),
        ON_TCP(only_a_unix_socket_carries_handles),
        ON_UDP(only_a_unix_socket_carries_handles),
        ON_CARRIERS(a_wrong_handle_is_told_and_nothing_goes_out),
        CASE(wrong_arguments_are_told),
        ON_CARRIERS(a_receive_waits_for_its_time),
        ON_CARRIERS(a_receive_that_may_not_wait_says_so),
        ON_CARRIERS(a_cancel_ends_a_receive_that_waits),
        ON_CARRIERS(a_close_ends_a_receive_that_waits),
    };
    return RUN(cases);
}
