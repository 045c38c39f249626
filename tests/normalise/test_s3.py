import json

import pytest

from iacscan.graph import Graph
from iacscan.value import Reference, Unknown

OPEN = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}
)
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
FLAGS = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")


@pytest.mark.parametrize("link", ["name", "id", "companion"])
def test_companions_find_their_bucket(estate, block, unknown, link):
    to = {
        "name": "logs",
        "id": unknown("aws_s3_bucket.b id"),
        "companion": unknown("aws_s3_bucket_policy.first id"),  # a common way to order them
    }[link]
    values = {"bucket": "logs"} if link == "name" else {}
    found = estate(
        block("aws_s3_bucket.b", values),
        block("aws_s3_bucket_policy.first", {"bucket": unknown("aws_s3_bucket.b id"), "policy": OPEN}),
        block("aws_s3_bucket_policy.p", {"bucket": to, "policy": OPEN}),
        block("aws_s3_bucket_acl.a", {"bucket": to, "acl": "public-read"}),
        block("aws_s3_bucket_public_access_block.p", {"bucket": to}),
        block("aws_s3_bucket_ownership_controls.o", {"bucket": to, "rule": [{"object_ownership": "ObjectWriter"}]}),
        block("aws_s3_bucket_website_configuration.w", {"bucket": to}),
        block("aws_s3_object.o", {"bucket": to, "acl": "public-read"}),
    )
    companions = Graph(found).companions(found.buckets[0])
    assert len(companions.policies) == 2
    assert [len(items) for items in (companions.acls, companions.blocks, companions.ownerships)] == [1, 1, 1]
    assert [len(items) for items in (companions.websites, companions.object_acls)] == [1, 1]
    assert companions.uncertain == ()


def test_flags_that_are_left_out_are_off(estate, block):
    (found,) = estate(
        block("aws_s3_bucket_public_access_block.p", {"bucket": "b", FLAGS[0]: True})
    ).public_access_blocks
    assert [value for _, value in found.flags] == [True, False, False, False]


def test_the_block_of_the_account_belongs_to_no_bucket(estate, block):
    assert (
        estate(block("aws_s3_account_public_access_block.p", {FLAGS[0]: True})).public_access_blocks[0].bucket is None
    )


def test_flags_of_an_access_point_that_are_left_out_are_on(estate, block):
    given = {"bucket": "b", "name": "a", "public_access_block_configuration": [{FLAGS[2]: False}], "policy": OPEN}
    (found,) = estate(block("aws_s3_access_point.a", given)).access_points
    assert [value for _, value in found.block.flags] == [True, True, False, True]
    assert found.document.statements
    assert not found.vpc_only


def test_an_access_point_with_a_policy_of_its_own_in_a_vpc(estate, block, unknown):
    (found,) = estate(
        block("aws_s3_access_point.a", {"bucket": "b", "name": "a", "vpc_configuration": [{"vpc_id": "vpc-1"}]}),
        block(
            "aws_s3control_access_point_policy.p",
            {"access_point_arn": unknown("aws_s3_access_point.a arn"), "policy": OPEN},
        ),
    ).access_points
    assert (found.block, found.vpc_only) == (None, True)
    assert found.document.statements


def test_a_bucket_existed_only_if_it_is_there_before_and_stays(both, block):
    kept = block("aws_s3_bucket.kept", {"bucket": "a"}, action="no-op")
    old = block("aws_s3_bucket.replaced", {"bucket": "b"}, action="replace")
    before, after = both([kept, old], [kept, old, block("aws_s3_bucket.new", {"bucket": "c"})])
    assert [item.existed for item in before.buckets] == [True, True]
    assert [(item.name, item.existed) for item in after.buckets] == [("a", True), ("b", False), ("c", False)]


def test_legacy_arguments_of_the_bucket(estate, block):
    found = estate(
        block(
            "aws_s3_bucket.b",
            {
                "bucket": "b",
                "acl": "public-read",
                "policy": OPEN,
                "website": [{"index_document": "index.html"}],
                "grant": [{"uri": ALL_USERS, "permissions": ["READ", "WRITE"]}],
            },
        )
    )
    assert [item.canned for item in found.bucket_acls] == ["public-read", None]
    assert [(item.grantee, item.permission) for item in found.bucket_acls[1].grants] == [
        (ALL_USERS, "READ"), (ALL_USERS, "WRITE"),
    ]  # fmt: skip
    assert (len(found.bucket_policies), len(found.websites)) == (1, 1)


def test_what_aws_fills_in_on_a_new_bucket_is_nothing(estate, block, unknown):
    names = ("acl", "policy", "grant", "website")
    found = estate(block("aws_s3_bucket.b", {"bucket": "b", **dict.fromkeys(names, unknown())}, unset=names))
    assert (found.bucket_acls, found.bucket_policies, found.websites, found.coverage.unknown) == ((), (), (), ())


def test_the_copy_of_a_separate_policy_goes_with_it(both, block):
    bucket = block("aws_s3_bucket.b", {"bucket": "b", "policy": OPEN}, action="no-op", unset=("policy",))
    policy = block("aws_s3_bucket_policy.p", {"bucket": "b", "policy": OPEN}, action="delete")
    before, after = both([bucket, policy], [bucket])
    assert [item.origin.type for item in before.bucket_policies] == ["aws_s3_bucket_policy"]
    assert after.bucket_policies == ()


def test_a_policy_that_nothing_accounts_for_is_seen_on_the_bucket(both, block):
    bucket = block("aws_s3_bucket.b", {"bucket": "b", "policy": OPEN}, action="no-op", unset=("policy",))
    assert [item.origin.type for item in both([bucket], [bucket])[1].bucket_policies] == ["aws_s3_bucket"]


def test_grants_of_an_access_control_policy(estate, block, unknown):
    grants = [
        {"grantee": [{"type": "Group", "uri": ALL_USERS}], "permission": "READ"},
        {"grantee": unknown("local.x"), "permission": "READ"},
        unknown("local.y"),
    ]
    (found,) = estate(
        block("aws_s3_bucket_acl.a", {"bucket": "b", "access_control_policy": [{"grant": grants}]})
    ).bucket_acls
    assert (found.grants[0].grantee, found.grants[0].permission) == (ALL_USERS, "READ")
    assert isinstance(found.grants[1].grantee, Unknown)
    assert isinstance(found.grants[2], Unknown)


@pytest.mark.parametrize(("rule", "setting"), [([{"object_ownership": "BucketOwnerEnforced"}], "BucketOwnerEnforced")])
def test_ownership(estate, block, rule, setting):
    assert (
        estate(block("aws_s3_bucket_ownership_controls.o", {"bucket": "b", "rule": rule})).ownerships[0].setting
        == setting
    )


def test_an_ownership_that_is_not_there_is_not_a_setting(estate, block):
    assert isinstance(
        estate(block("aws_s3_bucket_ownership_controls.o", {"bucket": "b"})).ownerships[0].setting, Unknown
    )


def test_a_new_policy_waits_for_what_it_refers_to_and_for_what_it_is_told_to(estate, block):
    refers = {"bucket": (Reference("aws_s3_bucket.b", "id"),), "depends_on": (Reference("aws_sqs_queue.q"),)}
    values = {"bucket": "b", "policy": OPEN}
    (new,) = estate(block("aws_s3_bucket_policy.p", values, refers=refers)).bucket_policies
    assert new.waits_for == {"aws_s3_bucket.b", "aws_sqs_queue.q"}
    (old,) = estate(block("aws_s3_bucket_policy.p", values, refers=refers, action="no-op")).bucket_policies
    assert old.waits_for == frozenset()
