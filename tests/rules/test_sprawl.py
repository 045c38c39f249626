"""Facts about the rules against sprawl that are too long for their examples."""

import json
from collections.abc import Iterable

import pytest

from iacscan.access import Access
from iacscan.finding import Origin, Severity, Undecided, Violation
from iacscan.graph import Graph
from iacscan.model.estate import Estate
from iacscan.model.iam import (
    AccessKey,
    Attachment,
    ExclusiveAttachment,
    Group,
    InlinePolicy,
    ManagedPolicy,
    Membership,
    PermissionSet,
    Role,
    User,
)
from iacscan.model.workload import Workload
from iacscan.policy.document import PolicyDocument, parse
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import Verdict, World
from iacscan.value import Reference, Unknown

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
UNKNOWN = Unknown("known only after apply", (Reference("local.policies"),))


def run(code: str, **objects: object) -> list[Verdict]:
    graph = Graph(Estate(**objects))
    return list(find_rule(code).check(World(graph.estate, graph, Access(graph))))


def document(*statements: dict[str, object]) -> PolicyDocument:
    parsed = parse(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    assert isinstance(parsed, PolicyDocument)
    return parsed


def origin(address: str, account: str = "aws", *, possible: bool = False) -> Origin:
    kind = address.rpartition("]")[2] or address
    return Origin(address=address, type=kind.split(".")[-2] if "." in kind else "", account=account, possible=possible)


def inline(
    address: str, holder: object, *statements: dict[str, object], kind: str = "role", **more: object
) -> InlinePolicy:
    body = document(*(statements or ({**READ, "Resource": f"arn:aws:s3:::{address}/*"},)))
    return InlinePolicy(
        origin=origin(f"aws_iam_{kind}_policy.{address}", **more),
        name=address,
        holder_kind=kind,
        holder=holder,
        document=body,
    )


def managed(name: str, *statements: dict[str, object], account: str = "aws") -> ManagedPolicy:
    address = f"aws_iam_policy.{name}"
    arn = f"arn:aws:iam::⟦account⟧:policy/⟦{address}⟧"
    return ManagedPolicy(
        origin=origin(address, account), name=name, arn=arn, document=document(*(statements or (READ,)))
    )


def role(name: str) -> Role:
    return Role(
        origin=origin(f"aws_iam_role.{name}"), name=name, arn=f"arn:aws:iam::111122223333:role/{name}", trust=document()
    )


def user(name: str) -> User:
    return User(origin=origin(f"aws_iam_user.{name}"), name=name, arn=f"arn:aws:iam::111122223333:user/{name}")


def severities(verdicts: Iterable[Verdict]) -> list[Severity | None]:
    return [verdict.severity for verdict in verdicts]


# -- IAM301 and IAM303: policies of users ---------------------------------------------------------------------------


def test_permissions_of_a_program_are_a_smaller_fault_than_the_program_being_a_user() -> None:
    key = AccessKey(origin=origin("aws_iam_access_key.ci"), user="ci")
    found = run("IAM301", users=(user("ci"),), access_keys=(key,), inline_policies=(inline("ci", "ci", kind="user"),))

    assert severities(found) == [Severity.LOW]
    assert "role" in found[0].remedy


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "iam:*AccessKey*", "Resource": "arn:aws:iam::*:user/${aws:UserName}"},
        {"Effect": "Allow", "Action": ["iam:ListUsers", "iam:ChangePassword"], "Resource": "*"},
        {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"},
    ],
    ids=["own keys", "own password", "deny"],
)
def test_self_service_is_left_alone(statement: dict[str, object]) -> None:
    assert run("IAM301", inline_policies=(inline("x", "ada", statement, kind="user"),)) == []


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"},
        {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "arn:aws:iam::*:user/${aws:username}"},
    ],
    ids=["own files", "everybody's keys", "all but"],
)
def test_more_than_self_service_is_reported(statement: dict[str, object]) -> None:
    found = run("IAM301", inline_policies=(inline("x", "ada", statement, kind="user"),))

    assert [type(verdict) for verdict in found] == [Violation]


