"""Addresses: Python's tuples and texts, and the system's bytes, which an end point of the library holds.

The forms are those of Python's `socket` module. Host names are looked up by the same function as there.
"""
import _socket
import errno
import os
import struct

from sennit._native import ffi, lib

_FAMILY = struct.Struct("=H")
_INET = struct.Struct("=H2s4s8x")
_INET6 = struct.Struct("=H2s4s16sI")
_NETLINK = struct.Struct("=HxxII")
_VSOCK = struct.Struct("=HxxIIB3x")
_PACKET = struct.Struct("=H2siHBB8s")
_CAN = struct.Struct("=Hxxi")
_CAN_PAIR = struct.Struct("=HxxiII")
_J1939 = struct.Struct("=HxxiQIB3x")
_QIPCRTR = struct.Struct("=HxxII")
_UNIX_PATH_MAX = 108


def _need_tuple(address, family, caller):
    if not isinstance(address, tuple):
        raise TypeError(f"{caller}(): {family} address must be tuple, not {type(address).__name__}")


def _port(value, caller):
    value = value.__index__() if hasattr(value, "__index__") else _not_a_number(value)
    if not 0 <= value <= 0xFFFF:
        raise OverflowError(f"{caller}(): port must be 0-65535.")
    return value.to_bytes(2, "big")


def _not_a_number(value):
    raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")


def _host(host, family):
    """The bytes of an address, and its scope."""
    if isinstance(host, (bytes, bytearray)):
        text = bytes(host)
    elif isinstance(host, str):
        text = host if host.isascii() else host.encode("idna")
    else:
        raise TypeError(f"str, bytes or bytearray expected, not {type(host).__name__}")
    if family == _socket.AF_INET:
        if text in ("<broadcast>", b"<broadcast>"):
            return b"\xff" * 4, 0
        if not text:
            return bytes(4), 0
    elif not text:
        return bytes(16), 0
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if "\0" in text:
        raise TypeError("host name must not contain null character")
    try:
        return _socket.inet_pton(family, text), 0
    except OSError:
        pass
    found = _socket.getaddrinfo(text, None, family, _socket.SOCK_DGRAM)[0][4]
    return _socket.inet_pton(family, found[0].partition("%")[0]), found[3] if len(found) > 3 else 0


# --- To the system's bytes -------------------------------------------------------------------------


def _to_inet(address, _protocol, caller):
    _need_tuple(address, "AF_INET", caller)
    if len(address) != 2:
        raise TypeError(f"{caller}(): AF_INET address must be a pair (host, port)")
    host, port = address
    bits = _port(port, caller)
    return _INET.pack(_socket.AF_INET, bits, _host(host, _socket.AF_INET)[0])


def _to_inet6(address, _protocol, caller):
    _need_tuple(address, "AF_INET6", caller)
    if not 2 <= len(address) <= 4:
        raise TypeError(f"{caller}(): AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])")
    host, port, flow, scope = (*address, 0, 0)[:4] if len(address) < 4 else address
    bits = _port(port, caller)
    if not 0 <= flow <= 0xFFFFF:
        raise OverflowError(f"{caller}(): flowinfo must be 0-1048575.")
    if not 0 <= scope <= 0xFFFFFFFF:
        raise OverflowError("Python int too large to convert to C unsigned int")
    found, scope_of_name = _host(host, _socket.AF_INET6)
    return _INET6.pack(_socket.AF_INET6, bits, flow.to_bytes(4, "big"), found, scope or scope_of_name)


def _to_unix(address, _protocol, caller):
    if isinstance(address, str):
        path = os.fsencode(address)
    else:
        try:
            path = bytes(memoryview(address))
        except TypeError:
            raise TypeError(f"{caller}(): AF_UNIX address must be str or bytes, not {type(address).__name__}") from None
    abstract = not path or path[0] == 0
    if len(path) > _UNIX_PATH_MAX - (not abstract):
        raise OSError("AF_UNIX path too long")
    return _FAMILY.pack(_socket.AF_UNIX) + path + (b"" if abstract else b"\0")


def _numbers(form, name, count):
    def convert(address, _protocol, caller):
        _need_tuple(address, name, caller)
        if len(address) != count:
            raise TypeError(f"{caller}(): {name} address must be a tuple of {count}")
        try:
            return form(*address)
        except struct.error as error:
            raise OverflowError(f"{caller}(): {error}") from None
    return convert


def _to_packet(address, _protocol, caller):
    _need_tuple(address, "AF_PACKET", caller)
    if not 2 <= len(address) <= 5:
        raise TypeError(f"{caller}(): AF_PACKET address must be a tuple of two to five elements")
    name, protocol, kind, hardware, place = (*address, *(0, 0, b"")[len(address) - 2:])
    if not 0 <= protocol <= 0xFFFF:
        raise OverflowError(f"{caller}(): proto must be 0-65535.")
    place = bytes(place)
    if len(place) > 8:
        raise ValueError("Hardware address must be 8 bytes or less")
    return _PACKET.pack(_socket.AF_PACKET, protocol.to_bytes(2, "big"), _socket.if_nametoindex(name) if name else 0,
                        hardware, kind, len(place), place)


