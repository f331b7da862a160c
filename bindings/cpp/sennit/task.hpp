/** Coroutines that return a value, and how the rest of a program starts them and waits for them. */
#ifndef SENNIT_TASK_HPP
#define SENNIT_TASK_HPP

#include <sennit/engine.hpp>

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace sennit
{

template <class T = void> class task;

namespace detail
{

/* What a coroutine has ended with. */
template <class T> class outcome
{
  public:
    template <class Value> void return_value(Value &&value)
    {
        value_.emplace(std::forward<Value>(value));
    }
    void unhandled_exception() noexcept
    {
        exception_ = std::current_exception();
    }
    T take()
    {
        if (exception_)
            std::rethrow_exception(std::exchange(exception_, nullptr));
        return std::move(*value_);
    }

  private:
    std::optional<T> value_;
    std::exception_ptr exception_;
};

template <> class outcome<void>
{
  public:
    void return_void() noexcept
    {
    }
    void unhandled_exception() noexcept
    {
        exception_ = std::current_exception();
    }
    void take()
    {
        if (exception_)
            std::rethrow_exception(std::exchange(exception_, nullptr));
    }

  private:
    std::exception_ptr exception_;
};

template <class T> struct task_promise : outcome<T> {
    struct finisher {
        bool await_ready() const noexcept
        {
            return false;
        }
        /* Handed on and not called, so that the stack stays flat however long a chain of tasks is.
         */
        std::coroutine_handle<>
        await_suspend(std::coroutine_handle<task_promise> ended) const noexcept
        {
            return ended.promise().waiter;
        }
        void await_resume() const noexcept
        {
        }
    };

    task<T> get_return_object() noexcept;
    std::suspend_always initial_suspend() const noexcept
    {
        return {};
    }
    finisher final_suspend() const noexcept
    {
        return {};
    }

    std::coroutine_handle<> waiter = std::noop_coroutine();
};

/* A coroutine that nobody waits for: it owns itself. */
struct detached {
    struct promise_type {
        detached get_return_object() const noexcept
        {
            return {};
        }
        std::suspend_never initial_suspend() const noexcept
        {
            return {};
        }
        std::suspend_never final_suspend() const noexcept
        {
            return {};
        }
        void return_void() const noexcept
        {
        }
        [[noreturn]] void unhandled_exception() const noexcept
        {
            std::terminate();
        }
    };
};

} // namespace detail

/**
 * A coroutine that returns a T. It begins when it is awaited, once; one that never is does nothing.
 * An exception comes out of the co_await.
 *
 * A task that has begun cannot be destroyed before its end, since whoever awaits it is suspended
 * that long: so what its operations were lent stays.
 */
template <class T> class [[nodiscard("a task begins when it is awaited")]] task
{
  public:
    using promise_type = detail::task_promise<T>;

    task(task && other) noexcept : handle_(std::exchange(other.handle_, nullptr))
    {
    }
    task &operator=(task &&other) noexcept
    {
        if (this != &other) {
            if (handle_)
                handle_.destroy();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~task()
    {
        if (handle_)
            handle_.destroy();
    }

    auto operator co_await() &&noexcept
    {
        struct awaiter {
            std::coroutine_handle<promise_type> handle;
            bool await_ready() const noexcept
            {
                return false;
            }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) const noexcept
            {
                handle.promise().waiter = waiter;
                return handle;
            }
            T await_resume() const
            {
                return handle.promise().take();
            }
        };
        assert(handle_ && !handle_.done());
        return awaiter{handle_};
    }

  private:
    friend promise_type;
    explicit task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle)
    {
    }

    std::coroutine_handle<promise_type> handle_;
};

template <class T> task<T> detail::task_promise<T>::get_return_object() noexcept
{
    return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}

/** Begins a task that nobody waits for. An exception that it lets out ends the program, as one of a
 * thread does. */
inline void spawn(task<> work)
{
    [](task<> inner) -> detail::detached { co_await std::move(inner); }(std::move(work));
}

namespace detail
{

/* Awaits the work into `into`, and says so; after that nothing of the caller's is touched. */
template <class T, class Done> detached finish_into(task<T> work, outcome<T> &into, Done done)
{
    try {
        task<T> inner =
            std::move(work); /* its end, and that of its arguments, comes before the word of it */
        if constexpr (std::is_void_v<T>)
            co_await std::move(inner);
        else
            into.return_value(co_await std::move(inner));
    } catch (...) {
        into.unhandled_exception();
    }
    done();
}

} // namespace detail

/**
 * Begins a task and blocks the thread until it has ended: its value, or its exception. Not on an
 * engine's thread, which would wait for itself.
 */
template <class T> T sync_wait(task<T> work)
{
    detail::outcome<T> outcome;
    std::mutex mutex;
    std::condition_variable changed;
    bool is_done = false;
    detail::finish_into(std::move(work), outcome, [&] {
        std::lock_guard lock(mutex); /* kept while it notifies: then all of this is still there */
        is_done = true;
        changed.notify_all();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_done; });
    return outcome.take();
}

/**
 * Begins a task and drives an engine until it has ended. The task's sockets use that engine
 * (socket::set_engine()). Where the engine cannot be run, because another thread drives it say,
 * std::terminate(): the task could never end.
 */
template <class T> T sync_wait(engine &driven, task<T> work)
{
    detail::outcome<T> outcome;
    bool is_done = false;
    detail::finish_into(std::move(work), outcome, [&] { is_done = true; });
    while (!is_done) {
        auto ran = driven.run();
        if (!ran && ran.error() != error(SN_ERROR_INTERRUPTED))
            std::terminate();
    }
    return outcome.take();
}

/**
 * Tasks that run side by side, and are waited for together. Awaited to its end before it is
 * destroyed; else std::terminate(), as with a thread that was not joined.
 */
class task_group
{
  public:
    task_group() noexcept = default;
    task_group(const task_group &) = delete;
    task_group &operator=(const task_group &) = delete;
    ~task_group()
    {
        if (pending_.load(std::memory_order_acquire) != 1)
            std::terminate();
    }

    /** Begins a task, on this thread until it first waits. Any thread that is inside one of its
     * tasks, or its owner. */
    void spawn(task<> work)
    {
        pending_.fetch_add(1, std::memory_order_relaxed);
        [](task_group &group, task<> started) -> detail::detached {
            try {
                task<> inner = std::move(started); /* as in finish_into() */
                co_await std::move(inner);
            } catch (...) {
                group.note(std::current_exception());
            }
            group.leave();
        }(*this, std::move(work));
    }

    /** Waits for all of them; throws the first exception that one has let out. */
    auto join() noexcept
    {
        struct awaiter {
            task_group &group;
            bool await_ready() const noexcept
            {
                return false;
            }
            /* Not inlined for the reason that stands in await.hpp. */
            [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> waiter) const noexcept
            {
                group.waiter_ = waiter;
                return group.pending_.fetch_sub(1, std::memory_order_acq_rel) != 1;
            }
            void await_resume() const
            {
                group.pending_.store(1, std::memory_order_relaxed);
                if (group.exception_)
                    std::rethrow_exception(std::exchange(group.exception_, nullptr));
            }
        };
        return awaiter{*this};
    }

  private:
    void note(std::exception_ptr thrown)
    {
        std::lock_guard lock(mutex_);
        if (!exception_)
            exception_ = std::move(thrown);
    }
    void leave() noexcept
    {
        if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            waiter_.resume();
    }

    std::atomic<std::size_t> pending_{1}; /* one for whoever joins */
    std::coroutine_handle<> waiter_;
    std::mutex mutex_;
    std::exception_ptr exception_;
};

} // namespace sennit

#endif
