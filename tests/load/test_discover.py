"""What is found below a directory, by content, and what is passed over."""

import json
import os

import pytest

from iacscan import config
from iacscan.errors import InputError
from iacscan.load import discover as module
from iacscan.load.discover import discover

PLAN = json.dumps({"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {}})
STATE = json.dumps({"format_version": "1.0", "terraform_version": "1.11.4", "values": {}})
TEMPLATE = "# a stack\nAWSTemplateFormatVersion: '2010-09-09'\nResources:\n  B:\n    Type: AWS::S3::Bucket\n"
SOURCE = 'resource "aws_s3_bucket" "b" {}\n'


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Write files by path, and look into the directory that holds them."""
    monkeypatch.chdir(tmp_path)

    def write_and_look(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return discover(".")

    return write_and_look


def kinds(found):
    return {item.path: item.kind for item in found.items}


def test_plans_templates_and_root_modules_are_found_by_content(tree):
    found = tree(
        {
            "a/plan": PLAN,
            "a/main.tf": SOURCE,
            "b/stack.txt": TEMPLATE,
            "c/template.json": json.dumps({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}),
            "d/plan16.json": b"\xff\xfe" + PLAN.encode("utf-16-le"),
            "e/main.tofu": SOURCE,
            "f/main.tf.json": json.dumps({"resource": {}}),
        }
    )

    assert kinds(found) == {
        "a": "terraform-source",
        "a/plan": "terraform-plan",
        "b/stack.txt": "cloudformation",
        "c/template.json": "cloudformation",
        "d/plan16.json": "terraform-plan",
        "e": "terraform-source",
        "f": "terraform-source",
    }
    assert (found.passed, found.faults) == ((), ())


def test_what_is_none_of_these_is_passed_over_and_named(tree):
    found = tree(
        {
            "state.json": STATE,
            "schemas.json": json.dumps({"format_version": "1.0", "provider_schemas": {}}),
            "readme.md": f"# Stacks\n\nText.\n\n{TEMPLATE}",
            "test.py": f'"""Test."""\nT = """\n{TEMPLATE}"""\n',
            "values.tfvars": "a = 1\n",
            "picture.png": b"\x89PNG\0\0",
            "empty": "",
            "compose.yaml": "services:\n  a: {}\n",
        }
    )

    assert found.items == ()
    assert set(found.passed) == {
        "state.json", "schemas.json", "readme.md", "test.py", "values.tfvars", "picture.png", "empty", "compose.yaml",
    }  # fmt: skip


def test_what_configures_the_scan_itself_is_not_named_as_passed_over(tree):
    found = tree(dict.fromkeys([*config.NAMES, config.BASELINE, "sub/.iacscan.yaml", "other.yaml"], "fail-on: high\n"))
    assert (found.items, found.passed) == ((), ("other.yaml",))


def test_modules_that_others_call_are_no_roots(tree):
    found = tree(
        {
            "live/main.tf": 'module "m" {\n  source = "../modules/m"\n}\n',
            "modules/m/main.tf": 'module "i" {\n  source = "./inner"\n}\n',
            "modules/m/inner/main.tf": SOURCE,
            "modules/alone/main.tf": SOURCE,
        }
    )

    assert kinds(found) == {"live": "terraform-source", "modules/alone": "terraform-source"}


def test_modules_that_terraform_init_has_fetched_are_no_roots(tree):
    manifest = json.dumps({"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Dir": "vendor/m"}]})
    found = tree(
        {
            "main.tf": 'module "m" {\n  source = "acme/m/aws"\n}\n',
            ".terraform/modules/modules.json": manifest,
            ".terraform/modules/x/main.tf": SOURCE,
            "vendor/m/main.tf": SOURCE,
        }
    )

    assert kinds(found) == {".": "terraform-source"}


def test_modules_that_only_call_each_other_are_not_lost(tree):
    found = tree(
        {
            "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
            "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
        }
    )

    assert set(kinds(found)) == {"a", "b"}


def test_links_to_directories_are_not_followed_and_never_loop(tree, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    found = tree({"a/main.tf": SOURCE})

    assert kinds(found) == {"a": "terraform-source"}
    assert found.passed == ("a/again", "nowhere")


def test_a_link_that_leads_back_to_itself_is_a_fault(tree, tmp_path):
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    ((path, error),) = tree({}).faults
    assert path == "loop.json"
    assert "cannot be read" in str(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_fault(tree, tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    ((path, _),) = tree({}).faults
    assert path == "closed"


def test_too_many_files_are_refused(tree, monkeypatch):
    monkeypatch.setattr(module, "MAX_FILES", 2)
    with pytest.raises(InputError, match="holds more than 2 files; name smaller directories"):
        tree({"a": "", "b": "", "c": ""})


def test_a_directory_that_is_nested_too_deeply_is_a_fault(tree, monkeypatch):
    monkeypatch.setattr(module, "MAX_DEPTH", 1)
    found = tree({"a/b/main.tf": SOURCE, "a/main.tf": SOURCE})
    assert kinds(found) == {"a": "terraform-source"}
    assert [path for path, _ in found.faults] == ["a/b"]


def test_the_size_of_a_root_module_is_that_of_all_that_it_calls(tree):
    call = 'module "m" {\n  source = "../modules/%s"\n}\n'
    found = tree(
        {
            "app/main.tf": call % "a",
            "modules/a/main.tf": SOURCE + 'module "b" {\n  source = "../b"\n}\n',
            "modules/b/main.tf": SOURCE * 10,
        }
    )
    (item,) = found.items
    assert (item.path, item.size) == (
        "app",
        len(call % "a") + len(SOURCE) * 11 + len('module "b" {\n  source = "../b"\n}\n'),
    )


def test_a_link_that_leads_out_of_the_repository_is_passed_over(tmp_path):
    """Who opens a pull request writes the link, and what is read may be quoted in a report."""
    template = "Resources:\n  A: {Type: AWS::IAM::User}\n"
    (tmp_path / "secret.yaml").write_text(template)
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "shared.yaml").write_text(template)
    infra = repository / "infra"
    infra.mkdir()
    (infra / "outside.yaml").symlink_to(tmp_path / "secret.yaml")
    (infra / "inside.yaml").symlink_to(repository / "shared.yaml")
    found = discover(str(infra))
    assert [item.path for item in found.items] == [str(infra / "inside.yaml")]
    assert found.passed == (str(infra / "outside.yaml"),)
