"""Image, snapshot or document is shared with every AWS account, or the account's guard against that is switched off.

## Why it matters

A disk image or a database snapshot holds everything that was on the disk: data, keys in configuration files, shell histories. Public ones are listed for everybody, and
are copied by scanners within minutes; a copy stays when the original is made private again.

## How to fix it

Share with single accounts, and keep the guards on:

```hcl
resource "aws_ebs_snapshot_block_public_access" "this" {
  state = "block-all-sharing"
}

resource "aws_ec2_image_block_public_access" "this" {
  state = "block-new-sharing"
}
```

## How to fix it in CloudFormation

A repository of ECR Public is for everybody. What is not for everybody belongs in a private one, and is shared with single accounts:

```yaml
ImagesRepository:
  Type: AWS::ECR::Repository
  Properties:
    RepositoryPolicyText:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            AWS: arn:aws:iam::111122223333:root
          Action: [ecr:BatchGetImage, ecr:GetDownloadUrlForLayer]
```

## What it leaves alone

Sharing with named accounts and organizations. A guard that is switched off is of medium severity, as nothing is shared by it alone; a
repository of ECR Public is told for information, for it can be nothing else.

## When it cannot tell

With whom something is shared is not known.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...finding import Severity, Undecided, Violation
from ...value import Unknown
from .._rule import Example, Verdict, World, rule


class _Text(Struct, frozen=True):
    said: str
    severity: Severity = Severity.HIGH


_TEXTS: Final = {
    "image": _Text("any AWS account in the world may start instances from this image, and read its disk"),
    "database-snapshot": _Text("any AWS account in the world may restore this snapshot, and read the database"),
    "document": _Text("any AWS account in the world may read and run this document"),
    "snapshot-guard": _Text("snapshots of disks in this account and region may be shared with everybody", Severity.MEDIUM),
    "image-guard": _Text("images in this account and region may be shared with everybody", Severity.MEDIUM),
    "document-guard": _Text("documents in this account and region may be shared with everybody", Severity.MEDIUM),
    "cluster-guard": _Text("EMR clusters may be started with ports open to the internet", Severity.MEDIUM),
    "public-registry": _Text("anyone on the internet may pull images from this repository, as from all of ECR Public", Severity.INFO),
}  # fmt: skip

_IMAGE = """
resource "aws_ami_launch_permission" "base" {%s
  image_id = "ami-0123456789abcdef0"
  %s
}
"""
_SNAPSHOT = """
resource "aws_db_snapshot" "orders" {%s
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-before-migration"
  shared_accounts        = [%s]
}
"""

BAD = Example(_IMAGE % ("  # bad", 'group = "all"'), "an image for everybody")
BAD_SNAPSHOT = Example(_SNAPSHOT % ("  # bad", '"all"'), "a database for everybody")
BAD_GUARD = Example('resource "aws_ebs_snapshot_block_public_access" "this" {  # bad\n  state = "unblocked"\n}\n')
GOOD = Example(_IMAGE % ("", 'account_id = "111122223333"'), "one account")
GOOD_SNAPSHOT = Example(_SNAPSHOT % ("", '"111122223333"'))
UNDECIDED = Example('variable "partner" {}\n' + _SNAPSHOT % ("  # undecided", "var.partner"), "who it is, nobody says")


@rule(
    code="IAM913",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharing-amis.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html",
        "https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html",
    ),
    controls=("Security Hub EC2.1", "Security Hub RDS.1", "Security Hub SSM.4", "CWE-284"),
    examples=(BAD, BAD_SNAPSHOT, BAD_GUARD, GOOD, GOOD_SNAPSHOT, UNDECIDED),
)
def public_snapshot_or_image(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each thing that is, or may be, given to everybody by a switch."""
    for share in world.estate.shares:
        text = _TEXTS[share.what]
        if isinstance(share.public, Unknown):
            yield Undecided(
                subject=share.origin,
                message=f"whether {text.said} is not known: {share.public.because}",
                severity=text.severity,
            )
        elif share.public:
            yield Violation(
                subject=share.origin,
                message=text.said,
                evidence=(share.evidence,) if share.evidence else (),
                severity=text.severity,
            )
