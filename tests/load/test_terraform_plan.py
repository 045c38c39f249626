import json
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iacscan.errors import InputError
from iacscan.load import load
from iacscan.value import Reference, Unknown


def row(address, actions, before=None, after=None, unknown=None, **more):
    """One entry of resource_changes; type and name are the last two parts of an address without dots in its key."""
    plain = address.partition("[")[0] if "module." not in address else more.pop("static")
    parts = plain.split(".")
    change = {
        "actions": actions,
        "before": before,
        "after": after,
        "after_unknown": unknown or {},
        **more.pop("change", {}),
    }
    mode = "data" if "data" in parts[:-2] else "managed"
    return {"address": address, "mode": mode, "type": parts[-2], "name": parts[-1], "change": change, **more}


def only(side, address):
    found = [block for block in side.blocks if block.address == address]
    assert len(found) == 1
    return found[0]


def addresses(side):
    return [block.address for block in side.blocks]


@pytest.mark.parametrize(
    ("actions", "before", "after", "name", "sides"),
    [
        (["create"], None, {"name": "n"}, "create", (0, 1)),
        (["update"], {"name": "o"}, {"name": "n"}, "update", (1, 1)),
        (["delete", "create"], {"name": "o"}, {"name": "n"}, "replace", (1, 1)),
        (["create", "delete"], {"name": "o"}, {"name": "n"}, "replace", (1, 1)),
        (["delete"], {"name": "o"}, None, "delete", (1, 0)),
        (["no-op"], {"name": "o"}, {"name": "o"}, "no-op", (1, 1)),
        (["forget"], {"name": "o"}, None, "forget", (1, 1)),
    ],
)
def test_each_action_puts_the_block_on_its_sides(load_plan, actions, before, after, name, sides):
    loaded = load_plan([row("aws_iam_user.x", actions, before, after)])
    assert (len(loaded.before.blocks), len(loaded.after.blocks)) == sides
    for side, values in ((loaded.before, before), (loaded.after, after or before)):
        for block in side.blocks:
            assert block.action == name
            assert block.get("name") == values["name"]


def test_what_does_not_change_is_one_block_on_both_sides(load_plan):
    loaded = load_plan([row("aws_iam_user.x", ["no-op"], {"name": "o"}, {"name": "o"})])
    assert loaded.before.blocks[0] is loaded.after.blocks[0]


def test_an_import_says_so_and_its_before_is_the_real_object(load_plan):
    change = {"importing": {"id": "i"}}
    loaded = load_plan([row("aws_iam_user.x", ["update"], {"name": "o"}, {"name": "n"}, change=change)])
    assert loaded.after.blocks[0].action == "import"
    assert loaded.before.blocks[0].get("name") == "o"


def test_a_moved_block_has_its_new_address_on_both_sides(load_plan):
    moved = row("aws_iam_user.new", ["no-op"], {"name": "o"}, {"name": "o"}, previous_address="aws_iam_user.old")
    loaded = load_plan([moved])
    assert addresses(loaded.before) == addresses(loaded.after) == ["aws_iam_user.new"]
    assert loaded.after.blocks[0].previous_address == "aws_iam_user.old"


def test_a_deposed_object_is_there_only_before(load_plan):
    loaded = load_plan(
        [
            row("aws_iam_user.x", ["no-op"], {"name": "o"}, {"name": "o"}),
            row("aws_iam_user.x", ["delete"], {"name": "old"}, None, deposed="abcd"),
        ]
    )
    assert addresses(loaded.before) == ["aws_iam_user.x", "aws_iam_user.x (deposed abcd)"]
    assert addresses(loaded.after) == ["aws_iam_user.x"]


def test_what_the_rows_do_not_name_comes_from_prior_state(load_plan):
    state = {
        "values": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_iam_user.x",
                        "mode": "managed",
                        "type": "aws_iam_user",
                        "name": "x",
                        "values": {"name": "stale"},
                    }
                ],
                "child_modules": [
                    {
                        "address": 'module.a["k.1"]',
                        "resources": [
                            {
                                "address": 'module.a["k.1"].data.aws_region.r',
                                "mode": "data",
                                "type": "aws_region",
                                "name": "r",
                                "values": {"name": "eu-west-1"},
                            }
                        ],
                    }
                ],
            }
        }
    }
    loaded = load_plan([row("aws_iam_user.x", ["update"], {"name": "o"}, {"name": "n"})], prior_state=state)
    assert only(loaded.before, "aws_iam_user.x").get("name") == "o"
    data = only(loaded.after, 'module.a["k.1"].data.aws_region.r')
    assert data is only(loaded.before, data.address)
    assert (data.mode, data.module, data.get("name")) == ("data", 'module.a["k.1"]', "eu-west-1")


