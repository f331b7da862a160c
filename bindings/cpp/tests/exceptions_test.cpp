/* Exceptions in fibers. A fiber that is in the middle of one waits, and others of its thread throw
 * meanwhile: each has to find its own again. */
#include "check.hpp"

#include <sennit.hpp>

#include <array>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

constexpr int fiber_count = 16, turn_count = 50;

/* Counts those that live: one that is destroyed too early or never is told by it. */
struct trouble : std::runtime_error {
    static inline int living = 0;
    int number;

    explicit trouble(int n) : std::runtime_error("trouble " + std::to_string(n)), number(n)
    {
        ++living;
    }
    trouble(const trouble &other) : std::runtime_error(other), number(other.number)
    {
        ++living;
    }
    trouble &operator=(const trouble &) = delete;
    ~trouble() override
    {
        number = -1;
        --living;
    }
};

void yield()
{
    CHECK(sn_fiber_yield() == SN_OK);
}

bool is_that_of(const std::exception_ptr &caught, int number)
{
    try {
        std::rethrow_exception(caught);
    } catch (const trouble &other) {
        return other.number == number;
    }
}

/* --- What a fiber does ------------------------------------------------------------------------ */

void throws_across_frames(int number)
{
    std::string text = std::to_string(number); /* has to be destroyed by the way */
    yield();
    throw trouble(number);
}

void catches_and_waits(int number)
{
    try {
        throws_across_frames(number);
        CHECK(false); /* it was lost */
    } catch (const trouble &caught) {
        yield();
        CHECK(caught.number == number);
        CHECK(is_that_of(std::current_exception(), number));
        yield();
        CHECK(caught.what() == "trouble " + std::to_string(number));
    }
}

void throws_again(int number)
{
    bool is_caught = false;
    try {
        try {
            throw trouble(number);
        } catch (const trouble &) {
            yield();
            throw;
        }
    } catch (const trouble &caught) {
        yield();
        is_caught = caught.number == number;
    }
    CHECK(is_caught);
}

void handles_one_inside_another(int number)
{
    try {
        throw trouble(number);
    } catch (const trouble &outer) {
        yield();
        catches_and_waits(number + 1000);
        CHECK(outer.number == number);
        CHECK(is_that_of(std::current_exception(), number));
    }
}

/* Waits while the stack is unwound, as one that says farewell to its peer does. */
struct waits_at_its_end {
    int expected;
    ~waits_at_its_end()
    {
        CHECK(std::uncaught_exceptions() == expected);
        yield();
        CHECK(std::uncaught_exceptions() == expected);
    }
};

void waits_while_it_is_unwound(int number)
{
    try {
        waits_at_its_end farewell{1};
        throw trouble(number);
    } catch (const trouble &caught) {
        CHECK(caught.number == number);
    }
    waits_at_its_end quiet{0};
}

void keeps_a_nested_one(int number)
{
    try {
        try {
            throw trouble(number);
        } catch (...) {
            yield();
            std::throw_with_nested(std::logic_error("outer"));
        }
    } catch (const std::logic_error &outer) {
        yield();
        auto nested = dynamic_cast<const std::nested_exception *>(&outer);
        CHECK(nested && is_that_of(nested->nested_ptr(), number));
    }
}

using step = void (*)(int);
constexpr std::array<step, 5> steps{catches_and_waits, throws_again, handles_one_inside_another,
                                    waits_while_it_is_unwound, keeps_a_nested_one};

struct part {
    int number;
    step only; /* nullptr: all of them, each fiber beginning with another one */
};

sn_error play(void *context)
{
    auto &mine = *static_cast<part *>(context);
    for (int i = 0; i < turn_count; i++) {
        step next =
            mine.only ? mine.only : steps[static_cast<size_t>(mine.number + i) % steps.size()];
        next(mine.number);
        CHECK(std::uncaught_exceptions() == 0 && !std::current_exception());
    }
    return SN_OK;
}

void play_together(sn_engine *engine, step only)
{
    std::array<part, fiber_count> parts;
    std::array<sn_fiber *, fiber_count> fibers;
    for (int i = 0; i < fiber_count; i++) {
        auto at = static_cast<size_t>(i);
        parts[at] = {i, only};
        CHECK(sn_fiber_start(engine, play, &parts[at], nullptr, &fibers[at]) == SN_OK);
    }
    for (sn_fiber *fiber : fibers) {
        sn_error result = SN_ERROR_FAULT;
        while (sn_engine_get_thread_count(engine) == 0 && !sn_fiber_is_over(fiber))
            CHECK(sn_engine_run(engine, SN_FOREVER, nullptr) == SN_OK);
        CHECK(sn_fiber_join(fiber, SN_FOREVER, &result) == SN_OK && result == SN_OK);
        sn_fiber_release(fiber);
    }
    CHECK(trouble::living == 0);
}

sn_engine *engine_with(int threads)
{
    sn_engine *engine = nullptr;
    sn_engine_options options{};
    options.threads = threads;
    CHECK(sn_engine_create(&options, &engine) == SN_OK);
    return engine;
}

/* --- Tests ------------------------------------------------------------------------------------ */

void each_fiber_has_exceptions_of_its_own()
{
    for (int threads : {0, 1}) {
        sn_engine *engine = engine_with(threads);
        for (step only : steps)
            play_together(engine, only);
        play_together(engine, nullptr);
        CHECK(sn_engine_destroy(engine) == SN_OK);
    }
}

/* Who drives an engine may be handling one itself: the fibers do not see it, and give it back. */
void who_drives_an_engine_keeps_its_own()
{
    sn_engine *engine = engine_with(0);
    try {
        throw trouble(7);
    } catch (const trouble &caught) {
        part mine{3, nullptr};
        sn_fiber *fiber = nullptr;
        auto body = [](void *context) {
            CHECK(!std::current_exception());
            return play(context);
        };
        CHECK(sn_fiber_start(engine, body, &mine, nullptr, &fiber) == SN_OK);
        while (!sn_fiber_is_over(fiber)) {
            CHECK(sn_engine_run(engine, SN_FOREVER, nullptr) == SN_OK);
            CHECK(is_that_of(std::current_exception(), 7));
        }
        sn_fiber_release(fiber);
        CHECK(caught.number == 7);
    }
    CHECK(sn_engine_destroy(engine) == SN_OK);
    CHECK(trouble::living == 0);
}

/* As out of the function of a thread; other fibers' handlers do not see it. */
sn_error lets_one_out(void *)
{
    yield();
    throw trouble(1);
}

sn_error would_catch(void *)
{
    try {
        for (;;)
            yield();
    } catch (...) {
        _exit(2);
    }
}

[[noreturn]] void be_terminated()
{
    const rlimit none{0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    std::set_terminate([] {
        auto caught = std::current_exception();
        _exit(caught && is_that_of(caught, 1) ? 42 : 3);
    });
    sn_engine *engine = engine_with(0);
    CHECK(sn_fiber_start(engine, would_catch, nullptr, nullptr, nullptr) == SN_OK);
    CHECK(sn_fiber_start(engine, lets_one_out, nullptr, nullptr, nullptr) == SN_OK);
    try {
        for (;;)
            CHECK(sn_engine_run(engine, SN_FOREVER, nullptr) == SN_OK);
    } catch (...) {
        _exit(4); /* it has come through the library */
    }
}

void one_that_leaves_a_fiber_terminates()
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(30);
        be_terminated();
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

} // namespace

int main()
{
    RUN(each_fiber_has_exceptions_of_its_own);
    RUN(who_drives_an_engine_keeps_its_own);
    RUN(one_that_leaves_a_fiber_terminates);
    return 0;
}
