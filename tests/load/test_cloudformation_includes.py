import pytest

from iacscan.errors import InputError
from iacscan.load.cloudformation import load_template
from iacscan.value import Unknown

INCLUDE = "{Name: AWS::Include, Parameters: {Location: %s}}"
ROLE = "Type: AWS::IAM::Role"


@pytest.fixture
def load(tmp_path):
    """Load a template in a repository that has these files."""

    def load(text, /, **files):
        (tmp_path / ".git").mkdir(exist_ok=True)
        place = tmp_path / "stacks"
        place.mkdir(exist_ok=True)
        for name, content in files.items():
            (place / f"{name}.yaml").write_text(content)
        path = place / "t.yaml"
        return load_template(str(path), text.encode())

    return load


def at(location):
    return INCLUDE % location


def test_resources_may_stand_in_another_file(load):
    text = f"Resources:\n  Fn::Transform: {at('more.yaml')}\n  U: {{Type: AWS::IAM::User}}\n"
    loaded = load(text, more="V: {Type: AWS::IAM::User, Properties: {Path: /v/}}")
    found = {block.address: block for block in loaded.after.blocks}
    assert set(found) == {"U", "V"}
    assert found["V"].get("Path") == "/v/"
    assert (found["V"].span.file, found["V"].span.line) == (found["U"].span.file, 2)
    assert loaded.unevaluated == ()


def test_any_part_may_be_included(load):
    text = f"""
Mappings: {{Fn::Transform: {at("maps.yaml")}}}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      Path: !FindInMap [Of, A, Path]
      AssumeRolePolicyDocument: {{Fn::Transform: {at("trust.json")}}}
  W: {{Fn::Transform: {at("role.yaml")}}}
"""
    loaded = load(text, maps="Of: {A: {Path: /a/}}", role=f"{ROLE}\nProperties: {{RoleName: w}}", trust="", t="")
    role, whole = loaded.after.blocks
    assert role.get("Path") == "/a/"
    assert isinstance(role.get("AssumeRolePolicyDocument"), Unknown)  # trust.json is not there
    assert whole.get("RoleName") == "w"


@pytest.mark.parametrize(
    "location",
    [
        "s3://bucket/more.yaml",
        "!Ref Where",
        "../../more.yaml",
        "/more.yaml",
        "missing.yaml",
        ".hidden.yaml",
        "broken.yaml",
    ],
)
def test_what_is_not_here_may_bring_anything(load, tmp_path, location):
    (tmp_path.parent / "more.yaml").write_text("V: {Type: AWS::IAM::User}")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / ".hidden.yaml").write_text("V: {Type: AWS::IAM::User}")
    loaded = load(f"Resources:\n  Fn::Transform: {at(location)}\n  U: {{Type: AWS::IAM::User}}\n", broken="V: [")
    assert [block.address for block in loaded.after.blocks] == ["U"]
    shown = "" if location.startswith("!") else f" of {location}"
    assert loaded.unevaluated == (f"what AWS::Include{shown} makes (line 2)",)


def test_a_link_that_leads_out_of_the_repository_is_not_followed(load, tmp_path):
    outside = tmp_path.parent / f"{tmp_path.name}-outside.yaml"
    outside.write_text("V: {Type: AWS::IAM::User}")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "link.yaml").symlink_to(outside)
    loaded = load(f"Resources:\n  Fn::Transform: {at('link.yaml')}\n  U: {{Type: AWS::IAM::User}}\n")
    assert [block.address for block in loaded.after.blocks] == ["U"]


def test_a_resource_that_a_macro_makes_is_named_and_stops_nothing(load):
    loaded = load("Resources:\n  U: {Type: AWS::IAM::User}\n  M: {Fn::Transform: {Name: Maker}}\n")
    assert [block.address for block in loaded.after.blocks] == ["U"]
    assert loaded.unevaluated == ("what Maker makes of M (line 3)",)


def test_a_macro_beside_the_type_or_in_the_properties_may_change_the_resource(load):
    loaded = load(
        "Resources:\n  A: {Type: AWS::IAM::User, Fn::Transform: {Name: One}}\n"
        "  B: {Type: AWS::IAM::User, Properties: {Fn::Transform: {Name: Two}}}\n"
    )
    assert [block.address for block in loaded.after.blocks] == ["A", "B"]
    assert loaded.unevaluated == ("what One makes of A (line 2)", "B (what Two makes of it, line 3)")


def test_what_would_hide_another_part_is_refused(load):
    with pytest.raises(InputError, match="line 2: includes U, which is there already"):
        load(
            f"Resources:\n  Fn::Transform: {at('more.yaml')}\n  U: {{Type: AWS::IAM::User}}\n",
            more="U: {Type: AWS::IAM::Group}",
        )


def test_a_nested_template_includes_from_beside_itself(load, tmp_path):
    inner = tmp_path / "stacks" / "inner"
    inner.mkdir(parents=True)
    (inner / "child.yaml").write_text(
        f"AWSTemplateFormatVersion: 2010-09-09\nResources: {{Fn::Transform: {at('part.yaml')}}}"
    )
    (inner / "part.yaml").write_text("V: {Type: AWS::IAM::User}")
    loaded = load("Resources: {S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner/child.yaml}}}")
    assert [block.address for block in loaded.after.blocks] == ["S", "S/V"]


def test_sam_sees_the_definition_that_is_included(load):
    text = f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: p, DefinitionBody: {{Fn::Transform: {at("api.yaml")}}}}}}}
"""
    (api,) = load(text, api="x-amazon-apigateway-policy: {Statement: {Effect: Allow}}\npaths: {}").after.blocks
    assert api.get("Policy") == {"Statement": {"Effect": "Allow"}}
