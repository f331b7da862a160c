#!/bin/sh
# Another project takes Sennit in, with add_subdirectory or FetchContent: it links the names of the
# installed package, builds the library and nothing else, and finds none of its own settings changed.
set -eu
: "${PROJECT:?the folder of the project}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

ok() {
    echo "ok: $1"
}

failed() {
    echo "FAILED: $1"
    failures=$((failures + 1))
}

# Stops at the first failure: nothing that follows could succeed.
logged() {
    "$@" >"$folder/log" 2>&1 || { echo "FAILED: $*"; cat "$folder/log"; exit 1; }
}

# says_hello SENTENCE PROGRAM
says_hello() {
    if [ "$("$2")" = 'hello, world' ]; then ok "$1"; else failed "$1"; fi
}

# needs_the_library PROGRAM: at run time.
needs_the_library() {
    LC_ALL=C readelf -d "$1" | grep -q 'NEEDED.*libsennit'
}

# project NAME, whose way of taking Sennit in comes from standard input.
project() {
    mkdir "$folder/$1"
    cp "$PROJECT/examples/hello.c" "$folder/$1"
    {
        cat <<'TEXT'
cmake_minimum_required(VERSION 3.22)
project(taker C)
set(BUILD_TESTING ON)
get_cmake_property(cached_before CACHE_VARIABLES)
get_cmake_property(languages_before ENABLED_LANGUAGES)
set(before "${CMAKE_C_STANDARD}/${CMAKE_C_VISIBILITY_PRESET}/${CMAKE_POSITION_INDEPENDENT_CODE}/${CMAKE_C_FLAGS}")
TEXT
        cat
        cat <<'TEXT'
set(after "${CMAKE_C_STANDARD}/${CMAKE_C_VISIBILITY_PRESET}/${CMAKE_POSITION_INDEPENDENT_CODE}/${CMAKE_C_FLAGS}")
if(NOT before STREQUAL after OR CMAKE_EXPORT_COMPILE_COMMANDS)
  message(FATAL_ERROR "a setting has changed: ${before}, ${after}")
endif()
# Beside its own options there may be where things are installed, and what find modules have found.
get_cmake_property(cached CACHE_VARIABLES)
list(REMOVE_ITEM cached ${cached_before})
foreach(name ${cached})
  get_property(type CACHE ${name} PROPERTY TYPE)
  if(NOT type MATCHES "^(INTERNAL|STATIC)$" AND NOT name MATCHES "^(SENNIT_|sennit_|CMAKE_INSTALL_|CMAKE_ASM_|NETTLE_|PKG_CONFIG_|pkgcfg_lib_SENNIT|FETCHCONTENT_)")
    message(FATAL_ERROR "${name} is in the cache")
  endif()
endforeach()
get_cmake_property(languages ENABLED_LANGUAGES)
list(REMOVE_ITEM languages ASM) # C's own driver assembles the switch between stacks
if(NOT languages STREQUAL languages_before OR DEFINED CACHE{CMAKE_C_LINK_PIE_SUPPORTED})
  message(FATAL_ERROR "languages, or how programs are linked: ${languages}")
endif()
get_directory_property(options COMPILE_OPTIONS)
get_directory_property(definitions COMPILE_DEFINITIONS)
if(options OR definitions)
  message(FATAL_ERROR "this folder compiles with ${options} ${definitions}")
endif()
if(TARGET Nightly OR TARGET test_support OR TARGET own-hosts OR TARGET bench_echo OR TARGET example.hello OR TARGET sennit OR TARGET uninstall)
  message(FATAL_ERROR "more than the library came along")
endif()
TEXT
    } >"$folder/$1/CMakeLists.txt"
}

project below <<TEXT
add_subdirectory("$PROJECT" sennit)
add_executable(with_either hello.c)
target_link_libraries(with_either PRIVATE sennit::sennit)
add_executable(with_static hello.c)
target_link_libraries(with_static PRIVATE sennit::sennit_static)
TEXT
logged cmake -S "$folder/below" -B "$folder/below/build" -DCMAKE_BUILD_TYPE=Debug
ok 'add_subdirectory changes no setting and brings no program'
if grep -rq -e -Werror "$folder/below/build" --include=build.ninja --include=flags.make; then
    failed 'a warning of another compiler is no error'
else
    ok 'a warning of another compiler is no error'
fi
logged cmake --build "$folder/below/build" -j 2
says_hello 'sennit::sennit links below another project' "$folder/below/build/with_either"
says_hello 'sennit::sennit_static links below another project' "$folder/below/build/with_static"
sentence='sennit::sennit is the shared library, as in the installed package'
if needs_the_library "$folder/below/build/with_either"; then ok "$sentence"; else failed "$sentence"; fi
logged cmake --install "$folder/below/build" --prefix "$folder/nothing"
sentence='the other project installs nothing of it'
if [ ! -e "$folder/nothing" ]; then ok "$sentence"; else failed "$sentence"; fi

project fetched <<TEXT
include(FetchContent)
FetchContent_Declare(sennit SOURCE_DIR "$PROJECT")
FetchContent_MakeAvailable(sennit)
add_executable(with_either hello.c)
target_link_libraries(with_either PRIVATE sennit::sennit)
TEXT
logged cmake -S "$folder/fetched" -B "$folder/fetched/build" -DCMAKE_BUILD_TYPE=Release \
    -DBUILD_SHARED_LIBS=OFF -DSENNIT_INSTALL=ON
logged cmake --build "$folder/fetched/build" -j 2
says_hello 'sennit::sennit links after FetchContent' "$folder/fetched/build/with_either"
shared=$(find "$folder/fetched/build" -name '*.so*')
sentence='BUILD_SHARED_LIBS=OFF makes sennit::sennit the static library, and no shared one'
if ! needs_the_library "$folder/fetched/build/with_either" && [ -z "$shared" ]; then
    ok "$sentence"
else
    failed "$sentence"
fi

logged cmake --install "$folder/fetched/build" --prefix "$folder/prefix"
mkdir "$folder/user"
cp "$PROJECT/examples/hello.c" "$folder/user"
cat >"$folder/user/CMakeLists.txt" <<'TEXT'
cmake_minimum_required(VERSION 3.22)
project(user C)
find_package(sennit 0.2 REQUIRED)
add_executable(with_either hello.c)
target_link_libraries(with_either PRIVATE sennit::sennit)
TEXT
logged cmake -S "$folder/user" -B "$folder/user/build" -DCMAKE_PREFIX_PATH="$folder/prefix"
logged cmake --build "$folder/user/build"
says_hello 'installed without a shared library, sennit::sennit is there all the same' \
    "$folder/user/build/with_either"

[ "$failures" -eq 0 ] || exit 1
