"""References, followed over module boundaries through whole plans."""

import pytest

from iacscan.errors import InputError
from iacscan.load.plan_expressions import DYNAMIC, parent_module, parts, references_in, split_address
from iacscan.value import Reference


def refers(*texts):
    return {"references": list(texts)}


def created(address, static, module="", unknown=()):
    parts = static.split(".")
    return {
        "address": address,
        "module_address": module,
        "mode": "data" if parts[0] == "data" else "managed",
        "type": parts[-2],
        "name": parts[-1],
        "change": {"actions": ["create"], "after": {}, "after_unknown": dict.fromkeys((*unknown, "arn"), True)},
    }


def config(address, **expressions):
    return {"address": address, "expressions": expressions}


@pytest.fixture
def follow(load_plan):
    """What `aws_x.from.a`, or the attribute `a` of the instance given, refers to after the change."""

    def follow(rows, root, address="aws_x.from", **more):
        loaded = load_plan(rows, root, **more)
        (block,) = [block for block in loaded.after.blocks if block.address == address]
        return [str(reference) for reference in block.references("a")]

    return follow


FROM = created("aws_x.from", "aws_x.from", unknown=("a",))


def test_addresses_are_cut_outside_of_quotes_only():
    assert split_address('module.a["x.y[\\"0\\"]/z"].aws_x.y[12].b') == (
        "module",
        "a",
        '["x.y[\\"0\\"]/z"]',
        "aws_x",
        "y",
        "[12]",
        "b",
    )


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("module.a", ("", "a", "")),
        ("module.a[0]", ("", "a", "[0]")),
        ('module.a["module.b"].module.c["k.1"]', ('module.a["module.b"]', "c", '["k.1"]')),
    ],
)
def test_a_module_has_a_parent_a_name_and_a_key(address, cut):
    assert parent_module(address) == cut


@pytest.mark.parametrize("address", ["", "x", "[", "module", "module.", "aws_x.y", "module.a.b"])
def test_what_is_not_a_module_address_is_refused(address):
    with pytest.raises(InputError):
        parent_module(address)


def test_prefixes_of_a_reference_are_left_out():
    steps = references_in(refers("aws_x.y[0].arn", "aws_x.y[0]", "aws_x.y", "aws_x.yy", "local.z"))
    assert steps == (("aws_x", "y", "[0]", "arn"), ("aws_x", "yy"), ("local", "z"))


def test_a_nested_block_may_have_an_attribute_called_references():
    assert references_in([{"references": [{"name": refers("aws_x.y.arn")}]}]) == (("aws_x", "y", "arn"),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("local.z", ["local.z"]),
        ("local.z.k[0]", ["local.z.k[0]"]),
        ("var.v", ["var.v"]),
        ("count.index", []),
        ("path.module", []),
        ("self.arn", ["aws_x.from.arn"]),
        ("aws_elsewhere.y.arn", ["aws_elsewhere.y.arn"]),
        ("module.none.out", ["module.none.out"]),
    ],
)
def test_what_cannot_be_followed_is_named_as_it_is_written(follow, text, found):
    assert follow([FROM], {"resources": [config("aws_x.from", a=refers(text))]}) == found


def test_of_two_alternatives_the_one_that_exists_remains(follow):
    root = {
        "resources": [
            config(
                "aws_x.from",
                a=refers("aws_s3_bucket.a[0].arn", "aws_s3_bucket.a[0]", "aws_s3_bucket.a", "aws_s3_bucket.b[0].arn"),
            ),
            config("aws_s3_bucket.a"),
            config("aws_s3_bucket.b"),
        ]
    }
    rows = [FROM, created("aws_s3_bucket.b[0]", "aws_s3_bucket.b")]
    assert follow(rows, root) == ["aws_s3_bucket.b[0].arn"]
    # A targeted plan may have left the other one out.
    assert follow(rows, root, complete=False) == ["aws_s3_bucket.a[0].arn", "aws_s3_bucket.b[0].arn"]


def test_without_a_key_the_instance_under_the_same_key_is_meant_else_the_only_one_else_all(follow):
    root = {"resources": [config("aws_x.from", a=refers("aws_s3_bucket.b")), config("aws_s3_bucket.b")]}
    one, two = (created(f'aws_s3_bucket.b["{key}"]', "aws_s3_bucket.b") for key in ("k.1", "k.2"))
    same = created('aws_x.from["k.2"]', "aws_x.from", unknown=("a",))
    assert follow([same, one, two], root, 'aws_x.from["k.2"]') == ['aws_s3_bucket.b["k.2"]']
    assert follow([FROM, one], root) == ['aws_s3_bucket.b["k.1"]']
    assert follow([FROM, one, two], root) == ['aws_s3_bucket.b["k.1"]', 'aws_s3_bucket.b["k.2"]']


