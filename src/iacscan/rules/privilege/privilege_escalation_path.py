"""Somebody may give itself more rights than it was given, in a few calls.

## Why it matters

A policy that names no administrator's right may still lead to all of them: `iam:AttachUserPolicy` on oneself, `iam:PassRole` together with
`lambda:CreateFunction`, a new access key for somebody else. Attackers with stolen keys try these calls first, and whoever reads the
policy sees no `*`. The rule knows the published paths (`PE-...` in the evidence) and asks of each whether the holder's policies *together*,
minus their Denies and within its permissions boundary, open it. It also looks for ways over several principals (at most four steps): to become
one that may become another, and so on to an administrator. Each step is told with its deciding statement, and where the way is best cut.

## How to fix it

Name the resources: the one role that may be passed, to the one service that needs it.

```hcl
data "aws_iam_policy_document" "deploy" {
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.function.arn]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com"]
    }
  }
}
```

Whoever must create users and roles does so under a boundary (`iam:PermissionsBoundary`), and may attach only named policies (`iam:PolicyARN`).

## How to fix it in CloudFormation

Name the resources: the one role that may be passed, to the one service that needs it.

```yaml
- Effect: Allow
  Action: iam:PassRole
  Resource: !GetAtt FunctionRole.Arn
  Condition:
    StringEquals:
      iam:PassedToService: lambda.amazonaws.com
```

Whoever must create users and roles does so under a boundary (`iam:PermissionsBoundary`), and may attach only named policies (`iam:PolicyARN`).

## What it leaves alone

Administrators, who have nothing to gain (IAM401, IAM402). Actions on oneself that give nothing (`user/${aws:username}` with
`iam:CreateAccessKey`). Roles to pass that have no more rights than the holder, or only those that every workload has (logs, traces). Paths that a Deny, a
boundary or a condition on `iam:PassedToService`, `iam:PolicyARN` or `iam:PermissionsBoundary` closes; conditions on MFA, network and organization
do not. A condition on tags closes a path unless the holder may set those tags itself. To assume a role is no finding, even an administrator's: that is
what roles are for; to do so by way of other roles is medium. Ways over several principals stay in one account, and are made of steps that are
certain. Taking over running workloads (`lambda:UpdateFunctionCode`) where the policy names them and none has more rights. Members of a group for what
the group has. Which resources the rights are on is not compared: a role that has the same actions on other resources counts as no gain.

## When it cannot tell

A resource of a deciding statement or the permissions boundary is not known, or the role or user that is named is not in the input, or what it
may do is not known.
"""

from collections.abc import Iterable, Iterator

from ...escalation import Path
from ...finding import Severity, Undecided, Violation
from ...routes import Route, Routes
from ...surroundings import Holder
from ...value import Truth
from .. import _escalations
from .._rule import Example, Verdict, World, rule
from . import _paths

_MORE = 5  # further paths that are named

ATTACH = Example(
    """
resource "aws_iam_user" "helpdesk" {
  name = "helpdesk"
}

resource "aws_iam_user_policy" "helpdesk" {  # bad
  name   = "helpdesk"
  user   = aws_iam_user.helpdesk.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["iam:Get*", "iam:AttachUserPolicy"], Resource = "*" }]
  })
}
""",
    "it may attach AdministratorAccess to itself",
)

PASS = Example(
    """
resource "aws_iam_role" "admin" {
  name               = "admin"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "admin" {
  role       = aws_iam_role.admin.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_user" "developer" {
  name = "developer"
}

resource "aws_iam_user_policy" "pass" {  # bad
  name   = "pass"
  user   = aws_iam_user.developer.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = aws_iam_role.admin.arn }]
  })
}

resource "aws_iam_user_policy" "functions" {
  name   = "functions"
  user   = aws_iam_user.developer.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["lambda:CreateFunction", "lambda:InvokeFunction"], Resource = "*" }]
  })
}
""",
    "the path is split over two policies",
)

SELF_SERVICE = Example(
    """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_policy" "keys" {
  name   = "keys"
  user   = aws_iam_user.ada.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateLoginProfile"]
      Resource = "arn:aws:iam::*:user/$${aws:username}"
    }]
  })
}
""",
    "only its own keys and password",
)

OTHER_SERVICE = Example(
    """
resource "aws_iam_user" "developer" {
  name = "developer"
}

resource "aws_iam_user_policy" "deploy" {
  name   = "deploy"
  user   = aws_iam_user.developer.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["lambda:CreateFunction", "lambda:InvokeFunction"], Resource = "*" },
      {
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = "*"
        Condition = { StringEquals = { "iam:PassedToService" = "backup.amazonaws.com" } }
      },
    ]
  })
}
""",
    "roles may only be passed to a service that runs no code",
)

OTHER_ACCOUNT = Example(
    """
provider "aws" {
  allowed_account_ids = ["111122223333"]
}

resource "aws_iam_user" "operator" {
  name = "operator"
}

resource "aws_iam_user_policy" "operator" {
  name   = "operator"
  user   = aws_iam_user.operator.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:PutRolePolicy", Resource = "arn:aws:iam::444455556666:role/*" }]
  })
}
""",
    "roles of another account: there the right counts for nothing",
)

