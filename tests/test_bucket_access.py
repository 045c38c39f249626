"""The exposure matrix: one bucket, and everything that may stand between it and the internet."""

import pytest
from msgspec.structs import replace

from iacscan.access import Access
from iacscan.bucket_access import statement_access
from iacscan.finding import Origin
from iacscan.graph import Graph
from iacscan.model import organizations, s3
from iacscan.model.estate import Estate
from iacscan.policy.document import parse
from iacscan.policy.public import Level
from iacscan.value import Truth, Unknown

LATER = Unknown("known only after apply")
LINK = "⟦aws_s3_bucket.b⟧"


def origin(type_, name="b", **fields):
    return Origin(f"{type_}.{name}", type_, account="aws", **fields)


def bucket(**fields):
    return s3.Bucket(origin=origin("aws_s3_bucket"), name="b", arn="arn:aws:s3:::b", **fields)


def policy(action="s3:GetObject", **elements):
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "arn:aws:s3:::b/*", **elements}
    return s3.BucketPolicy(origin=origin("aws_s3_bucket_policy"), bucket=LINK, document=parse({"Statement": statement}))


def block(link=LINK, *, acls=False, ignore=False, refuse=False, restrict=False, **fields):
    return s3.PublicAccessBlock(
        origin=origin("aws_s3_bucket_public_access_block", **fields),
        bucket=link,
        block_public_acls=acls,
        ignore_public_acls=ignore,
        block_public_policy=refuse,
        restrict_public_buckets=restrict,
    )


def acl(canned=None, grants=()):
    return s3.BucketAcl(origin=origin("aws_s3_bucket_acl"), bucket=LINK, canned=canned, grants=grants)


def ownership(setting):
    return s3.Ownership(origin=origin("aws_s3_bucket_ownership_controls"), bucket=LINK, setting=setting)


def judged(*, existed=False, policies=(), acls=(), blocks=(), ownerships=(), **others):
    estate = Estate(
        buckets=(bucket(existed=existed),),
        bucket_policies=tuple(policies),
        bucket_acls=tuple(acls),
        public_access_blocks=tuple(blocks),
        ownerships=tuple(ownerships),
        **others,
    )
    return Access(Graph(estate)).exposure(estate.buckets[0])


def statuses(**inputs):
    return [way.status for way in judged(**inputs).ways]


@pytest.mark.parametrize(
    ("blocks", "existed", "status"),
    [
        ([block(restrict=True)], False, "neutralised"),
        ([block(restrict=True, refuse=True)], True, "neutralised"),
        ([block(refuse=True)], False, "open-if-it-exists"),
        ([block()], False, "open"),
        ([block(acls=True, ignore=True)], False, "open"),
        ([], False, "apply-fails-or-open"),
        ([], True, "open"),
        ([block(restrict=LATER)], False, "unknown"),
        ([block(refuse=LATER)], False, "unknown"),
        ([block(), block(None, restrict=True)], False, "neutralised"),
        ([block(restrict=True, possible=True)], False, "unknown"),
        ([block(LATER, restrict=True)], False, "unknown"),
    ],
)
def test_a_public_policy_behind_public_access_blocks(blocks, existed, status):
    assert statuses(policies=[policy()], blocks=blocks, existed=existed) == [status]


def test_the_account_block_of_another_account_does_not_help():
    other = block(None, restrict=True)
    other = replace(other, origin=replace(other.origin, account="aws.other"))
    assert statuses(policies=[policy()], blocks=[block(), other]) == ["open"]


@pytest.mark.parametrize(
    ("blocks", "ownerships", "existed", "status"),
    [
        ([block(ignore=True)], [ownership("ObjectWriter")], False, "neutralised"),
        ([block()], [ownership("BucketOwnerEnforced")], False, "neutralised"),
        ([block(acls=True)], [ownership("ObjectWriter")], False, "open-if-it-exists"),
        ([block()], [ownership("BucketOwnerPreferred")], False, "open"),
        ([], [ownership("ObjectWriter")], False, "apply-fails-or-open"),
        ([block()], [], False, "apply-fails-or-open"),
        ([], [], False, "apply-fails-or-open"),
        ([], [], True, "open"),
        ([block()], [ownership(LATER)], False, "unknown"),
        ([block(ignore=LATER)], [ownership("ObjectWriter")], False, "unknown"),
    ],
)
def test_a_public_acl_behind_blocks_and_ownership(blocks, ownerships, existed, status):
    found = statuses(acls=[acl("public-read")], blocks=blocks, ownerships=ownerships, existed=existed)
    assert found == [status]


@pytest.mark.parametrize(
    ("action", "access"),
    [
        ("s3:GetObject", ("read",)),
        ("S3:GETOBJECT", ("read",)),
        ("s3:ListBucket", ("list",)),
        ("s3:PutObject", ("write",)),
        ("s3:DeleteObject", ("write",)),
        ("s3:AbortMultipartUpload", ("write",)),
        ("s3:PutBucketPolicy", ("write", "control")),
        ("s3:*", ("read", "list", "write", "control")),
        ("*", ("read", "list", "write", "control")),
    ],
)
def test_reading_listing_and_writing_are_told_apart(action, access):
    both = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
    (way,) = judged(policies=[policy(action, Resource=both)], blocks=[block()]).ways
    assert way.access == access


