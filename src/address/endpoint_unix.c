/**
 * Unix end points: the path of a file, an abstract name (Linux: its first byte is NUL), or no name.
 *
 * One stored form for each. A file's path has exactly one NUL behind it, counted in the size,
 * because the kernel reports bound paths that way. An abstract name and "no name" end where the
 * size says; there NULs mean something. The byte behind `size` is always NUL too, so that a path is
 * a C string.
 */
#include "address/address.h"
#include "address/endpoint_layout.h"

static_assert(sizeof(struct sockaddr_un) < SN_SOCKADDR_SIZE_MAX, "a NUL fits behind any path");

/* How many bytes of the path count. NULs at the end of a file's path come from a caller that passed
 * the whole structure. */
static size_t path_size(const uint8_t *path, size_t size)
{
    if (size > 0 && path[0] != '\0')
        while (path[size - 1] == '\0')
            size--;
    return size;
}

bool endpoint_unix_finish(sn_endpoint *endpoint, uint32_t size)
{
    uint8_t *path = endpoint->as.sockaddr + UNIX_PATH_OFFSET;
    size_t length = path_size(path, size - UNIX_PATH_OFFSET);
    if (length > SN_UNIX_PATH_SIZE_MAX)
        return false;
    path[length] = '\0';
    /* A path of 108 bytes has no room for the NUL. Linux binds such files all the same, so a peer
     * may have one; it is only refused when a program asks for it by name, as .NET does. */
    bool is_terminated = length > 0 && path[0] != '\0' && length < SN_UNIX_PATH_SIZE_MAX;
    endpoint->size = (uint32_t)(UNIX_PATH_OFFSET + length + is_terminated);
    endpoint->kind = SN_ENDPOINT_UNIX;
    return true;
}

sn_error sn_endpoint_from_unix_bytes(const void *path, size_t size, sn_endpoint *out_endpoint)
{
    if (!path || !out_endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    if (size == 0)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    const uint8_t *bytes = path;
    size_t length = path_size(bytes, size);
    size_t length_max = bytes[0] == '\0' ? SN_UNIX_PATH_SIZE_MAX : SN_UNIX_PATH_SIZE_MAX - 1;
    if (length > length_max)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    sn_endpoint endpoint = {0};
    sa_family_t family = AF_UNIX;
    memcpy(endpoint.as.sockaddr + offsetof(struct sockaddr_un, sun_family), &family, sizeof family);
    memcpy(endpoint.as.sockaddr + UNIX_PATH_OFFSET, bytes, length);
    (void)endpoint_unix_finish(&endpoint, (uint32_t)(UNIX_PATH_OFFSET + length)); /* it fits */
    *out_endpoint = endpoint;
    return SN_OK;
}

sn_error sn_endpoint_from_unix(const char *path, sn_endpoint *out_endpoint)
{
    return sn_endpoint_from_unix_bytes(path, path ? strnlen(path, SN_UNIX_PATH_SIZE_MAX + 1) : 0,
                                       out_endpoint);
}

const char *sn_endpoint_get_unix_path(const sn_endpoint *endpoint, size_t *out_size)
{
    size_t size = 0;
    const char *path = NULL;
    if (sn_endpoint_get_kind(endpoint) == SN_ENDPOINT_UNIX) {
        const uint8_t *bytes = endpoint->as.sockaddr + UNIX_PATH_OFFSET;
        uint32_t used = endpoint_read_size(endpoint);
        if (used > UNIX_PATH_OFFSET)
            size = path_size(bytes, used - UNIX_PATH_OFFSET);
        path = (const char *)bytes;
    }
    if (out_size)
        *out_size = size;
    return path;
}
