#include "base/thread.h"

char worker_nobody;

_Thread_local struct thread_words thread_words = {.at_work = WORKER_NOBODY};
