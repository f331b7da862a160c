/* Files of scenarios: which lines are steps, and whether each can be played. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    const char *path;
    int line;
    scenario_file *file;
    struct scenario *current;
};

static bool complain(const struct reader *reader, const char *what, const char *about)
{
    fprintf(stderr, "%s:%d: %s%s%s\n", reader->path, reader->line, what, about ? ": " : "",
            about ? about : "");
    return false;
}

const struct verb *verb_find(const char *name)
{
    static const struct verb *const tables[] = {
        socket_verbs, stream_verbs,     datagram_verbs, connect_verbs, property_verbs,
        option_verbs, address_verbs,    network_verbs,  order_verbs,   system_verbs,
        poll_verbs,   message_verbs,    file_verbs,     tcp_verbs,     listener_verbs,
        udp_verbs,    net_stream_verbs, dns_verbs,      resolver_verbs};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (const struct verb *row = tables[i]; row->name; row++) {
            if (strcmp(row->name, name) == 0)
                return row;
        }
    }
    return NULL;
}

/* Which arguments of the step are names that it gives. */
bool step_names(const struct step *step, size_t index)
{
    static const char *const first[] = {
        "create",     "create-dual",      "connect-new",          "connect-new-racing",
        "adopt",      "adopt-copy",       "adopt-number",         "adopt-kernel",
        "tcp-client", "tcp-client-bound", "tcp-client-connected", "tcp-socket",
        "tcp-stream", "listener",         "listener-dual",        "listener-socket",
        "udp-client", "udp-client-bound", "udp-client-on-port",   "udp-client-connected",
        "udp-socket", "stream",           "stream-socket",        NULL};
    static const char *const second[] = {"accept", "try-accept", "listener-accept",
                                         "listener-accept-client", NULL};
    const char *name = step->verb->name;
    for (size_t i = 0; second[i]; i++) {
        if (strcmp(name, second[i]) == 0)
            return index == 1;
    }
    if (strcmp(name, "pair") == 0 || strcmp(name, "adopt-pipe") == 0)
        return index < 2;
    for (size_t i = 0; first[i]; i++) {
        if (strcmp(name, first[i]) == 0)
            return index == 0;
    }
    return false;
}

bool scenario_names(const struct scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct step *step = &scenario->steps[i];
        for (size_t j = 0; j < step->words.count; j++) {
            if (step_names(step, j) && strcmp(step->words.items[j].text, name) == 0)
                return true;
        }
    }
    return false;
}

/* scenario NAME [only=blocking|async] [needs=WHAT] */
static bool begin_scenario(struct reader *reader, const words *list)
{
    if (list->count < 2)
        return complain(reader, "a scenario needs a name", NULL);
    scenario_file *file = reader->file;
    for (size_t i = 0; i < file->count; i++) {
        if (strcmp(file->scenarios[i].name, list->items[1].text) == 0)
            return complain(reader, "a second scenario of this name", list->items[1].text);
    }
    if (file->count % 64 == 0) {
        struct scenario *more = room(sizeof *more * (file->count + 64));
        if (file->count > 0)
            memcpy(more, file->scenarios, sizeof *more * file->count);
        free(file->scenarios);
        file->scenarios = more;
    }
    struct scenario *made = &file->scenarios[file->count++];
    *made = (struct scenario){.name = copy_text(list->items[1].text), .line = reader->line};
    made->styles = STYLE_BLOCKING | STYLE_ASYNCHRONOUS;
    reader->current = made;
    for (size_t i = 2; i < list->count; i++) {
        const char *mark = list->items[i].text;
        if (strcmp(mark, "only=blocking") == 0)
            made->styles = STYLE_BLOCKING;
        else if (strcmp(mark, "only=async") == 0)
            made->styles = STYLE_ASYNCHRONOUS;
        else if (strncmp(mark, "needs=", 6) == 0 && !made->needs)
            made->needs = copy_text(mark + 6);
        else
            return complain(reader, "unknown mark of a scenario", mark);
    }
    return true;
}

