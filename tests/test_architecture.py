"""Properties of the code base as a whole."""

import subprocess
import sys
from pathlib import Path

import iacscan
from iacscan.rules._registry import all_rules
from iacscan.rules._rule import TIPS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path(iacscan.__file__).parent
MOST_LINES = 400


def test_no_module_is_longer_than_400_lines():
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in PACKAGE.rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }

    assert long == {}


def test_imports_run_in_one_direction():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_in_the_nine_folders_is_a_rule_that_is_found():
    files = {
        f"iacscan.rules.{folder}.{path.stem}"
        for folder in TIPS
        for path in (PACKAGE / "rules" / folder).glob("*.py")
        if not path.stem.startswith("_")
    }

    assert {rule.module for rule in all_rules()} == files


def test_there_is_a_folder_for_every_tip_and_no_other():
    folders = {path.name for path in (PACKAGE / "rules").iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert folders == set(TIPS)
    assert sorted(TIPS.values()) == list(range(1, 10))


def test_codes_and_names_are_unique_and_codes_tell_the_tip():
    rules = all_rules()

    assert len({rule.code for rule in rules}) == len(rules)
    assert len({rule.name for rule in rules}) == len(rules)
    assert [rule for rule in rules if rule.code[3] != str(rule.tip)] == []


def test_a_cold_start_imports_nothing_heavy():
    script = "import sys, iacscan.rules._registry as r; r.all_rules(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    heavy = {"pydantic", "rich", "jsonschema", "tfparse", "asyncio", "dataclasses"}
    assert heavy.isdisjoint(done.stdout.split())
