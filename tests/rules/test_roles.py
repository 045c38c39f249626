"""Machine users, their keys, and trust: what is too long for the rules' own examples."""

import pytest

from iacscan.access import Access
from iacscan.finding import Confidence, Origin, Severity, Undecided, Violation
from iacscan.graph import Graph
from iacscan.model.estate import Estate
from iacscan.model.iam import (
    AccessKey,
    Group,
    IdentityProvider,
    InlinePolicy,
    KeyFlow,
    LoginProfile,
    Membership,
    Role,
    User,
)
from iacscan.model.organizations import Account
from iacscan.model.workload import Workload
from iacscan.policy.document import parse
from iacscan.rules._machine_users import tokens
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import World
from iacscan.value import Reference, Unknown

GITHUB = "token.actions.githubusercontent.com"


def origin(address):
    return Origin(address=address, type=address.partition(".")[0], account="aws")


def user(name, **fields):
    return User(origin=origin("aws_iam_user.u"), name=name, arn="arn:aws:iam::⟦account⟧:user/u", **fields)


KEY = AccessKey(origin=origin("aws_iam_access_key.k"), user="⟦aws_iam_user.u⟧")
LOGIN = LoginProfile(origin=origin("aws_iam_user_login_profile.l"), user="⟦aws_iam_user.u⟧")


def flow(address, sink, part="secret", path="value", through=""):
    return KeyFlow(origin=origin(address), key="aws_iam_access_key.k", part=part, sink=sink, path=path, through=through)


def run(code, **parts):
    graph = Graph(Estate(**parts))
    return list(find_rule(code).check(World(graph.estate, graph, Access(graph))))


def trust(statement, **parts):
    document = parse({"Version": "2012-10-17", "Statement": statement})
    role = Role(origin=origin("aws_iam_role.r"), name="r", arn="arn:aws:iam::⟦account⟧:role/r", trust=document)
    return {"roles": (role,), **parts}


def federated(provider, conditions):
    return trust(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": provider},
            "Condition": conditions,
        }
    )


def github(conditions):
    return federated(f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}", conditions)


@pytest.mark.parametrize("code", ["IAM208", "IAM210", "IAM211", "IAM212"])
def test_a_claim_under_a_name_that_no_token_has_lets_nobody_in(code):
    """IAM532 says of such a trust that it allows nothing; nobody else says that somebody gets in."""
    parts = github({"StringEquals": {f"https://{GITHUB}:sub": "repo:acme/shop:ref:refs/heads/main"}})
    assert run(code, **parts) == []


def test_a_claim_that_need_not_be_there_lets_everybody_in_under_a_name_that_no_token_has():
    (found,) = run("IAM210", **github({"StringEqualsIfExists": {f"https://{GITHUB}:sub": "repo:acme/shop:*"}}))
    assert isinstance(found, Violation)


# -- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("github-deploy", "github"),
        ("svc_orders", "svc"),
        ("ordersDeployBot", "bot"),
        ("CIRunner", "ci"),
        ("k8s.dev", "k8s"),
    ],
)
def test_words_of_a_name_are_told_apart_however_they_are_joined(name, word):
    assert word in tokens(name)


@pytest.mark.parametrize("name", ["marcia", "alicia", "sadie", "services-team-lead-ida"])
def test_a_word_counts_only_as_a_whole(name):
    assert run("IAM201", users=(user(name),)) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "ada.lovelace"},
        {"name": "ada@example.com"},
        {"name": "ada", "path": "/people/"},
        {"name": "ada", "tags": (("Type", "human"),)},
        {"name": "break-glass-ci"},
    ],
)
def test_signs_of_a_person_outweigh_a_key(fields):
    assert run("IAM201", users=(user(**fields),), access_keys=(KEY,)) == []


def test_a_console_password_makes_it_a_person():
    assert run("IAM201", users=(user("deploy"),), access_keys=(KEY,), login_profiles=(LOGIN,)) == []


def test_a_weak_word_needs_a_key():
    assert run("IAM201", users=(user("web-app"),)) == []
    assert [found.severity for found in run("IAM201", users=(user("web-app"),), access_keys=(KEY,))] == [None]


def test_a_key_of_a_member_of_a_group_with_a_plain_name_is_no_sign():
    group = Group(origin=origin("aws_iam_group.g"), name="g", arn="arn:aws:iam::⟦account⟧:group/g")
    member = Membership(origin=origin("aws_iam_user_group_membership.m"), user="⟦aws_iam_user.u⟧", group="g")
    estate = {"users": (user("ada"),), "access_keys": (KEY,), "groups": (group,), "memberships": (member,)}

    assert run("IAM201", **estate) == []
    assert len(run("IAM205", **estate)) == 1


