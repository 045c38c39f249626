"""What is said about a template is in the words of the template."""

import pytest

from iacscan.spelling import as_in_template


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("arn:aws:s3:::⟦aws_s3_bucket.Logs⟧/*", "arn:aws:s3:::⟦Logs⟧/*"),
        ("⟦module.Stack.module.Inner.aws_iam_role.Worker⟧", "⟦Stack/Inner/Worker⟧"),
        ("⟦aws_iam_role.Worker.unique_id⟧", "⟦Worker.unique_id⟧"),
        ("arn:aws:iam::⟦account⟧:root", "arn:aws:iam::⟦account⟧:root"),
        ("s3:::a⟦…⟧", "s3:::a⟦…⟧"),
        ("block_public_acls = false", "BlockPublicAcls = false"),
        ('{"Resource":"block_public_acls"}', '{"Resource":"block_public_acls"}'),
        ('{"Resource":"⟦aws_s3_bucket.Logs⟧"}', '{"Resource":"⟦Logs⟧"}'),
        ("target_id = ⟦aws_organizations_organization.Org.master_account_id⟧", "TargetIds = ⟦Org.ManagementAccountId⟧"),
        ("S3 refuses it and the apply fails", "S3 refuses it and the deployment fails"),
        ("known only after apply", "known only after deployment"),
        ("policy ⟦aws_iam_policy.Read⟧", "policy ⟦Read⟧"),
        ("account aws_cloudformation_parameter.Audit lets in", "account parameter Audit lets in"),
        ("not_block_public_acls_at_all", "not_block_public_acls_at_all"),
    ],
)
def test_symbols_lose_their_types_and_attributes_get_the_names_of_properties(text: str, told: str):
    assert as_in_template(text) == told
