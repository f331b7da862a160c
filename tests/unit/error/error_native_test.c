#include "support/test.h"

#include <errno.h>
#include <pthread.h>

#include "error/error.h"

static const struct {
    int native;
    sn_error error;
} from_native[] = {
    {0, SN_OK},
    {EACCES, SN_ERROR_ACCESS_DENIED},
    {EADDRINUSE, SN_ERROR_ADDRESS_ALREADY_IN_USE},
    {EADDRNOTAVAIL, SN_ERROR_ADDRESS_NOT_AVAILABLE},
    {EAFNOSUPPORT, SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED},
    {EAGAIN, SN_ERROR_WOULD_BLOCK},
    {EWOULDBLOCK, SN_ERROR_WOULD_BLOCK},
    {EALREADY, SN_ERROR_ALREADY_IN_PROGRESS},
    {EBADF, SN_ERROR_OPERATION_ABORTED},
    {ECANCELED, SN_ERROR_OPERATION_ABORTED},
    {ECONNABORTED, SN_ERROR_CONNECTION_ABORTED},
    {ECONNREFUSED, SN_ERROR_CONNECTION_REFUSED},
    {ECONNRESET, SN_ERROR_CONNECTION_RESET},
    {EDESTADDRREQ, SN_ERROR_DESTINATION_ADDRESS_REQUIRED},
    {EFAULT, SN_ERROR_FAULT},
    {EHOSTDOWN, SN_ERROR_HOST_DOWN},
    {EHOSTUNREACH, SN_ERROR_HOST_UNREACHABLE},
    {EINPROGRESS, SN_ERROR_IN_PROGRESS},
    {EINTR, SN_ERROR_INTERRUPTED},
    {EINVAL, SN_ERROR_INVALID_ARGUMENT},
    {EISCONN, SN_ERROR_IS_CONNECTED},
    {EMFILE, SN_ERROR_TOO_MANY_OPEN_SOCKETS},
    {EMSGSIZE, SN_ERROR_MESSAGE_SIZE},
    {ENETDOWN, SN_ERROR_NETWORK_DOWN},
    {ENETRESET, SN_ERROR_NETWORK_RESET},
    {ENETUNREACH, SN_ERROR_NETWORK_UNREACHABLE},
    {ENFILE, SN_ERROR_TOO_MANY_OPEN_SOCKETS},
    {ENOBUFS, SN_ERROR_NO_BUFFER_SPACE_AVAILABLE},
    {ENODATA, SN_ERROR_NO_DATA},
    {ENOENT, SN_ERROR_ADDRESS_NOT_AVAILABLE},
    {ENOPROTOOPT, SN_ERROR_PROTOCOL_OPTION},
    {ENOTCONN, SN_ERROR_NOT_CONNECTED},
    {ENOTSOCK, SN_ERROR_NOT_SOCKET},
    {ENOTSUP, SN_ERROR_OPERATION_NOT_SUPPORTED},
    {EOPNOTSUPP, SN_ERROR_OPERATION_NOT_SUPPORTED},
    {ENXIO, SN_ERROR_HOST_NOT_FOUND},
    {EPERM, SN_ERROR_ACCESS_DENIED},
    {EPFNOSUPPORT, SN_ERROR_PROTOCOL_FAMILY_NOT_SUPPORTED},
    {EPIPE, SN_ERROR_SHUTDOWN},
    {EPROTONOSUPPORT, SN_ERROR_PROTOCOL_NOT_SUPPORTED},
    {EPROTOTYPE, SN_ERROR_PROTOCOL_TYPE},
    {ESHUTDOWN, SN_ERROR_DISCONNECTING},
    {ESOCKTNOSUPPORT, SN_ERROR_SOCKET_NOT_SUPPORTED},
    {ETIMEDOUT, SN_ERROR_TIMED_OUT},
};

