"""Sennit's sockets for Python.

``sennit.socket`` has the interface of the standard module ``socket``; ``sennit.asyncio`` has an event loop whose
``sock_`` methods are operations of an engine.
"""
from sennit._native import ffi as _ffi, lib as _lib
from sennit._version import VERSION as __version__

__all__ = ["library_version", "__version__"]


def library_version() -> str:
    """The version of the library that is running, such as "0.2.0"."""
    return _ffi.string(_lib.sn_version()).decode("ascii")
