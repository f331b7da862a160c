/*
 * Forked children that run a piece of a test. One that hangs is ended by an alarm.
 */
#ifndef TESTS_SUPPORT_CHILDREN_H
#define TESTS_SUPPORT_CHILDREN_H

/* In the child; 0: all was well, else a number that says what was not. */
typedef int (*child_function)(void *context);

/* Forks, waits for the end, and fails the test if that was not an exit. Gives its status. */
int child_run(child_function run, void *context);

/* What is true in a child, where no assert may run: gives the line of the first that is not. */
#define CHILD_EXPECT(condition)                                                                    \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return child_failure(__FILE__, __LINE__, #condition);                                  \
    } while (0)
int child_failure(const char *file, int line, const char *condition);

#endif
