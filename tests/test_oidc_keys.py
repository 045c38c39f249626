"""Keys of conditions that are computed from an OIDC provider: what the model holds of them, and what rules say.

A key is a text where the provider's URL is known, and else a symbol with the claim at its end: the rules judge what is asked of
the claim. What nobody can say stays unknown.
"""

import json
from pathlib import Path

import pytest

from iacscan.engine import Options, scan
from iacscan.load import load
from iacscan.normalise import normalise
from iacscan.policy.document import Condition
from iacscan.value import Unknown

HOST = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
ISSUER = "aws_eks_cluster.c.identity[0].oidc[0].issuer"
OPEN = "⟦aws_iam_openid_connect_provider.open⟧"  # its URL is known after apply
STACK = f"""
variable "arn" {{}}
variable "host" {{}}
resource "aws_eks_cluster" "c" {{
  name = "c"
}}
module "eks" {{
  source = "terraform-aws-modules/eks/aws"
}}
resource "aws_iam_openid_connect_provider" "open" {{
  url = {ISSUER}
}}
resource "aws_iam_openid_connect_provider" "known" {{
  url = "https://{HOST}"
}}
locals {{
  host = replace({ISSUER}, "https://", "")
  made = try(element(split("oidc-provider/", aws_iam_openid_connect_provider.known.arn), 1), "")
}}
"""
DATA = """
data "aws_iam_policy_document" "d" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [PROVIDER]
    }
    condition {
      test     = "StringLike"
      variable = KEY
      values   = ["VALUE"]
    }
  }
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.d.json
}
"""
ENCODED = """
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = PROVIDER }
      Condition = { StringLike = { (KEY) = "VALUE" } }
    }]
  })
}
"""
HEREDOC = """
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = <<-EOF
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
     "Principal": {"Federated": "${PROVIDER}"}, "Condition": {"StringLike": {"${KEY}": "VALUE"}}}]}
  EOF
}
"""
FORMS = {"data": DATA, "jsonencode": ENCODED, "heredoc": HEREDOC}
ARN = "aws_iam_openid_connect_provider.open.arn"
POD = "system:serviceaccount:shop:orders"


