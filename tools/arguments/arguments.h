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

/* The values of an option that may be given several times. */
enum { ARGUMENT_LIST_MAX = 32 };
struct argument_list {
    const char *texts[ARGUMENT_LIST_MAX];
    size_t count;
};

/* One option: a switch, a text, a list of texts, or else a number; by which pointer is set. */
struct argument_option {
    const char *name;           /* long name, without the dashes */
    bool *flag;                 /* set to true */
    const char **text;          /* set to the value as it was given */
    struct argument_list *list; /* the value is added */
    long *number;               /* set to the value */
    long minimum;               /* of the number */
    long maximum;               /* of the number */
    const char *value;          /* what the help calls the value, such as "MS" */
    const char *help;           /* one line */
};

/* The row of a number. */
#define ARGUMENT_NUMBER(option, place, least, most, word, text)                                    \
    {                                                                                              \
        .name = (option), .number = (place), .minimum = (least), .maximum = (most),                \
        .value = (word), .help = (text)                                                            \
    }

/* A program, or a command of one. */
struct argument_table {
    const char *program;   /* as typed, such as "sennit listen" */
    const char *about;     /* what it does: lines, each ended */
    const char *operand;   /* what the help calls the first operand; NULL: there is none */
    const char **out_text; /* where the operand goes; NULL: there is none */
    const char *second;    /* what the help calls the second one; NULL: there is none */
    const char **out_second;
    bool is_optional;     /* the last operand may be left out */
    const char *one_word; /* what to try where there is an operand too many; NULL: nothing */
    const char *outcome;  /* what stands behind the options: lines, each ended; NULL: nothing */
    const struct argument_option *options;
    size_t count;
};

/**
 * Reads the arguments; --help prints the help, and a mistake is explained on standard error.
 *
 * @param table  borrowed for the call
 * @param argc   without the program's and the command's name
 * @param argv   borrowed; operands and texts point into it afterwards
 * @return       ARGUMENTS_GO_ON, or the status to exit with
 */
int arguments_parse(const struct argument_table *table, int argc, char **argv);

#endif
