from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from iacscan.change import Gate
from iacscan.engine import STDIN, Options, Pipeline, exit_code, scan
from iacscan.errors import DefectError, ExitCode, InputError, UsageError
from iacscan.finding import Confidence, Origin, Severity, State, Undecided, Violation
from iacscan.load.block import Loaded, Side
from iacscan.model.estate import Coverage, Estate
from iacscan.report import Report
from iacscan.rules._rule import Rule, Verdict, World


def block(action: str, mode: str = "managed") -> SimpleNamespace:
    return SimpleNamespace(action=action, mode=mode)


def loaded(path: str = "plan.json", before: tuple = (), after: tuple = ("create",), **more: object) -> Loaded:
    return Loaded(
        path=path,
        kind="terraform-plan",
        before=Side([block(action) for action in before]),
        after=Side([block(action) for action in after]),
        **more,
    )


class Pipe:
    """A pipeline that gives what the test says; the estates of the sides are told apart by their types."""

    before = Estate(types=frozenset({"before"}))
    after = Estate(types=frozenset({"after"}))

    def __init__(self, **inputs: Loaded | Exception) -> None:
        self.inputs = inputs

    def pipeline(self) -> Pipeline:
        return Pipeline(self.load, lambda _: (self.before, self.after))

    def load(self, path: str) -> Loaded:
        given = self.inputs[path]
        if isinstance(given, Exception):
            raise given
        return given


def rule(check: object, code: str = "IAM401", severity: Severity = Severity.HIGH) -> Rule:
    return Rule(
        code=code,
        name=f"name-of-{code.lower()}",
        tip=int(code[3]),
        severity=severity,
        confidence=Confidence.MEDIUM,
        references=(),
        controls=(),
        examples=(),
        summary="s",
        why="w",
        fix="the rule's advice",
        notes="",
        check=check,
        module="tests",
    )


def says(*verdicts: Verdict, side: str = "") -> object:
    def check(world: World) -> Iterator[Verdict]:
        if not side or side in world.estate.types:
            yield from verdicts

    return check


ROLE = Origin("aws_iam_role.r", "aws_iam_role", "plan.json")
BAD = Violation(subject=ROLE, message="m", evidence=("e",))
DOUBT = Undecided(subject=ROLE, message="d")


def run(*rules: Rule, options: Options | None = None, **inputs: Loaded | Exception) -> Report:
    given = inputs or {"plan": loaded()}
    return scan(given, options or Options(), rules=rules, pipeline=Pipe(**given).pipeline())


def codes(report: Report) -> list[tuple[str, State]]:
    return [(found.code, found.state) for found in report.findings]


def test_a_finding_gets_the_rules_facts_unless_the_verdict_has_its_own() -> None:
    own = Violation(subject=ROLE, message="m", severity=Severity.INFO, confidence=Confidence.LOW, remedy="do this")
    plain, special = run(rule(says(BAD, own))).findings
    assert (plain.severity, plain.confidence, plain.remedy) == (Severity.HIGH, Confidence.MEDIUM, "the rule's advice")
    assert (special.severity, special.confidence, special.remedy) == (Severity.INFO, Confidence.LOW, "do this")


def test_what_cannot_be_decided_is_of_low_confidence() -> None:
    (found,) = run(rule(says(DOUBT))).findings
    assert (found.verdict, found.confidence) == ("undecided", Confidence.LOW)


def test_a_plan_that_only_creates_brings_everything() -> None:
    assert codes(run(rule(says(BAD)))) == [("IAM401", State.NEW)]


def test_a_plan_that_changes_nothing_brings_nothing() -> None:
    plan = loaded(before=("no-op",), after=("no-op", "read"))
    assert codes(run(rule(says(BAD, side="after")), plan=plan)) == [("IAM401", State.EXISTING)]


def test_before_and_after_are_compared() -> None:
    plan = loaded(before=("update",), after=("update",))
    rules = (
        rule(says(BAD), "IAM401"),
        rule(says(BAD, side="after"), "IAM402"),
        rule(says(BAD, side="before"), "IAM403"),
    )
    assert codes(run(*rules, plan=plan)) == [
        ("IAM402", State.NEW), ("IAM401", State.EXISTING), ("IAM403", State.FIXED),
    ]  # fmt: skip


def test_a_plan_that_only_deletes_is_compared_too() -> None:
    plan = loaded(before=("delete",), after=())
    assert codes(run(rule(says(BAD, side="after")), plan=plan)) == [("IAM401", State.NEW)]


def test_equal_findings_are_one_and_different_ones_are_two() -> None:
    other = Violation(subject=ROLE, message="m", evidence=("f",))
    assert len(run(rule(says(BAD, BAD, other))).findings) == 2


def test_findings_come_worst_first_whatever_the_order_of_rules() -> None:
    rules = [rule(says(BAD), "IAM401", Severity.LOW), rule(says(BAD), "IAM402", Severity.CRITICAL)]
    assert [found.code for found in run(*rules).findings] == ["IAM402", "IAM401"]
    assert run(*rules).findings == run(*reversed(rules)).findings


def test_an_input_that_cannot_be_read_does_not_stop_the_others() -> None:
    report = run(rule(says(BAD)), bad=InputError("is empty", "make it again"), good=loaded())
    assert [(item.path, item.status, item.error) for item in report.inputs] == [
        ("bad", "unreadable", "is empty; make it again"),
        ("good", "scanned", ""),
    ]
    assert len(report.findings) == 1


