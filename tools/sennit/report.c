#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arguments/arguments.h"
#include "interrupt.h"

int report_failure(const char *doing, const char *what, sn_error error)
{
    int native = sn_error_last_native(); /* before anything else can change it */
    /* A signal, or another thread that has said why, has ended it. */
    if (interrupt_is_coming() || error == SN_ERROR_OPERATION_CANCELED)
        return EXIT_FAILED;
    fprintf(stderr, "sennit: %s %s: %s: %s", doing, what, sn_error_name(error),
            sn_error_message(error));
    /* The catch-all error stands for many; only the system's own code tells them apart. */
    if (error == SN_ERROR_SOCKET_ERROR && native != 0)
        fprintf(stderr, " (%s)", strerror(native));
    fputc('\n', stderr);
    return EXIT_FAILED;
}

int report_words(const char *doing, const char *what, const char *words)
{
    if (!interrupt_is_coming())
        fprintf(stderr, "sennit: %s %s: %s\n", doing, what, words);
    return EXIT_FAILED;
}

int report_file_failure(const char *what, int native)
{
    fprintf(stderr, "sennit: %s: %s%s\n", what, strerror(native),
            native == EPIPE ? "; who was to read it has gone" : "");
    return EXIT_FAILED;
}

int report_usage(const char *command, const char *what, const char *complaint)
{
    fprintf(stderr, "sennit %s: %s: %s\nTry 'sennit %s --help'.\n", command, what, complaint,
            command);
    return EXIT_USAGE;
}
