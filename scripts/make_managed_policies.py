"""Makes managed.txt and managed_keys.txt in src/iacscan/policy/data, the policies that AWS itself maintains, from the wheel of moto."""

import ast
import hashlib
import json
import sys
import zipfile
from typing import Any

from _wheels import Pin, run

MOTO = Pin("moto", "5.2.5", "eef62cdcf3bfe73e0863743511ba042dfaba04ba3d5ecdcb896a196c693ad528")


def generate(wheel: zipfile.ZipFile) -> dict[str, str]:
    """Make the files.

    `managed.txt` has one line a policy, `name path version document`, separated by tabs and in the order of names;
    `managed_keys.txt` the key of the actions of each, by which a copy of it is found (`iacscan.policy.managed`), and its name.
    """
    source = ast.parse(wheel.read("moto/iam/aws_managed_policies.py"))
    texts = [
        node.value.value
        for node in source.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    ]
    if len(texts) != 1 or not isinstance(texts[0], str):
        sys.exit("moto keeps its managed policies differently now")
    policies = json.loads(texts[0])
    lines = []
    for name, policy in sorted(policies.items()):
        document = json.dumps(policy["Document"], separators=(",", ":"), ensure_ascii=False)
        lines.append("\t".join((name, policy.get("Path", "/"), policy["DefaultVersionId"], document)))
    date = max(policy.get("UpdateDate", policy["CreateDate"]) for policy in policies.values())[:10]
    header = MOTO.header(date, "Apache-2.0", f"{len(lines)} policies, date of the newest")
    keys = sorted(f"{key(policy['Document'])} {name}" for name, policy in policies.items())
    return {"managed.txt": "\n".join(header + lines) + "\n", "managed_keys.txt": "\n".join(header + keys) + "\n"}


def key(document: dict[str, Any]) -> str:
    """The first 12 digits of the SHA-256 of all action patterns in a document, in lower case, sorted, one a line."""
    given = document["Statement"]
    found: set[str] = set()
    for statement in given if isinstance(given, list) else [given]:
        for name in ("Action", "NotAction"):
            value = statement.get(name, ())
            found.update(item.lower() for item in ([value] if isinstance(value, str) else value))
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(run((MOTO,), generate))
