"""Scan: each input becomes its own estate before and after; the rules are run on both, and the findings are compared."""

import gc
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from .access import Access
from .change import Gate, compare, fingerprint
from .errors import DefectError, ExitCode, IacscanError, InputError, UsageError
from .finding import Confidence, Finding, State, Violation
from .graph import Graph
from .load.block import Loaded
from .model.estate import Estate
from .report import Input, Report
from .rules._registry import all_rules
from .rules._rule import Rule, Verdict, World

P = ParamSpec("P")
T = TypeVar("T")
Progress = Callable[[str], None]

STDIN = "-"
_STATES = (State.NEW, State.WORSE, State.EXISTING, State.FIXED)
_UNCHANGED = frozenset({"no-op", "read"})


class Options(Struct, frozen=True, kw_only=True):
    """How to scan and when to fail. `only` and `skip` hold rule codes or names; `unknown_fails` is `--on-unknown=fail`."""

    gate: Gate = Gate()
    unknown_fails: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


class Pipeline(Struct, frozen=True):
    """The two steps that know a language: bytes to blocks, blocks to estates (before, after)."""

    load: Callable[[str], Loaded]
    normalise: Callable[[Loaded], tuple[Estate, Estate]]


def terraform() -> Pipeline:
    """Return the pipeline for Terraform plans."""
    from .load import load  # noqa: PLC0415  `iacscan rules` and `iacscan explain` read no input
    from .normalise import normalise  # noqa: PLC0415  as above

    return Pipeline(load, normalise)


