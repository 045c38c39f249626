"""One stack, written in Terraform and in CloudFormation, makes the same mistakes in the same places."""

import re
from functools import cache
from pathlib import Path

import pytest

from iacscan.engine import Options, scan
from iacscan.report import Report

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
STACKS = ("all-nine-tips", "anonymous", "conditions", "privilege", "resource_policies", "roles")

# In the templates a logical id is the label of the Terraform block, its key and one of these words.
NOUNS = {
    "aws_dynamodb_table": "Table",
    "aws_iam_access_key": "AccessKey",
    "aws_iam_group": "Group",
    "aws_iam_group_policy": "InlinePolicy",
    "aws_iam_policy": "Policy",
    "aws_iam_role": "Role",
    "aws_iam_role_policy": "InlinePolicy",
    "aws_iam_role_policy_attachment": "Role",
    "aws_iam_user": "User",
    "aws_kms_key": "Key",
    "aws_lambda_function": "Function",
    "aws_lambda_function_url": "Url",
    "aws_lambda_permission": "Permission",
    "aws_organizations_account": "Account",
    "aws_organizations_organization": "Organization",
    "aws_organizations_organizational_unit": "Unit",
    "aws_s3_access_point": "AccessPoint",
    "aws_s3_bucket": "Bucket",
    "aws_s3_bucket_ownership_controls": "Bucket",
    "aws_s3_bucket_policy": "BucketPolicy",
    "aws_s3_bucket_public_access_block": "Bucket",
    "aws_secretsmanager_secret_policy": "SecretPolicy",
    "aws_sns_topic_policy": "TopicPolicy",
    "aws_sqs_queue_policy": "QueuePolicy",
    "aws_ssm_parameter": "Parameter",
}
# Where the label says something else than the template, or the template has the thing in another resource.
ELSEWHERE = {
    "aws_iam_group_policy.mfa": "RoastersGroup",
    "aws_iam_role_policy_attachment.invoice": "FunctionInvoiceRole",
    **dict.fromkeys(
        (f'aws_iam_user_policy.newsletter["{name}"]' for name in ("bounces", "campaigns", "subscribers")),
        "NewsletterUser",
    ),
}
# Mistakes that only one of the two can make, or that only one of the two tells.
DIFFERENT = {
    "IAM107": "Terraform keeps the secret of a key in its state; CloudFormation keeps none",
    "IAM609": "a plan says whose account it is for, a template is for any",
    "IAM615": "a plan says whose account it is for, a template is for any",
    "IAM915": "a public access block is part of its bucket in a template, so it is there before the policy",
}

# Resources that stand for something that templates do not have: the credentials of a `provider` block.
IN_TEMPLATES_ONLY = {"ImportFunction"}


def logical_id(address: str) -> str:
    """What the template calls the resource that a Terraform block belongs to; empty for what templates do not have."""
    if address in ELSEWHERE:
        return ELSEWHERE[address]
    type_, _, label = address.partition(".")
    words = re.findall(r"[A-Za-z0-9]+", label)
    return "".join(word[:1].upper() + word[1:] for word in words) + NOUNS[type_] if type_ in NOUNS else ""


@cache
def scanned(path: Path) -> Report:
    return scan([str(path)], Options())


def mistakes(path: Path) -> set[tuple[str, str, str]]:
    return {
        (finding.code, finding.subject.address, finding.verdict)
        for finding in scanned(path).findings
        if finding.code not in DIFFERENT
    }


@pytest.mark.parametrize("stack", STACKS)
def test_the_same_stack_makes_the_same_mistakes(stack):
    template = EXAMPLES / "cloudformation" / stack / "template.yaml"
    shared = set(re.findall(r"^  (\w+):$", template.read_text(encoding="utf-8"), flags=re.MULTILINE))
    plan = {
        (code, logical_id(address), verdict)
        for code, address, verdict in mistakes(EXAMPLES / "terraform" / stack / "plan.json")
    }
    found = mistakes(template)
    known = {item for item in plan if item[1] in shared}
    assert known
    assert {item for item in found if item[1] not in IN_TEMPLATES_ONLY} == known


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_reported_in_terraform_s_words(stack):
    for finding in scanned(EXAMPLES / "cloudformation" / stack / "template.yaml").findings:
        said = (finding.subject.address, finding.subject.type, finding.message, *finding.evidence)
        said += tuple(text for item in finding.related for text in (item.origin.address, item.origin.type, item.note))
        assert not any("aws_" in text for text in said), said
        assert finding.subject.span is not None or finding.subject.type == "output"
