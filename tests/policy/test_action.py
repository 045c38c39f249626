"""Sets of actions: what patterns mean, and what stays in a set that nobody has named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iacscan.policy import action
from iacscan.policy.action import ActionSet, everything, published
from iacscan.policy.action_data import LEVELS, marked, parts, resource_control_services, risk_tags, services

PATTERNS = st.sampled_from(
    (
        "*", "s3:*", "s3:Get*", "s3:GetObject", "S3:PUTOBJECT", "iam:*", "iam*", "*:List*", "s?:*Object", "ec2:Describe*",
        "s3:NotPublished", "s3:NotPub*", "nosuch:*", "nosuch:Action", "nosuch:B*", "broken",
    )
)  # fmt: skip
SETS = st.lists(PATTERNS, max_size=4).flatmap(
    lambda patterns: st.sampled_from((ActionSet.of(patterns), ActionSet.of(patterns).complement()))
)
LAWS = settings(max_examples=200)


def of(*patterns: str) -> ActionSet:
    return ActionSet.of(patterns)


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("s3:Get*", "s3:getobject", "s3:PutObject"),
        ("s3:*Object", "s3:GetObject", "s3:GetObjectAcl"),
        ("S3:G?tObject", "s3:GetObject", "s3:PutObject"),
        ("*", "iam:PassRole", None),
        ("*:*", "iam:PassRole", None),
        ("iam*", "iam:PassRole", "s3:GetObject"),
        ("*:PassRole", "iam:PassRole", "iam:CreateRole"),
        ("s*:Get*", "sns:GetTopicAttributes", "iam:GetUser"),
    ],
)
def test_patterns_are_anchored_and_ignore_case(pattern, inside, outside):
    assert inside in of(pattern)
    assert outside is None or outside not in of(pattern)


def test_a_service_star_holds_what_the_service_will_get():
    assert "s3:NotYetPublished" in of("s3:*")
    assert "s3:NotYetPublished" not in of("s3:Get*")
    assert not of(*of("s3:*").names()).covers(of("s3:*"))


def test_only_a_star_is_everything():
    assert of("*").is_everything
    assert of("*:*").is_everything
    assert not published().is_everything
    assert not of(*(f"{service}:*" for service in published().services())).is_everything


def test_not_action_keeps_what_nobody_has_named():
    rest = of("iam:*").complement()

    assert "nosuch:Action" in rest
    assert "iam:NotYetPublished" not in rest
    assert "s3:GetObject" in rest
    assert of().complement().is_everything


def test_unpublished_actions_are_kept_as_literals():
    known = of("s3:GetObject", "s3:ListObjects", "nosuch:*")

    assert known.unknown == ("nosuch:*", "s3:listobjects")
    assert len(known) == 1
    assert "s3:ListObjects" in known
    assert "nosuch:Action" in known
    assert known - of("s3:GetObject", "nosuch:*") == of("s3:ListObjects")
    assert known.complement().unknown == ()


def test_an_unpublished_action_can_be_taken_out_of_an_unpublished_service():
    rest = of("nosuch:*") - of("nosuch:Action")

    assert "nosuch:Action" not in rest
    assert "nosuch:Other" in rest
    assert "nosuch:Action" in of("nosuch:*").complement() | of("nosuch:Action")
    assert "nosuch:Other" not in of("nosuch:*").complement() | of("nosuch:Action")


def test_a_set_shows_itself_in_short():
    assert repr(of("s3:*", "iam:PassRole")) == "ActionSet(iam:PassRole, s3:*)"


def test_variables_are_literal_in_actions():
    assert of("s3:${aws:PrincipalTag/verb}").names() == ()


def test_unpublished_patterns_meet_if_some_name_is_in_both():
    assert of("nosuch:Get*").overlaps(of("nosuch:*Key"))
    assert not of("nosuch:Get*").overlaps(of("nosuch:Put*"))


@LAWS
@given(SETS, SETS)
def test_the_sets_are_a_boolean_algebra(one, two):
    assert (one | two).complement() == one.complement() & two.complement()
    assert one - two == one & two.complement()
    assert one.complement().complement() == one
    assert (one & one.complement()) == of()
    assert (one | one.complement()).is_everything
    assert (one | two).covers(one)
    assert one.covers(one & two)
    assert not (one & two) or one.overlaps(two)


@LAWS
@given(SETS, SETS)
def test_covering_is_that_nothing_is_left(one, two):
    assert one.covers(two) == (not (two - one))
    assert one.covers(two) == ((one | two) == one)


@LAWS
@given(SETS)
def test_names_and_length_agree(some):
    assert len(some) == len(some.names())
    assert set(some.services()) >= {name.partition(":")[0] for name in some.names()}


@LAWS
@given(SETS)
def test_compressed_patterns_mean_the_set(some):
    patterns = some.compressed(limit=100_000)
    if patterns[:1] == ("*",):
        some, patterns = some.complement(), tuple(item.removeprefix("except ") for item in patterns[1:])
    known = ActionSet.of(item for item in patterns if not item.endswith(": actions to come"))

    assert known & published() == some & published()
    assert known.unknown == some.unknown


def test_compressed_is_short():
    assert of("s3:*").compressed() == ("s3:*",)
    assert of("s3:Get*", "s3:PutObject").compressed() == ("s3:Get*", "s3:PutObject")
    assert of("iam:*").complement().compressed() == ("*", "except iam:*")
    assert of("*").compressed() == ("*",)
    assert of("s3:GetObject", "s3:PutObject", "iam:PassRole").compressed(2) == ("iam:PassRole", "2 more")


def test_levels_are_those_of_aws():
    assert "s3:getobject" in action.of_level("Read")
    assert "s3:ListBucket" in action.of_level("List")
    assert "iam:PassRole" in action.of_level("Write")
    assert "s3:PutBucketPolicy" in action.of_level("Permissions management")
    assert "ec2:CreateTags" in action.of_level("Tagging")
    assert action.of_level("Write").covers(action.of_level("Tagging", "Permissions management"))
    assert action.of_level("List", "Read", "Write") == published()
    assert not action.of_level("Read").overlaps(action.of_level("Write"))


def test_resources_of_an_action():
    assert [kind.name for kind in action.resource_types("sqs:SendMessage")] == ["queue"]
    assert "arn:${Partition}:s3:::${BucketName}/${ObjectName}" in action.arn_formats("s3:GetObject")
    assert action.requires_resource("s3:GetObject")
    assert not action.requires_resource("s3:ListAllMyBuckets")
    assert not action.requires_resource("s3:NotPublished")
    assert "s3:GetObject" in action.scopable()
    assert "s3:ListAllMyBuckets" not in action.scopable()
    assert action.arn_formats("nosuch:Action") == ()


def test_condition_keys_are_those_of_the_action_and_of_its_resources():
    assert "iam:PassedToService" in action.condition_keys("iam:PassRole")
    assert "aws:ResourceTag/${TagKey}" in action.condition_keys("dynamodb:GetItem")
    assert action.condition_keys("nosuch:Action") == frozenset()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("s3:ListObjectsV2", "s3:ListBucket"),
        ("s3:HeadObject", "s3:GetObject"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("iam:PassRoles", "iam:PassRole"),
        ("ec2:DescribeInstance", "ec2:DescribeInstances"),
        ("nosuch:Action", None),
        ("s3:Zzzzzzzz", None),
        ("s3:GetObject", None),
    ],
)
def test_the_closest_action_is_suggested(wrong, right):
    assert action.suggest(wrong) == right


def test_every_suggestion_exists():
    assert all(action.known(right) and not action.known(wrong) for wrong, right in action.ALIASES.items())


def test_tags_hold_what_the_levels_of_aws_hide():
    assert "iam:PassRole" in action.tagged("escalation")
    assert "lambda:UpdateFunctionCode" in action.tagged("escalation")
    assert "cloudtrail:StopLogging" in action.tagged("disable-audit")
    assert "secretsmanager:GetSecretValue" in action.tagged("sensitive-read")
    assert not any(action.tagged(tag).unknown for tag in risk_tags())
    with pytest.raises(KeyError):
        action.tagged("no-such-tag")


def test_resource_control_policies_reach_some_services():
    assert {"s3", "sts", "kms", "sqs", "secretsmanager"} <= resource_control_services()
    assert "iam" not in resource_control_services()


def test_everything_has_all_bits():
    assert everything().bits.bit_count() == len(published()) + len(published().services()) + 1


def test_the_table_of_marks_says_what_the_table_of_actions_says():
    found = dict.fromkeys((*LEVELS, "+"), 0)
    for service in services().values():
        for position, marks in enumerate(service.marks):
            for mark in marks:
                found[mark] |= 1 << service.first + position
    assert marked() == found


@LAWS
@given(SETS)
def test_the_parts_of_a_set_are_its_bits_service_by_service(one):
    expected = []
    for service in services().values():
        part = one.bits >> service.first & (1 << service.count + 1) - 1
        if part:
            expected.append((service, part))
    assert list(parts(one.bits)) == expected
