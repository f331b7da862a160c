#include "socket/verbs/packets.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "operation/packets.h"
#include "support/descriptors.h"
#include "support/files.h"

#define SIZE 5

static struct packet_list *list_of(size_t capacity)
{
    struct packet_list *list = packets_new(capacity);
    assert_non_null(list);
    return list;
}

TEST(a_list_that_no_memory_can_hold_is_none)
{
    assert_null(packets_new(SIZE_MAX));
    assert_null(packets_new(SIZE_MAX / sizeof(struct packet)));
    packet_list_destroy(list_of(0));
}

TEST(memory_without_bytes_is_no_packet)
{
    struct packet_list *list = list_of(1);
    assert_ok(packets_add_memory(list, NULL, 0));
    assert_ok(packets_add_memory(list, "x", 0));
    assert_error(SN_ERROR_ARGUMENT_NULL, packets_add_memory(list, NULL, 1));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, packets_add_memory(list, "x", SIZE_MAX));
    assert_int_equal(0, list->count);
    assert_ok(packets_add_memory(list, "x", 1));
    assert_int_equal(1, list->count);
    assert_int_equal(1, list->packets[0].rest);
    packet_list_destroy(list);
}

/* A count of 0 means all that is left, also when that is nothing. */
TEST(a_part_must_lie_within_its_file)
{
    static const struct {
        int64_t offset, count;
        sn_error error;
        int64_t rest; /* 0: no packet */
    } rows[] = {
        {0, 0, SN_OK, SIZE},
        {0, SIZE, SN_OK, SIZE},
        {0, SIZE + 1, SN_ERROR_INVALID_ARGUMENT, 0},
        {SIZE - 1, 0, SN_OK, 1},
        {SIZE - 1, 1, SN_OK, 1},
        {SIZE - 1, 2, SN_ERROR_INVALID_ARGUMENT, 0},
        {SIZE, 0, SN_OK, 0},
        {SIZE, 1, SN_ERROR_INVALID_ARGUMENT, 0},
        {SIZE + 1, 0, SN_ERROR_INVALID_ARGUMENT, 0},
        {INT64_MAX, 0, SN_ERROR_INVALID_ARGUMENT, 0},
        {1, INT64_MAX, SN_ERROR_INVALID_ARGUMENT, 0},
        {-1, 0, SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0},
        {0, -1, SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0},
        {INT64_MIN, INT64_MIN, SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0},
    };
    struct unix_path path = file_new("12345", SIZE);
    int file = file_open(&path);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct packet_list *list = list_of(2);
        row_begin("offset %lld, count %lld", (long long)rows[i].offset, (long long)rows[i].count);
        row_error(rows[i].error, packets_add_handle(list, file, rows[i].offset, rows[i].count));
        row_error(rows[i].error, packets_add_path(list, path.text, rows[i].offset, rows[i].count));
        row_equal(rows[i].rest > 0 ? 2 : 0, list->count);
        row_equal(rows[i].rest, list->packets[0].rest);
        row_equal(rows[i].rest, list->packets[1].rest);
        packet_list_destroy(list);
    }
    rows_end();
    close(file);
}

TEST(a_path_is_looked_at_before_the_part_and_the_part_before_the_file)
{
    struct packet_list *list = list_of(1);
    assert_error(SN_ERROR_ARGUMENT_NULL, packets_add_path(list, NULL, -1, 0));
    assert_error(SN_ERROR_ARGUMENT, packets_add_path(list, "", -1, 0));
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, packets_add_path(list, "/nowhere/file", -1, 0));
    packet_list_destroy(list);
}

/* What the system says of a file, and whether the folder is missing or the file in it. */
TEST(a_file_that_cannot_be_sent_says_why_and_is_closed)
{
    struct unix_path file = file_new("x", 1), none = unix_path_new(), fifo = unix_path_new();
    char inside[sizeof file.text + 8];
    snprintf(inside, sizeof inside, "%s/file", file.text);
    assert_int_equal(0, mkfifo(fifo.text, 0600));
    const struct {
        const char *path;
        sn_error error;
        int native;
    } rows[] = {
        {none.text, SN_ERROR_FILE_NOT_FOUND, ENOENT},
        {"/nowhere/file", SN_ERROR_DIRECTORY_NOT_FOUND, ENOTDIR},
        {inside, SN_ERROR_DIRECTORY_NOT_FOUND, ENOTDIR},
        {"nowhere", SN_ERROR_FILE_NOT_FOUND, ENOENT},
        {"/", SN_ERROR_ACCESS_DENIED, EISDIR},
        {fifo.text, SN_ERROR_NOT_SUPPORTED, ESPIPE},
    };
    size_t before = descriptors_count();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct packet_list *list = list_of(1);
        row_begin("%s", rows[i].path);
        row_error(rows[i].error, packets_add_path(list, rows[i].path, 0, 0));
        row_equal(rows[i].native, sn_error_last_native());
        row_equal(0, list->count);
        row_equal(before, descriptors_count());
        packet_list_destroy(list);
    }
    rows_end();
}

