/**
 * `--option NAME=VALUE`: the options of sockets by the library's names. It knows what the table of
 * names and the facts about them say, and nothing of what an option does.
 */
#ifndef TOOLS_SENNIT_SOCKET_OPTIONS_H
#define TOOLS_SENNIT_SOCKET_OPTIONS_H

#include <sennit.h>

#include "arguments/arguments.h"

/** @return NULL, or what is wrong with `*out_wrong`, the first that is no option of a number */
const char *socket_options_check(const struct argument_list *list, const char **out_wrong);

/**
 * Sets all of them. What belongs to another family or protocol is an error, as the library has it.
 *
 * @param out_failed  written on an error: which one
 */
SN_MUST_USE sn_error socket_options_apply(const struct argument_list *list, sn_socket *socket,
                                          const char **out_failed);

#endif
