#include "address/endpoint_native_families.h"

#include <inttypes.h>
#include <sys/socket.h> /* for <linux/vm_sockets.h>, of which not every version includes it */

#include <linux/can.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>

#include "address/endpoint_layout.h"
#include "sys/sys.h"

/* --- Parts ------------------------------------------------------------------------------------ */

static void store(const void *native, size_t size, sn_endpoint *out_endpoint)
{
    *out_endpoint = (sn_endpoint){.size = (uint32_t)size, .kind = SN_ENDPOINT_OTHER};
    memcpy(out_endpoint->as.sockaddr, native, size);
}

/* False: of another family, or with fewer bytes than `least`. */
static bool load(const sn_endpoint *endpoint, int family, void *native, size_t size, size_t least)
{
    uint32_t used = endpoint_read_size(endpoint);
    if (used < FAMILY_END || used < least ||
        endpoint_native_family(endpoint->as.sockaddr) != family)
        return false;
    memset(native, 0, size);
    memcpy(native, endpoint->as.sockaddr, used < size ? used : size);
    return true;
}

sn_error sn_endpoint_from_vsock(uint32_t context, uint32_t port, sn_endpoint *out_endpoint)
{
    const struct sockaddr_vm native = {
        .svm_family = AF_VSOCK, .svm_port = port, .svm_cid = context};
    if (!out_endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    store(&native, sizeof native, out_endpoint);
    return SN_OK;
}

sn_error sn_endpoint_get_vsock(const sn_endpoint *endpoint, uint32_t *out_context,
                               uint32_t *out_port)
{
    struct sockaddr_vm native;
    if (!endpoint || !out_context || !out_port)
        return SN_ERROR_ARGUMENT_NULL;
    if (!load(endpoint, AF_VSOCK, &native, sizeof native, sizeof native))
        return SN_ERROR_ARGUMENT;
    *out_context = native.svm_cid;
    *out_port = native.svm_port;
    return SN_OK;
}

sn_error sn_endpoint_from_netlink(uint32_t port, uint32_t groups, sn_endpoint *out_endpoint)
{
    const struct sockaddr_nl native = {
        .nl_family = AF_NETLINK, .nl_pid = port, .nl_groups = groups};
    if (!out_endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    store(&native, sizeof native, out_endpoint);
    return SN_OK;
}

sn_error sn_endpoint_get_netlink(const sn_endpoint *endpoint, uint32_t *out_port,
                                 uint32_t *out_groups)
{
    struct sockaddr_nl native;
    if (!endpoint || !out_port || !out_groups)
        return SN_ERROR_ARGUMENT_NULL;
    if (!load(endpoint, AF_NETLINK, &native, sizeof native, sizeof native))
        return SN_ERROR_ARGUMENT;
    *out_port = native.nl_pid;
    *out_groups = native.nl_groups;
    return SN_OK;
}

sn_error sn_endpoint_from_can(const sn_can_address *address, sn_endpoint *out_endpoint)
{
    if (!address || !out_endpoint)
        return SN_ERROR_ARGUMENT_NULL;
    if (address->interface_index < 0)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    struct sockaddr_can native = {.can_family = AF_CAN, .can_ifindex = address->interface_index};
    native.can_addr.tp.rx_id = address->receive_id;
    native.can_addr.tp.tx_id = address->send_id;
    store(&native, sizeof native, out_endpoint);
    return SN_OK;
}

/* The kernel tells as much as the protocol has, and no identifiers of a raw socket. */
static bool load_can(const sn_endpoint *endpoint, struct sockaddr_can *out_native)
{
    const size_t least =
        offsetof(struct sockaddr_can, can_ifindex) + sizeof out_native->can_ifindex;
    return load(endpoint, AF_CAN, out_native, sizeof *out_native, least);
}

sn_error sn_endpoint_get_can(const sn_endpoint *endpoint, sn_can_address *out_address)
{
    struct sockaddr_can native;
    if (!endpoint || !out_address)
        return SN_ERROR_ARGUMENT_NULL;
    if (!load_can(endpoint, &native))
        return SN_ERROR_ARGUMENT;
    *out_address = (sn_can_address){.interface_index = native.can_ifindex,
                                    .receive_id = native.can_addr.tp.rx_id,
                                    .send_id = native.can_addr.tp.tx_id};
    return SN_OK;
}

/* --- Texts ------------------------------------------------------------------------------------ */

/* The parts of a text between colons. */
struct part {
    const char *text;
    size_t size;
};

/* How many there are; `most` + 1 where there are more. */
static size_t split(const char *text, struct part *parts, size_t most)
{
    size_t count = 0;
    for (;; text += parts[count++].size + 1) {
        if (count == most)
            return most + 1;
        parts[count] = (struct part){text, strcspn(text, ":")};
        if (text[parts[count].size] == '\0')
            return count + 1;
    }
}

static bool read_hexadecimal(const char *text, size_t size, uint32_t *out_number)
{
    uint32_t number = 0;
    if (size == 0 || size > 8)
        return false;
    for (size_t i = 0; i < size; i++) {
        uint32_t digit = text_digit_value(text[i]);
        if (digit > 15)
            return false;
        number = number << 4 | digit;
    }
    *out_number = number;
    return true;
}

static bool read_number(const struct part *part, uint32_t *out_number)
{
    if (part->size > 2 && strncmp(part->text, "0x", 2) == 0)
        return read_hexadecimal(part->text + 2, part->size - 2, out_number);
    return text_to_number(part->text, part->size, UINT32_MAX, out_number);
}

static bool is_any(const struct part *part)
{
    return part->size == 1 && part->text[0] == '*';
}

/* "*": the number that stands for any. */
static bool read_number_or_any(const struct part *part, uint32_t any, uint32_t *out_number)
{
    if (!is_any(part))
        return read_number(part, out_number);
    *out_number = any;
    return true;
}

sn_error vsock_parse(const char *text, sn_endpoint *out_endpoint)
{
    struct part parts[2];
    uint32_t context, port;
    if (split(text, parts, 2) != 2 ||
        !read_number_or_any(&parts[0], SN_VSOCK_CONTEXT_ANY, &context) ||
        !read_number_or_any(&parts[1], SN_VSOCK_PORT_ANY, &port))
        return SN_ERROR_FORMAT;
    return sn_endpoint_from_vsock(context, port, out_endpoint);
}

sn_error netlink_parse(const char *text, sn_endpoint *out_endpoint)
{
    struct part parts[2];
    uint32_t port, groups;
    if (split(text, parts, 2) != 2 || !read_number(&parts[0], &port) ||
        !read_number(&parts[1], &groups))
        return SN_ERROR_FORMAT;
    return sn_endpoint_from_netlink(port, groups, out_endpoint);
}

#define INTERFACE_NAME_SIZE_MAX 15

static sn_error read_interface(const struct part *part, int32_t *out_index)
{
    char name[INTERFACE_NAME_SIZE_MAX + 1];
    uint32_t index = 0;
    if (part->size == 0)
        return SN_ERROR_FORMAT;
    if (is_any(part) || text_to_number(part->text, part->size, INT32_MAX, &index)) {
        *out_index = (int32_t)index;
        return SN_OK;
    }
    if (part->size > INTERFACE_NAME_SIZE_MAX)
        return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
    memcpy(name, part->text, part->size);
    name[part->size] = '\0';
    int64_t found = sys_interface_index(name);
    if (found < 0)
        return SN_ERROR_ADDRESS_NOT_AVAILABLE;
    *out_index = (int32_t)found;
    return SN_OK;
}

sn_error can_parse(const char *text, sn_endpoint *out_endpoint)
{
    struct part parts[3];
    sn_can_address address = {0};
    size_t count = split(text, parts, 3);
    if (count != 1 && count != 3)
        return SN_ERROR_FORMAT;
    if (count == 3 &&
        (!read_number(&parts[1], &address.receive_id) || !read_number(&parts[2], &address.send_id)))
        return SN_ERROR_FORMAT;
    sn_error error = read_interface(&parts[0], &address.interface_index);
    return error ? error : sn_endpoint_from_can(&address, out_endpoint);
}

static void append_number_or_any(struct text_writer *writer, uint32_t number)
{
    if (number == UINT32_MAX)
        text_append(writer, ":*");
    else
        text_append(writer, ":%" PRIu32, number);
}

/* The interface by its index, which cannot change under the text. */
static bool append_can(const sn_endpoint *endpoint, struct text_writer *writer)
{
    struct sockaddr_can native;
    if (!load_can(endpoint, &native) || native.can_ifindex < 0)
        return false;
    if (native.can_ifindex == 0)
        text_append(writer, "can:*");
    else
        text_append(writer, "can:%d", native.can_ifindex);
    if (native.can_addr.tp.rx_id != 0 || native.can_addr.tp.tx_id != 0)
        text_append(writer, ":0x%" PRIx32 ":0x%" PRIx32, (uint32_t)native.can_addr.tp.rx_id,
                    (uint32_t)native.can_addr.tp.tx_id);
    return true;
}

bool endpoint_append_native_family(const sn_endpoint *endpoint, struct text_writer *writer)
{
    struct sockaddr_vm vsock;
    struct sockaddr_nl netlink;
    if (load(endpoint, AF_VSOCK, &vsock, sizeof vsock, sizeof vsock)) {
        text_append(writer, "vsock");
        append_number_or_any(writer, vsock.svm_cid);
        append_number_or_any(writer, vsock.svm_port);
        return true;
    }
    if (load(endpoint, AF_NETLINK, &netlink, sizeof netlink, sizeof netlink)) {
        text_append(writer, "netlink:%" PRIu32 ":%" PRIu32, netlink.nl_pid, netlink.nl_groups);
        return true;
    }
    return append_can(endpoint, writer);
}
