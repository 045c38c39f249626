"""Which blocks a suppression in the source counts for."""

from datetime import date
from pathlib import Path
from textwrap import indent

import pytest

from iacscan.engine import Options, scan

BUCKET = 'resource "aws_s3_bucket" "{0}" {{{1}\n  bucket = "example-{0}"\n}}\n'
COMMENT = '# iacscan:ignore=IAM904 reason="r"'
TEMPLATE = """\
Resources:
  First:
    Type: AWS::S3::Bucket{first}
  # iacscan:ignore=IAM904 reason="above"
  Second:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: "no # iacscan:ignore=IAM904 reason='text'"
  Third:
    Type: AWS::S3::Bucket{third}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judged(path: str = ".", **options: object) -> dict[str, bool]:
    """Whether the finding about each bucket is suppressed."""
    report = scan([path], Options(only=("IAM904",), **options))
    return {finding.subject.address: finding.suppressed for finding in report.findings}


def notes(path: str = ".") -> tuple[str, ...]:
    return scan([path], Options(only=("IAM904",))).notes


def test_a_comment_counts_for_the_block_that_it_stands_in_or_directly_above(here):
    text = (
        f"{COMMENT}\n# a remark between\n"
        + BUCKET.format("above", "")
        + BUCKET.format("inside", f"\n  {COMMENT}")
        + BUCKET.format("beside", f" {COMMENT}")
        + BUCKET.format("plain", "")
    )
    (here / "main.tf").write_text(text)
    assert judged() == {
        "aws_s3_bucket.above": True,
        "aws_s3_bucket.inside": True,
        "aws_s3_bucket.beside": True,
        "aws_s3_bucket.plain": False,
    }


def test_a_comment_with_a_gap_below_it_counts_for_nothing_and_is_told_of(here):
    (here / "main.tf").write_text(f"{COMMENT}\n\n" + BUCKET.format("a", ""))
    assert judged() == {"aws_s3_bucket.a": False}
    assert notes() == ("suppresses nothing: main.tf:1: it stands neither in a block nor directly above one",)


def test_a_text_that_looks_like_a_comment_is_none(here):
    (here / "main.tf").write_text(
        f'resource "aws_s3_bucket" "a" {{\n  bucket = "a"\n  tags = {{ x = <<-EOT\n  {COMMENT}\n  EOT\n  }}\n}}\n'
    )
    assert judged() == {"aws_s3_bucket.a": False}
    assert notes() == ()


def test_a_comment_above_a_call_counts_for_all_that_the_module_makes(here):
    (here / "m").mkdir()
    (here / "m" / "main.tf").write_text(BUCKET.format("a", "") + BUCKET.format("b", ""))
    (here / "main.tf").write_text(
        f'{COMMENT}\nmodule "one" {{\n  source = "./m"\n}}\nmodule "other" {{\n  source = "./m"\n}}\n'
    )
    found = judged()
    assert {address for address, suppressed in found.items() if suppressed} == {
        "module.one.aws_s3_bucket.a",
        "module.one.aws_s3_bucket.b",
    }
    assert len(found) == 4


def test_a_comment_in_a_module_counts_for_each_of_its_instances(here):
    (here / "m").mkdir()
    (here / "m" / "main.tf").write_text(BUCKET.format("a", f"\n  {COMMENT}"))
    (here / "main.tf").write_text('module "m" {\n  for_each = toset(["x", "y"])\n  source = "./m"\n}\n')
    assert judged() == {
        'module.m["x"].aws_s3_bucket.a': True,
        'module.m["y"].aws_s3_bucket.a': True,
    }


def test_the_author_of_a_downloaded_module_does_not_decide(here):
    module = here / ".terraform" / "modules" / "m"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(BUCKET.format("a", f"\n  {COMMENT}"))
    manifest = '{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"example/m/aws","Version":"1.0.0","Dir":".terraform/modules/m"}]}'
    (module.parent / "modules.json").write_text(manifest)
    (here / "main.tf").write_text('module "m" {\n  source  = "example/m/aws"\n  version = "1.0.0"\n}\n')
    assert judged() == {"module.m.aws_s3_bucket.a": False}


def test_comments_of_templates_count_likewise(here):
    (here / "t.yaml").write_text(
        TEMPLATE.format(first="", third="\n    # iacscan:ignore=IAM904 reason='x y'\n    DeletionPolicy: Retain")
    )
    report = scan(["t.yaml"], Options(only=("IAM904",)))
    assert {finding.subject.address: finding.suppressed for finding in report.findings} == {
        "First": False,
        "Second": True,
        "Third": False,  # a reason stands in double quotes
    }
    assert any("t.yaml:11" in note for note in report.notes)


def test_metadata_of_templates_counts(here):
    ours = "\n    Metadata:\n      iacscan:\n        ignore:\n          - {codes: IAM904, reason: known, until: 2099-12-31}"
    checkov = "\n    Metadata:\n      checkov:\n        skip:\n          - {id: CKV_AWS_18, comment: no}\n          - {id: IAM904, comment: known}"
    (here / "t.yaml").write_text(TEMPLATE.format(first=ours, third=checkov))
    assert judged("t.yaml") == {"First": True, "Second": True, "Third": True}


@pytest.mark.parametrize(
    ("entry", "because"),
    [
        ("{codes: IAM904}", "no reason"),
        ("{reason: x}", "needs codes"),
        ("{codes: IAM904, reason: x, owner: me}", "'owner' is not expected"),
        ("IAM904", "is not expected"),
    ],
)
def test_malformed_metadata_is_told_of(here, entry, because):
    ours = f"\n    Metadata:\n      iacscan:\n        ignore:\n          - {entry}"
    (here / "t.yaml").write_text(TEMPLATE.format(first=ours, third=""))
    assert not judged("t.yaml")["First"]
    (note,) = [note for note in notes("t.yaml") if "Metadata" in note]
    assert because in note


def test_inline_suppressions_can_be_switched_off(here):
    (here / "main.tf").write_text(BUCKET.format("a", f"\n  {COMMENT}"))
    assert judged(inline_ignores=False) == {"aws_s3_bucket.a": False}


def test_what_one_of_several_inputs_needs_is_needed(here):
    for name in ("a", "b"):
        (here / name).mkdir()
        (here / name / "main.tf").write_text(f'module "m" {{\n  source = "../m"\n  name = "{name}"\n}}\n')
    (here / "m").mkdir()
    (here / "m" / "main.tf").write_text(
        'variable "name" {}\nresource "aws_s3_bucket" "s" {\n  '
        + COMMENT
        + '\n  count = var.name == "a" ? 1 : 0\n  bucket = var.name\n}\nresource "aws_iam_user" "u" {\n  name = var.name\n}\n'
    )
    assert scan(["a", "b"], Options(only=("IAM904",))).notes == ()
    assert scan(["b"], Options(only=("IAM904",))).notes != ()


def test_the_examples_of_the_page_are_right(here):
    page = (Path(__file__).parents[1] / "docs" / "suppressions.md").read_text(encoding="utf-8")
    terraform, template = (page.partition(f"```{mark}\n")[2].partition("```")[0] for mark in ("hcl", "yaml"))
    acl = 'resource "aws_s3_bucket_acl" "a" {\n  bucket = aws_s3_bucket.site.id\n  acl = "public-read"\n}\n'
    (here / "main.tf").write_text(terraform + acl)
    report = scan(["."], Options(only=("IAM901",), today=date(2027, 1, 31)))
    assert [finding.suppressed for finding in report.findings] == [True]
    (here / "t.yaml").write_text("Resources:\n" + indent(template, "  "))
    report = scan(["t.yaml"], Options(only=("IAM904",), today=date(2027, 1, 31)))
    assert [finding.suppressed for finding in report.findings] == [True]