def test_a_tag_about_the_tool_that_made_the_user_is_no_sign():
    assert run("IAM201", users=(user("ada", tags=(("ManagedBy", "terraform"),)),)) == []


def mail_user(action, part):
    policy = InlinePolicy(
        origin=origin("aws_iam_user_policy.p"),
        name="mail",
        holder_kind="user",
        holder="⟦aws_iam_user.u⟧",
        document=parse({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}),
    )
    flows = (flow("aws_ssm_parameter.p", "store", part),)
    return {"users": (user("smtp"),), "access_keys": (KEY,), "inline_policies": (policy,), "key_flows": flows}


@pytest.mark.parametrize(
    ("action", "part", "severity"),
    [
        ("ses:SendRawEmail", "ses_smtp_password_v4", Severity.INFO),
        ("ses:SendRawEmail", "secret", None),
        ("ses:*", "ses_smtp_password_v4", None),
    ],
)
def test_a_user_that_only_sends_mail_through_smtp_is_merely_mentioned(action, part, severity):
    assert [found.severity for found in run("IAM201", **mail_user(action, part))] == [severity]


def test_a_user_told_only_by_its_key_is_less_certain():
    found = run("IAM201", users=(user("kerrigan"),), access_keys=(KEY,))

    assert [verdict.confidence for verdict in found] == [Confidence.MEDIUM]
    assert "seems to stand in" in found[0].message


def test_a_consumer_is_named_once_however_many_parts_of_the_key_it_gets():
    flows = (flow("aws_instance.i", "compute", "id"), flow("aws_instance.i", "compute"))

    found = run("IAM201", users=(user("orders"),), access_keys=(KEY,), key_flows=flows)

    assert [related.origin.address for related in found[0].related] == ["aws_iam_access_key.k", "aws_instance.i"]
    assert found[0].confidence is None


# -- where the key goes ---------------------------------------------------------------------------------------------


def test_the_remedy_follows_the_consumer():
    estate = {"users": (user("orders"),), "access_keys": (KEY,)}
    pipeline = run("IAM201", **estate, key_flows=(flow("github_actions_secret.s", "ci"),))
    function = run("IAM201", **estate, key_flows=(flow("aws_lambda_function.f", "compute"),))

    assert "OIDC" in pipeline[0].remedy
    assert "execution role" in function[0].remedy


@pytest.mark.parametrize(("sink", "code"), [("compute", "IAM202"), ("store", "IAM203"), ("ci", "IAM204")])
def test_a_key_is_reported_once_where_it_arrives_and_no_more_as_merely_permanent(sink, code):
    estate = {"access_keys": (KEY,), "key_flows": (flow("some_block.b", sink, "id"), flow("some_block.b", sink))}

    found = run(code, **estate)

    assert [verdict.subject.address for verdict in found] == ["some_block.b"]
    assert [related.origin.address for related in found[0].related] == ["aws_iam_access_key.k"]
    assert run("IAM205", **estate) == []


@pytest.mark.parametrize("code", ["IAM202", "IAM203", "IAM204"])
def test_the_id_of_a_key_alone_is_no_secret(code):
    flows = tuple(flow("some_block.b", sink, "id") for sink in ("compute", "store", "ci"))

    assert run(code, access_keys=(KEY,), key_flows=flows) == []
    assert len(run("IAM205", access_keys=(KEY,), key_flows=flows)) == 1


def test_a_path_through_a_local_value_is_reported_with_less_confidence():
    found = run("IAM202", access_keys=(KEY,), key_flows=(flow("aws_instance.i", "compute", through="local.env"),))

    assert [verdict.confidence for verdict in found] == [Confidence.MEDIUM]


def test_credentials_for_another_endpoint_are_low():
    def function(*names):
        return Workload(origin=origin("aws_ecs_task_definition.t"), kind="ecs_task_definition", environment=names)

    own = run("IAM202", workloads=(function("AWS_SECRET_ACCESS_KEY"),))
    other = run("IAM202", workloads=(function("AWS_SECRET_ACCESS_KEY", "S3_ENDPOINT"),))

    assert [verdict.severity for verdict in own] == [None]
    assert [verdict.severity for verdict in other] == [Severity.LOW]


# -- trust ----------------------------------------------------------------------------------------------------------


