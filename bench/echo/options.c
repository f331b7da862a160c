#include "options.h"

#include <stdio.h>
#include <string.h>

#include "arguments/arguments.h"

enum { ROUNDS = 20, QUICK_ROUNDS = 12 };
/* The time covers starting, warming up and ending too. */
static const uint64_t QUICK_MAX_NS = 80000000000;
static const uint64_t REQUESTS = 100000;

/* What was given. */
struct words {
    int argc;
    char **argv;
    int at;
    bool is_quick;
    long rounds;             /* 0: not given */
    long requests;           /* 0: not given */
    const char *connections; /* NULL: not given */
    const char *scenarios;   /* NULL: not given */
    const char *contenders;  /* NULL: not given */
    const char *server;      /* NULL: not given */
};

static int complain(const char *text, const char *value)
{
    fprintf(stderr, "echo: %s%s%s%s\nTry 'echo --help'.\n", text, value ? ": '" : "",
            value ? value : "", value ? "'" : "");
    return EXIT_USAGE;
}

static void print_scenarios(void)
{
    printf("\nscenarios (* in a quick run):\n");
    for (size_t i = 0; i < scenario_count; i++)
        printf("  %c %-20s  %s\n", scenarios[i].is_quick ? '*' : ' ', scenarios[i].name,
               scenarios[i].about);
}

static void print_contenders(void)
{
    printf("\ncontenders (* in a quick run):\n");
    for (size_t i = 0; i < rival_count; i++)
        printf("  %c %-22s  %s\n", rivals[i].extras == EXTRAS_ECHO ? ' ' : '*', rivals[i].name,
               rivals[i].about);
}

static int print_help(void)
{
    printf("usage: echo [OPTION]...\n"
           "       echo --server NAME PORT\n"
           "       echo --load PORT [--connections N] [--requests N]\n\n"
           "Servers compared: each is a program of its own, all of them are alive at once on one\n"
           "processor, and the load, on another, goes round them in short windows.\n\n"
           "  --quick               fewer scenarios and rounds, within two minutes\n"
           "  --scenarios LIST      some of those below, separated by commas\n"
           "  --connections N[,N]   64 bytes to and fro on so many connections\n"
           "  --rounds N            how many rounds (20); under 10 say little\n"
           "  --contenders LIST     some of those below, separated by commas\n"
           "  --server NAME PORT    only serve, in the foreground, until it is killed\n"
           "  --load PORT           only load the server on that port of 127.0.0.1\n"
           "  --requests N          of --load, how many in all (100000)\n"
           "  --machine             print what this machine is, as records\n"
           "  --help                print this text\n");
    print_scenarios();
    print_contenders();
    return EXIT_DONE;
}

/* Digits only, up to `end`. */
static bool read_number(const char *text, const char *end, long minimum, long maximum,
                        long *out_number)
{
    long number = 0;
    if (text == end)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (*text - '0');
        if (number > maximum)
            return false;
    }
    *out_number = number;
    return number >= minimum;
}

/* --- Words --- */

static const char *take_value(struct words *words)
{
    return words->at + 1 < words->argc ? words->argv[++words->at] : NULL;
}

static int take_text(struct words *words, const char **out_text, const char *absence)
{
    *out_text = take_value(words);
    return *out_text ? ARGUMENTS_GO_ON : complain(absence, NULL);
}

static int take_number(struct words *words, long minimum, long maximum, long *out_number,
                       const char *mistake)
{
    const char *text = take_value(words);
    if (!text || !read_number(text, text + strlen(text), minimum, maximum, out_number))
        return complain(mistake, text);
    return ARGUMENTS_GO_ON;
}

static int take_server(struct words *words, struct options *options)
{
    long port = 0;
    int status = take_text(words, &words->server, "--server needs a name and a port");
    if (status == ARGUMENTS_GO_ON)
        status = take_number(words, 0, 65535, &port,
                             "--server takes a name and a port from 0 (any) to 65535");
    options->server_port = (int)port;
    return status;
}

static int take_load(struct words *words, struct options *options)
{
    long port = 0;
    int status = take_number(words, 1, 65535, &port, "--load takes a port from 1 to 65535");
    options->load_port = (int)port;
    return status;
}

static int take_word(struct words *words, struct options *options)
{
    const char *word = words->argv[words->at];
    if (strcmp(word, "--quick") == 0) {
        words->is_quick = true;
        return ARGUMENTS_GO_ON;
    }
    if (strcmp(word, "--machine") == 0) {
        options->only_machine = true;
        return ARGUMENTS_GO_ON;
    }
    if (strcmp(word, "--connections") == 0)
        return take_text(words, &words->connections, "--connections needs a list of numbers");
    if (strcmp(word, "--scenarios") == 0)
        return take_text(words, &words->scenarios, "--scenarios needs a list of names");
    if (strcmp(word, "--contenders") == 0)
        return take_text(words, &words->contenders, "--contenders needs a list of names");
    if (strcmp(word, "--rounds") == 0)
        return take_number(words, 1, 10000, &words->rounds,
                           "--rounds takes a number from 1 to 10000");
    if (strcmp(word, "--requests") == 0)
        return take_number(words, 1, 1000000000, &words->requests,
                           "--requests takes a number from 1 to 1000000000");
    if (strcmp(word, "--server") == 0)
        return take_server(words, options);
    if (strcmp(word, "--load") == 0)
        return take_load(words, options);
    return complain("this is not expected here", word);
}

