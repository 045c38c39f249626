"""The commands `iacscan ask` and `iacscan test`. What they print goes through `write`, which the command line gives them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from .configured import configure, with_configuration
from .errors import UsageError
from .source_options import source_of, values_of, with_source, with_values

if TYPE_CHECKING:
    from .answers import Source
    from .may import Given
    from .questions import Question

Write: TypeAlias = Callable[[str], None]

_CONTEXT: Final[dict[str, Any]] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 120,
    "terminal_width": 100,
}
_EVERYBODY: Final = "*"

_ASK_HELP: Final = """Answer one question about access, from all policies of an input together.

\b
  iacscan ask plan.json --can role/ci-deploy iam:PassRole role/admin
  iacscan ask plan.json --who s3:GetObject bucket/logs/x
  iacscan ask plan.json --public

PATH is what `iacscan PATH` takes. PRINCIPAL is role/NAME, user/NAME, group/NAME, permission-set/NAME, an address, an ARN, an
account id, a service (lambda.amazonaws.com), anyone or any-account. RESOURCE is an ARN, an address, bucket/NAME/KEY, role/NAME or *.

Keys of conditions that are not given with --context are unknown: yes and no hold whatever they are. An action or resource with
wildcards means all of it for --can, none of it for --cannot, and some of it for --who.
"""

_ASK_EPILOG: Final = """\b
Exit codes:
   0  yes
   1  no
   2  wrong usage, or a name that is not in the input
   3  the input could not be read
   4  unknown; the answer says what it depends on
"""


def _wide(name: str, values: int, metavar: str, text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return an option that takes several values."""
    return click.option(f"--{name}", name, nargs=values, metavar=metavar, help=text)


@click.command("iacscan ask", help=_ASK_HELP, epilog=_ASK_EPILOG, context_settings=_CONTEXT)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@_wide("can", 3, "PRINCIPAL ACTION RESOURCE", "Is it allowed?")
@_wide("cannot", 3, "PRINCIPAL ACTION RESOURCE", "Is it certain not to be allowed?")
@_wide("who", 2, "ACTION RESOURCE", "Is there anybody who may, and who?")
@click.option("--public", is_flag=True, help="Is anything open to strangers, and what?")
@click.option(
    "--escalates",
    metavar="[PRINCIPAL]",
    is_flag=False,
    flag_value=_EVERYBODY,
    help="Can it, or can anybody, gain more rights than it has, and how? Stands after PATH.",
)
@click.option(
    "--context", "held", metavar="KEY=VALUE", multiple=True, help="What the request has under a condition key."
)
@click.option(
    "--without", "absent", metavar="KEY", multiple=True, help="A condition key that the request does not have."
)
@with_values
@with_source
@with_configuration
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="For people, for programs.",
)
@click.pass_obj
def ask(write: Write, /, paths: tuple[str, ...], form: str, **chosen: Any) -> int:  # noqa: ANN401  click's parameters, named above
    """Ask; the help text is above."""
    from . import answers  # noqa: PLC0415  help needs none of it

    questions = list(_questions(chosen, _given(chosen["held"], chosen["absent"])))
    if len(questions) != 1:
        message = "ask one question: --can, --cannot, --who, --public or --escalates; `iacscan test` asks many"
        raise UsageError(message)
    replies = answers.ask(_sources(paths, chosen), questions[0])
    write(answers.json(replies) if form == "json" else answers.text(replies))
    return replies.exit_code


def _sources(paths: tuple[str, ...], chosen: dict[str, Any]) -> "tuple[Source, ...]":
    """The inputs, read with the values, the source and the configuration that are chosen."""
    from . import answers  # noqa: PLC0415  as in `ask`

    config = configure(chosen)
    var_files, parameters = values_of(chosen)
    return answers.read(
        paths, var_files=var_files, parameters=parameters, source=source_of(chosen), settings=config.settings
    )


def _questions(chosen: dict[str, Any], given: "Given") -> Iterator["Question"]:
    from .questions import Question  # noqa: PLC0415  as in `ask`

    if chosen["can"]:
        principal, action, resource = chosen["can"]
        yield Question(ask="can", principal=principal, action=action, resource=resource, given=given)
    if chosen["cannot"]:
        principal, action, resource = chosen["cannot"]
        yield Question(ask="cannot", principal=principal, action=action, resource=resource, given=given)
    if chosen["who"]:
        action, resource = chosen["who"]
        yield Question(ask="who", action=action, resource=resource, given=given)
    if chosen["public"]:
        yield Question(ask="public")
    if chosen["escalates"] is not None:
        named = chosen["escalates"]
        yield Question(ask="escalates", principal="" if named == _EVERYBODY else named)


def _given(held: tuple[str, ...], absent: tuple[str, ...]) -> "Given":
    from .may import Given  # noqa: PLC0415  as in `ask`

    values: dict[str, tuple[str, ...]] = {}
    for item in held:
        key, equals, value = item.partition("=")
        if not equals or not key:
            message = f"--context {item}: write KEY=VALUE, as in --context aws:SourceIp=192.0.2.1"
            raise UsageError(message)
        values[key.lower()] = (*values.get(key.lower(), ()), value)
    without = frozenset(key.lower() for key in absent)
    both = sorted(without & set(values))
    if both:
        message = f"--context and --without both name {both[0]}"
        raise UsageError(message)
    return Given(values, without)


_TEST_HELP: Final = """Hold an input to a file of statements about access.

\b
  iacscan test access.yaml plan.json

Each test of FILE says who can do what, who cannot, who alone may, or what alone is public. One that the input does not decide
neither holds nor fails. docs/ask.md describes FILE.
"""

_TEST_EPILOG: Final = """\b
Exit codes:
   0  all tests hold
   1  a test fails
   2  wrong usage, or FILE is wrong
   3  the input could not be read
   4  none fails, but a test could not be decided
"""


@click.command("iacscan test", help=_TEST_HELP, epilog=_TEST_EPILOG, context_settings=_CONTEXT)
@click.argument("file", metavar="FILE")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@with_values
@with_source
@with_configuration
@click.option("--junit", metavar="FILE", help="Write the results as JUnit's XML to FILE, too.")
@click.option("-v", "--verbose", is_flag=True, help="Show the grounds of tests that hold, too.")
@click.pass_obj
def test(write: Write, /, file: str, paths: tuple[str, ...], junit: str | None, *, verbose: bool, **chosen: Any) -> int:  # noqa: ANN401  as in `ask`
    """Test; the help text is above."""
    from . import access_tests  # noqa: PLC0415  help needs none of it

    cases = access_tests.load(file)
    results = access_tests.run(cases, _sources(paths, chosen))
    if junit is not None:
        try:
            Path(junit).write_text(access_tests.junit(file, results), encoding="utf-8", newline="\n")
        except OSError as error:
            message = f"the results cannot be written to {junit}: {error.strerror}"
            raise UsageError(message) from error
    write(access_tests.text(file, results, verbose=verbose))
    return access_tests.exit_code(results)
