#include "socket/connect/race.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#include "address/address.h"
#include "socket/verbs/transfer.h"
#include "sys/sys.h"

#define DELAY_MS 250 /* RFC 8305, section 8 */

enum { NOBODY = -1 };

/* One address. Those before `next` have begun; of them, those with a handle are under way. */
struct racer {
    const sn_ip_address *address;
    int32_t handle; /* owned but for the first one's, which is the socket's own; -1: none */
    size_t place;   /* in the log */
    int64_t limit_ns;
};

struct race {
    struct race_plan plan;
    sn_connect_log *log; /* borrowed; NULL: none is kept */
    sn_milliseconds delay_ms;
    size_t count, next, running;
    int64_t next_ns;        /* when the next one begins */
    bool has_failed;        /* one has, since the last begin: the next one begins at once */
    bool has_begun;         /* it has the socket's claim */
    bool is_over;           /* no further one begins */
    int32_t winner;         /* its index, or NOBODY */
    int64_t result;         /* of the last one that has ended */
    sn_endpoint local;      /* what the socket is bound to; of kind NONE: nothing */
    struct sys_poll *polls; /* room for all of them, and one more */
    struct racer racers[];
};

/* --- Before it ------------------------------------------------------------------------------- */

/* One block for all that it will ever need: a race that has begun fails for no memory. */
static struct race *allocate(size_t count)
{
    const size_t each = sizeof(struct racer) + sizeof(struct sys_poll);
    const size_t once = sizeof(struct race) + sizeof(struct sys_poll);
    if (count > (SIZE_MAX - once) / each || count > INT32_MAX)
        return NULL;
    struct race *race = memory_zeroed(once + count * each);
    if (race)
        race->polls = (struct sys_poll *)(void *)&race->racers[count];
    return race;
}

/* Those that fit, in their order. A descriptor that cannot be replaced makes one attempt only. */
static sn_error choose(struct race *race)
{
    const struct race_plan *plan = &race->plan;
    const sn_ip_address **fitting = memory_zeroed(plan->count * 2 * sizeof *fitting);
    if (!fitting)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        if (plan->takes_any || socket_can_try(plan->socket, plan->addresses[i].family))
            fitting[count++] = &plan->addresses[i];
    const sn_ip_address **ordered = fitting + plan->count;
    race_order(fitting, count, ordered);
    race->count = count > 1 && !socket_is_replaceable(plan->socket) ? 1 : count;
    for (size_t i = 0; i < race->count; i++)
        race->racers[i] = (struct racer){.address = ordered[i], .handle = -1};
    memory_free(fitting);
    return count > 0 ? SN_OK : socket_misuse(SN_ERROR_NOT_SUPPORTED);
}

/* What the first attempt needs: a descriptor on which no connect has failed, of its family. */
static sn_error prepare_own(const struct race *race)
{
    sn_socket *socket = race->plan.socket;
    if (race->plan.takes_any) {
        sn_error error = connect_become(socket, race->racers[0].address);
        if (error)
            return error;
    }
    return socket_is(socket, SOCKET_CONNECT_FAILED) ? socket_replace_descriptor(socket) : SN_OK;
}

/* Looked at before the first attempt, which binds the socket by itself if its program has not. */
static sn_error note_binding(struct race *race)
{
    sn_endpoint local = {0};
    uint32_t size = sizeof local.as.sockaddr;
    int32_t result = sys_local_name(socket_handle(race->plan.socket), local.as.sockaddr, &size);
    if (result < 0)
        return socket_result(race->plan.socket, result);
    endpoint_set_from_native(&local, size);
    if (sn_endpoint_get_port(&local) != 0 || !endpoint_is_wildcard(&local))
        race->local = local;
    return SN_OK;
}

static sn_error set_up(struct race *race)
{
    sn_connect_options options;
    connect_options_of(race->plan.socket, &options);
    race->log = options.log;
    race->delay_ms = options.attempt_delay_ms ? options.attempt_delay_ms : DELAY_MS;
    race->winner = NOBODY;
    sn_error error = choose(race);
    if (!error)
        error = prepare_own(race);
    return error ? error : note_binding(race);
}

sn_error race_new(const struct race_plan *plan, struct race **out_race)
{
    struct race *race = allocate(plan->count);
    if (!race)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    race->plan = *plan;
    sn_error error = set_up(race);
    if (error)
        memory_free(race);
    else
        *out_race = race;
    return error;
}

void race_free(struct race *race)
{
    assert(!race || race->running == 0);
    memory_free(race);
}

/* --- How one ends ---------------------------------------------------------------------------- */

static bool is_own(const struct race *race, const struct racer *racer)
{
    return racer == race->racers;
}

/*
 * A forked child has the file as well, and the kernel would go on trying for as long as that has:
 * so the attempt, or the connection that came too late, is shut down. And nobody waits for a peer
 * that nobody talks to, whatever SO_LINGER says.
 */
