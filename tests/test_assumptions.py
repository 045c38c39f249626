"""What the configuration tells of the account decides where an input cannot."""

from iacscan.access import Access
from iacscan.assumptions import assume
from iacscan.finding import Undecided, Violation
from iacscan.graph import Graph
from iacscan.model.settings import NOTHING_TOLD, Settings
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import World
from iacscan.testing import world_of

OWN, OTHER, VENDOR = "111122223333", "444455556666", "999988887777"
TRUST = """
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::%s:root" }
  }] })
}
"""
QUEUE = """
resource "aws_sqs_queue_policy" "q" {
  queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/q"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sqs:SendMessage", Resource = "*", Principal = %s, Condition = %s
  }] })
}
"""
LISTED = Settings(accounts=frozenset({OWN}), vendors=((VENDOR, "Example Inc."),), source="c")


def said(code: str, terraform: str, settings: Settings) -> list[type]:
    (estate,) = assume((world_of(terraform).estate,), settings)
    graph = Graph(estate)
    return [type(verdict) for verdict in find_rule(code).check(World(estate, graph, Access(graph)))]


def test_whose_account_it_is_decides_about_a_trust():
    assert said("IAM209", TRUST % OTHER, NOTHING_TOLD) == [Undecided]
    assert said("IAM209", TRUST % OTHER, LISTED) == [Violation]
    assert said("IAM209", TRUST % OWN, LISTED) == []


def test_a_vendor_is_let_in_but_must_be_asked_for_an_external_id():
    queue = QUEUE % (f'{{ AWS = "{VENDOR}" }}', "{}")
    assert said("IAM609", queue, NOTHING_TOLD) == [Undecided]
    assert said("IAM609", queue, LISTED) == []
    assert said("IAM209", TRUST % VENDOR, LISTED) == [Violation]


def test_whose_account_it_is_decides_about_a_grant():
    assert said("IAM609", QUEUE % (f'{{ AWS = "{OTHER}" }}', "{}"), LISTED) == [Violation]
    assert said("IAM609", QUEUE % (f'{{ AWS = "{OWN}" }}', "{}"), LISTED) == []


def test_another_organization_is_somebody_else():
    asks = QUEUE % ('"*"', '{ StringEquals = { "aws:PrincipalOrgID" = "o-aaaaaaaaaa" } }')
    assert said("IAM609", asks, NOTHING_TOLD) == []
    assert said("IAM609", asks, Settings(organization="o-aaaaaaaaaa")) == []
    assert said("IAM609", asks, Settings(organization="o-bbbbbbbbbb")) == [Violation]


def test_an_assumed_block_of_the_account_covers_its_buckets():
    bucket = 'resource "aws_s3_bucket" "b" {}'
    assert said("IAM904", bucket, NOTHING_TOLD) == [Violation]
    assert said("IAM904", bucket, Settings(account_block=True, source="c")) == []


def test_what_the_input_declares_counts_for_more_than_what_is_assumed():
    weak = 'resource "aws_s3_bucket" "b" {}\nresource "aws_s3_account_public_access_block" "a" {}'
    assert said("IAM904", weak, Settings(account_block=True, source="c")) == [Violation]


def test_a_block_that_the_change_deletes_is_not_assumed_to_stay():
    block = 'resource "aws_s3_account_public_access_block" "a" {\n  restrict_public_buckets = true\n}\n'
    bucket = 'resource "aws_s3_bucket" "b" {}\n'
    world = world_of(bucket, bucket + block)
    sides = assume((world.before.estate, world.estate), Settings(account_block=True, source="c"))
    assert [len(side.public_access_blocks) for side in sides] == [1, 0]


def test_policies_that_are_attached_from_elsewhere_are_not_missed():
    organization = 'resource "aws_organizations_organization" "o" {\n  feature_set = "ALL"\n}\nresource "aws_organizations_account" "a" {\n  name = "a"\n  email = "a@example.com"\n}\n'
    assert said("IAM701", organization, NOTHING_TOLD) == [Violation]
    assert said("IAM701", organization, Settings(guardrails=True, source="c")) == []