def test_every_statement_of_a_trust_policy_is_read():
    service = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    public = {"Effect": "Allow", "Action": "STS:assumerole", "Principal": {"AWS": ["*"]}}

    assert [type(found).__name__ for found in run("IAM208", **trust([service, public]))] == ["Violation"]
    assert run("IAM208", **trust(service)) == []


def test_a_trust_limited_to_a_network_is_high_and_one_without_limits_critical():
    def found(condition):
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Condition": condition}
        return [verdict.severity for verdict in run("IAM208", **trust(statement))]

    assert found({}) == [Severity.CRITICAL]
    assert found({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}) == [Severity.HIGH]
    assert found({"StringEquals": {"sts:ExternalId": "x1"}}) == [Severity.HIGH]
    assert found({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}) == []
    assert found({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}) == [Severity.CRITICAL]


def test_a_trust_policy_that_is_not_known_at_all_is_left_to_the_ledger():
    role = Role(origin=origin("aws_iam_role.r"), name="r", arn="a", trust=Unknown("known only after apply"))

    for code in ("IAM208", "IAM210", "IAM211"):
        assert run(code, roles=(role,)) == []


def test_an_action_that_is_no_assume_role_opens_nothing():
    statement = {"Effect": "Allow", "Action": "sts:TagSession", "Principal": "*"}

    assert run("IAM208", **trust(statement)) == []


def test_the_provider_of_the_input_tells_its_url():
    provider = IdentityProvider(
        origin=origin("aws_iam_openid_connect_provider.p"),
        kind="oidc",
        url="gitlab.com",
        arn="arn:aws:iam::⟦account⟧:oidc-provider/⟦aws_iam_openid_connect_provider.p⟧",
    )
    estate = federated(provider.arn, {"StringEquals": {"gitlab.com:aud": "https://gitlab.com"}})

    found = run("IAM210", **estate, identity_providers=(provider,))

    assert "any customer of gitlab.com" in found[0].message


@pytest.mark.parametrize(
    ("url", "conditions", "severity"),
    [
        ("oidc.circleci.com/org/acme", {"StringEquals": {"oidc.circleci.com/org/acme:aud": "acme"}}, Severity.MEDIUM),
        ("login.example.com", {}, Severity.HIGH),
    ],
)
def test_a_provider_of_ones_own_is_less_bad(url, conditions, severity):
    found = run("IAM210", **federated(f"arn:aws:iam::111122223333:oidc-provider/{url}", conditions))

    assert [verdict.severity for verdict in found] == [severity]


@pytest.mark.parametrize("operator", ["StringLikeIfExists", "ForAllValues:StringLike", "StringNotLike"])
def test_conditions_that_a_token_without_the_claim_passes_are_no_check(operator):
    assert len(run("IAM210", **github({operator: {f"{GITHUB}:sub": "repo:acme/shop:*"}}))) == 1


def test_another_claim_of_github_does_not_replace_the_subject():
    found = run("IAM210", **github({"StringEquals": {f"{GITHUB}:repository": "acme/shop"}}))

    assert [verdict.severity for verdict in found] == [Severity.HIGH]
    assert "IAM demands" in found[0].message


@pytest.mark.parametrize(
    ("subject", "severity"),
    [
        ("*", Severity.CRITICAL),
        ("repo:*", Severity.CRITICAL),
        ("repo:acme*", Severity.CRITICAL),
        ("repo:acme/*", Severity.HIGH),
        ("repo:acme/shop*", Severity.HIGH),
        ("repo:acme/shop:*", Severity.MEDIUM),
        ("repo:acme/shop:ref:refs/heads/*", Severity.MEDIUM),
        ("repo:acme/shop:ref:refs/heads/release/*", None),
        ("repo:acme/shop:ref:refs/tags/*", None),
        ("repo:acme/shop:environment:prod", None),
    ],
)
def test_the_first_wildcard_of_a_github_subject_decides(subject, severity):
    found = run("IAM211", **github({"StringLike": {f"{GITHUB}:sub": subject}}))

    assert [verdict.severity for verdict in found] == ([severity] if severity is not None else [])


def test_the_widest_of_several_subjects_counts():
    found = run(
        "IAM211", **github({"StringLike": {f"{GITHUB}:sub": ["repo:acme/shop:ref:refs/heads/main", "repo:acme/*"]}})
    )

    assert [verdict.severity for verdict in found] == [Severity.HIGH]
    assert '"repo:acme/*"' in found[0].message
    assert "main" not in found[0].message


