/* Coroutines on an engine with threads and on a driven one; SENNIT_ENGINE chooses the back-end. */
#include "check.hpp"

#include <sennit.hpp>

#include <array>
#include <atomic>
#include <cstring>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using sennit::task;

static constexpr int connection_count = 20;
static constexpr int round_count = 50;

static task<> echo(sennit::socket connection)
{
    std::array<std::byte, 4096> room;
    for (;;) {
        auto got = (co_await connection.receive_async(room)).value();
        if (got == 0)
            co_return;
        CHECK((co_await connection.send_async(std::span(room).first(got))).value() == got);
    }
}

static task<> serve(sennit::socket &listener, sennit::task_group &group)
{
    for (int i = 0; i < connection_count; i++)
        group.spawn(echo((co_await listener.accept_async()).value()));
}

static task<int> converse(const sennit::engine &engine, const sennit::endpoint where)
{
    auto client = sennit::socket::create(SN_FAMILY_IPV4).value();
    client.set_engine(engine).value();
    (co_await client.connect_async(where)).value();
    std::array<std::byte, 8> room;
    for (int i = 0; i < round_count; i++) {
        CHECK((co_await client.send_async("12345678")).value() == room.size());
        CHECK((co_await client.receive_exactly_async(room)).value() == room.size());
        CHECK(std::memcmp(room.data(), "12345678", room.size()) == 0);
    }
    co_return round_count;
}

static task<> count(const sennit::engine &engine, const sennit::endpoint where,
                    std::atomic<int> &total)
{
    total += co_await converse(engine, where);
}

static task<int> exchange(const sennit::engine &engine)
{
    auto listener = sennit::socket::listening("127.0.0.1:0").value();
    listener.set_engine(engine).value();
    auto where = listener.local_endpoint().value();
    std::atomic<int> total{0};
    sennit::task_group group;
    group.spawn(serve(listener, group));
    for (int i = 0; i < connection_count; i++)
        group.spawn(count(engine, where, total));
    co_await group.join();
    co_return total.load();
}

static void echoes_come_back_on_an_engine_with_threads()
{
    auto engine = sennit::engine::with_threads(2).value();
    CHECK(sennit::sync_wait(exchange(engine)) == connection_count * round_count);
}

static void echoes_come_back_on_a_driven_engine()
{
    auto engine = sennit::engine::driven().value();
    CHECK(sennit::sync_wait(engine, exchange(engine)) == connection_count * round_count);
}

static void echoes_come_back_on_the_default_engine()
{
    CHECK(sennit::sync_wait(exchange(sennit::engine())) == connection_count * round_count);
}

static task<sennit::error> receive_one(sennit::socket &socket, sennit::limits within)
{
    std::byte one;
    co_return (co_await socket.receive_async({&one, 1}, within)).error();
}

static task<> note(sennit::socket &socket, sennit::limits within, sennit::error &seen)
{
    seen = co_await receive_one(socket, within);
}

static task<> cancel_it(sennit::socket &socket)
{
    auto ending = sennit::cancellation::create().value();
    sennit::error seen(SN_OK);
    sennit::task_group group;
    group.spawn(note(socket, {.canceled_by = &ending}, seen));
    ending.cancel();
    co_await group.join();
    CHECK(seen == SN_ERROR_OPERATION_CANCELED);
    CHECK(co_await receive_one(socket, {.canceled_by = &ending}) == SN_ERROR_OPERATION_CANCELED);
    CHECK(co_await receive_one(socket, {.timeout = 1ms}) == SN_ERROR_TIMED_OUT);
}

static task<> close_it(sennit::socket &socket)
{
    sennit::error seen(SN_OK);
    sennit::task_group group;
    group.spawn(note(socket, {}, seen));
    (co_await socket.close_async()).value();
    co_await group.join();
    CHECK(seen == SN_ERROR_OPERATION_ABORTED);
    CHECK(co_await receive_one(socket, {}) == SN_ERROR_OBJECT_DISPOSED);
}

