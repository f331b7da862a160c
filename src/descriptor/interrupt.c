#include "descriptor/interrupt.h"

#include <sennit/interrupt.h>

static sn_interrupt_hook hook; /* atomic; the context is written before it */
static void *hook_context;     /* atomic */

void sn_set_interrupt_hook(sn_interrupt_hook wanted, void *context)
{
    atomic_store_release(&hook, (sn_interrupt_hook)NULL); /* never one with the other's context */
    atomic_store_release(&hook_context, context);
    atomic_store_release(&hook, wanted);
}

bool interrupt_is_hooked(void)
{
    return atomic_load_relaxed(&hook) != NULL;
}

bool interrupt_ends_wait(void)
{
    sn_interrupt_hook asked = atomic_load_acquire(&hook);
    return asked && asked(atomic_load_relaxed(&hook_context));
}
