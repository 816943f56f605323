"""Cases of identities beside moto's evaluator: lines of JSON in, lines of JSON out. It decides policy by policy; a denial of one counts."""
import json
import sys

from moto.iam.access_control import IAMPolicy, PermissionResult


def answer(case):
    found = [IAMPolicy(json.dumps(document)).is_action_permitted(case['action'], case['resource']) for document in case['identity']]
    if PermissionResult.DENIED in found:
        return {'decision': 'explicit deny'}
    return {'decision': 'allow' if PermissionResult.PERMITTED in found else 'implicit deny'}


for line in sys.stdin:
    try:
        told = answer(json.loads(line))
    except Exception as error:  # Whatever it fails with is its answer.
        told = {'error': repr(error)}
    print(json.dumps(told))