def test_a_subject_that_is_not_known_is_undecided():
    unknown = Unknown("known only after apply", (Reference("local.subjects"),))

    found = run("IAM211", **github({"StringLike": {f"{GITHUB}:sub": [unknown]}}))

    assert [type(verdict) for verdict in found] == [Undecided]


def test_run_phases_of_terraform_cloud_are_no_finding_for_an_ordinary_role():
    url = "app.terraform.io"
    subject = "organization:acme:project:web:workspace:shop:run_phase:*"

    assert (
        run(
            "IAM211",
            **federated(f"arn:aws:iam::111122223333:oidc-provider/{url}", {"StringLike": {f"{url}:sub": subject}}),
        )
        == []
    )


def test_pods_of_a_whole_cluster_are_worse_than_those_of_a_namespace():
    url = "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"

    def severity(subject):
        conditions = {"StringLike": {f"{url}:sub": subject}}
        return [
            item.severity
            for item in run("IAM215", **federated(f"arn:aws:iam::111122223333:oidc-provider/{url}", conditions))
        ]

    assert severity("system:serviceaccount:*:*") == [Severity.HIGH]
    assert severity("system:serviceaccount:shop:*") == [Severity.MEDIUM]
    assert severity("system:serviceaccount:shop:orders-*") == []
    assert severity("system:serviceaccount:shop:orders") == []


def test_a_cluster_that_the_plan_creates_is_known_by_its_subjects():
    provider = "arn:aws:iam::⟦account⟧:oidc-provider/⟦aws_eks_cluster.shop⟧"
    conditions = {"StringLike": {"⟦aws_eks_cluster.shop⟧:sub": "system:serviceaccount:*:orders"}}

    assert [item.severity for item in run("IAM215", **federated(provider, conditions))] == [Severity.HIGH]
    assert run("IAM211", **federated(provider, conditions)) == []


def trusting(principal, conditions=None, **estate):
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, "Condition": conditions}
    document = parse({"Version": "2012-10-17", "Statement": statement})
    role = Role(origin=origin("aws_iam_role.r"), name="r", arn="arn:aws:iam::⟦account⟧:role/r", trust=document)
    return {"roles": (role,), **estate}


DATADOG = "arn:aws:iam::464622532012:root"


@pytest.mark.parametrize(
    ("principal", "conditions", "found"),
    [
        (DATADOG, {"StringLike": {"sts:ExternalId": "a*"}}, []),
        (DATADOG, {"StringEquals": {"sts:ExternalId": ""}}, [Violation]),
        (DATADOG, {"StringEqualsIfExists": {"sts:ExternalId": "a"}}, [Violation]),
        (DATADOG, {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}, []),
        (DATADOG, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, []),
        (DATADOG, {"StringEquals": {"sts:ExternalId": Unknown("a secret")}}, []),
        (DATADOG, Unknown("not known"), [Undecided]),
        ("arn:aws:iam::464622532012:role/integration", None, [Violation]),
        ("arn:aws:iam::444455556666:role/deploy", None, []),
        ("arn:aws:iam::444455556666:root", None, [Undecided]),
        ("arn:aws:iam::111122223333:root", None, []),
    ],
)
def test_who_must_be_asked_for_an_external_id(principal, conditions, found):
    estate = trusting({"AWS": principal}, conditions, accounts=frozenset({"111122223333"}))

    assert [type(verdict) for verdict in run("IAM209", **estate)] == found


def test_an_account_outside_the_organization_of_the_input_is_a_third_party():
    listed = Account(origin=origin("aws_organizations_account.a"), name="a", id="111122223333", parent=None)
    estate = trusting({"AWS": "arn:aws:iam::444455556666:root"}, accounts_in_organization=(listed,))

    (found,) = run("IAM209", **estate)

    assert found.confidence is Confidence.MEDIUM


@pytest.mark.parametrize(
    ("service", "conditions", "found"),
    [
        ("scheduler.amazonaws.com", {"StringLike": {"aws:SourceAccount": "*"}}, 1),
        ("vpc-flow-logs.amazonaws.com", {"ArnLike": {"aws:SourceArn": "arn:aws:ec2:*:111122223333:vpc-flow-log/*"}}, 0),
        ("ec2.amazonaws.com", None, 0),
    ],
)
def test_which_services_must_say_for_whom_they_assume_a_role(service, conditions, found):
    assert len(run("IAM217", **trusting({"Service": service}, conditions))) == found
