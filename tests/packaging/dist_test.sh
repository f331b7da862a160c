#!/bin/sh
# The archive of the sources is the same to the byte from two clones, whoever makes it, and is all that a build needs.
# shellcheck source=tests/packaging/support.sh
. "$(dirname "$0")/support.sh"

if ! git -C "$PROJECT" rev-parse --verify -q HEAD >"$folder/said" 2>&1; then
    echo 'skipped: the project is no git repository here'
    exit 0
fi
command -v xz >/dev/null || { echo 'skipped: there is no xz'; exit 0; }

logged git clone -q --no-local "$PROJECT" "$folder/first"
logged git clone -q --no-local "$PROJECT" "$folder/second"
# What is tested is the script as it is now.
cp "$PROJECT/scripts/make-dist" "$folder/first/scripts/make-dist"
cp "$PROJECT/scripts/make-dist" "$folder/second/scripts/make-dist"
logged "$folder/first/scripts/make-dist"
# Another user: other modes of new files, another zone, another language, settings of git.
(
    umask 077
    git -C "$folder/second" config tar.umask 0077
    git -C "$folder/second" config core.autocrlf true
    TZ=Asia/Tokyo LC_ALL=C.UTF-8 logged "$folder/second/scripts/make-dist"
)
cd "$folder/first/build/dist"
archive=$(echo sennit-*.tar.gz)
holds 'the archives of two clones are the same to the byte' cmp "$archive" "$folder/second/build/dist/$archive"
holds 'those of xz too' cmp "${archive%gz}xz" "$folder/second/build/dist/${archive%gz}xz"
holds 'the sums that are told are theirs' sha256sum -c "${archive%.tar.gz}.sha256"

tar -x -z -C "$folder" -f "$archive"
sources=$folder/${archive%.tar.gz}
is_whole() {
    git -C "$PROJECT" ls-tree -r --name-only HEAD | sort >"$folder/committed"
    (cd "$sources" && find . ! -type d | sed 's|^\./||' | sort) | diff "$folder/committed" -
}
holds 'every committed file is in it, and nothing else' is_whole
says_that_it_is_none() {
    ! "$sources/scripts/make-dist" >"$folder/refused" 2>&1 && grep -q 'git repository' "$folder/refused"
}
holds 'an archive is not made out of an archive, which is said' says_that_it_is_none
is_no_commit() {
    ! "$folder/first/scripts/make-dist" no-such-commit >"$folder/refused" 2>&1 &&
        grep -q "no commit 'no-such-commit'" "$folder/refused"
}
holds 'a commit that does not exist is named' is_no_commit

logged cmake -S "$sources" -B "$folder/build" -DCMAKE_BUILD_TYPE=Debug -DSENNIT_TESTS=OFF -DSENNIT_BENCH=OFF
logged cmake --build "$folder/build" -j 2 --target sennit sennit_static example.hello
says_hello() {
    [ "$("$folder/build/examples/hello")" = 'hello, world' ]
}
holds 'the library and the tool are built from it, and work' says_hello
has_the_version() {
    "$folder/build/tools/sennit/sennit" --version | grep -F "${sources##*/sennit-}"
}
holds 'the tool tells the version that the archive is named for' has_the_version
finish
