"""An asyncio event loop whose ``sock_`` methods are operations of Sennit.

    import sennit.asyncio, sennit.socket

    async def main():
        sock = sennit.socket.socket()
        sock.setblocking(False)
        await loop.sock_connect(sock, ("localhost", 80))

    sennit.asyncio.run(main())

It is asyncio's own loop on a selector, with an engine beside it that the loop's thread drives: the engine's descriptor
is watched by the selector, and the loop sleeps no longer than the engine allows. Transports, servers, subprocesses and
the like are asyncio's, unchanged. A socket that is not Sennit's, or that belongs to another loop, is served by asyncio.
"""
import asyncio
import selectors
from asyncio import base_events, exceptions

from sennit import _addresses
from sennit import socket as _sockets
from sennit._core import Core
from sennit._engine import Engine, Operation
from sennit._left import Left
from sennit._messages import Message, readable, room_for, writable
from sennit._native import ffi, lib

__all__ = ["EventLoop", "run"]


class _Selector(selectors.BaseSelector):
    """Another selector, that runs the engine before it sleeps and when the engine has something to do."""

    def __init__(self, inner, engine):
        self._inner = inner
        self._engine = engine
        self._handle = None

    def register(self, fileobj, events, data=None):
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj):
        return self._inner.unregister(fileobj)

    def modify(self, fileobj, events, data=None):
        return self._inner.modify(fileobj, events, data)

    def get_key(self, fileobj):
        return self._inner.get_key(fileobj)

    def get_map(self):
        return self._inner.get_map()

    def select(self, timeout=None):
        if self._handle is None:  # here, since the engine belongs to the thread that asks first
            self._handle = self._engine.handle()
            self._inner.register(self._handle, selectors.EVENT_READ)
        if self._engine.run():
            timeout = 0  # somebody waits for what has completed
        else:
            limit = self._engine.timeout()
            if limit is not None and (timeout is None or limit < timeout):
                timeout = limit
        ready = self._inner.select(timeout)
        others = [each for each in ready if each[0].fd != self._handle]
        if len(others) < len(ready):
            self._engine.run()
        return others

    def close(self):
        if self._handle is not None:
            self._inner.unregister(self._handle)
        self._engine.destroy()
        self._inner.close()


class _Waiter(asyncio.Future):
    """What a task waits for. A cancel ends the operation at once, and not only when the task runs again: what other
    tasks start meanwhile does not queue behind it."""

    def __init__(self, loop, engine):
        super().__init__(loop=loop)
        self._engine = engine
        self.operation = None
        self.is_ending = False

    def cancel(self, *words, **more):
        if not self.done() and not self.get_loop().is_closed():
            self.is_ending = True
            lib.sn_operation_cancel(self.operation.record)
            self._engine.finish(self.operation)
        return super().cancel(*words, **more)


