"""Where a macro may set properties, one that is not written is not known: no finding rests on its absence."""

import pytest

from iacscan.engine import Options, scan
from iacscan.load.cloudformation import load_template
from iacscan.normalise import normalise
from iacscan.value import Unknown

BUCKET = """
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties: {AccessControl: PublicRead%s}
"""
IN_PROPERTIES = BUCKET % ", 'Fn::Transform': {Name: Guard}"
BESIDE = BUCKET % "" + "    Fn::Transform: {Name: Guard}\n"
AMONG = BUCKET % "" + "  Fn::Transform: {Name: Guard}\n"
AROUND = "Transform: [AWS::LanguageExtensions, Guard]\n" + BUCKET % ""
MACROS = pytest.mark.parametrize("text", [IN_PROPERTIES, BESIDE, AMONG, AROUND])


def estate(text):
    return normalise(load_template("t.yaml", text.encode()))[1]


@pytest.fixture
def findings(tmp_path):
    def findings(text, *only):
        path = tmp_path / "t.yaml"
        path.write_text(text)
        report = scan([str(path)], Options(only=only))
        assert [item.status for item in report.inputs] == ["scanned"]
        return {(item.code, item.verdict) for item in report.findings}

    return findings


@MACROS
def test_protection_that_a_macro_may_set_is_not_known(text):
    found = estate(text)
    (block,) = found.public_access_blocks
    assert all(isinstance(value, Unknown) for _, value in block.flags)
    (owner,) = found.ownerships
    assert isinstance(owner.setting, Unknown)
    assert "may be set by " in owner.setting.because
    assert "Guard" in owner.setting.because


@MACROS
@pytest.mark.parametrize(
    ("properties", "rule", "code"),
    [
        ("AccessControl: PublicRead", "bucket-acl-public", "IAM901"),
        ("BucketName: b", "bucket-without-public-access-block", "IAM904"),
    ],
)
def test_what_rests_on_absence_is_no_finding(findings, text, properties, rule, code):
    known = (BUCKET % "").replace("AccessControl: PublicRead", properties)
    assert findings(known, rule) == {(code, "violation")}
    assert (code, "violation") not in findings(text.replace("AccessControl: PublicRead", properties), rule)


@MACROS
def test_what_may_be_open_is_undecided(findings, text):
    assert findings(text, "bucket-acl-public") == {("IAM901", "undecided")}


@pytest.mark.parametrize("transform", ["AWS::Include", "AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"])
def test_a_transform_that_changes_no_resource_leaves_absence_a_fact(transform):
    assert estate(f"Transform: {transform}\n" + BUCKET % "").public_access_blocks == ()


def test_an_include_among_the_resources_changes_none_of_them():
    call = "  Fn::Transform: {Name: AWS::Include, Parameters: {Location: 's3://b/more.yaml'}}\n"
    assert estate(BUCKET % "" + call).public_access_blocks == ()


def test_only_what_protects_is_taken_to_be_there_perhaps():
    """Nobody has a password, a key or a policy because a macro could give it."""
    found = estate("Transform: Guard\nResources: {U: {Type: AWS::IAM::User}, R: {Type: AWS::EFS::FileSystem}}")
    assert (found.login_profiles, found.inline_policies, found.attachments, found.memberships) == ((), (), (), ())
    assert found.resource_policies == ()
    assert isinstance(found.users[0].boundary, Unknown)


def test_what_is_written_stays_known():
    (bucket,) = estate(AROUND).bucket_acls
    assert bucket.canned == "public-read"


def test_a_macro_in_a_function_of_sam_may_set_what_its_role_is_made_of():
    text = """
Transform: AWS::Serverless-2016-10-31
Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: x, Fn::Transform: {Name: Bounds}}}}
"""
    (role,) = estate(text).roles
    assert isinstance(role.boundary, Unknown)


def test_a_policy_in_the_body_of_an_api_is_read_where_a_macro_may_set_another():
    body = "{x-amazon-apigateway-policy: {Statement: {Effect: Allow, Principal: '*', Action: '*', Resource: '*'}}}"
    text = f"Resources: {{A: {{Type: AWS::ApiGateway::RestApi, Properties: {{Body: {body}, Fn::Transform: {{Name: M}}}}}}}}"
    assert [item.kind for item in estate(text).resource_policies if not isinstance(item.document, Unknown)] == [
        "rest-api"
    ]
