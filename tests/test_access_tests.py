"""The file of statements about access, and what becomes of them."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import yaml

from iacscan import access_tests, answers
from iacscan.errors import ExitCode, UsageError
from iacscan.value import Truth

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/access.yaml"
REPAIRED = "examples/terraform/all-nine-tips/repaired"
BROKEN = "examples/terraform/all-nine-tips/plan.json"

SOURCE = """
resource "aws_iam_user" "ada" {
  name = "ada"
}
resource "aws_iam_user_policy" "ada" {
  user   = aws_iam_user.ada.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::logs/*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}
"""


@pytest.fixture
def file(tmp_path):
    def write(*tests, version=1):
        path = tmp_path / "access.yaml"
        path.write_text(yaml.safe_dump({"version": version, "tests": list(tests)}, sort_keys=False))
        return str(path)

    return write


@pytest.fixture
def sources(tmp_path):
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "main.tf").write_text(SOURCE)
    return answers.read([str(tmp_path / "stack")])


ASK = {"principal": "user/ada", "action": "s3:GetObject", "resource": "bucket/logs/x"}
MFA = {"aws:MultiFactorAuthPresent": True}


def results(file, sources, *tests):
    return access_tests.run(access_tests.load(file(*tests)), sources)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ({"can": ASK}, Truth.UNKNOWN),
        ({"can": ASK, "context": MFA}, Truth.YES),
        ({"cannot": ASK, "context": MFA}, Truth.NO),
        ({"cannot": ASK, "without": "aws:MultiFactorAuthPresent"}, Truth.YES),
        ({"can": {**ASK, "action": ["s3:GetObject", "s3:PutObject"]}, "context": MFA}, Truth.NO),
        ({"who": {"action": "s3:GetObject", "resource": "bucket/logs/x", "only": ["user/ada"]}}, Truth.YES),
        ({"who": {"action": "s3:GetObject", "resource": "bucket/logs/x", "only": []}}, Truth.UNKNOWN),
        ({"who": {"action": "s3:GetObject", "resource": "bucket/logs/x", "only": []}, "context": MFA}, Truth.NO),
        ({"who": {"action": "s3:PutObject", "resource": "bucket/logs/x", "only": []}}, Truth.YES),
        ({"public": {}}, Truth.YES),
        ({"escalates": {}}, Truth.YES),
    ],
)
def test_a_test_holds_fails_or_is_left_open(file, sources, test, expected):
    (result,) = results(file, sources, {"name": "x", **test})
    assert result.truth is expected, result.because


def test_a_name_that_is_gone_fails_rather_than_holding_of_nobody(file, sources):
    (result,) = results(file, sources, {"name": "x", "cannot": {**ASK, "principal": "user/eve"}})
    assert result.truth is Truth.NO
    assert "there is no principal user/eve" in result.because[0]


def test_a_name_in_a_list_that_is_gone_lets_nobody_in(file, sources):
    who = {"action": "s3:GetObject", "resource": "bucket/logs/x", "only": ["user/eve"]}
    (result,) = results(file, sources, {"name": "x", "who": who, "context": MFA})
    assert result.truth is Truth.NO
    assert "aws_iam_user.ada" in result.because[0]


@pytest.mark.parametrize(
    ("truths", "code"),
    [
        ((Truth.YES, Truth.YES), ExitCode.CLEAN),
        ((Truth.YES, Truth.UNKNOWN), ExitCode.INCOMPLETE),
        ((Truth.UNKNOWN, Truth.NO), ExitCode.FINDINGS),
    ],
)
def test_a_failure_outweighs_what_is_left_open(truths, code):
    case = access_tests.Case(access_tests.Test(name="x", public=access_tests.Only()), 1)
    assert access_tests.exit_code(access_tests.Result(case, truth, ("because",)) for truth in truths) is code


# -- what is wrong with a file --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ({"name": "x", "cann": ASK}, "4: tests.0.cann: is not known here; there is name, can, cannot"),
        (
            {"name": "x", "can": {**ASK, "acton": "x"}},
            "tests.0.can.acton: is not known here; there is principal, action",
        ),
        ({"name": "x", "can": {**ASK, "action": 5}}, "tests.0.can.action: must be a text or a list of texts; it is 5"),
        ({"name": "x", "can": {"principal": "user/ada"}}, "tests.0.can.action: is missing"),
        ({"name": "x", "can": ASK, "public": {}}, "exactly one of can, cannot, who, public, escalates"),
        ({"name": "x"}, "exactly one of can, cannot, who, public, escalates"),
        ({"can": ASK}, "tests.0.name: is missing"),
        ({"name": "x", "can": {**ASK, "action": []}}, "tests.0.can.action: must not be empty"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_key(file, test, message):
    path = file(test)
    with pytest.raises(UsageError) as error:
        access_tests.load(path)
    assert str(error.value).startswith(f"{path}:")
    assert message in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "tests: [", "just text", "version: 1\ntests: []\n", "version: 3\ntests: [x]\n", "\x00"]
)
def test_what_is_no_file_of_tests_is_refused(tmp_path, text):
    path = tmp_path / "access.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"access\.yaml"):
        access_tests.load(str(path))


def test_a_question_that_makes_no_sense_names_its_test(file, sources):
    wrong = {"name": "reads", "cannot": {**ASK, "resource": "bucket/logs"}}
    with pytest.raises(UsageError, match="line 3, reads: s3:GetObject does not work on bucket/logs"):
        results(file, sources, wrong)


def test_the_published_schema_is_that_of_the_program_and_takes_the_example():
    published = json.loads((ROOT / "docs/access.schema.json").read_text())

    assert published == json.loads(json.dumps(access_tests.schema()))
    jsonschema.validate(yaml.safe_load(EXAMPLE.read_text()), published)


# -- the command ----------------------------------------------------------------------------------------------------


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "iacscan", "test", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("path", [f"{REPAIRED}/plan.json", REPAIRED])
def test_the_example_holds_of_the_repaired_stack(path):
    done = run("examples/access.yaml", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "FAILS" not in done.stdout
    assert "UNDECIDED" not in done.stdout


def test_the_example_fails_on_the_stack_with_all_mistakes_and_says_where(tmp_path):
    done = run("examples/access.yaml", BROKEN, "--junit", str(tmp_path / "junit.xml"))

    assert done.returncode == 1
    assert "FAILS      nothing is open to strangers" in done.stdout
    suite = ET.parse(tmp_path / "junit.xml").getroot()  # noqa: S314  our own file
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert "nothing is open to strangers" in failed
    assert suite.get("failures") == str(len(failed))


def test_a_wrong_file_and_an_unreadable_input_have_codes_of_their_own(tmp_path):
    assert run("nowhere.yaml", BROKEN).returncode == 2
    assert run("examples/access.yaml", str(tmp_path / "none.json")).returncode == 3
