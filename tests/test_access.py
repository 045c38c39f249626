import pytest

from iacscan.access import Access, service_name
from iacscan.finding import Origin
from iacscan.graph import Graph
from iacscan.model import iam, organizations, workload
from iacscan.model.estate import Estate
from iacscan.policy.document import Principal, parse
from iacscan.policy.oidc import Scope
from iacscan.policy.principal import Kind
from iacscan.policy.public import Level
from iacscan.value import Truth, Unknown

LATER = Unknown("known only after apply")
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
GITHUB = "token.actions.githubusercontent.com"


def origin(address):
    return Origin(address, address.partition(".")[0], account="aws")


def document(*statements):
    return parse({"Statement": list(statements)})


def trust(principal, action="sts:AssumeRole", **elements):
    return {"Effect": "Allow", "Principal": principal, "Action": action, **elements}


def role(*statements, name="r", assumed=None, **fields):
    return iam.Role(
        origin=origin(f"aws_iam_role.{name}"),
        name=name,
        arn=f"arn:aws:iam::⟦account⟧:role/{name}",
        trust=document(*statements) if assumed is None else assumed,
        **fields,
    )


def attachment(policy, holder="r", kind="role"):
    return iam.Attachment(origin=origin("aws_iam_policy_attachment.a"), holder_kind=kind, holder=holder, policy=policy)


def managed(name, *statements):
    return iam.ManagedPolicy(
        origin=origin(f"aws_iam_policy.{name}"),
        name=name,
        arn=f"arn:aws:iam::⟦account⟧:policy/{name}",
        document=document(*statements),
    )


def user(name="u", **fields):
    return iam.User(origin=origin(f"aws_iam_user.{name}"), name=name, arn=LATER, **fields)


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FEW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def access(**objects):
    return Access(Graph(Estate(**objects)))


def test_policies_of_every_kind_are_held():
    inline = iam.InlinePolicy(
        origin=origin("aws_iam_role_policy.i"), name="i", holder_kind="role", holder="r", document=document(FEW)
    )
    owner = role()
    found = access(
        roles=(owner,),
        inline_policies=(inline,),
        managed_policies=(managed("x", FEW),),
        attachments=(attachment("arn:aws:iam::⟦account⟧:policy/x"), attachment(ADMIN)),
    ).held(owner)
    assert [held.via for held in found] == ["inline", "attached", "aws-managed"]
    assert found[1].label == "aws_iam_policy.x attached by aws_iam_policy_attachment.a"


@pytest.mark.parametrize(
    ("link", "because"),
    [
        (LATER, "known only after apply"),
        ("arn:aws:iam::111122223333:policy/elsewhere", "is not in this input"),
        ("arn:aws:iam::aws:policy/NoSuchPolicy", "is not in this version's table"),
    ],
)
def test_a_policy_that_is_not_there_is_not_known(link, because):
    owner = role()
    asked = access(roles=(owner,), attachments=(attachment(link),))
    (held,) = asked.held(owner)
    assert isinstance(held.document, Unknown)
    assert because in held.document.because
    assert asked.admin(owner).truth is Truth.UNKNOWN


def test_an_administrator_by_the_policy_of_aws():
    owner = role()
    assert access(roles=(owner,), attachments=(attachment(ADMIN),)).admin(owner).truth is Truth.YES


def test_a_principal_without_policies_is_no_administrator():
    owner = role()
    assert access(roles=(owner,)).admin(owner).truth is Truth.NO


def test_users_have_what_their_groups_have():
    member, group = user(), iam.Group(origin=origin("aws_iam_group.g"), name="g", arn=LATER)
    asked = access(
        users=(member,),
        groups=(group,),
        memberships=(iam.Membership(origin=origin("aws_iam_user_group_membership.m"), user="u", group="g"),),
        attachments=(attachment(ADMIN, "g", "group"),),
    )
    assert asked.admin(member).truth is Truth.YES
    assert asked.held(member)[0].label.endswith("through group aws_iam_group.g")


@pytest.mark.parametrize("group", ["elsewhere", LATER])
def test_a_group_that_is_not_there_leaves_the_question_open(group):
    member = user()
    membership = iam.Membership(origin=origin("aws_iam_user_group_membership.m"), user="u", group=group)
    assert access(users=(member,), memberships=(membership,)).admin(member).truth is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("boundary", "truth"),
    [
        (None, Truth.YES),
        ("arn:aws:iam::⟦account⟧:policy/few", Truth.NO),
        ("arn:aws:iam::⟦account⟧:policy/all", Truth.YES),
        ("arn:aws:iam::111122223333:policy/elsewhere", Truth.UNKNOWN),
        (LATER, Truth.UNKNOWN),
    ],
)
def test_a_boundary_caps_an_administrator(boundary, truth):
    owner = role(boundary=boundary)
    policies = (managed("few", FEW), managed("all", ALL))
    asked = access(roles=(owner,), managed_policies=policies, attachments=(attachment(ADMIN),))
    assert asked.admin(owner).truth is truth


@pytest.mark.parametrize(
    ("principal", "kind", "level", "truth"),
    [
        ("*", Kind.ANYONE, Level.AUTHENTICATED, Truth.YES),
        ({"AWS": "111122223333"}, Kind.ACCOUNT, Level.NAMED, Truth.YES),
        ({"Service": "lambda.amazonaws.com"}, Kind.SERVICE, Level.NAMED, Truth.YES),
        ({"AWS": LATER}, Kind.UNKNOWN, Level.ANYONE, Truth.UNKNOWN),
    ],
)
def test_whom_a_role_trusts(principal, kind, level, truth):
    owner = role(trust(principal))
    (found,) = access(roles=(owner,)).trust(owner)
    assert (found.kind, found.reach.level, found.reach.truth) == (kind, level, truth)


