import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from iacscan.policy.document import Condition, PolicyDocument, Principal, Statement, parse
from iacscan.policy.public import (
    S3,
    SURFACES,
    TRUST,
    Level,
    document_reach,
    federated_reach,
    public_statements,
    reach,
    strangers,
    surface_of,
)
from iacscan.value import Truth, Unknown

CASES = json.loads((Path(__file__).parent / "cases" / "public.json").read_text())
ACTIONS = {"s3": "s3:GetObject", "access-point": "s3:GetObject", "trust": "sts:AssumeRole"}


def document(*statements):
    found = parse({"Version": "2012-10-17", "Statement": list(statements)})
    assert isinstance(found, PolicyDocument)
    assert found.problems == ()
    return found


def allow(**elements):
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", **elements}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['surface']}: {case['why']}" for case in CASES])
def test_a_statement_reaches_as_far_as_its_principal_and_conditions_let_it(case):
    body = {"Effect": "Allow", "Action": ACTIONS.get(case["surface"], "*"), "Resource": "*", **case["statement"]}
    found = reach(document(body).statements[0], SURFACES[case["surface"]])
    assert (found.level.name, found.truth) == (case["level"], Truth.YES)
    assert found.because


def test_an_unknown_principal_may_be_anyone():
    found = reach(document(allow(Principal={"AWS": Unknown("known only after apply")})).statements[0], S3)
    assert (found.level, found.truth) == (Level.ANYONE, Truth.UNKNOWN)
    assert found.is_public is Truth.UNKNOWN


def test_an_unknown_principal_beside_a_star_changes_nothing():
    found = reach(document(allow(Principal={"AWS": ["*", Unknown("later")]})).statements[0], S3)
    assert found.is_public is Truth.YES


def test_an_unknown_principal_is_limited_by_a_known_condition():
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    found = reach(document(allow(Principal=Unknown("later"), Condition=condition)).statements[0], S3)
    assert found.is_public is Truth.NO


def test_an_unknown_value_of_a_limiting_condition_leaves_the_question_open():
    condition = {"StringLike": {"aws:PrincipalArn": Unknown("later")}}
    assert reach(document(allow(Condition=condition)).statements[0], S3).is_public is Truth.UNKNOWN


def test_an_unknown_block_of_conditions_leaves_the_question_open():
    assert reach(document(allow(Condition=Unknown("later"))).statements[0], S3).is_public is Truth.UNKNOWN


def test_an_unknown_document_may_be_public():
    assert [item.is_public for item in public_statements(Unknown("later"), S3)] == [Truth.UNKNOWN]


def test_an_unknown_list_of_statements_may_be_public():
    assert [item.is_public for item in public_statements(document(Unknown("later")), S3)] == [Truth.UNKNOWN]


def test_the_second_statement_is_seen_behind_a_limited_first():
    first = allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})
    found = public_statements(document(first, allow(Action="s3:PutObject")), S3)
    assert [item.statement.index for item in found] == [1]


def test_a_deny_for_everybody_takes_the_grant_back():
    deny = allow(Effect="Deny", Action="s3:*", Resource="*")
    assert public_statements(document(allow(), deny), S3) == ()


@pytest.mark.parametrize(
    "elements",
    [
        {"Action": "s3:PutObject"},
        {"Resource": "arn:aws:s3:::b/private/*"},
        {"Principal": {"AWS": "111122223333"}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}},
    ],
)
def test_a_deny_of_something_else_takes_nothing_back(elements):
    deny = allow(**{"Effect": "Deny", "Action": "s3:*", "Resource": "*", **elements})
    assert [item.is_public for item in public_statements(document(allow(), deny), S3)] == [Truth.YES]


def test_a_deny_for_all_outside_the_organization_leaves_the_organization():
    deny = allow(
        Effect="Deny",
        Action="s3:*",
        Resource="*",
        Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
    )
    (found,) = document_reach(document(allow(), deny), S3)
    assert (found.level, found.truth) == (Level.ORGANIZATION, Truth.YES)
    assert "denies" in found.because


def test_a_deny_outside_a_network_leaves_the_network():
    deny = allow(
        Effect="Deny", Action="*", Resource="*", Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    )
    (found,) = document_reach(document(allow(), deny), S3)
    assert (found.level, found.truth) == (Level.NETWORK, Truth.YES)


def test_a_resource_inside_a_vpc_is_reached_from_its_network_at_most():
    assert reach(document(allow()).statements[0], S3, network_bound=True).level is Level.NETWORK


def test_an_effect_that_aws_does_not_take_is_not_known():
    found = parse({"Statement": [allow(Effect="allow")]})
    assert isinstance(found, PolicyDocument)
    assert [item.is_public for item in public_statements(found, S3)] == [Truth.UNKNOWN]


def test_an_unknown_kind_of_resource_is_taken_for_the_widest():
    assert surface_of("something-new").anonymous
    assert surface_of("kms-key").name == "kms"


def test_a_provider_that_is_not_known_may_be_a_shared_one():
    found = federated_reach(document(allow()).statements[0], "⟦aws_iam_openid_connect_provider.x⟧")
    assert found.is_public is Truth.UNKNOWN


def test_a_clusters_own_provider_vouches_for_the_cluster_only():
    url = "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
    assert federated_reach(document(allow()).statements[0], url).level is Level.NAMED


