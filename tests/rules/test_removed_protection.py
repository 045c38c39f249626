"""What a change takes away is told once, and only where something is left to be protected."""

import pytest
from msgspec.structs import replace

from iacscan.access import Access
from iacscan.engine import Options, Pipeline, scan
from iacscan.finding import Severity, State, Undecided, Violation
from iacscan.graph import Graph
from iacscan.load.block import Loaded, Side
from iacscan.model.estate import Estate
from iacscan.rules._registry import find_rule
from iacscan.rules._rule import Verdict, World
from iacscan.testing import world_of

RULES = ("IAM221", "IAM423", "IAM424", "IAM617", "IAM726", "IAM917")
BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "example"\n}\n'
BLOCK = 'resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = %s\n  restrict_public_buckets = true\n}\n'
OF_BUCKET = BLOCK % "aws_s3_bucket.b.id"
QUEUE = 'resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n'
POLICY = """
resource "aws_sqs_queue_policy" "%s" {
  queue_url = aws_sqs_queue.q.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Deny", Principal = "*", Action = "sqs:DeleteQueue", Resource = "*" },
  ] })
}
"""
SCP = """
resource "aws_organizations_policy" "p" {
  name    = "p"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}
resource "aws_organizations_organizational_unit" "above" {
  name      = "above"
  parent_id = "r-ab12"
}
resource "aws_organizations_organizational_unit" "below" {
  name      = "below"
  parent_id = aws_organizations_organizational_unit.above.id
}
"""
ATTACHED = """
resource "aws_organizations_policy_attachment" "%s" {
  policy_id = aws_organizations_policy.p.id
  target_id = %s
}
"""


def said(code: str, before: str, after: str) -> list[Verdict]:
    return list(find_rule(code).check(world_of(after or "\n", before)))


def with_action(world: World, kind: str, action: str) -> World:
    """The world after a change that does something else to the objects of one kind."""
    items = getattr(world.estate, kind)
    acted = tuple(replace(item, origin=replace(item.origin, action=action)) for item in items)
    estate = replace(world.estate, **{kind: acted})
    graph = Graph(estate)
    return World(estate, graph, Access(graph), before=world.before)


@pytest.mark.parametrize("code", RULES)
def test_without_a_before_nothing_is_taken_away(code):
    assert list(find_rule(code).check(world_of(BUCKET + OF_BUCKET + SCP + QUEUE))) == []


@pytest.mark.parametrize("code", RULES)
def test_destroying_everything_takes_no_protection_from_anything(code):
    everything = (
        BUCKET
        + OF_BUCKET
        + QUEUE
        + POLICY % "q"
        + SCP
        + ATTACHED % ("a", "aws_organizations_organizational_unit.below.id")
    )
    assert said(code, everything, "") == []


def test_a_block_that_turns_to_another_bucket_leaves_its_own():
    other = 'resource "aws_s3_bucket" "other" {\n  bucket = "other"\n}\n'
    (verdict,) = said("IAM917", BUCKET + other + OF_BUCKET, BUCKET + other + BLOCK % "aws_s3_bucket.other.id")
    assert isinstance(verdict, Violation)
    assert verdict.evidence == ("restrict_public_buckets = true, until now",)


ACCOUNT = """
resource "aws_s3_account_public_access_block" "a" {
  block_public_acls       = true
  ignore_public_acls      = %s
  block_public_policy     = true
  restrict_public_buckets = true
}
"""
NEW = 'resource "aws_s3_bucket" "new" {\n  bucket = "new"\n}\n'


@pytest.mark.parametrize(
    ("before", "after", "removed", "without"),
    [
        (BUCKET + OF_BUCKET, BUCKET, 1, 0),
        (BUCKET + ACCOUNT % "true", BUCKET, 1, 0),
        (BUCKET + OF_BUCKET.replace("= true", "= false"), BUCKET, 0, 1),  # a block that did nothing
        (BUCKET + ACCOUNT % "false", BUCKET, 1, 1),  # the bucket was without before, too
        (BUCKET + OF_BUCKET, BUCKET + NEW, 1, 1),  # a new bucket has lost nothing
        (BUCKET + ACCOUNT % "true", BUCKET + NEW, 1, 1),
    ],
)
def test_that_a_block_goes_is_told_once_and_not_again_by_the_bucket_that_is_without(before, after, removed, without):
    assert (len(said("IAM917", before, after)), len(said("IAM904", before, after))) == (removed, without)


