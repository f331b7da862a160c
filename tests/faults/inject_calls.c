/* The wrappers that the linker puts between the library and its system calls (--wrap). */
#include "faults/faults.h"

#include <errno.h>

#define X(name, type, parameters, arguments, how, ...)                                             \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        int32_t result;                                                                            \
        if (!fault_strikes(POINT_##name, &result))                                                 \
            return __real_##name arguments;                                                        \
        if ((how) == FAULT_AFTER)                                                                  \
            (void)__real_##name arguments;                                                         \
        return result;                                                                             \
    }
FAULT_SYS_TABLE(X)
#undef X
