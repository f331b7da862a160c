#include "streams.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE_SIZE = 256 * 1024 };

/* Prepare. */

sn_error stream_listen(const sn_endpoint *local, sn_socket **out_listener)
{
    sn_socket *listener = NULL;
    sn_error error = sn_socket_create(sn_endpoint_get_family(local), SN_TYPE_STREAM,
                                      SN_PROTOCOL_UNSPECIFIED, &listener);
    if (!error)
        error = sn_socket_set_accept_timeout(listener, PATIENCE_MS);
    if (!error)
        error = sn_socket_bind(listener, local);
    if (!error)
        error = sn_socket_listen(listener, 1);
    if (error) {
        sn_socket_release(listener);
        return error;
    }
    *out_listener = listener;
    return SN_OK;
}

/* The far end. */

static void receive_all(sn_socket *socket, struct end *far)
{
    char *piece = malloc(PIECE_SIZE);
    sn_error error =
        piece ? sn_socket_set_receive_timeout(socket, PATIENCE_MS) : SN_ERROR_OUT_OF_MEMORY;
    size_t size = 1;
    while (!error && size > 0) {
        error = sn_socket_receive(socket, piece, PIECE_SIZE, SN_FLAG_NONE, &size);
        if (!error)
            end_take(far, piece, size);
    }
    if (error)
        end_fail(far, "receive", error);
    free(piece);
}

static void *far_run(void *argument)
{
    struct stream_far *far = argument;
    sn_socket *socket = NULL;
    sn_error error = sn_socket_accept(far->listener, &socket);
    if (error)
        end_fail(&far->end, "accept", error);
    else
        receive_all(socket, &far->end);
    sn_socket_release(socket);
    return NULL;
}

bool stream_far_start(struct stream_far *far, sn_socket *listener)
{
    end_begin(&far->end);
    far->listener = listener;
    int native = pthread_create(&far->thread, NULL, far_run, far);
    if (native != 0)
        end_fail_with(&far->end, "start a thread", strerror(native));
    return native == 0;
}

void stream_far_join(struct stream_far *far, bool give_up)
{
    if (give_up)
        sn_socket_close(far->listener);
    (void)pthread_join(far->thread, NULL);
}

/* The near end. */

static void send_pieces(sn_socket *socket, FILE *file, struct end *near)
{
    char *piece = malloc(PIECE_SIZE);
    sn_error error =
        piece ? sn_socket_set_send_timeout(socket, PATIENCE_MS) : SN_ERROR_OUT_OF_MEMORY;
    size_t size = PIECE_SIZE;
    while (!error && size == PIECE_SIZE) {
        size = end_read_file(near, file, piece, PIECE_SIZE);
        if (size > 0)
            error = sn_socket_send(socket, piece, size, SN_FLAG_NONE, NULL);
    }
    if (!error && !end_has_failed(near))
        error = sn_socket_shutdown(socket, SN_SHUTDOWN_SEND);
    if (error)
        end_fail(near, "send", error);
    free(piece);
}

void stream_send_file(sn_socket *socket, const char *path, struct end *near)
{
    FILE *file = end_open_file(near, path);
    if (!file)
        return;
    send_pieces(socket, file, near);
    (void)fclose(file);
}

static sn_error connect_to(sn_socket *listener, sn_socket **out_socket)
{
    sn_endpoint there;
    sn_socket *socket = NULL;
    sn_error error = sn_socket_get_local_endpoint(listener, &there);
    if (!error)
        error = sn_socket_create(sn_endpoint_get_family(&there), SN_TYPE_STREAM,
                                 SN_PROTOCOL_UNSPECIFIED, &socket);
    if (!error)
        error = sn_socket_set_connect_timeout(socket, PATIENCE_MS);
    if (!error)
        error = sn_socket_connect(socket, &there);
    if (error) {
        sn_socket_release(socket);
        return error;
    }
    *out_socket = socket;
    return SN_OK;
}

static void transfer(const char *path, sn_socket *listener, struct row *out_row)
{
    struct stream_far far;
    struct end near;
    end_begin(&near);
    double begin = end_clock();
    bool has_thread = stream_far_start(&far, listener);

    sn_socket *socket = NULL;
    sn_error error = connect_to(listener, &socket);
    if (error)
        end_fail(&near, "connect", error);
    else if (has_thread)
        stream_send_file(socket, path, &near);
    if (end_has_failed(&near))
        sn_socket_release(socket); /* the far end must see that nothing more comes */
    if (has_thread)
        stream_far_join(&far, error != SN_OK);

    row_conclude(out_row, &near, &far.end, end_clock() - begin);
    if (!end_has_failed(&near))
        sn_socket_release(socket);
}

static void transfer_at(const char *path, const sn_endpoint *local, struct row *out_row)
{
    sn_socket *listener = NULL;
    sn_error error = stream_listen(local, &listener);
    if (error)
        row_fail(out_row, "listen", error);
    else
        transfer(path, listener, out_row);
    sn_socket_release(listener);
}

/* The rows. */

void demo_tcp_ipv4(const char *path, const struct folder *folder, struct row *out_row)
{
    sn_endpoint local;
    (void)folder;
    sn_error error = sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, 0, &local);
    if (error)
        row_fail(out_row, "end point", error);
    else
        transfer_at(path, &local, out_row);
}

/* IPv6 may be missing in the kernel, or present without an address even on the loopback interface.
 */
static const char *missing_ipv6(const sn_endpoint *local)
{
    if (!sn_socket_os_supports_ipv6())
        return "this system has no IPv6";
    sn_socket *listener = NULL;
    sn_error error = stream_listen(local, &listener);
    sn_socket_release(listener);
    return error == SN_ERROR_ADDRESS_NOT_AVAILABLE ? "::1 is not an address of this machine" : NULL;
}

void demo_tcp_ipv6(const char *path, const struct folder *folder, struct row *out_row)
{
    sn_endpoint local;
    (void)folder;
    sn_error error = sn_endpoint_from_ip(&SN_IPV6_LOOPBACK, 0, &local);
    const char *missing = error ? NULL : missing_ipv6(&local);
    if (error)
        row_fail(out_row, "end point", error);
    else if (missing)
        row_set(out_row, ROW_NOT_AVAILABLE, missing);
    else
        transfer_at(path, &local, out_row);
}

void demo_unix_stream(const char *path, const struct folder *folder, struct row *out_row)
{
    sn_endpoint local;
    sn_error error = folder_endpoint(folder, "stream", &local);
    if (error)
        row_fail(out_row, "end point", error);
    else
        transfer_at(path, &local, out_row);
}
