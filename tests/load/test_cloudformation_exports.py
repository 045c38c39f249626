"""What one template exports is what another one imports, if it is clear which export is meant; else it is not known."""

import re
from itertools import permutations
from pathlib import Path

import pytest

from iacscan import engine
from iacscan.engine import Options, scan
from iacscan.load import load
from iacscan.load.cloudformation_exports import Export, Exports, Name
from iacscan.load.cloudformation_peek import exports_among
from iacscan.value import Reference, Unknown

BUCKET = "Bucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: acme-data}}"
READ = """
Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: {'Fn::ImportValue': !Sub '${Network}-Bucket'}
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: '*'
            Action: s3:GetObject
            Resource: !Sub ['${Arn}/*', {Arn: {'Fn::ImportValue': !Sub '${Network}-BucketArn'}}]
"""
NETWORK = f"""
Resources:
  {BUCKET}
Outputs:
  Name: {{Value: !Ref Bucket, Export: {{Name: !Sub '${{AWS::StackName}}-Bucket'}}}}
  Arn: {{Value: !GetAtt Bucket.Arn, Export: {{Name: !Sub '${{AWS::StackName}}-BucketArn'}}}}
"""
APP = "Parameters: {Network: {Type: String}}\n" + READ


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Write templates into the working directory; their names are returned."""
    monkeypatch.chdir(tmp_path)

    def put(**templates):
        for name, text in templates.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        return [f"{name}.yaml" for name in templates]

    return put


@pytest.fixture
def imported(put):
    """What a user's path is, where it imports something; the templates stand beside it."""

    def imported(name, parameters="", given=None, **templates):
        user = f"{parameters}\nResources:\n  User: {{Type: 'AWS::IAM::User', Properties: {{Path: {name}}}}}"
        paths = put(user=user, **templates)
        loaded = load("user.yaml", given, exports=exports_among(paths, given or {}))
        return loaded.after.blocks[0].get("Path")

    return imported


def exporting(name, value="!Ref Bucket", head="", condition=""):
    found = f", Condition: {condition}" if condition else ""
    return f"{head}\nResources:\n  {BUCKET}\nOutputs:\n  Out: {{Value: {value}, Export: {{Name: {name}}}{found}}}"


# -- which export is meant ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exported", "asked", "parameters"),
    [
        ("net-x", "!ImportValue net-x", ""),
        ("!Sub '${AWS::StackName}-x'", "{'Fn::ImportValue': !Sub '${S}-x'}", "Parameters: {S: {Type: String}}"),
        ("!Sub '${AWS::StackName}-x'", "{'Fn::ImportValue': !Sub '${S}-x'}", "Parameters: {S: {Type: String, Default: n}}"),
        ("!Join ['-', [!Ref AWS::StackName, x]]", "{'Fn::ImportValue': !Join ['-', [!Ref S, x]]}", "Parameters: {S: {Type: String}}"),
        ("!Sub '${AWS::StackName}:x'", "!ImportValue network:x", ""),
        ("!Sub '${AWS::Region}-x'", "{'Fn::ImportValue': !Sub '${AWS::Region}-x'}", ""),
    ],
)  # fmt: skip
def test_a_name_with_one_meaning_is_followed(imported, exported, asked, parameters):
    assert imported(asked, parameters, net=exporting(exported)) == "⟦net/Bucket.Ref⟧"


def test_defaults_of_either_side_need_not_agree(imported):
    head = "Parameters: {Env: {Type: String, Default: prod}}"
    user = "Parameters: {Env: {Type: String, Default: dev}}"
    asked = "{'Fn::ImportValue': !Sub '${Env}-x'}"
    assert imported(asked, user, net=exporting("!Sub '${Env}-x'", head=head)) == "⟦net/Bucket.Ref⟧"


def test_defaults_that_agree_decide_between_two(imported):
    def stack(env):
        return exporting("!Sub '${Env}-x'", head=f"Parameters: {{Env: {{Type: String, Default: {env}}}}}")

    user = "Parameters: {Env: {Type: String, Default: dev}}"
    asked = "{'Fn::ImportValue': !Sub '${Env}-x'}"
    assert imported(asked, user, dev=stack("dev"), prod=stack("prod")) == "⟦dev/Bucket.Ref⟧"


def test_a_value_that_is_given_counts_for_sure(imported):
    user = "Parameters: {Env: {Type: String, Default: dev}}"
    asked = "{'Fn::ImportValue': !Sub '${Env}-x'}"
    templates = {"net": exporting("prod-x"), "old": exporting("dev-x")}
    assert imported(asked, user, given={"Env": "prod"}, **templates) == "⟦net/Bucket.Ref⟧"


def test_the_same_form_of_a_name_goes_before_one_that_only_could_be_it(imported):
    templates = {
        "net": exporting("!Sub '${AWS::StackName}-x'"),
        "log": exporting("!Sub '${AWS::StackName}-log-x'"),
    }
    asked = "{'Fn::ImportValue': !Sub '${S}-x'}"
    assert imported(asked, "Parameters: {S: {Type: String}}", **templates) == "⟦net/Bucket.Ref⟧"


