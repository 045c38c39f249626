"""Scan: each input becomes its own estate before and after; the rules are run on both, and the findings are compared."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from .access import Access
from .assumptions import assume
from .baseline import Baseline, judge
from .change import Gate, compare
from .errors import DefectError, ExitCode, IacscanError, InputError, UsageError
from .finding import Finding, Severity, State
from .graph import Graph
from .load.block import Loaded, Variant
from .load.discover import Discovered, Item
from .model.estate import Estate
from .model.settings import NOTHING_TOLD, Settings
from .pinpoint import pinpoint, with_calls
from .pool import pays, spread
from .report import Input, Report
from .rules._registry import all_rules
from .rules._rule import Rule, Verdict, World, utc_today
from .stamp import stamp
from .suppress import Faulty, Ignore, remarks, suppress
from .together import Scanned, about, alone, said_once, told_once, unreadable
from .worlds import covered, told, world

if TYPE_CHECKING:
    from .load.cloudformation_exports import Exports

P = ParamSpec("P")
T = TypeVar("T")
Progress = Callable[[str], None]

STDIN = "-"
_STATES = (State.NEW, State.WORSE, State.EXISTING, State.FIXED)
_UNCHANGED = frozenset({"no-op", "read"})
_MUCH = 1_000_000  # containers made since Python last looked for those that nothing needs: 100 MB, about


class Options(Struct, frozen=True, kw_only=True):
    """How to scan and when to fail. `only` and `skip` hold rule codes or names; `unknown_fails` is `--on-unknown=fail`.

    `today` is the day to judge dates by, the day it is if None. `var_files` are files of variables for Terraform source,
    besides those that Terraform takes by itself; `parameters` are values for those of a template, and `older` is the path of
    an older version of the one template to scan, empty for none. `source` is the directory of the source that plans were made from, empty for
    none, None to look for it. `jobs` is how many processes may be used.

    `severities` replace those of findings, by rule code. `settings` are facts about the account, `ignores` the suppressions of the
    configuration; those in the source count as well if `inline_ignores`. `baseline` is what is known from before.
    `each_fault_once` leaves to the most telling rule what several of those that run say of one fault.
    """

    gate: Gate = Gate()
    unknown_fails: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    today: date | None = None
    var_files: tuple[str, ...] = ()
    parameters: Mapping[str, str] = {}
    older: str = ""
    source: str | None = None
    jobs: int = 1
    severities: tuple[tuple[str, Severity], ...] = ()
    settings: Settings = NOTHING_TOLD
    ignores: tuple[Ignore, ...] = ()
    inline_ignores: bool = True
    baseline: Baseline | None = None
    each_fault_once: bool = False


class Pipeline(Struct, frozen=True):
    """The steps that know a language: bytes to blocks, blocks to estates (before, after), a directory to its inputs."""

    load: Callable[[str], Loaded]
    normalise: Callable[[Loaded], tuple[Estate, Estate]]
    discover: Callable[[str], Discovered] | None = None


def terraform(
    var_files: Sequence[str] = (),
    source: str | None = "",
    *,
    parameters: Mapping[str, str] | None = None,
    older: str = "",
    exports: "Exports | None" = None,
) -> Pipeline:
    """Return the pipeline for all that can be read; the arguments as in `Options` and `load.load`."""
    from .load import load  # noqa: PLC0415  `iacscan rules` and `iacscan explain` read no input
    from .load.discover import discover  # noqa: PLC0415  as above
    from .normalise import normalise, reads  # noqa: PLC0415  as above

    read = partial(load, var_files=var_files, source=source)
    read = partial(read, parameters=parameters, older=older, exports=exports, reads=reads)
    return Pipeline(read, normalise, discover)


def _steps(options: Options, exports: "Exports | None" = None) -> Pipeline:
    values = options.parameters
    return terraform(options.var_files, options.source, parameters=values, older=options.older, exports=exports)


def scan(
    paths: Iterable[str],
    options: Options,
    *,
    rules: Sequence[Rule] | None = None,
    pipeline: Pipeline | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Scan every path (`-` is standard input) and return everything found; a directory stands for all that it holds.

    An input that cannot be read is recorded in the report and the others are still scanned. Raises UsageError for an
    unknown rule and DefectError when iacscan itself fails, so that a defect never looks like a clean run.
    """
    known = guard("loading the rules", all_rules) if rules is None else rules
    chosen = select(known, options)
    steps = guard("loading", _steps, options) if pipeline is None else pipeline
    inputs = _found(paths, steps)
    options = replace(options, today=options.today or utc_today())
    to_scan = [item.path for item in inputs.items]
    if options.older and len(to_scan) != 1:
        message = f"an older version is of one template, and there are {len(to_scan)} inputs to scan; name the template"
        raise UsageError(message)
    exports = guard("reading exports", _exports, to_scan, options.parameters) if pipeline is None else None
    if exports is not None:
        steps = guard("loading", _steps, options, exports)
    if options.jobs > 1 and rules is None and pipeline is None and pays([(i.kind, i.size) for i in inputs.items]):
        progress(f"scanning {len(to_scan)} inputs in {options.jobs} processes")
        work = partial(_scan_apart, options=options, exports=exports and exports.bare())
        results = spread(work, to_scan, options.jobs)
    else:
        names = spellings(known)
        results = []
        for path in to_scan:
            if not gc.isenabled() and gc.get_count()[0] > _MUCH:  # as the command line has it
                gc.collect()
            results.append(_scan_one(path, options, chosen, names, steps, progress))
    findings = list(said_once(results))
    notes = list(_remarks(results, options, chosen))
    if options.baseline is not None:
        scanned = [result.read.path for result in results if result.read.status == "scanned"]
        includes, leaves = ({rule.code: rule.includes for rule in chosen}, {rule.code: rule.leaves for rule in chosen})
        judged = judge(findings, options.baseline, scanned, includes, leaves)
        findings = list(judged.findings)
        notes += [f"of the baseline, {judged.gone} found nothing any more; make it again"] if judged.gone else []
    if options.each_fault_once:  # the last step: whether another finding tells it depends on the states of both
        findings = told_once(findings, {rule.code: rule.tells for rule in chosen if rule.tells})
    return Report(
        inputs=(*inputs.others, *(result.read for result in results), *unreadable(results, inputs.others)),
        findings=tuple(_ordered(findings)),
        rules=tuple(chosen),
        passed=inputs.passed,
        notes=tuple(notes),
    )


