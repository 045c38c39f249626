"""The harness refuses what it says that it refuses; the rule in CONTRIBUTING.md passes it."""

import re
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from iacscan.finding import Origin, Related, Severity, Undecided, Violation
from iacscan.rules._rule import Example, Rule
from iacscan.testing import check_examples, run_example, style_problems

CONTRIBUTING = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"
ORIGIN = Origin("aws_iam_user.u", "aws_iam_user")


@pytest.fixture(scope="module")
def worked_rule():
    """The rule that CONTRIBUTING.md prints."""
    code = re.search(r"```python\n(.*?)```", CONTRIBUTING.read_text(encoding="utf-8"), re.DOTALL)[1]
    module = ModuleType("iacscan.rules.roles.long_role_session")
    module.__package__ = "iacscan.rules.roles"
    exec(compile(code, str(CONTRIBUTING), "exec"), vars(module))  # noqa: S102  # our own page
    return next(value for value in vars(module).values() if isinstance(value, Rule))


def changed(rule, **fields):
    return msgspec.structs.replace(rule, **fields)


def test_the_rule_in_the_guide_passes(worked_rule):
    assert check_examples(worked_rule) == ()


def test_the_guide_does_not_take_a_code_that_is_in_use(worked_rule):
    from iacscan.rules._registry import all_rules  # noqa: PLC0415  # read all rules only here

    assert worked_rule.code not in {rule.code for rule in all_rules()}
    assert worked_rule.module not in sys.modules


def test_a_marked_block_that_is_not_reported_is_a_problem(worked_rule):
    silent = changed(worked_rule, check=lambda _: iter(()))

    problems = "\n".join(check_examples(silent))
    assert "aws_iam_role.audit is marked bad, but the rule does not say so" in problems
    assert "aws_iam_role.audit is marked undecided, but the rule does not say so" in problems


def test_a_block_that_is_reported_without_a_mark_is_a_problem(worked_rule):
    bare = Example(worked_rule.examples[0].terraform.replace("# bad", ""))
    strict = changed(worked_rule, examples=(*worked_rule.examples, bare))

    assert any("but it is not marked" in problem for problem in check_examples(strict))


def test_the_two_marks_are_not_interchangeable(worked_rule):
    wrong = Example(worked_rule.examples[0].terraform.replace("# bad", "# undecided"))
    outcome = run_example(worked_rule, wrong)

    assert outcome.expected != outcome.reported


def test_a_mark_outside_of_every_block_is_a_problem(worked_rule):
    stray = Example("# bad\n" + worked_rule.examples[0].terraform)

    assert run_example(worked_rule, stray).outside == ("# bad",)


@pytest.mark.parametrize(
    ("keep", "problem"),
    [
        ((1, 2), "has no bad example"),
        ((0, 2), "has no good example"),
        ((0, 1), "has no undecided example"),
        ((0, 1, 2, 0), "example 4 repeats another"),
    ],
)
def test_lazy_examples_are_refused(worked_rule, keep, problem):
    lazy = changed(worked_rule, examples=tuple(worked_rule.examples[number] for number in keep))

    assert any(problem in found for found in check_examples(lazy))


def test_a_rule_that_says_why_it_is_never_undecided_needs_no_such_example(worked_rule):
    certain = changed(worked_rule, examples=worked_rule.examples[:2], uncertain="A plan always tells.")

    assert check_examples(certain) == ()


@pytest.mark.parametrize(
    "verdict",
    [
        Violation(subject=ORIGIN, message="Starts with a capital"),
        Violation(subject=ORIGIN, message="ends with a full stop."),
        Violation(subject=ORIGIN, message="two\nlines"),
        Violation(subject=ORIGIN, message=""),
        Violation(subject=ORIGIN, message="fine", remedy=" "),
        Violation(subject=ORIGIN, message="fine", evidence=("x" * 1_001,)),
        Undecided(subject=ORIGIN, message="fine", evidence=("two\nlines",)),
        Undecided(subject=ORIGIN, message="fine", related=(Related(ORIGIN, ""),)),
    ],
)
def test_bad_style_is_refused(verdict):
    assert len(list(style_problems(verdict))) == 1


@pytest.mark.parametrize(
    "message", ["allows everything", "NotAction leaves iam:* open", '"Admin" is public', "s3:* on *"]
)
def test_good_style_passes(message):
    assert list(style_problems(Violation(subject=ORIGIN, message=message, severity=Severity.LOW))) == []