def test_two_templates_with_one_name_are_named_and_none_is_chosen(imported):
    found = imported("!ImportValue shared", a=exporting("shared"), b=exporting("shared"))
    assert found == Unknown("what another stack exports as shared, which may be Out in a.yaml, Out in b.yaml")


@pytest.mark.parametrize("asked", ["!ImportValue other", "{'Fn::ImportValue': !Ref S}"])
def test_a_name_that_no_template_has_or_that_is_wholly_open_is_not_known(imported, asked):
    found = imported(asked, "Parameters: {S: {Type: String}}", net=exporting("net-x"))
    assert isinstance(found, Unknown)
    assert found.because.endswith("and no template that is scanned with it")


@pytest.mark.parametrize(("flag", "value"), [("true", "⟦net/Bucket.Ref⟧"), ("false", None)])
def test_an_export_under_a_condition_that_does_not_hold_is_not_known(imported, flag, value):
    head = f"Parameters: {{On: {{Type: String, Default: '{flag}'}}}}\nConditions: {{C: !Equals [!Ref On, 'true']}}"
    found = imported("!ImportValue net-x", net=exporting("net-x", head=head, condition="C"))
    assert found == (value or Unknown("exported as net-x (Out in net.yaml) only if the condition C holds"))


def test_of_two_outputs_with_one_name_the_one_whose_condition_holds_is_meant(imported):
    net = f"""
Conditions: {{C: !Equals [a, b], D: !Equals [a, a]}}
Resources: {{{BUCKET}}}
Outputs:
  One: {{Condition: C, Value: one, Export: {{Name: n-x}}}}
  Two: {{Condition: D, Value: two, Export: {{Name: n-x}}}}
"""
    assert imported("!ImportValue n-x", net=net) == "two"


def test_an_import_comes_through_other_stacks(imported):
    middle = "Resources: {}\nOutputs: {O: {Value: !ImportValue low-x, Export: {Name: mid-x}}}"
    assert imported("!ImportValue mid-x", mid=middle, low=exporting("low-x")) == "⟦low/Bucket.Ref⟧"


def test_a_circle_of_imports_ends_in_not_known(imported):
    def stack(own, other):
        return f"Resources: {{}}\nOutputs: {{O: {{Value: !ImportValue {other}, Export: {{Name: {own}}}}}}}"

    found = imported("!ImportValue a-x", a=stack("a-x", "b-x"), b=stack("b-x", "a-x"))
    assert isinstance(found, Unknown)
    assert "lead back to itself" in found.because


def test_what_is_imported_is_referred_to(put):
    paths = put(net=NETWORK, app=APP)
    policy = load("app.yaml", exports=exports_among(paths, {})).after.blocks[0]
    assert Reference("net/Bucket", "Arn") in policy.references("PolicyDocument")


def test_the_names_of_two_stacks_are_not_one(put):
    same = "{Type: 'AWS::S3::Bucket', Properties: {BucketName: !Sub '${AWS::StackName}-x'}}"
    net = f"Resources: {{B: {same}}}\nOutputs: {{O: {{Value: !Ref B, Export: {{Name: net-b}}}}}}"
    app = f"Resources:\n  B: {same}\n  P: {{Type: 'AWS::S3::BucketPolicy', Properties: {{Bucket: !ImportValue net-b}}}}"
    loaded = load("app.yaml", exports=exports_among(put(net=net, app=app), {}))
    names = {block.address: block.get("BucketName") for block in loaded.after.blocks if block.type == "AWS::S3::Bucket"}
    assert names == {"B": "⟦AWS::StackName⟧-x", "net/B": "⟦net/AWSStackName⟧-x"}


def test_nothing_is_read_where_nothing_is_imported(put):
    assert exports_among(put(a=exporting("x"), b=exporting("y")), {}) is None
    assert exports_among(["gone.yaml", "-"], {}) is None


def test_templates_of_one_file_name_have_aliases_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("net", "app"):
        (tmp_path / name).mkdir()
    (tmp_path / "net" / "template.yaml").write_text(NETWORK)
    (tmp_path / "app" / "template.yaml").write_text(APP)
    exports = exports_among(["net/template.yaml", "app/template.yaml"], {})
    assert dict(exports.aliases) == {"net/template.yaml": "net", "app/template.yaml": "app"}
    assert dict(exports.importers) == {"net/template.yaml": ("app/template.yaml",)}


def test_of_copies_of_a_template_the_one_beside_the_importer_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for stage in ("dev", "prod"):
        (tmp_path / stage / "app").mkdir(parents=True)
        (tmp_path / stage / "network.yaml").write_text(NETWORK)
        (tmp_path / stage / "app" / "template.yaml").write_text(APP)
        (tmp_path / stage / "network" / "old").mkdir(parents=True)
        (tmp_path / stage / "network" / "old" / "network.yaml").write_text(NETWORK)
    (tmp_path / "app.yaml").write_text(APP)
    networks = [f"{stage}/{place}network.yaml" for stage in ("dev", "prod") for place in ("", "network/old/")]
    exports = exports_among([*networks, "dev/app/template.yaml", "prod/app/template.yaml", "app.yaml"], {})
    assert dict(exports.importers) == {
        "dev/network.yaml": ("dev/app/template.yaml",),
        "prod/network.yaml": ("prod/app/template.yaml",),
    }