def _exports(paths: Sequence[str], parameters: Mapping[str, str]) -> "Exports | None":
    """What templates export to each other, where there are several inputs that may be templates."""
    if len(paths) < 2:  # noqa: PLR2004  to each other
        return None
    from .load.cloudformation_peek import exports_among  # noqa: PLC0415  one input needs none of it

    return exports_among(paths, parameters)


class _Inputs(Struct, frozen=True):
    """What the paths stand for. `others` are inputs that are not scanned, `passed` files that are none."""

    items: tuple[Item, ...]
    others: tuple[Input, ...]
    passed: tuple[str, ...]


def _found(paths: Iterable[str], steps: Pipeline) -> _Inputs:
    items: dict[str, Item] = {}
    others: list[Input] = []
    passed: list[str] = []
    for path in dict.fromkeys(paths):
        if steps.discover is None or path == STDIN or not os.path.isdir(path):  # noqa: PTH112  it may be no path at all
            items.setdefault(path, Item(path, "terraform-plan", _size(path)))
            continue
        try:
            found = guard(f"looking into {path}", steps.discover, path)
        except InputError as error:
            others.append(Input(path=path, status="unreadable", error=str(error)))
            continue
        items.update({item.path: item for item in found.items})
        others += [Input(path=place, status="unreadable", error=str(error)) for place, error in found.faults]
        passed += found.passed
        if not found.items and not found.faults:
            others.append(Input(path=path, status="empty", kind="directory"))
    return _Inputs(tuple(items.values()), tuple(others), tuple(dict.fromkeys(passed)))


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)  # noqa: PTH202  as above
    except (OSError, ValueError):
        return 0  # told of when it is loaded


def _scan_apart(path: str, options: Options, exports: "Exports | None") -> Scanned:
    """Do `_scan_one` in a process of its own."""
    known = guard("loading the rules", all_rules)
    steps = guard("loading", _steps, options, exports)
    return _scan_one(path, options, select(known, options), spellings(known), steps, lambda _: None)


