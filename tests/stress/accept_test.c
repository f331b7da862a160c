/*
 * Ten thousand connections at once on one engine thread: all are accepted, then each is echoed.
 * Their clients are another process with plain system calls, so that either side needs one
 * descriptor a connection.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic.h"
#include "stress/stress.h"
#include "support/descriptors.h"
#include "support/test.h"

enum { WANTED = 10000, DESCRIPTORS_SPARE = 64, MESSAGE = 48, ROUNDS = 2 };

/* --- The clients' process --------------------------------------------------------------------- */

static void fail_child(const char *what)
{
    perror(what);
    _exit(1);
}

static int connect_client(struct sockaddr_in address)
{
    static const struct linger reset = {.l_onoff = 1}; /* leaves no port in TIME_WAIT */
    int handle = socket(AF_INET, SOCK_STREAM, 0);
    if (handle < 0)
        fail_child("socket");
    if (connect(handle, (const struct sockaddr *)&address, sizeof address) < 0)
        fail_child("connect");
    (void)setsockopt(handle, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    return handle;
}

static void fill_message(char message[MESSAGE], int client, int round)
{
    memset(message, 0, MESSAGE);
    snprintf(message, MESSAGE, "client %d, round %d", client, round);
}

static void echo_round(const int *clients, int count, int round)
{
    char message[MESSAGE], answer[MESSAGE];
    for (int i = 0; i < count; i++) {
        fill_message(message, i, round);
        if (send(clients[i], message, MESSAGE, MSG_NOSIGNAL) != MESSAGE)
            fail_child("send");
    }
    for (int i = 0; i < count; i++) {
        fill_message(message, i, round);
        if (recv(clients[i], answer, MESSAGE, MSG_WAITALL) != MESSAGE)
            fail_child("recv");
        if (memcmp(message, answer, MESSAGE) != 0)
            fail_child("the echo is another one");
    }
}

_Noreturn static void be_clients(int port_pipe, int count)
{
    struct sockaddr_in address;
    if (read(port_pipe, &address, sizeof address) != sizeof address)
        _exit(2); /* the parent has given up */
    int *clients = calloc((size_t)count, sizeof *clients);
    if (!clients)
        fail_child("calloc");
    for (int i = 0; i < count; i++)
        clients[i] = connect_client(address);
    for (int round = 0; round < ROUNDS; round++)
        echo_round(clients, count, round);
    for (int i = 0; i < count; i++)
        close(clients[i]);
    _exit(0);
}

/* --- The server ------------------------------------------------------------------------------- */

struct connection {
    sn_operation operation;
    sn_socket *socket;
    char data[MESSAGE];
};

static struct {
    sn_socket *listener;
    sn_operation accept;
    uint32_t accepted, open, ended; /* atomic */
    uint32_t open_max;
    uint64_t bytes;
} server;

static void received(sn_operation *operation);

static void receive_more(struct connection *connection)
{
    connection->operation.completed = received;
    sn_socket_receive_async(connection->socket, connection->data, sizeof connection->data,
                            SN_FLAG_NONE, &connection->operation);
}

static void sent(sn_operation *operation)
{
    CHECK_OK(operation->error);
    receive_more(operation->context);
}

static void end(struct connection *connection)
{
    sn_socket_release(connection->socket);
    free(connection);
    atomic_sub_acq_rel(&server.open, 1u);
    atomic_add_acq_rel(&server.ended, 1u);
}

static void received(sn_operation *operation)
{
    struct connection *connection = operation->context;
    size_t size = operation->transferred;
    if (operation->error || size == 0) {
        CHECK(!operation->error || operation->error == SN_ERROR_CONNECTION_RESET);
        end(connection);
        return;
    }
    server.bytes += size;
    operation->completed = sent;
    sn_socket_send_async(connection->socket, connection->data, size, SN_FLAG_NONE, operation);
}

static void accepted(sn_operation *operation)
{
    if (operation->error == SN_ERROR_OPERATION_CANCELED) {
        atomic_add_acq_rel(&server.ended, 1u);
        return;
    }
    CHECK_OK(operation->error);
    struct connection *connection = calloc(1, sizeof *connection);
    CHECK(connection != NULL);
    connection->socket = operation->socket;
    connection->operation.context = connection;
    uint32_t open = atomic_add_acq_rel(&server.open, 1u) + 1;
    server.open_max = open > server.open_max ? open : server.open_max;
    atomic_add_acq_rel(&server.accepted, 1u);
    receive_more(connection);
    sn_socket_accept_async(server.listener, NULL, operation);
}

/* Another address for each process, so that runs one after the other do not share their ports. */
static struct sockaddr_in listen_somewhere(sn_engine *engine)
{
    char text[32];
    sn_endpoint endpoint = {0};
    snprintf(text, sizeof text, "127.0.%d.1:0", 1 + getpid() % 250);
    CHECK_OK(sn_endpoint_parse(text, &endpoint));
    CHECK_OK(sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &server.listener));
    CHECK_OK(sn_socket_set_engine(server.listener, engine));
    CHECK_OK(sn_socket_bind(server.listener, &endpoint));
    CHECK_OK(sn_socket_listen(server.listener, 4096));
    CHECK_OK(sn_socket_get_local_endpoint(server.listener, &endpoint));
    size_t size;
    struct sockaddr_in address;
    memcpy(&address, sn_endpoint_get_sockaddr(&endpoint, &size), sizeof address);
    return address;
}

static int connection_count(void)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_max >= WANTED + DESCRIPTORS_SPARE)
        return WANTED;
    int count = (int)limit.rlim_max - DESCRIPTORS_SPARE;
    print_message("%d connections instead of %d: the limit of descriptors is %llu\n", count, WANTED,
                  (unsigned long long)limit.rlim_max);
    return count;
}

static int pipes[2];
static pid_t clients;
static int count;

TEST(ten_thousand_connections_are_accepted_and_echoed_on_one_thread)
{
    stress_skip_without_engine();
    size_t descriptors_before = descriptors_count();
    sn_engine *engine = stress_engine(1);
    struct sockaddr_in address = listen_somewhere(engine);
    server.accept.completed = accepted;
    sn_socket_accept_async(server.listener, NULL, &server.accept);
    assert_int_equal(write(pipes[1], &address, sizeof address), sizeof address);

    int status;
    assert_int_equal(waitpid(clients, &status, 0), clients);
    assert_int_equal(status, 0);
    sn_operation_cancel(&server.accept);
    while (atomic_load_acquire(&server.ended) < (uint32_t)count + 1) {
        sn_operation look = {0};
        sn_engine_delay_async(engine, 1, &look);
        CHECK_OK(sn_operation_wait(&look));
    }
    sn_socket_release(server.listener);
    CHECK_OK(sn_engine_destroy(engine));
    assert_int_equal(server.accepted, count);
    assert_int_equal(server.open_max, count);
    assert_int_equal(server.bytes, (uint64_t)count * MESSAGE * ROUNDS);
    assert_int_equal(descriptors_count(), descriptors_before);
}

int main(void)
{
    stress_begin("accept_test");
    count = connection_count();
    if (pipe(pipes) < 0)
        return 1;
    clients = fork(); /* before there is a thread */
    if (clients == 0) {
        close(pipes[1]);
        be_clients(pipes[0], count);
    }
    close(pipes[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_connections_are_accepted_and_echoed_on_one_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