@pytest.mark.parametrize(
    ("action", "resource"), [("s3:GetObject", ""), ("s3:ListBucket", "/*"), ("sqs:SendMessage", "/*")]
)
def test_a_statement_that_is_about_nothing_lets_nobody_in(action, resource):
    assert judged(policies=[policy(action, Resource=f"arn:aws:s3:::b{resource}")], blocks=[block()]).ways == ()


@pytest.mark.parametrize(
    ("canned", "expected"),
    [
        ("private", []),
        ("log-delivery-write", []),
        ("bucket-owner-full-control", []),
        ("public-read", [(Level.ANYONE, ("list",))]),
        ("public-read-write", [(Level.ANYONE, ("list", "write"))]),
        ("authenticated-read", [(Level.AUTHENTICATED, ("list",))]),
    ],
)
def test_canned_acls(canned, expected):
    ways = judged(acls=[acl(canned)], existed=True).ways
    assert [(way.level, way.access) for way in ways] == expected


def test_an_acl_that_is_not_known_may_be_public():
    assert statuses(acls=[acl(LATER)], existed=True) == ["unknown"]
    assert statuses(acls=[acl(LATER)], blocks=[block(ignore=True)]) == []


def test_grants_count_like_canned_acls():
    everybody = s3.Grant("http://acs.amazonaws.com/groups/global/AllUsers", "FULL_CONTROL")
    log_delivery = s3.Grant("http://acs.amazonaws.com/groups/s3/LogDelivery", "WRITE")
    (way,) = judged(acls=[acl(grants=(everybody, log_delivery))], existed=True).ways
    assert way.access == ("list", "write", "control")


def test_a_policy_that_is_not_known_is_harmless_behind_a_full_block_only():
    unknown = replace(policy(), document=LATER)
    assert statuses(policies=[unknown]) == ["unknown"]
    assert statuses(policies=[unknown], blocks=[block(restrict=True)]) == ["neutralised"]
    assert judged(policies=[unknown]).is_open is Truth.UNKNOWN


def test_a_limited_policy_is_no_way_in():
    limited = policy(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})
    found = judged(policies=[limited], blocks=[block()])
    assert found.ways == ()
    assert found.is_open is Truth.NO


def test_a_policy_for_a_bucket_that_is_not_known_is_mentioned():
    adrift = replace(policy(), bucket=LATER)
    found = judged(policies=[adrift])
    assert found.unknown == ("aws_s3_bucket_policy.b may belong to this bucket",)
    assert found.is_open is Truth.UNKNOWN


def test_flags_that_nobody_declares_are_told_from_flags_that_are_off():
    assert not judged().flag("restrict_public_buckets").declared
    assert judged(blocks=[block()]).flag("restrict_public_buckets").declared


@pytest.mark.parametrize(("target", "status"), [("r-ab12", "neutralised"), ("ou-ab12-cdefghij", "unknown")])
def test_an_organization_policy_on_the_root_closes_every_bucket(target, status):
    content = '{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"}}}'
    organization_policy = organizations.OrganizationPolicy(
        origin=origin("aws_organizations_policy"), name="s3", id="p-1", kind="S3_POLICY", content=content, document=None
    )
    attached = organizations.PolicyTarget(
        origin=origin("aws_organizations_policy_attachment"), policy="p-1", target=target
    )
    found = statuses(policies=[policy()], organization_policies=(organization_policy,), policy_targets=(attached,))
    assert found == [status]


def access_point(**fields):
    document = parse({
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
    })  # fmt: skip
    values = {"document": document, "block": block(None), "vpc_only": False, **fields}
    return s3.AccessPoint(origin=origin("aws_s3_access_point"), bucket=LINK, name="ap", **values)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"vpc_only": True}, []),
        ({"document": None}, []),
        ({"block": None}, ["neutralised"]),
        ({}, ["unknown"]),
    ],
)
def test_access_points(fields, expected):
    assert statuses(access_points=(access_point(**fields),)) == expected


