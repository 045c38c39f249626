"""Credentials: what is too long for the rules' own examples."""

import pytest

from iacscan.access import Access
from iacscan.finding import Confidence, Origin, Severity, Undecided, Violation
from iacscan.graph import Graph
from iacscan.model.estate import Estate
from iacscan.model.iam import AccessKey, CredentialLiteral, KeyFlow, LoginProfile, ServiceCredential
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import World
from iacscan.value import Reference, Unknown


def origin(address):
    return Origin(address=address, type=address.partition(".")[0], account="aws")


def run(code, **parts):
    graph = Graph(Estate(**parts))
    return list(find_rule(code).check(World(graph.estate, graph, Access(graph))))


def literal(address, kind, path, *, dummy=False):
    return CredentialLiteral(origin=origin(address), kind=kind, path=path, shown="AKIA", dummy=dummy)


def test_literals_of_one_block_are_one_finding_and_no_secret_is_shown():
    found = run(
        "IAM101",
        credential_literals=(
            literal("provider.aws", "access-key-id", "access_key"),
            literal("provider.aws", "secret-access-key", "secret_key"),
            literal("aws_instance.web", "access-key-id", "user_data"),
        ),
    )

    assert [verdict.subject.address for verdict in found] == ["provider.aws", "aws_instance.web"]
    assert found[0].evidence == (
        'access_key = "AKIA…" (access-key-id)',
        'secret_key = "AKIA…" (secret-access-key)',
    )


def test_an_example_is_low_unless_a_real_credential_stands_beside_it():
    example = literal("provider.aws", "access-key-id", "access_key", dummy=True)
    real = literal("provider.aws", "secret-access-key", "secret_key")

    assert [verdict.severity for verdict in run("IAM101", credential_literals=(example,))] == [Severity.LOW]
    assert [verdict.severity for verdict in run("IAM101", credential_literals=(example, real))] == [None]


KEY = AccessKey(origin=origin("aws_iam_access_key.k"), user="u")


def flow(sink, part="secret", through=""):
    return KeyFlow(
        origin=origin("output.secret"), key="aws_iam_access_key.k", part=part, sink=sink, path="value", through=through
    )


@pytest.mark.parametrize(
    ("flows", "severity"),
    [
        ((), None),
        ((flow("output"),), Severity.CRITICAL),
        ((flow("file"),), Severity.CRITICAL),
        ((flow("sensitive-output"),), None),
        ((flow("output", "id"),), None),
        ((flow("store"),), None),
    ],
)
def test_a_secret_that_is_printed_is_worse_than_one_in_the_state(flows, severity):
    assert [verdict.severity for verdict in run("IAM107", access_keys=(KEY,), key_flows=flows)] == [severity]


def test_an_output_through_a_local_value_is_less_certain():
    found = run("IAM107", access_keys=(KEY,), key_flows=(flow("output", through="local.key"),))

    assert [verdict.confidence for verdict in found] == [Confidence.MEDIUM]


def test_an_encrypted_secret_may_go_anywhere():
    key = AccessKey(origin=origin("aws_iam_access_key.k"), user="u", encrypted=True)

    assert run("IAM107", access_keys=(key,), key_flows=(flow("output", "encrypted_secret"),)) == []


@pytest.mark.parametrize("reset", [True, False, Unknown("known only after apply")])
def test_a_password_in_the_state_is_a_fault_whatever_else_is_not_known(reset):
    profile = LoginProfile(origin=origin("aws_iam_user_login_profile.p"), user="u", reset_required=reset)

    assert [type(found) for found in run("IAM106", login_profiles=(profile,))] == [Violation]


@pytest.mark.parametrize(
    ("reset", "expected"), [(True, []), (False, [Violation]), (Unknown("known only after apply"), [Undecided])]
)
def test_who_need_not_replace_a_password_is_another_fault(reset, expected):
    profile = LoginProfile(
        origin=origin("aws_iam_user_login_profile.p"), user="u", encrypted=True, reset_required=reset
    )

    assert run("IAM106", login_profiles=(profile,)) == []
    assert [type(found) for found in run("IAM113", login_profiles=(profile,))] == expected


@pytest.mark.parametrize(
    ("fields", "words"),
    [({}, "in the template"), ({"shown": True}, "without NoEcho"), ({"plain": True}, "Systems Manager")],
)
def test_a_password_of_a_template_is_said_to_be_where_it_is(fields, words):
    place = Origin(address="Ada", type="AWS::IAM::User")
    (found,) = run("IAM106", login_profiles=(LoginProfile(origin=place, user="ada", **fields),))

    assert words in found.message


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"service": "bedrock.amazonaws.com"}, Severity.HIGH),
        ({"service": "bedrock.amazonaws.com", "age_days": 30}, None),
        ({"service": "bedrock.amazonaws.com", "age_days": Unknown("later", (Reference("var.days"),))}, None),
        ({"service": "codecommit.amazonaws.com"}, None),
    ],
)
def test_an_api_key_without_an_end_is_high(fields, severity):
    kind = "aws_iam_service_specific_credential"
    item = ServiceCredential(origin=origin(f"{kind}.c"), kind=kind, user="u", **fields)

    assert [found.severity for found in run("IAM111", service_credentials=(item,))] == [severity]


def test_iam101_tells_that_a_password_is_the_default_of_a_variable():
    literal = CredentialLiteral(
        origin=Origin("aws_db_instance.orders", "aws_db_instance"),
        kind="preset",
        path="password",
        shown="",
        via=Origin("var.password", "variable"),
    )
    (verdict,) = run("IAM101", credential_literals=(literal,))
    assert verdict.severity is Severity.HIGH
    assert "the default of a variable" in verdict.message
    assert [(item.origin.address, item.note) for item in verdict.related] == [("var.password", "the variable")]


@pytest.mark.parametrize(
    ("kind", "severity", "words"),
    [
        ("shown", Severity.MEDIUM, "NoEcho"),
        ("written", Severity.HIGH, "change the secret"),
        ("preset", Severity.HIGH, "change the"),
    ],
)
def test_a_secret_that_is_only_shown_is_less_than_one_that_stands_in_the_code(kind, severity, words):
    literal = CredentialLiteral(
        origin=Origin("Db", "AWS::RDS::DBInstance"), kind=kind, path="MasterUserPassword", shown=""
    )
    (verdict,) = run("IAM101", credential_literals=(literal,))
    assert verdict.severity is severity
    assert words in verdict.remedy
