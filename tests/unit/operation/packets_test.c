/* A list of packets: what one attempt sends, and how far the list has come. */
#include "operation/packets.h"

#include "base/base.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILE_SIZE (PACKET_CHUNK * 2 + 5)

static int pair[2];
static uint8_t *bytes; /* of the file */

static struct packet_list *list_new(size_t count)
{
    struct packet_list *list =
        memory_zeroed(sizeof(struct packet_list) + count * sizeof(struct packet));
    assert_non_null(list);
    list->count = count;
    return list;
}

static int file_new(void)
{
    int file = memfd_create("packets_test", MFD_CLOEXEC);
    assert_true(file >= 0);
    assert_true(write(file, bytes, (size_t)FILE_SIZE) == FILE_SIZE);
    return file;
}

static int begin(int type)
{
    bytes = malloc((size_t)FILE_SIZE);
    for (int64_t i = 0; i < FILE_SIZE; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    return socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair);
}

static void end(void)
{
    (void)close(pair[0]);
    (void)close(pair[1]);
    free(bytes);
}

/* Receives what is there and compares. */
static void assert_arrived(const uint8_t *expected, int64_t size)
{
    uint8_t *data = malloc((size_t)size + 1);
    int64_t total = 0, got;
    while ((got = recv(pair[1], data + total, (size_t)(size + 1 - total), 0)) > 0)
        total += got;
    assert_true(total == size);
    assert_memory_equal(expected, data, (size_t)size);
    free(data);
}

TEST(an_empty_list_has_nothing_to_send)
{
    struct packet_list *list = list_new(0);
    assert_true(packet_list_attempt(list, -1) == 0);
    assert_false(packet_list_advance(list, 0));
    packet_list_destroy(list);
    packet_list_destroy(NULL);
}

TEST(the_parts_go_one_after_the_other)
{
    assert_int_equal(0, begin(SOCK_STREAM));
    struct packet_list *list = list_new(3);
    list->packets[0] = (struct packet){.data = bytes, .rest = 3};
    list->packets[1] =
        (struct packet){.file = file_new(), .is_owned = true, .offset = 3, .rest = 5000};
    list->packets[2] = (struct packet){.data = bytes + 5003, .rest = 1};
    for (int i = 0; i < 3; i++) {
        int64_t result = packet_list_attempt(list, pair[0]);
        assert_true(result == (i == 0 ? 3 : i == 1 ? 5000 : 1));
        assert_int_equal(i < 2, packet_list_advance(list, result));
        assert_int_equal(i + 1, list->index);
    }
    assert_true(packet_list_attempt(list, pair[0]) == 0);
    assert_arrived(bytes, 5004);
    int file = list->packets[1].file;
    packet_list_destroy(list);
    assert_int_equal(-1, fcntl(file, F_GETFD)); /* closed with the list */
    end();
}

TEST(a_file_goes_in_chunks_and_waits_when_nothing_fits)
{
    assert_int_equal(0, begin(SOCK_STREAM));
    struct packet_list *list = list_new(1);
    list->packets[0] = (struct packet){.file = file_new(), .is_owned = true, .rest = FILE_SIZE};
    int64_t total = 0, result;
    while ((result = packet_list_attempt(list, pair[0])) > 0) {
        assert_true(result <= PACKET_CHUNK);
        total += result;
        assert_true(list->packets[0].offset + result == total);
        if (!packet_list_advance(list, result))
            break;
    }
    assert_true(total == FILE_SIZE || result == -EAGAIN);
    assert_arrived(bytes, total);
    packet_list_destroy(list);
    end();
}

TEST(a_file_is_one_message_where_messages_are_kept_apart)
{
    assert_int_equal(0, begin(SOCK_SEQPACKET));
    struct packet_list *list = list_new(1);
    list->message = memory_zeroed(100);
    list->packets[0] =
        (struct packet){.file = file_new(), .is_owned = true, .offset = 7, .rest = 100};
    assert_true(packet_list_attempt(list, pair[0]) == 100);
    assert_false(packet_list_advance(list, 100));
    uint8_t data[200];
    assert_int_equal(100, recv(pair[1], data, sizeof data, 0));
    assert_memory_equal(bytes + 7, data, 100);
    packet_list_destroy(list);
    end();
}

TEST(a_file_that_was_cut_is_an_invalid_argument)
{
    assert_int_equal(0, begin(SOCK_STREAM));
    for (int copied = 0; copied <= 1; copied++) {
        struct packet_list *list = list_new(1);
        int file = file_new();
        list->packets[0] = (struct packet){.file = file, .is_owned = true, .rest = FILE_SIZE};
        assert_int_equal(0, ftruncate(file, 0));
        if (copied)
            list->message = memory_zeroed((size_t)FILE_SIZE);
        assert_true(packet_list_attempt(list, pair[0]) == -EINVAL);
        packet_list_destroy(list);
    }
    end();
}

TEST(what_cannot_be_sent_directly_is_read_and_sent)
{
    assert_int_equal(0, begin(SOCK_STREAM));
    struct packet_list *list = list_new(1);
    list->packets[0] = (struct packet){.file = file_new(), .is_owned = true, .rest = 20000};
    assert_int_equal(0, fcntl(pair[0], F_SETFL, O_NONBLOCK | O_APPEND)); /* refuses sendfile */
    int64_t result;
    while ((result = packet_list_attempt(list, pair[0])) > 0)
        if (!packet_list_advance(list, result))
            break;
    assert_int_equal(1, list->index);
    assert_arrived(bytes, 20000);
    packet_list_destroy(list);
    end();
}

/* Nothing is mapped at 0, so the process's own memory cannot be read there. */
TEST(a_file_that_cannot_be_read_gives_the_reason)
{
    assert_int_equal(0, begin(SOCK_STREAM));
    for (int copied = 0; copied <= 1; copied++) {
        struct packet_list *list = list_new(1);
        int file = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
        assert_true(file >= 0);
        list->packets[0] = (struct packet){.file = file, .is_owned = true, .rest = 100};
        if (copied)
            list->message = memory_zeroed(100);
        assert_true(packet_list_attempt(list, pair[0]) == -EIO);
        packet_list_destroy(list);
    }
    end();
}

TEST(a_file_that_is_not_owned_stays_open)
{
    assert_int_equal(0, begin(SOCK_STREAM));
    struct packet_list *list = list_new(1);
    int file = file_new();
    list->packets[0] = (struct packet){.file = file, .rest = 1};
    packet_list_destroy(list);
    assert_int_not_equal(-1, fcntl(file, F_GETFD));
    (void)close(file);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_list_has_nothing_to_send),
        cmocka_unit_test(the_parts_go_one_after_the_other),
        cmocka_unit_test(a_file_goes_in_chunks_and_waits_when_nothing_fits),
        cmocka_unit_test(a_file_is_one_message_where_messages_are_kept_apart),
        cmocka_unit_test(a_file_that_was_cut_is_an_invalid_argument),
        cmocka_unit_test(what_cannot_be_sent_directly_is_read_and_sent),
        cmocka_unit_test(a_file_that_cannot_be_read_gives_the_reason),
        cmocka_unit_test(a_file_that_is_not_owned_stays_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
