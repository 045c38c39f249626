"""Which Denies a change loses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.policy.denies import lost
from iacscan.policy.document import PolicyDocument, parse
from iacscan.value import Truth, Unknown


def document(*statements: dict) -> PolicyDocument:
    found = parse({"Version": "2012-10-17", "Statement": [{"Resource": "*", **item} for item in statements]})
    assert isinstance(found, PolicyDocument)
    return found


def deny(action: str | list[str], **more: object) -> dict:
    return {"Effect": "Deny", "Action": action, **more}


ALLOW = {"Effect": "Allow", "Action": "*"}


def answers(before: PolicyDocument, *after: object) -> list[Truth]:
    return [truth for _, truth in lost([before], after)]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (document(ALLOW), [Truth.YES]),
        (document(deny("s3:DeleteBucket", Sid="Other")), []),
        (document(deny("S3:deletebucket")), []),
        (document(deny("s3:Delete*")), []),
        (document({"Effect": "Deny", "NotAction": "iam:*"}), []),
        (document(deny("s3:DeleteBucket", Resource="arn:aws:s3:::a")), [Truth.YES]),
        (document(deny("s3:DeleteBucket", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})), [Truth.YES]),
        (document(deny("s3:DeleteObject")), [Truth.YES]),
        (Unknown("not here"), [Truth.UNKNOWN]),
        (None, [Truth.YES]),
    ],
)
def test_a_deny_is_lost_unless_the_same_is_refused_in_whatever_words(now, expected):
    assert answers(document(ALLOW, deny("s3:DeleteBucket")), now) == expected


def test_several_documents_refuse_together():
    before = document(deny(["s3:DeleteBucket", "iam:CreateUser"]))
    assert answers(before, document(deny("s3:*")), document(deny("iam:*"))) == []
    assert answers(before, document(deny("s3:*"))) == [Truth.YES]


def test_a_deny_of_nothing_is_no_loss():
    assert answers(document(deny("s3:NoSuchAction")), document(ALLOW)) == []


def test_what_is_not_known_before_is_not_lost():
    assert lost([Unknown("never seen")], [document(ALLOW)]) == ()


ACTIONS = st.lists(st.sampled_from(["s3:*", "s3:Get*", "iam:CreateUser", "ec2:RunInstances"]), min_size=1, unique=True)


@given(ACTIONS, ACTIONS)
def test_a_change_that_only_adds_to_denies_loses_nothing(had, added):
    assert answers(document(ALLOW, deny(had)), document(ALLOW, deny(sorted({*had, *added})))) == []


@given(ACTIONS)
def test_dropping_every_deny_loses_it(had):
    assert answers(document(deny(had)), document(ALLOW)) == [Truth.YES]