UNDECIDED = Example(
    """
variable "role_arn" {}

resource "aws_iam_user" "developer" {
  name = "developer"
}

resource "aws_iam_user_policy" "deploy" {  # undecided
  name   = "deploy"
  user   = aws_iam_user.developer.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["lambda:CreateFunction", "lambda:InvokeFunction"], Resource = "*" },
      { Effect = "Allow", Action = "iam:PassRole", Resource = var.role_arn },
    ]
  })
}
""",
    "which role may be passed is not known",
)


ROUTE = Example(
    """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_policy" "ada" {  # bad
  user   = aws_iam_user.ada.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.deployer.arn }]
  })
}

resource "aws_iam_role" "deployer" {
  name               = "deployer"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" } }]
  })
}

resource "aws_iam_role_policy" "deployer" {  # bad
  role   = aws_iam_role.deployer.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:AttachRolePolicy", Resource = "*" }]
  })
}
""",
    "two steps: assume a role that can make itself an administrator",
)

TAGS = Example(
    """
resource "aws_iam_user" "manager" {
  name = "manager"
}

resource "aws_iam_user_policy" "manager" {  # bad
  user   = aws_iam_user.manager.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "iam:CreateAccessKey"
        Resource  = "*"
        Condition = { StringEquals = { "aws:ResourceTag/team" = "dev" } }
      },
      { Effect = "Allow", Action = "iam:TagUser", Resource = "*" },
    ]
  })
}
""",
    "the condition asks for a tag that the holder may set",
)


@rule(
    code="IAM408",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    ),
    controls=("CWE-269", "MITRE T1098", "MITRE T1078.004"),
    examples=(ATTACH, PASS, ROUTE, TAGS, SELF_SERVICE, OTHER_SERVICE, OTHER_ACCOUNT, UNDECIDED),
    tells=("IAM405", "IAM409", "IAM523"),
)
def privilege_escalation_path(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that opens a path, whoever holds it."""
    escalation = _escalations.of(world)
    routes = _by_first(Routes(escalation).all())
    opened: dict[tuple[str, str], list[tuple[Holder, list[Path]]]] = {}
    for holder in escalation.holders():
        paths = [path for path in escalation.paths(holder) if path.blocks and not _is_inherited(holder, path)]
        certain = [path for path in paths if path.opening.truth is Truth.YES]
        for block, found in _by_block(certain).items():
            if (holder.origin.address, block, found[0].opening.target) not in routes:
                opened.setdefault((block, found[0].opening.row.id), []).append((holder, found))
        if not certain and any(path.opening.row.alone for path in paths):
            yield _undecided(holder, next(path for path in paths if path.opening.row.alone))
    for holders in opened.values():
        yield _violation(holders)
    yield from _paths.led(routes.values())


def _is_inherited(holder: Holder, path: Path) -> bool:
    """Whether a user has all of a path from its groups, of which it is told then."""
    inherited = {held.origin.address for held in holder.held if held.via == "group"}
    return holder.kind == "user" and all(block.origin.address in inherited for block in path.blocks)


def _by_first(routes: Iterable[Route]) -> dict[tuple[str, str, str], Route]:
    """Routes by their holder, the policy that opens the first step, and whom it leads to: they say more than that step alone."""
    return {
        (route.holder.origin.address, _paths.origin(first).address, first.opening.target): route
        for route in routes
        if not _is_inherited(route.holder, first := route.steps[0].path)
    }


def _by_block(paths: list[Path]) -> dict[str, list[Path]]:
    """Paths by the policy to mend; those that are worth telling only beside others do not make a finding."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        found.setdefault(_paths.origin(path).address, []).append(path)
    return {block: inside for block, inside in found.items() if inside[0].opening.row.alone}


def _violation(holders: list[tuple[Holder, list[Path]]]) -> Violation:
    holder, paths = min(holders, key=lambda pair: pair[1][0].rank)
    path = paths[0]
    subject = _paths.origin(path)
    others = len(holders) - 1
    more = f", and so may {others} other{'s' if others > 1 else ''}" if others else ""
    return Violation(
        subject=subject,
        message=f"{holder.label} {_paths.may(path)}{more}",
        evidence=(*_paths.statements(path), *_listed(paths)),
        related=tuple(_paths.parts(subject, holders)),
        severity=path.severity,
        confidence=path.confidence,
        remedy=_paths.remedy(path),
        key=path.opening.row.id,
        about=_paths.about(paths),
    )


def _undecided(holder: Holder, path: Path) -> Undecided:
    subject = _paths.origin(path)
    return Undecided(
        subject=subject,
        message=f"{holder.label} perhaps {_paths.may(path)}: {path.opening.because}",
        evidence=tuple(_paths.statements(path)),
        related=tuple(_paths.parts(subject, [(holder, [path])])),
        severity=min(path.severity, Severity.MEDIUM),
        key=holder.origin.address,
    )


def _listed(paths: list[Path]) -> tuple[str, ...]:
    """The path's number, and those of further paths with the same root."""
    first, *others = (path.opening.row for path in paths)
    lines = [f"path {first.id} ({', '.join(first.sources)})"]
    if others:
        shown = ", ".join(row.id for row in others[:_MORE])
        rest = f" and {len(others) - _MORE} more" if len(others) > _MORE else ""
        lines.append(f"also {shown}{rest}")
    return tuple(lines)
