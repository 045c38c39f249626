import pytest
from policy.strategies import ACCOUNT, FOREIGN, ROLE, ROOT, SERVICE, USER

from iacscan.policy.request import ANYBODY, Caller, CallerKind, Request, owner
from iacscan.value import Unknown

FEDERATED = Caller(CallerKind.FEDERATED_USER, ACCOUNT, f"arn:aws:sts::{ACCOUNT}:federated-user/bob")
IDENTITY = Caller(CallerKind.IDENTITY, name="accounts.google.com")


def context(caller, resource="*", **given):
    return Request(
        "s3:GetObject", resource, caller, {name.replace("__", ":"): held for name, held in given.items()}
    ).context


@pytest.mark.parametrize(
    ("caller", "key", "held"),
    [
        (USER, "aws:principaltype", ("User",)),
        (USER, "aws:username", ("ann",)),
        (USER, "aws:principalarn", (USER.name,)),
        (USER, "aws:principalaccount", (ACCOUNT,)),
        (USER, "aws:principalisawsservice", ("false",)),
        (ROLE, "aws:principalarn", (ROLE.name,)),
        (ROLE, "aws:principaltype", ("AssumedRole",)),
        (ROLE, "aws:username", None),
        (ROOT, "aws:principalarn", (f"arn:aws:iam::{ACCOUNT}:root",)),
        (ROOT, "aws:userid", (ACCOUNT,)),
        (ROOT, "aws:principaltype", ("Account",)),
        (FEDERATED, "aws:userid", (f"{ACCOUNT}:bob",)),
        (FEDERATED, "aws:username", None),
        (SERVICE, "aws:principalisawsservice", ("true",)),
        (SERVICE, "aws:principalservicename", ("lambda.amazonaws.com",)),
        (SERVICE, "aws:principalarn", None),
        (ANYBODY, "aws:principalaccount", ("anonymous",)),
        (ANYBODY, "aws:userid", ("anonymous",)),
        (ANYBODY, "aws:principalarn", None),
        (ANYBODY, "aws:principalisawsservice", None),
        (IDENTITY, "aws:principalarn", None),
        (FOREIGN, "aws:principalaccount", (FOREIGN.account,)),
    ],
)
def test_keys_that_follow_from_the_caller(caller, key, held):
    assert context(caller).get(key) == held


def test_a_unique_id_is_there_but_not_known():
    (held,) = context(ROLE)["aws:userid"]
    assert isinstance(held, Unknown)


def test_what_is_given_is_kept_and_keys_are_lowered():
    found = context(USER, aws__PrincipalArn=("arn:aws:iam::1:user/other",), aws__UserId=("AIDA",), s3__Prefix=("a",))
    assert found["aws:principalarn"] == ("arn:aws:iam::1:user/other",)
    assert found["aws:userid"] == ("AIDA",)
    assert found["s3:prefix"] == ("a",)
    assert not [key for key in found if key != key.lower()]


def test_an_arn_tells_whose_the_resource_is_unless_it_has_no_account():
    assert context(USER, f"arn:aws:sqs:eu-west-1:{FOREIGN.account}:q")["aws:resourceaccount"] == (FOREIGN.account,)
    assert "aws:resourceaccount" not in context(USER, "arn:aws:s3:::b")
    assert owner("arn:aws:iam::aws:policy/ReadOnlyAccess") is None
    assert owner("arn:aws:sqs:⟦region⟧:⟦account⟧:q") == "⟦account⟧"
    assert owner("*") is None


def test_a_session_is_called_by_its_role_and_its_name():
    assert ROLE.session_arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/run"
    nameless = Caller(CallerKind.ROLE_SESSION, ACCOUNT, f"arn:aws-cn:iam::{ACCOUNT}:role/path/app")
    assert nameless.session_arn == f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/app/⟦…⟧"
    assert FEDERATED.session_arn == FEDERATED.name
