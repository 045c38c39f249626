"""Conditions on tags are no obstacle for those who may set the tags."""

import pytest

from iacscan.policy.capped import Capped
from iacscan.policy.document import parse
from iacscan.policy.power import Power
from iacscan.policy.tagging import NO_TAGS, Tags
from iacscan.value import Truth

ADA = "arn:aws:iam::⟦account⟧:user/ada"
BOB = "arn:aws:iam::⟦account⟧:user/bob"


def allow(action, resource="*", condition=None):
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition or {}}


def deny(action, resource="*", condition=None):
    return allow(action, resource, condition) | {"Effect": "Deny"}


def power(*statements, tags=NO_TAGS):
    return Power((parse({"Version": "2012-10-17", "Statement": list(statements)}),), tags=tags)


KEYS = allow("iam:CreateAccessKey", condition={"StringEquals": {"aws:ResourceTag/team": "dev"}})


def asked(*statements, tags=NO_TAGS, cap=None):
    return Capped(power(*statements), cap, (ADA,)).allows("iam:CreateAccessKey", BOB, tags=tags)


def test_a_tag_that_is_there_is_enough():
    assert asked(KEYS, tags=Tags.of({"team": "dev"})).truth is Truth.YES
    assert asked(KEYS, tags=Tags.of({"team": "ops"})).truth is Truth.NO


def test_who_may_set_the_tag_may_do_what_it_allows_and_it_is_said_how():
    found = asked(KEYS, allow("iam:TagUser"))
    assert found.truth is Truth.YES
    (tagging,) = found.tagging
    assert (str(tagging.tags), tagging.action, tagging.itself) == ("team=dev", "iam:TagUser", False)


@pytest.mark.parametrize(
    "limit",
    [
        allow("iam:TagUser", ADA),
        allow("iam:TagRole"),
        allow("iam:TagUser", condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["owner"]}}),
        allow("iam:TagUser", condition={"StringEquals": {"aws:RequestTag/team": "ops"}}),
        allow("iam:TagUser", condition={"StringEquals": {"aws:ResourceTag/team": "dev"}}),
    ],
)
def test_limits_on_tagging_hold(limit):
    assert asked(KEYS, limit).truth is Truth.NO


def test_a_deny_and_a_boundary_on_tagging_hold():
    refused = deny("iam:TagUser", condition={"StringEquals": {"aws:RequestTag/team": "dev"}})
    assert asked(KEYS, allow("iam:TagUser"), refused).truth is Truth.NO
    assert asked(KEYS, allow("iam:TagUser"), cap=power(allow("iam:CreateAccessKey"))).truth is Truth.NO


def test_a_deny_that_a_tag_lifts_is_lifted_by_who_may_set_it():
    spared = deny("iam:CreateAccessKey", condition={"StringNotEquals": {"aws:ResourceTag/open": "yes"}})
    keys = allow("iam:CreateAccessKey")
    assert asked(keys, spared).truth is Truth.NO
    assert asked(keys, spared, allow("iam:TagUser")).truth is Truth.YES


def test_a_user_that_may_tag_itself_has_every_tag():
    keys = allow("iam:CreateAccessKey", condition={"StringEquals": {"aws:PrincipalTag/admin": "true"}})
    assert asked(keys).truth is Truth.NO
    found = asked(keys, allow("iam:TagUser", ADA))
    assert found.truth is Truth.YES
    assert [item.itself for item in found.tagging] == [True]


def test_whoever_sends_a_tag_with_the_call_must_be_allowed_to_tag():
    create = allow("iam:CreateRole", condition={"StringEquals": {"aws:RequestTag/team": "dev"}})
    role = "arn:aws:iam::⟦account⟧:role/new"
    assert Capped(power(create)).allows("iam:CreateRole", role).truth is Truth.NO
    assert Capped(power(create, allow("iam:TagRole"))).allows("iam:CreateRole", role).truth is Truth.YES
