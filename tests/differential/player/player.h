/**
 * Plays scenarios on Sennit and writes one line for each step, as the player in ../dotnet does with
 * .NET's own classes. ../README.md describes the language.
 *
 * The way through the files: text.c reads words, scenario.c turns a file into steps, run.c plays
 * them, the step_*.c files are the verbs, values.c turns words into values and output.c values into
 * words. A verb that has a blocking and an asynchronous form is a "call" (call.c); any other is a
 * plain function.
 */
#ifndef PLAYER_H
#define PLAYER_H

#include <sennit.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* --- Words (text.c) --------------------------------------------------------------------------- */

/** One word of a line. Text in quotes may hold any byte, and ends with one NUL more than `size`. */
typedef struct word {
    char *text;  /* owned */
    size_t size; /* bytes */
    bool quoted;
} word;

typedef struct words {
    word *items;
    size_t count;
} words;

/** NULL, or what is wrong with the line. */
const char *words_read(const char *line, words *out_words);
void words_free(words *list);
bool word_is(const word *item, const char *wanted);

/** The checked forms of malloc and friends: a player without memory ends. */
void *room(size_t size);
char *copy_text(const char *from);

/** A growing text. */
typedef struct text {
    char *data;
    size_t size;
    size_t capacity;
} text;

__attribute__((format(printf, 2, 3))) void text_add(text *to, const char *format, ...);
void text_add_bytes(text *to, const void *data, size_t size);

/* --- Scenarios (scenario.c) ------------------------------------------------------------------- */

struct verb;
struct run;

/** How a step stands in the scenario. */
typedef enum step_form {
    STEP_PLAIN,
    STEP_ASYNC,           /* async NAME: step */
    STEP_ASYNC_CANCELLED, /* async-cancelled NAME: step */
    STEP_THREAD           /* in thread NAME: step */
} step_form;

struct step {
    int line;
    step_form form;
    char *label; /* of an async or a thread */
    char *text;  /* as written, for the output */
    const struct verb *verb;
    words words; /* the arguments, without the verb */
};

struct scenario {
    char *name;
    int line;
    int styles; /* bits of play_style */
    char *needs;
    struct step *steps;
    size_t step_count;
};

typedef struct scenario_file {
    const char *path;
    struct scenario *scenarios;
    size_t count;
} scenario_file;

/** False after a message "path:line: what is wrong" on the standard error. */
bool scenario_file_read(const char *path, scenario_file *out_file);
/** Whether an argument of a step is a name that the step gives to a socket; whether any step does.
 */
bool step_names(const struct step *step, size_t index);
bool scenario_names(const struct scenario *scenario, const char *name);
void scenario_file_free(scenario_file *file);

/* --- Verbs ------------------------------------------------------------------------------------ */

typedef enum play_style {
    STYLE_BLOCKING = 1,
    STYLE_WAIT = 2,
    STYLE_CALLBACK = 4,
    STYLE_ASYNCHRONOUS = STYLE_WAIT | STYLE_CALLBACK
} play_style;

struct call;

/** What a verb that has two forms does. */
typedef struct call_verb {
    void (*prepare)(struct run *run, const struct step *step, struct call *call);
    sn_error (*blocking)(struct call *call);
    void (*start)(struct call *call);
    void (*show)(struct run *run, struct call *call,
                 text *out); /* after success; NULL: nothing to show */
} call_verb;

struct verb {
    const char *name;
    int least; /* arguments */
    int most;
    void (*plain)(struct run *run, const struct step *step, text *out);
    const call_verb *call;
    bool asks_first; /* a try- step: shows "idle" where the call would have to wait */
};

/** The tables, each ends with a row without a name. */
extern const struct verb socket_verbs[], stream_verbs[], datagram_verbs[], connect_verbs[],
    property_verbs[], option_verbs[], address_verbs[], network_verbs[], order_verbs[],
    system_verbs[], poll_verbs[], message_verbs[], file_verbs[], tcp_verbs[], listener_verbs[],
    udp_verbs[], net_stream_verbs[], dns_verbs[], resolver_verbs[];
