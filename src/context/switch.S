/*
 * The switch of this machine, where there is one by hand, and what every object file says of itself: the
 * library has a mark only if all of its files have it. So it is one file on each machine, and empty on some.
 */
#if defined(__x86_64__)

/* Landing pads and shadow stacks, where the compiler marks the other files for them. */
#ifdef __CET__
#include <cet.h>
#else
#define _CET_ENDBR
#endif
#ifdef __LP64__
#include "switch_x86_64.inc"
#endif

#elif defined(__aarch64__)

#ifdef __LP64__
#include "switch_aarch64.inc"
#endif

/* Landing pads (1) and signed returns (2). */
#ifdef __ARM_FEATURE_BTI_DEFAULT
    .section .note.gnu.property, "a"
    .p2align 3
    .word   4, 16, 5
    .asciz  "GNU"
    .word   0xc0000000, 4, 3, 0
#endif

#endif

/* No stack has to be executable. */
    .section .note.GNU-stack, "", %progbits
