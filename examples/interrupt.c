/*
 * A call that waits, ended by a signal: how Ctrl-C gets through to a program that embeds an
 * interpreter. Here an alarm stands for the key, so that the program ends by itself.
 *
 *     cc interrupt.c $(pkg-config --cflags --libs sennit)
 */
#include <sennit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t is_told;

static void note(int number)
{
    (void)number;
    is_told = 1;
}

/* Where an interpreter would run what is due, and say whether that has failed. */
static bool has_been_told(void *context)
{
    (void)context;
    return is_told != 0;
}

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

int main(void)
{
    sn_socket *pair[2];
    char byte;
    size_t received;
    const struct sigaction action = {.sa_handler = note};
    sn_set_interrupt_hook(has_been_told, NULL);
    if (sigaction(SIGALRM, &action, NULL) != 0)
        return EXIT_FAILURE;
    check("pair", sn_socket_pair(SN_TYPE_STREAM, pair));

    alarm(1);
    sn_error error = sn_socket_receive(pair[0], &byte, 1, SN_FLAG_NONE, &received);
    printf("%s\n", sn_error_name(error));

    sn_set_interrupt_hook(NULL, NULL);
    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    return error == SN_ERROR_INTERRUPTED ? EXIT_SUCCESS : EXIT_FAILURE;
}
