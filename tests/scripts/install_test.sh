#!/bin/sh
# What `./dev install` puts in place is all that a program needs, by pkg-config and by CMake, with the
# shared library and with the static one, also after the folder has been moved.
set -eu
: "${PROJECT:?the folder of the project}" "${BUILD:?the folder of a build}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
compiler=${CC:-cc}

cmake --install "$BUILD" --prefix "$folder/first" >/dev/null
mv "$folder/first" "$folder/moved"
prefix=$folder/moved
description=$(find "$prefix" -name sennit.pc)
libraries=$(dirname "$(dirname "$description")")
PKG_CONFIG_PATH=$(dirname "$description")${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH

# says_hello SENTENCE PROGRAM
says_hello() {
    said=$(LD_LIBRARY_PATH=$libraries "$2")
    [ "$said" = 'hello, world' ] || { echo "FAILED: $1: it said '$said'"; exit 1; }
    echo "ok: $1"
}

# Compiler options are words.
# shellcheck disable=SC2046
$compiler -o "$folder/shared" "$PROJECT/examples/hello.c" $(pkg-config --cflags --libs sennit)
says_hello 'pkg-config finds the shared library' "$folder/shared"

# Before 1.0 a minor version may break what was there: a program asks for its own.
soname=libsennit.so.$(pkg-config --modversion sennit | cut -d. -f1-2)
LC_ALL=C readelf --dynamic "$folder/shared" | grep -qF "[$soname]" ||
    { echo "FAILED: the program does not ask for $soname"; exit 1; }
[ -e "$libraries/$soname" ] || { echo "FAILED: $soname is not installed"; exit 1; }
echo 'ok: a program asks for the library of its minor version'

# shellcheck disable=SC2046
$compiler -o "$folder/static" "$PROJECT/examples/hello.c" $(pkg-config --cflags sennit) \
    "$libraries/libsennit.a" $(pkg-config --static --libs sennit | sed 's/-lsennit//')
says_hello 'pkg-config --static finds what the static library needs' "$folder/static"

mkdir "$folder/project"
cp "$PROJECT/examples/hello.c" "$folder/project"
cat >"$folder/project/CMakeLists.txt" <<'TEXT'
cmake_minimum_required(VERSION 3.22)
project(hello C)
find_package(sennit 0.2 REQUIRED)
add_executable(with_shared hello.c)
target_link_libraries(with_shared PRIVATE sennit::sennit)
add_executable(with_static hello.c)
target_link_libraries(with_static PRIVATE sennit::sennit_static)
TEXT
if ! { cmake -S "$folder/project" -B "$folder/project/build" -DCMAKE_PREFIX_PATH="$prefix" &&
    cmake --build "$folder/project/build"; } >"$folder/log" 2>&1; then
    cat "$folder/log"
    exit 1
fi
says_hello 'a CMake project links sennit::sennit' "$folder/project/build/with_shared"
says_hello 'a CMake project links sennit::sennit_static' "$folder/project/build/with_static"

# The C++ header, where there is a compiler for it.
if echo '#include <coroutine>' | ${CXX:-c++} -std=c++20 -fsyntax-only -x c++ - 2>/dev/null; then
    mkdir "$folder/cpp"
    cp "$PROJECT/bindings/cpp/examples/echo.cpp" "$folder/cpp"
    cat >"$folder/cpp/CMakeLists.txt" <<'TEXT'
cmake_minimum_required(VERSION 3.22)
project(echo CXX)
find_package(sennit 0.2 REQUIRED)
add_executable(echo echo.cpp)
target_link_libraries(echo PRIVATE sennit::cpp)
TEXT
    if ! { cmake -S "$folder/cpp" -B "$folder/cpp/build" -DCMAKE_PREFIX_PATH="$prefix" &&
        cmake --build "$folder/cpp/build"; } >"$folder/log" 2>&1; then
        cat "$folder/log"
        exit 1
    fi
    LD_LIBRARY_PATH=$libraries "$folder/cpp/build/echo" | head -n 1 >"$folder/said"
    [ "$(cat "$folder/said")" = 'hello, world' ] || { echo 'FAILED: the C++ example says something else'; exit 1; }
    echo 'ok: a CMake project links sennit::cpp'
else
    echo 'skipped: the C++ header: no compiler that has coroutines'
fi
