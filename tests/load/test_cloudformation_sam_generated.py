"""What SAM makes can be referred to by the names that SAM documents."""

import pytest
from load.sam import expand

from iacscan.value import Reference, Unknown

STACK = """
F:
  Type: AWS::Serverless::Function
  Properties:
    AutoPublishAlias: live-1
    EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}, OnSuccess: {Type: SNS}}}
    Events: {Get: {Type: Api, Properties: {Path: /, Method: get}}, Web: {Type: HttpApi, Properties: {Path: /w, Method: get}}}
Plain: {Type: AWS::Serverless::Function}
Rest: {Type: AWS::Serverless::Api, Properties: {StageName: dev, Domain: {DomainName: shop.example}}}
Web: {Type: AWS::Serverless::HttpApi}
Named: {Type: AWS::Serverless::HttpApi, Properties: {StageName: beta}}
Circle: {Type: AWS::Serverless::Api, Properties: {StageName: !Ref Circle.Stage}}
"""


def value_of(written):
    _, blocks = expand(STACK + f"X: {{Type: AWS::IAM::User, Properties: {{UserName: {written}}}}}\n")
    return blocks["X"].get("UserName"), blocks["X"].references("UserName")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("!Ref F.Alias", "⟦FAliasliveD1.Ref⟧"),
        ("!Sub '${F.Alias}'", "⟦FAliasliveD1.Ref⟧"),
        ("!GetAtt F.Alias.AliasArn", "⟦FAliasliveD1.AliasArn⟧"),
        ("!Sub '${F.Alias.AliasArn}'", "⟦FAliasliveD1.AliasArn⟧"),
        ("!Ref F.Version", "⟦F.Version⟧"),
        ("!GetAtt F.DestinationQueue.Arn", "⟦FEventInvokeConfigOnFailureQueue.Arn⟧"),
        ("!Ref F.DestinationTopic", "⟦FEventInvokeConfigOnSuccessTopic.Ref⟧"),
        ("!Ref Rest.Stage", "dev"),
        ("!Ref RestdevStage", "dev"),
        ("!Ref Rest.DomainName", "shop.example"),
        ("!Ref Rest.Deployment", "⟦Rest.Deployment⟧"),
        ("!GetAtt Rest.RootResourceId", "⟦Rest.RootResourceId⟧"),
        ("!Sub '${Rest}/${Rest.Stage}'", "⟦Rest.Ref⟧/dev"),
        ("!Ref ServerlessRestApi.Stage", "Prod"),
        ("!Ref ServerlessRestApiProdStage", "Prod"),
        ("!Ref Web.Stage", "$default"),
        ("!Ref WebApiGatewayDefaultStage", "$default"),
        ("!Ref NamedbetaStage", "beta"),
        ("!Ref ServerlessHttpApi.Stage", "$default"),
    ],
)
def test_what_sam_makes_has_its_documented_names(written, value):
    assert value_of(written)[0] == value


def test_what_is_known_by_its_name_only_belongs_to_what_it_is_made_for():
    assert value_of("!Ref F.Version")[1] == (Reference("F", "Version"),)
    assert value_of("!Ref F.Alias")[1] == (Reference("FAliasliveD1", "Ref"),)


@pytest.mark.parametrize("written", ["!Ref Plain.Alias", "!Ref Plain.Version", "!Ref F.Nothing", "!Ref Nobody.Alias"])
def test_what_sam_does_not_make_leads_nowhere(written):
    value, _ = value_of(written)
    assert isinstance(value, Unknown)
    assert value.because.endswith("which the template does not have")


def test_a_stage_that_is_named_after_itself_is_not_known():
    value, _ = value_of("!Ref Circle.Stage")
    assert value == Unknown("refers to Circle.Stage, which is made of itself")
