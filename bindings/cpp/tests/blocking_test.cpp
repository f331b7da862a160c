/* Blocking calls of each class, on loopback. */
#include "check.hpp"

#include <sennit.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

using namespace std::chrono_literals;

static bool says(std::span<const std::byte> data, std::string_view text)
{
    return data.size() == text.size() && std::memcmp(data.data(), text.data(), text.size()) == 0;
}

static void an_echo_comes_back()
{
    auto listener = sennit::socket::listening("127.0.0.1:0").value();
    auto where = listener.local_endpoint().value();
    std::thread server([&] {
        auto connection = listener.accept().value();
        std::array<std::byte, 64> room;
        for (;;) {
            auto got = connection.receive(room).value();
            if (got == 0)
                return;
            CHECK(connection.send(std::span(room).first(got)).value() == got);
        }
    });
    auto client = sennit::socket::connected(where.to_string()).value();
    client.set_no_delay(true).value();
    CHECK(client.send("hello").value() == 5);
    std::array<std::byte, 5> room;
    CHECK(client.receive_exactly(room).value() == 5 && says(room, "hello"));
    CHECK(client.remote_endpoint().value() == where);
    client.shutdown(SN_SHUTDOWN_SEND).value();
    CHECK(client.receive(room).value() == 0);
    CHECK(client.receive_exactly(room).error() == SN_ERROR_END_OF_STREAM);
    server.join();
}

static void companions_do_the_usual_steps()
{
    auto listener = sennit::tcp_listener::create(sennit::endpoint::loopback()).value();
    listener.start().value();
    auto client = sennit::tcp_client::create(SN_FAMILY_IPV4).value();
    client.connect(listener.local_endpoint().value()).value();
    auto server = listener.accept().value();
    auto out = client.stream().value();
    auto in = server.stream().value();
    out.write("a line\r\nrest").value();
    auto reader = sennit::reader::create(server.client_socket().value(), 64).value();
    CHECK(reader.read_line().value() == "a line");
    std::array<std::byte, 4> room;
    CHECK(reader.read_exactly(room).value() == 4 && says(room, "rest"));
    in.write("back").value();
    CHECK(out.read_exactly(room).value() == 4 && says(room, "back"));
    server.close();
    in.close();
    CHECK(out.read(room).value() == 0);
    CHECK(client.is_connected());
}

static void datagrams_tell_their_sender()
{
    auto one = sennit::udp_client::bound(sennit::endpoint::loopback()).value();
    auto other = sennit::udp_client::bound(sennit::endpoint::loopback()).value();
    auto from = one.client_socket().local_endpoint().value();
    auto to = other.client_socket().local_endpoint().value();
    CHECK(one.send(sennit::bytes("hello"), to).value() == 5);
    std::array<std::byte, 16> room;
    auto came = other.receive(room).value();
    CHECK(came.from == from && says(std::span(room).first(came.size), "hello"));
    auto socket = other.client_socket();
    CHECK(socket.send_to(sennit::bytes("back"), came.from).value() == 4);
    auto answer = one.client_socket().receive_from(room).value();
    CHECK(answer.from == to && answer.size == 4);
}

static void a_cancel_ends_a_call_of_another_thread()
{
    auto [left, right] = sennit::socket::pair().value();
    auto ending = sennit::cancellation::create().value();
    sennit::error seen(SN_OK);
    std::thread waiting([&, &left = left] {
        sennit::cancellation_scope scope(ending);
        std::byte one;
        seen = left.receive({&one, 1}).error();
    });
    ending.cancel(); /* before the call waits or after: it ends */
    waiting.join();
    CHECK(seen == SN_ERROR_OPERATION_CANCELED && ending.reason() == SN_ERROR_OPERATION_CANCELED);
    CHECK(right.send("x").value() == 1); /* the socket lives on */
    std::byte one;
    CHECK(left.receive({&one, 1}).value() == 1);
}

static void a_time_limit_ends_a_call()
{
    auto [left, right] = sennit::socket::pair().value();
    left.set_receive_timeout(1ms).value();
    std::byte one;
    CHECK(left.receive({&one, 1}).error() == SN_ERROR_TIMED_OUT);
    auto limit = sennit::cancellation::create().value();
    limit.cancel_after(0ms).value();
    left.set_receive_timeout(sennit::forever).value();
    sennit::cancellation_scope scope(limit);
    CHECK(left.receive({&one, 1}).error() == SN_ERROR_TIMED_OUT);
}

static void a_handle_leaves_and_comes_back()
{
    auto [left, right] = sennit::socket::pair().value();
    sn_handle handle = left.detach(true).value();
    CHECK(left.send("x").error() == SN_ERROR_OBJECT_DISPOSED);
    auto again = sennit::socket::from_handle(handle).value();
    CHECK(again.native_handle() == handle && again.send("x").value() == 1);
    auto shared = again.share();
    again = sennit::socket();
    CHECK(shared.send("y").value() == 1);
    std::array<std::byte, 2> room;
    CHECK(right.receive_exactly(room).value() == 2 && says(room, "xy"));
}

static void names_are_looked_up()
{
    auto entry = sennit::look_up("localhost", SN_FAMILY_IPV4).value();
    CHECK(!entry.name().empty() && entry.addresses().size() >= 1);
    CHECK(sennit::address(entry.addresses()[0]) == sennit::address(SN_IPV4_LOOPBACK));
    CHECK(sennit::look_up(std::string(300, 'x')).error() == SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    /* Nobody answers there: a server that is none. */
    auto unused = sennit::udp_client::bound(sennit::endpoint::loopback()).value();
    auto asking =
        sennit::resolver::of_server(unused.client_socket().local_endpoint().value()).value();
    CHECK(asking.resolve("example.org", SN_DNS_TYPE_A, 1ms).error() == SN_ERROR_TIMED_OUT);
    CHECK(asking.resolve("", SN_DNS_TYPE_A).error() == SN_ERROR_ARGUMENT);
}

int main()
{
    RUN(an_echo_comes_back);
    RUN(companions_do_the_usual_steps);
    RUN(datagrams_tell_their_sender);
    RUN(a_cancel_ends_a_call_of_another_thread);
    RUN(a_time_limit_ends_a_call);
    RUN(a_handle_leaves_and_comes_back);
    RUN(names_are_looked_up);
}