/* Takes "async NAME:", "async-cancelled NAME:" or "in thread NAME:" off the front. */
static size_t read_form(const words *list, struct step *step)
{
    size_t used = 0;
    if (word_is(&list->items[0], "async") && list->count > 2) {
        step->form = STEP_ASYNC;
        used = 2;
    } else if (word_is(&list->items[0], "async-cancelled") && list->count > 2) {
        step->form = STEP_ASYNC_CANCELLED;
        used = 2;
    } else if (word_is(&list->items[0], "in") && list->count > 3 &&
               word_is(&list->items[1], "thread")) {
        step->form = STEP_THREAD;
        used = 3;
    }
    if (used == 0)
        return 0;
    step->label = copy_text(list->items[used - 1].text);
    size_t size = strlen(step->label);
    if (size < 2 || step->label[size - 1] != ':')
        return SIZE_MAX;
    step->label[size - 1] = '\0';
    return used;
}

static char *trimmed(const char *line)
{
    line += strspn(line, " \t");
    char *copy = copy_text(line);
    size_t size = strlen(copy);
    while (size > 0 && strchr(" \t\r\n", copy[size - 1]))
        copy[--size] = '\0';
    return copy;
}

/* Keeps the words after the verb. */
static void take_arguments(words *list, size_t used, struct step *step)
{
    step->words.items = room(sizeof(word) * (list->count + 1));
    for (size_t i = 0; i < list->count; i++) {
        if (i < used)
            free(list->items[i].text);
        else
            step->words.items[step->words.count++] = list->items[i];
    }
    free(list->items);
    *list = (words){0};
}

static bool add_step(struct reader *reader, const char *line, words *list)
{
    if (!reader->current)
        return complain(reader, "a step before the first scenario", list->items[0].text);
    struct scenario *to = reader->current;
    if (to->step_count % 16 == 0) {
        struct step *more = room(sizeof *more * (to->step_count + 16));
        if (to->step_count > 0)
            memcpy(more, to->steps, sizeof *more * to->step_count);
        free(to->steps);
        to->steps = more;
    }
    struct step *made = &to->steps[to->step_count++];
    *made = (struct step){.line = reader->line, .text = trimmed(line)};
    size_t used = read_form(list, made);
    if (used == SIZE_MAX || used >= list->count)
        return complain(reader, "a name and a colon must follow", list->items[0].text);
    const char *name = list->items[used].text;
    made->verb = verb_find(name);
    if (!made->verb)
        return complain(reader, "unknown step", name);
    int count = (int)(list->count - used - 1);
    if (count < made->verb->least || count > made->verb->most)
        return complain(reader, "wrong number of arguments", name);
    if ((made->form == STEP_ASYNC || made->form == STEP_ASYNC_CANCELLED) && !made->verb->call)
        return complain(reader, "this step has no asynchronous form", name);
    take_arguments(list, used + 1, made);
    return true;
}

static bool read_line(struct reader *reader, const char *line)
{
    words list;
    const char *problem = words_read(line, &list);
    if (problem)
        return complain(reader, problem, NULL);
    bool fine = true;
    if (list.count > 0) {
        fine = word_is(&list.items[0], "scenario") ? begin_scenario(reader, &list)
                                                   : add_step(reader, line, &list);
    }
    words_free(&list);
    return fine;
}

bool scenario_file_read(const char *path, scenario_file *out_file)
{
    FILE *input = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (!input) {
        perror(path);
        return false;
    }
    *out_file = (scenario_file){.path = path};
    struct reader reader = {.path = path, .file = out_file};
    char *line = NULL;
    size_t capacity = 0;
    bool fine = true;
    while (fine && getline(&line, &capacity, input) >= 0) {
        reader.line++;
        fine = read_line(&reader, line);
    }
    free(line);
    if (input != stdin)
        fclose(input);
    if (!fine)
        scenario_file_free(out_file);
    return fine;
}

void scenario_file_free(scenario_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        struct scenario *each = &file->scenarios[i];
        for (size_t j = 0; j < each->step_count; j++) {
            words_free(&each->steps[j].words);
            free(each->steps[j].label);
            free(each->steps[j].text);
        }
        free(each->steps);
        free(each->needs);
        free(each->name);
    }
    free(file->scenarios);
    *file = (scenario_file){0};
}
