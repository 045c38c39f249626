"""Conditions that a change takes out of the trust policy of a role: what is too long for the rule's own examples."""

import json

import pytest

from iacscan.finding import Severity, Undecided, Violation
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of

OWN = "arn:aws:iam::111122223333:root"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ID = {"StringEquals": {"sts:ExternalId": "b7f1c9e2a4"}}
DATADOG = "arn:aws:iam::464622532012:root"


def role(*statements, more=""):
    trust = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return f'resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = jsonencode({trust})\n}}\n{more}'


def allow(principal=OWN, condition=None, **more):
    conditions = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}, **conditions, **more}


def said(before, after):
    return list(find_rule("IAM221").check(world_of(after, before)))


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        (MFA, "multi-factor authentication"),
        (ID, "an external id"),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "a condition on aws:sourceip"),
        (MFA | ID, "multi-factor authentication and an external id"),
        ({"Bool": {**MFA["Bool"]}, "NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}, "multi-factor authentication"),
    ],
)
def test_what_is_no_longer_asked_for_is_named(condition, what):
    (verdict,) = said(role(allow(condition=condition)), role(allow()))
    assert isinstance(verdict, Violation)
    assert verdict.message == f"the change lets account 111122223333 assume the role without {what}"
    assert any(line.endswith(", until now") for line in verdict.evidence)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (allow(condition=MFA), allow(condition=MFA | ID)),
        (allow(condition=MFA), allow(condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}})),
        (allow(condition=ID), allow(condition={"StringLike": {"STS:externalid": "b7*"}})),
        (allow(condition=MFA), allow("arn:aws:iam::111122223333:role/deploy")),
        (allow(condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}), allow()),
        (allow(condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}), allow()),
        (allow(condition=MFA), {**allow(), "Effect": "Deny"}),
        (allow(condition=MFA), allow(Action="sts:TagSession")),
    ],
)
def test_nothing_is_lost(before, after):
    assert said(role(before), role(after)) == []


def test_a_deny_may_ask_for_it_instead():
    deny = {**allow("*"), "Effect": "Deny", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
    assert said(role(allow(condition=MFA)), role(allow(), deny)) == []


def test_an_account_is_the_same_in_both_spellings():
    (verdict,) = said(role(allow("111122223333", MFA)), role(allow(OWN)))
    assert isinstance(verdict, Violation)


def test_one_statement_without_the_condition_is_enough_after_the_change_and_not_before():
    assert len(said(role(allow(condition=MFA)), role(allow(condition=MFA), allow()))) == 1
    assert said(role(allow(condition=MFA), allow()), role(allow())) == []


def test_who_is_let_in_for_the_first_time_has_lost_nothing():
    other = "arn:aws:iam::444455556666:root"
    assert said(role(allow(condition=MFA)), role(allow(condition=MFA), allow(other))) == []


def test_a_role_that_may_do_everything_is_high():
    admin = (
        'resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.r.name\n'
        '  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n}\n'
    )
    (verdict,) = said(role(allow(condition=MFA), more=admin), role(allow(), more=admin))
    assert verdict.severity is Severity.HIGH


def test_a_third_party_without_an_external_id_is_told_by_iam209():
    assert said(role(allow(DATADOG, ID)), role(allow(DATADOG))) == []
    assert len(list(find_rule("IAM209").check(world_of(role(allow(DATADOG)))))) == 1


def test_a_trust_policy_that_is_not_known_is_not_decided():
    unknown = 'variable "trust" {}\nresource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = var.trust\n}\n'
    (verdict,) = said(role(allow(condition=MFA)), unknown)
    assert isinstance(verdict, Undecided)
    assert "multi-factor authentication is not known" in verdict.message
    assert said(role(allow()), unknown) == []


def test_a_role_that_is_deleted_needs_no_condition():
    assert said(role(allow(condition=MFA)), 'resource "aws_sqs_queue" "q" {}\n') == []
