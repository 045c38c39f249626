"""The command line: `iacscan PATH...`, `iacscan ask`, `iacscan test`, `iacscan rules`, `iacscan explain CODE`, `iacscan doctor`.

Only click is imported at once; what scans is imported when something is scanned, so that help comes at once.
"""

import gc
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from . import __version__
from .configured import configurable, configure, known, with_baseline
from .errors import DefectError, ExitCode, IacscanError, UsageError
from .output import FORMATS, destinations, write_file, write_stdout
from .source_options import source_of, values_of, with_before, with_source, with_values

if TYPE_CHECKING:
    from .baseline import Baseline
    from .config import Config
    from .engine import Options
    from .report import View

_SEVERITIES: Final = ("info", "low", "medium", "high", "critical")
_PATIENCE: Final = 1.0  # seconds before progress is shown
_MAX_WIDTH: Final = 110
_FILE_WIDTH: Final = 100
_ADVICE_ON_DEFECT: Final = "this is a defect of iacscan and not a clean run; please report it with this line"


_SCAN_HELP: Final = """Say what a Terraform plan would do to AWS access, before it is applied.

Make a plan as JSON and scan it:

\b
  terraform plan -out=tfplan
  terraform show -json tfplan > plan.json
  iacscan plan.json

PATH is a plan, a CloudFormation template, a directory, a pattern such as "plans/*.json", or - for standard input. In a
directory, all of these are found, and every root module of Terraform source is evaluated. A plan says more than its
source: what is there already, and what AWS knows. Nothing leaves this machine and nothing that is read is executed.

iacscan tells apart what this change brings or makes worse, which fails the run, and what was there already, which is
counted. What it cannot judge, because a value is known only after apply, is listed as not decided: never as passed.

\b
More commands:
  iacscan baseline PATH  writes down what is found now, so that only what is new or worse fails
  iacscan ask PATH       answers a question: who can do what
  iacscan test FILE PATH holds an input to your own statements about access
  iacscan rules          lists all rules
  iacscan explain CODE   says why a rule matters and how to fix what it finds
  iacscan doctor         says what this installation can read, and what it lacks
"""

_SCAN_EPILOG: Final = """Options can also be set in .iacscan.yaml, and by variables such as IACSCAN_FAIL_ON; docs/configuration.md says how.

\b
Exit codes:
   0  clean: nothing new or worse from --fail-on up
   1  findings
   2  wrong usage
   3  an input could not be read, or there was nothing to scan
   4  something could not be judged, with --on-unknown=fail
  70  iacscan itself failed: please report it
"""

_CONTEXT: Final[dict[str, Any]] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 120,
    "terminal_width": 100,
}


@click.command("iacscan", help=_SCAN_HELP, epilog=_SCAN_EPILOG, context_settings=_CONTEXT, no_args_is_help=False)
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="For people, for programs, for code scanning, for comments, for GitHub's annotations, for GitLab, for Jenkins.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar="[FORMAT=]FILE",
    multiple=True,
    help="Write the report to FILE, whole or not at all. With FORMAT=, write it in that format besides; repeatable.",
)
@click.option(
    "--severity",
    type=click.Choice(_SEVERITIES),
    default="low",
    envvar="IACSCAN_SEVERITY",
    show_default=True,
    help="Show findings from this severity up; the others are counted.",
)
@click.option(
    "--fail-on",
    type=click.Choice((*_SEVERITIES, "never")),
    default="low",
    envvar="IACSCAN_FAIL_ON",
    show_default=True,
    help="Exit with 1 on new or worse findings from this severity up.",
)
@click.option(
    "--on-unknown",
    type=click.Choice(("warn", "fail")),
    default="warn",
    envvar="IACSCAN_ON_UNKNOWN",
    show_default=True,
    help="Whether to exit with 4 when a policy or a finding could not be judged.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    envvar="IACSCAN_ALL",
    help="Show what was there already, and let it fail the run too.",
)
@click.option(
    "--only", metavar="CODE", multiple=True, envvar="IACSCAN_ONLY", help="Run only these rules (IAM902,IAM401)."
)
@click.option("--skip", metavar="CODE", multiple=True, envvar="IACSCAN_SKIP", help="Do not run these rules.")
@with_values
@with_before
@with_source
@with_baseline
@configurable
@click.option("-v", "--verbose", is_flag=True, help="Name the files that were passed over.")
@click.option("--no-color", is_flag=True, help="No colour on a terminal; so does the variable NO_COLOR.")
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s", prog_name="iacscan")
def scan(paths: tuple[str, ...], **chosen: Any) -> int:  # noqa: ANN401  click's parameters, named above
    """Scan; the help text is above."""
    config = configure(chosen)
    paths = paths or config.paths
    if not paths:
        message = "no PATH given; try: iacscan plan.json, or iacscan --help"
        raise UsageError(message)
    from . import engine, report  # noqa: PLC0415  help and version need neither

    options = _options(chosen, config, known(config, chosen["baseline_file"]))
    instead, besides = destinations(chosen["outputs"])
    progress = _Progress()
    found = engine.scan(_expand(paths), options, progress=progress)
    progress.clear()
    for file, form in besides.items():
        view = _view(chosen, options, terminal=False)
        write_file(file, engine.guard("writing the report", report.render, found, form, view))
    view = _view(chosen, options, terminal=instead is None and sys.stdout.isatty())
    text = engine.guard("writing the report", report.render, found, chosen["form"], view)
    if instead is not None:
        write_file(instead, text)
    else:
        write_stdout(text)
    if instead is not None or chosen["form"] != "text":
        for item in found.inputs:
            if item.status != "scanned":
                _say(f"{item.path}: {item.error or 'holds no resources: nothing to scan'}")
    return engine.exit_code(found, options)


