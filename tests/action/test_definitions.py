"""What stands in the files of the action and in the workflows that show how to use it."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from action.runner import ROOT

LOCK = (ROOT / "action" / "requirements.txt").read_text(encoding="utf-8")
DEFINITIONS = [ROOT / "action.yml", ROOT / "action" / "comment" / "action.yml"]
WORKFLOWS = sorted((ROOT / "examples" / "github").glob("*.yml"))


@pytest.mark.parametrize("file", [*DEFINITIONS, *WORKFLOWS], ids=lambda file: str(file.relative_to(ROOT)))
def test_every_action_is_pinned_to_a_commit(file: Path) -> None:
    lines = re.findall(r"^\s*(?:- )?uses: (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    assert all(re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # .+", line) for line in lines)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_the_examples_use_inputs_and_outputs_that_there_are(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            own = step.get("uses", "").partition("@")[0].removeprefix("OWNER/iacscan")
            if own == step.get("uses", "").partition("@")[0]:
                continue
            definition = yaml.safe_load((ROOT / own.lstrip("/") / "action.yml").read_text(encoding="utf-8"))
            assert set(step["with"]) <= set(definition["inputs"])
            if "id" in step:
                used = set(re.findall(rf"steps\.{step['id']}\.outputs\.([\w-]+)", text))
                assert used <= set(definition["outputs"])


def test_the_two_halves_of_the_fork_safe_comment_fit() -> None:
    half, other = (
        yaml.safe_load((ROOT / "examples" / "github" / f"fork-safe-{name}.yml").read_text(encoding="utf-8"))
        for name in ("scan", "comment")
    )
    # YAML 1.1 reads the key `on` as true.
    assert other[True]["workflow_run"]["workflows"] == [half["name"]]
    sent = half["jobs"]["scan"]["steps"][-1]["with"]["name"]
    assert other["jobs"]["comment"]["steps"][0]["with"]["name"] == sent
    assert half["jobs"]["scan"]["permissions"] == {"contents": "read"}


def test_the_page_about_the_action_names_every_input_and_output() -> None:
    page = (ROOT / "docs" / "continuous-integration.md").read_text(encoding="utf-8")
    definition = yaml.safe_load(DEFINITIONS[0].read_text(encoding="utf-8"))
    inputs = page.partition("### Inputs")[2].partition("### Outputs")[0]
    outputs = page.partition("### Outputs")[2].partition("### What is trusted")[0]
    assert re.findall(r"^\| `([\w-]+)`", inputs, re.MULTILINE) == list(definition["inputs"])
    assert set(re.findall(r"`([\w-]+)`", outputs)) == set(definition["outputs"])


def test_what_is_installed_is_what_the_project_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^\w.-]", one)[0].lower() for one in project["dependencies"]}
    locked = re.findall(r"^([\w.-]+)==.*((?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+)", LOCK, re.MULTILINE)
    assert needed <= {name for name, _ in locked}
    assert len(locked) == len(re.findall(r"^\w", LOCK, re.MULTILINE))
