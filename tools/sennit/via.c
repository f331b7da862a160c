#include "via.h"

#include <stdio.h>
#include <string.h>

enum {
    SOCKS_VERSION = 5,
    SOCKS_NO_SECRET = 0,
    SOCKS_PASSWORD = 2,
    SOCKS_CONNECT = 1,
    SOCKS_IPV4 = 1,
    SOCKS_NAME = 3,
    SOCKS_IPV6 = 4,
    HTTP_ANSWER_MAX = 8192
};

static const char *read_secret(const char *text, size_t size, struct via *via)
{
    const char *colon = memchr(text, ':', size);
    size_t user_size = colon ? (size_t)(colon - text) : size;
    size_t password_size = colon ? size - user_size - 1 : 0;
    if (user_size == 0 || user_size >= VIA_SECRET_SIZE || password_size >= VIA_SECRET_SIZE)
        return "the user's name is missing, or it or the password is too long";
    memcpy(via->user, text, user_size);
    if (colon)
        memcpy(via->password, colon + 1, password_size);
    return NULL;
}

const char *via_parse(const char *text, struct via *out_via)
{
    struct via *via = out_via;
    *via = (struct via){.text = text};
    const char *rest = text;
    if (strncmp(text, "socks5://", 9) == 0) {
        via->kind = VIA_SOCKS5;
        rest = text + 9;
    } else if (strncmp(text, "http://", 7) == 0) {
        via->kind = VIA_HTTP;
        rest = text + 7;
    } else {
        return "unknown kind of proxy; write socks5://host:port or http://host:port";
    }
    const char *at = strrchr(rest, '@');
    const char *complaint = at ? read_secret(rest, (size_t)(at - rest), via) : NULL;
    if (complaint)
        return complaint;
    snprintf(via->place, sizeof via->place, "%s", at ? at + 1 : rest);
    size_t size = strlen(via->place);
    if (size > 0 && via->place[size - 1] == '/')
        via->place[size - 1] = '\0';
    return target_parse_remote(via->place, &via->target);
}

/* --- SOCKS ------------------------------------------------------------------------------------ */

static sn_error refuse(const char *words, const char **out_words)
{
    *out_words = words;
    return SN_ERROR_FORMAT;
}

static sn_error greet(const struct via *via, sn_socket *socket, const char **out_words)
{
    const uint8_t greeting[] = {SOCKS_VERSION, 1, via->user[0] ? SOCKS_PASSWORD : SOCKS_NO_SECRET};
    uint8_t answer[2];
    sn_error error = sn_socket_send(socket, greeting, sizeof greeting, SN_FLAG_NONE, NULL);
    if (!error)
        error = sn_socket_receive_exactly(socket, answer, sizeof answer, NULL);
    if (error)
        return error;
    if (answer[0] != SOCKS_VERSION)
        return refuse("who listens there is no SOCKS 5 server", out_words);
    if (answer[1] != greeting[2])
        return refuse(via->user[0] ? "the proxy takes no password"
                                   : "the proxy wants a password; write socks5://user:password@...",
                      out_words);
    return SN_OK;
}

static sn_error log_in(const struct via *via, sn_socket *socket, const char **out_words)
{
    uint8_t words[3 + 2 * VIA_SECRET_SIZE], answer[2];
    size_t user_size = strlen(via->user), password_size = strlen(via->password), used = 0;
    words[used++] = 1;
    words[used++] = (uint8_t)user_size;
    memcpy(words + used, via->user, user_size);
    used += user_size;
    words[used++] = (uint8_t)password_size;
    memcpy(words + used, via->password, password_size);
    used += password_size;
    sn_error error = sn_socket_send(socket, words, used, SN_FLAG_NONE, NULL);
    if (!error)
        error = sn_socket_receive_exactly(socket, answer, sizeof answer, NULL);
    if (!error && answer[1] != 0)
        return refuse("the proxy refuses the user's name or the password", out_words);
    return error;
}

static size_t write_request(const struct target *target, uint8_t *request)
{
    size_t used = 0, size = 0;
    sn_ip_address address;
    const char *host = sn_endpoint_get_host(&target->endpoint);
    int port = sn_endpoint_get_port(&target->endpoint);
    request[used++] = SOCKS_VERSION;
    request[used++] = SOCKS_CONNECT;
    request[used++] = 0;
    if (host) {
        size = strlen(host);
        request[used++] = SOCKS_NAME;
        request[used++] = (uint8_t)size;
        memcpy(request + used, host, size);
    } else if (!sn_endpoint_get_address(&target->endpoint, &address) &&
               !sn_ip_address_try_write_bytes(&address, request + used + 1, 16, &size)) {
        request[used++] = address.family == SN_FAMILY_IPV6 ? SOCKS_IPV6 : SOCKS_IPV4;
    }
    used += size;
    request[used++] = (uint8_t)(port >> 8);
    request[used++] = (uint8_t)port;
    return used;
}

