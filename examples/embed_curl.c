/*
 * libcurl with Sennit's sockets and on Sennit's engine: curl asks for each of its sockets and gives
 * it back, says what it waits for, and is called when that has come. One thread runs any number of
 * transfers, and whatever else the program does on the engine.
 *
 *     cc embed_curl.c $(pkg-config --cflags --libs sennit libcurl)
 *
 * usage: embed_curl [URL FILE]...    all at once, each into its file. Without arguments it fetches
 * from a server of its own.
 */
#include <curl/curl.h>
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A socket that curl uses. */
struct watched {
    struct watched *next;
    sn_socket *socket; /* owned */
    sn_handle handle;
    int wanted;       /* CURL_POLL_IN, CURL_POLL_OUT, both, or none */
    bool is_borrowed; /* curl has made it, and closes it */
    bool is_waited;   /* a fiber waits for what is wanted */
    bool is_gone;     /* curl has given it back */
};

/* One thread drives the engine, and everything here runs on it, so nothing needs a lock. */
static sn_engine *engine; /* owned */
static CURLM *multi;      /* owned */
static struct watched *sockets;
static sn_operation timer;
static bool is_timing, is_replaced;
static long wanted_ms = -1; /* until curl wants to be called; -1: it does not */
static int running, unfinished, failures;

static void check(const char *what, sn_error error)
{
    if (!error)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, sn_error_name(error), sn_error_message(error));
    exit(EXIT_FAILURE);
}

static void check_multi(CURLMcode code)
{
    if (!code)
        return;
    fprintf(stderr, "libcurl: %s\n", curl_multi_strerror(code));
    exit(EXIT_FAILURE);
}

/* --- Transfers -------------------------------------------------------------------------------- */

static void conclude(CURL *easy, CURLcode code)
{
    const char *url = NULL;
    FILE *body = NULL;
    long status = 0;
    curl_off_t size = 0;
    curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &body);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &size);
    if (fclose(body) != 0 && !code)
        code = CURLE_WRITE_ERROR;
    if (code)
        fprintf(stderr, "%s: %s\n", url, curl_easy_strerror(code));
    else
        printf("%ld %lld %s\n", status, (long long)size, url);
    failures += code || status != 200;
    unfinished--;
    check_multi(curl_multi_remove_handle(multi, easy));
    curl_easy_cleanup(easy);
}