const struct verb *verb_find(const char *name);

/* --- A call in flight (call.c) ---------------------------------------------------------------- */

struct call {
    const call_verb *verb;
    sn_socket *socket;
    char *data; /* what is sent, or room for what is received; NULL stands for a null array */
    size_t size;
    sn_buffer *buffers;
    size_t buffer_count;
    sn_flags flags;
    sn_endpoint *endpoint; /* NULL stands for null */
    sn_ip_address *addresses;
    size_t address_count;
    const char *host;
    int port;
    bool reuse;
    sn_socket *into;
    const char *target; /* the name that the accepted socket gets */
    void *object;       /* a client, a listener or a stream, where the call is its */
    sn_send_packets_element *elements;
    size_t element_count;
    sn_transmit_flags transmit;
    sn_buffer parts[2]; /* what is sent before a file and behind it */
    bool has_parts;

    sn_error error;
    size_t transferred;
    sn_socket *accepted;
    sn_endpoint from;
    sn_flags noticed;
    sn_ip_packet_information information;
    sn_dns_entry *entry;
    sn_dns_type record_type;
    sn_resolver *resolver;
    sn_dns_result *records;
    sn_tcp_client *client;
    sn_address_family family;
    sn_socket_type type;
    sn_protocol_type protocol;

    sn_operation operation;
    sn_cancellation *cancellation;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
};

/** What a call sends. The word null stands for a null array: no bytes, but a size, so that it is
 * missed. */
void call_take_data(const struct run *run, const word *item, struct call *call);
/** Where a call receives: a size, or null. */
void call_take_room(struct run *run, const struct step *step, const word *item, struct call *call);
/** The addresses from that argument on; the word null alone stands for no list. */
void call_take_addresses(struct run *run, const struct step *step, size_t first, struct call *call);
/** How many bytes it received, and which. */
void call_show_received(struct run *run, struct call *call, text *out);
void call_show_received_buffers(struct run *run, struct call *call, text *out);
/** How many it sent. */
void call_show_sent(struct run *run, struct call *call, text *out);
struct call *call_create(struct run *run, const struct step *step);
void call_destroy(struct call *call);
/** Runs it in the style that is played. */
void call_play(struct run *run, struct call *call, text *out);
void call_start(struct run *run, struct call *call, bool cancelled);
void call_finish(struct run *run, struct call *call, text *out);

/* --- A scenario being played (run.c) ---------------------------------------------------------- */

enum { NAMES_MAX = 64, PORTS_MAX = 64 };

typedef enum object_kind {
    OBJECT_NONE,
    OBJECT_TCP_CLIENT,
    OBJECT_TCP_LISTENER,
    OBJECT_UDP_CLIENT,
    OBJECT_STREAM
} object_kind;

typedef struct named {
    char *name;
    sn_socket *socket;
    object_kind kind; /* of what is no socket */
    void *object;
    sn_endpoint sender; /* of the last datagram received here */
} named;

struct task {
    char *label;
    struct call *call; /* an async step */
    pthread_t thread;
    bool has_thread;
    bool is_done;
    long thread_id;
    struct run *run;
    const struct step *step;
    text result;
};

struct run {
    const char *path;
    const struct scenario *scenario;
    play_style style;
    char folder[64]; /* for the files of Unix sockets; $DIR in a scenario */
    pthread_mutex_t lock;
    named sockets[NAMES_MAX];
    size_t socket_count;
    named endpoints[NAMES_MAX]; /* `sender` is the value */
    size_t endpoint_count;
    int ports[PORTS_MAX]; /* those that the system chose, in the order they were seen */
    size_t port_count;
    struct task tasks[NAMES_MAX];
    size_t task_count;
    text output;
    bool is_done;
    pthread_cond_t done;
};

