"""What an operation has got after the task that waited for it was cancelled.

A cancel never hides what has moved: an operation that was quicker has its bytes, its datagram or its connection. Nobody
waits for them any more, and they are not with the system, where Python's own sockets would have left them. So they are
kept here, and the next call on the socket gets them first.
"""
import collections

from sennit._native import ffi


class Left:
    """A queue of (bytes, address) of one socket, or of (socket of the library, address)."""

    def __init__(self, is_stream):
        self._is_stream = is_stream
        self._items = collections.deque()

    def __bool__(self):
        return bool(self._items)

    def keep(self, what, address):
        """Appends what came."""
        self._items.append((what, address))

    def receive(self, room, size):
        """Moves what came first into memory: (how many bytes, address). Of a stream what does not fit stays; of a
        datagram it is lost, as anywhere."""
        data, address = self._items.popleft()
        count = min(size, len(data))
        ffi.memmove(room, data, count)
        if self._is_stream and count < len(data):
            self._items.appendleft((data[count:], address))
        return count, address

    def accepted(self):
        """The connection that came first, and the address of its peer."""
        return self._items.popleft()
