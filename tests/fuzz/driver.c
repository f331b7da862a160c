/*
 * Runs a fuzz target without libFuzzer: every input of a corpus, then, for so many seconds, changed
 * ones. Nothing here is random: the numbers that are printed with a finding make the same input
 * again, and its bytes are in a file, which this program takes like a corpus.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "arguments/arguments.h"
#include "corpus.h"
#include "fuzz.h"
#include "mutate.h"

/* What is running now, for the report of a finding. */
static struct {
    const uint8_t *data;
    size_t size;
    char what[256];
    char file[64];
} current;

/* The sanitizers' hook for a program that is about to end; not there in plain builds. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void say(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

/* Called from a signal handler or out of a sanitizer: system calls only. */
static void report_finding(void)
{
    int file = open(current.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool is_written = file >= 0 && write(file, current.data, current.size) == (ssize_t)current.size;
    say("the input that failed is ");
    say(current.what);
    say(is_written ? "\nits bytes are in " : "\nits bytes could not be written to ");
    say(current.file);
    say("\n");
}

static void on_signal(int number)
{
    report_finding();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void watch(const char *program)
{
    const char *name = strrchr(program, '/');
    snprintf(current.file, sizeof current.file, "finding-%s", name ? name + 1 : program);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(report_finding);
    else
        (void)signal(SIGSEGV, on_signal);
    (void)signal(SIGABRT, on_signal);
}

static void run(const uint8_t *data, size_t size)
{
    current.data = data;
    current.size = size;
    (void)LLVMFuzzerTestOneInput(data, size);
}

static void replay(const struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) {
        const struct input *input = &corpus->inputs[i];
        snprintf(current.what, sizeof current.what, "%s", input->name);
        run(input->data, input->size);
    }
    printf("%zu inputs of the corpus hold\n", corpus->count);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void run_mutated(const struct corpus *corpus, long seconds, long seed)
{
    static uint8_t data[INPUT_SIZE_MAX];
    int64_t until_ms = now_ms() + seconds * INT64_C(1000);
    uint64_t number = 0;
    printf("changing them for %ld s with seed %ld\n", seconds, seed);
    fflush(stdout);
    do {
        snprintf(current.what, sizeof current.what, "number %" PRIu64 " of seed %ld", number, seed);
        run(data, mutate(corpus, (uint64_t)seed, number, data));
        number++;
    } while (now_ms() < until_ms);
    printf("%" PRIu64 " changed inputs hold\n", number);
}

int main(int argc, char **argv)
{
    long seconds = 0, seed = 1;
    const char *path = NULL;
    const struct argument_option options[] = {
        {.name = "seconds",
         .number = &seconds,
         .maximum = 86400,
         .value = "N",
         .help = "run changed inputs for so long (0: none)"},
        {.name = "seed",
         .number = &seed,
         .maximum = LONG_MAX,
         .value = "N",
         .help = "which ones (1)"},
    };
    const struct argument_table table = {
        .program = argv[0],
        .about = "Runs the inputs in a folder, or one input, through a fuzz target.",
        .operand = "PATH",
        .out_text = &path,
        .options = options,
        .count = sizeof options / sizeof *options,
    };
    int status = arguments_parse(&table, argc - 1, argv + 1);
    if (status != ARGUMENTS_GO_ON)
        return status;
    struct corpus corpus;
    bool is_read = corpus_read(&corpus, path);
    if (is_read) {
        watch(argv[0]);
        replay(&corpus);
        if (seconds > 0)
            run_mutated(&corpus, seconds, seed);
    }
    corpus_free(&corpus);
    return is_read ? EXIT_DONE : EXIT_FAILED;
}
