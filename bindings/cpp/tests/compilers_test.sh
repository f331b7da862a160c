#!/bin/sh
# Each header of C++ compiles alone and without a warning; and what uses all of them does so by g++ and by clang++, as
# C++20 and as what comes after it: compilers_test.sh
set -eu
: "${PROJECT:?the folder of the project}"
cd "$PROJECT"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
broken=0

# compiles FILE STANDARD WHAT
compiles() {
    $compiler -std="$2" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Werror \
        -fsyntax-only -Ibindings/cpp -Iinclude "$1" || {
        echo "FAILED: $3, $compiler -std=$2"
        broken=1
    }
}

first=''
for compiler in g++ clang++; do
    if ! echo '#include <coroutine>' | $compiler -std=c++20 -fsyntax-only -x c++ - 2>/dev/null; then
        echo "skipped: no $compiler that has coroutines"
        continue
    fi
    # What a header forgets to include does not depend on the compiler, and each takes seconds.
    for header in bindings/cpp/sennit/*.hpp; do
        [ -z "$first" ] || break
        name=${header#bindings/cpp/}
        # Twice, so that its guard is looked at too.
        printf '#include <%s>\n#include <%s>\nint main() { return 0; }\n' "$name" "$name" >"$folder/alone.cpp"
        compiles "$folder/alone.cpp" c++20 "$header"
    done
    first=$compiler
    compiles bindings/cpp/examples/echo.cpp c++2b 'the example'
    for program in bindings/cpp/tests/*.cpp; do
        compiles "$program" c++20 "$program"
    done
    [ $broken -ne 0 ] || echo "ok: $compiler"
done
exit $broken
