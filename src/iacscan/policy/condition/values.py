"""What the values of well-known condition keys look like, and which values no request can have.

Formats are those of the pages that https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html refers to: organizations
(https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html), paths
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html#access_policies_last-accessed-viewing-orgs-entity-path),
external ids (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html), S3 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from msgspec import Struct

from ...value import Maybe
from ..document import Condition
from ..pattern import has_wildcard, overlaps
from .judge import is_positive_guard
from .keys import Type, key_info
from .network import network
from .operators import Family, Operator, parse_operator


class _Format(Struct, frozen=True):
    """What a value looks like, in words and as a regular expression; `shape` is a pattern that all of them match."""

    words: str
    form: str
    shape: str = "*"


_DOMAIN: Final = r"\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|aws\.internal|[a-z0-9.-]+\.gov)"
_ORGANIZATION: Final = _Format("an organization's id such as o-a1b2c3d4e5", r"o-[a-z0-9]{10,32}", "o-*")
_PATH: Final = _Format(
    "a path from an organization's id down, with a slash at its end, such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
    r"o-[a-z0-9]{10,32}/r-[0-9a-z]{4,32}/(?:ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}/)*",
    "o-*/r-*/",
)
_ACCOUNT: Final = _Format("an account id of twelve digits", r"\d{12}", "????????????")
_VPC: Final = _Format("a VPC's id such as vpc-0123456789abcdef0", r"vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})", "vpc-*")
_ENDPOINT: Final = _Format(
    "an endpoint's id such as vpce-0123456789abcdef0", r"vpce-(?:[0-9a-f]{8}|[0-9a-f]{17})", "vpce-*"
)
_REGION: Final = _Format("a region such as eu-central-1", r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}|(?:aws-)?global")
_SERVICE: Final = _Format("a service's name such as lambda.amazonaws.com", rf"[a-z0-9_.-]+{_DOMAIN}", "*.*")
_THROUGH: Final = _Format(
    "a service in a region such as s3.eu-central-1.amazonaws.com",
    rf"[a-z0-9_.-]+\.[a-z]{{2,4}}(?:-[a-z]+)+-\d{{1,2}}{_DOMAIN}",
    "*.*.*.*",
)
_ARN: Final = _Format("an ARN", r"arn:[a-z-]+:[^:]*:[^:]*:[^:]*:.+", "arn:*:*:*:*:*")
_BOOLEAN: Final = _Format("true or false", r"true|false")
_NUMBER: Final = _Format("a number", r"[+-]?\d+(?:\.\d+)?")
_EXTERNAL_ID: Final = _Format("an external id: 2 to 1,224 letters, digits and +=,.@:/-_", r"[\w+=,.@:/-]{2,1224}")

_OF_KEY: Final = {
    **dict.fromkeys(("aws:principalorgid", "aws:resourceorgid", "aws:sourceorgid", "aws:vpceorgid"), _ORGANIZATION),
    **dict.fromkeys(
        ("aws:principalorgpaths", "aws:resourceorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"), _PATH
    ),
    **dict.fromkeys(
        (
            "aws:resourceaccount", "aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount", "kms:calleraccount",
            "s3:dataaccesspointaccount", "s3:resourceaccount",
        ),
        _ACCOUNT,
    ),
    "aws:principalaccount": _Format(_ACCOUNT.words, rf"{_ACCOUNT.form}|anonymous"),
    "aws:sourcevpc": _VPC,
    "aws:ec2instancesourcevpc": _VPC,
    "aws:sourcevpce": _ENDPOINT,
    "aws:requestedregion": _REGION,
    **dict.fromkeys(
        (
            "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:principalservicename",
            "aws:principalservicenameslist", "iam:awsservicename", "iam:passedtoservice",
        ),
        _SERVICE,
    ),
    "kms:viaservice": _THROUGH,
    "iam:permissionsboundary": _ARN,
    "iam:policyarn": _ARN,
    "sts:externalid": _EXTERNAL_ID,
    "aws:principaltype": _Format(
        "Account, User, FederatedUser, AssumedRole or Anonymous", r"account|user|federateduser|assumedrole|anonymous"
    ),
    "s3:x-amz-server-side-encryption": _Format(
        "AES256, aws:kms, aws:kms:dsse or aws:fsx", r"aes256|aws:kms(?::dsse)?|aws:fsx"
    ),
    "s3:x-amz-acl": _Format(
        "a canned ACL such as bucket-owner-full-control",
        r"private|public-read(?:-write)?|authenticated-read|aws-exec-read|bucket-owner-(?:read|full-control)|log-delivery-write",
    ),
}  # fmt: skip
_ANY_PROVIDER: Final = "aws:federatedprovider"  # an ARN for most providers, a host for some


@lru_cache(maxsize=4096)
def impossible(operator: Operator, key: str, value: str) -> str | None:
    """What values look like that the key can have, in words, if this one is none of them; None if it may be.

    Silent about symbols and policy variables, about wildcards that an operator takes literally and ARNs of ARN operators (which
    have rules of their own), about dates (`dates.py`), and about values that are right but for upper and lower case.
    """
    if "⟦" in value or "${" in value:
        return None
    expected = _format(operator, key.lower())
    if expected is None:
        return None
    if expected is _ADDRESS:
        return None if has_wildcard(value) or network(value) else expected.words
    if has_wildcard(value):
        open_ = not operator.wildcards or overlaps(value.lower(), expected.shape)
        return None if open_ else expected.words
    return None if re.fullmatch(expected.form, value.lower(), re.ASCII) else expected.words


_ADDRESS: Final = _Format("an address or a range such as 198.51.100.0/24", "")
_OF_FAMILY: Final = {Family.BOOL: _BOOLEAN, Family.NUMERIC: _NUMBER, Family.IP: _ADDRESS}


def _format(operator: Operator, key: str) -> _Format | None:
    """What a value must look like, by its operator, else by its key."""
    if operator.family is not Family.STRING:
        return _OF_FAMILY.get(operator.family)
    known = key_info(key)
    if known is not None and known.type is Type.ARN and key != _ANY_PROVIDER:
        return _ARN
    return _OF_KEY.get(key)


def impossible_values(operator: Operator, condition: Condition) -> dict[str, str]:
    """The values of a condition that no request can have, each with what they should look like."""
    found = (
        (value, impossible(operator, condition.key, value)) for value in condition.values if isinstance(value, str)
    )
    return {value: words for value, words in found if words is not None}


def ask_for_the_impossible(conditions: Iterable[Maybe[Condition]]) -> bool:
    """Whether one of the conditions of a statement demands values of which no request can have any: then it is about none."""
    for condition in conditions:
        if isinstance(condition, Condition) and condition.values and is_positive_guard(condition):
            operator = parse_operator(condition.operator)
            if operator is not None and len(impossible_values(operator, condition)) == len({*condition.values}):
                return True
    return False
