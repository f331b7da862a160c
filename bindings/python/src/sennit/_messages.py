"""Messages with control messages (ancillary data): memory for one, and what came in it."""
import operator
import struct
import warnings

from sennit._errors import check
from sennit._native import ffi, lib

_HEADER = struct.Struct("@Nii")  # struct cmsghdr

_ALIGNMENT = struct.calcsize("@N")

# Memory that is not cleared before: what is received into it says how much of it counts.
room_for = ffi.new_allocator(should_clear_after_alloc=False)


def readable(data):
    """A view of an object that can be sent."""
    try:
        return ffi.from_buffer("char[]", data)
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(data).__name__}'") from None


def writable(data):
    """A view of an object that can be received into."""
    try:
        return ffi.from_buffer("char[]", data, require_writable=True)
    except (TypeError, BufferError):
        raise TypeError(f"a read-write bytes-like object is required, not '{type(data).__name__}'") from None


class Message:
    """An ``sn_message`` with all that it points to."""

    __slots__ = ("record", "_kept")

    def __init__(self, views, control=ffi.NULL, control_size=0, endpoint=ffi.NULL):
        buffers = ffi.new("sn_buffer[]", max(len(views), 1))
        for buffer, view in zip(buffers, views):
            buffer.data = view
            buffer.size = len(view)
        self.record = ffi.new("sn_message *")
        self.record.buffers = buffers
        self.record.buffer_count = max(len(views), 1)
        self.record.control.data = control
        self.record.control.size = control_size
        self.record.endpoint = endpoint
        self._kept = (views, buffers, control, endpoint)


def control_for(ancillary):
    """The memory of control messages that are to be sent, and how much of it is in use."""
    parts = []
    for item in ancillary:
        if not isinstance(item, tuple) or len(item) != 3:
            raise TypeError("[sendmsg() ancillary data items] must be tuples of (level, type, data)")
        parts.append((operator.index(item[0]), operator.index(item[1]), readable(item[2])))
    capacity = sum(lib.sn_control_space(len(data)) for _, _, data in parts)
    # As what malloc() gives, it is aligned for a header.
    memory = ffi.new("char[]", capacity) if capacity else ffi.NULL
    size = ffi.new("size_t *")
    for level, kind, data in parts:
        one = ffi.new("sn_control *", {"level": level, "type": kind, "data": data, "size": len(data)})
        check(lib.sn_control_append(memory, capacity, size, one))
    return memory, size[0]


def control_from(memory, size):
    """The control messages that came: (level, type, data). As Python's own recvmsg() does, it gives of one that was
    cut off as much as there is; sn_control_next() leaves such a one out."""
    raw = bytes(ffi.buffer(memory, size)) if size else b""
    found = []
    place = 0
    while place + _HEADER.size <= len(raw):
        length, level, kind = _HEADER.unpack_from(raw, place)
        if length < _HEADER.size:
            warnings.warn("received malformed or improperly-truncated ancillary data", RuntimeWarning, stacklevel=3)
            break
        found.append((level, kind, raw[place + _HEADER.size:place + length]))
        place += -(-length // _ALIGNMENT) * _ALIGNMENT
    return found
