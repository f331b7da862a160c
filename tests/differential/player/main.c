/* The player's command line. */
#include "player.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char usage[] =
    "usage: player play STYLE FILE...       STYLE: blocking, wait or callback\n"
    "       player texts <FILE              what the parsers make of each text\n"
    "       player check FILE...            reads scenarios and plays none\n"
    "       player backend                  what the engine runs on\n"
    "       player shrink FILE              the one scenario of a file, once without each step\n"
    "       player draw texts SEED COUNT\n"
    "       player draw scenarios SEED COUNT\n";

static play_style style_of(const char *name)
{
    if (strcmp(name, "blocking") == 0)
        return STYLE_BLOCKING;
    if (strcmp(name, "wait") == 0)
        return STYLE_WAIT;
    if (strcmp(name, "callback") == 0)
        return STYLE_CALLBACK;
    fputs(usage, stderr);
    exit(2);
}

/* What connecting a UDP socket to a host gives, which sends nothing. */
static sn_error try_host(const char *host)
{
    sn_socket *none;
    sn_error error = sn_socket_create(SN_FAMILY_IPV4, SN_TYPE_DATAGRAM, SN_PROTOCOL_UDP, &none);
    if (error)
        return error;
    error = sn_socket_connect_host(none, host, 9);
    sn_socket_release(none);
    return error;
}

/* What a machine may lack: ipv6, root, a route to other networks, which broadcasts and groups take,
 * and a resolver that says of a name that there is none. */
static bool machine_has(const char *need)
{
    int family = strcmp(need, "ipv6") == 0 ? AF_INET6 : AF_INET;
    if (strcmp(need, "net11") == 0) /* what is new there is here */
        return true;
    if (strcmp(need, "resolver") == 0)
        return try_host("name.invalid") == SN_ERROR_HOST_NOT_FOUND;
    if (strcmp(need, "route") == 0)
        return try_host("192.0.2.1") == SN_OK;
    if (strcmp(need, "root") == 0) {
        int handle = socket(AF_INET, SOCK_RAW, 1);
        if (handle >= 0)
            close(handle);
        return handle >= 0;
    }
    sn_socket *probe;
    sn_endpoint local;
    sn_address_family wanted = family == AF_INET6 ? SN_FAMILY_IPV6 : SN_FAMILY_IPV4;
    if (sn_socket_create(wanted, SN_TYPE_STREAM, SN_PROTOCOL_TCP, &probe) != SN_OK)
        return false;
    const sn_ip_address *loopback = family == AF_INET6 ? &SN_IPV6_LOOPBACK : &SN_IPV4_LOOPBACK;
    bool has =
        sn_endpoint_from_ip(loopback, 0, &local) == SN_OK && sn_socket_bind(probe, &local) == SN_OK;
    sn_socket_release(probe);
    return has;
}

static int play_file(play_style style, const char *path)
{
    scenario_file file;
    if (!scenario_file_read(path, &file))
        return 2;
    for (size_t i = 0; i < file.count; i++) {
        const struct scenario *each = &file.scenarios[i];
        if (!(each->styles & (int)style))
            continue;
        if (each->needs && !machine_has(each->needs)) {
            printf("== %s\nlacking %s\n", each->name, each->needs);
            continue;
        }
        run_play(path, each, style);
    }
    scenario_file_free(&file);
    return 0;
}

static int check_file(const char *path)
{
    scenario_file file;
    if (!scenario_file_read(path, &file))
        return 2;
    printf("%s: %zu scenarios\n", path, file.count);
    scenario_file_free(&file);
    return 0;
}

static int shrink_file(const char *path)
{
    scenario_file file;
    if (!scenario_file_read(path, &file) || file.count == 0)
        return 2;
    scenario_shrink(&file.scenarios[0]);
    scenario_file_free(&file);
    return 0;
}

static int show_backend(void)
{
    sn_engine *engine;
    sn_error error = sn_engine_default(&engine);
    if (error != SN_OK) {
        printf("%s\n", sn_error_name(error));
        return 0;
    }
    printf("%s, %s\n", sn_engine_backend_name(sn_engine_get_backend(engine)),
           sn_engine_get_backend_reason(engine));
    return 0;
}

static int draw(const char *what, const char *seed, const char *count)
{
    uint64_t first = strtoull(seed, NULL, 10);
    unsigned long number = strtoul(count, NULL, 10);
    if (strcmp(what, "texts") == 0)
        texts_generate(first, number);
    else
        scenarios_generate(first, number);
    return 0;
}

int main(int count, char **arguments)
{
    const char *command = count > 1 ? arguments[1] : "";
    int worst = 0;
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    setenv("SENNIT_THREADS", "1", 1); /* see step_socket.c, run_let_engine_close() */
    if (strcmp(command, "texts") == 0) {
        worst = texts_play(stdin);
    } else if (strcmp(command, "draw") == 0 && count == 5) {
        worst = draw(arguments[2], arguments[3], arguments[4]);
    } else if (strcmp(command, "backend") == 0) {
        worst = show_backend();
    } else if (strcmp(command, "shrink") == 0 && count == 3) {
        worst = shrink_file(arguments[2]);
    } else if (strcmp(command, "check") == 0 && count > 2) {
        for (int i = 2; i < count && worst == 0; i++)
            worst = check_file(arguments[i]);
    } else if (strcmp(command, "play") == 0 && count > 3) {
        play_style style = style_of(arguments[2]);
        for (int i = 3; i < count && worst == 0; i++)
            worst = play_file(style, arguments[i]);
    } else {
        fputs(usage, stderr);
        worst = 2;
    }
    return fflush(stdout) == 0 ? worst : 2;
}