static void close_racer(const struct race *race, const struct racer *racer)
{
    static const struct linger off = {0};
    if (race->plan.epoll >= 0)
        (void)sys_epoll_forget(race->plan.epoll, racer->handle);
    (void)sys_shutdown(racer->handle, SHUT_RDWR);
    if (is_own(race, racer))
        return; /* the socket's: the next connect gets another one */
    (void)sys_set_option(racer->handle, SOL_SOCKET, SO_LINGER, &off, sizeof off);
    (void)sys_close(racer->handle);
}

static sn_error error_of(int64_t result, int *out_native)
{
    *out_native = 0;
    switch (result) {
    case 0: return SN_OK;
    case OUTCOME_CANCELED: return SN_ERROR_OPERATION_CANCELED;
    case OUTCOME_TIMED_OUT: return SN_ERROR_TIMED_OUT;
    default: break;
    }
    *out_native = (int)-result;
    return sn_error_from_native(*out_native);
}

static void write_down(const struct race *race, const struct racer *racer, int64_t result)
{
    int native;
    sn_error error = error_of(result, &native);
    connect_log_end(race->log, racer->place, error, native);
}

/* It has begun, and ends. The winner is still to be taken, and written down then. */
static void settle(struct race *race, struct racer *racer, int64_t result)
{
    metrics_add_attempt(race->plan.metrics, -1);
    race->running--;
    race->result = result;
    if (result == 0) {
        race->winner = (int32_t)(racer - race->racers);
        return;
    }
    write_down(race, racer, result);
    race->has_failed = true;
    /* Of another connect: it is not touched by this one, and there is nothing to race for. */
    bool is_anothers = is_own(race, racer) && (result == -EALREADY || result == -EISCONN);
    if (is_anothers)
        race->is_over = true;
    else if (racer->handle >= 0)
        close_racer(race, racer);
    racer->handle = -1;
}

static void end_others(struct race *race)
{
    int64_t result = race->result;
    race->is_over = true;
    for (size_t i = 0; i < race->next; i++)
        if (race->racers[i].handle >= 0 && (int32_t)i != race->winner)
            settle(race, &race->racers[i], OUTCOME_CANCELED);
    race->result = result;
}

void race_end(struct race *race)
{
    end_others(race);
    if (race->has_begun)
        connect_race_give_back(race->plan.socket);
    race->has_begun = false;
}

bool race_was_won_by_own(const struct race *race)
{
    return race->winner == 0;
}

/* --- How one begins -------------------------------------------------------------------------- */

static bool is_dual_mode(const struct race *race, const struct racer *racer)
{
    return race->plan.takes_any ? sn_ip_address_is_ipv4_mapped_to_ipv6(racer->address)
                                : socket_is(race->plan.socket, SOCKET_DUAL_MODE_WISH);
}

static sn_address_family family_for(const struct race *race, const struct racer *racer)
{
    return race->plan.takes_any ? (sn_address_family)racer->address->family
                                : socket_family(race->plan.socket);
}

