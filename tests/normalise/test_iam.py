import json

import pytest

from iacscan.graph import Graph
from iacscan.value import Reference, Unknown

TRUST = json.dumps(
    {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}}
)
READ = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture
def role(block):
    return lambda **values: block("aws_iam_role.r", {"name": "app", "assume_role_policy": TRUST, **values})


def test_a_role_with_all_that_is_its_own(estate, role):
    found = estate(role(path="/svc/", permissions_boundary=ADMIN, tags={"team": "a"}, max_session_duration=7200)).roles[
        0
    ]
    assert (found.name, found.path, found.arn) == ("app", "/svc/", "arn:aws:iam::⟦account⟧:role/svc/app")
    assert (found.boundary, found.tags, found.max_session) == (ADMIN, (("team", "a"),), 7200)
    assert found.trust.statements[0].actions == ("sts:AssumeRole",)


def test_what_is_unset_has_the_providers_default(estate, role):
    found = estate(role(permissions_boundary="")).roles[0]
    assert (found.path, found.boundary, found.max_session) == ("/", None, 3600)


def test_a_role_whose_name_is_made_up_is_told_by_its_symbol(estate, block):
    found = estate(block("aws_iam_role.r", {"name_prefix": "app-", "assume_role_policy": TRUST})).roles[0]
    assert isinstance(found.name, Unknown)
    assert found.arn == "arn:aws:iam::⟦account⟧:role/app-⟦aws_iam_role.r⟧"


@pytest.mark.parametrize("kind", ["user", "group", "role"])
@pytest.mark.parametrize("named", [True, False])
def test_policies_and_attachments_find_their_holder(estate, block, unknown, kind, named):
    """By its name where that is known, by its symbol where it is not."""
    values = {"assume_role_policy": TRUST, **({"name": "x"} if named else {})}
    link = "x" if named else unknown(f"aws_iam_{kind}.h name")
    found = estate(
        block(f"aws_iam_{kind}.h", values),
        block(f"aws_iam_{kind}_policy.p", {"name": "p", kind: link, "policy": READ}),
        block(f"aws_iam_{kind}_policy_attachment.a", {kind: link, "policy_arn": unknown("aws_iam_policy.m arn")}),
        block("aws_iam_policy.m", {"name": "m", "policy": READ}),
    )
    graph = Graph(found)
    (holder,) = found.users + found.groups + found.roles
    assert graph.inline_policies(holder) == found.inline_policies
    assert graph.attachments(holder) == found.attachments
    assert graph.attachments_of(found.managed_policies[0]) == found.attachments


def test_a_link_through_a_local_means_the_only_object_of_its_module(estate, block, unknown):
    found = estate(
        block("module.m.aws_iam_role.r", {"assume_role_policy": TRUST}),
        block("aws_iam_role.other", {"assume_role_policy": TRUST}),
        block("module.m.aws_iam_role_policy.p", {"role": unknown("local.role"), "policy": READ}),
    )
    assert Graph(found).holder(found.inline_policies[0]).origin.address == "module.m.aws_iam_role.r"


def test_a_link_through_a_local_stays_unknown_where_there_are_two(estate, block, unknown):
    found = estate(
        block("aws_iam_role.a", {"assume_role_policy": TRUST}),
        block("aws_iam_role.b", {"assume_role_policy": TRUST}),
        block("aws_iam_role_policy.p", {"role": unknown("local.role"), "policy": READ}),
    )
    assert isinstance(found.inline_policies[0].holder, Unknown)


def test_a_link_to_a_policy_is_never_guessed(estate, block, unknown):
    found = estate(
        block("aws_iam_policy.p", {"name": "p", "policy": READ}),
        block("aws_iam_role_policy_attachment.a", {"role": "r", "policy_arn": unknown("local.arn")}),
    )
    assert isinstance(found.attachments[0].policy, Unknown)


def test_a_link_through_a_companion_is_followed(estate, block, unknown):
    found = estate(
        block("aws_iam_role.r", {"assume_role_policy": TRUST}),
        block("aws_iam_instance_profile.i", {"role": unknown("aws_iam_role.r name")}),
        block("aws_iam_role_policy.p", {"role": unknown("aws_iam_instance_profile.i role"), "policy": READ}),
    )
    assert found.inline_policies[0].holder == "⟦aws_iam_role.r⟧"


# -- arguments of the role, and AWS's copies of separate resources --------------------------------------------------------


def test_arguments_of_a_new_role_are_policies_of_it(estate, role):
    found = estate(role(inline_policy=[{"name": "p", "policy": READ}], managed_policy_arns=[ADMIN]))
    assert [(item.name, item.argument) for item in found.inline_policies] == [("p", True)]
    assert [(item.policy, item.via) for item in found.attachments] == [(ADMIN, "argument")]


