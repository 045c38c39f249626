"""Whether an action can be about a resource at all: `s3:GetObject` works on objects, never on a bucket.

https://docs.aws.amazon.com/service-authorization/latest/reference/ lists for each action the ARNs of what it works on. Yes
and no are given where they are certain from that list; it has gaps, so no is said only of services without any that we know.
"""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from ..lazy import regex
from ..value import Truth, any_of
from .action import arn_formats, known
from .arn import ACCOUNT, REGION, parse_arn
from .pattern import covers, has_wildcard, matches, overlaps

_VARIABLE: Final = regex(r"\$\{[^}]*\}")  # policy variables, and the placeholders of AWS's own formats
_SYMBOL: Final = regex(r"⟦([^⟧]*)⟧")
_BLOCK: Final = regex(r'(?:^|\.)aws_\w+\.[\w-]+(?:\[(?:\d+|"[^"]*")\])?\Z')  # with no attribute after it
_BEGINNING: Final = "arn:aws:"
_NAME: Final = "§"  # stands for a name that is not known: no slash, no colon, no wildcard
# The ARN of the thing itself in the place of what is in it is the usual slip here: buckets for objects, log groups for streams.
# Elsewhere a missing end is no proof: AWS may complete it (a task definition without its revision).
_EXACT: Final = frozenset({"s3", "logs"})
# Services whose list is complete, as far as AWS's own managed policies show; those of others lack some ARNs for tagging and the like.
_COMPLETE: Final = frozenset({
    "dynamodb", "ecr", "iam", "kinesis", "kms", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "sts",
})  # fmt: skip


class _Format(Struct, frozen=True):
    """One form of ARN. `plain` says that the resource is one name without slashes, as a bucket is."""

    service: str
    resource: str
    plain: bool

    def meets(self, service: str, resource: str) -> bool:
        """Whether some ARN of this form is matched by a pattern's service and resource."""
        if (self.service != service and not overlaps(self.service, service)) or (self.plain and "/" in resource):
            return False
        # A pattern is one of the texts that it matches: a quick look that settles most pairs.
        return matches(self.resource, resource) or overlaps(self.resource, resource)


@lru_cache(maxsize=2048)
def _formats(action: str) -> tuple[_Format, ...]:
    """The forms of ARN that an action works on; AWS writes several of them in one text at times."""
    arns = [parse_arn(part) for text in arn_formats(action) for part in text.split(", ")]
    return tuple(
        _Format(
            service=_VARIABLE.sub("*", arn.service),
            resource=_VARIABLE.sub("*", arn.resource),
            plain=arn.resource == "${BucketName}",
        )
        for arn in arns
        if arn is not None
    )


@lru_cache(maxsize=16_384)
def applies_to(action: str, resource: str) -> Truth:
    """Whether an action (no pattern) works on anything that a resource pattern matches.

    An action that is not known, or of a service whose list has gaps, an ARN with an end that is not known, and a symbol that may stand for a path make it unknown. So does a
    pattern with wildcards beside an action that takes only `*`: AWS does not say what such an action is compared with.
    """
    if not resource.startswith("arn:aws") and covers(resource, "arn:*"):
        return Truth.YES
    if not known(action):
        return Truth.UNKNOWN
    closed, opened = _without_placeholders(resource)
    answer = _judge(action, opened)
    return answer if opened == closed or answer is Truth.NO else Truth.UNKNOWN


@lru_cache(maxsize=4096)
def _without_placeholders(resource: str) -> tuple[str, str]:
    """A resource with names in the place of the symbols that stand for one; then with wildcards in the place of the others."""
    closed = _SYMBOL.sub(_as_name, resource) if "⟦" in resource else resource
    closed = _VARIABLE.sub("*", closed) if "${" in closed else closed
    return closed, _SYMBOL.sub("*", closed) if "⟦" in closed else closed


def _as_name(found: re.Match[str]) -> str:
    """A name in the place of a symbol that is known to stand for one; the symbol itself otherwise."""
    return _NAME if found[0] in (ACCOUNT, REGION) or _BLOCK.search(found[1]) else found[0]


def is_of_service(action: str, resource: str) -> bool:
    """Whether an ARN pattern names the service of an action, or one whose resources the action works on."""
    arn = parse_arn(resource)
    if arn is None:
        return False
    return action.partition(":")[0].lower() == arn.service or any(
        form.service == arn.service for form in _formats(action)
    )


# Names in the place of symbols make the resources of many blocks one text.
@lru_cache(maxsize=4096)
def _judge(action: str, resource: str) -> Truth:
    arn = parse_arn(resource)
    if arn is None:
        return _judge_text(action, resource)
    formats = _formats(action)
    if any(form.meets(arn.service, arn.resource) for form in formats):
        return Truth.YES
    if action.partition(":")[0].lower() not in _COMPLETE or (not formats and has_wildcard(resource)):
        return Truth.UNKNOWN
    return any_of(_missing(form, arn.service, arn.resource) for form in formats)


def _judge_text(action: str, resource: str) -> Truth:
    """No of a text that begins like an ARN, has too few parts (`arn:aws:s3::logs/*`), and matches no ARN that the action works on."""
    if not resource.startswith(_BEGINNING) or action.partition(":")[0].lower() not in _COMPLETE:
        return Truth.UNKNOWN
    texts = [
        part.replace("${Partition}", "aws").replace("${Region}", "??-*")  # a region is never empty
        for text in arn_formats(action)
        for part in text.split(", ")
    ]
    meets = any(overlaps(_VARIABLE.sub("*", text), resource) for text in texts)
    return Truth.NO if texts and not meets else Truth.UNKNOWN


def _missing(form: _Format, service: str, resource: str) -> Truth:
    """Whether a pattern that does not match may still be meant to, when AWS completes it."""
    if form.service in _EXACT:
        return Truth.NO
    return Truth.UNKNOWN if form.meets(service, f"{resource}*") else Truth.NO
