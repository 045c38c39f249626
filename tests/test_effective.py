"""The layers that bear on a request, gathered from an input, and what AWS would decide by them."""

import pytest
from msgspec.structs import replace

from iacscan.access import Access
from iacscan.effective import account_of, effective, guardrails
from iacscan.finding import Origin
from iacscan.graph import Graph
from iacscan.model import organizations as orgs
from iacscan.policy.evaluate import Outcome, decide
from iacscan.policy.request import Caller, CallerKind, Request
from iacscan.testing import world_of
from iacscan.value import Unknown

USER = """
resource "aws_iam_user" "ada" {
  name = "ada"
  %s
}

resource "aws_iam_user_policy" "ada" {
  user   = aws_iam_user.ada.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:*", "sqs:*", "kms:*", "sts:*", "lambda:*"], Resource = "*" }]
  })
}
"""
READ_ONLY = 'permissions_boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"'
GROUP = """
resource "aws_iam_group" "readers" {
  name = "readers"
}

resource "aws_iam_group_policy_attachment" "readers" {
  group      = aws_iam_group.readers.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.readers.name]
}
"""
BUCKET = """
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect = "Deny", Principal = "*", Action = "s3:DeleteObject", Resource = "${aws_s3_bucket.logs.arn}/*"
    }]
  })
}
"""
QUEUE = """
resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy    = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "sqs:PurgeQueue", Resource = "*" }]
  })
}
"""
OBJECT = "arn:aws:s3:::logs/today"


def gathered(terraform, resource, action=""):
    world = world_of(terraform)
    return effective(world.access, world.estate.users[0], resource, action)


def decided(terraform, action, resource, account="111122223333"):
    caller = Caller(CallerKind.USER, account, f"arn:aws:iam::{account}:user/ada")
    layers = gathered(terraform, resource, action).layers
    return decide(Request(action, resource, caller), layers).outcome


def test_own_policies_boundary_and_policy_of_the_bucket_decide_together():
    assert decided(USER % "" + BUCKET, "s3:GetObject", OBJECT) is Outcome.ALLOWED
    assert decided(USER % "" + BUCKET, "s3:DeleteObject", OBJECT) is Outcome.EXPLICIT_DENY
    assert decided(USER % READ_ONLY + BUCKET, "s3:PutObject", OBJECT) is Outcome.IMPLICIT_DENY


def test_policies_of_groups_and_aws_count():
    assert decided(USER % "", "dynamodb:GetItem", "*") is Outcome.IMPLICIT_DENY
    assert decided(USER % "" + GROUP, "dynamodb:GetItem", "*") is Outcome.ALLOWED


def test_the_policy_of_a_queue_is_found_by_the_symbol_of_its_block():
    found = gathered(USER % "" + QUEUE, "arn:aws:sqs:⟦region⟧:⟦account⟧:⟦aws_sqs_queue.jobs⟧").layers
    assert found.kind == "sqs-queue"
    assert found.resource.statements[0].actions == ("sqs:PurgeQueue",)


def test_whether_a_policy_is_that_of_a_named_queue_may_not_be_known():
    """The policy names its queue by an address that AWS has not given yet."""
    assert decided(USER % "" + QUEUE, "sqs:PurgeQueue", "arn:aws:sqs:eu-west-1:111122223333:jobs") is Outcome.UNKNOWN


def test_a_policy_is_found_by_the_name_in_its_arn_whatever_its_account_and_region():
    policy = """
resource "aws_secretsmanager_secret_policy" "db" {
  secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"
  policy     = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "secretsmanager:*", Resource = "*" }]
  })
}
"""
    name = "arn:aws:secretsmanager:⟦region⟧:⟦account⟧:secret:{}".format
    assert gathered(USER % "" + policy, name("db")).layers.kind == "secret"
    assert gathered(USER % "" + policy, name("other")).layers.resource is None


def test_a_key_and_a_role_that_are_not_in_the_input_leave_it_open():
    for action, arn in (
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/app"),
    ):
        found = gathered(USER % "", arn, action)
        assert isinstance(found.layers.resource, Unknown)
        assert decided(USER % "", action, arn) is Outcome.UNKNOWN


def test_what_is_not_in_the_input_is_said():
    assert gathered(USER % "", OBJECT).assumptions == ("the bucket logs has no policy that is not in the input",)


PERMISSION = """
resource "aws_lambda_permission" "open" {
  function_name = "job"
  action        = "lambda:InvokeFunction"
  principal     = "444455556666"
}
"""


