"""The public headers as Python's cffi reads them, with the shared library: cffi_test.py HEADERS LIBRARY.

HEADERS is what the preprocessor makes of <sennit.h>. Every function and every value is looked up in the library, and
a few are used, on threads of the library too.
"""
import sys
import threading

import cffi

ffi = cffi.FFI()
with open(sys.argv[1], encoding="ascii") as headers:
    ffi.cdef(headers.read())
library = ffi.dlopen(sys.argv[2])


def check(error):
    assert error == library.SN_OK, ffi.string(library.sn_error_message(error))


def text_of(address):
    text = ffi.new("char[64]")
    check(library.sn_ip_address_format(ffi.addressof(address), text, 64))
    return ffi.string(text).decode()


# Looking a name up is what links it.
names = dir(library)
for name in names:
    getattr(library, name)
functions = [name for name in names if name.startswith("sn_")]
assert len(functions) > 300, len(functions)

addresses = {
    "SN_IPV4_ANY": "0.0.0.0",
    "SN_IPV4_LOOPBACK": "127.0.0.1",
    "SN_IPV4_BROADCAST": "255.255.255.255",
    "SN_IPV4_NONE": "255.255.255.255",
    "SN_IPV6_ANY": "::",
    "SN_IPV6_LOOPBACK": "::1",
    "SN_IPV6_NONE": "::",
}
for name, expected in addresses.items():
    assert text_of(getattr(library, name)) == expected, name
assert {name for name in names if name.startswith(("SN_IPV4_", "SN_IPV6_"))} >= set(addresses)
assert library.SN_IO_CONTROL_DATA_TO_READ == 1074030207

pair = ffi.new("sn_socket *[2]")
check(library.sn_socket_pair(library.SN_TYPE_STREAM, pair))
done = threading.Event()


@ffi.callback("void(sn_operation *)")
def completed(_operation):
    done.set()


operation = ffi.new("sn_operation *", {"completed": completed})
data = ffi.new("char[16]")
library.sn_socket_receive_async(pair[1], data, 16, library.SN_FLAG_NONE, operation)
check(library.sn_socket_send(pair[0], b"hello", 5, library.SN_FLAG_NONE, ffi.NULL))
done.wait()
check(operation.error)
assert operation.transferred == 5 and ffi.string(data) == b"hello"
library.sn_socket_release(pair[0])
library.sn_socket_release(pair[1])
print(f"ok: {len(functions)} functions, {len(names) - len(functions)} values, and a socket")
