"""iacscan inside Checkov: `checkov -d . --external-checks-dir checks`. The only module that imports Checkov.

Checkov builds a graph of the blocks that it has read and hands it to a registry of checks, once for Terraform source, plans and
templates each. There this module steps in: it scans the files that the blocks stand in with iacscan itself, and gives Checkov
the findings for the blocks that they are about. So the verdicts are those of `iacscan` on the same files, with `.iacscan.yaml`
and suppressions in the source, and Checkov does all that it does with its own: `--check`, `--skip-check`, comments, baselines,
reports.

What differs, because Checkov has no words for it:

- Findings of one rule on one resource are one failed check, with the severity of the worst.
- Checkov judges what will be there, not the change: what was there before fails too, and says so.
- What several rules say of one fault, each of them says: a check that left it to another one would pass.
- What cannot be decided is neither passed nor failed. It is counted in a warning on standard error.
- A finding on what Checkov has no block for (a provider, a resource that goes away) is shown at another block of the same
  file, with its own address in the details.
- A rule passes on resources of the types that its examples report, and only where everything was read.

Checkov scans on, and ends well, when a check crashes. So whatever goes wrong here is a failed check, IAM000.
"""

import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from checkov.common.bridgecrew.severities import Severities
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck
from checkov.common.models.enums import CheckResult
from checkov.common.output.report import Report as CheckovReport
from checkov.runner_filter import RunnerFilter
from checkov.version import version as checkov_version
from msgspec import Struct
from msgspec.structs import replace

from .errors import IacscanError, UsageError
from .finding import Finding, Severity, State
from .load.terraform_names import is_source
from .report import View, clean
from .report.text import short_fix

if TYPE_CHECKING:
    from .engine import Options
    from .report import Report
    from .rules._rule import Rule

OLDEST: Final = (3, 2, 0)
BROKEN: Final = "IAM000"  # the code of what iacscan says about itself

# What Checkov calls a check, a block and a result has no types of its own.
_Check = Any
_Block = dict[str, Any]
_Results = dict[_Check, list[dict[str, Any]]]

_FRAMEWORKS: Final = ("terraform", "cloudformation")  # the registry for Terraform serves plans too
_SHOWN_AT: Final = frozenset({"resource", "data"})
_DETAILS: Final = (
    "iacscan_details"  # Checkov carries a result from the registry to its record, and looks at its own keys only
)
_STATES: Final = {State.EXISTING: " (there before this change)", State.WORSE: " (worse than before this change)"}
_SHOWN: Final = View()
_BLOCKS: Final = re.compile(r"^(?=\w+ )", re.MULTILINE)
_RESOURCE: Final = re.compile(r'resource "(\w+)"')
_MARK: Final = re.compile(r"#\s*(?:bad|undecided)\b")

_log: Final = logging.getLogger(__name__)


class _Place(Struct, frozen=True, eq=False):
    """A block of Checkov's that results can be shown at. `address` is that of our findings: a logical id in templates.

    `file` is where it is written, `input` what has to be scanned for it: its root module, or the file. Both are absolute.
    """

    block: _Block
    file: str
    input: str
    address: str
    type: str
    line: int

    def __hash__(self) -> int:
        """Of the block itself: Checkov's dictionaries have no hash, and each is another place."""
        return id(self.block)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Place) and other.block is self.block


@cache
def register() -> None:
    """Give Checkov's registries our rules; a second call does nothing.

    Raises UsageError if this Checkov is too old.
    """
    if tuple(int(number) for number in re.findall(r"\d+", checkov_version)[:3]) < OLDEST:
        message = f"Checkov {checkov_version} is too old; iacscan needs {'.'.join(map(str, OLDEST))} or newer"
        raise UsageError(message)
    for framework in _FRAMEWORKS:
        registry = get_graph_checks_registry(framework)
        registry.run_checks = partial(_run_checks, registry.run_checks)
    CheckovReport.add_record = _with_details(CheckovReport.add_record)


