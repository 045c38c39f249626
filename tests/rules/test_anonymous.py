"""The rules on public buckets speak once of each opening, and never against each other."""

import pytest

from iacscan.finding import Severity, Violation
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of

CODES = ("IAM901", "IAM902", "IAM903", "IAM904", "IAM905")
BUCKET = """
resource "aws_s3_bucket" "b" {
  bucket = "example-b"
}
"""
POLICY = """
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = %s, Resource = "arn:aws:s3:::example-b/*" }]
  })
}
"""
ACL = """
resource "aws_s3_bucket_acl" "b" {
  bucket = aws_s3_bucket.b.id
  acl    = "public-read"
}

resource "aws_s3_bucket_ownership_controls" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    object_ownership = "ObjectWriter"
  }
}
"""
OFF = """
resource "aws_s3_bucket_public_access_block" "b" {
  bucket = aws_s3_bucket.b.id
}
"""
ON = """
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}
"""
READ, WRITE = POLICY % '"s3:GetObject"', POLICY % '["s3:GetObject", "s3:PutObject"]'


def said(terraform):
    world = world_of(terraform)
    return {
        code: verdict for code in CODES for verdict in find_rule(code).check(world) if isinstance(verdict, Violation)
    }


@pytest.mark.parametrize(
    ("terraform", "codes"),
    [
        (BUCKET, ["IAM904"]),
        (BUCKET + OFF, ["IAM905"]),
        (BUCKET + ON, []),
        (BUCKET + READ, ["IAM902"]),
        (BUCKET + READ + OFF, ["IAM902"]),
        (BUCKET + READ + ON, []),
        (BUCKET + ACL, ["IAM901"]),
        (BUCKET + ACL + OFF, ["IAM901"]),
        (BUCKET + ACL + READ + OFF, ["IAM901", "IAM902"]),
        (BUCKET + WRITE + OFF, ["IAM903"]),
        (BUCKET + WRITE + ON, ["IAM903"]),
        (BUCKET + ACL + WRITE + OFF, ["IAM901", "IAM903"]),
    ],
)
def test_each_opening_is_told_once(terraform, codes):
    assert sorted(said(terraform)) == codes


def test_the_block_that_does_not_stop_it_is_named():
    (verdict,) = said(BUCKET + READ + OFF).values()
    assert {place.origin.address for place in verdict.related} == {
        "aws_s3_bucket_policy.b",
        "aws_s3_bucket_public_access_block.b",
    }


def test_a_public_policy_is_told_though_its_bucket_is_elsewhere():
    elsewhere = READ.replace("aws_s3_bucket.b.id", '"example-b"')
    assert said(elsewhere)["IAM902"].subject.address == "aws_s3_bucket_policy.b"


def test_a_block_for_a_bucket_that_is_elsewhere_counts():
    assert said((READ + ON).replace("aws_s3_bucket.b.id", '"example-b"')) == {}


# -- rules that speak of what others leave out ------------------------------------------------------------------------


def codes_of(terraform, codes):
    world = world_of(terraform)
    return [code for code in codes for _ in find_rule(code).check(world)]


ALL = ("IAM901", "IAM902", "IAM903", "IAM910", "IAM911", "IAM916")
READABLE = ACL.replace("public-read", "authenticated-read")


@pytest.mark.parametrize(
    ("terraform", "expected"),
    [
        (BUCKET + READ + OFF, ["IAM902"]),
        (BUCKET + READ + ON, ["IAM910"]),
        (BUCKET + WRITE + OFF, ["IAM903"]),
        (BUCKET + WRITE + ON, ["IAM903"]),
        (BUCKET + ACL + OFF, ["IAM901"]),
        (BUCKET + READABLE + OFF, ["IAM901", "IAM911"]),
        (BUCKET + READABLE + ON, ["IAM910"]),
        (BUCKET + ACL + READ + ON, ["IAM910", "IAM910"]),
        (BUCKET + ON, []),
    ],
)
def test_one_grant_is_told_by_one_rule(terraform, expected):
    assert codes_of(terraform, ALL) == expected


def test_an_upgrade_is_told_for_each_use_of_an_open_bucket():
    uses = """
resource "aws_lambda_layer_version" "l" {
  layer_name = "l"
  s3_bucket  = aws_s3_bucket.b.id
  s3_key     = "l.zip"
}

resource "aws_cloudtrail" "t" {
  name           = "t"
  s3_bucket_name = "example-b"
}
"""
    found = [item.key for item in find_rule("IAM916").check(world_of(BUCKET + READ + OFF + uses))]
    assert sorted(found) == ["function-code", "trail-log"]


def test_a_public_policy_that_is_refused_breaks_the_apply():
    (found,) = find_rule("IAM910").check(world_of(BUCKET + READ + ON))
    assert found.message.endswith("S3 refuses to set it, so the apply fails")


POOL = """
resource "aws_cognito_identity_pool" "p" {
  identity_pool_name               = "p"
  allow_unauthenticated_identities = true
  allow_classic_flow               = %s
}

resource "aws_iam_role" "guest" {
  name = "guest"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role_policy" "guest" {
  role   = aws_iam_role.guest.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "%s", Resource = "*" }] })
}

resource "aws_cognito_identity_pool_roles_attachment" "p" {
  identity_pool_id = aws_cognito_identity_pool.p.id
  roles            = { unauthenticated = aws_iam_role.guest.arn }
}
"""


@pytest.mark.parametrize(
    ("classic", "action", "severity"),
    [
        ("false", "mobileanalytics:PutEvents", Severity.MEDIUM),
        ("true", "mobileanalytics:PutEvents", Severity.HIGH),
        ("false", "s3:GetObject", Severity.HIGH),
        ("false", "dynamodb:PutItem", Severity.HIGH),
        ("true", "dynamodb:PutItem", Severity.CRITICAL),
        ("false", "*", Severity.CRITICAL),
        ("true", "*", Severity.CRITICAL),
    ],
)
def test_guests_are_as_bad_as_what_their_role_may_do(classic, action, severity):
    (found,) = find_rule("IAM914").check(world_of(POOL % (classic, action)))
    assert found.severity is severity


def test_an_objects_acl_is_told_by_its_own_rule_and_not_as_the_buckets():
    upload = 'resource "aws_s3_object" "o" {\n  bucket = aws_s3_bucket.b.id\n  key = "x"\n  acl = "public-read"\n}\n'
    world = world_of(BUCKET + upload)
    (told,) = find_rule("IAM912").check(world)
    assert "an object of the bucket" in told.message
    (verdict,) = find_rule("IAM904").check(world)
    assert "its ACL names" not in verdict.message
    assert verdict.severity is Severity.LOW