TEST(a_file_is_closed_with_its_list_and_one_that_was_given_stays_open)
{
    struct unix_path path = file_new("12345", SIZE), empty = file_new("", 0);
    int file = file_open(&path);
    size_t before = descriptors_count();
    struct packet_list *list = list_of(3);
    assert_ok(packets_add_path(list, empty.text, 0, 0)); /* nothing to send: not kept */
    assert_int_equal(before, descriptors_count());
    assert_ok(packets_add_path(list, path.text, 0, 0));
    assert_ok(packets_add_handle(list, file, 0, 0));
    assert_int_equal(before + 1, descriptors_count());
    packet_list_destroy(list);
    assert_int_equal(before, descriptors_count());
    assert_true(descriptor_is_open(file));
    close(file);
}

/* The files of /proc say that they are empty. */
TEST(a_file_that_is_longer_than_it_says_is_sent_to_its_end)
{
    struct packet_list *list = list_of(2);
    assert_ok(packets_add_path(list, "/proc/version", 0, 0));
    assert_true(list->packets[0].is_whole);
    assert_ok(packets_add_path(list, "/proc/version", 3, 4));
    assert_false(list->packets[1].is_whole);
    assert_int_equal(4, list->packets[1].rest);
    packet_list_destroy(list);
}

static sn_error prepare(sn_socket *socket, struct packet_list *list, sn_error error)
{
    sn_operation operation;
    verb_begin(&operation, &packets_verb);
    sn_error result =
        packets_prepare(&operation, socket, list, error, SN_TRANSMIT_USE_DEFAULT_WORKER_THREAD);
    if (!result)
        packet_list_destroy(record_of(&operation)->target.packets);
    return result;
}

TEST(a_file_for_a_socket_of_messages_must_fit_into_one)
{
    struct socket_pair stream = pair_connected(UNIX_STREAM),
                       messages = pair_connected(UNIX_DATAGRAM);
    struct unix_path path = file_new("x", 1);
    for (int64_t over = 0; over < 2; over++) {
        assert_int_equal(0, truncate(path.text, PACKET_MESSAGE_MAX + over));
        for (int is_stream = 0; is_stream < 2; is_stream++) {
            struct packet_list *list = list_of(1);
            assert_ok(packets_add_path(list, path.text, 0, 0));
            assert_error(over && !is_stream ? SN_ERROR_MESSAGE_SIZE : SN_OK,
                         prepare(is_stream ? stream.client : messages.client, list, SN_OK));
        }
    }
    pair_release(&stream);
    pair_release(&messages);
}

/* As .NET: of all that can be wrong with the arguments it alone ends Connected. */
TEST(a_part_beyond_the_file_ends_connected)
{
    struct socket_pair pair = pair_connected(UNIX_STREAM);
    assert_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE,
                 prepare(pair.client, list_of(1), SN_ERROR_ARGUMENT_OUT_OF_RANGE));
    assert_true(socket_is(pair.client, SOCKET_CONNECTED));
    assert_error(SN_ERROR_INVALID_ARGUMENT,
                 prepare(pair.client, list_of(1), SN_ERROR_INVALID_ARGUMENT));
    assert_false(socket_is(pair.client, SOCKET_CONNECTED));
    pair_release(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_no_memory_can_hold_is_none),
        cmocka_unit_test(memory_without_bytes_is_no_packet),
        cmocka_unit_test(a_part_must_lie_within_its_file),
        cmocka_unit_test(a_path_is_looked_at_before_the_part_and_the_part_before_the_file),
        cmocka_unit_test(a_file_that_cannot_be_sent_says_why_and_is_closed),
        cmocka_unit_test(a_file_is_closed_with_its_list_and_one_that_was_given_stays_open),
        cmocka_unit_test(a_file_that_is_longer_than_it_says_is_sent_to_its_end),
        cmocka_unit_test(a_file_for_a_socket_of_messages_must_fit_into_one),
        cmocka_unit_test(a_part_beyond_the_file_ends_connected),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unix_paths_remove();
    return failed;
}
