/* Words into values. A word that means nothing is a mistake of the scenario and ends the player. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

const word *argument(const struct run *run, const struct step *step, size_t index)
{
    if (index >= step->words.count)
        run_broken(run, step, "argument %zu is missing", index + 1);
    return &step->words.items[index];
}

const char *argument_named(const struct step *step, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < step->words.count; i++) {
        const word *item = &step->words.items[i];
        if (!item->quoted && strncmp(item->text, name, size) == 0 && item->text[size] == '=')
            return item->text + size + 1;
    }
    return NULL;
}

/* The caller holds the lock. */
static named *find_named(named *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    }
    return NULL;
}

named *value_named(struct run *run, const char *name)
{
    pthread_mutex_lock(&run->lock);
    named *found = find_named(run->sockets, run->socket_count, name);
    pthread_mutex_unlock(&run->lock);
    return found;
}

sn_socket *value_socket(struct run *run, const struct step *step, const word *item)
{
    named *found = value_named(run, item->text);
    if (!found || found->kind != OBJECT_NONE)
        run_broken(run, step, "no socket of this name: %s", item->text);
    return found->socket;
}

sn_socket *value_socket_or_null(struct run *run, const struct step *step, const word *item)
{
    return word_is(item, "null") ? NULL : value_socket(run, step, item);
}

/* A name used again loses its first socket, as a variable would. */
void value_keep_socket(struct run *run, const char *name, sn_socket *socket)
{
    pthread_mutex_lock(&run->lock);
    named *found = find_named(run->sockets, run->socket_count, name);
    if (!found && run->socket_count < NAMES_MAX) {
        found = &run->sockets[run->socket_count++];
        found->name = copy_text(name);
    }
    sn_socket *before = found ? found->socket : socket;
    if (found) {
        found->socket = socket;
        found->sender = (sn_endpoint){0};
    }
    pthread_mutex_unlock(&run->lock);
    sn_socket_release(before);
}

void value_keep_endpoint(struct run *run, const char *name, const sn_endpoint *endpoint)
{
    pthread_mutex_lock(&run->lock);
    named *found = find_named(run->endpoints, run->endpoint_count, name);
    if (!found && run->endpoint_count < NAMES_MAX) {
        found = &run->endpoints[run->endpoint_count++];
        found->name = copy_text(name);
    }
    if (found)
        found->sender = *endpoint;
    pthread_mutex_unlock(&run->lock);
}

const char *value_text_or_null(const word *item)
{
    return word_is(item, "null") ? NULL : item->text;
}

long value_number(struct run *run, const struct step *step, const word *item)
{
    if (strncmp(item->text, "port(", 5) == 0) {
        word inner = {item->text + 5, 0, false};
        char *end = strchr(inner.text, ')');
        if (!end)
            run_broken(run, step, "port( without an end");
        inner.text = strndup(inner.text, (size_t)(end - inner.text));
        sn_endpoint local = {0};
        sn_error error = sn_socket_get_local_endpoint(value_socket(run, step, &inner), &local);
        free(inner.text);
        return error == SN_OK ? sn_endpoint_get_port(&local) : 0;
    }
    char *end;
    long number = strtol(item->text, &end, 0);
    if (end == item->text || *end)
        run_broken(run, step, "not a number: %s", item->text);
    return number;
}

bool value_linger(const struct run *run, const struct step *step, const word *item,
                  sn_linger_option *out)
{
    if (word_is(item, "null"))
        return false;
    const char *comma = strchr(item->text, ',');
    if (!comma)
        run_broken(run, step, "not true,SECONDS: %s", item->text);
    *out = (sn_linger_option){item->text[0] == 't', atoi(comma + 1)};
    return true;
}

bool value_bool(const struct run *run, const struct step *step, const word *item)
{
    if (!word_is(item, "true") && !word_is(item, "false"))
        run_broken(run, step, "neither true nor false: %s", item->text);
    return word_is(item, "true");
}

sn_ip_address value_address(const struct run *run, const struct step *step, const word *item)
{
    sn_ip_address address;
    if (sn_ip_address_parse(item->text, &address) != SN_OK)
        run_broken(run, step, "not an address: %s", item->text);
    return address;
}

char *value_text(const struct run *run, const word *item, size_t *out_size)
{
    const char *found = strstr(item->text, "$DIR");
    text all = {0};
    if (found) {
        text_add_bytes(&all, item->text, (size_t)(found - item->text));
        text_add(&all, "%s", run->folder);
        size_t rest = item->size - (size_t)(found - item->text) - 4;
        text_add_bytes(&all, found + 4, rest);
    } else {
        text_add_bytes(&all, item->text, item->size);
    }
    *out_size = all.size;
    return all.data;
}

