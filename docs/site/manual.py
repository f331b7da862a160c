"""Manual pages: section 3 of what the headers declare, section 7 of the guide, section 1 of the tool's own help.

usage: manual.py XML-FOLDER VERSION DATE TOOL OUT-FOLDER
"""
import re
import sys
from pathlib import Path

import guide
import reference
import tool
from roff import Page, escape, marked, named

MENTIONED = re.compile(r'\bsn_\w+')


def lower_first(text):
    """A brief as it stands behind a name in a list: no full stop, no capital unless it begins a name."""
    text = text.rstrip('.')
    return text[0].lower() + text[1:] if re.match(r'[A-Z][a-z ]', text) else text


def mentioned(item, known):
    """The items that a page speaks of, its twin first."""
    texts = [item.brief, item.returns, item.thread, *(text for _, text in item.parameters + item.errors)]
    for kind, content in item.blocks:
        texts += content if kind == 'list' else [content] if kind == 'p' else []
    words = [word for text in texts for word in MENTIONED.findall(reference.plain(text))]
    twin = item.name[:-6] if item.name.endswith('_async') else item.name + '_async'
    words = [twin, *MENTIONED.findall(item.declaration), *words]
    found = dict.fromkeys(word for word in words if word in known and word != item.name)
    return list(found)[:12]


def write_declaration(page, item):
    page.lines += ['.nf', '.B #include <%s>' % item.header, '.sp']
    found = re.match(r'(.*?)\((.*)\);$', item.declaration)
    if item.kind == 'function' and found:
        # One parameter a line where they do not fit on one.
        line = '%s(%s);' % (found[1], found[2])
        if len(line) > 74:
            parts = re.split(r', (?![^(]*\))', found[2])
            line = '%s(%s);' % (found[1], (',\n' + ' ' * 4).join(['', *parts])[1:].lstrip(','))
        for part in line.split('\n'):
            page.lines.append('.B "%s"' % escape(part))
    else:
        page.lines.append('.B "%s"' % escape(item.declaration))
    page.lines.append('.fi')
    page.is_fresh = False


def write_blocks(page, blocks):
    for kind, content in blocks:
        if kind == 'p':
            page.paragraph(named(content))
        elif kind == 'list':
            for entry in content:
                page.bullet(named(entry))
        else:
            page.code(content)


def write_item(item, known, version, date):
    page = Page(item.name, '3', date, version)
    page.heading('NAME')
    page.lines.append('%s \\- %s' % (escape(item.name), escape(lower_first(reference.plain(item.brief)))))
    page.heading('SYNOPSIS')
    write_declaration(page, item)
    page.heading('DESCRIPTION')
    page.paragraph(named(item.brief))
    write_blocks(page, item.blocks)
    if item.members:
        page.heading('VALUES' if item.kind == 'enumeration' else 'MEMBERS')
        for declaration, text in item.members:
            page.item('.B "%s"' % escape(declaration), named(text))
    if item.parameters:
        page.heading('PARAMETERS')
        for name, text in item.parameters:
            page.item('.I %s' % escape(name), named(text))
    if item.kind == 'function':
        write_results(page, item)
        page.heading('THREADS')
        page.paragraph(named(item.thread) if item.thread else 'Any thread may call it, at any time.')
    page.heading('VERSIONS')
    page.paragraph('Since %s.' % escape(item.since))
    if item.dotnet:
        page.heading('.NET')
        page.paragraph('No member stands for it.' if item.dotnet == 'none' else escape(item.dotnet))
    page.heading('SEE ALSO')
    names = ['.BR %s (3)' % escape(name) for name in mentioned(item, known)] + ['.BR sennit (7)']
    page.lines += [line + ' ,' for line in names[:-1]] + names[-1:]
    return page


def write_results(page, item):
    if item.declaration.startswith('void '):
        return
    page.heading('RETURN VALUE')
    if item.declaration.startswith('sn_error '):
        if item.returns:
            page.paragraph(named(item.returns))
        else:
            page.paragraph('\\fBSN_OK\\fR, or what went wrong. Results are written on success only, unless it is said '
                           'otherwise above.')
    elif item.returns:
        page.paragraph(named(item.returns))
    else:
        page.paragraph('See above.')
    if item.errors:
        page.heading('ERRORS')
        for names, text in item.errors:
            if names:
                page.item('.B %s' % escape(names), named(text))
            else:
                page.paragraph(named(text))


