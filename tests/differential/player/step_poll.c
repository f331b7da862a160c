/* Steps that ask whether something is ready: poll, select, io-control. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 32 };

/* poll SOCKET MICROSECONDS MODE */
static void step_poll(struct run *run, const struct step *step, text *out)
{
    bool ready;
    sn_error error = sn_socket_poll(
        value_socket(run, step, argument(run, step, 0)),
        (int)value_number(run, step, argument(run, step, 1)),
        (sn_select_mode)value_name(run, step, "select", argument(run, step, 2)), &ready);
    if (!show_failed(out, error))
        show_bool(out, ready);
}

/* A list of sockets as "a,b,c"; absent: no list. */
struct list {
    sn_socket_list sockets;
    sn_socket *room[LIST_MAX];
};

static sn_socket_list *read_list(struct run *run, const struct step *step, const char *name,
                                 struct list *out)
{
    const char *names = argument_named(step, name);
    *out = (struct list){0};
    out->sockets.sockets = out->room;
    if (!names)
        return NULL;
    char copy[256];
    snprintf(copy, sizeof copy, "%s", names);
    char *rest = copy;
    for (char *each; (each = strsep(&rest, ",")) != NULL;) {
        word item = {each, strlen(each), false};
        if (*each && out->sockets.count < LIST_MAX)
            out->room[out->sockets.count++] = value_socket(run, step, &item);
    }
    return &out->sockets;
}

/* Names of a socket; one that has two is shown with its first. */
static const char *name_of(struct run *run, const sn_socket *socket)
{
    for (size_t i = 0; i < run->socket_count; i++) {
        if (run->sockets[i].socket == socket)
            return run->sockets[i].name;
    }
    return "?";
}

static void show_list(struct run *run, text *out, const char *name, const sn_socket_list *sockets)
{
    if (!sockets)
        return;
    text_add(out, " %s=", name);
    for (size_t i = 0; i < sockets->count; i++)
        text_add(out, "%s%s", i > 0 ? "," : "", name_of(run, sockets->sockets[i]));
}

/* select TIMEOUT [read=A,B] [write=...] [error=...] */
static void step_select(struct run *run, const struct step *step, text *out)
{
    struct list lists[3];
    sn_socket_list *read = read_list(run, step, "read", &lists[0]);
    sn_socket_list *write = read_list(run, step, "write", &lists[1]);
    sn_socket_list *error = read_list(run, step, "error", &lists[2]);
    int timeout_us = (int)value_number(run, step, argument(run, step, 0));
    if (show_failed(out, sn_socket_select(read, write, error, timeout_us)))
        return;
    show_list(run, out, "read", read);
    show_list(run, out, "write", write);
    show_list(run, out, "error", error);
}

/* io-control SOCKET CODE SIZE */
static void step_io_control(struct run *run, const struct step *step, text *out)
{
    uint8_t answer[16] = {0};
    int32_t number;
    size_t written = 0;
    const word *size = argument(run, step, 2);
    bool absent = word_is(size, "null");
    sn_error error = sn_socket_io_control(
        value_socket(run, step, argument(run, step, 0)),
        (sn_io_control_code)value_name(run, step, "control", argument(run, step, 1)), NULL, 0,
        absent ? NULL : answer, absent ? 0 : (size_t)value_number(run, step, size), &written);
    if (show_failed(out, error))
        return;
    memcpy(&number, answer, sizeof number);
    text_add(out, " %zu %d", written, number);
}

const struct verb poll_verbs[] = {
    {"poll", 3, 3, step_poll, NULL, false},
    {"select", 1, 4, step_select, NULL, false},
    {"io-control", 3, 3, step_io_control, NULL, false},
    {0},
};
