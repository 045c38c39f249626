"""action.yml and action/comment/action.yml, run step by step on real plans, with every file that they write."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from action.conftest import BASE, HEAD, pull_request
from action.runner import ROOT, Runner, evaluate

from iacscan import __version__

EXAMPLES = ROOT / "examples" / "terraform"
CHANGES = EXAMPLES / "changes" / "plan.json"
ALL = EXAMPLES / "all-nine-tips" / "plan.json"
CLEAN = EXAMPLES / "all-nine-tips" / "repaired" / "plan.json"
COMMANDS = re.compile(r"^::(error|warning|notice) ([^:]*)::(.*)$", re.MULTILINE)


def place(runner: Runner, plan: Path, name: str = "plan.json") -> None:
    target = runner.workspace / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(plan, target)


def scan(runner: Runner, event: str = "pull_request", payload: dict | None = None, **inputs: str):
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    return runner.run(
        ".", {"path": "plan.json", "comment": "false"} | given, event, pull_request() if payload is None else payload
    )


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What the command line says of the same plan: its counts, with the sum of those that are listed."""
    command = [sys.executable, "-m", "iacscan", str(CHANGES), "--format=json", "--no-config"]
    done = subprocess.run(command, cwd=tmp_path_factory.mktemp("told"), capture_output=True, check=False)
    summary = json.loads(done.stdout)["summary"]
    assert summary["listed"]["critical"]
    return summary | summary["listed"] | {"findings": sum(summary["listed"].values())}


# -- the expressions of the harness itself --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("inputs.a == 'true'", True),
        ("inputs.a != 'true' || inputs.b", "x"),
        ("!(inputs.a == 'true') && inputs.b", False),
        ("steps.none.outputs.none", ""),
    ],
)
def test_the_harness_reads_expressions(expression: str, value: object) -> None:
    assert evaluate(expression, {"inputs": {"a": "true", "b": "x"}, "steps": {}}) == value


# -- what a scan leaves behind --------------------------------------------------------------------------------------


