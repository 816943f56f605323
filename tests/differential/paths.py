"""Random documents, and random paths in Jayway's dialect of JSONPath that mostly lead somewhere in them."""
import json
import random

NAMES = ['a', 'b', 'c', 'id', 'name', 'price', 'tags', 'items', 'x-y', 'a b', 'ä', "it's", '$', '0', '']
TEXTS = ['', 'a', 'b', 'Anna', 'red', '1', '2.5', '10', 'true', 'null', 'new', 'a b', "it's", 'say "x"', '[1]', '{}']
NUMBERS = ['0', '1', '2', '3', '-1', '10', '2.5', '2.50', '1e2', '100', '0.1', '-0.5', '12345678901', '1.0']
WORDS = ['true', 'false', 'null']
FUNCTIONS = ['length', 'size', 'min', 'max', 'avg', 'sum', 'stddev', 'keys', 'first', 'last', 'concat', 'append', 'index']
COMPARISONS = ['==', '!=', '<', '<=', '>', '>=', '===', '!==']
LISTED = ['in', 'nin', 'anyof', 'noneof', 'subsetof', 'all', 'contains', 'size', 'empty', 'IN', 'NIN']
PATTERNS = ['/a/', '/.*/', '/A.*/i', '/[0-9]+/', '/re?d/', '/^n/', '/.*n.*/', r'/\d/', '/(a|b)/', '/a b/x']


class Document:
    """A document as its text, with the names and texts that stand in it."""

    def __init__(self, chance):
        self.chance = chance
        self.names, self.texts = set(), set()
        self.text = self.value(4, True)

    def value(self, depth, is_container=False):
        kind = self.chance.choice(['map', 'map', 'list', 'list', 'text', 'number', 'number', 'word'])
        if is_container and kind not in ('map', 'list') or depth and not is_container and self.chance.random() < 0.2:
            kind = self.chance.choice(['map', 'list'])
        if depth <= 0 and kind in ('map', 'list'):
            kind = 'number'
        return {'map': self.map, 'list': self.list, 'text': self.string, 'number': self.number, 'word': self.word}[kind](depth)

    def map(self, depth):
        names = self.chance.sample(NAMES[:8] if self.chance.random() < 0.85 else NAMES, self.chance.randint(0, 4))
        self.names.update(names)
        return '{' + ','.join(f'{json.dumps(name, ensure_ascii=False)}:{self.value(depth - 1)}' for name in names) + '}'

    def list(self, depth):
        if depth > 1 and self.chance.random() < 0.5:
            return '[' + ','.join(self.map(depth - 1) for _ in range(self.chance.randint(0, 4))) + ']'
        return '[' + ','.join(self.value(depth - 1) for _ in range(self.chance.randint(0, 4))) + ']'

    def string(self, _):
        text = self.chance.choice(TEXTS)
        self.texts.add(text)
        return json.dumps(text, ensure_ascii=False)

    def number(self, _):
        return self.chance.choice(NUMBERS)

    def word(self, _):
        return self.chance.choice(WORDS)


