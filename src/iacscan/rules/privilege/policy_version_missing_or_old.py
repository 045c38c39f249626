"""Policy is written in the language of 2008, which knows no variables.

## Why it matters

Without `Version`, or with `2008-10-17`, IAM reads a policy by the rules of 2008. In these `${aws:username}` is plain text: a Deny for
everybody's own folder denies a folder that nobody has, and an Allow grants nothing.

## How to fix it

Write the version of 2012:

```hcl
policy = jsonencode({
  Version   = "2012-10-17"
  Statement = [{
    Effect   = "Allow"
    Action   = "s3:GetObject"
    Resource = "arn:aws:s3:::home/$${aws:username}/*"
  }]
})
```

`aws_iam_policy_document` writes this version by itself.

## How to fix it in CloudFormation

Write the version of 2012, in quotes:

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
          Action: s3:GetObject
          Resource: arn:aws:s3:::home/${aws:username}/* # within !Sub: ${!aws:username}
```

## What it leaves alone

Policies for organizations (IAM716). Policies of resources without variables are reported as information only: AWS's own defaults for topics and keys
are of 2008. Policies of identities without variables are low.

## When it cannot tell

The version is not known, and the policy has variables.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Severity, Undecided, Violation
from ...policy.variables import variables
from .._documents import texts
from .._rule import Example, Verdict, World, rule

_CURRENT: Final = "2012-10-17"
_SHOWN: Final = 3

_POLICY = """
resource "aws_iam_policy" "home" {%s
  name   = "home"
  policy = jsonencode({
    %sStatement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::home/%s" }]
  })
}
"""
_VARIABLE = "$${aws:username}/*"

BAD = Example(_POLICY % ("  # bad", 'Version = "2008-10-17", ', _VARIABLE), "nobody is called ${aws:username}")
MISSING = Example(_POLICY % ("  # bad", "", "public/*"), "low: it means the same in both languages")
GOOD = Example(_POLICY % ("", 'Version = "2012-10-17", ', _VARIABLE))
UNDECIDED = Example(_POLICY % ("  # undecided", "Version = var.language, ", _VARIABLE) + '\nvariable "language" {}\n')


@rule(
    code="IAM418",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",
    ),
    examples=(BAD, MISSING, GOOD, UNDECIDED),
)
def policy_version_missing_or_old(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that is not of the current version."""
    for text in texts(world):
        document = text.document
        if document.version == _CURRENT or text.kind == "organization":
            continue
        literal = variables(document)
        if document.unknown_version is not None:
            if literal:
                yield Undecided(
                    subject=text.origin,
                    message=f"whether {literal[0]} is a variable or plain text depends on the version of the policy, "
                    f"which is not known: {document.unknown_version.because}",
                    evidence=literal[:_SHOWN],
                    related=text.related,
                    key=text.kind,
                )
            continue
        written = "has no Version" if document.version is None else f"is of version {document.version}"
        if literal:
            message = f"{literal[0]} is plain text, not a variable, because the {text.kind} policy {written}"
            severity = Severity.MEDIUM
        else:
            message = f"the {text.kind} policy {written}, so that a variable in it would be plain text"
            severity = Severity.LOW if text.kind in ("identity", "trust") else Severity.INFO
        yield Violation(
            subject=text.origin,
            message=message,
            evidence=literal[:_SHOWN],
            related=text.related,
            severity=severity,
            key=text.kind,
        )