static const char *explain(uint8_t code)
{
    static const char *const words[] = {"",
                                        "the proxy failed",
                                        "the proxy's rules do not allow it",
                                        "the proxy finds no way to the network",
                                        "the proxy finds no way to the host, or not its name",
                                        "the proxy was refused: nobody listens there",
                                        "the proxy gave it up",
                                        "the proxy cannot connect",
                                        "the proxy does not know this kind of address"};
    return code < sizeof words / sizeof *words ? words[code] : "the proxy refuses";
}

static sn_error connect_by_socks(const struct via *via, const struct target *target,
                                 sn_socket *socket, const char **out_words)
{
    uint8_t request[8 + SN_HOST_SIZE_MAX], answer[5], rest[SN_HOST_SIZE_MAX + 2];
    sn_error error = greet(via, socket, out_words);
    if (!error && via->user[0])
        error = log_in(via, socket, out_words);
    if (!error)
        error = sn_socket_send(socket, request, write_request(target, request), SN_FLAG_NONE, NULL);
    if (!error)
        error = sn_socket_receive_exactly(socket, answer, sizeof answer, NULL);
    if (error)
        return error;
    if (answer[0] != SOCKS_VERSION || answer[1] != 0)
        return refuse(answer[0] != SOCKS_VERSION ? "the proxy's answer is none of SOCKS 5"
                                                 : explain(answer[1]),
                      out_words);
    /* The address that it connects from: of no use here, but in the way. One byte came already. */
    size_t left = answer[3] == SOCKS_IPV4   ? 4 - 1 + 2
                  : answer[3] == SOCKS_IPV6 ? 16 - 1 + 2
                                            : (size_t)answer[4] + 2;
    return sn_socket_receive_exactly(socket, rest, left, NULL);
}

/* --- HTTP ------------------------------------------------------------------------------------- */

static void write_base64(const char *bytes, size_t size, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t group = 0;
        size_t count = size - i < 3 ? size - i : 3;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < count ? (uint8_t)bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *text++ = k <= count ? digits[group >> (18 - 6 * k) & 63] : '=';
    }
    *text = '\0';
}

/* Byte by byte: what follows the empty line is not the proxy's any more. */
static sn_error read_answer(sn_socket *socket, char *answer)
{
    size_t used = 0;
    while (used < HTTP_ANSWER_MAX - 1) {
        uint8_t byte;
        sn_error error = sn_socket_receive_byte(socket, &byte);
        if (error)
            return error;
        answer[used++] = (char)byte;
        answer[used] = '\0';
        if (used >= 4 && memcmp(answer + used - 4, "\r\n\r\n", 4) == 0)
            return SN_OK;
    }
    return SN_ERROR_LIMIT_EXCEEDED;
}

static sn_error connect_by_http(const struct via *via, const struct target *target,
                                sn_socket *socket, const char **out_words)
{
    static char words[128], answer[HTTP_ANSWER_MAX];
    char request[2048], place[TARGET_TEXT_SIZE], both[2 * VIA_SECRET_SIZE],
        encoded[4 * VIA_SECRET_SIZE];
    const char *scheme = strstr(target->plain, "://");
    snprintf(place, sizeof place, "%s", scheme ? scheme + 3 : target->plain);
    int size = snprintf(both, sizeof both, "%s:%s", via->user, via->password);
    write_base64(both, (size_t)size, encoded);
    size = snprintf(request, sizeof request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n", place,
                    place, via->user[0] ? "Proxy-Authorization: Basic " : "",
                    via->user[0] ? encoded : "", via->user[0] ? "\r\n" : "");
    sn_error error = sn_socket_send(socket, request, (size_t)size, SN_FLAG_NONE, NULL);
    if (!error)
        error = read_answer(socket, answer);
    if (error)
        return error;
    if (strncmp(answer, "HTTP/1.", 7) != 0 || answer[8] != ' ')
        return refuse("who listens there is no HTTP proxy", out_words);
    if (answer[9] == '2')
        return SN_OK;
    size_t width = strcspn(answer + 9, "\r\n");
    for (size_t i = 0; i < width; i++) /* it goes to a terminal */
        if ((unsigned char)answer[9 + i] < ' ' || answer[9 + i] == 127)
            answer[9 + i] = '?';
    snprintf(words, sizeof words, "the proxy answers: %.*s", width < 90 ? (int)width : 90,
             answer + 9);
    return refuse(words, out_words);
}

sn_error via_connect(const struct via *via, const struct target *target, sn_socket *socket,
                     const char **out_words)
{
    *out_words = NULL;
    return via->kind == VIA_SOCKS5 ? connect_by_socks(via, target, socket, out_words)
                                   : connect_by_http(via, target, socket, out_words);
}
