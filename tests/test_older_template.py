"""A template beside its older version, and with values for its parameters: what is new, and what values decide."""

import json
from pathlib import Path

import pytest

from iacscan import cli
from iacscan.engine import ExitCode, Options, exit_code, scan
from iacscan.errors import InputError
from iacscan.finding import State
from iacscan.load import load

ROLE = """
Parameters:
  Env: {Type: String, Default: dev}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Function:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: work
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: %s, Resource: "*"}]
"""
OPEN = """
  Open:
    Type: AWS::S3::Bucket
    %s
    Properties:
      AccessControl: PublicRead
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: false, IgnorePublicAcls: false, BlockPublicPolicy: false, RestrictPublicBuckets: false}
"""
MODEST = ROLE % '"dynamodb:ListTables"'
ADMIN = ROLE % '"*"'


@pytest.fixture
def change(tmp_path):
    """Scan a template beside an older version of it; findings by code."""

    def go(old, new, **options):
        (tmp_path / "old.yaml").write_text(old, encoding="utf-8")
        (tmp_path / "new.yaml").write_text(new, encoding="utf-8")
        return scan([str(tmp_path / "new.yaml")], Options(older=str(tmp_path / "old.yaml"), **options))

    return go


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def go(*arguments):
        with pytest.raises(SystemExit) as exit_:
            cli.main(arguments)
        return exit_.value.code

    return go


def states(report, code):
    return {finding.state for finding in report.findings if finding.code == code}


def actions(side):
    return {block.address: block.action for block in side.blocks}


def test_what_the_new_version_brings_is_new(change):
    report = change(MODEST, ADMIN)
    assert states(report, "IAM402") == {State.NEW}
    assert exit_code(report, Options()) is ExitCode.FINDINGS


def test_what_both_versions_have_was_there_already(change):
    report = change(ADMIN, ADMIN)
    assert states(report, "IAM402") == {State.EXISTING}
    assert exit_code(report, Options()) is ExitCode.CLEAN


def test_what_another_resource_brings_leaves_the_rest_as_it_was(change):
    report = change(ADMIN, ADMIN + OPEN % "")
    assert states(report, "IAM402") == {State.EXISTING}
    assert states(report, "IAM901") == {State.NEW}


def test_what_the_new_version_takes_away_is_fixed(change):
    assert states(change(ADMIN, MODEST), "IAM402") == {State.FIXED}


def test_a_resource_that_is_taken_out_takes_its_findings_along_unless_it_is_retained(change):
    assert states(change(MODEST + OPEN % "", MODEST), "IAM901") == {State.FIXED}
    retained = OPEN % "DeletionPolicy: Retain"
    assert states(change(MODEST + retained, MODEST), "IAM901") == {State.EXISTING}


def test_a_resource_that_may_be_retained_may_still_be_there(change, tmp_path):
    """Neither is it said to be mended, nor is what it protects said to be protected for certain."""
    perhaps = MODEST.replace("Conditions:", "  Keep: {Type: String}\nConditions:") + OPEN % "DeletionPolicy: !Ref Keep"
    assert states(change(perhaps, MODEST), "IAM901") == {State.EXISTING}
    loaded = load(str(tmp_path / "new.yaml"), older=str(tmp_path / "old.yaml"))
    (before,) = (block for block in loaded.before.blocks if block.address == "Open")
    (after,) = (block for block in loaded.after.blocks if block.address == "Open")
    assert (before.possible, before.action) == (False, "forget")
    assert (after.possible, after.action) == (True, "forget")


@pytest.mark.parametrize(
    ("stack", "resource", "left"),
    [
        ("Retain", "Delete", True),
        ("Delete", "Retain", True),
        ("Delete", "Delete", False),
        ("Delete", "Snapshot", False),
    ],
)
def test_a_resource_goes_with_its_stack_unless_one_of_the_two_is_retained(change, tmp_path, stack, resource, left):
    (tmp_path / "inner.yaml").write_text(f"Resources: {{B: {{Type: AWS::S3::Bucket, DeletionPolicy: {resource}}}}}")
    outer = (
        f"Net: {{Type: AWS::CloudFormation::Stack, DeletionPolicy: {stack}, Properties: {{TemplateURL: inner.yaml}}}}"
    )
    change(MODEST + f"  {outer}\n", MODEST)
    loaded = load(str(tmp_path / "new.yaml"), older=str(tmp_path / "old.yaml"))
    assert ("Net/B" in {block.address for block in loaded.after.blocks}) is left


def test_an_open_condition_is_compared_with_the_same_choice_before(change):
    conditional = OPEN % "Condition: IsProd"
    assert states(change(MODEST + conditional, MODEST + conditional), "IAM901") == {State.EXISTING}
    assert states(change(MODEST, MODEST + conditional), "IAM901") == {State.NEW}


