"""Questions with wildcards agree with the questions about single requests that they stand for."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from iacscan.access import Access
from iacscan.finding import Origin
from iacscan.graph import Graph
from iacscan.may import Case, Given
from iacscan.model import iam, s3
from iacscan.model import organizations as orgs
from iacscan.model.estate import Estate
from iacscan.names import asker_of
from iacscan.policy.document import Condition, PolicyDocument, Principal, Statement
from iacscan.value import Truth

ACCOUNT = "111122223333"
ARN = f"arn:aws:iam::{ACCOUNT}:user/ada"
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:GetObjectAcl")
KEYS = ("a", "a/b", "b", "b/x", "")
CONDITIONS = (
    (),
    (Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)),),
    (Condition("StringEquals", "aws:PrincipalAccount", (ACCOUNT,)),),
    (Condition("StringEquals", "aws:PrincipalAccount", ("999999999999",)),),
)

actions = st.lists(st.sampled_from((*ACTIONS, "s3:Get*", "s3:*", "*")), min_size=1, max_size=2).map(tuple)
resources = st.lists(
    st.sampled_from(("*", "arn:aws:s3:::logs/*", "arn:aws:s3:::logs/a*", "arn:aws:s3:::logs/b", "arn:aws:s3:::logs/${aws:username}/*")),
    min_size=1,
    max_size=2,
).map(tuple)  # fmt: skip
effects = st.sampled_from(("Allow", "Allow", "Deny"))
conditions = st.sampled_from(CONDITIONS)
callers = st.sampled_from(((Principal("*", "*"),), (Principal("AWS", ARN),), (Principal("AWS", "999999999999"),)))
own = st.lists(
    st.builds(Statement, effect=effects, actions=actions, resources=resources, conditions=conditions), max_size=3
)
shared = st.lists(
    st.builds(
        Statement, effect=effects, actions=actions, resources=resources, conditions=conditions, principals=callers
    ),
    max_size=2,
)


def document(statements):
    return PolicyDocument(version="2012-10-17", statements=tuple(statements))


def estate(mine, theirs):
    user = iam.User(origin=Origin("aws_iam_user.ada", "aws_iam_user"), name="ada", arn=ARN)
    inline = iam.InlinePolicy(
        origin=Origin("aws_iam_user_policy.ada", "aws_iam_user_policy"),
        name="ada",
        holder_kind="user",
        holder="ada",
        document=document(mine),
    )
    bucket = s3.Bucket(origin=Origin("aws_s3_bucket.logs", "aws_s3_bucket"), name="logs", arn="arn:aws:s3:::logs")
    policy = s3.BucketPolicy(
        origin=Origin("aws_s3_bucket_policy.logs", "aws_s3_bucket_policy"), bucket="logs", document=document(theirs)
    )
    return Estate(users=(user,), inline_policies=(inline,), buckets=(bucket,), bucket_policies=(policy,))


@settings(max_examples=60)
@given(own, shared, st.sampled_from(("s3:GetObject", "s3:Get*")), st.sampled_from(("logs/*", "logs/a*")))
def test_all_of_it_and_none_of_it_hold_for_every_single_request(mine, theirs, action, resource):
    made = estate(mine, theirs)
    access, asker, pattern = Access(Graph(made)), asker_of(made.users[0]), f"arn:aws:s3:::{resource}"
    whole = Case(access, asker, action, pattern, Given())
    every, some = whole.every().truth, whole.any().truth
    for one in ACTIONS:
        for key in KEYS:
            arn = f"{pattern[:-1]}{key}"
            if (one == action or (action.endswith("*") and one.startswith("s3:Get"))) and arn != "arn:aws:s3:::logs/":
                answer = Case(access, asker, one, arn, Given()).one().truth
                assert not (every is Truth.YES and answer is not Truth.YES)
                assert not (some is Truth.NO and answer is not Truth.NO)


@settings(max_examples=40)
@given(own, shared)
def test_a_request_that_is_shown_is_decided_as_it_is_said(mine, theirs):
    made = estate(mine, theirs)
    access, asker = Access(Graph(made)), asker_of(made.users[0])
    whole = Case(access, asker, "s3:*", "arn:aws:s3:::logs/*", Given())
    for verdict in (whole.every(), whole.any()):
        if verdict.example is not None:
            assert Case(access, asker, *verdict.example, Given()).one().truth is verdict.truth


def test_service_control_policies_count_for_all_of_it_and_for_any():
    allow = Statement(actions=("s3:*",), resources=("*",))
    made = estate((allow,), ())
    root = orgs.Organization(origin=Origin("o", "aws_organizations_organization"), root_ids=("r-1",))
    account = orgs.Account(origin=Origin("a", "aws_organizations_account"), name="mill", id=ACCOUNT, parent=None)
    target = orgs.PolicyTarget(origin=Origin("t", "aws_organizations_policy_attachment"), policy="p-1", target=ACCOUNT)
    scp = orgs.OrganizationPolicy(
        origin=Origin("aws_organizations_policy.p", "aws_organizations_policy"),
        name="p",
        id="p-1",
        kind="SERVICE_CONTROL_POLICY",
        content="",
        document=document([Statement(effect="Deny", actions=("s3:Put*",), resources=("*",))]),
    )
    made = replace(
        made,
        organizations=(root,),
        accounts_in_organization=(account,),
        organization_policies=(scp,),
        policy_targets=(target,),
    )
    access, asker = Access(Graph(made)), asker_of(made.users[0])

    def case(action):
        return Case(access, asker, action, "arn:aws:s3:::logs/*", Given())

    refused = case("s3:*").every()
    assert (refused.truth, refused.refused) == (Truth.NO, True)
    assert refused.said[0].origin.address == "aws_organizations_policy.p"
    assert case("s3:Get*").every().truth is Truth.YES
    assert case("s3:PutObject*").any().truth is Truth.NO
    assert case("s3:*").any().truth is Truth.YES
