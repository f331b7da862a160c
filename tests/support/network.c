#include "support/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CABLES 2

static int namespaces[HOST_COUNT] = {-1, -1};
static int interfaces[HOST_COUNT][CABLES];
static char reason[128];

/* --- Requests to the kernel ------------------------------------------------------------------- */

struct request {
    union {
        struct nlmsghdr header;
        char bytes[1024];
    } message;
};

static void *append(struct request *request, size_t size)
{
    struct nlmsghdr *header = &request->message.header;
    void *place = request->message.bytes + NLMSG_ALIGN(header->nlmsg_len);
    header->nlmsg_len = NLMSG_ALIGN(header->nlmsg_len) + (uint32_t)size;
    return place;
}

static void *begin_request(struct request *request, int type, size_t body_size)
{
    memset(request, 0, sizeof *request);
    request->message.header.nlmsg_len = NLMSG_HDRLEN;
    request->message.header.nlmsg_type = (uint16_t)type;
    request->message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    return append(request, body_size);
}

static struct rtattr *add_attribute(struct request *request, int type, const void *data,
                                    size_t size)
{
    struct rtattr *attribute = append(request, RTA_LENGTH(size));
    attribute->rta_type = (uint16_t)type;
    attribute->rta_len = (uint16_t)RTA_LENGTH(size);
    if (size > 0)
        memcpy(RTA_DATA(attribute), data, size);
    return attribute;
}

/* The attributes added since belong inside this one. */
static void end_nested(struct request *request, struct rtattr *attribute)
{
    const char *end = request->message.bytes + request->message.header.nlmsg_len;
    attribute->rta_len = (uint16_t)(end - (const char *)attribute);
}

/* 0, or the errno that the kernel answers. */
static int ask(struct request *request)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[1024];
    } answer;
    int handle = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (handle < 0)
        return errno;
    ssize_t size = send(handle, request, request->message.header.nlmsg_len, 0);
    if (size > 0)
        size = recv(handle, &answer, sizeof answer, 0);
    int failure = size > 0 ? -answer.error.error : errno;
    (void)close(handle);
    return failure;
}

static int lay_cable(const char *name, int far)
{
    struct request request;
    (void)begin_request(&request, RTM_NEWLINK, sizeof(struct ifinfomsg));
    add_attribute(&request, IFLA_IFNAME, name, strlen(name) + 1);
    struct rtattr *info = add_attribute(&request, IFLA_LINKINFO, NULL, 0);
    add_attribute(&request, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = add_attribute(&request, IFLA_INFO_DATA, NULL, 0);
    struct rtattr *peer = add_attribute(&request, VETH_INFO_PEER, NULL, 0);
    memset(append(&request, sizeof(struct ifinfomsg)), 0, sizeof(struct ifinfomsg));
    add_attribute(&request, IFLA_IFNAME, name, strlen(name) + 1);
    add_attribute(&request, IFLA_NET_NS_FD, &far, sizeof far);
    end_nested(&request, peer);
    end_nested(&request, data);
    end_nested(&request, info);
    return ask(&request);
}

static int switch_on(int interface)
{
    struct request request;
    struct ifinfomsg *body = begin_request(&request, RTM_NEWLINK, sizeof *body);
    request.message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    body->ifi_index = interface;
    body->ifi_flags = body->ifi_change = IFF_UP;
    return ask(&request);
}

/* Without waiting whether somebody else has the address already. */
static int add_address(int interface, const char *text, int bits)
{
    uint8_t address[16];
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    (void)inet_pton(family, text, address);
    struct request request;
    struct ifaddrmsg *body = begin_request(&request, RTM_NEWADDR, sizeof *body);
    body->ifa_family = (uint8_t)family;
    body->ifa_prefixlen = (uint8_t)bits;
    body->ifa_flags = IFA_F_NODAD;
    body->ifa_index = (uint32_t)interface;
    size_t size = family == AF_INET6 ? 16 : 4;
    add_attribute(&request, IFA_LOCAL, address, size);
    add_attribute(&request, IFA_ADDRESS, address, size);
    if (family == AF_INET) {
        address[3] = 255;
        add_attribute(&request, IFA_BROADCAST, address, size);
    }
    return ask(&request);
}

/* Frames for the address go out to a hardware address that nobody has, so nobody answers. */
static int add_silent_neighbour(int interface, const char *text)
{
    static const uint8_t hardware[6] = {2, 0x99, 0, 0, 0, 0x66};
    uint8_t address[16];
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    (void)inet_pton(family, text, address);
    struct request request;
    struct ndmsg *body = begin_request(&request, RTM_NEWNEIGH, sizeof *body);
    body->ndm_family = (uint8_t)family;
    body->ndm_ifindex = interface;
    body->ndm_state = NUD_PERMANENT;
    add_attribute(&request, NDA_DST, address, family == AF_INET6 ? 16 : 4);
    add_attribute(&request, NDA_LLADDR, hardware, sizeof hardware);
    return ask(&request);
}

/* The kernel asks three times, a second apart, before it calls a host unreachable. Where /proc may
 * be written to, it asks sooner, and the tests wait less. */
static void ask_sooner(const char *version, const char *cable)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/sys/net/%s/neigh/%s/retrans_time_ms", version, cable);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return;
    (void)!write(file, "50", 2);
    (void)close(file);
}

