/** A file over datagrams, by a small protocol that loses nothing. */
#ifndef TOOLS_DEMO_DATAGRAMS_H
#define TOOLS_DEMO_DATAGRAMS_H

#include "folder.h"
#include "table.h"

void demo_udp(const char *path, const struct folder *folder, struct row *out_row);
void demo_unix_datagram(const char *path, const struct folder *folder, struct row *out_row);

#endif
