"""IAM, Identity Center, Cognito, Organizations and Control Tower: CloudFormation's types as Terraform spells them."""

from typing import Final

from ...value import Unknown
from .row import Companion, Row
from .shapes import compact, constant, first, given, nested


def _held(kind: str) -> tuple[Companion, ...]:
    """What users, groups and roles carry in themselves."""
    return (
        Companion(f"aws_iam_{kind}_policy", "Policies", {"name": "PolicyName", "policy": "PolicyDocument"}, kind),
        Companion(f"aws_iam_{kind}_policy_attachment", "ManagedPolicyArns", {"policy_arn": ""}, kind),
    )


def _inline(kind: str, name: str) -> Row:
    """`AWS::IAM::RolePolicy` and the like: one policy in one principal."""
    return Row(f"aws_iam_{kind}_policy", {"name": "PolicyName", "policy": "PolicyDocument", kind: name})


_KINDS: Final = (("user", "Users"), ("group", "Groups"), ("role", "Roles"))
_REFERENCE: Final = "customer_managed_policy_reference"
_TYPES_ELSEWHERE: Final = Unknown("CloudFormation cannot enable policy types, so that it is done elsewhere")

IAM: Final[dict[str, Row]] = {
    "AWS::IAM::User": Row(
        "aws_iam_user",
        {"name": "UserName", "path": "Path", "permissions_boundary": "PermissionsBoundary"},
        (
            *_held("user"),
            Companion("aws_iam_user_group_membership", "Groups", {"groups": ""}, "user"),
            Companion(
                "aws_iam_user_login_profile",
                "LoginProfile",
                {
                    "initial_password": "Password",
                    "password_reset_required": given("PasswordResetRequired", default=False),
                },
                "user",
            ),
        ),
    ),
    "AWS::IAM::Group": Row("aws_iam_group", {"name": "GroupName", "path": "Path"}, _held("group")),
    "AWS::IAM::Role": Row(
        "aws_iam_role",
        {
            "name": "RoleName",
            "path": "Path",
            "permissions_boundary": "PermissionsBoundary",
            "assume_role_policy": "AssumeRolePolicyDocument",
            "max_session_duration": "MaxSessionDuration",
        },
        _held("role"),
        attributes={"RoleId": "unique_id"},
    ),
    # Despite its name it is inline: each of its users, groups and roles gets a copy.
    "AWS::IAM::Policy": Row(
        companions=tuple(
            Companion(f"aws_iam_{kind}_policy", plural, {kind: "", "name": "^PolicyName", "policy": "^PolicyDocument"})
            for kind, plural in _KINDS
        )
    ),
    "AWS::IAM::UserPolicy": _inline("user", "UserName"),
    "AWS::IAM::GroupPolicy": _inline("group", "GroupName"),
    "AWS::IAM::RolePolicy": _inline("role", "RoleName"),
    "AWS::IAM::ManagedPolicy": Row(
        "aws_iam_policy",
        {"name": "ManagedPolicyName", "path": "Path", "policy": "PolicyDocument"},
        tuple(
            Companion(f"aws_iam_{kind}_policy_attachment", plural, {kind: ""}, "policy_arn", "arn")
            for kind, plural in _KINDS
        ),
        ref="arn",
        attributes={"PolicyArn": "arn"},
    ),
    "AWS::IAM::UserToGroupAddition": Row(
        companions=(Companion("aws_iam_user_group_membership", "Users", {"user": "", "groups": "^GroupName"}),)
    ),
    "AWS::IAM::InstanceProfile": Row(
        "aws_iam_instance_profile", {"name": "InstanceProfileName", "path": "Path", "role": first("Roles")}
    ),
    "AWS::IAM::AccessKey": Row(
        "aws_iam_access_key",
        {"user": "UserName", "status": "Status", "serial": "Serial"},
        attributes={"SecretAccessKey": "secret"},
    ),
    "AWS::IAM::OIDCProvider": Row(
        "aws_iam_openid_connect_provider", {"url": "Url", "client_id_list": "ClientIdList"}, ref="arn"
    ),
    # What the CDK makes in its place, with a function of its own.
    "Custom::AWSCDKOpenIdConnectProvider": Row(
        "aws_iam_openid_connect_provider", {"url": "Url", "client_id_list": "ClientIDList"}, ref="arn"
    ),
    "AWS::IAM::SAMLProvider": Row("aws_iam_saml_provider", {"name": "Name"}, ref="arn"),
    "AWS::IAM::ServiceLinkedRole": Row("aws_iam_service_linked_role", {"aws_service_name": "AWSServiceName"}),
    "AWS::SSO::PermissionSet": Row(
        "aws_ssoadmin_permission_set",
        {"name": "Name", "session_duration": "SessionDuration"},
        (
            Companion(
                "aws_ssoadmin_permission_set_inline_policy",
                "InlinePolicy",
                {"inline_policy": ""},
                "permission_set_arn",
                "arn",
            ),
            Companion(
                "aws_ssoadmin_managed_policy_attachment",
                "ManagedPolicies",
                {"managed_policy_arn": ""},
                "permission_set_arn",
                "arn",
            ),
            Companion(
                "aws_ssoadmin_customer_managed_policy_attachment",
                "CustomerManagedPolicyReferences",
                {_REFERENCE: nested("", {"name": "Name"})},
                "permission_set_arn",
                "arn",
            ),
            Companion(
                "aws_ssoadmin_permissions_boundary_attachment",
                "PermissionsBoundary",
                {
                    "permissions_boundary": nested(
                        "",
                        {
                            "managed_policy_arn": "ManagedPolicyArn",
                            _REFERENCE: nested("CustomerManagedPolicyReference", {"name": "Name"}),
                        },
                    )
                },
                "permission_set_arn",
                "arn",
            ),
        ),
        ref="arn",
    ),
    "AWS::SSO::Assignment": Row(
        "aws_ssoadmin_account_assignment",
        {
            "permission_set_arn": "PermissionSetArn",
            "principal_type": "PrincipalType",
            "principal_id": "PrincipalId",
            "target_id": "TargetId",
        },
    ),
    "AWS::Cognito::IdentityPool": Row(
        "aws_cognito_identity_pool",
        {
            "identity_pool_name": "IdentityPoolName",
            "allow_unauthenticated_identities": "AllowUnauthenticatedIdentities",
            "allow_classic_flow": "AllowClassicFlow",
        },
    ),
    "AWS::Cognito::IdentityPoolRoleAttachment": Row(
        "aws_cognito_identity_pool_roles_attachment", {"identity_pool_id": "IdentityPoolId", "roles": "Roles"}
    ),
}

