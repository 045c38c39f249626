"""Service control policy exempts whoever has a name, or a tag, that anybody below may take.

## Why it matters

An exemption such as `role/*Admin*` is meant for the platform team's roles. Every administrator of an account can make a role `MyAdmin` there, or put the tag on his own, and
the guardrail no longer holds for him, the very person whom it is to hold.

## How to fix it

Exempt one role by its full name, and deny everybody else to make or change it:

```hcl
statement {
  sid       = "ProtectPlatformRole"
  effect    = "Deny"
  actions   = ["iam:*Role", "iam:*RolePolicy"] # UpdateAssumeRolePolicy too
  resources = ["arn:aws:iam::*:role/platform-admin"]

  condition {
    test     = "ArnNotLike"
    variable = "aws:PrincipalArn"
    values   = ["arn:aws:iam::*:role/platform-admin"]
  }
}
```

## How to fix it in CloudFormation

Exempt one role by its full name, and deny everybody else to make or change it:

```yaml
ProtectPlatformRole:
  Type: AWS::Organizations::Policy
  Properties:
    Name: protect-platform-role
    Type: SERVICE_CONTROL_POLICY
    TargetIds:
      - !Ref WorkloadsUnit
    Content:
      Version: "2012-10-17"
      Statement:
        - Sid: ProtectPlatformRole
          Effect: Deny
          Action: [iam:*Role, iam:*RolePolicy] # UpdateAssumeRolePolicy too
          Resource: arn:aws:iam::*:role/platform-admin
          Condition:
            ArnNotLike:
              aws:PrincipalArn: arn:aws:iam::*:role/platform-admin
```

## What it leaves alone

Names without a wildcard; paths that only AWS makes roles under (`role/aws-reserved/…`, `role/aws-service-role/…`), and names that AWS Control Tower keeps for its own
roles (`AWSControlTower*`, `aws-controltower-*`, `stacksets-exec-*`); exemptions that another statement in the input protects, by denying to make such roles or to set the tag.

## When it cannot tell

Other service control policies are attached that are not in this input, and one of them may protect the exemption.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from ...finding import Related, Severity, Undecided, Violation
from ...model.organizations import OrganizationPolicy
from ...policy.action import ActionSet
from ...policy.arn import parse_arn
from ...policy.condition.operators import parse_operator
from ...policy.describe import describe
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.grant import covers_resource, statement_actions
from ...policy.pattern import covers, has_wildcard
from ...value import Maybe, Truth, Unknown
from .._rule import Example, Verdict, World, rule
from . import _guardrails

_PRINCIPAL: Final = "aws:principalarn"
_TAG: Final = "aws:principaltag/"
# Names that the mandatory controls of Control Tower, or AWS, keep from being taken:
# https://docs.aws.amazon.com/controltower/latest/controlreference/mandatory-controls.html
_KEPT: Final = ("AWSControlTower", "aws-controltower-", "stacksets-exec-", "aws-reserved/", "aws-service-role/")
_USER_ID: Final = "aws:userid"  # of sessions, the id of the role, a colon and the name of the session
_WRITTEN: Final = {"aws:useragent": "User-Agent", "aws:referer": "Referer"}
_EXCEPTING: Final = (_PRINCIPAL, _TAG)
_TAGGING: Final = ("aws:requesttag/", "aws:tagkeys")

_POLICY = """
resource "aws_organizations_policy" "trail" {%s
  name = "trail"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "KeepTrail"
        Effect    = "Deny"
        Action    = "cloudtrail:StopLogging"
        Resource  = "*"
        Condition = { %s }
      },
      %s
    ]
  })
}
"""
_BY_NAME = 'ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/%s" }'
_BY_TAG = 'StringNotEquals = { "aws:PrincipalTag/platform" = "true" }'
_PROTECTED = """{
        Sid       = "ProtectRoles"
        Effect    = "Deny"
        Action    = ["iam:CreateRole", "iam:UpdateAssumeRolePolicy"]
        Resource  = "arn:aws:iam::*:role/*Admin*"
        Condition = { ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/*Admin*" } }
      }"""
_TAG_PROTECTED = """{
        Sid       = "ProtectTag"
        Effect    = "Deny"
        Action    = ["iam:TagRole", "iam:TagUser", "sts:TagSession"]
        Resource  = "*"
        Condition = { "ForAnyValue:StringEquals" = { "aws:TagKeys" = "platform" } }
      }"""

BAD = Example(_POLICY % ("  # bad", _BY_NAME % "*Admin*", ""), "everybody may make a role with such a name")
BAD_PREFIX = Example(_POLICY % ("  # bad", _BY_NAME % "admin*", ""), "admin-mine is as easily made")
BAD_TAG = Example(_POLICY % ("  # bad", _BY_TAG, ""), "everybody may tag his role")
BAD_AGENT = Example(
    _POLICY % ("  # bad", 'StringNotLike = { "aws:UserAgent" = "*Terraform*" }', ""), "everybody may call himself so"
)
BAD_SESSION = Example(
    _POLICY % ("  # bad", 'StringNotLike = { "aws:userid" = "*:break-glass" }', ""), "everybody may name a session so"
)
BAD_ELSEWHERE = Example(
    _POLICY
    % (
        "  # bad",
        _BY_NAME % "*Admin*",
        """{
        Sid       = "NoRoot"
        Effect    = "Deny"
        Action    = "*"
        Resource  = "*"
        Condition = { StringLike = { "aws:PrincipalArn" = "arn:aws:iam::*:root" } }
      }""",
    ),
    "what root users may not do protects no role",
)
GOOD = Example(_POLICY % ("", _BY_NAME % "AWSControlTowerExecution", ""), "one role by its name")
GOOD_TOWER = Example(_POLICY % ("", _BY_NAME % "aws-controltower-*", ""), "Control Tower denies to make these")
GOOD_PATH = Example(
    _POLICY % ("", _BY_NAME % "aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*", ""),
    "only AWS makes roles there",
)
GOOD_PROTECTED = Example(_POLICY % ("", _BY_NAME % "*Admin*", _PROTECTED), "nobody else may make such a role")
GOOD_TAG = Example(_POLICY % ("", _BY_TAG, _TAG_PROTECTED), "nobody may set the tag")
UNDECIDED = Example(
    _POLICY % ("  # undecided", _BY_NAME % "*Admin*", "")
    + """
resource "aws_organizations_policy_attachment" "other" {
  policy_id = "p-a1b2c3d4"
  target_id = "r-ab12"
}
""",
    "a policy that is kept elsewhere may protect them",
)


@rule(
    code="IAM724",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn",
    ),
    controls=("CWE-863",),
    examples=(
        BAD,
        BAD_PREFIX,
        BAD_TAG,
        BAD_AGENT,
        BAD_SESSION,
        BAD_ELSEWHERE,
        GOOD,
        GOOD_TOWER,
        GOOD_PATH,
        GOOD_PROTECTED,
        GOOD_TAG,
        UNDECIDED,
    ),
)
def scp_exemption_bypassable(world: World) -> Iterator[Verdict]:
    """Yield one verdict for each policy with exemptions that anybody below can claim."""
    denies = [
        statement
        for policy in _guardrails.service_control_policies(world)
        if isinstance(policy.document, PolicyDocument)
        for statement in policy.document.statements
        if statement.effect == "Deny"
    ]
    foreign = _guardrails.foreign_guardrails(world)
    for policy in _guardrails.service_control_policies(world):
        found = _claimable(policy, denies)
        if not found:
            continue
        names = ", ".join(dict.fromkeys(name for _, name in found))
        evidence = tuple(dict.fromkeys(line for statement, _ in found for line in describe(statement)))
        if foreign:
            yield Undecided(
                subject=policy.origin,
                message=f"whether anybody below can claim the exemption of {names} is not known: other policies may protect it, and are not in this input",
                evidence=evidence,
                related=tuple(Related(item.origin, "attaches another policy") for item in foreign),
            )
        else:
            yield Violation(
                subject=policy.origin,
                message=f"an administrator of any account below can exempt himself: nothing denies him to claim {names}",
                evidence=evidence,
            )


def _claimable(policy: OrganizationPolicy, denies: list[Statement]) -> list[tuple[Statement, str]]:
    """Statements with an exemption that is not protected, and the exemption."""
    found: list[tuple[Statement, str]] = []
    for statement in policy.document.statements if isinstance(policy.document, PolicyDocument) else ():
        if statement.effect != "Deny":
            continue
        for condition in statement.conditions:
            if not isinstance(condition, Condition) or not _exempts(condition):
                continue
            key = condition.key.lower()
            if key == _PRINCIPAL:
                values = (value for value in condition.values if isinstance(value, str) and _is_open(value))
                found.extend(
                    (statement, value) for value in values if not any(_protects_name(deny, value) for deny in denies)
                )
            elif key.startswith(_TAG):
                tag = condition.key[len(_TAG) :]
                if not any(_protects_tag(deny, tag) for deny in denies):
                    found.append((statement, f"the tag {tag}"))
            elif key in _WRITTEN:
                found.append((statement, f"a {_WRITTEN[key]} header, which callers write themselves"))
            elif key == _USER_ID and any(isinstance(value, str) and value[:1] == "*" for value in condition.values):
                found.append((statement, "a session's name, which its maker chooses"))
    return found


def _exempts(condition: Condition) -> bool:
    """Whether a condition of a Deny lets through whom it names."""
    operator = parse_operator(condition.operator)
    return operator is not None and operator.negated


def _is_open(value: str) -> bool:
    """Whether an ARN pattern leaves open which role is meant, and AWS does not keep such names for itself.

    Who makes a role chooses its name and its path: fixed text before a wildcard keeps nobody out.
    """
    arn = parse_arn(value)
    if arn is None or arn.service != "iam" or not arn.resource.startswith("role/"):
        return False
    name = arn.resource.removeprefix("role/")
    return has_wildcard(name) and not name.startswith(_KEPT)


def _protects_name(deny: Statement, value: str) -> bool:
    """Whether a Deny keeps everybody who is not exempt himself from making such roles, or letting himself into them."""
    return (
        all(_keeps_out(item, value) for item in deny.conditions)
        and statement_actions(deny)[0].covers(_making())
        and (
            covers_resource(deny, value) is Truth.YES or any(covers(str(item), value) for item in deny.resources or ())
        )
    )


def _keeps_out(condition: Maybe[Condition], value: str) -> bool:
    """Whether a condition of a Deny excepts only whom a pattern means, or those who have one certain name."""
    return (
        isinstance(condition, Condition)
        and condition.key.lower() == _PRINCIPAL
        and _exempts(condition)
        and all(
            isinstance(item, Unknown) or covers(value, item) or (parse_arn(item) is not None and not _is_open(item))
            for item in condition.values
        )
    )


def _protects_tag(deny: Statement, tag: str) -> bool:
    """Whether a Deny is about setting a tag on roles, users or sessions."""
    if not statement_actions(deny)[0].overlaps(_setting_tags()):
        return False
    known = [item for item in deny.conditions if isinstance(item, Condition)]
    about = [item for item in known if item.key.lower().startswith(_TAGGING)]
    excepting = [item for item in known if item.key.lower().startswith(_EXCEPTING) and _exempts(item)]
    if len(about) + len(excepting) < len(deny.conditions):
        return False  # it denies only in some regions, or to some
    return not about or any(
        item.key.lower() == f"aws:requesttag/{tag.lower()}"
        or any(isinstance(value, str) and covers(value.lower(), tag.lower()) for value in item.values)
        for item in about
    )


@cache
def _making() -> ActionSet:
    return ActionSet.of(("iam:CreateRole", "iam:UpdateAssumeRolePolicy"))


@cache
def _setting_tags() -> ActionSet:
    return ActionSet.of(("iam:TagRole", "iam:TagUser", "sts:TagSession"))
