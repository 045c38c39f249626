"""Findings that somebody has accepted: who says so, whether that counts, and what it covers.

Three places can say so: a comment in or above a block (`# iacscan:ignore=IAM902 until=2027-01-31 reason="public website"`), the
metadata of a resource in a template (`Metadata.iacscan.ignore`), and the configuration, by address. What is malformed,
expired or names no rule suppresses nothing and is reported.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Final, Literal

from msgspec import Struct, json
from msgspec.structs import replace

from .finding import Finding, State, Suppression
from .lazy import regex

NO_REASON: Final = "no reason given"  # which Checkov's comments may leave out

_OURS: Final = regex(r"iacscan:ignore\b(.*)")
_CHECKOV: Final = "checkov:skip="
_PART: Final = regex(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))\s*')
_CODES: Final = regex(r"=\s*([\w\-]+(?:\s*,\s*[\w\-]+)*)(?:\s+|$)")
_QUOTED: Final = regex(r"\\(.)")
_ASKED: Final = ("until", "reason", "sid")


class Place(Struct, frozen=True):
    """What a suppression in the source covers: findings on these lines of a file, or under one of these addresses."""

    file: str = ""
    line: int = 0
    end_line: int = 0
    addresses: frozenset[str] = frozenset()
    module: str = ""  # the address of a module call without a key

    def covers(self, finding: Finding) -> bool:
        """Whether the subject of the finding stands there."""
        subject = finding.subject
        if subject.address in self.addresses:
            return True
        if self.module and f"{subject.resource}.".startswith(f"{self.module}."):
            return True
        span = subject.span
        return span is not None and span.file == self.file and self.line <= span.line <= self.end_line


class Ignore(Struct, frozen=True, kw_only=True):
    """One suppression. It covers a finding if the code, the place and, where it is given, the statement are the same.

    `address` is a pattern with `*` and `?` for the subject's address, with or without keys of instances; empty where `place` says
    where. `sid` limits it to findings that are about this statement only.
    """

    kind: Literal["source", "configuration"]
    codes: frozenset[str]
    reason: str
    where: str
    until: date | None = None
    sid: str = ""
    address: str = ""
    place: Place | None = None

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is suppressed, as long as the suppression counts."""
        if finding.code not in self.codes or (self.sid and not _is_about(finding, self.sid)):
            return False
        if self.place is not None:
            return self.place.covers(finding)
        pattern = self.address.replace("[", "[[]")  # brackets are part of addresses
        return fnmatchcase(finding.subject.address, pattern) or fnmatchcase(finding.subject.resource, pattern)

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and self.until < today

    @property
    def title(self) -> str:
        """What it is called in reports."""
        return f"{self.where} ({', '.join(sorted(self.codes))})"


class Faulty(Struct, frozen=True):
    """Something that was meant to suppress findings and does not, because it is malformed."""

    where: str
    because: str


def suppress(findings: Iterable[Finding], ignores: Sequence[Ignore], today: date) -> tuple[list[Finding], set[str]]:
    """Mark the findings that suppressions cover, and tell which suppressions (by `where`) covered any.

    The first that covers a finding gives its reason. What a change has fixed is not there to be suppressed.
    """
    by_code: dict[str, list[Ignore]] = {}
    for ignore in ignores:
        for code in ignore.codes if not ignore.expired(today) else ():
            by_code.setdefault(code, []).append(ignore)
    marked: list[Finding] = []
    used: set[str] = set()
    for finding in findings:
        covering = [
            ignore
            for ignore in by_code.get(finding.code, ())
            if finding.state is not State.FIXED and ignore.covers(finding)
        ]
        used.update(ignore.where for ignore in covering)
        if covering and not finding.suppressed:
            first = covering[0]
            reason = Suppression(first.kind, first.where, first.reason, first.until)
            marked.append(replace(finding, suppressed=True, suppression=reason))
        else:
            marked.append(finding)
    return marked, used


