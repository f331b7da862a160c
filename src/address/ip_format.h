#ifndef ADDRESS_IP_FORMAT_H
#define ADDRESS_IP_FORMAT_H

#include <sennit/address.h>

#include "address/text.h"

/* Appends at most SN_IP_ADDRESS_TEXT_SIZE - 1 characters; false, and nothing, if it is no address.
 */
bool ip_address_append(const sn_ip_address *address, struct text_writer *writer);

#endif
