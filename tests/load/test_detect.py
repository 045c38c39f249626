import codecs
import io
import json
import os
import sys
import zipfile
from types import SimpleNamespace

import pytest

from iacscan.errors import InputError
from iacscan.load import detect, load

PLAN = {"format_version": "1.2", "planned_values": {}, "resource_changes": []}
PLAN_FIRST = 'run "terraform plan -out=tfplan && terraform show -json tfplan > plan.json" and scan plan.json'


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "is empty"),
        (" \n\t ", "is empty"),
        (
            {"version": 4, "terraform_version": "1.9.0", "serial": 3, "lineage": "x", "resources": []},
            "is a Terraform state file",
        ),
        ({"format_version": "1.0", "terraform_version": "1.9.0", "values": {}}, "is a Terraform state, not a plan"),
        ({"format_version": "1.0", "provider_schemas": {}}, "is a listing of provider schemas"),
        ({"Resources": {}}, "is JSON, but not a Terraform plan"),
        ({"AWSTemplateFormatVersion": "2010-09-09"}, "has no section Resources"),
        ({"resource": {"aws_iam_user": {}}}, "is Terraform source in JSON"),
        ({"Version": "2012-10-17", "Statement": []}, "is a policy document, not a plan"),
        ({"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {}}]}, "is JSON, but not a Terraform plan"),
        ({"name": "x"}, "is JSON, but not a Terraform plan"),
        ("[]", "is JSON, but not a Terraform plan"),
        ('{"@level":"info","@message":"Terraform 1.9"}', 'is the log of "terraform plan -json", not a plan'),
        ('resource "aws_iam_user" "x" {\n}\n', "is Terraform source"),
        ('# hello\n\nterraform {\n  required_version = "1"\n}\n', "is Terraform source"),
        ("AWSTemplateFormatVersion: '2010-09-09'\n", "has no section Resources"),
        ("Terraform will perform the following actions:\n  # aws_iam_user.x\n", "is a plan as text for people"),
        ('Warning: old\n{"format_version":"1.2"}', "has other text before the JSON"),
        ("hello", "is not a Terraform plan in JSON"),
        (b"\x7fELF\0\0\0", "is a binary file"),
        (b"caf\xe9", "is not text in UTF-8 (byte 3)"),
        (b'{"format_version":"1.2","planned_values":{},"x":"\xff"}', "is not text in UTF-8 (byte 49)"),
        (codecs.BOM_UTF16_LE + b"a", "begins as UTF-16-LE text, but is not"),
    ],
)
def test_what_is_not_a_plan_is_refused_by_what_it_is(write, content, what):
    with pytest.raises(InputError) as error:
        load(write(content))
    assert error.value.what == what
    assert "\n" not in str(error.value)


def test_the_advice_for_a_binary_plan_names_the_file(tmp_path):
    path = tmp_path / "tfplan"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tfplan", "x")
    with pytest.raises(InputError) as error:
        load(str(path))
    assert str(error.value) == 'is a binary plan file; run "terraform show -json tfplan > plan.json" and scan plan.json'


def test_the_advice_for_source_is_to_plan_first(write):
    with pytest.raises(InputError) as error:
        load(write('variable "x" {\n}\n', "main.tf"))
    assert error.value.advice == PLAN_FIRST


def test_the_name_of_a_file_does_not_matter(write):
    assert load(write(PLAN, "main.tf")).kind == "terraform-plan"


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: b"\r\n\t " + text.encode(),
    ],
    ids=["UTF-8 with mark", "UTF-16 of PowerShell", "UTF-16 big endian", "space before"],
)
def test_every_way_in_which_a_shell_writes_a_plan_can_be_read(write, encode):
    assert load(write(encode(json.dumps(PLAN)))).kind == "terraform-plan"


def test_a_plan_with_sorted_keys_is_a_plan(write):
    assert load(write(json.dumps({"aa": "x" * 10_000, **PLAN}, sort_keys=True))).kind == "terraform-plan"


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^is a directory; run "):
        load(str(tmp_path))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^there is no such file; "):
        load(str(tmp_path / "none.json"))


def test_a_link_to_itself_is_refused(tmp_path):
    path = tmp_path / "loop"
    path.symlink_to(path)
    with pytest.raises(InputError, match=r"^is a symbolic link that leads back to itself; "):
        load(str(path))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(write):
    path = write(PLAN)
    os.chmod(path, 0)  # noqa: PTH101  a text, as load takes it
    with pytest.raises(InputError, match=r"permission denied"):
        load(path)


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_a_path_that_cannot_exist_is_refused(path):
    with pytest.raises(InputError):
        load(path)


def test_a_file_over_the_limit_is_refused_before_it_is_read(write):
    with pytest.raises(InputError, match=r"^is too large \(1,001 bytes; the limit is 1,000\); "):
        detect.read(write("x" * 1001), limit=1000)


def test_standard_input_is_read_as_a_file_is(monkeypatch):
    text = b"Resources:\n  U: {Type: AWS::IAM::User}\n"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    loaded = load(detect.STDIN)
    assert loaded.path == "-"
    assert [block.span.file for block in loaded.after.blocks] == ["-"]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"x" * 11)))
    with pytest.raises(InputError, match="is too large"):
        detect.read(detect.STDIN, limit=10)
