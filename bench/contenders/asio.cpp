/*
 * Asio as its own examples are written ("async_tcp_echo_server.cpp", "async_udp_echo_server.cpp",
 * "blocking_tcp_echo_server.cpp"): a session that is kept by a shared pointer, async_read_some()
 * and async_write() in turn. As its overview recommends, the context is told that one thread runs
 * it (concurrency hint 1), and the answers to several requests are one sequence of buffers, since a
 * stream takes one async_write() at a time.
 *
 * The same source is compiled twice: with epoll, and with ASIO_HAS_IO_URING and ASIO_DISABLE_EPOLL.
 */
#include <asio.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using asio::ip::tcp;
using asio::ip::udp;

namespace
{

enum class kind { echo, pipeline, datagram };

struct service {
    kind what = kind::echo;
    unsigned short port = 0;
    std::size_t message_size = 0;
    std::size_t buffer_size = 0;
};

service wanted;

void announce(unsigned short port)
{
#if defined(ASIO_HAS_IO_URING_AS_DEFAULT)
    const char *backend = "io_uring";
#else
    const char *backend = "epoll";
#endif
    std::printf("port %u Asio %d.%d.%d on %s\n", port, ASIO_VERSION / 100000,
                ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100, backend);
    std::fflush(stdout);
}

class session : public std::enable_shared_from_this<session>
{
  public:
    explicit session(tcp::socket socket) : socket_(std::move(socket)), buffer_(wanted.buffer_size)
    {
        socket_.set_option(tcp::no_delay(true));
    }

    void read()
    {
        auto self = shared_from_this();
        socket_.async_read_some(asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_),
                                [this, self](std::error_code error, std::size_t size) {
                                    if (error)
                                        return;
                                    filled_ += size;
                                    write();
                                });
    }

  private:
    void write()
    {
        auto self = shared_from_this();
        auto next = [this, self](std::error_code error, std::size_t size) {
            if (error)
                return;
            filled_ -= size;
            std::memmove(buffer_.data(), buffer_.data() + size, filled_);
            read();
        };
        if (wanted.what == kind::echo) {
            asio::async_write(socket_, asio::buffer(buffer_.data(), filled_), next);
            return;
        }
        answers_.clear();
        for (std::size_t at = 0; at + wanted.message_size <= filled_; at += wanted.message_size)
            answers_.push_back(asio::buffer(buffer_.data() + at, wanted.message_size));
        if (answers_.empty())
            read();
        else
            asio::async_write(socket_, answers_, next);
    }

    tcp::socket socket_;
    std::vector<char> buffer_;
    std::vector<asio::const_buffer> answers_;
    std::size_t filled_ = 0;
};

void accept(tcp::acceptor &acceptor)
{
    acceptor.async_accept([&acceptor](std::error_code error, tcp::socket socket) {
        if (!error)
            std::make_shared<session>(std::move(socket))->read();
        accept(acceptor);
    });
}

tcp::acceptor listen(asio::io_context &context)
{
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), wanted.port));
    acceptor.listen(4096);
    announce(acceptor.local_endpoint().port());
    return acceptor;
}

void serve_streams()
{
    asio::io_context context(1);
    tcp::acceptor acceptor = listen(context);
    accept(acceptor);
    context.run();
}

/* --- Datagrams --- */

class datagrams
{
  public:
    explicit datagrams(asio::io_context &context)
        : socket_(context, udp::endpoint(asio::ip::address_v4::loopback(), wanted.port)),
          buffer_(wanted.buffer_size)
    {
        announce(socket_.local_endpoint().port());
    }

    void receive()
    {
        socket_.async_receive_from(asio::buffer(buffer_), peer_,
                                   [this](std::error_code error, std::size_t size) {
                                       if (error)
                                           receive();
                                       else
                                           send(size);
                                   });
    }

  private:
    void send(std::size_t size)
    {
        socket_.async_send_to(asio::buffer(buffer_.data(), size), peer_,
                              [this](std::error_code, std::size_t) { receive(); });
    }

    udp::socket socket_;
    udp::endpoint peer_;
    std::vector<char> buffer_;
};

void serve_datagrams()
{
    asio::io_context context(1);
    datagrams server(context);
    server.receive();
    context.run();
}

/* --- Blocking --- */

void talk(tcp::socket socket)
{
    std::vector<char> buffer(wanted.buffer_size);
    std::error_code error;
    socket.set_option(tcp::no_delay(true));
    for (;;) {
        std::size_t size = socket.read_some(asio::buffer(buffer), error);
        if (error)
            return;
        asio::write(socket, asio::buffer(buffer.data(), size), error);
        if (error)
            return;
    }
}

void serve_blocking()
{
    asio::io_context context;
    tcp::acceptor acceptor = listen(context);
    for (;;)
        std::thread(talk, acceptor.accept()).detach();
}

void serve(const std::string &style, const std::string &service_name)
{
    if (style == "blocking" && service_name == "echo") {
        serve_blocking();
    } else if (style == "async" && service_name == "echo") {
        serve_streams();
    } else if (style == "async" && service_name == "pipeline") {
        wanted.what = kind::pipeline;
        serve_streams();
    } else if (style == "async" && service_name == "datagram") {
        serve_datagrams();
    } else {
        std::printf("unable it has no calls for this\n");
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 6) {
        std::fprintf(stderr, "usage: %s STYLE SERVICE PORT SIZE BUFFER [FILE]\n", argv[0]);
        return 2;
    }
    wanted.port = static_cast<unsigned short>(std::atoi(argv[3]));
    wanted.message_size = static_cast<std::size_t>(std::atol(argv[4]));
    wanted.buffer_size = static_cast<std::size_t>(std::atol(argv[5]));
    try {
        serve(argv[1], argv[2]);
    } catch (const std::exception &error) {
        std::printf("unable %s\n", error.what());
    }
    return 1;
}
