"""One stack, written in Terraform and in CloudFormation, is one estate and makes the same mistakes in the same places.

Some templates are written by hand, others are made of the source by `as_template`; what only a plan has is in `test_source_equals_plan`.
"""

import re
from functools import cache
from pathlib import Path

import pytest
from as_template import ROWS
from as_template_part import sayable
from as_template_records import differences
from as_template_stack import STACK
from as_template_twins import Twins, twins
from msgspec.structs import replace

from iacscan import testing
from iacscan.engine import Options, scan
from iacscan.load.block import Side
from iacscan.load.terraform_source import load_source
from iacscan.report import Report
from iacscan.rules._registry import all_rules

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
    "aws_instance": "Instance",
    "aws_iot_policy": "Policy",
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


TEMPLATES = sorted({*(EXAMPLES / "cloudformation").rglob("template.yaml"), *EXAMPLES.rglob("*.template.json")})
# A public access block is one of S3, and a service is what an SCP applies to.
JARGON = re.compile(
    r"\baws_[a-z]|(?<!access )\bblocks?\b|\battributes?\b|\bplan\b|\b(?:the|every|next|after|on) apply\b|\bapplied\b|\b[Tt]erraform\b"
    r"|\b(?:the|in) state\b|\bfor_each\b|\bjsonencode\b|```hcl"
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(EXAMPLES).parent))
def test_nothing_is_reported_in_terraform_s_words(template):
    for finding in scanned(template).findings:
        said = (finding.subject.address, finding.subject.type, finding.message, finding.remedy, *finding.evidence)
        said += tuple(text for item in finding.related for text in (item.origin.address, item.origin.type, item.note))
        assert [text for text in said if JARGON.search(text)] == []
        assert finding.subject.span is not None or finding.subject.type == "output"


SOURCES = sorted(
    str(path.parent.relative_to(EXAMPLES / "terraform")) for path in (EXAMPLES / "terraform").rglob("plan.json")
)
ENABLED = "CloudFormation cannot enable policy types, so that it is done elsewhere"
LENGTH = "how long a document is shows only in a template, and when Terraform has written it"
AROUND = "what Terraform computes from several values may have more around it than their texts"
FOLDED = "the one is an argument where the other is a resource of its own"
WORKED_OUT = "what is known inside of an argument is written as the value that it is, and not as a reference"
SECRET = "Terraform keeps the secret of a key in its state; CloudFormation keeps none"  # noqa: S105  no secret
AT_ONCE = "a public access block is part of its bucket in a template, so it is there before the policy"
# What differs by nature between the source and the template that is made of it: fields by the kind of their record.
FIELDS = {
    ("credential_literals", "path"): "it is a place in the text",
    ("is_template", ""): "it is what differs",
    ("key_flows", "path"): "it is a place in the text",
    ("lambda_permissions", "source_account"): AROUND,
    ("lambda_permissions", "source_arn"): AROUND,
    ("mentions", "S3BucketTelemetry"): WORKED_OUT,
    ("organization_policies", "content"): LENGTH,
    ("organizations", "enabled_policy_types"): ENABLED,
    ("types", "AWS::CloudFront::OriginAccessControl"): "no rule asks for it, so it has no name of Terraform's",
    ("types", "aws_cloudfront_origin_access_control"): "no rule asks for it, so it has no name of Terraform's",
    ("types", "aws_s3_bucket_acl"): FOLDED,
}
IN_ONE_OF_EVERYTHING = {
    ("credential_literals", "path"),
    ("is_template", ""),
    ("types", "aws_s3_bucket_website_configuration"),
}
RULES = {
    "IAM107": SECRET,
    "IAM701": ENABLED,
    "IAM702": ENABLED,
    "IAM707": LENGTH,
    "IAM713": ENABLED,
    "IAM714": ENABLED,
    "IAM915": AT_ONCE,
}


@cache
def made_of(stack: str) -> tuple[Twins, ...]:
    """What a template can say of a stack's source, as both."""
    loaded = load_source(EXAMPLES / "terraform" / stack)
    blocks, _ = sayable(loaded.after.blocks)
    left = {block.address for block in blocks if block.mode == "managed"}
    credentials = tuple(leaf for leaf in loaded.credentials if leaf.address in left)
    return tuple(twins(replace(loaded, after=Side(blocks), outputs=(), module_sources=(), credentials=credentials)))


def test_a_template_made_of_the_source_is_the_same_estate():
    unexpected, met = [], set()
    for stack in SOURCES:
        for pair in made_of(stack):
            for item in differences(*pair.records()):
                met.add((item.kind, item.field))
                if (item.kind, item.field) not in FIELDS:
                    unexpected.append(f"{stack}, {pair.way}: {item}")
    assert not unexpected, "\n".join(unexpected[:20])
    assert met == FIELDS.keys(), "fields that do not differ any more"


def test_every_type_that_a_template_can_say_is_the_same_record():
    """The stack has one of everything that no example has."""
    unexpected, met = [], set()
    for pair in twins(testing._load(STACK)):
        for item in differences(*pair.records()):
            met.add((item.kind, item.field))
            if (item.kind, item.field) not in IN_ONE_OF_EVERYTHING:
                unexpected.append(f"{pair.way}: {item}")
    assert not unexpected, "\n".join(unexpected[:20])
    assert met == IN_ONE_OF_EVERYTHING


def test_no_type_is_taught_for_nothing():
    met = {block.type for block in testing._load(STACK).after.blocks}
    met |= {block.type for stack in SOURCES for block in load_source(EXAMPLES / "terraform" / stack).after.blocks}
    texts = "".join(example.terraform + example.before for rule in all_rules() for example in rule.examples)
    assert {type_ for type_ in ROWS.keys() - met if f'"{type_}"' not in texts} == set()


def test_a_template_made_of_the_source_makes_the_same_mistakes():
    differ = {}
    for stack in SOURCES:
        for pair in made_of(stack):
            for rule in all_rules():
                source, template = pair.said(rule)
                if source != template:
                    differ.setdefault(rule.code, []).append((stack, pair.way, source - template, template - source))
    assert differ.keys() == RULES.keys(), {code: differ[code] for code in differ.keys() - RULES.keys()}
