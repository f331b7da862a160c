/* A file, sent with something before and behind it, in both forms. */
#include "faults/scenarios/all.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILE_SIZE = 3000, WHOLE = 4 + FILE_SIZE + 4 };

static struct op sending;
static char arrived[WHOLE + 1];

static char byte_at(size_t place)
{
    return (char)('a' + place % 23);
}

/* Made anew each time, since it is small; where descriptors are short, while the limit is away. */
static const char *make_file(void)
{
    struct rlimit limit, before;
    (void)getrlimit(RLIMIT_NOFILE, &before);
    limit = before;
    limit.rlim_cur = limit.rlim_max < 256 ? limit.rlim_max : 256;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    char content[FILE_SIZE];
    const char *path = scene_path("file");
    for (size_t i = 0; i < FILE_SIZE; i++)
        content[i] = byte_at(i);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(file >= 0 && write(file, content, FILE_SIZE) == FILE_SIZE, "no file could be written");
    (void)close(file);
    (void)setrlimit(RLIMIT_NOFILE, &before);
    return path;
}

static bool receive_whole(sn_socket *socket)
{
    size_t size = 0, total = 0;
    while (total < WHOLE) {
        if (!step("receive",
                  sn_socket_receive(socket, arrived + total, WHOLE - total, SN_FLAG_NONE, &size)))
            return false;
        must(size > 0, "the stream ended before the file");
        total += size;
    }
    must(memcmp(arrived, "<<<<", 4) == 0 && memcmp(arrived + WHOLE - 4, ">>>>", 4) == 0,
         "what stands around the file did not arrive");
    for (size_t i = 0; i < FILE_SIZE; i++)
        must(arrived[4 + i] == byte_at(i), "another file arrived");
    return true;
}

static void send_both(sn_engine *engine, sn_socket *from, sn_socket *to, const char *path)
{
    const sn_file_send file = {
        .kind = SN_FILE_PATH, .path = path, .before = {"<<<<", 4}, .after = {">>>>", 4}};
    size_t sent = 0;
    if (!step("set the engine", sn_socket_set_engine(from, engine)) ||
        !step("send a file", sn_socket_send_file(from, &file, &sent)))
        return;
    must(sent == WHOLE, "another number of bytes was sent");
    if (!receive_whole(to))
        return;
    sn_socket_send_file_async(from, &file, op_ready(&sending, NULL));
    if (step("send a file asynchronously", sn_operation_wait(&sending.operation))) {
        must(sending.operation.transferred == WHOLE, "another number of bytes was sent");
        (void)receive_whole(to);
    }
}

void play_files(void)
{
    sn_socket *pair[2] = {NULL, NULL};
    const char *path = make_file();
    memset(&sending, 0, sizeof sending);
    sn_engine *engine = engine_open(1);
    if (!engine)
        return;
    if (step("make a pair", sn_socket_pair(SN_TYPE_STREAM, pair))) {
        keep(pair[0]);
        keep(pair[1]);
        send_both(engine, pair[0], pair[1], path);
    }
    engine_end(engine, 1);
}
