#!/bin/sh
# An install below DESTDIR: everything is in it, in the part that a distribution puts it in, nothing of it tells where
# it was built, and `uninstall` takes it away and nothing else.
# shellcheck source=tests/packaging/support.sh
. "$(dirname "$0")/support.sh"

DESTDIR=$folder/root
export DESTDIR
logged cmake --install "$BUILD" --prefix /opt/of-a-test
prefix=$DESTDIR/opt/of-a-test

exists() {
    for name in "$@"; do
        [ -n "$(find "$prefix" -path "*/$name" -print -quit)" ] || { echo "there is no $name"; return 1; }
    done
}

holds 'below DESTDIR there are the libraries, the headers, both descriptions and the tool' exists \
    libsennit.a libsennit.so include/sennit.h include/sennit/socket.h pkgconfig/sennit.pc \
    cmake/sennit/sennitConfig.cmake bin/sennit
holds 'the licence, the guide and the examples are installed' exists \
    doc/sennit/LICENSE doc/sennit/README.md doc/sennit/docs/guide/blocking.md doc/sennit/examples/hello.c

names_no_folder_of_this_machine() {
    if grep -rlaF -e "$PROJECT" -e "$BUILD" "$DESTDIR"; then return 1; fi
}
holds 'no installed file names the folder of the sources or of the build' names_no_folder_of_this_machine

shows_its_sources() {
    LC_ALL=C readelf --debug-dump=info "$BUILD/src/libsennit.so" 2>/dev/null >"$folder/names"
    grep -qE 'DW_AT_name .*[ /]src/socket/verbs/receive\.c$' "$folder/names"
}
if grep -q '^CMAKE_BUILD_TYPE:.*=\(RelWithDebInfo\|Debug\)$' "$BUILD/CMakeCache.txt"; then
    holds 'a debugger finds the sources by their names in the project' shows_its_sources
fi

parts() {
    for part in runtime development tool documentation tls; do
        DESTDIR=$folder/$part cmake --install "$BUILD" --prefix /opt/of-a-test --component "$part" || return 1
    done
    for part in runtime development tool documentation tls; do
        mkdir -p "$folder/$part" # there may be none without OpenSSL
        (cd "$folder/$part" && find . ! -type d)
    done | sort >"$folder/parts"
    (cd "$DESTDIR" && find . ! -type d) | sort | diff - "$folder/parts"
}
mv "$BUILD/install_manifest.txt" "$folder/manifest"
holds 'the parts together are the whole, and no file is in two' parts
rm -f "$BUILD"/install_manifest_*.txt
mv "$folder/manifest" "$BUILD/install_manifest.txt"
only_has() {
    found=$(cd "$folder/$1" && find . ! -type d | sed 's|.*/||' | sort | tr '\n' ' ')
    # shellcheck disable=SC2254
    case $found in $2) ;; *) echo "$1: $found"; return 1 ;; esac
}
holds 'the runtime part is the library and its licence' only_has runtime 'LICENSE libsennit.so.* libsennit.so.* '
holds 'the tool is a part of its own' only_has tool '_sennit sennit sennit sennit.1 sennit.fish '

echo theirs >"$prefix/bin/theirs"
mkdir -p "$prefix/include/sennit/theirs"
echo theirs >"$prefix/include/sennit/theirs/kept.h"
logged cmake --build "$BUILD" --target uninstall
is_gone() {
    (cd "$prefix" && find . ! -type d) | sort | tr '\n' ' ' | grep -qx './bin/theirs ./include/sennit/theirs/kept.h ' &&
        ! find "$prefix" -type d -name sennit | grep -v '/include/sennit$'
}
holds 'uninstall removes all of it, its own folders too, and nothing of others' is_gone
is_refused() {
    ! cmake --build "$BUILD" --target uninstall
}
holds 'uninstall where nothing was installed says so' is_refused
finish
