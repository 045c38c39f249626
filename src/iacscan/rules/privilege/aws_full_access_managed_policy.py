"""One of AWS's own policies gives full access to a service, on every resource of the account.

## Why it matters

AWS writes these policies for administrators of a service, not for those who use it. They cannot be limited to a bucket or a table, they grow
when AWS adds actions, and several of them pass roles or change who else gets in.

## How to fix it

Write a policy with the actions and resources that are needed, and attach that:

```hcl
resource "aws_iam_policy" "reports" {
  name   = "reports"
  policy = data.aws_iam_policy_document.reports.json # the actions and the bucket that are needed
}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = aws_iam_policy.reports.arn
}
```

## How to fix it in CloudFormation

Write a policy with the actions and resources that are needed, and attach that:

```yaml
ReportsPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Roles:
      - !Ref WorkerRole
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action:
            - s3:GetObject
            - s3:PutObject
          Resource: !Sub ${ReportsBucket.Arn}/*
```

## What it leaves alone

Policies that AWS made for the use of one service (`service-role/...`, `AmazonSSMManagedInstanceCore`, `CloudWatchAgentServerPolicy`),
`AdministratorAccess` (IAM401, IAM402), and what IAM402 says of roles that code runs with. On roles that code runs with the finding is high;
`ReadOnlyAccess` is medium there, because it reads the data of every bucket and table, and for information elsewhere.

## When it cannot tell

What the attachment attaches is not known, and it does not come from a policy of the configuration.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from ...finding import Related, Severity, Undecided, Violation
from ...identity_policies import IdentityPolicy
from ...lazy import regex
from ...model import iam
from ...policy.action import ActionSet, scopable
from ...policy.arn import REST
from ...policy.describe import describe
from ...policy.document import PolicyDocument, Statement
from ...policy.excess import Power, whole_services
from ...policy.grant import statement_resources_all_of
from ...value import Maybe, Truth, Unknown
from .. import _identity
from .._rule import Example, Verdict, World, rule
from . import _power

# What AWS calls policies that leave nothing of a service out. It is their names that people choose them by.
_FULL: Final = regex(r"FullAccess|Administrator|Admin(?=[A-Z]|$)")
_READERS: Final = {"ReadOnlyAccess": Severity.MEDIUM, "ViewOnlyAccess": Severity.INFO}
_SLIGHT: Final = frozenset({"cloudwatch", "logs", "xray"})
_SHOWN: Final = 3

_ROLE = """
resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "worker" {%s
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/%s"
}
"""

BAD = Example(_ROLE % (" # bad", "AmazonS3FullAccess"), "a function that may delete every bucket")
BAD_READER = Example(_ROLE % (" # bad", "ReadOnlyAccess"), "a function that reads everything")
BAD_OTHER = Example(_ROLE % (" # bad", "SecretsManagerReadWrite"), "full access by another name")
GOOD = Example(_ROLE % ("", "service-role/AWSLambdaBasicExecutionRole"), "made for the use of one service")
GOOD_READER = Example(_ROLE % ("", "AmazonDynamoDBReadOnlyAccess"))
UNDECIDED = Example(_ROLE % (" # undecided", "${var.name}") + '\nvariable "name" {}\n')


@rule(
    code="IAM404",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html#aws-managed-policies",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html",
    ),
    controls=("CIS 1.15 (v3: 1.16)", "CIS 1.21 (v3: 1.22)", "Security Hub IAM.27", "CWE-250"),
    examples=(BAD, BAD_READER, BAD_OTHER, GOOD, GOOD_READER, UNDECIDED),
    leaves=_power.LESSER,
)
def aws_full_access_managed_policy(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each attachment of one of AWS's own policies."""
    for policy in world.access.identity_policies:
        severity = _severity(world, policy) if policy.via == "aws-managed" else None
        if severity is None:
            continue
        whole = _whole(policy.document) if isinstance(policy.document, PolicyDocument) else ()
        yield Violation(
            subject=policy.origin,
            message=_message(policy),
            evidence=(
                f"policy_arn = {policy.name}",
                *(line for statement in whole[:_SHOWN] for line in describe(statement)),
            ),
            related=_identity.related(policy),
            severity=severity,
        )
    yield from _not_known(world)