static bool has_row(int native)
{
    for (size_t i = 0; i < sizeof from_native / sizeof from_native[0]; i++)
        if (from_native[i].native == native)
            return true;
    return false;
}

TEST(every_native_code_gives_the_error_of_its_row)
{
    for (size_t i = 0; i < sizeof from_native / sizeof from_native[0]; i++)
        assert_error(from_native[i].error, sn_error_from_native(from_native[i].native));
}

TEST(every_other_native_code_gives_the_catch_all)
{
    static const int unmapped[] = {ENOMEM, EIO,    EPROTO, ENODEV,      ENOTDIR,
                                   ELOOP,  ENOSYS, ESPIPE, EBADMSG,     ENAMETOOLONG,
                                   EDOM,   EUSERS, ENONET, ETOOMANYREFS};
    for (size_t i = 0; i < sizeof unmapped / sizeof unmapped[0]; i++)
        assert_error(SN_ERROR_SOCKET_ERROR, sn_error_from_native(unmapped[i]));
    for (int native = -200; native < 5000; native++)
        if (!has_row(native))
            assert_int_equal(SN_ERROR_SOCKET_ERROR, sn_error_from_native(native));
    assert_int_equal(SN_ERROR_SOCKET_ERROR, sn_error_from_native(INT32_MAX));
    assert_int_equal(SN_ERROR_SOCKET_ERROR, sn_error_from_native(INT32_MIN));
}

