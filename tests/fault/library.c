#include "fault/library.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "sys/linux/call.h"

/* The tests have one thread while something is scripted. */
static struct {
    bool is_on;
    enum library_call call;
    unsigned passed;
    unsigned count;
    const int *errors;
    unsigned error_count;
    const char *text;
} script;

void library_fail(enum library_call call, unsigned passed, const int *errors, unsigned count)
{
    script.call = call;
    script.passed = passed;
    script.count = 0;
    script.errors = errors;
    script.error_count = count;
    script.is_on = true;
}

void library_reset(void)
{
    script.is_on = false;
    script.text = NULL;
}

void library_read(const char *text)
{
    script.text = text;
}

unsigned library_count(void)
{
    return script.count;
}

/* The error that this call fails with; 0: it is made. */
static int failure_of(enum library_call call)
{
    if (!script.is_on || script.call != call)
        return 0;
    unsigned index = script.count++ - script.passed; /* wraps around for those that are passed */
    return index < script.error_count ? script.errors[index] : 0;
}

static bool fails(enum library_call call)
{
    int error = failure_of(call);
    if (error)
        errno = error;
    return error != 0;
}

#define X(name, type, failure, parameters, arguments)                                              \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails(LIBRARY_##name) ? failure : __real_##name arguments;                          \
    }
LIBRARY_CALL_TABLE(X)
#undef X

/* These two go past the library. */
int64_t __real_sys_call_message(bool is_send, int32_t handle, const struct msghdr *message,
                                int flags);
int64_t __wrap_sys_call_message(bool is_send, int32_t handle, const struct msghdr *message,
                                int flags);
int64_t __wrap_sys_call_message(bool is_send, int32_t handle, const struct msghdr *message,
                                int flags)
{
    enum library_call call = is_send ? LIBRARY_sendmsg : LIBRARY_recvmsg;
    int error = SYS_CALL_TAKES_MESSAGES ? failure_of(call) : 0;
    return error ? -error : __real_sys_call_message(is_send, handle, message, flags);
}

/* With large files, some systems give these calls other names below the ones in the source. Where
 * they do not, nobody calls these, and there is nothing behind them. */
#define LARGE(name, type, parameters, arguments)                                                   \
    __attribute__((weak)) type __real_##name##64 parameters;                                       \
    type __wrap_##name##64 parameters;                                                             \
    type __wrap_##name##64 parameters                                                              \
    {                                                                                              \
        return fails(LIBRARY_##name) ? -1 : __real_##name##64 arguments;                           \
    }
LARGE(fstat, int, (int handle, struct stat *status), (handle, status))
LARGE(lstat, int, (const char *path, struct stat *status), (path, status))
LARGE(pread, ssize_t, (int handle, void *data, size_t size, off_t offset),
      (handle, data, size, offset))
LARGE(sendfile, ssize_t, (int handle, int file, off_t *offset, size_t size),
      (handle, file, offset, size))

ssize_t __real_read(int handle, void *data, size_t size);
ssize_t __wrap_read(int handle, void *data, size_t size);
ssize_t __wrap_read(int handle, void *data, size_t size)
{
    if (fails(LIBRARY_read))
        return -1;
    if (!script.text)
        return __real_read(handle, data, size);
    size_t length = strlen(script.text) < size ? strlen(script.text) : size;
    memcpy(data, script.text, length);
    return (ssize_t)length;
}

/* --- Those whose last parameter may be missing ------------------------------------------------ */

#define OPENED(name)                                                                               \
    __attribute__((weak)) int __real_##name(const char *path, int flags, ...);                     \
    int __wrap_##name(const char *path, int flags, ...);                                           \
    int __wrap_##name(const char *path, int flags, ...)                                            \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                  \
        va_end(rest);                                                                              \
        return fails(LIBRARY_open) ? -1 : __real_##name(path, flags, mode);                        \
    }
OPENED(open)
OPENED(open64)

/* Whatever the last one is, it is passed as a word. */
#define FORWARDED(name, call, command_type)                                                        \
    __attribute__((weak)) int __real_##name(int handle, command_type command, ...);                \
    int __wrap_##name(int handle, command_type command, ...);                                      \
    int __wrap_##name(int handle, command_type command, ...)                                       \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, command);                                                                   \
        long argument = va_arg(rest, long);                                                        \
        va_end(rest);                                                                              \
        return fails(LIBRARY_##call) ? -1 : __real_##name(handle, command, argument);              \
    }
FORWARDED(fcntl, fcntl, int)
FORWARDED(fcntl64, fcntl, int)
FORWARDED(ioctl, ioctl, unsigned long)

/* --- Those that return what went wrong -------------------------------------------------------- */

int __real_pthread_attr_init(pthread_attr_t *attributes);
int __wrap_pthread_attr_init(pthread_attr_t *attributes);
int __wrap_pthread_attr_init(pthread_attr_t *attributes)
{
    int error = failure_of(LIBRARY_pthread_attr_init);
    return error ? error : __real_pthread_attr_init(attributes);
}

int __real_pthread_create(pthread_t *out_thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *out_thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *out_thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument)
{
    int error = failure_of(LIBRARY_pthread_create);
    return error ? error : __real_pthread_create(out_thread, attributes, run, argument);
}
