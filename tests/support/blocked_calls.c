#include "support/threads.h"
#include "support/blocked_calls.h"

#include "support/test.h"
#include "support/verbs.h"

const struct blocked_call blocked_calls[] = {
#define X(verb, transport, error)                                                                  \
    {#verb " on " #transport, BLOCKED_##verb, transport, SN_ERROR_##error},
    BLOCKED_CALL_TABLE(X)
#undef X
};
const size_t blocked_call_count = sizeof blocked_calls / sizeof blocked_calls[0];

/* --- What makes each verb block -------------------------------------------------------------- */

static void open_connecting(struct blocked_scene *scene)
{
    scene->full = full_listener_make(scene->call->transport);
    scene->address = scene->full.address;
    scene->socket = socket_make(scene->call->transport);
}

static void open_silent(struct blocked_scene *scene)
{
    if (scene->call->transport == RAW_ICMP) {
        scene->socket = socket_bound(RAW_ICMP);
        return;
    }
    scene->pair = pair_connected(scene->call->transport);
    scene->socket = sn_socket_retain(scene->pair.client);
    scene->peer = scene->pair.server;
}

static void open_full(struct blocked_scene *scene)
{
    open_silent(scene);
    assert_ok(sn_socket_set_send_buffer_size(scene->socket, 4096));
    /* A fiber whose socket is of another worker would be long at it byte by byte. */
    (void)(style_is_fiber() ? fill_for_good(scene->socket) : fill_until_full(scene->socket));
}

/* An unconnected datagram socket that sends to a receiver whose queue is full. */
static void open_full_receiver(struct blocked_scene *scene)
{
    scene->pair.server = scene->peer = socket_bound(scene->call->transport);
    scene->address = local_endpoint(scene->peer);
    scene->socket = socket_make(scene->call->transport);
    set_blocking(scene->socket, false);
    size_t sent;
    sn_error error;
    do {
        error = sn_socket_send_to(scene->socket, "x", 1, SN_FLAG_NONE, &scene->address, &sent);
    } while (!error);
    assert_error(SN_ERROR_WOULD_BLOCK, error);
    set_blocking(scene->socket, true);
}

void blocked_scene_open(struct blocked_scene *scene, const struct blocked_call *call)
{
    *scene = (struct blocked_scene){.call = call};
    switch (call->verb) {
    case BLOCKED_ACCEPT: scene->socket = socket_listening(call->transport, 16); break;
    case BLOCKED_CONNECT: open_connecting(scene); break;
    case BLOCKED_RECEIVE:
    case BLOCKED_RECEIVE_NOTHING:
    case BLOCKED_RECEIVE_BUFFERS:
    case BLOCKED_RECEIVE_FROM:
    case BLOCKED_POLL:
    case BLOCKED_SELECT: open_silent(scene); break;
    case BLOCKED_SEND:
    case BLOCKED_SEND_BUFFERS: open_full(scene); break;
    case BLOCKED_SEND_TO: open_full_receiver(scene); break;
    }
}

void blocked_scene_release(struct blocked_scene *scene)
{
    sn_socket_release(scene->socket);
    pair_release(&scene->pair);
    full_listener_release(&scene->full);
    *scene = (struct blocked_scene){0};
}

/* --- The calls ------------------------------------------------------------------------------- */

static sn_error poll_once(sn_socket *socket)
{
    bool is_ready = false;
    return sn_socket_poll(socket, -1, SN_SELECT_READ, &is_ready);
}

static sn_error select_once(sn_socket *socket)
{
    sn_socket *sockets[] = {socket};
    sn_socket_list read = {sockets, 1};
    return sn_socket_select(&read, NULL, NULL, -1);
}

static sn_error call_once(struct blocked_scene *scene)
{
    sn_socket *socket = scene->socket, *accepted = NULL;
    char data[2];
    const sn_buffer pieces[] = {{data, 1}, {data + 1, 1}};
    sn_endpoint from;
    size_t size;
    sn_error error = SN_OK;
    switch (scene->call->verb) {
    case BLOCKED_ACCEPT:
        error = do_accept(socket, &accepted);
        sn_socket_release(accepted);
        break;
    case BLOCKED_CONNECT: return do_connect(socket, &scene->address);
    case BLOCKED_RECEIVE: return do_receive(socket, data, 1, SN_FLAG_NONE, &size);
    case BLOCKED_RECEIVE_NOTHING: return do_receive(socket, NULL, 0, SN_FLAG_NONE, &size);
    case BLOCKED_RECEIVE_BUFFERS: return do_receive_buffers(socket, pieces, 2, SN_FLAG_NONE, &size);
    case BLOCKED_RECEIVE_FROM: return do_receive_from(socket, data, 1, SN_FLAG_NONE, &from, &size);
    case BLOCKED_SEND: return do_send(socket, "x", 1, SN_FLAG_NONE, &size);
    case BLOCKED_SEND_BUFFERS:
        return do_send_buffers(socket, &(sn_buffer){(char[]){'x'}, 1}, 1, SN_FLAG_NONE, &size);
    case BLOCKED_SEND_TO: return do_send_to(socket, "x", 1, SN_FLAG_NONE, &scene->address, &size);
    case BLOCKED_POLL: return poll_once(socket);
    case BLOCKED_SELECT: return select_once(socket);
    }
    return error;
}

/* Once more after a success: a filled buffer may still take a byte, and a raw socket may hear
 * something. Only a connect succeeds for good. */
sn_error blocked_scene_run(void *context)
{
    struct blocked_scene *scene = context;
    sn_error error;
    while (!(error = call_once(scene)) && scene->call->verb != BLOCKED_CONNECT)
        atomic_fetch_add(&scene->successes, 1);
    return error;
}

unsigned blocked_scene_successes(struct blocked_scene *scene)
{
    return atomic_load(&scene->successes);
}

sn_error blocked_scene_join_cancelled(struct blocked_scene *scene, unsigned successes_before)
{
    for (;;) {
        while (!thread_is_done(&scene->thread) &&
               blocked_scene_successes(scene) == successes_before)
            give_way();
        if (!thread_wait_in_call(&scene->thread))
            return thread_join(&scene->thread);
        successes_before = blocked_scene_successes(scene);
        sn_socket_cancel(scene->socket);
    }
}
