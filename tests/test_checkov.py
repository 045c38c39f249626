"""iacscan inside Checkov says what `iacscan` says, finding by finding; what goes wrong there is seen."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from checkov_runs import CHECKS, ROOT, checkov, environments
from msgspec.structs import replace

from iacscan.engine import Options, scan, terraform
from iacscan.finding import State
from iacscan.load.discover import discover
from iacscan.report import View, clean
from iacscan.rules._registry import all_rules

EXAMPLES = ROOT / "examples"
# Modules and instances, provider blocks and outputs, what a change leaves and removes, templates.
STACKS = ("terraform/all-nine-tips", "terraform/sprawl", "terraform/changes", "cloudformation/all-nine-tips")
RULES = {rule.code: rule for rule in all_rules()}

OPEN_BUCKET = """
resource "aws_s3_bucket" "site" {
  bucket = "kestrel-site"
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = false
}

# HERE
resource "aws_iam_user" "anna" {
  name = "anna.berger"
}

resource "aws_iam_user_policy" "anna" {
  name   = "all"
  user   = aws_iam_user.anna.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "IAM:*", Resource = "*" }] })
}
"""

pytestmark = pytest.mark.skipif(
    not environments(),
    reason="no environment with Checkov: `python dev.py test` makes them, if it reaches a package index",
)


@pytest.fixture(params=environments(), ids=lambda program: program.parent.parent.name, scope="session")
def program(request):
    return request.param


@pytest.fixture
def source(tmp_path):
    (tmp_path / "main.tf").write_text(OPEN_BUCKET)
    return tmp_path


@pytest.fixture(scope="session")
def stacks(tmp_path_factory):
    """A few of the examples, or all of them for `python dev.py test-checkov`."""
    if os.environ.get("IACSCAN_CHECKOV_EXAMPLES") == "all":
        return EXAMPLES
    directory = tmp_path_factory.mktemp("examples")
    for stack in STACKS:
        shutil.copytree(EXAMPLES / stack, directory / stack)
    return directory


@pytest.fixture(scope="session")
def seen(program, stacks):
    return checkov(program, "-d", ".", "--check", "IAM*", "-o", "json", cwd=stacks)


@cache
def said(directory):
    before = Path.cwd()
    os.chdir(directory)
    try:
        # One input at a time: together, a plan and its source say a thing once, but Checkov asks for each by itself.
        steps = replace(terraform(source=None), discover=None)
        inputs = [item.path for item in discover(".").items]
        return [finding for path in inputs for finding in scan([path], Options(), pipeline=steps).findings]
    finally:
        os.chdir(before)


def shown(findings):
    return [
        one
        for one in findings
        if one.verdict == "violation" and one.state is not State.FIXED and not one.suppressed and View().shows(one)
    ]


def resource(finding):
    """Checkov writes the type before a logical id."""
    subject = finding.subject
    return f"{subject.type}.{subject.address}" if subject.is_template else subject.address


def tells(record, finding):
    """Whether a record is about a finding: Checkov has no place of its own for providers and the like, and then says whose it is."""
    lines = record["details"]
    alone = record["resource"] == resource(finding)
    message = clean(finding.message)
    return any(line.startswith(message if alone else f"{finding.subject.address}: {message}") for line in lines)


def input_of(finding, directory):
    path = directory / finding.subject.input
    return path.resolve()


def belongs(record, finding, directory):
    """Whether they come from the same input: the same plan or template, or a file of the same module or one that it calls."""
    path = input_of(finding, directory)
    file = (directory / record["file_abs_path"]).resolve()
    return file == path or (path.is_dir() and file.suffix == ".tf" and file.is_relative_to(path))


def matches(directory, records, findings):
    by_code = {}
    for record in records:
        by_code.setdefault(record["check_id"], []).append(record)
    found = []
    for finding in findings:
        near = [record for record in by_code.get(finding.code, []) if belongs(record, finding, directory)]
        found.append((finding, [record for record in near if tells(record, finding)]))
    return found


def test_checkov_reports_every_finding_of_iacscan(seen, stacks):
    missing = [
        f"{finding.code} {finding.subject.input} {finding.subject.address}: {finding.message}"
        for finding, records in matches(stacks, seen.records("failed"), shown(said(stacks)))
        if not records
    ]
    assert missing == []


def test_iacscan_has_every_finding_that_checkov_reports(seen, stacks):
    failed = seen.records("failed")
    told = [id(record) for _, records in matches(stacks, failed, shown(said(stacks))) for record in records]
    assert [(one["check_id"], one["resource"], one["file_path"]) for one in failed if id(one) not in told] == []


def test_title_guideline_severity_evidence_and_lines_are_the_same(seen, stacks):
    wrong = []
    groups = {}
    for finding, records in matches(stacks, seen.records("failed"), shown(said(stacks))):
        for record in records:
            groups.setdefault(id(record), (record, []))[1].append(finding)
    for record, findings in groups.values():
        rule = RULES[record["check_id"]]
        facts = {
            "title": record["check_name"] == rule.summary,
            "guideline": record["guideline"] == rule.references[0],
            "severity": record["severity"] in {finding.severity.name for finding in findings},
            "evidence": all(
                f"| {clean(' '.join(line.split()))}" in record["details"] for one in findings for line in one.evidence
            ),
            "lines": all(_placed(record, finding) for finding in findings),
        }
        wrong += [f"{name} of {record['check_id']} {record['resource']}" for name, right in facts.items() if not right]
    assert groups
    assert wrong == []


def _placed(record, finding):
    """Plans have no lines; a finding on a statement says its own line besides that of the block."""
    span = finding.subject.span
    if span is None:
        return True
    same = record["file_line_range"][0] == span.line and record["file_abs_path"].endswith(span.file)
    return same or f"at {span.file}:{span.line}" in record["details"]


def test_what_cannot_be_decided_is_not_passed(seen, stacks):
    passed = {
        (one["check_id"], one["resource"], (stacks / one["file_abs_path"]).resolve()) for one in seen.records("passed")
    }
    for finding in said(stacks):
        if finding.state is not State.FIXED:
            assert (finding.code, resource(finding), input_of(finding, stacks)) not in passed


def test_rules_pass_where_they_could_have_failed(seen):
    """A role that is nobody else's passes the rule on public roles; no rule passes on what it is not about."""
    passed = {
        (one["check_id"], one["resource"].rpartition(".")[0].rpartition(".")[2]) for one in seen.records("passed")
    }
    assert ("IAM208", "aws_iam_role") in passed
    assert ("IAM208", "aws_s3_bucket") not in passed


