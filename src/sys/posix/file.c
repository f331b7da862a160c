/* Descriptors as such, paths, the process. */
#include "sys/sys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/retry.h"

/*
 * close() is not made again after EINTR: on Linux the handle is free by then, and may be somebody
 * else's.
 */
int32_t sys_close(int32_t handle)
{
    return close(handle) < 0 && errno != EINTR ? -errno : 0;
}

int32_t sys_is_socket(int32_t handle)
{
    struct stat status;
    int32_t result = SYS_RETRY(int32_t, fstat(handle, &status));
    return result < 0 ? result : S_ISSOCK(status.st_mode);
}

int32_t sys_set_nonblocking(int32_t handle, bool nonblocking)
{
    int32_t flags = SYS_RETRY(int32_t, fcntl(handle, F_GETFL));
    if (flags < 0)
        return flags;
    int32_t wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return wanted == flags ? 0 : SYS_RETRY(int32_t, fcntl(handle, F_SETFL, wanted));
}

int32_t sys_adopt(int32_t handle, uint32_t *out_was)
{
    int32_t flags = SYS_RETRY(int32_t, fcntl(handle, F_GETFL));
    int32_t descriptor_flags = SYS_RETRY(int32_t, fcntl(handle, F_GETFD));
    if (flags < 0 || descriptor_flags < 0)
        return flags < 0 ? flags : descriptor_flags;
    int32_t result = SYS_RETRY(int32_t, fcntl(handle, F_SETFD, descriptor_flags | FD_CLOEXEC));
    if (result >= 0)
        result = SYS_RETRY(int32_t, fcntl(handle, F_SETFL, flags | O_NONBLOCK));
    if (result >= 0)
        *out_was = (flags & O_NONBLOCK ? 0 : (uint32_t)SYS_WAS_BLOCKING) |
                   (descriptor_flags & FD_CLOEXEC ? 0 : (uint32_t)SYS_WAS_INHERITED);
    return result;
}

/* What others have set meanwhile stays. It may be closed by now: then there is nothing to do. */
void sys_give_back(int32_t handle, uint32_t was)
{
    if (was & SYS_WAS_BLOCKING)
        (void)sys_set_nonblocking(handle, false);
    int32_t flags = was & SYS_WAS_INHERITED ? SYS_RETRY(int32_t, fcntl(handle, F_GETFD)) : -1;
    if (flags >= 0)
        (void)fcntl(handle, F_SETFD, flags & ~FD_CLOEXEC);
}

int32_t sys_unlink(const char *path)
{
    return SYS_RETRY(int32_t, unlink(path));
}

int32_t sys_identify(const char *path, struct sys_identity *out_identity)
{
    struct stat status;
    int32_t result = SYS_RETRY(int32_t, lstat(path, &status));
    if (result >= 0)
        *out_identity = (struct sys_identity){.device = status.st_dev, .number = status.st_ino};
    return result;
}

int32_t sys_working_directory(char *path, size_t size)
{
    return getcwd(path, size) ? 0 : -errno;
}
