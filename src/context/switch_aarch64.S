/*
 * The switch for aarch64; switch_x86_64.S says what holds for both.
 *
 * Return addresses are signed as the compiler signs them, with instructions that do nothing on a
 * processor that cannot. There is no mark for guarded control stacks (GCS), which the switch does
 * not exchange: a program with this library runs without them.
 */
#if defined(__aarch64__) && defined(__LP64__)

#define BTI_C       hint #34
#define PACIASP     hint #25
#define AUTIASP     hint #29
#define PACIA1716   hint #8

    .text

/* void context_jump(void **out_place, void *place) */
    .globl  context_jump
    .hidden context_jump
    .type   context_jump, %function
    .p2align 4
context_jump:
    .cfi_startproc
    BTI_C
    PACIASP
    .cfi_negate_ra_state
    sub     sp, sp, #176
    .cfi_adjust_cfa_offset 176
    mrs     x9, fpcr
    str     x9, [sp]
    stp     d8, d9, [sp, #16]
    stp     d10, d11, [sp, #32]
    stp     d12, d13, [sp, #48]
    stp     d14, d15, [sp, #64]
    stp     x19, x20, [sp, #80]
    .cfi_rel_offset x19, 80
    .cfi_rel_offset x20, 88
    stp     x21, x22, [sp, #96]
    .cfi_rel_offset x21, 96
    .cfi_rel_offset x22, 104
    stp     x23, x24, [sp, #112]
    .cfi_rel_offset x23, 112
    .cfi_rel_offset x24, 120
    stp     x25, x26, [sp, #128]
    .cfi_rel_offset x25, 128
    .cfi_rel_offset x26, 136
    stp     x27, x28, [sp, #144]
    .cfi_rel_offset x27, 144
    .cfi_rel_offset x28, 152
    stp     x29, x30, [sp, #160]
    .cfi_rel_offset x29, 160
    .cfi_rel_offset x30, 168

    mov     x10, sp
    str     x10, [x0]
    mov     sp, x1

    .globl  context_left
    .hidden context_left
context_left:
    ldr     x10, [sp]
    cmp     x9, x10
    b.eq    1f
    msr     fpcr, x10
1:
    ldp     d8, d9, [sp, #16]
    ldp     d10, d11, [sp, #32]
    ldp     d12, d13, [sp, #48]
    ldp     d14, d15, [sp, #64]
    ldp     x19, x20, [sp, #80]
    ldp     x21, x22, [sp, #96]
    ldp     x23, x24, [sp, #112]
    ldp     x25, x26, [sp, #128]
    ldp     x27, x28, [sp, #144]
    ldp     x29, x30, [sp, #160]
    add     sp, sp, #176
    .cfi_adjust_cfa_offset -176
    .cfi_restore x19
    .cfi_restore x20
    .cfi_restore x21
    .cfi_restore x22
    .cfi_restore x23
    .cfi_restore x24
    .cfi_restore x25
    .cfi_restore x26
    .cfi_restore x27
    .cfi_restore x28
    .cfi_restore x29
    .cfi_restore x30
    AUTIASP
    .cfi_negate_ra_state
    ret
    .cfi_endproc
    .size   context_jump, . - context_jump

/* Where a new context comes to: calls x19 with x20, which never returns. */
    .globl  context_begin
    .hidden context_begin
    .type   context_begin, %function
    .p2align 4
context_begin:
    .cfi_startproc
    .cfi_undefined x30
    BTI_C
    mov     x29, xzr
    mov     x0, x20
    blr     x19
    brk     #1
    .cfi_endproc
    .size   context_begin, . - context_begin

/* uintptr_t context_sign(uintptr_t address, uintptr_t stack) */
    .globl  context_sign
    .hidden context_sign
    .type   context_sign, %function
    .p2align 4
context_sign:
    .cfi_startproc
    BTI_C
    mov     x17, x0
    mov     x16, x1
    PACIA1716
    mov     x0, x17
    ret
    .cfi_endproc
    .size   context_sign, . - context_sign

/* Where the other files are marked for landing pads (1) and signed returns (2), this one is too:
 * the linker keeps a mark that all of them have. */
#ifdef __ARM_FEATURE_BTI_DEFAULT
    .section .note.gnu.property, "a"
    .p2align 3
    .word   4, 16, 5
    .asciz  "GNU"
    .word   0xc0000000, 4, 3, 0
#endif

#endif

#ifdef __linux__
    .section .note.GNU-stack, "", %progbits
#endif
