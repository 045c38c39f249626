"""What a choice that the input leaves open would bring is reported, and says when."""

from textwrap import dedent

import pytest

from iacscan.engine import Options, scan

STATEMENT = "{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: !Sub '${Bucket.Arn}/*'}"
TEMPLATE = """
Parameters:
  Public: {{Type: String, Default: '{default}'}}
Conditions:
  IsPublic: !Equals [!Ref Public, 'yes']
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        IgnorePublicAcls: true
        BlockPublicPolicy: !If [IsPublic, false, true]
        RestrictPublicBuckets: !If [IsPublic, false, true]
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - {statement}
"""


@pytest.fixture
def public(tmp_path):
    """The findings of a template that its own default, or another value, makes a bucket public by."""

    def public(default):
        path = tmp_path / "template.yaml"
        path.write_text(dedent(TEMPLATE.format(default=default, statement=STATEMENT)))
        report = scan([str(path)], Options(only=("bucket-policy-public-read",)))
        assert [item.status for item in report.inputs] == ["scanned"]
        return report.findings

    return public


def test_what_the_default_brings_is_said_without_a_condition(public):
    (finding,) = public("yes")
    assert finding.verdict == "violation"
    assert "when condition" not in finding.message


def test_what_another_value_brings_is_said_with_its_condition(public):
    (finding,) = public("no")
    assert finding.verdict == "violation"
    assert finding.message.endswith(", when condition IsPublic is true")


def test_a_template_whose_resources_all_depend_on_a_choice_is_not_empty(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text("""
Parameters: {Make: {Type: String, Default: 'no'}}
Conditions: {Made: !Equals [!Ref Make, 'yes']}
Resources:
  User: {Type: AWS::IAM::User, Condition: Made, Properties: {ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']}}
""")
    report = scan([str(path)], Options())
    assert [item.status for item in report.inputs] == ["scanned"]
    assert report.findings
    assert all(finding.message.endswith(", when condition Made is true") for finding in report.findings)


def test_a_choice_that_only_changes_what_a_statement_names_is_no_second_finding(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(
        dedent("""
        Parameters:
          Prefix: {Type: String, Default: ''}
        Conditions:
          HasPrefix: !Not [!Equals [!Ref Prefix, '']]
        Resources:
          Logs: {Type: 'AWS::S3::Bucket'}
          Policy:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: !Ref Logs
              PolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Principal: {Service: cloudtrail.amazonaws.com}
                    Action: s3:PutObject
                    Resource: !If [HasPrefix, !Sub '${Logs.Arn}/logs/AWSLogs/*', !Sub '${Logs.Arn}/AWSLogs/*']
                  - !If
                    - HasPrefix
                    - {Effect: Allow, Principal: {Service: logging.s3.amazonaws.com}, Action: 's3:PutObject', Resource: !Sub '${Logs.Arn}/*'}
                    - !Ref AWS::NoValue
        """)
    )
    found = scan([str(path)], Options(only=("service-principal-without-source",))).findings
    assert [(item.message.partition(" may ")[0], "when condition" in item.message) for item in found] == [
        ("cloudtrail.amazonaws.com", False),
        ("cloudtrail.amazonaws.com and logging.s3.amazonaws.com", True),
    ]


EXCLUSIVE = """
Parameters: {Other: {Type: String}}
Conditions:
  Europe: !Equals [!Ref AWS::Region, eu-west-1]
  Elsewhere: !Not [!Condition Europe]
  Unrelated: !Equals [!Ref Other, 'yes']
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
  Function:
    Type: AWS::Lambda::Function
    Condition: Europe
    Properties: {Role: !GetAtt Role.Arn, Handler: a.b, Runtime: python3.13, Code: {ZipFile: x}}
  Rights:
    Type: AWS::IAM::Policy
    Condition: %s
    Properties:
      PolicyName: rights
      Roles: [!Ref Role]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: '*', Resource: '*'}]
"""


@pytest.mark.parametrize(("condition", "together"), [("Europe", True), ("Unrelated", True), ("Elsewhere", False)])
def test_what_excludes_each_other_is_not_told_together(tmp_path, condition, together):
    """A function in one region and an administrator's policy in all others make no administrator of the function."""
    path = tmp_path / "template.yaml"
    path.write_text(EXCLUSIVE % condition)
    report = scan([str(path)], Options(only=("admin-on-compute-role",)))
    named = {related.origin.address for item in report.findings for related in item.related}
    assert ("Function" in named and "Rights" in named) is together


def test_a_policy_that_only_stands_in_another_world_is_counted_once(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text("""
Parameters: {Make: {Type: String, Default: 'no'}, Other: {Type: String, Default: 'no'}, Free: {Type: String}}
Conditions:
  Made: !Equals [!Ref Make, 'yes']
  Too: !Or [!Condition Made, !Equals [!Ref Other, 'yes']]
Resources:
  Always: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: {Effect: Deny, Action: '*', Resource: '*'}}}}
  Some: {Type: AWS::IAM::ManagedPolicy, Condition: Made, Properties: {PolicyDocument: !Ref Free}}
  Part:
    Type: AWS::IAM::ManagedPolicy
    Condition: Too
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: !Ref Free, Resource: '*'}}}
  Full:
    Type: AWS::IAM::ManagedPolicy
    Condition: Too
    Properties: {PolicyDocument: {Statement: {Effect: Deny, Action: 's3:*', Resource: '*'}}}
""")
    (read,) = scan([str(path)], Options()).inputs
    assert (read.coverage.analysed, read.coverage.partial) == (2, 1)
    ((place, because),) = read.coverage.unknown
    assert place == "Some.PolicyDocument"
    assert because.endswith(", when condition Made is true")