def test_both_commands_work_in_one_environment(program):
    for command, prefix in ((program, ""), (program.parent / "iacscan", "iacscan ")):
        done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout.startswith(prefix)
    done = subprocess.run([program.parent / "iacscan", "doctor"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_skip_comments_and_filters_work_with_our_codes(program, source):
    text = OPEN_BUCKET.replace("# HERE", "").replace(
        "  user   = aws", "  # checkov:skip=IAM408:an exercise\n  user   = aws"
    )
    (source / "main.tf").write_text(text)
    run = checkov(program, "-d", ".", "--skip-check", "CKV*,IAM301", "-o", "json", cwd=source)
    skipped = [
        (one["check_id"], one["resource"], one["check_result"]["suppress_comment"]) for one in run.records("skipped")
    ]
    assert ("IAM408", "aws_iam_user_policy.anna", "an exercise") in skipped
    failed = {(one["check_id"], one["resource"]) for one in run.records("failed")}
    assert ("IAM905", "aws_s3_bucket_public_access_block.site") in failed
    assert not {code for code, resource in failed if resource == "aws_iam_user_policy.anna"} & {"IAM301", "IAM408"}


def test_our_own_suppressions_are_skipped_checks(program, source):
    text = OPEN_BUCKET.replace(
        'resource "aws_iam_user_policy"', '# iacscan:ignore=IAM301 reason="exercise"\nresource "aws_iam_user_policy"'
    )
    (source / "main.tf").write_text(text)
    run = checkov(program, "-d", ".", "--check", "IAM301", "-o", "json", cwd=source)
    assert run.code == 0
    (one,) = run.records("skipped")
    assert (one["check_id"], one["check_result"]["suppress_comment"]) == ("IAM301", "exercise")


def test_baseline_compact_and_sarif_take_our_codes(program, source):
    run = checkov(program, "-d", ".", "--check", "IAM*", "--compact", "--create-baseline", "-o", "sarif", cwd=source)
    assert run.code == 1
    (sarif,) = source.rglob("results*.sarif")
    results = json.loads(sarif.read_text())["runs"][0]["results"]
    assert {result["ruleId"] for result in results} >= {"IAM301", "IAM905"}
    again = checkov(program, "-d", ".", "--check", "IAM*", "--baseline", ".checkov.baseline", "-o", "json", cwd=source)
    assert again.records("failed") == []


@pytest.mark.parametrize("codes", ["IAM902", "IAM*"])
def test_a_broken_installation_is_a_failed_check(program, source, codes):
    shadow = source / "shadow" / "iacscan"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text("raise ImportError('no module named msgspec')\n")
    shutil.copy(EXAMPLES / "terraform" / "identities" / "plan.json", source)
    shutil.copy(EXAMPLES / "cloudformation" / "roles" / "template.yaml", source)
    run = checkov(program, "-d", ".", "--check", codes, "-o", "json", cwd=source, PYTHONPATH=str(shadow.parent))
    assert run.code == 1
    failed = {
        (report["check_type"], one["check_id"]) for report in run.reports for one in report["results"]["failed_checks"]
    }
    code = "IAM000" if codes == "IAM*" else codes
    assert failed == {("terraform", code), ("terraform_plan", code), ("cloudformation", code)}
    assert all("could not be loaded" in one["check_name"] for one in run.records("failed"))


def test_a_checkov_that_is_too_old_is_a_failed_check(program, source):
    shadow = source / "shadow"
    shadow.mkdir()
    (shadow / "sitecustomize.py").write_text("import checkov.version\ncheckov.version.version = '3.1.70'\n")
    run = checkov(program, "-d", ".", "--check", "IAM*", "-o", "json", cwd=source, PYTHONPATH=str(shadow))
    assert run.code == 1
    (one,) = run.records("failed")
    assert "3.1.70 is too old" in one["check_name"]


def test_a_configuration_that_is_wrong_is_a_failed_check(program, source):
    (source / ".iacscan.yaml").write_text("no_such_key: 1\n")
    run = checkov(program, "-d", ".", "--check", "IAM301", "-o", "json", cwd=source)
    assert run.code == 1
    (one,) = run.records("failed")
    assert "iacscan failed" in one["check_name"]
    assert "no_such_key" in one["check_name"]


def test_the_configuration_counts(program, source):
    (source / ".iacscan.yaml").write_text("skip: [IAM301]\n")
    run = checkov(program, "-d", ".", "--check", "IAM*", "-o", "json", cwd=source)
    assert {one["check_id"] for one in run.records("failed")} & {"IAM301", "IAM000"} == set()
    assert "IAM905" in {one["check_id"] for one in run.records("failed")}


def test_checks_come_from_a_git_repository(program, source):
    """One that holds the content of checks/ and nothing else: Checkov reads every file of it."""
    repository = source.parent / f"{source.name}-checks"
    shutil.copytree(CHECKS, repository, ignore=shutil.ignore_patterns("__pycache__"))
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "checks")):
        subprocess.run(["git", *command], cwd=repository, check=True)  # noqa: S607  whichever git there is
    run = checkov(
        program, "-d", ".", "--check", "IAM*", "-o", "json", f"--external-checks-git=file://{repository}", cwd=source
    )
    assert "IAM905" in {one["check_id"] for one in run.records("failed")}


def test_only_the_bridge_imports_checkov():
    importing = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "src").rglob("*.py")
        if any(line.strip().startswith(("import checkov", "from checkov")) for line in file.read_text().splitlines())
    }
    assert importing == {"src/iacscan/checkov_bridge.py"}


def test_checks_holds_one_loader():
    """Checkov imports every Python file there, and reads every YAML and JSON file."""
    assert {file.name for file in CHECKS.rglob("*") if file.is_file() and file.suffix != ".pyc"} == {
        "__init__.py",
        "load_iacscan.py",
    }
