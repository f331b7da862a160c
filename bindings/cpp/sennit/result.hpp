/**
 * Errors and results. A class of our own and not std::expected, which C++20 has not: the type of a
 * call must not depend on the standard that a file is compiled with. The names are those of
 * std::expected.
 */
#ifndef SENNIT_RESULT_HPP
#define SENNIT_RESULT_HPP

#include <sennit/error.h>

#include <cassert>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

namespace sennit
{

/** What went wrong: the library's error, and the errno behind it. */
class error
{
  public:
    constexpr explicit error(sn_error code, int native = 0) noexcept : code_(code), native_(native)
    {
    }

    /** What the last failed call of this thread has left. */
    static error last(sn_error code) noexcept
    {
        return error(code, sn_error_last_native());
    }

    constexpr sn_error code() const noexcept
    {
        return code_;
    }
    /** The errno behind it; 0 if there is none. */
    constexpr int native() const noexcept
    {
        return native_;
    }
    /** .NET's name, such as "ConnectionRefused". */
    const char *name() const noexcept
    {
        return sn_error_name(code_);
    }
    /** A sentence that says what happened and what can be done. */
    const char *message() const noexcept
    {
        return sn_error_message(code_);
    }
    /** Whether an accept loop should simply go on. */
    bool is_transient() const noexcept
    {
        return sn_error_is_transient(code_);
    }

    friend constexpr bool operator==(const error &a, sn_error b) noexcept
    {
        return a.code_ == b;
    }
    friend constexpr bool operator==(const error &a, const error &b) noexcept
    {
        return a.code_ == b.code_;
    }

  private:
    sn_error code_;
    int native_;
};

namespace detail
{

class error_category final : public std::error_category
{
  public:
    const char *name() const noexcept override
    {
        return "sennit";
    }
    std::string message(int code) const override
    {
        return sn_error_message(static_cast<sn_error>(code));
    }
};

} // namespace detail

/** The category of std::error_code in which a value is an sn_error. */
inline const std::error_category &category() noexcept
{
    static const detail::error_category one;
    return one;
}

/** An error as the standard library's. */
inline std::error_code make_error_code(const error &reason) noexcept
{
    return std::error_code(static_cast<int>(reason.code()), category());
}

[[noreturn]] inline void throw_error(const error &reason)
{
    throw std::system_error(make_error_code(reason), reason.name());
}

/** A value, or the error in its place. */
template <class T> class [[nodiscard]] result
{
  public:
    result(T value) : content_(std::in_place_index<0>, std::move(value))
    {
    }
    result(sennit::error reason) noexcept : content_(std::in_place_index<1>, reason)
    {
    }

    bool has_value() const noexcept
    {
        return content_.index() == 0;
    }
    explicit operator bool() const noexcept
    {
        return has_value();
    }

    /** The value; throws std::system_error if there is none. */
    T &value() &
    {
        return check(), *std::get_if<0>(&content_);
    }
    const T &value() const &
    {
        return check(), *std::get_if<0>(&content_);
    }
    T &&value() &&
    {
        return check(), std::move(*std::get_if<0>(&content_));
    }

    template <class Other> T value_or(Other &&other) &&
    {
        return has_value() ? std::move(**this) : static_cast<T>(std::forward<Other>(other));
    }

    /** The value, which has to be there. */
    T &operator*() &noexcept
    {
        return assert(has_value()), *std::get_if<0>(&content_);
    }
    const T &operator*() const &noexcept
    {
        return assert(has_value()), *std::get_if<0>(&content_);
    }
    T &&operator*() &&noexcept
    {
        return assert(has_value()), std::move(*std::get_if<0>(&content_));
    }
    T *operator->() noexcept
    {
        return assert(has_value()), std::get_if<0>(&content_);
    }
    const T *operator->() const noexcept
    {
        return assert(has_value()), std::get_if<0>(&content_);
    }

    /** The error; SN_OK where there is a value. */
    sennit::error error() const noexcept
    {
        const sennit::error *reason = std::get_if<1>(&content_);
        return reason ? *reason : sennit::error(SN_OK);
    }

  private:
    void check() const
    {
        if (!has_value())
            throw_error(error());
    }

    std::variant<T, sennit::error> content_;
};

/** Success, or an error. */
template <> class [[nodiscard]] result<void>
{
  public:
    constexpr result() noexcept = default;
    constexpr result(sennit::error reason) noexcept : reason_(reason)
    {
    }

    constexpr bool has_value() const noexcept
    {
        return reason_ == SN_OK;
    }
    constexpr explicit operator bool() const noexcept
    {
        return has_value();
    }
    /** Throws std::system_error unless it is success. */
    void value() const
    {
        if (!has_value())
            throw_error(reason_);
    }
    /** The error; SN_OK for success. */
    constexpr sennit::error error() const noexcept
    {
        return reason_;
    }

  private:
    sennit::error reason_ = sennit::error(SN_OK);
};

namespace detail
{

/* The errno of a failed call is this thread's, so a result is made at once. */
inline result<void> made(sn_error code)
{
    return code ? result<void>(error::last(code)) : result<void>();
}

template <class T> result<T> made(sn_error code, T &&value)
{
    if (code)
        return error::last(code);
    return result<T>(std::forward<T>(value));
}

/* An owner of what the C interface counts or makes: release is the function that gives it back. */
template <auto release> struct releaser {
    template <class T> void operator()(T *object) const noexcept
    {
        (void)release(object);
    }
};

template <class T, auto release> using owner = std::unique_ptr<T, releaser<release>>;

/* What `make` has written, as an owner of type Owner. */
template <class Owner, class Raw, class Make> result<Owner> owned(Make &&make)
{
    Raw *raw = nullptr;
    sn_error code = make(&raw);
    if (code)
        return error::last(code);
    return Owner(raw);
}

} // namespace detail
} // namespace sennit

#endif