def test_many_instances_are_named_by_their_block(follow):
    root = {"resources": [config("aws_x.from", a=refers("aws_s3_bucket.b")), config("aws_s3_bucket.b")]}
    many = [created(f"aws_s3_bucket.b[{at}]", "aws_s3_bucket.b") for at in range(100)]
    assert follow([FROM, *many], root) == ["aws_s3_bucket.b"]


def test_a_variable_leads_to_the_call_of_the_same_module_instance(follow):
    child = {"resources": [config("aws_x.from", a=refers("var.bucket"))]}
    call = {"expressions": {"bucket": refers("aws_s3_bucket.b")}, "module": child}
    root = {"resources": [config("aws_s3_bucket.b")], "module_calls": {"m": call}}
    rows = [
        created('module.m["k/2"].aws_x.from', "aws_x.from", 'module.m["k/2"]', ("a",)),
        created('aws_s3_bucket.b["k/1"]', "aws_s3_bucket.b"),
        created('aws_s3_bucket.b["k/2"]', "aws_s3_bucket.b"),
    ]
    assert follow(rows, root, 'module.m["k/2"].aws_x.from') == ['aws_s3_bucket.b["k/2"]']


def test_an_output_leads_into_the_module_and_what_is_read_of_it_goes_along(follow):
    child = {
        "resources": [config("aws_s3_bucket.this")],
        "outputs": {
            "whole": {"expression": refers("aws_s3_bucket.this")},
            "arn": {"expression": refers("aws_s3_bucket.this[0].arn")},
        },
    }
    root = {
        "resources": [
            config("aws_x.from", a=refers("module.m.whole.arn", "module.m.whole", "module.m", "module.m.arn"))
        ],
        "module_calls": {"m": {"module": child}},
    }
    rows = [FROM, created("module.m.aws_s3_bucket.this[0]", "aws_s3_bucket.this", "module.m")]
    assert follow(rows, root) == ["module.m.aws_s3_bucket.this[0].arn"]


def test_a_map_output_leads_to_the_instance_under_the_key(follow):
    child = {"resources": [config("aws_iam_role.r")], "outputs": {"roles": {"expression": refers("aws_iam_role.r")}}}
    root = {
        "resources": [
            config(
                "aws_x.from", a=refers('module.m.roles["b"].arn', 'module.m.roles["b"]', "module.m.roles", "module.m")
            )
        ],
        "module_calls": {"m": {"module": child}},
    }
    rows = [FROM, *(created(f'module.m.aws_iam_role.r["{key}"]', "aws_iam_role.r", "module.m") for key in "ab")]
    assert follow(rows, root) == ['module.m.aws_iam_role.r["b"].arn']


def test_each_value_leads_to_the_for_each_expression(follow):
    root = {
        "resources": [
            {
                **config("aws_x.from", a=refers("each.value.arn", "each.value")),
                "for_each_expression": refers("aws_s3_bucket.b"),
            },
            config("aws_s3_bucket.b"),
        ]
    }
    rows = [
        created('aws_x.from["k"]', "aws_x.from", unknown=("a",)),
        *(created(f'aws_s3_bucket.b["{k}"]', "aws_s3_bucket.b") for k in "jk"),
    ]
    assert follow(rows, root, 'aws_x.from["k"]') == ['aws_s3_bucket.b["k"].arn']


def test_a_key_matters_only_where_it_is_all_that_there_is(follow):
    def root(*texts):
        block = {**config("aws_x.from", a=refers(*texts)), "for_each_expression": refers("aws_iam_user.u")}
        return {"resources": [block, config("aws_iam_user.u"), config("aws_sns_topic.t")]}

    rows = [
        created('aws_x.from["k"]', "aws_x.from"),
        created('aws_iam_user.u["k"]', "aws_iam_user.u"),
        created("aws_sns_topic.t", "aws_sns_topic.t"),
    ]
    assert follow(rows, root("each.key"), 'aws_x.from["k"]') == ['aws_iam_user.u["k"]']
    assert follow(rows, root("aws_sns_topic.t.arn", "each.key"), 'aws_x.from["k"]') == ["aws_sns_topic.t.arn"]


