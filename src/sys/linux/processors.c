#include "sys/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "sys/retry.h"

/* Of a list of ranges such as "0-3,8". */
static uint32_t count_of(const char *text)
{
    uint32_t count = 0;
    while (*text >= '0' && *text <= '9') {
        char *end;
        unsigned long first = strtoul(text, &end, 10), last = first;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        if (last >= first && last - first < 65536)
            count += (uint32_t)(last - first) + 1;
        text = *end == ',' ? end + 1 : end;
    }
    return count;
}

/* Not by sysconf(): some C libraries look at the thread's affinity there too. */
uint32_t sys_processor_count_online(void)
{
    char text[256];
    int32_t file = SYS_RETRY(
        int32_t, open("/sys/devices/system/cpu/online", O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    int64_t size = file < 0 ? file : SYS_RETRY(int64_t, read(file, text, sizeof text - 1));
    if (file >= 0)
        (void)sys_close(file);
    text[size > 0 ? size : 0] = '\0';
    uint32_t count = count_of(text), allowed = sys_processor_count();
    return count > allowed ? count : allowed;
}
