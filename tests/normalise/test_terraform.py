import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iacscan.load.block import CredentialLeaf, Loaded, Output, Side
from iacscan.model.estate import Estate
from iacscan.normalise import normalise
from iacscan.normalise.terraform import DATA_HANDLERS, HANDLERS
from iacscan.value import Reference, Unknown

READ = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})


def test_nothing_in_nothing_out():
    assert normalise(Loaded("x", "terraform-plan", Side([]), Side([]))) == (Estate(), Estate())


def test_every_policy_is_counted_exactly_once(estate, block, unknown):
    found = estate(
        block("aws_iam_policy.known", {"policy": READ}),
        block("aws_iam_policy.computed", {"policy": unknown("aws_sqs_queue.q arn")}),
        block("aws_iam_policy.partly", {"policy": unknown("data.aws_iam_policy_document.d json")}),
        block("aws_iam_policy.again", {"policy": unknown("data.aws_iam_policy_document.d json")}),
        block(
            "data.aws_iam_policy_document.d",
            {"json": unknown(), "statement": [{"actions": ["s3:*"], "resources": [unknown("local.x")]}]},
        ),
        block("aws_sqs_queue.q", {"name": "q", "policy": READ}),
        block("aws_sns_topic.t", {"name": "t"}),
    ).coverage
    assert (found.analysed, found.partial) == (2, 2)
    assert [place for place, _ in found.unknown] == ["aws_iam_policy.computed.policy"]


@pytest.mark.parametrize("text", ["not json", "[]", '"x"', "{" * 2000])
def test_a_policy_that_is_none_is_unknown_and_counted(estate, block, text):
    found = estate(block("aws_iam_policy.p", {"policy": text}))
    assert isinstance(found.managed_policies[0].document, Unknown)
    assert len(found.coverage.unknown) == 1


def test_where_an_object_comes_from(estate, block):
    role = block("aws_iam_user.u", {"name": "u"}, account="aws.prod", action="update", possible=True)
    origin = estate(role).users[0].origin
    assert (origin.address, origin.type, origin.input) == ("aws_iam_user.u", "aws_iam_user", "plan.json")
    assert (origin.account, origin.action, origin.possible) == ("aws.prod", "update", True)


def test_data_sources_are_not_objects_of_the_change(estate, block):
    found = estate(block("data.aws_iam_role.r", {"name": "r"}), block("data.aws_s3_bucket.b", {"bucket": "b"}))
    assert (found.roles, found.buckets, found.types) == ((), (), frozenset())


def test_types_and_accounts(estate, block):
    found = estate(block("aws_vpc.v"), block("data.aws_caller_identity.me", {"account_id": "111122223333"}))
    assert (found.types, found.accounts) == (frozenset({"aws_vpc"}), frozenset({"111122223333"}))


def test_outputs_and_foreign_blocks_mention_and_ties_do_not(estate, block, unknown):
    arn = unknown("aws_iam_policy.p arn")
    policies = [block(f"aws_iam_policy.{name}", {"policy": READ}) for name in ("p", "q", "r")]
    assert estate(*policies, block("aws_ecs_thing.x", {"y": arn})).mentions == {"aws_iam_policy.p"}
    exported = (Output("o", sensitive=False, references=(Reference("aws_iam_policy.q", "arn"),)),)
    assert estate(*policies, outputs=exported).mentions == {"aws_iam_policy.q"}
    tie = block("aws_iam_role_policy_attachment.a", {"role": "x", "policy_arn": arn})
    assert estate(*policies, tie).mentions == frozenset()


def test_what_the_loader_says_of_the_input_is_passed_on():
    leaf = CredentialLeaf("var.key", "variable", "default", "access-key-id", "AKIA", dummy=False)
    loaded = Loaded(
        "x",
        "terraform-plan",
        Side([]),
        Side([]),
        complete=False,
        unevaluated=("module.a",),
        module_sources=("a ./a",),
        credentials=(leaf,),
    )
    before, after = normalise(loaded)
    assert (after.complete, after.unseen, after.module_sources) == (False, ("module.a",), ("a ./a",))
    (literal,) = after.credential_literals
    assert (literal.origin.address, literal.shown, literal.kind) == ("var.key", "AKIA", "access-key-id")
    assert before.credential_literals == ()


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(["", "x", "*", READ, '{"Statement":null}', "⟦a.b.c⟧"]),
    st.builds(Unknown, st.just("later"), st.just((Reference("aws_s3_bucket.b", "arn"), Reference("local.x")))),
)
KEYS = (
    "name",
    "policy",
    "statement",
    "type",
    "grant",
    "identifiers",
    "principals",
    "values",
    "rule",
    "roots",
    "content",
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=2)
)


@settings(max_examples=150)
@given(st.data())
def test_no_shape_of_any_attribute_is_a_crash(data):
    """Whatever stands where a list, a block or a text is expected: it is read, or it is Unknown."""

    class Any:
        module, index, account, action, span, possible, name = "", None, "aws", "update", None, False, "x"

        def __init__(self, type_, mode):
            self.type, self.mode = type_, mode
            self.address = f"data.{type_}.x" if mode == "data" else f"{type_}.x"
            self.given = {}

        def get(self, name):
            if name not in self.given:
                self.given[name] = data.draw(TREES)
            return self.given[name]

        def names(self):
            return frozenset(self.given)

        def literal(self, _):
            return data.draw(st.sampled_from([None, "", "{}", '{"Statement": [], "Statement": []}']))

        def configured(self, name):
            return data.draw(st.sampled_from([True, False, None])) if name else None

        def references(self, *_):
            return (Reference("aws_iam_access_key.x", "secret"),)

        def sensitive(self, _):
            return data.draw(st.booleans())

    types = data.draw(st.lists(st.sampled_from(sorted(HANDLERS)), min_size=1, max_size=3, unique=True))
    blocks = [Any(type_, "managed") for type_ in types]
    blocks += [Any(type_, "data") for type_ in ("aws_iam_policy_document", *DATA_HANDLERS)]
    before, after = normalise(Loaded("x", "terraform-plan", Side(blocks), Side(blocks)))
    assert before.types == after.types == frozenset(types)
