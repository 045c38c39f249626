"""Keys that no request carries together.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, under "Availability": `aws:SourceIp` is not in requests through a VPC
endpoint, and the keys of endpoints are in no others; AWS services have no organization, no tags and no name of a user.
"""

from itertools import combinations
from typing import Final

from msgspec import Struct

from ..document import Condition, Statement
from .judge import is_positive_guard

_ENDPOINT: Final = (
    "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "aws:vpcsourceip",
)  # fmt: skip
_SERVICE: Final = (
    "aws:principalservicename", "aws:principalservicenameslist", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid",
    "aws:sourceorgpaths",
)  # fmt: skip
_MEMBER: Final = (
    "aws:multifactorauthage", "aws:multifactorauthpresent", "aws:principalorgid", "aws:principalorgpaths", "aws:principaltag/",
    "aws:username",
)  # fmt: skip
# IAM Roles Anywhere tags the session and names the trust anchor, both in the request by which it assumes the role
# (https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html).
_OF_CERTIFICATES: Final = "aws:principaltag/x509"
_IS_SERVICE: Final = "aws:principalisawsservice"


class Side(Struct, frozen=True):
    """Keys that only some requests carry; `who` says which."""

    who: str
    keys: tuple[str, ...]

    def has(self, key: str) -> bool:
        """Whether a key in lower case is one of them."""
        return key in self.keys or f"{key.partition('/')[0]}/" in self.keys


# Pairs of sides that no request is on both of.
PAIRS: Final = (
    (Side("requests over the internet", ("aws:sourceip",)), Side("requests through a VPC endpoint", _ENDPOINT)),
    (Side("AWS services", _SERVICE), Side("users and roles", _MEMBER)),
)


def excluded_by(one: str, other: str) -> tuple[str, str] | None:
    """Who carries the one key and who the other, if nobody carries both; None if somebody may."""
    first, second = one.lower(), other.lower()
    if first.startswith(_OF_CERTIFICATES) or second.startswith(_OF_CERTIFICATES):
        return None
    for left, right in PAIRS:
        if left.has(first) and right.has(second):
            return left.who, right.who
        if right.has(first) and left.has(second):
            return right.who, left.who
    return None


def exclusive(statement: Statement) -> tuple[Condition, Condition] | None:
    """Two conditions of a statement that demand keys which no request carries together; None if there are none."""
    demands = [item for item in statement.conditions if isinstance(item, Condition) and is_positive_guard(item)]
    for one, other in combinations(demands, 2):
        if excluded_by(_demanded(one), _demanded(other)) is not None:
            return one, other
    return None


def _demanded(condition: Condition) -> str:
    """The key that a condition demands. To be a service is as good as to carry its name."""
    key = condition.key.lower()
    if key == _IS_SERVICE and any(isinstance(value, str) and value.lower() == "true" for value in condition.values):
        return "aws:principalservicename"
    return key
