"""Tollgate's decisions beside those of other evaluators, over generated policies."""
import collections
import json

import evaluators
import java
import policies
import policy_reasons

SHOWN_MAX = 12

Side = collections.namedtuple('Side', 'name answers cases reason')
SIDES = [
    Side('@cloud-copilot/iam-simulate', evaluators.simulate, policies.cases, policy_reasons.of_simulate),
    Side('pbac', evaluators.pbac, policies.identity_cases, policy_reasons.of_pbac),
    Side('moto', evaluators.moto, policies.identity_cases, policy_reasons.of_moto),
]


def compare(given):
    return [each for side in SIDES for each in beside(side, given)]


def beside(side, given):
    cases = cases_of(side, given)
    try:
        our, their = evaluators.ours(cases), side.answers(cases)
    except java.Missing as missing:
        # As with the later version of Jayway's library: said, and no failure.
        print(f'\npolicies beside {side.name}: not compared, for want of {missing}')
        return []
    counts, unnamed = collections.Counter(), []
    for case, own, other in zip(cases, our, their):
        if not own.get('proved', True):
            unnamed.append((case, other, 'the proof says otherwise than the decision'))
        if same(word(own), word(other)):
            counts['equal'] += 1
            continue
        reason = side.reason(case, word(own))
        counts[reason or 'WITHOUT A NAME'] += 1
        if not reason:
            unnamed.append((case, other, own.get('proof', own)))
    plain = sum(side.reason(case, 'allow') is None for case in cases)
    print(f'\npolicies beside {side.name}: {len(cases)} generated, seed {given.seed}; {plain} have nothing of what the names below are about')
    for reason, count in counts.most_common():
        print(f'  {count} {reason}')
    for case, other, own in sorted(unnamed, key=lambda each: len(str(each[0])))[:SHOWN_MAX]:
        print(f'    {json.dumps(case)}\n      theirs {other}\n      ours   {own}')
    return unnamed


def cases_of(side, given):
    """Half of them as they come, and half without anything that has a name, so that evaluators of little are asked much as well."""
    any_cases = side.cases(given.seed, given.count // 2)
    more = side.cases(given.seed + 1_000_000, given.count * 6)
    return any_cases + [case for case in more if side.reason(case, 'allow') is None][:given.count - len(any_cases)]


def word(answer):
    told = answer.get('decision', 'refused' if 'refused' in answer else 'error')
    return 'implicit deny' if told.startswith('no ') else told


def same(ours, theirs):
    """One of the evaluators says only that it denies."""
    return ours == theirs or theirs == 'deny' and ours.endswith('deny')
