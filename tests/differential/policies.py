"""Random policies and requests: what is generated lies close to what is asked for, so that every element decides now and then."""
import random

ACCOUNT = '111122223333'
OTHER = '444455556666'
ROLE = f'arn:aws:iam::{ACCOUNT}:role/reader'
PRINCIPALS = {
    'user': {'principal': f'arn:aws:iam::{ACCOUNT}:user/alice'},
    'session': {'principal': f'arn:aws:sts::{ACCOUNT}:assumed-role/reader/s1', 'role': ROLE},
    'root': {'principal': f'arn:aws:iam::{ACCOUNT}:root'},
    'anonymous': {'principal': 'anonymous'},
}

API = f'arn:aws:execute-api:us-east-1:{ACCOUNT}:a1b2c3'
ASKED = {
    's3:GetObject': ['arn:aws:s3:::pets/cats/tom.json', 'arn:aws:s3:::pets/alice/a', 'arn:aws:s3:::pets-eu/x*y'],
    's3:ListBucket': ['arn:aws:s3:::pets', 'arn:aws:s3:::pets-eu'],
    'execute-api:Invoke': [f'{API}/prod/GET/pets', f'{API}/prod/POST/pets/1', f'{API}/dev/DELETE/pets', f'{API}/prod/GET/a:b'],
}
TARGET = f'arn:aws:iam::{ACCOUNT}:role/target'
ACTIONS = {
    'sts:AssumeRole': ['sts:AssumeRole', 'sts:*', 'sts:assumerole', 'sts:Assume*', '*', 'sts:TagSession'],
    's3:GetObject': ['s3:GetObject', 's3:*', 's3:Get*', 's3:getobject', 'S3:GetObject', 's3:?etObject', 's3:*Object', '*', 's3:G*t*O*t', 's3:GetObjec'],
    's3:ListBucket': ['s3:ListBucket', 's3:*', 's3:List*', 's3:listbucket', '*', 's3:L?stBucket', 's3:ListBucket*', 's3:ListBuckets'],
    'execute-api:Invoke': ['execute-api:Invoke', 'execute-api:*', 'execute-api:I*', 'execute-api:invoke', '*', 'execute-api:*v*k*', 'execute-api:ManageConnections'],
}

# Condition keys with what a request may have: in order, values that policies write too.
KEYS = {
    'aws:username': ('String', ['alice', 'Alice', 'bob', 'al*']),
    'aws:PrincipalTag/team': ('String', ['red', 'Red', 'blue', 'r?d', '']),
    'aws:UserAgent': ('String', ['curl/8.0', 'CURL/8.0', 'Mozilla/5.0 (X11)']),
    'aws:SourceIp': ('IpAddress', ['10.0.0.1', '10.1.2.3', '192.168.7.9', '2001:db8:1::5', '203.0.113.7']),
    'aws:SecureTransport': ('Bool', ['true', 'false']),
    'aws:MultiFactorAuthPresent': ('Bool', ['true', 'false']),
    'aws:MultiFactorAuthAge': ('Numeric', ['0', '60', '3600', '59.5']),
    'aws:CurrentTime': ('Date', ['2026-01-01T00:00:00Z', '2026-06-30T12:30:00Z', '2025-12-31T23:59:59Z']),
    'aws:EpochTime': ('Date', ['1767225600', '1782822600']),
    'aws:SourceArn': ('Arn', [f'{API}/prod/GET/pets', 'arn:aws:sns:us-east-1:111122223333:topic', 'arn:aws:sns:eu-west-1:444455556666:t:u']),
    'aws:PrincipalOrgPaths': ('Strings', ['o-1/r-1/ou-1/', 'o-1/r-1/ou-2/', 'o-2/r-1/']),
    'aws:TagKeys': ('Strings', ['cost', 'Cost', 'team', 'env']),
}
WRITTEN = {
    'IpAddress': ['10.0.0.0/8', '10.0.0.1', '10.0.0.0/31', '192.168.0.0/16', '0.0.0.0/0', '::/0', '2001:DB8:1::/48', '2001:db8::5/128', '203.0.113.7/32'],
    'Numeric': ['0', '60', '60.0', '59', '3600', '59.50', '-1'],
    'Date': ['2026-01-01T00:00:00Z', '2026-01-01', '2026', '2026-06-30T12:30:00Z', '2026-06-30T14:30:00+02:00', '1767225600', '2025-12-31T23:59:59Z'],
    'Arn': [f'{API}/prod/GET/pets', f'{API}/*', 'arn:aws:sns:*:111122223333:*', 'arn:aws:sns:us-????-1:*:t*', 'arn:*:*:*:*:*', 'arn:aws:sns:*:topic:x:y'],
}
OPERATORS = {
    'String': ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike'],
    'Strings': ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringLike', 'StringNotLike'],
    'IpAddress': ['IpAddress', 'NotIpAddress'],
    'Bool': ['Bool'],
    'Numeric': ['NumericEquals', 'NumericNotEquals', 'NumericLessThan', 'NumericLessThanEquals', 'NumericGreaterThan', 'NumericGreaterThanEquals'],
    'Date': ['DateEquals', 'DateNotEquals', 'DateLessThan', 'DateLessThanEquals', 'DateGreaterThan', 'DateGreaterThanEquals'],
    'Arn': ['ArnEquals', 'ArnNotEquals', 'ArnLike', 'ArnNotLike'],
}
LIKE = ['al*', '*', 'a?ice', 'r?d', 'R*', '*8.0', 'Mozilla*X??)', 'o-1/*', 'o-1/r-1/ou-?/', 'c*t', '${*}', 'al${*}', 'r${?}d']
VARIABLES = ['${aws:username}', "${aws:PrincipalTag/team, 'red'}", '${aws:PrincipalTag/team}', '${AWS:UserName}']


