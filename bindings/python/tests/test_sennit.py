"""What Sennit's sockets have beside Python's own, and what an event loop on its engine must keep: test_sennit.py"""
import asyncio
import errno
import os
import threading
import unittest

import sennit
import sennit.asyncio
import sennit.socket as sockets

LIMIT_S = 30  # for what must not take long, so that a failure ends
ROUNDS = 200


def connected():
    """A listener's connection: (listener, client, server)."""
    listener = sockets.create_server(("127.0.0.1", 0))
    client = sockets.create_connection(listener.getsockname())
    return listener, client, listener.accept()[0]


class Blocking(unittest.TestCase):
    def pair(self):
        pair = sockets.socketpair()
        for each in pair:
            self.addCleanup(each.close)
        return pair

    def outcome_of(self, wait, end):
        """What a call ends with on another thread when `end` is called, which is repeated until the call is there."""
        outcome = []

        def run():
            try:
                outcome.append(wait())
            except OSError as reason:
                outcome.append(reason.errno)

        thread = threading.Thread(target=run)
        thread.start()
        while thread.is_alive():
            end()
            thread.join(0.01)
        return outcome[0]

    def test_the_library_is_the_one_of_the_package(self):
        self.assertEqual(sennit.library_version(), sennit.__version__)

    def test_a_cancel_ends_a_call_and_leaves_the_socket(self):
        left, right = self.pair()
        self.assertEqual(self.outcome_of(lambda: left.recv(1), left.cancel), errno.ECANCELED)
        right.sendall(b"x")
        self.assertEqual(left.recv(1), b"x")

    def test_a_close_ends_a_call_on_another_thread(self):
        left, _ = self.pair()
        self.assertEqual(self.outcome_of(lambda: left.recv(1), left.close), errno.EBADF)

    def test_an_error_has_the_systems_number_and_the_librarys_name(self):
        with sockets.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            address = unused.getsockname()
        with self.assertRaises(ConnectionRefusedError) as caught:
            sockets.create_connection(address)
        self.assertEqual(caught.exception.errno, errno.ECONNREFUSED)
        self.assertEqual(caught.exception.sennit_error, "ConnectionRefused")

    def test_a_descriptor_waits_as_its_socket_does(self):
        sockets_of = connected()
        for each in sockets_of[1:]:
            self.assertTrue(os.get_blocking(each.fileno()))
            each.settimeout(LIMIT_S)
            self.assertFalse(os.get_blocking(each.fileno()))
        for each in sockets_of:
            each.close()

    def test_descriptors_go_with_bytes(self):
        left, right = self.pair()
        reader, writer = os.pipe()
        sockets.send_fds(left, [b"here"], [writer])
        os.close(writer)
        data, fds, _, _ = sockets.recv_fds(right, 16, 4)
        self.assertEqual((data, len(fds)), (b"here", 1))
        os.write(fds[0], b"through")
        os.close(fds[0])
        self.assertEqual(os.read(reader, 16), b"through")
        os.close(reader)

    def test_a_closed_socket_refuses_everything(self):
        left, _ = self.pair()
        left.close()
        for call in (
            lambda: left.recv(1), lambda: left.send(b"x"), lambda: left.settimeout(1), left.getsockname,
            lambda: left.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1), lambda: left.shutdown(2),
        ):
            with self.assertRaises(OSError) as caught:
                call()
            self.assertEqual(caught.exception.errno, errno.EBADF)
        left.close()
        self.assertEqual(left.fileno(), -1)

    def test_what_cannot_be_sent_is_named(self):
        left, _ = self.pair()
        for call in (left.send, left.sendall):
            with self.assertRaisesRegex(TypeError, "not 'str'"):
                call("text")
        with self.assertRaises(TypeError):
            left.sendmsg([b"x"], [(1, 2)])
        with self.assertRaises(OSError) as caught:
            left.send(b"x", 0x20000000)
        self.assertEqual(caught.exception.errno, errno.EOPNOTSUPP)