def test_a_refresh_only_plan_shows_what_is_there_and_says_so(load_plan):
    user = {
        "address": "aws_iam_user.x",
        "mode": "managed",
        "type": "aws_iam_user",
        "name": "x",
        "values": {"name": "o"},
    }
    loaded = load_plan(prior_state={"values": {"root_module": {"resources": [user]}}}, resource_changes=None)
    assert loaded.before.blocks[0] is loaded.after.blocks[0]
    assert loaded.after.blocks[0].get("name") == "o"
    assert loaded.notes == ("the plan changes no resource; what is there already is judged",)


def test_a_targeted_plan_is_not_complete(load_plan):
    loaded = load_plan(complete=False)
    assert loaded.complete is False
    assert loaded.notes


def test_deferred_changes_are_possible_blocks_and_leave_the_plan_incomplete(load_plan):
    deferred = {
        "reason": "instance_count_unknown",
        "resource_change": row("aws_iam_user.x", ["create"], None, {"name": "n"}),
    }
    loaded = load_plan(deferred_changes=[deferred])
    assert loaded.after.blocks[0].possible
    assert not loaded.complete
    assert loaded.unevaluated == ("aws_iam_user.x",)


ROLE = "aws_iam_role_policy.p"
BUCKET = row("aws_s3_bucket.b", ["create"], None, {}, {"arn": True, "id": True})
BUCKET_CONFIG = {"address": "aws_s3_bucket.b"}


def config(address, **expressions):
    return {"address": address, "expressions": expressions}


def refers(*texts):
    return {"references": list(texts)}


def test_an_unknown_attribute_says_why_and_where_from(load_plan):
    policy = {"address": ROLE, "expressions": {"policy": refers("aws_s3_bucket.b.arn", "aws_s3_bucket.b")}}
    loaded = load_plan(
        [BUCKET, row(ROLE, ["create"], None, {"name": "n"}, {"policy": True})], {"resources": [BUCKET_CONFIG, policy]}
    )
    block = only(loaded.after, ROLE)
    reference = Reference("aws_s3_bucket.b", "arn")
    assert block.get("policy") == Unknown("known only after apply (from aws_s3_bucket.b.arn)", (reference,))
    assert block.references("policy") == block.references() == (reference,)
    assert block.names() == {"name", "policy"}
    assert block.get("name") == "n"
    assert block.get("nothing") is None


DOCUMENT = "data.aws_iam_policy_document.d"
STATEMENTS = {
    "statement": [
        {"actions": ["s3:Get*"], "resources": ["arn:known"]},
        {"actions": ["s3:*"], "resources": [None, "arn:known"]},
    ]
}
MASK = {
    "json": True,
    "statement": [{"actions": [False], "resources": [False]}, {"actions": [False], "resources": [True, False]}],
}


def test_a_nested_unknown_has_the_references_of_its_own_block(load_plan):
    expressions = {
        "statement": [
            {"actions": {"constant_value": ["s3:Get*"]}, "resources": refers("aws_sqs_queue.other.arn")},
            {"actions": {"constant_value": ["s3:*"]}, "resources": refers("aws_s3_bucket.b.arn", "aws_s3_bucket.b")},
        ]
    }
    root = {"resources": [BUCKET_CONFIG, {"address": DOCUMENT, "expressions": expressions}]}
    loaded = load_plan([BUCKET, row(DOCUMENT, ["read"], None, STATEMENTS, MASK)], root)
    first, second = only(loaded.after, DOCUMENT).get("statement")
    assert first == STATEMENTS["statement"][0]
    assert second["actions"] == ["s3:*"]
    assert second["resources"][0].references == (Reference("aws_s3_bucket.b", "arn"),)
    assert second["resources"][1] == "arn:known"
    assert only(loaded.after, DOCUMENT).references("statement", 0) == (Reference("aws_sqs_queue.other", "arn"),)


def test_beside_a_dynamic_block_the_references_are_those_of_the_whole_attribute(load_plan):
    expressions = {"statement": [{"resources": refers("aws_s3_bucket.b.arn", "aws_s3_bucket.b")}]}
    root = {"resources": [BUCKET_CONFIG, {"address": DOCUMENT, "expressions": expressions}]}
    loaded = load_plan([BUCKET, row(DOCUMENT, ["read"], None, STATEMENTS, MASK)], root)
    assert only(loaded.after, DOCUMENT).get("statement")[1]["resources"][0].references == (
        Reference("aws_s3_bucket.b", "arn"),
    )


