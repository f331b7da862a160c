/** TcpClient, TcpListener, UdpClient. <sennit/tcp.h>, <sennit/udp.h> */
#ifndef SENNIT_CLIENTS_HPP
#define SENNIT_CLIENTS_HPP

#include <sennit/stream.hpp>

namespace sennit
{

/** TcpClient: a connection to a host. */
class tcp_client
{
  public:
    tcp_client() noexcept = default;
    explicit tcp_client(sn_tcp_client *owned) noexcept : handle_(owned)
    {
    }

    /** Not connected yet; for IPv6 and IPv4 unless a family is given. */
    static result<tcp_client> create(sn_address_family family = SN_FAMILY_UNSPECIFIED)
    {
        return of([&](sn_tcp_client **out) { return sn_tcp_client_create(family, out); });
    }
    static result<tcp_client> connected(std::string_view host, int port)
    {
        return of([&, host = std::string(host)](sn_tcp_client **out) {
            return sn_tcp_client_create_connected(host.c_str(), port, out);
        });
    }
    /** Of a connected socket, which it owns from then on; after an error it is released. */
    static result<tcp_client> from_socket(socket connected)
    {
        auto made = of(
            [&](sn_tcp_client **out) { return sn_tcp_client_from_socket(connected.get(), out); });
        if (made)
            (void)connected.release();
        return made;
    }

    void close() noexcept
    {
        sn_tcp_client_close(get());
    }
    result<void> connect(const endpoint &remote)
    {
        return detail::made(sn_tcp_client_connect(get(), &remote.raw()));
    }
    auto connect_async(const endpoint &remote, const limits &within = {})
    {
        return detail::plain(within, [raw = get(), remote](sn_operation *operation) {
            return sn_tcp_client_connect_async(raw, &remote.raw(), operation);
        });
    }
    result<void> connect(std::string_view host, int port)
    {
        return detail::made(sn_tcp_client_connect_host(get(), std::string(host).c_str(), port));
    }
    auto connect_async(std::string_view host, int port, const limits &within = {})
    {
        return detail::plain(
            within, [raw = get(), host = std::string(host), port](sn_operation *operation) {
                return sn_tcp_client_connect_host_async(raw, host.c_str(), port, operation);
            });
    }
    /** The connection as a stream: another owner of the client's own one. */
    result<network_stream> stream()
    {
        return detail::owned<network_stream, sn_network_stream>([&](sn_network_stream **out) {
            sn_error code = sn_tcp_client_get_stream(get(), out);
            if (!code)
                (void)sn_network_stream_retain(*out);
            return code;
        });
    }
    /** Another owner of its socket; empty once closed. */
    result<socket> client_socket()
    {
        return detail::owned<socket, sn_socket>([&](sn_socket **out) {
            sn_error code = sn_tcp_client_get_socket(get(), out);
            if (!code)
                (void)sn_socket_retain(*out);
            return code;
        });
    }
    bool is_connected() const noexcept
    {
        return sn_tcp_client_is_connected(get());
    }
    sn_tcp_client *get() const noexcept
    {
        return handle_.get();
    }

  private:
    template <class Make> static result<tcp_client> of(Make &&make)
    {
        return detail::owned<tcp_client, sn_tcp_client>(std::forward<Make>(make));
    }

    detail::owner<sn_tcp_client, sn_tcp_client_release> handle_;
};

/** TcpListener: takes connections. */
class tcp_listener
{
  public:
    tcp_listener() noexcept = default;
    explicit tcp_listener(sn_tcp_listener *owned) noexcept : handle_(owned)
    {
    }

    /** Not started yet. */
    static result<tcp_listener> create(const endpoint &local)
    {
        return of([&](sn_tcp_listener **out) { return sn_tcp_listener_create(&local.raw(), out); });
    }
    /** For IPv6 and IPv4 on all addresses. */
    static result<tcp_listener> dual_mode(int port)
    {
        return of(
            [&](sn_tcp_listener **out) { return sn_tcp_listener_create_dual_mode(port, out); });
    }