@click.command("iacscan baseline", context_settings=_CONTEXT)
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option("-o", "--output", metavar="FILE", help="Write the baseline to FILE, whole or not at all.")
@with_values
@with_source
@configurable
def baseline(paths: tuple[str, ...], **chosen: Any) -> int:  # noqa: ANN401  as in `scan`
    """Write down what is found now, so that from now on only new and worse findings fail a run.

    Put it into .iacscan-baseline.json, and look through it as through code: what stands in it fails nothing any more, until it
    grows worse.
    """
    config = configure(chosen)
    if not (paths or config.paths):
        message = "no PATH given; try: iacscan baseline plan.json > .iacscan-baseline.json"
        raise UsageError(message)
    from . import baseline as known_findings  # noqa: PLC0415  as in `scan`
    from . import engine  # noqa: PLC0415  as in `scan`

    options = _options(chosen, config)
    found = engine.scan(_expand(paths or config.paths), options)
    for item in found.inputs:
        if item.status != "scanned":
            _say(f"{item.path}: {item.error or 'holds no resources: nothing to scan'}")
    if engine.exit_code(found, options) is ExitCode.INPUT:
        return ExitCode.INPUT
    text = known_findings.write(found.findings)
    if chosen["output"]:
        write_file(chosen["output"], text)
    else:
        write_stdout(text)
    return ExitCode.CLEAN


@click.command("iacscan rules", context_settings=_CONTEXT)
def rules() -> int:
    """List all rules: code, severity, name and what is wrong, by tip."""
    from .rules._registry import all_rules  # noqa: PLC0415  imports every rule

    width = max((len(rule.name) for rule in all_rules()), default=0)
    lines = []
    for rule in all_rules():
        summary = " ".join(rule.summary.split())
        lines.append(f"{rule.code}  {rule.severity.label:<8}  {rule.name:<{width}}  {summary}\n")
    write_stdout("".join(lines))
    return 0


@click.command("iacscan doctor", context_settings=_CONTEXT)
def doctor() -> int:
    """Say what this installation can read, and what it lacks."""
    from .doctor import report  # noqa: PLC0415  needed for this command only

    text, whole = report()
    write_stdout(text)
    return 0 if whole else ExitCode.USAGE


