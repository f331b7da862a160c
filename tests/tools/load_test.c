/* That the benchmarks' load says of a server only what is true. */
#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/echo/client.h"
#include "bench/echo/load.h"

enum { CONNECTIONS = 2, SIZE = 64 };
static const uint64_t NO_PATIENCE = 0;

/* A server in a process of its own, which can be held up. */
struct server {
    pid_t id;
    int port;
};

static void echo_once(int handle)
{
    char bytes[SIZE];
    ssize_t size = recv(handle, bytes, sizeof bytes, 0);
    if (size <= 0 || send(handle, bytes, (size_t)size, MSG_NOSIGNAL) != size)
        _exit(0); /* the load has gone */
}

static void serve(int listener)
{
    struct pollfd polls[1 + CONNECTIONS] = {{.fd = listener, .events = POLLIN}};
    nfds_t count = 1;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (poll(polls, count, -1) > 0) {
        for (nfds_t i = 1; i < count; i++)
            if (polls[i].revents)
                echo_once(polls[i].fd);
        if (polls[0].revents && count <= CONNECTIONS)
            polls[count++] = (struct pollfd){.fd = accept(listener, NULL, NULL), .events = POLLIN};
        polls[0].events = count <= CONNECTIONS ? POLLIN : 0;
    }
    _exit(1);
}

static struct server server_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(0, bind(listener, (struct sockaddr *)&address, size));
    assert_int_equal(0, listen(listener, CONNECTIONS));
    assert_int_equal(0, getsockname(listener, (struct sockaddr *)&address, &size));
    struct server server = {.id = fork(), .port = ntohs(address.sin_port)};
    assert_true(server.id >= 0);
    if (server.id == 0)
        serve(listener);
    (void)close(listener);
    return server;
}

static void server_stop(const struct server *server)
{
    assert_int_equal(0, kill(server->id, SIGKILL));
    assert_int_equal(server->id, waitpid(server->id, NULL, 0));
}

static void open_load(struct load *load, const struct server *server)
{
    const struct load_plan plan = {
        .connection_count = CONNECTIONS, .message_size = SIZE, .in_flight = 1};
    assert_true(load_open(load, server->port, &plan));
}

/* A load that did not run for longer than it would wait, with all answers in its sockets. */
TEST(answers_that_have_come_are_not_missing_however_late_it_is)
{
    struct server server = server_start();
    struct load load;
    char answer[SIZE];
    open_load(&load, &server);
    assert_true(load_start(&load, UINT64_MAX));
    for (size_t i = 0; i < CONNECTIONS; i++)
        assert_int_equal(SIZE, recv(load.clients[i].handle, answer, SIZE, MSG_PEEK | MSG_WAITALL));
    assert_true(load_drain(&load, NO_PATIENCE));
    assert_int_equal(CONNECTIONS, load.completed);
    load_close(&load);
    server_stop(&server);
}

TEST(answers_that_do_not_come_are_missing)
{
    struct server server = server_start();
    struct load load;
    open_load(&load, &server);
    assert_int_equal(0, kill(server.id, SIGSTOP));
    assert_int_equal(server.id, waitpid(server.id, NULL, WUNTRACED));
    assert_true(load_start(&load, UINT64_MAX));
    assert_false(load_drain(&load, NO_PATIENCE));
    assert_string_equal("answers are missing", load.failure);
    load_close(&load);
    server_stop(&server);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_that_have_come_are_not_missing_however_late_it_is),
        cmocka_unit_test(answers_that_do_not_come_are_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
