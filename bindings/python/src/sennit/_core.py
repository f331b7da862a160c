"""The calls of one socket but for sending and receiving, as Python's C module ``_socket`` has them."""
import _socket
import errno
import math
import operator
import os
import stat
import sys
import time

from sennit import _addresses, _limits, _make, _messages
from sennit._errors import check, exception, raise_pending
from sennit._native import ffi, lib

_TYPE_FLAGS = _socket.SOCK_NONBLOCK | _socket.SOCK_CLOEXEC
_OPTION_SIZE_MAX = 1024
_INT_MAX = 0x7FFFFFFF

# What a call that waits ends with when another thread closes the socket.
_ENDED_BY_CLOSE = (
    lib.SN_ERROR_INTERRUPTED, lib.SN_ERROR_CONNECTION_ABORTED, lib.SN_ERROR_NOT_SOCKET, lib.SN_ERROR_OPERATION_ABORTED,
)


def _int(value):
    value = operator.index(value)
    if not -_INT_MAX - 1 <= value <= _INT_MAX:
        raise OverflowError("Python int too large to convert to C int")
    return value


class Core:
    """A socket of the library, with what Python's sockets know of themselves."""

    __slots__ = ("_sn", "_family", "_type", "_proto", "_timeout", "_engine", "_left")

    def __init__(self, family=_socket.AF_INET, type=_socket.SOCK_STREAM, proto=0, fileno=None):
        self._sn = ffi.NULL  # for __del__, where what follows fails
        self._engine = None  # the one of an asyncio loop that has used the socket
        self._left = None  # what an asyncio receive got that nobody waited for any more
        self._timeout = None
        family, kind, proto = map(operator.index, (family, type, proto))
        timeout = _limits.getdefaulttimeout()
        if fileno is not None:
            family, kind, proto = self._adopt(family, kind, proto, fileno)
        else:
            if kind & _socket.SOCK_NONBLOCK:
                timeout = 0.0
            kind &= ~_TYPE_FLAGS
            sys.audit("socket.__new__", self, family, kind, proto)
            self._sn = _make.create(family, kind, proto)
        self._family, self._type, self._proto = family, kind, proto
        # A descriptor from elsewhere keeps its mode, as in Python, unless a default was set.
        if fileno is None or timeout is not None:
            self.settimeout(timeout)

    def _adopt(self, family, kind, proto, fileno):
        if isinstance(fileno, float):
            raise TypeError("integer argument expected, got float")
        handle = operator.index(fileno)
        if handle < 0:
            raise ValueError("negative file descriptor")
        if not stat.S_ISSOCK(os.fstat(handle).st_mode):  # the library takes a pipe too
            raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))
        blocking = os.get_blocking(handle)
        self._sn = _make.adopt(handle)
        os.set_blocking(handle, blocking)
        if family == -1:
            family = self.getsockopt(_socket.SOL_SOCKET, _socket.SO_DOMAIN)
        if kind == -1:
            kind = self.getsockopt(_socket.SOL_SOCKET, _socket.SO_TYPE)
        if proto == -1:
            proto = self.getsockopt(_socket.SOL_SOCKET, _socket.SO_PROTOCOL)
        return family, kind & ~_TYPE_FLAGS, proto

    def _take(self, sn, family, kind, proto, timeout):
        """Becomes the owner of a socket of the library instead of making one."""
        self._sn, self._family, self._type, self._proto = sn, family, kind, proto
        self._engine = self._left = None
        self._timeout = None
        self.settimeout(timeout)

    # --- Errors, time ------------------------------------------------------------------------------

    def _fail(self, error):
        """Raises what a call of the library on this socket has returned; called at once, on the same thread."""
        native = lib.sn_error_last_native()
        if error == lib.SN_ERROR_INTERRUPTED:
            raise_pending()
        if error in _ENDED_BY_CLOSE and self.fileno() < 0:
            raise exception(lib.SN_ERROR_OBJECT_DISPOSED, 0)
        if error == lib.SN_ERROR_TIMED_OUT and native == 0:
            raise TimeoutError("timed out")  # its own limit; one of the system has an errno
        raise exception(error, native)

    def _check(self, error):
        if error:
            self._fail(error)

    def _wait(self, mode, deadline):
        """Waits until the socket is ready; the deadline is one of time.monotonic(), or None."""
        ready = ffi.new("bool *")
        while not ready[0]:
            left = 3600.0 if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            # Whole milliseconds count, and one call takes 35 minutes at most.
            self._check(lib.sn_socket_poll(self._sn, min(math.ceil(left * 1000), 2000000) * 1000, mode, ready))

    def settimeout(self, timeout):
        """Sets the time limit of calls in seconds; None: they wait without one, 0: they do not wait."""
        timeout = _limits.timeout_of(timeout)
        span = _limits.milliseconds(timeout) if timeout else lib.SN_FOREVER
        self._check(lib.sn_socket_set_blocking(self._sn, timeout != 0))
        for limit in (
            lib.sn_socket_set_receive_timeout, lib.sn_socket_set_send_timeout,
            lib.sn_socket_set_connect_timeout, lib.sn_socket_set_accept_timeout,
        ):
            self._check(limit(self._sn, span))
        self._timeout = timeout
        self._show_mode()

    def _show_mode(self):
        """The library's descriptors are non-blocking always, and it does not mind if they are not. A program that is
        started with one as its standard input does, so they are as Python's are."""
        os.set_blocking(self.fileno(), self._timeout is None)

    def gettimeout(self):
        """The time limit of calls in seconds; None: none, 0: they do not wait."""
        return self._timeout

    timeout = property(gettimeout, doc="The time limit of calls, in seconds.")

    def setblocking(self, flag):
        """True: calls wait without a time limit; false: they do not wait."""
        self.settimeout(None if flag else 0.0)

    def getblocking(self):
        """Whether calls wait."""
        return self._timeout != 0

    # --- What it is --------------------------------------------------------------------------------

    family = property(lambda self: self._family, doc="The address family.")
    type = property(lambda self: self._type, doc="The type.")
    proto = property(lambda self: self._proto, doc="The protocol.")

    def fileno(self):
        """The descriptor; -1 once closed."""
        return lib.sn_socket_get_handle(self._sn) if self._sn else -1

    def _address_of(self, ask):
        endpoint = ffi.new("sn_endpoint *")
        self._check(ask(self._sn, endpoint))
        return _addresses.from_endpoint(endpoint, self._proto)

    def getsockname(self):
        """The local address."""
        address = self._address_of(lib.sn_socket_get_local_endpoint)
        return _addresses.unbound(self._family) if address is None else address

    def getpeername(self):
        """The address of the peer."""
        address = self._address_of(lib.sn_socket_get_remote_endpoint)
        if address is None:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        return address

    # --- Options -----------------------------------------------------------------------------------

    # Numbers have 32 bits, but for those of a virtual machine's sockets.
    def _number_size(self, level):
        return 8 if level == getattr(_socket, "AF_VSOCK", None) else 4

    def _number_for(self, level, value):
        if self._number_size(level) == 8:
            return ffi.new("uint64_t *", operator.index(value))
        return ffi.new("int *", _int(value))

    def setsockopt(self, level, optname, value, optlen=None):
        """Sets an option to a number, to bytes, or to nothing of a given length."""
        level, optname = _int(level), _int(optname)
        if value is None:
            if optlen is None:
                raise TypeError("setsockopt() with None needs a length")
            data, size = ffi.NULL, operator.index(optlen)
        elif optlen is not None:
            raise TypeError("socket option should be None where a length is given")
        elif hasattr(value, "__index__"):
            data, size = self._number_for(level, value), self._number_size(level)
        else:
            data = _messages.readable(value)
            size = len(data)
        self._check(lib.sn_socket_set_raw_option(self._sn, level, optname, data, size))

    def getsockopt(self, level, optname, buflen=0):
        """Reads an option, as a number or, with a length, as bytes."""
        level, optname, buflen = _int(level), _int(optname), operator.index(buflen)
        if not 0 <= buflen <= _OPTION_SIZE_MAX:
            raise OSError("getsockopt buflen out of range")
        size = ffi.new("size_t *")
        room = ffi.new("char[]", buflen) if buflen else self._number_for(level, 0)
        self._check(
            lib.sn_socket_get_raw_option(self._sn, level, optname, room, buflen or self._number_size(level), size)
        )
        return bytes(ffi.buffer(room, size[0])) if buflen else room[0]

    # --- Binding, connecting, accepting ------------------------------------------------------------

    def bind(self, address, /):
        """Gives the socket a local address."""
        sys.audit("socket.bind", self, address)
        endpoint = _addresses.to_endpoint(self._family, self._proto, address, "bind")
        self._check(lib.sn_socket_bind(self._sn, endpoint))

    def listen(self, backlog=min(_socket.SOMAXCONN, 128), /):
        """Lets others connect."""
        self._check(lib.sn_socket_listen(self._sn, max(_int(backlog), 0)))

    def _connect(self, endpoint):
        try:
            self._check(lib.sn_socket_connect(self._sn, endpoint))
        finally:
            # A connect makes the descriptor non-blocking: see _show_mode().
            if self._timeout is None and self.fileno() >= 0:
                self._show_mode()

    def connect(self, address, /):
        """Connects to an address."""
        endpoint = _addresses.to_endpoint(self._family, self._proto, address, "connect")
        sys.audit("socket.connect", self, address)
        self._connect(endpoint)

    def connect_ex(self, address, /):
        """Connects to an address, and returns the errno: 0 for success."""
        endpoint = _addresses.to_endpoint(self._family, self._proto, address, "connect_ex")
        sys.audit("socket.connect", self, address)
        try:
            self._connect(endpoint)
        except OSError as error:
            return errno.EAGAIN if error.errno is None else error.errno
        return 0

    def _accept(self):
        """The next connection, as a socket of the library, and the address of its peer."""
        if self._left:
            return self._left.accepted()
        made = ffi.new("sn_socket **")
        self._check(lib.sn_socket_accept(self._sn, made))
        return self._accepted(made[0])

    def _accepted(self, handle):
        sn = _make.prepare(_make.own(handle))
        endpoint = ffi.new("sn_endpoint *")
        lib.sn_socket_get_remote_endpoint(sn, endpoint)  # none where the peer has gone already
        return sn, _addresses.from_endpoint(endpoint, self._proto)

    def shutdown(self, how, /):
        """Ends sending, receiving or both."""
        self._check(lib.sn_socket_shutdown(self._sn, _int(how)))

    # --- The end -----------------------------------------------------------------------------------

    def _close(self):
        """Closes the descriptor; one that somebody else has closed already is EBADF."""
        handle = self.fileno()
        if handle < 0:
            return
        try:
            os.fstat(handle)
        finally:
            lib.sn_socket_close(self._sn)
            if self._engine is not None:
                self._engine.settle()

    def _detach(self):
        handle = ffi.new("sn_handle *", -1)
        if self._engine is not None:
            self._check(self._engine.detach(self._sn, self._timeout is None, handle))
        else:
            self._check(lib.sn_socket_detach(self._sn, self._timeout is None, handle))
        return handle[0]

    def _duplicate(self):
        made = ffi.new("sn_socket **")
        self._check(lib.sn_socket_duplicate(self._sn, made))
        return _make.prepare(_make.own(made[0]))
