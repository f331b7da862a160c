/* Texts for the parsers: what each parser makes of them, and texts drawn at random. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

uint64_t random_next(uint64_t *state)
{
    /* splitmix64 */
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

unsigned random_below(uint64_t *state, unsigned limit)
{
    return (unsigned)(random_next(state) % limit);
}

/* --- What the parsers make of a text
 * --------------------------------------------------------------------- */

static void play_text(const char *kind, const char *written, text *out)
{
    char name[SN_ENDPOINT_TEXT_SIZE] = "";
    sn_error error;
    sn_ip_address address;
    sn_endpoint endpoint;
    sn_ip_network network;
    switch (kind[0]) {
    case 'A':
        error = sn_ip_address_parse(written, &address);
        if (error == SN_OK)
            error = sn_ip_address_format(&address, name, sizeof name);
        break;
    case 'E':
        error = sn_endpoint_parse(written, &endpoint);
        if (error == SN_OK)
            error = sn_endpoint_format(&endpoint, name, sizeof name);
        break;
    default:
        error = sn_ip_network_parse(written, &network);
        if (error == SN_OK)
            error = sn_ip_network_format(&network, name, sizeof name);
        break;
    }
    text_add(out, "%s %s", error == SN_OK ? "ok" : sn_error_name(error), name);
}

int texts_play(FILE *input)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    while ((size = getline(&line, &capacity, input)) > 0) {
        if (line[size - 1] == '\n')
            line[--size] = '\0';
        char *tab = strchr(line, '\t');
        if (!tab)
            return fputs("player: a line without a kind\n", stderr), 2;
        text out = {0};
        play_text(line, tab + 1, &out);
        printf("%s => %s\n", line, out.data);
        free(out.data);
    }
    free(line);
    return 0;
}

/* --- Texts drawn at random
 * -------------------------------------------------------------------------------- */

static const char *pick(uint64_t *state, const char *const *list, unsigned count)
{
    return list[random_below(state, count)];
}

static void add_ipv4_part(uint64_t *state, text *to)
{
    static const char *const odd[] = {"",           "0",    "00",        "01",   "08",      "0x",
                                      "0x1F",       "0X7f", "256",       "0377", "0400",    "255",
                                      "4294967295", "-1",   "+1",        "1 ",   " 1",      "a",
                                      "65535",      "0x00", "000000010", "1e1",  "16777216"};
    if (random_below(state, 4) > 0)
        text_add(to, "%u", random_below(state, 256));
    else
        text_add(to, "%s", pick(state, odd, sizeof odd / sizeof odd[0]));
}

static void add_ipv4(uint64_t *state, text *to)
{
    unsigned parts = random_below(state, 3) > 0 ? 4 : 1 + random_below(state, 5);
    for (unsigned i = 0; i < parts; i++) {
        if (i > 0)
            text_add(to, ".");
        add_ipv4_part(state, to);
    }
}

static void add_group(uint64_t *state, text *to)
{
    static const char *const odd[] = {"0", "0000", "00000", "ffff", "FFFF", "g", "5efe", "1", ""};
    if (random_below(state, 3) > 0)
        text_add(to, random_below(state, 2) ? "%x" : "%X", random_below(state, 65536));
    else
        text_add(to, "%s", pick(state, odd, sizeof odd / sizeof odd[0]));
}

static void add_scope(uint64_t *state, text *to)
{
    static const char *const scopes[] = {"%0",          "%1",  "%42", "%4294967295",
                                         "%4294967296", "%",   "%lo", "%nosuch",
                                         "%1a",         "%%1", "%-1", "%01"};
    if (random_below(state, 5) == 0)
        text_add(to, "%s", pick(state, scopes, sizeof scopes / sizeof scopes[0]));
}

static void add_ipv6(uint64_t *state, text *to)
{
    unsigned groups = random_below(state, 3) > 0 ? 8 : random_below(state, 10);
    unsigned gap = random_below(state, 2) ? random_below(state, 9) : 99;
    if (gap != 99 && groups > 1)
        groups -= 1 + random_below(state, groups - 1);
    bool dotted = random_below(state, 4) == 0;
    for (unsigned i = 0; i < groups; i++) {
        if (i == gap)
            text_add(to, i == 0 ? "::" : ":");
        if (dotted && i + 2 >= groups) {
            add_ipv4(state, to);
            break;
        }
        add_group(state, to);
        if (i + 1 < groups)
            text_add(to, ":");
    }
    if (gap >= groups && gap != 99)
        text_add(to, "::");
    add_scope(state, to);
}

