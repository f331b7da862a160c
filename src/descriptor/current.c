#include "descriptor/current.h"

char worker_nobody;

_Thread_local struct worker *worker_of_thread;
_Thread_local struct worker *worker_at_work = WORKER_NOBODY;
