"""The system's MSG_ flags and the library's."""
import _socket
import errno

from sennit._native import lib

_TO_SENNIT = {
    _socket.MSG_OOB: lib.SN_FLAG_OUT_OF_BAND,
    _socket.MSG_PEEK: lib.SN_FLAG_PEEK,
    _socket.MSG_DONTROUTE: lib.SN_FLAG_DONT_ROUTE,
    _socket.MSG_DONTWAIT: lib.SN_FLAG_DONT_WAIT,
    _socket.MSG_MORE: lib.SN_FLAG_MORE,
    _socket.MSG_TRUNC: lib.SN_FLAG_TRUNCATE,
    _socket.MSG_WAITALL: lib.SN_FLAG_WAIT_ALL,
}

_FROM_SENNIT = {
    lib.SN_FLAG_OUT_OF_BAND: _socket.MSG_OOB,
    lib.SN_FLAG_TRUNCATED: _socket.MSG_TRUNC,
    lib.SN_FLAG_CONTROL_DATA_TRUNCATED: _socket.MSG_CTRUNC,
}

# What the library does without being asked: no SIGPIPE, and no descriptor that a program inherits which is executed.
_ALWAYS = _socket.MSG_NOSIGNAL | _socket.MSG_CMSG_CLOEXEC


def to_sennit(flags):
    """The library's flags for the system's. One that it does not know is EOPNOTSUPP, as the kernel says it."""
    flags &= ~_ALWAYS
    if not flags:
        return 0
    result = 0
    for native, flag in _TO_SENNIT.items():
        if flags & native:
            result |= flag
            flags &= ~native
    if flags:
        raise OSError(errno.EOPNOTSUPP, f"the library has no word for flags {flags:#x}")
    return result


def from_sennit(flags):
    """The system's flags for what the library tells of a message that came."""
    return sum(native for flag, native in _FROM_SENNIT.items() if flags & flag)
