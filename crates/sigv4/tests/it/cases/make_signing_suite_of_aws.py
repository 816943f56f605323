"""Writes signing_suite_of_aws.json: the requests of AWS's own signing test suite, signed in headers and in the query.

The suite is in the crate `aws-sigv4` (1.6.4 was read; Apache-2.0) and in awslabs/aws-c-auth, from which that crate took it:
python make_signing_suite_of_aws.py PATH/aws-signing-test-suite/v4 > signing_suite_of_aws.json

Its two cases without a context are additions of the crate and come without their keys, so they are left out.
"""

import json
import pathlib
import sys


def parse(text):
    """A request as the suite writes it: a line that begins with a blank continues the header before it."""
    head, _, body = text.partition("\n\n")
    first, *lines = head.splitlines()
    method, rest = first.split(" ", 1)
    path, _, query = rest.rsplit(" HTTP/1.1", 1)[0].partition("?")
    headers = []
    for line in lines:
        if line.startswith(" "):
            headers[-1][1] += "\n" + line
        else:
            headers.append(line.split(":", 1))
    return dict(method=method, path=path, query=query, headers=headers, body=body)


def cases(folder):
    for case in sorted(folder.iterdir()):
        if not (case / "context.json").exists():
            continue
        context = json.loads((case / "context.json").read_text())
        for form in ("header", "query"):
            request = parse((case / f"{form}-signed-request.txt").read_text())
            yield dict(
                name=f"{case.name} ({form})",
                **request,
                service=context["service"],
                region=context["region"],
                token=context["credentials"].get("token"),
                normalize=context["normalize"],
                signature=(case / f"{form}-signature.txt").read_text().strip(),
            )


lines = [json.dumps(case, ensure_ascii=False) for case in cases(pathlib.Path(sys.argv[1]))]
print("[\n" + ",\n".join(lines) + "\n]")
