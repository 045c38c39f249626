"""Somebody may give itself more rights than it was given, in one or two calls.

## Why it matters

A policy that names no administrator's right may still lead to all of them: `iam:AttachUserPolicy` on oneself, `iam:PassRole` together with
`lambda:CreateFunction`, a new access key for somebody else. Attackers with stolen keys try these calls first, and whoever reads the
policy sees no `*`. The rule knows the published paths (`PE-...` in the evidence) and asks of each whether the holder's policies *together*,
minus their Denies and within its permissions boundary, open it.

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

## What it leaves alone

Administrators, who have nothing to gain (IAM401, IAM402). Actions on oneself that give nothing (`user/${aws:username}` with
`iam:CreateAccessKey`). Roles to pass that have no more rights than the holder, or only those that every workload has (logs, traces). Paths that a Deny, a
boundary or a condition on `iam:PassedToService`, `iam:PolicyARN` or `iam:PermissionsBoundary` closes; conditions on MFA, network and organization
do not. Taking over running workloads (`lambda:UpdateFunctionCode`) where the policy names them and none has more rights. Members of a group for what
the group has. Which resources the rights are on is not compared: a role that has the same actions on other resources counts as no gain.

## When it cannot tell

A resource of a deciding statement or the permissions boundary is not known, or the role or user that is named is not in the input.
"""

from collections.abc import Iterator

import msgspec

from ...escalation import Escalation, Path
from ...finding import Origin, Related, Severity, Undecided, Violation
from ...policy.action import ActionSet
from ...policy.describe import describe
from ...policy.escalation import How
from ...policy.grant import condition_keys
from ...surroundings import Holder
from ...value import Truth
from .._rule import Example, Verdict, World, rule

_MORE = 5  # further paths that are named
_HOLDERS = 8  # further holders that are named
_ACTIONS = 3  # actions that are written out

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


