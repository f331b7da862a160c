/* SendPackets: memory and files in any order, as one send (contract B.12). */
#include "socket/verbs/packets.h"

sn_error sn_send_packets_element_from_memory(const void *data, size_t size, bool end_of_packet,
                                             sn_send_packets_element *out_element)
{
    if (!out_element || (!data && size > 0))
        return SN_ERROR_ARGUMENT_NULL;
    *out_element = (sn_send_packets_element){.kind = SN_SEND_PACKETS_MEMORY,
                                             .end_of_packet = end_of_packet,
                                             .file = SN_HANDLE_NONE,
                                             .data = data,
                                             .size = size};
    return SN_OK;
}

static sn_error make_of_file(sn_send_packets_element element, sn_send_packets_element *out_element)
{
    if (element.offset < 0 || element.count < 0)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    *out_element = element;
    return SN_OK;
}

sn_error sn_send_packets_element_from_path(const char *path, int64_t offset, int64_t count,
                                           bool end_of_packet, sn_send_packets_element *out_element)
{
    if (!path || !out_element)
        return SN_ERROR_ARGUMENT_NULL;
    return make_of_file((sn_send_packets_element){.kind = SN_SEND_PACKETS_PATH,
                                                  .end_of_packet = end_of_packet,
                                                  .file = SN_HANDLE_NONE,
                                                  .path = path,
                                                  .offset = offset,
                                                  .count = count},
                        out_element);
}

sn_error sn_send_packets_element_from_handle(sn_handle file, int64_t offset, int64_t count,
                                             bool end_of_packet,
                                             sn_send_packets_element *out_element)
{
    if (!out_element)
        return SN_ERROR_ARGUMENT_NULL;
    if (file < 0)
        return SN_ERROR_ARGUMENT;
    return make_of_file((sn_send_packets_element){.kind = SN_SEND_PACKETS_HANDLE,
                                                  .end_of_packet = end_of_packet,
                                                  .file = file,
                                                  .offset = offset,
                                                  .count = count},
                        out_element);
}

/* The program may have filled the element by itself, so everything is checked here too. */
static sn_error add(struct packet_list *list, const sn_send_packets_element *element)
{
    switch (element->kind) {
    case SN_SEND_PACKETS_NONE: return SN_OK;
    case SN_SEND_PACKETS_MEMORY: return packets_add_memory(list, element->data, element->size);
    case SN_SEND_PACKETS_PATH:
        return packets_add_path(list, element->path, element->offset, element->count);
    case SN_SEND_PACKETS_HANDLE:
        return packets_add_handle(list, element->file, element->offset, element->count);
    }
    return socket_misuse(SN_ERROR_ARGUMENT);
}

static sn_error prepare(sn_operation *operation, sn_socket *socket,
                        const sn_send_packets_element *elements, size_t count,
                        sn_transmit_flags flags)
{
    if (!elements && count > 0)
        return socket_misuse(SN_ERROR_ARGUMENT);
    socket_discover_connect(socket);
    if (!socket_is(socket, SOCKET_CONNECTED))
        return socket_misuse(SN_ERROR_NOT_SUPPORTED);
    struct packet_list *list = packets_new(count);
    if (!list)
        return socket_misuse(SN_ERROR_OUT_OF_MEMORY);
    sn_error error = SN_OK;
    for (size_t i = 0; i < count && !error; i++)
        error = add(list, &elements[i]);
    return packets_prepare(operation, socket, list, error, flags);
}

bool sn_socket_send_packets_async(sn_socket *socket, const sn_send_packets_element *elements,
                                  size_t count, sn_transmit_flags flags, sn_operation *operation)
{
    if (!socket_begin_async(operation, &packets_verb))
        return false;
    if (!socket_ref_async(socket, operation))
        return true;
    sn_error error = prepare(operation, socket, elements, count, flags);
    socket_start_async(socket, operation, error);
    return true;
}
