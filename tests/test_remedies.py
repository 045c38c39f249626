"""What rules say and advise is in the language of the input; and what they advise can be read, and breaks no rule."""

import re
import textwrap
from datetime import date
from types import FunctionType

import pytest

from iacscan.engine import Options, scan
from iacscan.errors import DefectError
from iacscan.finding import Severity, Violation
from iacscan.rules._registry import all_rules
from iacscan.rules._rule import rule as make_rule
from iacscan.spelling import as_in_template
from iacscan.testing import run_example, world_of

# No template can break these.
ONLY_IN_TERRAFORM = {
    "IAM110": "CloudFormation has no resource for the password policy of an account",
    "IAM111": "CloudFormation has no resource for the credentials of single services",
    "IAM204": "CloudFormation has no resource for the secrets of CI providers",
    "IAM310": "in a template these properties are the usual way, and exclusive for nobody",
    "IAM311": "attachments of CloudFormation are exclusive for nobody",
    "IAM312": "CloudFormation has no resource for a list that is exclusive",
    "IAM906": "CloudFormation has no resource for the public access block of an account",
    "IAM912": "CloudFormation has no resource for objects",
    "IAM915": "the public access block is a part of the bucket in a template, so it is there before the policy",
}
TERRAFORM = re.compile(
    r"```hcl|\baws_[a-z]|\bHCL\b|\b[Tt]erraform\b|\bdata sources?\b|\bjsonencode\b|\blifecycle\b|\bapply\b"
)

# Words of Terraform, and names of its attributes; a public access block is one of S3.
JARGON = re.compile(
    r"\baws_[a-z]|(?<!access )\bblocks?\b|\battributes?\b|\bplan(?:s|ned)?\b|\b(?:the|every|next|after|on) apply\b|\bapplied\b"
    r"|\b[Tt]erraform\b|\b(?:the|in) state\b|\bfor_each\b|\b[a-z]+_[a-z_]+\b"
)
ADDRESS = re.compile(r"(?:module\.\w+\.)*(?:data\.)?[a-z0-9]+_\w+\.[\w-]+(?:\[[^\]]*\])?")
# What these rules say in the words of Terraform they say of nothing that stands in a template.
OTHERWISE = {
    "IAM101": "tells where a credential stands, in names of the input",
    "IAM106": "tells of a template that the password stands in it",
    "IAM107": "tells of a template that an output shows the secret",
    "IAM202": "tells how a key gets to a workload, in names of the input",
    "IAM302": "tells how documents are merged only where Terraform makes them",
    "IAM408": "names a variable of the input",
    "IAM532": "names claims of providers",
    "IAM702": "which types a template's organization has enabled is never known",
    "IAM719": "CloudFormation has no resource for delegated administrators",
    "IAM913": "of all that is shared, CloudFormation has public repositories only",
}

FENCES = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DECLARED = re.compile(r"^(\w+):$", re.MULTILINE)
REFERRED = re.compile(r"!Ref (\w+)\b(?!::)|!GetAtt (\w+)\.|\$\{(\w+)[.}]")
TRUST = """
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]"""
POLICY = """
    PolicyDocument:
      Version: "2012-10-17"
      Statement: [{Effect: Allow, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-central-1:111122223333:jobs"}]"""
KEY = """
    KeyPolicy:
      Version: "2012-10-17"
      Statement: [{Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}]"""
# What a piece of a template lacks, but not the template that it is put into.
ELSEWHERE = {
    "IAM602": "the policy of the bucket",
    "IAM701": "the policies of the organization",
    "IAM702": "the types of policy that are enabled, of which templates say nothing",
}
# What a remedy is about, or only makes milder.
MEANT = {"IAM111": "IAM111", "IAM218": "IAM401"}

