"""Which policies together allow a request. More facts, each with the page it rests on, are in `cases/vectors.json`."""

import pytest
from policy.strategies import ACCOUNT, FOREIGN, OTHER_ACCOUNT, ROLE, ROOT, SERVICE, USER, document

from iacscan.policy.evaluate import Layers, Outcome, decide
from iacscan.policy.request import ANYBODY, Caller, CallerKind, Request
from iacscan.value import Truth, Unknown

ALLOWED, DENIED, NOTHING, UNKNOWN = Outcome.ALLOWED, Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY, Outcome.UNKNOWN
LATER = Unknown("known only after apply")
OBJECT = "arn:aws:s3:::logs/a"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
TARGET = f"arn:aws:iam::{ACCOUNT}:role/target"
FEDERATED = Caller(CallerKind.FEDERATED_USER, ACCOUNT, f"arn:aws:sts::{ACCOUNT}:federated-user/bob")
LINKED = Caller(CallerKind.SERVICE_LINKED_ROLE, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x/X", "s")
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com"
IDENTITY = Caller(CallerKind.IDENTITY, name=PROVIDER)


def policy(effect="Allow", action="s3:*", resource="*", **elements):
    tree = {"Effect": effect, "Action": action, "Resource": resource, **elements}
    found = document({"Version": "2012-10-17", "Statement": tree})
    assert not [problem for problem in found.problems if "Effect" not in problem.where]
    return found


FULL, READ, EC2 = policy(action="*"), policy(action="s3:Get*"), policy(action="ec2:*")
DENY_ALL = policy("Deny", "*")


def to(principal, **elements):
    """A policy of a resource that gives all of S3 to a principal."""
    return policy(Principal=principal if principal == "*" else {"AWS": principal}, **elements)


def outcome(caller, action="s3:GetObject", target=OBJECT, context=None, **layers):
    return decide(Request(action, target, caller, context or {}), Layers(**layers)).outcome


@pytest.mark.parametrize(
    ("caller", "layers", "expected"),
    [
        (USER, {"identity": (READ,)}, ALLOWED),
        (USER, {"identity": (EC2,)}, NOTHING),
        (USER, {"identity": (EC2, READ)}, ALLOWED),
        (USER, {"identity": (READ, DENY_ALL)}, DENIED),
        (USER, {"resource": to(USER.name)}, ALLOWED),
        (USER, {"resource": to("*")}, ALLOWED),
        (USER, {"resource": to(ACCOUNT)}, NOTHING),
        (USER, {"resource": to(ACCOUNT), "identity": (READ,)}, ALLOWED),
        (USER, {"resource": to(FOREIGN.name), "identity": (READ,)}, ALLOWED),
        (USER, {"resource": to("*", effect="Deny"), "identity": (READ,)}, DENIED),
        (ROLE, {"resource": to(ROLE.name)}, ALLOWED),
        (ROLE, {"resource": to(ROLE.session_arn)}, ALLOWED),
        (FEDERATED, {"resource": to(FEDERATED.name), "session": EC2}, ALLOWED),
        (FEDERATED, {"identity": (READ,)}, ALLOWED),
        (FEDERATED, {"identity": (READ,), "session": EC2}, NOTHING),
        (ROOT, {}, ALLOWED),
        (ROOT, {"resource": to("*", effect="Deny")}, DENIED),
        (LINKED, {"identity": (READ,)}, ALLOWED),
    ],
)
def test_inside_one_account(caller, layers, expected):
    assert outcome(caller, resource_account=ACCOUNT, **layers) is expected


# By what a resource policy names the caller, against a boundary or session policy that allows something else.
@pytest.mark.parametrize("limit", ["boundary", "session"])
@pytest.mark.parametrize(
    ("caller", "layers", "expected"),
    [
        (USER, {"identity": (FULL,)}, NOTHING),
        (USER, {"resource": to(USER.name)}, ALLOWED),
        (USER, {"resource": to("*")}, ALLOWED),
        (USER, {"resource": to(ACCOUNT), "identity": (FULL,)}, NOTHING),
        (ROLE, {"resource": to(ROLE.name)}, NOTHING),
        (ROLE, {"resource": to(ROLE.session_arn)}, ALLOWED),
        (ROLE, {"resource": to("*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE.name}})}, ALLOWED),
    ],
)
def test_a_boundary_or_session_policy_limits_what_comes_by_identity_account_or_role(limit, caller, layers, expected):
    assert outcome(caller, **layers, **{limit: EC2}) is expected
    assert outcome(caller, **layers, **{limit: FULL}) is ALLOWED
    assert outcome(caller, **layers, **{limit: DENY_ALL}) is DENIED


@pytest.mark.parametrize(
    ("caller", "layers", "expected"),
    [
        (FOREIGN, {"resource": to(FOREIGN.name)}, NOTHING),
        (FOREIGN, {"identity": (READ,)}, NOTHING),
        (FOREIGN, {"identity": (READ,), "resource": to(FOREIGN.name)}, ALLOWED),
        (FOREIGN, {"identity": (READ,), "resource": to(FOREIGN.session_arn)}, ALLOWED),
        (FOREIGN, {"identity": (READ,), "resource": to(OTHER_ACCOUNT)}, ALLOWED),
        (FOREIGN, {"identity": (READ,), "resource": to("*")}, ALLOWED),
        (FOREIGN, {"resource": to("*")}, NOTHING),
        (FOREIGN, {"identity": (READ,), "resource": to(ACCOUNT)}, NOTHING),
        (FOREIGN, {"identity": (READ,), "resource": to("*"), "boundary": EC2}, NOTHING),
        (FOREIGN, {"identity": (READ,), "resource": to(FOREIGN.session_arn), "session": EC2}, NOTHING),
        (Caller(CallerKind.ROOT, OTHER_ACCOUNT), {}, NOTHING),
        (Caller(CallerKind.ROOT, OTHER_ACCOUNT), {"resource": to(OTHER_ACCOUNT)}, ALLOWED),
    ],
)
def test_across_accounts_both_sides_must_allow(caller, layers, expected):
    assert outcome(caller, resource_account=ACCOUNT, **layers) is expected


@pytest.mark.parametrize(
    ("caller", "layers", "expected"),
    [
        (ANYBODY, {}, NOTHING),
        (ANYBODY, {"resource": to("*")}, ALLOWED),
        (ANYBODY, {"resource": to(ACCOUNT)}, NOTHING),
        (ANYBODY, {"resource": to("*", effect="Deny")}, DENIED),
        (ANYBODY, {"resource": to("*"), "kind": "kms-key"}, NOTHING),
        (ANYBODY, {"resource": to("*", Condition={"StringLike": {"aws:PrincipalArn": "*"}})}, NOTHING),
        (ANYBODY, {"identity": (FULL,)}, NOTHING),
        (SERVICE, {"resource": policy(Principal={"Service": SERVICE.name})}, ALLOWED),
        (SERVICE, {"resource": policy(Principal={"Service": "ec2.amazonaws.com"})}, NOTHING),
        (SERVICE, {"resource": to("*")}, ALLOWED),
        (SERVICE, {"identity": (FULL,)}, NOTHING),
        (
            SERVICE,
            {"resource": to("*", effect="Deny", Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}})},
            NOTHING,
        ),
    ],
)
def test_callers_without_an_account_need_the_resource_alone(caller, layers, expected):
    assert outcome(caller, resource_account=ACCOUNT, **layers) is expected


def kms(principal, **elements):
    return policy(action="kms:*", Principal={"AWS": principal}, **elements)


@pytest.mark.parametrize(
    ("caller", "layers", "expected"),
    [
        (ROLE, {"identity": (FULL,)}, NOTHING),
        (ROLE, {"identity": (FULL,), "resource": kms(ACCOUNT)}, ALLOWED),
        (ROLE, {"resource": kms(ACCOUNT)}, NOTHING),
        (ROLE, {"resource": kms(ROLE.name)}, ALLOWED),
        (ROLE, {"resource": kms(ROLE.name), "boundary": EC2}, NOTHING),
        (ROLE, {"identity": (FULL,), "resource": kms(USER.name)}, NOTHING),
        (ROOT, {"resource": kms(ROLE.name)}, NOTHING),
        (ROOT, {"resource": kms(ACCOUNT)}, ALLOWED),
        (FOREIGN, {"identity": (FULL,), "resource": kms(OTHER_ACCOUNT)}, ALLOWED),
        (ROLE, {"identity": (FULL,), "resource": LATER}, UNKNOWN),
    ],
)
def test_a_key_is_opened_by_its_own_policy_only(caller, layers, expected):
    assert outcome(caller, "kms:Decrypt", KEY, kind="kms-key", **layers) is expected


def trust(action="sts:AssumeRole", **principal):
    tree = {"Effect": "Allow", "Action": action, "Principal": principal}
    return document({"Version": "2012-10-17", "Statement": tree})


@pytest.mark.parametrize(
    ("caller", "action", "layers", "expected"),
    [
        (USER, "sts:AssumeRole", {"resource": trust(AWS=USER.name)}, ALLOWED),
        (USER, "sts:AssumeRole", {"identity": (FULL,), "resource": trust(AWS=ROLE.name)}, NOTHING),
        (USER, "sts:AssumeRole", {"resource": trust(AWS=ACCOUNT)}, NOTHING),
        (USER, "sts:AssumeRole", {"resource": trust(AWS=ACCOUNT), "identity": (FULL,)}, ALLOWED),
        (FOREIGN, "sts:AssumeRole", {"resource": trust(AWS=OTHER_ACCOUNT)}, NOTHING),
        (FOREIGN, "sts:AssumeRole", {"resource": trust(AWS=OTHER_ACCOUNT), "identity": (FULL,)}, ALLOWED),
        (SERVICE, "sts:AssumeRole", {"resource": trust(Service=SERVICE.name)}, ALLOWED),
        (ROOT, "sts:AssumeRole", {"resource": trust(AWS=ACCOUNT)}, NOTHING),  # AWS lets no root user assume roles
        (ANYBODY, "sts:AssumeRole", {"resource": trust(AWS="*")}, NOTHING),
        (IDENTITY, "sts:AssumeRole", {"resource": trust("sts:*", Federated=PROVIDER)}, NOTHING),
        (IDENTITY, "sts:AssumeRoleWithWebIdentity", {"resource": trust("sts:*", Federated=PROVIDER)}, ALLOWED),
        (IDENTITY, "sts:AssumeRoleWithWebIdentity", {"resource": trust(Federated=PROVIDER)}, NOTHING),
        (USER, "sts:AssumeRoleWithWebIdentity", {"resource": trust("sts:*", AWS=USER.name)}, NOTHING),
    ],
)
def test_a_role_is_opened_by_its_trust_policy_only(caller, action, layers, expected):
    assert outcome(caller, action, TARGET, kind="role-trust", **layers) is expected


@pytest.mark.parametrize(
    ("scps", "expected"),
    [
        (None, ALLOWED),
        ((), ALLOWED),
        (((FULL,),), ALLOWED),
        (((FULL,), (EC2, READ)), ALLOWED),
        (((FULL,), (EC2,), (FULL,)), NOTHING),
        (((),), NOTHING),
        (((FULL,), (FULL, DENY_ALL)), DENIED),
        (((FULL,), (LATER,)), UNKNOWN),
        (((FULL,), (FULL, LATER)), UNKNOWN),
    ],
)
def test_service_control_policies_must_allow_at_every_level(scps, expected):
    for caller in (USER, ROLE, ROOT):
        assert outcome(caller, identity=(FULL,), resource=to(USER.name), scps=scps) is expected


@pytest.mark.parametrize(
    ("caller", "management_account", "expected"),
    [
        (USER, None, DENIED),
        (USER, OTHER_ACCOUNT, DENIED),
        (USER, ACCOUNT, ALLOWED),
        (USER, "⟦account⟧", UNKNOWN),
        (ROOT, None, DENIED),
        (LINKED, None, ALLOWED),
        (SERVICE, None, ALLOWED),
        (ANYBODY, None, ALLOWED),
    ],
)
def test_whom_service_control_policies_bind(caller, management_account, expected):
    found = outcome(
        caller,
        identity=(FULL,),
        resource=to("*"),
        scps=((FULL, DENY_ALL),),
        management_account=management_account,
    )
    assert found is expected


def test_whether_an_allow_list_binds_depends_on_the_management_account():
    layers = {"identity": (FULL,), "scps": ((EC2,),)}
    assert outcome(USER, management_account="⟦account⟧", **layers) is UNKNOWN
    assert outcome(USER, management_account=ACCOUNT, **layers) is ALLOWED
    assert outcome(USER, management_account=OTHER_ACCOUNT, **layers) is NOTHING


RCP_DENY = policy("Deny", "*", Principal="*")


@pytest.mark.parametrize(
    ("caller", "action", "resource", "layers", "expected"),
    [
        (USER, "s3:GetObject", OBJECT, {}, DENIED),
        (ANYBODY, "s3:GetObject", OBJECT, {"resource": to("*")}, DENIED),
        (SERVICE, "s3:GetObject", OBJECT, {"resource": to("*")}, DENIED),
        (USER, "s3:GetObject", OBJECT, {"management_account": ACCOUNT}, ALLOWED),
        (LINKED, "s3:GetObject", OBJECT, {}, ALLOWED),
        (USER, "iam:GetRole", TARGET, {}, ALLOWED),  # not among the services that these policies apply to
        (USER, "kms:RetireGrant", KEY, {}, ALLOWED),
        (USER, "kms:Decrypt", KEY, {}, DENIED),
    ],
)
def test_what_resource_control_policies_bind(caller, action, resource, layers, expected):
    given = {"identity": (FULL,), "resource_account": ACCOUNT, "rcps": ((RCP_DENY,),), **layers}
    assert outcome(caller, action, resource, **given) is expected


def test_a_resource_control_policy_needs_no_allow():
    exempt = policy("Deny", "s3:*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    tls, plain = ({"aws:SecureTransport": (value,)} for value in ("true", "false"))
    assert outcome(USER, identity=(FULL,), rcps=((exempt,),), context=tls) is ALLOWED
    assert outcome(USER, identity=(FULL,), rcps=((exempt,),), context=plain) is DENIED


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (to("*"), ALLOWED),
        (to(OTHER_ACCOUNT), NOTHING),
        (policy(action="ec2:*", Principal="*"), NOTHING),
        (RCP_DENY, DENIED),
        (LATER, UNKNOWN),
    ],
)
def test_the_policy_of_an_endpoint_limits_whoever_comes_through_it(endpoint, expected):
    assert outcome(USER, identity=(FULL,), endpoint=endpoint) is expected
    assert outcome(USER, resource=to(USER.name), endpoint=endpoint) is expected


# -- what is not known -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ({"identity": (LATER,)}, UNKNOWN),
        ({"identity": (FULL, LATER)}, UNKNOWN),  # it may deny
        ({"identity": (DENY_ALL, LATER)}, DENIED),
        ({"identity": (FULL,), "boundary": LATER}, UNKNOWN),
        ({"identity": (EC2,), "boundary": LATER}, NOTHING),
        ({"identity": (policy(action=[LATER]),)}, UNKNOWN),
        ({"identity": (READ, policy(action=[LATER]))}, ALLOWED),
        ({"identity": (READ, policy("Deny", [LATER]))}, UNKNOWN),
        ({"identity": (READ, policy("Deny", "s3:GetObject", [LATER]))}, UNKNOWN),
        ({"identity": (READ, policy("Deny", "s3:PutObject", [LATER]))}, ALLOWED),
        ({"identity": (EC2, policy("Deny", [LATER]))}, NOTHING),
        ({"identity": (policy(LATER),)}, UNKNOWN),
        ({"identity": (READ, policy(LATER))}, UNKNOWN),
        ({"identity": (READ,), "resource": LATER}, UNKNOWN),
        ({"identity": (EC2,), "resource": policy(Principal={"AWS": LATER})}, UNKNOWN),
        ({"identity": (EC2,), "resource": policy(Principal={"AWS": LATER}), "scps": ((EC2,),)}, NOTHING),
        ({"identity": (READ,), "resource": policy("Deny", Principal={"AWS": LATER})}, UNKNOWN),
        ({"identity": (READ,), "resource_account": "⟦account⟧"}, UNKNOWN),
        ({"identity": (EC2,), "resource_account": "⟦account⟧"}, NOTHING),
        ({"identity": (READ,), "resource": to(USER.name), "resource_account": "⟦account⟧"}, ALLOWED),
    ],
)
def test_what_is_not_known_matters_only_where_it_decides(layers, expected):
    assert outcome(USER, **layers) is expected


