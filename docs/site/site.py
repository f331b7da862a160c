"""The site: the guide, the reference made from the headers, the examples, the help of the tool; one look and one search.

Doxygen's own pages are not used: they have no dark colours in the versions that distributions carry, no room for the
guide's navigation, and fall apart on a narrow screen. Its reading of the headers is.

usage: site.py XML-FOLDER VERSION TOOL OUT-FOLDER
"""
import html
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template

import guide
import reference
import tool

# What stands beside the guide: its file, and its name in the contents.
OTHERS = [('docs/differences.md', 'differences', "Different from .NET's"),
          ('docs/dotnet-map.md', 'dotnet-map', ".NET's members"),
          ('docs/from-0.1-to-0.2.md', 'from-0.1-to-0.2', 'From 0.1 to 0.2'),
          ('CHANGELOG.md', 'changes', 'Changes')]
HEADING = re.compile(r'<h([1-3]) id="([^"]+)">(.*?)</h\1>', re.S)
NAME = re.compile(r'\b(sn_\w+|SN_\w+)((?:\(\))?)')


@dataclass
class Written:
    """A page: where it is, what stands beside its name in a search, and what is in it."""
    path: str
    title: str
    brief: str
    body: str
    part: str
    short: str = ''  # in the contents


def bare(markup):
    return html.unescape(re.sub(r'<[^>]+>', '', markup)).strip()


def pandoc(text):
    words = ['pandoc', '--from', 'gfm', '--to', 'html', '--wrap', 'preserve']
    return subprocess.run(words, check=True, capture_output=True, text=True, input=text).stdout