def test_an_unknown_inline_policy_is_counted_by_itself(estate, role, unknown):
    found = estate(role(inline_policy=[{"name": "p", "policy": unknown("aws_sqs_queue.q arn")}]))
    assert [place for place, _ in found.coverage.unknown] == ["aws_iam_role.r.inline_policy[0].policy"]


def test_an_empty_inline_policy_block_is_no_policy(estate, role):
    assert estate(role(inline_policy=[{"name": None, "policy": None}])).inline_policies == ()


def test_arguments_that_are_set_to_nothing_are_told(estate, role):
    found = estate(role(inline_policy=[{"name": "", "policy": ""}], managed_policy_arns=[]))
    assert found.roles[0].emptied == ("inline_policy", "managed_policy_arns")


def test_arguments_that_are_not_set_empty_nothing(estate, role, block, unknown):
    values = {"name": "r", "assume_role_policy": TRUST, "inline_policy": [], "managed_policy_arns": []}
    unset = block("aws_iam_role.r", values, unset=("inline_policy", "managed_policy_arns"))
    assert estate(unset).roles[0].emptied == ()
    assert estate(role(managed_policy_arns=unknown("var.arns"))).roles[0].emptied == ()
    assert estate(role(managed_policy_arns=[ADMIN])).roles[0].emptied == ()


def test_an_empty_list_of_a_role_that_is_there_may_be_awss_answer_to_null(both, block):
    values = {"name": "r", "assume_role_policy": TRUST, "managed_policy_arns": []}
    given = {"action": "no-op", "refers": {"managed_policy_arns": (Reference("var.arns"),)}}
    variable, constant = block("aws_iam_role.r", values, **given), block("aws_iam_role.r", values, action="no-op")
    assert [both([item], [item])[1].roles[0].emptied for item in (variable, constant)] == [(), ("managed_policy_arns",)]


def test_arguments_that_aws_fills_in_later_are_nothing(estate, block, unknown):
    values = {"name": "r", "assume_role_policy": TRUST, "inline_policy": unknown(), "managed_policy_arns": unknown()}
    found = estate(block("aws_iam_role.r", values, unset=("inline_policy", "managed_policy_arns")))
    assert (found.inline_policies, found.attachments, found.coverage.unknown) == ((), (), ())


def test_copies_of_separate_resources_are_not_counted_again(both, block):
    copies = {"inline_policy": [{"name": "p", "policy": READ}], "managed_policy_arns": [ADMIN]}
    role = block(
        "aws_iam_role.r", {"name": "r", "assume_role_policy": TRUST, **copies}, action="no-op", unset=tuple(copies)
    )
    separate = [
        block("aws_iam_role_policy.p", {"name": "p", "role": "r", "policy": READ}, action="delete"),
        block("aws_iam_role_policy_attachment.a", {"role": "r", "policy_arn": ADMIN}, action="delete"),
    ]
    before, after = both([role, *separate], [role])
    assert (len(before.inline_policies), len(before.attachments)) == (1, 1)
    # They go away with the separate resources, although the role's row still shows them.
    assert (after.inline_policies, after.attachments) == ((), ())


def test_a_copy_that_nothing_accounts_for_was_attached_by_hand(both, block):
    role = block(
        "aws_iam_role.r",
        {"name": "r", "assume_role_policy": TRUST, "managed_policy_arns": [ADMIN]},
        action="no-op",
        unset=("managed_policy_arns",),
    )
    assert [item.via for item in both([role], [role])[1].attachments] == ["observed"]


# -- exclusive resources, memberships, credentials -----------------------------------------------------------------------


def test_an_exclusive_attachment_is_one_for_each_holder(estate, block, unknown):
    found = estate(
        block("aws_iam_user.u"),
        block(
            "aws_iam_policy_attachment.a",
            {"policy_arn": ADMIN, "users": [unknown("aws_iam_user.u name")], "roles": ["r"]},
        ),
    )
    assert found.exclusive_attachments[0].holders == (("user", "⟦aws_iam_user.u⟧"), ("role", "r"))
    assert [(item.holder_kind, item.via) for item in found.attachments] == [
        ("user", "exclusive"),
        ("role", "exclusive"),
    ]


def test_exclusive_lists(estate, block):
    found = estate(
        block("aws_iam_role_policies_exclusive.a", {"role_name": "r", "policy_names": ["p"]}),
        block("aws_iam_user_policy_attachments_exclusive.b", {"user_name": "u", "policy_arns": [ADMIN]}),
    )
    assert [(item.kind, item.holder_kind, item.items) for item in found.exclusive_lists] == [
        ("inline", "role", ("p",)),
        ("attached", "user", (ADMIN,)),
    ]
    assert [item.via for item in found.attachments] == ["exclusive-list"]


