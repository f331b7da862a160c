/*
 * A crawler: a fiber for each page, all in one group, and so many of them at work at a time. The
 * first failure ends the others, and so does the time limit. http_fibers.c is a site for it.
 *
 *     cc crawler.c $(pkg-config --cflags --libs sennit) -pthread
 *
 * usage: crawler HOST:PORT/PATH [MILLISECONDS]
 */
#include <sennit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGES_MAX = 1000,
    AT_WORK = 16,     /* fibers that have a connection at a time */
    STEP_MS = 10000,  /* for a connect, and between two parts of an answer */
    TARGET_MAX = 256, /* characters of a path */
    LINE_MAX_SIZE = 4096,
    BODY_MAX = 65536
};

/* Its fibers are all on one thread, so what they share needs no lock. */
static struct crawl {
    sn_fiber_group *group;
    sn_semaphore at_work;
    char host[256];
    int port;
    char *targets[PAGES_MAX]; /* owned: each page that was found */
    size_t target_count;
    size_t fetched_count, byte_count;
} crawl = {.at_work = SN_SEMAPHORE_INIT(AT_WORK, AT_WORK)};

static sn_error fetch(void *target);

/* Starts a fiber for a page, unless it was found before. */
static sn_error add(const char *target, size_t size)
{
    for (size_t i = 0; i < crawl.target_count; i++) {
        if (strlen(crawl.targets[i]) == size && memcmp(crawl.targets[i], target, size) == 0)
            return SN_OK;
    }
    if (crawl.target_count == PAGES_MAX || size > TARGET_MAX)
        return SN_OK; /* it has an end */
    char *copy = strndup(target, size);
    if (!copy)
        return SN_ERROR_OUT_OF_MEMORY;
    crawl.targets[crawl.target_count++] = copy;
    return sn_fiber_group_start(crawl.group, fetch, copy,
                                &(sn_fiber_options){.stack_size = 128 << 10}, NULL);
}

static sn_error follow_links(const char *page)
{
    sn_error error = SN_OK;
    const char *link = page;
    while (!error && (link = strstr(link, "href=\"/")) != NULL) {
        link += strlen("href=\"");
        error = add(link, strcspn(link, "\""));
    }
    return error;
}

/* --- One page --------------------------------------------------------------------------------- */

static sn_error ask(sn_socket *socket, const char *target)
{
    char text[LINE_MAX_SIZE];
    int size =
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n",
                 target, crawl.host, crawl.port);
    return sn_socket_send(socket, text, (size_t)size, SN_FLAG_NONE, NULL);
}

static sn_error read_line(sn_reader *reader, char *line)
{
    sn_buffer part;
    sn_error error = sn_reader_read_until(reader, "\r\n", 2, 0, &part);
    if (error)
        return error;
    memcpy(line, part.data, part.size - 2);
    line[part.size - 2] = '\0';
    return SN_OK;
}

/* Its body has at most BODY_MAX bytes, and its length is told. */
static sn_error read_head(sn_reader *reader, size_t *out_size)
{
    char line[LINE_MAX_SIZE];
    int status = 0;
    *out_size = BODY_MAX + 1;
    sn_error error = read_line(reader, line);
    if (!error && (sscanf(line, "HTTP/1.%*1d %3d", &status) != 1 || status != 200)) {
        fprintf(stderr, "not a page: %s\n", line);
        error = SN_ERROR_FORMAT;
    }
    while (!error && *line != '\0') {
        error = read_line(reader, line);
        if (!error)
            (void)sscanf(line, "Content-Length: %9zu", out_size);
    }
    return !error && *out_size > BODY_MAX ? SN_ERROR_FORMAT : error;
}

static sn_error read_page(sn_reader *reader)
{
    size_t size;
    sn_error error = read_head(reader, &size);
    char *page = error ? NULL : calloc(1, size + 1);
    if (!error && !page)
        error = SN_ERROR_OUT_OF_MEMORY;
    if (!error)
        error = sn_reader_read_exactly(reader, page, size, NULL);
    if (!error) {
        crawl.fetched_count++;
        crawl.byte_count += size;
        error = follow_links(page);
    }
    free(page);
    return error;
}

static sn_error converse(sn_socket *socket, const char *target)
{
    sn_reader *reader = NULL;
    sn_error error = sn_socket_set_connect_timeout(socket, STEP_MS);
    if (!error)
        error = sn_socket_set_receive_timeout(socket, STEP_MS);
    if (!error)
        error = sn_socket_connect_host(socket, crawl.host, crawl.port);
    if (!error)
        error = ask(socket, target);
    if (!error)
        error = sn_reader_create(socket, NULL, LINE_MAX_SIZE, &reader);
    if (!error)
        error = read_page(reader);
    sn_reader_release(reader);
    return error;
}

/* What it returns, unless it is SN_OK, cancels the group. */
static sn_error fetch(void *target)
{
    sn_socket *socket = NULL;
    sn_error error = sn_semaphore_acquire(&crawl.at_work, 1, SN_FOREVER);
    if (error)
        return error;
    error = sn_socket_create_dual_mode(SN_TYPE_STREAM, SN_PROTOCOL_TCP, &socket);
    if (!error)
        error = converse(socket, target);
    sn_socket_release(socket);
    sn_semaphore_release(&crawl.at_work, 1);
    if (error && error != SN_ERROR_OPERATION_CANCELED)
        fprintf(stderr, "%s: %s\n", (const char *)target, sn_error_message(error));
    return error;
}

/* --- All of them ------------------------------------------------------------------------------ */

static sn_error crawl_all(const char *target, sn_milliseconds limit_ms)
{
    sn_error first_error = SN_OK;
    sn_error error = add(target, strlen(target));
    if (!error)
        error = sn_fiber_group_join(crawl.group, limit_ms, &first_error);
    if (!error)
        return first_error;
    sn_fiber_group_cancel(crawl.group); /* the time is over: whatever they wait in ends */
    sn_error end_error = sn_fiber_group_join(crawl.group, SN_FOREVER, NULL);
    return end_error ? end_error : error;
}

int main(int count, char **arguments)
{
    char target[TARGET_MAX + 1];
    long limit_ms = count > 2 ? strtol(arguments[2], NULL, 10) : 60000;
    sn_engine *engine = NULL;
    if (count < 2 || limit_ms < 1 || limit_ms > 86400000 ||
        sscanf(arguments[1], "%255[^:/]:%5d%256s", crawl.host, &crawl.port, target) != 3) {
        fprintf(stderr, "usage: crawler HOST:PORT/PATH [MILLISECONDS]\n");
        return 2;
    }
    sn_error error = sn_engine_create(&(sn_engine_options){.threads = 1}, &engine);
    if (!error)
        error = sn_fiber_group_create(engine, NULL, &crawl.group);
    if (!error)
        error = crawl_all(target, (sn_milliseconds)limit_ms);
    printf("%zu of %zu pages, %zu bytes: %s\n", crawl.fetched_count, crawl.target_count,
           crawl.byte_count, error ? sn_error_name(error) : "complete");
    sn_fiber_group_release(crawl.group);
    if (engine && sn_engine_destroy(engine))
        return EXIT_FAILURE;
    for (size_t i = 0; i < crawl.target_count; i++)
        free(crawl.targets[i]);
    return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