class Site:
    def __init__(self, headers, version):
        self.headers, self.version = headers, version
        self.pages = []
        self.images = set()
        self.places = {}   # of a file of the project: its page
        self.anchors = {}  # of a name: its place in the reference
        for header in headers:
            page = self.reference_path(header.name)
            self.places['include/' + header.name] = page
            for item in header.items:
                self.anchors[item.name] = '%s#%s' % (page, item.name)
                for declaration, _ in item.members if item.kind == 'enumeration' else []:
                    self.anchors.setdefault(declaration.split()[0], '%s#%s' % (page, item.name))

    @staticmethod
    def reference_path(header):
        return 'reference/%s.html' % Path(header).stem

    # --- Links ------------------------------------------------------------------------------------

    def link_names(self, text, root):
        """Escaped text in which the names of the interface lead to their place."""
        def link(found):
            place = self.anchors.get(found[1])
            return '<a href="%s%s">%s</a>' % (root, place, found[0]) if place else found[0]
        return NAME.sub(link, html.escape(text, quote=False))

    def marked(self, text, root):
        return ''.join('<code>%s</code>' % self.link_names(part, root) if is_code else self.link_names(part, root)
                       for is_code, part in text)

    def resolve(self, markup, source, root):
        """Links between files of the project become links between pages; those to other files are no links here."""
        def link(found):
            target, words = html.unescape(found[1]), found[2]
            if re.match(r'[a-z]+:', target) or target.startswith('#'):
                return found[0]
            file, _, anchor = target.partition('#')
            path = (Path(source).parent / file).resolve().relative_to(Path.cwd()).as_posix()
            place = self.places.get(path)
            if not place:
                return words
            return '<a href="%s%s%s">%s</a>' % (root, place, '#' + anchor if anchor else '', words)
        return re.sub(r'<a\s+href="([^"]*)"[^>]*>(.*?)</a>', link, markup, flags=re.S)

    def link_code(self, markup, root):
        """A name that stands alone as code, outside of a link and of a listing, leads to its place."""
        def link(found):
            place = self.anchors.get(found[2])
            return found[0] if not place else '<a href="%s%s"><code>%s</code></a>' % (root, place, found[1])
        pieces = re.split(r'(<pre.*?</pre>|<a .*?</a>)', markup, flags=re.S)
        return ''.join(piece if i % 2 else re.sub(r'<code>((sn_\w+|SN_\w+)(\(\))?)</code>', link, piece)
                       for i, piece in enumerate(pieces))

    # --- Pages ------------------------------------------------------------------------------------

    def add_markdown(self, source, path, title, brief, part):
        root = '../' * path.count('/')
        body = self.link_code(self.resolve(pandoc(Path(source).read_text()), source, root), root)
        self.pages.append(Written(path, title, brief, self.copied_images(body, source, root), part, title))

    def copied_images(self, body, source, root):
        def image(found):
            file = (Path(source).parent / found[1]).resolve()
            self.images.add(file)
            return '<img src="%simages/%s"' % (root, file.name)
        return re.sub(r'<img\s+src="([^"]+)"', image, body)

    def add_examples(self, sources):
        """All listings by one run of pandoc, which takes longer to start than to colour them."""
        blocks = ['```c\n%s\n```\n' % source.read_text().rstrip() for source in sources]
        listings = pandoc('\n<!-- next -->\n\n'.join(blocks)).split('<!-- next -->')
        for source, listing in zip(sources, listings):
            said = re.match(r'/\*\*?\s*(.*?)(?:\n ?\*?\s*\n|\*/)', source.read_text(), re.S)
            brief = re.sub(r'\s*\n ?\*\s*', ' ', said[1]).strip() if said else ''
            body = '<h1 id="top">%s</h1>\n%s' % (source.name, listing)
            self.pages.append(Written('examples/%s.html' % source.stem, source.name, brief, body, 'Examples', source.name))

    def add_reference(self, header):
        root = '../'
        body = ['<h1 id="top">&lt;%s&gt;</h1>' % header.name, '<p>%s</p>' % self.marked(header.about.brief, root),
                *self.blocks(header.about.blocks, root)]
        if header.items:
            body.append('<h2 id="contents">What it declares</h2>\n<ul class="brief">')
            body += ['<li><a href="#%s"><code>%s</code></a> <span>%s</span></li>' %
                     (item.name, item.name + ('()' if item.kind == 'function' else ''), self.marked(item.brief, root))
                     for item in header.items]
            body.append('</ul>')
        for item in header.items:
            body += self.item(item, root)
        self.pages.append(Written(self.reference_path(header.name), '<%s>' % header.name,
                                  reference.plain(header.about.brief), '\n'.join(body), 'Reference', header.name))

    def blocks(self, blocks, root):
        for kind, content in blocks:
            if kind == 'p':
                yield '<p>%s</p>' % self.marked(content, root)
            elif kind == 'list':
                yield '<ul>%s</ul>' % ''.join('<li>%s</li>' % self.marked(entry, root) for entry in content)
            else:
                yield '<pre><code>%s</code></pre>' % html.escape(content)

    def entries(self, label, entries, root):
        if not entries:
            return
        yield '<p class="label">%s</p>\n<dl>' % label
        for name, text in entries:
            yield '<dt>%s</dt><dd>%s</dd>' % (self.link_names(name, root), self.marked(text, root))
        yield '</dl>'

    def item(self, item, root):
        yield '<section class="item">\n<h3 id="%s">%s</h3>' % (item.name, item.name)
        declaration = item.declaration
        if item.kind == 'function' and len(declaration) > 76:
            declaration = re.sub(r', (?![^(]*\)[^;])', ',\n    ', declaration.replace('(', '(\n    ', 1))
        if declaration != 'enum':
            yield '<pre><code>%s</code></pre>' % self.link_names(declaration, root)
        yield '<p>%s</p>' % self.marked(item.brief, root)
        yield from self.blocks(item.blocks, root)
        yield from self.entries('Values' if item.kind == 'enumeration' else 'Members', item.members, root)
        yield from self.entries('Parameters', item.parameters, root)
        if item.returns:
            yield from self.entries('Returns', [('', item.returns)], root)
        yield from self.entries('Errors', item.errors, root)
        facts = ['Since %s' % item.since]
        if item.thread:
            facts.append('Threads: ' + self.marked(item.thread, root))
        if item.dotnet and item.dotnet != 'none':
            facts.append('.NET: ' + html.escape(item.dotnet))
        yield '<p class="facts">%s</p>\n</section>' % '<br>'.join(facts)

    def add_tool(self, pages):
        body = ['<h1 id="top">The command sennit</h1>']
        for page in pages:
            if page.name:
                body.append('<h2 id="%s">sennit %s</h2>' % (page.name, page.name))
            body.append('<pre><code>%s</code></pre>' % html.escape('\n'.join(page.usage)))
            for kind, content in page.blocks:
                if kind == 'p':
                    body.append('<p>%s</p>' % html.escape(content))
                else:
                    body.append('<dl>%s</dl>' % ''.join('<dt>%s</dt><dd>%s</dd>' % tuple(map(html.escape, entry))
                                                        for entry in content))
        self.pages.append(Written('sennit.html', 'The command sennit', 'sockets from the command line', '\n'.join(body),
                                  'More', 'The command sennit'))

    # --- The whole --------------------------------------------------------------------------------

    def contents(self, current):
        root, part, lines = '../' * current.path.count('/'), None, []
        for page in self.pages:
            if not page.part or page.part == 'Examples' and page is not current and current.part != 'Examples':
                continue
            if page.part != part:
                lines += (['</ul>'] if part else []) + ['<h2>%s</h2>' % html.escape(page.part), '<ul>']
                part = page.part
            here = ' aria-current="page"' if page is current else ''
            lines.append('<li><a href="%s%s"%s>%s</a></li>' % (root, page.path, here, html.escape(page.short)))
        if current.part != 'Examples':
            first = next(page for page in self.pages if page.part == 'Examples')
            lines += ['</ul>', '<h2>Examples</h2>', '<ul>',
                      '<li><a href="%s%s">Programs to copy</a></li>' % (root, first.path)]
        return '\n'.join(lines + ['</ul>'])

    def index(self):
        """Rows of the search: a name, what it is, where it is."""
        rows = []
        for header in self.headers:
            for item in header.items:
                rows.append((item.name, reference.plain(item.brief), self.anchors[item.name]))
                rows += [(declaration.split()[0], reference.plain(text), self.anchors[item.name])
                         for declaration, text in item.members if item.kind == 'enumeration']
        for page in self.pages:
            rows.append((page.title, page.brief, page.path))
            if page.part != 'Reference':
                rows += [(bare(words), page.title, '%s#%s' % (page.path, anchor))
                         for level, anchor, words in HEADING.findall(page.body) if level != '1']
        return rows

    def write(self, out):
        template = Template(Path('docs/site/page.html').read_text())
        for page in self.pages:
            path = out / page.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(template.substitute(title=html.escape(page.title), root='../' * page.path.count('/'),
                                                version=self.version, contents=self.contents(page), body=page.body))
        for name in ('style.css', 'search.js'):
            shutil.copy('docs/site/' + name, out / name)
        (out / 'images').mkdir(exist_ok=True)
        for image in self.images:
            shutil.copy(image, out / 'images' / image.name)
        rows = json.dumps(self.index(), ensure_ascii=False, separators=(',', ':'))
        (out / 'search-index.js').write_text('window.sennitIndex = %s;\n' % rows)


def main():
    xml, version, program, out = sys.argv[1:]
    site = Site(reference.read(xml), version)
    entries = guide.contents('docs/guide')
    site.places['docs/guide/README.md'] = 'index.html'
    site.places.update({'docs/guide/%s.md' % entry.name: 'guide/%s.html' % entry.name for entry in entries})
    site.places.update({source: name + '.html' for source, name, _ in OTHERS})
    examples = sorted(Path('examples').glob('*.c'))
    site.places.update({path.as_posix(): 'examples/%s.html' % path.stem for path in examples})

    site.add_markdown('docs/guide/README.md', 'index.html', 'Guide', 'where everything is', '')
    for entry in entries:
        site.add_markdown('docs/guide/%s.md' % entry.name, 'guide/%s.html' % entry.name, entry.title, entry.brief,
                          entry.part)
    site.add_tool(tool.read(program))
    for source, name, title in OTHERS:
        site.add_markdown(source, name + '.html', title, '', 'More')
    for header in site.headers:
        site.add_reference(header)
    site.add_examples(examples)
    site.write(Path(out))
    print(len(site.pages))


main()