def test_each_principal_is_graded_by_itself():
    owner = role(trust({"AWS": ["111122223333", "*"]}), trust({"Service": "ec2.amazonaws.com"}))
    levels = [trusted.reach.level for trusted in access(roles=(owner,)).trust(owner)]
    assert levels == [Level.NAMED, Level.AUTHENTICATED, Level.NAMED]


def test_a_trust_policy_that_is_not_known_may_trust_anyone():
    owner = role(assumed=LATER)
    asked = access(roles=(owner,))
    (found,) = asked.trust(owner)
    assert (found.kind, found.reach.is_public) == (Kind.UNKNOWN, Truth.UNKNOWN)
    assert asked.is_compute_role(owner) is Truth.UNKNOWN


def test_what_is_denied_or_is_no_assuming_trusts_nobody():
    owner = role({**trust("*"), "Effect": "Deny"}, trust("*", "sts:TagSession"))
    assert access(roles=(owner,)).trust(owner) == ()


def test_a_provider_of_the_same_input_is_known_by_its_url():
    symbol = "⟦aws_iam_openid_connect_provider.github⟧"
    provider = iam.IdentityProvider(
        origin=origin("aws_iam_openid_connect_provider.github"), kind="oidc", url=f"https://{GITHUB}", arn=LATER
    )
    federated = {"Federated": f"arn:aws:iam::⟦account⟧:oidc-provider/{symbol}"}
    owner = role(trust(federated, "sts:AssumeRoleWithWebIdentity"))
    (found,) = access(roles=(owner,), identity_providers=(provider,)).trust(owner)
    assert (found.issuer, found.reach.level, found.reach.truth) == (GITHUB, Level.ANYONE, Truth.YES)
    assert found.subject.scope is Scope.UNCHECKED


@pytest.mark.parametrize(
    ("service", "workloads"),
    [
        ("lambda.amazonaws.com", ("lambda",)),
        ("states.eu-west-1.amazonaws.com", ("states",)),
        ("tasks.apprunner.amazonaws.com", ("tasks.apprunner",)),
        ("ec2.amazonaws.com.cn", ("ec2",)),
        ("config.amazonaws.com", ()),
        ("backup.amazonaws.com", ()),
    ],
)
def test_services_that_run_code(service, workloads):
    owner = role(trust({"Service": service}))
    asked = access(roles=(owner,))
    assert asked.workload_services(owner) == workloads
    assert asked.is_compute_role(owner) is Truth.of(known=bool(workloads))


def test_a_workload_of_the_input_makes_a_compute_role():
    owner = role(trust({"AWS": "111122223333"}))
    function = workload.Workload(
        origin=origin("aws_lambda_function.f"), kind="lambda_function", roles=("⟦aws_iam_role.r⟧",)
    )
    assert access(roles=(owner,), workloads=(function,)).is_compute_role(owner) is Truth.YES


@pytest.mark.parametrize(
    ("principal", "own", "expected"),
    [
        (Principal("*", "*"), (), Truth.YES),
        (Principal("AWS", "111122223333"), (), Truth.UNKNOWN),
        (Principal("AWS", "111122223333"), ("111122223333",), Truth.NO),
        (Principal("AWS", "arn:aws:iam::444455556666:root"), ("111122223333",), Truth.YES),
        (Principal("AWS", "⟦account⟧"), (), Truth.NO),
        (Principal("AWS", "⟦aws_organizations_account.x⟧"), (), Truth.NO),
        (Principal("Service", "s3.amazonaws.com"), ("111122223333",), Truth.NO),
        (Principal("CanonicalUser", "79a5"), ("111122223333",), Truth.UNKNOWN),
        (LATER, ("111122223333",), Truth.UNKNOWN),
    ],
)
def test_who_is_external(principal, own, expected):
    assert access(accounts=frozenset(own)).external(principal) is expected


def test_accounts_of_the_organization_are_ones_own():
    account = organizations.Account(
        origin=origin("aws_organizations_account.a"), name="a", id="111122223333", parent=None
    )
    asked = access(accounts_in_organization=(account,))
    assert asked.external(Principal("AWS", "111122223333")) is Truth.NO
    assert asked.external(Principal("AWS", "444455556666")) is Truth.YES


def test_the_name_of_a_service():
    assert service_name("lambda.amazonaws.com") == "lambda"
    assert service_name("example.com") == "example.com"


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
EXTERNAL = {"StringEquals": {"sts:ExternalId": "x"}}
SOURCE = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
LAMBDA = {"Service": "lambda.amazonaws.com"}


@pytest.mark.parametrize(
    ("statements", "workloads"),
    [
        ([trust(LAMBDA, Condition=SOURCE)], ("lambda",)),
        ([trust(LAMBDA, Condition=MFA)], ()),
        ([trust(LAMBDA, Condition=EXTERNAL)], ()),
        ([trust(LAMBDA), {**trust(LAMBDA), "Effect": "Deny"}], ()),
        ([trust(LAMBDA), {**trust(LAMBDA), "Effect": "Deny", "Condition": MFA}], ("lambda",)),
    ],
)
def test_a_service_that_can_never_assume_the_role_does_not_run_with_it(statements, workloads):
    owner = role(*statements)

    assert access(roles=(owner,)).workload_services(owner) == workloads
