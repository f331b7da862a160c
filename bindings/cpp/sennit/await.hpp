/** What a coroutine awaits: one operation, which lives in the coroutine. <sennit/operation.h> */
#ifndef SENNIT_AWAIT_HPP
#define SENNIT_AWAIT_HPP

#include <sennit/operation.h>
#include <sennit/result.hpp>

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <utility>

namespace sennit
{

/** As a time limit: none. */
inline constexpr std::chrono::milliseconds forever{SN_FOREVER};

/** Ends many operations at once, or after a time. <sennit/operation.h> */
class cancellation
{
  public:
    /** Holds nothing: ends nothing. */
    cancellation() noexcept = default;
    explicit cancellation(sn_cancellation *owned) noexcept : handle_(owned)
    {
    }

    static result<cancellation> create()
    {
        return detail::owned<cancellation, sn_cancellation>(sn_cancellation_create);
    }

    void cancel() const noexcept
    {
        sn_cancellation_cancel(handle_.get());
    }
    result<void> cancel_after(std::chrono::milliseconds delay) const
    {
        return detail::made(sn_cancellation_cancel_after(handle_.get(), delay.count()));
    }
    bool is_canceled() const noexcept
    {
        return sn_cancellation_is_canceled(handle_.get());
    }
    /** SN_OK while it is not. */
    error reason() const noexcept
    {
        return error(sn_cancellation_get_reason(handle_.get()));
    }
    sn_cancellation *get() const noexcept
    {
        return handle_.get();
    }

  private:
    detail::owner<sn_cancellation, sn_cancellation_release> handle_;
};

/** While it lives, the handle ends what its thread waits for in blocking calls. It is left by the
 * thread that made it. */
class cancellation_scope
{
  public:
    /** Throws std::system_error for a handle that holds nothing. */
    explicit cancellation_scope(const cancellation &handle)
    {
        detail::made(sn_cancellation_enter(handle.get(), &scope_)).value();
    }
    ~cancellation_scope()
    {
        (void)sn_cancellation_leave(&scope_);
    }
    cancellation_scope(const cancellation_scope &) = delete;
    cancellation_scope &operator=(const cancellation_scope &) = delete;

  private:
    sn_cancellation_scope scope_{};
};

/** What an operation ends with beside its own end. */
struct limits {
    std::chrono::milliseconds timeout{0};      /* 0 and less: none */
    const cancellation *canceled_by = nullptr; /* lives until the operation has completed */
};

namespace detail
{

/*
 * `Verb` has bool start(sn_operation *) and finish(sn_operation &), and what is lent to the
 * operation. Nothing here can be moved: from the start to the callback the library knows where it
 * is.
 */
template <class Verb> class [[nodiscard("co_await starts it")]] awaitable
{
  public:
    awaitable(Verb verb, const limits &within) : verb_(std::move(verb))
    {
        operation_.timeout_ms = within.timeout.count();
        operation_.cancellation = within.canceled_by ? within.canceled_by->get() : nullptr;
    }
    awaitable(const awaitable &) = delete;
    awaitable &operator=(const awaitable &) = delete;

    bool await_ready() const noexcept
    {
        return false;
    }

    /*
     * The callback may run before the start has returned, on another thread, and this object be
     * gone with the coroutine: so nothing of it is touched afterwards, and it must not be inlined.
     * Some compilers keep the variables of an inlined await_suspend() in the coroutine.
     */
    [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> waiter) noexcept
    {
        waiter_ = waiter;
        operation_.context = this;
        operation_.completed = [](sn_operation *operation) {
            static_cast<awaitable *>(operation->context)->waiter_.resume();
        };
        operation_.error = SN_ERROR_INVALID_OPERATION; /* if it were refused */
        return verb_.start(&operation_);
    }

    auto await_resume()
    {
        return verb_.finish(operation_);
    }

  private:
    Verb verb_;
    sn_operation operation_{};
    std::coroutine_handle<> waiter_;
};

inline error error_of(const sn_operation &operation) noexcept
{
    return error(operation.error, operation.native_error);
}

/* Operations with a plain result: Start is called with the operation. */
template <class Start> struct plain_verb {
    Start start;
    result<void> finish(sn_operation &operation) const
    {
        return operation.error ? result<void>(error_of(operation)) : result<void>();
    }
};

template <class Start> struct counting_verb {
    Start start;
    result<std::size_t> finish(sn_operation &operation) const
    {
        return operation.error ? result<std::size_t>(error_of(operation))
                               : result<std::size_t>(operation.transferred);
    }
};

template <class Start> auto plain(const limits &within, Start start)
{
    return awaitable<plain_verb<Start>>(plain_verb<Start>{std::move(start)}, within);
}

template <class Start> auto counting(const limits &within, Start start)
{
    return awaitable<counting_verb<Start>>(counting_verb<Start>{std::move(start)}, within);
}

} // namespace detail
} // namespace sennit

#endif
