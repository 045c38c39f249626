"""Policy gives everybody what begins with his name, and so what belongs to others whose names begin alike.

## Why it matters

`home/${aws:username}*` is meant for each user's own folder. The star goes on where the name ends: `ann` reaches the folders of `anna` and of `ann-admin`. Where the
resource is a user, `ann` may make an access key for `anna`, and be her.

## How to fix it

End the name before the star, or leave the star out:

```hcl
statement {
  actions   = ["s3:GetObject", "s3:PutObject"]
  resources = ["${aws_s3_bucket.home.arn}/$${aws:username}/*"]
}

statement {
  actions   = ["iam:CreateAccessKey"]
  resources = ["arn:aws:iam::*:user/$${aws:username}"]
}
```

## How to fix it in CloudFormation

End the name before the star, or leave the star out:

```yaml
HomesPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Groups:
      - !Ref StaffGroup
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: [s3:GetObject, s3:PutObject]
          Resource: !Sub ${HomesBucket.Arn}/${!aws:username}/*
        - Effect: Allow
          Action: iam:CreateAccessKey
          Resource: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:user/${!aws:username}
```

## What it leaves alone

Names that something ends (`${aws:username}/*`, `${aws:username}-*`), variables whose values have one length, such as the ids of roles and of identities, and
documents in which variables are plain text (IAM418). MFA devices: a person may need several.

## When it cannot tell

The rule is always certain about the texts that it sees; one that is not known is counted in the coverage.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from ...finding import Severity, Violation
from ...lazy import regex
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.document import Statement
from ...policy.excess import effective_actions
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power

# Variables that people's names stand in, with a wildcard right after them.
_OPEN: Final = regex(
    r"\$\{\s*(?:aws:(?:username|sourceidentity|principaltag/[^},]+)|saml:sub)\s*(?:,[^}]*)?\}[*?]", re.IGNORECASE
)
_USER: Final = ":user/"
_DEVICE: Final = ":mfa/"
_CURRENT: Final = "2012-10-17"

_POLICY = """
resource "aws_iam_group" "staff" {
  name = "staff"
}

resource "aws_iam_group_policy" "home" {%s
  group  = aws_iam_group.staff.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "%s", Action = %s, Resource = "%s" }]
  })
}
"""
_READ: Final = '["s3:GetObject", "s3:PutObject"]'
_USERS: Final = "arn:aws:iam::111122223333:user/$${aws:username}"

BAD = Example(
    _POLICY % ("  # bad", "Allow", _READ, "arn:aws:s3:::home/$${aws:username}*"), "ann reaches what is anna's"
)
BAD_USER = Example(
    _POLICY % ("  # bad", "Allow", '"iam:CreateAccessKey"', f"{_USERS}*"), "high: ann makes a key for anna, and is her"
)
BAD_TAG = Example(_POLICY % ("  # bad", "Allow", _READ, "arn:aws:s3:::data/$${aws:PrincipalTag/team}*"))
GOOD = Example(_POLICY % ("", "Allow", _READ, "arn:aws:s3:::home/$${aws:username}/*"), "the slash ends the name")
GOOD_USER = Example(_POLICY % ("", "Allow", '"iam:CreateAccessKey"', _USERS))
GOOD_DENY = Example(
    _POLICY % ("", "Deny", _READ, "arn:aws:s3:::home/$${aws:username}*"),
    "it denies too much, and gives nobody anything",
)


@rule(
    code="IAM426",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
    ),
    controls=("CWE-639",),
    examples=(BAD, BAD_USER, BAD_TAG, GOOD, GOOD_USER, GOOD_DENY),
)
def name_prefix_reaches_others(world: World) -> Iterator[Verdict]:
    """Yield a violation for each policy with such resources."""
    for policy in world.access.identity_policies:
        found = [
            (statement, texts, effective_actions(statement, document))
            for document, statement in _power.all_but_admin(policy)
            if document.version == _CURRENT and (texts := _open(statement))
        ]
        if not found:
            continue
        texts = tuple(dict.fromkeys(text for _, its, _ in found for text in its))
        grave = any(actions.overlaps(_becoming()) and any(_USER in text for text in its) for _, its, actions in found)
        more = f" and {len(texts) - 1} more" if len(texts) > 1 else ""
        yield Violation(
            subject=policy.origin,
            message=f"{_identity.who(policy)} may use {texts[0]}{more}: whose name is the beginning of another's has what is the other's as well",
            evidence=tuple(line for statement, _, _ in found for line in describe(statement)),
            related=_identity.related(policy),
            severity=Severity.HIGH if grave else None,
        )


def _open(statement: Statement) -> tuple[str, ...]:
    """Resources of a statement in which a wildcard follows somebody's name; none if a wider one makes no difference of it."""
    return tuple(
        text
        for text in statement.resources or ()
        if isinstance(text, str) and "${" in text and _OPEN.search(text) and _DEVICE not in text
    )


@cache
def _becoming() -> ActionSet:
    """What makes somebody a user, or gives the user more rights."""
    return ActionSet.of((
        "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateServiceSpecificCredential",
        "iam:PutUserPolicy", "iam:UpdateLoginProfile",
    ))  # fmt: skip