def cases(seed, count):
    chance = random.Random(seed)
    return [case(chance) for _ in range(count)]


def identity_cases(seed, count):
    """Users with policies of their own and nothing else, for evaluators that know no more."""
    chance = random.Random(seed)
    return [identity_case(chance) for _ in range(count)]


def identity_case(chance):
    action = chance.choice(list(ASKED))
    resource = chance.choice(ASKED[action])
    documents = [policy(chance, action, resource, False) for _ in range(chance.choices([1, 2], [3, 1])[0])]
    return {'action': action, 'resource': resource, **PRINCIPALS['user'], 'owner': ACCOUNT, 'kind': 'user', 'context': context(chance),
            'identity': documents}


def case(chance):
    if chance.random() < 0.1:
        return trust_case(chance)
    action = chance.choice(list(ASKED))
    resource = chance.choice(ASKED[action])
    kind = chance.choices(list(PRINCIPALS), [12, 8, 1, 2])[0]
    made = {'action': action, 'resource': resource, **PRINCIPALS[kind], 'owner': chance.choices([ACCOUNT, OTHER], [5, 1])[0], 'kind': kind}
    made['context'] = context(chance)
    write = lambda named: policy(chance, action, resource, named)
    if kind not in ('root', 'anonymous'):
        made['identity'] = [write(False) for _ in range(chance.choices([0, 1, 2], [1, 5, 1])[0])]
        if chance.random() < 0.2:
            made['boundary'] = write(False)
    if kind == 'session' and chance.random() < 0.25:
        made['session'] = write(False)
    if kind == 'anonymous' or chance.random() < 0.35 or made['owner'] != ACCOUNT:
        made['resource_policy'] = write(True)
    return made


def trust_case(chance):
    """A user or session that wants to assume a role, whose trust policy has no resources."""
    action, kind = 'sts:AssumeRole', chance.choice(['user', 'session'])
    trust = policy(chance, action, TARGET, True)
    for each in trust['Statement']:
        each.pop('Resource', None), each.pop('NotResource', None)
    # The owner is the account of the role.
    return {'action': action, 'resource': TARGET, **PRINCIPALS[kind], 'owner': ACCOUNT, 'kind': kind, 'context': context(chance), 'trust': True,
            'identity': [policy(chance, action, TARGET, False) for _ in range(chance.randint(0, 1))], 'resource_policy': trust}


