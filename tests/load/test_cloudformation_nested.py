"""Which files a template may have read with it: those of its repository, and those that a build puts below it."""

import json

import pytest

from iacscan.engine import Options, scan
from iacscan.load import load

WORD = "word-of-another-project"
OUTSIDE = f"Resources: {{{WORD}: {{Type: AWS::IAM::User}}}}\n{WORD}: &a *b\n"
NOT_READ = "its template is outside of the repository, or hidden in it"
WAYS = {
    "stack": "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: '%s'}}",
    "stack set": "{Type: AWS::CloudFormation::StackSet, Properties: {TemplateURL: '%s'}}",
    "application": "{Type: AWS::Serverless::Application, Properties: {Location: '%s'}}",
    "asset": "{Type: AWS::CloudFormation::Stack, Metadata: {'aws:asset:path': '%s'}}",
}
CHILD = "Resources: {Inner: {Type: AWS::IAM::User}}\n"


@pytest.fixture
def repository(tmp_path):
    """A repository with a directory of stacks, and a file that is none of its own beside it."""
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / "stacks").mkdir()
    (root / "shared").mkdir()
    (tmp_path / "outside.yaml").write_text(OUTSIDE)
    return root


def written(path, way, location):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Transform: AWS::Serverless-2016-10-31\nResources:\n  Net: {WAYS[way] % location}\n")
    return str(path)


def inner(path):
    return [block.address for block in load(path).after.blocks if "/" in block.address]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "location",
    [
        "../../outside.yaml",
        "../../missing.yaml",
        "../.git/hidden.yaml",
        ".hidden.yaml",
        "../shared/../../outside.yaml",
        "link.yaml",
        "linked/outside.yaml",
    ],
)
def test_nothing_is_read_from_outside_of_the_repository_or_hidden_in_it(repository, way, location):
    stacks = repository / "stacks"
    (repository / ".git" / "hidden.yaml").write_text(OUTSIDE)
    (stacks / ".hidden.yaml").write_text(OUTSIDE)
    (stacks / "link.yaml").symlink_to(repository.parent / "outside.yaml")
    (stacks / "linked").symlink_to(repository.parent)
    path = written(stacks / "main.yaml", way, location)
    report = scan([path], Options())
    assert [item.status for item in report.inputs] == ["scanned"]
    assert report.inputs[0].unseen == (f"Net ({NOT_READ})",)
    assert WORD not in repr(report)


def test_a_nested_template_leads_no_further_out_than_the_first(repository):
    written(repository / "shared" / "middle.yaml", "stack", "../../outside.yaml")
    path = written(repository / "stacks" / "main.yaml", "stack", "../shared/middle.yaml")
    assert inner(path) == ["Net/Net"]
    assert load(path).unevaluated == (f"Net/Net ({NOT_READ})",)


def test_a_link_that_leads_back_to_itself_is_no_template(repository):
    (repository / "stacks" / "loop.yaml").symlink_to("loop.yaml")
    path = written(repository / "stacks" / "main.yaml", "stack", "loop.yaml")
    assert load(path).unevaluated == ("Net (its template is not here)",)


@pytest.mark.parametrize("way", WAYS)
def test_other_directories_of_the_repository_are_read(repository, way):
    (repository / "shared" / "child.yaml").write_text(CHILD)
    assert inner(written(repository / "stacks" / "main.yaml", way, "../shared/child.yaml")) == ["Net/Inner"]


@pytest.mark.parametrize("build", [".aws-sam/build", "cdk.out"])
@pytest.mark.parametrize("is_repository", [True, False])
def test_what_is_built_is_read_where_it_was_built(repository, build, is_repository):
    if not is_repository:
        (repository / ".git").rmdir()
    (repository / build / "Net").mkdir(parents=True)
    (repository / build / "Net" / "template.yaml").write_text(CHILD)
    assert inner(written(repository / build / "template.yaml", "stack", "Net/template.yaml")) == ["Net/Inner"]


def test_outside_of_any_repository_the_directory_of_the_template_is_the_boundary(tmp_path):
    (tmp_path / "child.yaml").write_text(CHILD)
    assert inner(written(tmp_path / "stacks" / "main.yaml", "stack", "../child.yaml")) == []


def test_assets_of_cdk_in_another_assembly_are_read(repository):
    out = repository / "cdk.out"
    (out / "assembly").mkdir(parents=True)
    (out / "Net.nested.template.json").write_text(json.dumps({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}))
    path = written(out / "assembly" / "main.template.json", "asset", "../Net.nested.template.json")
    assert inner(path) == ["Net/B"]
