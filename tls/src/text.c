/* What went wrong, in words. */
#include "tls.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

static _Thread_local char last[TLS_TEXT_SIZE];

void tls_text_set_last(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(last, sizeof last, format, arguments);
    va_end(arguments);
}

const char *sn_tls_last_error_text(void)
{
    return last;
}

const char *tls_text_of_openssl(void)
{
    unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return reason ? reason : "OpenSSL gives no reason";
}

void tls_stream_explain(sn_tls_stream *stream, const char *format, ...)
{
    if (atomic_load_explicit(&stream->has_text, memory_order_relaxed))
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(stream->text, sizeof stream->text, format, arguments);
    va_end(arguments);
    /* Release: pairs with the acquire in sn_tls_stream_get_error_text(). */
    atomic_store_explicit(&stream->has_text, true, memory_order_release);
}

/* OpenSSL's own names of alerts lack the later ones, which its reasons have: "tlsv13 alert
 * certificate required". */
static const char *name_of_alert(int number, const char *words)
{
    const char *name = SSL_alert_desc_string_long(number), *at = strstr(words, " alert ");
    return at && strcmp(name, "unknown") == 0 ? at + strlen(" alert ") : name;
}

void tls_stream_explain_openssl(sn_tls_stream *stream)
{
    unsigned long code = ERR_peek_error();
    int reason = ERR_GET_REASON(code);
    bool is_alert = ERR_GET_LIB(code) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET;
    const char *words = tls_text_of_openssl();
    if (is_alert)
        tls_stream_explain(stream, "the peer says: %s",
                           name_of_alert(reason - SSL_AD_REASON_OFFSET, words));
    else
        tls_stream_explain(stream, "%s", words);
}
