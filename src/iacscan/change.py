"""Before and after: which findings the change brings, makes worse, leaves or removes, and which of them fail the run.

Findings are matched by what they say, not by where they stand. Four questions are asked in turn, and a finding that has
found its counterpart asks no more: is there one with the same rule, subject, key and evidence; the same rule, subject
and key; the same rule, subject and evidence; the same rule and evidence on the same holder under another block?
The last one makes a pure refactoring (inline policy to managed policy, another order of `count`) no news. It asks for the
same holder, because otherwise one bucket that is closed would hide another one that is opened in the same words.

What is left and is included in an earlier finding about the same holder is no news either: who was an administrator and
keeps `iam:*` has lost rights, though IAM408 speaks only now. Rules say what they include. Nor is it news what a narrower statement
leaves of an earlier finding that is at least as grave: who makes `s3:Get*` of `s3:*` is not to be stopped for the star beside it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from .finding import Finding, Severity, State
from .policy.describe import within

NOTHING: Final[Mapping[str, Collection[str]]] = MappingProxyType({})

# What policies and access control lists belong to, as Terraform and CloudFormation call it: to re-spell a policy leaves its
# holder as it is.
_HOLDERS: Final = frozenset({
    "aws_iam_user", "aws_iam_group", "aws_iam_role", "aws_ssoadmin_permission_set", "aws_s3_bucket",
    "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::SSO::PermissionSet", "AWS::S3::Bucket",
})  # fmt: skip


class Gate(Struct, frozen=True):
    """What fails a run: violations from `fail_on` up, None for none; only new and worse ones unless `everything`."""

    fail_on: Severity | None = Severity.LOW
    everything: bool = False

    def concerns(self, finding: Finding) -> bool:
        """Whether the finding's state counts: it is not suppressed, and this change answers for it."""
        states = (State.NEW, State.WORSE, State.EXISTING) if self.everything else (State.NEW, State.WORSE)
        return not finding.suppressed and finding.state in states

    def fails(self, finding: Finding) -> bool:
        """Whether the finding alone fails the run."""
        return (
            self.fail_on is not None
            and finding.verdict == "violation"
            and finding.severity >= self.fail_on
            and self.concerns(finding)
        )


def fingerprint(code: str, address: str, key: str, evidence: tuple[str, ...], message: str) -> str:
    """Name a finding for good: the same in each run, for each path of the plan and whatever the file's lines.

    It rests on the key if there is one, else on the evidence without regard to order and spacing, else on the message.
    """
    import hashlib  # noqa: PLC0415  # loads OpenSSL, for nothing where nothing is found

    lines = [key] if key else sorted(" ".join(line.split()) for line in evidence) or [message]
    return hashlib.sha256("\0".join((code, address, *lines)).encode("utf-8", "surrogatepass")).hexdigest()


def compare(
    before: Iterable[Finding],
    after: Iterable[Finding],
    includes: Mapping[str, Collection[str]] = NOTHING,
    leaves: Mapping[str, Collection[str]] = NOTHING,
) -> list[Finding]:
    """Return all findings with their state: those of the estate after, then those of the one before that are gone.

    `includes` tells by code which other rules a violation says more than, about the same holder; `leaves` which ones speak
    of what is left of it when its statements are only narrowed.
    """
    telling = {code for table in (includes, leaves) for code, others in table.items() if others}
    earlier = [finding for finding in before if finding.verdict == "violation" and finding.code in telling]
    gone = list(before)
    open_ = list(after)
    matched: list[Finding] = []
    for question in (_exact, _same_key, _same_evidence, _same_holder):
        known: defaultdict[Hashable, list[Finding]] = defaultdict(list)
        for old in gone:
            known[question(old)].append(old)
        known.pop(None, None)
        if not known:
            continue
        rest = []
        for new in open_:
            counterparts = known.get(question(new))
            if counterparts:
                matched.append(_judged(counterparts.pop(0), new))
            else:
                rest.append(new)
        open_ = rest
        left = {id(old) for olds in known.values() for old in olds}
        gone = [old for old in gone if id(old) in left or question(old) is None]
    return [
        *matched,
        *(replace(finding, state=_left_over(finding, earlier, includes, leaves)) for finding in open_),
        *(replace(finding, state=State.FIXED) for finding in gone),
    ]


def besides(told: Collection[Finding], others: Collection[Finding]) -> Iterator[Finding]:
    """Of the findings that there are if a choice is made otherwise, those that say more than what is told already.

    A statement that only names another resource then is the same finding: there are as many as before with the same words.
    """
    known = {finding.fingerprint for finding in told}
    before, then = Counter(map(_words, told)), Counter(map(_words, others))
    for finding in others:
        words = _words(finding)
        if finding.fingerprint not in known and then[words] > before[words]:
            yield finding


def _words(finding: Finding) -> Hashable:
    return (*_place(finding), finding.verdict, finding.severity, finding.state, finding.message)


def _left_over(
    new: Finding,
    earlier: Iterable[Finding],
    includes: Mapping[str, Collection[str]],
    leaves: Mapping[str, Collection[str]],
) -> State:
    """The state of a finding without a counterpart: news, unless an earlier one said more about all that it concerns."""
    concerned = _concerned(new)
    said = {
        place
        for old in earlier
        if new.code in includes.get(old.code, ()) or (new.code in leaves.get(old.code, ()) and _is_narrower(new, old))
        for place in _concerned(old)
    }
    return State.EXISTING if concerned <= said else State.NEW


def _is_narrower(new: Finding, old: Finding) -> bool:
    """Whether every statement that a finding rests on stays within one of an earlier finding that is at least as grave."""
    return (
        new.severity <= old.severity
        and bool(new.evidence)
        and all(any(within(line, was) for was in old.evidence) for line in new.evidence)
    )


def _concerned(finding: Finding) -> frozenset[str]:
    """The holders of what a finding is about; the block itself where it is held by nobody."""
    return _holders(finding) or frozenset({finding.subject.address})


def _holders(finding: Finding) -> frozenset[str]:
    places = (finding.subject, *(related.origin for related in finding.related))
    return frozenset(origin.address for origin in places if origin.type in _HOLDERS)


def _judged(old: Finding, new: Finding) -> Finding:
    """Give the state of a finding that has a counterpart. It is worse unless every line stays within an old one."""
    if new.severity != old.severity:
        grown = new.severity > old.severity
    else:
        hardened = (old.verdict, new.verdict) == ("undecided", "violation")
        grown = hardened or not all(any(within(line, was) for was in _said(old)) for line in _said(new))
    return replace(new, state=State.WORSE if grown else State.EXISTING)


def _said(finding: Finding) -> tuple[str, ...]:
    """What the finding rests on, in no order; where a rule gives no evidence, its message."""
    return tuple(sorted(finding.evidence)) or (finding.message,)


def _exact(finding: Finding) -> Hashable:
    return (*_place(finding), finding.key, _said(finding), finding.verdict, finding.severity)


def _place(finding: Finding) -> tuple[str, str]:
    return (finding.code, finding.subject.address)


def _same_key(finding: Finding) -> Hashable:
    return (*_place(finding), finding.key)


def _same_evidence(finding: Finding) -> Hashable:
    return (*_place(finding), _said(finding)) if finding.evidence else None


def _same_holder(finding: Finding) -> Hashable:
    holders = _holders(finding)
    if not finding.evidence or not holders:
        return None
    return (finding.code, holders, _said(finding))
