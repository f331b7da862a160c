/**
 * The general calls for options without the checks of the socket itself: the caller has a
 * reference. For this room only.
 */
#ifndef SOCKET_OPTION_H
#define SOCKET_OPTION_H

#include "socket/object/object.h"

sn_error option_write(sn_socket *socket, sn_option_level level, sn_option_name name, int value);
sn_error option_write_bytes(sn_socket *socket, sn_option_level level, sn_option_name name,
                            const void *data, size_t size);
sn_error option_read(sn_socket *socket, sn_option_level level, sn_option_name name, int *out_value);
sn_error option_read_bytes(sn_socket *socket, sn_option_level level, sn_option_name name,
                           void *data, size_t size, size_t *out_size);

/* Translates a native result with the rule of Connected that options have. */
sn_error option_result(sn_socket *socket, int32_t native_result);

#endif
