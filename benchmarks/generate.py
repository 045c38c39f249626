"""Write a Terraform plan of any size: `python benchmarks/generate.py RESOURCES FILE`.

The plan is template/plan.json, a real one with a service of each kind, as `module.service` with for_each would multiply
it: each further service is the same rows under another name, the configuration stays as it is. So the size is free, the
content is what terraform writes, and the same number always gives the same file. Terraform is not needed.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

TEMPLATE: Final = Path(__file__).parent / "template" / "plan.json"
STEADY: Final = "steady-00000"
CARELESS: Final = "careless-00000"
CARELESS_EVERY: Final = 50  # one service in so many has findings; a plan full of them would be about reporting

Json = dict[str, Any]


def services(count: int) -> Iterator[tuple[str, str]]:
    """Name and kind (its name in the template) of each service."""
    for number in range(count):
        kind = STEADY if number % CARELESS_EVERY else CARELESS
        yield kind.replace("00000", f"{number:05}"), kind


def multiply(rows: list[Json], key: str, count: int) -> list[Json]:
    """Rows of the template (what `key` names tells which service a row belongs to), once for each service."""
    texts = {kind: json.dumps([row for row in rows if f'"{kind}"' in row[key]]) for kind in (STEADY, CARELESS)}
    common = [row for row in rows if not any(f'"{kind}"' in row[key] for kind in texts)]
    copies = (json.loads(texts[kind].replace(kind, name)) for name, kind in services(count))
    return common + [row for copy in copies for row in copy]


def managed(plan: Json) -> int:
    """How many managed resources a plan has."""
    return sum(row["mode"] == "managed" for row in plan["resource_changes"])


def make_plan(resources: int) -> Json:
    """Return a plan with at least that many managed resources: the template's number, times whole services."""
    plan: Json = json.loads(TEMPLATE.read_bytes())
    each = managed(plan) // 2  # the template holds two services, equally large
    count = -(-resources // each)
    plan["variables"]["services"]["value"] = {name: {"careless": kind == CARELESS} for name, kind in services(count)}
    plan["resource_changes"] = multiply(plan["resource_changes"], "address", count)
    plan["relevant_attributes"] = multiply(plan["relevant_attributes"], "resource", count)
    for values in (plan["planned_values"], plan["prior_state"]["values"]):
        root = values["root_module"]
        root["child_modules"] = multiply(root["child_modules"], "address", count)
    return plan


def main() -> None:
    """Write one plan, on one line as terraform does."""
    plan = make_plan(int(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(plan, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