@rule(
    code="IAM408",
    severity=Severity.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    ),
    controls=("CWE-269", "MITRE T1098", "MITRE T1078.004"),
    examples=(ATTACH, PASS, SELF_SERVICE, OTHER_SERVICE, UNDECIDED),
)
def privilege_escalation_path(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each policy that opens a path, whoever holds it."""
    escalation = Escalation(world.access)
    opened: dict[tuple[str, str], list[tuple[Holder, list[Path]]]] = {}
    of_groups: dict[str, set[str]] = {}
    for holder in escalation.holders():
        paths = [path for path in escalation.paths(holder) if path.blocks]
        address = holder.origin.address
        if holder.kind == "group":
            of_groups[address] = {path.opening.row.id for path in paths}
        elif holder.kind == "user":
            inherited = {held.origin.address for held in holder.held if held.via == "group"}
            paths = [path for path in paths if not all(block.origin.address in inherited for block in path.blocks)]
        certain = [path for path in paths if path.opening.truth is Truth.YES]
        for block, found in _by_block(certain).items():
            opened.setdefault((block, found[0].opening.row.id), []).append((holder, found))
        if not certain and any(path.opening.row.alone for path in paths):
            yield _undecided(holder, next(path for path in paths if path.opening.row.alone))
    for holders in opened.values():
        yield _violation(holders)


def _by_block(paths: list[Path]) -> dict[str, list[Path]]:
    """Paths by the policy to mend; those that are worth telling only beside others do not make a finding."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        found.setdefault(_origin(path).address, []).append(path)
    return {block: inside for block, inside in found.items() if inside[0].opening.row.alone}


def _origin(path: Path) -> Origin:
    """The block to mend: the policy with the first deciding statement, or the attachment of one of AWS's own."""
    first = path.blocks[0]
    return first.policy.origin if first.policy is not None else first.origin


def _violation(holders: list[tuple[Holder, list[Path]]]) -> Violation:
    holder, paths = min(holders, key=lambda pair: pair[1][0].rank)
    path = paths[0]
    subject = _origin(path)
    others = len(holders) - 1
    more = f", and so may {others} other{'s' if others > 1 else ''}" if others else ""
    return Violation(
        subject=subject,
        message=f"{holder.label} {_may(path)}{more}",
        evidence=(*_statements(path), *_listed(paths)),
        related=tuple(_related(subject, holders)),
        severity=path.severity,
        confidence=path.confidence,
        remedy=_remedy(path),
        key=path.opening.row.id,
    )


def _undecided(holder: Holder, path: Path) -> Undecided:
    subject = _origin(path)
    return Undecided(
        subject=subject,
        message=f"{holder.label} perhaps {_may(path)}: {path.opening.because}",
        evidence=tuple(_statements(path)),
        related=tuple(_related(subject, [(holder, [path])])),
        severity=min(path.severity, Severity.MEDIUM),
        key=holder.origin.address,
    )


def _may(path: Path) -> str:
    """Say what the path lets its holder do: "may attach AdministratorAccess to itself with iam:AttachUserPolicy"."""
    opening = path.opening
    row = opening.row
    target = opening.target
    actions = list(row.needs)
    shown = actions if len(actions) <= _ACTIONS else [*actions[: _ACTIONS - 1], f"{len(actions) - _ACTIONS + 1} more"]
    by = f"with {' and '.join(shown)}"
    if row.service:
        text = f"{row.does} as {target or f'any role that {row.service} may use'} {by}"
    elif row.runs or row.kind == "existing-role":
        text = f"{row.does} {by}, and so act as {target or 'the role that it has'}"
    else:
        text = f"{row.does.format(target=target or _anyone(path))} {by}"
    keys = condition_keys(opening.statements)
    only = f", only under conditions on {', '.join(keys)}" if keys else ""
    return f"may {text}{only}"


def _anyone(path: Path) -> str:
    """What the path is about, where it is the holder itself or nothing in particular."""
    kind = next(
        (
            word
            for word in ("user", "role", "group")
            if any(word in target for target in path.opening.row.needs.values())
        ),
        "",
    )
    if path.opening.how is How.PROVEN:
        return "its own group" if kind == "group" else "itself"
    return f"any {kind} of the account" if path.opening.how is How.LOOSE else f"any other {kind}"


def _statements(path: Path) -> Iterator[str]:
    """The deciding statements, each with those of its actions that decide."""
    needed = ActionSet.of(path.opening.row.needs)
    for statement in path.opening.statements:
        actions = statement.actions and tuple(
            text for text in statement.actions if isinstance(text, str) and ActionSet.of((text,)).overlaps(needed)
        )
        yield from describe(msgspec.structs.replace(statement, actions=actions))


def _listed(paths: list[Path]) -> tuple[str, ...]:
    """The path's number, and those of further paths with the same root."""
    first, *others = (path.opening.row for path in paths)
    lines = [f"path {first.id} ({', '.join(first.sources)})"]
    if others:
        shown = ", ".join(row.id for row in others[:_MORE])
        rest = f" and {len(others) - _MORE} more" if len(others) > _MORE else ""
        lines.append(f"also {shown}{rest}")
    return tuple(lines)


def _related(subject: Origin, holders: list[tuple[Holder, list[Path]]]) -> Iterator[Related]:
    """The holders, their attachments, the other policies that take part, and the target's block if it has one here."""
    told = {subject.address}
    for holder, paths in holders[:_HOLDERS]:
        parts = [(holder.origin, "holds it")]
        for block in paths[0].blocks:
            if block.policy is not None:
                parts.append((block.policy.origin, "takes part"))
                if block.policy.origin.address != block.origin.address:
                    parts.append((block.origin, "attaches it"))
            else:
                parts.append((block.origin, "takes part"))
        for origin, note in parts:
            if origin.address not in told:
                told.add(origin.address)
                yield Related(origin, note)


def _remedy(path: Path) -> str:
    row = path.opening.row
    if row.service:
        return (
            f"Limit iam:PassRole to the roles that are needed, with iam:PassedToService, and let none of them that "
            f"{row.service} may use have more rights than the holder."
        )
    action = next(iter(row.needs))
    if row.runs or row.kind == "existing-role":
        return f"Limit {action} to the resources that the holder is responsible for."
    return f"Limit {action} to the resources that are needed, under a path of their own, or require a permissions boundary."
