"""Console user may work without MFA: no policy that the user has asks for it.

## Why it matters

A password is phished, guessed, or taken from another site where it was used, too. Nothing makes people set up a second factor but a policy that refuses
everything else until they have; a device that Terraform or CloudFormation makes is assigned to nobody.

## How to fix it

Best: no console passwords in IAM; let people sign in through IAM Identity Center. Where they stay, give their group a policy that denies all but setting up
MFA to those who have not used it:

```hcl
data "aws_iam_policy_document" "mfa" {
  statement {
    effect = "Deny"
    not_actions = [
      "iam:ChangePassword",
      "iam:CreateVirtualMFADevice",
      "iam:EnableMFADevice",
      "iam:GetAccountPasswordPolicy",
      "iam:GetUser",
      "iam:ListMFADevices",
      "iam:ListVirtualMFADevices",
      "iam:ResyncMFADevice",
      "sts:GetSessionToken",
    ]
    resources = ["*"]

    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_group_policy" "mfa" {
  name   = "mfa"
  group  = aws_iam_group.staff.name
  policy = data.aws_iam_policy_document.mfa.json
}
```

## How to fix it in CloudFormation

Best: no console passwords in IAM; let people sign in through IAM Identity Center. Where they stay, give their group a policy that denies all but setting up
MFA to those who have not used it:

```yaml
MfaPolicy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    Groups:
      - !Ref StaffGroup
    PolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          NotAction:
            - iam:ChangePassword
            - iam:CreateVirtualMFADevice
            - iam:EnableMFADevice
            - iam:GetAccountPasswordPolicy
            - iam:GetUser
            - iam:ListMFADevices
            - iam:ListVirtualMFADevices
            - iam:ResyncMFADevice
            - sts:GetSessionToken
          Resource: "*"
          Condition:
            BoolIfExists:
              aws:MultiFactorAuthPresent: "false"
```

## What it leaves alone

Users who may do nothing yet but look after their own credentials (IAM309 reports those in no group), and those whose permissions all ask for MFA themselves.
Access keys that such a Deny lets pass are what IAM514 reports. A service control policy that asks for MFA counts where the input has it, and shows that the
user is in an account below its target. For users who may only assume roles the finding is low: the roles' trust policies may ask for MFA.

## When it cannot tell

A policy, a group or the permissions boundary of the user is not in the input, or is not known.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from ...effective import guardrails
from ...finding import Origin, Related, Severity, Undecided, Violation
from ...model import iam
from ...policy.action import ActionSet, everything
from ...policy.condition.judge import holds
from ...policy.condition.mfa import SESSION, first_steps
from ...policy.document import PolicyDocument, Statement
from ...policy.grant import possible_actions, statement_actions, statement_resources_everything
from ...value import Maybe, Truth, Unknown, all_of
from .._doubt import by_doubt
from .._rule import Example, Verdict, World, rule

_OWN_NAME: Final = "${aws:username}"
_MFA_KEYS: Final = "aws:multifactorauth"  # how all keys about MFA begin
_BECOMING: Final = ("sts:AssumeRole", "sts:TagSession")  # what the role's trust policy may ask MFA for
_SHOWN: Final = 3

_USER = """
resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_login_profile" "ada" {%s
  user = aws_iam_user.ada.name
}

resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [%s]
}
"""
_GROUP = """
resource "aws_iam_group" "staff" {
  name = "staff"
}

