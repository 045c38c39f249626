"""Which requests without TLS a resource policy refuses.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html#transit
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from msgspec import Struct

from ..value import Maybe, Truth, Unknown, all_of, any_of
from .action import ActionSet
from .condition.judge import Context, Facts, Nature, holds
from .condition.operators import Family, parse_operator
from .document import Condition, PolicyDocument, Principal, Statement
from .grant import covers_resource, possible_actions, statement_actions
from .principal import Kind, classify

# Requests over plain HTTP. Nothing else is known of them.
_INSECURE: Final = Context("requests without TLS", {"aws:securetransport": Facts(Truth.YES, Nature.FIXED, ("false",))})
_TLS_VERSION: Final = "s3:tlsversion"


class Refusal(Struct, frozen=True):
    """Whether insecure requests are refused: those about the bucket itself (listing), and those about its objects.

    `data` asks for less than `objects`: only for what reads and writes them.
    """

    bucket: Truth
    objects: Truth
    data: Truth

    @property
    def whole(self) -> Truth:
        """Whether all of them are."""
        return all_of((self.bucket, self.objects))


def refuses_insecure(document: PolicyDocument, bucket: str | None) -> Refusal:
    """Whether a policy refuses every insecure request for a bucket. `bucket` is its ARN, None if that is not known."""
    denies = [item for item in document.statements if item.effect != "Allow"]
    gap = Truth.UNKNOWN if document.unknown else Truth.NO
    inside = f"{bucket}/*" if bucket else "*"
    return Refusal(
        any_of((gap, *(_refuses(item, _listing(), bucket or "*") for item in denies))),
        any_of((gap, *(_refuses(item, _on_objects(), inside) for item in denies))),
        any_of((gap, *(_refuses(item, _on_data(), inside) for item in denies))),
    )


def _refuses(deny: Statement, actions: ActionSet, resource: str) -> Truth:
    insecure = _are_met(deny.conditions)
    if insecure is Truth.NO:
        return Truth.NO
    return all_of((
        insecure,
        Truth.UNKNOWN if isinstance(deny.effect, Unknown) else Truth.YES,
        _about(deny, actions),
        covers_resource(deny, resource),
        _names_everybody(deny),
    ))  # fmt: skip


@lru_cache(maxsize=1024)  # most policies say this in the same words
def _are_met(conditions: tuple[Maybe[Condition], ...]) -> Truth:
    """Whether every insecure request meets the conditions of a Deny."""
    return holds(tuple(item for item in conditions if not _asks_for_version(item)), _INSECURE, of_all=True)


def _about(deny: Statement, actions: ActionSet) -> Truth:
    if statement_actions(deny)[0].covers(actions):
        return Truth.YES
    return Truth.UNKNOWN if possible_actions(deny).covers(actions) else Truth.NO


def _asks_for_version(condition: Maybe[Condition]) -> bool:
    """Whether a Deny is for old versions of TLS: whoever writes that means plain HTTP too."""
    if isinstance(condition, Unknown) or condition.key.lower() != _TLS_VERSION:
        return False
    operator = parse_operator(condition.operator)
    return operator is not None and operator.family is Family.NUMERIC and not operator.negated


def _names_everybody(deny: Statement) -> Truth:
    return any_of(
        Truth.UNKNOWN if not isinstance(item, Principal) else Truth.of(known=classify(item).kind is Kind.ANYONE)
        for item in deny.principals or ()
    )


@cache
def _listing() -> ActionSet:
    return ActionSet.of(("s3:ListBucket",))


@cache
def _on_objects() -> ActionSet:
    return ActionSet.of(("s3:GetObject", "s3:PutObject", "s3:DeleteObject"))


@cache
def _on_data() -> ActionSet:
    return ActionSet.of(("s3:GetObject", "s3:PutObject"))


def any_refuses(documents: Iterable[PolicyDocument], bucket: str | None) -> Truth:
    """Whether one of several policies, such as those of an organization, refuses every insecure request for a bucket."""
    return any_of(refuses_insecure(document, bucket).whole for document in documents)
