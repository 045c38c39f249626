"""Facts about the rules of organizations that are too long for their examples."""

import json

import pytest

from iacscan.access import Access
from iacscan.finding import Confidence, Origin, Severity, Undecided, Violation
from iacscan.graph import Graph
from iacscan.model.estate import Estate
from iacscan.model.organizations import (
    Account,
    Guardrail,
    Organization,
    OrganizationalUnit,
    OrganizationPolicy,
    PolicyTarget,
)
from iacscan.policy.document import parse
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import Verdict, World
from iacscan.value import Reference, Unknown

SCP = "SERVICE_CONTROL_POLICY"
DENY = {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}
UNKNOWN = Unknown("known only after apply")


def run(code: str, **objects: object) -> list[Verdict]:
    graph = Graph(Estate(**objects))
    return list(find_rule(code).check(World(graph.estate, graph, Access(graph))))


def origin(address: str) -> Origin:
    return Origin(address=address, type=address.split(".")[-2], account="aws")


def organization(*types: object, managed: bool = True, **more: object) -> Organization:
    address = ("" if managed else "data.") + "aws_organizations_organization.o"
    return Organization(origin=origin(address), enabled_policy_types=types, managed=managed, **more)


def scp(*statements: dict[str, object], kind: object = SCP, name: str = "p") -> OrganizationPolicy:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements or (DENY,)})
    address = f"aws_organizations_policy.{name}"
    return OrganizationPolicy(
        origin=origin(address), name=name, id=f"⟦{address}⟧", kind=kind, content=text, document=parse(text)
    )


def attached(policy: object = "⟦aws_organizations_policy.p⟧", target: object = "ou-ab12-11111111") -> PolicyTarget:
    return PolicyTarget(origin=origin("aws_organizations_policy_attachment.a"), policy=policy, target=target)


UNIT = OrganizationalUnit(
    origin=origin("aws_organizations_organizational_unit.u"), name="u", id="ou-ab12-11111111", parent="r-ab12"
)
ACCOUNT = Account(origin=origin("aws_organizations_account.shop"), name="shop", id=UNKNOWN, parent=UNIT.id)


# -- IAM701: organizations without guardrails -----------------------------------------------------------------------


def test_units_alone_are_a_smaller_fault_than_an_organization_with_accounts() -> None:
    (units,) = run("IAM701", organizational_units=(UNIT,))
    (accounts,) = run("IAM701", organizations=(organization(SCP),), accounts_in_organization=(ACCOUNT,))

    assert (units.severity, units.confidence) == (Severity.MEDIUM, Confidence.MEDIUM)
    assert (accounts.severity, accounts.confidence) == (None, None)


def test_reading_an_organization_is_not_making_one() -> None:
    assert run("IAM701", organizations=(organization(managed=False),)) == []


@pytest.mark.parametrize(
    ("objects", "why"),
    [
        ({}, "none is declared"),
        ({"organization_policies": (scp(),)}, "attached to nothing"),
        ({"organization_policies": (scp({**DENY, "Effect": "Allow", "Action": "*"}),), "policy_targets": (attached(),)}, "deny nothing"),
        ({"organization_policies": (scp(),), "policy_targets": (attached(target="111122223333"),)}, "only to the management account"),
        ({"organization_policies": (scp(kind="TAG_POLICY"),), "policy_targets": (attached(),)}, "none is declared"),
    ],
)  # fmt: skip
def test_the_message_says_which_way_there_is_no_guardrail(objects: dict[str, object], why: str) -> None:
    whole = organization(SCP, management_account="111122223333")
    (found,) = run("IAM701", organizations=(whole,), accounts_in_organization=(ACCOUNT,), **objects)

    assert isinstance(found, Violation)
    assert found.message.endswith(why)


def test_an_scp_in_an_organization_that_has_not_enabled_them_takes_no_effect() -> None:
    objects = {"organization_policies": (scp(),), "policy_targets": (attached(),)}

    (found,) = run("IAM701", organizations=(organization("TAG_POLICY"),), **objects)
    assert "has not enabled" in found.message
    assert run("IAM701", organizations=(organization(UNKNOWN),), **objects) == []


@pytest.mark.parametrize(
    "objects",
    [
        {"guardrails": (Guardrail(origin=origin("aws_controltower_landing_zone.z")),)},
        {"policy_targets": (attached("p-1234abcd"),)},
        {"organization_policies": (scp(),), "policy_targets": (attached(target=UNKNOWN),)},
    ],
    ids=["control tower", "a policy from elsewhere", "a target that is not known"],
)
def test_guardrails_from_elsewhere_count(objects: dict[str, object]) -> None:
    assert run("IAM701", organizations=(organization(SCP),), organizational_units=(UNIT,), **objects) == []


