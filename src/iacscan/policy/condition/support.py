"""Which requests can carry a condition key at all.

The service authorization reference lists, for each action and for the resources it works on, the keys that a policy may ask for
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html). Global keys are not
among them, but for the three about tags. The lists have gaps: a key that a service lists for no action of its own is one
of the calls that others make for it (`lambda:SourceFunctionArn`), or an omission, and nothing follows from it.
"""

from functools import cache, lru_cache
from typing import Final

from msgspec import Struct

from ..action import ActionSet, condition_keys, published
from ..action_data import detail, services
from ..document import Statement
from ..grant import possible_actions, statement_actions
from ..pattern import has_wildcard, matches
from .known import as_pattern

_TAGS: Final = ("aws:resourcetag/", "aws:requesttag/")
_TAG_KEYS: Final = "aws:tagkeys"
_LISTING: Final = frozenset(("s3:prefix", "s3:delimiter", "s3:max-keys"))  # what a listing of a bucket asks for
# Beside keys that no action lists: what comes with the credentials of a caller that AWS runs, whatever he calls.
_EVERYWHERE: Final = frozenset(("ec2:roledelivery", "ec2:sourceinstancearn", "ssm:sourceinstancearn"))
# Parts of a call that AWS asks the policy about one by one: they come with all that the call carries.
_PARTS_OF_CALLS: Final = ("sts:SetContext", "sts:SetSourceIdentity", "sts:TagSession")
_MANY: Final = 24  # services; a statement about more of them is not made with one key in mind
# Services whose lists agree with AWS's own managed policies, in which no statement asks them for a key that they do not list (but for one
# that asks KMS for the tags of a request, which never holds).
_COMPLETE: Final = frozenset({
    "autoscaling", "cloudformation", "dynamodb", "ec2", "ecr", "ecs", "eks", "elasticfilesystem", "elasticloadbalancing", "events",
    "iam", "kms", "lambda", "logs", "organizations", "ram", "route53", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts",
})  # fmt: skip


class Support(Struct, frozen=True):
    """The published actions of a statement whose requests can carry a key, and those that cannot.

    `certain` says that the lists it rests on are known to be complete.
    """

    carrying: ActionSet
    lacking: ActionSet
    certain: bool


def is_about_tags(key: str) -> bool:
    """Whether a key is one of the global keys that AWS lists by action."""
    folded = key.lower()
    return folded == _TAG_KEYS or folded.startswith(_TAGS)


def is_about_listing(key: str) -> bool:
    """Whether a key is a parameter of the listing of a bucket, which no other request to S3 has."""
    return key.lower() in _LISTING


@lru_cache(maxsize=4096)
def support(key: str, statement: Statement) -> Support | None:
    """Which actions of a statement can carry a key; None where AWS's lists do not tell.

    They do not for global keys, claims, keys that no service lists, and statements about actions that are not known or about
    more services than a key can be meant for.
    """
    folded = key.lower()
    home = folded.partition(":")[0]
    tags = is_about_tags(folded)
    if folded in _EVERYWHERE or not (tags or (home != "aws" and home in services() and _carriers(folded, home))):
        return None
    unknown = statement_actions(statement)[1]
    actions = possible_actions(statement)
    named = actions.services()
    if unknown or actions.unknown or "*" in actions.compressed(1) or not named or len(named) > _MANY:
        return None
    carriers = ActionSet()
    for service in named:
        carriers |= _carriers(folded, service)
    known = actions & published() - ActionSet.of(_PARTS_OF_CALLS)
    if not known:
        return None
    return Support(known & carriers, known - carriers, _COMPLETE.issuperset(named if tags else (*named, home)))


def named_actions(statement: Statement) -> ActionSet:
    """The actions that a statement names one by one, without wildcards: those that its writer thought of."""
    return ActionSet.of(
        tuple(text for text in statement.actions or () if isinstance(text, str) and not has_wildcard(text))
    )


@cache
def _carriers(key: str, service: str) -> ActionSet:
    """The actions of a service that AWS lists a key for."""
    names = (f"{service}:{name}" for name in services()[service].names)
    return ActionSet.of(tuple(name for name in names if not _spellings(key, service).isdisjoint(condition_keys(name))))


@cache
def _spellings(key: str, service: str) -> frozenset[str]:
    """The keys in a service's lists that a key is one of: `aws:ResourceTag/${TagKey}` for `aws:ResourceTag/team`."""
    facts = detail(service)
    listed = {*facts.key_types}.union(
        *facts.action_keys.values(), *(kind.condition_keys for kind in facts.resource_types.values())
    )
    return frozenset(name for name in listed if matches(as_pattern(name), key))
