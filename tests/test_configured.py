"""The command line with a configuration, suppressions and a baseline."""

import json
from pathlib import Path

import pytest

from iacscan.cli import main

SITE = """\
# iacscan:ignore=IAM901 until=2099-12-31 reason="public website"
resource "aws_s3_bucket" "site" {
  bucket = "example-site"
}

resource "aws_s3_bucket_acl" "site" {
  bucket = aws_s3_bucket.site.id
  acl    = "public-read"
}
"""
OPEN = SITE.partition("\n")[2]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            main(arguments)
        said = capsys.readouterr()
        return exit_.value.code, said.out, said.err

    return run


def reported(run, *arguments: str) -> dict[str, dict]:
    _, out, _ = run(".", "--format", "json", "--only", "IAM901", *arguments)
    return {finding["subject"]["address"]: finding for finding in json.loads(out)["findings"]}


def test_a_comment_suppresses_and_is_shown_in_the_report_for_programs(here, run):
    (here / "main.tf").write_text(SITE)
    found = reported(run)["aws_s3_bucket.site"]
    assert (found["suppressed"], found["fails"]) == (True, False)
    assert found["suppression"] == {
        "kind": "source",
        "where": "main.tf:1",
        "reason": "public website",
        "until": "2099-12-31",
    }
    code, out, _ = run(".", "--only", "IAM901")
    assert code == 0
    assert "1 suppressed" in out


def test_who_must_not_let_the_source_decide_says_so(here, run):
    (here / "main.tf").write_text(SITE)
    assert reported(run, "--no-inline-ignores")["aws_s3_bucket.site"]["fails"]


def test_the_configuration_suppresses_by_address_and_says_so_in_sarif(here, run):
    (here / "main.tf").write_text(OPEN)
    (here / ".iacscan.yaml").write_text(
        "ignore: [{codes: [IAM901], address: aws_s3_bucket.site, reason: public website}]"
    )
    code, out, _ = run(".", "--format", "sarif", "--only", "IAM901")
    assert code == 0
    (result,) = json.loads(out)["runs"][0]["results"]
    assert result["suppressions"] == [
        {"kind": "external", "justification": "public website (.iacscan.yaml: ignore[0])"}
    ]


def test_a_flag_counts_for_more_than_the_environment_and_that_for_more_than_the_file(here, run, monkeypatch):
    (here / "main.tf").write_text(OPEN)
    (here / ".iacscan.yaml").write_text("fail-on: never\nonly: [IAM901]")
    assert run(".")[0] == 0
    monkeypatch.setenv("IACSCAN_FAIL_ON", "high")
    assert run(".")[0] == 1
    assert run(".", "--fail-on", "never")[0] == 0


def test_no_config_reads_none(here, run):
    (here / "main.tf").write_text(OPEN)
    (here / ".iacscan.yaml").write_text("broken: [")
    assert run(".")[0] == 2
    assert run(".", "--no-config")[0] == 1
    assert run(".", "--no-config", "--config", "x")[0] == 2


def test_the_configuration_says_what_to_scan(here, run):
    (here / "infra").mkdir()
    (here / "infra" / "main.tf").write_text(OPEN)
    (here / ".iacscan.yaml").write_text("paths: [infra]\nseverities: {IAM901: critical}")
    code, out, _ = run()
    assert code == 1
    assert "CRITICAL IAM901" in out


def test_an_assumed_block_of_the_account_keeps_strangers_out(here, run):
    (here / "main.tf").write_text(OPEN)
    (here / ".iacscan.yaml").write_text("assume: {account-public-access-block: true}")
    assert reported(run) == {}


def test_a_baseline_keeps_quiet_what_is_known_and_no_more(here, run):
    (here / "main.tf").write_text(OPEN)
    code, text, _ = run("baseline", ".")
    assert code == 0
    (here / ".iacscan-baseline.json").write_text(text)
    assert run(".")[0] == 0
    assert run(".", "--all")[0] == 1
    (here / "main.tf").write_text("\n\n" + OPEN)  # lines do not matter
    assert run(".")[0] == 0
    (here / "main.tf").write_text(OPEN.replace('"public-read"', '"public-read-write"'))
    code, out, _ = run(".")
    assert code == 1
    assert "IAM903" in out


def test_a_baseline_of_what_cannot_be_read_is_not_written(here, run):
    (here / "main.tf").write_text("resource {")
    code, out, err = run("baseline", ".", "--output", "b.json")
    assert (code, out) == (3, "")
    assert err
    assert not Path("b.json").exists()


def test_a_baseline_that_is_named_must_be_there(here, run):
    (here / "main.tf").write_text(OPEN)
    code, _, err = run(".", "--baseline", "missing.json")
    assert code == 2
    assert "missing.json" in err
