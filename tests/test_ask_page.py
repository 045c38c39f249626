"""docs/ask.md shows what the commands really print."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/ask.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```console\n\$ (.*)\n((?:.*\n)*?)```\n", PAGE)


def test_there_are_examples():
    assert len(SHOWN) >= 5


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_the_output_shown_is_real(command, output):
    _, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", "iacscan", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout + done.stderr == output


def test_the_example_of_a_file_is_part_of_the_real_one():
    example = (ROOT / "examples/access.yaml").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\nversion: 1\ntests:\n((?:.*\n)*?)```", PAGE)
    for test in shown.strip("\n").split("\n\n"):
        assert test in example
