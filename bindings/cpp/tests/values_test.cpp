/* Results, errors, addresses, end points, owners that were moved from. */
#include "check.hpp"

#include <sennit.hpp>

#include <cerrno>
#include <memory>
#include <unordered_set>

static void a_result_holds_a_value_or_an_error()
{
    sennit::result<std::unique_ptr<int>> good(std::make_unique<int>(5));
    CHECK(good && good.has_value() && **good == 5 && good.error() == SN_OK);
    std::unique_ptr<int> taken = std::move(good).value();
    CHECK(*taken == 5);

    sennit::result<std::unique_ptr<int>> bad = sennit::error(SN_ERROR_TIMED_OUT, ETIMEDOUT);
    CHECK(!bad && bad.error() == SN_ERROR_TIMED_OUT && bad.error().native() == ETIMEDOUT);
    try {
        (void)bad.value();
        CHECK(false && "value() of an error must throw");
    } catch (const std::system_error &thrown) {
        CHECK(thrown.code().category() == sennit::category());
        CHECK(thrown.code().value() == SN_ERROR_TIMED_OUT);
        CHECK(std::string(thrown.what()).find("TimedOut") != std::string::npos);
    }
    CHECK(sennit::result<int>(sennit::error(SN_ERROR_FAULT)).value_or(7) == 7);
    CHECK(sennit::result<int>(3).value_or(7) == 3);

    sennit::result<void> nothing;
    CHECK(nothing);
    nothing.value();
    nothing = sennit::error(SN_ERROR_SHUTDOWN);
    CHECK(!nothing && nothing.error() == SN_ERROR_SHUTDOWN);
}

static void an_error_knows_its_name_and_the_systems_number()
{
    auto unused = sennit::socket::create(SN_FAMILY_IPV4).value();
    unused.bind(sennit::endpoint::loopback()).value();
    auto where = unused.local_endpoint().value();
    auto refused = sennit::socket::connected(where.to_string());
    CHECK(!refused);
    CHECK(refused.error() == SN_ERROR_CONNECTION_REFUSED &&
          refused.error().native() == ECONNREFUSED);
    CHECK(std::string(refused.error().name()) == "ConnectionRefused");
    CHECK(!refused.error().is_transient());
}

static void addresses_and_end_points_are_values()
{
    auto four = sennit::address::parse("127.0.0.1").value();
    CHECK(four.family() == SN_FAMILY_IPV4 && four.to_string() == "127.0.0.1");
    CHECK(four == sennit::address(SN_IPV4_LOOPBACK));
    CHECK(sennit::address::parse("no address").error() == SN_ERROR_FORMAT);
    CHECK(sennit::address().to_string() == "0.0.0.0");

    auto end = sennit::endpoint::parse("[::1]:80").value();
    CHECK(end.port() == 80 && end.family() == SN_FAMILY_IPV6 && end.to_string() == "[::1]:80");
    CHECK(end == sennit::endpoint::loopback_v6(80) && !(end == sennit::endpoint::loopback(80)));
    CHECK(end.host().value().to_string() == "::1");
    CHECK(sennit::endpoint::of_host("example.org", 80).value().kind() == SN_ENDPOINT_DNS);
    CHECK(sennit::endpoint::of_path("/run/x").value().to_string() == "/run/x");
    CHECK(sennit::endpoint::of_ip(four, 65536).error() == SN_ERROR_ARGUMENT_OUT_OF_RANGE);
    CHECK(!sennit::endpoint() && sennit::endpoint() == sennit::endpoint());
    std::unordered_set<sennit::endpoint> set{end, sennit::endpoint::loopback_v6(80),
                                             sennit::endpoint::any(1)};
    CHECK(set.size() == 2);
}

/* Every call on nothing is an error, and none a crash. */
template <class Owner> static void moves(Owner first)
{
    CHECK(first.get() != nullptr);
    auto *raw = first.get();
    Owner second(std::move(first));
    CHECK(first.get() == nullptr && second.get() == raw); // NOLINT: what was moved from is empty
    Owner third;
    third = std::move(second);
    CHECK(second.get() == nullptr && third.get() == raw);
}

static void owners_move_and_leave_nothing_behind()
{
    moves(sennit::socket::create(SN_FAMILY_IPV4).value());
    moves(sennit::tcp_client::create().value());
    moves(sennit::tcp_listener::create(sennit::endpoint::loopback()).value());
    moves(sennit::udp_client::create().value());
    moves(sennit::engine::driven().value());
    moves(sennit::cancellation::create().value());
    moves(sennit::resolver::create().value());
    auto pair = sennit::socket::pair().value();
    moves(sennit::network_stream::create(pair.first, false).value());
    moves(sennit::reader::create(pair.first, 16).value());
}

static void calls_on_what_was_moved_from_are_refused()
{
    auto socket = sennit::socket::create(SN_FAMILY_IPV4).value();
    auto other = std::move(socket);
    std::byte room[4];
    CHECK(!socket && other);
    CHECK(socket.send("x").error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(socket.receive(room).error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(socket.accept().error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(socket.bind(sennit::endpoint::loopback()).error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(socket.local_endpoint().error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(socket.duplicate().error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(!socket.share() && socket.native_handle() == SN_HANDLE_NONE && !socket.is_connected());
    socket.close();
    socket.cancel();
    CHECK(sennit::tcp_client().stream().error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(sennit::tcp_listener().start().error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(sennit::udp_client().receive(room).error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(sennit::network_stream().write("x").error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(sennit::reader().read_line().error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(sennit::engine().run(std::chrono::milliseconds(0)).error() == SN_ERROR_ARGUMENT_NULL);
    CHECK(!sennit::cancellation().is_canceled() &&
          !sennit::cancellation().cancel_after(sennit::forever));
    CHECK(sennit::host_entry().addresses().empty() && sennit::dns_result().records().empty());
    try {
        sennit::cancellation_scope scope{sennit::cancellation()};
        CHECK(false && "a scope of nothing must throw");
    } catch (const std::system_error &thrown) {
        CHECK(thrown.code().value() == SN_ERROR_ARGUMENT_NULL);
    }
}

int main()
{
    RUN(a_result_holds_a_value_or_an_error);
    RUN(an_error_knows_its_name_and_the_systems_number);
    RUN(addresses_and_end_points_are_values);
    RUN(owners_move_and_leave_nothing_behind);
    RUN(calls_on_what_was_moved_from_are_refused);
}