# What a remedy refers to without showing it: its type and properties, by the last word of its logical id.
AROUND = {
    "Anchor": "AWS::RolesAnywhere::TrustAnchor",
    "Boundary": f"AWS::IAM::ManagedPolicy{POLICY}",
    "Bucket": "AWS::S3::Bucket",
    "Distribution": "AWS::CloudFront::Distribution",
    "Endpoint": "AWS::EC2::VPCEndpoint",
    "Function": "AWS::Lambda::Function",
    "Group": "AWS::IAM::Group",
    "Key": f"AWS::KMS::Key{KEY}",
    "Organization": "AWS::Organizations::Organization\n    FeatureSet: ALL",
    "Policy": f"AWS::IAM::ManagedPolicy{POLICY}",
    "Pool": "AWS::Cognito::IdentityPool\n    AllowUnauthenticatedIdentities: false",
    "Provider": """AWS::IAM::OIDCProvider
    Url: https://token.actions.githubusercontent.com
    ClientIdList: [sts.amazonaws.com]""",
    "Queue": "AWS::SQS::Queue",
    "Role": f"AWS::IAM::Role{TRUST}",
    "Saml": "AWS::IAM::SAMLProvider",
    "Secret": "AWS::SecretsManager::Secret",
    "Table": "AWS::DynamoDB::Table",
    "Topic": "AWS::SNS::Topic",
    "Unit": "AWS::Organizations::OrganizationalUnit",
    "User": "AWS::IAM::User",
    "Vpc": "AWS::EC2::VPC",
}
# Where statements of a policy stand: with a principal by the service of their actions, else in the policy of a role.
STATEMENTS = {
    "sts": """Type: AWS::IAM::Role
Properties:
  AssumeRolePolicyDocument:
    Version: "2012-10-17"
    Statement:
""",
    "s3": """Type: AWS::S3::BucketPolicy
Properties:
  Bucket: !Ref %s
  PolicyDocument:
    Version: "2012-10-17"
    Statement:
""",
    "sqs": """Type: AWS::SQS::QueuePolicy
Properties:
  Queues: [!Ref %s]
  PolicyDocument:
    Version: "2012-10-17"
    Statement:
""",
    "": """Type: AWS::IAM::ManagedPolicy
Properties:
  Roles: [!Ref HolderRole]
  PolicyDocument:
    Version: "2012-10-17"
    Statement:
""",
}

DAY = date(2026, 11, 1)  # remedies name dates to come

rules = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: f"{rule.code}-{rule.name}")


def fences(text: str, language: str) -> list[str]:
    return [code for found, code in FENCES.findall(text) if found == language]


def as_resources(code: str) -> str:
    """A remedy's code as resources; statements are put into a policy of the kind that they are for."""
    if not code.startswith("- "):
        return code
    service = re.search(r"Action:[\s\[-]*(?:#.*)?[\s-]*(\w+):", code)[1] if "  Principal:" in code else ""
    around = STATEMENTS[service]
    if "%s" in around:
        around %= re.search(r"Resource:[\s-]*(?:!GetAtt |!Sub \$\{)(\w+)", code)[1]
    return "Shown:\n" + textwrap.indent(around + textwrap.indent(code, "      "), "  ")


def as_template(code: str) -> str:
    """A template with a remedy's code, and with whatever it refers to."""
    resources = as_resources(code)
    referred = {name for found in REFERRED.findall(resources) for name in found if name}
    for name in sorted(referred - set(DECLARED.findall(resources))):
        last = re.findall(r"[A-Z][a-z0-9]*", name.removesuffix("Provider") if "Saml" in name else name)[-1]
        type_, _, properties = AROUND[last].partition("\n")
        resources += f"{name}:\n  Type: {type_}\n" + (f"  Properties:\n{properties}\n" if properties else "")
    return f'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n{textwrap.indent(resources, "  ")}'


@rules
def test_a_remedy_that_is_written_in_terraform_has_a_counterpart_for_templates(rule):
    if rule.code in ONLY_IN_TERRAFORM:
        assert not rule.template_fix
    else:
        assert rule.template_fix or not TERRAFORM.search(rule.fix)
    assert not TERRAFORM.search(rule.template_fix)


def test_a_report_speaks_the_language_of_the_input():
    (rule,) = (rule for rule in all_rules() if rule.code == "IAM904")
    assert 'resource "aws_s3_bucket_public_access_block"' in rule.remedy(in_template=False)
    assert "Type: AWS::S3::Bucket" in rule.remedy(in_template=True)
    (both,) = (rule for rule in all_rules() if rule.code == "IAM807")
    assert both.remedy(in_template=True) == both.fix