def test_one_statement_beyond_self_service_decides_whatever_else_is_unknown() -> None:
    body = PolicyDocument(statements=document(READ).statements, unknown=(UNKNOWN,))
    policy = InlinePolicy(
        origin=origin("aws_iam_user_policy.x"), name="x", holder_kind="user", holder="ada", document=body
    )

    assert [type(verdict) for verdict in run("IAM301", inline_policies=(policy,))] == [Violation]


def test_a_block_that_attaches_to_several_users_is_one_finding() -> None:
    attachments = tuple(
        Attachment(
            origin=origin("aws_iam_policy_attachment.x"), holder_kind="user", holder=name,
            policy="arn:aws:iam::aws:policy/ReadOnlyAccess", via="exclusive",
        )
        for name in ("ada", "grace", "joan", "mary")
    )  # fmt: skip
    (found,) = run("IAM303", users=(user("ada"),), attachments=attachments)

    assert "ada, grace, joan and 1 more" in found.message
    assert [related.origin.address for related in found.related] == ["aws_iam_user.ada"]


def test_the_policy_by_which_aws_quarantines_a_leaked_key_is_left_alone() -> None:
    quarantine = Attachment(
        origin=origin("aws_iam_user.ada"), holder_kind="user", holder="ada", via="observed",
        policy="arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2",
    )  # fmt: skip

    assert run("IAM303", users=(user("ada"),), attachments=(quarantine,)) == []


# -- IAM302: inline policies ----------------------------------------------------------------------------------------


def test_ten_inline_policies_on_one_role_are_a_high_finding() -> None:
    policies = tuple(inline(f"p{number}", "worker") for number in range(10))
    found = run("IAM302", roles=(role("worker"),), inline_policies=policies)

    assert [(verdict.subject.address, verdict.severity) for verdict in found] == [
        ("aws_iam_role.worker", Severity.HIGH)
    ]


def test_what_one_role_has_is_not_said_again_of_all_together() -> None:
    own = tuple(inline(f"p{number}", "worker") for number in range(5))
    everything = run("IAM302", roles=(role("worker"),), inline_policies=(*own, inline("q", "other")))

    assert [verdict.key for verdict in run("IAM302", roles=(role("worker"),), inline_policies=own)] == [""]
    assert [verdict.key for verdict in everything] == ["", "all"]


def test_copies_on_one_role_are_a_high_finding() -> None:
    policies = tuple(inline(name, "worker", READ) for name in ("a", "b", "c"))

    assert severities(run("IAM302", roles=(role("worker"),), inline_policies=policies)) == [Severity.HIGH]


def test_an_inline_policy_of_a_role_that_one_workload_uses_is_no_sprawl() -> None:
    names = [f"f{number}" for number in range(12)]
    found = run(
        "IAM302",
        roles=tuple(role(name) for name in names),
        inline_policies=tuple(inline(name, name) for name in names),
        workloads=tuple(
            Workload(origin=origin(f"aws_lambda_function.{name}"), kind="lambda_function", roles=(name,))
            for name in names
        ),
    )

    assert found == []


def test_half_of_the_policies_may_be_inline() -> None:
    names = [f"p{number}" for number in range(5)]
    inline_policies = tuple(inline(name, name) for name in names)

    assert run("IAM302", inline_policies=inline_policies, managed_policies=tuple(map(managed, names))) == []
    assert len(run("IAM302", inline_policies=inline_policies, managed_policies=tuple(map(managed, names[1:])))) == 1


def test_the_order_of_the_input_does_not_choose_the_block_that_stands_for_all() -> None:
    owners = {"d": "worker", "c": "other", "e": "worker", "b": "other", "a": "third"}
    policies = [inline(name, owner) for name, owner in owners.items()]
    roles = tuple(map(role, ("other", "third", "worker")))
    found = [run("IAM302", roles=roles, inline_policies=tuple(given)) for given in (policies, policies[::-1])]

    assert found[0] == found[1]
    assert [verdict.subject.address for verdict in found[0]] == ["aws_iam_role_policy.b"]
    assert [item.origin.address[-1] for item in found[0][0].related] == ["a", "c", "d", "e"]


def test_what_the_cdk_writes_by_itself_is_not_counted() -> None:
    """Nobody can merge what `grantRead` and its like put into the default policy of each role."""
    names = [f"Worker{number}ServiceRoleDefaultPolicy{number}B630DBD" for number in range(9)]
    assert run("IAM302", inline_policies=tuple(inline(name, name) for name in names)) == []
    ours = [name.lower() for name in names]
    assert len(run("IAM302", inline_policies=tuple(inline(name, name) for name in ours))) == 1


