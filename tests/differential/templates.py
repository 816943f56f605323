"""Random mapping templates over a request: every directive, literal and kind of reference, and the methods of Java's texts, lists,
maps and numbers that such templates call."""
import random

BODY = ('{"name":"Rex \\"the dog\\"","price":249.99,"count":3,"on":true,"off":false,"none":null,"empty":"","tags":["big","brown","loud"],'
        '"owner":{"name":"Ann","age":41,"pets":[{"id":1,"kind":"dog"},{"id":2,"kind":"cat"}]},"list":[1,2.5,"3",true,null,[1],{"a":1}],'
        '"nothing":[],"void":{}}')
KNOWN = {
    'path': {'petId': '17', 'proxy': 'a/b'},
    'querystring': {'type': 'dog', 'page': '2', 'q': 'a b&c'},
    'header': {'Accept': 'application/json', 'X-A': "it's"},
    'context': {'requestId': 'c6af9ac6', 'stage': 'dev', 'identity.sourceIp': '127.0.0.1', 'httpMethod': 'POST'},
    'stageVariables': {'table': 'pets', 'url': 'http://x'},
}

VARIABLES = {
    'text': ['$text', '$word', '$digits', '$blank'],
    'number': ['$n', '$m', '$zero', '$decimal', '$big'],
    'list': ['$list', '$made', '$tags', '$none'],
    'map': ['$map', '$owner', '$bare'],
    'truth': ['$yes', '$no'],
    'nothing': ['$nope', '$null', '$root.none', '$map.nope', '$list.nope', '$text.nope'],
}
PRELUDE = [
    '#set($root = $input.path("$"))', '#set($text = "Hello, World")', "#set($word = 'abc')", '#set($digits = "42")', '#set($blank = "")',
    '#set($n = 7)', '#set($m = -3)', '#set($zero = 0)', '#set($decimal = 2.5)', '#set($big = 3000000000)',
    '#set($list = [1, "b", true, [2, 3]])', '#set($made = [5..8])', '#set($tags = $root.tags)', '#set($none = [])',
    '#set($map = {"a": 1, "b": "two", "c": [1, 2]})', '#set($owner = $root.owner)', '#set($bare = {})',
    '#set($yes = true)', '#set($no = false)',
]
PATHS = ['$', '$.name', '$.price', '$.tags', '$.tags[0]', '$.owner', '$.owner.pets[*].id', '$..id', '$.none', '$.nope', '$.list', '$.nothing',
         '$.owner.pets[0].kind', '$.tags[1:]', '$.count', '$.void', '$.owner.nope.x']
METHODS = {
    'text': ['length()', 'isEmpty()', 'toUpperCase()', 'toLowerCase()', 'trim()', 'toString()', 'substring({i})', 'substring({i}, {i})',
             'indexOf({t})', 'lastIndexOf({t})', 'contains({t})', 'startsWith({t})', 'endsWith({t})', 'equals({a})', 'equalsIgnoreCase({t})',
             'replace({t}, {t})', 'replaceAll({r}, {t})', 'replaceFirst({r}, {t})', 'matches({r})', 'split({r}).size()', 'split({r}).get({i})',
             'concat({t})', 'compareTo({t})', 'hashCode()', 'indexOf({t}, {i})', 'size()', 'nope()', 'compareToIgnoreCase({t})'],
    'number': ['toString()', 'intValue()', 'doubleValue()', 'longValue()', 'equals({a})', 'compareTo({n})', 'hashCode()', 'nope()'],
    'list': ['size()', 'isEmpty()', 'get({i})', 'contains({a})', 'indexOf({a})', 'toString()', 'add({a})', 'remove({i})', 'set({i}, {a})',
             'add({i}, {a})', 'addAll([{a}, {a}])', 'equals({a})', 'containsAll([{a}])', 'clear()', 'lastIndexOf({a})', 'iterator().next()'],
    'map': ['size()', 'isEmpty()', 'get({t})', 'containsKey({t})', 'containsValue({a})', 'keySet()', 'values()', 'entrySet()', 'toString()',
            'put({t}, {a})', 'remove({t})', 'putAll({{"z": {a}}})', 'keySet().size()', 'values().size()', 'get({t}).toString()', 'equals({a})'],
    'truth': ['toString()', 'equals({a})', 'booleanValue()', 'compareTo({b})'],
    'nothing': ['toString()', 'length()', 'size()', 'get({t})'],
}
REGEXES = ['a', 'l+', '[aeiou]', '\\\\d', '\\d+', '.', 'o,? ', '(l)(o)', '^H', 'd$', '\\W', ', *', '(?i)h', '[^a-z]', '\\s', '']
TEXTS = ['a', 'b', 'l', 'o', 'Hello', '', 'two', '42', 'x y', 'big', '$1', '1', 'true', ',', 'name', "Ann"]
PLAIN = ['x', ' ', '\n', '  ', '\t', '{', '}', '"', ':', ', ', '[', ']', 'abc', '1', '.', '-', '(', ')', "'", '\n\n', '=', '$', '#', '!', '\\',
         'a\n', ' \n', '<b>', '/', '$ ', '# ', '$1', '#1', '##\n', '#* c *#', '#[[ $n #if ]]#', '\\$n', '\\\\$n', '\\#if', '$$n', '{$n}', '\r\n']


