/* What a step shows. The player in ../dotnet writes the same, so every form stands here once. */
#include "player.h"

#include <string.h>

void show_error(text *out, sn_error error)
{
    if (error == SN_OK)
        text_add(out, "ok");
    else
        text_add(out, "%s %d", sn_error_name(error), (int)error);
}

bool show_failed(text *out, sn_error error)
{
    show_error(out, error);
    return error != SN_OK;
}

void show_bool(text *out, bool value)
{
    text_add(out, value ? " true" : " false");
}

void show_ip_address(text *out, const sn_ip_address *address)
{
    char name[SN_IP_ADDRESS_TEXT_SIZE];
    bool is_known = sn_ip_address_format(address, name, sizeof name) == SN_OK;
    text_add(out, " %s", is_known ? name : "null");
}

void show_linger(text *out, const sn_linger_option *linger)
{
    text_add(out, " %s,%d", linger->enabled ? "true" : "false", linger->seconds);
}

/* Up to 40 bytes as text; more as a checksum. */
void show_bytes(text *out, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    if (size > 40) {
        uint32_t sum = 2166136261u;
        for (size_t i = 0; i < size; i++)
            sum = (sum ^ bytes[i]) * 16777619u;
        text_add(out, " sum %08x", sum);
        return;
    }
    text_add(out, " \"");
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] >= ' ' && bytes[i] < 127 && bytes[i] != '"' && bytes[i] != '\\')
            text_add(out, "%c", bytes[i]);
        else
            text_add(out, "\\x%02x", bytes[i]);
    }
    text_add(out, "\"");
}

void show_hex(text *out, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    text_add(out, size > 0 ? " " : " -");
    for (size_t i = 0; i < size; i++)
        text_add(out, "%02x", bytes[i]);
}

/* A port that the system chose differs from run to run: the first one seen is port1. */
static void show_port(struct run *run, text *out, int port)
{
    if (port < 1024) {
        text_add(out, ":%d", port);
        return;
    }
    pthread_mutex_lock(&run->lock);
    size_t index = 0;
    while (index < run->port_count && run->ports[index] != port)
        index++;
    if (index == run->port_count && run->port_count < PORTS_MAX)
        run->ports[run->port_count++] = port;
    pthread_mutex_unlock(&run->lock);
    text_add(out, ":port%zu", index + 1);
}

static void show_ip_endpoint(struct run *run, text *out, const sn_endpoint *endpoint)
{
    sn_ip_address address;
    char name[SN_IP_ADDRESS_TEXT_SIZE];
    sn_error error = sn_endpoint_get_address(endpoint, &address);
    if (error == SN_OK)
        error = sn_ip_address_format(&address, name, sizeof name);
    if (error != SN_OK) {
        text_add(out, " ?");
        return;
    }
    text_add(out, address.family == SN_FAMILY_IPV6 ? " [%s]" : " %s", name);
    show_port(run, out, sn_endpoint_get_port(endpoint));
}

/* The folder of the run is shown as $DIR. */
static void show_path(const struct run *run, text *out, const char *path)
{
    const char *found = strstr(path, run->folder);
    if (found)
        text_add(out, " unix:%.*s$DIR%s", (int)(found - path), path, found + strlen(run->folder));
    else
        text_add(out, " unix:%s", path);
}

void show_endpoint(struct run *run, text *out, const sn_endpoint *endpoint)
{
    char name[SN_ENDPOINT_TEXT_SIZE];
    switch (sn_endpoint_get_kind(endpoint)) {
    case SN_ENDPOINT_NONE: text_add(out, " null"); return;
    case SN_ENDPOINT_IP: show_ip_endpoint(run, out, endpoint); return;
    case SN_ENDPOINT_UNIX:
        if (sn_endpoint_format(endpoint, name, sizeof name) == SN_OK)
            show_path(run, out, name);
        return;
    case SN_ENDPOINT_DNS:
    case SN_ENDPOINT_OTHER:
        if (sn_endpoint_format(endpoint, name, sizeof name) == SN_OK)
            text_add(out, " %s", name);
        return;
    }
}
