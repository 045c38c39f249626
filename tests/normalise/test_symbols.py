import pytest

from iacscan.normalise.kinds import ARNS, KINDS
from iacscan.normalise.symbols import Names
from iacscan.policy.arn import parse_arn
from iacscan.value import Reference, Unknown


def text(blocks, address, attribute):
    return Names(blocks).text(Reference(address, attribute))


@pytest.mark.parametrize("type_", [name for name, kind in KINDS.items() if kind.arn])
def test_every_arn_form_is_an_arn_without_wildcards_that_holds_the_symbol(block, type_):
    found = text([block(f"{type_}.x")], f"{type_}.x", "arn")
    assert parse_arn(found) is not None
    assert f"⟦{type_}.x⟧" in found
    assert "*" not in found
    assert "{" not in found


@pytest.mark.parametrize(("type_", "attribute"), ARNS)
def test_every_further_arn_is_one(block, type_, attribute):
    assert parse_arn(text([block(f"{type_}.x")], f"{type_}.x", attribute)) is not None


@pytest.mark.parametrize(
    ("address", "values", "attribute", "expected"),
    [
        ("aws_s3_bucket.b", {}, "arn", "arn:aws:s3:::⟦aws_s3_bucket.b⟧"),
        ("aws_s3_bucket.b", {"bucket": "logs"}, "arn", "arn:aws:s3:::logs"),
        ("aws_s3_bucket.b", {"bucket": "logs"}, "id", "logs"),
        ("aws_s3_bucket.b", {"bucket_prefix": "logs-"}, "bucket", "logs-⟦aws_s3_bucket.b⟧"),
        ("aws_iam_role.r", {"name": "app", "path": "/svc/"}, "arn", "arn:aws:iam::⟦account⟧:role/svc/app"),
        ("aws_iam_role.r", {}, "unique_id", "⟦aws_iam_role.r.unique_id⟧"),
        ("aws_iam_policy.p", {"name": "p"}, "id", "arn:aws:iam::⟦account⟧:policy/p"),
        ("aws_kms_key.k", {}, "key_id", "⟦aws_kms_key.k⟧"),
        ("aws_ssm_parameter.s", {"name": "db"}, "arn", "arn:aws:ssm:⟦region⟧:⟦account⟧:parameter/db"),
        ("aws_ssm_parameter.s", {"name": "/db"}, "arn", "arn:aws:ssm:⟦region⟧:⟦account⟧:parameter/db"),
        (
            "aws_iam_openid_connect_provider.g",
            {"url": "https://gitlab.com"},
            "arn",
            "arn:aws:iam::⟦account⟧:oidc-provider/gitlab.com",
        ),
        (
            "aws_cloudfront_origin_access_identity.o",
            {},
            "iam_arn",
            "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ⟦aws_cloudfront_origin_access_identity.o⟧",
        ),
        ("aws_organizations_organization.o", {}, "roots[0].id", "⟦aws_organizations_organization.o⟧"),
        ("aws_organizations_organization.o", {"roots": [{"id": "r-1"}]}, "roots[0].id", "r-1"),
        (
            "aws_organizations_organization.o",
            {},
            "master_account_id",
            "⟦aws_organizations_organization.o.master_account_id⟧",
        ),
        ("aws_iam_role.r", {"arn": "arn:aws:iam::111122223333:role/x"}, "arn", "arn:aws:iam::111122223333:role/x"),
        ("data.aws_caller_identity.me", {}, "account_id", "⟦account⟧"),
        ("data.aws_partition.p", {}, "partition", "aws"),
        ("google_thing.x", {}, "id", "⟦google_thing.x⟧"),
    ],
)
def test_what_an_attribute_is_called(block, address, values, attribute, expected):
    assert text([block(address, values)], address, attribute) == expected


def test_account_region_and_partition_come_from_data_sources_of_the_same_provider(block):
    blocks = [
        block("data.aws_caller_identity.me", {"account_id": "111122223333"}, account="aws.prod"),
        block("data.aws_region.here", {"name": "eu-west-1"}, account="aws.prod"),
        block("data.aws_partition.p", {"partition": "aws-us-gov"}),
        block("aws_sqs_queue.a", {"name": "a"}, account="aws.prod"),
        block("aws_sqs_queue.b", {"name": "b"}),
    ]
    assert text(blocks, "aws_sqs_queue.a", "arn") == "arn:aws-us-gov:sqs:eu-west-1:111122223333:a"
    assert text(blocks, "aws_sqs_queue.b", "arn") == "arn:aws-us-gov:sqs:⟦region⟧:⟦account⟧:b"


def test_an_address_without_key_means_the_only_instance(block):
    one = block("aws_s3_bucket.b[0]", {"bucket": "x"}, index=0)
    two = block("aws_s3_bucket.b[1]", {"bucket": "y"}, index=1)
    assert text([one], "aws_s3_bucket.b", "arn") == "arn:aws:s3:::x"
    assert text([one, two], "aws_s3_bucket.b", "arn") is None


def test_a_wildcard_in_a_key_does_not_become_a_wildcard(block):
    bucket = block('aws_s3_bucket.b["*"]', index="*")
    assert "*" not in text([bucket], 'aws_s3_bucket.b["*"]', "arn")


def test_marks_of_the_loader_are_expanded_and_others_kept(block):
    names = Names([block("aws_s3_bucket.b", {"bucket": "logs"}), block("aws_s3_bucket.c")])
    assert names.expand("⟦aws_s3_bucket.b.arn⟧/*") == "arn:aws:s3:::logs/*"
    assert names.expand("x-⟦aws_s3_bucket.c.id⟧") == "x-⟦aws_s3_bucket.c⟧"
    assert names.expand("⟦account⟧/⟦…⟧/⟦aws_s3_bucket.gone.arn⟧") == "⟦account⟧/⟦…⟧/⟦aws_s3_bucket.gone.arn⟧"


def test_a_name_made_of_another_name_is_not_that_name(block, unknown):
    function = block("aws_lambda_function.f", {"function_name": unknown("random_pet.p id")})
    found = text([function, block("random_pet.p")], "aws_lambda_function.f", "arn")
    assert found == "arn:aws:lambda:⟦region⟧:⟦account⟧:function:⟦aws_lambda_function.f⟧"


def test_names_that_refer_to_each_other_in_a_circle_end(block, unknown):
    blocks = [
        block("aws_s3_bucket_policy.a", {"bucket": unknown("aws_s3_bucket_acl.b bucket")}),
        block("aws_s3_bucket_acl.b", {"bucket": unknown("aws_s3_bucket_policy.a bucket")}),
    ]
    assert text(blocks, "aws_s3_bucket_policy.a", "bucket") == "⟦aws_s3_bucket_acl.b.bucket⟧"


def test_what_is_known_already_is_no_reason_for_an_unknown(block):
    names = Names([block("aws_s3_bucket.b", {"bucket": "x", "arn": Unknown("later")})])
    assert names.is_known(Reference("aws_s3_bucket.b", "bucket"))
    assert not names.is_known(Reference("aws_s3_bucket.b", "arn"))
    assert not names.is_known(Reference("aws_s3_bucket.gone", "arn"))