static void what_waits_ends_by_a_cancel_a_limit_or_a_close()
{
    auto [left, right] = sennit::socket::pair().value();
    sennit::sync_wait(cancel_it(left));
    CHECK(right.send("x").value() == 1); /* the socket lives on */
    CHECK(sennit::sync_wait(receive_one(left, {})) == SN_OK);
    sennit::sync_wait(close_it(left));
}

static task<int> throwing(sennit::engine &engine)
{
    (void)co_await engine.schedule();
    throw std::runtime_error("from a coroutine");
}

static task<> passing_on(sennit::engine &engine, bool &was_cleaned)
{
    struct cleaner {
        bool &flag;
        ~cleaner()
        {
            flag = true;
        }
    } cleaner{was_cleaned};
    (void)co_await throwing(engine);
}

static void an_exception_comes_through_every_coroutine()
{
    auto engine = sennit::engine::with_threads(1).value();
    bool was_cleaned = false;
    try {
        sennit::sync_wait(passing_on(engine, was_cleaned));
        CHECK(false && "it must come out");
    } catch (const std::runtime_error &thrown) {
        CHECK(std::string(thrown.what()) == "from a coroutine");
    }
    CHECK(was_cleaned);
}

static task<> join_a_group_that_fails(sennit::engine &engine, int &ended)
{
    bool ignored = false;
    sennit::task_group group;
    group.spawn(passing_on(engine, ignored));
    group.spawn([](sennit::engine &on, int &flag) -> task<> {
        (co_await on.delay_async(1ms)).value();
        flag = 1;
    }(engine, ended));
    try {
        co_await group.join();
        CHECK(false && "join() must throw");
    } catch (const std::runtime_error &) {
    }
    co_await group.join(); /* it is empty, and can be used again */
}

static void a_group_waits_for_all_and_throws_the_first()
{
    auto engine = sennit::engine::with_threads(1).value();
    int ended = 0;
    sennit::sync_wait(join_a_group_that_fails(engine, ended));
    CHECK(ended == 1);
}

static void an_error_of_a_result_can_be_thrown_too()
{
    auto refused = [](sennit::endpoint where) -> task<> {
        auto client = sennit::socket::create(SN_FAMILY_IPV4).value();
        (co_await client.connect_async(where)).value();
    };
    auto unused = sennit::socket::create(SN_FAMILY_IPV4).value();
    unused.bind(sennit::endpoint::loopback()).value();
    try {
        sennit::sync_wait(refused(unused.local_endpoint().value()));
        CHECK(false && "nobody listens there");
    } catch (const std::system_error &thrown) {
        CHECK(thrown.code().value() == SN_ERROR_CONNECTION_REFUSED);
    }
}

static task<> misuse()
{
    sennit::socket nothing;
    std::byte one;
    CHECK((co_await nothing.receive_async({&one, 1})).error() == SN_ERROR_ARGUMENT_NULL);
    CHECK((co_await nothing.accept_async()).error() == SN_ERROR_ARGUMENT_NULL);
    CHECK((co_await nothing.connect_async(sennit::endpoint())).error() == SN_ERROR_ARGUMENT_NULL);
    CHECK((co_await sennit::tcp_listener().accept_async()).error() == SN_ERROR_ARGUMENT_NULL);
    CHECK((co_await sennit::udp_client().receive_async({&one, 1})).error() ==
          SN_ERROR_ARGUMENT_NULL);
    CHECK((co_await sennit::reader().read_until_async("\n")).error() == SN_ERROR_ARGUMENT_NULL);
    CHECK((co_await sennit::network_stream().read_async({&one, 1})).error() ==
          SN_ERROR_ARGUMENT_NULL);
}

static void misuse_is_a_result_as_everything_else()
{
    sennit::sync_wait(misuse());
}

