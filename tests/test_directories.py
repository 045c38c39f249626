"""`iacscan DIR`: everything that a directory holds is scanned, and nothing in it stops the rest."""

import json
import shutil
from pathlib import Path

import pytest

from iacscan import cli, engine, pool
from iacscan.engine import Options, exit_code, scan
from iacscan.errors import ExitCode

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "terraform"
ADMIN = """
variable "action" {}
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = var.action, Resource = "*" }] })
}
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


def statuses(report):
    return {item.path: item.status for item in report.inputs}


def test_a_mixed_directory_is_scanned_as_all_of_it(work):
    work(live__main_dot_tf=ADMIN, live__terraform_dot_tfvars='action = "*"\n', readme_dot_md="# hello\n")
    shutil.copy(EXAMPLES / "sprawl" / "plan.json", "plan.json")
    report = scan(["."], Options())

    assert statuses(report) == {"live": "scanned", "plan.json": "scanned"}
    assert {finding.subject.input for finding in report.findings} == {"live", "plan.json"}
    assert report.passed == ("live/terraform.tfvars", "readme.md")


def test_a_module_that_does_not_parse_is_told_of_and_the_others_are_scanned(work):
    work(good__main_dot_tf=ADMIN, bad__main_dot_tf='resource "a" "b" {\n  x =\n}\n')
    report = scan(["."], Options())

    assert statuses(report) == {"bad": "unreadable", "good": "scanned"}
    assert "bad/main.tf:2: " in next(item.error for item in report.inputs if item.path == "bad")
    assert exit_code(report, Options()) is ExitCode.INPUT


def test_a_directory_that_holds_nothing_is_no_clean_run(work):
    work(readme_dot_md="# hello\n")
    report = scan(["."], Options())

    assert statuses(report) == {".": "empty"}
    assert exit_code(report, Options()) is ExitCode.INPUT


def test_files_of_variables_decide(work):
    work(main_dot_tf=ADMIN, all_dot_tfvars='action = "*"\n')
    (unknown,) = scan(["."], Options()).inputs
    report = scan(["."], Options(var_files=("all.tfvars",)))

    assert (unknown.coverage.analysed, unknown.coverage.partial) == (0, 1)
    assert [item.coverage.analysed for item in report.inputs] == [1]
    assert "IAM401" in {finding.code for finding in report.findings}


def test_several_processes_give_the_same_report_as_one(monkeypatch):
    paths = [str(EXAMPLES / name) for name in ("sprawl", "unused")]
    monkeypatch.setattr(engine, "pays", lambda _: True)
    one, two = (scan(paths, Options(jobs=jobs)) for jobs in (1, 2))

    assert one.inputs == two.inputs
    assert one.findings == two.findings
    assert len(one.inputs) == 8


@pytest.mark.parametrize(
    ("sizes", "answer"),
    [
        ([], False),
        ([("terraform-plan", 500_000_000)], False),
        ([("terraform-plan", 10_000), ("terraform-source", 10_000)], False),
        ([("terraform-plan", 20_000_000), ("terraform-plan", 20_000_000)], True),
    ],
)
def test_several_processes_pay_for_several_large_inputs(sizes, answer):
    assert pool.pays(sizes) is answer


def run(*arguments):
    with pytest.raises(SystemExit) as exit_:
        cli.main(arguments)
    return exit_.value.code


def test_verbose_names_what_was_passed_over(work, capsys):
    work(main_dot_tf=ADMIN, one_dot_md="# x\n", two_dot_md="# x\n")

    run(".")
    assert "! passed over: 2 files that are nothing to scan (--verbose names them)\n" in capsys.readouterr().out
    run(".", "--verbose")
    out = capsys.readouterr().out
    assert "! passed over: one.md\n! passed over: two.md\n" in out


def test_a_file_of_variables_that_is_missing_is_wrong_usage(work, capsys):
    work(main_dot_tf=ADMIN)
    assert run(".", "--var-file", "no.tfvars") == ExitCode.USAGE
    assert "there is no file no.tfvars" in capsys.readouterr().err


def test_a_finding_in_source_is_told_with_file_and_line(work, capsys):
    work(main_dot_tf=ADMIN, terraform_dot_tfvars='action = "*"\n')
    assert run(".", "--format", "json") == ExitCode.FINDINGS
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert {(item["location"]["file"], item["location"]["line"]) for item in findings} == {("main.tf", 3)}


def test_what_a_plan_says_is_not_repeated_by_its_source(tmp_path):
    for name in ("main.tf", "plan.json"):
        shutil.copy(EXAMPLES / "hidden" / name, tmp_path / name)
    together = scan([str(tmp_path)], Options(source=None))
    alone = scan([str(tmp_path / "plan.json")], Options(source=None))

    def said(report):
        return sorted((item.code, item.subject.address) for item in report.findings)

    assert {item.kind for item in together.inputs} == {"terraform-plan", "terraform-source"}
    assert said(together) == said(alone) != []
