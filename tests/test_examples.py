"""examples/terraform: together the bad stacks break every rule, each says truly what it breaks, and the twins break none."""

import re
from functools import cache
from pathlib import Path

import pytest

from iacscan.engine import ExitCode, Options, Pipeline, exit_code, scan
from iacscan.finding import State
from iacscan.load import load
from iacscan.normalise import normalise
from iacscan.report import Report
from iacscan.rules._registry import all_rules

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "terraform"
HIDDEN = EXAMPLES / "hidden"  # its plan alone does not show the policies
STACKS = sorted(path.parent for path in EXAMPLES.glob("*/main.tf") if path.parent != HIDDEN)
TWINS = sorted(path.parent for path in EXAMPLES.glob("*/repaired/main.tf"))

# A secret of a CI provider needs that provider (github, gitlab, ...), and a real plan needs its binary. Each rule's own
# examples cover it without one.
WITHOUT_PLAN = {"IAM204"}


def name(path: Path) -> str:
    return str(path.relative_to(EXAMPLES))


@cache
def scanned(stack: Path) -> Report:
    """The report on a plan alone, without the source beside it."""
    return scan([str(stack / "plan.json")], Options(), pipeline=Pipeline(load, normalise))


def reported(stack: Path) -> set[str]:
    """Codes of the violations that the change brings or makes worse."""
    return {
        finding.code
        for finding in scanned(stack).findings
        if finding.verdict == "violation" and finding.state in {State.NEW, State.WORSE}
    }


def promised(stack: Path) -> set[str]:
    """Codes that the comments of a stack say it breaks."""
    files = [*stack.glob("*.tf"), *stack.glob("modules/*/*.tf")]
    return {code for file in files for code in re.findall(r"\bIAM\d{3}\b", file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: f"{rule.code}-{rule.name}")
def test_every_rule_fires_in_a_real_plan(rule):
    if rule.code in WITHOUT_PLAN:
        pytest.skip("needs a provider other than aws")
    assert rule.code in set().union(*map(reported, STACKS))


@pytest.mark.parametrize("stack", STACKS, ids=name)
def test_a_stack_breaks_the_rules_that_its_comments_name(stack):
    assert promised(stack)
    assert promised(stack) <= reported(stack)


@pytest.mark.parametrize("stack", [*STACKS, HIDDEN], ids=name)
def test_a_stack_has_a_repaired_twin(stack):
    assert stack / "repaired" in TWINS


@pytest.mark.parametrize("twin", TWINS, ids=name)
def test_a_repaired_twin_is_clean(twin):
    report = scanned(twin)
    assert exit_code(report, Options()) is ExitCode.CLEAN, [f"{f.code} {f.subject.address}" for f in report.findings]


@pytest.mark.parametrize("stack", [*STACKS, *TWINS], ids=name)
def test_every_policy_of_the_examples_can_be_judged(stack):
    """Also those that are known after apply only: they are rebuilt from their documents."""
    (one,) = scanned(stack).inputs
    assert one.coverage.unknown == ()
    assert one.coverage.analysed + one.coverage.partial > 0


def test_policies_that_a_plan_hides_are_counted_as_unknown_and_their_mistakes_are_seen_in_the_source():
    """`jsonencode` around an ARN that is known after apply is unknown as a whole."""
    (one,) = scanned(HIDDEN).inputs
    hidden = {"checkout", "onboarding", 'worker["invoice"]', 'worker["mailing"]'}
    assert {where for where, _ in one.coverage.unknown} == {f"aws_iam_policy.{label}.policy" for label in hidden}
    assert not reported(HIDDEN)
    source = scan([str(HIDDEN)], Options(), pipeline=Pipeline(load, normalise))
    assert promised(HIDDEN) <= {finding.code for finding in source.findings if finding.verdict == "violation"}


def test_the_stack_of_all_nine_tips_makes_all_nine_mistakes():
    assert {int(code[3]) for code in reported(EXAMPLES / "all-nine-tips")} == set(range(1, 10))


def test_what_a_change_removes_is_reported_as_fixed():
    """The user and its key go in `changes`; what was wrong about them is no longer."""
    findings = scanned(EXAMPLES / "changes").findings
    fixed = {finding.subject.address for finding in findings if finding.state is State.FIXED}
    assert "aws_iam_access_key.importer" in fixed


def test_what_was_there_before_is_not_news():
    """The user of `unused` and its policy are as bad as before; the change does not answer for them."""
    findings = scanned(EXAMPLES / "unused").findings
    states = {finding.state for finding in findings if finding.subject.address == "aws_iam_user_policy.workshop_backup"}
    assert states == {State.EXISTING}
