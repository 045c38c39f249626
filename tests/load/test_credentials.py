import base64
import json

import pytest

# Invented: right in form, never issued. Taken apart so that scanners of this repository do not report them.
ID = "AKIA" + "QWERTYUIOPASDFGH"
SECRET = "q8Zx" + "Lm2Vn4Bc6Xz8Lk1Jh3Gf5Ds7Aq9Wo0Ei/RtY"
EXAMPLE = "AKIA" + "IOSFODNN7EXAMPLE"


def instance(after, **expressions):
    row = {
        "address": "aws_instance.i",
        "mode": "managed",
        "type": "aws_instance",
        "name": "i",
        "change": {"actions": ["create"], "after": after, "after_unknown": {}},
    }
    return [row], {"resources": [{"address": "aws_instance.i", "expressions": expressions}]}


def found(loaded):
    return [(leaf.address, leaf.path, leaf.kind, leaf.shown, leaf.dummy) for leaf in loaded.credentials]


CONSTANT = {"constant_value": "as in after"}


@pytest.mark.parametrize(
    ("attribute", "value", "path", "kind"),
    [
        ("description", f"key {ID}.", "description", "access-key-id"),
        (
            "env",
            [{"variables": {"AWS_SECRET_ACCESS_KEY": SECRET}}],
            "env[0].variables.AWS_SECRET_ACCESS_KEY",
            "secret-access-key",
        ),
        ("env", [{"name": "AWS_SECRET_KEY", "value": SECRET}], "env[0].value", "secret-access-key"),
        (
            "definitions",
            json.dumps([{"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET}]),
            "definitions",
            "secret-access-key",
        ),
        ("user_data", f"export AWS_SECRET_ACCESS_KEY='{SECRET}'\n", "user_data", "secret-access-key"),
        ("user_data_base64", base64.b64encode(f"x={ID}".encode()).decode(), "user_data_base64", "access-key-id"),
    ],
)
def test_a_literal_in_a_resource_is_found(load_plan, attribute, value, path, kind):
    rows, root = instance({attribute: value}, **{attribute: CONSTANT})
    shown = ID[:4] if kind == "access-key-id" else SECRET[:4]
    assert found(load_plan(rows, root)) == [("aws_instance.i", path, kind, shown, False)]


@pytest.mark.parametrize(
    "after",
    [
        {"aws_secret_hash": "0123456789abcdef0123456789abcdef01234567"},
        {"checksum": SECRET},
        {"unique_id": "AIDA" + "QWERTYUIOPASDFGH"},
        {"text": "X" + ID},
        {"arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x"},
    ],
)
def test_what_is_no_credential_is_left_alone(load_plan, after):
    rows, root = instance(after, **dict.fromkeys(after, CONSTANT))
    assert found(load_plan(rows, root)) == []


@pytest.mark.parametrize("value", [EXAMPLE, "AKIA" + "XXXXQWERTYUIOPAS"])
def test_documented_examples_are_dummies(load_plan, value):
    rows, root = instance({"a": value}, a=CONSTANT)
    assert [leaf.dummy for leaf in load_plan(rows, root).credentials] == [True]


def test_what_a_resource_gives_is_not_in_the_code(load_plan):
    rows, root = instance({"a": ID, "b": ID}, a={"references": ["aws_iam_access_key.k.id", "aws_iam_access_key.k"]})
    assert found(load_plan(rows, root)) == []


def test_the_attributes_of_an_access_key_are_not_in_the_code(load_plan):
    rows, root = instance({"id": ID, "secret": SECRET}, id=CONSTANT)
    rows[0] |= {"address": "aws_iam_access_key.i", "type": "aws_iam_access_key"}
    assert found(load_plan(rows, root)) == []


def test_a_value_from_a_variable_is_reported_at_the_variable(load_plan):
    rows, root = instance({"a": ID}, a={"references": ["var.key"]})
    root["variables"] = {"key": {"default": ID}}
    loaded = load_plan(rows, root, variables={"key": {"value": ID}})
    assert found(loaded) == [("var.key", "key", "access-key-id", "AKIA", False)]


def test_constant_outputs_are_searched(load_plan):
    loaded = load_plan([], {"outputs": {"k": {"expression": {"constant_value": ID}}}})
    assert found(loaded) == [("output.k", "k", "access-key-id", "AKIA", False)]


def provider(**arguments):
    expressions = {
        name: value if isinstance(value, list) else {"constant_value": value} for name, value in arguments.items()
    }
    return {"aws": {"name": "aws", "expressions": expressions}}


def test_constants_of_a_provider_are_found(load_plan):
    loaded = load_plan(providers=provider(access_key=ID, secret_key=SECRET))
    assert found(loaded) == [
        ("provider.aws", "access_key", "access-key-id", "AKIA", False),
        ("provider.aws", "secret_key", "secret-access-key", "q8Zx", False),
    ]


@pytest.mark.parametrize(
    "sign",
    [
        {"skip_credentials_validation": True},
        {"endpoints": [{"s3": {"constant_value": "http://localhost:4566"}}]},
        {"access_key": "test"},
    ],
)
def test_a_provider_for_a_local_emulator_has_dummies(load_plan, sign):
    loaded = load_plan(providers=provider(**{"secret_key": "test", **sign}))
    assert [leaf.dummy for leaf in loaded.credentials] == [True]


def test_a_provider_that_takes_a_variable_has_no_literal(load_plan):
    providers = {"aws": {"name": "aws", "expressions": {"secret_key": {"references": ["var.k"]}}}}
    assert found(load_plan(providers=providers)) == []


def test_no_more_than_four_characters_are_kept(load_plan):
    rows, root = instance({"a": ID, "aws_secret": SECRET}, a=CONSTANT, aws_secret=CONSTANT)
    leaves = load_plan(rows, root).credentials
    assert len(leaves) == 2
    assert ID[:5] not in repr(leaves)
    assert SECRET[:5] not in repr(leaves)


def test_user_data_is_read_from_the_configuration_because_the_values_hold_its_hash(load_plan):
    script = {"constant_value": f"export AWS_ACCESS_KEY_ID={ID}\n"}
    rows, root = instance({"user_data": "4892901342e0ea7a6ce323636828229db3abbaeb"}, user_data=script)
    assert found(load_plan(rows, root)) == [("aws_instance.i", "user_data", "access-key-id", ID[:4], False)]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [("aws_s3_bucket.b.bucket", 1), ("aws_iam_access_key.k.id", 0), ("data.vault_generic_secret.s.data", 0)],
)
def test_a_reference_beside_a_literal_hides_it_only_if_it_may_have_made_it(load_plan, reference, expected):
    address = reference.rpartition(".")[0]
    rows, root = instance({"env": {"KEY": ID}}, env={"references": [reference, address]})
    kind = address.removeprefix("data.").partition(".")[0]
    mode = "data" if address.startswith("data.") else "managed"
    other = {**rows[0], "address": address, "mode": mode, "type": kind, "name": address[-1]}
    other["change"] = {"actions": ["create"], "after": {}, "after_unknown": {}}
    root["resources"].append({"address": address})
    assert len(found(load_plan([*rows, other], root))) == expected


@pytest.mark.parametrize(("beside", "kinds"), [(ID, ["access-key-id", "secret-access-key"]), ("a user", [])])
def test_what_is_called_a_secret_beside_an_access_key_id_is_its_secret(load_plan, beside, kinds):
    rows, root = instance({"env": {"access_key": beside, "secret_key": SECRET}}, env=CONSTANT)
    assert sorted(leaf.kind for leaf in load_plan(rows, root).credentials) == kinds


def database(value, **expressions):
    rows, root = instance({"password": value}, **expressions)
    rows[0] |= {"address": "aws_db_instance.i", "type": "aws_db_instance"}
    root["resources"][0]["address"] = "aws_db_instance.i"
    return rows, root


@pytest.mark.parametrize(("password", "dummy"), [("hunter2", False), ("CHANGE-ME", True)])
def test_a_password_that_is_the_default_of_a_variable_stands_in_the_code(load_plan, password, dummy):
    rows, root = database(password, password={"references": ["var.password"]})
    root["variables"] = {"password": {"default": password, "sensitive": True}}
    (leaf,) = load_plan(rows, root, variables={"password": {"value": password}}).credentials
    assert (leaf.address, leaf.path, leaf.kind, leaf.via) == ("aws_db_instance.i", "password", "preset", "var.password")
    assert (leaf.shown, leaf.dummy) == ("", dummy)


@pytest.mark.parametrize("variable", [{}, {"default": None}, {"default": "another"}, {"default": ""}])
def test_a_password_that_is_handed_in_does_not(load_plan, variable):
    rows, root = database("hunter2", password={"references": ["var.password"]})
    root["variables"] = {"password": variable}
    assert load_plan(rows, root, variables={"password": {"value": "hunter2"}}).credentials == ()


def test_a_password_that_is_made_of_two_variables_is_no_default(load_plan):
    rows, root = database("hunter2", password={"references": ["var.password", "var.suffix"]})
    root["variables"] = {"password": {"default": "hunter2"}, "suffix": {"default": ""}}
    assert load_plan(rows, root).credentials == ()
