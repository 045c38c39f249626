import json
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace

from iacscan import __version__
from iacscan.errors import InputError
from iacscan.finding import Severity
from iacscan.report import Report, View, markdown
from iacscan.report.json import read, render, schema

PUBLISHED = Path(__file__).parents[2] / "docs" / "report.schema.json"


def test_the_published_schema_is_the_one_of_the_records() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema()


def test_the_report_is_valid_by_the_published_schema(report: Report) -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.Draft202012Validator(published).validate(json.loads(render(report, View())))


def test_the_head_says_what_was_scanned_and_how_much_of_it_was_judged(report: Report) -> None:
    written = json.loads(render(report, View()))
    assert written["version"] == "1"
    assert written["tool"] == {"name": "iacscan", "version": __version__}
    assert [(item["path"], item["status"], item["error"]) for item in written["inputs"]] == [
        ("plan.json", "scanned", None),
        ("broken.json", "unreadable", "is empty; make it again"),
    ]
    assert written["coverage"]["policies"] == {"analysed": 41, "partial": 2, "unknown": 1}
    assert written["coverage"]["unknown"] == [
        {"input": "plan.json", "where": "aws_iam_policy.deploy.policy", "because": "known only after apply"}
    ]
    assert written["summary"] == {
        "listed": {"critical": 1, "high": 1},
        "undecided": 1,
        "existing": 1,
        "hidden": 1,
        "suppressed": 1,
        "fixed": 1,
    }


def test_a_finding_is_written_whole(report: Report) -> None:
    assert json.loads(render(report, View()))["findings"][0] == {
        "code": "IAM902",
        "name": "bucket-policy-public-read",
        "tip": 9,
        "severity": "critical",
        "confidence": "high",
        "verdict": "violation",
        "state": "new",
        "fails": True,
        "subject": {
            "address": "aws_s3_bucket_policy.logs",
            "type": "aws_s3_bucket_policy",
            "input": "plan.json",
            "action": "create",
        },
        "related": [
            {"address": "aws_s3_bucket.logs", "type": "aws_s3_bucket", "note": "no public access block covers it"}
        ],
        "message": "anyone on the internet can read the objects of bucket logs",
        "evidence": ['statement "Public": Allow * s3:GetObject on arn:aws:s3:::⟦aws_s3_bucket.logs⟧/*'],
        "remedy": "Name the accounts that may read, or put CloudFront in front.",
        "location": None,
        "fingerprint": "IAM902-aws_s3_bucket_policy.logs",
        "suppressed": False,
        "suppression": None,
    }


def test_location_state_and_verdict_are_told(report: Report) -> None:
    findings = json.loads(render(report, View()))["findings"]
    assert findings[1]["location"] == {"file": "ci/main.tf", "line": 12, "end_line": 20}
    assert [found["state"] for found in findings] == ["new", "worse", "existing", "fixed", "new", "new"]
    assert [found["fails"] for found in findings] == [True, True, False, False, False, False]
    assert findings[4]["verdict"] == "undecided"


def test_an_empty_report_is_valid_too(report: Report) -> None:
    written = json.loads(render(replace(report, inputs=(), findings=(), rules=()), View()))
    jsonschema.validate(written, json.loads(schema()))


def test_a_report_that_is_read_again_says_the_same(report: Report) -> None:
    text = render(report, View(severity=Severity.INFO))
    again = read(text, report.rules)
    assert render(again, View(severity=Severity.INFO)) == text
    shown = View(severity=Severity.INFO)
    assert markdown.render(again, shown) == markdown.render(report, shown)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": "2"}'])
def test_what_is_no_report_is_not_read(report: Report, text: str) -> None:
    with pytest.raises(InputError, match="is no report of iacscan, version 1"):
        read(text, report.rules)


def test_a_rule_that_does_not_exist_is_not_read(report: Report) -> None:
    with pytest.raises(InputError, match="names a rule that does not exist"):
        read(render(report, View()), report.rules[:1])
