#include "address/address.h"

#include <endian.h>

int16_t sn_ip_address_host_to_network_order_16(int16_t host)
{
    return (int16_t)htobe16((uint16_t)host);
}

int32_t sn_ip_address_host_to_network_order_32(int32_t host)
{
    return (int32_t)htobe32((uint32_t)host);
}

int64_t sn_ip_address_host_to_network_order_64(int64_t host)
{
    return (int64_t)htobe64((uint64_t)host);
}

int16_t sn_ip_address_network_to_host_order_16(int16_t network)
{
    return (int16_t)be16toh((uint16_t)network);
}

int32_t sn_ip_address_network_to_host_order_32(int32_t network)
{
    return (int32_t)be32toh((uint32_t)network);
}

int64_t sn_ip_address_network_to_host_order_64(int64_t network)
{
    return (int64_t)be64toh((uint64_t)network);
}
