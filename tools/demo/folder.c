#include "folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *folder_create(struct folder *folder)
{
    const char *base = getenv("TMPDIR");
    int size = snprintf(folder->path, sizeof folder->path, "%s/sennit-demo-XXXXXX",
                        base && base[0] ? base : "/tmp");
    /* A socket's path has at most 107 bytes, so a long TMPDIR cannot be used for it. */
    if (size < 0 || (size_t)size >= sizeof folder->path)
        snprintf(folder->path, sizeof folder->path, "/tmp/sennit-demo-XXXXXX");
    return mkdtemp(folder->path) ? NULL : strerror(errno);
}

void folder_remove(const struct folder *folder)
{
    (void)rmdir(folder->path);
}

sn_error folder_endpoint(const struct folder *folder, const char *name, sn_endpoint *out_endpoint)
{
    char path[SN_UNIX_PATH_SIZE_MAX];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    return sn_endpoint_from_unix(path, out_endpoint);
}
