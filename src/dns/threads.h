/**
 * Inside dns only: the threads that look names up.
 */
#ifndef DNS_THREADS_H
#define DNS_THREADS_H

#include "pool/pool.h"

#define DNS_THREADS_DEFAULT 16u

extern struct pool dns_threads;

#endif