def test_an_access_point_that_the_bucket_lets_through_is_open():
    condition = {"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}}
    delegating = policy("*", Condition=condition)
    assert statuses(policies=[delegating], access_points=(access_point(),), blocks=[block()]) == ["open"]


def test_the_acl_of_an_uploaded_object():
    item = s3.ObjectAcl(origin=origin("aws_s3_object"), bucket=LINK, canned="public-read")
    (way,) = judged(object_acls=(item,), existed=True).ways
    assert (way.kind, way.access, way.status) == ("object-acl", ("read",), "open")


@pytest.mark.parametrize(
    ("action", "status"), [("no-op", "open"), ("update", "open-if-it-exists"), ("create", "open-if-it-exists")]
)
def test_blocking_new_grants_does_not_stop_those_that_stand(action, status):
    shut = [block(acls=True, refuse=True)]
    standing = replace(policy(), origin=origin("aws_s3_bucket_policy", action=action))
    listed = replace(acl("public-read"), origin=origin("aws_s3_bucket_acl", action=action))

    assert statuses(policies=[standing], blocks=shut, existed=True) == [status]
    assert statuses(acls=[listed], blocks=shut, ownerships=[ownership("ObjectWriter")], existed=True) == [status]


# -- what stops it, or would ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "status", "guard", "saved_by"),
    [
        ({"policies": [policy()], "blocks": [block(restrict=True)]}, "neutralised", "restrict_public_buckets", 1),
        ({"policies": [policy()], "blocks": [block()]}, "open", "restrict_public_buckets", 0),
        ({"policies": [policy()], "blocks": [block(refuse=True)]}, "open-if-it-exists", "restrict_public_buckets", 1),
        ({"acls": [acl("public-read")], "blocks": [block(ignore=True)]}, "neutralised", "ignore_public_acls", 1),
        (
            {"acls": [acl("public-read")], "ownerships": [ownership("BucketOwnerEnforced")]},
            "neutralised",
            "object_ownership",
            1,
        ),
        ({"acls": [acl("public-read")], "existed": True}, "open", "ignore_public_acls", 0),
    ],
)
def test_each_way_names_what_stops_it_or_would(inputs, status, guard, saved_by):
    (way,) = judged(**inputs).ways
    assert (way.status, way.guard, len(way.saved_by)) == (status, guard, saved_by)


def test_each_kind_of_access_reaches_as_far_as_its_widest_opening():
    found = judged(policies=[policy()], acls=[acl("authenticated-read")], blocks=[block()], existed=True)
    assert found.reach("read") == (Level.ANYONE, Truth.YES)
    assert found.reach("list") == (Level.AUTHENTICATED, Truth.YES)
    assert found.reach("write") == (Level.NAMED, Truth.YES)


def test_what_may_be_open_wider_is_told_before_what_is_open_to_fewer():
    unknown = replace(policy(), document=LATER)
    found = judged(policies=[unknown], acls=[acl("authenticated-read")], existed=True)
    assert found.reach("list") == (Level.ANYONE, Truth.UNKNOWN)


def organization_wide(assigned, target="r-ab12"):
    content = '{"s3_attributes":{"public_access_block_configuration":{"@@assign":"%s"}}}' % assigned  # noqa: UP031  # braces
    made = organizations.OrganizationPolicy(
        origin=origin("aws_organizations_policy"), name="s3", id="p-1", kind="S3_POLICY", content=content, document=None
    )
    attached = organizations.PolicyTarget(
        origin=origin("aws_organizations_policy_attachment"), policy="p-1", target=target
    )
    return {"organization_policies": (made,), "policy_targets": (attached,)}


@pytest.mark.parametrize(
    ("assigned", "blocks", "status"),
    [
        ("all", [], "neutralised"),
        ("all", [block()], "neutralised"),
        ("none", [block(None, restrict=True)], "open"),
        ("none", [block(restrict=True)], "neutralised"),
        ("none", [], "apply-fails-or-open"),
        ("other", [block()], "unknown"),
    ],
)
def test_the_organization_overrules_the_account_but_not_the_bucket(assigned, blocks, status):
    assert statuses(policies=[policy()], blocks=blocks, **organization_wide(assigned)) == [status]


def test_a_unit_that_switches_protection_off_may_be_the_accounts_own():
    elsewhere = organization_wide("none", "ou-ab12-cdefghij")
    assert statuses(policies=[policy()], blocks=[block(None, restrict=True)], **elsewhere) == ["unknown"]


def test_the_organizations_policy_is_named_as_what_stops_it():
    (way,) = judged(policies=[policy()], **organization_wide("all")).ways
    assert [item.type for item in way.saved_by] == ["aws_organizations_policy"]


def test_an_access_point_is_stopped_by_its_own_block_or_the_buckets():
    (way,) = judged(access_points=(access_point(block=None),)).ways
    assert [item.type for item in way.saved_by] == ["aws_s3_access_point"]
    (way,) = judged(access_points=(access_point(),), blocks=[block(restrict=True)]).ways
    assert [item.type for item in way.saved_by] == ["aws_s3_bucket_public_access_block"]


@pytest.mark.parametrize(
    ("resource", "access"),
    [
        ("arn:aws:s3:::b", ("list",)),
        ("arn:aws:s3:::b/*", ("read",)),
        (["arn:aws:s3:::b", "arn:aws:s3:::b/*"], ("read", "list")),
        ("*", ("read", "list")),
    ],
)
def test_objects_are_read_only_where_objects_are_named(resource, access):
    document = policy(["s3:GetObject", "s3:ListBucket"], Resource=resource).document
    assert statement_access(document.statements[0]) == access
