"""The public headers as Doxygen has read them: a list of headers, each with its items."""
import re
import xml.etree.ElementTree as tree
from dataclasses import dataclass, field
from pathlib import Path

NAMES = re.compile(r'^(SN_\w+(?:, SN_\w+)*) +(?=\S)')
BLOCKS = {'parameterlist', 'simplesect', 'itemizedlist', 'orderedlist', 'verbatim', 'programlisting', 'table'}


@dataclass
class Item:
    """A function, structure, enumeration, other type, constant or macro. Text is a list of (is it code, text)."""
    kind: str
    name: str
    header: str
    line: int
    declaration: str = ''
    brief: list = field(default_factory=list)
    blocks: list = field(default_factory=list)      # ('p', text), ('list', [text...]), ('code', str)
    parameters: list = field(default_factory=list)  # (name, text)
    returns: list = field(default_factory=list)
    errors: list = field(default_factory=list)      # (names or '', text)
    thread: list = field(default_factory=list)
    since: str = ''
    dotnet: str = ''
    members: list = field(default_factory=list)     # (declaration, text)


@dataclass
class Header:
    name: str  # "sennit/socket.h"
    about: Item = None
    items: list = field(default_factory=list)


def plain(text):
    return ''.join(part for _, part in text)


def flat(element):
    """The words of an element, markup and all."""
    return re.sub(r'\s+', ' ', ''.join(element.itertext())).strip()


def inline(element):
    """What stands in a paragraph up to the first block inside it."""
    text = []

    def add(is_code, words):
        words = re.sub(r'\s+', ' ', words or '')
        if not words:
            return
        if text and text[-1][0] == is_code:
            text[-1] = (is_code, text[-1][1] + words)
        else:
            text.append((is_code, words))

    def walk(node, is_code):
        add(is_code, node.text)
        for child in node:
            if child.tag not in BLOCKS:
                walk(child, is_code or child.tag == 'computeroutput')
            add(is_code, child.tail)

    walk(element, False)
    return trimmed(text)


def trimmed(text):
    if text:
        text[0] = (text[0][0], text[0][1].lstrip())
        text[-1] = (text[-1][0], text[-1][1].rstrip())
    return [part for part in text if part[1]]


def paragraphs(element):
    """All paragraphs of an element as one text."""
    whole = []
    for paragraph in element.findall('para'):
        if whole:
            whole.append((False, ' '))
        whole += inline(paragraph)
    return trimmed(whole)


def read_section(item, section):
    kind, title = section.get('kind'), flat(section.find('title')) if section.find('title') is not None else ''
    text = paragraphs(section)
    if kind == 'return':
        item.returns = text
    elif kind == 'since':
        item.since = plain(text)
    elif title == 'thread':
        item.thread = text
    elif title == 'dotnet':
        item.dotnet = plain(text)
    elif title == 'error':
        names = NAMES.match(text[0][1])
        if names:
            text = [(False, text[0][1][names.end():])] + text[1:]
        item.errors.append((names[1] if names else '', text))
    else:
        raise ValueError('%s: what is "%s"?' % (item.name, title or kind))


def read_parameters(item, block):
    for parameter in block.findall('parameteritem'):
        name = flat(parameter.find('parameternamelist'))
        item.parameters.append((name, paragraphs(parameter.find('parameterdescription'))))


def read_description(item, element):
    for paragraph in element.findall('para'):
        text = inline(paragraph)
        if text:
            item.blocks.append(('p', text))
        for block in paragraph:
            if block.tag == 'parameterlist':
                read_parameters(item, block)
            elif block.tag == 'simplesect':
                read_section(item, block)
            elif block.tag in ('itemizedlist', 'orderedlist'):
                item.blocks.append(('list', [paragraphs(entry) for entry in block.findall('listitem')]))
            elif block.tag in ('verbatim', 'programlisting'):
                item.blocks.append(('code', (block.text or '').strip('\n')))
            elif block.tag == 'table':
                raise ValueError('%s: a table' % item.name)


def about(kind, element, header):
    location = element.find('location')
    name = element.findtext('name') or element.findtext('compoundname')
    item = Item(kind, name, header, int(location.get('line') or 0))
    item.brief = paragraphs(element.find('briefdescription'))
    read_description(item, element.find('detaileddescription'))
    return item


def declared(element):
    """A member of a structure, or a parameter, as C has it."""
    kind, name = flat(element.find('type')), element.findtext('name') or ''
    behind = element.findtext('argsstring') or ''
    if re.match(r'(struct|union)\b.*@', kind):  # without a name
        kind = kind.split()[0] + ' { ... }'
    return re.sub(r'\* (?=\w)', '*', '%s %s%s' % (kind, name, behind)).replace('(* ', '(*').replace('( *', '(*')


