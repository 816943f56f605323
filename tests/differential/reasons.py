"""The differences that are meant, by name: each is a row of crates/vtl/COMPATIBILITY.md or crates/jsonpath/COMPATIBILITY.md."""
import re

# What stands behind `..` and takes the items of a list, followed by another step.
SCANNED_LIST = re.compile(r'''(^|\.)\.(\[[^'"?][^]]*\]|\*|\[\s*\?.*\])\s*[.\[]''')


def of_path(case, theirs, ours):
    path = case['path']
    if SCANNED_LIST.search(path):
        return 'steps behind `..` and the items of a list'
    if 'there is no function' in ours:
        return 'a function that is none is refused when the path is read'
    if re.search(r'\.\..*\.(index|first|last|length|size)\(', path):
        return 'a function behind `..`'
    if 'append(' in path:
        return '`append()` changes the document while the library reads it'
    if 'token is a leaf' in theirs:
        return 'the library fails at the second reading of an argument that scans'
    if case['broken']:
        return 'a path broken by one character'
    return None


def of_template(case, theirs, ours):
    if 'OutOfMemoryError' in theirs.get('error', ''):
        return 'a range longer than Java has memory for'
    if 'output' in theirs and 'output' in ours and is_null_of_text(theirs['output'], ours['output']):
        return 'a text and an operand without a result'
    if re.search(r'hashCode|compareTo', case['template']) and ' + ' in case['template']:
        return 'a text and an operand without a result, told by a number'
    if case['broken']:
        return 'a template broken by one character'
    return None


def is_null_of_text(theirs, ours):
    """Where Tollgate prints `null` Velocity prints the source of the operand."""
    parts = ours.split('null')
    return len(parts) > 1 and re.fullmatch('.*?'.join(map(re.escape, parts)), theirs, re.DOTALL) is not None
