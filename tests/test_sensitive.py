"""What a plan marks as sensitive is judged, and never shown."""

import json
from pathlib import Path

import pytest

from iacscan.engine import Options, scan
from iacscan.report import View, render

RESOURCE = "arn:aws:s3:::project-nightingale/*"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "nightingale",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": RESOURCE,
        },
    }
)


def plan(marks: object) -> str:
    def row(type_: str, after: dict[str, object], sensitive: object) -> dict[str, object]:
        change = {
            "actions": ["create"],
            "before": None,
            "after": after,
            "after_unknown": {},
            "after_sensitive": sensitive,
        }
        return {"address": f"{type_}.b", "mode": "managed", "type": type_, "name": "b", "change": change}

    rows = [
        row("aws_s3_bucket", {"bucket": "b"}, {}),
        row("aws_s3_bucket_policy", {"bucket": "b", "policy": POLICY}, marks),
    ]
    return json.dumps(
        {"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {}, "resource_changes": rows}
    )


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
@pytest.mark.parametrize("marks", [{"policy": True}, True])
def test_a_sensitive_policy_is_judged_but_not_shown(tmp_path: Path, form: str, marks: object) -> None:
    path = tmp_path / "plan.json"
    path.write_text(plan(marks))

    report = render(scan([str(path)], Options()), form, View())

    assert "IAM902" in report
    assert "sensitive" in report
    assert "nightingale" not in report


def test_without_the_mark_the_statement_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(plan({}))

    assert RESOURCE in render(scan([str(path)], Options()), "text", View())
