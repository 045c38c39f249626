import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from iacscan.policy.action import ActionSet
from iacscan.policy.document import Condition, PolicyDocument, Statement, parse
from iacscan.policy.grant import (
    allowed_actions,
    allows,
    is_admin,
    is_power_user,
    statement_actions,
    statement_resources_all_of,
    statement_resources_everything,
)
from iacscan.policy.managed import managed_policy
from iacscan.value import Truth, Unknown

LATER = Unknown("known only after apply")


def document(*statements):
    found = parse({"Version": "2012-10-17", "Statement": list(statements)})
    assert isinstance(found, PolicyDocument)
    return found


def allow(action, resource="*", **elements):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def deny(action, resource="*", **elements):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **elements}


def allow_all_but(actions, resource="*"):
    return {"Effect": "Allow", "NotAction": actions, "Resource": resource}


@pytest.mark.parametrize(
    "statements",
    [
        [allow("*")],
        [allow("*:*")],
        [allow(["s3:GetObject", "*"])],
        [allow(["*", LATER])],
        [allow("*", ["arn:aws:s3:::b", "*"])],
        [allow("*", "arn:*"), allow("*")],
        [allow_all_but([])],
        [allow_all_but("s3:DeleteBucket")],
        [allow_all_but("iam:*")],
        [allow_all_but("iam:*"), allow("IAM:*")],
        [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::secret/*"}],
        [allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})],
        [allow("*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})],
        [allow("*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})],
        [allow("*"), deny("*", "arn:aws:s3:::secret/*")],
        [allow("*"), deny("*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})],
        [allow("*"), deny("s3:*")],
    ],
)
def test_administrators_in_every_spelling(statements):
    answer = is_admin([document(*statements)])
    assert answer.truth is Truth.YES
    assert answer.statements


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [allow("s3:*")],
        [allow("*", "arn:aws:s3:::b/*")],
        [allow("iam:*")],
        [allow("*"), deny("*")],
        [allow("*"), deny(["iam:*", "organizations:*"])],
        [allow_all_but("*")],
        [allow("*", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})],
        [allow("*", Condition={"StringEquals": {"ec2:InstanceType": "t3.micro"}})],
        [allow("*", Condition={"StringEquals": {"aws:SourceVpc": []}})],
        [allow(["ec2:*", LATER], "arn:aws:ec2:*:*:instance/*")],
    ],
)
def test_less_than_an_administrator(statements):
    assert is_admin([document(*statements)]).truth is Truth.NO


@pytest.mark.parametrize(
    "statements",
    [
        [allow(LATER)],
        [allow("*", LATER)],
        [allow("*", Condition=LATER)],
        [allow("*"), deny(LATER)],
        [allow("*"), deny("*", LATER)],
        [allow("*"), deny("*", Condition=LATER)],
        [{"Effect": "allow", "Action": "*", "Resource": "*"}],
        [{"Effect": "Allow", "NotAction": LATER, "Resource": "*"}],
        [LATER],
    ],
)
def test_what_cannot_be_known(statements):
    answer = is_admin([document(*statements)])
    assert answer.truth is Truth.UNKNOWN
    assert answer.because


def test_a_document_that_is_not_known_may_grant_and_is_not_taken_to_deny():
    assert is_admin([LATER]).truth is Truth.UNKNOWN
    assert is_admin([LATER, document(allow("*"))]).truth is Truth.YES


def test_several_policies_together_make_an_administrator():
    services = sorted({name.partition(":")[0] for name in ActionSet.of(["*"]).names()})
    half = len(services) // 2
    one, two = ([f"{name}:*" for name in part] for part in (services[:half], services[half:]))
    assert is_admin([document(allow(one))]).truth is Truth.NO
    both = is_admin([document(allow(one)), document(allow(two))])
    assert both.truth is Truth.YES
    assert len(both.statements) == 2


def test_conditions_that_do_not_excuse_are_named():
    answer = is_admin([document(allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))])
    assert answer.conditions == ("aws:MultiFactorAuthPresent",)
    assert "aws:MultiFactorAuthPresent" in answer.because


@pytest.mark.parametrize(
    ("name", "admin", "power"),
    [
        ("AdministratorAccess", Truth.YES, Truth.YES),
        ("PowerUserAccess", Truth.NO, Truth.YES),
        ("IAMFullAccess", Truth.NO, Truth.NO),
        ("ReadOnlyAccess", Truth.NO, Truth.NO),
    ],
)
def test_policies_of_aws_by_content(name, admin, power):
    documents = [managed_policy(name)]
    assert is_admin(documents).truth is admin
    assert is_power_user(documents).truth is power


def test_every_resource_of_a_service():
    (statement,) = document(allow("*", "arn:aws:s3:::*")).statements
    assert statement_resources_everything(statement) is Truth.NO
    assert statement_resources_all_of(statement, "s3") is Truth.YES
    assert statement_resources_all_of(statement, "sqs") is Truth.NO


def test_notaction_with_something_unknown_names_no_action_for_certain():
    statement = document(allow_all_but(["s3:*", LATER])).statements[0]
    actions, unknowns = statement_actions(statement)
    assert not actions
    assert unknowns == (LATER,)


@pytest.mark.parametrize(
    ("statements", "action", "resource", "truth"),
    [
        ([allow("iam:Pass*", "*")], "iam:PassRole", "*", Truth.YES),
        ([allow("IAM:PASSROLE", "*")], "iam:PassRole", "*", Truth.YES),
        ([allow("iam:PassRole", "arn:aws:iam::*:role/x")], "iam:PassRole", "*", Truth.NO),
        ([allow("iam:PassRole", "arn:aws:iam::*:role/*")], "iam:PassRole", "arn:aws:iam::⟦account⟧:role/x", Truth.YES),
        ([allow("iam:PassRole", "*"), deny("iam:*")], "iam:PassRole", "*", Truth.NO),
        ([allow("iam:PassRole", "*"), deny("iam:*", "arn:aws:iam::*:role/y")], "iam:PassRole", "*", Truth.YES),
        ([allow("iam:PassRole", LATER)], "iam:PassRole", "*", Truth.UNKNOWN),
    ],
)
def test_whether_an_action_is_allowed(statements, action, resource, truth):
    assert allows([document(*statements)], action, resource).truth is truth


def test_what_is_allowed_on_every_resource_and_on_any():
    documents = [document(allow("s3:GetObject", "arn:aws:s3:::b/*"), allow("sqs:SendMessage"))]
    assert allowed_actions(documents).names() == ("sqs:SendMessage",)
    assert allowed_actions(documents, on_everything=False).names() == ("s3:GetObject", "sqs:SendMessage")


TEXTS = st.sampled_from(["*", "iam:*", "s3:*", "organizations:*", "s3:GetObject", "ec2:Run*"])
RESOURCES = st.sampled_from(["*", "arn:aws:s3:::*", "arn:aws:s3:::b/*", "arn:aws:iam::*:role/*"])
LEAVES = st.sampled_from([
    Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)),
    Condition("StringEquals", "aws:ResourceTag/x", ("y",)),
    Condition("StringEqualsIfExists", "aws:ResourceTag/x", ("y",)),
    Condition("StringEquals", "aws:SourceVpc", ()),
])  # fmt: skip
SOME = st.lists(TEXTS, min_size=1, max_size=2).map(tuple)
STATEMENTS = st.builds(
    Statement,
    effect=st.sampled_from(["Allow", "Deny"]),
    actions=SOME,
    resources=st.lists(RESOURCES, min_size=1, max_size=2).map(tuple),
    conditions=st.lists(LEAVES, max_size=1).map(tuple),
) | st.builds(Statement, effect=st.sampled_from(["Allow", "Deny"]), not_actions=SOME, resources=st.just(("*",)))
QUESTIONS = st.sampled_from([is_admin, is_power_user, lambda documents: allows(documents, "s3:GetObject")])


def ask(question, statements):
    return question([PolicyDocument(statements=tuple(statements))]).truth


@given(st.lists(STATEMENTS, max_size=4), st.randoms(), QUESTIONS)
def test_order_and_repetition_of_statements_never_matter(statements, random, question):
    shuffled = [*statements, *statements]
    random.shuffle(shuffled)
    assert ask(question, shuffled) is ask(question, statements)


@given(st.lists(STATEMENTS, max_size=4), QUESTIONS)
def test_how_statements_are_spread_over_documents_never_matters(statements, question):
    apart = question([PolicyDocument(statements=(statement,)) for statement in statements]).truth
    assert apart is ask(question, statements)


@given(st.lists(STATEMENTS, max_size=4), QUESTIONS)
def test_the_case_of_actions_never_matters(statements, question):
    def swapped(texts):
        return None if texts is None else tuple(text.swapcase() for text in texts)

    changed = [replace(s, actions=swapped(s.actions), not_actions=swapped(s.not_actions)) for s in statements]
    assert ask(question, changed) is ask(question, statements)


@given(st.lists(STATEMENTS, max_size=3), STATEMENTS, QUESTIONS)
def test_one_more_deny_never_allows_anything(statements, extra, question):
    before, after = ask(question, statements), ask(question, [*statements, replace(extra, effect="Deny")])
    assert after is before or after is not Truth.YES


@given(st.lists(STATEMENTS, min_size=1, max_size=3), st.data(), QUESTIONS)
def test_forgetting_a_value_never_turns_an_answer_round(statements, data, question):
    before = ask(question, statements)
    at = data.draw(st.integers(0, len(statements) - 1))
    chosen = statements[at]
    field = data.draw(st.sampled_from(["actions", "not_actions", "resources", "conditions", "effect"]))
    value = getattr(chosen, field)
    if not value:
        return
    if field == "effect":
        new = LATER
    else:
        drop = data.draw(st.integers(0, len(value) - 1))
        new = (*value[:drop], LATER, *value[drop + 1 :])
    after = ask(question, [*statements[:at], replace(chosen, **{field: new}), *statements[at + 1 :]])
    assert after in (before, Truth.UNKNOWN)


@pytest.mark.parametrize("resource", ["*", "arn:*", "arn:aws:*", "arn:aws:*:*:*:*"])
def test_every_arn_spelt_out_is_everything(resource):
    assert (
        is_admin((parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": resource}}),)).truth is Truth.YES
    )


def test_a_deny_spares_what_its_not_resource_names():
    only = document(allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*"})
    assert "s3:GetObject" in allowed_actions((only,), on_everything=False, certain=False)
    assert "s3:GetObject" not in allowed_actions((only,), certain=False)
    nothing = document(allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": []})
    assert not allowed_actions((nothing,), on_everything=False, certain=False)
