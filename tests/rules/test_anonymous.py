"""The rules on public buckets speak once of each opening, and never against each other."""

import pytest

from iacscan.finding import Violation
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