def test_policies_of_permission_sets_are_not_counted() -> None:
    sets = tuple(
        PermissionSet(origin=origin(f"aws_ssoadmin_permission_set.s{n}"), name=f"s{n}", arn=f"arn:{n}")
        for n in range(9)
    )
    policies = tuple(inline(f"p{n}", f"s{n}", READ, kind="permission-set") for n in range(9))

    assert run("IAM302", permission_sets=sets, inline_policies=policies) == []
    assert run("IAM304", permission_sets=sets, inline_policies=policies) == []


def test_policies_that_may_not_come_to_be_leave_the_answer_open() -> None:
    policies = tuple(inline(f"p{number}", "worker", possible=number > 1) for number in range(4))
    found = run("IAM302", roles=(role("worker"),), inline_policies=policies)

    assert [(type(verdict), verdict.subject.address) for verdict in found] == [(Undecided, "aws_iam_role.worker")]


def test_the_remedy_says_what_merging_saves() -> None:
    policies = tuple(
        inline(name, "worker", {**READ, "Action": action})
        for name, action in (("a", "s3:GetObject"), ("b", "s3:PutObject"), ("c", "s3:DeleteObject"))
    )
    (found,) = run("IAM302", roles=(role("worker"),), inline_policies=policies)

    assert "its 3 statements become 1" in found.remedy


# -- IAM304: copies -------------------------------------------------------------------------------------------------


def test_copies_in_different_accounts_are_no_duplicates() -> None:
    assert run("IAM304", managed_policies=(managed("a"), managed("b", account="aws.prod"))) == []


def test_the_managed_one_of_two_copies_is_kept() -> None:
    (found,) = run("IAM304", managed_policies=(managed("a"),), inline_policies=(inline("b", "worker", READ),))

    assert found.subject.address == "aws_iam_role_policy.b"
    assert [related.origin.address for related in found.related] == ["aws_iam_policy.a"]
    assert "aws_iam_policy.a" in found.remedy


def test_copies_of_the_right_to_write_logs_are_only_informative() -> None:
    logs = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}

    assert severities(run("IAM304", managed_policies=(managed("a", logs), managed("b", logs)))) == [Severity.INFO]


def test_instances_of_one_block_that_are_not_known_are_not_suspected() -> None:
    body = PolicyDocument(statements=document(READ).statements, unknown=(UNKNOWN,))
    policies = tuple(
        ManagedPolicy(origin=origin(f'aws_iam_policy.p["{key}"]'), name=key, arn=None, document=body) for key in "ab"
    )

    assert run("IAM304", managed_policies=policies) == []


# -- IAM306: policies that nothing uses -----------------------------------------------------------------------------


def test_a_policy_that_a_condition_asks_for_is_in_use() -> None:
    boundary = managed("boundary")
    delegate = managed(
        "delegate",
        {
            "Effect": "Allow",
            "Action": "iam:CreateRole",
            "Resource": "*",
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary.arn}},
        },
    )
    found = run("IAM306", managed_policies=(boundary, delegate))

    assert [verdict.subject.address for verdict in found] == ["aws_iam_policy.delegate"]


def test_a_policy_that_a_permission_set_names_is_in_use() -> None:
    by_name = Attachment(
        origin=origin("aws_ssoadmin_customer_managed_policy_attachment.x"), holder_kind="permission-set", holder="s",
        policy="a", via="permission-set", by_name=True,
    )  # fmt: skip

    assert run("IAM306", managed_policies=(managed("a"),), attachments=(by_name,)) == []


@pytest.mark.parametrize(
    ("reference", "expected"),
    [("local.policies", Undecided), ("module.x.var.arn", Undecided), ("aws_iam_policy.a", Undecided), ("aws_iam_policy.b", Violation)],
)  # fmt: skip
def test_an_attachment_that_is_not_known_casts_doubt_only_on_what_it_may_mean(reference: str, expected: type) -> None:
    link = Unknown("known only after apply", (Reference(reference, "arn"),))
    attachment = Attachment(
        origin=origin("aws_iam_role_policy_attachment.x"), holder_kind="role", holder="r", policy=link
    )
    found = run("IAM306", managed_policies=(managed("a"),), attachments=(attachment,))

    assert [type(verdict) for verdict in found] == [expected]