static void a_task_that_is_never_awaited_does_nothing()
{
    bool has_run = false;
    {
        auto work = [](bool &flag) -> task<> {
            flag = true;
            co_return;
        }(has_run);
        auto moved = std::move(work);
    }
    CHECK(!has_run);
}

/* Deep enough that a stack frame for each would not do. */
static task<int> chain(int depth)
{
    if (depth == 0)
        co_return 0;
    co_return 1 + co_await chain(depth - 1);
}

static task<int> repeat(int times)
{
    int sum = 0;
    for (int i = 0; i < times; i++)
        sum += co_await chain(0) + 1;
    co_return sum;
}

static void chains_of_tasks_return_in_order()
{
    CHECK(sennit::sync_wait(chain(100)) == 100);
    CHECK(sennit::sync_wait(repeat(1000)) == 1000);
}

static task<> companions()
{
    auto listener = sennit::tcp_listener::create(sennit::endpoint::loopback()).value();
    listener.start().value();
    auto client = sennit::tcp_client::create(SN_FAMILY_IPV4).value();
    (co_await client.connect_async(listener.local_endpoint().value())).value();
    auto server = (co_await listener.accept_async()).value();
    auto out = client.stream().value();
    (co_await out.write_async(sennit::bytes("one\r\ntwo"))).value();
    out.close();
    auto reader = sennit::reader::create(server.client_socket().value(), 64).value();
    auto line = (co_await reader.read_until_async("\n")).value();
    CHECK(sennit::reader::line_of(line) == "one");
    std::array<std::byte, 3> room;
    CHECK((co_await reader.read_exactly_async(room)).value() == 3 &&
          std::memcmp(room.data(), "two", 3) == 0);
    CHECK((co_await reader.read_until_async("\n")).error() == SN_ERROR_END_OF_STREAM);

    auto one = sennit::udp_client::bound(sennit::endpoint::loopback()).value();
    auto to = one.client_socket().local_endpoint().value();
    CHECK((co_await one.send_async(room, to)).value() == 3);
    auto came = (co_await one.receive_async(room)).value();
    CHECK(came.from == to && came.size == 3);

    auto entry = (co_await sennit::look_up_async("localhost")).value();
    CHECK(!entry.addresses().empty());
    auto silent = sennit::resolver::of_server(to).value();
    auto answer = co_await silent.resolve_async("example.org", SN_DNS_TYPE_A, {.timeout = 1ms});
    CHECK(answer.error() == SN_ERROR_TIMED_OUT);
}

static void companions_are_awaited_alike()
{
    sennit::sync_wait(companions());
}

/* An engine that ends while coroutines wait in it: each goes on, with an error. */
static void the_end_of_an_engine_ends_what_waits_in_it()
{
    auto [left, right] = sennit::socket::pair().value();
    sennit::error seen(SN_OK);
    {
        auto engine = sennit::engine::driven().value();
        left.set_engine(engine).value();
        sennit::spawn(note(left, {}, seen));
        (void)engine.run(0ms).value();
        CHECK(seen == SN_OK);
    }
    CHECK(seen == SN_ERROR_OPERATION_ABORTED);
}

int main()
{
    RUN(echoes_come_back_on_an_engine_with_threads);
    RUN(echoes_come_back_on_a_driven_engine);
    RUN(echoes_come_back_on_the_default_engine);
    RUN(what_waits_ends_by_a_cancel_a_limit_or_a_close);
    RUN(an_exception_comes_through_every_coroutine);
    RUN(a_group_waits_for_all_and_throws_the_first);
    RUN(an_error_of_a_result_can_be_thrown_too);
    RUN(misuse_is_a_result_as_everything_else);
    RUN(a_task_that_is_never_awaited_does_nothing);
    RUN(chains_of_tasks_return_in_order);
    RUN(companions_are_awaited_alike);
    RUN(the_end_of_an_engine_ends_what_waits_in_it);
}
