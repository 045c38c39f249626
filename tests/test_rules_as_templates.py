"""Every rule says of a template what it says of the same stack in Terraform, as far as a template can say its examples.

A new rule is held to it by its examples. If none of its bad ones can be a template, `ONLY_TERRAFORM` says why; if one uses a type
that `as_template_types` and `as_template_more` do not know, that is to be taught.
"""

import re
from pathlib import Path

import pytest
from as_template import ROWS, NotSayable
from as_template_part import sayable
from as_template_reasons import NOT_SAYABLE
from as_template_records import differences
from as_template_twins import twins_of

from iacscan import testing
from iacscan.load.terraform_source import load_source
from iacscan.rules._registry import all_rules
from iacscan.stamp import stamp

RULES = all_rules()
STACKS = Path(__file__).resolve().parent.parent / "examples" / "terraform"
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.code}-{rule.name}")

# Rules of which no bad example can be a template: the entry of NOT_SAYABLE that one of them meets.
ONLY_TERRAFORM = {
    "IAM110": ("aws_iam_account_password_policy",),
    "IAM111": ("aws_iam_service_specific_credential",),
    "IAM203": ("aws_ssm_parameter", "type", "SecureString"),
    "IAM204": ("github_actions_secret",),
    "IAM207": ("provider", "allowed_account_ids"),
    "IAM310": ("aws_iam_role", "inline_policy"),
    "IAM311": ("aws_iam_policy_attachment",),
    "IAM312": ("aws_iam_role_policies_exclusive",),
    "IAM609": ("provider", "allowed_account_ids"),
    "IAM615": ("provider", "allowed_account_ids"),
    "IAM702": ("aws_organizations_organization", "enabled_policy_types"),
    "IAM712": ("aws_organizations_organization", "enabled_policy_types"),
    "IAM906": ("aws_s3_account_public_access_block",),
    "IAM910": ("provider", "allowed_account_ids"),
    "IAM912": ("aws_s3_object",),
    "IAM913": ("aws_ami_launch_permission",),
}

NO_STATE = "Terraform keeps the secret of a key in its state; CloudFormation keeps none"
AT_ONCE = "a public access block is part of its bucket in a template, so it is there before the policy"
ONE_BLOCK = "a bucket of a template keeps its one public access block, which another rule judges by what it is now"
# Verdicts that differ by nature: rule, and what the example is there to show.
DIFFERENT_VERDICTS = {
    ("IAM107", "the secret is in the state"): NO_STATE,
    ("IAM915", "it waits for something else"): AT_ONCE,
    ("IAM915", "the block allows it, if it comes first"): AT_ONCE,
    ("IAM915", "the block refuses it, if it comes first"): AT_ONCE,
    ("IAM917", "whether the new block does the same is not known"): ONE_BLOCK,
}

PLACE = "it is a place in the text"
FOLDED = "the one is an argument where the other is a resource of its own"
CREATED = "the harness takes both sides of a change in Terraform as if they were new"
# Fields that differ by nature: kind of record, field (or element).
DIFFERENT_FIELDS = {
    ("credential_literals", "path"): PLACE,
    ("key_flows", "path"): PLACE,
    ("is_template", ""): "it is what differs",
    (
        "organizations",
        "enabled_policy_types",
    ): "CloudFormation cannot enable policy types, so that it is done elsewhere",
    ("types", "aws_s3_bucket_acl"): FOLDED,
    ("types", "aws_sns_topic_policy"): FOLDED,
    ("gone", "S3BucketData"): ONE_BLOCK,
    ("bucket_policies", "waits_for"): CREATED,
    ("public_access_blocks", "waits_for"): CREATED,
}

TERRAFORM_S = re.compile(
    r"\b(?:aws_\w+|"
    + "|".join(sorted({name for ways in ROWS.values() for way in ways for name in way.keys if "_" in name}))
    + r")\b"
)


@EACH_RULE
def test_a_template_gets_the_verdicts_of_its_source(rule):
    differ = {}
    for example in rule.examples:
        for pair in () if isinstance(found := twins_of(example), NotSayable) else found:
            source, template = pair.said(rule)
            if source != template:
                differ[rule.code, example.because] = (pair.way, source - template, template - source)
    expected = {key for key in DIFFERENT_VERDICTS if key[0] == rule.code}
    assert differ.keys() == expected, differ


@EACH_RULE
def test_a_bad_example_of_each_rule_is_a_template_or_it_is_said_why_not(rule):
    bad = [twins_of(example) for example in rule.examples if example.verdict == "bad"]
    reasons = {found.key for found in bad if isinstance(found, NotSayable)}
    if reasons and all(isinstance(found, NotSayable) for found in bad):
        assert ONLY_TERRAFORM.get(rule.code) in reasons, f"say in ONLY_TERRAFORM which one it is: {reasons}"
    else:
        assert rule.code not in ONLY_TERRAFORM, "a template says it"


def test_only_rules_that_there_are_have_exceptions():
    assert ONLY_TERRAFORM.keys() | {code for code, _ in DIFFERENT_VERDICTS} <= {rule.code for rule in RULES}
    assert set(ONLY_TERRAFORM.values()) <= NOT_SAYABLE.keys()


def test_everything_that_is_said_to_be_no_template_is_met():
    met = set()
    for example in (example for rule in RULES for example in rule.examples):
        if isinstance(found := twins_of(example), NotSayable):
            met |= {found.key, *sayable(testing._load(example.terraform).after.blocks)[1]}
    for path in sorted(STACKS.rglob("plan.json")):
        met |= sayable(load_source(path.parent).after.blocks)[1]
    assert (
        met <= NOT_SAYABLE.keys() <= met | {("@missing",), ("@twice",)}
    )  # these two hold for whatever is written next


@EACH_RULE
def test_what_is_said_of_a_template_is_in_its_words(rule):
    for example in rule.examples:
        for pair in () if isinstance(found := twins_of(example), NotSayable) else found:
            for verdict in rule.check(pair.template):
                said = stamp(rule, verdict, pair.template.estate)
                notes = [item.note for item in said.related]
                for text in (said.subject.address, said.subject.type, said.message, said.key, *said.evidence, *notes):
                    assert not TERRAFORM_S.search(text), text


def test_a_template_has_the_records_of_its_source():
    unexpected, met = [], set()
    for rule in RULES:
        for number, example in enumerate(rule.examples, start=1):
            for pair in () if isinstance(found := twins_of(example), NotSayable) else found:
                for item in differences(*pair.records()):
                    met.add((item.kind, item.field))
                    if (item.kind, item.field) not in DIFFERENT_FIELDS:
                        unexpected.append(f"{rule.code}, example {number}, {pair.way}: {item}")
    assert not unexpected, "\n".join(unexpected[:20])
    assert met == DIFFERENT_FIELDS.keys(), "fields that do not differ any more"