def test_a_scan_with_findings_fails_the_job_and_writes_everything(runner, github, told) -> None:
    place(runner, CHANGES)
    result = scan(runner, comment="true")
    assert result.code == 1
    assert list(result.steps) == ["Get Python", "Install", "Scan", "Comment", "Verdict"]
    assert set(result.outputs) == {
        *("exit-code", "findings", "critical", "high", "medium", "low", "info"),
        *("undecided", "existing", "hidden", "suppressed", "fixed", "policies", "policies-unknown", "not-scanned"),
        *("sarif", "report", "summary"),
    }
    counts = ("findings", "critical", "medium", "undecided", "existing", "hidden", "suppressed", "fixed")
    assert {name: result.outputs[name] for name in counts} == {name: str(told.get(name, 0)) for name in counts}
    assert (result.outputs["exit-code"], result.outputs["not-scanned"]) == ("1", "0")
    assert (result.outputs["policies"], result.outputs["policies-unknown"]) == ("5", "0")
    report = json.loads(Path(result.outputs["report"]).read_text(encoding="utf-8"))
    jsonschema.validate(report, json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8")))
    assert report["inputs"][0]["path"] == "plan.json"
    sarif = json.loads(Path(result.outputs["sarif"]).read_text(encoding="utf-8"))
    schema = (ROOT / "tests" / "report" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
    jsonschema.validate(sarif, json.loads(schema))
    assert len(sarif["runs"][0]["results"]) == told["findings"] + told["existing"] + told["undecided"]
    assert result.summary == Path(result.outputs["summary"]).read_text(encoding="utf-8")
    title = f"## iacscan: {told['findings']} findings: {told['critical']} critical"
    assert result.summary.startswith(title)
    for step in result.steps.values():
        assert not any(step.files.get(name) for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"))
    (body,) = github.bodies()
    assert body.startswith(f"<!-- iacscan comment: iacscan -->\n{title}")
    assert f"For commit {HEAD}, from [this run](https://github.example/acme/cloud/actions/runs/42)." in body


def test_annotations_are_the_worst_first_and_say_how_many_are_hidden(runner) -> None:
    place(runner, ALL)
    place(runner, EXAMPLES / "privilege" / "plan.json", "other.json")
    found = COMMANDS.findall(scan(runner, path="plan.json\nother.json").steps["Scan"].log)
    kinds = [kind for kind, _, _ in found]
    assert all(kinds.count(kind) <= 10 for kind in set(kinds))
    assert kinds == sorted(kinds, key=("error", "warning", "notice").index)
    assert re.search(r"; \d+ of them not shown here, as GitHub shows 10 of a kind", found[-1][2])


def test_findings_of_source_stand_on_lines_that_are_counted_from_the_root_of_the_checkout(runner) -> None:
    shutil.copytree(EXAMPLES / "anonymous", runner.workspace / "stacks" / "anonymous", ignore=lambda *_: ["repaired"])
    (runner.workspace / "stacks" / "anonymous" / "plan.json").unlink()
    result = scan(runner, path="anonymous", working_directory="stacks")
    assert result.code == 1
    files = {properties.split(",")[0] for _, properties, _ in COMMANDS.findall(result.steps["Scan"].log)[:-1]}
    assert files == {"file=stacks/anonymous/main.tf"}
    sarif = json.loads(Path(result.outputs["sarif"]).read_text(encoding="utf-8"))
    uris = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in sarif["runs"][0]["results"]}
    assert uris == {"stacks/anonymous/main.tf"}


def test_a_clean_plan_passes_and_takes_the_comment_away(runner, github) -> None:
    place(runner, CHANGES)
    assert scan(runner, comment="true").code == 1
    assert len(github.comments) == 1
    place(runner, CLEAN)
    result = scan(runner, comment="true")
    assert (result.code, result.outputs["findings"], github.comments) == (0, "0", [])


def test_a_threshold_lets_the_job_pass_while_the_findings_are_still_told(runner, github, told) -> None:
    place(runner, CHANGES)
    result = scan(runner, fail_on="never", comment="true")
    assert (result.code, result.outputs["exit-code"], result.outputs["findings"]) == (0, "0", str(told["findings"]))
    assert len(github.bodies()) == 1


def test_what_cannot_be_read_fails_the_job_and_is_told_everywhere(runner, github) -> None:
    place(runner, CLEAN)
    (runner.workspace / "broken.json").write_text("{", encoding="utf-8")
    result = scan(runner, path="plan.json\nbroken.json\n", comment="true")
    assert (result.code, result.outputs["exit-code"], result.outputs["not-scanned"]) == (3, "3", "1")
    assert "Not scanned" in result.summary
    assert "Not scanned" in github.bodies()[0]
    assert "::error title=iacscan%3A not scanned::broken.json: " in result.steps["Scan"].log


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ({"path": ""}, "path: name a plan"),
        ({"path": "-"}, "path: name a plan"),
        ({"fail_on": "terrible"}, "'terrible' is not one of"),
        ({"comment": "yes"}, "comment: yes is none of true, false"),
        ({"inline_ignores": ""}, "inline-ignores: nothing is none of"),
        ({"upload_sarif": "maybe"}, "upload-sarif: maybe is none of true, false, auto"),
        ({"version": "99.0"}, f"version: 99.0 is expected, but the action at this commit is {__version__}"),
        ({"config": "../elsewhere.yaml"}, "config: ../elsewhere.yaml is no file of the repository"),
    ],
)
def test_a_mistake_in_the_inputs_fails_the_job_at_once(runner, github, inputs, complaint) -> None:
    place(runner, CLEAN)
    result = scan(runner, **inputs)
    assert result.code == 2
    assert list(result.steps)[-1] == "Scan"
    assert complaint in result.steps["Scan"].log
    assert github.comments == []


def test_the_version_that_is_expected_may_have_a_v(runner) -> None:
    place(runner, CLEAN)
    assert scan(runner, version=f"v{__version__}").code == 0


# -- code scanning --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visibility", "wanted", "sent"),
    [("public", "auto", True), ("private", "auto", False), ("private", "true", True), ("public", "false", False)],
)
def test_findings_are_sent_to_code_scanning_where_that_is_free_or_asked_for(runner, visibility, wanted, sent) -> None:
    place(runner, CHANGES)
    result = scan(runner, payload=pull_request(visibility=visibility), upload_sarif=wanted, name="stack one")
    step = result.steps.get("Send findings to code scanning")
    assert (step is not None) is sent
    if step is not None:
        assert step.given["sarif_file"] == result.outputs["sarif"]
        assert step.given["category"] == "iacscan/stack one"


