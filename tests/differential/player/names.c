/* .NET's names for numbers, as scenarios write them. */
#include "player.h"

#include <sennit/dotnet.h>

#include <stdlib.h>
#include <string.h>

typedef struct name_row {
    const char *table;
    const char *name;
    int64_t number;
} name_row;

static const name_row rows[] = {
#define X(id, number, name) {"family", name, number},
    SN_ADDRESS_FAMILY_TABLE(X)
#undef X
#define X(id, number, name) {"type", name, number},
        SN_SOCKET_TYPE_TABLE(X)
#undef X
#define X(id, number, name) {"protocol", name, number},
            SN_PROTOCOL_TYPE_TABLE(X)
#undef X
#define X(id, number, name) {"flag", name, number},
                SN_FLAG_TABLE(X)
#undef X
#define X(id, number, name) {"control", name, number},
                    SN_IO_CONTROL_TABLE(X)
#undef X
#define X(id, number, name) {"level", name, number},
                        SN_OPTION_LEVEL_TABLE(X)
#undef X
#define X(id, number, name) {"option", name, number},
                            SN_OPTION_NAME_TABLE(X)
#undef X
                                {"shutdown", "Receive", SN_SHUTDOWN_RECEIVE},
#define X(id, number, name) {"transmit", name, number},
    SN_TRANSMIT_TABLE(X)
#undef X
        {"access", "Read", SN_FILE_ACCESS_READ},
    {"access", "Write", SN_FILE_ACCESS_WRITE},
    {"access", "ReadWrite", SN_FILE_ACCESS_READ_WRITE},
    {"shutdown", "Send", SN_SHUTDOWN_SEND},
    {"shutdown", "Both", SN_SHUTDOWN_BOTH},
    {"select", "SelectRead", SN_SELECT_READ},
    {"select", "SelectWrite", SN_SELECT_WRITE},
    {"select", "SelectError", SN_SELECT_ERROR},
    {"protection", "Unspecified", SN_PROTECTION_UNSPECIFIED},
    {"protection", "Unrestricted", SN_PROTECTION_UNRESTRICTED},
    {"protection", "EdgeRestricted", SN_PROTECTION_EDGE_RESTRICTED},
    {"protection", "Restricted", SN_PROTECTION_RESTRICTED},
};

/* A number stands for itself. */
bool name_number(const char *table, const char *name, long *out_number)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].table, table) == 0 && strcmp(rows[i].name, name) == 0) {
            *out_number = (long)rows[i].number; /* its bits, where a long has 32 */
            return true;
        }
    }
    char *end;
    *out_number = strtol(name, &end, 0);
    return *name && !*end;
}

long value_name(const struct run *run, const struct step *step, const char *table, const word *item)
{
    long number;
    if (!name_number(table, item->text, &number))
        run_broken(run, step, "unknown %s: %s", table, item->text);
    return number;
}

sn_flags value_flags(const struct run *run, const struct step *step, const char *names)
{
    char copy[128];
    long all = 0;
    if (!names)
        return SN_FLAG_NONE;
    snprintf(copy, sizeof copy, "%s", names);
    char *rest = copy;
    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        long number;
        if (!name_number("flag", name, &number))
            run_broken(run, step, "unknown flag: %s", name);
        all |= number;
    }
    return (sn_flags)all;
}