class Loop:
    """The tests of the loop, for each back-end."""

    backend = None

    def run_in_loop(self, main):
        async def limited():
            return await asyncio.wait_for(main(asyncio.get_running_loop()), LIMIT_S)

        return sennit.asyncio.run(limited(), backend=self.backend)

    async def pair(self, loop):
        """Two connected sockets that do not wait."""
        listener = sockets.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        client = sockets.socket()
        client.setblocking(False)
        accepting = asyncio.ensure_future(loop.sock_accept(listener))
        await loop.sock_connect(client, listener.getsockname())
        server, address = await accepting
        self.assertEqual(address, client.getsockname())
        listener.close()
        for each in (client, server):
            self.addCleanup(each.close)
        return client, server

    def test_the_backend_is_the_one_asked_for(self):
        async def main(loop):
            return loop.backend

        self.assertEqual(self.run_in_loop(main), self.backend)

    def test_bytes_go_both_ways(self):
        async def main(loop):
            client, server = await self.pair(loop)
            data = bytes(range(256)) * 8000  # more than fits into the kernel
            sending = asyncio.ensure_future(loop.sock_sendall(client, data))
            got = bytearray()
            room = bytearray(65536)
            while len(got) < len(data):
                got += room[: await loop.sock_recv_into(server, room)]
            await sending
            self.assertEqual(got, data)
            client.shutdown(sockets.SHUT_WR)
            self.assertEqual(await loop.sock_recv(server, 1), b"")

        self.run_in_loop(main)

    def test_no_byte_is_lost_to_a_cancel(self):
        async def main(loop):
            client, server = await self.pair(loop)
            got = bytearray()
            for number in range(ROUNDS):
                receiving = asyncio.ensure_future(loop.sock_recv(server, 16))
                await asyncio.sleep(0)
                client.send(bytes([number % 251]))
                if number % 2:
                    await asyncio.sleep(0)  # it may have come by now
                receiving.cancel()
                try:
                    got += await receiving
                except asyncio.CancelledError:
                    pass
            client.shutdown(sockets.SHUT_WR)
            while more := await loop.sock_recv(server, 3):
                got += more
            self.assertEqual(got, bytes(number % 251 for number in range(ROUNDS)))

        self.run_in_loop(main)

    def test_no_connection_is_lost_to_a_cancel(self):
        async def main(loop):
            listener = sockets.create_server(("127.0.0.1", 0), backlog=ROUNDS)
            listener.setblocking(False)
            clients, count = [], 0
            for _ in range(20):
                accepting = asyncio.ensure_future(loop.sock_accept(listener))
                await asyncio.sleep(0)
                clients.append(sockets.create_connection(listener.getsockname()))
                accepting.cancel()
                try:
                    (await accepting)[0].close()
                    count += 1
                except asyncio.CancelledError:
                    pass
            while count < len(clients):
                (await loop.sock_accept(listener))[0].close()
                count += 1
            for each in (listener, *clients):
                each.close()

        self.run_in_loop(main)

    def test_datagrams_tell_who_sent_them(self):
        async def main(loop):
            with sockets.socket(type=sockets.SOCK_DGRAM) as one, sockets.socket(type=sockets.SOCK_DGRAM) as other:
                for each in (one, other):
                    each.bind(("127.0.0.1", 0))
                    each.setblocking(False)
                receiving = asyncio.ensure_future(loop.sock_recvfrom(other, 64))
                await loop.sock_sendto(one, b"hello", other.getsockname())
                self.assertEqual(await receiving, (b"hello", one.getsockname()))

        self.run_in_loop(main)

    def test_a_file_is_sent_and_its_position_moves(self):
        async def main(loop):
            client, server = await self.pair(loop)
            with open(__file__, "rb") as file:
                content = file.read()
                sending = asyncio.ensure_future(loop.sock_sendfile(client, file, 10, fallback=False))
                got = b""
                while len(got) < len(content) - 10:
                    got += await loop.sock_recv(server, 65536)
                self.assertEqual((got, await sending), (content[10:], len(content) - 10))
                self.assertEqual(file.tell(), len(content))
                self.assertEqual(await loop.sock_sendfile(client, file, len(content), fallback=False), 0)

        self.run_in_loop(main)

    def test_a_close_is_seen_at_once(self):
        async def main(loop):
            client, server = await self.pair(loop)
            await loop.sock_sendall(server, b"x")
            server.close()
            client.setblocking(True)
            client.settimeout(LIMIT_S)
            self.assertEqual((client.recv(8), client.recv(8)), (b"x", b""))

        self.run_in_loop(main)

    def test_a_descriptor_leaves_the_loop_with_its_number(self):
        async def main(loop):
            client, server = await self.pair(loop)
            await loop.sock_sendall(client, b"before")
            self.assertEqual(await loop.sock_recv(server, 16), b"before")
            number = server.fileno()
            self.assertEqual(server.detach(), number)
            with sockets.socket(fileno=number) as again:
                again.setblocking(False)
                await loop.sock_sendall(client, b"after")
                self.assertEqual(await loop.sock_recv(again, 16), b"after")

        self.run_in_loop(main)

    def test_a_loop_that_ends_leaves_the_socket_usable(self):
        pairs = []

        async def main(loop):
            pairs.append(await self.pair(loop))
            pairs.append(asyncio.ensure_future(loop.sock_recv(pairs[0][1], 1)))
            await asyncio.sleep(0)

        self.run_in_loop(main)
        client, server = pairs[0]
        client.setblocking(True)
        server.setblocking(True)
        client.sendall(b"x")
        self.assertEqual(server.recv(1), b"x")

    def test_refused_connects_name_the_address(self):
        async def main(loop):
            with sockets.socket() as unused:
                unused.bind(("127.0.0.1", 0))
                address = unused.getsockname()
            with sockets.socket() as sock:
                sock.setblocking(False)
                with self.assertRaisesRegex(ConnectionRefusedError, str(address[1])):
                    await loop.sock_connect(sock, address)

        self.run_in_loop(main)


class EpollLoop(Loop, unittest.TestCase):
    backend = "epoll"


def _has_io_uring():
    try:
        sennit.asyncio.EventLoop(backend="io_uring").close()
        return True
    except OSError:
        return False


@unittest.skipUnless(_has_io_uring(), "io_uring does not work here")
class IoUringLoop(Loop, unittest.TestCase):
    backend = "io_uring"


class Misuse(unittest.TestCase):
    def test_an_unknown_backend_is_named(self):
        with self.assertRaisesRegex(ValueError, "kqueue"):
            sennit.asyncio.EventLoop(backend="kqueue")

    def test_a_socket_of_another_loop_is_served_all_the_same(self):
        async def main():
            loop = asyncio.get_running_loop()
            for each in pair:
                each.setblocking(False)
            await loop.sock_sendall(pair[0], b"x")
            return await loop.sock_recv(pair[1], 1)

        pair = sockets.socketpair()
        for _ in range(2):
            self.assertEqual(sennit.asyncio.run(main()), b"x")
        for each in pair:
            each.close()


if __name__ == "__main__":
    unittest.main()