/* Something has come for curl. */
static void act(curl_socket_t handle, int events)
{
    CURLMsg *message;
    int left;
    check_multi(curl_multi_socket_action(multi, handle, events, &running));
    while ((message = curl_multi_info_read(multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            conclude(message->easy_handle, message->data.result);
}

/* --- Sockets ---------------------------------------------------------------------------------- */

static void free_if_unused(struct watched *watched)
{
    if (!watched->is_gone || watched->is_waited)
        return;
    struct watched **link = &sockets;
    while (*link != watched)
        link = &(*link)->next;
    *link = watched->next;
    sn_socket_release(watched->socket);
    free(watched);
}

/* Waits as long as curl wants something of this socket. */
static sn_error wait_for_socket(void *context)
{
    struct watched *watched = context;
    sn_error error = SN_OK;
    while (!error && watched->wanted) {
        sn_socket *readable = watched->socket, *writable = watched->socket;
        sn_socket_list read = {&readable, watched->wanted & CURL_POLL_IN ? 1 : 0};
        sn_socket_list write = {&writable, watched->wanted & CURL_POLL_OUT ? 1 : 0};
        error = sn_socket_select(&read, &write, NULL, -1);
        if (!error)
            act(watched->handle,
                (read.count ? CURL_CSELECT_IN : 0) | (write.count ? CURL_CSELECT_OUT : 0));
        else if (error == SN_ERROR_OPERATION_CANCELED) /* curl wants something else now */
            error = SN_OK;
    }
    watched->is_waited = false;
    free_if_unused(watched);
    return SN_OK;
}

static struct watched *watch(sn_socket *socket)
{
    struct watched *watched = calloc(1, sizeof *watched);
    if (!watched)
        exit(EXIT_FAILURE);
    watched->socket = socket;
    watched->handle = sn_socket_get_handle(socket);
    watched->next = sockets;
    sockets = watched;
    return watched;
}

static struct watched *find(curl_socket_t handle)
{
    struct watched *watched = sockets;
    while (watched && (watched->is_gone || watched->handle != handle))
        watched = watched->next;
    return watched;
}

/* Inside of one of curl's calls. A close would wait for the fiber that is in the socket, and other
 * fibers would call curl meanwhile; so that fiber is told to leave, and closes the socket itself.
 */
static void give_back(struct watched *watched)
{
    watched->is_gone = true;
    watched->wanted = 0;
    if (watched->is_waited)
        sn_socket_cancel(watched->socket);
    free_if_unused(watched);
}

/* CURLOPT_OPENSOCKETFUNCTION */
static curl_socket_t opened(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    sn_socket *socket;
    sn_address_family family = address->family == AF_INET6  ? SN_FAMILY_IPV6
                               : address->family == AF_INET ? SN_FAMILY_IPV4
                                                            : SN_FAMILY_UNIX;
    sn_protocol_type protocol =
        family == SN_FAMILY_UNIX ? SN_PROTOCOL_UNSPECIFIED : SN_PROTOCOL_TCP;
    (void)context, (void)purpose;
    if (address->socktype != SOCK_STREAM ||
        sn_socket_create(family, SN_TYPE_STREAM, protocol, &socket))
        return CURL_SOCKET_BAD;
    return watch(socket)->handle;
}

/* CURLOPT_CLOSESOCKETFUNCTION */
static int closed(void *context, curl_socket_t handle)
{
    (void)context;
    give_back(find(handle));
    return 0;
}

/* CURLMOPT_SOCKETFUNCTION: not a moment to call curl, so that is left to the fiber. A descriptor
 * that curl has made itself, for the thread that looks names up, is borrowed meanwhile. */
static int wants(CURL *easy, curl_socket_t handle, int what, void *context, void *unused)
{
    struct watched *watched = find(handle);
    (void)easy, (void)context, (void)unused;
    if (!watched) {
        sn_socket *borrowed;
        if (what == CURL_POLL_REMOVE)
            return 0;
        check("borrow", sn_socket_from_handle(handle, false, &borrowed));
        watched = watch(borrowed);
        watched->is_borrowed = true;
    }
    watched->wanted = what == CURL_POLL_REMOVE ? 0 : what;
    if (watched->is_waited)
        sn_socket_cancel(watched->socket);
    if (what == CURL_POLL_REMOVE && watched->is_borrowed)
        give_back(watched);
    else if (watched->wanted && !watched->is_waited) {
        watched->is_waited = true;
        check("fiber", sn_fiber_start(engine, wait_for_socket, watched, NULL, NULL));
    }
    return 0;
}

/* --- Time ------------------------------------------------------------------------------------- */

static void timer_ended(sn_operation *operation);

static void set_timer(void)
{
    timer.completed = timer_ended;
    if (wanted_ms >= 0)
        is_timing = sn_engine_delay_async(engine, wanted_ms, &timer);
}

/* What curl has wanted since counts, also where the time before it was over just then: curl says
 * each of its wishes once. */
static void timer_ended(sn_operation *operation)
{
    is_timing = false;
    if (is_replaced) {
        is_replaced = false;
        set_timer();
    } else if (!operation->error)
        act(CURL_SOCKET_TIMEOUT, 0);
}

/* CURLMOPT_TIMERFUNCTION */
static int wants_time(CURLM *its_multi, long timeout_ms, void *context)
{
    (void)its_multi, (void)context;
    wanted_ms = timeout_ms;
    is_replaced = is_timing;
    if (is_timing)
        sn_operation_cancel(&timer);
    else
        set_timer();
    return 0;
}

/* --- The program ------------------------------------------------------------------------------ */

static void add(const char *url, FILE *body)
{
    CURL *easy = curl_easy_init();
    if (!easy || !body) {
        perror(url);
        exit(EXIT_FAILURE);
    }
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, body);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, opened);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, closed);
    check_multi(curl_multi_add_handle(multi, easy));
    unfinished++;
}

/* A server that says hello, once for each connection. */
static sn_error serve(void *listener)
{
    static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
    sn_socket *connection;
    char request[4096];
    size_t size;
    sn_error error;
    while (!(error = sn_socket_accept(listener, &connection))) {
        if (!sn_socket_receive(connection, request, sizeof request, SN_FLAG_NONE, &size))
            (void)!sn_socket_send(connection, answer, sizeof answer - 1, SN_FLAG_NONE, NULL);
        (void)sn_socket_close_within(connection, 1000); /* not before curl has it */
        sn_socket_release(connection);
    }
    return error;
}

static sn_socket *begin_own_server(void)
{
    sn_socket *listener;
    sn_endpoint endpoint;
    char url[64];
    check("listen", sn_socket_open_listening("tcp://127.0.0.1:0", 16, NULL, NULL, &listener));
    check("listen", sn_socket_get_local_endpoint(listener, &endpoint));
    check("fiber", sn_fiber_start(engine, serve, listener, NULL, NULL));
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", sn_endpoint_get_port(&endpoint));
    for (int i = 0; i < 8; i++)
        add(url, tmpfile());
    return listener;
}

int main(int count, char **arguments)
{
    sn_socket *listener = NULL;
    check("engine", sn_engine_create(NULL, &engine)); /* no options: no threads */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) || !(multi = curl_multi_init()))
        return EXIT_FAILURE;
    check_multi(curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, wants));
    check_multi(curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, wants_time));
    for (int i = 1; i + 1 < count; i += 2)
        add(arguments[i], fopen(arguments[i + 1], "wb"));
    if (count == 1)
        listener = begin_own_server();
    while (unfinished > 0)
        check("engine", sn_engine_run(engine, SN_FOREVER, NULL));
    check_multi(curl_multi_cleanup(multi)); /* gives back the connections that it has kept */
    check("engine",
          sn_engine_destroy(engine)); /* ends what its fibers wait in, and waits for them */
    sn_socket_release(listener);
    curl_global_cleanup();
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
