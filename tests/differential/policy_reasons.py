"""Differences between evaluators of policies that are meant, by name. Those beside iam-simulate have each a case of their own, with the
rule of AWS's guide that decides it: crates/iam/tests/cases/disagreements.json. pbac and moto know parts of the language only."""
import re


def of_simulate(case, ours):
    if case['kind'] == 'root' and ours == 'allow':
        return 'the root user has full access without any policy'
    if ours == 'refused' and any(text.startswith('arn:aws:iam:') and 'role/' not in text for text in resources(case)):
        return 'IAM refuses a wildcard in the type of its own resources'
    return named(SIMULATE, case)


def of_pbac(case, ours):
    return named(PBAC, case)


def of_moto(case, ours):
    return named(MOTO, case)


def named(reasons, case):
    return next((reason for reason, is_it in reasons if is_it(case)), None)


def statements(case):
    documents = [*case.get('identity', []), *(case[name] for name in ('boundary', 'session', 'resource_policy') if name in case)]
    return [statement for document in documents for statement in document['Statement']]


def listed(value):
    return value if isinstance(value, list) else [value]


def texts(case, *names):
    return [text for each in statements(case) for name in names for text in listed(each.get(name, []))]


def resources(case):
    return texts(case, 'Resource', 'NotResource')


def actions(case):
    return texts(case, 'Action', 'NotAction')


def conditions(case):
    """Every operator with its key in small letters and its values."""
    return [(operator, key.lower(), listed(values)) for each in statements(case)
            for operator, keys in each.get('Condition', {}).items() for key, values in keys.items()]


def values_of(case, key):
    """The request's values; nothing where the key is absent or has none."""
    return next((listed(values) for name, values in case['context'].items() if name.lower() == key), [])


def has_wildcard_before_slash(case):
    tails = [text.split(':', 5)[5] for text in resources(case) if text.count(':') >= 5]
    return any('/' in tail and re.search(r'[*?]', tail.split('/')[0]) for tail in tails)


def is_epoch(text):
    return len(text) != 4 and text.isdigit()


def mixes_epoch(case):
    return any(is_epoch(text) != is_epoch(held) for operator, key, values in conditions(case) if operator.startswith('Date')
               for held in values_of(case, key) for text in values)


def has_year(case):
    return any(operator.startswith('Date') and '2026' in values for operator, _, values in conditions(case))


def has_not_principal(case):
    return any('NotPrincipal' in each for each in statements(case))


def has_any_if_exists(case):
    return any(operator.startswith('ForAnyValue') and operator.endswith('IfExists') and not values_of(case, key)
               for operator, key, _ in conditions(case))


def has_whole_range(case):
    return any('IpAddress' in operator and '0.0.0.0/0' in values for operator, _, values in conditions(case))


def has_other_family(case):
    return any('IpAddress' in operator and any((':' in held) != (':' in text) for held in values_of(case, key) for text in values)
               for operator, key, values in conditions(case))


def has_empty_set(case):
    empty = {name.lower() for name, values in case['context'].items() if values == []}
    return any(key in empty and (operator == 'Null' or operator.endswith('IfExists')) for operator, key, _ in conditions(case))


def has_stars_in_a_row(case):
    return any(re.search(r'\*[*?]', text) for text in resources(case))


def is_session_named_directly(case):
    names = [name for each in statements(case) for name in listed(each.get('Principal', {}).get('AWS', []) if isinstance(each.get('Principal'), dict)
                                                                  else each.get('Principal', []))]
    return 'session' in case and ('*' in names or case['principal'] in names)


def variables(case):
    texts = resources(case) + [text for _, _, values in conditions(case) for text in values]
    return [name for text in texts for name in re.findall(r'\$\{([^}]*)\}', text)]


def has_variable_without_value(case):
    return any(not values_of(case, name.lower()) for name in variables(case) if name not in '*?$' and ',' not in name)


def has_empty_value(case):
    return any(values_of(case, name.split(',')[0].lower()) == [''] for name in variables(case))


def has_question_mark_for_star(case):
    return '*' in case['resource'] and any('?' in text for text in resources(case))


def has_variable_in_2008(case):
    documents = [case['resource_policy']] if 'resource_policy' in case else []
    return any('${' in str(document['Statement']) for document in documents if document['Version'] == '2008-10-17')


SIMULATE = [
    ('in version 2008-10-17 a variable is text', has_variable_in_2008),
    ('a wildcard in what stands where other services have a type of resource', has_wildcard_before_slash),
    ('seconds beside a date', mixes_epoch),
    ('a year alone is a date', has_year),
    ('NotPrincipal that does not name every level', has_not_principal),
    ('ForAnyValue with IfExists and an absent key', has_any_if_exists),
    ('every IPv4 address is in 0.0.0.0/0', has_whole_range),
    ('an address beside a range of the other family', has_other_family),
    ('a key without values is absent', has_empty_set),
    ('a star before another wildcard', has_stars_in_a_row),
    ('a session that is named directly is not limited by its session policy', is_session_named_directly),
    ('a denial whose variable has no value', has_variable_without_value),
    ('a variable with an empty value has a value', has_empty_value),
    ('a question mark stands for a star too', has_question_mark_for_star),
]


def differs_in_case(case):
    texts = [text for text in actions(case) if re.sub(r'[*?].*', '', text) not in case['action']]
    return any(text.lower().rstrip('*')[:6] == case['action'].lower()[:6] for text in texts)


def has_condition(case):
    return bool(conditions(case))


PBAC = [
    ('several keys of an operator must all hold', lambda case: any(
        len(keys) > 1 for each in statements(case) for keys in each.get('Condition', {}).values())),
    ('a negated operator with several values wants none of them', lambda case: any(
        'Not' in operator and len(values) > 1 for operator, _, values in conditions(case))),
    ('it minds the case of actions', differs_in_case),
    ('it knows no absent keys: Null, IfExists, negated operators', lambda case: any(
        operator == 'Null' or 'IfExists' in operator or not values_of(case, key) for operator, key, _ in conditions(case))),
    ('it minds the case of keys', lambda case: any(key != key.lower() and key.swapcase() in str(case['context']) for each in statements(case)
                                                   for keys in each.get('Condition', {}).values() for key in keys)),
    ('operators and keys that it does not have', lambda case: any(
        operator.startswith(('Arn', 'For', 'Numeric', 'Date', 'Bool')) or '/' in key for operator, key, _ in conditions(case))),
    ('it leaves variables alone', lambda case: bool(variables(case))),
    ('addresses of IPv6', lambda case: has_other_family(case)),
]
MOTO = [
    ('it minds the case of actions', differs_in_case),
    ('it does not decide by conditions', has_condition),
    ('it does not know `?`', lambda case: any('?' in text for text in actions(case) + resources(case))),
    ('it does not know NotResource', lambda case: any('NotResource' in each for each in statements(case))),
    ('it leaves variables alone', lambda case: bool(variables(case))),
]
