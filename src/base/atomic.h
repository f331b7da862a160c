/**
 * Atomics on plain integers and pointers, with the ordering in the name.
 *
 * The compiler's builtins are used and not <stdatomic.h>, because some of the words stand in public
 * records (struct sn_operation), which C++ programs include too.
 */
#ifndef BASE_ATOMIC_H
#define BASE_ATOMIC_H

#define atomic_load_relaxed(object) __atomic_load_n((object), __ATOMIC_RELAXED)
#define atomic_load_acquire(object) __atomic_load_n((object), __ATOMIC_ACQUIRE)

#define atomic_store_relaxed(object, value) __atomic_store_n((object), (value), __ATOMIC_RELAXED)
#define atomic_store_release(object, value) __atomic_store_n((object), (value), __ATOMIC_RELEASE)

/* Each returns the value from before. */
#define atomic_add_relaxed(object, value) __atomic_fetch_add((object), (value), __ATOMIC_RELAXED)
#define atomic_add_acq_rel(object, value) __atomic_fetch_add((object), (value), __ATOMIC_ACQ_REL)
#define atomic_sub_acq_rel(object, value) __atomic_fetch_sub((object), (value), __ATOMIC_ACQ_REL)
#define atomic_or_acq_rel(object, value)  __atomic_fetch_or((object), (value), __ATOMIC_ACQ_REL)
#define atomic_and_acq_rel(object, value) __atomic_fetch_and((object), (value), __ATOMIC_ACQ_REL)
#define atomic_or_relaxed(object, value)  __atomic_fetch_or((object), (value), __ATOMIC_RELAXED)
#define atomic_and_relaxed(object, value) __atomic_fetch_and((object), (value), __ATOMIC_RELAXED)
#define atomic_exchange_acq_rel(object, value)                                                     \
    __atomic_exchange_n((object), (value), __ATOMIC_ACQ_REL)

/* These return the new value, whose sign the processor tells without a comparison. */
#define atomic_add_fetch_acq_rel(object, value)                                                    \
    __atomic_add_fetch((object), (value), __ATOMIC_ACQ_REL)
#define atomic_sub_fetch_acq_rel(object, value)                                                    \
    __atomic_sub_fetch((object), (value), __ATOMIC_ACQ_REL)

/* Whether *object was *expected and is `value` now; else *expected is what it was. May not fail
 * without a reason (strong). */
#define atomic_replace_acq_rel(object, expected, value)                                            \
    __atomic_compare_exchange_n((object), (expected), (value), false, __ATOMIC_ACQ_REL,            \
                                __ATOMIC_ACQUIRE)

#endif