def test_a_statement_that_is_missing_may_allow_and_may_deny():
    partly = document({"Version": "2012-10-17", "Statement": [LATER]})
    assert outcome(USER, identity=(partly,)) is UNKNOWN
    assert outcome(USER, identity=(READ, partly)) is UNKNOWN
    assert outcome(ANYBODY, resource=partly) is UNKNOWN
    assert outcome(USER, identity=(READ,), resource=partly) is UNKNOWN


def test_the_owner_of_the_resource_is_in_the_context():
    own = policy(Condition={"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}})
    assert outcome(USER, identity=(own,)) is ALLOWED
    assert outcome(USER, identity=(own,), resource_account=ACCOUNT) is ALLOWED
    assert outcome(USER, identity=(own,), resource=to("*"), resource_account=OTHER_ACCOUNT) is NOTHING


def test_a_policy_of_an_older_version_is_read_by_its_own_rules():
    tree = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/${aws:username}"}
    own = "arn:aws:s3:::logs/ann"
    for version, expected in (
        ({"Version": "2012-10-17"}, ALLOWED),
        ({"Version": "2008-10-17"}, NOTHING),
        ({}, NOTHING),
    ):
        identity = document(version | {"Statement": tree})
        assert outcome(USER, target=own, identity=(identity,)) is expected


# -- what is said about it ---------------------------------------------------------------------------------------------


def test_a_decision_names_the_statements_that_decide():
    denied = decide(Request("s3:GetObject", OBJECT, USER), Layers(identity=(FULL,), scps=((FULL, DENY_ALL),)))
    assert denied.statements == (("service control policies of level 1", DENY_ALL.statements[0]),)
    assert denied.because == "statement 1 of the service control policies of level 1 denies it"
    assert denied.allowed is Truth.NO
    allowed = decide(Request("s3:GetObject", OBJECT, USER), Layers(identity=(EC2, READ)))
    assert allowed.statements == (("identity policies", READ.statements[0]),)
    assert allowed.because == "statement 1 of the identity policies allows it"
    unknown = decide(Request("s3:GetObject", OBJECT, USER), Layers(identity=(READ, LATER)))
    assert unknown.because == LATER.because
    vague = decide(Request("s3:GetObject", OBJECT, USER), Layers(identity=(policy(resource=[LATER]),)))
    assert vague.because == LATER.because
    unlisted = policy(Condition={"StringEquals": {"aws:userid": "AIDAEXAMPLE"}})
    open_ = decide(Request("s3:GetObject", OBJECT, USER), Layers(identity=(unlisted,)))
    assert open_.because == "statement 1 of the identity policies may or may not apply"
    assert unknown.allowed is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("caller", "layers", "because"),
    [
        (USER, {}, "no policy of the caller or the resource allows it"),
        (USER, {"identity": (FULL,), "boundary": EC2}, "no statement of the permissions boundary allows it"),
        (USER, {"identity": (FULL,), "session": EC2}, "no statement of the session policy allows it"),
        (
            USER,
            {"identity": (FULL,), "scps": ((FULL,), (EC2,))},
            "no statement of the service control policies of level 2 allows it",
        ),
        (
            USER,
            {"identity": (FULL,), "endpoint": to(OTHER_ACCOUNT)},
            "no statement of the VPC endpoint policy allows it",
        ),
        (FOREIGN, {"identity": (FULL,)}, "no policy of the resource allows it, and across accounts both sides must"),
        (FOREIGN, {"resource": to("*")}, "no policy of the caller allows it, and across accounts both sides must"),
        (
            USER,
            {"resource": to(ACCOUNT)},
            "the resource leaves it to the caller's policies, and none of them allows it",
        ),
        (ROLE, {"resource": to(ROLE.name), "boundary": EC2}, "no statement of the permissions boundary allows it"),
        (USER, {"identity": (FULL,), "kind": "kms-key"}, "no policy of the resource allows it"),
    ],
)
def test_a_refusal_says_what_is_missing(caller, layers, because):
    found = decide(Request("s3:GetObject", OBJECT, caller), Layers(resource_account=ACCOUNT, **layers))
    assert (found.outcome, found.because) == (NOTHING, because)


def test_what_is_taken_for_granted_is_said():
    found = decide(Request("s3:GetObject", OBJECT, USER), Layers(identity=(FULL,)))
    assert found.assumptions == (
        "the resource belongs to the caller's account",
        "no service control policies limit it: they are not in the input",
        "no resource control policies limit it: they are not in the input",
    )
    known = Layers(
        identity=(FULL,), scps=((FULL,),), rcps=(), resource_account=ACCOUNT, management_account=OTHER_ACCOUNT
    )
    assert decide(Request("s3:GetObject", OBJECT, USER), known).assumptions == ()
    unplaced = Layers(identity=(FULL,), scps=((FULL,),), rcps=(), resource_account=ACCOUNT)
    (said,) = decide(Request("s3:GetObject", OBJECT, USER), unplaced).assumptions
    assert "management account" in said


def test_nothing_is_taken_for_granted_to_deny():
    assert decide(Request("iam:GetRole", TARGET, USER), Layers()).assumptions == ()
    assert decide(Request("iam:GetRole", TARGET, ROOT), Layers(scps=(), rcps=())).assumptions == ()
