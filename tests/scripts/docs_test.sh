#!/bin/sh
# The documentation builds without a warning, and what is wrong in its sources is told.
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"
: "${BUILD:?the folder of a build}"

for tool in doxygen pandoc mandoc python3; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 0; }
done
tool=$BUILD/tools/sennit/sennit
[ -x "$tool" ] || { echo 'skipped: the tool sennit is not built'; exit 0; }

# What scripts/docs reads, and nothing that was built.
new_tree
for name in include docs examples scripts bench tests tls tools src README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE; do
    cp -R "$PROJECT/$name" "$tree/$name"
done

build() {
    status=0
    output=$("$tree/scripts/docs" "$tool" "$tree/out" 2>&1) || status=$?
}
# refused SENTENCE EXPECTED-TEXT
refused() {
    build
    case $status:$output in
        0:*) wrong "$1" ;;
        *"$2"*) echo "ok: $1" ;;
        *) wrong "$1" ;;
    esac
}
# there SENTENCE FILE TEXT
there() {
    if grep -qF -- "$3" "$tree/out/$2"; then echo "ok: $1"; else
        output="no \"$3\" in $2"
        wrong "$1"
    fi
}

build
if [ "$status" -eq 0 ]; then echo 'ok: it builds without a warning'; else wrong 'it builds without a warning'; fi
count=$(find "$tree/out/man/man3" -name 'sn_*.3' | wc -l)
functions=$(cat "$PROJECT"/include/sennit/*.h "$PROJECT/include/sennit.h" |
    grep -cE '^SN_(API|MUST_USE SN_API) [^=]*\bsn_[a-z0-9_]+\(|^ +sn_socket_[a-z_]+\($' || true)
if [ "$count" -ge "$functions" ] && [ "$functions" -gt 300 ]; then
    echo "ok: each function has a manual page"
else
    output="$count pages, $functions functions"
    wrong 'each function has a manual page'
fi
there 'a page says what it stands for in .NET' man/man3/sn_socket_send.3 'Socket.Send('
there 'a page has the errors' man/man3/sn_socket_bind.3 'SN_ERROR_ADDRESS_ALREADY_IN_USE'
there 'a page of the guide is a manual page' man/man7/sennit-blocking.7 'sn_socket_shutdown'
there 'the tool has one from its own help' man/man1/sennit.1 'sennit ping'
there 'the search knows the functions' site/search-index.js '"sn_socket_send_to_async"'
there 'the search knows the errors' site/search-index.js '"SN_ERROR_TIMED_OUT"'
there 'names in the guide lead to the reference' site/guide/blocking.html '../reference/transfer.html#sn_socket_receive'

printf '\n[further](#gone)\n' >>"$tree/docs/guide/errors.md"
refused 'a link to a heading that does not exist' 'there is no such heading: #gone'
cp "$PROJECT/docs/guide/errors.md" "$tree/docs/guide/errors.md"

cp "$tree/docs/guide/errors.md" "$tree/docs/guide/unlisted.md"
refused 'a page that the table of contents does not list' 'the pages differ: unlisted'
rm "$tree/docs/guide/unlisted.md"

sed -i 's|^#endif$|SN_API int sn_forgotten(int a);\n#endif|' "$tree/include/sennit/interrupt.h"
refused 'a function without a comment' 'sn_forgotten'
cp "$PROJECT/include/sennit/interrupt.h" "$tree/include/sennit/interrupt.h"
sed -i 's|@param context  borrowed until|@param contest  borrowed until|' "$tree/include/sennit/interrupt.h"
refused 'a parameter that does not exist' 'contest'

finish
