/** Addresses and end points: plain values. <sennit/address.h>, <sennit/endpoint.h> */
#ifndef SENNIT_ADDRESS_HPP
#define SENNIT_ADDRESS_HPP

#include <sennit/endpoint.h>
#include <sennit/result.hpp>

#include <array>
#include <functional>
#include <string>
#include <string_view>

namespace sennit
{

/** An IPv4 or IPv6 address. */
class address
{
  public:
    /** 0.0.0.0 */
    address() noexcept : raw_(SN_IPV4_ANY)
    {
    }
    address(const sn_ip_address &raw) noexcept : raw_(raw)
    {
    }

    static result<address> parse(std::string_view text)
    {
        sn_ip_address raw{};
        sn_error code = sn_ip_address_parse_bytes(text.data(), text.size(), &raw);
        return detail::made(code, address(raw));
    }

    sn_address_family family() const noexcept
    {
        return raw_.family;
    }
    std::string to_string() const
    {
        std::array<char, SN_IP_ADDRESS_TEXT_SIZE> text{};
        return sn_ip_address_format(&raw_, text.data(), text.size()) ? std::string()
                                                                     : std::string(text.data());
    }

    const sn_ip_address &raw() const noexcept
    {
        return raw_;
    }
    friend bool operator==(const address &a, const address &b) noexcept
    {
        return sn_ip_address_equals(&a.raw_, &b.raw_);
    }

  private:
    sn_ip_address raw_;
};

/** Where a socket is bound, connected or sends to. Without a value: none. */
class endpoint
{
  public:
    endpoint() noexcept = default;
    endpoint(const sn_endpoint &raw) noexcept : raw_(raw)
    {
    }

    /** "127.0.0.1:80", "example.org:80", "unix:/path", "vsock:2:80" and more; see
     * sn_endpoint_from_text(). */
    static result<endpoint> parse(std::string_view text)
    {
        return of([text = std::string(text)](sn_endpoint *raw) {
            return sn_endpoint_from_text(text.c_str(), raw, nullptr);
        });
    }
    static result<endpoint> of_ip(const address &host, int port)
    {
        return of([&](sn_endpoint *raw) { return sn_endpoint_from_ip(&host.raw(), port, raw); });
    }
    /** 127.0.0.1; port 0 lets the system choose where it is bound to. */
    static endpoint loopback(std::uint16_t port = 0)
    {
        return *of_ip(address(SN_IPV4_LOOPBACK), port);
    }
    static endpoint loopback_v6(std::uint16_t port = 0)
    {
        return *of_ip(address(SN_IPV6_LOOPBACK), port);
    }
    /** Every address of the machine. */
    static endpoint any(std::uint16_t port = 0)
    {
        return *of_ip(address(SN_IPV4_ANY), port);
    }
    /** A host's name, which a connect looks up. */
    static result<endpoint> of_host(std::string_view host, int port)
    {
        return of([&, host = std::string(host)](sn_endpoint *raw) {
            return sn_endpoint_from_dns(host.c_str(), port, SN_FAMILY_UNSPECIFIED, raw);
        });
    }
    /** The path of a Unix socket's file, or with a NUL in front an abstract name. */
    static result<endpoint> of_path(std::string_view path)
    {
        return of([&](sn_endpoint *raw) {
            return sn_endpoint_from_unix_bytes(path.data(), path.size(), raw);
        });
    }

    explicit operator bool() const noexcept
    {
        return kind() != SN_ENDPOINT_NONE;
    }
    sn_endpoint_kind kind() const noexcept
    {
        return sn_endpoint_get_kind(&raw_);
    }
    sn_address_family family() const noexcept
    {
        return sn_endpoint_get_family(&raw_);
    }
    int port() const noexcept
    {
        return sn_endpoint_get_port(&raw_);
    }
    result<sennit::address> host() const
    {
        sn_ip_address raw{};
        sn_error code = sn_endpoint_get_address(&raw_, &raw);
        return detail::made(code, sennit::address(raw));
    }
    std::string to_string() const
    {
        std::array<char, SN_ENDPOINT_TEXT_SIZE> text{};
        return sn_endpoint_format(&raw_, text.data(), text.size()) ? std::string()
                                                                   : std::string(text.data());
    }

    const sn_endpoint &raw() const noexcept
    {
        return raw_;
    }
    sn_endpoint &raw() noexcept
    {
        return raw_;
    }
    friend bool operator==(const endpoint &a, const endpoint &b) noexcept
    {
        return (!a && !b) || sn_endpoint_equals(&a.raw_, &b.raw_);
    }

  private:
    template <class Make> static result<endpoint> of(Make &&make)
    {
        endpoint made;
        sn_error code = make(&made.raw_);
        return detail::made(code, std::move(made));
    }

    sn_endpoint raw_{};
};

} // namespace sennit

template <> struct std::hash<sennit::endpoint> {
    std::size_t operator()(const sennit::endpoint &one) const noexcept
    {
        return sn_endpoint_hash(&one.raw());
    }
};

#endif
