/* Random bytes, from the kernel. */
#include "sys/sys.h"

#include <sys/random.h>

#include "sys/retry.h"

/* Up to 256 bytes come whole and without an end by a signal, once the machine has begun. */
int32_t sys_random(void *data, size_t size)
{
    char *bytes = data;
    while (size > 0) {
        int64_t count = SYS_RETRY(int64_t, getrandom(bytes, size, 0));
        if (count < 0)
            return (int32_t)count;
        bytes += count;
        size -= (size_t)count;
    }
    return 0;
}
