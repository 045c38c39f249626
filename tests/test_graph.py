import pytest

from iacscan.finding import Origin
from iacscan.graph import ROOT, Graph
from iacscan.links import symbols
from iacscan.model import iam, organizations, s3, workload
from iacscan.model.estate import Estate
from iacscan.value import Unknown


def origin(address, account="aws"):
    return Origin(address, address.partition(".")[0], account=account)


def user(address, name, account="aws"):
    return iam.User(origin=origin(address, account), name=name, arn=f"arn:aws:iam::⟦account⟧:user/{name}")


def attached(holder, policy="arn:aws:iam::aws:policy/ReadOnlyAccess", account="aws"):
    return iam.Attachment(origin=origin("aws_a.x", account), holder_kind="user", holder=holder, policy=policy)


def test_symbols_of_a_text():
    assert symbols('arn:aws:s3:::⟦aws_s3_bucket.a["x.y"]⟧/⟦b⟧') == ('aws_s3_bucket.a["x.y"]', "b")
    assert symbols("plain") == ()


def test_a_link_is_a_symbol_a_name_in_any_case_or_an_arn():
    bob = user("aws_iam_user.b", "Bob")
    for link in ("⟦aws_iam_user.b⟧", "bob", "arn:aws:iam::111122223333:user/people/Bob"):
        assert Graph(Estate(users=(bob,))).principal("user", link, "aws") is bob


def test_a_link_that_is_unknown_or_elsewhere_leads_nowhere():
    graph = Graph(Estate(users=(user("aws_iam_user.b", "bob"),)))
    for link in (Unknown("later"), None, "alice", "⟦aws_iam_user.c⟧"):
        assert graph.principal("user", link, "aws") is None


def test_names_count_in_their_own_account():
    one, two = user("aws_iam_user.a", "bob"), user("aws_iam_user.b", "bob", "aws.prod")
    graph = Graph(Estate(users=(one, two), attachments=(attached("bob", account="aws.prod"),)))
    assert graph.attachments(one) == ()
    assert len(graph.attachments(two)) == 1
    assert graph.principal("user", "bob", "aws.other") is None


def test_policies_of_aws_are_never_those_of_the_customer():
    own = iam.ManagedPolicy(
        origin=origin("aws_iam_policy.p"),
        name="ReadOnlyAccess",
        arn="arn:aws:iam::1:policy/ReadOnlyAccess",
        document=Unknown("x"),
    )
    graph = Graph(Estate(managed_policies=(own,)))
    assert graph.managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess", "aws") is None
    assert graph.managed_policy("arn:aws:iam::1:policy/ReadOnlyAccess", "aws") is own


def test_companions_of_a_bucket_and_those_that_may_be():
    bucket = s3.Bucket(origin=origin("aws_s3_bucket.b"), name="b", arn="arn:aws:s3:::b")
    mine = s3.PublicAccessBlock(origin=origin("pab.mine"), bucket="b")
    lost = s3.PublicAccessBlock(origin=origin("pab.lost"), bucket=Unknown("later"))
    whole = s3.PublicAccessBlock(origin=origin("pab.account"), bucket=None)
    found = Graph(Estate(buckets=(bucket,), public_access_blocks=(mine, lost, whole))).companions(bucket)
    assert (found.blocks, found.account_blocks, found.uncertain) == ((mine,), (whole,), (lost.origin,))


def test_the_roles_of_a_workload_through_its_instance_profile():
    role = iam.Role(origin=origin("aws_iam_role.r"), name="r", arn="arn:aws:iam::1:role/r", trust=Unknown("x"))
    profile = iam.InstanceProfile(
        origin=origin("aws_iam_instance_profile.p"),
        name="p",
        arn="arn:aws:iam::1:instance-profile/p",
        role="⟦aws_iam_role.r⟧",
    )
    machine = workload.Workload(origin=origin("aws_instance.i"), kind="instance", profiles=("p",))
    graph = Graph(Estate(roles=(role,), instance_profiles=(profile,), workloads=(machine,)))
    assert graph.roles_of(machine) == (role,)
    assert graph.workloads_of(role) == (machine,)


def unit(name, parent):
    at = origin(f"aws_organizations_organizational_unit.{name}")
    return organizations.OrganizationalUnit(origin=at, name=name, id=f"ou-{name}", parent=parent)


ALL, SHOPS = unit("all", "r-ab12"), unit("shops", "⟦aws_organizations_organizational_unit.all⟧")
ABOVE = (SHOPS.origin.address, ALL.origin.address, ROOT)


@pytest.mark.parametrize("link", ["ou-shops", f"⟦{SHOPS.origin.address}⟧"])
def test_what_is_above_a_unit_has_one_name_however_links_spell_it(link):
    way = Graph(Estate(organizational_units=(ALL, SHOPS))).way_up(link, "aws")
    assert (way.places, way.missing) == (ABOVE, "")


def test_an_account_without_a_parent_is_in_the_root():
    assert Graph(Estate()).way_up(None, "aws").places == (ROOT,)


@pytest.mark.parametrize(
    ("parent", "places", "missing"),
    [
        (
            Unknown("depends on var.parent"),
            ("aws_organizations_organizational_unit.lost", ROOT),
            "depends on var.parent",
        ),
        ("ou-else", ("aws_organizations_organizational_unit.lost", "ou-else", ROOT), "ou-else is not in this input"),
    ],
)
def test_a_parent_that_is_not_there_leaves_units_out_but_not_the_root(parent, places, missing):
    way = Graph(Estate(organizational_units=(unit("lost", parent),))).way_up("ou-lost", "aws")
    assert (way.places, way.missing) == (places, missing)


def test_units_inside_of_each_other_end_somewhere():
    way = Graph(Estate(organizational_units=(unit("a", "ou-b"), unit("b", "ou-a")))).way_up("ou-a", "aws")
    assert way.missing.endswith("is inside of itself")


def test_the_attachments_of_a_place_are_found_by_any_of_its_names():
    targets = tuple(
        organizations.PolicyTarget(
            origin=origin(f"aws_organizations_policy_attachment.{at}"), policy="p-1", target=link
        )
        for at, link in enumerate(("ou-all", f"⟦{ALL.origin.address}⟧", "r-ab12", Unknown("later")))
    )
    graph = Graph(Estate(organizational_units=(ALL,), policy_targets=targets))
    assert graph.targets_at(ALL.origin.address) == targets[:2]
    assert graph.targets_at(ROOT) == targets[2:3]
