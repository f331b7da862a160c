/* The reader of /etc/resolv.conf, resolver_config_parse(). */
#include "fuzz.h"

#include "dns/resolver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct resolver_config config, again;
    fuzz_fill(config);
    resolver_config_parse(text, &config);
    require(config.server_count <= SN_RESOLVER_SERVER_COUNT_MAX);
    for (size_t i = 0; i < config.server_count; i++) {
        require(sn_endpoint_get_kind(&config.servers[i]) == SN_ENDPOINT_IP);
        require(sn_endpoint_get_port(&config.servers[i]) == 53);
    }
    require(config.timeout_s >= 0 && config.timeout_s <= 30);
    require(config.attempts >= 0 && config.attempts <= 5);
    resolver_config_parse(text, &again);
    require(again.server_count == config.server_count);
    free(text);
    return 0;
}
