#!/bin/sh
# A build without liburing: it configures without being asked for it, serves with epoll and says why, and nothing that
# it installs asks for liburing.
# shellcheck source=tests/packaging/support.sh
. "$(dirname "$0")/support.sh"

# A pkg-config that knows too old a liburing.
mkdir "$folder/old"
cat >"$folder/old/liburing.pc" <<'TEXT'
Name: liburing
Description: of an older system
Version: 2.1
Libs: -luring
TEXT
configure() {
    name=$1
    shift
    env PKG_CONFIG_LIBDIR="$folder/$name" cmake -S "$PROJECT" -B "$folder/build-$name" -DCMAKE_BUILD_TYPE=Debug \
        -DSENNIT_TOOLS=OFF -DSENNIT_TESTS=OFF -DSENNIT_BENCH=OFF "$@"
}
says() {
    text=$1
    shift
    "$@" >"$folder/configured" 2>&1 || true
    # CMake breaks its lines where it likes.
    tr -s ' \n' ' ' <"$folder/configured" | grep -qF -e "$text" || { cat "$folder/configured"; return 1; }
}
holds 'liburing that is too old is named, and epoll is built alone' says \
    'without io_uring, with epoll alone: liburing 2.1 is too old, 2.3 is needed' configure old
mkdir "$folder/none"
holds 'so is one that is missing' says 'liburing 2.3 or later was not found' configure none -DBUILD_SHARED_LIBS=OFF
holds 'who insists on it is told what to install' says 'liburing-dev' configure none -DSENNIT_IO_URING=ON
is_no_choice() {
    ! configure none -DSENNIT_IO_URING=PERHAPS
}
holds 'any other word is a mistake' is_no_choice

logged configure none -DBUILD_SHARED_LIBS=OFF -DSENNIT_IO_URING=AUTO -DCMAKE_INSTALL_PREFIX="$folder/prefix"
logged cmake --build "$folder/build-none" -j 2
logged cmake --install "$folder/build-none"

mkdir "$folder/user"
cat >"$folder/user/main.c" <<'TEXT'
#include <sennit.h>
#include <stdio.h>

int main(void)
{
    sn_engine *engine;
    const sn_engine_options options = {.threads = 1};
    const sn_engine_options ring = {.threads = 1, .backend = SN_ENGINE_BACKEND_IO_URING};
    if (sn_engine_create(&options, &engine))
        return 1;
    puts(sn_engine_get_backend_reason(engine));
    if (sn_engine_destroy(engine))
        return 1;
    puts(sn_error_name(sn_engine_create(&ring, &engine)));
    return 0;
}
TEXT
cat >"$folder/user/CMakeLists.txt" <<'TEXT'
cmake_minimum_required(VERSION 3.22)
project(user C)
find_package(sennit 0.2 REQUIRED)
add_executable(main main.c)
target_link_libraries(main PRIVATE sennit::sennit)
TEXT
# pkg-config is there, and has never heard of liburing.
PKG_CONFIG_LIBDIR=$(dirname "$(find "$folder/prefix" -name sennit.pc)")
export PKG_CONFIG_LIBDIR
logged cmake -S "$folder/user" -B "$folder/user/build" -DCMAKE_PREFIX_PATH="$folder/prefix"
logged cmake --build "$folder/user/build"
serves() {
    "$1" >"$folder/reason" && cat "$folder/reason" &&
        grep -q 'epoll, because this library was built without io_uring' "$folder/reason" &&
        grep -q PlatformNotSupported "$folder/reason"
}
holds 'an engine takes epoll and says why; asked for, io_uring is not supported' serves "$folder/user/build/main"

# Compiler options are words.
# shellcheck disable=SC2046
logged "${CC:-cc}" -o "$folder/main" "$folder/user/main.c" $(pkg-config --cflags --libs sennit)
holds 'pkg-config names what the static library needs where there is no other' serves "$folder/main"
finish