def _with_details(add_record: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Let records have the details of their results: Checkov itself passes on those of other kinds of checks only."""

    def add(report: Any, record: Any) -> None:  # noqa: ANN401  Checkov's types
        record.details = record.check_result.pop(_DETAILS, None) or record.details
        add_record(report, record)

    return add


def _run_checks(
    theirs: Callable[..., _Results],
    graph_connector: Any,  # noqa: ANN401  Checkov's type
    runner_filter: Any,  # noqa: ANN401  Checkov's type
    report_type: str,
) -> _Results:
    """Stand in for the registry's method: its results, and ours."""
    results = dict(theirs(graph_connector, runner_filter, report_type))
    places = sorted(_places(graph_connector), key=lambda place: (place.file, place.line, place.address))
    if places:
        ours = _Ours(runner_filter, report_type)
        try:
            from .engine import guard  # noqa: PLC0415  Checkov loads us in some twenty processes, and most have no use for us

            guard("the bridge to Checkov", _judge, places, ours)
        except (IacscanError, ImportError) as error:
            ours.broken(f"iacscan failed, so nothing of it was checked: {error}", places[0])
        results.update(ours.results)
    return results


def _places(graph: Any) -> Iterator[_Place]:  # noqa: ANN401  of rustworkx, or of networkx if the environment says so
    nodes = graph.nodes() if hasattr(graph, "node_indices") else graph.nodes(data=True)
    for _, block in nodes:
        file = os.path.abspath(block.get("file_path_") or "")  # noqa: PTH100  as Checkov has it: links are not resolved
        if block.get("block_type_") not in _SHOWN_AT or file.endswith(".hcl"):  # of Terragrunt and Packer
            continue
        if str(block.get("block_name_")).count(".") != 1:
            continue  # Checkov takes names apart at dots, and loses instances that have one in their key
        type_ = str(block.get("resource_type") or "")
        address = block.get("__address__")
        if not address:
            address = str(block.get("block_name_")).removeprefix(f"{type_}.")
        line = block.get("__start_line__") or block.get("__startline__") or 0
        yield _Place(block, file, _input(file, block), address, type_, line)


def _input(file: str, block: _Block) -> str:
    """The directory of the root module that a block of source belongs to; of all else, the file."""
    if not is_source(os.path.basename(file)):  # noqa: PTH119  as above
        return file
    module = block.get("source_module_object_")
    while module:
        plain = module if isinstance(module, dict) else vars(module)
        file, module = os.path.abspath(plain["path"]), plain["nested_tf_module"]  # noqa: PTH100  as above
    return os.path.dirname(file)  # noqa: PTH120  as above


class _Ours:
    """The results that we give to Checkov, as far as its options ask for them."""

    def __init__(self, runner_filter: Any, report_type: str) -> None:  # noqa: ANN401  Checkov's type
        self._filter = runner_filter
        self._report_type = report_type
        self._checks: dict[tuple[str, Severity], _Check] = {}
        self.results: _Results = {}
        self.codes: tuple[str, ...] = tuple(f"IAM{number:03}" for number in range(1000))  # until the rules are known
        self.var_files = tuple(runner_filter.var_files or ())

    def name(self, rules: Iterable["Rule"]) -> bool:
        """Make the codes of rules known to Checkov, and say whether any of them is asked for."""
        self.codes = (BROKEN, *(rule.code for rule in rules))
        return any(self._asked(_check(code, code, severity)) for code in self.codes[1:] for severity in Severity)

    def add(self, rule: "Rule", severity: Severity, result: dict[str, Any]) -> None:
        """Add a result of a rule."""
        key = (rule.code, severity)
        if key not in self._checks:
            self._checks[key] = _check(*key[:1], rule.summary, severity, rule.references[0])
        check = self._checks[key]
        if self._asked(check):
            self.results.setdefault(check, []).append(result)

    def broken(self, because: str, place: _Place) -> None:
        """Add a failed check that says what could not be done, under a code that is asked for."""
        for code in self.codes:
            check = _check(code, because, Severity.CRITICAL)
            if self._asked(check):
                self.results[check] = [_result(CheckResult.FAILED, place, [because])]
                return

    def _asked(self, check: _Check) -> bool:
        RunnerFilter.notify_external_check(check.id)
        return bool(self._filter.should_run_check(check, report_type=self._report_type))


def _check(code: str, name: str, severity: Severity, guideline: str | None = None) -> _Check:
    check = BaseGraphCheck()
    check.id, check.name, check.category, check.guideline = code, name, "IAM", guideline
    check.severity = Severities[severity.name]
    return check


def _result(result: CheckResult, place: _Place, details: list[str]) -> dict[str, Any]:
    return {"result": result, "entity": place.block, "evaluated_keys": [], _DETAILS: details}


def _judge(places: list[_Place], ours: _Ours) -> None:
    """Scan what the blocks stand in, and hand over the results."""
    from .engine import scan, terraform  # noqa: PLC0415  as above
    from .rules._registry import all_rules  # noqa: PLC0415  as above

    rules = {rule.code: rule for rule in all_rules()}
    if not ours.name(rules.values()):
        return
    options = _options(ours.var_files)
    as_named = replace(
        terraform(options.var_files, options.source), discover=None
    )  # a root module, and not all that lies below it
    report = scan([_shown(path) for path in sorted({place.input for place in places})], options, pipeline=as_named)
    finder = _Finder(places)
    for item in report.inputs:
        if item.status == "unreadable":
            ours.broken(f"iacscan cannot read {item.path}: {item.error}", finder.near(item.path))
    found = _by_place(report.findings, finder)
    for (code, place), findings in found.items():
        shown = [one for one in findings if one.verdict == "violation" and _SHOWN.shows(one)]
        if shown:
            ours.add(rules[code], *_judged(place, shown))
    for place in _known_whole(report, places):
        for rule in report.rules:
            if place.type in _subjects(rules[rule.code]) and (rule.code, place) not in found:
                ours.add(rules[rule.code], rule.severity, _result(CheckResult.PASSED, place, []))
    _warn(report)


def _shown(path: str) -> str:
    """A path as one would write it: from the working directory, if it is below."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def _options(var_files: tuple[str, ...]) -> "Options":
    """How to scan: as the configuration of the working directory says."""
    from .config import load  # noqa: PLC0415  as in `_run_checks`
    from .engine import Options, spellings  # noqa: PLC0415  likewise
    from .rules._registry import all_rules  # noqa: PLC0415  likewise

    config = load().resolved(spellings(all_rules()))
    return Options(
        only=config.options.get("only", ()),
        skip=config.options.get("skip", ()),
        inline_ignores=config.options.get("inline_ignores", True),
        severities=tuple(config.severities.items()),
        settings=config.settings,
        ignores=config.ignores,
        var_files=(*config.options.get("var_files", ()), *var_files),
    )


class _Finder:
    """Finds the block that a finding is about."""

    def __init__(self, places: list[_Place]) -> None:
        self._places = places
        self._by_address: dict[tuple[str, str], _Place] = {}
        self._by_line: dict[tuple[str, int], _Place] = {}
        for place in places:
            self._by_address.setdefault((place.input, place.address), place)
            self._by_line.setdefault((place.file, place.line), place)

    def find(self, finding: Finding) -> _Place:
        """The block by its address or by its line, or another one that is close."""
        subject = finding.subject
        path = os.path.abspath(subject.input)  # noqa: PTH100  as in `_places`
        for address in (subject.address, subject.resource):
            if (path, address) in self._by_address:
                return self._by_address[path, address]
        if subject.span is None:
            return self.near(path)
        file = os.path.abspath(subject.span.file)  # noqa: PTH100  as in `_places`
        return self._by_line.get((file, subject.span.line)) or self.near(file, path)

    def near(self, *paths: str) -> _Place:
        """A block in one of these files or inputs, or else any: better to say something in the wrong place than nothing."""
        for path in map(os.path.abspath, paths):
            for place in self._places:
                if path in (place.file, place.input):
                    return place
        return self._places[0]


def _by_place(findings: Iterable[Finding], finder: _Finder) -> dict[tuple[str, _Place], list[Finding]]:
    """All that is said of what will be there, also what cannot be decided, by rule and block."""
    found: dict[tuple[str, _Place], list[Finding]] = {}
    for finding in findings:
        if finding.state is not State.FIXED:
            found.setdefault((finding.code, finder.find(finding)), []).append(finding)
    return found


def _judged(place: _Place, findings: list[Finding]) -> tuple[Severity, dict[str, Any]]:
    """What a rule has against a block: a failure, unless all of it is suppressed."""
    open_ = [finding for finding in findings if not finding.suppressed]
    told = open_ or findings
    details = [line for finding in told for line in _details(finding, place)]
    result = _result(CheckResult.FAILED if open_ else CheckResult.SKIPPED, place, details)
    if not open_:
        reasons = (finding.suppression.reason for finding in findings if finding.suppression)
        result["suppress_comment"] = "; ".join(dict.fromkeys(reasons))
    return max(finding.severity for finding in told), result


def _details(finding: Finding, place: _Place) -> Iterator[str]:
    """What the report for people says of a finding, in lines."""
    subject = finding.subject
    who = "" if place.address == subject.address else f"{subject.address}: "
    yield clean(f"{who}{finding.message}{_STATES.get(finding.state, '')}")
    if subject.span is not None and (who or subject.span.line != place.line):
        yield clean(f"at {subject.span.file}:{subject.span.line}")
    yield from (f"| {clean(' '.join(line.split()))}" for line in finding.evidence)
    yield from (clean(f"with {item.origin.address}: {item.note}") for item in finding.related)
    yield clean(f"fix: {short_fix(finding)}")


def _known_whole(report: "Report", places: Iterable[_Place]) -> Iterator[_Place]:
    """The blocks that rules can pass on: nothing around them was left out, and no policy of theirs is unknown."""
    whole = {
        os.path.abspath(item.path)  # noqa: PTH100  as in `_places`
        for item in report.inputs
        if item.status == "scanned" and item.complete and not item.unseen
    }
    unknown = [where for item in report.inputs for where, _ in item.coverage.unknown]
    for place in places:
        if place.input in whole and not any(f"{where}.".startswith(f"{place.address}.") for where in unknown):
            yield place


@cache
def _subjects(rule: "Rule") -> frozenset[str]:
    """The types of resources that a rule can be about, in both languages: those that its examples report."""
    from .normalise.cloudformation.respell import TYPES  # noqa: PLC0415  as in `_run_checks`

    blocks = (block for example in rule.examples for block in _BLOCKS.split(example.terraform) if _MARK.search(block))
    types = {match[1] for match in map(_RESOURCE.match, blocks) if match}
    templates = (
        type_ for type_, row in TYPES.items() if types & {row.type, *(companion.type for companion in row.companions)}
    )
    return frozenset((*types, *templates))


def _warn(report: "Report") -> None:
    """Say what was neither passed nor failed: Checkov has no place for it."""
    undecided = Counter(
        one.subject.input for one in report.findings if one.verdict == "undecided" and not one.suppressed
    )
    for item in report.inputs:
        count = undecided[item.path] + len(item.coverage.unknown)
        if count:
            _log.warning("iacscan could not decide %d things in %s; `iacscan %s` lists them", count, *[item.path] * 2)
        for place in item.unseen:
            _log.warning("iacscan did not see all of %s: %s", item.path, place)
