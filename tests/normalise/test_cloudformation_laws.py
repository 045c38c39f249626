"""Whatever a template holds where the tables look, it is read without a failure."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iacscan.graph import Graph
from iacscan.load.block import Loaded, Side
from iacscan.load.cloudformation_block import TemplateBlock
from iacscan.load.cloudformation_decode import Node
from iacscan.normalise import normalise
from iacscan.normalise.cloudformation.respell import TYPES
from iacscan.normalise.cloudformation.shapes import path_of
from iacscan.value import Unknown

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        ["", "*", "arn:aws:iam::aws:policy/ReadOnlyAccess", "⟦It.Arn⟧/*", "⟦It.Ref⟧", "⟦AWS::AccountId⟧", "⟦P⟧"]
    ),
    st.just(Unknown("known at deployment")),
)
KEYS = sorted(
    {
        step
        for row in TYPES.values()
        for keys in (row.keys, *(companion.keys for companion in row.companions))
        for spec in keys.values()
        for step in path_of(spec).split(".")
        if step
    }
    | {companion.each.partition(".")[0] for row in TYPES.values() for companion in row.companions}
    | {"Statement", "Effect", "Action", "Resource", "Principal", "Key", "Value", "Name", "Rules", "Tags"}
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=8,
)


def block(name: str, type_: str, tree: dict[str, Any]) -> TemplateBlock:
    return TemplateBlock(
        address=name,
        module="",
        type=type_,
        name=name,
        account="aws",
        span=None,
        possible=False,
        tree=tree,
        found={},
        secret=frozenset(),
        properties=Node({}),
    )


@st.composite
def resources(draw: st.DrawFn) -> TemplateBlock:
    type_ = draw(st.sampled_from(sorted(TYPES)))
    row = TYPES[type_]
    tops = {path_of(spec).partition(".")[0] for spec in row.keys.values()}
    tops |= {companion.each.partition(".")[0] for companion in row.companions}
    tops |= {path_of(spec).partition(".")[0] for item in row.companions for spec in item.keys.values()}
    names = sorted(tops - {""}) or ["Tags"]
    return block("It", type_, draw(st.dictionaries(st.sampled_from(names), TREES, max_size=len(names))))


@given(resources())
@settings(max_examples=400)
def test_no_property_of_any_shape_breaks_the_reading(resource: TemplateBlock):
    estate = normalise(Loaded("t.yaml", "cloudformation", Side(()), Side((resource,))))[1]
    graph = Graph(estate)
    for bucket in estate.buckets:
        graph.companions(bucket)
    for role in estate.roles:
        graph.attachments(role)
    assert estate.is_template
    assert all(origin == "It" for origin in {policy.origin.address for policy in estate.inline_policies})


@given(st.sampled_from(sorted(TYPES)))
def test_a_property_that_is_not_known_as_a_whole_never_reads_as_absent(type_: str):
    """Each property that companions are made of makes at least one if it is unknown."""
    row = TYPES[type_]
    for companion in row.companions:
        top = companion.each.partition(".")[0]
        with_it = normalise(
            Loaded("t", "cloudformation", Side(()), Side((block("It", type_, {top: Unknown("not known")}),)))
        )[1]
        assert companion.type in with_it.types
