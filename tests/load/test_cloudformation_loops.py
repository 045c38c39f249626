import pytest

from iacscan.errors import InputError
from iacscan.load.cloudformation import load_template

HEAD = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'a-1, b.2'}
  Open: {Type: CommaDelimitedList}
Mappings: {Of: {Prod: {Names: [x, y]}}}
"""


def load(body, parameters=None, head=HEAD):
    return load_template("t.yaml", (head + body).encode(), parameters)


def addresses(loaded):
    return [block.address for block in loaded.after.blocks]


@pytest.mark.parametrize(
    ("collection", "parameters", "found"),
    [
        ("[One, Two]", None, ["UserOne", "UserTwo"]),
        ("!Ref Names", None, ["Usera1", "Userb2"]),
        ("!Ref Names", {"Names": "c"}, ["Userc"]),
        ("!FindInMap [Of, Prod, Names]", None, ["Userx", "Usery"]),
        ("[]", None, []),
    ],
)
def test_a_loop_goes_through_a_collection_that_is_known(collection, parameters, found):
    loaded = load(
        f"Resources: {{'Fn::ForEach::L': [N, {collection}, {{'User&{{N}}': {{Type: AWS::IAM::User}}}}]}}", parameters
    )
    assert addresses(loaded) == found
    assert loaded.unevaluated == ()


def test_a_loop_through_what_is_not_known_may_make_anything():
    loaded = load("Resources: {'Fn::ForEach::L': [N, !Ref Open, {'U${N}': {Type: AWS::IAM::User}}]}")
    assert addresses(loaded) == []
    assert loaded.unevaluated == ("Fn::ForEach::L (line 7)",)


def test_the_variable_stands_in_texts_and_as_a_reference():
    loaded = load("""
Resources:
  Fn::ForEach::L:
    - N
    - [a-1]
    - R&{N}: {Type: AWS::IAM::User, Properties: {UserName: !Ref N, Path: !Sub '/${N}/${!N}/&{N}/', Groups: ['${N}']}}
""")
    (user,) = loaded.after.blocks
    assert [user.get(key) for key in ("UserName", "Path", "Groups")] == ["a-1", "/a-1/${N}/a1/", ["a-1"]]


def test_loops_within_loops_have_a_variable_each():
    loaded = load("""
Resources:
  Fn::ForEach::Outer:
    - A
    - [x, y]
    - Fn::ForEach::Inner${A}:
        - B
        - ['1', '2']
        - R${A}${B}: {Type: AWS::IAM::User, Properties: {UserName: '${A}-${B}'}}
""")
    assert [block.get("UserName") for block in loaded.after.blocks] == ["x-1", "x-2", "y-1", "y-2"]


def test_conditions_are_written_out():
    head = """
Transform: AWS::LanguageExtensions
Parameters: {Stage: {Type: String, Default: prod}}
Conditions: {'Fn::ForEach::Is': [E, [dev, prod], {'Is${E}': !Equals [!Ref Stage, !Ref E]}]}
"""
    body = "Resources: {'Fn::ForEach::L': [E, [dev, prod], {'U${E}': {Type: AWS::IAM::User, Condition: 'Is${E}'}}]}"
    loaded = load(body, head=head)
    assert addresses(loaded) == ["Uprod"]
    worlds = {variant.label: [block.address for block in variant.side.blocks] for variant in loaded.variants}
    assert worlds["when condition Isdev is true"] == ["Udev"]


def test_conditions_of_a_loop_that_is_not_known_are_not_decided():
    head = HEAD + "Conditions: {'Fn::ForEach::Is': [E, !Ref Open, {'Is${E}': !Equals [a, b]}]}\n"
    (user,) = load("Resources: {U: {Type: AWS::IAM::User, Condition: Isdev}}", head=head).after.blocks
    assert user.possible


def test_a_collection_that_hangs_on_a_condition_ends():
    head = HEAD + "Conditions: {'Fn::ForEach::Is': [E, !If [Isa, [a], [b]], {'Is${E}': !Equals [a, a]}]}\n"
    (user,) = load("Resources: {U: {Type: AWS::IAM::User, Condition: Isa}}", head=head).after.blocks
    assert user.possible


def test_outputs_are_written_out():
    loaded = load("""
Resources: {Ua: {Type: AWS::IAM::User}}
Outputs: {'Fn::ForEach::O': [N, [a], {'Out${N}': {Value: !GetAtt ['U${N}', Arn]}}]}
""")
    assert [(output.name, [str(item) for item in output.references]) for output in loaded.outputs] == [
        ("Outa", ["Ua.Arn"])
    ]


def test_a_loop_in_properties_is_written_out():
    loaded = load("""
Resources:
  U: {Type: AWS::IAM::User, Properties: {'Fn::ForEach::P': [N, [UserName, Path], {'${N}': '/${N}/'}]}}
""")
    (user,) = loaded.after.blocks
    assert (user.get("UserName"), user.get("Path")) == ("/UserName/", "/Path/")


@pytest.mark.parametrize(
    "resources",
    [
        "{U: {Type: AWS::IAM::User}, 'Fn::ForEach::L': [N, [U], {'${N}': {Type: AWS::IAM::Group}}]}",
        "{'Fn::ForEach::L': [N, [a, a], {'U${N}': {Type: AWS::IAM::User}}]}",
        "{'Fn::ForEach::L': [N, [a-b, ab], {'U&{N}': {Type: AWS::IAM::User}}]}",
    ],
)
def test_what_would_hide_another_resource_is_refused(resources):
    with pytest.raises(InputError, match="which is there already"):
        load(f"Resources: {resources}")


def test_without_the_transform_it_is_said_that_the_template_is_refused():
    loaded = load("Resources: {'Fn::ForEach::L': [N, [a], {'U${N}': {Type: AWS::IAM::User}}]}", head="")
    assert addresses(loaded) == ["Ua"]
    assert loaded.notes == (
        "uses Fn::ForEach without the transform AWS::LanguageExtensions, which CloudFormation refuses",
    )


def test_a_loop_in_metadata_is_no_loop():
    loaded = load("Metadata: {'Fn::ForEach::L': [N, [a, a], {'U': 1}]}\nResources: {U: {Type: AWS::IAM::User}}")
    assert addresses(loaded) == ["U"]


def test_a_loop_over_a_resource_is_not_known_and_hides_nothing_else():
    text = b"""
Transform: AWS::LanguageExtensions
Resources:
  B: {Type: AWS::S3::Bucket}
  Fn::ForEach::Over: [N, !Ref B, {'U${N}': {Type: AWS::IAM::User}}]
  Fn::ForEach::Known: [N, [x], {'U${N}': {Type: AWS::IAM::User}}]
"""
    loaded = load_template("t.yaml", text)
    assert [block.address for block in loaded.after.blocks] == ["B", "Ux"]
    assert loaded.unevaluated == ("Fn::ForEach::Over (line 5)",)
