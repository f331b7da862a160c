#!/bin/sh
# Exceptions in fibers, as another compiler makes them or another library of C++ keeps them:
#   exceptions_test.sh LIBRARY COMPILER [OPTION]...
# LIBRARY is the shared one, which a program of any compiler can use.
set -eu
: "${PROJECT:?the folder of the project}"
library=$1
compiler=$2
shift 2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if ! echo 'int main() { throw 1; }' | "$compiler" "$@" -x c++ - -o "$folder/can" 2>/dev/null; then
    echo "skipped: no $compiler $* that can link a program"
    exit 0
fi
"$compiler" "$@" -std=c++20 -Wall -Wextra -Wconversion -Wshadow -Werror -O2 -pthread \
    -I"$PROJECT/include" -I"$PROJECT/bindings/cpp" "$PROJECT/bindings/cpp/tests/exceptions_test.cpp" \
    "$library" -Wl,-rpath,"$(dirname "$library")" -o "$folder/program"
for backend in epoll io_uring; do
    echo "$backend:"
    SENNIT_ENGINE=$backend "$folder/program"
done
