/** A connection as a stream. <sennit/stream.h> */
#ifndef SENNIT_STREAM_HPP
#define SENNIT_STREAM_HPP

#include <sennit/socket.hpp>

namespace sennit
{

/** NetworkStream: a connected socket that is read and written. */
class network_stream
{
  public:
    network_stream() noexcept = default;
    explicit network_stream(sn_network_stream *owned) noexcept : handle_(owned)
    {
    }

    /** A stream of a socket; with `owns` its close closes the socket. Both keep a reference of it.
     */
    static result<network_stream> create(const socket &connected, bool owns,
                                         sn_file_access access = SN_FILE_ACCESS_READ_WRITE)
    {
        return detail::owned<network_stream, sn_network_stream>([&](sn_network_stream **out) {
            return sn_network_stream_create(connected.get(), access, owns, out);
        });
    }

    void close() noexcept
    {
        sn_network_stream_close(get());
    }
    /** What is there, at least 1 byte; 0 at the end. */
    result<std::size_t> read(std::span<std::byte> room)
    {
        std::size_t got = 0;
        sn_error code = sn_network_stream_read(get(), room.data(), room.size(), &got);
        return detail::made(code, std::move(got));
    }
    auto read_async(std::span<std::byte> room, const limits &within = {})
    {
        return detail::counting(within, [raw = get(), room](sn_operation *operation) {
            return sn_network_stream_read_async(raw, room.data(), room.size(), operation);
        });
    }
    result<std::size_t> read_exactly(std::span<std::byte> room)
    {
        std::size_t got = 0;
        sn_error code = sn_network_stream_read_exactly(get(), room.data(), room.size(), &got);
        return detail::made(code, std::move(got));
    }
    auto read_exactly_async(std::span<std::byte> room, const limits &within = {})
    {
        return detail::counting(within, [raw = get(), room](sn_operation *operation) {
            return sn_network_stream_read_exactly_async(raw, room.data(), room.size(), operation);
        });
    }
    /** All of it. */
    result<void> write(std::span<const std::byte> data)
    {
        return detail::made(sn_network_stream_write(get(), data.data(), data.size()));
    }
    result<void> write(std::string_view text)
    {
        return write(bytes(text));
    }
    auto write_async(std::span<const std::byte> data, const limits &within = {})
    {
        return detail::plain(within, [raw = get(), data](sn_operation *operation) {
            return sn_network_stream_write_async(raw, data.data(), data.size(), operation);
        });
    }
    sn_network_stream *get() const noexcept
    {
        return handle_.get();
    }

  private:
    detail::owner<sn_network_stream, sn_network_stream_release> handle_;
};

} // namespace sennit

#endif
