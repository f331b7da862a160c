"""Makes the compiled part, ``sennit._native``: run by setuptools, or by hand: _build.py FOLDER.

The mode is cffi's "API" mode. A compiler reads the real headers, so no layout or number is written down a second time,
a library that has changed is a failed build and not a crash, calls cost a third of those of the "ABI" mode, and the
callbacks are functions of the module, where the other mode makes machine code while the program runs, which hardened
systems forbid. The price is a compiler and Python's headers where the package is built.

The declarations are what the preprocessor makes of the installed <sennit.h>; pkg-config says where that is. In the
environment, instead of pkg-config: SENNIT_INCLUDE and SENNIT_LIBRARY, two folders.
"""
import os
import shlex
import subprocess
import sys
import tempfile

from cffi import FFI

# What C calls in Python, beside the library's own declarations.
CALLBACKS = """
extern "Python" void sennit_completed(sn_operation *operation);
extern "Python" bool sennit_interrupted(void *context);
"""

# cffi knows the types of these headers.
KNOWN_HEADERS = ("stdbool.h", "stddef.h", "stdint.h")


def package(*words):
    """What pkg-config says of the library, as a list."""
    command = [os.environ.get("PKG_CONFIG", "pkg-config"), *words, "sennit"]
    try:
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, universal_newlines=True)
    except FileNotFoundError:
        raise SystemExit("sennit: pkg-config is missing; or set SENNIT_INCLUDE and SENNIT_LIBRARY") from None
    except subprocess.CalledProcessError:
        raise SystemExit(
            "sennit: pkg-config does not find the library. Install it first (./dev install), or set PKG_CONFIG_PATH"
        ) from None
    return run.stdout.split()


def folders():
    """The folders of the headers and of the library; the second is None where the linker looks anyway."""
    if "SENNIT_INCLUDE" in os.environ and "SENNIT_LIBRARY" in os.environ:
        return os.environ["SENNIT_INCLUDE"], os.environ["SENNIT_LIBRARY"]
    include = package("--variable=includedir")[0]
    library = package("--variable=libdir")[0]
    return include, None if os.path.realpath(library).startswith(("/usr/lib", "/lib")) else library


def declarations(include):
    """The headers as cffi reads them: without attributes and without what the system's headers say."""
    with tempfile.TemporaryDirectory() as empty:
        for name in KNOWN_HEADERS:
            with open(os.path.join(empty, name), "w", encoding="ascii"):
                pass
        command = shlex.split(os.environ.get("CC", "cc")) + [
            "-E", "-P", "-x", "c", "-nostdinc", "-I" + empty, "-I" + include,
            "-D__attribute__(x)=", "-D_Bool=bool", "-",
        ]
        run = subprocess.run(
            command, input="#include <sennit.h>\n", check=True, stdout=subprocess.PIPE, universal_newlines=True
        )
    return run.stdout


def builder():
    """The cffi builder, ready to write or to compile."""
    include, library = folders()
    ffi = FFI()
    ffi.cdef(declarations(include) + CALLBACKS)
    options = {"include_dirs": [include], "libraries": ["sennit"]}
    if library:
        # Not where the system looks: the module remembers the place.
        options.update(library_dirs=[library], runtime_library_dirs=[library])
    ffi.set_source("sennit._native", "#include <sennit.h>\n", **options)
    return ffi


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: _build.py FOLDER")
    print(builder().compile(tmpdir=sys.argv[1], verbose=False))
