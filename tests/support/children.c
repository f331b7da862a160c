#include "support/children.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

/* Longer than anything takes on a busy machine with a sanitizer. */
#define SECONDS 60

int child_run(child_function run, void *context)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGALRM, SIG_DFL);
        alarm(SECONDS);
        _exit(run(context));
    }
    int status = 0;
    pid_t ended;
    do { /* tests are also run under a storm of signals */
        ended = waitpid(child, &status, 0);
    } while (ended < 0 && errno == EINTR);
    assert_int_equal(ended, child);
    if (!WIFEXITED(status))
        fail_msg("the child was ended by signal %d%s", WTERMSIG(status),
                 WTERMSIG(status) == SIGALRM ? ": it hung" : "");
    return WEXITSTATUS(status);
}

int child_failure(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: in the child: %s\n", file, line, condition);
    return 1;
}
