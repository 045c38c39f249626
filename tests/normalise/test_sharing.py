import pytest

from iacscan.normalise.sharing import ROWS
from iacscan.value import Unknown


def share(estate, block, type_, values):
    return estate(block(f"{type_}.x", values)).shares


@pytest.mark.parametrize(
    ("type_", "values", "public"),
    [
        ("aws_ami_launch_permission", {"group": "all"}, True),
        ("aws_ami_launch_permission", {"account_id": "111122223333"}, False),
        ("aws_db_snapshot", {"shared_accounts": ["111122223333", "all"]}, True),
        ("aws_db_snapshot", {"shared_accounts": ["111122223333"]}, False),
        ("aws_db_cluster_snapshot", {"shared_accounts": ["all"]}, True),
        ("aws_ssm_document", {"permissions": {"type": "Share", "account_ids": "All"}}, True),
        ("aws_ssm_document", {"permissions": {"type": "Share", "account_ids": "111122223333"}}, False),
        ("aws_ssm_document", {}, False),
        ("aws_ebs_snapshot_block_public_access", {"state": "unblocked"}, True),
        ("aws_ebs_snapshot_block_public_access", {"state": "block-all-sharing"}, False),
        ("aws_ec2_image_block_public_access", {"state": "unblocked"}, True),
        ("aws_emr_block_public_access_configuration", {"block_public_security_group_rules": False}, True),
        ("aws_emr_block_public_access_configuration", {"block_public_security_group_rules": True}, False),
        ("aws_ecrpublic_repository", {"repository_name": "x"}, True),
    ],
)
def test_what_is_given_to_everybody(estate, block, type_, values, public):
    (found,) = share(estate, block, type_, values)
    assert (found.what, found.public) == (ROWS[type_].what, public)


def test_an_account_that_is_not_known_may_be_all(estate, block, unknown):
    (found,) = share(estate, block, "aws_db_snapshot", {"shared_accounts": ["111122223333", unknown()]})
    assert isinstance(found.public, Unknown)


def test_all_beside_an_account_that_is_not_known_is_all(estate, block, unknown):
    (found,) = share(estate, block, "aws_db_snapshot", {"shared_accounts": [unknown(), "all"]})
    assert found.public is True


def test_other_service_settings_are_no_guards(estate, block):
    arn = "arn:aws:ssm:eu-west-1:111122223333:servicesetting"
    other = {"setting_id": f"{arn}/ssm/parameter-store/high-throughput-enabled", "setting_value": "true"}
    guard = {"setting_id": f"{arn}/ssm/documents/console/public-sharing-permission", "setting_value": "Enable"}
    assert share(estate, block, "aws_ssm_service_setting", other) == ()
    assert [item.public for item in share(estate, block, "aws_ssm_service_setting", guard)] == [True]