def _to_can(address, protocol, caller):
    _need_tuple(address, "AF_CAN", caller)
    index = _socket.if_nametoindex(address[0]) if address[0] else 0
    if protocol == getattr(_socket, "CAN_ISOTP", -1) and len(address) == 3:
        return _CAN_PAIR.pack(_socket.AF_CAN, index, address[1], address[2])
    if protocol == getattr(_socket, "CAN_J1939", -1) and len(address) == 4:
        return _J1939.pack(_socket.AF_CAN, index, address[1], address[2], address[3])
    if len(address) != 1:
        raise TypeError(f"{caller}(): AF_CAN address must be a tuple (interface, )")
    return _CAN.pack(_socket.AF_CAN, index)


_TO = {_socket.AF_INET: _to_inet, _socket.AF_INET6: _to_inet6, _socket.AF_UNIX: _to_unix}
_TO[_socket.AF_NETLINK] = _numbers(lambda port, groups: _NETLINK.pack(_socket.AF_NETLINK, port, groups), "AF_NETLINK", 2)
_TO[_socket.AF_PACKET] = _to_packet
if hasattr(_socket, "AF_CAN"):
    _TO[_socket.AF_CAN] = _to_can
if hasattr(_socket, "AF_VSOCK"):
    _TO[_socket.AF_VSOCK] = _numbers(lambda cid, port: _VSOCK.pack(_socket.AF_VSOCK, port, cid, 0), "AF_VSOCK", 2)
if hasattr(_socket, "AF_QIPCRTR"):
    _TO[_socket.AF_QIPCRTR] = _numbers(lambda node, port: _QIPCRTR.pack(_socket.AF_QIPCRTR, node, port), "AF_QIPCRTR", 2)


def to_endpoint(family, protocol, address, caller):
    """A new end point for an address as Python writes it."""
    convert = _TO.get(family)
    if convert is None:
        raise OSError(f"{caller}(): bad family")
    raw = convert(address, protocol, caller)
    endpoint = ffi.new("sn_endpoint *")
    error = lib.sn_endpoint_from_sockaddr(raw, len(raw), endpoint)
    if error:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return endpoint


# --- From the system's bytes -----------------------------------------------------------------------


def _from_inet(raw, _protocol):
    _, port, host = _INET.unpack_from(raw)
    return _socket.inet_ntop(_socket.AF_INET, host), int.from_bytes(port, "big")


def _from_inet6(raw, _protocol):
    _, port, flow, host, scope = _INET6.unpack_from(raw)
    return _socket.inet_ntop(_socket.AF_INET6, host), int.from_bytes(port, "big"), int.from_bytes(flow, "big"), scope


def _from_unix(raw, _protocol):
    path = raw[_FAMILY.size:]
    if path[:1] == b"\0" and len(path) > 1:
        return path
    return os.fsdecode(path.partition(b"\0")[0])


def _from_netlink(raw, _protocol):
    return _NETLINK.unpack_from(raw)[1:]


def _from_vsock(raw, _protocol):
    _, port, cid, _ = _VSOCK.unpack_from(raw)
    return cid, port


def _from_packet(raw, _protocol):
    _, protocol, index, hardware, kind, size, place = _PACKET.unpack_from(raw.ljust(_PACKET.size, b"\0"))
    try:
        name = _socket.if_indextoname(index) if index else ""
    except OSError:
        name = ""
    return name, int.from_bytes(protocol, "big"), kind, hardware, place[:size]


def _from_can(raw, protocol):
    raw = raw.ljust(_J1939.size, b"\0")
    index = _CAN.unpack_from(raw)[1]
    name = _socket.if_indextoname(index) if index else ""
    if protocol == getattr(_socket, "CAN_ISOTP", -1):
        return (name, *_CAN_PAIR.unpack_from(raw)[2:])
    if protocol == getattr(_socket, "CAN_J1939", -1):
        return (name, *_J1939.unpack_from(raw)[2:])
    return (name,)


def _from_qipcrtr(raw, _protocol):
    return _QIPCRTR.unpack_from(raw)[1:]


_FROM = {
    _socket.AF_INET: _from_inet, _socket.AF_INET6: _from_inet6, _socket.AF_UNIX: _from_unix,
    _socket.AF_NETLINK: _from_netlink, _socket.AF_PACKET: _from_packet,
    getattr(_socket, "AF_CAN", None): _from_can, getattr(_socket, "AF_VSOCK", None): _from_vsock,
    getattr(_socket, "AF_QIPCRTR", None): _from_qipcrtr,
}


def from_endpoint(endpoint, protocol):
    """An address as Python writes it; None where the end point holds nothing."""
    size = ffi.new("size_t *")
    data = lib.sn_endpoint_get_sockaddr(endpoint, size)
    if data == ffi.NULL or size[0] < _FAMILY.size:
        return None
    raw = bytes(ffi.buffer(data, size[0]))
    family = _FAMILY.unpack_from(raw)[0]
    convert = _FROM.get(family)
    return convert(raw, protocol) if convert else (family, raw[_FAMILY.size:])


def unbound(family):
    """What the system tells of a socket that has no address yet, where the library tells of none."""
    raw = {_socket.AF_INET: bytes(_INET.size), _socket.AF_INET6: bytes(_INET6.size)}.get(family, bytes(_J1939.size))
    return _FROM[family](raw if family != _socket.AF_UNIX else b"", 0) if family in _FROM else None


def sender(endpoint, protocol):
    """Who has sent what came: None for one without a name, as for a peer that the system does not tell."""
    return from_endpoint(endpoint, protocol) or None