def test_the_policy_that_aws_attaches_itself_is_no_guardrail() -> None:
    found = run("IAM701", organizational_units=(UNIT,), policy_targets=(attached("p-FullAWSAccess"),))

    assert [type(verdict) for verdict in found] == [Violation]


@pytest.mark.parametrize("doubt", [{"complete": False}, {"unseen": ("module.scp_baseline",)}])
def test_absence_is_no_fact_where_something_was_not_seen(doubt: dict[str, object]) -> None:
    assert [type(verdict) for verdict in run("IAM701", organizational_units=(UNIT,), **doubt)] == [Undecided]


def test_a_module_that_was_not_seen_and_speaks_of_something_else_raises_no_doubt() -> None:
    found = run("IAM701", organizational_units=(UNIT,), unseen=("module.budgets",))

    assert [type(verdict) for verdict in found] == [Violation]


# -- IAM702: types of policies that are switched on -----------------------------------------------------------------


def test_what_is_not_known_of_one_type_is_said_once() -> None:
    policies = (scp(name="p"), scp(name="q"), scp(name="r", kind="TAG_POLICY"))
    found = run("IAM702", organizations=(organization(UNKNOWN),), organization_policies=policies)

    assert [(type(item), item.subject.address) for item in found] == [
        (Undecided, "aws_organizations_policy.p"),
        (Undecided, "aws_organizations_policy.r"),
    ]


def test_an_organization_that_is_only_read_decides_if_it_is_known_and_is_silent_if_not() -> None:
    known = organization("TAG_POLICY", managed=False)
    read = Organization(origin=known.origin, enabled_policy_types=UNKNOWN, managed=False)

    assert [type(item) for item in run("IAM702", organizations=(known,), organization_policies=(scp(),))] == [Violation]
    assert run("IAM702", organizations=(read,), organization_policies=(scp(),)) == []


# -- IAM704: policies that are attached to nothing ------------------------------------------------------------------


def test_an_attachment_that_is_not_known_casts_doubt_only_on_what_it_may_mean() -> None:
    other = attached(Unknown("known only after apply", (Reference("aws_organizations_policy.other", "id"),)))
    any_ = attached(Unknown("known only after apply", (Reference("local.policies"),)))

    assert [type(item) for item in run("IAM704", organization_policies=(scp(),), policy_targets=(other,))] == [
        Violation
    ]
    assert [type(item) for item in run("IAM704", organization_policies=(scp(),), policy_targets=(any_,))] == [Undecided]


def test_a_policy_that_something_else_refers_to_is_only_worth_a_remark() -> None:
    (found,) = run("IAM704", organization_policies=(scp(),), mentions=frozenset({"aws_organizations_policy.p"}))

    assert found.severity is Severity.INFO


# -- IAM705: policies that restrict nothing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "NotAction": [], "Resource": "*"},
        {"Effect": "Deny", "Action": "ec2:NoSuchThing", "Resource": "*"},
        {**DENY, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
    ],
    ids=["allows everything", "unknown action", "condition that is never met"],
)
def test_restricts_nothing(statement: dict[str, object]) -> None:
    found = run("IAM705", organization_policies=(scp(statement),))

    assert [type(item) for item in found] == [Violation]


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": ["s3:*", "ec2:*"], "Resource": "*"},
        {"Effect": "Allow", "NotAction": "sagemaker:*", "Resource": "*"},
        {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"},
        {**DENY, "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Break*"}}},
    ],
    ids=["allow list", "all but one service", "deny all but", "deny with exemption"],
)
def test_restricts_something(statement: dict[str, object]) -> None:
    assert run("IAM705", organization_policies=(scp(statement),)) == []


def test_a_service_that_is_newer_than_our_tables_is_no_misspelling() -> None:
    found = run("IAM705", organization_policies=(scp({**DENY, "Action": "brandnew:*"}),))

    assert [type(item) for item in found] == [Undecided]


# -- IAM707 and IAM711 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "expected"), [(9_000, []), (9_216, [Severity.LOW]), (10_240, [Severity.LOW]), (10_241, [None])]
)
def test_white_space_counts_and_the_quota_itself_is_allowed(size: int, expected: list[Severity | None]) -> None:
    policy = OrganizationPolicy(
        origin=origin("aws_organizations_policy.p"), name="p", id="p", kind=SCP, content=" " * size, document=None
    )

    assert [item.severity for item in run("IAM707", organization_policies=(policy,))] == expected


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        (None, [Violation]),
        ("r-ab12", [Violation]),
        ("⟦aws_organizations_organization.o⟧", [Violation]),
        ("⟦aws_organizations_organizational_unit.u⟧", []),
        ("ou-ab12-11111111", []),
        (UNKNOWN, [Undecided]),
    ],
)
def test_an_account_belongs_in_a_unit(parent: object, expected: list[type]) -> None:
    account = Account(origin=ACCOUNT.origin, name="shop", id="111122223333", parent=parent)
    found = run("IAM711", organizations=(organization(SCP),), accounts_in_organization=(account,))

    assert [type(item) for item in found] == expected


