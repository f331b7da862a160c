/*
 * What the library has done, in numbers: for the whole process, and for one engine.
 *
 *     cc metrics.c $(pkg-config --cflags --libs sennit)
 */
#include <inttypes.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* One line for each counter, with .NET's name. */
static void print(const char *whose, const sn_metrics *metrics)
{
    printf("%s:\n", whose);
#define X(id, field, name) printf("  %-34s %" PRId64 "\n", name, metrics->field);
    SN_METRICS_TABLE(X)
#undef X
}

static void expect(const char *what, int64_t expected, int64_t number)
{
    if (number == expected)
        return;
    fprintf(stderr, "%s: %" PRId64 ", not %" PRId64 "\n", what, number, expected);
    exit(EXIT_FAILURE);
}

int main(void)
{
    sn_engine *engine;
    sn_socket *pair[2];
    sn_operation receive = {.timeout_ms = 10000};
    char text[16];
    const sn_engine_options options = {.threads = 1};
    check("engine", sn_engine_create(&options, &engine));
    check("pair", sn_socket_pair(SN_TYPE_STREAM, pair));
    check("engine", sn_socket_set_engine(pair[1], engine));

    /* There is nothing to receive yet, and there is a time limit: so the engine has to do it. What
     * asks for nothing more than a thread that waits is carried by that. */
    sn_socket_receive_async(pair[1], text, sizeof text, SN_FLAG_NONE, &receive);
    check("send", sn_socket_send(pair[0], "hello", 5, SN_FLAG_NONE, NULL));
    check("receive", sn_operation_wait(&receive));

    sn_metrics process, done;
    sn_metrics_get(&process, sizeof process);
    sn_engine_get_metrics(engine, &done, sizeof done);
    print("the process", &process);
    print("the engine", &done);
    expect("bytes sent by the process", 5, process.bytes_sent);
    expect("bytes sent by the engine", 0, done.bytes_sent); /* a blocking call is no engine's */
    expect("bytes received by the engine", 5, done.bytes_received);

    sn_socket_release(pair[0]);
    sn_socket_release(pair[1]);
    check("engine", sn_engine_destroy(engine));
    return EXIT_SUCCESS;
}
