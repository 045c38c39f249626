"""Instance calls AWS when it starts, but has no role to do it with.

## Why it matters

A script that calls AWS needs credentials. An instance without an instance profile has none of its own, so that either the script fails, or
somebody has put an access key on the image or into the script: one that never ends, and that everybody has who can read either.

## How to fix it

Give the instance a role, and the role the few actions that the script needs:

```hcl
resource "aws_iam_instance_profile" "worker" {
  name = "worker"
  role = aws_iam_role.worker.name
}

resource "aws_instance" "worker" {
  ami                  = "ami-0abcdef1234567890"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.worker.name
  user_data            = "aws s3 cp s3://releases/worker.tar.gz /opt/"
}
```

## How to fix it in CloudFormation

Give the instance a role, and the role the few actions that the script needs:

```yaml
WorkerProfile:
  Type: AWS::IAM::InstanceProfile
  Properties:
    Roles:
      - !Ref WorkerRole
WorkerInstance:
  Type: AWS::EC2::Instance
  Properties:
    IamInstanceProfile: !Ref WorkerProfile
    UserData:
      Fn::Base64: aws s3 cp s3://releases/worker.tar.gz /opt/
```

## What it leaves alone

Instances whose script does not call AWS, or calls it with `--no-sign-request`, and those of a launch template, which may name the profile. A script
that sets an access key is reported by IAM202.

## When it cannot tell

It does not ask what a script does that is not known. Of a launch template the confidence is medium: whoever starts an instance with it
may add a profile.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Confidence, Severity, Violation
from .._rule import Example, Verdict, World, rule

_SHOWN: Final = 4
_KEYS: Final = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})

_INSTANCE = """
resource "aws_instance" "worker" {%s
  ami           = "ami-0abcdef1234567890"
  instance_type = "t3.micro"
  %s
}
"""
_SCRIPT = 'user_data = "#!/bin/sh\\naws %ss3 cp s3://releases/worker.tar.gz /opt/\\n"'

BAD = Example(_INSTANCE % ("  # bad", _SCRIPT % ""))
BAD_TEMPLATE = Example(
    """
resource "aws_launch_template" "worker" {  # bad
  name      = "worker"
  user_data = base64encode("#!/bin/sh\\naws ssm get-parameter --name /worker/token\\n")
}
""",
    "the script stands in a launch template",
)
GOOD = Example(_INSTANCE % ("", _SCRIPT % "" + '\n  iam_instance_profile = "worker"'))
GOOD_UNSIGNED = Example(
    _INSTANCE % ("", 'user_data = "aws s3 cp --no-sign-request s3://open-data/list.csv /opt/"'), "a public bucket"
)
GOOD_QUIET = Example(_INSTANCE % ("", 'user_data = "apt-get install -y awscli"'), "calls nothing")


@rule(
    code="IAM206",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
    ),
    controls=("CIS 1.17 (v3: 1.18)",),
    examples=(BAD, BAD_TEMPLATE, GOOD, GOOD_UNSIGNED, GOOD_QUIET),
)
def compute_without_role_using_aws(world: World) -> Iterator[Verdict]:
    """Yield one violation for each such instance, or launch template."""
    for workload in world.estate.workloads:
        if not workload.calls or workload.profiles or workload.template or not _KEYS.isdisjoint(workload.environment):
            continue
        more = len(workload.calls) - _SHOWN
        shown = ", ".join(workload.calls[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        yield Violation(
            subject=workload.origin,
            message="its start-up script calls AWS, but it has no instance profile, so that no role gives it credentials",
            evidence=(shown,),
            confidence=Confidence.MEDIUM if workload.kind == "launch_template" else None,
        )
