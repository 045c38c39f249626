import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from iacscan import __version__, cli, engine
from iacscan.errors import InputError
from iacscan.finding import Confidence, Origin, Severity, Undecided, Violation
from iacscan.load.block import Loaded, Side
from iacscan.model.estate import Estate
from iacscan.rules._rule import Rule

ROOT = Path(__file__).parents[1]
ROLE = Origin("aws_iam_role.r", "aws_iam_role", "plan.json")
BAD = Violation(subject=ROLE, message="the role may do anything", evidence=("Allow * on *",))
MISSING = InputError("there is no such file", "check the path")
NO_PLAN = InputError("is not a plan", "make one with terraform show -json")
DOUBT = Undecided(subject=ROLE, message="its policy is not known")


def rule(code: str, *verdicts: Violation | Undecided, fault: Exception | None = None) -> Rule:
    def check(_: object) -> object:
        if fault:
            raise fault
        return iter(verdicts)

    return Rule(
        code=code,
        name=f"name-of-{code.lower()}",
        tip=4,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        references=("https://docs.aws.amazon.com/",),
        controls=("CIS 1.15",),
        examples=(),
        summary="Role may do anything.",
        why="Whoever has it owns the account.",
        fix="Name what is needed.",
        notes="Roles of AWS.",
        uncertain="The policy is not known.",
        check=check,
        module="tests",
    )


def load(path: str) -> Loaded:
    """Read what the tests write: a file that holds `ok` is a plan with one resource, `nothing` one without."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise MISSING from error
    if text not in ("ok", "nothing"):
        raise NO_PLAN
    blocks = [SimpleNamespace(action="create", mode="managed")] if text == "ok" else []
    return Loaded(path=path, kind="terraform-plan", before=Side([]), after=Side(blocks))


Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in an empty directory with one good plan and rules that say what the test wants."""
    monkeypatch.chdir(tmp_path)
    Path("plan.json").write_text("ok", encoding="utf-8")
    monkeypatch.setattr(engine, "terraform", lambda *_, **__: engine.Pipeline(load, lambda _: (Estate(), Estate())))

    def go(*arguments: str, rules: tuple[Rule, ...] = (rule("IAM401", BAD),)) -> int:
        monkeypatch.setattr(engine, "all_rules", lambda: rules)
        with pytest.raises(SystemExit) as exit_:
            cli.main(arguments)
        return exit_.value.code

    return go


CLEAN = (rule("IAM401"),)
UNSURE = (rule("IAM401", DOUBT),)


