"""Role has its policies as arguments, which claim every policy of the role for themselves.

## Why it matters

`inline_policy` and `managed_policy_arns` are exclusive: what another block, another stack or a person gives the role is taken away again by the
next apply, and comes back with theirs. The provider has deprecated both.

## How to fix it

One block for each policy, and where the list must be complete, a block that says so:

```hcl
resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = aws_iam_policy.worker.arn
}

resource "aws_iam_role_policy_attachments_exclusive" "worker" {
  role_name   = aws_iam_role.worker.name
  policy_arns = [aws_iam_policy.worker.arn]
}
```

## What it leaves alone

Templates, where these properties are the usual way. Where other blocks of the input give the role policies as well, the two take them from each
other on every apply, and the severity is medium; only then does an argument count that is empty (`managed_policy_arns = []`, `inline_policy {}`).

## When it cannot tell

It always can: which arguments are set stands in the configuration.
"""

from collections.abc import Iterator
from typing import Final

from ...finding import Origin, Related, Severity, Violation
from .._rule import Example, Verdict, World, rule

_SHOWN: Final = 6
_EMPTY: Final = {"inline_policy": "inline_policy {}", "managed_policy_arns": "managed_policy_arns = []"}

_ROLE = """
resource "aws_iam_role" "worker" {%s
  name = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
%s}
"""
_ARNS = '  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]\n'
_INLINE = """
  inline_policy {
    name = "logs"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents", Resource = "arn:aws:logs:eu-west-1:111122223333:log-group:w:*" }]
    })
  }
"""
_ATTACHMENT = """
resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
}
"""

BAD = Example(_ROLE % ("  # bad", _INLINE))
BAD_BOTH = Example(
    _ROLE % ("  # bad", _ARNS) + _ATTACHMENT, "medium: each apply takes away what the other has attached"
)
BAD_EMPTY = Example(
    _ROLE % ("  # bad", "  managed_policy_arns = []\n") + _ATTACHMENT, "medium: an empty list claims them all, too"
)
GOOD = Example(_ROLE % ("", "") + _ATTACHMENT)


@rule(
    code="IAM310",
    severity=Severity.LOW,
    references=("https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role",),
    examples=(BAD, BAD_BOTH, BAD_EMPTY, GOOD),
)
def deprecated_role_policy_arguments(world: World) -> Iterator[Verdict]:
    """Yield one violation for each role with such arguments."""
    for role in world.estate.roles:
        if role.origin.is_template:
            continue
        inline, attached = world.graph.inline_policies(role), world.graph.attachments(role)
        names: list[str] = []
        others: list[Origin] = []  # blocks that claim only what they name, and lose it to the argument
        if any(item.argument for item in inline):
            names.append("inline_policy")
            others += [item.origin for item in inline if not item.argument]
        if any(item.via == "argument" for item in attached):
            names.append("managed_policy_arns")
            others += [item.origin for item in attached if item.via != "argument"]
        for argument in role.emptied:
            contested = inline if argument == "inline_policy" else attached
            if contested:
                names.append(argument)
                others += [item.origin for item in contested]
        if not names:
            continue
        message = f"{' and '.join(names)} of the role {'claims' if len(names) == 1 else 'claim'} all of its policies"
        yield Violation(
            subject=role.origin,
            message=f"{message}; what other blocks give it is taken away by every apply" if others else message,
            evidence=tuple(_EMPTY[argument] for argument in role.emptied if argument in names),
            related=tuple(Related(origin, "gives it a policy as well") for origin in dict.fromkeys(others))[:_SHOWN],
            severity=Severity.MEDIUM if others else None,
        )
