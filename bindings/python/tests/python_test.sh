#!/bin/sh
# The Python package, built from this tree and tested: python_test.sh INCLUDE LIBRARY FOLDER TEST...
#
# FOLDER gets the package; one test builds it and the others use it. TEST is "build", or a script of this folder with
# its words. Status 77, with the reason, where something is missing here.
set -eu
include=$1 library=$2 folder=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)

skip() {
    echo "skipped: the Python package: $*"
    exit 77
}

# The first Python that has all; what the last one lacks is told.
python='' missing='no python3'
for each in python3 /usr/bin/python3; do
    command -v "$each" >/dev/null || continue
    if ! "$each" -c 'import cffi' 2>/dev/null; then
        missing="$each has no cffi (Debian: python3-cffi)"
    elif ! "$each" -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2>/dev/null; then
        missing="$each has no headers (Debian: python3-dev)"
    elif ! "$each" -c 'import test.test_socket' 2>/dev/null; then
        missing="$each has no test suite (Debian: libpython3.11-testsuite, by the version)"
    else
        python=$each
        break
    fi
done
[ -n "$python" ] || skip "$missing"

if [ "$1" = build ]; then
    mkdir -p "$folder/sennit"
    for file in "$here"/../src/sennit/*.py "$here"/../src/sennit/py.typed; do
        ln -sf "$file" "$folder/sennit/"
    done
    SENNIT_INCLUDE=$include SENNIT_LIBRARY=$library "$python" "$folder/sennit/_build.py" "$folder"
    exit
fi

script=$1
shift
PYTHONPATH=$folder exec "$python" "$here/$script" "$@"
