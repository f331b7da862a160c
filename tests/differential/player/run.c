/* Plays one scenario on a thread of its own, so that one that hangs does not stop the others. */
#include "player.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_SECONDS = 8, GRACE_SECONDS = 2 };

/* PLAY_LIMIT in the environment sets another limit, in seconds. */
static int limit_seconds(void)
{
    const char *limit = getenv("PLAY_LIMIT");
    return limit ? atoi(limit) : LIMIT_SECONDS;
}

void run_broken(const struct run *run, const struct step *step, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", run->path, step->line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    fflush(stdout);
    _exit(2);
}

struct task *run_task(struct run *run, const struct step *step, const char *label)
{
    for (size_t i = 0; i < run->task_count; i++) {
        if (strcmp(run->tasks[i].label, label) == 0)
            return &run->tasks[i];
    }
    run_broken(run, step, "nothing of this name was started: %s", label);
}

static struct task *add_task(struct run *run, const struct step *step)
{
    if (run->task_count == NAMES_MAX)
        run_broken(run, step, "too many names");
    struct task *made = &run->tasks[run->task_count++];
    made->label = step->label;
    made->run = run;
    made->step = step;
    return made;
}

/* --- Threads ---------------------------------------------------------------------------------- */

/* Whether a try- step has nothing to do. */
static bool is_idle(struct run *run, const struct step *step, text *out)
{
    bool ready;
    sn_socket *socket = value_socket(run, step, argument(run, step, 0));
    sn_error error = sn_socket_poll(socket, 0, SN_SELECT_READ, &ready);
    if (error == SN_OK && ready)
        return false;
    if (error != SN_OK)
        show_error(out, error);
    else
        text_add(out, "idle");
    return true;
}

static void play_plainly(struct run *run, const struct step *step, text *out)
{
    if (!step->verb->call) {
        step->verb->plain(run, step, out);
        return;
    }
    if (step->verb->asks_first && is_idle(run, step, out))
        return;
    struct call *call = call_create(run, step);
    call_play(run, call, out);
    call_destroy(call);
}

/* Whether part of a word, such as NAME in port(NAME), is a socket that could not be made. */
static bool lacks_socket(struct run *run, const word *item)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", item->text);
    char *rest = copy;
    for (char *part; (part = strsep(&rest, "(),=:")) != NULL;) {
        if (*part && !value_named(run, part) && scenario_names(run->scenario, part))
            return true;
    }
    return false;
}

static bool step_lacks_socket(struct run *run, const struct step *step)
{
    for (size_t i = 0; i < step->words.count; i++) {
        const word *item = &step->words.items[i];
        if (!item->quoted && !step_names(step, i) && lacks_socket(run, item))
            return true;
    }
    return false;
}

static void *thread_main(void *context)
{
    struct task *task = context;
    __atomic_store_n(&task->thread_id, syscall(SYS_gettid), __ATOMIC_RELEASE);
    play_plainly(task->run, task->step, &task->result);
    __atomic_store_n(&task->is_done, true, __ATOMIC_RELEASE);
    return NULL;
}

/* The number of times the thread has gone to sleep, or -1 while it runs. */
static long sleeps_of(long thread_id)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/self/task/%ld/status", thread_id);
    FILE *status = fopen(path, "r");
    if (!status)
        return -1;
    bool asleep = false;
    long count = -1;
    while (fgets(line, sizeof line, status)) {
        if (strncmp(line, "State:", 6) == 0)
            asleep = line[7] == 'S';
        if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0)
            count = atol(line + 24);
    }
    fclose(status);
    return asleep ? count : -1;
}

/* Until the step is over, or its thread has slept without waking for a while: it waits. */
static void settle(struct task *task)
{
    long before = -1;
    for (int quiet = 0; quiet < 4 && !__atomic_load_n(&task->is_done, __ATOMIC_ACQUIRE);) {
        usleep(5000);
        long thread_id = __atomic_load_n(&task->thread_id, __ATOMIC_ACQUIRE);
        long now = thread_id ? sleeps_of(thread_id) : -1;
        quiet = now >= 0 && now == before ? quiet + 1 : 0;
        before = now;
    }
}

void run_in_thread(struct run *run, const struct step *step, text *out)
{
    struct task *task = add_task(run, step);
    if (pthread_create(&task->thread, NULL, thread_main, task) != 0)
        run_broken(run, step, "no thread");
    task->has_thread = true;
    settle(task);
    text_add(out, "started");
}

void run_join(struct run *run, struct task *task, text *out)
{
    (void)run;
    if (task->has_thread)
        pthread_join(task->thread, NULL);
    task->has_thread = false;
    text_add_bytes(out, task->result.data ? task->result.data : "", task->result.size);
}

/* --- Steps ------------------------------------------------------------------------------------ */