class Templates:
    def __init__(self, chance):
        self.chance = chance
        self.loops = 0

    def one(self, *choices):
        return self.chance.choice(choices)

    def weighted(self, **weights):
        name = self.chance.choices(list(weights), list(weights.values()))[0]
        return getattr(self, name)

    # Values.

    def kind(self):
        return self.chance.choices(list(VARIABLES), [6, 5, 5, 5, 2, 2])[0]

    def variable(self, kind=None):
        return self.chance.choice(VARIABLES[kind or self.kind()])

    def argument(self, mark):
        return {'i': lambda: self.chance.choice(['0', '1', '2', '3', '$n', '$zero', '5', '-1', '$nope']),
                't': lambda: self.chance.choice([f'"{self.chance.choice(TEXTS)}"', f"'{self.chance.choice(TEXTS)}'", '$word', '$text', '"$digits"']),
                'r': lambda: self.quote(self.chance.choice(REGEXES)),
                'n': lambda: self.chance.choice(['1', '7', '-3', '$n', '$m']),
                'b': lambda: self.chance.choice(['true', 'false', '$yes']),
                'a': lambda: self.operand(0)}[mark]()

    def quote(self, text):
        return self.one(f'"{text}"', f"'{text}'")

    def method(self, kind):
        text, out = self.chance.choice(METHODS[kind]), ''
        while '{' in text:
            before, _, rest = text.partition('{')
            if rest.startswith('{'):
                out, text = out + before + '{', rest[1:]
            else:
                mark, _, text = rest.partition('}')
                out += before + self.argument(mark)
        return out + text.replace('}}', '}')

    def reference(self):
        """A reference as it stands in text, in one of its four forms."""
        body = self.path_of_reference()
        name = body[1:]
        return self.chance.choices([body, f'${{{name}}}', f'$!{name}', f'$!{{{name}}}'], [6, 3, 1, 1])[0]

    def path_of_reference(self):
        choice = self.chance.random()
        if choice < 0.12:
            return self.input()
        if choice < 0.18:
            return self.util()
        if choice < 0.23:
            return self.one('$context.stage', '$context.requestId', '$context.identity.sourceIp', '$context.nope', '$stageVariables.table',
                            "$stageVariables.get('url')", '$context.httpMethod', "$stageVariables['table']")
        if choice < 0.28 and self.loops:
            return self.one('$foreach.count', '$foreach.index', '$foreach.hasNext', '$foreach.first', '$foreach.last', '$velocityCount',
                            '$foreach.parent.count', '$item', '$item', '$item.id', '$item.key', '$item.value', '$foreach')
        kind = self.kind()
        text = self.variable(kind)
        if self.chance.random() < 0.55:
            text += self.chance.choices(['.' + self.method(kind), self.index(kind), self.property(kind)], [6, 2, 2])[0]
            if self.chance.random() < 0.15:
                text += self.one('.toString()', '.size()', '.length()', '[0]', '.x', '.get(0)', '.isEmpty()')
        return text

    def index(self, kind):
        if kind == 'map':
            return self.one('["a"]', "['b']", '["$word"]', '["nope"]', '["c"][1]', '[0]', '["pets"][0].kind')
        return self.one('[0]', '[1]', '[$n]', '[-1]', '[$zero]', '["a"]', '[ 1 ]', '[3][0]')

    def property(self, kind):
        return {'map': lambda: self.one('.a', '.b', '.c', '.name', '.pets', '.nope', '.c.size()', '.pets[0].id', '.empty', '.class.name'),
                'list': lambda: self.one('.empty', '.size', '.id', '.nope'),
                'text': lambda: self.one('.empty', '.bytes.nope', '.length', '.nope')}.get(kind, lambda: self.one('.nope', '.empty'))()

    def input(self):
        path = self.chance.choice(PATHS)
        return self.one(f"$input.path('{path}')", f'$input.json("{path}")', f"$input.json('{path}')", f"$input.path('{path}').size()",
                        '$input.params("type")', "$input.params('petId')", '$input.params("nope")', '$input.params().querystring.page',
                        "$input.params().path.get('petId')", '$input.params().header.keySet()', '$input.body', "$input.path('$').name",
                        "$input.params().querystring.keySet()", "$input.path('$.owner').pets.size()")

    def util(self):
        text = self.one('$text', '"it\'s"', "'a/b'", '$input.params("q")', '$word', '"ä€"', '$root.name', "'a b+c'", '$n')
        return self.one(f'$util.escapeJavaScript({text})', f'$util.urlEncode({text})', f'$util.base64Encode({text})',
                        f'$util.base64Decode($util.base64Encode({text}))', f'$util.urlDecode({text})',
                        '$util.parseJson(\'{"a":[1,2]}\').a', "$util.parseJson('[1,{\"b\":2.50}]')", f"$util.escapeJavaScript({text}).replaceAll(\"\\\\'\",\"'\")")

    def operand(self, depth):
        return self.weighted(variable_operand=6, literal=5, reference_operand=3, collection=1 if depth else 0.3)(depth)

    def variable_operand(self, _):
        return self.variable()

    def reference_operand(self, _):
        body = self.path_of_reference()
        return self.chance.choices([body, f'${{{body[1:]}}}', f'$!{body[1:]}'], [6, 1, 1])[0]

    def literal(self, _):
        return self.chance.choice([
            '1', '0', '-2', '3.5', '100', '2147483648', 'true', 'false', '"a"', "'b'", '""', '"$n"', '"${word}x"', "'$n'", '"a $list b"',
            '"#if($yes)y#end"', '"42"', '7', '"say ""x"""', '"$nope"', '"$!nope"', '"two words"', '.5', '1.0', '"$map.a-$map.b"', "'it''s'",
        ])

    def collection(self, depth):
        return self.one(lambda: f'[{self.operand(0)}, {self.operand(0)}]', lambda: f'{{"k": {self.operand(0)}, "l": {self.operand(0)}}}',
                        lambda: '[1..3]', lambda: '[$n..4]', lambda: '[3..$m]', lambda: '[]', lambda: '{}', lambda: f'[{self.operand(0)}]')()

    def expression(self, depth=2):
        if depth == 0 or self.chance.random() < 0.35:
            return self.operand(1)
        choice = self.chance.random()
        if choice < 0.4:
            return f'{self.expression(depth - 1)} {self.one("+", "-", "*", "/", "%", "+")} {self.expression(depth - 1)}'
        if choice < 0.6:
            return f'({self.expression(depth - 1)})'
        return self.condition(depth - 1)

    def condition(self, depth=2):
        choice = self.chance.random()
        if depth == 0 or choice < 0.15:
            return self.one(self.variable(), self.reference_operand(0), 'true', 'false', '$yes', '$no')
        if choice < 0.6:
            operator = self.one('==', '!=', '<', '>', '<=', '>=', 'eq', 'ne', 'lt', 'gt', 'le', 'ge', '==', '==')
            return f'{self.expression(depth - 1)} {operator} {self.expression(depth - 1)}'
        if choice < 0.8:
            return f'{self.condition(depth - 1)} {self.one("&&", "||", "and", "or")} {self.condition(depth - 1)}'
        return f'{self.one("!", "not ", "! ")}{self.one(self.variable(), "(" + self.condition(depth - 1) + ")", self.variable("truth"))}'

    # Blocks.

    def block(self, depth):
        return ''.join(self.piece(depth) for _ in range(self.chance.randint(1, 5)))

    def piece(self, depth):
        return self.weighted(plain=8, reference_piece=8, set=4, condition_piece=3 if depth else 0, loop=3 if depth else 0,
                             define=0.5 if depth else 0, rare=0.6)(depth)

    def plain(self, _):
        return ''.join(self.chance.choice(PLAIN) for _ in range(self.chance.randint(1, 3)))

    def reference_piece(self, _):
        return self.reference()

    def blank(self):
        return self.chance.choices(['', ' ', '  ', '\n'], [12, 2, 1, 0.3])[0]

    def end(self):
        return self.chance.choices(['#end', '#{end}', '#end\n', '#end ', '#end  \n', '\n#end\n', '\n  #end\n'], [6, 1, 4, 1, 1, 3, 1])[0]

    def after(self):
        return self.chance.choices(['', '\n', ' ', '  \n', '\n  '], [6, 4, 1, 1, 1])[0]

    def set(self, _):
        target = self.chance.choices([self.variable(), '$new', '$map.new', '$map["k"]', '$list[0]', '$item', '${n}', '$map.c[0]', '$made[1]'],
                                     [8, 4, 2, 1, 1, 1, 0.3, 0.5, 0.5])[0]
        value = self.expression() if self.chance.random() < 0.9 else self.condition()
        equals = self.one(' = ', '=', ' =')
        return f'{self.one("", "", "  ")}#set({self.blank()}{target}{equals}{value}{self.blank()}){self.after()}'

    def condition_piece(self, depth):
        text = f'{self.one("", "", "  ")}#if({self.blank()}{self.condition()}{self.blank()}){self.after()}{self.block(depth - 1)}'
        while self.chance.random() < 0.25:
            text += f'#elseif({self.condition()}){self.after()}{self.block(depth - 1)}'
        if self.chance.random() < 0.5:
            text += f'{self.one("#else", "#{else}")}{self.after()}{self.block(depth - 1)}'
        return text + self.end()

    def loop(self, depth):
        over = self.chance.choice([self.variable('list'), self.variable('map'), '[1..3]', '$map.entrySet()', '$map.keySet()', self.variable(),
                                   '[2..$zero]', '$owner.pets', "$input.path('$.list')", '["a", "b"]', '$nope', '$root.tags', '{"x": 1, "y": 2}'])
        self.loops += 1
        inside = self.block(depth - 1)
        if self.chance.random() < 0.3:
            inside += self.one('#if($foreach.hasNext),#end', '#if($velocityCount > 1)#break#end', '$item#if($foreach.hasNext), #end', '#if($foreach.last)!#end')
        self.loops -= 1
        return f'#foreach({self.blank()}{self.one("$item", "$item", "$n", "${item}")} in {over}{self.blank()}){self.after()}{inside}{self.end()}'

    def define(self, depth):
        return f'#define($block){self.after()}{self.block(depth - 1)}{self.end()}$block'

    def rare(self, _):
        return self.one('#stop', '#break', '#foo', '#foo($n)', '#@x', '#end', '#else', '#set($x)', '#if($n', '${n', '$n.', '$n..', '$n.x.', '$!', '#',
                        '$n-1', '$n -1', '##', '#*', '*#', '#[[', ']]#', '$n()', '$n[', '${n}x', '${n.x', '$!{n', '$text.length(){x}', '#{n}', '$block',
                        '#literal()x#end', '$n|', "${n|'d'}", '\\', '#end$n', '$n#', '$n$m', '$_x', '$x_1', '$x-y')

    def case(self):
        """A template; some are broken on purpose by one character too few or too many."""
        prelude = [line for line in PRELUDE if self.chance.random() < 0.93]
        text = '\n'.join(prelude) + '\n|' + self.block(2)
        is_broken = self.chance.random() < 0.06
        if is_broken:
            at = self.chance.randint(len(text) // 2, len(text))
            text = text[:at] + (self.chance.choice('$#{}()[]"\'\\ \n.,!') if self.chance.random() < 0.5 else '') + text[at + 1:]
        return {'template': text, 'body': BODY if self.chance.random() < 0.95 else '', 'known': KNOWN, 'broken': is_broken}


def cases(seed, count):
    chance = random.Random(seed)
    return [Templates(chance).case() for _ in range(count)]
