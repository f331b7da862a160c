#!/bin/sh
# The pages have backticks.
# shellcheck disable=SC2016
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

good_tree() {
    new_tree
    printf 'int main(void)\n{\n    begin();\n    if (works())\n        end();\n}\n' | file examples/hello.c
    printf 'void other(void);\n' | file examples/other.c
    printf '# It\n\n```c\n%s\n```\n' "$(cat "$tree/examples/hello.c")" | file README.md
    printf '# Guide\n\n- [A page](page.md): about it.\n' | file docs/guide/README.md
    file docs/guide/page.md <<'TEXT'
# A page

Taken from [`hello.c`](../../examples/hello.c).

```c
begin();
...
    end();
```

- In a list:

  ```c
  if (works())
      end();
  ```

```sh
./hello
```
TEXT
}

# bad LINES: behind the good page.
bad() {
    good_tree
    printf '%s\n' "$@" >>"$tree/docs/guide/page.md"
}

good_tree
passes 'code that stands in an example may be shown' check-guide
case $output in '3 pages stand'* | *' of 3 pages '*) ;; *) wrong 'the pages are counted' ;; esac

bad '```c' 'begin(now);' '```'
fails 'code that stands in no example' 'docs/guide/page.md:23: this code stands in no example' check-guide
bad '```c' 'begin();' 'end();' '```'
fails 'code of which a line is left out without saying so' 'stands in no example' check-guide
bad '```c' 'begin();' '...' 'void gone(void);' '```'
fails 'a second piece that stands nowhere' 'void gone(void);' check-guide
bad '```' 'begin();' '```'
fails 'a block without a language' 'no language that is known: ""' check-guide
bad '```js' 'begin();' '```'
fails 'a block in a language that nothing runs' 'no language that is known: "js"' check-guide
bad '```c' 'begin();'
fails 'a block that does not end' 'does not end' check-guide

good_tree
printf '# Another\n\nSee [`hello.c`](../../examples/hello.c).\n' | file docs/guide/another.md
fails 'a page without code' 'docs/guide/another.md:3: a page without code' check-guide
good_tree
printf '# Another\n\n```c\nbegin();\n```\n' | file docs/guide/another.md
fails 'a page that hides where its code is from' 'which example its code is from' check-guide
good_tree
sed -i 's/begin/start/' "$tree/README.md"
fails 'another program in the README' 'README.md: its first program is not examples/hello.c' check-guide

finish
