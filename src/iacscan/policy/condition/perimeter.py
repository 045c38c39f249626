"""Denies of whoever comes from outside: what they do to the AWS services that act for insiders.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html: a service that acts for a caller comes from an address of its
own and through no endpoint of his; a service that acts for itself belongs to no organization.
"""

import enum
from collections.abc import Iterable
from typing import Final

from ...value import Maybe, Truth, Unknown, any_of
from ..document import Condition
from .operators import parse_operator


class Border(enum.Enum):
    """What a Deny measures its callers by."""

    NETWORK = "network"
    ORGANIZATION = "organization"
    RESOURCE = "resource"  # the organization of what is acted upon


_BORDERS: Final = {
    "aws:sourceip": Border.NETWORK,
    "aws:vpcsourceip": Border.NETWORK,
    "aws:sourcevpc": Border.NETWORK,
    "aws:sourcevpcarn": Border.NETWORK,
    "aws:sourcevpce": Border.NETWORK,
    "aws:vpceaccount": Border.NETWORK,
    "aws:vpceorgid": Border.NETWORK,
    "aws:vpceorgpaths": Border.NETWORK,
    "aws:principalorgid": Border.ORGANIZATION,
    "aws:principalorgpaths": Border.ORGANIZATION,
    "aws:resourceorgid": Border.RESOURCE,
    "aws:resourceorgpaths": Border.RESOURCE,
}
# Keys by which a Deny lets somebody pass whom its border would stop: services (which use TLS), what they act for, and callers who are named.
_EXCEPTIONS: Final = (
    "aws:calledvia", "aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:principalservicename",
    "aws:principaltag/", "aws:principaltype", "aws:resourcetag/", "aws:securetransport", "aws:sourceaccount", "aws:sourcearn",
    "aws:sourceorg", "aws:sourceowner", "aws:userid", "aws:username", "aws:viaawsservice",
)  # fmt: skip


def border(condition: Maybe[Condition]) -> Border | None:
    """What a condition of a Deny measures callers by: "not from here", "not one of us"; None if it asks something else."""
    if isinstance(condition, Unknown):
        return None
    operator = parse_operator(condition.operator)
    found = _BORDERS.get(condition.key.lower())
    return found if operator is not None and operator.negated else None


def makes_exceptions(conditions: Iterable[Maybe[Condition]]) -> Truth:
    """Whether a condition spares services, or callers who are named, of what the border would stop."""
    return any_of(
        Truth.UNKNOWN if isinstance(item, Unknown) else Truth.of(known=item.key.lower().startswith(_EXCEPTIONS))
        for item in conditions
    )
