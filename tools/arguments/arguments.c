#include "arguments/arguments.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const struct argument_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int complain(const struct argument_table *table, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fprintf(stderr, "%s: ", table->program);
    vfprintf(stderr, format, values);
    fprintf(stderr, "\nTry '%s --help'.\n", table->program);
    va_end(values);
    return EXIT_USAGE;
}

static void print_usage(const struct argument_table *table)
{
    printf("usage: %s%s", table->program, table->count > 0 ? " [OPTION]..." : "");
    bool is_first_optional = table->is_optional && !table->second;
    if (table->operand)
        printf(is_first_optional ? " [%s]" : " %s", table->operand);
    if (table->second)
        printf(table->is_optional ? " [%s]" : " %s", table->second);
    printf("\n\n%s\n", table->about);
}

static int print_help(const struct argument_table *table)
{
    print_usage(table);
    for (size_t i = 0; i < table->count; i++) {
        const struct argument_option *option = &table->options[i];
        char left[40];
        snprintf(left, sizeof left, "--%s%s%s", option->name, option->value ? " " : "",
                 option->value ? option->value : "");
        printf("  %-24s %s\n", left, option->help);
    }
    printf("  %-24s %s\n", "--help", "print this text");
    if (table->outcome)
        printf("\n%s", table->outcome);
    return EXIT_DONE;
}

/* The row for `text`, which may go on with "=value". */
static const struct argument_option *find(const struct argument_table *table, const char *text)
{
    size_t size = strcspn(text, "=");
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->options[i].name;
        if (strlen(name) == size && memcmp(name, text, size) == 0)
            return &table->options[i];
    }
    return NULL;
}

static bool read_number(const char *text, const struct argument_option *option)
{
    /* strtol would take leading blanks and a plus sign. */
    bool is_number = (*text >= '0' && *text <= '9') || (*text == '-' && option->minimum < 0);
    char *end = NULL;
    errno = 0;
    long number = is_number ? strtol(text, &end, 10) : 0;
    if (!is_number || errno != 0 || *end != '\0')
        return false;
    if (number < option->minimum || number > option->maximum)
        return false;
    *option->number = number;
    return true;
}

static int take_value(const struct argument_table *table, const struct argument_option *option,
                      const char *value)
{
    if (option->text) {
        *option->text = value;
        return ARGUMENTS_GO_ON;
    }
    if (option->list) {
        if (option->list->count == ARGUMENT_LIST_MAX)
            return complain(table, "option '--%s' is given too often; %d are possible",
                            option->name, ARGUMENT_LIST_MAX);
        option->list->texts[option->list->count++] = value;
        return ARGUMENTS_GO_ON;
    }
    if (!read_number(value, option))
        return complain(table, "option '--%s' takes a number from %ld to %ld, not '%s'",
                        option->name, option->minimum, option->maximum, value);
    return ARGUMENTS_GO_ON;
}

/* Takes one option and its value; `at` is its place and moves on past the value. */
static int take_option(const struct argument_table *table, int argc, char **argv, int *at)
{
    const char *text = argv[*at] + 2;
    const struct argument_option *option = find(table, text);
    if (!option)
        return complain(table, "unknown option '%s'", argv[*at]);

    const char *value = strchr(text, '=');
    if (option->flag) {
        if (value)
            return complain(table, "option '--%s' takes no value", option->name);
        *option->flag = true;
        return ARGUMENTS_GO_ON;
    }
    if (value)
        value++;
    else if (*at + 1 < argc)
        value = argv[++*at];
    else
        return complain(table, "option '--%s' needs a value: %s", option->name, option->value);
    return take_value(table, option, value);
}

static int take_operand(const struct argument_table *table, const char *text)
{
    if (!table->out_text)
        return complain(table, "'%s' is not expected here", text);
    if (!*table->out_text) {
        *table->out_text = text;
        return ARGUMENTS_GO_ON;
    }
    if (!table->out_second)
        return complain(table, "only one %s, please; '%s' is one too many%s%s", table->operand,
                        text, table->one_word ? "; " : "", table->one_word ? table->one_word : "");
    if (*table->out_second)
        return complain(table, "only %s and %s, please; '%s' is one too many", table->operand,
                        table->second, text);
    *table->out_second = text;
    return ARGUMENTS_GO_ON;
}

static int look_for_operands(const struct argument_table *table)
{
    if (table->out_text && !*table->out_text && (table->out_second || !table->is_optional))
        return complain(table, "%s is missing", table->operand);
    if (table->out_second && !*table->out_second && !table->is_optional)
        return complain(table, "%s is missing", table->second);
    return ARGUMENTS_GO_ON;
}

int arguments_parse(const struct argument_table *table, int argc, char **argv)
{
    bool options_ended = false;
    for (int i = 0; i < argc; i++) {
        const char *text = argv[i];
        int status;
        if (options_ended || text[0] != '-' || text[1] == '\0') {
            status = take_operand(table, text);
        } else if (strcmp(text, "--") == 0) {
            options_ended = true;
            continue;
        } else if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
            return print_help(table);
        } else if (text[1] == '-') {
            status = take_option(table, argc, argv, &i);
        } else {
            return complain(table, "unknown option '%s'", text);
        }
        if (status != ARGUMENTS_GO_ON)
            return status;
    }
    return look_for_operands(table);
}
