"""Sockets with the interface of Python's module ``socket``, carried by Sennit.

The class, and each function that makes or uses a socket, are here. What only converts, or asks the system's databases
(``getaddrinfo``, ``inet_pton``, ``htons``, the constants), is Python's own, under the same names.
"""
import _socket
import errno
import io
import os
import socket as _python
import sys
import warnings
from socket import *  # noqa: F401,F403: the constants and conversions
from socket import AddressFamily, MsgFlag, SocketIO, SocketKind, _GiveupOnSendfile  # noqa: F401

from sennit import _limits, _make
from sennit._limits import getdefaulttimeout, setdefaulttimeout  # noqa: F401
from sennit._native import ffi, lib
from sennit._transfer import Transfer

__all__ = sorted(_python.__all__)

_FILE_BLOCK = 2**30


def __getattr__(name):
    """What Python's module has and does not promise, such as _GLOBAL_DEFAULT_TIMEOUT, which other modules use."""
    try:
        return getattr(_python, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def _enum_of(value, kind):
    try:
        return kind(value)
    except ValueError:
        return value


class socket(Transfer):
    """A socket: ``socket(family=AF_INET, type=SOCK_STREAM, proto=0, fileno=None)``.

    As Python's own, and beside it: a call that waits ends when another thread closes the socket, and ``cancel()`` ends
    what waits in it without closing it.
    """

    __slots__ = ("__weakref__", "_io_refs", "_closed")

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        if fileno is None:
            family = _python.AF_INET if family == -1 else family
            type = _python.SOCK_STREAM if type == -1 else type
            proto = 0 if proto == -1 else proto
        self._io_refs = 0
        self._closed = False
        super().__init__(family, type, proto, fileno)

    @classmethod
    def _of(cls, sn, family, kind, proto, timeout):
        """A socket for one of the library."""
        made = cls.__new__(cls)
        made._io_refs = 0
        made._closed = False
        made._take(sn, family, kind, proto, timeout)
        return made

    def __enter__(self):
        return self

    def __exit__(self, *args):
        if not self._closed:
            self.close()

    def __repr__(self):
        text = (
            f"<{self.__class__.__module__}.{self.__class__.__qualname__}{' [closed]' if self._closed else ''} "
            f"fd={self.fileno()}, family={self.family!s}, type={self.type!s}, proto={self.proto}"
        )
        if not self._closed:
            for name, ask in (("laddr", self.getsockname), ("raddr", self.getpeername)):
                try:
                    address = ask()
                except OSError:
                    continue
                if address:
                    text += f", {name}={address}"
        return text + ">"

    def __getstate__(self):
        raise TypeError(f"cannot pickle {self.__class__.__name__!r} object")

    def __del__(self):
        if getattr(self, "_sn", None) and self.fileno() >= 0:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self)
            try:
                self._close()
            except OSError:
                pass

    family = property(lambda self: _enum_of(self._family, AddressFamily), doc="The address family.")
    type = property(lambda self: _enum_of(self._type, SocketKind), doc="The type.")

    def dup(self):
        """A second socket for the same connection, which programs that are executed do not inherit."""
        return type(self)._of(self._duplicate(), self._family, self._type, self._proto, self._timeout)

    def accept(self):
        """Waits for a connection: the socket for it, and the address of the peer."""
        sn, address = self._accept()
        return socket._of(sn, self._family, self._type, self._proto, getdefaulttimeout()), address

    def cancel(self):
        """Ends every call that waits in the socket: with an OSError of ECANCELED. The socket itself stays as it is."""
        lib.sn_socket_cancel(self._sn)

    # --- The end -----------------------------------------------------------------------------------

    def _decref_socketios(self):
        if self._io_refs > 0:
            self._io_refs -= 1
        if self._closed:
            self.close()

    def _real_close(self):
        self._close()

    def close(self):
        """Closes the socket, once the files of makefile() are closed."""
        self._closed = True
        if self._io_refs <= 0:
            self._real_close()

    def detach(self):
        """Takes the descriptor out: it stays open, and is the caller's to close."""
        self._closed = True
        return self._detach() if self.fileno() >= 0 else -1

    def get_inheritable(self):
        """Whether programs that are executed inherit it."""
        return os.get_inheritable(self.fileno())

    def set_inheritable(self, inheritable):
        """Sets whether programs that are executed inherit it."""
        os.set_inheritable(self.fileno(), inheritable)

    # --- Files -------------------------------------------------------------------------------------

    # These use nothing but the methods of the socket they are given.
    makefile = _python.socket.makefile
    _sendfile_use_send = _python.socket._sendfile_use_send
    _check_sendfile_params = _python.socket._check_sendfile_params

    def _sendfile_use_sendfile(self, file, offset=0, count=None):
        self._check_sendfile_params(file, offset, count)
        if self.gettimeout() == 0:
            raise ValueError("non-blocking sockets are not supported")
        try:
            handle = file.fileno()
        except (AttributeError, io.UnsupportedOperation) as reason:
            raise _GiveupOnSendfile(reason) from None
        try:
            size = os.fstat(handle).st_size
        except OSError as reason:
            raise _GiveupOnSendfile(reason) from None
        left = min(size - offset, count or size)
        sent = 0
        try:
            while sent < left:
                error, moved = self._send_file(handle, offset + sent, min(left - sent, _FILE_BLOCK))
                sent += moved
                if error == lib.SN_ERROR_NOT_SUPPORTED and not sent:
                    raise _GiveupOnSendfile(f"{file!r} is no regular file, or the socket is not connected")
                self._check(error)
        finally:
            if sent and hasattr(file, "seek"):
                file.seek(offset + sent)
        return sent

    def sendfile(self, file, offset=0, count=None):
        """Sends a file, up to its end or so many bytes, and returns how many. What is no regular file is read and sent
        piece by piece."""
        try:
            return self._sendfile_use_sendfile(file, offset, count)
        except _GiveupOnSendfile:
            return self._sendfile_use_send(file, offset, count)


