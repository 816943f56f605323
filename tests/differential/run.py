#!/usr/bin/env python3
"""Tollgate's template language and JSONPath beside Apache Velocity and Jayway's library, over generated templates and paths, and its
decisions by policies beside other evaluators: what `make differential` runs. It fails on a difference that has no name in reasons.py, and prints how many there are of each name.
"""
import argparse
import collections
import json
import os
import subprocess
import sys

import compare_policies
import distil
import java
import paths
import reasons
import templates

SHOWN_MAX = 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--parts', default='templates,paths,policies', help='what to compare: templates,paths,policies')
    parser.add_argument('--count', type=int, default=20000, help='cases of each part (default 20000)')
    parser.add_argument('--seed', type=int, default=1, help='of the generator (default 1)')
    parser.add_argument('--distil', type=int, default=0, metavar='N', help="write N equal cases of each part among the crates' cases")
    return parser.parse_args()


def ours(part):
    subprocess.run([os.environ.get('CARGO', 'cargo'), 'build', '--quiet', '--locked', '--package', 'tollgate-vtl', '--example', 'answers'],
                   cwd=java.ROOT, check=True)
    return [os.path.join(java.TARGET, 'debug/examples/answers'), part]


def template_outcome(answer):
    return answer.get('output')


def path_outcome(answer):
    """JSON with its numbers and the order of its members as they stand; `nothing`; `invalid`."""
    text = answer.get('output')
    if text is None or text.startswith('nothing InvalidPathException: Function with name'):
        return 'invalid'
    if text.startswith(('nothing', 'invalid')):
        return text.split(' ')[0]
    return json.dumps(json.loads(text, parse_float=lambda number: ['number', number], object_pairs_hook=lambda members: ['map', *members]))


def path_reason(case, theirs, our):
    return reasons.of_path(case, str(theirs.get('output', theirs)), str(our.get('output', our)))


Part = collections.namedtuple('Part', 'program cases outcome reason')
PARTS = {
    'templates': Part('Templates', templates.cases, template_outcome, reasons.of_template),
    'paths': Part('Paths', paths.cases, path_outcome, path_reason),
}


def compare(name, given):
    if name == 'policies':
        return compare_policies.compare(given)
    part = PARTS[name]
    cases = part.cases(given.seed, given.count)
    our = java.run(ours(name), cases)
    libraries = {'Debian (Jayway 2.0.0)': java.debian(part.program), 'later (Jayway 2.9)': java.later(part.program)}
    answers = {library: program.answers(cases) for library, program in libraries.items() if program}
    judge = list(answers)[-1]
    print(f'\n{name}: {len(cases)} generated, seed {given.seed}')
    for library, theirs in answers.items():
        equal = sum(part.outcome(their) == part.outcome(own) for their, own in zip(theirs, our))
        print(f'  {equal} equal with {library}')
    if name == 'paths' and not judge.startswith('later'):
        print('  npm is not installed, which brings the later library: paths are counted, and not held against anything')
    unnamed = judged(part, cases, answers[judge], our)
    if given.distil and judge.startswith('later'):
        distil.write(name, cases, answers[judge], our, part.outcome, given.distil)
    # Without the later library nothing can be held against Tollgate but templates, whose engine is the same.
    return unnamed if judge.startswith('later') or name == 'templates' else []


def judged(part, cases, theirs, our):
    counts, unnamed = collections.Counter(), []
    for case, their, own in zip(cases, theirs, our):
        if part.outcome(their) == part.outcome(own):
            continue
        reason = part.reason(case, their, own)
        counts[reason or 'WITHOUT A NAME'] += 1
        if not reason:
            unnamed.append((case, their, own))
    for reason, count in counts.most_common():
        print(f'  {count} differ: {reason}')
    for case, their, own in sorted(unnamed, key=lambda each: len(str(each[0])))[:SHOWN_MAX]:
        # The variables that every template begins with are left out.
        text = case['template'].split('\n|', 1)[-1] if 'template' in case else case['path']
        print(f'    {text!r} {case.get("document", "")}\n      theirs {their}\n      ours   {own}')
    return unnamed


def main():
    given = arguments()
    try:
        unnamed = [each for name in given.parts.split(',') for each in compare(name, given)]
    except java.Missing as missing:
        sys.exit(f'the differential checks need what is not installed: {missing}')
    if unnamed:
        sys.exit(f'{len(unnamed)} differences without a name')


if __name__ == '__main__':
    main()
