#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

good_tree() {
    new_tree
    printf 'implemented 9 of 12, not applicable 3.\n' | file docs/dotnet-map.md
    file bench/results/results.md <<'TEXT'
## Processor time of the server for a request, ÷ sennit-io_uring

| | echo-10 | echo-50 |
|---|---|---|
| raw-io_uring | 0.97 | 0.80 |
| libuv | 1.12 | 1.24 |
| dotnet | 2.55 | 2.13 |

## Requests a second, ÷ sennit-io_uring

| | echo-10 | echo-50 |
|---|---|---|
| libuv | 0.1 | 0.2 |
TEXT
    echo "- **9 of 12** members; **1.25** of it; with libuv it takes 1.24, with .NET 2.13" | file README.md
}

good_tree
passes 'the figures of the README are those of their pages' check-figures

for change in 's/9 of/8 of/' 's/1[.]25/1.00/' 's/1[.]24/1.42/' 's/2[.]13/2.3/'; do
    good_tree
    sed -i "$change" "$tree/README.md"
    fails "another figure ($change)" 'README.md does not say "' check-figures
done
good_tree
sed -i 's/1[.]24/1.30/' "$tree/bench/results/results.md"
fails 'a figure that has been measured anew' 'does not say "libuv it takes 1.30"' check-figures

finish
