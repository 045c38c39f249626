import json

import pytest

from iacscan.graph import Graph
from iacscan.value import Unknown

DENY = json.dumps({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}, indent=2)


def test_a_tree_of_units_with_a_policy(estate, block, unknown):
    found = estate(
        block("aws_organizations_organization.o", {"enabled_policy_types": ["SERVICE_CONTROL_POLICY"]}),
        block(
            "aws_organizations_organizational_unit.u",
            {"name": "apps", "parent_id": unknown("aws_organizations_organization.o roots[0].id")},
        ),
        block(
            "aws_organizations_account.a",
            {"name": "shop", "parent_id": unknown("aws_organizations_organizational_unit.u id")},
        ),
        block("aws_organizations_policy.p", {"name": "deny", "content": DENY}),
        block(
            "aws_organizations_policy_attachment.t",
            {
                "policy_id": unknown("aws_organizations_policy.p id"),
                "target_id": unknown("aws_organizations_organizational_unit.u id"),
            },
        ),
    )
    (organization,), (unit,), (account,) = (
        found.organizations,
        found.organizational_units,
        found.accounts_in_organization,
    )
    assert (organization.enabled_policy_types, organization.feature_set, organization.managed) == (
        ("SERVICE_CONTROL_POLICY",), "ALL", True,
    )  # fmt: skip
    graph = Graph(found)
    assert graph.is_root(unit.parent, "aws")
    assert not graph.is_root(account.parent, "aws")
    assert account.parent == unit.id
    (policy,) = found.organization_policies
    assert (policy.kind, policy.content) == ("SERVICE_CONTROL_POLICY", DENY)
    assert policy.document.statements[0].effect == "Deny"
    assert graph.targets_of(policy) == found.policy_targets
    assert found.policy_targets[0].target == unit.id


def test_the_management_account_is_not_the_root(estate, block, unknown):
    found = estate(
        block("aws_organizations_organization.o"),
        block(
            "aws_organizations_policy_attachment.t",
            {"policy_id": "p-1", "target_id": unknown("aws_organizations_organization.o master_account_id")},
        ),
    )
    assert found.policy_targets[0].target == found.organizations[0].management_account
    assert not Graph(found).is_root(found.policy_targets[0].target, "aws")


def test_an_organization_that_is_only_read(estate, block):
    roots = [
        {"id": "r-1", "policy_types": [{"type": "TAG_POLICY", "status": "ENABLED"}, {"type": "X", "status": "NO"}]}
    ]
    given = {"roots": roots, "feature_set": "ALL", "master_account_id": "111122223333"}
    (found,) = estate(block("data.aws_organizations_organization.o", given, action="read")).organizations
    assert (found.managed, found.root_ids, found.enabled_policy_types) == (False, ("r-1",), ("TAG_POLICY",))
    assert found.management_account == "111122223333"


def test_an_organization_that_is_managed_and_read_is_one(estate, block):
    found = estate(block("aws_organizations_organization.a"), block("data.aws_organizations_organization.b"))
    assert [item.managed for item in found.organizations] == [True]


@pytest.mark.parametrize("parent", [None, "computed"])
def test_an_account_without_parent_stays_in_the_root(estate, block, unknown, parent):
    values = {"name": "a"} if parent is None else {"name": "a", "parent_id": unknown()}
    found = estate(block("aws_organizations_account.a", values, unset=("parent_id",)))
    assert found.accounts_in_organization[0].parent is None


def test_policies_in_other_languages_are_not_read_as_iam_policies(estate, block):
    found = estate(block("aws_organizations_policy.p", {"name": "t", "type": "TAG_POLICY", "content": '{"tags":{}}'}))
    assert found.organization_policies[0].document is None
    assert found.coverage.analysed == 0


def test_a_computed_content_has_no_size(estate, block, unknown):
    found = estate(block("aws_organizations_policy.p", {"content": unknown("local.x")})).organization_policies[0]
    assert isinstance(found.content, Unknown)
    assert isinstance(found.document, Unknown)


def test_control_tower_is_a_guardrail(estate, block):
    assert len(estate(block("aws_controltower_control.c"), block("aws_controltower_landing_zone.z")).guardrails) == 2
