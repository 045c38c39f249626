"""What a change set brings is what the template brings beside its older version; alone, it shows less, and nothing else."""

import json
from pathlib import Path

import pytest
from change_set_made import change_set

from iacscan.engine import ExitCode, Options, exit_code, scan
from iacscan.errors import InputError, UsageError
from iacscan.finding import State
from iacscan.load import load

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "cloudformation"
STACKS = sorted(path.parent for path in EXAMPLES.glob("*/template.yaml"))


@pytest.fixture
def made(tmp_path):
    def made(old, new):
        path = tmp_path / "changes.json"
        path.write_text(json.dumps(change_set(old, new)))
        return path

    return made


def news(path, **options):
    """Violations that the change brings or makes worse."""
    report = scan([str(path)], Options(**options))
    return {
        (finding.code, finding.subject.address)
        for finding in report.findings
        if finding.verdict == "violation" and finding.state in {State.NEW, State.WORSE}
    }


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)
def test_a_template_beside_its_change_set_is_as_beside_its_older_version(made, stack):
    new, old = stack / "template.yaml", stack / "repaired" / "template.yaml"
    known = news(new, older=str(old))
    assert known
    assert news(new, older=str(made(old, new))) == known


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)
def test_a_change_set_that_repairs_brings_nothing(made, stack):
    new, old = stack / "template.yaml", stack / "repaired" / "template.yaml"
    assert news(old, older=str(made(new, old))) == news(old, older=str(new))


CHANGES = EXAMPLES / "changes"


@pytest.mark.parametrize("stack", ["changes", "protection"])
def test_an_example_is_what_its_two_templates_make(stack):
    made = change_set(EXAMPLES / stack / "deployed.yaml", EXAMPLES / stack / "template.yaml")
    assert json.loads((EXAMPLES / stack / "change-set.json").read_text()) == made


def test_a_change_set_alone_tells_what_it_brings():
    assert news(CHANGES / "change-set.json") == {("IAM208", "AgencyRole"), ("IAM917", "Photos")}


def test_what_a_change_set_does_not_show_is_not_missing():
    """The bucket's policy, which refuses plain HTTP, does not change; so the change set does not have it."""
    report = scan([str(CHANGES / "change-set.json")], Options())
    assert ("IAM602", "undecided") in {(finding.code, finding.verdict) for finding in report.findings}
    assert "IAM602" not in {code for code, _ in news(CHANGES / "template.yaml", older=str(CHANGES / "change-set.json"))}


def test_a_group_of_a_change_set_may_have_members_that_do_not_change(tmp_path):
    path = tmp_path / "changes.json"
    after = json.dumps({"Properties": {"Path": "/a/"}})
    change = {"Action": "Add", "LogicalResourceId": "G", "ResourceType": "AWS::IAM::Group", "AfterContext": after}
    path.write_text(json.dumps({"ChangeSetId": "c", "Changes": [{"ResourceChange": change}]}))
    found = {(item.code, item.verdict) for item in scan([str(path)], Options()).findings}
    assert ("IAM308", "undecided") in found
    assert ("IAM308", "violation") not in found


def test_the_values_of_parameters_come_from_the_change_set(tmp_path):
    template = tmp_path / "t.yaml"
    template.write_text(
        "Parameters: {Who: {Type: String}}\n"
        "Resources:\n"
        "  R:\n"
        "    Type: AWS::IAM::Role\n"
        "    Properties:\n"
        "      AssumeRolePolicyDocument:\n"
        '        Version: "2012-10-17"\n'
        "        Statement: [{Effect: Allow, Principal: {AWS: !Ref Who}, Action: 'sts:AssumeRole'}]\n"
    )
    path = tmp_path / "changes.json"
    parameters = [{"ParameterKey": "Who", "ParameterValue": "*"}, {"ParameterKey": "Gone", "ParameterValue": "x"}]
    after = json.dumps({"Properties": {"AssumeRolePolicyDocument": {}}})
    change = {"Action": "Add", "LogicalResourceId": "R", "ResourceType": "AWS::IAM::Role", "AfterContext": after}
    path.write_text(json.dumps({"ChangeSetId": "c", "Parameters": parameters, "Changes": [{"ResourceChange": change}]}))
    assert ("IAM208", "R") in news(template, older=str(path))
    assert ("IAM208", "R") not in news(template, older=str(path), parameters={"Who": "123456789012"})


