"""Which requests carry a condition key, and whether with one value or several.

Global keys: `keys.py`. Keys of services: the service authorization reference, which lists them by action and says which hold lists.
"""

from typing import Final

from ...value import Truth, Unknown, any_of
from ..action import condition_keys
from ..action_data import detail, services
from ..document import Condition, Principal, Statement
from ..grant import possible_actions
from ..principal import Kind, classify
from .judge import is_positive_guard
from .keys import Availability, key_info
from .operators import Family, parse_operator

# Claims that every token has, with one value (https://openid.net/specs/openid-connect-core-1_0.html#IDToken), and SAML's.
_ALWAYS_CLAIMED: Final = frozenset(("aud", "iss", "sub"))
# Keys that each request of the actions which AWS lists them for carries, by the services' own guides.
_ALWAYS_SENT: Final = frozenset((
    "dynamodb:leadingkeys", "kms:grantoperations", "route53:changeresourcerecordsetsactions",
    "route53:changeresourcerecordsetsnormalizedrecordnames", "route53:changeresourcerecordsetsrecordtypes",
    "sts:rolesessionname",
))  # fmt: skip
# Parameters that a caller may leave out.
_OPTIONAL: Final = frozenset(("sts:externalid", "sts:sourceidentity", "sts:transitivetagkeys"))
_TAGS: Final = "aws:tagkeys"
_REQUEST_TAG: Final = "aws:requesttag/"


def is_multivalued(key: str) -> Truth:
    """Whether a request may hold several values of a key; unknown for most claims of identity providers."""
    known = key_info(key)
    if known is not None:
        return Truth.of(known=known.multivalued)
    folded = key.lower()
    prefix, _, name = folded.rpartition(":")
    if _is_claim(folded):
        return Truth.NO if name in _ALWAYS_CLAIMED else Truth.UNKNOWN
    if prefix not in services():
        return Truth.UNKNOWN
    types = (type_ for spelt, type_ in detail(prefix).key_types.items() if spelt.lower() == folded)
    found = next(types, None)
    return Truth.UNKNOWN if found is None else Truth.of(known=found.startswith("ArrayOf"))


def may_be_missing(key: str, statement: Statement) -> Truth:
    """Whether a request that a statement is about may come without a key.

    Unknown where AWS lists the key for each action of the statement but does not say whether it is always sent.
    """
    folded = key.lower()
    known = key_info(folded)
    if folded in _OPTIONAL:
        return Truth.YES
    if _is_claim(folded):
        return Truth.NO if folded.rpartition(":")[2] in _ALWAYS_CLAIMED else Truth.UNKNOWN
    if folded.startswith("aws:") and known is not None:
        return _global_may_be_missing(known.availability, statement)
    if actions_without(key, statement):
        return Truth.YES
    return Truth.NO if folded in _ALWAYS_SENT else Truth.UNKNOWN


def actions_without(key: str, statement: Statement) -> tuple[str, ...]:
    """Some of the actions of a statement whose requests cannot carry a key of a service, sorted; none if nobody lists the key."""
    folded = key.lower()
    prefix = folded.partition(":")[0]
    if prefix == "aws" or prefix not in services() or is_multivalued(folded) is Truth.UNKNOWN:
        return ()
    actions = possible_actions(statement)
    others = [f"{service}:*" for service in actions.services() if service != prefix]
    own = [name for name in actions.names() if name.startswith(f"{prefix}:")] if not others else []
    lacking = [name for name in own if folded not in {listed.lower() for listed in condition_keys(name)}]
    return tuple(others + lacking)


def is_demanded(key: str, statement: Statement) -> Truth:
    """Whether another condition of a statement turns away requests without a key."""
    return any_of(_demands(item, key.lower()) for item in statement.conditions)


def admits_anyone(statement: Statement) -> bool:
    """Whether a statement names everybody as its principal."""
    return statement.not_principals is not None or any(
        isinstance(item, Principal) and classify(item).kind is Kind.ANYONE for item in statement.principals or ()
    )


def _global_may_be_missing(availability: Availability, statement: Statement) -> Truth:
    if availability is Availability.SIGNED:
        return Truth.of(known=admits_anyone(statement))
    return Truth.of(known=availability is not Availability.ALWAYS)


def _demands(condition: Condition | Unknown, key: str) -> Truth:
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN
    asked = condition.key.lower()
    if key == _TAGS and asked.startswith(_REQUEST_TAG):
        asked = key  # who must send a certain tag sends tags
    operator = parse_operator(condition.operator)
    if asked != key or operator is None:
        return Truth.NO
    if operator.family is Family.NULL:
        return any_of(
            Truth.UNKNOWN if isinstance(value, Unknown) else Truth.of(known=value.lower() == "false")
            for value in condition.values
        )
    return Truth.of(known=is_positive_guard(condition))


def _is_claim(key: str) -> bool:
    """Whether a key is a claim of an identity provider: its prefix is a host, the symbol of one, or SAML."""
    prefix = key.rpartition(":")[0]
    return "." in prefix or "/" in prefix or "⟦" in prefix or prefix == "saml"
