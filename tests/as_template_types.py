"""How AWS's template reference spells what Terraform's types say, written by hand from that reference, for the types of examples.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/. It is an oracle for the tables of
`normalise.cloudformation`, and so is not made from them.
"""

from as_template_rows import (
    ARN,
    BOUNDARY,
    FLAGS,
    NAMED,
    PASSWORD,
    PUBLIC_ACCESS,
    TAGS,
    Fold,
    Row,
    Shape,
    block,
    blocks,
    document,
    listed,
)


def _inline(kind: str) -> tuple[Row | Fold, ...]:
    keys = {"name": "PolicyName", "policy": document("PolicyDocument")}
    title = kind.title()
    return (
        Fold(kind, f"aws_iam_{kind}", keys, "Policies", NAMED),
        Row(f"AWS::IAM::{title}Policy", {**keys, kind: f"{title}Name"}, always=NAMED),
    )


def _attached(kind: str) -> tuple[Fold, ...]:
    return (
        Fold(kind, f"aws_iam_{kind}", {"policy_arn": ""}, "ManagedPolicyArns"),
        Fold("policy_arn", "aws_iam_policy", {kind: ""}, f"{kind.title()}s"),
    )


IDENTITIES: dict[str, Row | Fold | tuple[Row | Fold, ...]] = {
    "aws_iam_user": Row(
        "AWS::IAM::User", {"name": "UserName", "path": "Path", **BOUNDARY, **TAGS}, ("id", "name"), ARN
    ),
    "aws_iam_group": Row("AWS::IAM::Group", {"name": "GroupName", "path": "Path"}, ("id", "name"), ARN),
    "aws_iam_role": Row(
        "AWS::IAM::Role",
        {
            "name": "RoleName",
            "path": "Path",
            "assume_role_policy": document("AssumeRolePolicyDocument"),
            "max_session_duration": "MaxSessionDuration",
            "description": "Description",
            **BOUNDARY,
            **TAGS,
        },
        ("id", "name"),
        {**ARN, "unique_id": "RoleId"},
    ),
    "aws_iam_policy": Row(
        "AWS::IAM::ManagedPolicy",
        {
            "name": "ManagedPolicyName",
            "path": "Path",
            "description": "Description",
            "policy": document("PolicyDocument"),
        },
        ("id", "arn"),
    ),
    "aws_iam_user_policy": _inline("user"),
    "aws_iam_group_policy": _inline("group"),
    "aws_iam_role_policy": _inline("role"),
    "aws_iam_user_policy_attachment": _attached("user"),
    "aws_iam_group_policy_attachment": _attached("group"),
    "aws_iam_role_policy_attachment": _attached("role"),
    "aws_iam_user_group_membership": Fold("user", "aws_iam_user", {"groups": Shape("", "value")}, "Groups"),
    "aws_iam_group_membership": Row(
        "AWS::IAM::UserToGroupAddition", {"users": "Users", "group": "GroupName"}, silent=("name",)
    ),
    "aws_iam_access_key": Row(
        "AWS::IAM::AccessKey", {"user": "UserName", "status": "Status"}, ("id",), {"secret": "SecretAccessKey"}
    ),
    "aws_iam_user_login_profile": Fold(
        "user",
        "aws_iam_user",
        {"password_reset_required": "LoginProfile.PasswordResetRequired"},
        always={"LoginProfile": {"Password": PASSWORD, "PasswordResetRequired": True}},
    ),
    "aws_iam_openid_connect_provider": Row(
        "AWS::IAM::OIDCProvider",
        {"url": "Url", "client_id_list": "ClientIdList", "thumbprint_list": "ThumbprintList"},
        ("id", "arn"),
    ),
    "aws_iam_instance_profile": Row(
        "AWS::IAM::InstanceProfile", {"name": "InstanceProfileName", "role": listed("Roles")}, ("id", "name"), ARN
    ),
    "aws_ssoadmin_permission_set": Row(
        "AWS::SSO::PermissionSet",
        {"name": "Name", "instance_arn": "InstanceArn", "session_duration": "SessionDuration"},
        ("id", "arn"),
    ),
    "aws_ssoadmin_managed_policy_attachment": Fold(
        "permission_set_arn",
        "aws_ssoadmin_permission_set",
        {"managed_policy_arn": ""},
        "ManagedPolicies",
        silent=("instance_arn",),
    ),
    "aws_ssoadmin_account_assignment": Row(
        "AWS::SSO::Assignment",
        {
            "instance_arn": "InstanceArn",
            "permission_set_arn": "PermissionSetArn",
            "principal_id": "PrincipalId",
            "principal_type": "PrincipalType",
            "target_id": "TargetId",
            "target_type": "TargetType",
        },
    ),
    "aws_cognito_identity_pool": Row(
        "AWS::Cognito::IdentityPool",
        {
            "identity_pool_name": "IdentityPoolName",
            "allow_unauthenticated_identities": "AllowUnauthenticatedIdentities",
            "allow_classic_flow": "AllowClassicFlow",
        },
        always={"AllowUnauthenticatedIdentities": False},
    ),
    "aws_cognito_identity_pool_roles_attachment": Row(
        "AWS::Cognito::IdentityPoolRoleAttachment", {"identity_pool_id": "IdentityPoolId", "roles": "Roles"}
    ),
    "aws_rolesanywhere_trust_anchor": Row(
        "AWS::RolesAnywhere::TrustAnchor",
        {"name": "Name", "enabled": "Enabled"},
        get={"arn": "TrustAnchorArn"},
        silent=("source",),
    ),
    "aws_organizations_organization": Row(
        "AWS::Organizations::Organization",
        {"feature_set": "FeatureSet"},
        get={"arn": "Arn", "roots[0].id": "RootId", "master_account_id": "ManagementAccountId"},
    ),
    "aws_organizations_organizational_unit": Row(
        "AWS::Organizations::OrganizationalUnit", {"name": "Name", "parent_id": "ParentId"}, get=ARN
    ),
    "aws_organizations_account": Row(
        "AWS::Organizations::Account",
        {"name": "AccountName", "email": "Email", "parent_id": listed("ParentIds")},
        get=ARN,
    ),
    "aws_organizations_policy": Row(
        "AWS::Organizations::Policy",
        {"name": "Name", "type": "Type", "content": Shape("Content", "content")},
        get=ARN,
        always={"Type": "SERVICE_CONTROL_POLICY"},
    ),
    "aws_organizations_policy_attachment": Fold(
        "policy_id", "aws_organizations_policy", {"target_id": ""}, "TargetIds"
    ),
    "aws_organizations_resource_policy": Row(
        "AWS::Organizations::ResourcePolicy", {"content": document("Content")}, get=ARN
    ),
}

