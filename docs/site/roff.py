"""Text for manual pages: what troff would take for its own is escaped, and long lines are broken where it lets them."""
import re

SPECIAL = {'\\': '\\e', '-': '\\-', "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti', '"': '\\(dq',
           '…': '...', '–': '\\(en', '—': '\\(em', '×': '\\(mu', '÷': '\\(di', '→': '\\(->', '≥': '\\(>=', '≤': '\\(<=',
           'µ': '\\(mc', '·': '\\(pc'}


def escape(text):
    return ''.join(SPECIAL.get(letter, letter) for letter in text)


def protected(line):
    """A line that begins like a request is none."""
    return '\\&' + line if line[:1] in ".'" else line


def marked(text):
    """(is it code, text) in one string: code is bold."""
    return ''.join('\\fB%s\\fR' % escape(part) if is_code else escape(part) for is_code, part in text)


def named(text):
    """Like marked(), with the names of the library in bold wherever they stand."""
    pieces = []
    for is_code, part in text:
        for number, piece in enumerate(re.split(r'(\bsn_\w+(?:\(\))?|\bSN_\w+)', part)):
            pieces.append((is_code or number % 2 == 1, piece))
    return marked([piece for piece in pieces if piece[1]])


def filled(text):
    """A paragraph: a sentence a line, as those who read the source like it, and no line beyond 80 columns."""
    lines = []
    for sentence in re.split(r'(?<=[.:;?!]) +(?=[A-Z\\(])', text.strip()):
        line = ''
        for word in sentence.split(' '):
            if line and len(line) + len(word) > 76:
                lines.append(line)
                line = ''
            line = line + ' ' + word if line else word
        lines.append(line)
    return [protected(line) for line in lines if line]


def code(text):
    lines = [protected(escape(line.rstrip())) or '\\&' for line in text.split('\n')]
    return ['.PP', '.RS 4', '.nf', *lines, '.fi', '.RE']


class Page:
    """A manual page in the making. A paragraph macro is written where troff wants one, and nowhere else."""

    def __init__(self, name, section, date, source):
        self.name, self.section = name, section
        self.lines = ['.TH "%s" "%s" "%s" "%s" "Sennit"' % (escape(name.upper()), section, date, source), '.nh', '.ad l']
        self.is_fresh = False

    def heading(self, words, is_sub=False):
        self.lines.append('%s "%s"' % ('.SS' if is_sub else '.SH', escape(words)))
        self.is_fresh = True

    def paragraph(self, text):
        if not self.is_fresh:
            self.lines.append('.PP')
        self.lines += filled(text)
        self.is_fresh = False

    def code(self, text):
        lines = code(text)
        self.lines += lines[1:] if self.is_fresh else lines
        self.is_fresh = False

    def item(self, tag, text):
        self.lines += ['.TP', tag, *(filled(text) or ['\\&'])]
        self.is_fresh = False

    def bullet(self, text, mark='\\(bu', width=3):
        self.lines += ['.IP "%s" %d' % (mark, width), *filled(text)]
        self.is_fresh = False

    def text(self):
        return '\n'.join(self.lines) + '\n'
