"""Findings of several rules that say one fault: which of them is reported, and that none is lost on the way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from iacscan import cli
from iacscan.finding import Confidence, Finding, Origin, Related, Severity, State
from iacscan.rules._registry import all_rules
from iacscan.together import told_once

POLICY = Origin("aws_iam_policy.p", "aws_iam_policy", "plan.json")
USER = Origin("aws_iam_user.u", "aws_iam_user", "plan.json")
STAR = '{"Effect":"Allow","Action":"s3:*","Resource":"*"}'
TELLS = {"IAM408": ("IAM403", "IAM405"), "IAM405": ("IAM811",)}


def finding(code, subject=POLICY, **given_facts):
    facts = {
        "name": code.lower(), "tip": 4, "severity": Severity.HIGH, "confidence": Confidence.HIGH, "verdict": "violation",
        "state": State.NEW, "related": (), "message": f"{code} says so", "evidence": (STAR,), "remedy": "r", "fingerprint": code,
    }  # fmt: skip
    return Finding(code=code, subject=subject, **{**facts, **given_facts})


TELLING, TOLD = finding("IAM408"), finding("IAM405")


def codes(*findings):
    return [found.code for found in told_once(findings, TELLS)]


def test_the_more_telling_finding_is_left_and_says_what_the_other_one_adds():
    (found,) = told_once([TOLD, TELLING], TELLS)
    assert (found.code, found.related) == ("IAM408", (Related(POLICY, "IAM405 says so (IAM405)"),))


def test_a_rule_that_runs_alone_reports():
    assert told_once([TOLD], TELLS) == [TOLD]


@pytest.mark.parametrize(
    "telling",
    [
        replace(TELLING, subject=USER),
        replace(TELLING, subject=replace(POLICY, input="other.json")),
        replace(TELLING, evidence=()),
        replace(TELLING, severity=Severity.MEDIUM),
        replace(TELLING, verdict="undecided"),
        replace(TELLING, state=State.EXISTING),
        replace(TELLING, state=State.FIXED),
        replace(TELLING, suppressed=True),
    ],
    ids=["elsewhere", "other input", "other evidence", "less grave", "less sure", "no news", "gone", "suppressed"],
)
def test_a_finding_is_not_told_by_one_that_says_less(telling):
    assert codes(telling, TOLD) == ["IAM408", "IAM405"]


@pytest.mark.parametrize("state", list(State))
def test_findings_of_one_state_are_one(state):
    assert codes(replace(TELLING, state=state), replace(TOLD, state=state)) == ["IAM408"]


def test_what_was_there_is_told_by_what_is_new():
    assert codes(TELLING, replace(TOLD, state=State.EXISTING)) == ["IAM408"]


def test_a_finding_about_some_actions_is_told_by_one_about_more():
    some, more = replace(TOLD, about=("s3:getobject",)), replace(TELLING, evidence=(), about=("s3:getobject", "s3:*"))
    assert codes(more, some) == ["IAM408"]
    assert codes(replace(more, about=("s3:*",)), some) == ["IAM408", "IAM405"]


def test_a_place_that_a_finding_names_besides_its_subject_counts():
    assert codes(replace(TELLING, subject=USER, related=(Related(POLICY, "its policy"),)), TOLD) == ["IAM408"]


def test_what_is_said_by_way_of_another_finding_arrives_at_the_last():
    (found,) = told_once([finding("IAM811"), TOLD, TELLING], TELLS)
    assert [item.note for item in found.related] == ["IAM811 says so (IAM811)", "IAM405 says so (IAM405)"]


STATES = st.sampled_from(list(State))
FINDINGS = st.builds(
    finding,
    st.sampled_from(["IAM403", "IAM405", "IAM408", "IAM811", "IAM901"]),
    st.sampled_from([POLICY, USER]),
    state=STATES,
    severity=st.sampled_from(list(Severity)),
    evidence=st.sampled_from([(), (STAR,), ("e",), (STAR, "e")]),
    suppressed=st.booleans(),
)


@given(st.lists(FINDINGS, max_size=6))
def test_whatever_is_left_out_is_said_by_a_finding_that_is_as_grave_and_as_new(findings):
    left = told_once(findings, TELLS)
    said = [found.message for found in left] + [
        item.note.rpartition(" (")[0] for found in left for item in found.related
    ]
    assert sorted(said) == sorted(found.message for found in findings)
    news = {State.NEW, State.WORSE}
    worst = max((found.severity for found in findings if found.state in news and not found.suppressed), default=None)
    assert worst == max(
        (found.severity for found in left if found.state in news and not found.suppressed), default=None
    )


TEMPLATE = """
Resources:
  Reports:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: AuthenticatedRead
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")

    def go(*arguments):
        with pytest.raises(SystemExit):
            cli.main(arguments)
        return json.loads(capsys.readouterr().out)

    return go


def test_the_command_reports_a_fault_once_and_a_rule_that_is_asked_for_alone(run):
    def found(*options):
        return {finding["code"] for finding in run("t.yaml", "--format", "json", *options)["findings"]}

    assert {"IAM901", "IAM911"} & found() == {"IAM901"}
    assert found("--only", "IAM911") == {"IAM911"}
    assert "IAM911" in found("--skip", "IAM901")


def test_a_baseline_has_what_every_rule_says(run):
    assert {"IAM901", "IAM911"} <= {entry["code"] for entry in run("baseline", "t.yaml")["inputs"]["t.yaml"]}


def test_rules_tell_rules_that_there_are_and_never_in_a_circle():
    rules = {rule.code: rule for rule in all_rules()}

    def reached(code):
        for told in rules[code].tells:
            yield told
            yield from reached(told)

    for rule in rules.values():
        assert rule.code not in reached(rule.code)
