/* Inside sys only: the two lines that every wrapper has. */
#ifndef SYS_RETRY_H
#define SYS_RETRY_H

#include <errno.h>

/* The call's result or its negative errno; a call that a signal interrupted is made again. */
#define SYS_RETRY(type, call)                                                                      \
    __extension__({                                                                                \
        type sys_retry_result;                                                                     \
        do {                                                                                       \
            sys_retry_result = (call);                                                             \
        } while (sys_retry_result < 0 && errno == EINTR);                                          \
        sys_retry_result < 0 ? (type)-errno : sys_retry_result;                                    \
    })

#endif