def read_function(element, header):
    item = about('function', element, header)
    kind = flat(element.find('type'))
    space = '' if kind.endswith('*') else ' '
    arguments = re.sub(r'^\(\)$', '(void)', element.findtext('argsstring'))
    item.declaration = '%s%s%s%s;' % (kind, space, item.name, arguments)
    return item


def read_define(element, header):
    item = about('macro', element, header)
    parameters = ', '.join(flat(parameter) for parameter in element.findall('param'))
    value = element.findtext('initializer') or ''
    item.declaration = '#define %s%s' % (item.name, '(%s)' % parameters if parameters else ' ' + value)
    return item


def read_enumeration(element, header):
    item = about('enumeration', element, header)
    for value in element.findall('enumvalue'):
        number = flat(value.find('initializer')) if value.find('initializer') is not None else ''
        item.members.append(('%s %s' % (value.findtext('name'), number), paragraphs(value.find('briefdescription'))))
    item.declaration = 'enum %s' % item.name
    if not item.name or item.name.startswith('@'):  # constants of a type that is a number
        item.name = item.members[0][0].split()[0]
        item.declaration = 'enum'
    return item


def read_other(kind, element, header):
    item = about(kind, element, header)
    arguments = element.findtext('argsstring') or ''
    if arguments.startswith(')'):  # of a pointer to a function, whose definition has them already
        arguments = ''
    definition = re.sub(r'\s+', ' ', element.findtext('definition') + arguments)
    item.declaration = definition.replace('( *', '(*') + ';'
    return item


def read_member(element, header):
    kind = element.get('kind')
    if kind == 'function':
        return read_function(element, header)
    if kind == 'define':
        return read_define(element, header)
    if kind == 'enum':
        return read_enumeration(element, header)
    return read_other({'typedef': 'type', 'variable': 'constant'}[kind], element, header)


def read_structure(path):
    element = tree.parse(path).getroot().find('compounddef')
    header = element.find('location').get('file')
    item = about('structure', element, header)
    item.declaration = 'struct %s' % item.name
    for member in element.iter('memberdef'):
        text = paragraphs(member.find('briefdescription')) + paragraphs(member.find('detaileddescription'))
        item.members.append((declared(member), text))
    return item


def complete(headers):
    """What shares the comment of another gets it: a setter that of its getter, constants that of their type; a property
    of a client says which one of the socket it is."""
    items = [item for header in headers for item in header.items]
    known = {item.name: item for item in items}
    before = None
    for item in items:
        if not item.brief:
            getter = known.get(item.name.replace('_set_', '_get_', 1))
            of_socket = re.sub('^sn_(tcp_client|tcp_listener|udp_client|network_stream)_', 'sn_socket_', item.name)
            if of_socket in known and of_socket != item.name:
                item.brief = [(False, 'As %s(), of its socket.' % of_socket)]
            elif getter and getter is not item:
                item.brief, item.blocks = getter.brief, getter.blocks
            elif item.declaration == 'enum' and before.kind == 'type':
                item.brief = [(False, 'Values of '), (True, before.name), (False, '.')]
            elif item.name.endswith('_TABLE'):
                item.brief = [(False, 'The table that the values below are made from.')]
            else:
                raise ValueError('%s: %s has no comment' % (item.header, item.name))
        before = item


def read(folder):
    """The headers below an XML folder of Doxygen's, the one that includes all others first."""
    structures = [read_structure(path) for path in sorted(Path(folder).glob('struct*.xml'))]
    headers = []
    for path in sorted(Path(folder).glob('*_8h.xml')):
        element = tree.parse(path).getroot().find('compounddef')
        name = element.find('location').get('file')
        header = Header(name)
        header.about = about('header', element, name)
        made = [read_member(member, name) for member in element.iter('memberdef')]
        own = {item.name for item in structures if item.header == name}
        # Of a structure and its typedef the structure says more.
        header.items = [item for item in made if not (item.kind in ('type', 'enumeration') and item.name in own)]
        seen = {item.name for item in header.items if item.kind == 'enumeration'}
        header.items = [item for item in header.items if not (item.kind == 'type' and item.name in seen)]
        header.items += [item for item in structures if item.header == name]
        header.items.sort(key=lambda item: item.line)
        since = re.search(r'there since (\d+\.\d+)', ' '.join(plain(block[1]) for block in header.about.blocks
                                                              if block[0] == 'p'))
        for item in header.items:
            item.since = item.since or (since[1] if since else '0.1')
        headers.append(header)
    complete(headers)
    headers.sort(key=lambda header: (header.name != 'sennit.h', header.name))
    return headers
