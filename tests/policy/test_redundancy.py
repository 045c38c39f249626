"""What a document says twice, and what never does anything."""

import pytest

from iacscan.policy.document import PolicyDocument, parse
from iacscan.policy.effect import Idle, allows_nothing, idle_because
from iacscan.policy.managed import all_policies, copy_of, managed_policy
from iacscan.policy.redundancy import redundant
from iacscan.policy.size import size
from iacscan.value import Unknown


def allow(action, resource="*", **elements):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def doc(*trees):
    found = parse({"Version": "2012-10-17", "Statement": list(trees)})
    assert isinstance(found, PolicyDocument)
    return found


def told(*trees):
    return [(item.text or item.statement.label, item.by) for item in redundant(doc(*trees))]


def test_a_value_that_a_wildcard_beside_it_means_is_redundant():
    assert told(allow(["s3:Get*", "S3:getobject", "s3:PutObject"])) == [("S3:getobject", "s3:Get*")]
    assert told(allow("s3:GetObject", ["arn:aws:s3:::a/b", "arn:aws:s3:::a/*"])) == [
        ("arn:aws:s3:::a/b", "arn:aws:s3:::a/*")
    ]
    assert told({"Effect": "Deny", "NotAction": ["iam:*", "iam:Get*"], "Resource": "*"}) == [("iam:Get*", "iam:*")]


def test_of_two_that_mean_the_same_only_the_later_one_is():
    assert told(allow(["s3:GetObject", "s3:getObject"])) == [("s3:getObject", "s3:GetObject")]
    assert told(allow(["s3:Get*", "s3:Get**"])) == [("s3:Get**", "s3:Get*")]
    assert told(allow("s3:GetObject"), allow("s3:getobject")) == [("statement 1", "statement 2")]


def test_resources_are_compared_with_regard_to_case():
    assert told(allow("s3:GetObject", ["arn:aws:s3:::a/X", "arn:aws:s3:::a/x"])) == []


def test_a_statement_within_another_of_the_same_effect_is_redundant():
    assert told(allow("s3:GetObject", "arn:aws:s3:::a/*"), allow("s3:*")) == [("statement 1", "statement 2")]
    assert told(allow("s3:GetObject") | {"Effect": "Deny"}, allow("s3:*") | {"Effect": "Deny"}) == [
        ("statement 1", "statement 2")
    ]
    assert told(allow("s3:GetObject"), allow("s3:*") | {"Effect": "Deny"}) == []
    assert told(allow("s3:GetObject"), allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})) == []


ACCOUNT = {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
ROLE = {"Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}}


def test_an_allow_to_an_account_does_not_say_what_one_to_its_role_says():
    """The account's users and roles need a policy of their own, the role that is named needs none."""
    assert told(allow("kms:*", **ACCOUNT), allow("kms:Decrypt", **ROLE)) == []
    assert told(allow("kms:*", **ACCOUNT), allow("kms:Decrypt", **ACCOUNT)) == [("statement 2", "statement 1")]
    assert told(allow("kms:*", **ROLE), allow("kms:Decrypt", **ROLE)) == [("statement 2", "statement 1")]
    assert told(allow("kms:*", Principal={"AWS": "*"}), allow("kms:Decrypt", **ROLE)) == [
        ("statement 2", "statement 1")
    ]
    both = {"Principal": {"AWS": [ACCOUNT["Principal"]["AWS"], ROLE["Principal"]["AWS"]]}}
    assert told(allow("kms:*", **both), allow("kms:Decrypt", **ROLE)) == [("statement 2", "statement 1")]


def test_a_deny_to_an_account_means_its_roles_too():
    deny = {"Effect": "Deny"}
    assert told(allow("kms:*", **ACCOUNT) | deny, allow("kms:Decrypt", **ROLE) | deny) == [
        ("statement 2", "statement 1")
    ]


def test_what_is_not_known_is_never_redundant():
    assert told(allow("s3:GetObject", Unknown("it is hidden")), allow("s3:*")) == []
    assert told(allow(["s3:*", "s3:Get⟦…⟧"])) == []


@pytest.mark.parametrize(
    ("statement", "because"),
    [
        (allow("s3:ReadObject"), Idle.ACTIONS),
        (allow("s3:GetObject", "arn:aws:s3:::bucket"), Idle.MISMATCH),
        (allow("s3:GetObject", []), Idle.NO_RESOURCE),
        ({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": ["*"]}, Idle.NOWHERE),
        ({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::a/*"}, None),
        ({"Effect": "Allow", "NotAction": "*", "Resource": "*"}, Idle.NO_ACTION),
        (
            allow("s3:GetObject", "*", Condition={"Null": {"aws:SecureTransport": "true"}}),
            Idle.CONDITIONS,
        ),
        (allow(["s3:ReadObject", "s3:GetObject"]), None),
        (allow("brandnew:Read"), None),  # the service may be newer than the table
        (allow("s3:GetObject", Unknown("it is hidden")), None),
    ],
)
def test_a_statement_that_is_about_no_request_is_idle(statement, because):
    assert idle_because(doc(statement).statements[0]) is because


def test_a_document_may_deny_all_that_it_allows():
    assert allows_nothing(doc(allow("s3:Get*"), allow("s3:*") | {"Effect": "Deny"}))
    assert not allows_nothing(doc(allow("s3:*"), allow("s3:Get*") | {"Effect": "Deny"}))
    assert not allows_nothing(doc(allow("s3:*") | {"Effect": "Deny"}))  # it allows nothing to begin with


def test_a_copy_is_found_however_it_is_written():
    original = managed_policy("AWSLambdaBasicExecutionRole")
    assert original is not None
    turned = PolicyDocument(version=original.version, statements=tuple(reversed(original.statements)))

    assert copy_of(turned) == "AWSLambdaBasicExecutionRole"
    assert copy_of(doc(allow("logs:PutLogEvents"))) is None


def test_every_policy_of_aws_is_found_by_its_actions():
    assert [name for name, document in all_policies().items() if copy_of(document) is None] == []


def test_white_space_does_not_count_and_what_is_not_known_counts_as_nothing():
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}]}'
    spaced = parse(text.replace(",", " ,\n "))
    rebuilt = doc(allow("s3:GetObject", "arn:aws:s3:::a/*"))

    assert size(spaced) == size(rebuilt) == len(text)
    assert size(doc(allow("s3:GetObject", Unknown("it is hidden")))) == len(text) - len("arn:aws:s3:::a/*")
    assert size(doc(allow("s3:GetObject", "⟦account⟧"))) == len(text) - len("arn:aws:s3:::a/*") + 12