def test_a_broken_template_exports_nothing_and_stops_nobody(put):
    paths = put(net=NETWORK, broken="Resources: {\nOutputs: Export ImportValue", app=APP)
    assert set(exports_among(paths, {}).aliases) == {"net.yaml", "app.yaml"}


def test_a_name_with_nothing_fixed_means_nothing():
    entry = Export(Name("*-x", "*-x"), "a.yaml", "Out")
    exports = Exports((entry,), {}, {}, {})
    assert exports.meant(Name("*", "*"), "b.yaml") == ()
    assert exports.meant(Name("n-x", "n-x"), "b.yaml") == [entry]


# -- what follows ---------------------------------------------------------------------------------------------------

ROLE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
Outputs:
  Role: {Value: !Ref Role, Export: {Name: base-role}}
"""
POWER = """
Resources:
  Power:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: power
      Roles: [!ImportValue base-role]
      PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}
"""


def told(report):
    return sorted((item.code, item.subject.input, item.subject.address, item.message) for item in report.findings)


def test_a_policy_on_a_bucket_of_another_template_is_judged_with_the_bucket(put):
    report = scan(put(net=NETWORK, app=APP), Options(only=("IAM902",)))
    (finding,) = report.findings
    assert (finding.subject.input, finding.subject.address) == ("net.yaml", "Bucket")
    assert "arn:aws:s3:::acme-data/*" in finding.evidence[0]
    assert [item.origin.address for item in finding.related] == ["app/Policy"]


def test_a_block_of_public_access_in_the_other_template_counts(put):
    closed = NETWORK.replace(
        "BucketName: acme-data",
        "BucketName: acme-data, PublicAccessBlockConfiguration: {BlockPublicAcls: true, IgnorePublicAcls: true,"
        " BlockPublicPolicy: true, RestrictPublicBuckets: true}",
    )
    assert scan(put(net=closed, app=APP), Options(only=("IAM902",))).findings == ()


def test_rights_that_another_template_attaches_to_a_role_count_for_the_role(put):
    (finding,) = scan(put(base=ROLE, power=POWER), Options(only=("IAM402",))).findings
    assert (finding.subject.input, finding.subject.address) == ("base.yaml", "Role")


def test_alone_the_importing_template_knows_nothing_of_the_role(put):
    put(base=ROLE, power=POWER)
    assert scan(["power.yaml"], Options(only=("IAM402",))).findings == ()


def test_neither_the_order_nor_the_number_of_processes_changes_what_is_found(put, monkeypatch):
    paths = put(net=NETWORK, app=APP, base=ROLE, power=POWER)
    orders = [told(scan(order, Options())) for order in permutations(paths)]
    monkeypatch.setattr(engine, "pays", lambda _: True)
    orders.append(told(scan(paths, Options(jobs=2))))
    assert orders[0]
    assert all(order == orders[0] for order in orders)


def test_policies_of_others_are_not_counted_again(put):
    report = scan(put(net=NETWORK, app=APP, base=ROLE, power=POWER), Options())
    counts = {item.path: item.coverage.analysed for item in report.inputs}
    assert counts == {"net.yaml": 0, "app.yaml": 1, "base.yaml": 1, "power.yaml": 1}


def test_what_a_template_is_judged_with_is_noted(put):
    report = scan(put(net=NETWORK, app=APP), Options())
    notes = {item.path: item.notes for item in report.inputs}
    assert "is judged together with what it shares exports with: net.yaml" in notes["app.yaml"]


def test_a_template_without_resources_of_its_own_stays_empty(put):
    empty = "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\nOutputs: {O: {Value: !ImportValue base-role}}"
    statuses = {item.path: item.status for item in scan(put(base=ROLE, empty=empty), Options()).inputs}
    assert statuses == {"base.yaml": "scanned", "empty.yaml": "empty"}


def test_a_suppression_counts_where_it_is_written_and_nowhere_else(put):
    ignored = ROLE.replace(
        "    Type: AWS::IAM::Role", "    # iacscan:ignore=IAM402 reason=reviewed\n    Type: AWS::IAM::Role"
    )
    report = scan(put(base=ignored, power=POWER), Options(only=("IAM402",)))
    assert [(item.subject.input, item.suppressed) for item in report.findings] == [("base.yaml", True)]


EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "cloudformation" / "imports"


def test_the_example_breaks_what_its_comments_name():
    paths = sorted(map(str, EXAMPLES.glob("*.yaml")))
    promised = set(re.findall(r"\bIAM\d{3}\b", "".join(Path(path).read_text() for path in paths)))
    assert promised == {item.code for item in scan(paths, Options()).findings}


def test_the_repaired_example_is_clean():
    report = scan([str(EXAMPLES / "repaired")], Options())
    assert len(report.inputs) == 2
    assert report.findings == ()
    assert all(item.coverage.unknown == () and item.coverage.partial == 0 for item in report.inputs)