def test_a_scan_that_is_not_whole_does_not_close_the_alerts_of_code_scanning(runner) -> None:
    result = scan(runner, path="missing.json", upload_sarif="true")
    assert result.code == 3
    assert "Send findings to code scanning" not in result.steps


# -- whom it trusts -------------------------------------------------------------------------------------------------


def test_configuration_of_a_pull_request_is_that_of_the_base_branch(runner, github, told) -> None:
    place(runner, CHANGES)
    (runner.workspace / ".iacscan.yaml").write_bytes(b"fail-on: never\n")
    github.files[".iacscan.yaml", BASE] = b"fail-on: critical\nseverity: critical\n"
    result = scan(runner, config=".iacscan.yaml")
    hidden = told["findings"] - told["critical"]
    assert (result.code, result.outputs["findings"], result.outputs["hidden"]) == (
        1,
        str(told["critical"]),
        str(hidden),
    )
    assert github.asked[0] == (f"/repos/acme/cloud/contents/.iacscan.yaml?ref={BASE}", "Bearer t0ken")


@pytest.mark.parametrize("name", [".iacscan.yaml", "pyproject.toml"])
def test_configuration_that_nobody_named_does_not_count(runner, name) -> None:
    place(runner, CHANGES)
    text = {".iacscan.yaml": "fail-on: never\n", "pyproject.toml": '[tool.iacscan]\nfail-on = "never"\n'}[name]
    (runner.workspace / name).write_text(text, encoding="utf-8")
    assert scan(runner).code == 1
    assert scan(runner, "push", {"repository": {"full_name": "acme/cloud"}}).code == 1


def test_configuration_that_a_pull_request_brings_along_does_not_count_yet(runner) -> None:
    place(runner, CHANGES)
    (runner.workspace / ".iacscan.yaml").write_bytes(b"fail-on: never\n")
    result = scan(runner, config=".iacscan.yaml")
    assert result.code == 1
    assert "::warning title=iacscan::config: the base branch has no .iacscan.yaml" in result.steps["Scan"].log


def test_outside_of_pull_requests_the_checkout_is_what_was_agreed_on(runner, github, told) -> None:
    place(runner, CHANGES, "infra/plan.json")
    (runner.workspace / "infra" / ".iacscan.yaml").write_bytes(b"fail-on: never\n")
    event = {"repository": {"full_name": "acme/cloud"}}
    result = scan(runner, "push", event, working_directory="infra", config=".iacscan.yaml", comment="true")
    assert (result.code, result.outputs["findings"]) == (0, str(told["findings"]))
    assert "Comment" not in result.steps
    assert github.asked == []


def test_the_baseline_of_a_pull_request_is_that_of_the_base_branch(runner, github) -> None:
    place(runner, CHANGES)
    command = [sys.executable, "-m", "iacscan", "baseline", "--no-config", "plan.json"]
    known = subprocess.run(command, cwd=runner.workspace, capture_output=True, check=True).stdout
    (runner.workspace / ".iacscan-baseline.json").write_bytes(known)
    assert scan(runner, baseline=".iacscan-baseline.json").code == 1
    github.files[".iacscan-baseline.json", BASE] = known
    result = scan(runner, baseline=".iacscan-baseline.json")
    assert (result.code, result.outputs["findings"]) == (0, "0")


def test_a_variable_of_the_job_does_not_weaken_the_scan(runner) -> None:
    place(runner, CHANGES)
    runner.variables = {"IACSCAN_FAIL_ON": "never", "IACSCAN_SKIP": "IAM208,IAM917"}
    assert scan(runner).code == 1


IGNORED = """
resource "aws_iam_role" "open" {
  # iacscan:ignore=IAM208 reason="a honeypot"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = "*" }]
  })
}
"""


@pytest.mark.parametrize(
    ("fork", "wanted", "findings"), [(False, "true", "0"), (False, "false", "1"), (True, "true", "1")]
)
def test_comments_that_ignore_findings_do_not_count_in_a_pull_request_from_a_fork(runner, fork, wanted, findings):
    (runner.workspace / "main.tf").write_text(IGNORED, encoding="utf-8")
    result = scan(runner, path=".", payload=pull_request(fork=fork), inline_ignores=wanted)
    assert (result.outputs["critical"], result.outputs["suppressed"]) == (findings, "0" if findings == "1" else "1")


