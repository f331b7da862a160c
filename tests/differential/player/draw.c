/* Scenarios drawn at random, and shorter forms of one that fails.
 *
 * A scenario begins with one or two worlds, groups of sockets that are in good order, and goes on
 * with steps that mostly suit the socket they are drawn for. No step waits: what would is asked
 * with try- first, so that a run of ten thousand does not spend its time on sleeping. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

enum { SOCKETS_MAX = 16 };

/* What a step needs of its socket; a row may name several. */
enum kind { TCP = 1, LISTENER = 2, UDP = 4, UNIX = 8, FRESH = 16, ANY = 31 };

struct drawing {
    uint64_t state;
    struct {
        char name[8];
        int kind;
    } sockets[SOCKETS_MAX];
    unsigned count;
    unsigned made;
};

/* In a row S stands for a socket of the kind, T for any TCP, U for any UDP socket, O for any
 * socket, none of them the same as S, N for a new name and L for the newest. The mode of an adopted
 * descriptor is settled at once, since Sennit reads it and .NET 10 does not. */
struct row {
    int kind;
    unsigned weight;
    const char *step;
};

static const struct row rows[] = {
    {ANY, 4, "state S"},
    {ANY, 2, "get S LocalEndPoint"},
    {ANY, 2, "get S RemoteEndPoint"},
    {ANY, 1, "get S Available"},
    {ANY, 1, "get S NoDelay"},
    {ANY, 1, "get S Ttl"},
    {ANY, 1, "get S DontFragment"},
    {ANY, 1, "get S LingerState"},
    {ANY, 1, "get S EnableBroadcast"},
    {ANY, 1, "get S ExclusiveAddressUse"},
    {ANY, 1, "get S MulticastLoopback"},
    {ANY, 1, "get S DualMode"},
    {ANY, 1, "get S SendTimeout"},
    {ANY, 1, "get S Blocking"},
    {ANY, 1, "get S Handle"},
    {ANY, 1, "set S Blocking false"},
    {ANY, 1, "set S Blocking true"},
    {TCP, 1, "set S NoDelay true"},
    {ANY, 1, "set S LingerState true,0"},
    {ANY, 1, "set S LingerState false,0"},
    {ANY, 1, "set S SendTimeout 500"},
    {ANY, 1, "set S ReceiveTimeout 500"},
    {ANY, 1, "set S Ttl 40"},
    {ANY, 1, "set S ExclusiveAddressUse false"},
    {ANY, 1, "set S EnableBroadcast true"},
    {ANY, 1, "get-option S Socket Error"},
    {ANY, 1, "get-option S Socket AcceptConnection"},
    {ANY, 1, "get-option S Socket ReuseAddress"},
    {ANY, 1, "set-option S Socket KeepAlive 1"},
    {ANY, 1, "set-option S Socket ReuseAddress 1"},
    {ANY, 1, "set-option S Socket MaxConnections 1"},
    {TCP, 1, "set-option S Tcp TcpKeepAliveTime 60"},
    {ANY, 2, "poll S 0 SelectRead"},
    {ANY, 2, "poll S 0 SelectWrite"},
    {ANY, 2, "poll S 0 SelectError"},
    {ANY, 1, "select 0 read=S,O write=S,O error=S"},
    {ANY, 1, "io-control S DataToRead 4"},
    {TCP, 1, "io-control S OobDataRead 4"},
    {FRESH | TCP | UDP, 2, "bind S 127.0.0.1:0"},
    {FRESH | UDP, 1, "bind S 0.0.0.0:0"},
    /* Not to a port of the other protocol, which anybody on this machine may have. */
    {UDP, 1, "bind S local(U)"},
    {FRESH, 1, "bind S local(T)"},
    {FRESH | LISTENER | TCP, 2, "listen S 5"},
    {FRESH | TCP | LISTENER, 4, "connect S local(T)"},
    {UDP, 3, "connect S local(U)"},
    {FRESH | TCP, 1, "connect S remote(O)"},
    {FRESH | TCP, 1, "connect-addresses S port(T) 127.0.0.1"},
    {FRESH | TCP | UDP, 1, "connect-host S 127.0.0.1 port(T)"},
    {LISTENER | TCP, 4, "try-accept S N"},
    {TCP | UDP | UNIX | FRESH, 8, "send S \"some bytes\""},
    {TCP | UDP | UNIX, 1, "send S \"\""},
    {TCP | UDP | UNIX, 2, "send-buffers S \"one\" \"\" \"two\""},
    {TCP, 1, "send S \"!\" flags=OutOfBand"},
    {TCP | UDP | UNIX | LISTENER, 8, "try-receive S 6"},
    {TCP | UDP | UNIX, 2, "try-receive S 40 flags=Peek"},
    {TCP | UDP | UNIX, 1, "try-receive S 0"},
    {TCP | UDP, 1, "try-receive S 5 flags=Partial"},
    {UDP | FRESH, 6, "send-to S \"letter\" local(U)"},
    {UDP, 1, "send-to S \"back\" sender(S)"},
    {UDP | TCP | UNIX, 5, "try-receive-from S 30"},
    {TCP | UDP | UNIX | LISTENER, 2, "shutdown S Send"},
    {TCP | UDP | UNIX, 1, "shutdown S Receive"},
    {TCP | UDP | UNIX | FRESH, 1, "shutdown S Both"},
    {TCP | UNIX | UDP, 1, "disconnect S false"},
    {ANY, 2, "close S"},
    {ANY, 1, "close-within S 0"},
    {TCP | UDP | UNIX | LISTENER, 1, "adopt-copy N S\n  set L Blocking true"},
    {UDP, 1, "set-option S IP MulticastTimeToLive 3"},
    {UDP, 1, "set S DontFragment true"},
};