resource "aws_iam_group_policy" "work" {
  group  = aws_iam_group.staff.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/*"%s }]
  })
}
"""
_MFA = """
resource "aws_iam_group_policy" "mfa" {
  group  = aws_iam_group.staff.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      NotAction = %s
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}
"""
_STAFF = "aws_iam_group.staff.name"

BAD = Example(_USER % ("  # bad", _STAFF) + _GROUP % "")
BAD_GAP = Example(
    _USER % ("  # bad", _STAFF) + _GROUP % "" + _MFA % '["iam:*", "s3:*"]', "what the group is for needs no MFA"
)
GOOD = Example(
    _USER % ("", _STAFF)
    + _GROUP % ""
    + _MFA % '["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:GetUser"]'
)
GOOD_ALLOW = Example(
    _USER % ("", _STAFF) + _GROUP % ', Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }',
    "the permissions ask for MFA themselves",
)
UNDECIDED = Example(_USER % ("  # undecided", '"everybody"'), "the group may ask for MFA; it is made elsewhere")


@rule(
    code="IAM105",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
    ),
    controls=("CIS 1.9 (v3: 1.10)", "Security Hub IAM.5", "Security Hub IAM.19", "CWE-308"),
    examples=(BAD, BAD_GAP, GOOD, GOOD_ALLOW, UNDECIDED),
)
def console_user_without_mfa_enforcement(world: World) -> Iterator[Verdict]:
    """Yield a verdict for each console password whose user may, or may be able to, work without MFA."""
    for profile in world.estate.login_profiles:
        user = world.graph.user_of(profile)
        if user is None:
            yield Undecided(
                subject=profile.origin,
                message="whether a policy asks this console user for MFA is not known: the user is not in this input",
                severity=Severity.LOW,
            )
            continue
        related = () if user.origin.address == profile.origin.address else (Related(user.origin, "the user"),)
        left = _without_mfa(world, user)
        doubt = _doubt(world, user)
        if left.certain and not doubt:
            yield Violation(
                subject=profile.origin,
                message=f"who has the password may call {_called(left.certain)} without MFA: no policy of the user asks for it",
                related=(*related, *(Related(origin, "allows it") for origin in left.origins)),
                severity=Severity.LOW if ActionSet.of(_BECOMING).covers(left.certain) else None,
            )
        elif left.possible or doubt:
            because = doubt or left.because or "a Deny of its policies may or may not apply"
            yield Undecided(
                subject=profile.origin,
                message=f"whether a policy asks this console user for MFA is not known: {because}",
                related=related,
                severity=Severity.LOW,
            )


class _Left(Struct, frozen=True):
    """What a user may do in a console session without MFA, first steps apart: for certain, and perhaps."""

    certain: ActionSet
    possible: ActionSet
    origins: tuple[Origin, ...]
    because: str


def _without_mfa(world: World, user: iam.User) -> _Left:
    held = world.access.held(user)
    certain, possible = _allowed(item.document for item in held)
    boundary = world.access.boundary(user)
    documents = [item.document for item in held]
    if boundary is not None:
        documents.append(boundary)
        within, perhaps_within = _allowed((boundary,), own_care=True)
        certain, possible = certain & within, possible & perhaps_within
    documents += guardrails(world.access, user)
    denied, perhaps_denied = _denied(documents)
    gaps = [item for document in documents for item in _gaps(document)]
    certain = certain - perhaps_denied - first_steps()
    allowing = tuple(item.origin for item in held if _allowed((item.document,))[0].overlaps(certain))
    return _Left(
        certain=certain,
        possible=possible - denied - first_steps(),
        origins=tuple({origin.address: origin for origin in allowing}.values())[:_SHOWN],
        because=gaps[0].because if gaps else "",
    )


def _allowed(documents: Iterable[Maybe[PolicyDocument]], *, own_care: bool = False) -> tuple[ActionSet, ActionSet]:
    """What documents allow somebody without MFA, for certain and perhaps; the care of one's own user only if asked for."""
    certain, possible = ActionSet(), ActionSet()
    for document in documents:
        if isinstance(document, Unknown) or document.unknown:
            possible = everything()
        for statement in () if isinstance(document, Unknown) else document.statements:
            applies = holds(statement.conditions, SESSION)
            if statement.effect == "Deny" or applies is Truth.NO or (_is_own_care(statement) and not own_care):
                continue
            possible |= possible_actions(statement)
            if statement.effect == "Allow" and applies is Truth.YES:
                certain |= statement_actions(statement)[0]
    return certain, possible


def _denied(documents: Iterable[Maybe[PolicyDocument]]) -> tuple[ActionSet, ActionSet]:
    """What documents deny everybody without MFA on all resources, for certain and perhaps."""
    certain, possible = ActionSet(), ActionSet()
    for document in documents:
        if isinstance(document, Unknown) or document.unknown:
            possible = everything()
        for statement in () if isinstance(document, Unknown) else document.statements:
            if statement.effect == "Allow":
                continue
            applies = all_of((_is_everywhere(statement), holds(statement.conditions, SESSION, of_all=True)))
            if applies is Truth.YES and statement.effect == "Deny":
                certain |= statement_actions(statement)[0]
            # What is denied with MFA as well says nothing about MFA.
            if applies is Truth.YES or (applies is Truth.UNKNOWN and _may_ask_for_mfa(statement)):
                possible |= possible_actions(statement)
    return certain, possible


def _is_everywhere(deny: Statement) -> Truth:
    """Whether a Deny is about all resources but, at most, the user that the caller is."""
    if deny.not_resources:
        return Truth.YES if _are_own(deny.not_resources) else Truth.UNKNOWN
    return statement_resources_everything(deny)


def _may_ask_for_mfa(statement: Statement) -> bool:
    return any(isinstance(item, Unknown) or item.key.lower().startswith(_MFA_KEYS) for item in statement.conditions)


def _is_own_care(statement: Statement) -> bool:
    """Whether a statement is only about the user that the caller is."""
    return bool(statement.resources) and _are_own(statement.resources or ())


def _are_own(resources: Iterable[Maybe[str]]) -> bool:
    return all(isinstance(text, str) and _OWN_NAME in text.lower() for text in resources)


def _called(actions: ActionSet) -> str:
    """Actions in a message; of all but a few it is not told which few."""
    patterns = actions.compressed(_SHOWN)
    return "nearly every action" if patterns[0] == "*" else ", ".join(patterns)


def _gaps(document: Maybe[PolicyDocument]) -> tuple[Unknown, ...]:
    return (document,) if isinstance(document, Unknown) else document.unknowns


def _doubt(world: World, user: iam.User) -> str:
    """Why the user may have policies that are not seen; empty if all of them are."""
    estate = world.estate
    if not estate.complete:
        return "the input shows only a part"
    if estate.unseen:
        return f"{estate.unseen[0]} was not evaluated"
    links = (
        *((item.origin, item.user) for item in estate.memberships),
        *((item.origin, item.holder) for item in estate.attachments if item.holder_kind == "user"),
        *((item.origin, item.holder) for item in estate.inline_policies if item.holder_kind == "user"),
    )
    _, unsure = by_doubt((user.origin,), links)
    return next((f"{link.address} does not say whom it means" for link in unsure), "")