def scan(
    paths: Iterable[str],
    options: Options,
    *,
    rules: Sequence[Rule] | None = None,
    pipeline: Pipeline | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Scan every path (`-` is standard input) and return everything found.

    An input that cannot be read is recorded in the report and the others are still scanned. Raises UsageError for an
    unknown rule and DefectError when iacscan itself fails, so that a defect never looks like a clean run.
    """
    chosen = select(guard("loading the rules", all_rules) if rules is None else rules, options)
    steps = guard("loading", terraform) if pipeline is None else pipeline
    inputs: list[Input] = []
    findings: list[Finding] = []
    for path in dict.fromkeys(paths):
        if inputs and not gc.isenabled():  # as the command line has it
            gc.collect()
        progress(f"reading {path}")
        try:
            loaded = guard(f"reading {path}", _load, path, steps)
            # Attributes are decoded when they are asked for, so that a broken one shows only here.
            before, after = guard(f"reading {path}", steps.normalise, loaded)
        except InputError as error:
            inputs.append(Input(path=path, status="unreadable", error=str(error)))
            continue
        if not loaded.before.blocks and not loaded.after.blocks:
            inputs.append(Input(path=path, status="empty", kind=loaded.kind, notes=loaded.notes))
            continue
        findings += _judge(loaded, before, after, chosen, progress)
        inputs.append(
            Input(
                path=path,
                status="scanned",
                kind=loaded.kind,
                coverage=after.coverage,
                complete=loaded.complete,
                unseen=loaded.unevaluated,
                notes=loaded.notes,
            )
        )
    return Report(inputs=tuple(inputs), findings=tuple(_ordered(findings)), rules=tuple(chosen))


def exit_code(report: Report, options: Options) -> ExitCode:
    """Judge the run. An input that could not be read outweighs findings: the list of findings is not the whole list."""
    if any(item.status == "unreadable" for item in report.inputs):
        return ExitCode.INPUT
    if all(item.status == "empty" for item in report.inputs):
        return ExitCode.INPUT  # also when there is no input at all: nothing was scanned
    if any(options.gate.fails(finding) for finding in report.findings):
        return ExitCode.FINDINGS
    if options.unknown_fails and not _complete(report, options.gate):
        return ExitCode.INCOMPLETE
    return ExitCode.CLEAN


def select(rules: Sequence[Rule], options: Options) -> list[Rule]:
    """Return the rules to run. Raises UsageError for a code or name that no rule has, and if no rule is left."""
    codes = {spelling: rule.code for rule in rules for spelling in (rule.code.lower(), rule.name)}
    for wanted in (*options.only, *options.skip):
        if wanted.lower() not in codes:
            message = f"there is no rule {wanted}; `iacscan rules` lists them"
            raise UsageError(message)
    only = {codes[wanted.lower()] for wanted in options.only}
    skip = {codes[wanted.lower()] for wanted in options.skip}
    chosen = [rule for rule in rules if (not only or rule.code in only) and rule.code not in skip]
    if not chosen:
        message = "no rule is left to run; --skip takes away all that --only names"
        raise UsageError(message)
    return chosen


def _complete(report: Report, gate: Gate) -> bool:
    """Whether every policy was known whole and every rule could decide about what this change answers for."""
    whole = all(
        item.complete and not item.unseen and not item.coverage.partial and not item.coverage.unknown
        for item in report.inputs
    )
    return whole and not any(finding.verdict == "undecided" and gate.concerns(finding) for finding in report.findings)


def _load(path: str, pipeline: Pipeline) -> Loaded:
    if path != STDIN:
        return pipeline.load(path)
    import tempfile  # noqa: PLC0415  costs more to import than most rules

    with tempfile.TemporaryDirectory(prefix="iacscan-") as directory:
        file = Path(directory, "stdin.json")
        file.write_bytes(sys.stdin.buffer.read())
        return replace(pipeline.load(str(file)), path=STDIN)


def _judge(
    loaded: Loaded, before: Estate, after: Estate, rules: Sequence[Rule], progress: Progress
) -> Iterable[Finding]:
    """Findings of one input with their states."""
    found = _findings(after, rules, loaded.path, progress)
    sides = (*loaded.before.blocks, *loaded.after.blocks)
    if all(block.action in _UNCHANGED for block in sides if block.mode == "managed"):
        return [replace(finding, state=State.EXISTING) for finding in found]
    if not loaded.before.blocks:
        return found
    includes = {rule.code: rule.includes for rule in rules}
    return compare(_findings(before, rules, loaded.path, progress), found, includes)


def _findings(estate: Estate, rules: Sequence[Rule], path: str, progress: Progress) -> list[Finding]:
    """Run every rule on one side of the change. Equal findings are one."""
    graph = Graph(estate)
    world = World(estate=estate, graph=graph, access=Access(graph))
    found: dict[tuple[str, str, tuple[str, ...]], Finding] = {}
    for rule in rules:
        progress(f"{path}: {rule.code}")
        for verdict in guard(f"{rule.code} on {path}", _verdicts, rule, world):
            finding = _stamp(rule, _redacted(verdict, estate.secrets))
            found.setdefault((finding.fingerprint, finding.message, finding.evidence), finding)
    return list(found.values())


def _verdicts(rule: Rule, world: World) -> list[Verdict]:
    return list(rule.check(world))


def _redacted(verdict: Verdict, secrets: frozenset[str]) -> Verdict:
    """Take out of a verdict what the input marks as sensitive; longer texts first, for one may hold another."""
    if not secrets:
        return verdict
    ordered = sorted(secrets, key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in ordered:
            text = text.replace(secret, "(sensitive)")
        return text

    return replace(
        verdict,
        message=clean(verdict.message),
        evidence=tuple(clean(line) for line in verdict.evidence),
        related=tuple(replace(item, note=clean(item.note)) for item in verdict.related),
        remedy=None if verdict.remedy is None else clean(verdict.remedy),
        key=clean(verdict.key),
    )


def _stamp(rule: Rule, verdict: Verdict) -> Finding:
    """Make a finding of a rule's verdict. What cannot be decided is, by its nature, of low confidence."""
    violated = isinstance(verdict, Violation)
    confidence = verdict.confidence if isinstance(verdict, Violation) else Confidence.LOW
    severity = verdict.severity
    return Finding(
        code=rule.code,
        name=rule.name,
        tip=rule.tip,
        severity=rule.severity if severity is None else severity,
        confidence=rule.confidence if confidence is None else confidence,
        verdict="violation" if violated else "undecided",
        state=State.NEW,
        subject=verdict.subject,
        related=verdict.related,
        message=verdict.message,
        evidence=verdict.evidence,
        remedy=verdict.remedy or rule.fix,
        fingerprint=fingerprint(rule.code, verdict.subject.address, verdict.key, verdict.evidence, verdict.message),
        key=verdict.key,
    )


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, then what is news, then by place: the one order that all reports keep."""

    def rank(finding: Finding) -> tuple[int, int, str, str, str, str]:
        return (
            -finding.severity,
            _STATES.index(finding.state),
            finding.subject.address,
            finding.code,
            finding.fingerprint,
            finding.subject.input,
        )

    return sorted(findings, key=rank)


def guard(piece: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do a piece of work of ours. Whatever it fails with that is not an error on purpose is a defect, and says so.

    The failure's own text is left out of the message: it may quote the input.
    """
    try:
        return work(*args, **kwargs)
    except IacscanError:
        raise
    except Exception as error:
        import traceback  # noqa: PLC0415  only needed here

        frame = traceback.extract_tb(error.__traceback__)[-1]
        message = f"{piece} failed with {type(error).__name__} ({Path(frame.filename).name}, line {frame.lineno})"
        raise DefectError(message) from error