static void add_address(uint64_t *state, text *to)
{
    if (random_below(state, 5) < 2)
        add_ipv4(state, to);
    else
        add_ipv6(state, to);
}

static void add_port(uint64_t *state, text *to)
{
    static const char *const ports[] = {":0",   ":80",          ":65535", ":65536",   ":",
                                        ":-1",  ":+1",          ":0x50",  ":080",     ":8a",
                                        ": 80", ":99999999999", "::80",   ":00000080"};
    if (random_below(state, 2))
        text_add(to, ":%u", random_below(state, 65536));
    else
        text_add(to, "%s", pick(state, ports, sizeof ports / sizeof ports[0]));
}

static void add_bracketed(uint64_t *state, text *to)
{
    if (random_below(state, 8) > 0)
        text_add(to, "[");
    add_ipv6(state, to);
    if (random_below(state, 8) > 0)
        text_add(to, "]");
}

static void add_endpoint(uint64_t *state, text *to)
{
    if (random_below(state, 2))
        add_bracketed(state, to);
    else
        add_address(state, to);
    if (random_below(state, 4) > 0)
        add_port(state, to);
}

/* Clears what stands after the prefix now and then, so that many networks are legal. */
static void add_network(uint64_t *state, text *to)
{
    static const char *const rows[] = {
        "10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0",     "255.255.255.255/32", "2001:db8::/32",
        "::/0",       "::1/128",     "fe80::/10",     "192.168.1.0/24",     "ff00::/8",
        "10/8",       "1.2.3.4/31",  "172.16.0.0/12", "fe80::%1/64"};
    static const char *const prefixes[] = {"/",   "/-1",  "/33", "/129",       "/08", "/ 8",
                                           "/8 ", "/0x8", "//8", "/8/8",       "",    "/+8",
                                           "/00", "/128", "/32", "/4294967296"};
    if (random_below(state, 2)) {
        text_add(to, "%s", pick(state, rows, sizeof rows / sizeof rows[0]));
        return;
    }
    add_address(state, to);
    if (random_below(state, 2))
        text_add(to, "/%u", random_below(state, 140));
    else
        text_add(to, "%s", pick(state, prefixes, sizeof prefixes / sizeof prefixes[0]));
}

/* A character put in, taken out or replaced. Never a line's end or a tab. */
static void spoil(uint64_t *state, text *to)
{
    static const char letters[] = "0123456789abcdefxX.:/%[]-+ gG_,;~";
    unsigned times = random_below(state, 8) == 0 ? 3 : random_below(state, 3) == 0;
    for (unsigned i = 0; i < times && to->size > 0; i++) {
        size_t at = random_below(state, (unsigned)to->size);
        char letter = letters[random_below(state, sizeof letters - 1)];
        switch (random_below(state, 3)) {
        case 0: to->data[at] = letter; break;
        case 1: memmove(to->data + at, to->data + at + 1, to->size-- - at); break;
        default:
            text_add_bytes(to, "", 1);
            to->size--;
            text_add_bytes(to, &to->data[to->size - 1], 1);
            memmove(to->data + at + 1, to->data + at, to->size - at - 1);
            to->data[at] = letter;
            break;
        }
    }
}

void texts_generate(uint64_t seed, unsigned long count)
{
    uint64_t state = seed;
    for (unsigned long i = 0; i < count; i++) {
        text made = {0};
        text_add_bytes(&made, "", 0);
        unsigned kind = random_below(&state, 3);
        if (kind == 0 && random_below(&state, 8) > 0)
            add_address(&state, &made);
        else if (kind == 2)
            add_network(&state, &made);
        else
            add_endpoint(&state, &made);
        spoil(&state, &made);
        printf("%s\t%s\n", kind == 0 ? "Address" : kind == 1 ? "EndPoint" : "Network", made.data);
        free(made.data);
    }
}
