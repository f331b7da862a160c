/**
 * Servers that connect on behalf of others: SOCKS 5 (RFC 1928, 1929), and CONNECT of HTTP (RFC
 * 9110). It speaks to one that is connected to already.
 */
#ifndef TOOLS_SENNIT_VIA_H
#define TOOLS_SENNIT_VIA_H

#include <sennit.h>

#include "target.h"

enum via_kind { VIA_NONE, VIA_SOCKS5, VIA_HTTP };

enum { VIA_SECRET_SIZE = 256 }; /* with its NUL: as much as SOCKS can carry */

struct via {
    enum via_kind kind;
    const char *text; /* borrowed: as it was given */
    char place[TARGET_TEXT_SIZE];
    struct target target; /* the server itself; its text is `place` */
    char user[VIA_SECRET_SIZE], password[VIA_SECRET_SIZE];
};

/**
 * Reads "socks5://user:password@host:port" or "http://...".
 *
 * @param out_via  keeps a pointer into itself, so it must not be copied
 * @return         NULL, or what is wrong
 */
const char *via_parse(const char *text, struct via *out_via);

/**
 * Has the server connect to the target; its name is looked up there.
 *
 * @param socket     connected to the server
 * @param out_words  NULL, or what the server said, written on SN_ERROR_FORMAT
 */
SN_MUST_USE sn_error via_connect(const struct via *via, const struct target *target,
                                 sn_socket *socket, const char **out_words);

#endif