def test_nothing_of_the_checkout_is_imported(runner) -> None:
    place(runner, CLEAN)
    for name in ("iacscan", "click", "msgspec", "json", "sitecustomize"):
        package = runner.workspace / name
        package.mkdir()
        (package / "__init__.py").write_text("raise SystemExit('imported from the checkout')", encoding="utf-8")
    assert scan(runner).code == 0


def test_what_is_installed_is_held_to_hashes_and_nothing_is_built(runner) -> None:
    place(runner, CLEAN)
    calls = scan(runner).python
    (install,) = (call for call in calls if " pip " in call)
    assert "--no-deps --only-binary :all: --require-hashes" in install
    assert install.endswith(f"--requirement {ROOT}/action/requirements.txt")
    assert all(call.startswith("-I ") for call in calls)


# -- a fork ---------------------------------------------------------------------------------------------------------


def test_with_a_token_that_only_reads_all_but_the_comment_works(runner, github, told) -> None:
    place(runner, CHANGES)
    github.read_only = True
    result = scan(runner, payload=pull_request(fork=True), comment="true")
    assert (result.code, result.outputs["findings"]) == (1, str(told["findings"]))
    assert result.summary.startswith(f"## iacscan: {told['findings']} findings")
    comment = result.steps["Comment"]
    assert comment.code == 0
    assert comment.log.startswith("::notice title=iacscan::no comment was written: ")


def test_when_github_fails_the_verdict_stands(runner, github) -> None:
    place(runner, CHANGES)
    github.status = 502
    result = scan(runner, comment="true")
    assert result.steps["Comment"].code == 1
    assert "::error title=iacscan::GitHub answered 502" in result.steps["Comment"].log
    assert result.code == 1


def test_the_report_of_a_fork_is_commented_on_by_a_run_that_may_write(runner, github, told) -> None:
    place(runner, CHANGES)
    report = scan(runner, payload=pull_request(fork=True)).outputs["report"]
    github.pulls = [
        {"branch": "feature", "number": 7, "headRefOid": HEAD, "headRepository": {"nameWithOwner": "stranger/cloud"}},
        {"branch": "feature", "number": 8, "headRefOid": HEAD, "headRepository": {"nameWithOwner": "other/cloud"}},
        {"branch": "feature", "number": 9, "headRefOid": HEAD, "headRepository": None},
    ]
    event = {
        "repository": {"full_name": "acme/cloud"},
        "workflow_run": {
            "event": "pull_request",
            "head_sha": HEAD,
            "head_branch": "feature",
            "head_repository": {"full_name": "stranger/cloud"},
            "html_url": "https://github.example/acme/cloud/actions/runs/41",
        },
    }
    result = runner.run("action/comment", {"report": report}, "workflow_run", event)
    assert result.code == 0
    (body,) = github.bodies()
    assert f"{told['findings']} findings: {told['critical']} critical" in body
    assert "actions/runs/41" in body


# -- hostile text ---------------------------------------------------------------------------------------------------

HOSTILE = "x\n::add-mask::a\n##[add-path]/tmp\n</summary></details><img src=x> @octocat [a](https://evil.example) `|"


def test_names_in_a_plan_are_neither_commands_nor_markup(runner, github) -> None:
    text = CHANGES.read_text(encoding="utf-8")
    quoted = json.dumps(HOSTILE)[1:-1]
    changed = text.replace("aws_iam_role.agency", f"aws_iam_role.{quoted}").replace('"agency"', f'"{quoted}"')
    (runner.workspace / "plan.json").write_text(changed, encoding="utf-8")
    result = scan(runner, comment="true")
    assert int(result.outputs["critical"]) >= 1
    log = result.steps["Scan"].log
    (word,) = re.findall(r"^::stop-commands::(\w{32})$", log, re.MULTILINE)
    stopped = re.sub(rf"^::stop-commands::{word}\n.*?^::{word}::\n", "", log, flags=re.DOTALL | re.MULTILINE)
    assert "add-mask" in stopped  # it is told of, within a line of our own
    for line in stopped.splitlines():
        assert line.startswith(
            ("::error title=IAM", "::warning title=IAM", "::notice title=", "::group::", "::endgroup::")
        )
    for page in (result.summary, *github.bodies()):
        outside = re.sub(r"(`{3,})text\n.*?\n\1", "", page, flags=re.DOTALL)
        assert "<img" not in outside
        assert "@octocat" not in outside
        assert "](https://evil" not in outside
        assert outside.count("<details>") == outside.count("</details>")
