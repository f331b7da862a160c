#include "support/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/test.h"

/* Calls `each` for every open descriptor but the one that is used for looking. */
static size_t for_each_descriptor(void (*each)(int handle))
{
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        int handle = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || handle == dirfd(directory))
            continue;
        count++;
        if (each)
            each(handle);
    }
    closedir(directory);
    return count;
}

size_t descriptors_count(void)
{
    return for_each_descriptor(NULL);
}

static void print_one(int handle)
{
    char link[64], target[256];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t size = readlink(link, target, sizeof target - 1);
    target[size > 0 ? size : 0] = '\0';
    print_error("  %d -> %s\n", handle, target);
}

void descriptors_print(void)
{
    for_each_descriptor(print_one);
}

bool descriptor_is_open(int handle)
{
    return fcntl(handle, F_GETFD) >= 0 || errno != EBADF;
}

bool descriptor_is_nonblocking(int handle)
{
    return (fcntl(handle, F_GETFL) & O_NONBLOCK) != 0;
}

bool descriptor_is_close_on_exec(int handle)
{
    return (fcntl(handle, F_GETFD) & FD_CLOEXEC) != 0;
}