static int set_link_mtu(int interface, uint32_t mtu)
{
    struct request request;
    struct ifinfomsg *body = begin_request(&request, RTM_NEWLINK, sizeof *body);
    request.message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    body->ifi_index = interface;
    add_attribute(&request, IFLA_MTU, &mtu, sizeof mtu);
    return ask(&request);
}

/* --- The two hosts ---------------------------------------------------------------------------- */

static void text_of_address(enum host host, int cable, sn_address_family family, char text[64])
{
    int number = host == HOST_NEAR ? 1 : 2;
    if (family == SN_FAMILY_IPV4)
        snprintf(text, 64, "10.99.%d.%d", cable, number);
    else
        snprintf(text, 64, cable ? "fd99:1::%d" : "fd99::%d", number);
}

static int set_up_host(enum host host)
{
    char text[64];
    int failure = switch_on((int)if_nametoindex("lo"));
    for (int cable = 0; cable < CABLES && !failure; cable++) {
        int interface = (int)if_nametoindex(cable ? "cable1" : "cable0");
        interfaces[host][cable] = interface;
        ask_sooner("ipv4", cable ? "cable1" : "cable0");
        ask_sooner("ipv6", cable ? "cable1" : "cable0");
        failure = switch_on(interface);
        text_of_address(host, cable, SN_FAMILY_IPV4, text);
        if (!failure)
            failure = add_address(interface, text, 24);
        text_of_address(host, cable, SN_FAMILY_IPV6, text);
        if (!failure)
            failure = add_address(interface, text, 64);
    }
    if (!failure && host == HOST_NEAR)
        failure = add_address(interfaces[host][0], "10.99.0.3", 24);
    if (!failure && host == HOST_NEAR)
        failure = add_silent_neighbour(interfaces[host][0], "10.99.0.66");
    if (!failure && host == HOST_NEAR)
        failure = add_silent_neighbour(interfaces[host][0], "fd99::66");
    return failure;
}

static int new_namespace(void)
{
    if (unshare(CLONE_NEWNET) < 0)
        return -1;
    return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void give_up(const char *what, int failure)
{
    snprintf(reason, sizeof reason, "no network of our own: %s: %s", what, strerror(failure));
}

void network_begin(void)
{
    namespaces[HOST_FAR] = new_namespace();
    namespaces[HOST_NEAR] = namespaces[HOST_FAR] < 0 ? -1 : new_namespace();
    if (namespaces[HOST_NEAR] < 0) {
        give_up("unshare", errno);
        return;
    }
    int failure = lay_cable("cable0", namespaces[HOST_FAR]);
    if (!failure)
        failure = lay_cable("cable1", namespaces[HOST_FAR]);
    if (failure) {
        give_up("a veth pair", failure);
        return;
    }
    for (int host = HOST_COUNT - 1; host >= 0 && !failure; host--) {
        network_enter((enum host)host);
        failure = set_up_host((enum host)host);
    }
    if (failure)
        give_up("addresses", failure);
}

void network_end(void)
{
    for (int host = 0; host < HOST_COUNT; host++)
        if (namespaces[host] >= 0)
            (void)close(namespaces[host]);
}

const char *network_missing(void)
{
    return reason[0] ? reason : NULL;
}

void network_enter(enum host host)
{
    if (setns(namespaces[host], CLONE_NEWNET) < 0) {
        perror("setns");
        abort();
    }
}

int network_interface(enum host host, int cable)
{
    return interfaces[host][cable];
}

void network_set_mtu(enum host host, int cable, int mtu)
{
    network_enter(host);
    int failure = set_link_mtu(interfaces[host][cable], (uint32_t)mtu);
    network_enter(HOST_NEAR);
    if (failure) {
        fprintf(stderr, "an MTU of %d: %s\n", mtu, strerror(failure));
        abort();
    }
}

sn_ip_address network_address(enum host host, int cable, sn_address_family family)
{
    char text[64];
    sn_ip_address address = SN_IPV4_ANY;
    text_of_address(host, cable, family, text);
    if (sn_ip_address_parse(text, &address))
        abort();
    return address;
}