    result<void> start(int backlog = 128)
    {
        return detail::made(sn_tcp_listener_start(get(), backlog));
    }
    void stop() noexcept
    {
        sn_tcp_listener_stop(get());
    }
    result<endpoint> local_endpoint() const
    {
        endpoint one;
        sn_error code = sn_tcp_listener_get_local_endpoint(get(), &one.raw());
        return detail::made(code, std::move(one));
    }
    result<tcp_client> accept()
    {
        return detail::owned<tcp_client, sn_tcp_client>(
            [&](sn_tcp_client **out) { return sn_tcp_listener_accept_tcp_client(get(), out); });
    }
    auto accept_async(const limits &within = {})
    {
        return detail::awaitable<accept_verb>(accept_verb{get()}, within);
    }
    sn_tcp_listener *get() const noexcept
    {
        return handle_.get();
    }

  private:
    struct accept_verb {
        sn_tcp_listener *raw;
        bool start(sn_operation *operation) const
        {
            return sn_tcp_listener_accept_tcp_client_async(raw, operation);
        }
        result<tcp_client> finish(sn_operation &operation) const
        {
            if (operation.error)
                return detail::error_of(operation);
            return tcp_client::from_socket(socket(operation.socket));
        }
    };

    template <class Make> static result<tcp_listener> of(Make &&make)
    {
        return detail::owned<tcp_listener, sn_tcp_listener>(std::forward<Make>(make));
    }

    detail::owner<sn_tcp_listener, sn_tcp_listener_release> handle_;
};

/** UdpClient: sends and receives datagrams. */
class udp_client
{
  public:
    udp_client() noexcept = default;
    explicit udp_client(sn_udp_client *owned) noexcept : handle_(owned)
    {
    }

    static result<udp_client> create(sn_address_family family = SN_FAMILY_IPV4)
    {
        return of([&](sn_udp_client **out) { return sn_udp_client_create(family, out); });
    }
    static result<udp_client> bound(const endpoint &local)
    {
        return of(
            [&](sn_udp_client **out) { return sn_udp_client_create_bound(&local.raw(), out); });
    }

    void close() noexcept
    {
        sn_udp_client_close(get());
    }
    result<void> connect(const endpoint &remote)
    {
        return detail::made(sn_udp_client_connect(get(), &remote.raw()));
    }
    /** To an end point, or to the peer of a connected client. */
    result<std::size_t> send(std::span<const std::byte> data, const endpoint &to = {})
    {
        std::size_t sent = 0;
        sn_error code =
            sn_udp_client_send(get(), data.data(), data.size(), to ? &to.raw() : nullptr, &sent);
        return detail::made(code, std::move(sent));
    }
    auto send_async(std::span<const std::byte> data, const endpoint &to = {},
                    const limits &within = {})
    {
        return detail::counting(within, [raw = get(), data, to](sn_operation *operation) {
            return sn_udp_client_send_async(raw, data.data(), data.size(), to ? &to.raw() : nullptr,
                                            operation);
        });
    }
    result<datagram> receive(std::span<std::byte> room)
    {
        datagram one{};
        sn_error code =
            sn_udp_client_receive(get(), room.data(), room.size(), &one.from.raw(), &one.size);
        return detail::made(code, std::move(one));
    }
    auto receive_async(std::span<std::byte> room, const limits &within = {})
    {
        return detail::awaitable<receive_verb>(receive_verb{get(), room, {}}, within);
    }
    /** Another owner of its socket; empty once closed. */
    socket client_socket() const noexcept
    {
        return socket(sn_socket_retain(sn_udp_client_get_socket(get())));
    }
    sn_udp_client *get() const noexcept
    {
        return handle_.get();
    }

  private:
    struct receive_verb {
        sn_udp_client *raw;
        std::span<std::byte> room;
        endpoint from;
        bool start(sn_operation *operation)
        {
            return sn_udp_client_receive_async(raw, room.data(), room.size(), &from.raw(),
                                               operation);
        }
        result<datagram> finish(sn_operation &operation) const
        {
            if (operation.error)
                return detail::error_of(operation);
            return datagram{operation.transferred, from};
        }
    };

    template <class Make> static result<udp_client> of(Make &&make)
    {
        return detail::owned<udp_client, sn_udp_client>(std::forward<Make>(make));
    }

    detail::owner<sn_udp_client, sn_udp_client_release> handle_;
};

} // namespace sennit

#endif