static void start_async(struct run *run, const struct step *step, text *out)
{
    struct task *task = add_task(run, step);
    task->call = call_create(run, step);
    call_start(run, task->call, step->form == STEP_ASYNC_CANCELLED);
    text_add(out, "started");
}

void run_step(struct run *run, const struct step *step, text *out)
{
    if (step_lacks_socket(run, step)) {
        text_add(out, "no socket");
        return;
    }
    switch (step->form) {
    case STEP_PLAIN: play_plainly(run, step, out); return;
    case STEP_THREAD: run_in_thread(run, step, out); return;
    case STEP_ASYNC:
    case STEP_ASYNC_CANCELLED: start_async(run, step, out); return;
    }
}

static void show_line(struct run *run, const char *first, const char *second)
{
    pthread_mutex_lock(&run->lock);
    text_add_bytes(&run->output, first, strlen(first));
    text_add_bytes(&run->output, second, strlen(second));
    pthread_mutex_unlock(&run->lock);
}

static void *run_main(void *context)
{
    struct run *run = context;
    for (size_t i = 0; i < run->scenario->step_count; i++) {
        const struct step *step = &run->scenario->steps[i];
        text line = {0};
        text_add_bytes(&line, "", 0);
        show_line(run, step->text, " => ");
        run_step(run, step, &line);
        show_line(run, line.data, "\n");
        free(line.data);
    }
    pthread_mutex_lock(&run->lock);
    run->is_done = true;
    pthread_cond_signal(&run->done);
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

static bool wait_until_done(struct run *run, int seconds)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    pthread_mutex_lock(&run->lock);
    int error = 0;
    while (!run->is_done && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&run->done, &run->lock, &end);
    bool done = run->is_done;
    pthread_mutex_unlock(&run->lock);
    return done;
}

/* --- The end of a scenario
 * ------------------------------------------------------------------------ */

static void close_sockets(struct run *run)
{
    for (size_t i = 0; i < run->socket_count; i++) {
        sn_socket_close(run->sockets[i].socket);
        object_close(&run->sockets[i]);
    }
}

/* Steps that were started and never awaited end here: their sockets are closed already. */
static void end_tasks(struct run *run)
{
    for (size_t i = 0; i < run->task_count; i++) {
        struct task *task = &run->tasks[i];
        if (task->has_thread)
            pthread_join(task->thread, NULL);
        if (task->call && !sn_operation_is_completed(&task->call->operation))
            sn_operation_cancel(&task->call->operation);
        text unused = {0};
        if (task->call)
            call_finish(run, task->call, &unused);
        free(unused.data);
        call_destroy(task->call);
        free(task->result.data);
    }
}

static void run_free(struct run *run)
{
    end_tasks(run);
    for (size_t i = 0; i < run->socket_count; i++) {
        sn_socket_release(run->sockets[i].socket);
        object_release(&run->sockets[i]);
        free(run->sockets[i].name);
    }
    for (size_t i = 0; i < run->endpoint_count; i++)
        free(run->endpoints[i].name);
    rmdir(run->folder);
    pthread_mutex_destroy(&run->lock);
    pthread_cond_destroy(&run->done);
    free(run->output.data);
    free(run);
}

/* By a clock that nobody sets: else a scenario seems to hang when the machine is told the time. */
static void done_init(pthread_cond_t *done)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(done, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static struct run *run_create(const char *path, const struct scenario *scenario, play_style style)
{
    static int number;
    struct run *made = room(sizeof *made);
    made->path = path;
    made->scenario = scenario;
    made->style = style;
    pthread_mutex_init(&made->lock, NULL);
    done_init(&made->done);
    snprintf(made->folder, sizeof made->folder, "/tmp/sennit-play-%d-%d", getpid(), ++number);
    mkdir(made->folder, 0700);
    return made;
}

/* A hang: what was shown so far, then the word, and what waits is ended by closing. */
static void give_up(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    text_add(&run->output, "hang\n");
    fwrite(run->output.data, 1, run->output.size, stdout);
    pthread_mutex_unlock(&run->lock);
    fflush(stdout);
    close_sockets(run);
}

void run_play(const char *path, const struct scenario *scenario, play_style style)
{
    struct run *run = run_create(path, scenario, style);
    pthread_t thread;
    printf("== %s\n", scenario->name);
    if (pthread_create(&thread, NULL, run_main, run) != 0) {
        puts("no thread");
        run_free(run);
        return;
    }
    if (wait_until_done(run, limit_seconds())) {
        pthread_join(thread, NULL);
        fwrite(run->output.data ? run->output.data : "", 1, run->output.size, stdout);
        close_sockets(run);
        run_free(run);
        return;
    }
    give_up(run);
    if (wait_until_done(run, GRACE_SECONDS)) {
        pthread_join(thread, NULL);
        run_free(run);
    } else {
        pthread_detach(thread); /* its memory stays its own */
    }
}
