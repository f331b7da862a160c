/* A fork while something is pending: the child closes its copies and talks for itself. */
#include "faults/scenarios/all.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/child.h"

enum { CHILD_FINE = 0 };

static struct op receiving;
static char byte;

static void child_talks(void)
{
    sn_socket *pair[2] = {NULL, NULL};
    char data[4] = "";
    size_t size = 0;
    if (!step("make a pair in the child", sn_socket_pair(SN_TYPE_STREAM, pair)))
        return;
    if (step("send in the child", sn_socket_send(pair[0], "abc", 3, SN_FLAG_NONE, NULL)) &&
        step("receive in the child",
             sn_socket_receive(pair[1], data, sizeof data, SN_FLAG_NONE, &size)))
        must(size == 3 && memcmp(data, "abc", 3) == 0, "other bytes came in the child");
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
}

/* What it failed at is its own; it is judged by coming to its end. */
static _Noreturn void be_child(sn_socket *pair[2])
{
    child_watch_again();
    child_talks();
    sn_socket_close(pair[0]);
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    _exit(CHILD_FINE);
}

static bool fork_and_wait(sn_socket *pair[2])
{
    int status = 0;
    pid_t child = fork();
    must(child >= 0, "no fork");
    if (child == 0)
        be_child(pair);
    child_note_step("waiting for the child");
    must(waitpid(child, &status, 0) == child, "the child is not there");
    must(WIFEXITED(status), "the child was killed, or hung");
    must(WEXITSTATUS(status) == CHILD_FINE, "the child has failed");
    return true;
}

void play_forks(void)
{
    sn_socket *pair[2] = {NULL, NULL};
    memset(&receiving, 0, sizeof receiving);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair))) {
        keep(pair[0]);
        keep(pair[1]);
        if (step("set the engine", sn_socket_set_engine(pair[0], engine))) {
            sn_socket_receive_async(pair[0], &byte, 1, SN_FLAG_NONE, op_ready(&receiving, NULL));
            if (fork_and_wait(pair) &&
                step("send", sn_socket_send(pair[1], "x", 1, SN_FLAG_NONE, NULL)) &&
                step("receive", sn_operation_wait(&receiving.operation)))
                must(receiving.operation.transferred == 1 && byte == 'x', "another byte came");
        }
    }
    engine_end(engine, 1);
}