def test_each_path_is_scanned_once() -> None:
    pipe = Pipe(plan=loaded())
    report = scan(["plan", "plan"], Options(), rules=[rule(says(BAD))], pipeline=pipe.pipeline())
    assert len(report.inputs) == 1


def test_a_failing_rule_is_a_defect_that_names_the_rule_and_quotes_nothing() -> None:
    def check(_: World) -> Iterator[Verdict]:
        message = "a secret from the plan"
        raise KeyError(message)
        yield BAD

    with pytest.raises(DefectError, match=r"^IAM401 on plan.json failed with KeyError \(test_engine.py, line \d+\)$"):
        run(rule(check))


def test_a_failing_loader_is_a_defect_too() -> None:
    with pytest.raises(DefectError, match="reading plan failed with ZeroDivisionError"):
        run(rule(says(BAD)), plan=ZeroDivisionError())


def test_only_and_skip_choose_rules_by_code_or_name_in_any_case() -> None:
    rules = (rule(says(BAD), "IAM401"), rule(says(BAD), "IAM402"))
    assert codes(run(*rules, options=Options(only=("iam402",)))) == [("IAM402", State.NEW)]
    assert codes(run(*rules, options=Options(skip=("Name-of-IAM402",)))) == [("IAM401", State.NEW)]


@pytest.mark.parametrize("options", [Options(only=("IAM999",)), Options(skip=("IAM999",))])
def test_an_unknown_rule_is_wrong_usage(options: Options) -> None:
    with pytest.raises(UsageError, match="there is no rule IAM999"):
        run(rule(says(BAD)), options=options)


def test_to_leave_no_rule_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="no rule is left"):
        run(rule(says(BAD)), options=Options(only=("IAM401",), skip=("IAM401",)))


def test_standard_input_is_named_by_a_dash() -> None:
    pipeline = Pipe(**{STDIN: loaded(STDIN)}).pipeline()
    report = scan([STDIN], Options(), rules=[rule(says(BAD))], pipeline=pipeline)
    assert report.inputs[0].path == "-"
    assert report.inputs[0].status == "scanned"


def test_progress_names_the_work() -> None:
    told: list[str] = []
    scan(["plan"], Options(), rules=[rule(says(BAD))], pipeline=Pipe(plan=loaded()).pipeline(), progress=told.append)
    assert told == ["reading plan", "plan.json: IAM401"]


STRICT = Options(unknown_fails=True)
EXISTING = loaded(before=("no-op",), after=("no-op",))
UNREADABLE = InputError("is empty", "make it again")


@pytest.mark.parametrize(
    ("code", "verdicts", "options", "inputs"),
    [
        (ExitCode.CLEAN, (), Options(), {"a": loaded()}),
        (ExitCode.CLEAN, (DOUBT,), Options(), {"a": loaded()}),
        (ExitCode.CLEAN, (BAD,), Options(gate=Gate(fail_on=Severity.CRITICAL)), {"a": loaded()}),
        (ExitCode.CLEAN, (BAD,), Options(), {"a": EXISTING}),
        (ExitCode.CLEAN, (DOUBT,), STRICT, {"a": EXISTING}),
        (ExitCode.CLEAN, (), Options(), {"a": loaded(), "b": loaded(after=())}),
        (ExitCode.FINDINGS, (BAD,), Options(), {"a": loaded()}),
        (ExitCode.FINDINGS, (BAD,), Options(gate=Gate(everything=True)), {"a": EXISTING}),
        (ExitCode.FINDINGS, (BAD, DOUBT), STRICT, {"a": loaded()}),
        (ExitCode.INPUT, (), Options(), {"a": UNREADABLE}),
        (ExitCode.INPUT, (BAD,), Options(), {"a": loaded(), "b": UNREADABLE}),
        (ExitCode.INPUT, (), Options(gate=Gate(fail_on=None)), {"a": loaded(), "b": UNREADABLE}),
        (ExitCode.INPUT, (), Options(), {"a": loaded(after=())}),
        (ExitCode.INCOMPLETE, (DOUBT,), STRICT, {"a": loaded()}),
        (ExitCode.INCOMPLETE, (), STRICT, {"a": loaded(complete=False)}),
        (ExitCode.INCOMPLETE, (), STRICT, {"a": loaded(unevaluated=("module.m",))}),
    ],
)
def test_the_exit_code(code: ExitCode, verdicts: tuple, options: Options, inputs: dict) -> None:
    assert exit_code(run(rule(says(*verdicts)), options=options, **inputs), options) is code


@pytest.mark.parametrize("coverage", [Coverage(1, 1), Coverage(1, 0, (("a.policy", "known only after apply"),))])
def test_a_policy_that_is_not_known_whole_is_incomplete(coverage: Coverage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pipe, "after", Estate(coverage=coverage))
    report = run(rule(says()))
    assert exit_code(report, STRICT) is ExitCode.INCOMPLETE
    assert exit_code(report, Options()) is ExitCode.CLEAN


def test_nothing_scanned_is_not_clean() -> None:
    assert exit_code(Report(inputs=(), findings=(), rules=()), Options()) is ExitCode.INPUT