class EventLoop(asyncio.SelectorEventLoop):
    """The loop. `backend` is "io_uring" or "epoll"; None takes the better one that works."""

    def __init__(self, selector=None, *, backend=None):
        self._closed = True  # until it is made: asyncio looks at the end of one that was not
        self._sennit = Engine(backend)
        super().__init__(_Selector(selector or selectors.DefaultSelector(), self._sennit))

    @property
    def backend(self):
        """What the engine uses: "io_uring" or "epoll"."""
        return self._sennit.backend

    def _serves(self, sock):
        base_events._check_ssl_socket(sock)
        if not issubclass(type(sock), Core):
            return False
        if self.get_debug() and sock.gettimeout() != 0:
            raise ValueError("the socket must be non-blocking")
        self._ensure_fd_no_transport(sock)
        if sock._engine is not self._sennit:
            if not self._sennit.adopt(sock._sn):
                return False
            sock._engine = self._sennit
        return True

    async def _carry(self, start, kept, unwanted=None):
        """Starts an operation and waits for it. One whose task is cancelled has ended before the task goes on, so
        nothing is lent any more; `unwanted` gets one that had succeeded all the same."""
        waiter = _Waiter(self, self._sennit)

        def done(operation):
            if waiter.done() or self.is_closed():
                return
            error = operation.error()
            if error is None:
                waiter.set_result(None)
            elif not waiter.is_ending:
                waiter.set_exception(error)

        waiter.operation = operation = Operation(done, *kept)
        start(operation.record)
        try:
            await waiter
        except exceptions.CancelledError:
            if unwanted and operation.is_completed() and not operation.record.error:
                unwanted(operation.record)
            raise
        return operation.record

    # --- Receiving ---------------------------------------------------------------------------------

    @staticmethod
    def _keep(sock, what, address):
        if sock._left is None:
            sock._left = Left(sock._type == _sockets.SOCK_STREAM)
        sock._left.keep(what, address)

    async def _receive(self, sock, room, size):
        if not size:
            return 0
        if sock._left:
            return sock._left.receive(room, size)[0]

        def keep(record):
            if record.transferred:  # the end of a stream is found again
                self._keep(sock, bytes(ffi.buffer(room, record.transferred)), None)

        record = await self._carry(
            lambda record: lib.sn_socket_receive_async(sock._sn, room, size, 0, record), (room,), keep
        )
        return record.transferred

    async def sock_recv(self, sock, n):
        """Receives up to so many bytes."""
        if not self._serves(sock):
            return await super().sock_recv(sock, n)
        room = room_for("char[]", n)
        return bytes(ffi.buffer(room, await self._receive(sock, room, n)))

    async def sock_recv_into(self, sock, buf):
        """Receives into memory, and returns how many bytes."""
        if not self._serves(sock):
            return await super().sock_recv_into(sock, buf)
        view = writable(buf)
        return await self._receive(sock, view, len(view))

    async def _receive_from(self, sock, room, size):
        if sock._left:
            return sock._left.receive(room, size)
        endpoint = ffi.new("sn_endpoint *")
        message = Message([room[0:size]], endpoint=endpoint)

        def keep(record):
            data = bytes(ffi.buffer(room, record.transferred))
            self._keep(sock, data, _addresses.sender(endpoint, sock._proto))

        record = await self._carry(
            lambda record: lib.sn_socket_receive_message_async(sock._sn, message.record, 0, record), (message, room), keep
        )
        return record.transferred, _addresses.sender(endpoint, sock._proto)

    async def sock_recvfrom(self, sock, bufsize):
        """Receives a datagram, and tells who sent it."""
        if not self._serves(sock):
            return await super().sock_recvfrom(sock, bufsize)
        room = room_for("char[]", bufsize)
        count, address = await self._receive_from(sock, room, bufsize)
        return bytes(ffi.buffer(room, count)), address

    async def sock_recvfrom_into(self, sock, buf, nbytes=0):
        """Receives a datagram into memory, and tells how many bytes and who sent it."""
        if not self._serves(sock):
            return await super().sock_recvfrom_into(sock, buf, nbytes)
        view = writable(buf)
        if nbytes > len(view):
            raise ValueError("buffer too small for requested bytes")
        return await self._receive_from(sock, view, nbytes or len(view))

    # --- Sending -----------------------------------------------------------------------------------

    async def sock_sendall(self, sock, data):
        """Sends all of the bytes."""
        if not self._serves(sock):
            return await super().sock_sendall(sock, data)
        view = readable(data)
        # What fits goes at once, as a program expects that goes on without waiting.
        try:
            sent = sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(view):
            rest = view + sent
            await self._carry(
                lambda record: lib.sn_socket_send_async(sock._sn, rest, len(view) - sent, 0, record), (view,)
            )

    async def sock_sendto(self, sock, data, address):
        """Sends a datagram to an address."""
        if not self._serves(sock):
            return await super().sock_sendto(sock, data, address)
        try:
            return sock.sendto(data, address)
        except BlockingIOError:
            pass
        view = readable(data)
        endpoint = _addresses.to_endpoint(sock._family, sock._proto, address, "sendto")
        record = await self._carry(
            lambda record: lib.sn_socket_send_to_async(sock._sn, view, len(view), 0, endpoint, record), (view, endpoint)
        )
        return record.transferred

    async def _sock_sendfile_native(self, sock, file, offset, count):
        if not self._serves(sock):
            return await super()._sock_sendfile_native(sock, file, offset, count)
        try:
            handle = file.fileno()
        except (AttributeError, OSError) as reason:  # UnsupportedOperation is an OSError
            raise exceptions.SendfileNotAvailableError("not a regular file") from reason
        send = ffi.new(
            "sn_file_send *",
            {"kind": lib.SN_FILE_HANDLE, "file": handle, "offset": offset, "count": count or 0},
        )
        sent = 0
        try:
            record = await self._carry(
                lambda record: lib.sn_socket_send_file_async(sock._sn, send, record), (send, file)
            )
            sent = record.transferred
        except OSError as reason:
            if getattr(reason, "sennit_error", "") == "NotSupported":
                raise exceptions.SendfileNotAvailableError("not a regular file") from reason
            if getattr(reason, "sennit_error", "") != "InvalidArgument":
                raise
            # The part lies behind the end of the file, which sends nothing.
        finally:
            if sent:
                file.seek(offset + sent)
        return sent

    # --- Connections -------------------------------------------------------------------------------

    async def sock_connect(self, sock, address):
        """Connects to an address; a host's name is looked up on another thread."""
        if not self._serves(sock):
            return await super().sock_connect(sock, address)
        if sock._family in (_sockets.AF_INET, _sockets.AF_INET6):
            found = await self._ensure_resolved(
                address, family=sock._family, type=sock._type, proto=sock._proto, loop=self
            )
            address = found[0][4]
        endpoint = _addresses.to_endpoint(sock._family, sock._proto, address, "connect")

        def start(record):
            lib.sn_socket_connect_async(sock._sn, endpoint, record)
            self._sennit.run()  # it is on its way before the program goes on, as one of asyncio's is

        try:
            await self._carry(start, (endpoint,))
        except OSError as reason:
            raise OSError(reason.errno, f"Connect call failed {address}") from None

    async def sock_accept(self, sock):
        """Waits for a connection: the socket for it, and the address of the peer."""
        if not self._serves(sock):
            return await super().sock_accept(sock)
        if sock._left:
            sn, address = sock._left.accepted()
        else:
            record = await self._carry(
                lambda record: lib.sn_socket_accept_async(sock._sn, ffi.NULL, record), (),
                lambda record: self._keep(sock, *sock._accepted(record.socket)),
            )
            sn, address = sock._accepted(record.socket)
        return _sockets.socket._of(sn, sock._family, sock._type, sock._proto, 0.0), address


def run(main, *, debug=None, backend=None):
    """Runs a coroutine on a loop of its own, as asyncio.run() does."""
    def factory():
        return EventLoop(backend=backend)

    if hasattr(asyncio, "Runner"):
        with asyncio.Runner(debug=debug, loop_factory=factory) as runner:
            return runner.run(main)
    loop = factory()
    try:
        asyncio.set_event_loop(loop)
        if debug is not None:
            loop.set_debug(debug)
        return loop.run_until_complete(main)
    finally:
        try:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            loop.close()
