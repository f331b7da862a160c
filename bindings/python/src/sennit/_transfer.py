"""Sending and receiving, with the methods of Python's C module ``_socket``."""
import _socket
import operator
import time

from sennit import _addresses, _flags, _messages
from sennit._core import Core
from sennit._errors import raise_pending
from sennit._messages import Message, readable, room_for, writable
from sennit._native import ffi, lib

_STREAM = _socket.SOCK_STREAM


def _size(value, call, what="negative buffersize in"):
    value = operator.index(value)
    if value < 0:
        raise ValueError(f"{what} {call}")
    return value


def _into(buffer, size, call):
    """The view that is received into, and how many bytes of it."""
    view = writable(buffer)
    size = _size(size, call)
    if size > len(view):
        raise ValueError("buffer too small for requested bytes")
    return view, size or len(view)


class Transfer(Core):
    """The methods that move bytes."""

    __slots__ = ()

    # --- Receiving ---------------------------------------------------------------------------------

    def _flags_of(self, flags):
        flags = operator.index(flags)
        if self._type != _STREAM:
            flags &= ~_socket.MSG_WAITALL  # means nothing where messages are apart
        if self._timeout:
            flags &= ~_socket.MSG_DONTWAIT  # with a time limit Python's calls wait before the system is asked
        return _flags.to_sennit(flags)

    def _receive(self, data, size, flags):
        if not size:
            return 0
        if self._left:
            return self._left.receive(data, size)[0]
        got = ffi.new("size_t *")
        error = lib.sn_socket_receive(self._sn, data, size, self._flags_of(flags), got)
        if error:
            self._fail(error)
        if flags:
            raise_pending()  # a signal may have ended it behind some bytes
        return got[0]

    def recv(self, bufsize, flags=0, /):
        """Receives up to so many bytes; none at the end of a stream."""
        size = _size(bufsize, "recv")
        room = room_for("char[]", size)
        return bytes(ffi.buffer(room, min(self._receive(room, size, flags), size)))

    def recv_into(self, buffer, nbytes=0, flags=0):
        """Receives into memory, and returns how many bytes."""
        view, size = _into(buffer, nbytes, "recv_into")
        return self._receive(view, size, flags)

    def _receive_message(self, views, flags, control_size=0):
        """One message, and the address of its sender."""
        control = ffi.new("char[]", control_size) if control_size else ffi.NULL
        endpoint = ffi.new("sn_endpoint *")
        message = Message(views, control, control_size, endpoint)
        self._check(lib.sn_socket_receive_message(self._sn, message.record, self._flags_of(flags)))
        return message, _addresses.sender(endpoint, self._proto)

    def recvfrom(self, bufsize, flags=0, /):
        """Receives a datagram, and tells who sent it."""
        size = _size(bufsize, "recvfrom")
        room = room_for("char[]", size)
        if self._left:
            count, address = self._left.receive(room, size)
        else:
            message, address = self._receive_message([room], flags)
            count = message.record.transferred
        return bytes(ffi.buffer(room, min(count, size))), address

    def recvfrom_into(self, buffer, nbytes=0, flags=0):
        """Receives a datagram into memory, and tells how many bytes and who sent it."""
        view, size = _into(buffer, nbytes, "recvfrom_into")
        if self._left:
            return self._left.receive(view, size)
        message, address = self._receive_message([view[0:size]], flags)
        return message.record.transferred, address

    def _receive_with_control(self, views, ancbufsize, flags):
        size = operator.index(ancbufsize)
        if not 0 <= size <= 0x7FFFFFFF:
            raise ValueError("invalid ancillary data buffer length")
        message, address = self._receive_message(views, flags, size)
        record = message.record
        control = _messages.control_from(record.control.data, record.control_size)
        return record.transferred, control, _flags.from_sennit(record.flags), address

    def recvmsg(self, bufsize, ancbufsize=0, flags=0, /):
        """Receives a message: its bytes, its control messages, flags, and the sender."""
        size = _size(bufsize, "recvmsg()", "negative buffer size in")
        room = room_for("char[]", size)
        count, *rest = self._receive_with_control([room], ancbufsize, flags)
        return (bytes(ffi.buffer(room, min(count, size))), *rest)

    def recvmsg_into(self, buffers, ancbufsize=0, flags=0, /):
        """Receives a message into several pieces of memory."""
        return self._receive_with_control([writable(each) for each in buffers], ancbufsize, flags)

    # --- Sending -----------------------------------------------------------------------------------

    def _send_some(self, call, flags):
        """What Python's send() does: it waits for room, and sends what fits. The library's own waits until all has gone,
        which is the same only where there is no time limit."""
        flags = self._flags_of(flags)
        sent = ffi.new("size_t *")
        if self._timeout and self._type == _STREAM:
            deadline = time.monotonic() + self._timeout
            while (error := call(flags | lib.SN_FLAG_DONT_WAIT, sent)) == lib.SN_ERROR_WOULD_BLOCK:
                self._wait(lib.SN_SELECT_WRITE, deadline)
        else:
            error = call(flags, sent)
        if error:
            self._fail(error)
        return sent[0]

    def send(self, data, flags=0, /):
        """Sends bytes, and returns how many of them."""
        view = readable(data)
        return self._send_some(lambda f, sent: lib.sn_socket_send(self._sn, view, len(view), f, sent), flags)

    def sendall(self, data, flags=0, /):
        """Sends all of the bytes."""
        view = readable(data)
        flags = self._flags_of(flags)
        sent = ffi.new("size_t *")
        done = 0
        while True:
            sent[0] = 0
            self._check(lib.sn_socket_send(self._sn, view + done, len(view) - done, flags, sent))
            done += sent[0]
            if done >= len(view):
                return

    def sendto(self, data, *rest):
        """Sends a datagram to an address: sendto(data[, flags], address)."""
        if not 1 <= len(rest) <= 2:
            raise TypeError(f"sendto() takes 2 or 3 arguments ({len(rest) + 1} given)")
        view = readable(data)
        flags = operator.index(rest[0]) if len(rest) == 2 else 0
        endpoint = _addresses.to_endpoint(self._family, self._proto, rest[-1], "sendto")
        return self._send_some(
            lambda f, sent: lib.sn_socket_send_to(self._sn, view, len(view), f, endpoint, sent), flags
        )

    def sendmsg(self, buffers, ancdata=(), flags=0, address=None, /):
        """Sends several pieces of memory as one message, with control messages."""
        views = [readable(each) for each in buffers]
        control, size = _messages.control_for(ancdata)
        endpoint = ffi.NULL
        if address is not None:
            endpoint = _addresses.to_endpoint(self._family, self._proto, address, "sendmsg")
        message = Message(views, control, size, endpoint)
        return self._send_some(
            lambda f, sent: lib.sn_socket_send_message(self._sn, message.record, f, sent), flags
        )

    def _send_file(self, handle, offset, count):
        """A part of a file, up to its end where the count is 0; returns how many bytes."""
        send = ffi.new("sn_file_send *", {"kind": lib.SN_FILE_HANDLE, "file": handle, "offset": offset, "count": count})
        sent = ffi.new("size_t *")
        return lib.sn_socket_send_file(self._sn, send, sent), sent[0]
