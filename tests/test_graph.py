from iacscan.finding import Origin
from iacscan.graph import Graph, symbols
from iacscan.model import iam, s3, workload
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
