/* The names of numbers, .NET's and our own, and the version of the library. */
#include <sennit/types.h>

const char *sn_socket_type_name(sn_socket_type type)
{
    switch ((int)type) {
#define X(id, number, name)                                                                        \
    case number: return name;
        SN_SOCKET_TYPE_TABLE(X)
#undef X
    default: return "?";
    }
}

const char *sn_protocol_type_name(sn_protocol_type protocol)
{
    switch ((int)protocol) {
#define X(id, number, name)                                                                        \
    case number: return name;
        SN_PROTOCOL_TYPE_TABLE(X)
        SN_PROTOCOL_TYPE_NATIVE_TABLE(X)
#undef X
    default: return "?";
    }
}

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

const char *sn_version(void)
{
    return TEXT(SN_VERSION_MAJOR) "." TEXT(SN_VERSION_MINOR) "." TEXT(SN_VERSION_PATCH);
}
