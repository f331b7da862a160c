/*
 * A stack that overflows says so.
 *
 * The handler of the signal has to run elsewhere, since the stack is full; so each thread gets a
 * place for that, which is a stack of the pool. Only what a handler may do is done in it.
 */
#include "context/context.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/base.h"
#include "context/pool.h"
#include "sys/sys.h"

static bool (*running_now)(struct context_running *out_running);
static uint32_t is_watching;

/* --- The message ----------------------------------------------------------------------------- */

struct text {
    char bytes[256];
    size_t size;
};

static void put(struct text *text, const char *words)
{
    size_t size = strlen(words), room = sizeof text->bytes - text->size;
    if (size > room)
        size = room;
    memcpy(text->bytes + text->size, words, size);
    text->size += size;
}

static void put_number(struct text *text, size_t number)
{
    char digits[24], *first = digits + sizeof digits;
    *--first = '\0';
    do
        *--first = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    put(text, first);
}

/* A name that is too long is cut, so that what follows it has room. */
static void put_name(struct text *text, const char *name)
{
    char start[80];
    size_t size = strlen(name);
    if (size == 0)
        return;
    if (size >= sizeof start)
        size = sizeof start - 1;
    memcpy(start, name, size);
    start[size] = '\0';
    put(text, " \"");
    put(text, start);
    put(text, "\"");
}

/* Words of a thread may have to be allocated at their first use, which no handler may do: a fault
 * of somebody else's thread, somewhere else, gets no farther than the first question. */
static bool tell(const void *address)
{
    struct context_running running;
    if (!pool_spans(address) || !running_now(&running) ||
        !context_is_overflow(running.stack, address))
        return false;
    struct text text = {.size = 0};
    put(&text, "sennit: the stack of ");
    put(&text, running.kind);
    put_name(&text, running.name);
    put(&text, " (");
    put_number(&text, running.stack->size);
    put(&text, " bytes) overflowed: ");
    put(&text, running.advice);
    put(&text, "\n");
    sys_tell_user(text.bytes, text.size);
    return true;
}

/* Two calls at once: the second may return before the first has done it, and both mean the same. */
int32_t context_watch_overflows(bool (*running)(struct context_running *out_running))
{
    if (atomic_exchange_acq_rel(&is_watching, 1u))
        return 0;
    running_now = running;
    int32_t failed = sys_watch_faults(tell);
    if (failed)
        atomic_store_release(&is_watching, 0u);
    return failed;
}

/* --- The place of a thread's handlers -------------------------------------------------------- */

static _Thread_local struct place {
    struct context_stack stack;
    bool is_prepared;
} place_of_thread;
static pthread_key_t place_key;

/* At the thread's end; the program may have set another one meanwhile. */
static void give_place(void *given)
{
    struct place *place = given;
    if (sys_signal_stack() == place->stack.base && sys_set_signal_stack(NULL, 0) < 0)
        return; /* the thread ends inside of a handler, on it */
    context_stack_give(&place->stack);
    place->is_prepared = false;
}

/* When the library is loaded, as other keys of the library are. */
__attribute__((constructor)) static void prepare_places(void)
{
    (void)pthread_key_create(&place_key, give_place);
}

static int32_t take_place(struct place *place)
{
    int32_t failed = context_stack_take(&place->stack, CONTEXT_STACK_SIZE);
    if (failed)
        return failed;
    failed = -pthread_setspecific(place_key, place);
    if (!failed)
        failed = sys_set_signal_stack(place->stack.base, place->stack.size);
    if (failed) {
        (void)pthread_setspecific(place_key, NULL);
        context_stack_give(&place->stack);
    }
    return failed;
}

int32_t context_prepare_thread(void)
{
    struct place *place = &place_of_thread;
    if (place->is_prepared || !atomic_load_acquire(&is_watching))
        return 0;
    int32_t failed = sys_signal_stack() ? 0 : take_place(place);
    place->is_prepared = failed == 0;
    return failed;
}
