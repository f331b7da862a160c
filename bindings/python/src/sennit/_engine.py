"""An engine that a Python thread drives, and operations that complete in it."""
from sennit._errors import check, exception, raise_pending
from sennit._native import ffi, lib

BACKENDS = {
    None: lib.SN_ENGINE_BACKEND_AUTOMATIC,
    "io_uring": lib.SN_ENGINE_BACKEND_IO_URING,
    "epoll": lib.SN_ENGINE_BACKEND_EPOLL,
}


class Operation:
    """An ``sn_operation``, with all that is lent to it until it completes."""

    __slots__ = ("record", "done", "_self", "_kept")

    def __init__(self, done, *kept):
        """`done` is called with this object, on the thread that drives the engine."""
        self.done = done
        self._kept = kept
        self.record = ffi.new("sn_operation *")
        self._self = ffi.new_handle(self)  # a circle, until it completes: nobody else may hold a running one
        self.record.context = self._self
        self.record.completed = lib.sennit_completed

    def release(self):
        """Nothing is lent any more."""
        self._self = self._kept = None

    def error(self):
        """The exception for how it ended, or None."""
        return exception(self.record.error, self.record.native_error) if self.record.error else None

    def is_completed(self):
        """Whether it has completed."""
        return lib.sn_operation_is_completed(self.record)


@ffi.def_extern(name="sennit_completed")
def _completed(record):
    operation = ffi.from_handle(record.context)
    operation.release()
    operation.done(operation)


class Engine:
    """An engine without threads. The first thread that runs it is its own from then on."""

    def __init__(self, backend=None):
        if backend not in BACKENDS:
            raise ValueError(f"backend is {backend!r}, and not one of None, 'io_uring' and 'epoll'")
        made = ffi.new("sn_engine **")
        check(lib.sn_engine_create(ffi.new("sn_engine_options *", {"backend": BACKENDS[backend]}), made))
        self._engine = made[0]
        self._count = ffi.new("size_t *")

    @property
    def backend(self):
        """"io_uring" or "epoll"."""
        return ffi.string(lib.sn_engine_backend_name(lib.sn_engine_get_backend(self._engine))).decode("ascii")

    def handle(self):
        """The descriptor that is readable when there is something to do."""
        handle = ffi.new("sn_handle *")
        check(lib.sn_engine_get_handle(self._engine, handle))
        return handle[0]

    def timeout(self):
        """How many seconds a loop may sleep; None: as long as it likes."""
        span = ffi.new("sn_milliseconds *")
        check(lib.sn_engine_get_timeout(self._engine, span))
        return None if span[0] < 0 else span[0] / 1000

    def run(self, timeout_ms=0):
        """Runs what is ready, and waits for it as long as that; returns how many operations have completed."""
        error = lib.sn_engine_run(self._engine, timeout_ms, self._count)
        if error:
            if error == lib.SN_ERROR_INTERRUPTED:
                raise_pending()
            check(error)
        return self._count[0]

    def adopt(self, sn):
        """Has a socket's operations complete here; False where it belongs to another engine."""
        return lib.sn_socket_set_engine(sn, self._engine) == lib.SN_OK

    def finish(self, operation):
        """Runs the engine until an operation that is about to end has completed, so that nothing is lent any more."""
        while not operation.is_completed():
            self.run(lib.SN_FOREVER)

    def settle(self):
        """After a close: the engine closes what it has used, on its own thread, so it gets the chance at once."""
        if self._engine:
            lib.sn_engine_run(self._engine, 0, self._count)  # another thread's: that one does it

    def detach(self, sn, blocking, handle):
        """Takes the descriptor out of a socket that uses this engine; returns the library's error."""
        if not self._engine:
            return lib.sn_socket_detach(sn, blocking, handle)
        operation = Operation(lambda _operation: None, handle)
        lib.sn_socket_detach_async(sn, blocking, handle, operation.record)
        self.finish(operation)
        return operation.record.error

    def destroy(self):
        """Ends it: what is pending completes as aborted."""
        if self._engine:
            engine, self._engine = self._engine, ffi.NULL
            check(lib.sn_engine_destroy(engine))
