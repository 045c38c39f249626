"""A plan that breaks only where an attribute is looked at."""

import json
from pathlib import Path

from iacscan.engine import Options, exit_code, scan
from iacscan.errors import ExitCode


def plan(policy: object) -> str:
    change = {"actions": ["create"], "before": None, "after": {"name": "p", "policy": policy}, "after_unknown": {}}
    row = {"address": "aws_iam_policy.p", "mode": "managed", "type": "aws_iam_policy", "name": "p", "change": change}
    return json.dumps(
        {"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {}, "resource_changes": [row]}
    )


def test_an_attribute_nested_too_deeply_makes_the_input_unreadable_and_the_others_are_scanned(tmp_path: Path) -> None:
    nested: object = "x"
    for _ in range(100):
        nested = [nested]
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text(plan(nested))
    good.write_text(plan(json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})))

    report = scan([str(bad), str(good)], Options())

    assert [item.status for item in report.inputs] == ["unreadable", "scanned"]
    assert "IAM401" in {finding.code for finding in report.findings}
    assert exit_code(report, Options()) is ExitCode.INPUT