def remarks(
    ignores: Iterable[Ignore], faulty: Iterable[Faulty], used: set[str], run: frozenset[str], today: date
) -> Iterator[str]:
    """What is to be said about suppressions: those that do not count, and those that cover nothing.

    `run` holds the codes of the rules that were run: of the others, nobody knows whether they are needed.
    """
    for fault in faulty:
        yield f"suppresses nothing: {fault.where}: {fault.because}"
    for ignore in ignores:
        if ignore.expired(today):
            yield f"suppresses nothing: {ignore.title} has expired on {ignore.until}"
        elif ignore.where not in used and ignore.codes <= run:
            yield f"not needed: {ignore.title} covers no finding"


# -- how it is written ----------------------------------------------------------------------------------------------


def of_comment(text: str, where: str, rules: Mapping[str, str], place: Place) -> Ignore | Faulty | None:
    """The suppression that one line of a comment is; None if it is none.

    `rules` are the codes of all rules by code and name, in lower case. Of Checkov's comments, those with codes of ours count.
    """
    found = _OURS.search(text)
    if found:
        return _ours(found[1], where, rules, place)
    named, _, reason = text.partition(_CHECKOV)[2].partition(":")
    return of_checkov(named, reason, where, rules, place)


def of_checkov(named: str, reason: str, where: str, rules: Mapping[str, str], place: Place) -> Ignore | None:
    """The suppression that one for Checkov is here: of the codes that it names, ours."""
    codes = _known(named.split(","), rules)[0]
    if not codes:
        return None
    return Ignore(kind="source", codes=codes, reason=reason.strip() or NO_REASON, where=where, place=place)


def _ours(text: str, where: str, rules: Mapping[str, str], place: Place) -> Ignore | Faulty:
    codes = _CODES.match(text)
    if codes is None:
        return Faulty(where, "it names no rule; write iacscan:ignore=CODE")
    given: dict[str, str] = {"codes": codes[1]}
    position = codes.end()
    while position < len(text.rstrip()):
        part = _PART.match(text, position)
        if part is None:
            return Faulty(where, f"{_shown(text[position:])} is not of the form name=value; quote a reason with spaces")
        if part[1] not in _ASKED or part[1] in given:
            return Faulty(where, f"{_shown(part[1])} is not expected; there are until, sid and reason, once each")
        given[part[1]] = part[3] if part[2] is None else _QUOTED.sub(r"\1", part[2])
        position = part.end()
    return checked(given, where, rules, place)


def checked(given: Mapping[str, str], where: str, rules: Mapping[str, str], place: Place) -> Ignore | Faulty:
    """The suppression that these entries make (`codes`, `reason`, `until`, `sid`); what is wrong with them otherwise."""
    codes, unknown = _known(given["codes"].split(","), rules)
    if unknown:
        return Faulty(where, f"there is no rule {_shown(unknown[0])}")
    reason = given.get("reason", "").strip()
    if not reason:
        return Faulty(where, 'it gives no reason; add reason="..."')
    until: date | None = None
    if "until" in given:
        try:
            until = date.fromisoformat(given["until"])
        except ValueError:
            return Faulty(where, f"until={_shown(given['until'])} is no date such as 2027-01-31")
    return Ignore(
        kind="source", codes=codes, reason=reason, where=where, until=until, sid=given.get("sid", ""), place=place
    )


def _known(codes: Iterable[str], rules: Mapping[str, str]) -> tuple[frozenset[str], list[str]]:
    """The codes of the rules that are named, and what names no rule."""
    named = [code.strip() for code in codes]
    return (
        frozenset(rules[code.lower()] for code in named if code.lower() in rules),
        [code for code in named if code.lower() not in rules],
    )


def _shown(text: str) -> str:
    return repr(text.strip()[:40])


def _is_about(finding: Finding, sid: str) -> bool:
    """Whether a finding is about this statement and no other: its key says so, or all statements that it shows."""
    if finding.key.partition("/")[0] == sid:
        return True
    statements = [line for line in finding.evidence if line.startswith("{")]
    opening = f'{{"Sid":{json.encode(sid).decode()},'
    return bool(statements) and all(line.startswith(opening) for line in statements)
