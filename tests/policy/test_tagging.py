import pytest

from iacscan.policy.arn import REST
from iacscan.policy.document import Condition
from iacscan.policy.tagging import Labels, Tags, judge, tag_action, wish
from iacscan.value import Truth, Unknown


def condition(operator, key, *values):
    return Condition(operator, key, values)


TARGET = Labels(target=Tags.of({"Team": "a"}), own=Tags.of({"team": "a"}))


@pytest.mark.parametrize(
    ("leaf", "action", "expected"),
    [
        (condition("StringEquals", "aws:ResourceTag/team", "a"), "iam:CreateAccessKey", Truth.YES),
        (condition("StringEquals", "iam:ResourceTag/TEAM", "a"), "iam:CreateAccessKey", Truth.YES),
        (condition("StringEquals", "aws:ResourceTag/team", "b"), "iam:CreateAccessKey", Truth.NO),
        (condition("StringNotEquals", "aws:ResourceTag/team", "b"), "iam:CreateAccessKey", Truth.YES),
        (condition("StringEquals", "aws:ResourceTag/other", "a"), "iam:CreateAccessKey", Truth.NO),
        (condition("StringNotEquals", "aws:ResourceTag/other", "a"), "iam:CreateAccessKey", Truth.YES),
        (condition("Null", "aws:ResourceTag/other", "true"), "iam:CreateAccessKey", Truth.YES),
        (condition("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"), "iam:TagUser", Truth.YES),
        (condition("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/none}"), "iam:TagUser", Truth.NO),
        (condition("StringEquals", "aws:PrincipalTag/team", "a"), "s3:GetObject", Truth.YES),
        (condition("StringEquals", "aws:PrincipalTag/team", "b"), "s3:GetObject", Truth.NO),
        (condition("StringEquals", "aws:RequestTag/team", "a"), "iam:CreateRole", Truth.NO),
    ],
)
def test_tags_are_judged_by_who_carries_them(leaf, action, expected):
    assert judge(leaf, action, TARGET) is expected


def test_groups_have_no_tags_so_a_condition_on_theirs_never_holds():
    leaf = condition("StringEquals", "aws:ResourceTag/team", "a")
    assert judge(leaf, "iam:AttachGroupPolicy", TARGET) is Truth.NO


def test_a_tag_whose_value_is_not_known_leaves_it_open():
    labels = Labels(target=Tags.of({"team": Unknown("known after apply")}))
    assert judge(condition("StringEquals", "aws:ResourceTag/team", "a"), "iam:TagUser", labels) is Truth.UNKNOWN


def test_tags_of_which_nothing_is_known_may_be_any_but_those_that_are_known():
    labels = Labels(target=Tags.of({"team": "a", REST: Unknown("default tags are not known")}))
    assert judge(condition("StringEquals", "aws:ResourceTag/owner", "x"), "iam:TagUser", labels) is Truth.UNKNOWN
    assert judge(condition("StringEquals", "aws:ResourceTag/team", "x"), "iam:TagUser", labels) is Truth.NO


@pytest.mark.parametrize(
    ("operator", "names", "expected"),
    [
        ("ForAllValues:StringEquals", ("team",), Truth.YES),
        ("ForAllValues:StringEquals", ("team", "owner"), Truth.NO),
        ("ForAnyValue:StringEquals", ("team", "owner"), Truth.YES),
        ("ForAllValues:StringEquals", (), Truth.YES),
        ("ForAnyValue:StringEquals", (), Truth.NO),
    ],
)
def test_tag_keys_are_those_of_the_request(operator, names, expected):
    labels = Labels(request=Tags(tuple((name, "x") for name in names)))
    assert judge(condition(operator, "aws:TagKeys", "team"), "iam:TagUser", labels) is expected


def test_every_wish_makes_its_condition_what_is_wanted():
    leaves = [
        condition("StringEquals", "aws:ResourceTag/team", "b", "c"),
        condition("StringLike", "aws:ResourceTag/team", "dev-*"),
        condition("StringNotEquals", "aws:ResourceTag/team", "a"),
        condition("Null", "aws:ResourceTag/owner", "false"),
    ]
    for leaf in leaves:
        wanted = wish(leaf, TARGET, fulfilled=True)
        after = Labels(TARGET.target.having(wanted.target), TARGET.own)
        assert judge(leaf, "iam:TagUser", after) is Truth.YES
    for leaf in leaves[:2]:
        wanted = wish(leaf, TARGET, fulfilled=False)
        after = Labels(TARGET.target.having(wanted.target), TARGET.own)
        assert judge(leaf, "iam:TagUser", after) is Truth.NO


def test_no_tag_makes_a_tag_missing():
    assert wish(condition("Null", "aws:ResourceTag/team", "true"), TARGET, fulfilled=True) is None


@pytest.mark.parametrize(
    ("resource", "action", "expected"),
    [
        ("arn:aws:iam::⟦account⟧:user/ada", "iam:CreateAccessKey", "iam:TagUser"),
        ("arn:aws:iam::⟦account⟧:role/app", "iam:PassRole", "iam:TagRole"),
        ("arn:aws:iam::⟦account⟧:group/app", "iam:AttachGroupPolicy", None),
        ("arn:aws:lambda:⟦region⟧:⟦account⟧:function:f", "lambda:UpdateFunctionCode", "lambda:TagResource"),
        ("*", "ssm:StartSession", "ec2:CreateTags"),
        ("*", "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:AddTags"),
    ],
)
def test_each_kind_of_resource_has_its_own_way_to_be_tagged(resource, action, expected):
    assert tag_action(resource, action) == expected
