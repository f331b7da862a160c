/* What context_jump() finds on a new stack: the frame that it would have left there itself. */
#include "context/machine.h"

#ifdef CONTEXT_BY_HAND

#include "base/base.h"

#ifdef __x86_64__

struct frame {
    uint32_t mxcsr;
    uint16_t x87, unused;
    uintptr_t r15, r14, r13, r12, rbx, rbp, rip;
};

/* Rounding and what traps are those of the maker, as with a new thread. */
static void fill(struct frame *frame, void (*run)(void *), void *argument)
{
    *frame = (struct frame){
        .rbx = (uintptr_t)run, .r12 = (uintptr_t)argument, .rip = (uintptr_t)context_begin};
    __asm__("stmxcsr %0" : "=m"(frame->mxcsr));
    __asm__("fnstcw %0" : "=m"(frame->x87));
}

#else

struct frame {
    uint64_t fpcr, unused;
    uint64_t d[8];   /* d8 to d15 */
    uintptr_t x[10]; /* x19 to x28 */
    uintptr_t x29, x30;
};

static void fill(struct frame *frame, void (*run)(void *), void *argument)
{
    *frame = (struct frame){.x = {(uintptr_t)run, (uintptr_t)argument},
                            /* Signed for the stack pointer that it is returned to with. */
                            .x30 = context_sign((uintptr_t)context_begin, (uintptr_t)(frame + 1))};
    __asm__ volatile("mrs %0, fpcr" : "=r"(frame->fpcr));
}

#endif

static_assert(sizeof(struct frame) % 16 == 0, "the stack pointer stays aligned");
void *hand_place(const struct context_stack *stack, void (*run)(void *), void *argument)
{
    struct frame *frame = (struct frame *)machine_top(stack) - 1;
    fill(frame, run, argument);
    return frame;
}

#endif
