"""What no template says, and why."""

_OTHER = "it is of another provider"
_NONE = "CloudFormation has no such type"
_ANY = "a template is for any account, and the caller brings the credentials"
_CLAIM = "the property of a template claims no policy but those it names"
# What a template cannot say: a type, or an attribute of one, perhaps with one of its values.
NOT_SAYABLE: dict[tuple[str, ...], str] = {
    ("@elsewhere",): "it is a part of a resource that stands elsewhere",
    ("@empty",): "a template has resources",
    ("@missing",): "it refers to what no template has",
    ("@twice",): "it is said twice of one resource",
    ("aws_ami_launch_permission",): _NONE,
    ("aws_db_snapshot", "shared_accounts"): "a snapshot is shared after it is made, not in the template",
    ("aws_ebs_snapshot_block_public_access", "state", "unblocked"): "the guard is taken out of the template instead",
    ("aws_iam_access_key", "pgp_key"): "CloudFormation encrypts nothing with a key of the reader",
    ("aws_iam_account_password_policy",): _NONE,
    ("aws_iam_policy_attachment",): "an attachment in a template detaches nothing elsewhere",
    ("aws_iam_role", "inline_policy"): _CLAIM,
    ("aws_iam_role", "managed_policy_arns"): _CLAIM,
    ("aws_iam_role_policies_exclusive",): _NONE,
    ("aws_iam_role_policy_attachments_exclusive",): _NONE,
    ("aws_iam_service_specific_credential",): _NONE,
    ("aws_iam_user_login_profile", "pgp_key"): "a template brings the password along",
    ("aws_organizations_delegated_administrator",): _NONE,
    ("aws_organizations_organization", "aws_service_access_principals"): "the services switch that on themselves",
    ("aws_organizations_organization", "enabled_policy_types"): "CloudFormation cannot enable policy types",
    ("aws_s3_account_public_access_block",): _NONE,
    ("aws_s3_bucket", "bucket_prefix"): "CloudFormation makes up whole names",
    ("aws_s3_bucket_acl", "access_control_policy"): "a template has canned ACLs only",
    ("aws_s3_object",): _NONE,
    ("aws_ssm_parameter", "type", "SecureString"): "CloudFormation makes no encrypted parameters",
    ("github_actions_secret",): _OTHER,
    ("github_actions_variable",): _OTHER,
    ("gitlab_project_variable",): _OTHER,
    ("provider", "access_key"): _ANY,
    ("provider", "allowed_account_ids"): _ANY,
    ("provider", "assume_role"): _ANY,
    ("provider", "secret_key"): _ANY,
    ("time_rotating",): _OTHER,
}
