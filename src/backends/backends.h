/**
 * backends: the kernel's mechanisms for many descriptors, a file and a row each; and the layer that
 * remembers readiness, for those that report that.
 *
 * A back-end is given operations and reports what the kernel has said. It must never know the loop
 * that settles its reports, nor errors of a program, nor callbacks.
 */
#ifndef BACKENDS_BACKENDS_H
#define BACKENDS_BACKENDS_H

#include "backends/backend.h"
#include "backends/readiness.h"

#endif