static int digit_of(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *found = digit ? strchr(digits, digit) : NULL;
    return found ? (int)(found - digits) : -1;
}

uint8_t *value_bytes(const struct run *run, const struct step *step, const word *item,
                     size_t *out_size)
{
    uint8_t *bytes = room(item->size);
    *out_size = 0;
    if (word_is(item, "-"))
        return bytes;
    for (size_t i = 0; i < item->size; i += 2) {
        int high = digit_of(item->text[i]);
        int low = high >= 0 ? digit_of(item->text[i + 1]) : -1;
        if (low < 0)
            run_broken(run, step, "not bytes in hexadecimal: %s", item->text);
        bytes[(*out_size)++] = (uint8_t)(high * 16 + low);
    }
    return bytes;
}

/* unix:PATH, unix:@NAME (abstract: the @ stands for a zero byte) */
static sn_error unix_endpoint(const struct run *run, const char *path, sn_endpoint *out)
{
    word item = {(char *)(uintptr_t)path, strlen(path), false};
    size_t size;
    char *full = value_text(run, &item, &size);
    if (full[0] == '@')
        full[0] = '\0';
    sn_error error = sn_endpoint_from_unix_bytes(full, size, out);
    free(full);
    return error;
}

/* dns:HOST:PORT[:FAMILY]; PORT may be port(SOCKET) */
static sn_error dns_endpoint(struct run *run, const struct step *step, const char *parts,
                             sn_endpoint *out)
{
    char copy[512];
    snprintf(copy, sizeof copy, "%s", parts);
    char *rest = copy;
    const char *host = strsep(&rest, ":");
    char *port = strsep(&rest, ":");
    long family = SN_FAMILY_UNSPECIFIED;
    if (!port || (rest && !name_number("family", rest, &family)))
        run_broken(run, step, "not dns:HOST:PORT[:FAMILY]: %s", parts);
    word number = {port, strlen(port), false};
    return sn_endpoint_from_dns(host, (int)value_number(run, step, &number),
                                (sn_address_family)family, out);
}

/* ADDRESS:PORT; PORT may be port(SOCKET) */
static sn_error ip_endpoint(struct run *run, const struct step *step, const char *parts,
                            sn_endpoint *out)
{
    char copy[128];
    snprintf(copy, sizeof copy, "%s", parts);
    char *open = strstr(copy, ":port(");
    char *colon = open ? open : strrchr(copy, ':');
    if (!colon)
        run_broken(run, step, "not an end point: %s", parts);
    *colon = '\0';
    word address = {copy, strlen(copy), false};
    word port = {colon + 1, strlen(colon + 1), false};
    sn_ip_address value = value_address(run, step, &address);
    return sn_endpoint_from_ip(&value, (int)value_number(run, step, &port), out);
}

/* local(NAME), remote(NAME), sender(NAME); nothing where there is none, or the socket is closed */
static sn_error socket_endpoint(struct run *run, const struct step *step, const char *parts,
                                sn_endpoint *out)
{
    char copy[64];
    snprintf(copy, sizeof copy, "%s", strchr(parts, '(') + 1);
    copy[strcspn(copy, ")")] = '\0';
    word item = {copy, strlen(copy), false};
    sn_socket *socket = value_socket(run, step, &item);
    if (parts[0] == 's') {
        *out = value_named(run, copy)->sender;
        return SN_OK;
    }
    sn_error error = parts[0] == 'l' ? sn_socket_get_local_endpoint(socket, out)
                                     : sn_socket_get_remote_endpoint(socket, out);
    if (error != SN_OK)
        *out = (sn_endpoint){0};
    return SN_OK;
}

sn_endpoint *value_endpoint(struct run *run, const struct step *step, const word *item)
{
    if (word_is(item, "null"))
        return NULL;
    sn_endpoint *made = room(sizeof *made);
    const char *name = item->text;
    pthread_mutex_lock(&run->lock);
    const named *kept = find_named(run->endpoints, run->endpoint_count, name);
    if (kept)
        *made = kept->sender;
    pthread_mutex_unlock(&run->lock);
    if (kept)
        return made;
    sn_error error;
    if (strncmp(name, "unix:", 5) == 0)
        error = unix_endpoint(run, name + 5, made);
    else if (strncmp(name, "dns:", 4) == 0)
        error = dns_endpoint(run, step, name + 4, made);
    else if (strncmp(name, "local(", 6) == 0 || strncmp(name, "remote(", 7) == 0 ||
             strncmp(name, "sender(", 7) == 0)
        error = socket_endpoint(run, step, name, made);
    else
        error = ip_endpoint(run, step, name, made);
    if (error != SN_OK)
        run_broken(run, step, "no end point comes from %s: %s", name, sn_error_name(error));
    return made;
}
