/* Somebody's shared object with the static library inside: all of it, so that loading.c finds the
 * functions that it looks for. */
#include <sennit.h>

SN_API const char *plugin_version(void);

const char *plugin_version(void)
{
    return sn_version();
}