RESOURCES: dict[str, Row | Fold | tuple[Row | Fold, ...]] = {
    "aws_s3_bucket": Row("AWS::S3::Bucket", {"bucket": "BucketName", **TAGS}, ("id", "bucket"), ARN),
    "aws_s3_bucket_policy": Row(
        "AWS::S3::BucketPolicy", {"bucket": "Bucket", "policy": document("PolicyDocument")}, ("id", "bucket")
    ),
    "aws_s3_bucket_public_access_block": Fold(
        "bucket",
        "aws_s3_bucket",
        {name: f"{PUBLIC_ACCESS}.{flag}" for name, flag in FLAGS.items()},
        always={PUBLIC_ACCESS: {}},
    ),
    "aws_s3_bucket_ownership_controls": Fold(
        "bucket", "aws_s3_bucket", {"rule": blocks("OwnershipControls.Rules", {"object_ownership": "ObjectOwnership"})}
    ),
    "aws_s3_bucket_acl": Fold("bucket", "aws_s3_bucket", {"acl": Shape("AccessControl", "spelled")}),
    "aws_s3_access_point": Row(
        "AWS::S3::AccessPoint",
        {
            "name": "Name",
            "bucket": "Bucket",
            "policy": document("Policy"),
            "public_access_block_configuration": block(PUBLIC_ACCESS, FLAGS),
            "vpc_configuration": block("VpcConfiguration", {"vpc_id": "VpcId"}),
        },
        get=ARN,
    ),
    "aws_sqs_queue": Row(
        "AWS::SQS::Queue",
        {"name": "QueueName", "sqs_managed_sse_enabled": "SqsManagedSseEnabled"},
        ("id", "url"),
        {**ARN, "name": "QueueName"},
        beside={"policy": ("AWS::SQS::QueuePolicy", "Queues")},
    ),
    "aws_sqs_queue_policy": Row(
        "AWS::SQS::QueuePolicy", {"queue_url": listed("Queues"), "policy": document("PolicyDocument")}
    ),
    "aws_sns_topic": Row(
        "AWS::SNS::Topic",
        {"name": "TopicName", "kms_master_key_id": "KmsMasterKeyId"},
        ("id", "arn"),
        {"name": "TopicName"},
        beside={"policy": ("AWS::SNS::TopicPolicy", "Topics")},
    ),
    "aws_sns_topic_policy": Row(
        "AWS::SNS::TopicPolicy", {"arn": listed("Topics"), "policy": document("PolicyDocument")}
    ),
    "aws_kms_key": Row(
        "AWS::KMS::Key",
        {
            "description": "Description",
            "enable_key_rotation": "EnableKeyRotation",
            "policy": document("KeyPolicy"),
        },
        ("id", "key_id"),
        ARN,
    ),
    "aws_secretsmanager_secret": Row("AWS::SecretsManager::Secret", {"name": "Name"}, ("id", "arn")),
    "aws_secretsmanager_secret_policy": Row(
        "AWS::SecretsManager::ResourcePolicy",
        {
            "secret_arn": "SecretId",
            "policy": document("ResourcePolicy"),
            "block_public_policy": "BlockPublicPolicy",
        },
    ),
    "aws_ssm_parameter": Row("AWS::SSM::Parameter", {"name": "Name", "type": "Type", "value": "Value"}),
    "aws_dynamodb_table": Row(
        "AWS::DynamoDB::Table",
        {"name": "TableName", "billing_mode": "BillingMode"},
        ("id", "name"),
        ARN,
        silent=("attribute", "hash_key"),
    ),
    "aws_iot_policy": Row("AWS::IoT::Policy", {"name": "PolicyName", "policy": document("PolicyDocument")}, get=ARN),
    "aws_db_instance": Row(
        "AWS::RDS::DBInstance",
        {
            "identifier": "DBInstanceIdentifier",
            "engine": "Engine",
            "instance_class": "DBInstanceClass",
            "username": "MasterUsername",
            "password": "MasterUserPassword",
        },
        get={"arn": "DBInstanceArn"},
    ),
    "aws_db_snapshot": Row(
        "AWS::RDS::DBSnapshot",
        {"db_instance_identifier": "DBInstanceIdentifier", "db_snapshot_identifier": "DBSnapshotIdentifier"},
    ),
    "aws_ebs_snapshot_block_public_access": Row("AWS::EC2::SnapshotBlockPublicAccess", {"state": "State"}),
    "aws_cloudtrail": Row(
        "AWS::CloudTrail::Trail",
        {"name": "TrailName", "s3_bucket_name": "S3BucketName"},
        get=ARN,
        always={"IsLogging": True},
    ),
    "aws_cloudfront_distribution": Row(
        "AWS::CloudFront::Distribution",
        {"enabled": "DistributionConfig.Enabled"},
        get={"arn": "arn:aws:cloudfront::${AWS::AccountId}:distribution/${@}"},
        silent=("*",),
    ),
    "aws_cloudfront_origin_access_control": Row("AWS::CloudFront::OriginAccessControl", silent=("*",)),
    "aws_lambda_function": Row(
        "AWS::Lambda::Function",
        {
            "function_name": "FunctionName",
            "role": "Role",
            "handler": "Handler",
            "runtime": "Runtime",
            "package_type": "PackageType",
            "image_uri": "Code.ImageUri",
            "s3_bucket": "Code.S3Bucket",
            "s3_key": "Code.S3Key",
            "filename": "Code",  # before `aws cloudformation package`
            "environment": block("Environment", {"variables": "Variables"}),
        },
        ("id", "function_name"),
        ARN,
    ),
    "aws_lambda_function_url": Row(
        "AWS::Lambda::Url",
        {"function_name": "TargetFunctionArn", "authorization_type": "AuthType"},
        get={"function_url": "FunctionUrl"},
    ),
    "aws_lambda_permission": Row(
        "AWS::Lambda::Permission",
        {
            "function_name": "FunctionName",
            "action": "Action",
            "principal": "Principal",
            "principal_org_id": "PrincipalOrgID",
            "source_arn": "SourceArn",
            "source_account": "SourceAccount",
            "event_source_token": "EventSourceToken",
            "function_url_auth_type": "FunctionUrlAuthType",
            "invoked_via_function_url": "InvokedViaFunctionUrl",
        },
        silent=("statement_id",),
    ),
    "aws_instance": Row(
        "AWS::EC2::Instance",
        {
            "ami": "ImageId",
            "instance_type": "InstanceType",
            "iam_instance_profile": "IamInstanceProfile",
            "user_data": Shape("UserData", "encoded"),
            "launch_template": block("LaunchTemplate", {"id": "LaunchTemplateId", "name": "LaunchTemplateName"}),
        },
        silent=("metadata_options",),
    ),
    "aws_launch_template": Row(
        "AWS::EC2::LaunchTemplate",
        {
            "name": "LaunchTemplateName",
            "name_prefix": "LaunchTemplateName",
            "image_id": "LaunchTemplateData.ImageId",
            "instance_type": "LaunchTemplateData.InstanceType",
            "user_data": "LaunchTemplateData.UserData",
            "iam_instance_profile": block("LaunchTemplateData.IamInstanceProfile", {"arn": "Arn", "name": "Name"}),
        },
    ),
    "aws_codebuild_project": Row(
        "AWS::CodeBuild::Project",
        {
            "name": "Name",
            "service_role": "ServiceRole",
            "source": block("Source", {"type": "Type", "location": "Location"}),
            "artifacts": block("Artifacts", {"type": "Type", "location": "Location"}),
            "secondary_artifacts": blocks(
                "SecondaryArtifacts",
                {"type": "Type", "location": "Location", "artifact_identifier": "ArtifactIdentifier"},
            ),
            "environment": block(
                "Environment",
                {
                    "compute_type": "ComputeType",
                    "image": "Image",
                    "type": "Type",
                    "environment_variable": blocks(
                        "EnvironmentVariables", {"name": "Name", "value": "Value", "type": "Type"}
                    ),
                },
            ),
        },
        ("id", "name"),
        ARN,
    ),
}
