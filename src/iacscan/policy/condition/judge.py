"""What a block of conditions says about a class of callers, in three values.

A `Context` says what is known of the requests of one class of callers: "anonymous", "some AWS account that the policy does
not name", "an AWS service acting for such an account", "any request". For each key it holds whether the key is in the
request and what its value may be. A leaf is then true of some callers of the class, or of all of them, or of none.

Missing keys follow https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
and ..._elements_condition_operators.html; which keys a stranger cannot choose follows S3's meaning of "public"
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status).
"""

import enum
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from ...lazy import regex
from ...value import Maybe, Truth, Unknown, all_of, any_of
from ..arn import REST
from ..document import Condition
from ..pattern import covers, has_wildcard, matches
from .dates import are_past
from .keys import Availability, key_info
from .network import covers_all_of_ipv4, is_private, names_the_internet
from .operators import Family, Operator, parse_operator


class Nature(enum.Enum):
    """What the value of a key may be for the callers of a class."""

    CHOSEN = "chosen"  # the caller sends what he likes
    FOREIGN = "foreign"  # it is theirs, and none that the policy names: another account, another VPC
    INTERNET = "internet"  # an address anywhere, and none that the policy names
    ADDRESS = "address"  # any public address
    FIXED = "fixed"  # one of `values`


class Facts(Struct, frozen=True):
    """What is known of one key. `present` is unknown where both kinds of requests exist.

    `fixed_part` says which part of a FOREIGN value must stand without wildcards to name somebody: "all", "account" (of
    an ARN), or a separator that ends the part (`o-abc/*`, `AROA...:*`).
    """

    present: Truth = Truth.UNKNOWN
    nature: Nature = Nature.CHOSEN
    values: tuple[str, ...] = ()
    fixed_part: str = "all"


class Context(Struct, frozen=True):
    """A class of callers. Keys are in lower case; those that are not listed hold what the caller likes."""

    name: str
    facts: Mapping[str, Facts]

    def of(self, key: str) -> Facts:
        """What is known of a key."""
        folded = key.lower()
        found = self.facts.get(folded) or self.facts.get(f"{folded.partition('/')[0]}/")
        if found is not None:
            return found
        info = key_info(folded)
        return _ALWAYS if info is not None and info.availability is Availability.ALWAYS else _MAYBE

    def without(self, keys: Iterable[str]) -> "Context":
        """The same callers on a surface where some keys hold what the caller likes."""
        dropped = frozenset(keys)
        if not dropped:
            return self
        return Context(self.name, {key: facts for key, facts in self.facts.items() if key not in dropped})


_MAYBE: Final = Facts()
_ALWAYS: Final = Facts(Truth.YES)
_ABSENT: Final = Facts(Truth.NO)


def _foreign(fixed_part: str = "all", present: Truth = Truth.UNKNOWN) -> Facts:
    return Facts(present, Nature.FOREIGN, (), fixed_part)


# Keys about networks, and about the resource that an AWS service acts for. Strangers may come through a VPC endpoint of
# their own, and may have a service act for a resource of their own; they cannot have the policy's values.
_NOT_THEIRS: Final = {
    "aws:sourceip": Facts(Truth.UNKNOWN, Nature.INTERNET),
    "aws:sourcevpc": _foreign(),
    "aws:sourcevpce": _foreign(),
    "aws:sourcevpcarn": _foreign("account"),
    "aws:vpceaccount": _foreign(),
    "aws:vpceorgid": _foreign(),
    "aws:vpceorgpaths": _foreign("/"),
    "aws:ec2instancesourcevpc": _foreign(),
    "aws:sourcearn": _foreign("account"),
    "aws:sourceaccount": _foreign(),
    "aws:sourceowner": _foreign(),
    "aws:sourceorgid": _foreign(),
    "aws:sourceorgpaths": _foreign("/"),
    "s3:dataaccesspointarn": _foreign("account"),
    "s3:dataaccesspointaccount": _foreign(),
    "lambda:eventsourcetoken": _foreign(),
}
ANONYMOUS: Final = Context(
    "anyone on the internet",
    _NOT_THEIRS
    | dict.fromkeys(
        (
            "aws:principalarn", "aws:principalisawsservice", "aws:principalorgid", "aws:principalorgpaths",
            "aws:principalservicename", "aws:principalservicenameslist", "aws:principaltag/", "aws:username",
            "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime", "aws:sourceidentity",
            "aws:federatedprovider", "ec2:sourceinstancearn", "ec2:roledelivery", "kms:calleraccount",
        ),
        _ABSENT,
    )
    | {
        "aws:principalaccount": Facts(Truth.YES, Nature.FIXED, ("anonymous",)),
        "aws:principaltype": Facts(Truth.YES, Nature.FIXED, ("Anonymous",)),
        "aws:userid": Facts(Truth.YES, Nature.FIXED, ("anonymous",)),
        "aws:viaawsservice": Facts(Truth.YES, Nature.FIXED, ("false",)),
    },
)  # fmt: skip
FOREIGN: Final = Context(
    "any AWS account",
    _NOT_THEIRS
    | {
        "aws:principalarn": _foreign("account", Truth.YES),
        "aws:principalaccount": _foreign(present=Truth.YES),
        "kms:calleraccount": _foreign(present=Truth.YES),
        "aws:principalorgid": _foreign(),
        "aws:principalorgpaths": _foreign("/"),
        "aws:userid": _foreign(":", Truth.YES),
        "ec2:sourceinstancearn": _foreign("account"),
        "aws:principalisawsservice": Facts(Truth.YES, Nature.FIXED, ("false",)),
        "aws:principalservicename": _ABSENT,
        "aws:principalservicenameslist": _ABSENT,
    },
)
SERVICE: Final = Context(
    "an AWS service acting for any account",
    _NOT_THEIRS
    | {
        "aws:principalisawsservice": Facts(Truth.YES, Nature.FIXED, ("true",)),
        "aws:principalarn": _ABSENT,
        "aws:principalorgid": _ABSENT,
        "aws:principalorgpaths": _ABSENT,
        "aws:username": _ABSENT,
    },
)
# What a service sends when it assumes a role for its own customer: no MFA, no external id, no user's name.
OWN_SERVICE: Final = Context(
    "an AWS service acting for the account itself",
    {
        "aws:principalisawsservice": Facts(Truth.YES, Nature.FIXED, ("true",)),
        "aws:multifactorauthpresent": _ABSENT,
        "aws:multifactorauthage": _ABSENT,
        "aws:username": _ABSENT,
        "aws:principalarn": _ABSENT,
        "sts:externalid": _ABSENT,
    },
)
TOP: Final = Context("any request", {"aws:sourceip": Facts(Truth.UNKNOWN, Nature.ADDRESS)})

