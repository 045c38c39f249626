"""The comment: one, ours, of the newest commit, and gone when there is nothing to say."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from action.conftest import HEAD, pull_request

from iacscan.action import comment
from iacscan.action.api import base_file
from iacscan.action.run import read_run
from iacscan.errors import InputError, UsageError

MARKER = "<!-- iacscan comment: iacscan -->"
POLICIES = {"analysed": 2, "partial": 0, "unknown": 0}
INPUT = {
    "path": "plan.json",
    "kind": "terraform-plan",
    "status": "scanned",
    "error": None,
    "complete": True,
    "unseen": [],
    "notes": [],
}
FINDING = {
    "code": "IAM208",
    "name": "a name of its own <img src=x>",
    "tip": 2,
    "severity": "critical",
    "confidence": "high",
    "verdict": "violation",
    "state": "new",
    "fails": True,
    "subject": {"address": "aws_iam_role.open", "type": "aws_iam_role", "input": "plan.json", "action": "create"},
    "related": [],
    "message": "anyone may assume it",
    "evidence": ["Allow"],
    "remedy": "Name the account.",
    "location": None,
    "fingerprint": "f",
    "suppressed": False,
}


def written(*findings: dict, **changes: object) -> dict:
    return {
        "version": "1",
        "tool": {"name": "iacscan", "version": "0.1.0"},
        "inputs": [INPUT],
        "coverage": {"policies": POLICIES, "unknown": []},
        "summary": {"listed": {}, "undecided": 0, "existing": 0, "hidden": 0, "suppressed": 0, "fixed": 0},
        "findings": list(findings),
    } | changes


Go = Callable[..., int]


@pytest.fixture
def go(tmp_path: Path, github, monkeypatch: pytest.MonkeyPatch) -> Go:
    """Run the step with a report and an event."""

    def run(report: object, event: dict | None = None, **variables: str) -> int:
        files = {"GITHUB_EVENT_PATH": pull_request() if event is None else event, "INPUT_REPORT": report}
        for name, content in files.items():
            file = tmp_path / name
            file.write_text(json.dumps(content), encoding="utf-8")
            monkeypatch.setenv(name, str(file))
        environment = {
            "GITHUB_REPOSITORY": "acme/cloud",
            "GITHUB_RUN_ID": "42",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_API_URL": github.address,
            "GITHUB_GRAPHQL_URL": f"{github.address}/graphql",
            "INPUT_NAME": "iacscan",
            "INPUT_TOKEN": "t0ken",
        }
        for name, value in (environment | variables).items():
            monkeypatch.setenv(name, value)
        return comment.main()

    return run


def test_the_comment_is_updated_in_place(go: Go, github) -> None:
    assert go(written(FINDING)) == 0
    assert go(written(FINDING | {"message": "everybody may assume it"})) == 0
    (body,) = github.bodies()
    assert body.startswith(f"{MARKER}\n## iacscan: 1 finding: 1 critical\n")
    assert "Everybody may assume it" in body
    assert github.made == 1


def test_the_comment_goes_when_there_is_nothing_to_say(go: Go, github) -> None:
    go(written(FINDING))
    assert go(written()) == 0
    assert github.comments == []


def test_where_there_was_nothing_to_say_nothing_is_said(go: Go, github) -> None:
    assert go(written()) == 0
    assert github.made == 0


@pytest.mark.parametrize(
    "report",
    [
        written(FINDING | {"verdict": "undecided"}),
        written(inputs=[INPUT | {"status": "unreadable", "error": "is empty"}]),
        written(inputs=[]),
    ],
    ids=["something is undecided", "something was not read", "nothing was scanned"],
)
def test_a_report_is_not_clean_when(go: Go, github, report: dict) -> None:
    assert go(report) == 0
    assert github.made == 1


@pytest.mark.parametrize("change", [{"state": "existing"}, {"state": "fixed"}, {"suppressed": True}])
def test_what_is_no_news_is_no_reason_to_comment(go: Go, github, change: dict) -> None:
    assert go(written(FINDING | change)) == 0
    assert github.made == 0


def test_a_comment_of_somebody_else_with_our_marker_is_left_alone(go: Go, github) -> None:
    github.comments = [("theirs", f"{MARKER}\nall is well", False)]
    go(written(FINDING))
    go(written())
    assert github.comments == [("theirs", f"{MARKER}\nall is well", False)]


def test_comments_of_ours_on_other_things_are_left_alone(go: Go, github) -> None:
    others = [("one", "<!-- iacscan comment: network -->", True), ("two", f"look: {MARKER}", True)]
    github.comments = list(others)
    go(written(FINDING))
    go(written())
    assert github.comments == others


def test_the_comment_is_found_on_a_later_page_and_copies_of_it_go(go: Go, github) -> None:
    github.page = 2
    github.comments = [(f"c{index}", "hello", False) for index in range(5)]
    github.comments += [("first", f"{MARKER}\nold", True), ("second", f"{MARKER}\nolder", True)]
    go(written(FINDING))
    assert [name for name, _, ours in github.comments if ours] == ["first"]
    assert "anyone may assume it" in github.bodies()[0].lower()


def test_a_run_for_an_older_commit_does_not_touch_the_comment(go: Go, github, capsys) -> None:
    github.head = "c" * 40
    assert go(written(FINDING)) == 0
    assert github.made == 0
    assert "there is a newer commit" in capsys.readouterr().out


def test_without_a_pull_request_nothing_is_said(go: Go, github, capsys) -> None:
    assert go(written(FINDING), {"repository": {"full_name": "acme/cloud"}}) == 0
    assert github.asked == []
    assert "no open pull request is at this commit" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({}, 1),
        ({"event": "push"}, 0),
        ({"head_sha": "d" * 40}, 0),
        ({"head_branch": "other"}, 0),
        ({"head_repository": {"full_name": "other/cloud"}}, 0),
        ({"head_repository": None}, 0),
    ],
)
def test_another_run_is_matched_by_repository_branch_and_commit(go: Go, github, change: dict, number: int) -> None:
    node = {"branch": "feature", "number": 7, "headRefOid": HEAD, "headRepository": {"nameWithOwner": "stranger/cloud"}}
    github.pulls = [node]
    event = {
        "event": "pull_request",
        "head_sha": HEAD,
        "head_branch": "feature",
        "head_repository": {"full_name": "stranger/cloud"},
        "html_url": "https://github.example/acme/cloud/actions/runs/41",
    }
    assert go(written(FINDING), {"workflow_run": event | change}) == 0
    assert github.made == number


@pytest.mark.parametrize(
    "report",
    [
        [],
        {},
        written(version="2"),
        written(FINDING | {"code": "IAM000"}),
        written(FINDING | {"severity": "fatal"}),
        written(FINDING | {"more": 1}),
        written(FINDING | {"state": "gone"}),
    ],
)
def test_what_is_no_report_of_ours_is_refused(go: Go, github, capsys, report: object) -> None:
    assert go(report) == 1
    assert github.asked == []
    assert capsys.readouterr().out.startswith("::error title=iacscan::")


def test_a_report_that_was_made_up_cannot_name_the_rule(go: Go, github) -> None:
    go(written(FINDING))
    assert "IAM208 role-trust-public" in github.bodies()[0]
    assert "<img" not in github.bodies()[0]


def test_a_report_that_is_not_there_is_an_error(go: Go, capsys) -> None:
    assert go(written(), INPUT_REPORT=os.devnull + ".no") == 1
    assert "the report cannot be read (FileNotFoundError)" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["a --> b", "-", "x" * 101, "a\nb", ""])
def test_a_name_that_could_end_the_marker_is_refused(go: Go, github, name: str) -> None:
    assert go(written(FINDING), INPUT_NAME=name) == 1
    assert github.asked == []


def test_outside_of_github_it_says_so(go: Go, monkeypatch, capsys) -> None:
    for name in ("GITHUB_REPOSITORY", "GITHUB_API_URL"):
        go(written(), **{name: ""})
        assert f"{name} is not set" in capsys.readouterr().out
    monkeypatch.delenv("GITHUB_EVENT_PATH")
    with pytest.raises(UsageError, match="GITHUB_EVENT_PATH is not set"):
        read_run(os.environ)


# -- what is asked of GitHub ----------------------------------------------------------------------------------------


def test_a_token_that_only_reads_is_no_failure(go: Go, github, capsys) -> None:
    github.read_only = True
    assert go(written(FINDING)) == 0
    assert "Resource not accessible by integration; give the job the permission" in capsys.readouterr().out


@pytest.mark.parametrize(("status", "code", "kind"), [(403, 0, "notice"), (401, 0, "notice"), (500, 1, "error")])
def test_a_token_that_may_not_is_told_from_a_failure(go: Go, github, capsys, status: int, code: int, kind: str) -> None:
    github.status = status
    assert go(written(FINDING)) == code
    out = capsys.readouterr().out
    assert out.startswith(f"::{kind} title=iacscan::")
    assert f"GitHub answered {status}" in out


def test_the_token_is_not_sent_where_github_points(go: Go) -> None:
    go(written())
    with pytest.raises(InputError, match="GitHub answered 302"):
        base_file(read_run(os.environ), "elsewhere", HEAD)


def test_a_file_of_the_base_branch_is_read_whatever_it_is_called(go: Go, github) -> None:
    go(written())
    github.files["a b/ü.yaml", HEAD] = b"x"
    run = read_run(os.environ)
    assert base_file(run, "a b/ü.yaml", HEAD) == b"x"
    assert base_file(run, "nothing", HEAD) is None


def test_an_address_that_is_none_of_the_web_is_refused(go: Go, capsys) -> None:
    assert go(written(FINDING), GITHUB_GRAPHQL_URL="file:///etc/passwd") == 1
    assert "GitHub's address is none of the web" in capsys.readouterr().out


def test_a_github_that_is_not_there_is_an_error(go: Go, capsys) -> None:
    assert go(written(FINDING), GITHUB_GRAPHQL_URL="http://127.0.0.1:9/graphql") == 1
    assert "GitHub cannot be reached" in capsys.readouterr().out
