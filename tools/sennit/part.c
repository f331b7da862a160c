#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define IS_THERE "it is there already; --overwrite replaces it, --as gives another name"

const char *part_open(struct part *part, const char *folder, const char *name, bool overwrites)
{
    struct stat facts;
    part->file = -1;
    int size =
        snprintf(part->path, PATH_MAX, "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
    if (size < 0 || size >= PATH_MAX - (int)sizeof PART_SUFFIX)
        return "its path would be too long";
    snprintf(part->partial, PATH_MAX, "%.*s" PART_SUFFIX, PATH_MAX - (int)sizeof PART_SUFFIX,
             part->path);
    if (!overwrites && access(part->path, F_OK) == 0)
        return IS_THERE;
    int file = open(part->partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (file < 0)
        return strerror(errno);
    /* Two senders of one name must not write into one file. */
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) ||
        flock(file, LOCK_EX | LOCK_NB) != 0) {
        (void)close(file);
        return "another transfer writes it, or it is no file";
    }
    part->file = file;
    part->have = (uint64_t)facts.st_size;
    return NULL;
}

const char *part_cut(struct part *part, uint64_t size)
{
    bool is_cut =
        ftruncate(part->file, (off_t)size) == 0 && lseek(part->file, (off_t)size, SEEK_SET) >= 0;
    return is_cut ? NULL : strerror(errno);
}

const char *part_write(struct part *part, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(part->file, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return strerror(errno);
        data += written;
        size -= (size_t)written;
    }
    return NULL;
}

const char *part_finish(struct part *part, bool overwrites)
{
    if (fsync(part->file) != 0)
        return strerror(errno);
    /* A second name is refused where there is one; a rename would replace it. */
    if (!overwrites && link(part->partial, part->path) == 0)
        return unlink(part->partial) == 0 ? NULL : strerror(errno);
    if (!overwrites && errno == EEXIST)
        return IS_THERE;
    /* Not every file system has second names. */
    if (!overwrites && access(part->path, F_OK) == 0)
        return IS_THERE;
    return rename(part->partial, part->path) == 0 ? NULL : strerror(errno);
}

uint64_t part_size(const struct part *part)
{
    struct stat facts;
    return fstat(part->file, &facts) == 0 ? (uint64_t)facts.st_size : 0;
}

void part_remove(struct part *part)
{
    (void)unlink(part->partial);
    part_close(part);
}

void part_close(struct part *part)
{
    if (part->file >= 0)
        (void)close(part->file);
    part->file = -1;
}
