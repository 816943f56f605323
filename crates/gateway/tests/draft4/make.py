"""Writes the cases of this folder from the JSON Schema Test Suite: python make.py PATH/JSON-Schema-Test-Suite/tests/draft4

A schema a line; below it the values that it is tried on, behind `valid` or `not`. A digit that Python would change stays as it is.
"""

import json
import pathlib
import sys

SUITE = pathlib.Path(sys.argv[1])
HERE = pathlib.Path(__file__).parent


class Verbatim(float):
    """A number that prints as it was written."""

    def __new__(cls, text):
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __repr__(self):
        return self.text


def compact(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{compact(it)}" for name, it in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    return repr(value) if isinstance(value, Verbatim) else json.dumps(value, ensure_ascii=False)


for source in sorted(SUITE.rglob("*.json")):
    lines = []
    for case in json.loads(source.read_text(), parse_float=Verbatim):
        lines.append(compact(case["schema"]))
        lines += [f"  {'valid' if test['valid'] else 'not'} {compact(test['data'])}" for test in case["tests"]]
    name = "-".join(source.relative_to(SUITE).with_suffix(".txt").parts)
    (HERE / name).write_text("\n".join(lines) + "\n")