# -- IAM708: limits to regions --------------------------------------------------------------------------------------

ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1"]}}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": "*", "Condition": ELSEWHERE}, [Severity.HIGH]),
        ({"NotAction": ["iam:*", "organizations:*"], "Condition": ELSEWHERE}, [Severity.MEDIUM]),
        (
            {"NotAction": [f"{name}:*" for name in ("iam", "organizations", "route53", "cloudfront", "support")],
             "Condition": ELSEWHERE},
            [Severity.LOW],
        ),
        ({"Action": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-1"]}}}, [Severity.HIGH]),
        ({"Action": "*", "Condition": {"StringNotLike": {"aws:RequestedRegion": ["eu-*", "us-*"]}}}, []),
        ({"Action": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "us-west-2"}}}, []),
        ({"Action": ["ec2:*", "rds:*", "iam:CreateUser"], "Condition": ELSEWHERE}, []),
        ({"Action": "*", "Condition": {"Bool": {"aws:ViaAWSService": "false"}}}, []),
    ],
)  # fmt: skip
def test_a_limit_to_regions_is_as_bad_as_the_services_it_takes_away(statement, expected) -> None:
    found = run("IAM708", organization_policies=(scp({"Effect": "Deny", "Resource": "*", **statement}),))

    assert [verdict.severity for verdict in found] == expected


# -- IAM712, IAM715: attachments ------------------------------------------------------------------------------------


def test_a_policy_on_the_management_account_alone_binds_nobody() -> None:
    whole = organization(SCP, management_account="111122223333")
    there, elsewhere = attached(target="111122223333"), attached()

    def found(*targets):
        return run("IAM712", organizations=(whole,), organization_policies=(scp(),), policy_targets=targets)

    assert [type(verdict) for verdict in found(there)] == [Violation]
    assert found(there, elsewhere) == []
    assert found(elsewhere) == []
    assert [type(verdict) for verdict in found(there, attached(target=UNKNOWN))] == [Undecided]


def crowd(count, target="ou-ab12-11111111"):
    names = [f"p{number}" for number in range(count)]
    targets = tuple(attached(f"⟦aws_organizations_policy.{name}⟧", target) for name in names)
    return {"organization_policies": tuple(scp(name=name) for name in names), "policy_targets": targets}


@pytest.mark.parametrize(
    ("count", "expected"),
    [(7, None), (8, Severity.INFO), (9, Severity.INFO), (11, None)],
)
def test_the_eleventh_policy_does_not_fit(count, expected) -> None:
    found = run("IAM715", **crowd(count))

    assert [verdict.severity for verdict in found] == ([] if count == 7 else [expected])


def test_one_policy_attached_twice_and_another_type_of_policy_do_not_count() -> None:
    several = crowd(7)
    several["organization_policies"] += (scp(kind="TAG_POLICY", name="tags"),)
    several["policy_targets"] += (
        attached("⟦aws_organizations_policy.p0⟧"),
        attached("⟦aws_organizations_policy.tags⟧"),
    )

    assert run("IAM715", **several) == []


# -- IAM716, IAM717: the language -----------------------------------------------------------------------------------

RCP = "RESOURCE_CONTROL_POLICY"
PERIMETER = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("kind", "statement", "fault"),
    [
        (SCP, DENY, None),
        (SCP, {**DENY, "Effect": "Allow", "Resource": "arn:aws:s3:::x", "Condition": ELSEWHERE}, None),
        (SCP, {**DENY, "NotPrincipal": {"AWS": "*"}}, "NotPrincipal"),
        (SCP, {**DENY, "Effect": "deny"}, "Effect"),
        (RCP, PERIMETER, None),
        (RCP, DENY, "has no Principal"),
        (RCP, {**PERIMETER, "Principal": {"AWS": "111122223333"}}, "other than *"),
        (RCP, {"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"}, "NotAction"),
        ("TAG_POLICY", DENY, None),
    ],
)
def test_organizations_refuses_what_its_language_does_not_have(kind, statement, fault) -> None:
    found = run("IAM716", organization_policies=(scp(statement, kind=kind),))

    assert bool(found) == (fault is not None)
    assert all(fault in line for verdict in found for line in verdict.evidence)


def test_resource_control_policies_reach_some_services_only() -> None:
    def found(*actions):
        policy = scp({**PERIMETER, "Action": list(actions)}, kind=RCP)
        return [type(verdict) for verdict in run("IAM717", organization_policies=(policy,))]

    assert found("s3:*", "sts:AssumeRole") == []
    assert found("s3:*", "ec2:*") == [Violation]
    assert found("*") == []
    assert found("no-such-service:*") == [Undecided]


