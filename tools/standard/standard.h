/**
 * The standard streams of a program, at its beginning and at its end. It knows nothing of what is
 * read or written in between.
 */
#ifndef TOOLS_STANDARD_H
#define TOOLS_STANDARD_H

/**
 * Makes sure that the numbers 0, 1 and 2 are taken, before anything else is opened: where a caller
 * has closed one, the next descriptor would get its number, and a socket would be taken for the
 * standard output. A closed input is empty from now on; writing to a closed output fails.
 *
 * @return EXIT_DONE, or EXIT_FAILED where that cannot be done
 */
int standard_begin(void);

/**
 * Writes out what stdio still holds, and says so if that or any earlier write has failed: what a
 * full disk did not take must not count as done.
 *
 * @param program  for the complaint
 * @param status   what the program would exit with
 * @param failure  what it exits with if output was lost and `status` is EXIT_DONE
 * @return         the status to exit with
 */
int standard_end(const char *program, int status, int failure);

#endif
