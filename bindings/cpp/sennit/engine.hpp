/** Engines: whose thread a coroutine goes on on. <sennit/engine.h> */
#ifndef SENNIT_ENGINE_HPP
#define SENNIT_ENGINE_HPP

#include <sennit/await.hpp>
#include <sennit/engine.h>

namespace sennit
{

/**
 * An engine of the program's own, with threads or driven by run(). Empty stands for the default
 * one. Its end waits for its threads, and completes what is pending as aborted: not in one of its
 * callbacks, and not before the coroutines that wait in it may go on.
 */
class engine
{
  public:
    engine() noexcept = default;
    explicit engine(sn_engine *owned) noexcept : handle_(owned)
    {
    }

    static result<engine> create(const sn_engine_options &options)
    {
        return detail::owned<engine, sn_engine>(
            [&](sn_engine **out) { return sn_engine_create(&options, out); });
    }
    /** One that the program drives with run(). */
    static result<engine> driven(sn_engine_backend backend = SN_ENGINE_BACKEND_AUTOMATIC)
    {
        sn_engine_options options{};
        options.backend = backend;
        return create(options);
    }
    static result<engine> with_threads(int threads,
                                       sn_engine_backend backend = SN_ENGINE_BACKEND_AUTOMATIC)
    {
        sn_engine_options options{};
        options.threads = threads;
        options.backend = backend;
        return create(options);
    }

    /** Runs what is ready and waits for more: how many operations have completed. */
    result<std::size_t> run(std::chrono::milliseconds timeout = forever)
    {
        std::size_t count = 0;
        sn_error code = sn_engine_run(handle_.get(), timeout.count(), &count);
        return detail::made(code, std::move(count));
    }
    sn_engine_backend backend() const noexcept
    {
        return sn_engine_get_backend(handle_.get());
    }

    /** The coroutine goes on on a thread of the engine. */
    auto schedule() const
    {
        return detail::plain({}, [engine = handle_.get()](sn_operation *operation) {
            return sn_engine_post_async(engine, operation);
        });
    }
    /** The coroutine goes on after a time. */
    auto delay_async(std::chrono::milliseconds delay, const limits &within = {}) const
    {
        return detail::plain(within, [engine = handle_.get(), delay](sn_operation *operation) {
            return sn_engine_delay_async(engine, delay.count(), operation);
        });
    }
    sn_engine *get() const noexcept
    {
        return handle_.get();
    }

  private:
    detail::owner<sn_engine, sn_engine_destroy> handle_;
};

} // namespace sennit

#endif