def _not_known(world: World) -> Iterator[Undecided]:
    """Attachments of policies that are not known, one answer a block."""
    told: set[str] = set()
    for item in world.estate.attachments:
        link = item.policy
        address = item.origin.address
        if address in told or not (isinstance(link, Unknown) or link.endswith(REST)) or _is_customers(link):
            continue
        told.add(address)
        holder = world.graph.holder(item)
        who = "somebody" if holder is None else _identity.called(holder)
        because = link.because if isinstance(link, Unknown) else f"only its beginning {link.removesuffix(REST)} is"
        yield Undecided(
            subject=item.origin,
            message=f"{who} gets a policy that is not known, which may be one of AWS's own for full access: {because}",
            related=() if holder is None or holder.origin == item.origin else (Related(holder.origin, "gets it"),),
        )


def _is_customers(link: Maybe[str]) -> bool:
    """Whether a link that is not known comes from a customer managed policy."""
    references = link.references if isinstance(link, Unknown) else ()
    return any(
        "aws_iam_policy" in reference.address.split(".") for reference in references if "data." not in reference.address
    )


def _message(policy: IdentityPolicy) -> str:
    name = _name(policy)
    if name in _READERS:
        what = "read the data of every bucket, table and queue" if name == "ReadOnlyAccess" else "list everything"
        return f"{_identity.who(policy)} may {what} in the account by {name}"
    found = _power.power_of(policy)
    if found is not None:
        return f"{_identity.who(policy)} has {name}: it {_power.CAN[found.power]}"
    return f"{_identity.who(policy)} has {name}, which cannot be limited to the resources that are needed"


def _severity(world: World, policy: IdentityPolicy) -> Severity | None:
    """How bad the policy is for those who have it; None if it is not one that this rule is about."""
    found = _power.power_of(policy)
    if found is not None:
        told = found.power is Power.ADMIN or _power.is_left_to_compute(world, policy)
        return None if told else Severity.HIGH
    compute = any(
        isinstance(holder, iam.Role) and world.access.is_compute_role(holder) is Truth.YES for holder in policy.holders
    )
    name = _name(policy)
    if name in _READERS:
        return _READERS[name] if compute else Severity.INFO
    services = _services(policy.document) if isinstance(policy.document, PolicyDocument) else frozenset[str]()
    if _is_for_one_use(policy) or not (_FULL.search(name) or _can_be_limited(services)):
        return None
    if services and services <= _SLIGHT:
        return Severity.LOW
    return Severity.HIGH if compute else Severity.MEDIUM


def _name(policy: IdentityPolicy) -> str:
    return policy.name.rpartition("/")[2]


def _is_for_one_use(policy: IdentityPolicy) -> bool:
    """Whether AWS made the policy for the role of one service."""
    return any(f":policy/{path}/" in policy.name for path in ("service-role", "aws-service-role"))


def _can_be_limited(services: frozenset[str]) -> bool:
    return any(scopable().overlaps(ActionSet.of((f"{service}:*",))) for service in services)


@lru_cache(maxsize=256)
def _whole(document: PolicyDocument) -> tuple[Statement, ...]:
    """The statements that give a service whole, on all its resources."""
    return tuple(statement for statement in document.statements if _services_of(statement, document))


@lru_cache(maxsize=256)
def _services(document: PolicyDocument) -> frozenset[str]:
    return frozenset(item for statement in document.statements for item in _services_of(statement, document))


def _services_of(statement: Statement, document: PolicyDocument) -> tuple[str, ...]:
    if statement.effect != "Allow":
        return ()
    return tuple(
        service
        for service in whole_services(statement, document)
        if statement_resources_all_of(statement, service) is Truth.YES
    )
