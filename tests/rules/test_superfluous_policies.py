"""Facts about the rules on superfluous, empty and oversized policies that are too long for their examples."""

import json

import pytest

from iacscan.access import Access
from iacscan.finding import Origin, Severity
from iacscan.graph import Graph
from iacscan.model.estate import Estate
from iacscan.model.iam import Attachment, Group, InlinePolicy, ManagedPolicy, Membership, Role, User
from iacscan.policy.document import parse
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import World
from iacscan.value import Unknown

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
WIDE = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def run(code, **objects):
    graph = Graph(Estate(**objects))
    return list(find_rule(code).check(World(graph.estate, graph, Access(graph))))


def document(*statements):
    return parse(json.dumps({"Version": "2012-10-17", "Statement": statements}))


def origin(address):
    return Origin(address=address, type=address.partition(".")[0])


def inline(name, *statements, kind="role", holder="app"):
    return InlinePolicy(
        origin=origin(f"aws_iam_{kind}_policy.{name}"),
        name=name,
        holder_kind=kind,
        holder=holder,
        document=document(*statements),
    )


ROLE = Role(origin=origin("aws_iam_role.app"), name="app", arn="arn:aws:iam::111122223333:role/app", trust=document())


def subjects(code, **objects):
    return [verdict.subject.address for verdict in run(code, **objects)]


def test_beside_an_administrator_everything_is_for_show():
    attached = Attachment(
        origin=origin("aws_iam_role_policy_attachment.admin"), holder_kind="role", holder="app", policy=ADMIN
    )
    (found,) = run("IAM305", roles=(ROLE,), inline_policies=(inline("read", READ),), attachments=(attached,))

    assert found.subject.address == "aws_iam_role_policy.read"
    assert found.severity is Severity.MEDIUM
    assert {item.origin.address for item in found.related} == {
        "aws_iam_role.app",
        "aws_iam_role_policy_attachment.admin",
    }


def test_of_two_policies_that_mean_the_same_one_is_reported():
    one, two = (
        inline("one", READ | {"Action": ["s3:GetObject", "s3:Get*"]}),
        inline("two", READ | {"Action": "s3:Get*"}),
    )

    assert subjects("IAM305", roles=(ROLE,), inline_policies=(one, two)) == ["aws_iam_role_policy.one"]


def test_a_policy_that_says_the_very_same_or_denies_is_left_to_other_rules():
    assert subjects("IAM305", roles=(ROLE,), inline_policies=(inline("one", READ), inline("two", READ))) == []
    assert subjects("IAM305", roles=(ROLE,), inline_policies=(inline("one", READ, DENY), inline("two", WIDE))) == []


def test_what_a_group_gives_is_not_superfluous_because_of_one_member():
    user = User(origin=origin("aws_iam_user.ada"), name="ada", arn="arn:aws:iam::111122223333:user/ada")
    group = Group(origin=origin("aws_iam_group.devs"), name="devs", arn="arn:aws:iam::111122223333:group/devs")
    member = Membership(origin=origin("aws_iam_user_group_membership.ada"), user="ada", group="devs")
    people = {"users": (user,), "groups": (group,), "memberships": (member,)}
    of_group, of_user = ("group", "devs"), ("user", "ada")

    def held(narrow, wide):
        return (
            inline("narrow", READ, kind=narrow[0], holder=narrow[1]),
            inline("wide", WIDE, kind=wide[0], holder=wide[1]),
        )

    assert subjects("IAM305", inline_policies=held(of_group, of_user), **people) == []
    assert subjects("IAM305", inline_policies=held(of_user, of_group), **people) == ["aws_iam_user_policy.narrow"]


def test_a_lone_deny_says_nothing_where_another_policy_may_be_attached():
    alone = {"roles": (ROLE,), "inline_policies": (inline("deny", DENY),)}
    adrift = Attachment(
        origin=origin("aws_iam_role_policy_attachment.x"), holder_kind="role", holder=Unknown("var.role"), policy=ADMIN
    )

    assert subjects("IAM317", **alone) == ["aws_iam_role_policy.deny"]
    assert subjects("IAM317", **alone, attachments=(adrift,)) == []
    assert subjects("IAM317", **alone, complete=False) == []


@pytest.mark.parametrize(("policies", "severity"), [(4, "nothing"), (5, Severity.LOW), (6, None)])
def test_inline_policies_count_together(policies, severity):
    """Each has about 1,900 characters, and a role may have 10,240."""
    long = [f"arn:aws:s3:::acme-{number:0160d}/*" for number in range(10)]
    held = tuple(inline(f"p{number}", READ | {"Resource": long}) for number in range(policies))
    found = run("IAM313", roles=(ROLE,), inline_policies=held)

    assert [(item.subject.address, item.severity) for item in found] == (
        [] if severity == "nothing" else [("aws_iam_role.app", severity)]
    )


def test_a_managed_policy_counts_by_itself():
    policy = ManagedPolicy(
        origin=origin("aws_iam_policy.long"),
        name="long",
        arn="arn:aws:iam::111122223333:policy/long",
        document=document(READ | {"Resource": [f"arn:aws:s3:::bucket-{number}/*" for number in range(300)]}),
    )

    assert subjects("IAM313", managed_policies=(policy,)) == ["aws_iam_policy.long"]
