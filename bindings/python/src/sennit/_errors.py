"""From the library's errors to Python's: OSError with an errno, and what ends a wait when a signal comes."""
import errno
import os
import threading
import time

from sennit._native import ffi, lib

# Errors that stand for misuse carry no code of the system. What the kernel would have said instead:
_MISUSE = {
    lib.SN_ERROR_ARGUMENT_NULL: errno.EFAULT,
    lib.SN_ERROR_ARGUMENT: errno.EINVAL,
    lib.SN_ERROR_ARGUMENT_OUT_OF_RANGE: errno.EINVAL,
    lib.SN_ERROR_INVALID_OPERATION: errno.EINVAL,
    lib.SN_ERROR_OBJECT_DISPOSED: errno.EBADF,
    lib.SN_ERROR_NOT_SUPPORTED: errno.EOPNOTSUPP,
    lib.SN_ERROR_PLATFORM_NOT_SUPPORTED: errno.EOPNOTSUPP,
    lib.SN_ERROR_OPERATION_CANCELED: errno.ECANCELED,
    lib.SN_ERROR_OPERATION_ABORTED: errno.ECANCELED,
    lib.SN_ERROR_FILE_NOT_FOUND: errno.ENOENT,
    lib.SN_ERROR_DIRECTORY_NOT_FOUND: errno.ENOENT,
}

_thread = threading.local()


def errno_of(error, native):
    """The errno that says what `error` says; `native` is the system's own, or 0."""
    if native > 0:
        return native
    if error in _MISUSE:
        return _MISUSE[error]
    code = lib.sn_error_to_native(error)
    return code if code > 0 else errno.EIO


def exception(error, native):
    """The exception for an error of the library and the errno behind it."""
    if error == lib.SN_ERROR_OUT_OF_MEMORY:
        return MemoryError(ffi.string(lib.sn_error_message(error)).decode("ascii"))
    code = errno_of(error, native)
    made = OSError(code, os.strerror(code))
    made.sennit_error = ffi.string(lib.sn_error_name(error)).decode("ascii")
    return made


def check(error):
    """Raises what a call of the library has returned, unless it is success."""
    if error:
        raise exception(error, lib.sn_error_last_native())


def raise_pending():
    """Raises what a signal's handler has raised while this thread was waiting in the library."""
    pending = getattr(_thread, "pending", None)
    if pending is not None:
        _thread.pending = None
        raise pending


def _keep(_kind, value, _traceback):
    _thread.pending = value
    return True


@ffi.def_extern(name="sennit_interrupted", error=False, onerror=_keep)
def _interrupted(_context):
    """Called on the thread that waits, after a signal. Python's handlers run between two steps of the interpreter,
    so there have to be some here; what a handler raises comes out of one of them, and ends the wait."""
    for _ in range(2):
        time.monotonic()
    return False


lib.sn_set_interrupt_hook(lib.sennit_interrupted, ffi.NULL)
