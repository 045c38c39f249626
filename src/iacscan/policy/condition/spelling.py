"""Values that are right but for upper and lower case, where the comparison minds it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String: only the operators with IgnoreCase do not mind. What
the keys hold is spelt as in the pages that `values.py` names.
"""

import re
from typing import Final

from ...lazy import regex
from ..document import Condition
from ..pattern import has_wildcard, matches
from .operators import Family, Operator

_LOWER: Final = frozenset((
    "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:ec2instancesourcevpc", "aws:principalorgid",
    "aws:principalorgpaths", "aws:principalservicename", "aws:principalservicenameslist", "aws:requestedregion", "aws:resourceorgid",
    "aws:resourceorgpaths", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceorgid",
    "aws:vpceorgpaths", "ec2:region", "iam:awsservicename", "iam:passedtoservice", "kms:viaservice", "s3:x-amz-acl",
))  # fmt: skip
_SPELT: Final = {
    "aws:principaltype": ("Account", "User", "FederatedUser", "AssumedRole", "Anonymous"),
    "s3:x-amz-server-side-encryption": ("AES256", "aws:kms", "aws:kms:dsse", "aws:fsx"),
    "s3:x-amz-storage-class": (
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR",
        "EXPRESS_ONEZONE",
    ),
}  # fmt: skip
# How subjects begin, by the claim's provider; all in lower case.
_SUBJECTS: Final = (
    ("token.actions.githubusercontent.com", "repo:"),
    ("gitlab.com", "project_path:"),
    ("app.terraform.io", "organization:"),
    ("agent.buildkite.com", "organization:"),
    ("oidc.eks.", "system:serviceaccount:"),
)
_AUDIENCE: Final = "sts.amazonaws.com"
_FIXED: Final = regex(r"\$\{[^}]*\}|⟦[^⟧]*⟧")  # what may be spelt as it likes
_ARN: Final = regex(r"arn:[a-z-]+:[a-z0-9-]+:", re.IGNORECASE)


def respelt(operator: Operator, key: str, value: str) -> str | None:
    """A value as requests spell it, if this one differs in nothing but case; None if it does not, or the comparison does not mind."""
    if operator.ignore_case or operator.family not in (Family.STRING, Family.ARN):
        return None
    right = _right(key.lower(), value, wildcards=operator.wildcards)
    return right if right is not None and right != value else None


def _right(key: str, value: str, *, wildcards: bool) -> str | None:
    if key in _LOWER:
        return _FIXED.sub("", value).lower() if not _FIXED.search(value) else None
    if key in _SPELT:
        return _among(_SPELT[key], value, wildcards=wildcards)
    beginning = _ARN.match(value)
    if beginning is not None:
        return beginning[0].lower() + value[beginning.end() :]
    prefix, _, claim = key.rpartition(":")
    if claim == "aud" and "." in prefix and value.lower() == _AUDIENCE:
        return _AUDIENCE
    if claim == "sub":
        for host, start in _SUBJECTS:
            if prefix.startswith(host) and value.lower().startswith(start):
                return start + value[len(start) :]
    return None


def _among(names: tuple[str, ...], value: str, *, wildcards: bool) -> str | None:
    if wildcards and has_wildcard(value):
        if any(matches(value, name) for name in names):
            return None
        return next((name for name in names if matches(value.lower(), name.lower())), None)
    return next((name for name in names if name.lower() == value.lower()), None)


def misspelt(operator: Operator, condition: Condition) -> dict[str, str]:
    """The values of a condition that only their case is wrong with, each as it should be; not where that stands beside it."""
    written = {value for value in condition.values if isinstance(value, str)}
    found = {value: respelt(operator, condition.key, value) for value in sorted(written)}
    return {value: right for value, right in found.items() if right is not None and right not in written}
