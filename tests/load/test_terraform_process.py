"""The evaluator's own process: its limits, its end, and what comes after it."""

import os
import sys

import pytest

from iacscan.engine import Options, exit_code, scan
from iacscan.errors import ExitCode, InputError
from iacscan.load import terraform_process
from iacscan.load.terraform_process import EVALUATOR
from iacscan.load.terraform_source import load_source

USER = 'resource "aws_iam_user" "u" {\n  name = %s\n}\n'
WIDE = "length(setproduct(range(1000), range(1000), range(1000)))"
LONG = 'join("", [for i in range(1000) : join("", [for j in range(1000) : join("", [for k in range(900) : "x"])])])'


@pytest.fixture(params=["fork", "fresh"])
def evaluator(request, monkeypatch):
    """Both ways to start it; a fork where this process has no threads."""
    if request.param == "fresh":
        monkeypatch.setattr(terraform_process, "_LARGE", 0)
    EVALUATOR.stop()
    yield EVALUATOR
    EVALUATOR.stop()


def load(directory, text):
    directory.mkdir(exist_ok=True)
    (directory / "main.tf").write_text(text)
    return [block.get("name") for block in load_source(directory).after.blocks]


@pytest.mark.usefixtures("evaluator")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process holds")
def test_an_expression_that_takes_all_memory_is_refused_and_the_next_root_is_evaluated(tmp_path):
    with pytest.raises(InputError, match="its evaluation takes more than 2 GiB of memory; look for a large count"):
        load(tmp_path / "a", USER % WIDE)
    assert load(tmp_path / "b", USER % '"ann"') == ["ann"]


@pytest.mark.usefixtures("evaluator")
def test_an_expression_that_takes_too_long_is_refused_and_the_next_root_is_evaluated(tmp_path, monkeypatch):
    monkeypatch.setattr(terraform_process, "SECONDS", 1)
    with pytest.raises(InputError, match="its evaluation takes more than 1 seconds"):
        load(tmp_path / "a", USER % LONG)
    monkeypatch.undo()
    assert load(tmp_path / "b", USER % '"ann"') == ["ann"]


@pytest.mark.usefixtures("evaluator")
def test_an_answer_that_is_too_long_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(terraform_process, "ANSWER", 1000)
    with pytest.raises(InputError, match=r"its evaluation gives .* bytes; the limit is 1,000"):
        load(tmp_path, USER % '"ann"' + 'resource "aws_iam_user" "n" {\n  count = 20\n}\n')
    monkeypatch.undo()
    assert load(tmp_path, USER % '"ann"') == ["ann"]


def test_values_that_are_made_from_each_other_hundreds_of_times_are_refused(tmp_path):
    chain = "".join(f"  a{number} = [local.a{number - 1}]\n" for number in range(1, 700))
    with pytest.raises(InputError, match="values are made from each other, or stand in each other, hundreds of times"):
        load(tmp_path, f'locals {{\n  a0 = ["x"]\n{chain}}}\n' + USER % "local.a699")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow", "goes too deep"),
        ("fatal error: runtime: out of memory\n\nruntime stack:\n", "takes more than 2 GiB of memory"),
        ("Traceback (most recent call last):\n  File\nMemoryError\n", "takes more than 2 GiB of memory"),
        ("panic: that is new\n\ngoroutine 1", "broke down (panic: that is new)"),
        ("Traceback (most recent call last):\n  File\nOddError: new\n", "broke down (OddError: new)"),
        ("", "broke down (exit code "),
    ],
)
def test_what_the_evaluator_says_when_it_gives_up_is_put_into_one_line(tmp_path, evaluator, said, what):
    load(tmp_path, USER % '"ann"')
    os.pwrite(evaluator._errors.fileno(), said.encode(), 0)
    evaluator._process.kill()

    with pytest.raises(InputError) as caught:
        load(tmp_path, USER % '"bob"')
    assert what in caught.value.what
    assert "\n" not in str(caught.value)


def test_one_process_evaluates_all_and_is_gone_after_it_is_stopped(tmp_path, evaluator):
    load(tmp_path, USER % '"ann"')
    process = evaluator._process
    load(tmp_path, USER % '"bob"')
    assert evaluator._process is process
    evaluator.stop()
    assert evaluator._process is None
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.usefixtures("evaluator")
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_fork_of_this_process_starts_an_evaluator_of_its_own(tmp_path):
    load(tmp_path, USER % '"ann"')
    child = os.fork()
    if not child:
        told = load(tmp_path, USER % '"bob"')
        EVALUATOR.stop()
        os._exit(0 if told == ["bob"] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert load(tmp_path, USER % '"eve"') == ["eve"]


def test_a_root_that_asks_for_too_much_is_not_scanned_and_the_others_are(tmp_path):
    load(tmp_path / "good", USER % '"ann"')
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "main.tf").write_text(USER % WIDE)

    report = scan([str(tmp_path)], Options())
    assert {item.path.rpartition("/")[2]: item.status for item in report.inputs} == {
        "good": "scanned",
        "bad": "unreadable",
    }
    assert exit_code(report, Options()) is ExitCode.INPUT