@pytest.fixture
def keys(tmp_path):
    """The conditions' keys of all roles of a source or a template; None for those that are not known."""

    def keys(text, name="main.tf"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return model_keys(str(tmp_path if name.endswith(".tf") else tmp_path / name))

    return keys


def model_keys(path):
    _, estate = normalise(load(path))
    return [
        item.key if isinstance(item, Condition) else None
        for role in estate.roles
        if not isinstance(role.trust, Unknown)
        for statement in role.trust.statements
        for item in statement.conditions
    ]


def json_role(key, form):
    """The same in JSON, as generators write it: beside STACK, in a file of its own."""
    text = key[1:-1] if key.startswith('"') else f"${{{key}}}"
    action, principal = "sts:AssumeRoleWithWebIdentity", f"${{{ARN}}}"
    trust = f'{{"Statement": [{{"Effect": "Allow", "Action": "{action}", "Principal": {{"Federated": "{principal}"}},'
    trust += f' "Condition": {{"StringLike": {{"{text}": "{POD}"}}}}}}]}}'
    statement = {
        "actions": [action],
        "principals": {"type": "Federated", "identifiers": [principal]},
        "condition": [{"test": "StringLike", "variable": text, "values": [POD]}],
    }
    generated = {
        "for_each": [POD],
        "iterator": "who",
        "content": {**statement["condition"][0], "values": ["${who.value}"]},
    }
    statements = {
        "data": statement,
        "dynamic": {**statement, "condition": [], "dynamic": {"condition": generated}},
    }
    policy = trust if form == "text" else "${data.aws_iam_policy_document.d.json}"
    document = {
        "data": {"aws_iam_policy_document": {"d": {"//": {"metadata": {}}, "statement": statements.get(form, [])}}}
    }
    return json.dumps(
        {
            "//": {"metadata": {"version": "0.20.0"}},
            **document,
            "resource": {"aws_iam_role": {"r": {"name": "r", "assume_role_policy": policy}}},
        },
        indent=2,
    )


def role(key, form="data", value=POD, provider=ARN):
    return STACK + FORMS[form].replace("KEY", key).replace("VALUE", value).replace("PROVIDER", provider)


@pytest.fixture
def findings(tmp_path):
    def findings(text, name="main.tf"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        report = scan([str(tmp_path if name.endswith(".tf") else tmp_path / name)], Options())
        codes = ("IAM210", "IAM211", "IAM213", "IAM214", "IAM215", "IAM532")
        return {(item.code, item.verdict) for item in report.findings if item.code in codes}

    return findings


KEYS = [
        ('"${replace(aws_iam_openid_connect_provider.open.url, "https://", "")}:sub"', f"{OPEN}:sub"),
        ('"${replace(aws_iam_openid_connect_provider.open.arn, "/^(.*provider/)/", "")}:sub"', f"{OPEN}:sub"),
        ('"${split("oidc-provider/", aws_iam_openid_connect_provider.open.arn)[1]}:sub"', f"{OPEN}:sub"),
        ('"${replace(aws_iam_openid_connect_provider.known.url, "https://", "")}:sub"', f"{HOST}:sub"),
        ('"${trimprefix(aws_iam_openid_connect_provider.known.url, "https://")}:aud"', f"{HOST}:aud"),
        ('"${replace(aws_iam_openid_connect_provider.known.arn, "/^(.*provider/)/", "")}:sub"', f"{HOST}:sub"),
        ('"${local.made}:sub"', f"{HOST}:sub"),
        ('"${local.host}:sub"', f"⟦{ISSUER} without https://⟧:sub"),
        ('format("%s:sub", local.host)', f"⟦{ISSUER} without https://⟧:sub"),
        ('"${replace(module.eks.cluster_oidc_issuer_url, "https://", "")}:sub"',
         "⟦module.eks.cluster_oidc_issuer_url without https://⟧:sub"),
        ('"${module.eks.oidc_provider}:sub"', "⟦module.eks.oidc_provider⟧:sub"),
        ('"${replace(var.arn, "/^(.*provider/)/", "")}:sub"', "⟦var.arn after provider/⟧:sub"),
        ('"${var.host}:sub"', "⟦var.host⟧:sub"),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("key", "expected"), KEYS)
def test_a_key_is_known_or_a_symbol_of_its_provider(keys, form, key, expected):
    assert keys(role(key, form)) == [expected]


@pytest.mark.parametrize("form", ["data", "dynamic", "text"])
@pytest.mark.parametrize(("key", "expected"), KEYS)
def test_it_is_the_same_in_json(keys, tmp_path, form, key, expected):
    (tmp_path / "cdk.tf.json").write_text(json_role(key, form), encoding="utf-8")
    assert keys(STACK) == [expected]


@pytest.mark.parametrize(
    "key",
    [
        '"${upper(local.host)}:sub"',
        '"${replace(aws_iam_openid_connect_provider.open.url, "s://", "")}:sub"',
        '"${split("/", local.host)[0]}:sub"',
        '"${replace(upper(aws_iam_openid_connect_provider.open.url), "HTTPS://", "")}:sub"',
        "var.host",
        '"aws:PrincipalTag/${var.host}"',
        '"${var.host}:RequestTag/x"',
    ],
)
def test_what_is_computed_otherwise_or_is_no_claim_stays_unknown(keys, key):
    assert keys(role(key)) == [None]


@pytest.mark.parametrize("form", ["data", "jsonencode"])
@pytest.mark.parametrize("key", ['"${upper(local.host)}:sub"', "var.host"])
def test_what_is_asked_under_an_unknown_key_is_undecided(findings, form, key):
    assert findings(role(key, form)) == {("IAM210", "undecided")}


def test_a_cut_of_what_the_evaluator_knows_is_made_by_the_evaluator(tmp_path):
    text = """
    variable "url" { default = "https://a.example.com" }
    resource "aws_eks_cluster" "c" {}
    locals {
      known = replace(var.url, "https://", "")
      open  = replace(aws_eks_cluster.c.endpoint, "https://", "")
      table = { "a.example.com" = "found" }
    }
    resource "aws_iam_role" "r" {
      for_each = toset([local.known])
      name     = each.key
      tags = {
        looked = lookup(local.table, replace(var.url, "https://", ""), "missing")
        empty  = coalesce(replace("", "https://", ""), "default")
        twice  = trimprefix(trimprefix("https://https://a", "https://"), "https://")
        upper  = upper(local.known)
        lost   = upper(local.open)
        cannot = lookup(local.table, replace(aws_eks_cluster.c.endpoint, "https://", ""), "missing")
        asked  = local.open == "a.example.com" ? "yes" : "no"
        whose  = trimprefix(aws_eks_cluster.c.endpoint, "https://")
      }
    }
    """
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    block = next(item for item in load(str(tmp_path)).after.blocks if item.type == "aws_iam_role")
    assert block.address == 'aws_iam_role.r["a.example.com"]'
    tags = block.get("tags")
    known = {name: text for name, text in tags.items() if not isinstance(text, Unknown)}
    assert known == {
        "looked": "found",
        "empty": "default",
        "twice": "a",
        "upper": "A.EXAMPLE.COM",
        "whose": "⟦aws_eks_cluster.c.endpoint without https://⟧",
    }


MODULE = """
variable "trusted" {}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.trusted
    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = [statement.value.arn]
      }
      condition {
        test     = "StringEquals"
        variable = "${replace(statement.value.arn, "/^(.*provider/)/", "")}:sub"
        values   = ["system:serviceaccount:shop:orders"]
      }
    }
  }
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.d.json
}
"""


def test_each_of_several_providers_has_a_key_of_its_own_also_in_a_module(keys, tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(MODULE, encoding="utf-8")
    call = f"""
    module "m" {{
      source = "./m"
      trusted = {{
        a = {{ arn = "arn:aws:iam::111122223333:oidc-provider/{HOST}A" }}
        b = {{ arn = aws_iam_openid_connect_provider.known.arn }}
        c = {{ arn = aws_iam_openid_connect_provider.open.arn }}
      }}
    }}
    """
    assert keys(STACK + call) == [f"{HOST}A:sub", f"{HOST}:sub", f"{OPEN}:sub"]


# -- what rules say ----------------------------------------------------------------------------------------------------

CUT = '"${replace(aws_iam_openid_connect_provider.open.url, "https://", "")}:sub"'


@pytest.mark.parametrize("form", FORMS)
def test_a_key_of_the_provider_that_is_trusted_is_no_mismatch_and_its_subject_is_judged(findings, form):
    assert findings(role(CUT, form)) == set()
    assert findings(role(CUT, form, "system:serviceaccount:*:orders")) == {("IAM215", "violation")}
    assert ("IAM211", "violation") in findings(role(CUT, form, "*"))


def test_a_known_key_of_another_provider_is_a_mismatch(findings):
    other = '"${replace("https://gitlab.com", "https://", "")}:sub"'
    found = findings(role(other, provider="aws_iam_openid_connect_provider.known.arn"))
    assert ("IAM532", "violation") in found


# -- templates ---------------------------------------------------------------------------------------------------------

TEMPLATE = """
Parameters:
  ProviderArn: {{Type: String}}
  Issuer: {{Type: String}}
  Host: {{Type: String}}
Resources:
  Cluster: {{Type: 'AWS::EKS::Cluster', Properties: {{RoleArn: 'arn:aws:iam::111122223333:role/c'}}}}
  Open: {{Type: 'AWS::IAM::OIDCProvider', Properties: {{Url: !GetAtt Cluster.OpenIdConnectIssuerUrl}}}}
  Known: {{Type: 'AWS::IAM::OIDCProvider', Properties: {{Url: 'https://{host}'}}}}
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: !Sub
        - '{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
          "Principal": {{"Federated": "${{Open}}"}},
          "Condition": {{"StringLike": {{"${{It}}:sub": "{value}"}}}}}}]}}'
        - It: {key}
"""
URL = "⟦aws_eks_cluster.Cluster.open_id_connect_issuer_url"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("!Select [1, !Split ['//', !GetAtt Cluster.OpenIdConnectIssuerUrl]]", f"{URL} after //⟧:sub"),
        ("!Select [1, !Split ['https://', !GetAtt Cluster.OpenIdConnectIssuerUrl]]", f"{URL} after https://⟧:sub"),
        ("!Select [1, !Split ['oidc-provider/', !GetAtt Known.Arn]]", f"{HOST}:sub"),
        ("!Select ['1', !Split [':oidc-provider/', !Ref Known]]", f"{HOST}:sub"),
        ("!Select [1, !Split ['oidc-provider/', !Ref Open]]", f"{URL}⟧:sub"),
        ("!Select [1, !Split ['oidc-provider/', !Ref ProviderArn]]",
         "⟦aws_cloudformation_parameter.ProviderArn after oidc-provider/⟧:sub"),
        ("!Select [1, !Split ['https://', !Ref Issuer]]", "⟦aws_cloudformation_parameter.Issuer after https://⟧:sub"),
        ("!Ref Host", "⟦aws_cloudformation_parameter.Host⟧:sub"),
        ("!Select [0, !Split ['oidc-provider/', !Ref Open]]", None),
        ("!Select [1, !Split ['/', !Ref ProviderArn]]", None),
        ("!ImportValue host", None),
    ],
)  # fmt: skip
def test_a_key_in_the_text_of_a_template(keys, key, expected):
    assert keys(TEMPLATE.format(host=HOST, value=POD, key=key), "template.yaml") == [expected]


def test_the_subject_under_such_a_key_is_judged(findings):
    key = "!Select [1, !Split ['oidc-provider/', !Ref ProviderArn]]"
    named = TEMPLATE.format(host=HOST, value=POD, key=key)
    wide = TEMPLATE.format(host=HOST, value="system:serviceaccount:*:orders", key=key)
    assert findings(named, "template.yaml") == set()
    assert ("IAM215", "violation") in findings(wide, "template.yaml")


def test_a_parameter_in_a_value_stays_unknown_as_it_may_hold_a_wildcard(tmp_path):
    text = TEMPLATE.format(host=HOST, value="${Host}", key="!Ref Host")
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    _, estate = normalise(load(str(tmp_path / "template.yaml")))
    (condition,) = estate.roles[0].trust.statements[0].conditions
    assert condition.key == "⟦aws_cloudformation_parameter.Host⟧:sub"
    assert isinstance(condition.values[0], Unknown)


def test_the_json_that_the_cdk_makes_for_its_keys(tmp_path, findings):
    host = {"Fn::Select": [1, {"Fn::Split": [":oidc-provider/", {"Ref": "Provider"}]}]}
    pieces = ['{"', host, ':aud":"sts.amazonaws.com","', host, ':sub":"system:serviceaccount:shop:*"}']
    trust = {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Effect": "Allow",
        "Condition": {"StringLike": {"Fn::GetAtt": ["Json", "Value"]}},
        "Principal": {"Federated": {"Ref": "Provider"}},
    }
    template = {
        "Resources": {
            "Cluster": {"Type": "Custom::AWSCDK-EKS-Cluster", "Properties": {"ServiceToken": "x"}},
            "Provider": {
                "Type": "Custom::AWSCDKOpenIdConnectProvider",
                "Properties": {"ServiceToken": "x", "Url": {"Fn::GetAtt": ["Cluster", "OpenIdConnectIssuerUrl"]}},
            },
            "Json": {
                "Type": "Custom::AWSCDKCfnJson",
                "Properties": {"ServiceToken": "x", "Value": {"Fn::Join": ["", pieces]}},
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
            },
        }
    }
    found = findings(json.dumps(template), "template.json")
    assert ("IAM215", "violation") in found
    keys = model_keys(str(tmp_path / "template.json"))
    assert [key.rpartition(":")[2] for key in keys] == ["aud", "sub"]
    assert len({key.rpartition(":")[0] for key in keys}) == 1


# -- plans -------------------------------------------------------------------------------------------------------------


def change(address, after, unknown, action="create"):
    kind, name = address.removeprefix("data.").split(".")
    return {
        "address": address,
        "mode": "data" if action == "read" else "managed",
        "type": kind,
        "name": name,
        "change": {"actions": [action], "before": None, "after": after, "after_unknown": unknown},
    }


def planned():
    """What Terraform shows of `role(CUT)`: the value that is asked for, but not the key, and no more of it than whence it comes."""
    url = {"references": [f"{ARN[:-4]}.url", ARN[:-4]]}
    statement = {
        "actions": ["sts:AssumeRoleWithWebIdentity"],
        "condition": [{"test": "StringLike", "values": ["system:serviceaccount:*:orders"]}],
        "principals": [{"identifiers": [None], "type": "Federated"}],
    }
    unknown = {"condition": [{"values": [False], "variable": True}], "principals": [{"identifiers": [True]}]}
    configured = {
        "actions": {"constant_value": ["sts:AssumeRoleWithWebIdentity"]},
        "condition": [{"test": {"constant_value": "StringLike"}, "variable": url, "values": {}}],
        "principals": [{"type": {"constant_value": "Federated"}, "identifiers": {"references": [ARN, ARN[:-4]]}}],
    }
    document = "data.aws_iam_policy_document.d"
    rows = [
        change("aws_iam_openid_connect_provider.open", {}, {"url": True, "arn": True}),
        change(document, {"statement": [statement]}, {"json": True, "statement": [unknown]}, "read"),
        change("aws_iam_role.r", {"name": "r"}, {"assume_role_policy": True, "arn": True}),
    ]
    resources = [
        {"address": "aws_iam_openid_connect_provider.open", "expressions": {"url": {"references": [ISSUER]}}},
        {"address": document, "mode": "data", "expressions": {"statement": [configured]}},
        {
            "address": "aws_iam_role.r",
            "expressions": {"assume_role_policy": {"references": [f"{document}.json", document]}},
        },
    ]
    return {
        "format_version": "1.2",
        "resource_changes": rows,
        "configuration": {"root_module": {"resources": resources}},
    }


def test_a_plan_alone_does_not_show_the_key_and_its_source_does(tmp_path):
    plan = Path(tmp_path, "plan.json")
    plan.write_text(json.dumps(planned()), encoding="utf-8")
    assert model_keys(str(plan)) == [None]
    alone = scan([str(plan)], Options())
    assert {item.verdict for item in alone.findings if item.code in ("IAM210", "IAM215")} == {"undecided"}

    (tmp_path / "main.tf").write_text(role(CUT, value="system:serviceaccount:*:orders"), encoding="utf-8")
    both = scan([str(plan)], Options())
    assert [(item.code, item.verdict) for item in both.findings if item.code in ("IAM210", "IAM215")] == [
        ("IAM215", "violation")
    ]
