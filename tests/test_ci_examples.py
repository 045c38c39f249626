"""What we offer to other tools of continuous integration: pre-commit, GitLab, Jenkins."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from iacscan import cli
from iacscan.output import FORMATS
from iacscan.report import FORMATS as RENDERED

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
PIPELINES = [EXAMPLES / "gitlab" / ".gitlab-ci.yml", EXAMPLES / "jenkins" / "Jenkinsfile"]


def commands(text: str) -> list[list[str]]:
    """The command lines of iacscan in a file, in which a line may go on with a backslash or more indented."""
    joined = re.sub(r"\\\n\s+|\n\s+(?=--)", " ", text)
    return [found.split() for found in re.findall(r"bin/iacscan (\S+\.json --.*)$", joined, re.MULTILINE)]


@pytest.mark.parametrize("file", PIPELINES, ids=lambda file: file.name)
def test_the_commands_of_the_examples_are_ones_that_iacscan_takes(file: Path) -> None:
    found = commands(file.read_text(encoding="utf-8"))
    assert found
    for arguments in found:
        context = cli.scan.make_context("iacscan", list(arguments))
        written = [value.partition("=")[0] for value in context.params["outputs"]]
        assert written
        assert set(written) <= set(FORMATS)


def test_every_report_that_gitlab_is_promised_is_written() -> None:
    text = PIPELINES[0].read_text(encoding="utf-8")
    job = yaml.safe_load(text)["iacscan"]
    (arguments,) = commands(text)
    promised = {
        job["artifacts"]["reports"]["codequality"],
        job["artifacts"]["reports"]["junit"],
        *job["artifacts"]["paths"],
    }
    assert promised == {argument.partition("=")[2] for argument in arguments if "=" in argument}


def test_the_formats_of_the_command_line_are_those_that_can_be_written() -> None:
    assert FORMATS == RENDERED


def test_the_hook_for_source_scans_the_repository_and_fails_on_findings(tmp_path: Path) -> None:
    hook = HOOKS["iacscan"]
    source = (EXAMPLES / "terraform" / "anonymous" / "main.tf").read_text(encoding="utf-8")
    (tmp_path / "main.tf").write_text(source, encoding="utf-8")
    assert not hook["pass_filenames"]
    assert run(hook, tmp_path) == 1


def test_the_hook_for_templates_scans_the_files_that_it_is_given(tmp_path: Path) -> None:
    hook = HOOKS["iacscan-cloudformation"]
    template = (EXAMPLES / "cloudformation" / "anonymous" / "template.yaml").read_text(encoding="utf-8")
    (tmp_path / "template.yaml").write_text(template, encoding="utf-8")
    assert run(hook, tmp_path, "template.yaml") == 1


def run(hook: dict, directory: Path, *files: str) -> int:
    assert hook["entry"] == "iacscan"
    command = [sys.executable, "-m", "iacscan", *hook.get("args", ()), *files]
    return subprocess.run(command, cwd=directory, capture_output=True, check=False).returncode


@pytest.mark.parametrize(
    ("hook", "wanted", "unwanted"),
    [
        (
            "iacscan",
            ("main.tf", "infra/main.tf.json", "prod.tfvars", "prod.tfvars.json"),
            ("main.tf.bak", "terraform.tfstate", "README.md"),
        ),
        (
            "iacscan-cloudformation",
            (
                "template.yaml",
                "sam/template.yml",
                "cdk.out/Stack.template.json",
                "x.template",
                "cloudformation/a/b.yaml",
            ),
            (".github/workflows/ci.yml", "package.json", "values.yaml", "templates.yaml"),
        ),
    ],
)
def test_a_hook_is_for_its_own_files(hook: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> None:
    pattern = HOOKS[hook]["files"]  # pre-commit searches
    assert [file for file in wanted if not re.search(pattern, file)] == []
    assert [file for file in unwanted if re.search(pattern, file)] == []