PRINCIPALS = st.sampled_from([
    Principal("*", "*"),
    Principal("AWS", "*"),
    Principal("AWS", "111122223333"),
    Principal("Service", "s3.amazonaws.com"),
    Principal("AWS", "arn:aws:iam::111122223333:role/x*"),
    Principal("Federated", "graph.facebook.com"),
])  # fmt: skip
LEAVES = st.builds(
    Condition,
    st.sampled_from([
        "StringEquals", "StringLike", "StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals",
        "ForAnyValue:StringLike", "ArnLike", "Bool", "IpAddress", "NotIpAddress", "Null", "Wrong",
    ]),
    st.sampled_from([
        "aws:PrincipalOrgID", "aws:SourceIp", "aws:SourceVpc", "aws:PrincipalArn", "aws:Referer", "aws:SourceArn",
        "aws:PrincipalIsAWSService", "aws:SecureTransport", "aws:PrincipalTag/x",
    ]),
    st.lists(
        st.sampled_from(["*", "o-1", "o-*", "0.0.0.0/0", "203.0.113.0/24", "true", "false", "arn:aws:iam::*:role/x",
                         "arn:aws:iam::111122223333:role/*", "${aws:PrincipalOrgID}"]),
        min_size=1, max_size=2,
    ).map(tuple),
)  # fmt: skip
STATEMENTS = st.builds(
    Statement,
    effect=st.sampled_from(["Allow", "Allow", "Deny"]),
    actions=st.sampled_from([("s3:GetObject",), ("s3:*",), ("*",)]),
    resources=st.sampled_from([("*",), ("arn:aws:s3:::b/*",)]),
    principals=st.lists(PRINCIPALS, min_size=1, max_size=2).map(tuple),
    conditions=st.lists(LEAVES, max_size=2).map(tuple),
)


def worst(statements, surface):
    graded = document_reach(PolicyDocument(statements=tuple(statements)), surface)
    return {item.is_public for item in graded}


@given(st.lists(STATEMENTS, max_size=4), st.randoms(), st.sampled_from([S3, TRUST]))
def test_order_and_repetition_of_statements_never_matter(statements, random, surface):
    shuffled = [*statements, *statements]
    random.shuffle(shuffled)
    assert worst(shuffled, surface) == worst(statements, surface)


@given(st.lists(STATEMENTS, max_size=3), STATEMENTS, st.sampled_from([S3, TRUST]))
def test_one_more_deny_never_makes_anything_public(statements, extra, surface):
    before = worst(statements, surface)
    after = worst([*statements, replace(extra, effect="Deny")], surface)
    assert Truth.YES not in after or Truth.YES in before
    assert after <= before | {Truth.NO}


@given(STATEMENTS, st.sampled_from([S3, TRUST]))
def test_the_case_of_keys_and_operators_never_matters(statement, surface):
    swapped = tuple(Condition(leaf.operator.upper(), leaf.key.swapcase(), leaf.values) for leaf in statement.conditions)
    other = reach(replace(statement, conditions=swapped), surface)
    found = reach(statement, surface)
    assert (other.level, other.truth) == (found.level, found.truth)


@given(STATEMENTS, st.data(), st.sampled_from([S3, TRUST]))
def test_forgetting_a_value_never_turns_an_answer_round(statement, data, surface):
    before = reach(statement, surface).is_public
    after = reach(forgetful(statement, data), surface).is_public
    assert after in (before, Truth.UNKNOWN)


def forgetful(statement, data):
    """The statement with some of what it says replaced by what is not known."""
    hole = Unknown("forgotten")
    what = data.draw(st.sampled_from(["principal", "value", "leaf", "effect"]))
    if what == "principal":
        at = data.draw(st.integers(0, len(statement.principals) - 1))
        return replace(statement, principals=(*statement.principals[:at], hole, *statement.principals[at + 1 :]))
    if what == "effect":
        return replace(statement, effect=hole)
    if not statement.conditions:
        return statement
    at = data.draw(st.integers(0, len(statement.conditions) - 1))
    leaf = statement.conditions[at]
    new = hole
    if what == "value":
        drop = data.draw(st.integers(0, len(leaf.values) - 1))
        new = Condition(leaf.operator, leaf.key, (*leaf.values[:drop], hole, *leaf.values[drop + 1 :]))
    return replace(statement, conditions=(*statement.conditions[:at], new, *statement.conditions[at + 1 :]))


HOME = {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}
SPARED = {"IpAddressIfExists": {"aws:VpcSourceIp": "10.0.0.0/8"}}


@pytest.mark.parametrize(
    ("surface", "conditions", "who"),
    [
        (S3, [{}], "anyone on the internet"),
        (S3, [HOME], "anyone who comes through a VPC endpoint of their own"),
        (S3, [SPARED], "anyone on the internet"),
        (S3, [HOME, {}], "anyone on the internet"),
        (SURFACES["kms"], [{}], "any AWS account in the world"),
    ],
)
def test_strangers_are_called_what_the_conditions_leave_of_them(surface, conditions, who):
    """Requests carry an address inside a VPC only if they come through an endpoint of one."""
    found = public_statements(document(*(allow(Condition=item) for item in conditions)), surface)
    assert len(found) == len(conditions)
    assert strangers((item.level, item.statement) for item in found) == who
