/* Steps that ask the system, not the library. */
#include "player.h"

#include <stdlib.h>
#include <unistd.h>

/* file-exists PATH */
static void file_exists(struct run *run, const struct step *step, text *out)
{
    size_t size;
    char *path = value_text(run, argument(run, step, 0), &size);
    show_error(out, SN_OK);
    show_bool(out, access(path, F_OK) == 0);
    free(path);
}

/* remove-file PATH */
static void remove_file(struct run *run, const struct step *step, text *out)
{
    size_t size;
    char *path = value_text(run, argument(run, step, 0), &size);
    show_error(out, SN_OK);
    show_bool(out, unlink(path) == 0);
    free(path);
}

const struct verb system_verbs[] = {
    {"file-exists", 1, 1, file_exists, NULL, false},
    {"remove-file", 1, 1, remove_file, NULL, false},
    {0},
};
