"""examples/cloudformation: each template says truly what it breaks, and the twins break nothing."""

import re
from functools import cache
from pathlib import Path

import pytest

from iacscan.engine import ExitCode, Options, exit_code, scan
from iacscan.report import Report

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "cloudformation"
STACKS = sorted(path.parent for path in (*EXAMPLES.glob("*/template.yaml"), *EXAMPLES.glob("*/cdk.out")))
TIPS = {
    "anonymous", "conditions", "identities", "organizations", "privilege", "resource_policies", "roles", "sprawl", "unused",
}  # fmt: skip


def name(path: Path) -> str:
    return str(path.relative_to(EXAMPLES))


@cache
def scanned(stack: Path) -> Report:
    """The report on a template, beside what is deployed if that is there, or on all that CDK put into its directory."""
    synthesis, deployed = stack / "cdk.out", stack / "deployed.yaml"
    options = Options(older=str(deployed) if deployed.is_file() else "")
    return scan([str(synthesis if synthesis.is_dir() else stack / "template.yaml")], options)


def written(stack: Path) -> str:
    """What people wrote: the template, or the program that CDK makes one of."""
    (source,) = (*stack.glob("template.yaml"), *stack.glob("*.js"))
    return source.read_text(encoding="utf-8")


def test_there_is_a_template_for_every_tip_and_for_each_way_to_write_one():
    assert {stack.name for stack in STACKS} >= TIPS | {"sam", "cdk"}


@pytest.mark.parametrize("stack", STACKS, ids=name)
def test_a_template_breaks_the_rules_that_its_comments_name(stack):
    promised = set(re.findall(r"\bIAM\d{3}\b", written(stack)))
    assert promised
    assert promised <= {finding.code for finding in scanned(stack).findings if finding.verdict == "violation"}


@pytest.mark.parametrize("stack", STACKS, ids=name)
def test_a_repaired_twin_is_clean(stack):
    report = scanned(stack / "repaired")
    assert exit_code(report, Options()) is ExitCode.CLEAN, [f"{f.code} {f.subject.address}" for f in report.findings]


@pytest.mark.parametrize("stack", [*STACKS, *(stack / "repaired" for stack in STACKS)], ids=name)
def test_every_policy_of_the_templates_can_be_judged(stack):
    (one,) = scanned(stack).inputs
    assert one.coverage.unknown == ()
    assert one.coverage.partial == 0
