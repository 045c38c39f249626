"""Where a finding in source points: at the statement or attribute that decides, if that can be told."""

import pytest

from iacscan.engine import Options, Pipeline, scan
from iacscan.load import load
from iacscan.normalise import normalise

ROLE = 'resource "aws_iam_role_policy" "p" {\n  role   = "r"\n  policy = '
DOCUMENT = (
    "data.aws_iam_policy_document.d.json\n}\n"
    'data "aws_iam_policy_document" "d" {\n'
    '  statement {\n    sid       = "First"\n    actions   = ["s3:ListBucket"]\n    resources = ["arn:aws:s3:::b"]\n  }\n'
    '  statement {\n    sid       = "All"\n    actions   = ["*"]\n    resources = ["*"]\n  }\n}\n'
)


@pytest.fixture
def lines(tmp_path):
    def scan_and_tell(text, code):
        (tmp_path / "main.tf").write_text(text)
        report = scan([str(tmp_path)], Options(only=(code,)), pipeline=Pipeline(load, normalise))
        return [(item.subject.span.line, item.subject.span.end_line) for item in report.findings]

    return scan_and_tell


def test_a_statement_in_json_is_found_by_its_sid(lines):
    policy = 'jsonencode({\n    Statement = [{\n      Sid = "All", Effect = "Allow", Action = "*", Resource = "*"\n    }]\n  })\n}\n'
    assert lines(ROLE + policy, "IAM401") == [(5, 5)]


def test_a_statement_in_a_document_is_found_by_its_sid(lines):
    assert lines(ROLE + DOCUMENT, "IAM401") == [(12, 12)]


def test_a_statement_without_sid_is_at_its_block(lines):
    policy = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })\n}\n'
    assert lines(ROLE + policy, "IAM401") == [(1, 4)]


def test_an_attribute_is_found_by_its_name(lines):
    text = 'resource "aws_s3_account_public_access_block" "a" {\n  block_public_acls = true\n  block_public_policy = false\n}\n'
    ((first, last),) = lines(text, "IAM906")
    assert (first, last) == (3, 3)
