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

/* How this program is executed once more: `path` is what the kernel runs. Where it is emulated,
 * that is the emulator: its command stands in SENNIT_TEST_EMULATOR, with spaces between the words.
 */
struct anew_command {
    const char *path;
    char *words[16];
};

/* With one argument, or with none (NULL). The texts stay until the next call. */
void anew_command_make(struct anew_command *out_command, const char *argument);

#endif