TEST(every_error_gives_the_native_code_of_its_row)
{
    static const struct {
        sn_error error;
        int native;
    } rows[] = {
        {SN_OK, 0},
        {SN_ERROR_SOCKET_ERROR, -1},
        {SN_ERROR_OPERATION_ABORTED, ECANCELED},
        {SN_ERROR_IO_PENDING, EINPROGRESS},
        {SN_ERROR_INTERRUPTED, EINTR},
        {SN_ERROR_ACCESS_DENIED, EACCES},
        {SN_ERROR_FAULT, EFAULT},
        {SN_ERROR_INVALID_ARGUMENT, EINVAL},
        {SN_ERROR_TOO_MANY_OPEN_SOCKETS, ENFILE},
        {SN_ERROR_WOULD_BLOCK, EAGAIN},
        {SN_ERROR_IN_PROGRESS, EINPROGRESS},
        {SN_ERROR_ALREADY_IN_PROGRESS, EALREADY},
        {SN_ERROR_NOT_SOCKET, ENOTSOCK},
        {SN_ERROR_DESTINATION_ADDRESS_REQUIRED, EDESTADDRREQ},
        {SN_ERROR_MESSAGE_SIZE, EMSGSIZE},
        {SN_ERROR_PROTOCOL_TYPE, EPROTOTYPE},
        {SN_ERROR_PROTOCOL_OPTION, ENOPROTOOPT},
        {SN_ERROR_PROTOCOL_NOT_SUPPORTED, EPROTONOSUPPORT},
        {SN_ERROR_SOCKET_NOT_SUPPORTED, ESOCKTNOSUPPORT},
        {SN_ERROR_OPERATION_NOT_SUPPORTED, ENOTSUP},
        {SN_ERROR_PROTOCOL_FAMILY_NOT_SUPPORTED, EPFNOSUPPORT},
        {SN_ERROR_ADDRESS_FAMILY_NOT_SUPPORTED, EAFNOSUPPORT},
        {SN_ERROR_ADDRESS_ALREADY_IN_USE, EADDRINUSE},
        {SN_ERROR_ADDRESS_NOT_AVAILABLE, EADDRNOTAVAIL},
        {SN_ERROR_NETWORK_DOWN, ENETDOWN},
        {SN_ERROR_NETWORK_UNREACHABLE, ENETUNREACH},
        {SN_ERROR_NETWORK_RESET, ENETRESET},
        {SN_ERROR_CONNECTION_ABORTED, ECONNABORTED},
        {SN_ERROR_CONNECTION_RESET, ECONNRESET},
        {SN_ERROR_NO_BUFFER_SPACE_AVAILABLE, ENOBUFS},
        {SN_ERROR_IS_CONNECTED, EISCONN},
        {SN_ERROR_NOT_CONNECTED, ENOTCONN},
        {SN_ERROR_SHUTDOWN, EPIPE},
        {SN_ERROR_TIMED_OUT, ETIMEDOUT},
        {SN_ERROR_CONNECTION_REFUSED, ECONNREFUSED},
        {SN_ERROR_HOST_DOWN, EHOSTDOWN},
        {SN_ERROR_HOST_UNREACHABLE, EHOSTUNREACH},
        {SN_ERROR_PROCESS_LIMIT, -1},
        {SN_ERROR_SYSTEM_NOT_READY, -1},
        {SN_ERROR_VERSION_NOT_SUPPORTED, -1},
        {SN_ERROR_NOT_INITIALIZED, -1},
        {SN_ERROR_DISCONNECTING, ESHUTDOWN},
        {SN_ERROR_TYPE_NOT_FOUND, -1},
        {SN_ERROR_HOST_NOT_FOUND, -1},
        {SN_ERROR_TRY_AGAIN, EAGAIN},
        {SN_ERROR_NO_RECOVERY, -1},
        {SN_ERROR_NO_DATA, ENODATA},
        {SN_ERROR_ARGUMENT_NULL, -1},
        {SN_ERROR_ARGUMENT, -1},
        {SN_ERROR_ARGUMENT_OUT_OF_RANGE, -1},
        {SN_ERROR_INVALID_OPERATION, -1},
        {SN_ERROR_OBJECT_DISPOSED, -1},
        {SN_ERROR_NOT_SUPPORTED, -1},
        {SN_ERROR_PLATFORM_NOT_SUPPORTED, -1},
        {SN_ERROR_FORMAT, -1},
        {SN_ERROR_OPERATION_CANCELED, ECANCELED},
        {SN_ERROR_OUT_OF_MEMORY, ENOMEM},
        {SN_ERROR_FILE_NOT_FOUND, ENOENT},
        {SN_ERROR_DIRECTORY_NOT_FOUND, ENOENT},
        {SN_ERROR_END_OF_STREAM, -1},
        {SN_ERROR_LIMIT_EXCEEDED, -1},
        {SN_ERROR_AUTHENTICATION, -1},
        {(sn_error)4711, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(rows[i].native, sn_error_to_native(rows[i].error));
}

static void *read_last_native(void *unused)
{
    (void)unused;
    int first = sn_error_last_native();
    error_set_last_native(EPIPE);
    return (void *)(intptr_t)(first * 1000 + sn_error_last_native());
}

TEST(each_thread_has_its_own_last_native_code)
{
    error_set_last_native(ECONNRESET);
    pthread_t thread;
    void *seen;
    assert_int_equal(0, pthread_create(&thread, NULL, read_last_native, NULL));
    assert_int_equal(0, pthread_join(thread, &seen));
    assert_int_equal(EPIPE, (int)(intptr_t)seen);
    assert_int_equal(ECONNRESET, sn_error_last_native());
    error_set_last_native(0);
    assert_int_equal(0, sn_error_last_native());
}

TEST(translating_a_code_leaves_the_last_one_alone)
{
    error_set_last_native(ETIMEDOUT);
    (void)sn_error_from_native(EPIPE);
    (void)sn_error_to_native(SN_ERROR_FAULT);
    assert_int_equal(ETIMEDOUT, sn_error_last_native());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_native_code_gives_the_error_of_its_row),
        cmocka_unit_test(every_other_native_code_gives_the_catch_all),
        cmocka_unit_test(every_error_gives_the_native_code_of_its_row),
        cmocka_unit_test(each_thread_has_its_own_last_native_code),
        cmocka_unit_test(translating_a_code_leaves_the_last_one_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