def test_permissions_of_a_function_are_its_policy():
    found = gathered(USER % "" + PERMISSION, "arn:aws:lambda:eu-west-1:111122223333:function:job").layers
    (statement,) = found.resource.statements
    assert statement.resources == ("arn:aws:lambda:eu-west-1:111122223333:function:job",)


# -- organizations ------------------------------------------------------------------------------------------------------

ORGANIZATION = """
provider "aws" {
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/deploy"
  }
}

resource "aws_organizations_organization" "all" {
  feature_set          = "ALL"
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}

resource "aws_organizations_organizational_unit" "apps" {
  name      = "apps"
  parent_id = aws_organizations_organization.all.roots[0].id
}

resource "aws_organizations_policy" "no_s3" {
  name    = "no-s3"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "*" }] })
}

resource "aws_organizations_policy_attachment" "no_s3" {
  policy_id = aws_organizations_policy.no_s3.id
  target_id = %s
}
"""


def test_without_the_account_in_the_input_its_guardrails_are_not_known():
    found = gathered(USER % "" + ORGANIZATION % "aws_organizations_organizational_unit.apps.id", OBJECT)
    assert found.layers.scps is None


def organization(target):
    """A world in which the account of the user stands in a unit, both known by id."""
    estate = world_of(USER % "" + ORGANIZATION % target).estate
    unit = estate.organizational_units[0]
    origin = Origin(address="aws_organizations_account.app", type="aws_organizations_account", account="aws")
    account = orgs.Account(origin=origin, name="app", id="111122223333", parent=unit.id)
    (ada,) = estate.users
    ada = replace(ada, arn="arn:aws:iam::111122223333:user/ada")
    return Access(Graph(replace(estate, accounts_in_organization=(account,), users=(ada,)))), ada


@pytest.mark.parametrize(
    "target",
    [
        "aws_organizations_organizational_unit.apps.id",
        "aws_organizations_organization.all.roots[0].id",
        '"111122223333"',
    ],
)
def test_a_guardrail_on_the_account_its_unit_or_the_root_binds(target):
    access, ada = organization(target)
    layers = effective(access, ada, OBJECT).layers
    assert len(layers.scps) == 3
    caller = Caller(CallerKind.USER, account_of(ada), ada.arn)
    assert decide(Request("s3:GetObject", OBJECT, caller), layers).outcome is Outcome.EXPLICIT_DENY
    assert decide(Request("sqs:SendMessage", "*", caller), layers).outcome is Outcome.ALLOWED


def test_a_guardrail_on_another_account_does_not():
    access, ada = organization('"444455556666"')
    caller = Caller(CallerKind.USER, account_of(ada), ada.arn)
    layers = effective(access, ada, OBJECT).layers
    assert decide(Request("s3:GetObject", OBJECT, caller), layers).outcome is Outcome.ALLOWED


def test_it_is_said_that_awss_own_policy_is_taken_to_be_attached():
    access, ada = organization("aws_organizations_organizational_unit.apps.id")
    assert any("FullAWSAccess" in text for text in effective(access, ada, OBJECT).assumptions)


def test_a_guardrail_on_the_root_binds_though_a_unit_between_is_not_in_the_input():
    access, ada = organization("aws_organizations_organization.all.roots[0].id")
    (account,) = access.estate.accounts_in_organization
    estate = replace(access.estate, accounts_in_organization=(replace(account, parent="ou-ab12-elsewhere"),))
    found = effective(Access(Graph(estate)), ada, OBJECT)
    caller = Caller(CallerKind.USER, account_of(ada), ada.arn)
    assert decide(Request("s3:GetObject", OBJECT, caller), found.layers).outcome is Outcome.EXPLICIT_DENY
    assert any("ou-ab12-elsewhere is not in this input" in text for text in found.assumptions)


def test_guardrails_bind_member_accounts_and_never_the_managing_one():
    access, ada = organization("aws_organizations_organization.all.roots[0].id")
    assert any("s3:*" in (item.actions or ()) for document in guardrails(access, ada) for item in document.statements)
    (all_,) = access.estate.organizations
    managing = replace(access.estate, organizations=(replace(all_, management_account="111122223333"),))
    assert guardrails(Access(Graph(managing)), ada) == ()
    assert guardrails(access, replace(ada, arn="arn:aws:iam::⟦account⟧:user/ada")) == ()
