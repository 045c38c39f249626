"""What `aws:PrincipalArn` holds, and what people compare it with.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn: for a session of a role it is the ARN of the role, with
its path, and not that of the session. Paths of AWS's own roles: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html.
"""

from typing import Final

from ...lazy import regex
from ..arn import parse_arn
from ..pattern import has_wildcard

KEY: Final = "aws:principalarn"
USER_ID: Final = "aws:userid"
_SESSION: Final = "assumed-role/"
_ROLE: Final = "role/"
# Beginnings of the names of roles that only AWS makes, and the path that it puts them under.
_PATHS: Final = (
    ("AWSReservedSSO_", "aws-reserved/sso.amazonaws.com/"),
    ("AWSServiceRoleFor", "aws-service-role/"),
)
_ROLE_ID: Final = regex(r"AROA[A-Z0-9]{12,}")


def is_session(value: str) -> bool:
    """Whether a value is the ARN of a session, which the key never holds."""
    arn = parse_arn(value)
    return arn is not None and arn.service == "sts" and arn.resource.startswith(_SESSION)


def role_of(value: str) -> str | None:
    """The ARN of the role whose session a value names; the path is a star where the role may have one."""
    arn = parse_arn(value)
    if arn is None or not is_session(value):
        return None
    name = arn.resource.removeprefix(_SESSION).partition("/")[0]
    path = next((path + "*" for beginning, path in _PATHS if name.startswith(beginning)), "")
    return f"arn:{arn.partition}:iam::{arn.account}:{_ROLE}{path}{name}"


def missing_path(value: str) -> str | None:
    """A value with the path that it lacks, if it names a role of AWS's own without it; None if it does not."""
    arn = parse_arn(value)
    if arn is None or arn.service != "iam" or not arn.resource.startswith(_ROLE):
        return None
    name = arn.resource.removeprefix(_ROLE)
    for beginning, path in _PATHS:
        if name.startswith(beginning):
            return f"arn:{arn.partition}:iam::{arn.account}:{_ROLE}{path}*{name}"
    return None


def is_root(value: str) -> bool:
    """Whether a value means the root user of an account, whom many take for the account."""
    arn = parse_arn(value)
    return arn is not None and arn.service == "iam" and arn.resource == "root"


def lacks_session(value: str) -> bool:
    """Whether a value of `aws:userid` is the bare id of a role; sessions of it have `AROA…:name`."""
    return _ROLE_ID.fullmatch(value) is not None and not has_wildcard(value)
