"""User has two active access keys.

## Why it matters

The second key is for the days of a rotation, in which the old one is still in use. Where both stay, there are two secrets to leak, and no room to replace
one of them when it has: AWS allows two keys for a user.

## How to fix it

Keep the key that is used (`aws iam get-access-key-last-used` tells when), and delete the other. During a rotation, switch the old one off before it is deleted:

```hcl
resource "aws_iam_access_key" "old" {
  user   = aws_iam_user.exporter.name
  status = "Inactive"
}
```

## How to fix it in CloudFormation

Keep the key that is used (`aws iam get-access-key-last-used` tells when), and delete the other. During a rotation, switch the old one off before it is
deleted:

```yaml
OldKey:
  Type: AWS::IAM::AccessKey
  Properties:
    UserName: !Ref ExporterUser
    Status: Inactive
```

## What it leaves alone

Keys that are switched off (IAM807). Where something replaces the keys in time, two of them may be a rotation at work: for information only. That each key is
permanent is what IAM201 and IAM205 say.

## When it cannot tell

The status of a key is not known.
"""

from collections.abc import Iterator, Sequence

from ...finding import Related, Severity, Undecided, Violation
from ...model.iam import AccessKey
from .._rule import Example, Verdict, World, rule
from . import _owners

_USER = """
resource "aws_iam_user" "exporter" {
  name = "exporter"
}

resource "aws_iam_access_key" "first" {
  user   = aws_iam_user.exporter.name
  status = %s
}

resource "aws_iam_access_key" "second" {%s
  user = aws_iam_user.exporter.name
}
"""

BAD = Example(_USER % ('"Active"', "  # bad"))
BAD_ELSEWHERE = Example(
    """
resource "aws_iam_access_key" "exporter" {  # bad
  count = 2
  user  = "exporter"
}
""",
    "the user is made elsewhere",
)
GOOD = Example(_USER % ('"Inactive"', ""), "one of them is switched off")
UNDECIDED = Example(_USER % ("var.status", "  # undecided") + '\nvariable "status" {}\n')


@rule(
    code="IAM108",
    severity=Severity.LOW,
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",),
    controls=("CIS 1.12 (v3: 1.13)",),
    examples=(BAD, BAD_ELSEWHERE, GOOD, UNDECIDED),
)
def user_with_two_active_keys(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each user with more than one key that is, or may be, active."""
    by_address = sorted(world.estate.access_keys, key=lambda key: key.origin.address)
    for keys in _owners.by_owner(world, by_address).values():
        possible = [key for key in keys if key.status != "Inactive"]
        certain = [key for key in possible if key.status == "Active"]
        who = _owners.name_of(keys[0])
        if len(certain) > 1:
            *others, last = certain
            rotated = "time_rotating" in world.estate.types or any(key.rotated for key in certain)
            yield Violation(
                subject=last.origin,
                message=f"{who} has {len(certain)} active access keys",
                related=_related(others, "active as well"),
                severity=Severity.INFO if rotated else None,
            )
        elif len(possible) > 1:
            *others, last = [*(key for key in possible if key not in certain), *certain]
            yield Undecided(
                subject=last.origin,
                message=f"whether {who} has two active access keys is not known",
                related=_related(others, "may be active as well"),
            )


def _related(keys: Sequence[AccessKey], note: str) -> tuple[Related, ...]:
    return tuple(Related(key.origin, note) for key in keys)
