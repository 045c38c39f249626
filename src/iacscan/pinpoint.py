"""From the lines of a block to the line that decides: the attribute or the statement that a finding's evidence shows."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from .finding import Finding, Origin, Related
from .lazy import regex
from .load.block import Calls, Locate

_STATEMENT: Final = regex(r'\{"Sid":"([^"\\]+)"')
_ATTRIBUTE: Final = regex(r"([a-z][a-z_]*) (?:=|is not set)")


def pinpoint(finding: Finding, locate: Locate | None) -> Finding:
    """The finding with the place of what decides, if the input can tell; else with that of the whole block."""
    span = finding.subject.span
    if locate is None or span is None:
        return finding
    places = (locate(finding.subject.address, name, is_statement) for name, is_statement in _hints(finding))
    place = next((place for place in places if place is not None), span)
    return finding if place == span else replace(finding, subject=replace(finding.subject, span=place))


def with_calls(finding: Finding, calls: Calls | None) -> Finding:
    """The finding with the calls of the modules that make its subject, if the input can tell, innermost first."""
    subject = finding.subject
    if calls is None or subject.span is None or not subject.module:
        return finding
    related = tuple(
        Related(
            Origin(instance, "", subject.input, subject.account, span=span), f"is called at {span.file}:{span.line}"
        )
        for instance, span in calls(subject.module)
    )
    return replace(finding, related=(*finding.related, *related)) if related else finding


def _hints(finding: Finding) -> Iterator[tuple[str, bool]]:
    """Names of attributes and (then the flag is true) of statements."""
    for line in finding.evidence:
        statement, attribute = _STATEMENT.match(line), _ATTRIBUTE.match(line)
        if statement:
            yield statement[1], True
        elif attribute:
            yield attribute[1], False
