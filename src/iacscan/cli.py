"""The command line: `iacscan PATH...`, `iacscan rules`, `iacscan explain CODE`.

Only click is imported at once; what scans is imported when something is scanned, so that help comes at once.
"""

import gc
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from . import __version__
from .errors import DefectError, ExitCode, IacscanError, UsageError

if TYPE_CHECKING:
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

PATH is a plan, a pattern such as "plans/*.json", or - for standard input. Nothing leaves this machine and nothing that
is read is executed.

iacscan tells apart what this change brings or makes worse, which fails the run, and what was there already, which is
counted. What it cannot judge, because a value is known only after apply, is listed as not decided: never as passed.

\b
Two more commands:
  iacscan rules          lists all rules
  iacscan explain CODE   says why a rule matters and how to fix what it finds
"""

_SCAN_EPILOG: Final = """\b
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
    type=click.Choice(("text", "json", "sarif")),
    default="text",
    show_default=True,
    help="For people, for programs, for code scanning.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the report to FILE, whole or not at all.")
@click.option(
    "--severity",
    type=click.Choice(_SEVERITIES),
    default="low",
    show_default=True,
    help="Show findings from this severity up; the others are counted.",
)
@click.option(
    "--fail-on",
    type=click.Choice((*_SEVERITIES, "never")),
    default="low",
    show_default=True,
    help="Exit with 1 on new or worse findings from this severity up.",
)
@click.option(
    "--on-unknown",
    type=click.Choice(("warn", "fail")),
    default="warn",
    show_default=True,
    help="Whether to exit with 4 when a policy or a finding could not be judged.",
)
@click.option("--all", "everything", is_flag=True, help="Show what was there already, and let it fail the run too.")
@click.option("--only", metavar="CODE", multiple=True, help="Run only these rules (IAM902,IAM401).")
@click.option("--skip", metavar="CODE", multiple=True, help="Do not run these rules.")
@click.option("--no-color", is_flag=True, help="No colour on a terminal; so does the variable NO_COLOR.")
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s", prog_name="iacscan")
def scan(paths: tuple[str, ...], **chosen: Any) -> int:  # noqa: ANN401  click's parameters, named above
    """Scan; the help text is above."""
    if not paths:
        message = "no PATH given; try: iacscan plan.json, or iacscan --help"
        raise UsageError(message)
    from . import engine, report  # noqa: PLC0415  help and version need neither

    options = _options(chosen)
    view = _view(chosen, options)
    progress = _Progress()
    found = engine.scan(_expand(paths), options, progress=progress)
    progress.clear()
    text = engine.guard("writing the report", report.render, found, chosen["form"], view)
    if chosen["output"]:
        _write_file(chosen["output"], text)
    else:
        _write_stdout(text)
    if chosen["output"] or chosen["form"] != "text":
        for item in found.inputs:
            if item.status != "scanned":
                _say(f"{item.path}: {item.error or 'holds no resources: nothing to scan'}")
    return engine.exit_code(found, options)


@click.command("iacscan rules", context_settings=_CONTEXT)
def rules() -> int:
    """List all rules: code, severity, name and what is wrong, by tip."""
    from .rules._registry import all_rules  # noqa: PLC0415  imports every rule

    width = max((len(rule.name) for rule in all_rules()), default=0)
    lines = []
    for rule in all_rules():
        summary = " ".join(rule.summary.split())
        lines.append(f"{rule.code}  {rule.severity.label:<8}  {rule.name:<{width}}  {summary}\n")
    _write_stdout("".join(lines))
    return 0


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
        f"What it leaves alone\n\n{rule.notes}" if rule.notes else "",
        f"When it cannot tell\n\n{rule.uncertain}" if rule.uncertain else "",
        "References\n\n" + "\n".join(rule.references),
        "Controls\n\n" + "\n".join(rule.controls) if rule.controls else "",
    ]
    _write_stdout("\n\n".join(section for section in sections if section) + "\n")
    return 0


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit. A file that is called like a command is given as ./rules."""
    # A scan makes many objects and drops few of them in cycles: looking for these takes up to a fifth of its time and
    # frees nothing. Between inputs, `engine` looks once; at the end, the process takes everything with it.
    gc.disable()
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = {"rules": rules, "explain": explain}.get(given[0] if given else "", scan)
    if command is not scan:
        given = given[1:]
    code = _run(command, given)
    gc.freeze()  # else Python would look through all that is left
    sys.exit(code)


def help_text() -> str:
    """What `iacscan --help` prints, as docs/help.txt holds it."""
    with click.Context(scan, info_name="iacscan", **_CONTEXT) as context:
        return scan.get_help(context) + "\n"


def _run(command: click.Command, given: list[str]) -> int:
    try:
        return int(command.main(given, prog_name=command.name, standalone_mode=False) or 0)
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


def _options(chosen: dict[str, Any]) -> "Options":
    from .change import Gate  # noqa: PLC0415  as in `scan`
    from .engine import Options  # noqa: PLC0415  as in `scan`
    from .finding import Severity  # noqa: PLC0415  as in `scan`

    fail_on = None if chosen["fail_on"] == "never" else Severity[chosen["fail_on"].upper()]
    return Options(
        gate=Gate(fail_on=fail_on, everything=chosen["everything"]),
        unknown_fails=chosen["on_unknown"] == "fail",
        only=_codes(chosen["only"]),
        skip=_codes(chosen["skip"]),
    )


def _codes(given: tuple[str, ...]) -> tuple[str, ...]:
    """Codes may be given one at a time or with commas between them."""
    return tuple(code.strip() for item in given for code in item.split(",") if code.strip())


def _view(chosen: dict[str, Any], options: "Options") -> "View":
    from .finding import Severity  # noqa: PLC0415  as in `scan`
    from .report import View  # noqa: PLC0415  as in `scan`

    terminal = sys.stdout.isatty() and not chosen["output"]
    plain = chosen["no_color"] or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return View(
        severity=Severity[chosen["severity"].upper()],
        gate=options.gate,
        width=min(_columns(), _MAX_WIDTH) if terminal else _FILE_WIDTH,
        colour=terminal and not plain,
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


def _write_stdout(text: str) -> None:
    """Write to standard output; a reader that has gone away (`| head`) is no error."""
    try:
        sys.stdout.buffer.write(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at exit, which would fail again and change the exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_file(path: str, text: str) -> None:
    """Replace a file in one step, so that no reader ever sees half a report. Pipes and devices are written to directly.

    Raises UsageError if that is not possible.
    """
    import tempfile  # noqa: PLC0415  only needed here

    target = Path(path)
    content = text.encode("utf-8", "backslashreplace")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        target = target.resolve()  # a link stays a link
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as directory:
            whole = Path(directory, target.name)
            whole.write_bytes(content)
            whole.replace(target)
    except OSError as error:
        message = f"the report cannot be written to {path}: {error.strerror}"
        raise UsageError(message) from error


def _clean(text: str) -> str:
    from .report import clean  # noqa: PLC0415  only needed when something is said

    return clean(text)


def _say(line: str) -> None:
    """Print one line to standard error."""
    click.echo(f"iacscan: {_clean(line)}", err=True)
