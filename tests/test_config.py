"""What a configuration may say, and what is said about one that is wrong."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from iacscan import config_schema
from iacscan.config import NOTHING, load
from iacscan.errors import UsageError
from iacscan.finding import Severity

PUBLISHED = Path(__file__).parents[1] / "docs" / "config.schema.json"
RULES = {"iam901": "IAM901", "bucket-acl-public": "IAM901"}
WHOLE = """\
fail-on: never
severity: high
on-unknown: fail
all: true
only: [IAM901]
skip: [IAM902]
paths: [infra]
var-files: [prod.tfvars]
inline-ignores: false
severities: {bucket-acl-public: critical}
trusted-accounts: ["111122223333"]
organization: o-a1b2c3d4e5
vendors: {"464622532012": Datadog}
assume: {account-public-access-block: true, service-control-policies: true}
ignore:
  - codes: [bucket-acl-public]
    address: aws_s3_bucket.site
    sid: Site
    until: 2027-01-31
    reason: it is a website
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_file_nothing_is_configured(here):  # noqa: ARG001  # the working directory is empty
    assert load() == NOTHING


def test_every_key_has_its_effect(here):
    (here / ".iacscan.yaml").write_text(WHOLE)
    found = load().resolved(RULES)
    assert found.options == {
        "fail_on": "never",
        "severity": "high",
        "on_unknown": "fail",
        "everything": True,
        "only": ("IAM901",),
        "skip": ("IAM902",),
        "var_files": ("prod.tfvars",),
        "inline_ignores": False,
    }
    assert found.paths == ("infra",)
    assert found.severities == {"IAM901": Severity.CRITICAL}
    assert found.settings.accounts == {"111122223333"}
    assert found.settings.organization == "o-a1b2c3d4e5"
    assert found.settings.vendor("464622532012") == "Datadog"
    assert (found.settings.account_block, found.settings.guardrails) == (True, True)
    (ignore,) = found.ignores
    assert (ignore.codes, ignore.until, ignore.sid) == (frozenset({"IAM901"}), date(2027, 1, 31), "Site")
    assert ignore.where == ".iacscan.yaml: ignore[0]"


def test_pyproject_says_the_same_in_its_own_words(here):
    (here / "pyproject.toml").write_text(
        '[tool.iacscan]\nfail-on = "high"\n[[tool.iacscan.ignore]]\ncodes = ["IAM901"]\naddress = "*"\nreason = "r"\nuntil = 2027-01-31\n'
    )
    found = load()
    assert found.options == {"fail_on": "high"}
    assert found.ignores[0].until == date(2027, 1, 31)


def test_a_pyproject_of_others_is_none_of_ours(here):
    (here / "pyproject.toml").write_text('[project]\nname = "iacscan-user"\n')
    assert load() == NOTHING


def test_two_configurations_are_one_too_many(here):
    (here / ".iacscan.yaml").write_text("")
    (here / ".iacscan.yml").write_text("")
    with pytest.raises(UsageError, match="keep one"):
        load()


