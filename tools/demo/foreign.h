/** A file through a program that is not ours: socat, or ncat where that is missing. */
#ifndef TOOLS_DEMO_FOREIGN_H
#define TOOLS_DEMO_FOREIGN_H

#include "folder.h"
#include "table.h"

void demo_foreign(const char *path, const struct folder *folder, struct row *out_row);

/** The row's title, which names the program that was found. */
const char *foreign_title(void);

#endif
