"""The tool `sennit` as its own help describes it: the one source of its manual page and of its page on the site."""
import re
import subprocess
from dataclasses import dataclass, field

from roff import Page, escape

COMMAND = re.compile(r'^  ([a-z][a-z0-9-]*)  +\S')
# "  --count N          datagrams: end after so many": two blanks or more before what it means.
ENTRY = re.compile(r'^ {2,4}(\S+(?: \S+)*)  +(\S.*)$')


@dataclass
class Help:
    name: str  # of a command; "" is the tool's own
    usage: list
    blocks: list = field(default_factory=list)  # ('p', text), ('entries', [(what, text)...])


def said(program, *words):
    return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout


def parse(name, text):
    lines = text.rstrip('\n').split('\n')
    usage = []
    while lines and lines[0].strip():
        usage.append(re.sub(r'^(usage:|      ) ', '', lines.pop(0)))
    page = Help(name, usage)
    for line in lines:
        entry = ENTRY.match(line)
        last = page.blocks[-1] if page.blocks else None
        if entry:
            if not last or last[0] != 'entries':
                page.blocks.append(('entries', []))
            page.blocks[-1][1].append((entry[1], entry[2]))
        elif not line.strip():
            page.blocks.append(('p', ''))
        elif line.startswith('     ') and last and last[0] == 'entries':
            what, text = last[1].pop()
            last[1].append((what, text + ' ' + line.strip()))
        elif last and last[0] == 'p':
            page.blocks[-1] = ('p', (last[1] + ' ' + line.strip()).strip())
        else:
            page.blocks.append(('p', line.strip()))
    page.blocks = [block for block in page.blocks if block[1]]
    return page


def read(program):
    own = said(program, '--help')
    names = [found[1] for found in map(COMMAND.match, own.split('\n')) if found and found[1] != 'help']
    return [parse('', own)] + [parse(name, said(program, name, '--help')) for name in names]


def write_blocks(page, blocks):
    for kind, content in blocks:
        if kind == 'p':
            page.paragraph(escape(content))
            continue
        for what, text in content:
            page.item('.B "%s"' % escape(what), escape(text))


def write_manual(pages, source, date):
    page = Page('sennit', '1', date, source)
    page.heading('NAME')
    page.lines.append('sennit \\- sockets from the command line')
    page.heading('SYNOPSIS')
    page.lines.append('.nf')
    page.lines += ['.B "%s"' % escape(line) for help_of in pages for line in help_of.usage if help_of.name]
    page.lines.append('.fi')
    page.heading('DESCRIPTION')
    write_blocks(page, pages[0].blocks)
    for help_of in pages[1:]:
        page.heading('sennit ' + help_of.name)
        page.lines += ['.nf', *['.B "%s"' % escape(line) for line in help_of.usage], '.fi']
        page.is_fresh = False
        write_blocks(page, help_of.blocks)
    page.heading('SEE ALSO')
    page.lines.append('.BR sennit (7)')
    return page
