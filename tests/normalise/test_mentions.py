"""What counts as a mention: an object that somebody outside the model may use, so that absence of a link is no fact."""

import pytest

from iacscan.testing import world_of

POLICY = """
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}

resource "aws_iam_group" "g" {
  name = "g"
}
"""


def mentions(terraform: str) -> frozenset[str]:
    return world_of(POLICY + terraform).estate.mentions


@pytest.mark.parametrize(
    "terraform",
    [
        'output "arn" {\n  value = aws_iam_policy.p.arn\n}',
        'resource "aws_ssm_parameter" "p" {\n  name  = "p"\n  type  = "String"\n  value = aws_iam_policy.p.arn\n}',
        'module "roles" {\n  source = "example/roles/aws"\n  policies = [local.arn]\n}\nlocals {\n  arn = aws_iam_policy.p.arn\n}',
    ],
    ids=["output", "resource outside the model", "module that is not there"],
)
def test_what_leaves_the_model_is_mentioned(terraform: str) -> None:
    assert "aws_iam_policy.p" in mentions(terraform)


@pytest.mark.parametrize(
    "terraform",
    [
        'resource "aws_iam_group_policy_attachment" "a" {\n  group      = aws_iam_group.g.name\n  policy_arn = aws_iam_policy.p.arn\n}',
        'resource "aws_iam_user" "u" {\n  name                 = "u"\n  permissions_boundary = aws_iam_policy.p.arn\n}',
        'resource "aws_iam_user_group_membership" "m" {\n  user   = "u"\n  groups = [aws_iam_group.g.name]\n}',
    ],
    ids=["attachment", "boundary", "membership"],
)
def test_ties_that_the_graph_knows_are_no_mentions(terraform: str) -> None:
    assert mentions(terraform).isdisjoint({"aws_iam_policy.p", "aws_iam_group.g"})


def test_an_organization_policy_is_mentioned_by_an_output_and_not_by_its_attachment() -> None:
    policy = 'resource "aws_organizations_policy" "p" {\n  name    = "p"\n  content = "{}"\n}\n'
    attachment = 'resource "aws_organizations_policy_attachment" "a" {\n  policy_id = aws_organizations_policy.p.id\n  target_id = "r-ab12"\n}\n'
    output = 'output "id" {\n  value = aws_organizations_policy.p.id\n}\n'

    assert "aws_organizations_policy.p" not in mentions(policy + attachment)
    assert "aws_organizations_policy.p" in mentions(policy + output)