SocketType = socket


# --- Functions ----------------------------------------------------------------------------------------


def fromfd(fd, family, type, proto=0):
    """A socket for a copy of a descriptor."""
    return socket(family, type, proto, fileno=_python.dup(fd))


def socketpair(family=None, type=SocketKind.SOCK_STREAM, proto=0):
    """Two sockets that are connected to each other."""
    family = AddressFamily.AF_UNIX if family is None else family
    kind = type & ~(_python.SOCK_NONBLOCK | _python.SOCK_CLOEXEC)
    if family != AddressFamily.AF_UNIX or proto:
        raise OSError(errno.EOPNOTSUPP, "the library makes pairs of Unix sockets")
    pair = ffi.new("sn_socket *[2]")
    code = lib.sn_socket_pair(kind, pair)
    if code:
        from sennit._errors import check

        check(code)
    timeout = 0.0 if type & _python.SOCK_NONBLOCK else getdefaulttimeout()
    owned = [_make.own(each) for each in pair]
    return tuple(socket._of(_make.prepare(each), family, kind, proto, timeout) for each in owned)


def send_fds(sock, buffers, fds, flags=0, address=None):
    """Sends descriptors, with bytes, over a Unix socket."""
    import array

    rights = (_python.SOL_SOCKET, _python.SCM_RIGHTS, array.array("i", fds))
    return sock.sendmsg(buffers, [rights], flags, *(() if address is None else (address,)))


def recv_fds(sock, bufsize, maxfds, flags=0):
    """Receives bytes and descriptors: (bytes, list of descriptors, flags, address)."""
    import array

    fds = array.array("i")
    data, ancillary, flags, address = sock.recvmsg(bufsize, _python.CMSG_LEN(maxfds * fds.itemsize), flags)
    for level, kind, content in ancillary:
        if level == _python.SOL_SOCKET and kind == _python.SCM_RIGHTS:
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    return data, list(fds), flags, address


def close(fd):
    """Closes a descriptor, as os.close() does."""
    _socket.close(fd)


def create_connection(address, timeout=_python._GLOBAL_DEFAULT_TIMEOUT, source_address=None, *, all_errors=False):
    """Connects to a host and a port, trying each of the host's addresses in turn."""
    host, port = address
    errors = []
    for family, kind, proto, _, target in _python.getaddrinfo(host, port, 0, _python.SOCK_STREAM):
        sock = None
        try:
            sock = socket(family, kind, proto)
            if timeout is not _python._GLOBAL_DEFAULT_TIMEOUT:
                sock.settimeout(timeout)
            if source_address:
                sock.bind(source_address)
            sock.connect(target)
            return sock
        except OSError as reason:
            if not all_errors:
                errors.clear()  # the last one is raised
            errors.append(reason)
            if sock is not None:
                sock.close()
    if not errors:
        raise OSError("getaddrinfo returns an empty list")
    try:
        if not all_errors:
            raise errors[0]
        raise ExceptionGroup("create_connection failed", errors)  # noqa: F821: Python 3.11 and later
    finally:
        errors.clear()  # no circle of the exception and this frame


def has_dualstack_ipv6():
    """Whether a socket can serve IPv6 and IPv4."""
    if not _python.has_ipv6:
        return False
    try:
        with socket(AddressFamily.AF_INET6, SocketKind.SOCK_STREAM) as sock:
            sock.setsockopt(_python.IPPROTO_IPV6, _python.IPV6_V6ONLY, 0)
            return True
    except OSError:
        return False


def create_server(address, *, family=AddressFamily.AF_INET, backlog=None, reuse_port=False, dualstack_ipv6=False):
    """A socket that listens on an address."""
    if reuse_port and not hasattr(_python, "SO_REUSEPORT"):
        raise ValueError("SO_REUSEPORT not supported on this platform")
    if dualstack_ipv6:
        if not has_dualstack_ipv6():
            raise ValueError("dualstack_ipv6 not supported on this platform")
        if family != AddressFamily.AF_INET6:
            raise ValueError("dualstack_ipv6 requires AF_INET6 family")
    sock = socket(family, SocketKind.SOCK_STREAM)
    try:
        sock.setsockopt(_python.SOL_SOCKET, _python.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(_python.SOL_SOCKET, _python.SO_REUSEPORT, 1)
        if _python.has_ipv6 and family == AddressFamily.AF_INET6:
            sock.setsockopt(_python.IPPROTO_IPV6, _python.IPV6_V6ONLY, 0 if dualstack_ipv6 else 1)
        try:
            sock.bind(address)
        except OSError as reason:
            text = f"{reason.strerror} (while attempting to bind on address {address!r})"
            raise OSError(reason.errno, text) from None
        sock.listen() if backlog is None else sock.listen(backlog)
        return sock
    except BaseException:
        sock.close()
        raise