@rules
def test_a_rule_speaks_to_templates_without_words_of_terraform(rule):
    """Its examples are Terraform; what it says of them is what it would say of a template, but for the names in the input."""
    if rule.code in {*ONLY_IN_TERRAFORM, *OTHERWISE}:
        return
    for example in rule.examples:
        for verdict in run_example(rule, example).verdicts:
            said = (verdict.message, verdict.remedy or "", *(item.note for item in verdict.related))
            shown = [line for line in verdict.evidence if not line.startswith("{")]
            for text in (*said, *shown):
                told = ADDRESS.sub("", as_in_template(text))
                assert not JARGON.search(told), told


def test_a_section_of_another_name_is_refused():
    """A slip in the name would otherwise hide the remedy."""
    doc = "Fault.\n\n## Why it matters\n\nSo.\n\n## How to fix it\n\nSo.\n\n## How to fix it in Cloudformation\n\nSo.\n"
    check = FunctionType((lambda _: iter(())).__code__, {"__doc__": doc, "__name__": "iacscan.rules.roles.misspelt"})
    with pytest.raises(DefectError, match=r'unknown section "## How to fix it in Cloudformation"'):
        make_rule(code="IAM299", severity=Severity.LOW, references=(), examples=())(check)


SHOWN = [(rule, code) for rule in all_rules() for code in fences(rule.template_fix, "yaml")]


def test_there_is_code_for_nearly_every_rule():
    assert {rule.code for rule in all_rules()} - {rule.code for rule, _ in SHOWN} == {
        *ONLY_IN_TERRAFORM,
        "IAM702",
        "IAM807",
    }


@pytest.mark.parametrize(("rule", "code"), SHOWN, ids=[rule.code for rule, _ in SHOWN])
def test_a_remedy_for_templates_is_read_whole_and_breaks_no_rule(rule, code, tmp_path):
    template = tmp_path / "template.yaml"
    template.write_text(as_template(code), encoding="utf-8")
    report = scan([str(template)], Options(today=DAY))
    (one,) = report.inputs
    assert (one.status, one.error, one.notes, one.unseen, one.coverage.unknown) == ("scanned", "", (), (), ())
    shown = set(DECLARED.findall(as_resources(code)))
    passed = {*ELSEWHERE, MEANT.get(rule.code)} - {rule.code}
    assert [
        (finding.code, finding.subject.address, finding.message)
        for finding in report.findings
        if finding.code in {rule.code, "IAM316"}  # which says that something is written twice
        or (finding.subject.address in shown and finding.severity >= Severity.MEDIUM)
        if finding.code not in passed
    ] == []


BLOCKS = re.compile(r"^(resource|data|provider|output|statement|condition|principals) ", re.MULTILINE)
HOLDER = """
resource "%s" "shown" {
  %s = "reports"
  policy = data.aws_iam_policy_document.shown.json
}

data "aws_iam_policy_document" "shown" {
%s}
"""
STATEMENT = """statement {
  actions   = ["s3:GetObject"]
  resources = ["arn:aws:s3:::reports/*"]
%s%s}
"""
SERVICE = """  principals {
    type        = "Service"
    identifiers = ["s3.amazonaws.com"]
  }
"""


def as_source(code: str) -> str:
    """Whole blocks; statements, and parts of one, are put into the policy of a role or, if they tell of callers, of a bucket."""
    if BLOCKS.match(code)[1] in {"condition", "principals"}:
        code = STATEMENT % (SERVICE * ("aws:SourceArn" in code), code)
    if not code.startswith("statement "):
        return code
    holder = ("aws_s3_bucket_policy", "bucket") if "principals" in code else ("aws_iam_role_policy", "role")
    return HOLDER % (*holder, code)


WHOLE = [
    (rule, as_source(code))
    for rule in all_rules()
    for code in fences(rule.fix, "hcl")
    if BLOCKS.match(code) and MEANT.get(rule.code) != rule.code
]


@pytest.mark.parametrize(("rule", "code"), WHOLE, ids=[rule.code for rule, _ in WHOLE])
def test_a_remedy_in_terraform_does_not_break_its_rule(rule, code):
    """What cannot be decided hangs on what the remedy refers to, and does not show."""
    verdicts = rule.check(world_of(code))
    assert [verdict.message for verdict in verdicts if isinstance(verdict, Violation)] == []
