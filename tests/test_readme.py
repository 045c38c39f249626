"""README.md shows what the command really prints, and every rule."""

import os
import re
import subprocess
import sys
from pathlib import Path

from iacscan.rules._registry import all_rules

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def printed(*arguments: str) -> str:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "iacscan", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def test_the_output_shown_is_real() -> None:
    assert printed("examples/terraform/changes/plan.json") in README


def test_the_table_of_tips_names_every_rule_once() -> None:
    rows = re.findall(r"^\| (\d) .*\| ([IAM\d ]+) \|$", README, flags=re.MULTILINE)
    named = {int(tip): re.findall(r"IAM(\d{3})", codes) for tip, codes in rows}

    assert named == {tip: [rule.code[3:] for rule in all_rules() if rule.tip == tip] for tip in range(1, 10)}


def test_the_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
