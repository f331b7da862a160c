#include <sennit/operation.h>

bool sn_ip_packet_information_equals(const sn_ip_packet_information *a,
                                     const sn_ip_packet_information *b)
{
    return a && b && a->interface_index == b->interface_index &&
           a->address.family == b->address.family && sn_ip_address_equals(&a->address, &b->address);
}

uint32_t sn_ip_packet_information_hash(const sn_ip_packet_information *information)
{
    if (!information)
        return 0;
    /* Interfaces have small numbers: spread over all bits, so that they do not cancel the address.
     */
    uint64_t interface = (uint32_t)information->interface_index;
    return sn_ip_address_hash(&information->address) ^ (uint32_t)(interface * 2654435761u);
}
