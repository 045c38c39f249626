"""Permissions that rest on tags, and the actions that set such tags.

https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html: whoever may tag decides who may do the rest.
"""

from functools import lru_cache
from typing import Final

from msgspec import Struct

from ...lazy import regex
from ..action import ActionSet, arn_formats, of_level
from ..document import Condition, Statement
from ..grant import possible_actions
from .judge import is_positive_guard

_PRINCIPAL: Final = "aws:principaltag/"
_REQUEST: Final = "aws:requesttag/"
_TAG_KEYS: Final = "aws:tagkeys"
# `aws:ResourceTag/team`, `ec2:ResourceTag/team`, `s3:ExistingObjectTag/team`: a tag of what is acted upon.
_RESOURCE: Final = regex(r"(?:[a-z0-9-]+:resourcetag|s3:existingobjecttag|s3:buckettag)/(.+)")
_VARIABLE: Final = regex(r"\$\{aws:principaltag/([^},]+)")
# Actions of the level Tagging that set nothing, set the tags of something else, or need the action of the service besides.
_NO_SETTERS: Final = (
    "*:Untag*",
    "*:Remove*",
    "*:Delete*",
    "s3:PutJob*",
    "s3:PutStorageLens*",
    "s3:Replicate*",
    "sts:*",
    "tag:*",
)


class Reliance(Struct, frozen=True):
    """A tag that a condition of an Allow rests on: of the caller himself, or of what is acted upon."""

    tag: str
    of_caller: bool


def reliances(condition: Condition) -> tuple[Reliance, ...]:
    """The tags that a condition demands, or compares with."""
    if not is_positive_guard(condition):
        return ()
    key = condition.key
    found: list[Reliance] = []
    if key.lower().startswith(_PRINCIPAL):
        found.append(Reliance(key[len(_PRINCIPAL) :], of_caller=True))
    resource = _RESOURCE.fullmatch(key.lower())
    if resource is not None:
        found.append(Reliance(key[-len(resource[1]) :], of_caller=False))
        variables = (_VARIABLE.search(value.lower()) for value in condition.values if isinstance(value, str))
        found.extend(Reliance(item[1], of_caller=True) for item in variables if item is not None)
    return tuple(found)


@lru_cache(maxsize=512)
def setters(actions: ActionSet) -> tuple[str, ...]:
    """The actions that set tags on what a set of actions works on."""
    services = ActionSet.of(tuple(f"{service}:*" for service in actions.services()))
    worked_on = {arn for name in (actions & services).names() for arn in arn_formats(name)}
    candidates = of_level("Tagging") & services - ActionSet.of(_NO_SETTERS)
    return tuple(name for name in candidates.names() if not worked_on.isdisjoint(arn_formats(name)))


def protects(deny: Statement, tag: str, setter: str) -> bool:
    """Whether a Deny keeps somebody from setting a tag, whatever its exceptions."""
    keys = {item.key.lower() for item in deny.conditions if isinstance(item, Condition)}
    about = not deny.conditions or _TAG_KEYS in keys or f"{_REQUEST}{tag.lower()}" in keys
    return deny.effect == "Deny" and about and possible_actions(deny).overlaps(ActionSet.of((setter,)))
