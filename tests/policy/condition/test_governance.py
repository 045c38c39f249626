import pytest

from iacscan.policy.action import ActionSet
from iacscan.policy.condition.governance import Reliance, protects, reliances, setters
from iacscan.policy.document import Condition, Statement


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "aws:ResourceTag/Team", "a", {("Team", False)}),
        ("StringEquals", "ec2:ResourceTag/team", "a", {("team", False)}),
        ("StringLike", "s3:ExistingObjectTag/team", "a*", {("team", False)}),
        ("StringEquals", "aws:PrincipalTag/team", "a", {("team", True)}),
        ("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/unit}", {("team", False), ("unit", True)}),
        ("StringEquals", "aws:RequestTag/team", "a", set()),
        ("StringNotEquals", "aws:ResourceTag/team", "a", set()),
        ("StringEqualsIfExists", "aws:ResourceTag/team", "a", set()),
        ("Null", "aws:ResourceTag/team", "false", set()),
        ("StringEquals", "aws:SourceVpc", "a", set()),
    ],
)
def test_which_tags_a_condition_rests_on(operator, key, value, expected):
    found = reliances(Condition(operator, key, (value,)))
    assert set(found) == {Reliance(tag, of_caller) for tag, of_caller in expected}


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (("ec2:StartInstances",), ("ec2:CreateTags",)),
        (("iam:CreateAccessKey",), ("iam:TagUser",)),
        (("kms:Decrypt",), ("kms:TagResource",)),
        (("s3:GetObject",), ("s3:PutObjectTagging", "s3:PutObjectVersionTagging")),
        (("ec2:DescribeInstances",), ()),
    ],
)
def test_which_actions_tag_what_is_acted_upon(actions, expected):
    assert set(expected) <= set(setters(ActionSet.of(actions)))
    assert all(name.partition(":")[0] == actions[0].partition(":")[0] for name in setters(ActionSet.of(actions)))
    assert bool(expected) is bool(setters(ActionSet.of(actions)))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Statement(effect="Deny", actions=("ec2:CreateTags",)), True),
        (Statement(effect="Deny", actions=("ec2:*",), conditions=(Condition("ForAnyValue:StringEquals", "aws:TagKeys", ("team",)),)), True),
        (Statement(effect="Deny", actions=("*",), conditions=(Condition("StringNotEquals", "aws:RequestTag/TEAM", ("a",)),)), True),
        (Statement(effect="Deny", actions=("*",), conditions=(Condition("Bool", "aws:SecureTransport", ("false",)),)), False),
        (Statement(effect="Deny", actions=("s3:*",)), False),
        (Statement(effect="Allow", actions=("ec2:CreateTags",)), False),
    ],
)  # fmt: skip
def test_which_denies_protect_a_tag(statement, expected):
    assert protects(statement, "team", "ec2:CreateTags") is expected