def context(chance):
    made = {}
    for key, (kind, values) in KEYS.items():
        if chance.random() < 0.6:
            made[key] = chance.sample(values, chance.randint(0, len(values))) if kind == 'Strings' else chance.choice(values)
    return made


def policy(chance, action, resource, named):
    count = chance.choices([1, 2, 3], [4, 3, 1])[0]
    version = '2012-10-17' if not named or chance.random() < 0.8 else '2008-10-17'
    return {'Version': version, 'Statement': [statement(chance, action, resource, named) for _ in range(count)]}


def statement(chance, action, resource, named):
    made = {'Effect': chance.choices(['Allow', 'Deny'], [3, 1])[0]}
    made['NotAction' if chance.random() < 0.12 else 'Action'] = some(chance, lambda: one_action(chance, action))
    made['NotResource' if chance.random() < 0.12 else 'Resource'] = some(chance, lambda: one_resource(chance, resource))
    if named:
        made['NotPrincipal' if chance.random() < 0.1 else 'Principal'] = principals(chance)
    if chance.random() < 0.55:
        made['Condition'] = conditions(chance)
    return made


def some(chance, one):
    made = [one() for _ in range(chance.choices([1, 2], [3, 1])[0])]
    return made[0] if len(made) == 1 and chance.random() < 0.5 else made


def one_action(chance, action):
    own = chance.random() < 0.8
    return chance.choice(ACTIONS[action if own else chance.choice(list(ACTIONS))])


def one_resource(chance, resource):
    how = chance.random()
    if how < 0.25:
        return '*'
    if how < 0.4:
        return resource
    if how < 0.5:
        return resource.replace('alice', chance.choice(VARIABLES))
    if how < 0.6:
        return chance.choice(ASKED[chance.choice(list(ASKED))])
    head, tail = resource.rsplit(':', 1)
    if how < 0.85:
        at = chance.randint(0, len(tail))
        end = chance.randint(at, len(tail))
        return f'{head}:{tail[:at]}*{tail[end:]}'
    if how < 0.92 and tail:
        at = chance.randrange(len(tail))
        return f'{head}:{tail[:at]}?{tail[at + 1:]}'
    # A star in place of a segment, or within it.
    parts = resource.split(':')
    at = chance.choice([3, 4])
    parts[at] = chance.choice(['*', parts[at][:2] + '*', '*' + parts[at][-2:]]) if parts[at] else ''
    return ':'.join(parts)


def principals(chance):
    how = chance.random()
    if how < 0.3:
        return chance.choice(['*', {'AWS': '*'}])
    names = [ACCOUNT, f'arn:aws:iam::{ACCOUNT}:root', PRINCIPALS['user']['principal'], PRINCIPALS['session']['principal'], ROLE,
             f'arn:aws:iam::{OTHER}:root', f'arn:aws:iam::{ACCOUNT}:user/bob']
    return {'AWS': some(chance, lambda: chance.choice(names))}


def conditions(chance):
    made = {}
    for _ in range(chance.choices([1, 2], [3, 1])[0]):
        key = chance.choice(list(KEYS))
        kind, values = KEYS[key]
        if chance.random() < 0.1:
            made.setdefault('Null', {})[key] = chance.choice(['true', 'false'])
            continue
        operator = chance.choice(OPERATORS[kind])
        prefix = chance.choice(['ForAllValues:', 'ForAnyValue:']) if kind == 'Strings' else ''
        suffix = 'IfExists' if chance.random() < 0.2 else ''
        name = prefix + operator + suffix
        if key in made.get(name, {}) or key.swapcase() in made.get(name, {}):
            continue
        key = key if chance.random() < 0.9 else key.swapcase()
        made.setdefault(name, {})[key] = some(chance, lambda: written(chance, kind, operator, values))
    return made


def written(chance, kind, operator, values):
    if operator.endswith('Like') and operator.startswith('String') and chance.random() < 0.6:
        return chance.choice(LIKE)
    if operator.startswith('String') and chance.random() < 0.15:
        return chance.choice(VARIABLES)
    return chance.choice(WRITTEN.get(kind, values))
