"""Making sockets of the library from the system's numbers, and what belongs to their descriptors."""
import _socket
import os

from sennit._errors import check
from sennit._native import ffi, lib

_FAMILIES = {
    _socket.AF_UNIX: lib.SN_FAMILY_UNIX,
    _socket.AF_INET: lib.SN_FAMILY_IPV4,
    _socket.AF_INET6: lib.SN_FAMILY_IPV6,
    _socket.AF_PACKET: lib.SN_FAMILY_PACKET,
    _socket.AF_NETLINK: lib.SN_FAMILY_NETLINK,
    getattr(_socket, "AF_CAN", None): lib.SN_FAMILY_CAN,
    getattr(_socket, "AF_VSOCK", None): lib.SN_FAMILY_VSOCK,
}
_CAN_PROTOCOLS = {
    getattr(_socket, "CAN_RAW", None): lib.SN_PROTOCOL_RAW,
    getattr(_socket, "CAN_BCM", None): lib.SN_PROTOCOL_CAN_BROADCAST_MANAGER,
    getattr(_socket, "CAN_ISOTP", None): lib.SN_PROTOCOL_CAN_ISO_TP,
    getattr(_socket, "CAN_J1939", None): lib.SN_PROTOCOL_CAN_J1939,
}
_IP_PROTOCOLS = {
    0: lib.SN_PROTOCOL_UNSPECIFIED,
    _socket.IPPROTO_ICMP: lib.SN_PROTOCOL_ICMP,
    _socket.IPPROTO_TCP: lib.SN_PROTOCOL_TCP,
    _socket.IPPROTO_UDP: lib.SN_PROTOCOL_UDP,
    _socket.IPPROTO_ICMPV6: lib.SN_PROTOCOL_ICMPV6,
    _socket.IPPROTO_RAW: lib.SN_PROTOCOL_RAW,
    136: lib.SN_PROTOCOL_UDP_LITE,
    262: lib.SN_PROTOCOL_MPTCP,
}


def own(handle):
    """Gives a reference to a socket of the library to Python's collector."""
    return ffi.gc(handle, lib.sn_socket_release)


def _protocol(family, protocol):
    if family in (_socket.AF_INET, _socket.AF_INET6):
        return _IP_PROTOCOLS.get(protocol)
    if family == getattr(_socket, "AF_CAN", None):
        return _CAN_PROTOCOLS.get(protocol)
    return protocol


def create(family, kind, protocol):
    """A new socket. What the library has no name for (AF_ALG, SCTP and the like) is made by the system and adopted."""
    ours = _protocol(family, protocol)
    if family not in _FAMILIES or ours is None or kind not in range(1, 6):
        handle = _socket.socket(family, kind, protocol).detach()
        try:
            return adopt(handle)
        except BaseException:
            os.close(handle)
            raise
    made = ffi.new("sn_socket **")
    check(lib.sn_socket_create(_FAMILIES[family], kind, ours, made))
    return prepare(own(made[0]))


def adopt(handle):
    """A socket for a descriptor that is open. Whether programs inherit it stays as it was."""
    inherited = os.get_inheritable(handle)
    made = ffi.new("sn_socket **")
    check(lib.sn_socket_from_handle(handle, True, made))
    if inherited:
        os.set_inheritable(handle, True)
    return prepare(own(made[0]))


def prepare(socket):
    """What Python's sockets do otherwise than the library's: their descriptor is known, so it stays the same file, and
    the file of a Unix socket outlives them."""
    lib.sn_socket_get_handle(socket)
    check(lib.sn_socket_set_unlink_on_close(socket, False))
    return socket
