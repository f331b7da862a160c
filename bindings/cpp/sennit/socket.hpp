/** The socket. <sennit/socket.h>, <sennit/connect.h>, <sennit/transfer.h>, <sennit/receive.h> and
 * others */
#ifndef SENNIT_SOCKET_HPP
#define SENNIT_SOCKET_HPP

#include <sennit.h>
#include <sennit/address.hpp>
#include <sennit/await.hpp>
#include <sennit/engine.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sennit
{

/** The bytes of a text, to be sent. */
inline std::span<const std::byte> bytes(std::string_view text) noexcept
{
    return std::as_bytes(std::span(text.data(), text.size()));
}

/** One datagram that came, but for its bytes. */
struct datagram {
    std::size_t size = 0; /* bytes */
    endpoint from;
};

/** A socket. Any call from any thread; the object itself is one thread's while it is moved or
 * destroyed. */
class socket
{
  public:
    /** Holds nothing. */
    socket() noexcept = default;
    /** Adopts a reference. */
    explicit socket(sn_socket *owned) noexcept : handle_(owned)
    {
    }

    static result<socket> create(sn_address_family family, sn_socket_type type = SN_TYPE_STREAM,
                                 sn_protocol_type protocol = SN_PROTOCOL_UNSPECIFIED)
    {
        return of([&](sn_socket **out) { return sn_socket_create(family, type, protocol, out); });
    }
    /** IPv6 and IPv4 with one socket. */
    static result<socket> dual_mode(sn_socket_type type = SN_TYPE_STREAM,
                                    sn_protocol_type protocol = SN_PROTOCOL_UNSPECIFIED)
    {
        return of([&](sn_socket **out) { return sn_socket_create_dual_mode(type, protocol, out); });
    }
    static result<std::pair<socket, socket>> pair(sn_socket_type type = SN_TYPE_STREAM)
    {
        std::array<sn_socket *, 2> made{};
        sn_error code = sn_socket_pair(type, made.data());
        return detail::made(code, std::pair(socket(made[0]), socket(made[1])));
    }
    /** Adopts a descriptor, if `owns` and on success only. */
    static result<socket> from_handle(sn_handle handle, bool owns = true)
    {
        return of([&](sn_socket **out) { return sn_socket_from_handle(handle, owns, out); });
    }
    /** Made for a text such as "example.org:80" or "unix:/run/x", and connected; blocking. */
    static result<socket> connected(std::string_view text)
    {
        return of([text = std::string(text)](sn_socket **out) {
            return sn_socket_open_connected(text.c_str(), nullptr, nullptr, out);
        });
    }
    /** Made for a text such as "*:80", bound, and listening where its kind can. */
    static result<socket> listening(std::string_view text, int backlog = 128)
    {
        return of([&, text = std::string(text)](sn_socket **out) {
            return sn_socket_open_listening(text.c_str(), backlog, nullptr, nullptr, out);
        });
    }

    /** Another owner of the same socket. */
    socket share() const noexcept
    {
        return socket(sn_socket_retain(get()));
    }
    /** A second socket for the same open file. */
    result<socket> duplicate() const
    {
        return of([&](sn_socket **out) { return sn_socket_duplicate(get(), out); });
    }
    sn_socket *get() const noexcept
    {
        return handle_.get();
    }
    /** Gives the reference away. */
    sn_socket *release() noexcept
    {
        return handle_.release();
    }
    explicit operator bool() const noexcept
    {
        return handle_ != nullptr;
    }

    /** Ends what is blocked or pending, and closes. The object stays, for other threads to find it
     * closed. */
    void close() noexcept
    {
        sn_socket_close(get());
    }
    /** Completes when everything is over. */
    auto close_async(const limits &within = {})
    {
        return detail::plain(within, [raw = get()](sn_operation *operation) {
            return sn_socket_close_async(raw, operation);
        });
    }
    /** Ends what is blocked or pending; the socket stays as it is. */
    void cancel() noexcept
    {
        sn_socket_cancel(get());
    }
    result<sn_handle> detach(bool blocking)
    {
        sn_handle handle = SN_HANDLE_NONE;
        sn_error code = sn_socket_detach(get(), blocking, &handle);
        return detail::made(code, std::move(handle));
    }

    /* --- What it is
     * --------------------------------------------------------------------------------- */

    sn_handle native_handle() noexcept
    {
        return sn_socket_get_handle(get());
    }
    sn_address_family family() const noexcept
    {
        return sn_socket_get_address_family(get());
    }
    sn_socket_type type() const noexcept
    {
        return sn_socket_get_socket_type(get());
    }
    bool is_connected() const noexcept
    {
        return sn_socket_is_connected(get());
    }
    result<endpoint> local_endpoint() const
    {
        return end(sn_socket_get_local_endpoint);
    }
    result<endpoint> remote_endpoint() const
    {
        return end(sn_socket_get_remote_endpoint);
    }
    result<std::size_t> available() const
    {
        std::size_t size = 0;
        sn_error code = sn_socket_get_available(get(), &size);
        return detail::made(code, std::move(size));
    }

    /* --- Settings
     * ----------------------------------------------------------------------------------- */

    result<void> set_engine(const engine &one)
    {
        return detail::made(sn_socket_set_engine(get(), one.get()));
    }
    result<void> set_blocking(bool value)
    {
        return detail::made(sn_socket_set_blocking(get(), value));
    }
    result<void> set_no_delay(bool value)
    {
        return detail::made(sn_socket_set_no_delay(get(), value));
    }
    result<void> set_receive_timeout(std::chrono::milliseconds limit)
    {
        return detail::made(sn_socket_set_receive_timeout(get(), limit.count()));
    }
    result<void> set_send_timeout(std::chrono::milliseconds limit)
    {
        return detail::made(sn_socket_set_send_timeout(get(), limit.count()));
    }
    result<void> set_connect_timeout(std::chrono::milliseconds limit)
    {
        return detail::made(sn_socket_set_connect_timeout(get(), limit.count()));
    }
    result<void> set_option(sn_option_level level, sn_option_name name, int value)
    {
        return detail::made(sn_socket_set_option(get(), level, name, value));
    }
    result<int> option(sn_option_level level, sn_option_name name) const
    {
        int value = 0;
        sn_error code = sn_socket_get_option(get(), level, name, &value);
        return detail::made(code, std::move(value));
    }

    /* --- Connections
     * -------------------------------------------------------------------------------- */

    result<void> bind(const endpoint &local)
    {
        return detail::made(sn_socket_bind(get(), &local.raw()));
    }
    result<void> listen(int backlog = 128)
    {
        return detail::made(sn_socket_listen(get(), backlog));
    }
    result<socket> accept()
    {
        return of([&](sn_socket **out) { return sn_socket_accept(get(), out); });
    }
    auto accept_async(const limits &within = {})
    {
        return detail::awaitable<accept_verb>(accept_verb{get()}, within);
    }
    result<void> connect(const endpoint &remote)
    {
        return detail::made(sn_socket_connect(get(), &remote.raw()));
    }
    auto connect_async(const endpoint &remote, const limits &within = {})
    {
        return detail::plain(within, [raw = get(), remote](sn_operation *operation) {
            return sn_socket_connect_async(raw, &remote.raw(), operation);
        });
    }
    result<void> connect(std::string_view host, int port)
    {
        return detail::made(sn_socket_connect_host(get(), std::string(host).c_str(), port));
    }
    auto connect_async(std::string_view host, int port, const limits &within = {})
    {
        return detail::plain(
            within, [raw = get(), host = std::string(host), port](sn_operation *operation) {
                return sn_socket_connect_host_async(raw, host.c_str(), port, operation);
            });
    }
    result<void> shutdown(sn_shutdown how = SN_SHUTDOWN_BOTH)
    {
        return detail::made(sn_socket_shutdown(get(), how));
    }

    /* --- Sending
     * ------------------------------------------------------------------------------------ */

    /** On a blocking stream all of it. After an error the bytes that have gone are not told: the C
     * function does. */
    result<std::size_t> send(std::span<const std::byte> data, sn_flags flags = SN_FLAG_NONE)
    {
        std::size_t sent = 0;
        sn_error code = sn_socket_send(get(), data.data(), data.size(), flags, &sent);
        return detail::made(code, std::move(sent));
    }
    result<std::size_t> send(std::string_view text, sn_flags flags = SN_FLAG_NONE)
    {
        return send(bytes(text), flags);
    }
    auto send_async(std::span<const std::byte> data, const limits &within = {},
                    sn_flags flags = SN_FLAG_NONE)
    {
        return detail::counting(within, [raw = get(), data, flags](sn_operation *operation) {
            return sn_socket_send_async(raw, data.data(), data.size(), flags, operation);
        });
    }
    auto send_async(std::string_view text, const limits &within = {}, sn_flags flags = SN_FLAG_NONE)
    {
        return send_async(bytes(text), within, flags);
    }
    result<std::size_t> send_to(std::span<const std::byte> data, const endpoint &to,
                                sn_flags flags = SN_FLAG_NONE)
    {
        std::size_t sent = 0;
        sn_error code = sn_socket_send_to(get(), data.data(), data.size(), flags, &to.raw(), &sent);
        return detail::made(code, std::move(sent));
    }
    auto send_to_async(std::span<const std::byte> data, const endpoint &to,
                       const limits &within = {}, sn_flags flags = SN_FLAG_NONE)
    {
        return detail::counting(within, [raw = get(), data, to, flags](sn_operation *operation) {
            return sn_socket_send_to_async(raw, data.data(), data.size(), flags, &to.raw(),
                                           operation);
        });
    }

    /* --- Receiving
     * ---------------------------------------------------------------------------------- */

    /** Of a stream what is there, and 0 at its end; of datagrams one. */
    result<std::size_t> receive(std::span<std::byte> room, sn_flags flags = SN_FLAG_NONE)
    {
        std::size_t got = 0;
        sn_error code = sn_socket_receive(get(), room.data(), room.size(), flags, &got);
        return detail::made(code, std::move(got));
    }
    auto receive_async(std::span<std::byte> room, const limits &within = {},
                       sn_flags flags = SN_FLAG_NONE)
    {
        return detail::counting(within, [raw = get(), room, flags](sn_operation *operation) {
            return sn_socket_receive_async(raw, room.data(), room.size(), flags, operation);
        });
    }
    /** Until the room is full; SN_ERROR_END_OF_STREAM where the stream ends before. */
    result<std::size_t> receive_exactly(std::span<std::byte> room)
    {
        std::size_t got = 0;
        sn_error code = sn_socket_receive_exactly(get(), room.data(), room.size(), &got);
        return detail::made(code, std::move(got));
    }
    auto receive_exactly_async(std::span<std::byte> room, const limits &within = {})
    {
        return detail::counting(within, [raw = get(), room](sn_operation *operation) {
            return sn_socket_receive_exactly_async(raw, room.data(), room.size(), operation);
        });
    }
    /** One datagram, and who sent it; what does not fit is lost. */
    result<datagram> receive_from(std::span<std::byte> room, sn_flags flags = SN_FLAG_NONE)
    {
        datagram one{};
        sn_error code = sn_socket_receive_from(get(), room.data(), room.size(), flags,
                                               &one.from.raw(), &one.size);
        return detail::made(code, std::move(one));
    }
    auto receive_from_async(std::span<std::byte> room, const limits &within = {},
                            sn_flags flags = SN_FLAG_NONE)
    {
        return detail::awaitable<receive_from_verb>(receive_from_verb{get(), room, flags, {}},
                                                    within);
    }

  private:
    struct accept_verb {
        sn_socket *raw;
        bool start(sn_operation *operation) const
        {
            return sn_socket_accept_async(raw, nullptr, operation);
        }
        result<socket> finish(sn_operation &operation) const
        {
            if (operation.error)
                return detail::error_of(operation);
            return socket(operation.socket);
        }
    };
    struct receive_from_verb {
        sn_socket *raw;
        std::span<std::byte> room;
        sn_flags flags;
        endpoint from;
        bool start(sn_operation *operation)
        {
            return sn_socket_receive_from_async(raw, room.data(), room.size(), flags, &from.raw(),
                                                operation);
        }
        result<datagram> finish(sn_operation &operation) const
        {
            if (operation.error)
                return detail::error_of(operation);
            return datagram{operation.transferred, from};
        }
    };

    template <class Make> static result<socket> of(Make &&make)
    {
        return detail::owned<socket, sn_socket>(std::forward<Make>(make));
    }
    template <class Get> result<endpoint> end(Get ask) const
    {
        endpoint one;
        sn_error code = ask(get(), &one.raw());
        return detail::made(code, std::move(one));
    }

    detail::owner<sn_socket, sn_socket_release> handle_;
};

} // namespace sennit

#endif
