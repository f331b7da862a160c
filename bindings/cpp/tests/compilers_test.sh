#!/bin/sh
# Each header of C++ compiles alone and without a warning, by g++ and by clang++, as C++20 and as what comes after it:
# compilers_test.sh
set -eu
: "${PROJECT:?the folder of the project}"
cd "$PROJECT"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
broken=0

for compiler in g++ clang++; do
    if ! echo '#include <coroutine>' | $compiler -std=c++20 -fsyntax-only -x c++ - 2>/dev/null; then
        echo "skipped: no $compiler that has coroutines"
        continue
    fi
    for header in bindings/cpp/*.hpp bindings/cpp/sennit/*.hpp; do
        name=${header#bindings/cpp/}
        # Twice, so that its guard is looked at too.
        printf '#include <%s>\n#include <%s>\nint main() { return 0; }\n' "$name" "$name" >"$folder/alone.cpp"
        for standard in c++20 c++2b; do
            $compiler -std=$standard -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast \
                -Wnon-virtual-dtor -Werror -fsyntax-only -Ibindings/cpp -Iinclude "$folder/alone.cpp" || {
                echo "FAILED: $header, $compiler -std=$standard"
                broken=1
            }
        done
    done
    for program in bindings/cpp/tests/*.cpp bindings/cpp/examples/*.cpp; do
        $compiler -std=c++20 -O2 -Wall -Wextra -Wconversion -Wshadow -Werror -Ibindings/cpp -Iinclude \
            -c -o "$folder/program.o" "$program" || {
            echo "FAILED: $program, $compiler"
            broken=1
        }
    done
    [ $broken -ne 0 ] || echo "ok: $compiler"
done
exit $broken
