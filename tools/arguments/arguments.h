/**
 * Command lines: a program describes its options in a table, a row each, and the parser and the
 * help text are both made from it.
 *
 * Strict on purpose: no abbreviated names, no number with something behind it, nothing given that
 * is not used. It knows nothing of what the options mean.
 */
#ifndef TOOLS_ARGUMENTS_H
#define TOOLS_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

/* The exit statuses of all our programs. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* arguments_parse() found nothing to complain about and the program shall begin. */
enum { ARGUMENTS_GO_ON = -1 };

/* One option: a switch if `flag` is set, else it takes a number. */
struct argument_option {
    const char *name;  /* long name, without the dashes */
    bool *flag;        /* set to true */
    long *number;      /* set to the value */
    long minimum;      /* of the number */
    long maximum;      /* of the number */
    const char *value; /* what the help calls the number, such as "MS" */
    const char *help;  /* one line */
};

/* A program, or a command of one. */
struct argument_table {
    const char *program;   /* as typed, such as "sennit listen" */
    const char *about;     /* what it does: lines, each ended */
    const char *operand;   /* what the help calls the one operand; NULL: there is none */
    const char **out_text; /* where the operand goes; NULL: there is none */
    const struct argument_option *options;
    size_t count;
};

/**
 * Reads the arguments; --help prints the help, and a mistake is explained on standard error.
 *
 * @param table  borrowed for the call
 * @param argc   without the program's and the command's name
 * @param argv   borrowed; the operand points into it afterwards
 * @return       ARGUMENTS_GO_ON, or the status to exit with
 */
int arguments_parse(const struct argument_table *table, int argc, char **argv);

#endif
