"""Where a parameter with allowed values goes into what is judged, each of them is looked at; the default is said plainly."""

from textwrap import dedent

import pytest

from iacscan.engine import Options, scan
from iacscan.load.cloudformation import MAX_VARIANTS, load_template
from iacscan.load.cloudformation_choices import MAX_VALUES
from iacscan.normalise import reads

POLICY = """
Parameters:
  {parameter}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: 'sts:AssumeRole'}}]
      Policies:
        - PolicyName: own
          PolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Action: {action}, Resource: '*'}}]}}
"""


def labels(text, parameters=None):
    loaded = load_template("t.yaml", dedent(text).encode(), parameters, reads=reads)
    return [variant.label for variant in loaded.variants], loaded.notes


@pytest.fixture
def found(tmp_path):
    """The messages of IAM402 (admin on compute) about a role whose rights a parameter decides."""

    def found(parameter, action="!Ref P", given=None):
        path = tmp_path / "template.yaml"
        path.write_text(POLICY.format(parameter=parameter, action=action))
        report = scan([str(path)], Options(only=("IAM402",), parameters=given or {}))
        return [item.message for item in report.findings]

    return found


def test_what_the_default_brings_is_said_plainly(found):
    (message,) = found("P: {Type: String, Default: '*', AllowedValues: ['*', 's3:GetObject']}")
    assert "when parameter" not in message


def test_what_another_allowed_value_brings_is_said_with_it(found):
    (message,) = found("P: {Type: String, Default: 's3:GetObject', AllowedValues: ['s3:GetObject', '*']}")
    assert message.endswith(", when parameter P is *")


def test_without_a_default_all_are_looked_at(found):
    assert any(
        message.endswith(", when parameter P is *")
        for message in found("P: {Type: String, AllowedValues: ['s3:GetObject', '*']}")
    )


def test_a_mapping_by_the_parameter_is_followed(found):
    text = "P: {Type: String, Default: dev, AllowedValues: [dev, open]}\nMappings: {M: {dev: {A: 's3:GetObject'}, open: {A: '*'}}}"
    (message,) = found(text, "!FindInMap [M, !Ref P, A]")
    assert message.endswith(", when parameter P is open")


def test_a_value_that_is_given_is_the_only_one(found):
    text = "P: {Type: String, Default: 's3:GetObject', AllowedValues: ['s3:GetObject', '*']}"
    assert found(text, given={"P": "s3:GetObject"}) == []
    (message,) = found(text, given={"P": "*"})
    assert "when parameter" not in message


def test_a_parameter_that_only_names_something_or_goes_where_nothing_is_read_is_not_varied():
    found, _ = labels("""
    Parameters:
      Env: {Type: String, Default: dev, AllowedValues: [dev, prod]}
      Size: {Type: String, Default: small, AllowedValues: [small, large]}
    Resources:
      Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Env, Tags: [{Key: a, Value: !Ref Env}]}}
      Host: {Type: AWS::EC2::Instance, Properties: {InstanceType: !Ref Size}}
    """)
    assert found == []


def test_a_parameter_that_is_handed_to_a_nested_stack_is_varied_if_it_matters_there(tmp_path):
    (tmp_path / "child.yaml").write_text("""
Parameters: {Acl: {Type: String}, Env: {Type: String}}
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Env, AccessControl: !Ref Acl}}
""")
    text = b"""
Parameters:
  Acl: {Type: String, Default: Private, AllowedValues: [Private, PublicRead]}
  Env: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Resources:
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: child.yaml, Parameters: {Acl: !Ref Acl, Env: !Ref Env}}
"""
    loaded = load_template(str(tmp_path / "t.yaml"), text, reads=reads)
    assert [variant.label for variant in loaded.variants] == ["when parameter Acl is PublicRead"]
    bucket = loaded.variants[0].side.blocks[1]
    assert (bucket.address, bucket.get("AccessControl")) == ("Nested/Bucket", "PublicRead")


def acl(count, values):
    parameters = "\n".join(
        f"  P{at}: {{Type: String, Default: v0, AllowedValues: [{', '.join(f'v{item}' for item in range(values))}]}}"
        for at in range(count)
    )
    resources = "\n".join(
        f"  B{at}: {{Type: 'AWS::S3::Bucket', Properties: {{AccessControl: !Ref P{at}}}}}" for at in range(count)
    )
    return f"Parameters:\n{parameters}\nResources:\n{resources}\n"


def test_one_parameter_with_few_values_needs_no_note():
    found, notes = labels(acl(1, 3))
    assert found == ["when parameter P0 is v1", "when parameter P0 is v2"]
    assert not any("combination" in note or "tried" in note for note in notes)


def test_several_are_varied_one_by_one_which_is_said():
    found, notes = labels(acl(2, 2))
    assert found == ["when parameter P0 is v1", "when parameter P1 is v1"]
    assert any(note.startswith("not every combination was looked at") and note.endswith("P0, P1") for note in notes)


def test_a_long_list_is_cut_off_which_is_said():
    found, notes = labels(acl(1, 30))
    assert len(found) == MAX_VALUES
    assert f"of the values that are allowed, only the first {MAX_VALUES} are tried: P0" in notes


def test_there_are_only_so_many_worlds_which_is_said():
    found, notes = labels(acl(30, 2))
    assert len(found) == MAX_VARIANTS
    assert any(f"{MAX_VARIANTS} worlds besides the default are" in note for note in notes)
