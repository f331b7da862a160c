#!/bin/sh
# The pages have backticks.
# shellcheck disable=SC2016
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

good_tree() {
    new_tree
    printf 'int x;\n' | file src/x.c
    file README.md <<'TEXT'
# It's `one`: a page

## Twice

## Twice

See [the page](docs/page.md), [below](#twice-1), [above](#its-one-a-page), [the code](src/x.c) and
[out](https://example.org/a?b=c), [a folder](src/), but `[nothing](here.md)`.

```c
array[0](gone.md);
```
TEXT
    printf '# Page\n\n## Sending & receiving\n\n[back](../README.md#twice) [up](../README.md)\n' | file docs/page.md
}

# bad LINK: in a page of a folder.
bad() {
    good_tree
    printf '\n[it](%s)\n' "$1" >>"$tree/docs/page.md"
}

good_tree
passes 'links that lead somewhere' check-links
case $output in '8 links lead somewhere') ;; *) wrong 'the links are counted' ;; esac
bad '#sending--receiving'
passes 'a heading with a sign in it' check-links

bad 'gone.md'
fails 'a page that does not exist' 'docs/page.md:7: this link leads nowhere: gone.md' check-links
bad 'README.md'
fails 'a page of another folder' 'leads nowhere: README.md' check-links
bad '../README.md#thrice'
fails 'a heading that another page does not have' 'there is no such heading: ../README.md#thrice' check-links
bad '#page-1'
fails 'a heading that the page does not have' 'there is no such heading: #page-1' check-links
bad 'https://example'
fails 'an address that is none' 'this address has no form: https://example' check-links
bad 'htp://example.org/'
fails 'a scheme that nobody knows' 'this address has no form' check-links

# site HTML: a built site of two pages, of which the first has this in it.
site() {
    new_tree
    printf '<h2 id="top">A</h2> <a href="b/two.html#low">b</a> %s\n' "$1" | file site/one.html
    printf '<h2 id="low">B</h2> <a href="../one.html">a</a> <a class="x" href="#low">c</a>\n' | file site/b/two.html
    printf 'body { margin: 0 }\n' | file site/style.css
    printf 'window.index = [["a","b","one.html#top"],["c","d","%s"]];\n' "${2:-b/two.html}" | file site/search-index.js
}

site '<link rel="stylesheet" href="style.css">'
passes 'a site whose links lead somewhere' check-links site
site '<a href="b/three.html">x</a>'
fails 'a page that the site does not have' 'one.html:1: this link leads nowhere: b/three.html' check-links site
site '<a href="b/two.html#high">x</a>'
fails 'an anchor that the page does not have' 'there is no such heading: b/two.html#high' check-links site
site '<img alt="" src="gone.svg">'
fails 'a picture that is not there' 'leads nowhere: gone.svg' check-links site
site '' 'b/two.html#high'
fails 'a row of the search that leads nowhere' 'search-index.js:1: there is no such heading' check-links site
site '' 'three.html'
fails 'a row of the search that leads to no page' 'search-index.js:1: this link leads nowhere' check-links site

finish