def test_what_the_template_cannot_know_comes_from_the_change_set(tmp_path):
    """A parameter that is kept in Systems Manager, and a resource that a macro makes."""
    template = tmp_path / "t.yaml"
    template.write_text(
        "Transform: Ours\n"
        "Resources:\n"
        "  R:\n"
        "    Type: AWS::IAM::Role\n"
        "    Properties:\n"
        "      AssumeRolePolicyDocument:\n"
        '        Version: "2012-10-17"\n'
        "        Statement:\n"
        "          - Effect: Allow\n"
        "            Principal: {AWS: '{{resolve:ssm:/who}}'}\n"
        "            Action: 'sts:AssumeRole'\n"
    )
    open_ = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    after = json.dumps({"Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [open_]}}})
    changes = [
        {
            "ResourceChange": {
                "Action": "Add",
                "LogicalResourceId": name,
                "ResourceType": "AWS::IAM::Role",
                "AfterContext": after,
            }
        }
        for name in ("R", "Macro")
    ]
    path = tmp_path / "changes.json"
    path.write_text(json.dumps({"ChangeSetId": "c", "Changes": changes}))
    assert news(template) == set()
    assert {("IAM208", "R"), ("IAM208", "Macro")} <= news(template, older=str(path))


def test_what_a_change_set_hides_counts_as_new(tmp_path):
    """It says that the role changes, and not from what."""
    template = CHANGES / "template.yaml"
    described = json.loads((CHANGES / "change-set.json").read_text())
    for change in described["Changes"]:
        if change["ResourceChange"]["LogicalResourceId"] == "AgencyRole":
            del change["ResourceChange"]["BeforeContext"]
    path = tmp_path / "changes.json"
    path.write_text(json.dumps(described))
    assert ("IAM208", "AgencyRole") in news(template, older=str(path))


def test_the_change_set_of_another_template_is_refused():
    template = EXAMPLES / "roles" / "template.yaml"
    with pytest.raises(InputError, match="is of another template"):
        load(str(template), older=str(CHANGES / "change-set.json"))
    report = scan([str(template)], Options(older=str(CHANGES / "change-set.json")))
    assert exit_code(report, Options()) is ExitCode.INPUT


def test_a_change_set_has_no_older_version():
    with pytest.raises(UsageError):
        load(str(CHANGES / "change-set.json"), older=str(CHANGES / "deployed.yaml"))


def test_what_stands_in_a_nested_stack_that_changes_counts_as_new(tmp_path):
    """It has a change set of its own, which is not at hand."""
    (tmp_path / "inner.yaml").write_text(
        "Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties: {ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']}\n"
    )
    template = tmp_path / "t.yaml"
    nested = "Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}"
    template.write_text(f"Resources:\n  Changed: {{{nested}}}\n  Same: {{{nested}}}\n")
    context = json.dumps({"Properties": {"TemplateURL": "https://s3.amazonaws.com/x/inner.yaml"}})
    change = {"Action": "Modify", "LogicalResourceId": "Changed", "ResourceType": "AWS::CloudFormation::Stack"}
    change |= {"BeforeContext": context, "AfterContext": context}
    path = tmp_path / "changes.json"
    path.write_text(json.dumps({"ChangeSetId": "c", "Changes": [{"ResourceChange": change}]}))
    assert {address for _, address in news(template, older=str(path))} == {"Changed/U"}


def test_nothing_that_changes_is_nothing_to_complain_of(tmp_path):
    path = tmp_path / "changes.json"
    reason = "The submitted information didn't contain changes. Submit different information to create a change set."
    path.write_text(json.dumps({"ChangeSetId": "c", "Status": "FAILED", "StatusReason": reason, "Changes": []}))
    report = scan([str(path)], Options())
    assert exit_code(report, Options()) is ExitCode.CLEAN
    assert [item.notes for item in report.inputs] == [("the change set changes nothing",)]