/* --- Sockets
 * ---------------------------------------------------------------------------------------------- */

static const char *add_socket(struct drawing *drawing, const char *name, int kind)
{
    unsigned index = drawing->count < SOCKETS_MAX ? drawing->count++ : SOCKETS_MAX - 1;
    snprintf(drawing->sockets[index].name, sizeof drawing->sockets[index].name, "%s", name);
    drawing->sockets[index].kind = kind;
    return drawing->sockets[index].name;
}

static const char *new_socket(struct drawing *drawing, int kind)
{
    char name[8];
    snprintf(name, sizeof name, "s%u", drawing->made++ % 1000);
    return add_socket(drawing, name, kind);
}

/* A socket of the kind, else any; now and then any although there is one. */
static const char *pick_socket(struct drawing *drawing, int kind, int *out_kind)
{
    unsigned start = random_below(&drawing->state, drawing->count);
    unsigned chosen = start;
    bool strictly = random_below(&drawing->state, 10) > 0;
    for (unsigned i = 0; strictly && i < drawing->count; i++) {
        chosen = (start + i) % drawing->count;
        if (drawing->sockets[chosen].kind & kind)
            break;
    }
    if (out_kind)
        *out_kind = drawing->sockets[chosen].kind;
    return drawing->sockets[chosen].name;
}

/* --- Worlds
 * -------------------------------------------------------------------------------------------------
 */

static void draw_tcp(struct drawing *drawing)
{
    bool ipv6 = random_below(&drawing->state, 4) == 0;
    const char *family = ipv6 ? "InterNetworkV6" : "InterNetwork";
    const char *listener = new_socket(drawing, LISTENER);
    const char *client = new_socket(drawing, TCP);
    const char *accepted = new_socket(drawing, TCP);
    printf("  create %s %s Stream Tcp\n  bind %s %s\n  listen %s\n", listener, family, listener,
           ipv6 ? "[::1]:0" : "127.0.0.1:0", listener);
    printf("  create %s %s Stream Tcp\n  connect %s local(%s)\n  accept %s %s\n", client, family,
           client, listener, listener, accepted);
}

static void draw_udp(struct drawing *drawing)
{
    const char *bound = new_socket(drawing, UDP);
    const char *free_one = new_socket(drawing, UDP);
    printf("  create %s InterNetwork Dgram Udp\n  bind %s 127.0.0.1:0\n", bound, bound);
    printf("  create %s InterNetwork Dgram Udp\n", free_one);
    if (random_below(&drawing->state, 2))
        printf("  connect %s local(%s)\n", free_one, bound);
}

static void draw_pair(struct drawing *drawing)
{
    static const char *const types[] = {"Stream", "Dgram", "Seqpacket"};
    const char *one = new_socket(drawing, UNIX);
    const char *other = new_socket(drawing, UNIX);
    printf("  pair %s %s %s\n", one, other, types[random_below(&drawing->state, 3)]);
}

static void draw_fresh(struct drawing *drawing)
{
    const char *socket = new_socket(drawing, FRESH);
    printf("  create %s InterNetwork Stream Tcp\n", socket);
    if (random_below(&drawing->state, 2))
        printf("  create-dual %s Stream Tcp\n", new_socket(drawing, FRESH));
}

/* --- Steps
 * ---------------------------------------------------------------------------------------------------
 */

static const struct row *pick_row(struct drawing *drawing)
{
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        sum += rows[i].weight;
    unsigned drawn = random_below(&drawing->state, sum);
    const struct row *row = rows;
    while (drawn >= row->weight)
        drawn -= (row++)->weight;
    return row;
}

