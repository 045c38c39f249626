"""Make the change set of examples/cloudformation/changes as CloudFormation would: there is no account to ask for a real one."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "cloudformation" / "changes"


def main() -> None:
    """Write change-set.json beside the template."""
    sys.path.insert(0, str(ROOT / "tests"))
    from change_set_made import change_set  # noqa: PLC0415  it stands among the tests

    made = change_set(EXAMPLE / "deployed.yaml", EXAMPLE / "template.yaml")
    (EXAMPLE / "change-set.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
