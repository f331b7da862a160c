/*
 * Sockets that a service manager has started the program with. Each test plays the program in a
 * forked child, whose descriptors 3 and on it arranges as a manager does.
 */
#include "support/run.h"
#include "support/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/children.h"
#include "support/descriptors.h"

enum { FIRST = 3, ROOM = 4 };

/* What the child is given. */
struct start {
    const char *process; /* NULL: its own number */
    const char *count, *names;
    int handles[3]; /* to become 3 and on */
    int handle_count;
    bool unset;
    size_t room;
};

static sn_inherited_socket taken[ROOM];
static size_t taken_count;

static void set(const char *name, const char *text)
{
    if (text)
        setenv(name, text, 1);
    else
        unsetenv(name);
}

/* In the child: as a manager arranges things just before it starts the program. The descriptors
 * that the test had there make room: nothing of it is used afterwards. */
static sn_error take_after(const struct start *start)
{
    char own[20];
    int moved[3];
    snprintf(own, sizeof own, "%ld", (long)getpid());
    set("LISTEN_PID", start->process ? start->process : own);
    set("LISTEN_FDS", start->count);
    set("LISTEN_FDNAMES", start->names);
    for (int i = 0; i < start->handle_count; i++)
        moved[i] = fcntl(start->handles[i], F_DUPFD, 100);
    for (int i = 0; i < 10; i++)
        close(FIRST + i);
    for (int i = 0; i < start->handle_count; i++)
        dup2(moved[i], FIRST + i);
    taken_count = 99;
    return sn_inherited_sockets_take(start->unset, taken, start->room, &taken_count);
}

static bool are_set(void)
{
    return getenv("LISTEN_PID") && getenv("LISTEN_FDS");
}

static int raw_listener(void)
{
    int handle = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(listen(handle, 4), 0);
    return handle;
}

/* --- Taken ------------------------------------------------------------------------------------ */

static int take_two(void *context)
{
    const struct start *start = context;
    CHILD_EXPECT(take_after(start) == SN_OK);
    CHILD_EXPECT(taken_count == 2);
    CHILD_EXPECT(strcmp(taken[0].name, start->names ? "web" : "unknown") == 0);
    CHILD_EXPECT(strcmp(taken[1].name, start->names ? "" : "unknown") == 0);
    CHILD_EXPECT(sn_socket_get_handle(taken[0].socket) == FIRST);
    CHILD_EXPECT(sn_socket_get_handle(taken[1].socket) == FIRST + 1);
    CHILD_EXPECT(descriptor_is_close_on_exec(FIRST) && descriptor_is_nonblocking(FIRST));
    CHILD_EXPECT(sn_socket_get_socket_type(taken[0].socket) == SN_TYPE_STREAM);
    CHILD_EXPECT(are_set() == !start->unset);
    sn_socket *accepted = NULL;
    CHILD_EXPECT(sn_socket_set_blocking(taken[0].socket, false) == SN_OK);
    CHILD_EXPECT(sn_socket_accept(taken[0].socket, &accepted) == SN_ERROR_WOULD_BLOCK);
    sn_socket_release(taken[0].socket);
    sn_socket_release(taken[1].socket);
    CHILD_EXPECT(!descriptor_is_open(FIRST) && !descriptor_is_open(FIRST + 1));
    return 0;
}

TEST(each_is_a_socket_with_its_name)
{
    int tcp = raw_listener(), udp = socket(AF_INET, SOCK_DGRAM, 0);
    struct start start = {.count = "2",
                          .names = "web:",
                          .handles = {tcp, udp},
                          .handle_count = 2,
                          .unset = true,
                          .room = ROOM};
    assert_int_equal(child_run(take_two, &start), 0);
    start.unset = false;
    start.names = NULL;
    assert_int_equal(child_run(take_two, &start), 0);
    close(tcp);
    close(udp);
}

static int take_twice(void *context)
{
    CHILD_EXPECT(take_after(context) == SN_OK);
    CHILD_EXPECT(taken_count == 1);
    CHILD_EXPECT(sn_inherited_sockets_take(true, taken, ROOM, &taken_count) ==
                 SN_ERROR_INVALID_OPERATION);
    CHILD_EXPECT(taken_count == 1 && are_set());
    CHILD_EXPECT(descriptor_is_open(FIRST));
    return 0;
}

TEST(they_are_taken_once)
{
    int tcp = raw_listener();
    struct start start = {.count = "1", .handles = {tcp}, .handle_count = 1, .room = ROOM};
    assert_int_equal(child_run(take_twice, &start), 0);
    close(tcp);
}

/* --- None ------------------------------------------------------------------------------------- */

static int take_none(void *context)
{
    const struct start *start = context;
    CHILD_EXPECT(take_after(start) == SN_OK);
    CHILD_EXPECT(taken_count == 0);
    CHILD_EXPECT(descriptor_is_open(FIRST));
    CHILD_EXPECT(!start->unset || !getenv("LISTEN_FDNAMES"));
    return 0;
}

TEST(what_is_meant_for_another_process_is_left_alone)
{
    int tcp = raw_listener();
    struct start start = {.process = "1",
                          .count = "1",
                          .names = "web",
                          .handles = {tcp},
                          .handle_count = 1,
                          .room = ROOM};
    assert_int_equal(child_run(take_none, &start), 0);
    start.unset = true;
    assert_int_equal(child_run(take_none, &start), 0);
    start.process = NULL;
    start.count = NULL;
    assert_int_equal(child_run(take_none, &start), 0);
    start.count = "0";
    assert_int_equal(child_run(take_none, &start), 0);
    close(tcp);
}

