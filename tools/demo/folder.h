/** A folder of the demo's own, for its socket files. */
#ifndef TOOLS_DEMO_FOLDER_H
#define TOOLS_DEMO_FOLDER_H

#include <sennit.h>

struct folder {
    char path[80]; /* short enough that a socket's name still fits behind it */
};

/** Makes it under $TMPDIR or /tmp. @return NULL, or why not */
const char *folder_create(struct folder *folder);

/** Removes it; the library has removed the socket files when their sockets were closed. */
void folder_remove(const struct folder *folder);

/** The end point of a socket file in it. */
SN_MUST_USE sn_error folder_endpoint(const struct folder *folder, const char *name,
                                     sn_endpoint *out_endpoint);

#endif