ORGANIZATIONS: Final[dict[str, Row]] = {
    "AWS::Organizations::Organization": Row(
        "aws_organizations_organization",
        {"feature_set": "FeatureSet", "enabled_policy_types": constant(_TYPES_ELSEWHERE)},
        attributes={
            "RootId": "roots.0.id",
            "ManagementAccountId": "master_account_id",
            "ManagementAccountArn": "master_account_arn",
        },
    ),
    "AWS::Organizations::OrganizationalUnit": Row(
        "aws_organizations_organizational_unit", {"name": "Name", "parent_id": "ParentId"}
    ),
    "AWS::Organizations::Account": Row(
        "aws_organizations_account", {"name": "AccountName", "email": "Email", "parent_id": first("ParentIds")}
    ),
    "AWS::Organizations::Policy": Row(
        "aws_organizations_policy",
        {"name": "Name", "type": "Type", "content": compact("Content")},
        (Companion("aws_organizations_policy_attachment", "TargetIds", {"target_id": ""}, "policy_id"),),
    ),
    "AWS::Organizations::ResourcePolicy": Row("aws_organizations_resource_policy", {"content": "Content"}),
    "AWS::ControlTower::LandingZone": Row("aws_controltower_landing_zone"),
    "AWS::ControlTower::EnabledControl": Row("aws_controltower_control"),
    "AWS::ControlTower::EnabledBaseline": Row("aws_controltower_baseline"),
}