/* A bind to a port needs SO_REUSEADDR on all, which bind.c has set on the socket's own. */
static int32_t bind_alike(const struct race *race, int32_t handle)
{
    int reuse = 0;
    uint32_t size = sizeof reuse;
    int32_t own = socket_handle(race->plan.socket);
    if (sn_endpoint_get_kind(&race->local) == SN_ENDPOINT_NONE)
        return 0;
    if (sys_get_option(own, SOL_SOCKET, SO_REUSEADDR, &reuse, &size) >= 0 && reuse)
        (void)sys_set_option(handle, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
    return sys_bind(handle, race->local.as.sockaddr, race->local.size);
}

static int32_t open_handle(const struct race *race, const struct racer *racer)
{
    const sn_socket *socket = race->plan.socket;
    if (is_own(race, racer))
        return socket_handle(socket);
    int32_t handle = socket_open_alike(socket, family_for(race, racer), is_dual_mode(race, racer));
    int32_t result = handle < 0 ? handle : bind_alike(race, handle);
    if (result >= 0)
        return handle;
    if (handle >= 0)
        (void)sys_close(handle);
    return result;
}

/*
 * Begins it, and later asks how it goes: see attempt_connect() in operation/attempt.c, which tells
 * why a second connect() is asked and not SO_ERROR.
 */
static int64_t attempt(const struct race *race, const struct racer *racer)
{
    sn_endpoint remote, native;
    if (sn_endpoint_from_ip(racer->address, race->plan.port, &remote))
        return -EINVAL; /* the port is checked before */
    native = remote;
    if (!race->plan.takes_any && socket_is(race->plan.socket, SOCKET_DUAL_MODE))
        endpoint_map_to_ipv6(&remote, &native);
    return sys_connect(racer->handle, native.as.sockaddr, native.size);
}

static int64_t wait_for(const struct race *race, const struct racer *racer)
{
    if (race->plan.epoll < 0)
        return -EINPROGRESS;
    int32_t result = sys_epoll_register(race->plan.epoll, racer->handle, EPOLLOUT | EPOLLET, NULL);
    return result < 0 ? result : -EINPROGRESS;
}

/* Descriptors or memory are short for now. */
static bool is_short(int32_t result)
{
    return result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM;
}

static void begin_next(struct race *race)
{
    struct racer *racer = &race->racers[race->next];
    int32_t limit_ms = atomic_load_relaxed(&race->plan.socket->timeouts_ms[TIMEOUT_CONNECT]);
    int32_t handle = open_handle(race, racer);
    race->has_failed = false;
    race->next_ns = deadline_after(race->delay_ms);
    /* Those that run may give back what is missing, or win; so this one waits for its next turn. */
    if (is_short(handle) && race->running > 0)
        return;
    race->next++;
    race->running++;
    racer->handle = handle;
    racer->limit_ns = limit_ms > 0 ? deadline_after(limit_ms) : SYS_NEVER;
    racer->place = connect_log_begin(race->log, racer->address);
    metrics_add_attempt(race->plan.metrics, 1);
    int64_t result = handle < 0 ? handle : attempt(race, racer);
    if (result == -EINPROGRESS)
        result = wait_for(race, racer);
    if (result != -EINPROGRESS)
        settle(race, racer, result);
}

static bool is_due(const struct race *race, int64_t now_ns)
{
    if (race->is_over || race->winner != NOBODY || race->next == race->count)
        return false;
    return race->running == 0 || race->has_failed || now_ns >= race->next_ns;
}

/* --- A step ---------------------------------------------------------------------------------- */

size_t race_polls(struct race *race, struct sys_poll **out_polls)
{
    size_t count = 1;
    for (size_t i = 0; i < race->next; i++)
        if (race->racers[i].handle >= 0)
            race->polls[count++] =
                (struct sys_poll){.handle = race->racers[i].handle, .events = POLLOUT};
    *out_polls = race->polls;
    return count;
}

static void look_at(struct race *race, struct racer *racer)
{
    int64_t result = attempt(race, racer);
    /* A wake for nothing. EALREADY is our own by now. */
    if (result != -EALREADY && result != -EINPROGRESS)
        settle(race, racer, result);
}

/* The handles as race_polls() has listed them: in the order of the racers. */
static int32_t look_at_ready(struct race *race)
{
    struct sys_poll *poll;
    size_t count = race_polls(race, &poll);
    int32_t ready = count > 1 ? sys_poll(poll + 1, count - 1, 0) : 0;
    size_t next = race->next;
    for (size_t i = 0; i < next && ready > 0 && race->winner == NOBODY; i++) {
        if (race->racers[i].handle < 0)
            continue;
        poll++;
        if (poll->revents)
            look_at(race, &race->racers[i]);
    }
    return ready;
}

static void end_overdue(struct race *race, int64_t now_ns)
{
    for (size_t i = 0; i < race->next; i++)
        if (race->racers[i].handle >= 0 && now_ns >= race->racers[i].limit_ns)
            settle(race, &race->racers[i], OUTCOME_TIMED_OUT);
}

/* What the back-end has noted of an edge is taken, or the instance would stay readable. */
static void drain(const struct race *race)
{
    struct epoll_event events[16];
    if (race->plan.epoll < 0)
        return;
    while (sys_epoll_wait(race->plan.epoll, events, (int32_t)array_count(events), 0) ==
           (int32_t)array_count(events))
        ;
}

/* Puts it under the socket's number. */
static int64_t hand_in(const struct race *race, const struct racer *racer)
{
    sn_socket *socket = race->plan.socket;
    if (race->plan.takes_any)
        socket_set_identity(socket, family_for(race, racer), socket_type(socket),
                            socket_protocol(socket));
    return socket_take_file(socket, racer->handle);
}

static int64_t take_winner(struct race *race)
{
    struct racer *racer = &race->racers[race->winner];
    end_others(race);
    if (race->plan.epoll >= 0)
        (void)sys_epoll_forget(race->plan.epoll, racer->handle);
    int64_t result = is_own(race, racer) ? 0 : hand_in(race, racer);
    racer->handle = -1;
    write_down(race, racer, result);
    return result;
}

/* Two at once would be in each other's way, from the socket's descriptor to its log. */
static bool is_alone(struct race *race)
{
    if (!race->has_begun && !race->is_over)
        race->has_begun = connect_race_claim(race->plan.socket);
    return race->has_begun;
}

int64_t race_step(struct race *race)
{
    if (!is_alone(race))
        return -EALREADY;
    drain(race);
    int32_t failure = look_at_ready(race);
    if (failure < 0)
        return failure;
    int64_t now_ns = sys_now();
    if (race->winner == NOBODY)
        end_overdue(race, now_ns);
    while (is_due(race, now_ns))
        begin_next(race);
    if (race->winner != NOBODY)
        return take_winner(race);
    bool is_lost = race->running == 0 && (race->is_over || race->next == race->count);
    return is_lost ? race->result : -EINPROGRESS;
}

int64_t race_due(const struct race *race)
{
    int64_t due_ns = race->next < race->count && !race->is_over ? race->next_ns : SYS_NEVER;
    for (size_t i = 0; i < race->next; i++)
        if (race->racers[i].handle >= 0 && race->racers[i].limit_ns < due_ns)
            due_ns = race->racers[i].limit_ns;
    return due_ns;
}