def test_beside_a_dynamic_block_one_with_constants_of_its_own_has_its_own_references(load_plan):
    statements = {
        "statement": [{"actions": ["s3:Get*"], "resources": [None]}, {"actions": ["s3:*"], "resources": [None]}]
    }
    mask = {"statement": [{"resources": [True]}, {"resources": [True]}]}
    own = {"actions": {"constant_value": ["s3:*"]}, "resources": refers("aws_s3_bucket.b.arn", "aws_s3_bucket.b")}
    root = {"resources": [BUCKET_CONFIG, {"address": DOCUMENT, "expressions": {"statement": [own]}}]}
    loaded = load_plan([BUCKET, row(DOCUMENT, ["read"], None, statements, mask)], root)
    block = only(loaded.after, DOCUMENT)
    made, written = block.get("statement")
    assert made["resources"][0].references == ()
    assert "dynamic block" in made["resources"][0].because
    assert written["resources"][0].references == (Reference("aws_s3_bucket.b", "arn"),)
    assert block.references("statement", 0) == ()
    assert block.references("statement", 1) == (Reference("aws_s3_bucket.b", "arn"),)


def test_without_expressions_values_are_there_and_what_is_unknown_has_no_references(load_plan):
    loaded = load_plan([row(DOCUMENT, ["read"], None, STATEMENTS, MASK)], {"resources": [{"address": DOCUMENT}]})
    block = only(loaded.after, DOCUMENT)
    assert block.get("statement")[1]["resources"][0] == Unknown("known only after apply")
    assert block.configured("statement") is None
    assert block.references() == ()


def test_configured_tells_set_from_computed_and_admits_what_it_cannot_see(load_plan):
    after = {"name": "n", "inline_policy": [{"name": "i"}]}
    root = {"resources": [config("aws_iam_role.r", name={"constant_value": "n"})]}
    loaded = load_plan([row("aws_iam_role.r", ["create"], None, after, {"managed_policy_arns": True})], root)
    block = loaded.after.blocks[0]
    assert block.configured("name") is True
    assert block.configured("managed_policy_arns") is False
    assert block.configured("path") is False
    assert block.configured("inline_policy") is None


def test_configured_is_not_known_without_the_configuration_of_the_block(load_plan):
    loaded = load_plan([row("aws_iam_role.r", ["delete"], {"name": "n"}, None)])
    assert loaded.before.blocks[0].configured("name") is None


def test_a_block_list_of_unknown_length_is_unknown(load_plan):
    loaded = load_plan([row(DOCUMENT, ["read"], None, {}, {"statement": True})])
    assert isinstance(loaded.after.blocks[0].get("statement"), Unknown)


def test_an_unknown_place_beyond_the_known_list_is_not_lost(load_plan):
    loaded = load_plan([row("aws_x.y", ["create"], None, {"a": ["k"]}, {"a": [False, True], "b": {"c": True}})])
    assert loaded.after.blocks[0].get("a") == ["k", Unknown("known only after apply")]
    assert loaded.after.blocks[0].get("b") == {"c": Unknown("known only after apply")}


def test_before_the_change_references_speak_only_for_what_the_change_leaves_alone(load_plan):
    root = {"resources": [config(ROLE, role=refers("aws_iam_role.r.id"), policy=refers("aws_sns_topic.t.arn"))]}
    loaded = load_plan([row(ROLE, ["update"], {"role": "r", "policy": "old"}, {"role": "r", "policy": "new"})], root)
    assert only(loaded.before, ROLE).references() == (Reference("aws_iam_role.r", "id"),)
    assert only(loaded.before, ROLE).references("policy") == ()
    assert only(loaded.after, ROLE).references("policy") == (Reference("aws_sns_topic.t", "arn"),)


def test_sensitive_marks_are_kept_for_each_side(load_plan):
    change = {"before_sensitive": {"secret": True}, "after_sensitive": {"tags": {}, "content": [{"x": True}]}}
    loaded = load_plan([row("aws_x.y", ["update"], {"secret": "s"}, {"secret": "s"}, change=change)])
    assert loaded.before.blocks[0].sensitive("secret")
    after = loaded.after.blocks[0]
    assert (after.sensitive("secret"), after.sensitive("content"), after.sensitive("tags")) == (False, True, False)


