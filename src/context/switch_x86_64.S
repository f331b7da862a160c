/*
 * The switch for x86-64, called as a function, so what a function may change need not be kept:
 * only what its caller relies on is, on the stack that is left. machine.h declares both.
 *
 * The directives tell gdb and perf how to walk from here: through a context that is left (its place
 * as the stack pointer, context_left as the address) to who has left it, and no farther than where
 * it began.
 */
#if defined(__x86_64__) && defined(__LP64__)

#ifdef __CET__
#include <cet.h>
#else
#define _CET_ENDBR
#endif

    .text

/* void context_jump(void **out_place, void *place) */
    .globl  context_jump
    .hidden context_jump
    .type   context_jump, @function
    .p2align 4
context_jump:
    .cfi_startproc
    _CET_ENDBR
    pushq   %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    pushq   %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    pushq   %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r12, 0
    pushq   %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r13, 0
    pushq   %r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r14, 0
    pushq   %r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r15, 0
    subq    $8, %rsp
    .cfi_adjust_cfa_offset 8
    stmxcsr (%rsp)
    fnstcw  4(%rsp)
    movl    (%rsp), %eax
    movzwl  4(%rsp), %ecx

    movq    %rsp, (%rdi)
    movq    %rsi, %rsp

    /* Rounding and what traps are mostly the same, and loading them is dear. */
    cmpl    %eax, (%rsp)
    jne     2f
    cmpw    %cx, 4(%rsp)
    jne     2f
    .globl  context_left
    .hidden context_left
context_left:
1:
    addq    $8, %rsp
    .cfi_remember_state
    .cfi_adjust_cfa_offset -8
    popq    %r15
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r15
    popq    %r14
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r14
    popq    %r13
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r13
    popq    %r12
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r12
    popq    %rbx
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbx
    popq    %rbp
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbp
    /* A return would never be foreseen: the processor expects them where calls came from. */
    popq    %rcx
    .cfi_adjust_cfa_offset -8
    .cfi_register %rip, %rcx
    notrack jmp *%rcx
2:
    .cfi_restore_state
    ldmxcsr (%rsp)
    fldcw   4(%rsp)
    jmp     1b
    .cfi_endproc
    .size   context_jump, . - context_jump

/* Where a new context comes to: calls %rbx with %r12, which never returns. */
    .globl  context_begin
    .hidden context_begin
    .type   context_begin, @function
    .p2align 4
context_begin:
    .cfi_startproc
    .cfi_undefined %rip
    _CET_ENDBR
    movq    %r12, %rdi
    callq   *%rbx
    ud2
    .cfi_endproc
    .size   context_begin, . - context_begin

#endif

#ifdef __linux__
    .section .note.GNU-stack, "", @progbits
#endif