def test_memberships_from_both_sides(estate, block, unknown):
    found = estate(
        block("aws_iam_user.u", {"name": "u"}),
        block("aws_iam_group.g"),
        block("aws_iam_user_group_membership.a", {"user": "u", "groups": [unknown("aws_iam_group.g name")]}),
        block("aws_iam_group_membership.b", {"group": unknown("aws_iam_group.g name"), "users": ["u"]}),
    )
    assert [item.exclusive for item in found.memberships] == [False, True]
    assert Graph(found).groups_of(found.users[0]) == (found.groups[0], found.groups[0])


def test_lists_with_as_many_holes_as_objects_are_filled(estate, block, unknown):
    hole = unknown("aws_iam_group.a name", "aws_iam_group.b name")
    found = estate(
        block("aws_iam_group.a"),
        block("aws_iam_group.b"),
        block("aws_iam_user_group_membership.m", {"user": "u", "groups": [hole, hole]}),
        block("aws_iam_user_group_membership.n", {"user": "u", "groups": [hole]}),
    )
    groups = [item.group for item in found.memberships]
    assert groups[:2] == ["⟦aws_iam_group.a⟧", "⟦aws_iam_group.b⟧"]
    assert isinstance(groups[2], Unknown)


@pytest.mark.parametrize(
    ("values", "status", "encrypted"),
    [({}, "Active", False), ({"status": "Inactive"}, "Inactive", False), ({"pgp_key": "keybase:x"}, "Active", True)],
)
def test_access_keys(estate, block, values, status, encrypted):
    (found,) = estate(block("aws_iam_access_key.k", {"user": "u", **values})).access_keys
    assert (found.user, found.status, found.encrypted, found.rotated) == ("u", status, encrypted, None)


def test_other_credentials_and_account_settings(estate, block):
    found = estate(
        block("aws_iam_user_login_profile.l", {"user": "u", "password_reset_required": False}),
        block(
            "aws_iam_service_specific_credential.s",
            {"user_name": "u", "service_name": "bedrock.amazonaws.com", "credential_age_days": 30},
        ),
        block("aws_iam_user_ssh_key.h", {"username": "u"}),
        block("aws_iam_account_password_policy.p", {"minimum_password_length": 8}),
        block("aws_iam_openid_connect_provider.o", {"url": "https://a.b", "client_id_list": ["c"]}),
        block("aws_iam_saml_provider.s", {"name": "okta"}),
    )
    assert found.login_profiles[0].reset_required is False
    assert [(item.user, item.service, item.age_days) for item in found.service_credentials] == [
        ("u", "bedrock.amazonaws.com", 30),
        ("u", None, None),
    ]
    policy = found.password_policies[0]
    assert (policy.minimum_length, policy.reuse_prevention, policy.max_age) == (8, None, None)
    assert [(item.kind, item.url, item.client_ids) for item in found.identity_providers] == [
        ("oidc", "a.b", ("c",)),
        ("saml", "okta", ()),
    ]


def test_identity_center(estate, block, unknown):
    arn = unknown("aws_ssoadmin_permission_set.s arn")
    found = estate(
        block("aws_ssoadmin_permission_set.s", {"name": "ops", "session_duration": "PT8H"}),
        block("aws_ssoadmin_permission_set_inline_policy.i", {"permission_set_arn": arn, "inline_policy": READ}),
        block("aws_ssoadmin_managed_policy_attachment.m", {"permission_set_arn": arn, "managed_policy_arn": ADMIN}),
        block(
            "aws_ssoadmin_customer_managed_policy_attachment.c",
            {"permission_set_arn": arn, "customer_managed_policy_reference": [{"name": "own", "path": "/"}]},
        ),
        block(
            "aws_ssoadmin_permissions_boundary_attachment.b",
            {"permission_set_arn": arn, "permissions_boundary": [{"managed_policy_arn": ADMIN}]},
        ),
        block(
            "aws_ssoadmin_account_assignment.a",
            {"permission_set_arn": arn, "principal_type": "GROUP", "principal_id": "g", "target_id": "111122223333"},
        ),
    )
    (set_,) = found.permission_sets
    assert (set_.session_duration, set_.boundary) == ("PT8H", ADMIN)
    assert [(item.policy, item.by_name) for item in Graph(found).attachments(set_)] == [(ADMIN, False), ("own", True)]
    assert len(Graph(found).inline_policies(set_)) == 1
    assert (found.assignments[0].permission_set, found.assignments[0].target) == (set_.arn, "111122223333")
