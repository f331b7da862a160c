/*
 * /etc/resolv.conf, as far as it concerns who is asked and how patiently: resolv.conf(5). A keyword
 * counts at the begin of a line only, and comments are lines that begin with '#' or ';'.
 */
#include "dns/resolver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "sys/sys.h"

#define BLANKS            " \t\r"
#define PORT              53
#define SIZE_MAX_READ     65536 /* what comes after that is passed over */
#define TIMEOUT_S_MAX     30    /* both as in the C library */
#define ATTEMPT_COUNT_MAX 5

/* The next word of a line that ends with a newline or a NUL; false: there is none. */
static bool next_word(const char **inout_line, const char **out_word, size_t *out_size)
{
    const char *word = *inout_line + strspn(*inout_line, BLANKS);
    *out_word = word;
    *out_size = strcspn(word, BLANKS "\n");
    *inout_line = word + *out_size;
    return *out_size > 0;
}

static bool is_word(const char *word, size_t size, const char *text)
{
    return size == strlen(text) && memcmp(word, text, size) == 0;
}

static void add_server(const char *word, size_t size, struct resolver_config *config)
{
    sn_ip_address address;
    if (config->server_count < SN_RESOLVER_SERVER_COUNT_MAX &&
        sn_ip_address_parse_bytes(word, size, &address) == SN_OK &&
        sn_endpoint_from_ip(&address, PORT, &config->servers[config->server_count]) == SN_OK)
        config->server_count++;
}

/* "timeout:5": the number behind the name, from 1 to the most; else it is left alone. */
static void set_number(const char *word, size_t size, const char *name, int most, int *number)
{
    size_t name_size = strlen(name);
    if (size <= name_size || memcmp(word, name, name_size) != 0 || word[name_size] < '0' ||
        word[name_size] > '9')
        return;
    long value = strtol(word + name_size, NULL, 10); /* LONG_MAX if it is larger than that */
    if (value > 0)
        *number = value < most ? (int)value : most;
}

static void read_line(const char *line, struct resolver_config *config)
{
    const char *word;
    size_t size;
    size_t keyword_size = strcspn(line, BLANKS "\n");
    bool is_server = is_word(line, keyword_size, "nameserver");
    bool is_options = is_word(line, keyword_size, "options");
    line += keyword_size;
    while ((is_server || is_options) && next_word(&line, &word, &size)) {
        if (is_server) {
            add_server(word, size, config);
            break;
        }
        set_number(word, size, "timeout:", TIMEOUT_S_MAX, &config->timeout_s);
        set_number(word, size, "attempts:", ATTEMPT_COUNT_MAX, &config->attempts);
    }
}

void resolver_config_parse(const char *text, struct resolver_config *out)
{
    *out = (struct resolver_config){.server_count = 0};
    while (*text != '\0') {
        read_line(text, out);
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
}

static int32_t read_all(int32_t file, char *text, size_t size)
{
    size_t used = 0;
    int64_t count = 1;
    while (used < size && count > 0) {
        count = sys_read_at(file, text + used, size - used, (int64_t)used);
        used += count > 0 ? (size_t)count : 0;
    }
    return count < 0 ? (int32_t)count : 0;
}

int32_t resolver_config_read(const char *path, struct resolver_config *out)
{
    *out = (struct resolver_config){.server_count = 0};
    int32_t file = sys_open_file(path);
    if (file == -ENOENT || file == -ENOTDIR)
        return 0;
    if (file < 0)
        return file;
    char *text = memory_zeroed(SIZE_MAX_READ + 1);
    int32_t failed = text ? read_all(file, text, SIZE_MAX_READ) : -ENOMEM;
    (void)sys_close(file);
    if (!failed)
        resolver_config_parse(text, out);
    memory_free(text);
    return failed;
}