def test_a_secret_that_stood_there_already_is_not_news(change):
    function = """
  Caller:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Function.Arn
      Code: {ZipFile: "pass"}
      Environment: {Variables: {AWS_ACCESS_KEY_ID: AKIAQX4TPD7WLMZNR2VB}}
"""
    assert states(change(MODEST, MODEST + function), "IAM101") == {State.NEW}
    assert states(change(MODEST + function, MODEST + function), "IAM101") == {State.EXISTING}


def test_each_resource_tells_what_happens_to_it(tmp_path):
    one = MODEST + OPEN % "" + "  Same: {Type: AWS::SNS::Topic}\n"
    other = ADMIN + "  Same: {Type: AWS::SNS::Topic}\n  Fresh: {Type: AWS::SQS::Queue}\n"
    (tmp_path / "old.yaml").write_text(one, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(other, encoding="utf-8")
    loaded = load(str(tmp_path / "new.yaml"), older=str(tmp_path / "old.yaml"))
    assert actions(loaded.before) == {"Function": "update", "Open": "delete", "Same": "no-op"}
    assert actions(loaded.after) == {"Function": "update", "Same": "no-op", "Fresh": "create"}


def test_the_older_version_may_lack_a_parameter_that_has_a_value(change):
    older = MODEST.replace("  Env: {Type: String, Default: dev}\n", "  Other: {Type: String, Default: a}\n")
    older = older.replace("!Ref Env", "!Ref Other")
    report = change(older, ADMIN, parameters={"Env": "prod"})
    assert [item.status for item in report.inputs] == ["scanned"]
    assert states(report, "IAM402") == {State.NEW}


def test_an_older_version_that_cannot_be_read_fails_and_is_named(tmp_path):
    (tmp_path / "new.yaml").write_text(ADMIN, encoding="utf-8")
    (tmp_path / "old.json").write_text('{"a": 1}', encoding="utf-8")
    for older in ("old.json", "missing.yaml"):
        with pytest.raises(InputError, match=f"its older version .*{older}"):
            load(str(tmp_path / "new.yaml"), older=str(tmp_path / older))


def test_only_one_template_has_an_older_version(run, capsys):
    Path("a.yaml").write_text(ADMIN, encoding="utf-8")
    Path("b.yaml").write_text(ADMIN, encoding="utf-8")
    assert run("a.yaml", "b.yaml", "--before", "a.yaml") == ExitCode.USAGE
    Path("source").mkdir()
    Path("source", "main.tf").write_text('resource "aws_iam_user" "a" {\n  name = "a"\n}\n', encoding="utf-8")
    assert run("source", "--before", "a.yaml") == ExitCode.USAGE
    assert "is no template" in capsys.readouterr().err


def test_values_of_parameters_decide_what_defaults_leave_open(run, capsys):
    Path("stack.yaml").write_text(MODEST + OPEN % "Condition: IsProd", encoding="utf-8")
    Path("dev.json").write_text(json.dumps({"Env": "dev"}), encoding="utf-8")
    Path("prod.json").write_text(json.dumps(["Env=prod"]), encoding="utf-8")
    assert run("stack.yaml") == ExitCode.FINDINGS  # it may be prod
    assert run("stack.yaml", "--parameters", "dev.json") == ExitCode.CLEAN
    assert run("stack.yaml", "--parameters", "prod.json") == ExitCode.FINDINGS
    assert run("ask", "stack.yaml", "--parameters", "dev.json", "--public") == 1
    assert run("ask", "stack.yaml", "--parameters", "prod.json", "--public") == 0
    capsys.readouterr()


def test_a_file_of_parameters_that_is_none_is_wrong_usage(run, capsys):
    Path("stack.yaml").write_text(MODEST, encoding="utf-8")
    Path("odd.json").write_text("[1]", encoding="utf-8")
    assert run("stack.yaml", "--parameters", "missing.json") == ExitCode.USAGE
    assert run("stack.yaml", "--parameters", "odd.json") == ExitCode.USAGE
    assert "of no form that AWS takes" in capsys.readouterr().err


def test_a_value_for_a_parameter_that_the_template_lacks_makes_it_unreadable(run, capsys):
    Path("stack.yaml").write_text(MODEST, encoding="utf-8")
    Path("more.json").write_text(json.dumps({"Enviroment": "dev"}), encoding="utf-8")
    assert run("stack.yaml", "--parameters", "more.json") == ExitCode.INPUT
    assert "it has no parameter Enviroment" in capsys.readouterr().out


def test_many_small_inputs_do_not_each_pay_for_looking_for_garbage(run, monkeypatch, capsys):
    looked = []
    monkeypatch.setattr("iacscan.engine.gc.collect", lambda: looked.append(1))
    for number in range(5):
        Path(f"{number}.yaml").write_text(MODEST, encoding="utf-8")
    assert run(".") == ExitCode.CLEAN
    assert not looked
    capsys.readouterr()