def _scan_one(
    path: str,
    options: Options,
    chosen: Sequence[Rule],
    names: Mapping[str, str],
    steps: Pipeline,
    progress: Progress,
) -> Scanned:
    day = options.today or utc_today()
    progress(f"reading {path}")
    try:
        loaded = guard(f"reading {path}", steps.load, path)
        # Attributes are decoded when they are asked for, so that a broken one shows only here.
        before, after = guard(f"reading {path}", steps.normalise, loaded)
        variants = [_variant(loaded, item) for item in loaded.variants]
        estates = [guard(f"reading {path}", steps.normalise, item) for item in variants]
    except InputError as error:
        return Scanned(Input(path=path, status="unreadable", error=str(error)))
    itself = alone(loaded)
    sides = (itself.before, itself.after, *(item.side for item in itself.variants))
    if loaded.complete and not any(side.blocks for side in sides):  # a part may be empty: nothing changes
        return Scanned(Input(path=path, status="empty", kind=loaded.kind, notes=loaded.notes))
    before, after, *rest = assume((before, after, *chain.from_iterable(estates)), options.settings)
    judged = [
        world(_judge(one, was, will_be, chosen, day, progress), one.after.blocks if loaded.excludes else ())
        for one, was, will_be in zip((loaded, *variants), (before, *rest[::2]), (after, *rest[1::2]), strict=True)
    ]
    others = [(item.label, other) for item, other in zip(loaded.variants, judged[1:], strict=True)]
    elsewhere = [(item.label, other.coverage) for item, other in zip(loaded.variants, rest[1::2], strict=True)]
    found = told(judged[0], others, loaded.excludes)
    read = Input(
        path=path,
        status="scanned",
        kind=loaded.kind,
        coverage=covered(after.coverage, elsewhere),
        complete=loaded.complete,
        unseen=loaded.unevaluated,
        notes=(*loaded.notes, *(loaded.remarks() if loaded.remarks else ())),
    )
    severities = dict(options.severities)
    found = [replace(item, severity=severities.get(item.code, item.severity)) for item in about(found, loaded.beside)]
    written = tuple(guard(f"reading {path}", _written, itself, names)) if options.inline_ignores else ()
    ignores = (*options.ignores, *(item for item in written if isinstance(item, Ignore)))
    marked, used = suppress(found, ignores, day)
    placed = tuple(with_calls(pinpoint(finding, loaded.locate), loaded.calls) for finding in marked)
    return Scanned(read, placed, loaded.source or "", written, frozenset(used), loaded.beside, loaded.faults)


def _written(loaded: Loaded, names: Mapping[str, str]) -> list[Ignore | Faulty]:
    """The suppressions in the source of an input; a plan alone has none."""
    if loaded.kind == "terraform-plan" and not loaded.source:
        return []
    from .written_ignores import written_ignores  # noqa: PLC0415  plans need none of it

    return list(written_ignores(loaded, names))


def _remarks(results: Iterable[Scanned], options: Options, chosen: Iterable[Rule]) -> Iterator[str]:
    """What there is to say about suppressions, over all inputs: one that is needed anywhere is needed."""
    results = list(results)
    written = dict.fromkeys(item for result in results for item in result.written)
    ignores = (*options.ignores, *(item for item in written if isinstance(item, Ignore)))
    faulty = (item for item in written if isinstance(item, Faulty))
    used = {where for result in results for where in result.used}
    return remarks(ignores, faulty, used, frozenset(rule.code for rule in chosen), options.today or utc_today())


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
    codes = spellings(rules)
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


def spellings(rules: Iterable[Rule]) -> dict[str, str]:
    """The codes of rules by all that they may be called, in lower case."""
    return {spelling: rule.code for rule in rules for spelling in (rule.code.lower(), rule.name)}


def _complete(report: Report, gate: Gate) -> bool:
    """Whether every policy was known whole and every rule could decide about what this change answers for."""
    whole = all(
        item.complete and not item.unseen and not item.coverage.partial and not item.coverage.unknown
        for item in report.inputs
    )
    return whole and not any(finding.verdict == "undecided" and gate.concerns(finding) for finding in report.findings)


def _judge(
    loaded: Loaded, before: Estate, after: Estate, rules: Sequence[Rule], day: date, progress: Progress
) -> Iterable[Finding]:
    """Findings of one input with their states."""
    sides = (*loaded.before.blocks, *loaded.after.blocks)
    if all(block.action in _UNCHANGED for block in sides if block.mode == "managed"):
        found = _findings(_world(after, day), rules, loaded.path, progress)
        return [replace(finding, state=State.EXISTING) for finding in found]
    if not loaded.before.blocks:
        return _findings(_world(after, day), rules, loaded.path, progress)
    was = _world(before, day)
    found = _findings(_world(after, day, was), rules, loaded.path, progress)
    includes, leaves = ({rule.code: rule.includes for rule in rules}, {rule.code: rule.leaves for rule in rules})
    return compare(_findings(was, rules, loaded.path, progress), found, includes, leaves)


def _variant(loaded: Loaded, variant: Variant) -> Loaded:
    return replace(loaded, before=variant.before, after=variant.side, variants=())


def _world(estate: Estate, day: date, before: World | None = None) -> World:
    graph = Graph(estate)
    return World(estate=estate, graph=graph, access=Access(graph), today=day, before=before)


def _findings(world: World, rules: Sequence[Rule], path: str, progress: Progress) -> list[Finding]:
    """Run every rule on one side of the change. Equal findings are one."""
    found: dict[tuple[str, str, tuple[str, ...]], Finding] = {}
    for rule in rules:
        progress(f"{path}: {rule.code}")
        for verdict in guard(f"{rule.code} on {path}", _verdicts, rule, world):
            finding = stamp(rule, verdict, world.estate)
            found.setdefault((finding.fingerprint, finding.message, finding.evidence), finding)
    return list(found.values())


def _verdicts(rule: Rule, world: World) -> list[Verdict]:
    return list(rule.check(world))


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