class Paths:
    """Paths for one document."""

    def __init__(self, chance, document):
        self.chance, self.document = chance, document

    def pick(self, *choices):
        return self.chance.choice(choices)()

    def case(self):
        """A path with its document; some are broken on purpose by one character too few or too many."""
        start = self.chance.choices(['$', '', '@'], [30, 1, 0.3])[0]
        text = start + ''.join(self.step(1) for _ in range(self.chance.choices([0, 1, 2, 3, 4], [1, 6, 8, 5, 2])[0]))
        if start == '':
            text = text.lstrip('.')
        if self.chance.random() < 0.12:
            text += self.function(1)
        is_broken = self.chance.random() < 0.08
        return {'path': self.broken(text) if is_broken else text, 'document': self.document.text, 'broken': is_broken}

    def broken(self, text):
        at = self.chance.randint(0, len(text))
        if self.chance.random() < 0.5:
            return text[:at] + text[at + 1:]
        return text[:at] + self.chance.choice("[](){}.,:?@$*'\"!=<>&| 01a\\/~-+") + text[at:]

    def step(self, depth):
        return self.chance.choices(
            [self.member, self.quoted, self.several, self.index, self.indexes, self.slice, self.wildcard, self.scan, self.filter],
            [10, 4, 2, 6, 2, 3, 4, 4, 7 if depth else 0])[0]()

    def name(self):
        known = sorted(self.document.names)
        return self.chance.choice(known) if known and self.chance.random() < 0.85 else self.chance.choice(NAMES)

    def member(self):
        name = self.name()
        return '.' + name if name.isalnum() else self.bracketed(name)

    def quoted(self):
        return self.bracketed(self.name())

    def quote(self, text):
        mark = self.chance.choice("''''\"")
        return mark + text.replace('\\', '\\\\').replace(mark, '\\' + mark) + mark

    def blank(self):
        return ' ' if self.chance.random() < 0.08 else ''

    def bracketed(self, name):
        return f'[{self.blank()}{self.quote(name)}{self.blank()}]'

    def several(self):
        return '[' + (',' + self.blank()).join(self.quote(self.name()) for _ in range(self.chance.randint(2, 3))) + ']'

    def whole(self):
        return str(self.chance.choices([0, 1, 2, 3, -1, -2, -3, 7], [5, 4, 3, 2, 4, 2, 1, 1])[0])

    def index(self):
        return f'[{self.blank()}{self.whole()}{self.blank()}]'

    def indexes(self):
        return '[' + (',' + self.blank()).join(self.whole() for _ in range(self.chance.randint(2, 3))) + ']'

    def slice(self):
        parts = [self.chance.choice(['', self.whole()]), self.chance.choice(['', self.whole()])]
        if self.chance.random() < 0.1:
            parts.append(self.chance.choice(['', '1', '2', '-1']))
        return '[' + ':'.join(parts) + ']'

    def wildcard(self):
        return self.chance.choice(['.*', '[*]'])

    def scan(self):
        return '..' + self.chance.choice([self.name_after_scan, lambda: '*', self.quoted, self.index, lambda: '[*]', self.filter])()

    def name_after_scan(self):
        name = self.name()
        return name if name.isalnum() else self.bracketed(name)

    def function(self, depth):
        name = self.chance.choice(FUNCTIONS)
        arguments = ''
        if name == 'index':
            arguments = self.whole()
        elif name in ('concat', 'append') or self.chance.random() < 0.15:
            arguments = ', '.join(self.argument(depth) for _ in range(self.chance.randint(0 if name == 'concat' else 1, 2)))
        return f'.{name}({arguments})'

    def argument(self, depth):
        kind = self.chance.random()
        if kind < 0.35:
            return self.chance.choice(NUMBERS[:9])
        if kind < 0.65 or not depth:
            return '"' + self.chance.choice(['a', 'b', 'x y', '']) + '"'
        return '$' + ''.join(self.step(0) for _ in range(self.chance.randint(1, 2)))

    # Filters.

    def filter(self):
        return f'[?({self.blank()}{self.condition(2)}{self.blank()})]'

    def condition(self, depth):
        kind = self.chance.random()
        if depth and kind < 0.15:
            return self.condition(depth - 1) + self.chance.choice([' && ', ' || ', '&&', '||']) + self.condition(depth - 1)
        if depth and kind < 0.22:
            return '(' + self.condition(depth - 1) + ')'
        if depth and kind < 0.29:
            return '!' + self.chance.choice([self.inner, lambda: '(' + self.condition(depth - 1) + ')'])()
        if kind < 0.42:
            return self.inner()
        if kind < 0.52:
            return f'{self.inner()} =~ {self.chance.choice(PATTERNS)}'
        if kind < 0.68:
            return self.listed()
        space = self.chance.choice([' ', ' ', ''])
        return self.operand() + space + self.chance.choices(COMPARISONS, [8, 4, 3, 3, 3, 3, 1, 1])[0] + space + self.operand(True)

    def listed(self):
        operator = self.chance.choice(LISTED)
        if operator == 'size':
            right = self.chance.choice(['0', '1', '2', '$.a', "'1'"])
        elif operator == 'empty':
            right = self.chance.choice(['true', 'false', 'true', 'false', '1'])
        elif operator == 'contains':
            right = self.literal()
        else:
            right = self.chance.choice([self.list_literal, self.list_literal, self.inner, self.root, self.literal])()
        left = self.inner() if self.chance.random() < 0.9 else self.literal()
        return f'{left} {operator} {right}'

    def operand(self, is_right=False):
        kinds = [self.inner, self.literal, self.root, self.list_literal, self.map_literal]
        return self.chance.choices(kinds, [3, 12, 2, 1, 0.5] if is_right else [16, 3, 1, 0.5, 0.1])[0]()

    def inner(self):
        steps = ''.join(self.step(0) for _ in range(self.chance.choices([0, 1, 2], [2, 10, 3])[0]))
        return '@' + steps + (self.function(0) if self.chance.random() < 0.06 else '')

    def root(self):
        return '$' + ''.join(self.step(0) for _ in range(self.chance.randint(1, 2)))

    def literal(self):
        kind = self.chance.random()
        if kind < 0.45:
            return self.chance.choice(NUMBERS)
        if kind < 0.85:
            known = sorted(self.document.texts)
            return self.quote(self.chance.choice(known) if known and self.chance.random() < 0.7 else self.chance.choice(TEXTS))
        return self.chance.choice(WORDS)

    def list_literal(self):
        items = [self.chance.choice([self.chance.choice(NUMBERS), self.quote(self.chance.choice(TEXTS[:8])), self.chance.choice(WORDS)])
                 for _ in range(self.chance.randint(0, 3))]
        return '[' + self.chance.choice([',', ', ']).join(items) + ']'

    def map_literal(self):
        return '{' + ','.join(f"'{name}':{self.chance.choice(NUMBERS)}" for name in self.chance.sample(['a', 'b', 'id'], self.chance.randint(0, 2))) + '}'


def cases(seed, count):
    chance = random.Random(seed)
    made = []
    while len(made) < count:
        document = Document(chance)
        paths = Paths(chance, document)
        made += [paths.case() for _ in range(8)]
    return made[:count]