def write_guide_blocks(page, blocks, depth=0):
    for block in blocks:
        kind, content = block['t'], block.get('c')
        if kind in ('Para', 'Plain'):
            if any(part['t'] == 'Image' for part in content):
                continue
            page.paragraph(marked(guide.text_of(content)))
        elif kind == 'Header':
            level, _, words = content
            if level > 1:
                page.heading(reference.plain(guide.text_of(words)), is_sub=level > 2)
        elif kind == 'CodeBlock':
            page.code(content[1])
        elif kind in ('BulletList', 'OrderedList'):
            entries = content if kind == 'BulletList' else content[1]
            for number, entry in enumerate(entries, 1):
                mark = {} if kind == 'BulletList' else {'mark': '%d.' % number, 'width': 4}
                page.bullet(marked(guide.text_of(entry[0]['c'])), **mark)
                if entry[1:]:
                    page.lines.append('.RS 4')
                    write_guide_blocks(page, entry[1:], depth + 1)
                    page.lines.append('.RE')
        elif kind == 'Table':
            write_table(page, content)
        elif kind == 'BlockQuote':
            page.lines.append('.RS 4')
            write_guide_blocks(page, content, depth + 1)
            page.lines.append('.RE')
        elif kind not in ('RawBlock', 'HorizontalRule'):
            raise ValueError('what is %s in a page?' % kind)


def cells_of(row):
    return [[(code, part) for block in cell[4] for code, part in guide.text_of(block['c'])] for cell in row[1]]


def write_table(page, table):
    """Rows as items: tables of troff do not break their lines in every viewer."""
    head = [reference.plain(cell) for cell in cells_of(table[3][1][0])] if table[3][1] else []
    for body in table[4]:
        for row in body[3]:
            cells = cells_of(row)
            rest = []
            for number, cell in enumerate(cells[1:], 1):
                if not cell:
                    continue
                label = head[number] if number < len(head) and len(cells) > 2 else ''
                rest += ([(False, '; ')] if rest else []) + ([(False, label + ': ')] if label else []) + cell
            page.item(marked(cells[0]) or '\\&', marked(rest))


def write_guide(entry, folder, pages, version, date):
    name = 'sennit-' + entry.name
    page = Page(name, '7', date, version)
    page.heading('NAME')
    page.lines.append('%s \\- %s' % (escape(name), escape(lower_first(entry.brief or entry.title))))
    blocks = guide.parsed(folder / (entry.name + '.md'))
    opening = next((i for i, block in enumerate(blocks) if block['t'] == 'Header' and block['c'][0] > 1), len(blocks))
    page.heading('DESCRIPTION')
    write_guide_blocks(page, blocks[:opening])
    write_guide_blocks(page, blocks[opening:])
    page.heading('SEE ALSO')
    others = [other.name for other in pages if other.part == entry.part and other.name != entry.name]
    names = ['.BR sennit (7)'] + ['.BR %s (7)' % escape('sennit-' + other) for other in others]
    page.lines += [line + ' ,' for line in names[:-1]] + names[-1:]
    return page


def write_overview(headers, folder, pages, version, date):
    page = Page('sennit', '7', date, version)
    page.heading('NAME')
    page.lines.append("sennit \\- sockets for C programs, with .NET's names")
    page.heading('SYNOPSIS')
    page.lines += ['.nf', '.B #include <sennit.h>', '.sp',
                   '.B cc program.c $(pkg\\-config \\-\\-cflags \\-\\-libs sennit)', '.fi']
    page.heading('DESCRIPTION')
    write_guide_blocks(page, [block for block in guide.parsed(folder / 'README.md')[:3] if block['t'] == 'Para'])
    write_blocks(page, headers[0].about.blocks[1:])
    for part in dict.fromkeys(entry.part for entry in pages):
        page.heading(part)
        for entry in pages:
            if entry.part == part:
                page.item('.BR %s (7)' % escape('sennit-' + entry.name), escape(entry.brief or entry.title))
    page.heading('HEADERS')
    for header in headers[1:]:
        page.item('.B <%s>' % escape(header.name), named(header.about.brief))
    page.heading('SEE ALSO')
    page.lines.append('.BR sennit (1)')
    return page


def main():
    xml, version, date, program, out = sys.argv[1:]
    source = 'Sennit ' + version
    headers = reference.read(xml)
    folder = Path('docs/guide')
    pages = guide.contents(folder)
    items = [item for header in headers for item in header.items
             if item.kind in ('function', 'structure', 'enumeration', 'type')]
    known = {item.name for item in items}
    made = [write_item(item, known, source, date) for item in items]
    made += [write_guide(entry, folder, pages, source, date) for entry in pages]
    made.append(write_overview(headers, folder, pages, source, date))
    made.append(tool.write_manual(tool.read(program), source, date))
    for page in made:
        path = Path(out) / ('man' + page.section) / ('%s.%s' % (page.name, page.section))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.text())
    print(len(made))


main()
