/**
 * Cases that the machine under the tests does not carry, such as an emulator's. A file names them;
 * scripts/test-ports makes it from scripts/cross/exceptions.
 */
#ifndef TESTS_SUPPORT_EXCEPTIONS_H
#define TESTS_SUPPORT_EXCEPTIONS_H

/* Why this case of this program is left out, or NULL. The text stays. */
const char *exceptions_reason(const char *name);

#endif