def test_through_three_modules_up_and_down(follow):
    inner = {"resources": [config("aws_x.from", a=refers("var.v"))]}
    maker = {
        "resources": [config("aws_sqs_queue.q")],
        "outputs": {"arn": {"expression": refers("aws_sqs_queue.q[0].arn")}},
    }
    middle = {
        "module_calls": {
            "inner": {"expressions": {"v": refers("var.w")}, "module": inner},
        }
    }
    root = {
        "module_calls": {
            "middle": {"expressions": {"w": refers("module.maker.arn", "module.maker")}, "module": middle},
            "maker": {"module": maker},
        }
    }
    address = "module.middle[0].module.inner.aws_x.from"
    rows = [
        created(address, "aws_x.from", "module.middle[0].module.inner", ("a",)),
        created('module.maker["m"].aws_sqs_queue.q[0]', "aws_sqs_queue.q", 'module.maker["m"]'),
    ]
    assert follow(rows, root, address) == ['module.maker["m"].aws_sqs_queue.q[0].arn']


def test_a_circle_of_references_ends(follow):
    child = {"outputs": {"o": {"expression": refers("var.v")}}}
    call = {"expressions": {"v": refers("module.m.o", "module.m")}, "module": child}
    root = {"resources": [config("aws_x.from", a=refers("module.m.o"))], "module_calls": {"m": call}}
    assert follow([FROM], root) == []


def test_a_circle_that_grows_ends_and_is_named(follow):
    child = {"outputs": {"o": {"expression": refers("var.v")}}}
    call = {"expressions": {"v": refers("module.m.o.deeper")}, "module": child}
    root = {"resources": [config("aws_x.from", a=refers("module.m.o"))], "module_calls": {"m": call}}
    (name,) = follow([FROM], root)
    assert name.startswith(("module.m", "var.v"))


def test_a_deferred_data_source_is_a_place_that_values_come_from(follow):
    root = {
        "resources": [
            config("aws_x.from", a=refers("data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d")),
            config("data.aws_iam_policy_document.d"),
        ]
    }
    data = created("data.aws_iam_policy_document.d[0]", "data.aws_iam_policy_document.d")
    data["change"]["actions"] = ["read"]
    assert follow([FROM, data], root) == ["data.aws_iam_policy_document.d[0].json"]


def test_a_reference_prints_as_it_is_written():
    assert str(Reference("aws_x.y", "a[0].b")) == "aws_x.y.a[0].b"


def test_a_literal_is_shown_beside_a_value_that_was_made_from_it(load_plan):
    """Before the change the configuration speaks only for what stays as it is."""
    row = created("aws_x.a", "aws_x.a")
    row["change"] |= {
        "actions": ["update"],
        "before": {"p": "{}", "q": "1"},
        "after": {"p": '{"a":1}', "q": "1", "r": "x"},
    }
    root = {
        "resources": [
            config("aws_x.a", p={"constant_value": '{ "a": 1 }'}, q={"constant_value": "1"}, r=refers("var.r"))
        ]
    }
    loaded = load_plan([row], root)
    (before,), (after,) = loaded.before.blocks, loaded.after.blocks
    assert [after.literal(name) for name in ("p", "q", "r", "s")] == ['{ "a": 1 }', "1", None, None]
    assert [before.literal(name) for name in ("p", "q")] == [None, "1"]


def constant(value):
    return {"constant_value": value}


READ = {"sid": constant("Read"), "actions": constant(["b", "a"]), "resources": refers("aws_x.read")}
PASS = {"sid": constant("Pass"), "effect": constant(None), "resources": refers("aws_x.pass")}


def test_blocks_beside_a_dynamic_one_are_known_by_their_constants():
    values = [{"sid": "Read", "actions": ["a", "b"]}, {"sid": "Made"}, {"sid": "Pass", "effect": ""}]
    read, made, passed = parts([READ, PASS], values)
    assert read is READ
    assert made is DYNAMIC
    assert passed is PASS


def test_sets_have_another_order_than_the_configuration():
    assert parts([READ, PASS], [{"sid": "Pass"}, {"sid": "Read", "actions": ["a", "b"]}]) == [PASS, READ]


def test_constants_that_the_provider_writes_otherwise_leave_the_order_as_it_is():
    assert parts([READ, PASS], [{"sid": "READ", "actions": ["a", "b"]}, {"sid": "PASS"}]) == [READ, PASS]


@pytest.mark.parametrize(
    "values",
    [
        [{"sid": "Read", "actions": ["a", "b"]}, {"sid": "Made"}],  # the block of Pass is nowhere: it may be Made
        [{"sid": "Read", "actions": ["a", "b"]}] * 3 + [{"sid": "Pass"}],
    ],
)
def test_a_block_that_could_be_several_has_the_expression_of_all(values):
    blocks = [READ, PASS, {"resources": refers("aws_x.any")}]
    assert parts(blocks, values)[0] is blocks


def test_an_attribute_that_is_a_list_has_one_expression():
    assert parts(refers("aws_x.a"), ["a", None]) == [refers("aws_x.a")] * 2
    assert parts(None, ["a"]) == [None]
