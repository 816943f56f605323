"""Writes wycheproof.json: Project Wycheproof's vectors for signatures and keys of JSON Web Tokens, without the private keys.

The project is C2SP/wycheproof (commit dac1dd47 was read; Apache License 2.0, © Google LLC and contributors):
python make_wycheproof.py PATH/testvectors_v1 > wycheproof.json
"""

import json
import pathlib
import sys

FILES = ["json_web_signature_test.json", "json_web_key_test.json"]


def group(file, given):
    public = given.get("public")
    keys = None if public is None else public.get("keys", [public])
    tests = [[test["tcId"], test["comment"], test["jws"], test["result"]] for test in given["tests"]]
    return {"file": file, "comment": given.get("comment"), "keys": keys, "tests": tests}


def main(folder):
    groups = []
    for file in FILES:
        whole = json.loads((pathlib.Path(folder) / file).read_text())
        groups += [group(file, given) for given in whole["testGroups"]]
    lines = ",\n".join(json.dumps(it, separators=(",", ":")) for it in groups)
    print(f"[\n{lines}\n]")


main(sys.argv[1])
