"""What Doxygen is to see of a public header, which stays as a reader of C likes it.

The first comment is about the file. A comment behind a member is about that member. A comment above several
one-line definitions is about each of them. A name in angle brackets is no element of HTML. The values of an
enumeration that a table is expanded to are written out, with what the table says of each: Doxygen expands the
macros, but knows no comment for what comes of them.

All headers are written out before Doxygen begins: as its filter this would run for each time that one header includes
another.

usage: header.py INCLUDE-FOLDER OUT-FOLDER
"""
import re
import sys
from pathlib import Path

ROW = re.compile(r'X\((\w+),\s*((?:"(?:[^"\\]|\\.)*"|[^()"])*)\)\s*(?:/\*\s*(.*?)\s*\*/)?', re.S)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
ONE_LINE = re.compile(r'#define (SN_\w+)\s+.*[^\\]$|SN_API extern const \w+ (SN_\w+);$')


def read_tables(text):
    """The rows of each table: (ID, its other fields, the comment behind the row)."""
    tables = {}
    joined = text.replace('\\\n', '\n')
    for found in re.finditer(r'#define (SN_\w+_TABLE)\(X\)(.*?)\n\n', joined, re.S):
        rows = []
        for row in ROW.finditer(found[2]):
            texts = re.sub(r'"\s*"', '', row[2])
            numbers = LITERAL.sub('', texts).split(',')
            rows.append((row[1], numbers[0].strip(), LITERAL.findall(texts), row[3]))
        tables[found[1]] = rows
    return tables


def written_out(pattern, rows):
    """One line a row: "SN_ERROR_##id = number," with a comment."""
    lines = []
    for identity, second, texts, remark in rows:
        code = pattern.replace('##id', identity).replace('number', second)
        code = re.sub(r'\bfield\b', second, code)
        about = ': '.join(part for part in ['"%s"' % texts[0], *texts[1:], remark] if part)
        lines.append('    %s /**< %s */' % (code, re.sub(r'\s+', ' ', about)))
    return '\n'.join(lines)


def expand_tables(text):
    tables = read_tables(text)

    def expand(found):
        body = found[2]
        for name in re.findall(r'(SN_\w+_TABLE)\(X\)', body):
            body = body.replace(name + '(X)', written_out(found[1].strip(), tables[name]) + '\n')
        return body

    return re.sub(r'#define X\([^)]*\)(.*)\n((?:.*\n)*?)#undef X\n', expand, text)


def share_comments(lines):
    """A definition right below a documented one has the same comment."""
    first, before = None, ''
    for line in lines:
        found = ONE_LINE.match(line)
        if not found:
            first = None
        elif first and before:
            line = '/** @copydoc %s */\n%s' % (first, line)
        elif before.endswith('*/'):
            first = found[1] or found[2]
        yield line
        before = line.strip()


def shown(text):
    text = text.replace('/**', '/** @file', 1)
    text = expand_tables(text)
    text = '\n'.join(share_comments(text.split('\n')))
    text = re.sub(r'(?<=[;,}]) */\* ', ' /**< ', text)
    text = re.sub(r'(?<=\w) */\* (?=.*\*/$)', ' /**< ', text, flags=re.M)
    text = re.sub(r'<((?:[a-z_]+/)?[a-z_0-9]+\.h)>', r'\\<\1\\>', text)
    text = re.sub(r'(?m)^(#include )\\<(.*)\\>', r'\1<\2>', text)
    return re.sub(r'(?m)^( \*.*?)::(?=ffff)', r'\1\\::', text)


def main():
    folder, out = map(Path, sys.argv[1:])
    for path in folder.rglob('*.h'):
        target = out / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(shown(path.read_text()))


main()
