/* What NetworkStream has from Stream in .NET: ReadExactly and ReadAtLeast. */
#include "support/clients_support.h"

static struct socket_pair pair;
static sn_network_stream *stream;

static void open_stream(sn_file_access access)
{
    pair = pair_unbound(TCP_IPV4);
    assert_ok(sn_network_stream_create(pair.client, access, false, &stream));
}

static void close_all(void)
{
    sn_network_stream_release(stream);
    pair_release(&pair);
    settle();
}

static sn_error read_whole(bool is_async, void *data, size_t size, size_t minimum, size_t *out_read)
{
    sn_operation operation = {0};
    if (!is_async && minimum == size)
        return sn_network_stream_read_exactly(stream, data, size, out_read);
    if (!is_async)
        return sn_network_stream_read_at_least(stream, data, size, minimum, out_read);
    if (minimum == size)
        sn_network_stream_read_exactly_async(stream, data, size, &operation);
    else
        sn_network_stream_read_at_least_async(stream, data, size, minimum, &operation);
    sn_error error = sn_operation_wait(&operation);
    if (!error || operation.transferred > 0)
        *out_read = operation.transferred;
    return error;
}

TEST(exactly_so_much_is_read_or_the_end_is_told)
{
    for (int is_async = 0; is_async <= 1; is_async++) {
        char data[16];
        size_t size = 77;
        open_stream(SN_FILE_ACCESS_READ);
        send_text(pair.server, "exactlymore");
        assert_ok(read_whole(is_async, data, 7, 7, &size));
        assert_int_equal(7, size);
        assert_memory_equal("exactly", data, 7);
        assert_ok(read_whole(is_async, data, 16, 4, &size));
        assert_int_equal(4, size);
        assert_memory_equal("more", data, 4);
        assert_ok(read_whole(is_async, data, 16, 0, &size));
        assert_int_equal(0, size);
        send_text(pair.server, "end");
        assert_ok(sn_socket_shutdown(pair.server, SN_SHUTDOWN_SEND));
        assert_error(SN_ERROR_END_OF_STREAM, read_whole(is_async, data, 4, 4, &size));
        assert_int_equal(3, size);
        close_all();
    }
}

TEST(what_cannot_be_is_refused)
{
    for (int is_async = 0; is_async <= 1; is_async++) {
        char data[4];
        size_t size = 77;
        open_stream(SN_FILE_ACCESS_READ);
        row_begin("is_async: %d", is_async);
        row_error(SN_ERROR_ARGUMENT_NULL, read_whole(is_async, NULL, 1, 1, &size));
        row_error(SN_ERROR_ARGUMENT_OUT_OF_RANGE, read_whole(is_async, data, 4, 5, &size));
        assert_ok(sn_network_stream_set_readable(stream, false));
        row_error(SN_ERROR_INVALID_OPERATION, read_whole(is_async, data, 4, 4, &size));
        sn_network_stream_close(stream);
        row_error(SN_ERROR_OBJECT_DISPOSED, read_whole(is_async, data, 4, 4, &size));
        row_equal(77, size);
        rows_end();
        close_all();
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(exactly_so_much_is_read_or_the_end_is_told),
        CASE(what_cannot_be_is_refused),
    };
    clients_begin();
    return RUN(cases);
}