def test_help_is_the_published_text(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("--help") == 0
    assert capsys.readouterr().out == (ROOT / "docs" / "help.txt").read_text(encoding="utf-8") == cli.help_text()


def test_the_version_is_told(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"iacscan {__version__}\n"


def test_exit_0_when_clean(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("plan.json", rules=CLEAN) == 0
    assert capsys.readouterr().out == "No findings. Analysed 0 of 0 policies.\n"


def test_exit_1_on_findings(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("plan.json") == 1
    out = capsys.readouterr().out
    assert out.startswith("aws_iam_role.r  created by this change\n  HIGH     IAM401 name-of-iam401\n")
    assert "\x1b" not in out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--no-such-option", "plan.json"),
        ("--format", "xml", "plan.json"),
        ("--fail-on", "terrible", "plan.json"),
        ("--only", "IAM999", "plan.json"),
        ("--skip", "IAM401", "plan.json"),
        ("--output", "no/such/directory/report", "plan.json"),
        ("explain", "IAM999"),
        ("explain",),
        ("rules", "IAM401"),
    ],
)
def test_exit_2_and_one_line_on_wrong_usage(run: Run, capsys: pytest.CaptureFixture, arguments: tuple) -> None:
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("iacscan: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("content", ["", "no plan", "nothing"])
def test_exit_3_when_nothing_could_be_scanned(run: Run, capsys: pytest.CaptureFixture, content: str) -> None:
    Path("other.json").write_text(content, encoding="utf-8")
    assert run("other.json", rules=CLEAN) == 3
    assert capsys.readouterr().out.endswith("Nothing was scanned.\n")


def test_exit_3_for_one_unreadable_input_though_the_other_is_reported(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("plan.json", "missing.json", "--fail-on", "never") == 3
    out = capsys.readouterr().out
    assert "IAM401" in out
    assert "! not scanned: missing.json: there is no such file; check the path" in out


def test_exit_4_only_when_asked_for(run: Run) -> None:
    assert run("plan.json", rules=UNSURE) == 0
    assert run("plan.json", "--on-unknown", "fail", rules=UNSURE) == 4
    assert run("plan.json", "--on-unknown=fail", rules=(*UNSURE, rule("IAM402", BAD))) == 1


def test_exit_70_on_a_defect(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("plan.json", rules=(rule("IAM401", fault=ValueError("secret")),)) == 70
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("iacscan: IAM401 on plan.json failed with ValueError (test_cli.py, line ")
    assert "please report it" in err
    assert "secret" not in err
    assert err.count("\n") == 1


def test_a_report_that_cannot_be_written_for_a_defect_is_no_clean_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def fail(*_: object) -> str:
        raise ValueError

    monkeypatch.setattr("iacscan.report.render", fail)
    assert run("plan.json", rules=CLEAN) == 70
    assert "writing the report failed with ValueError" in capsys.readouterr().err


@pytest.mark.parametrize(("severity", "code"), [("never", 0), ("critical", 0), ("high", 1), ("info", 1)])
def test_fail_on_sets_the_threshold(run: Run, severity: str, code: int) -> None:
    assert run("plan.json", "--fail-on", severity) == code


def test_severity_hides_but_counts(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("plan.json", "--severity", "critical", "--fail-on", "critical") == 0
    out = capsys.readouterr().out
    assert "IAM401" not in out
    assert "1 less severe" in out


def test_only_and_skip_take_several_codes(run: Run, capsys: pytest.CaptureFixture) -> None:
    rules = tuple(rule(code, BAD) for code in ("IAM401", "IAM402", "IAM403", "IAM404"))
    assert run("plan.json", "--only", "IAM401,iam402", "--only", "IAM403", "--skip", "IAM403", rules=rules) == 1
    out = capsys.readouterr().out
    assert [code for code in ("IAM401", "IAM402", "IAM403", "IAM404") if code in out] == ["IAM401", "IAM402"]


def test_json_goes_to_standard_output_and_complaints_to_standard_error(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("plan.json", "missing.json", "--format", "json") == 3
    out, err = capsys.readouterr()
    assert [item["status"] for item in json.loads(out)["inputs"]] == ["scanned", "unreadable"]
    assert err == "iacscan: missing.json: there is no such file; check the path\n"


def test_sarif_is_written(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("plan.json", "-f", "sarif") == 1
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"][0]["ruleId"] == "IAM401"


def test_a_pattern_that_the_shell_left_alone_is_expanded(run: Run, capsys: pytest.CaptureFixture) -> None:
    Path("plans").mkdir()
    for name in ("b", "a"):
        Path("plans", f"{name}.json").write_text("ok", encoding="utf-8")
    run("plans/*.json", "-f", "json")
    paths = [item["path"] for item in json.loads(capsys.readouterr().out)["inputs"]]
    assert [Path(path).as_posix() for path in paths] == ["plans/a.json", "plans/b.json"]


def test_a_pattern_without_match_is_an_unreadable_input(run: Run) -> None:
    assert run("plans/*.json", rules=CLEAN) == 3


def test_a_file_whose_name_is_a_pattern_is_taken_as_it_is(run: Run) -> None:
    Path("plan[1].json").write_text("ok", encoding="utf-8")
    assert run("plan[1].json", rules=CLEAN) == 0


def test_a_file_that_is_called_like_a_command_is_given_with_its_directory(run: Run) -> None:
    Path("rules").write_text("ok", encoding="utf-8")
    assert run("./rules", rules=CLEAN) == 0


def test_output_replaces_the_file_and_leaves_nothing_beside_it(run: Run, capsys: pytest.CaptureFixture) -> None:
    Path("report.json").write_text("old", encoding="utf-8")
    assert run("plan.json", "-f", "json", "-o", "report.json") == 1
    assert json.loads(Path("report.json").read_text(encoding="utf-8"))["version"] == "1"
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["plan.json", "report.json"]
    assert capsys.readouterr().out == ""


def test_a_report_that_cannot_be_put_in_place_leaves_the_old_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("report.json").write_text("old", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    assert run("plan.json", "-o", "report.json") == 2
    assert Path("report.json").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["plan.json", "report.json"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_report_has_the_permissions_of_any_new_file(run: Run) -> None:
    run("plan.json", "-o", "report.txt")
    Path("other").touch()
    assert stat.S_IMODE(Path("report.txt").stat().st_mode) == stat.S_IMODE(Path("other").stat().st_mode)


@pytest.mark.skipif(os.name == "nt", reason="POSIX devices")
def test_the_report_can_go_to_a_device(run: Run) -> None:
    assert run("plan.json", "-o", os.devnull) == 1
    assert not Path(os.devnull).is_file()


def test_rules_are_listed_with_severity_and_summary(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("iacscan.rules._registry.all_rules", lambda: (rule("IAM401"),))
    assert run("rules") == 0
    assert capsys.readouterr().out == "IAM401  high      name-of-iam401  Role may do anything.\n"


@pytest.mark.parametrize("wanted", ["IAM401", "iam401", "name-of-iam401"])
def test_explain_prints_the_rules_page(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, wanted: str
) -> None:
    monkeypatch.setattr("iacscan.rules._registry.all_rules", lambda: (rule("IAM401"),))
    assert run("explain", wanted) == 0
    page = capsys.readouterr().out
    assert page.startswith("IAM401 name-of-iam401 (high)\n\nRole may do anything.\n")
    for text in ("Whoever has it", "Name what is needed.", "Roles of AWS.", "The policy is not known.", "CIS 1.15"):
        assert text in page


class Terminal:
    """Standard output or error that says it is a terminal."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("arguments", "variable", "coloured"),
    [((), "", True), (("--no-color",), "", False), ((), "1", False)],
)
def test_colour_is_for_terminals_that_want_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, arguments: tuple, variable: str,
    coloured: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv("NO_COLOR", variable)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal(sys.stdout))
    run("plan.json", *arguments)
    assert ("\x1b[" in capsys.readouterr().out) is coloured


def test_progress_is_shown_on_a_terminal_when_work_takes_long_and_taken_away_again(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(cli, "_PATIENCE", -1.0)
    run("plan.json")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "stderr", Terminal(sys.stderr))
    run("plan.json")
    err = capsys.readouterr().err
    assert err.startswith("\r\x1b[Kreading plan.json")
    assert err.endswith("\r\x1b[K")


def test_a_path_cannot_write_to_the_terminal(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert run("evil\x1b]0;x\x07.json", "-f", "json") == 3
    assert "\x1b" not in capsys.readouterr().err


def command(*arguments: str, **more: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "iacscan", *arguments], capture_output=True, check=False, timeout=60, **more
    )


def test_the_module_runs_as_the_command_does(tmp_path: Path) -> None:
    done = command("missing.json", cwd=tmp_path)
    assert done.returncode == 3
    assert b"not scanned: missing.json" in done.stdout


def test_a_plan_on_standard_input_is_scanned() -> None:
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "resource_changes": [
            {
                "address": "aws_iam_user.ann",
                "mode": "managed",
                "type": "aws_iam_user",
                "name": "ann",
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {"actions": ["create"], "before": None, "after": {"name": "ann"}, "after_unknown": {}},
            }
        ],
        "configuration": {"root_module": {}},
    }
    done = command("-", "--format", "json", "--fail-on", "never", input=json.dumps(plan).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert [(item["path"], item["status"]) for item in json.loads(done.stdout)["inputs"]] == [("-", "scanned")]


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "iacscan", "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_and_version_import_nothing_that_scans(arguments: tuple) -> None:
    code = f"import sys, iacscan.cli as c\ntry: c.main({arguments!r})\nexcept SystemExit: pass\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"msgspec", "pydantic", "rich", "iacscan.engine", "iacscan.rules._registry"}


def test_a_text_report_imports_neither_pydantic_nor_rich(tmp_path: Path) -> None:
    code = "import sys, iacscan.cli as c\ntry: c.main(['missing.json'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60, cwd=tmp_path
    )
    assert not set(done.stdout.splitlines()[-1].split()) & {"pydantic", "rich", "jsonschema", "tfparse", "json.decoder"}


def test_the_source_of_plans_can_be_named_or_left_out(run: Run, capsys: pytest.CaptureFixture) -> None:
    Path("code").mkdir()
    Path("code", "main.tf").write_text("", encoding="utf-8")
    assert run("plan.json", "--source", "code") == 1
    assert run("plan.json", "--no-source") == 1
    capsys.readouterr()
    assert run("plan.json", "--source", "code", "--no-source") == 2
    assert "exclude each other" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("directory", "said"), [("nowhere", "cannot be read"), (".", "there is no Terraform file (*.tf) in .")]
)
def test_source_that_is_not_there_is_wrong_usage(
    run: Run, capsys: pytest.CaptureFixture, directory: str, said: str
) -> None:
    assert run("plan.json", "--source", directory) == 2
    assert said in capsys.readouterr().err
