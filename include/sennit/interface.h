/**
 * Network interfaces by name and by index: "eth0" is what people say, the index is what the options
 * of multicast and the scope of an IPv6 address want.
 *
 * What is told is what the system says at that moment, in the network namespace of the calling
 * thread; an interface may go at any time, and its index is not given out again soon.
 *
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.2.
 */
#ifndef SENNIT_INTERFACE_H
#define SENNIT_INTERFACE_H

#include <sennit/error.h>
#include <sennit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest name of an interface, with its NUL. */
enum { SN_INTERFACE_NAME_SIZE = 16 };

/** One network interface. */
typedef struct sn_interface {
    int index;                         /* above 0 */
    char name[SN_INTERFACE_NAME_SIZE]; /* such as "eth0" */
} sn_interface;

/**
 * The index of an interface.
 *
 * @param name       borrowed; "eth0"
 * @param out_index  above 0
 *
 * @error   SN_ERROR_ARGUMENT_NULL          a pointer is NULL
 * @error   SN_ERROR_ADDRESS_NOT_AVAILABLE  there is no interface of this name
 * @error   SN_ERROR_TOO_MANY_OPEN_SOCKETS, SN_ERROR_OUT_OF_MEMORY  the system could not be asked
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_interface_index_from_name(const char *name, int *out_index);

/**
 * The name of an interface.
 *
 * @param index  as sn_interface_index_from_name() gives it
 * @param name   caller-provided, `size` bytes; the name and a NUL
 * @param size   bytes; SN_INTERFACE_NAME_SIZE is always enough
 *
 * @error   SN_ERROR_ARGUMENT_NULL          name is NULL
 * @error   SN_ERROR_ARGUMENT_OUT_OF_RANGE  there is no room for the name
 * @error   SN_ERROR_ADDRESS_NOT_AVAILABLE  there is no interface of this index
 * @error   otherwise as sn_interface_index_from_name()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_interface_name_from_index(int index, char *name, size_t size);

/**
 * All interfaces, whether they are up or not.
 *
 * @param interfaces  caller-provided, room for `capacity`; may be NULL if that is 0
 * @param capacity    how many are written at most
 * @param out_count   how many there are; may be more than `capacity`
 *
 * @error   SN_ERROR_ARGUMENT_NULL  out_count, or interfaces with a capacity
 * @error   otherwise as sn_interface_index_from_name()
 * @dotnet  none
 */
SN_MUST_USE SN_API sn_error sn_interface_list(sn_interface *interfaces, size_t capacity,
                                              size_t *out_count);

#ifdef __cplusplus
}
#endif

#endif