_NOW: Final = frozenset(("aws:currenttime", "aws:epochtime"))
_UNTIL: Final = ("LessThan", "LessThanEquals")
_WRITTEN: Final = date(2026, 1, 1)  # no request that is still to be made is older
_VARIABLE: Final = regex(r"\$\{(?![*?$]\})")  # `${*}`, `${?}` and `${$}` are escaped characters
_ONE_VARIABLE: Final = regex(r"\$\{\s*([^},\s]+)\s*\}")
# Comparing the caller's account or organization with the resource's keeps every stranger out.
_OWN: Final = frozenset(
    pair
    for one, other in (
        ("aws:principalorgid", "aws:resourceorgid"),
        ("aws:principalaccount", "aws:resourceaccount"),
        ("aws:sourceorgid", "aws:resourceorgid"),
        ("aws:sourceaccount", "aws:resourceaccount"),
    )
    for pair in ((one, other), (other, one))
)


def holds(conditions: Iterable[Maybe[Condition]], context: Context, *, of_all: bool = False) -> Truth:
    """Whether the conditions are true of some caller of the class; with `of_all`, of every one.

    Leaves are judged one by one, so "some" is an upper bound: contradictions between leaves are not seen.
    """
    return all_of(_leaf(condition, context, of_all=of_all) for condition in conditions)


def restricts(condition: Maybe[Condition]) -> Truth:
    """Whether a leaf turns away any request that carries its key; no for `*`, `0.0.0.0/0` and the like."""
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN
    operator = parse_operator(condition.operator)
    if operator is None:
        return Truth.UNKNOWN
    if operator.family is Family.NULL:
        return Truth.YES
    if condition.key.lower() == "iam:passedtoservice" and operator.wildcards and not operator.negated:
        universal = (isinstance(value, str) and covers(value, "*.amazonaws.com") for value in condition.values)
        if any(universal):
            return Truth.NO
    return ~_compare(operator, condition, TOP.of(condition.key), of_all=True)


def is_positive_guard(condition: Condition) -> bool:
    """Whether a leaf asks for a value: not negated, not IfExists, not ForAllValues, not Null."""
    operator = parse_operator(condition.operator)
    return (
        operator is not None
        and not operator.negated
        and not operator.if_exists
        and operator.quantifier != "ForAllValues"
        and operator.family is not Family.NULL
    )


def _leaf(condition: Maybe[Condition], context: Context, *, of_all: bool) -> Truth:
    if isinstance(condition, Unknown):
        return Truth.UNKNOWN
    operator = parse_operator(condition.operator)
    if operator is None:
        return Truth.UNKNOWN
    if _is_over(operator, condition):
        return Truth.NO
    facts = context.of(condition.key)
    if operator.family is Family.NULL:
        return _null(condition, facts, of_all=of_all)
    if context is not TOP and _is_own(condition, operator):
        return Truth.NO
    answers: list[Truth] = []
    if facts.present is not Truth.YES:
        missing = operator.if_missing
        answers.append(Truth.UNKNOWN if missing is None else Truth.of(known=missing))
    if facts.present is not Truth.NO:
        answers.append(_compare(operator, condition, facts, of_all=of_all))
    return all_of(answers) if of_all else any_of(answers)