def test_the_account_is_the_provider_configuration_that_the_block_uses(load_plan):
    root = {"resources": [{"address": "aws_iam_user.x", "provider_config_key": "aws.prod"}]}
    rows = [
        row("aws_iam_user.x", ["create"], None, {"name": "n"}),
        row("aws_iam_user.gone", ["delete"], {"name": "n"}, None, provider_name="registry.terraform.io/hashicorp/aws"),
    ]
    loaded = load_plan(rows, root, providers={"aws.prod": {"name": "aws", "alias": "prod"}})
    assert only(loaded.after, "aws_iam_user.x").account == "aws.prod"
    assert only(loaded.before, "aws_iam_user.gone").account == "aws"


def test_what_a_block_waits_for_stands_apart_from_what_it_refers_to(load_plan):
    resource = {
        "address": "aws_x.y",
        "expressions": {"name": refers("aws_x.z.id")},
        "depends_on": ["aws_x.w", "module.m"],
    }
    called = {"source": "./m", "module": {"resources": [resource]}}
    there = row("module.n[0].aws_x.y", ["create"], None, {"name": "n"}, static="aws_x.y", module_address="module.n[0]")
    loaded = load_plan([there], {"module_calls": {"n": called}})
    (block,) = loaded.after.blocks
    assert [str(item) for item in block.references("depends_on")] == ["module.n[0].aws_x.w", "module.n[0].module.m"]
    assert "aws_x.w" not in " ".join(str(item) for item in block.references())


def test_a_provider_is_a_block_whose_constants_are_known(load_plan):
    expressions = {
        "region": refers("var.region"),
        "profile": {"constant_value": "p"},
        "endpoints": [{"s3": {"constant_value": "u"}}],
    }
    loaded = load_plan(providers={"aws.prod": {"name": "aws", "alias": "prod", "expressions": expressions}})
    block = only(loaded.after, "provider.aws.prod")
    assert (block.mode, block.type, block.name, block.account) == ("provider", "aws", "prod", "aws.prod")
    assert block.get("profile") == "p"
    assert block.get("endpoints") == [{"s3": "u"}]
    assert block.get("region").references == block.references("region") == (Reference("var.region"),)
    assert block.get("assume_role") is None


def test_outputs_module_sources_and_empty_blocks(load_plan):
    child = {
        "resources": [{"address": "aws_iam_user.u"}],
        "outputs": {"key": {"expression": refers("aws_iam_access_key.k.secret")}},
    }
    root = {
        "outputs": {"k": {"sensitive": True, "expression": refers("module.m.key", "module.m")}},
        "module_calls": {"m": {"source": "./m", "module": child}},
    }
    loaded = load_plan([], root)
    (output,) = loaded.outputs
    assert (output.name, output.sensitive) == ("k", True)
    assert output.references == (Reference("module.m.aws_iam_access_key.k", "secret"),)
    assert loaded.module_sources == ("module.m ./m",)
    assert loaded.empty_blocks == ("module.m.aws_iam_user.u",)


REMAKE = 'make it again with "terraform show -json tfplan > plan.json"'


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (
            {"format_version": "2.0"},
            "is a plan of format 2.0, and only formats 1.x can be read; make it with Terraform 1.1 or newer, or with a newer iacscan",
        ),
        (
            {"format_version": "0.2"},
            "is a plan of format 0.2, and only formats 1.x can be read; make it with Terraform 1.1 or newer, or with a newer iacscan",
        ),
        (
            {"errored": True},
            "the plan has errors, so that it does not show the whole change; correct what `terraform plan` reports and plan again",
        ),
        (
            {"resource_changes": [{"address": 3}]},
            f"is not a Terraform plan that can be read: its part resource_changes[0].address is not as expected (Expected `str`, got `int`); {REMAKE}",
        ),
        (
            {"resource_changes": [row("aws_x.y", ["create"], None, {}), row("aws_x.y", ["create"], None, {})]},
            f"resource_changes[1] names aws_x.y a second time; {REMAKE}",
        ),
        (
            {"resource_changes": [row("aws_x.y", ["create"])]},
            f"resource_changes[0] is to create aws_x.y, but does not say what it will be; {REMAKE}",
        ),
        (
            {"resource_changes": [row("aws_x.y", ["conjure"])]},
            f"resource_changes[0] has the actions conjure, which no known Terraform plans; use a newer iacscan, or {REMAKE}",
        ),
    ],
)
def test_a_plan_that_cannot_be_trusted_is_refused_in_one_line(load_plan, plan, line):
    with pytest.raises(InputError) as error:
        load_plan(**plan)
    assert str(error.value) == line


