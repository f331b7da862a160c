/*
 * A server that answers line by line, as many protocols do: HELLO has an answer, DATA brings so
 * many bytes with it, QUIT ends. Each step is one operation, and its callback starts the next. The
 * client in main() is a blocking one.
 *
 *     cc lines.c $(pkg-config --cflags --libs sennit) -pthread
 */
#include <semaphore.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_SIZE = 512 }; /* the longest line that is taken, and the reader's memory */

struct connection {
    sn_operation operation;
    sn_socket *socket;
    sn_reader *reader;
    sn_buffer line;
    char data[64];
};

static sem_t ended;

static void check(const char *who, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", who, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* --- The server ------------------------------------------------------------------------------- */

static void end(struct connection *connection)
{
    sn_reader_release(connection->reader);
    sn_socket_release(connection->socket);
    free(connection);
    sem_post(&ended);
}

static void got_line(sn_operation *operation);

static void next_line(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error) {
        end(connection);
        return;
    }
    operation->completed = got_line;
    sn_reader_read_until_async(connection->reader, "\r\n", 2, 0, &connection->line, operation);
}

static void answer(struct connection *connection, const char *text)
{
    connection->operation.completed = next_line;
    sn_socket_send_async(connection->socket, text, strlen(text), SN_FLAG_NONE,
                         &connection->operation);
}

static void got_data(sn_operation *operation)
{
    struct connection *connection = operation->context;
    if (operation->error)
        end(connection);
    else
        answer(connection, "got it\r\n");
}

static void got_line(sn_operation *operation)
{
    struct connection *connection = operation->context;
    size_t size = 0;
    if (operation->error == SN_ERROR_LIMIT_EXCEEDED)
        fprintf(stderr, "a line of more than %d bytes\n", LINE_MAX_SIZE);
    if (operation->error) { /* the end of the stream is one, too */
        end(connection);
        return;
    }
    char *line = connection->line.data;
    line[connection->line.size - 2] = '\0'; /* it is ours until the next call */
    if (strcmp(line, "HELLO") == 0) {
        answer(connection, "hello\r\n");
    } else if (sscanf(line, "DATA %zu", &size) == 1 && size <= sizeof connection->data) {
        operation->completed = got_data;
        sn_reader_read_exactly_async(connection->reader, connection->data, size, operation);
    } else if (strcmp(line, "QUIT") == 0) {
        end(connection);
    } else {
        answer(connection, "what?\r\n");
    }
}

static void serve(sn_socket *socket)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        exit(EXIT_FAILURE);
    connection->socket = socket;
    connection->operation.context = connection;
    connection->operation.timeout_ms = 5000; /* for each step */
    check("reader", sn_reader_create(socket, NULL, LINE_MAX_SIZE, &connection->reader));
    next_line(&connection->operation);
}

/* --- The client ------------------------------------------------------------------------------- */

static void ask(sn_reader *reader, const char *text)
{
    sn_buffer line;
    check("send",
          sn_socket_send(sn_reader_get_socket(reader), text, strlen(text), SN_FLAG_NONE, NULL));
    check("answer", sn_reader_read_until(reader, "\n", 1, 0, &line));
    printf("%.*s", (int)line.size, (char *)line.data);
}

int main(void)
{
    sn_socket *pair[2];
    sn_reader *reader;
    sem_init(&ended, 0, 0);
    check("pair", sn_socket_pair(SN_TYPE_STREAM, pair));
    serve(pair[0]);

    static char memory[100];
    check("reader", sn_reader_create(pair[1], memory, sizeof memory, &reader));
    ask(reader, "HELLO\r\n");
    ask(reader, "DATA 5\r\n12345");
    ask(reader, "NONSENSE\r\n");
    check("quit", sn_socket_send(pair[1], "QUIT\r\n", 6, SN_FLAG_NONE, NULL));
    sem_wait(&ended);

    uint8_t byte;
    sn_error error = sn_reader_read_byte(reader, &byte);
    printf("%s\n", sn_error_name(error)); /* EndOfStream */
    sn_reader_release(reader);
    sn_socket_release(pair[1]);
    sem_destroy(&ended);
    return error == SN_ERROR_END_OF_STREAM ? EXIT_SUCCESS : EXIT_FAILURE;
}
