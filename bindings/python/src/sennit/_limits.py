"""Time limits: Python's seconds and the library's milliseconds."""
import math

from sennit._native import lib

_INT_MAX = 0x7FFFFFFF
_SECONDS_MAX = (1 << 63) / 1e9

_default = None


def timeout_of(value):
    """A time limit in seconds as settimeout() takes it."""
    if value is None:
        return None
    if not isinstance(value, (int, float)):
        if not hasattr(value, "__float__") and not hasattr(value, "__index__"):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        value = float(value)
    if math.isnan(value):
        raise ValueError("Invalid value NaN (not a number)")
    if value < 0:
        raise ValueError("Timeout value out of range")
    if value > _SECONDS_MAX:
        raise OverflowError("timestamp too large to convert to C _PyTime_t")
    return float(value)


def milliseconds(timeout):
    """The library's span for a time limit, which ends no earlier. 24 days are the longest that a socket has."""
    return lib.SN_FOREVER if timeout is None else min(math.ceil(timeout * 1000), _INT_MAX)


def getdefaulttimeout():
    """The time limit of new sockets, in seconds; None: they wait without one."""
    return _default


def setdefaulttimeout(timeout):
    """Sets the time limit of new sockets, in seconds."""
    global _default
    _default = timeout_of(timeout)