def test_an_empty_file_configures_nothing(here):
    (here / ".iacscan.yaml").write_text("# nothing yet\n")
    assert load().options == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fail-on: hgih", ".iacscan.yaml: fail-on: 'hgih' is not allowed; allowed are 'info', 'low'"),
        ("fail_on: high", "fail_on: there is no such key"),
        ("all: 1", "all: 1 is not allowed; input should be a valid boolean"),
        ("trusted-accounts: [123456789012]", r"trusted-accounts\[0\]: 123456789012 is no text; put it in quotes"),
        ('trusted-accounts: ["1234"]', r"'1234' is not allowed; allowed is what matches \^\[0-9\]\{12\}\$"),
        ("organization: a1b2", "organization: 'a1b2' is not allowed"),
        ("severities: {IAM901: bad}", "severities.IAM901: 'bad' is not allowed; allowed are 'info'"),
        ("ignore: [{codes: [IAM901], address: x}]", r"ignore\[0\].reason: it is missing"),
        ("ignore: [{codes: [], address: x, reason: r}]", r"ignore\[0\].codes"),
        ("ignore: [{codes: [IAM901], address: x, reason: r, until: soon}]", "'soon' is not allowed; a date such as"),
        ("ignore: [{codes: [IAM901], address: x, reason: r, until: 2027-02-30}]", "cannot be read"),
        ("ignore: [{codes: [IAM901], address: x, reason: r, until: 2027-01-31 10:00:00}]", "date without a time"),
        ("- all", "the whole: .* keys with values are expected"),
        ("all: true\nall: false", "line 2: the key 'all' stands twice"),
        ("only: &a [IAM901]\nskip: *a", "line 2: aliases are not read here"),
        ("only: !!python/name:os.system", "cannot be read"),
        ("only: [", "cannot be read"),
        ("paths: [../other]", "paths: '../other' lies outside of"),
        ("var-files: [/etc/passwd]", "var-files: '/etc/passwd' lies outside of"),
        ("baseline: ../b.json", "baseline: '../b.json' lies outside of"),
    ],
)
def test_a_fault_is_told_with_key_value_and_what_is_allowed(here, text, message):
    (here / ".iacscan.yaml").write_text(text)
    with pytest.raises(UsageError, match=message):
        load()


def test_a_rule_that_does_not_exist_is_told_with_its_place(here):
    (here / ".iacscan.yaml").write_text("ignore: [{codes: [IAM1], address: x, reason: r}]")
    with pytest.raises(UsageError, match=r"ignore\[0\]: there is no rule 'IAM1'"):
        load().resolved(RULES)


def test_a_link_out_of_the_directory_is_not_followed(here, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "c.yaml"
    elsewhere.write_text("all: true")
    (here / ".iacscan.yaml").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="lies outside"):
        load()


def test_a_deeply_nested_file_is_refused(here):
    (here / ".iacscan.yaml").write_text("[" * 5_000)
    with pytest.raises(UsageError, match="cannot be read"):
        load()


def test_a_file_that_is_given_is_read_instead_and_nothing_of_the_directory(here, tmp_path_factory):
    (here / ".iacscan.yaml").write_text("fail-on: never")
    (here / ".iacscan-baseline.json").write_text("{}")
    given = tmp_path_factory.mktemp("base") / "base.yaml"
    given.write_text("fail-on: low")
    found = load(str(given))
    assert found.options == {"fail_on": "low"}
    assert found.baseline is None


def test_the_baseline_of_the_directory_is_found(here):
    (here / ".iacscan-baseline.json").write_text("{}")
    assert load().baseline == Path(".iacscan-baseline.json")


def test_a_file_that_is_not_there_is_an_error(here):  # noqa: ARG001  # the working directory is empty
    with pytest.raises(UsageError, match="there is no file"):
        load("missing.yaml")


def test_the_published_schema_is_the_models():
    """Write it with: python -c 'from iacscan.config_schema import schema; print(schema(), end="")' > docs/config.schema.json"""
    assert PUBLISHED.read_text(encoding="utf-8") == config_schema.schema()


def test_the_schema_takes_what_the_program_takes():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.validate({"fail-on": "high", "ignore": [{"codes": ["IAM901"], "address": "*", "reason": "r"}]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"fail_on": "high"}, schema)


def test_without_a_configuration_neither_pydantic_nor_yaml_is_imported(here):
    script = "import sys; from iacscan.config import load; load(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=here)
    assert {"pydantic", "yaml", "tomllib"}.isdisjoint(done.stdout.split())


def test_the_page_on_the_configuration_names_every_key():
    page = (PUBLISHED.parent / "configuration.md").read_text(encoding="utf-8")
    for name, field in config_schema.ConfigV1.model_fields.items():
        assert f"`{field.alias}`" in page, name


def test_the_example_of_the_page_is_right(here):
    page = (PUBLISHED.parent / "configuration.md").read_text(encoding="utf-8")
    (here / ".iacscan.yaml").write_text(page.partition("```yaml\n")[2].partition("```")[0])
    assert load().options["fail_on"] == "high"