def test_in_a_plan_of_selected_targets_absence_is_no_fact() -> None:
    assert [type(verdict) for verdict in run("IAM306", managed_policies=(managed("a"),), complete=False)] == [Undecided]


# -- IAM311: claims -------------------------------------------------------------------------------------------------


def claim(name: str, policy: str, *holders: tuple[str, str]) -> ExclusiveAttachment:
    return ExclusiveAttachment(origin=origin(f"aws_iam_policy_attachment.{name}"), policy=policy, holders=holders)


def test_two_claims_on_one_policy_are_one_high_finding() -> None:
    policy = managed("a")
    found = run(
        "IAM311",
        managed_policies=(policy,),
        exclusive_attachments=(claim("x", policy.arn, ("role", "r")), claim("y", policy.arn, ("role", "s"))),
    )

    assert [(verdict.severity, len(verdict.related)) for verdict in found] == [(None, 1)]


def test_a_claim_on_the_configurations_own_policy_is_low_until_somebody_else_attaches_it() -> None:
    policy = managed("a")
    claims = (claim("x", policy.arn, ("role", "worker")),)

    def attached(name: str) -> tuple[Attachment, ...]:
        address = f"aws_iam_role_policy_attachment.{name}"
        return (Attachment(origin=origin(address), holder_kind="role", holder=name, policy=policy.arn),)

    alone = {"managed_policies": (policy,), "exclusive_attachments": claims}
    assert severities(run("IAM311", **alone)) == [Severity.LOW]
    assert severities(run("IAM311", **alone, attachments=attached("worker"))) == [Severity.LOW]
    assert severities(run("IAM311", **alone, attachments=attached("admin"))) == [None]


def test_two_claims_on_the_members_of_one_group_are_a_medium_finding() -> None:
    group = Group(origin=origin("aws_iam_group.g"), name="g", arn="arn:aws:iam::111122223333:group/g")
    memberships = tuple(
        Membership(origin=origin(f"aws_iam_group_membership.{name}"), user=name, group="g", exclusive=True)
        for name in ("ada", "grace")
    )
    found = run("IAM311", groups=(group,), memberships=memberships)

    assert severities(found) == [Severity.MEDIUM]
    assert run("IAM311", groups=(group,), memberships=memberships[:1]) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("aws_s3_bucket.b", Violation),
        ('module.m["x.y"].aws_iam_role.r[0]', Violation),
        ("aws_iam_user.grace", Violation),
        ("aws_iam_user.ada", Undecided),
        ("data.aws_iam_policy_document.d", Undecided),
        ("local.policy", Undecided),
    ],
)
def test_a_policy_that_is_computed_from_another_object_is_no_self_service(source: str, expected: type) -> None:
    hole = Unknown("known only after apply", (Reference(source, "arn"),))
    policy = InlinePolicy(
        origin=origin("aws_iam_user_policy.x"), name="x", holder_kind="user", holder="ada", document=hole
    )
    found = run("IAM301", users=(user("ada"),), inline_policies=(policy,))

    assert [type(verdict) for verdict in found] == [expected]


@pytest.mark.parametrize("argument", ["managed_policy_arns", "inline_policy"])
def test_an_empty_argument_claims_only_its_own_kind_of_policies(argument: str) -> None:
    role = Role(origin=origin("aws_iam_role.r"), name="r", arn="r", trust=UNKNOWN, emptied=(argument,))
    given = Attachment(
        origin=origin("aws_iam_role_policy_attachment.a"), holder_kind="role", holder="r", policy="arn:p"
    )
    found = run("IAM310", roles=(role,), attachments=(given,))
    assert [verdict.severity for verdict in found] == ([Severity.MEDIUM] if argument == "managed_policy_arns" else [])
    assert [verdict.evidence for verdict in found] == ([("managed_policy_arns = []",)] if found else [])


def test_an_empty_argument_alone_takes_nothing_away() -> None:
    role = Role(origin=origin("aws_iam_role.r"), name="r", arn="r", trust=UNKNOWN, emptied=("managed_policy_arns",))
    assert run("IAM310", roles=(role,)) == []
