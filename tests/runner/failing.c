/*
 * A program whose tests fail on purpose, for runner_test.sh. Each failing test is followed by one
 * that looks at what is left of it. RUNNER_FOLDER is where they leave word of themselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/async.h"
#include "support/descriptors.h"

/* What a process has that a test can leave changed. */
struct look {
    size_t descriptors;
    bool has_variable, has_action;
    sigset_t mask;
    rlim_t files;
    mode_t umask;
    char folder[4096];
};

static struct look look_now(void)
{
    struct look look;
    struct rlimit limit;
    struct sigaction action;
    memset(&look, 0, sizeof look);
    look.descriptors = descriptors_count();
    look.has_variable = getenv("RUNNER_LEFT") != NULL;
    assert_int_equal(0, sigaction(SIGUSR1, NULL, &action));
    look.has_action = action.sa_handler != SIG_DFL;
    assert_int_equal(0, sigprocmask(SIG_SETMASK, NULL, &look.mask));
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
    look.files = limit.rlim_cur;
    look.umask = umask(0);
    (void)umask(look.umask);
    assert_non_null(getcwd(look.folder, sizeof look.folder));
    return look;
}

static int open_note(const char *name, int flags)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("RUNNER_FOLDER"), name);
    int file = open(path, flags | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    return file;
}

static void leave_note(const char *name, const void *data, size_t size)
{
    int file = open_note(name, O_WRONLY | O_CREAT | O_TRUNC);
    assert_int_equal(size, write(file, data, size));
    close(file);
}

static void read_note(const char *name, void *data, size_t size)
{
    int file = open_note(name, O_RDONLY);
    assert_int_equal(size, read(file, data, size));
    close(file);
}

TEST(looks_at_the_process)
{
    struct look look = look_now();
    leave_note("look", &look, sizeof look);
}

static sn_error accept_one(void *listener)
{
    sn_socket *accepted = NULL;
    return sn_socket_accept(listener, &accepted);
}

static void change_the_process(void)
{
    sigset_t all;
    sigfillset(&all);
    assert_int_equal(0, sigprocmask(SIG_BLOCK, &all, NULL));
    assert_true(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    assert_int_equal(0, setenv("RUNNER_LEFT", "1", 1));
    (void)umask(077);
    assert_int_equal(0, chdir("/"));
    struct rlimit limit;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = descriptors_count();
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
}

TEST(fails_with_everything_open)
{
    sn_socket *listener = socket_listening(TCP_IPV4, 16);
    sn_endpoint address = local_endpoint(listener);
    leave_note("address", &address, sizeof address);
    static struct thread thread;
    thread_start_blocked(&thread, accept_one, listener);

    sn_engine *engine = engine_make(1);
    struct socket_pair pair = pair_plain(TCP_IPV4);
    struct pending pending; /* in this frame, and the engine has it when the frame is gone */
    char byte;
    pending_init(&pending);
    assert_ok(sn_socket_set_engine(pair.client, engine));
    assert_true(sn_socket_receive_async(pair.client, &byte, 1, SN_FLAG_NONE, &pending.operation));

    assert_true(open("/dev/null", O_RDONLY) >= 0); /* not closed by an execution */
    change_the_process();
    assert_true(false);
}

static bool is_in_a_new_process;

TEST(finds_a_process_like_the_first_and_the_port_free)
{
    struct look before, now = look_now();
    read_note("look", &before, sizeof before);
    assert_int_equal(before.descriptors, now.descriptors);
    assert_memory_equal(&before, &now, sizeof now);

    sn_endpoint address;
    read_note("address", &address, sizeof address);
    sn_socket *listener = socket_make(TCP_IPV4);
    assert_ok(sn_socket_bind(listener, &address));
    assert_ok(sn_socket_listen(listener, 1));
    sn_socket_release(listener);
    is_in_a_new_process = true;
}

TEST(is_skipped)
{
    SKIP("nothing is spoiled by that");
}

TEST(runs_in_the_same_process)
{
    assert_true(is_in_a_new_process);
}

/* The machine does not carry it, says a file: it neither runs nor mends what is left. */
TEST(is_left_out)
{
    assert_true(false);
}

TEST(leaves_a_descriptor)
{
    (void)socket_make(TCP_IPV4);
}

TEST(runs_in_another_process)
{
    assert_false(is_in_a_new_process);
}

TEST(is_ended_by_a_signal)
{
    raise(SIGFPE);
}

TEST(fails_in_a_forked_child_alone)
{
    pid_t child = fork();
    if (child == 0)
        assert_true(false);
    int status = 0;
    while (waitpid(child, &status, 0) != child)
        assert_int_equal(EINTR, errno);
    assert_true(WIFEXITED(status));
    assert_int_equal(1, WEXITSTATUS(status));
}

TEST(comes_after_the_child)
{
}

TEST(fails_as_the_last)
{
    assert_true(false);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(looks_at_the_process),
        CASE(fails_with_everything_open),
        CASE(finds_a_process_like_the_first_and_the_port_free),
        CASE(is_skipped),
        CASE(runs_in_the_same_process),
        CASE(is_left_out),
        CASE(leaves_a_descriptor),
        CASE(is_left_out),
        CASE(runs_in_another_process),
        CASE(is_ended_by_a_signal),
        CASE(fails_in_a_forked_child_alone),
        CASE(comes_after_the_child),
        CASE(fails_as_the_last),
    };
    return RUN(cases);
}