def _is_over(operator: Operator, condition: Condition) -> bool:
    """Whether a leaf asks for a time that was over when this was written. Which later day has come, the callers of a rule know."""
    until = operator.family in (Family.DATE, Family.NUMERIC) and operator.name.endswith(_UNTIL)
    return until and condition.key.lower() in _NOW and are_past(condition.values, _WRITTEN)


def _null(condition: Condition, facts: Facts, *, of_all: bool) -> Truth:
    """`Null: true` asks for requests without the key."""
    answers: list[Truth] = []
    for value in condition.values:
        if isinstance(value, Unknown) or value.lower() not in ("true", "false"):
            answers.append(Truth.UNKNOWN)
        elif facts.present is Truth.UNKNOWN:
            answers.append(Truth.of(known=not of_all))
        else:
            answers.append(facts.present if value.lower() == "false" else ~facts.present)
    return any_of(answers)


def _is_own(condition: Condition, operator: Operator) -> bool:
    """Whether a leaf compares the caller with the resource's owner, and nothing else."""
    key = condition.key.lower()
    return is_positive_guard(condition) and operator.family is Family.STRING and bool(condition.values) and all(
        isinstance(value, str)
        and (found := _ONE_VARIABLE.fullmatch(value)) is not None
        and (key, found[1].lower()) in _OWN
        for value in condition.values
    )  # fmt: skip


def _compare(operator: Operator, condition: Condition, facts: Facts, *, of_all: bool) -> Truth:
    """Compare for requests that carry the key. A negated operator is true of some unless the positive is true of all."""
    asked_of_all = of_all != operator.negated
    if facts.nature in (Nature.INTERNET, Nature.ADDRESS):
        answer = _addresses(operator, condition, facts, of_all=asked_of_all)
    else:
        answer = any_of(_hits(operator, value, facts, of_all=asked_of_all) for value in condition.values)
    return ~answer if operator.negated else answer


def _addresses(operator: Operator, condition: Condition, facts: Facts, *, of_all: bool) -> Truth:
    if any(isinstance(value, str) and _universal(operator, value) for value in condition.values):
        return Truth.YES
    if operator.family is not Family.IP:
        return (
            Truth.UNKNOWN if condition.values else Truth.NO
        )  # AWS does not say what text operators make of an address
    if of_all:
        return covers_all_of_ipv4(condition.values)
    if facts.nature is Nature.INTERNET:
        return names_the_internet(condition.values)
    return any_of(
        Truth.UNKNOWN if isinstance(value, Unknown) else Truth.of(known=not is_private(value))
        for value in condition.values
    )


def _hits(operator: Operator, value: Maybe[str], facts: Facts, *, of_all: bool) -> Truth:
    """Whether one value admits some caller, or all of them.

    A text that is compared as a whole names somebody whatever it is: a star in it would be a star.
    """
    if isinstance(value, Unknown):
        exact = operator.family is Family.STRING and not operator.wildcards
        return Truth.NO if exact and facts.nature is Nature.FOREIGN else Truth.UNKNOWN
    if _universal(operator, value):
        # An ARN operator wants six parts; what AWS makes of a bare star is not documented.
        return Truth.UNKNOWN if operator.family is Family.ARN else Truth.YES
    match facts.nature:
        case Nature.CHOSEN:
            return Truth.NO if of_all else Truth.YES
        case Nature.FIXED:
            return _equals_some(operator, value, facts.values)
        case _:
            open_ = _is_open(operator, value, facts.fixed_part)
            return Truth.NO if of_all and open_ is Truth.YES else open_


def _universal(operator: Operator, value: str) -> bool:
    return operator.wildcards and value != "" and not value.strip("*")


def _equals_some(operator: Operator, value: str, values: tuple[str, ...]) -> Truth:
    if REST in value or _VARIABLE.search(value):
        return Truth.UNKNOWN
    pairs = [(value.lower(), item.lower()) if operator.ignore_case else (value, item) for item in values]
    if operator.wildcards:
        return Truth.of(known=any(matches(pattern, item) for pattern, item in pairs))
    return Truth.of(known=any(pattern == item for pattern, item in pairs))


def _is_open(operator: Operator, value: str, fixed_part: str) -> Truth:
    """Whether a value admits something that belongs to a stranger: its deciding part is no fixed text."""
    if operator.family not in (Family.STRING, Family.ARN):
        return Truth.UNKNOWN
    part = _deciding(value, fixed_part)
    if _VARIABLE.search(part):
        return Truth.YES  # the caller's own tag, name or account
    if operator.wildcards and has_wildcard(part):
        return Truth.YES
    return Truth.UNKNOWN if REST in part else Truth.NO


def _deciding(value: str, fixed_part: str) -> str:
    """The part of a value that must be fixed to name somebody."""
    if fixed_part == "all":
        return value
    if fixed_part != "account":
        return value.partition(fixed_part)[0]
    parts = value.split(":", 5)
    if len(parts) == 6 and parts[4]:  # noqa: PLR2004  # an ARN has six parts, the fifth is the account
        return parts[4]
    return value  # a bucket's ARN has no account: its name must stand