/* --- Nonsense --------------------------------------------------------------------------------- */

struct refusal {
    struct start start;
    sn_error error;
    size_t count;
};

static int be_refused(void *context)
{
    const struct refusal *refusal = context;
    CHILD_EXPECT(take_after(&refusal->start) == refusal->error);
    CHILD_EXPECT(taken_count == refusal->count);
    CHILD_EXPECT(are_set());
    CHILD_EXPECT(descriptor_is_open(FIRST));
    CHILD_EXPECT(!descriptor_is_close_on_exec(FIRST)); /* as it was */
    CHILD_EXPECT(!descriptor_is_nonblocking(FIRST));
    CHILD_EXPECT(!descriptor_is_open(FIRST + 1));
    return 0;
}

TEST(nonsense_is_told_and_nothing_is_touched)
{
    static const struct {
        const char *process, *count, *names;
        sn_error error;
        size_t room, count_told;
    } rows[] = {
        {"no number", "1", NULL, SN_ERROR_FORMAT, ROOM, 99},
        {"", "1", NULL, SN_ERROR_FORMAT, ROOM, 99},
        {"0", "1", NULL, SN_ERROR_FORMAT, ROOM, 99},
        {NULL, "one", NULL, SN_ERROR_FORMAT, ROOM, 99},
        {NULL, "-1", NULL, SN_ERROR_FORMAT, ROOM, 99},
        {NULL, "1 ", NULL, SN_ERROR_FORMAT, ROOM, 99},
        {NULL, "99999999999999999999999", NULL, SN_ERROR_FORMAT, ROOM, 99},
        {NULL, "1", "two:names", SN_ERROR_FORMAT, ROOM, 99},
        {NULL, "1", "bad\tname", SN_ERROR_FORMAT, ROOM, 99},
        {NULL, "2147483644", NULL, SN_ERROR_ARGUMENT_OUT_OF_RANGE, ROOM, 2147483644},
        {NULL, "1", "web", SN_ERROR_ARGUMENT_OUT_OF_RANGE, 0, 1},
        {NULL, "2", "open:closed", SN_ERROR_NOT_SOCKET, ROOM, 99},
    };
    int tcp = raw_listener();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct refusal refusal = {.start = {.process = rows[i].process,
                                            .count = rows[i].count,
                                            .names = rows[i].names,
                                            .handles = {tcp},
                                            .handle_count = 1,
                                            .unset = true,
                                            .room = rows[i].room},
                                  .error = rows[i].error,
                                  .count = rows[i].count_told};
        print_message("row %zu\n", i);
        assert_int_equal(child_run(be_refused, &refusal), 0);
    }
    close(tcp);
}

static int try_again(void *context)
{
    struct refusal *refusal = context;
    CHILD_EXPECT(take_after(&refusal->start) == refusal->error);
    setenv("LISTEN_FDS", "1", 1);
    CHILD_EXPECT(sn_inherited_sockets_take(true, taken, ROOM, &taken_count) == SN_OK);
    CHILD_EXPECT(taken_count == 1);
    sn_socket_release(taken[0].socket);
    CHILD_EXPECT(!descriptor_is_open(FIRST));
    return 0;
}

TEST(after_an_error_they_can_be_taken)
{
    int tcp = raw_listener();
    struct refusal refusal = {
        .start = {.count = "2", .handles = {tcp}, .handle_count = 1, .room = ROOM},
        .error = SN_ERROR_NOT_SOCKET};
    assert_int_equal(child_run(try_again, &refusal), 0);
    close(tcp);
}

/* A count that is too high does not give away what the process has opened since. */
static int refuse_own(void *context)
{
    CHILD_EXPECT(take_after(context) == SN_ERROR_NOT_SOCKET);
    int own = open("/dev/null", O_RDWR | O_CLOEXEC);
    CHILD_EXPECT(own == FIRST + 1);
    CHILD_EXPECT(sn_inherited_sockets_take(true, taken, ROOM, &taken_count) ==
                 SN_ERROR_INVALID_OPERATION);
    CHILD_EXPECT(are_set() && descriptor_is_open(own) && descriptor_is_close_on_exec(own));
    CHILD_EXPECT(!descriptor_is_close_on_exec(FIRST));
    return 0;
}

TEST(what_the_process_has_opened_itself_is_not_taken)
{
    int tcp = raw_listener();
    struct start start = {.count = "2", .handles = {tcp}, .handle_count = 1, .room = ROOM};
    assert_int_equal(child_run(refuse_own, &start), 0);
    close(tcp);
}

TEST(without_a_place_for_the_result_it_says_so)
{
    size_t count = 99;
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_inherited_sockets_take(false, taken, ROOM, NULL));
    assert_error(SN_ERROR_ARGUMENT_NULL, sn_inherited_sockets_take(false, NULL, 1, &count));
    assert_int_equal(count, 99);
    assert_ok(sn_inherited_sockets_take(false, NULL, 0, &count)); /* this program has none */
    assert_int_equal(count, 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(each_is_a_socket_with_its_name),
        CASE(they_are_taken_once),
        CASE(what_is_meant_for_another_process_is_left_alone),
        CASE(nonsense_is_told_and_nothing_is_touched),
        CASE(after_an_error_they_can_be_taken),
        CASE(what_the_process_has_opened_itself_is_not_taken),
        CASE(without_a_place_for_the_result_it_says_so),
    };
    unsetenv("LISTEN_PID");
    return RUN(cases);
}
