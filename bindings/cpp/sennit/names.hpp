/** Names to addresses, as the system knows them, and records from name servers. <sennit/dns.h>,
 * <sennit/resolver.h> */
#ifndef SENNIT_NAMES_HPP
#define SENNIT_NAMES_HPP

#include <sennit/address.hpp>
#include <sennit/await.hpp>
#include <sennit/dns.h>
#include <sennit/resolver.h>

#include <span>
#include <string>
#include <string_view>

namespace sennit
{

/** What the system knows of a host. */
class host_entry
{
  public:
    host_entry() noexcept = default;
    explicit host_entry(sn_dns_entry *owned) noexcept : handle_(owned)
    {
    }

    std::string_view name() const noexcept
    {
        return sn_dns_entry_get_host_name(handle_.get());
    }
    /** As long as this lives. */
    std::span<const sn_ip_address> addresses() const noexcept
    {
        std::size_t count = 0;
        const sn_ip_address *list = sn_dns_entry_get_address_list(handle_.get(), &count);
        return {list, count};
    }

  private:
    detail::owner<sn_dns_entry, sn_dns_entry_release> handle_;
};

/** What a name server has answered. */
class dns_result
{
  public:
    dns_result() noexcept = default;
    explicit dns_result(sn_dns_result *owned) noexcept : handle_(owned)
    {
    }

    sn_dns_response_code response_code() const noexcept
    {
        return sn_dns_result_get_response_code(handle_.get());
    }
    /** As long as this lives. */
    std::span<const sn_dns_record> records() const noexcept
    {
        std::size_t count = 0;
        const sn_dns_record *list = sn_dns_result_get_records(handle_.get(), &count);
        return {list, count};
    }
    std::string_view canonical_name() const noexcept
    {
        return sn_dns_result_get_canonical_name(handle_.get());
    }

  private:
    detail::owner<sn_dns_result, sn_dns_result_release> handle_;
};

namespace detail
{

/* A lookup whose answer is an object that is owned. */
template <class Owner, class Raw, class Start> struct lookup_verb {
    Start begin;
    Raw *answer = nullptr;
    bool start(sn_operation *operation)
    {
        return begin(&answer, operation);
    }
    result<Owner> finish(sn_operation &operation)
    {
        if (operation.error)
            return error_of(operation);
        return Owner(answer);
    }
};

template <class Owner, class Raw, class Start> auto lookup(const limits &within, Start start)
{
    return awaitable<lookup_verb<Owner, Raw, Start>>({std::move(start), nullptr}, within);
}

} // namespace detail

/** A host's name and addresses; "" is this machine. */
inline result<host_entry> look_up(std::string_view host,
                                  sn_address_family family = SN_FAMILY_UNSPECIFIED)
{
    return detail::owned<host_entry, sn_dns_entry>([&](sn_dns_entry **out) {
        return sn_dns_get_host_entry(std::string(host).c_str(), family, out);
    });
}
inline auto look_up_async(std::string_view host, const limits &within = {},
                          sn_address_family family = SN_FAMILY_UNSPECIFIED)
{
    return detail::lookup<host_entry, sn_dns_entry>(
        within, [host = std::string(host), family](sn_dns_entry **out, sn_operation *operation) {
            return sn_dns_get_host_entry_async(host.c_str(), family, out, operation);
        });
}

/** Name servers, and how patiently they are asked. Empty stands for the system's. */
class resolver
{
  public:
    resolver() noexcept = default;
    explicit resolver(sn_resolver *owned) noexcept : handle_(owned)
    {
    }

    static result<resolver> create(const sn_resolver_options &options = {})
    {
        return detail::owned<resolver, sn_resolver>(
            [&](sn_resolver **out) { return sn_resolver_create(&options, out); });
    }
    /** That asks one server. */
    static result<resolver> of_server(const endpoint &server)
    {
        sn_resolver_options options{};
        options.servers = &server.raw();
        options.server_count = 1;
        return create(options);
    }

    result<dns_result> resolve(std::string_view name, sn_dns_type type,
                               std::chrono::milliseconds timeout = forever)
    {
        return detail::owned<dns_result, sn_dns_result>([&](sn_dns_result **out) {
            return sn_resolver_resolve(get(), std::string(name).c_str(), type, timeout.count(),
                                       out);
        });
    }
    auto resolve_async(std::string_view name, sn_dns_type type, const limits &within = {})
    {
        return detail::lookup<dns_result, sn_dns_result>(
            within, [raw = get(), name = std::string(name), type](sn_dns_result **out,
                                                                  sn_operation *operation) {
                return sn_resolver_resolve_async(raw, name.c_str(), type, out, operation);
            });
    }
    sn_resolver *get() const noexcept
    {
        return handle_.get();
    }

  private:
    detail::owner<sn_resolver, sn_resolver_release> handle_;
};

} // namespace sennit

#endif
