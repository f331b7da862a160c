/*
 * A small HTTP/1.1 server with a fiber for each connection: keep-alive, a time limit for every
 * step, and a bound for everything that a client can send. It serves a few pages that refer to each
 * other, as a site for crawler.c.
 *
 *     cc http_fibers.c $(pkg-config --cflags --libs sennit) -pthread
 *
 * usage: http_fibers [PORT]    until SIGTERM or SIGINT; 0: any port that is free. Without one it
 * asks itself, and ends.
 */
#include <pthread.h>
#include <sennit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    LINE_MAX_SIZE = 8192, /* the request line, and each field */
    FIELDS_MAX = 100,
    BODY_MAX = 65536,
    PAGE_MAX = 4096,
    PAGES = 200,
    LINKS = 10,         /* of each page */
    IDLE_MS = 15000,    /* until a request has begun */
    REQUEST_MS = 10000, /* from then on, until it was answered */
    GOODBYE_MS = 1000
};

struct connection {
    sn_socket *socket;      /* owned */
    sn_reader *reader;      /* owned */
    sn_cancellation *limit; /* owned: ends whatever this fiber waits in */
};

struct request {
    char method[16], target[256];
    size_t body_size;
    int minor; /* of HTTP/1.x */
    bool has_host;
    bool is_last; /* the connection is closed behind the answer */
};

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

/* --- A request: 0, or the status that says what is wrong with it ------------------------------ */

static int status_of(sn_error error)
{
    switch ((int)error) {
    case SN_OK: return 0;
    case SN_ERROR_LIMIT_EXCEEDED: return 431;
    case SN_ERROR_TIMED_OUT: return 408;
    default: return -1; /* nobody is there to be told */
    }
}

/* One line, as a string without its end. */
static int read_line(struct connection *connection, char **out_line)
{
    sn_buffer line;
    sn_error error = sn_reader_read_until(connection->reader, "\r\n", 2, 0, &line);
    if (error)
        return status_of(error);
    *out_line = line.data;
    (*out_line)[line.size - 2] = '\0';
    return strlen(*out_line) == line.size - 2 ? 0 : 400;
}

static int read_start(struct connection *connection, struct request *request)
{
    char *line;
    int end = 0;
    int status = read_line(connection, &line);
    if (status)
        return status;
    if (sscanf(line, "%15[A-Z] %255[!-~] HTTP/1.%1d%n", request->method, request->target,
               &request->minor, &end) != 3 ||
        line[end] != '\0' || request->target[0] != '/')
        return 400;
    request->is_last = request->minor == 0;
    return 0;
}

static int read_length(const char *text, struct request *request)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        return 400;
    request->body_size = digits > 9 ? BODY_MAX + 1 : strtoul(text, NULL, 10);
    return request->body_size > BODY_MAX ? 413 : 0;
}

static int take_field(char *line, struct request *request)
{
    char *value = strchr(line, ':');
    if (!value || value == line)
        return 400;
    *value++ = '\0';
    value += strspn(value, " \t");
    if (strcasecmp(line, "Content-Length") == 0)
        return read_length(value, request);
    if (strcasecmp(line, "Transfer-Encoding") == 0)
        return 501;
    if (strcasecmp(line, "Host") == 0)
        request->has_host = true;
    if (strcasecmp(line, "Connection") == 0 && strcasecmp(value, "close") == 0)
        request->is_last = true;
    return 0;
}

static int read_fields(struct connection *connection, struct request *request)
{
    for (int i = 0; i < FIELDS_MAX; i++) {
        char *line;
        int status = read_line(connection, &line);
        if (!status && *line == '\0')
            return request->has_host || request->minor == 0 ? 0 : 400;
        if (!status)
            status = take_field(line, request);
        if (status)
            return status;
    }
    return 431;
}

/* No page takes a body, but the next request stands behind it. */
static int skip_body(struct connection *connection, size_t size)
{
    char part[1024];
    int status = 0;
    while (!status && size > 0) {
        size_t now = size < sizeof part ? size : sizeof part;
        status = status_of(sn_reader_read_exactly(connection->reader, part, now, NULL));
        size -= now;
    }
    return status;
}

static int read_request(struct connection *connection, struct request *request)
{
    *request = (struct request){.is_last = true}; /* unless it turns out to be one */
    check("limit", sn_cancellation_cancel_after(connection->limit, IDLE_MS));
    int status = read_start(connection, request);
    check("limit", sn_cancellation_cancel_after(connection->limit, REQUEST_MS));
    if (!status)
        status = read_fields(connection, request);
    return status ? status : skip_body(connection, request->body_size);
}

/* --- An answer -------------------------------------------------------------------------------- */

static const char *reason_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    default: return "Bad Request";
    }
}

static int make_page(const char *target, char page[PAGE_MAX])
{
    int number = 0, end = 0;
    size_t size = 0;
    if (strcmp(target, "/slow") == 0) { /* only this fiber waits */
        if (sn_fiber_sleep(REQUEST_MS / 2))
            return -1;
    } else if (strcmp(target, "/") != 0) {
        if (sscanf(target, "/page/%4d%n", &number, &end) != 1 || target[end] != '\0' ||
            number < 0 || number >= PAGES)
            return 404;
    }
    for (int i = 1; i <= LINKS; i++)
        size += (size_t)snprintf(page + size, PAGE_MAX - size, "<a href=\"/page/%d\">%d</a>\n",
                                 (number * LINKS + i) % PAGES, i);
    return 200;
}

