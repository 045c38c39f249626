"""Allow minus Deny, as cells."""

from hypothesis import given, settings
from hypothesis import strategies as st
from policy.strategies import documents, requests

from iacscan.policy.action import ActionSet
from iacscan.policy.document import PolicyDocument, parse
from iacscan.policy.managed import all_policies
from iacscan.policy.sets import allowed
from iacscan.policy.witness import Holding
from iacscan.value import Truth, Unknown

ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def doc(*trees):
    found = parse({"Version": "2012-10-17", "Statement": list(trees)})
    assert isinstance(found, PolicyDocument)
    return found


def deny(action, resource="*", **elements):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **elements}


def test_a_deny_of_everything_takes_actions_away():
    (cell,) = allowed([doc(ALLOW, deny("s3:Delete*"))])

    assert cell.may == cell.must == ActionSet.of(["s3:*"]) - ActionSet.of(["s3:Delete*"])


def test_a_deny_of_a_part_or_under_conditions_only_makes_it_uncertain():
    for part in (deny("s3:DeleteObject", "arn:aws:s3:::a/*"), deny("s3:DeleteObject", Condition=MFA)):
        (cell,) = allowed([doc(ALLOW, part)])

        assert "s3:DeleteObject" in cell.may
        assert "s3:DeleteObject" not in cell.must
        assert "s3:GetObject" in cell.must


def test_nothing_is_left_of_what_is_denied_in_another_document():
    assert allowed([doc(ALLOW), doc(deny("s3:*"))]) == ()


def test_a_boundary_cuts_actions_and_resources():
    cap = doc({"Effect": "Allow", "Action": ["s3:Get*", "ec2:*"], "Resource": "arn:aws:s3:::logs/*"})
    (cell,) = allowed([doc(ALLOW)], cap)

    assert cell.may == ActionSet.of(["s3:Get*"])
    assert [region.text for region in cell.regions] == ["arn:aws:s3:::logs/*"]


def test_what_is_not_known_may_allow_everything_and_nothing_for_certain():
    (cell,) = allowed([Unknown("not in the input")])

    assert cell.may.is_everything
    assert not cell.must
    assert not any(cell.must for cell in allowed([doc(ALLOW), Unknown("not in the input")]))


def test_conditions_that_contradict_each_other_leave_nothing():
    never = {"StringEquals": {"aws:SourceVpc": "vpc-1"}, "StringLike": {"aws:SourceVpc": "vpc-2*"}}

    assert allowed([doc(ALLOW | {"Condition": never})]) == ()


def test_hundred_statements_of_two_hundred_patterns_each_way_are_subtracted():
    patterns = [f"arn:aws:s3:::bucket-{number}/*" for number in range(200)]
    trees = [ALLOW | {"Resource": [f"{text}{index}" for text in patterns]} for index in range(50)]
    denies = [deny("s3:DeleteObject", [f"{text}{index}" for text in patterns]) for index in range(25, 50)]
    found = allowed([doc(*trees, *denies)])

    assert sum("s3:DeleteObject" in cell.may for cell in found) == 25


@given(documents(), st.lists(requests(), min_size=5, max_size=5))
@settings(max_examples=200)
def test_whatever_evaluation_allows_is_in_some_cell(document, sample):
    may = ActionSet()
    for cell in allowed([document]):
        may |= cell.may
    for request in sample:
        if Holding((document,)).permits(request) is Truth.YES:
            assert request.action in may


def test_all_policies_of_aws_can_be_taken_apart():
    for name, document in all_policies().items():
        locks = all(statement.effect == "Deny" for statement in document.statements)
        assert bool(allowed((document,))) != locks, name
