/* SN_FLAG_ bits and the kernel's MSG_ bits (contract D.5). */
#include "socket/object/object.h"

#include <sys/socket.h>

#include "base/base.h"

static const struct flag_row {
    sn_flags flag;
    uint32_t native;
    bool is_reported; /* by a receive */
} rows[] = {
    {SN_FLAG_OUT_OF_BAND, MSG_OOB, true},
    {SN_FLAG_PEEK, MSG_PEEK, false},
    {SN_FLAG_DONT_ROUTE, MSG_DONTROUTE, true},
    {SN_FLAG_TRUNCATED, MSG_TRUNC, true},
    {SN_FLAG_CONTROL_DATA_TRUNCATED, MSG_CTRUNC, true},
    {SN_FLAG_DONT_WAIT, MSG_DONTWAIT, false},
    {SN_FLAG_MORE, MSG_MORE, false},
    {SN_FLAG_TRUNCATE, MSG_TRUNC, false},
};

bool flags_to_native(sn_flags flags, uint32_t *out_native)
{
    uint32_t native = 0;
    if (flags == SN_FLAG_NONE) { /* almost always */
        *out_native = 0;
        return true;
    }
    for (size_t i = 0; i < array_count(rows); i++) {
        if (flags & rows[i].flag)
            native |= rows[i].native;
        flags &= ~rows[i].flag;
    }
    *out_native = native;
    return flags == 0;
}

sn_flags flags_from_native(uint32_t native)
{
    sn_flags flags = SN_FLAG_NONE;
    native &= ~(uint32_t)MSG_CMSG_CLOEXEC; /* the library's own wish, which the kernel tells too */
    if (native == 0)
        return flags;
    for (size_t i = 0; i < array_count(rows); i++)
        if (rows[i].is_reported && (native & rows[i].native))
            flags |= rows[i].flag;
    return flags;
}
