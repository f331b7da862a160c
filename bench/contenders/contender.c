#include "contender.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const service_names[SERVICE_COUNT] = {
    [SERVICE_ECHO] = "echo",
    [SERVICE_PIPELINE] = "pipeline",
    [SERVICE_FILE] = "file",
    [SERVICE_DATAGRAM] = "datagram",
};

void contender_announce(int port)
{
    printf("port %d %s\n", port, contender_program.version());
    (void)fflush(stdout);
}

static int open_socket(const struct service *service, int type)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)service->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int one = 1;
    int handle = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (handle >= 0 && setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(handle, (struct sockaddr *)&address, sizeof address) == 0 &&
        (type != SOCK_STREAM || listen(handle, CONTENDER_BACKLOG) == 0) &&
        getsockname(handle, (struct sockaddr *)&address, &size) == 0) {
        contender_announce(ntohs(address.sin_port));
        return handle;
    }
    if (handle >= 0)
        (void)close(handle);
    return -1;
}

int contender_listen(const struct service *service)
{
    return open_socket(service, SOCK_STREAM);
}

int contender_bind(const struct service *service)
{
    return open_socket(service, SOCK_DGRAM);
}

void contender_no_delay(int handle)
{
    int one = 1;
    (void)setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

size_t contender_whole(const struct service *service, size_t size)
{
    return service->kind == SERVICE_ECHO ? size : size - size % service->message_size;
}

void contender_cut(const struct service *service, char *data, size_t size, struct msghdr *message)
{
    /* What a send that was cut short has left of a request comes first. */
    size_t first = size % service->message_size;
    size_t piece = first > 0 ? first : service->message_size;
    message->msg_iovlen = 0;
    for (int count = 0; size > 0 && count < CONTENDER_PIECES_MAX; count++) {
        /* Counted up, since its type is not the same everywhere. */
        message->msg_iov[message->msg_iovlen++] = (struct iovec){data, piece};
        data += piece;
        size -= piece;
        piece = service->message_size;
    }
}

/* --- The command line --- */

static bool read_number(const char *text, size_t maximum, size_t *out_number)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    *out_number = number;
    return *text != '\0' && *end == '\0' && number <= maximum;
}

static bool read_service(char **words, int count, struct service *out_service)
{
    size_t port = 0;
    *out_service = (struct service){.kind = SERVICE_COUNT, .file = count > 4 ? words[4] : NULL};
    if (count < 4 || count > 5 || !read_number(words[1], 65535, &port) ||
        !read_number(words[2], 1 << 20, &out_service->message_size) ||
        !read_number(words[3], 1 << 24, &out_service->buffer_size) ||
        out_service->message_size == 0 || out_service->buffer_size < out_service->message_size)
        return false;
    out_service->port = (int)port;
    for (int i = 0; i < SERVICE_COUNT; i++) {
        if (strcmp(words[0], service_names[i]) == 0)
            out_service->kind = (enum service_kind)i;
    }
    return out_service->kind != SERVICE_COUNT &&
           (out_service->kind == SERVICE_FILE) == (out_service->file != NULL);
}

static const char *serve(const char *name, const struct service *service)
{
    for (size_t i = 0; i < contender_program.count; i++) {
        const struct contender_style *style = &contender_program.styles[i];
        if (strcmp(style->name, name) != 0)
            continue;
        if (!style->serve[service->kind])
            return "it has no calls for this";
        const char *reason = style->serve[service->kind](service);
        return reason ? reason : "it came to an end";
    }
    return "there is no such style";
}

int main(int argc, char **argv)
{
    struct service service;
    if (argc < 2 || !read_service(argv + 2, argc - 2, &service)) {
        fprintf(stderr, "usage: %s STYLE echo|pipeline|file|datagram PORT SIZE BUFFER [FILE]\n",
                argv[0]);
        return 2;
    }
    printf("unable %s\n", serve(argv[1], &service));
    return 1;
}
