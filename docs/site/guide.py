"""The guide's pages, in the order and under the headings of its table of contents, docs/guide/README.md."""
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ENTRY = re.compile(r'^- \[([^]]+)\]\(([a-z-]+)\.md\)(?:: (.*))?$')


@dataclass
class Page:
    name: str   # "blocking"
    title: str  # as in the table of contents
    brief: str
    part: str   # the heading it stands under


def contents(folder):
    pages, part, entry = [], '', ''
    for line in [*(Path(folder) / 'README.md').read_text().split('\n'), '']:
        if line.startswith('  ') and entry:
            entry += ' ' + line.strip()
            continue
        found = ENTRY.match(entry)
        if found:
            pages.append(Page(found[2], found[1], found[3] or '', part))
        entry = line if line.startswith('- ') else ''
        if line.startswith('## '):
            part = line[3:]
    listed = {page.name for page in pages}
    there = {path.stem for path in Path(folder).glob('*.md')} - {'README'}
    if listed != there:
        raise SystemExit('docs/guide/README.md and the pages differ: %s' % ', '.join(sorted(listed ^ there)))
    return pages


def parsed(path):
    """What pandoc makes of a page: its blocks."""
    words = ['pandoc', '--from', 'gfm', '--to', 'json', str(path)]
    return json.loads(subprocess.run(words, check=True, capture_output=True).stdout)['blocks']


def text_of(inlines):
    """Inline elements as a list of (is it code, text)."""
    text = []
    for element in inlines:
        kind, content = element['t'], element.get('c')
        if kind == 'Str':
            text.append((False, content))
        elif kind in ('Space', 'SoftBreak', 'LineBreak'):
            text.append((False, ' '))
        elif kind == 'Code':
            text.append((True, content[1]))
        elif kind in ('Emph', 'Strong', 'Strikeout', 'Superscript', 'Subscript'):
            text += text_of(content)
        elif kind in ('Link', 'Image', 'Span'):
            text += text_of(content[1])
        elif kind == 'Quoted':
            text += [(False, '"'), *text_of(content[1]), (False, '"')]
        elif kind != 'RawInline':
            raise ValueError('what is %s in a page?' % kind)
    return text