/* --- What the words mean --- */

static int add_scenario(struct plan *plan, const struct scenario *scenario)
{
    if (plan->scenario_count == PLAN_MAX)
        return complain("too many scenarios", NULL);
    struct scenario *added = &plan->scenarios[plan->scenario_count++];
    *added = *scenario;
    if (plan->is_quick && added->quick_count > 0)
        added->load.connection_count = added->quick_count;
    return ARGUMENTS_GO_ON;
}

static int read_size(const char *text, size_t size, const char *list, struct plan *plan)
{
    long number;
    if (!read_number(text, text + size, 1, 100000, &number))
        return complain("--connections takes numbers from 1 to 100000", list);
    const struct scenario scenario = scenario_echo((size_t)number);
    return add_scenario(plan, &scenario);
}

static int read_scenario(const char *text, size_t size, const char *list, struct plan *plan)
{
    const struct scenario *scenario = scenario_find(text, size);
    return scenario ? add_scenario(plan, scenario)
                    : complain("--scenarios takes names that --help lists", list);
}

static int read_contender(const char *text, size_t size, const char *list, struct plan *plan)
{
    const struct rival *rival = rival_find(text, size);
    if (!rival)
        return complain("--contenders takes names that --help lists", list);
    for (size_t i = 0; i < plan->named_count; i++) {
        if (plan->named[i] == rival)
            return ARGUMENTS_GO_ON;
    }
    plan->named[plan->named_count++] = rival;
    return ARGUMENTS_GO_ON;
}

/* Each member of a list that is separated by commas. */
static int read_list(const char *list, struct plan *plan,
                     int (*read)(const char *text, size_t size, const char *list,
                                 struct plan *plan))
{
    int status = ARGUMENTS_GO_ON;
    for (const char *text = list; list && status == ARGUMENTS_GO_ON; text++) {
        size_t size = strcspn(text, ",");
        status = read(text, size, list, plan);
        text += size;
        if (*text == '\0')
            break;
    }
    return status;
}

static int add_usual_scenarios(struct plan *plan)
{
    int status = ARGUMENTS_GO_ON;
    for (size_t i = 0; i < scenario_count && status == ARGUMENTS_GO_ON; i++) {
        if (scenarios[i].is_quick || !plan->is_quick)
            status = add_scenario(plan, &scenarios[i]);
    }
    return status;
}

static int make_plan(const struct words *words, struct options *options)
{
    struct plan *plan = &options->plan;
    plan->is_quick = words->is_quick;
    plan->round_count = words->is_quick ? QUICK_ROUNDS : ROUNDS;
    plan->time_max_ns = words->is_quick ? QUICK_MAX_NS : 0;
    if (words->rounds > 0)
        plan->round_count = (size_t)words->rounds;
    int status = read_list(words->connections, plan, read_size);
    if (status == ARGUMENTS_GO_ON)
        status = read_list(words->scenarios, plan, read_scenario);
    if (status == ARGUMENTS_GO_ON)
        status = read_list(words->contenders, plan, read_contender);
    if (status == ARGUMENTS_GO_ON && plan->scenario_count == 0)
        status = add_usual_scenarios(plan);
    return status;
}

static int check_combination(const struct words *words, struct options *options)
{
    bool compares = words->is_quick || words->rounds > 0 || words->contenders || words->scenarios;
    if (words->server) {
        if (compares || words->connections || words->requests > 0 || options->load_port > 0)
            return complain("--server goes with no other option", NULL);
        options->server = rival_find(words->server, strlen(words->server));
        return options->server ? ARGUMENTS_GO_ON
                               : complain("--server takes a name that --help lists", words->server);
    }
    if (options->load_port > 0) {
        if (compares || (words->connections && options->plan.scenario_count != 1))
            return complain("--load goes with --requests and with one number of connections", NULL);
        if (!words->connections)
            options->plan.scenarios[0] = scenario_echo(50);
        return ARGUMENTS_GO_ON;
    }
    return words->requests > 0 ? complain("--requests goes with --load", NULL) : ARGUMENTS_GO_ON;
}

int options_parse(int argc, char **argv, struct options *out_options)
{
    struct words words = {.argc = argc, .argv = argv};
    int status = ARGUMENTS_GO_ON;
    *out_options = (struct options){.load_port = 0};
    for (words.at = 1; words.at < argc && status == ARGUMENTS_GO_ON; words.at++) {
        if (strcmp(argv[words.at], "--help") == 0 || strcmp(argv[words.at], "-h") == 0)
            return print_help();
        status = take_word(&words, out_options);
    }
    if (status == ARGUMENTS_GO_ON)
        status = make_plan(&words, out_options);
    if (status == ARGUMENTS_GO_ON)
        status = check_combination(&words, out_options);
    out_options->request_count = words.requests > 0 ? (uint64_t)words.requests : REQUESTS;
    return status;
}