/** Plays it and writes its lines. */
void run_play(const char *path, const struct scenario *scenario, play_style style);
/** Ends the program: the scenario itself is wrong. */
__attribute__((noreturn, format(printf, 3, 4))) void
run_broken(const struct run *run, const struct step *step, const char *format, ...);
void run_step(struct run *run, const struct step *step, text *out);
struct task *run_task(struct run *run, const struct step *step, const char *label);
/** Plays one step on a thread of its own. */
void run_in_thread(struct run *run, const struct step *step, text *out);
void run_join(struct run *run, struct task *task, text *out);

/** Until the engine has closed what was closed. */
void run_let_engine_close(const struct run *run);

/* --- Clients, listeners and streams, which share their names with the sockets (objects.c) ----- */

void object_keep(struct run *run, const char *name, object_kind kind, void *object);
/** The object that an argument of the step names. */
void *object_get(struct run *run, const struct step *step, size_t index, object_kind kind);
void object_close(const named *item);
void object_release(named *item);
/** Gives a name to the socket of a client, a listener or a stream; it is borrowed. */
void object_show_socket(struct run *run, const struct step *step, sn_socket *socket, text *out);

/* --- Values (values.c, names.c) --------------------------------------------------------------- */

const word *argument(const struct run *run, const struct step *step, size_t index);
/** The value of an argument "name=value", or NULL. */
const char *argument_named(const struct step *step, const char *name);
sn_socket *value_socket(struct run *run, const struct step *step, const word *item);
/** NULL for the word null. */
sn_socket *value_socket_or_null(struct run *run, const struct step *step, const word *item);
named *value_named(struct run *run, const char *name);
void value_keep_socket(struct run *run, const char *name, sn_socket *socket);
void value_keep_endpoint(struct run *run, const char *name, const sn_endpoint *endpoint);
/** NULL for the word null; otherwise to be freed. */
sn_endpoint *value_endpoint(struct run *run, const struct step *step, const word *item);
sn_ip_address value_address(const struct run *run, const struct step *step, const word *item);
/** The bytes of a word, with $DIR filled in; to be freed. */
char *value_text(const struct run *run, const word *item, size_t *out_size);
/** NULL for the word null. */
const char *value_text_or_null(const word *item);
long value_number(struct run *run, const struct step *step, const word *item);
bool value_bool(const struct run *run, const struct step *step, const word *item);
sn_flags value_flags(const struct run *run, const struct step *step, const char *names);
/** Bytes as two hexadecimal digits each; "-" for none; to be freed. */
uint8_t *value_bytes(const struct run *run, const struct step *step, const word *item,
                     size_t *out_size);
bool name_number(const char *table, const char *name, long *out_number);
long value_name(const struct run *run, const struct step *step, const char *table,
                const word *item);
const char *select_mode_name(sn_select_mode mode);

/* --- Output (output.c)
 * ---------------------------------------------------------------------------- */

/** "ok", or the error's name and number. */
void show_error(text *out, sn_error error);
/** Whether it is success; if not, the error is shown. */
bool show_failed(text *out, sn_error error);
void show_bytes(text *out, const void *data, size_t size);
void show_hex(text *out, const void *data, size_t size);
void show_endpoint(struct run *run, text *out, const sn_endpoint *endpoint);
void show_bool(text *out, bool value);
void show_ip_address(text *out, const sn_ip_address *address);
void show_linger(text *out, const sn_linger_option *linger);
/** "true,SECONDS"; false for the word null. */
bool value_linger(const struct run *run, const struct step *step, const word *item,
                  sn_linger_option *out);

/* --- Texts at scale, and drawn scenarios
 * ----------------------------------------------------------- */

/** Reads lines "kind<tab>text" and writes what the parser makes of each. */
int texts_play(FILE *input);
/** Writes `count` such lines, always the same for the same seed. */
void texts_generate(uint64_t seed, unsigned long count);
void scenarios_generate(uint64_t seed, unsigned long count);
/** Writes the scenario once for each of its steps, without that step. */
void scenario_shrink(const struct scenario *scenario);

/** A small random generator; the same numbers everywhere. */
uint64_t random_next(uint64_t *state);
unsigned random_below(uint64_t *state, unsigned limit);

#endif
