"""Several policies say exactly the same.

## Why it matters

The copies are equal only today. Whoever takes a permission back in one of them believes it is gone, and it lives on in the others.
Each also counts against the quotas for policies.

## How to fix it

Keep one managed policy and attach it wherever it is needed:

```hcl
resource "aws_iam_policy" "read_config" {
  name   = "read-config"
  policy = data.aws_iam_policy_document.read_config.json
}

resource "aws_iam_role_policy_attachment" "read_config" {
  for_each   = { web = aws_iam_role.web.name, worker = aws_iam_role.worker.name }
  role       = each.value
  policy_arn = aws_iam_policy.read_config.arn
}
```

## How to fix it in CloudFormation

Keep one managed policy and attach it wherever it is needed:

```yaml
ReadConfigPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Roles:
      - !Ref WebRole
      - !Ref WorkerRole
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: ssm:GetParameter
          Resource: !Sub arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/config/*
```

## What it leaves alone

Trust policies, policies of permission sets (which cannot share one across accounts so simply), and copies in different accounts, that
is under different provider configurations. Copies of the usual permissions for logs and traces are only informative.

## When it cannot tell

The policies agree in all that is known, and the rest comes from the same place, but what stands there is not known.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, TypeAlias

from ...finding import Related, Severity, Undecided, Violation
from ...model.iam import InlinePolicy, ManagedPolicy
from ...policy.action import ActionSet
from ...policy.canonical import Canonical, canonical
from ...policy.describe import describe
from ...policy.document import PolicyDocument
from ...policy.grant import possible_actions
from .._rule import Example, Verdict, World, rule

_Policy: TypeAlias = ManagedPolicy | InlinePolicy

# What every function and task is given: writing logs, metrics and traces, and living in a VPC.
_USUAL: Final = (
    "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
    "xray:Put*", "xray:GetSampling*", "cloudwatch:PutMetricData", "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface",
)  # fmt: skip
_SHOWN: Final = 10  # copies that are listed by address

_ROLES = """
resource "aws_iam_role_policy" "web" {%s
  role   = "web"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = [%s] }]
  })
}

resource "aws_iam_role_policy" "worker" {
  role   = "worker"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = { Sid = "Config", Effect = "Allow", Action = ["s3:listbucket", "s3:GetObject"], Resource = [%s] }
  })
}
"""

BAD = Example(
    _ROLES
    % ("  # bad", '"arn:aws:s3:::config", "arn:aws:s3:::config/*"', '"arn:aws:s3:::config/*", "arn:aws:s3:::config"'),
    "only written differently",
)

GOOD = Example(
    _ROLES % ("", '"arn:aws:s3:::web", "arn:aws:s3:::web/*"', '"arn:aws:s3:::worker", "arn:aws:s3:::worker/*"'),
    "about different buckets",
)

UNDECIDED = Example(_ROLES % ("  # undecided", "var.bucket", "var.bucket") + '\nvariable "bucket" {}\n')


@rule(
    code="IAM304",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    ),
    examples=(BAD, GOOD, UNDECIDED),
)
def identical_policy_documents(world: World) -> Iterator[Verdict]:
    """Yield one verdict for each set of policies that say the same."""
    groups: defaultdict[tuple[str, str, Canonical], list[tuple[_Policy, PolicyDocument]]] = defaultdict(list)
    for policy in _policies(world):
        document = policy.document
        if isinstance(document, PolicyDocument) and document.statements:
            form = canonical(document)
            # What is not known through `local.x` is another local in each module.
            scope = "" if form.certain else policy.origin.module
            groups[(policy.origin.account, scope, form)].append((policy, document))
    for (_, _, form), copies in groups.items():
        if len(copies) > 1:
            yield from _verdict(form, copies)


def _policies(world: World) -> Iterator[_Policy]:
    yield from world.estate.managed_policies
    seen: set[object] = set()
    for policy in world.estate.inline_policies:
        place = (policy.origin.address, policy.name, policy.document)
        if policy.holder_kind == "permission-set" or (policy.origin.is_template and place in seen):
            continue  # an AWS::IAM::Policy of several holders is written once
        seen.add(place)
        yield policy


def _verdict(form: Canonical, copies: list[tuple[_Policy, PolicyDocument]]) -> Iterator[Verdict]:
    kept = next((policy for policy, _ in copies if isinstance(policy, ManagedPolicy)), None)
    subject, document = next((policy, document) for policy, document in copies if policy is not kept)
    others = [policy for policy, _ in copies if policy is not subject]
    related = tuple(Related(item.origin, _note(item, kept, form)) for item in others[:_SHOWN])
    evidence = tuple(line for statement in document.statements[:3] for line in describe(statement))
    rest = f" and {len(others) - 1} more" if len(others) > 1 else ""
    usual = all(ActionSet.of(_USUAL).covers(possible_actions(statement)) for statement in document.statements)
    if not form.certain:
        gaps = document.unknowns
        apart = len({policy.origin.resource for policy, _ in copies}) > 1
        if apart and not usual and gaps and all(gap.references for gap in gaps):
            yield Undecided(
                subject=subject.origin,
                message=f"this policy and {others[0].origin.address}{rest} may say exactly the same: {gaps[0].because}",
                evidence=evidence,
                related=related,
            )
        return
    yield Violation(
        subject=subject.origin,
        message=f"this policy says exactly the same as {others[0].origin.address}{rest}",
        evidence=evidence,
        related=related,
        severity=Severity.INFO if usual else None,
        remedy=None if kept is None else f"Attach {kept.origin.address} wherever it is needed, and delete the copies.",
    )


def _note(policy: _Policy, kept: _Policy | None, form: Canonical) -> str:
    if not form.certain:
        return "may say the same"
    return "says the same; this is the one to keep" if policy is kept else "says the same"
