/**
 * error: native codes to sn_error and back, the names and texts of errors, and each thread's last
 * native code.
 *
 * Below the verbs an outcome is the kernel's own number; a verb turns it into an sn_error once, in
 * its finish step, with the functions of <sennit/error.h>. This room must never know what a socket,
 * an operation or an address is, and it asks the kernel nothing.
 */
#ifndef ERROR_ERROR_H
#define ERROR_ERROR_H

#include <sennit/error.h>

/* What sn_error_last_native() tells this thread from now on: an errno value, positive; 0 for a call
 * that failed without asking the system. */
void error_set_last_native(int native);

#endif