static sn_error send_answer(const struct connection *connection, int status,
                            const struct request *request, const char *page)
{
    char head[256];
    bool is_head = strcmp(request->method, "HEAD") == 0;
    int size = snprintf(head, sizeof head,
                        "HTTP/1.1 %d %s\r\nContent-Length: %zu\r\nContent-Type: text/html\r\n"
                        "Connection: %s\r\n\r\n",
                        status, reason_of(status), strlen(page),
                        request->is_last ? "close" : "keep-alive");
    sn_buffer parts[] = {{head, (size_t)size}, {(char *)page, is_head ? 0 : strlen(page)}};
    return sn_socket_send_buffers(connection->socket, parts, 2, SN_FLAG_NONE, NULL);
}

/* False: the connection is over. */
static bool answer(const struct connection *connection, int status, struct request *request)
{
    char page[PAGE_MAX] = "";
    if (status)
        request->is_last = true; /* where the next one begins is not known */
    else if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
        status = 405;
    else
        status = make_page(request->target, page);
    return status > 0 && !send_answer(connection, status, request, page) && !request->is_last;
}

/* --- A connection ----------------------------------------------------------------------------- */

static void converse(struct connection *connection)
{
    struct request request;
    int status;
    do {
        status = read_request(connection, &request);
    } while (answer(connection, status, &request));
}

static sn_error serve(void *socket)
{
    struct connection connection = {.socket = socket};
    sn_cancellation_scope scope;
    char memory[LINE_MAX_SIZE]; /* of the reader, on the stack of this fiber */
    sn_error error = sn_reader_create(connection.socket, memory, sizeof memory, &connection.reader);
    if (!error)
        error = sn_cancellation_create(&connection.limit);
    if (!error)
        error = sn_cancellation_enter(connection.limit, &scope);
    if (!error) {
        converse(&connection);
        sn_cancellation_leave(&scope);
        (void)sn_socket_close_within(connection.socket, GOODBYE_MS);
    }
    sn_cancellation_release(connection.limit);
    sn_reader_release(connection.reader);
    sn_socket_release(connection.socket);
    return error;
}

/* Until the listener is closed, or the engine ends. */
static sn_error accept_all(void *context)
{
    sn_socket *listener = context; /* borrowed */
    sn_socket *connection;
    sn_error error = SN_OK;
    while (!error || sn_error_is_transient(error)) {
        error = sn_socket_accept(listener, &connection);
        if (!error && sn_fiber_start(NULL, serve, connection, NULL, NULL))
            sn_socket_release(connection);
    }
    return error;
}

/* --- Asking itself ---------------------------------------------------------------------------- */

struct question {
    const char *text;
    const char *begin; /* of the answer */
    bool is_last;
};

static const struct question questions[] = {
    {"GET / HTTP/1.1\r\nHost: here\r\n\r\n", "HTTP/1.1 200", false},
    {"HEAD /page/7 HTTP/1.1\r\nHost: here\r\n\r\n", "HTTP/1.1 200", false},
    {"GET /page/999 HTTP/1.1\r\nHost: here\r\n\r\n", "HTTP/1.1 404", false},
    {"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 405", false},
    {"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", "HTTP/1.1 200", true},
    {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400", true},
    {"GET nowhere\r\n\r\n", "HTTP/1.1 400", true},
    {"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 413", true},
    {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 501", true},
    {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200", true},
};

/* What has come begins with the answer; of the last one on a connection nothing follows it. */
static bool is_answered(sn_socket *client, const struct question *question)
{
    char text[8192];
    size_t size = 0, received = 1;
    check("ask",
          sn_socket_send(client, question->text, strlen(question->text), SN_FLAG_NONE, NULL));
    while (received > 0 && size < sizeof text - 1) {
        check("answer", sn_socket_receive(client, text + size, sizeof text - 1 - size, SN_FLAG_NONE,
                                          &received));
        size += received;
        text[size] = '\0';
        if (!question->is_last && strstr(text, "\r\n\r\n"))
            break; /* it came as one send of less than a packet */
    }
    return strncmp(text, question->begin, strlen(question->begin)) == 0;
}

static bool ask_itself(const sn_endpoint *endpoint)
{
    sn_socket *client = NULL;
    bool is_right = true;
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        if (!client) {
            check("client",
                  sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &client));
            check("client", sn_socket_set_receive_timeout(client, 30000));
            check("client", sn_socket_connect(client, endpoint));
        }
        if (!is_answered(client, &questions[i])) {
            fprintf(stderr, "not answered as it should be: %s\n", questions[i].text);
            is_right = false;
        }
        if (questions[i].is_last) {
            sn_socket_release(client);
            client = NULL;
        }
    }
    return is_right;
}

int main(int count, char **arguments)
{
    char address[32];
    sn_engine *engine;
    sn_socket *listener;
    sn_endpoint endpoint;
    sigset_t ends;
    int signal_number;
    bool is_right = true;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL); /* before there is a second thread */

    (void)snprintf(address, sizeof address, "127.0.0.1:%.5s", count > 1 ? arguments[1] : "0");
    check("listen", sn_socket_open_listening(address, 1024, NULL, NULL, &listener));
    check("listen", sn_socket_get_local_endpoint(listener, &endpoint));
    check("engine", sn_engine_create(&(sn_engine_options){.threads = 1}, &engine));
    check("start", sn_fiber_start(engine, accept_all, listener, NULL, NULL));
    if (count > 1) {
        printf("http://127.0.0.1:%d/\n", sn_endpoint_get_port(&endpoint));
        (void)fflush(stdout);
        (void)sigwait(&ends, &signal_number);
    } else {
        is_right = ask_itself(&endpoint);
    }
    check("end", sn_engine_destroy(engine)); /* ends what its fibers wait in, and waits for them */
    sn_socket_release(listener);
    return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
