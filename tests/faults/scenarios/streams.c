/* So many bytes, lines, a relay between two connections, and the names of interfaces. */
#include "faults/scenarios/all.h"

#include <string.h>

static struct op receiving, relaying;

static struct {
    sn_engine *engine;
    sn_socket *near[2], *far[2];
    sn_reader *reader;
    sn_relay_result result;
} room;

static bool find_interfaces(void)
{
    sn_interface first;
    char name[SN_INTERFACE_NAME_SIZE];
    size_t count = 0;
    int index = 0;
    return step("find an interface", sn_interface_index_from_name("lo", &index)) &&
           step("ask for its name", sn_interface_name_from_index(index, name, sizeof name)) &&
           step("list the interfaces", sn_interface_list(&first, 1, &count));
}

static bool open_pair(sn_socket *pair[2])
{
    if (!step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair)))
        return false;
    for (int i = 0; i < 2; i++)
        (void)keep(pair[i]);
    return step("set the engine", sn_socket_set_engine(pair[0], room.engine)) &&
           step("set the other engine", sn_socket_set_engine(pair[1], room.engine));
}

static bool send_text(const char *text)
{
    return step("send", sn_socket_send(room.near[0], text, strlen(text), SN_FLAG_NONE, NULL));
}

static bool receive_whole(void)
{
    static char data[6];
    sn_socket_receive_exactly_async(room.near[1], data, 6, op_ready(&receiving, NULL));
    if (!send_text("abc") || !send_text("def") ||
        !step("receive exactly", sn_operation_wait(&receiving.operation)))
        return false;
    must(receiving.operation.transferred == 6 && memcmp(data, "abcdef", 6) == 0,
         "other bytes came than were sent");
    return true;
}

static bool read_lines(void)
{
    static sn_buffer line;
    static char data[4];
    if (!step("make a reader", sn_reader_create(room.near[1], NULL, 64, &room.reader)))
        return false;
    sn_reader_read_until_async(room.reader, "\n", 1, 0, &line, op_ready(&receiving, NULL));
    if (!send_text("line\nrest") || !step("read a line", sn_operation_wait(&receiving.operation)))
        return false;
    must(line.size == 5 && memcmp(line.data, "line\n", 5) == 0, "another line");
    return step("read the rest", sn_reader_read_exactly(room.reader, data, 4, NULL));
}

/* Whichever comes first: without the relay nothing would be received. */
static bool wait_for_relayed(void)
{
    sn_operation *operations[] = {&receiving.operation, &relaying.operation};
    size_t index = 0;
    if (!step("wait for either", sn_operation_wait_any(operations, 2, SN_FOREVER, &index)))
        return false;
    return index == 0 ? step("receive what was relayed", receiving.operation.error)
                      : step("relay, too early", relaying.operation.error);
}

static bool relay(void)
{
    static char data[7];
    sn_socket_relay_async(room.near[1], room.far[0], SN_FOREVER, &room.result,
                          op_ready(&relaying, NULL));
    sn_socket_receive_exactly_async(room.far[1], data, 7, op_ready(&receiving, NULL));
    if (!send_text("relayed") || !wait_for_relayed())
        return false;
    must(memcmp(data, "relayed", 7) == 0, "other bytes were relayed");
    sn_socket_close(room.near[0]);
    sn_socket_close(room.far[1]);
    if (!step("relay", sn_operation_wait(&relaying.operation)))
        return false;
    must(room.result.there == 7 && room.result.back == 0, "other counts");
    return true;
}

void play_streams(void)
{
    memset(&room, 0, sizeof room);
    memset(&receiving, 0, sizeof receiving);
    memset(&relaying, 0, sizeof relaying);
    if (!find_interfaces() || !(room.engine = engine_open(1)))
        return;
    if (open_pair(room.near) && open_pair(room.far) && receive_whole() && read_lines())
        (void)relay();
    engine_end(room.engine, 1);
    sn_reader_release(room.reader);
}
