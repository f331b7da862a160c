#!/bin/sh
# The recipes of packaging/: their versions are the project's; Meson's wrap and vcpkg's port build a program's library,
# the latter under stand-ins for vcpkg's own functions where there is no vcpkg; Conan's recipe is run where there is
# Conan, and else only read.
# shellcheck source=tests/packaging/support.sh
. "$(dirname "$0")/support.sh"

version=$(sed -n 's/^#define SN_VERSION_\(MAJOR\|MINOR\|PATCH\) *\([0-9]*\).*/\2/p' "$PROJECT/include/sennit/types.h" |
    paste -sd.)
says() {
    grep -qF -e "$2" "$PROJECT/packaging/$1" || { echo "packaging/$1 does not say $2"; return 1; }
}
holds "vcpkg's port has the version of the project" says vcpkg/sennit/vcpkg.json "\"version\": \"$version\""
holds "Debian's changelog has the version of the project" says debian/changelog "sennit ($version-"
soname=$(echo "$version" | cut -d. -f1-2)
holds "Debian's runtime package is named for the library's SONAME" says debian/control "Package: libsennit$soname"
holds 'its files are listed by that name' test -e "$PROJECT/packaging/debian/libsennit$soname.install"

# --- vcpkg --------------------------------------------------------------------------------------------

if command -v python3 >/dev/null; then
    holds "vcpkg's description is JSON" python3 -m json.tool "$PROJECT/packaging/vcpkg/sennit/vcpkg.json"
else
    echo 'skipped: there is no python3, which reads JSON and the recipe of Conan'
fi
cat >"$folder/vcpkg.cmake" <<'TEXT'
cmake_minimum_required(VERSION 3.22)
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE failed OUTPUT_QUIET)
  if(failed)
    message(FATAL_ERROR "failed: ${ARGV}")
  endif()
endfunction()
function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" SOURCE_PATH OPTIONS)
  run(${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${BUILD} -DCMAKE_BUILD_TYPE=Debug -DBUILD_SHARED_LIBS=OFF
    -DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR} -DCMAKE_INSTALL_LIBDIR=lib ${arg_OPTIONS})
endfunction()
function(vcpkg_cmake_install)
  run(${CMAKE_COMMAND} --build ${BUILD} --parallel 2)
  run(${CMAKE_COMMAND} --install ${BUILD})
endfunction()
# Moves what CONFIG_PATH names to share/PACKAGE_NAME.
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "PACKAGE_NAME;CONFIG_PATH" "")
  if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}/${arg_PACKAGE_NAME}Config.cmake)
    message(FATAL_ERROR "no ${arg_PACKAGE_NAME}Config.cmake in ${arg_CONFIG_PATH}")
  endif()
endfunction()
function(vcpkg_fixup_pkgconfig)
  if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/lib/pkgconfig/sennit.pc)
    message(FATAL_ERROR "no lib/pkgconfig/sennit.pc")
  endif()
endfunction()
function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" FILE_LIST)
  file(COPY ${arg_FILE_LIST} DESTINATION ${CURRENT_PACKAGES_DIR}/share/sennit)
endfunction()
set(FEATURES core)
include(${PORT}/portfile.cmake)
TEXT
logged cmake -DPORT="$PROJECT/packaging/vcpkg/sennit" -DBUILD="$folder/build" -DCURRENT_PACKAGES_DIR="$folder/package" \
    -P "$folder/vcpkg.cmake"
has_the_parts() {
    for file in lib/libsennit.a include/sennit.h share/sennit/LICENSE; do
        [ -e "$folder/package/$file" ] || { echo "no $file"; return 1; }
    done
    [ ! -e "$folder/package/debug/include" ] && [ ! -e "$folder/package/bin" ]
}
holds "vcpkg's port, under stand-ins for its functions, builds and installs the library alone" has_the_parts
echo 'skipped: vcpkg itself is not run'

# --- Conan --------------------------------------------------------------------------------------------

if command -v conan >/dev/null; then
    logged env CONAN_HOME="$folder/conan" conan profile detect
    # Without what would have to be fetched.
    holds "Conan's recipe makes a package that a program links" env CONAN_HOME="$folder/conan" \
        conan create "$PROJECT/packaging/conan" -o '&:io_uring=False'
else
    echo 'skipped: there is no Conan, so its recipe is only read'
    ! command -v python3 >/dev/null || for recipe in conanfile.py test_package/conanfile.py; do
        holds "packaging/conan/$recipe is Python" python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' \
            "$PROJECT/packaging/conan/$recipe"
    done
fi

# --- Meson --------------------------------------------------------------------------------------------

if ! command -v meson >/dev/null || ! git -C "$PROJECT" rev-parse --verify -q HEAD >"$folder/said" 2>&1; then
    echo 'skipped: the wrap needs meson, and git for the archive'
    finish
    exit 0
fi
logged git clone -q --no-local "$PROJECT" "$folder/clone"
logged "$folder/clone/scripts/make-dist"
mkdir -p "$folder/taker/subprojects/packagefiles"
cp "$folder/clone/build/dist/sennit.wrap" "$folder/taker/subprojects"
cp "$folder/clone/build/dist/"*.tar.xz "$folder/taker/subprojects/packagefiles"
cp "$PROJECT/examples/hello.c" "$folder/taker"
{
    echo "project('taker', 'c')"
    # What the wrap says is to be written.
    sed -n '/^#     /s/^#     //p' "$folder/taker/subprojects/sennit.wrap"
    echo "executable('hello', 'hello.c', dependencies: sennit)"
} >"$folder/taker/meson.build"
logged meson setup "$folder/taker/build" "$folder/taker"
logged ninja -C "$folder/taker/build" -j 2
says_hello() {
    [ "$("$folder/taker/build/hello")" = 'hello, world' ]
}
holds "a Meson project takes it in with the wrap, and what the wrap says" says_hello
finish