/* Whether the letter at `at` stands alone and so for a socket. */
static bool stands_alone(const char *step, const char *at)
{
    const char *around = " (),=\n";
    return at > step && strchr(around, at[-1]) && (at[1] == '\0' || strchr(around, at[1]));
}

/* A socket that is not the step's own, as far as there is one: what becomes of a socket that meets
 * itself is settled between the kernel's timers. */
static const char *pick_other(struct drawing *drawing, int kind, const char *subject)
{
    const char *name = pick_socket(drawing, kind, NULL);
    for (int tries = 0; tries < 10 && strcmp(name, subject) == 0; tries++)
        name = pick_socket(drawing, tries < 5 ? kind : ANY, NULL);
    return name;
}

/* The name that a letter of a row stands for. */
static const char *name_for(struct drawing *drawing, char letter, int kind, const char *subject)
{
    switch (letter) {
    case 'S': return subject;
    case 'T': return pick_other(drawing, LISTENER | TCP, subject);
    case 'U': return pick_other(drawing, UDP, subject);
    case 'N': return new_socket(drawing, kind == LISTENER ? TCP : kind);
    case 'L': return drawing->sockets[drawing->count - 1].name;
    default: return pick_other(drawing, ANY, subject);
    }
}

static void draw_step(struct drawing *drawing)
{
    const struct row *row = pick_row(drawing);
    int kind;
    char subject[8];
    snprintf(subject, sizeof subject, "%s", pick_socket(drawing, row->kind, &kind));
    /* docs/differences.md, [replaced-first]: what follows has no end. */
    if (kind == UNIX && strncmp(row->step, "connect-", strlen("connect-")) == 0)
        return;
    printf("  ");
    for (const char *at = row->step; *at; at++) {
        if (!stands_alone(row->step, at) || !strchr("STUONL", *at))
            putchar(*at);
        else
            printf("%s", name_for(drawing, *at, kind, subject));
    }
    putchar('\n');
}

void scenarios_generate(uint64_t seed, unsigned long count)
{
    static void (*const worlds[])(struct drawing *) = {draw_tcp, draw_tcp, draw_udp, draw_pair,
                                                       draw_fresh};
    for (unsigned long i = 0; i < count; i++) {
        struct drawing drawing = {.state = seed * 1000003u + i};
        printf("scenario random-%llu-%lu needs=ipv6\n", (unsigned long long)seed, i);
        unsigned groups = 1 + random_below(&drawing.state, 2);
        for (unsigned j = 0; j < groups; j++)
            worlds[random_below(&drawing.state, sizeof worlds / sizeof worlds[0])](&drawing);
        unsigned steps = 3 + random_below(&drawing.state, 14);
        for (unsigned j = 0; j < steps; j++)
            draw_step(&drawing);
    }
}

/* --- Shorter forms -------------------------------------------------------------------------- */

/* Whether a part of the word is a socket that is made in the scenario, but by none of the kept
 * steps. */
static bool misses_socket(const struct scenario *scenario, const bool *kept, const word *item)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", item->text);
    char *rest = copy;
    for (char *part; (part = strsep(&rest, "(),=:")) != NULL;) {
        if (!*part || !scenario_names(scenario, part))
            continue;
        bool is_made = false;
        for (size_t i = 0; i < scenario->step_count; i++) {
            const struct step *step = &scenario->steps[i];
            for (size_t j = 0; kept[i] && j < step->words.count; j++)
                is_made |= step_names(step, j) && strcmp(step->words.items[j].text, part) == 0;
        }
        if (!is_made)
            return true;
    }
    return false;
}

static bool can_stay(const struct scenario *scenario, const bool *kept, const struct step *step)
{
    for (size_t i = 0; i < step->words.count; i++) {
        if (!step->words.items[i].quoted && misses_socket(scenario, kept, &step->words.items[i]))
            return false;
    }
    return true;
}

/* Steps on a socket go with the step that made it. */
static void drop_orphans(const struct scenario *scenario, bool *kept)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < scenario->step_count; i++) {
            if (!kept[i] || can_stay(scenario, kept, &scenario->steps[i]))
                continue;
            kept[i] = false;
            changed = true;
        }
    }
}

void scenario_shrink(const struct scenario *scenario)
{
    bool *kept = room(scenario->step_count * sizeof *kept);
    for (size_t left_out = 0; left_out < scenario->step_count; left_out++) {
        printf("scenario %.24s-%zu\n", scenario->name, left_out);
        for (size_t i = 0; i < scenario->step_count; i++)
            kept[i] = i != left_out;
        drop_orphans(scenario, kept);
        for (size_t i = 0; i < scenario->step_count; i++) {
            if (kept[i])
                printf("  %s\n", scenario->steps[i].text);
        }
    }
    free(kept);
}