# -- IAM706: allow lists --------------------------------------------------------------------------------------------

LIST = {"Effect": "Allow", "Action": ["ec2:*", "s3:*"], "Resource": "*"}
FULL = "p-FullAWSAccess"


def test_an_allow_list_works_where_the_change_detaches_full_access() -> None:
    assert (
        run("IAM706", organization_policies=(scp(LIST),), policy_targets=(attached(),), detached=(attached(FULL),))
        == []
    )


def test_an_allow_list_on_the_management_account_is_another_rules() -> None:
    owner = organization(SCP, management_account="111122223333")
    target = attached(target="111122223333")
    assert run("IAM706", organizations=(owner,), organization_policies=(scp(LIST),), policy_targets=(target,)) == []


def test_another_policy_that_allows_everything_undoes_an_allow_list() -> None:
    everything = scp({"Effect": "Allow", "Action": "*", "Resource": "*"}, name="full")
    targets = (attached(), attached("⟦aws_organizations_policy.full⟧"))
    (found,) = run("IAM706", organization_policies=(scp(LIST), everything), policy_targets=targets)
    assert isinstance(found, Violation)


def test_a_target_that_is_left_without_any_allow_is_locked_out() -> None:
    (found,) = run(
        "IAM706", organization_policies=(scp(DENY),), policy_targets=(attached(),), detached=(attached(FULL),)
    )
    assert isinstance(found, Violation)
    assert found.severity is Severity.CRITICAL
    assert [item.note for item in found.related] == ["is left on the target"]


def test_a_target_that_keeps_an_allow_is_not_locked_out() -> None:
    found = run("IAM706", organization_policies=(scp(LIST),), policy_targets=(attached(),), detached=(attached(FULL),))
    assert found == []


def test_what_is_left_on_a_target_may_be_out_of_sight() -> None:
    (found,) = run("IAM706", policy_targets=(attached("p-a1b2c3d4"),), detached=(attached(FULL),))
    assert isinstance(found, Undecided)


def test_what_the_level_above_does_not_allow_stays_denied() -> None:
    above = scp({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, name="above")
    targets = (attached(), attached("⟦aws_organizations_policy.above⟧", "r-ab12"))
    (found,) = run(
        "IAM706",
        organizational_units=(UNIT,),
        organization_policies=(scp(LIST), above),
        policy_targets=targets,
        detached=(attached(FULL), attached(FULL, "r-ab12")),
    )
    assert isinstance(found, Violation)
    assert found.severity is Severity.LOW
    assert found.message.startswith("ec2:*")


# -- IAM724: exemptions -----------------------------------------------------------------------------------------------


def exempting(value: str) -> dict[str, object]:
    condition = {"ArnNotLike": {"aws:PrincipalArn": value}}
    return {"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*", "Condition": condition}


@pytest.mark.parametrize(
    ("value", "claimable"),
    [
        ("arn:aws:iam::*:role/*", True),
        ("arn:aws:iam::*:role/*-admin", True),
        ("arn:aws:iam::*:role/*/*-admin", True),
        ("arn:aws:iam::*:role/platform-*", True),
        ("arn:aws:iam::*:role/platform/*", True),
        ("arn:aws:iam::*:role/platform-admin", False),
        ("arn:aws:iam::*:role/aws-controltower-*", False),
        ("arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*", False),
        ("arn:aws:iam::111122223333:root", False),
    ],
)
def test_a_name_that_has_a_wildcard_can_be_claimed_unless_aws_keeps_it(value: str, claimable: bool) -> None:
    assert bool(run("IAM724", organization_policies=(scp(exempting(value)),))) is claimable


@pytest.mark.parametrize(
    ("statement", "protects"),
    [
        ({"Action": "*", "Resource": "*"}, True),
        ({"Action": "iam:*Role", "Resource": "arn:aws:iam::*:role/*-admin"}, False),
        ({"Action": ["iam:*Role", "iam:UpdateAssumeRolePolicy"], "Resource": "arn:aws:iam::*:role/*-admin"}, True),
        ({"Action": "iam:CreateRole", "Resource": "*"}, False),
        ({"Action": "*", "Resource": "arn:aws:iam::*:role/other"}, False),
        (
            {"Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}},
            False,
        ),
    ],
)
def test_only_a_deny_to_make_such_roles_and_to_change_their_trust_protects_a_name(
    statement: dict[str, object], protects: bool
) -> None:
    guard = scp({"Effect": "Deny", **statement}, name="guard")
    found = run("IAM724", organization_policies=(scp(exempting("arn:aws:iam::*:role/*-admin")), guard))
    assert (found == []) is protects
