"""What is open to strangers, over all kinds of resources."""

import pytest

from iacscan.exposure import guest_roles, public, uses_of
from iacscan.policy.public import Level
from iacscan.testing import world_of
from iacscan.value import Truth

STAR = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = %s, Resource = "*" }] })'
BUCKET = """
resource "aws_s3_bucket" "b" {
  bucket = "example-b"
}

resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  restrict_public_buckets = %s
}

resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = """

ROLE = 'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = '
DOMAIN = 'resource "aws_opensearch_domain" "d" {\n  domain_name = "d"\n  access_policies = %s\n'


def found(terraform):
    return list(public(world_of(terraform).access))


def only(terraform):
    (item,) = found(terraform)
    return item


@pytest.mark.parametrize(
    ("terraform", "kind", "level", "what"),
    [
        (BUCKET % "false" + STAR % '"s3:PutObject"' + "\n}\n", "bucket", Level.ANYONE, ("write",)),
        (
            'resource "aws_sqs_queue_policy" "q" {\n  queue_url = "q"\n  policy = %s\n}\n' % (STAR % '"sqs:SendMessage"'),
            "sqs-queue",
            Level.ANYONE,
            ("sqs:SendMessage",),
        ),
        (
            ROLE + (STAR % '"sts:AssumeRole"').replace(', Resource = "*"', "") + "\n}\n",
            "role",
            Level.AUTHENTICATED,
            ("sts:AssumeRole",),
        ),
        (
            'resource "aws_lambda_permission" "p" {\n  principal = "*"\n  action = "lambda:InvokeFunction"\n  function_name = "f"\n}\n',
            "function",
            Level.AUTHENTICATED,
            ("lambda:InvokeFunction",),
        ),
        (
            'resource "aws_lambda_function_url" "u" {\n  function_name = "f"\n  authorization_type = "NONE"\n}\n',
            "function-url",
            Level.ANYONE,
            ("lambda:InvokeFunctionUrl",),
        ),
        (
            'resource "aws_cognito_identity_pool" "p" {\n  identity_pool_name = "p"\n  allow_unauthenticated_identities = true\n}\n',
            "identity-pool",
            Level.ANYONE,
            (),
        ),
        (
            'resource "aws_ami_launch_permission" "p" {\n  image_id = "ami-1"\n  group = "all"\n}\n',
            "image",
            Level.AUTHENTICATED,
            ("read",),
        ),
    ],
)  # fmt: skip
def test_every_kind_of_opening_is_told_with_who_and_what(terraform, kind, level, what):
    item = only(terraform)
    assert (item.kind, item.level, item.truth, item.what) == (kind, level, Truth.YES, what)
    assert item.because


def test_what_something_stops_is_told_with_what_stops_it():
    item = only(BUCKET % "true" + STAR % '"s3:GetObject"' + "\n}\n")
    assert (item.truth, item.guard) == (Truth.NO, "restrict_public_buckets")
    assert [origin.address for origin in item.saved_by] == ["aws_s3_bucket_public_access_block.b"]
    assert item.resource.address == "aws_s3_bucket.b"
    assert item.by.address == "aws_s3_bucket_policy.b"


def test_what_is_not_known_may_be_open():
    item = only(
        'variable "who" {}\n'
        + BUCKET % "false"
        + (STAR % '"s3:GetObject"').replace('"*", Action', "var.who, Action")
        + "\n}\n"
    )
    assert item.truth is Truth.UNKNOWN


@pytest.mark.parametrize(
    "terraform",
    [
        BUCKET % "false"
        + (STAR % '"s3:*"').replace('Principal = "*"', 'Principal = { AWS = "111122223333" }')
        + "\n}\n",
        'resource "aws_vpc_endpoint" "e" {\n  vpc_id = "v"\n  service_name = "s"\n  policy = %s\n}\n' % (STAR % '"*"'),
        'resource "aws_ebs_snapshot_block_public_access" "g" {\n  state = "unblocked"\n}\n',
        'resource "aws_lambda_function_url" "u" {\n  function_name = "f"\n  authorization_type = "AWS_IAM"\n}\n',
    ],
)
def test_what_strangers_cannot_use_is_left_out(terraform):
    assert found(terraform) == []


@pytest.mark.parametrize(
    ("terraform", "truth"),
    [
        ('resource "aws_dynamodb_resource_policy" "t" {\n  resource_arn = "t"\n  policy = %s\n}\n', Truth.NO),
        (DOMAIN + "}\n", Truth.YES),
        (DOMAIN + "  advanced_security_options {\n    enabled = true\n  }\n}\n", Truth.NO),
    ],
)
def test_a_service_may_refuse_what_a_policy_allows(terraform, truth):
    assert only(terraform % (STAR % '"*"')).truth is truth


@pytest.mark.parametrize(
    "argument",
    [
        "s3_bucket = aws_s3_bucket.b.id",
        "s3_bucket = aws_s3_bucket.b.bucket",
        's3_bucket = "example-b"',
    ],
)
def test_a_bucket_is_known_by_what_others_keep_in_it(argument):
    world = world_of(
        'resource "aws_s3_bucket" "b" {\n  bucket = "example-b"\n}\n'
        f'resource "aws_lambda_layer_version" "l" {{\n  layer_name = "l"\n  {argument}\n}}\n'
        'resource "aws_lambda_layer_version" "other" {\n  layer_name = "o"\n  s3_bucket = "elsewhere"\n}\n'
    )
    assert [item.origin.address for item in uses_of(world.graph, world.estate.buckets[0])] == [
        "aws_lambda_layer_version.l"
    ]


def test_an_identity_pool_is_joined_to_its_own_roles():
    world = world_of("""
resource "aws_cognito_identity_pool" "a" {
  identity_pool_name = "a"
}

resource "aws_cognito_identity_pool" "b" {
  identity_pool_name = "b"
}

resource "aws_cognito_identity_pool_roles_attachment" "b" {
  identity_pool_id = aws_cognito_identity_pool.b.id
  roles            = { unauthenticated = "arn:aws:iam::111122223333:role/guest" }
}
""")
    joined = {pool.origin.address: guest_roles(world.graph, pool) for pool in world.estate.identity_pools}
    assert joined["aws_cognito_identity_pool.a"] == ()
    (roles,) = joined["aws_cognito_identity_pool.b"]
    assert roles.guest_role == "arn:aws:iam::111122223333:role/guest"
