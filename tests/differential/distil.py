"""Picks equal cases that differ most in what they are made of, and writes them as cases of the crates, which need no Java."""
import os
import re

import java

PATHS = os.path.join(java.ROOT, 'crates/jsonpath/tests/inputs/paths/jayway.txt')
TEMPLATES = os.path.join(java.ROOT, 'crates/vtl/tests/cases/velocity.case')

PATH_PIECES = re.compile(r"\w+\(|\.\.|&&|\|\||[=!<>~]+|\b(?:in|nin|anyof|noneof|subsetof|all|contains|size|empty|null|true|false)\b|"
                         r"\[[ \d]|\['|\[\"|\[-|,|:|\*|\?|@|\$|!|[{]|/\w*", re.IGNORECASE)
TEMPLATE_PIECES = re.compile(r'#\w+|#\{\w+\}|\.\w+\(|\$!?\{?\w+|[-+*/%=!<>&|]+|\[\[|\]\]|\\+|##|#\*|"|\'|\[|\{|\n\s*|,')


def write(part, cases, theirs, our, outcome, count):
    equal = [(case, own) for case, their, own in zip(cases, theirs, our)
             if outcome(their) == outcome(own) and not case['broken'] and 'output' in own]
    {'paths': write_paths, 'templates': write_templates}[part](equal, count)


def various(candidates, pieces_of, count):
    """Goes on with the case that has most pieces, and pairs of neighbours, that none before it had; those with few come first."""
    seen, picked = set(), []
    for candidate in sorted(candidates, key=lambda each: len(pieces_of(each)) // 2):
        pieces = pieces_of(candidate)
        marks = set(pieces) | set(zip(pieces, pieces[1:]))
        if len(marks - seen) >= 2:
            seen |= marks
            picked.append(candidate)
        if len(picked) == count:
            break
    return picked


def write_paths(equal, count):
    def pieces(candidate):
        kind = 'nothing' if candidate[1]['output'] == 'nothing' else candidate[1]['output'][:2]
        return [*PATH_PIECES.findall(candidate[0]['path']), kind]

    usable = [(case, own) for case, own in equal
              if not own['output'].startswith('invalid') and ' => ' not in case['path'] and case['path'] == case['path'].strip()
              and '  ' not in case['path'] and not re.match(r'# |[a-z]+: ', case['path']) and case['path']]
    usable = [each for each in usable if 30 <= len(each[0]['document']) <= 90 and each[0]['path'] != '$']
    found = [each for each in usable if each[1]['output'] not in ('nothing', '[]', each[0]['document'])]
    empty = [each for each in usable if each[1]['output'] in ('nothing', '[]')]
    picked = various(found, pieces, count * 3 // 4) + various(empty, pieces, count // 4)
    lines = ['# Paths and documents made by chance (tests/differential).',
             "# Evidence: Jayway's library 2.9 on Java 17, which finds the same."]
    for document in dict.fromkeys(case['document'] for case, _ in picked):
        lines += ['', f'document: {document}']
        lines += [f'{case["path"]} => {own["output"]}' for case, own in picked if case['document'] == document]
    save(PATHS, lines)


def write_templates(equal, count):
    usable = [(case, own) for case, own in equal if 30 <= len(body_of(case)) < 160 and not re.search(r'\n(===|---) |[\r\u2028]', case['template'] + own['output'])]
    picked = various(usable, lambda each: TEMPLATE_PIECES.findall(body_of(each[0])), count)
    lines = ['# Templates made by chance (tests/differential): each output is that of Velocity 1.7 on Java 17.']
    for number, (case, own) in enumerate(picked, 1):
        template = needed(case['template'])
        lines += ['', f'=== by chance {number}', '--- template', template]
        if '$input' in template or '${input' in template or '$!{input' in template or '$!input' in template:
            lines += ['--- body', case['body']]
        if re.search('context|stageVariables|params', template):
            lines += ['--- known', java.json.dumps(case['known'], ensure_ascii=False)]
        lines += ['--- output', own['output']]
    save(TEMPLATES, lines)


def body_of(case):
    return case['template'].split('\n|', 1)[-1]


def needed(template):
    """The template without the variables at its beginning that nothing names."""
    first, _, rest = template.partition('\n|')
    lines = first.split('\n')
    for line in reversed(lines[:]):
        name = re.match(r'#set\(\$(\w+)', line)[1]
        others = '\n'.join(each for each in lines if each != line) + rest
        if not re.search(rf'\b{name}\b', others):
            lines.remove(line)
    return ''.join(line + '\n' for line in lines) + '|' + rest


def save(file, lines):
    with open(file, 'w') as out:
        out.write('\n'.join(lines) + '\n')
    print(f'  wrote {os.path.relpath(file, java.ROOT)}')
