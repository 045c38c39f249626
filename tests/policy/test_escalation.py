import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.policy.action import known
from iacscan.policy.document import PolicyDocument, parse
from iacscan.policy.escalation import NOBODY, How, openings
from iacscan.policy.escalation_table import rows, rows_within, starts
from iacscan.policy.power import Power
from iacscan.value import Truth

ROWS = rows()
RETIRED = {"codestar:CreateProject"}


def document(*statements):
    parsed = parse({"Version": "2012-10-17", "Statement": list(statements)})
    assert isinstance(parsed, PolicyDocument)
    return parsed


def allow(actions, resource="*"):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def opened(*documents, cap=None):
    found = openings(Power(documents), None if cap is None else Power((cap,)), NOBODY)
    return {opening.row.id: opening for opening in found}


# -- the table ----------------------------------------------------------------------------------------------------------


def test_every_row_has_its_own_number_and_its_own_actions_and_targets():
    assert len({row.id for row in ROWS}) == len(ROWS) == 192


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_opens_with_all_its_actions_and_not_without_any_one(row):
    assert opened(document(allow(row.needs)))[row.id].truth is Truth.YES
    for missing in row.needs:
        assert row.id not in opened(document(allow(action for action in row.needs if action != missing)))


def test_every_action_is_published_but_those_of_retired_services():
    assert {action for row in ROWS for action in row.needs if not known(action)} == RETIRED


def test_a_role_is_passed_to_a_service():
    for row in ROWS:
        assert ("passed-role" in row.needs.values()) == bool(row.service)
        assert (row.needs.get("iam:PassRole") == "passed-role") == bool(row.service)


def test_what_a_row_does_names_its_target_only_where_it_has_one():
    for row in ROWS:
        if "{target}" in row.does:
            assert set(row.needs.values()) - {"any"}


def test_reading_starts_no_path():
    power = Power((document(allow(["s3:Get*", "iam:Get*", "iam:List*", "ec2:Describe*"])),))
    assert not starts(power.actions)
    assert rows_within(power.actions) == ()


# -- targets ------------------------------------------------------------------------------------------------------------


def test_own_keys_open_nothing():
    own = "arn:aws:iam::*:user/${aws:username}"
    policy = document(allow(["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateLoginProfile"], own))
    assert list(openings(Power((policy,), username="⟦holder⟧"), None, NOBODY)) == []


def test_a_role_has_no_user_name_that_could_be_meant():
    ssh_key = "iam:UploadSSHPublicKey"
    assert (
        list(openings(Power((document(allow([ssh_key], "arn:aws:iam::*:user/${aws:username}")),)), None, NOBODY)) == []
    )
    assert list(openings(Power((document(allow([ssh_key], "arn:aws:iam::*:user/ada")),)), None, NOBODY)) != []


def test_two_actions_must_be_allowed_on_the_same_role():
    role = "arn:aws:iam::111122223333:role/{}".format
    apart = document(allow(["iam:AttachRolePolicy"], role("one")), allow(["iam:UpdateAssumeRolePolicy"], role("two")))
    together = document(allow(["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], role("one")))
    assert "PE-IAM-12" not in opened(apart)
    assert opened(together)["PE-IAM-12"].how is How.OUTSIDE


def test_a_factory_makes_what_it_may_also_arm():
    prefix = "arn:aws:iam::111122223333:role/{}-*".format
    apart = document(allow(["iam:CreateRole"], prefix("a")), allow(["iam:AttachRolePolicy"], prefix("b")))
    within = document(allow(["iam:CreateRole"], prefix("a")), allow(["iam:AttachRolePolicy"], "*"))
    assert "PE-IAM-43" not in opened(apart)
    assert opened(within)["PE-IAM-43"].truth is Truth.YES


def test_a_named_role_that_nobody_knows_leaves_it_open():
    policy = document(
        allow(["iam:PassRole"], "arn:aws:iam::111122223333:role/app"),
        allow(["lambda:CreateFunction", "lambda:InvokeFunction"]),
    )
    opening = opened(policy)["PE-LAM-01"]
    assert opening.truth is Truth.UNKNOWN
    assert opening.because == "role/app is not in this input"


def test_named_workloads_that_nobody_knows_open_nothing():
    policy = document(allow(["lambda:UpdateFunctionCode"], "arn:aws:lambda:*:*:function:app"))
    assert opened(policy) == {}
    assert opened(document(allow(["lambda:UpdateFunctionCode"])))["PE-LAM-04"].how is How.LOOSE


def test_a_boundary_closes_what_it_does_not_allow():
    policy = document(allow(["iam:AttachUserPolicy"]))
    assert opened(policy, cap=document(allow(["s3:*"]))) == {}
    assert "PE-IAM-08" in opened(policy, cap=document(allow(["*"])))


# -- laws ---------------------------------------------------------------------------------------------------------------

ACTIONS = st.sampled_from(sorted({action for row in ROWS for action in row.needs} | {"iam:*", "lambda:*", "*:Create*"}))
RESOURCES = st.sampled_from(
    [
        "*",
        "arn:aws:iam::*:user/*",
        "arn:aws:iam::*:role/app-*",
        "arn:aws:iam::111122223333:role/admin",
        "arn:aws:s3:::b/*",
    ]
)
CONDITIONS = st.sampled_from(
    [
        {},
        {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        {"StringNotEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    ]
)


def statements(effect):
    return st.builds(
        lambda actions, resource, condition: {
            "Effect": effect, "Action": actions, "Resource": resource, "Condition": condition
        },
        st.lists(ACTIONS, min_size=1, max_size=4),
        RESOURCES,
        CONDITIONS,
    )  # fmt: skip


ALLOWS = st.lists(statements("Allow"), min_size=1, max_size=4)
DENIES = st.lists(statements("Deny"), max_size=2)


@given(ALLOWS, DENIES, statements("Deny"))
def test_another_deny_never_adds_a_path(allows, denies, another):
    before = opened(document(*allows, *denies))
    after = opened(document(*allows, *denies, another))
    assert after.keys() <= before.keys()
    assert all(before[row].truth is Truth.YES for row, found in after.items() if found.truth is Truth.YES)


@given(ALLOWS, DENIES)
def test_it_does_not_matter_how_statements_are_spread_over_documents(allows, denies):
    whole = opened(document(*allows, *denies))
    spread = opened(*(document(statement) for statement in (*allows, *denies)))
    assert {row: (found.truth, found.how) for row, found in whole.items()} == {
        row: (found.truth, found.how) for row, found in spread.items()
    }


@given(ALLOWS, statements("Allow"))
def test_another_allow_never_closes_a_path(allows, another):
    assert opened(document(*allows)).keys() <= opened(document(*allows, another)).keys()
