/*
 * The echo server with a coroutine for each connection. Each co_await waits for an operation of the
 * engine, and no thread is blocked by it; the clients are coroutines too.
 *
 *     c++ -std=c++20 echo.cpp $(pkg-config --cflags --libs sennit) -pthread
 */
#include <sennit.hpp>

#include <array>
#include <iostream>
#include <span>
#include <string_view>

using namespace std::chrono_literals;

static constexpr int client_count = 3;

static sennit::task<> echo(sennit::socket connection)
{
    std::array<std::byte, 4096> room;
    for (;;) {
        auto got = co_await connection.receive_async(room, {.timeout = 5s});
        if (!got || *got == 0) /* an error, or the peer has finished */
            co_return;
        auto sent = co_await connection.send_async(std::span(room).first(*got));
        if (!sent)
            co_return;
    }
}

static sennit::task<> serve(sennit::socket &listener, const sennit::cancellation &ending)
{
    sennit::task_group connections;
    for (;;) {
        auto connection = co_await listener.accept_async({.canceled_by = &ending});
        if (connection)
            connections.spawn(echo(std::move(*connection)));
        else if (!connection.error().is_transient())
            break;
    }
    co_await connections.join();
}

static sennit::task<> talk(sennit::endpoint where, std::string_view text)
{
    auto client = sennit::socket::create(where.family()).value();
    (co_await client.connect_async(where, {.timeout = 5s})).value();
    (co_await client.send_async(text)).value();
    std::array<std::byte, 64> room;
    auto answer = std::span(room).first(text.size());
    (co_await client.receive_exactly_async(answer)).value();
    std::cout << std::string_view(reinterpret_cast<const char *>(answer.data()), answer.size())
              << '\n';
}

static sennit::task<> run()
{
    auto listener = sennit::socket::listening("127.0.0.1:0").value();
    auto where = listener.local_endpoint().value();
    auto ending = sennit::cancellation::create().value();

    sennit::task_group server, clients;
    server.spawn(serve(listener, ending));
    for (int i = 0; i < client_count; i++)
        clients.spawn(talk(where, "hello, world"));
    co_await clients.join();
    ending.cancel();
    co_await server.join();
}

int main()
{
    try {
        sennit::sync_wait(run());
    } catch (const std::system_error &failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
