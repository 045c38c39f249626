"""Make the change sets of examples/cloudformation as CloudFormation would: there is no account to ask for real ones."""

import json
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "cloudformation"


def main() -> None:
    """Write change-set.json beside each template that has a deployed version."""
    change_set = runpy.run_path(str(ROOT / "tests" / "change_set_made.py"))["change_set"]
    for deployed in EXAMPLES.glob("*/deployed.yaml"):
        made = change_set(deployed, deployed.with_name("template.yaml"))
        deployed.with_name("change-set.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