def test_the_block_of_a_bucket_that_is_elsewhere_is_missed():
    assert len(said("IAM917", BLOCK % '"elsewhere"', "")) == 1


def test_a_flag_that_the_account_still_has_is_not_lost():
    account = 'resource "aws_s3_account_public_access_block" "a" {\n  restrict_public_buckets = true\n}\n'
    assert said("IAM917", BUCKET + OF_BUCKET + account, BUCKET + account) == []


def test_a_flag_that_is_switched_off_in_place_is_told_elsewhere():
    assert said("IAM917", BUCKET + OF_BUCKET, BUCKET + OF_BUCKET.replace("= true", "= false")) == []


@pytest.mark.parametrize(
    ("code", "kind", "terraform"),
    [
        ("IAM917", "public_access_blocks", BUCKET + OF_BUCKET),
        ("IAM617", "resource_policies", QUEUE + POLICY % "q"),
        ("IAM726", "policy_targets", SCP + ATTACHED % ("a", '"ou-ab12-11111111"')),
        ("IAM726", "organization_policies", SCP + ATTACHED % ("a", '"ou-ab12-11111111"')),
    ],
)
@pytest.mark.parametrize(
    ("action", "word"), [("forget", "without being deleted"), ("replace", "nothing stands in its place")]
)
def test_letting_go_and_making_anew_are_told_as_what_they_are(code, kind, terraform, action, word):
    world = with_action(world_of(terraform, terraform), kind, action)
    (verdict,) = find_rule(code).check(world)
    assert isinstance(verdict, Violation)
    assert verdict.severity is Severity.LOW
    assert word in verdict.message


def test_a_policy_that_moves_to_another_block_is_not_lost():
    assert said("IAM617", QUEUE + POLICY % "q", QUEUE + POLICY % "moved") == []


def test_what_a_unit_above_refuses_is_still_refused():
    below, above = (f"aws_organizations_organizational_unit.{name}.id" for name in ("below", "above"))
    assert said("IAM726", SCP + ATTACHED % ("a", below), SCP + ATTACHED % ("a", above)) == []
    assert len(said("IAM726", SCP + ATTACHED % ("a", above), SCP + ATTACHED % ("a", below))) == 1
    assert said("IAM726", SCP + ATTACHED % ("a", below), SCP + ATTACHED % ("a", '"r-ab12"')) == []


def test_an_attachment_to_what_is_not_known_leaves_a_doubt():
    before = SCP + ATTACHED % ("a", '"ou-ab12-11111111"')
    (verdict,) = said("IAM726", before, 'variable "target" {}\n' + SCP + ATTACHED % ("a", "var.target"))
    assert isinstance(verdict, Undecided)


def test_a_plan_is_judged_with_its_before():
    """The engine gives the rules on the estate after the change what there was before it, and not the other way round."""
    seen: list[tuple[bool, bool]] = []

    def check(world: World) -> list[Verdict]:
        seen.append((world.estate.is_template, world.before is not None))
        return []

    class Block:
        action, mode = "update", "managed"

    loaded = Loaded("p", "terraform-plan", Side([Block()]), Side([Block()]))

    def normalised(_: Loaded) -> tuple[Estate, Estate]:
        return Estate(), Estate(is_template=True)  # told apart by a flag

    rule = replace(find_rule("IAM917"), check=check)
    scan(["p"], Options(), rules=[rule], pipeline=Pipeline(lambda _: loaded, normalised))
    assert sorted(seen) == [(False, False), (True, True)]


def test_removed_protection_is_news():
    world = world_of(BUCKET, BUCKET + OF_BUCKET)
    assert world.before is not None
    before, after = world.before.estate, world.estate

    class Block:
        action, mode = "update", "managed"

    loaded = Loaded("p", "terraform-plan", Side([Block()]), Side([Block()]))
    pipeline = Pipeline(lambda _: loaded, lambda _: (before, after))
    report = scan(["p"], Options(), rules=[find_rule("IAM917")], pipeline=pipeline)
    assert [finding.state for finding in report.findings] == [State.NEW]
