/* Making resolvers: the program's servers, or the system's. */
#include "dns/resolver.h"

#include <errno.h>
#include <string.h>

#include "base/base.h"
#include "error/error.h"
#include "sys/sys.h"

#define CONFIG_PATH            "/etc/resolv.conf"
#define PORT                   53
#define ATTEMPT_TIMEOUT_MS     3000 /* both as in .NET */
#define ATTEMPTS               3
#define ATTEMPT_TIMEOUT_MS_MAX 60000
#define ATTEMPTS_MAX           10
#define MILLISECOND            INT64_C(1000000)

/* The record of 0.2: what `size` 0 means for ever, and the least that there is. */
#define SIZE_OF_0_2 (offsetof(sn_resolver_options, attempts) + sizeof(int))

static sn_error check_options(const sn_resolver_options *out)
{
    if (!out->servers && out->server_count > 0)
        return SN_ERROR_ARGUMENT_NULL;
    bool is_in_range = out->server_count <= SN_RESOLVER_SERVER_COUNT_MAX &&
                       out->attempt_timeout_ms >= 0 &&
                       out->attempt_timeout_ms <= ATTEMPT_TIMEOUT_MS_MAX && out->attempts >= 0 &&
                       out->attempts <= ATTEMPTS_MAX;
    return is_in_range ? SN_OK : SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}

static sn_error read_options(const sn_resolver_options *given, sn_resolver_options *out)
{
    switch (sized_read(given, SIZE_OF_0_2, out, sizeof *out)) {
    case SIZED_OK: return check_options(out);
    case SIZED_TOO_SMALL: break;
    case SIZED_UNKNOWN: return SN_ERROR_NOT_SUPPORTED;
    }
    return SN_ERROR_ARGUMENT_OUT_OF_RANGE;
}

static sn_error add_server(sn_resolver *resolver, const sn_endpoint *server)
{
    sn_endpoint *own = &resolver->servers[resolver->server_count];
    *own = *server;
    if (sn_endpoint_get_kind(own) != SN_ENDPOINT_IP)
        return SN_ERROR_ARGUMENT;
    if (sn_endpoint_get_port(own) == 0 && sn_endpoint_set_port(own, PORT))
        return SN_ERROR_ARGUMENT;
    resolver->server_count++;
    return SN_OK;
}

sn_error resolver_error(int32_t native)
{
    return native == -ENOMEM ? SN_ERROR_OUT_OF_MEMORY : sn_error_from_native(-native);
}

/* The system's, and what it has to say of times where the program says nothing. */
static sn_error add_system(sn_resolver *resolver, sn_resolver_options *options)
{
    struct resolver_config config;
    int32_t failed = resolver_config_read(CONFIG_PATH, &config);
    if (failed) {
        error_set_last_native(-failed);
        return resolver_error(failed);
    }
    sn_error error = SN_OK;
    if (config.server_count == 0) {
        config.server_count = 1; /* as the C library has it */
        error = sn_endpoint_from_ip(&SN_IPV4_LOOPBACK, PORT, &config.servers[0]);
    }
    for (size_t i = 0; i < config.server_count && !error; i++)
        error = add_server(resolver, &config.servers[i]);
    if (options->attempt_timeout_ms == 0)
        options->attempt_timeout_ms = config.timeout_s * INT64_C(1000);
    if (options->attempts == 0)
        options->attempts = config.attempts;
    return error;
}

static sn_error fill(sn_resolver *resolver, sn_resolver_options *options)
{
    sn_error error = SN_OK;
    for (size_t i = 0; i < options->server_count && !error; i++)
        error = add_server(resolver, &options->servers[i]);
    if (!error && options->server_count == 0)
        error = add_system(resolver, options);
    int64_t timeout_ms =
        options->attempt_timeout_ms ? options->attempt_timeout_ms : ATTEMPT_TIMEOUT_MS;
    resolver->attempt_timeout_ns = timeout_ms * MILLISECOND;
    resolver->attempts = options->attempts ? options->attempts : ATTEMPTS;
    resolver->references = 1;
    return error;
}

sn_error sn_resolver_create(const sn_resolver_options *options, sn_resolver **out_resolver)
{
    sn_resolver_options known;
    error_set_last_native(0);
    sn_error error = out_resolver ? read_options(options, &known) : SN_ERROR_ARGUMENT_NULL;
    if (error)
        return error;
    sn_resolver *resolver = memory_zeroed(sizeof *resolver);
    if (!resolver) {
        error_set_last_native(sn_error_to_native(SN_ERROR_OUT_OF_MEMORY));
        return SN_ERROR_OUT_OF_MEMORY;
    }
    error = fill(resolver, &known);
    if (error)
        memory_free(resolver);
    else
        *out_resolver = resolver;
    return error;
}

void resolver_retain(sn_resolver *resolver)
{
    if (resolver)
        (void)atomic_add_relaxed(&resolver->references, 1);
}

void sn_resolver_release(sn_resolver *resolver)
{
    if (resolver && atomic_sub_acq_rel(&resolver->references, 1) == 1)
        memory_free(resolver);
}

const sn_endpoint *sn_resolver_get_servers(const sn_resolver *resolver, size_t *out_count)
{
    if (out_count)
        *out_count = resolver ? resolver->server_count : 0;
    return resolver ? resolver->servers : NULL;
}
