/** A buffered reader. <sennit/reader.h> */
#ifndef SENNIT_READER_HPP
#define SENNIT_READER_HPP

#include <sennit/socket.hpp>

namespace sennit
{

/** Reads a stream up to delimiters, or so many bytes. One call at a time. */
class reader
{
  public:
    reader() noexcept = default;
    explicit reader(sn_reader *owned) noexcept : handle_(owned)
    {
    }

    /** With memory of its own: the longest part that can be read, with its delimiter. It keeps the
     * socket. */
    static result<reader> create(const socket &stream, std::size_t size)
    {
        return detail::owned<reader, sn_reader>(
            [&](sn_reader **out) { return sn_reader_create(stream.get(), nullptr, size, out); });
    }

    /** Up to a delimiter, which counts. The bytes are in the reader, until its next call. */
    result<std::span<std::byte>> read_until(std::string_view delimiter, std::size_t limit = 0)
    {
        sn_buffer part{};
        sn_error code =
            sn_reader_read_until(get(), delimiter.data(), delimiter.size(), limit, &part);
        return detail::made(code, span_of(part));
    }
    auto read_until_async(std::string_view delimiter, std::size_t limit = 0,
                          const limits &within = {})
    {
        return detail::awaitable<until_verb>(until_verb{get(), std::string(delimiter), limit, {}},
                                             within);
    }
    /** A line without its "\n" or "\r\n". */
    result<std::string_view> read_line(std::size_t limit = 0)
    {
        auto part = read_until("\n", limit);
        if (!part)
            return part.error();
        return line_of(*part);
    }
    result<std::size_t> read_exactly(std::span<std::byte> room)
    {
        std::size_t got = 0;
        sn_error code = sn_reader_read_exactly(get(), room.data(), room.size(), &got);
        return detail::made(code, std::move(got));
    }
    auto read_exactly_async(std::span<std::byte> room, const limits &within = {})
    {
        return detail::counting(within, [raw = get(), room](sn_operation *operation) {
            return sn_reader_read_exactly_async(raw, room.data(), room.size(), operation);
        });
    }
    /** What came and was not read yet. */
    result<std::span<std::byte>> buffered()
    {
        sn_buffer part{};
        sn_error code = sn_reader_get_buffered(get(), &part);
        return detail::made(code, span_of(part));
    }
    result<void> skip(std::size_t size)
    {
        return detail::made(sn_reader_skip(get(), size));
    }
    sn_reader *get() const noexcept
    {
        return handle_.get();
    }

    /** A part that ends with "\n", as the text of its line. */
    static std::string_view line_of(std::span<const std::byte> part) noexcept
    {
        std::string_view text(reinterpret_cast<const char *>(part.data()), part.size());
        if (text.ends_with('\n'))
            text.remove_suffix(1);
        if (text.ends_with('\r'))
            text.remove_suffix(1);
        return text;
    }

  private:
    static std::span<std::byte> span_of(const sn_buffer &part) noexcept
    {
        return {static_cast<std::byte *>(part.data), part.size};
    }

    struct until_verb {
        sn_reader *raw;
        std::string delimiter;
        std::size_t limit;
        sn_buffer part;
        bool start(sn_operation *operation)
        {
            return sn_reader_read_until_async(raw, delimiter.data(), delimiter.size(), limit, &part,
                                              operation);
        }
        result<std::span<std::byte>> finish(sn_operation &operation) const
        {
            if (operation.error)
                return detail::error_of(operation);
            return span_of(part);
        }
    };

    detail::owner<sn_reader, sn_reader_release> handle_;
};

} // namespace sennit

#endif