def test_a_truncated_plan_is_refused_with_the_place(write):
    with pytest.raises(InputError, match=r"^its JSON is cut off: it ends at byte 61 in the middle of a value; "):
        load(write('{"format_version":"1.2","planned_values":{},"resource_changes'))


def test_broken_json_is_refused_with_the_place(write):
    with pytest.raises(InputError, match=r"^is not valid JSON: trailing characters at byte 46; "):
        load(write('{"format_version":"1.2","planned_values":{}} x'))


@pytest.mark.parametrize("part", ["planned_values", "variables", "resource_changes"])
def test_nesting_without_end_is_refused(write, part):
    deep = "[" * 200_000 + "]" * 200_000
    text = f'{{"format_version":"1.2","planned_values":{{}},"{part}":{deep}}}'
    with pytest.raises(InputError):
        load(write(text))


def test_an_attribute_nested_too_deeply_is_refused_when_it_is_asked_for(load_plan):
    deep = "x"
    for _ in range(100):
        deep = [deep]
    loaded = load_plan([row("aws_x.y", ["create"], None, {"a": deep, "b": 1})])
    assert loaded.after.blocks[0].get("b") == 1
    with pytest.raises(InputError, match=r"^aws_x\.y\.a is nested more than 64 levels deep; "):
        loaded.after.blocks[0].get("a")


@pytest.mark.parametrize(
    "section",
    ["resource_changes", "prior_state", "configuration", "variables", "complete", "errored", "deferred_changes"],
)
def test_a_section_may_be_null(load_plan, section):
    assert load_plan(**{section: None}).kind == "terraform-plan"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(string.printable, max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_letters, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
WORDS = [
    "format_version",
    "resource_changes",
    "address",
    "mode",
    "type",
    "name",
    "index",
    "change",
    "actions",
    "before",
    "after",
    "after_unknown",
    "configuration",
    "root_module",
    "resources",
    "expressions",
    "references",
    "module_calls",
    "module",
    "outputs",
    "expression",
    "prior_state",
    "values",
    "child_modules",
    "variables",
    "value",
    "default",
    "provider_config",
    "module_address",
]
PLANLIKE = st.recursive(
    JSON
    | st.sampled_from(
        ["aws_x", "aws_x.y", "module.a", 'module.a["k"].aws_x.y[0]', "var.x", "each.value", "create", "managed", "1.2"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=20,
)


@given(
    document=JSON
    | PLANLIKE.map(lambda body: {"format_version": "1.2", "planned_values": {}, "resource_changes": body})
    | PLANLIKE
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_json_at_all_loads_or_is_refused(write, document):
    try:
        loaded = load(write(json.dumps(document)))
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017  either outcome is right; this is what a refusal must be
        return
    assert loaded.kind == "terraform-plan"


CHANGE = st.fixed_dictionaries(
    {
        "actions": st.sampled_from([["create"], ["update"], ["no-op"], ["delete"], ["forget"]]),
        "before": JSON,
        "after": JSON,
    },
    optional={
        "after_unknown": JSON | st.dictionaries(st.sampled_from("ab"), JSON),
        "before_sensitive": JSON,
        "after_sensitive": JSON,
    },
)


@given(
    change=CHANGE,
    module=st.sampled_from(["", "module.a", 'module.a["x.y"]', "module.", "m", "[", "."]),
    expressions=PLANLIKE,
    call=PLANLIKE,
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_values_and_expressions_can_be_asked_for_or_are_refused(write, change, module, expressions, call):
    block = {"address": "aws_x.y", "expressions": expressions, "for_each_expression": call}
    root = {"resources": [block], "module_calls": {"a": {"expressions": call, "module": {"resources": [block]}}}}
    address = f"{module}.aws_x.y" if module else "aws_x.y"
    item = {
        "address": address,
        "module_address": module,
        "mode": "managed",
        "type": "aws_x",
        "name": "y",
        "change": change,
    }
    plan = {
        "format_version": "1.2",
        "planned_values": {},
        "resource_changes": [item],
        "configuration": {"root_module": root},
    }
    try:
        loaded = load(write(json.dumps(plan)))
        for block in (*loaded.before.blocks, *loaded.after.blocks):
            for name in block.names():
                block.get(name)
                block.configured(name)
                block.sensitive(name)
                block.references(name, 0, "a")
            block.references()
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017  as above
