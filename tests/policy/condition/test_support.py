import pytest

from iacscan.policy.condition.support import is_about_tags, named_actions, support
from iacscan.policy.document import Condition, Statement
from iacscan.policy.managed import managed_policy, names
from iacscan.value import Unknown


def about(*actions, **rest):
    return Statement(actions=actions, **rest)


@pytest.mark.parametrize(
    ("key", "actions", "carrying", "lacking"),
    [
        ("s3:prefix", ("s3:ListBucket",), ("s3:ListBucket",), ()),
        ("S3:Prefix", ("s3:listbucket", "s3:GetObject"), ("s3:ListBucket",), ("s3:GetObject",)),
        ("s3:prefix", ("dynamodb:Query",), (), ("dynamodb:Query",)),
        ("s3:ExistingObjectTag/team", ("s3:GetObject",), ("s3:GetObject",), ()),
        ("secretsmanager:ResourceTag/team", ("secretsmanager:GetSecretValue",), ("secretsmanager:GetSecretValue",), ()),
        ("aws:RequestTag/team", ("ec2:RunInstances", "s3:DeleteObject"), ("ec2:RunInstances",), ("s3:DeleteObject",)),
        ("aws:TagKeys", ("ec2:CreateTags",), ("ec2:CreateTags",), ()),
        ("aws:ResourceTag/team", ("ec2:DescribeInstances",), (), ("ec2:DescribeInstances",)),
        # TagSession is a part of AssumeRole, and comes with all that it carries.
        ("sts:ExternalId", ("sts:AssumeRole", "sts:TagSession"), ("sts:AssumeRole",), ()),
    ],
)
def test_which_actions_carry_a_key(key, actions, carrying, lacking):
    found = support(key, about(*actions))
    assert found.carrying.names() == carrying
    assert found.lacking.names() == lacking


@pytest.mark.parametrize(
    ("key", "statement"),
    [
        ("aws:SourceIp", about("s3:GetObject")),  # global: in all requests that can have it
        ("token.actions.githubusercontent.com:sub", about("sts:AssumeRoleWithWebIdentity")),
        ("lambda:SourceFunctionArn", about("s3:ListBucket")),  # listed for no action: of calls that functions make
        ("ec2:SourceInstanceArn", about("s3:ListBucket")),
        ("s3:NoSuchKey", about("s3:ListBucket")),
        ("s3:prefix", about("*")),
        ("s3:prefix", Statement(not_actions=("iam:*",))),
        ("s3:prefix", about("s3:NoSuchAction")),
        ("s3:prefix", about(Unknown("not yet"), "s3:GetObject")),
        ("s3:prefix", about()),
    ],
)
def test_where_the_lists_do_not_tell(key, statement):
    assert support(key, statement) is None


def test_only_lists_without_known_gaps_are_certain():
    assert support("s3:prefix", about("s3:GetObject")).certain
    assert not support("aws-marketplace:ProductId", about("aws-marketplace:Subscribe")).certain
    assert not support("aws:RequestTag/a", about("s3:GetObject", "sagemaker:DeleteDomain")).certain


def test_actions_named_one_by_one_are_told_from_those_of_a_wildcard():
    assert named_actions(about("s3:Get*", "s3:PutObject", Unknown("not yet"))).names() == ("s3:PutObject",)


def test_which_global_keys_are_about_tags():
    assert is_about_tags("aws:tagkeys")
    assert is_about_tags("AWS:RequestTag/a")
    assert not is_about_tags("aws:PrincipalTag/a")
    assert not is_about_tags("ec2:ResourceTag/a")


def test_awss_own_policies_agree_with_the_lists_that_count_as_complete():
    """But for one that asks KMS for the tags of a request, which it does not carry."""
    dead = {
        (name, leaf.key)
        for name in names()
        for statement in managed_policy(name).statements
        for leaf in statement.conditions
        if isinstance(leaf, Condition)
        and (found := support(leaf.key, statement)) is not None
        and found.certain
        and not found.carrying
    }
    assert dead == {("AmazonDataZoneSageMakerManageAccessRolePolicy", "aws:TagKeys")}