@click.command("iacscan explain", context_settings=_CONTEXT)
@click.argument("code")
def explain(code: str) -> int:
    """Say why a rule matters, how to fix what it finds, and what it leaves alone. CODE is a code or a name."""
    from .rules._registry import find_rule  # noqa: PLC0415  imports every rule

    rule = find_rule(code)
    sections = [
        f"{rule.code} {rule.name} ({rule.severity.label})\n\n{rule.summary}",
        f"Why it matters\n\n{rule.why}",
        f"How to fix it\n\n{rule.fix}",
        f"How to fix it in CloudFormation\n\n{rule.template_fix}" if rule.template_fix else "",
        f"What it leaves alone\n\n{rule.notes}" if rule.notes else "",
        f"When it cannot tell\n\n{rule.uncertain}" if rule.uncertain else "",
        "References\n\n" + "\n".join(rule.references),
        "Controls\n\n" + "\n".join(rule.controls) if rule.controls else "",
    ]
    write_stdout("\n\n".join(section for section in sections if section) + "\n")
    return 0


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit. A file that is called like a command is given as ./rules."""
    # A scan makes many objects and drops few of them in cycles: looking for these takes up to a fifth of its time and
    # frees nothing. Between inputs, `engine` looks once; at the end, the process takes everything with it.
    gc.disable()
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = _command(given[0] if given else "")
    if command is not scan:
        given = given[1:]
    code = _run(command, given)
    gc.freeze()  # else Python would look through all that is left
    sys.exit(code)


def _command(name: str) -> click.Command:
    """The command that is called so; what is not called like one is a path to scan."""
    if name in {"ask", "test"}:
        from . import ask  # noqa: PLC0415  a scan needs neither

        return ask.ask if name == "ask" else ask.test
    commands = {"baseline": baseline, "rules": rules, "explain": explain, "doctor": doctor}
    return commands.get(name, scan)


def help_text() -> str:
    """What `iacscan --help` prints, as docs/help.txt holds it."""
    with click.Context(scan, info_name="iacscan", **_CONTEXT) as context:
        return scan.get_help(context) + "\n"


def _run(command: click.Command, given: list[str]) -> int:
    try:
        return int(command.main(given, prog_name=command.name, standalone_mode=False, obj=write_stdout) or 0)
    except click.ClickException as error:
        _say(f"{error.format_message()} (iacscan --help says what there is)")
        return ExitCode.USAGE
    except UsageError as error:
        _say(str(error))
        return ExitCode.USAGE
    except DefectError as error:
        _say(f"{error}; {_ADVICE_ON_DEFECT}")
        return ExitCode.DEFECT
    except IacscanError as error:
        _say(str(error))
        return ExitCode.INPUT
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted")
        return 130  # 128 + SIGINT, as shells have it


def _options(chosen: dict[str, Any], config: "Config", known: "Baseline | None" = None) -> "Options":
    from .change import Gate  # noqa: PLC0415  as in `scan`
    from .engine import Options, guard, spellings  # noqa: PLC0415  as in `scan`
    from .finding import Severity  # noqa: PLC0415  as in `scan`
    from .rules._registry import all_rules  # noqa: PLC0415  as in `scan`

    values = values_of(chosen)
    if config.severities or config.ignores:
        config = config.resolved(spellings(guard("loading the rules", all_rules)))
    fail_on = chosen.get("fail_on", "never")
    return Options(
        gate=Gate(
            fail_on=None if fail_on == "never" else Severity[fail_on.upper()],
            everything=chosen.get("everything", False),
        ),
        unknown_fails=chosen.get("on_unknown") == "fail",
        only=_codes(chosen.get("only", ())),
        skip=_codes(chosen.get("skip", config.options.get("skip", ()))),
        var_files=values.var_files,
        parameters=values.parameters,
        older=chosen.get("before", ""),
        source=source_of(chosen),
        jobs=os.cpu_count() or 1,
        severities=tuple(config.severities.items()),
        settings=config.settings,
        ignores=config.ignores,
        inline_ignores=chosen["inline_ignores"],
        baseline=known,
        each_fault_once="baseline_file" in chosen,  # a baseline has all that all rules say
    )


def _codes(given: tuple[str, ...]) -> tuple[str, ...]:
    """Codes may be given one at a time or with commas between them."""
    return tuple(code.strip() for item in given for code in item.split(",") if code.strip())


def _view(chosen: dict[str, Any], options: "Options", *, terminal: bool) -> "View":
    from .finding import Severity  # noqa: PLC0415  as in `scan`
    from .report import View  # noqa: PLC0415  as in `scan`

    plain = chosen["no_color"] or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return View(
        severity=Severity[chosen["severity"].upper()],
        gate=options.gate,
        width=min(_columns(), _MAX_WIDTH) if terminal else _FILE_WIDTH,
        colour=terminal and not plain,
        verbose=chosen["verbose"],
    )


def _columns() -> int:
    import shutil  # noqa: PLC0415  brings archives and compression with it, and only terminals need it

    return shutil.get_terminal_size().columns


def _expand(paths: Sequence[str]) -> list[str]:
    """Resolve patterns that the shell has left alone. One that matches nothing stays: it is then reported as missing."""
    found: list[str] = []
    for path in paths:
        if path == "-" or os.path.lexists(path):
            found.append(path)
            continue
        import glob  # noqa: PLC0415  only where the shell did not expand

        found += sorted(glob.glob(path, recursive=True)) or [path]  # noqa: PTH207  the pattern may be absolute
    return found


class _Progress:
    """Says on standard error what is being done, if that is a terminal and the work takes long."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._shown = False

    def __call__(self, what: str) -> None:
        if sys.stderr.isatty() and time.monotonic() - self._start > _PATIENCE:
            width = _columns() - 1
            sys.stderr.write(f"\r\x1b[K{_clean(what)[:width]}")
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _clean(text: str) -> str:
    from .report import clean  # noqa: PLC0415  only needed when something is said

    return clean(text)


def _say(line: str) -> None:
    """Print one line to standard error."""
    click.echo(f"iacscan: {_clean(line)}", err=True)
