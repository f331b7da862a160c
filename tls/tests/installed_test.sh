#!/bin/sh
# sennit-tls as it is installed: a program is built with it by pkg-config and by CMake, with either library; it exports
# what its header declares and nothing else; and Sennit itself does not ask for OpenSSL.
# shellcheck source=tests/packaging/support.sh
. "$(dirname "$0")/../../tests/packaging/support.sh"
: "${CC:=cc}"

logged cmake --install "$BUILD" --prefix "$folder/prefix"
PKG_CONFIG_PATH=$(dirname "$(find "$folder/prefix" -name sennit-tls.pc)")
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH
libraries=$LD_LIBRARY_PATH

cat >"$folder/main.c" <<'TEXT'
#include <sennit/tls.h>
#include <stdio.h>

int main(void)
{
    sn_tls_context *context;
    sn_error error = sn_tls_context_create_client(NULL, &context);
    puts(sn_error_name(error));
    sn_tls_context_release(error ? NULL : context);
    return error != SN_OK;
}
TEXT
# shellcheck disable=SC2046
builds() {
    $CC -std=c11 -o "$folder/shared" "$folder/main.c" $(pkg-config --cflags --libs sennit-tls) && "$folder/shared"
}
# shellcheck disable=SC2046
builds_with_static() {
    $CC -std=c11 -o "$folder/static" "$folder/main.c" $(pkg-config --cflags sennit-tls) "$libraries/libsennit-tls.a" \
        "$libraries/libsennit.a" $(pkg-config --static --libs libssl liburing) -pthread && "$folder/static"
}
holds 'pkg-config says how a program is built' builds
holds 'and one with the static libraries' builds_with_static

mkdir "$folder/user"
mv "$folder/main.c" "$folder/user"
cat >"$folder/user/CMakeLists.txt" <<'TEXT'
cmake_minimum_required(VERSION 3.22)
project(user C)
find_package(sennit 0.2 REQUIRED)
foreach(kind tls tls_static)
  add_executable(with_${kind} main.c)
  target_link_libraries(with_${kind} PRIVATE sennit::${kind})
endforeach()
TEXT
logged cmake -S "$folder/user" -B "$folder/user/build" -DCMAKE_PREFIX_PATH="$folder/prefix"
logged cmake --build "$folder/user/build"
holds 'so does CMake' "$folder/user/build/with_tls"
holds 'and with the static libraries' "$folder/user/build/with_tls_static"

exports() {
    nm -D --defined-only "$libraries/libsennit-tls.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort \
        >"$folder/exported"
    printf '#include <sennit/tls.h>\n' | $CC -E -P -x c "-I$folder/prefix/include" - | tr '\n' ' ' | tr ';{}' '[\n*]' |
        awk '/visibility\("default"\)/ && match($0, /sn_tls_[a-z0-9_]+ *\(/) {
                 name = substr($0, RSTART, RLENGTH); sub(/ *\($/, "", name); print name }' | sort -u >"$folder/declared"
    [ -s "$folder/declared" ] && diff "$folder/declared" "$folder/exported"
}
holds 'it exports what its header declares, and nothing else' exports
asks_for_none() {
    ! LC_ALL=C readelf -d "$libraries/libsennit.so" | grep -E 'NEEDED.*(ssl|crypto)'
}
holds 'Sennit itself does not ask for OpenSSL' asks_for_none
compiles() {
    printf '#include <sennit/tls.h>\n' | "$@" "-I$folder/prefix/include" -Wall -Wextra -pedantic -Werror -fsyntax-only -
}
holds 'its header compiles alone' compiles "$CC" -x c -std=c11
if command -v c++ >/dev/null; then
    holds 'and as C++' compiles c++ -x c++ -std=c++17
else
    echo 'skipped: the header as C++, there is no C++ compiler'
fi
finish
