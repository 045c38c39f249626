"""Policies of users: who the user is, and whether a policy only lets the user look after their own account."""

from typing import Final

from ...finding import Origin
from ...model.iam import User
from ...policy.action import ActionSet
from ...policy.document import PolicyDocument, Statement
from ...policy.grant import possible_actions, statement_actions
from ...value import Maybe, Truth, Unknown, all_of

# What AWS's own policies for managing one's MFA device and password allow on other resources than the user
# (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html).
# ChangePassword changes the caller's own password whatever the resource says.
_HARMLESS: Final = (
    "iam:GetAccountPasswordPolicy", "iam:GetAccountSummary", "iam:ListAccountAliases", "iam:ListUsers",
    "iam:ListVirtualMFADevices", "iam:ListMFADevices", "iam:CreateVirtualMFADevice", "iam:ChangePassword",
    "sts:GetSessionToken", "sts:GetCallerIdentity",
)  # fmt: skip
_OWN_NAME: Final = "${aws:username}"


def is_self_service(document: Maybe[PolicyDocument], user: User | None = None) -> Truth:
    """Whether a policy grants nothing but the care of one's own password, keys and MFA device.

    Such a policy may be attached anywhere: it means the same for everyone. One that only denies grants nothing either. A
    policy that is not known, but is computed from other objects than the user, is about those objects.
    """
    if isinstance(document, Unknown):
        return Truth.NO if _names_others(document, user) else Truth.UNKNOWN
    answers = [_is_own_care(statement) for statement in document.statements]
    answers.extend(Truth.UNKNOWN for _ in document.unknown)
    return all_of(answers) if answers else Truth.NO


def _names_others(document: Unknown, user: User | None) -> bool:
    own = () if user is None else (user.origin.address, user.origin.block, user.origin.resource)
    return any(_is_object(item.address) and item.address not in own for item in document.references)


def _is_object(address: str) -> bool:
    """Whether a reference is to something that is made in AWS, not to a data source, a variable or a local."""
    mode, kind, _ = ["", "", *Origin(address=address, type="").resource.split(".")][-3:]
    return kind.startswith("aws_") and mode != "data"


def _is_own_care(statement: Statement) -> Truth:
    if isinstance(statement.effect, Unknown):
        return Truth.UNKNOWN
    if statement.effect == "Deny":
        return Truth.YES
    certain, unknown = statement_actions(statement)
    if not ActionSet.of(("iam:*", *_HARMLESS)).covers(certain):
        return Truth.NO
    if ActionSet.of(_HARMLESS).covers(possible_actions(statement)):
        return Truth.YES
    return all_of((_is_own_resource(statement), Truth.UNKNOWN if unknown else Truth.YES))


def _is_own_resource(statement: Statement) -> Truth:
    if statement.resources is None:
        return Truth.NO
    return all_of(
        Truth.UNKNOWN if isinstance(text, Unknown) else Truth.of(known=_OWN_NAME in text.lower())
        for text in statement.resources
    )


def called(user: User | None, link: Maybe[str]) -> str:
    """What to call a user in a message: by name, else by the address or the link."""
    if user is not None:
        return user.name if isinstance(user.name, str) and "⟦" not in user.name else user.origin.address
    return "(not known)" if isinstance(link, Unknown) else link.rpartition("/")[2]
