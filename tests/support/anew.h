/*
 * This process, executed again: the same program with the arguments, environment, signals, limits
 * and folder that it was begun with, and with nothing of what was made since.
 */
#ifndef TESTS_SUPPORT_ANEW_H
#define TESTS_SUPPORT_ANEW_H

/* Remembers how the process was begun; before anything changes it. */
void anew_remember(void);
/* A word for the process that comes next, with which it finds its place. */
#define ANEW_VARIABLE "SENNIT_TEST_FROM"
/* Returns only where it cannot be done, and says why. */
void anew_execute(const char *word);

#endif
