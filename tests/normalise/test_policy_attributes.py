import json

import pytest

from iacscan.normalise.policy_attributes import ROWS
from iacscan.value import Unknown

OPEN = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})


@pytest.mark.parametrize("type_", ROWS)
def test_every_row_gives_a_policy_with_its_target(estate, block, type_):
    row = ROWS[type_]
    found = estate(block(f"{type_}.x", {row.attribute: OPEN, **({row.target: "it"} if row.target else {})}))
    (policy,) = found.resource_policies
    assert (policy.kind, policy.attribute) == (row.kind, row.attribute)
    assert policy.document.statements[0].actions == ("*",)
    assert policy.target == "it" if row.target else "⟦" in policy.target
    assert found.coverage.analysed == 1


@pytest.mark.parametrize("type_", [name for name, row in ROWS.items() if row.companion])
def test_a_copy_of_a_separate_policy_is_not_counted_again(both, block, type_):
    row = ROWS[type_]
    companion = ROWS[row.companion]
    called = f"arn:aws:x:::{type_}"
    own = block(f"{type_}.x", {"arn": called, row.attribute: OPEN}, action="no-op", unset=(row.attribute,))
    separate = block(f"{row.companion}.p", {companion.attribute: OPEN, companion.target: called}, action="no-op")
    after = both([own, separate], [own, separate])[1]
    assert [item.origin.type for item in after.resource_policies] == [row.companion]
    assert both([own], [own])[1].resource_policies[0].origin.type == type_


@pytest.mark.parametrize("type_", [name for name, row in ROWS.items() if row.companion])
def test_a_policy_that_aws_makes_is_not_one_of_the_configuration(estate, block, unknown, type_):
    attribute = ROWS[type_].attribute
    found = estate(block(f"{type_}.x", {attribute: unknown()}, unset=(attribute,)))
    assert (found.resource_policies, found.coverage.unknown) == ((), ())


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_policy_is_none(estate, block, value):
    assert estate(block("aws_sqs_queue.q", {"policy": value})).resource_policies == ()


def test_what_is_reached_only_from_a_vpc_is_marked(estate, block):
    found = estate(
        block("aws_opensearch_domain.a", {"access_policies": OPEN, "vpc_options": [{"subnet_ids": ["s"]}]}),
        block("aws_opensearch_domain.b", {"access_policies": OPEN}),
        block("aws_api_gateway_rest_api.c", {"policy": OPEN, "endpoint_configuration": [{"types": ["PRIVATE"]}]}),
    )
    assert [item.network_bound for item in found.resource_policies] == [True, False, True]


@pytest.mark.parametrize(("principal", "expected"), [("*", "*"), ("111122223333", "AWS: 111122223333")])
def test_an_event_permission_is_a_statement(estate, block, principal, expected):
    condition = [{"type": "StringEquals", "key": "aws:PrincipalOrgID", "value": "o-1"}]
    (found,) = estate(
        block(
            "aws_cloudwatch_event_permission.p", {"principal": principal, "statement_id": "x", "condition": condition}
        )
    ).resource_policies
    (statement,) = found.document.statements
    assert [str(item) for item in statement.principals] == [expected]
    assert statement.actions == ("events:PutEvents",)
    assert statement.conditions[0].values == ("o-1",)
    assert found.target == "default"


def test_an_event_permission_with_an_unknown_condition_is_not_unconditional(estate, block, unknown):
    (found,) = estate(
        block("aws_cloudwatch_event_permission.p", {"principal": "*", "condition": unknown("local.c")})
    ).resource_policies
    assert any(isinstance(item, Unknown) for item in found.document.statements[0].conditions)


def test_the_policy_of_a_multi_region_access_point_stands_in_its_details(estate, block):
    (found,) = estate(
        block("aws_s3control_multi_region_access_point_policy.p", {"details": [{"name": "m", "policy": OPEN}]})
    ).resource_policies
    assert (found.kind, found.target) == ("s3-multi-region-access-point", "m")
