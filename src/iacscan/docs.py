"""Writes the pages that are made from the program: `python -m iacscan.docs`, or `--check` to see whether they are in date."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from .rules._registry import all_rules
from .rules._rule import TIPS, Example, Rule

COMMAND: Final = "python -m iacscan.docs"
ROOT: Final = Path(__file__).resolve().parents[2]  # of a checkout; an installed package has no pages to write

TITLES: Final = {
    1: "One identity for each person and each workload",
    2: "Roles instead of users",
    3: "Few policies, each in one place",
    4: "Least privilege",
    5: "Conditions that do what they say",
    6: "Policies on resources",
    7: "Several accounts, with service control policies",
    8: "Nothing that is no longer needed",
    9: "No anonymous access",
}
_VERDICTS: Final = {
    "bad": "Reported",
    "undecided": "Not decided",
    "good": "Left alone",
}


def pages() -> dict[str, str]:
    """Every generated file by its path below `docs/`."""
    rules = all_rules()
    tellers = {rule.code: [other.code for other in rules if rule.code in other.tells] for rule in rules}
    made = {f"rules/{rule.code}.md": rule_page(rule, tellers[rule.code]) for rule in rules}
    made["rules/README.md"] = index_page(rules)
    return made


def rule_page(rule: Rule, tellers: Sequence[str] = ()) -> str:
    """The page of one rule, in Markdown. `tellers` are the codes of rules that tell its fault better where they report it."""
    parts = [
        f"# {rule.code} {rule.name}",
        rule.summary,
        _facts(rule),
        f"## Why it matters\n\n{rule.why}",
        f"## How to fix it\n\n{rule.fix}",
    ]
    if rule.template_fix:
        parts.append(f"## How to fix it in CloudFormation\n\n{rule.template_fix}")
    if rule.notes:
        parts.append(f"## What it leaves alone\n\n{rule.notes}")
    if rule.uncertain:
        parts.append(f"## When it cannot tell\n\n{rule.uncertain}")
    if tellers:
        codes = " or ".join(f"[{code}]({code}.md)" for code in tellers)
        parts.append(
            f"## Where it is told\n\nWhere {codes} reports the same fault at the same place, and is as grave and as sure, "
            "a scan tells it once, there, with a line for this rule."
        )
    for verdict, title in _VERDICTS.items():
        chosen = [example for example in rule.examples if example.verdict == verdict]
        if chosen:
            parts.append(f"## {title}\n\n" + "\n\n".join(map(_example, chosen)))
    if rule.controls:
        parts.append("## Controls\n\n" + _bullets(rule.controls))
    parts.append("## References\n\n" + _bullets(f"<{reference}>" for reference in rule.references))
    return _page(parts)


def _facts(rule: Rule) -> str:
    folder = next(folder for folder, tip in TIPS.items() if tip == rule.tip)
    file = f"{rule.name.replace('-', '_')}.py"
    cells = (
        rule.severity.label,
        rule.confidence.label,
        f"{rule.tip}: {TITLES[rule.tip]}",
        f"[{file}](../../src/iacscan/rules/{folder}/{file})",
    )
    return f"| severity | confidence | tip | source |\n|---|---|---|---|\n| {' | '.join(cells)} |"


def index_page(rules: Iterable[Rule]) -> str:
    """The list of all rules, by tip."""
    rules = tuple(rules)
    parts = ["# Rules", "A rule's code and name are the same everywhere. The hundreds digit of the code is its tip."]
    for tip, title in TITLES.items():
        rows = [
            f"| [{rule.code}]({rule.code}.md) | `{rule.name}` | {rule.severity.label} | {' '.join(rule.summary.split())} |"
            for rule in rules
            if rule.tip == tip
        ]
        if rows:
            parts.append(
                "\n".join((f"## {tip}. {title}\n", "| code | name | severity | fault |", "|---|---|---|---|", *rows))
            )
    return _page(parts)


def stale(directory: Path) -> list[str]:
    """Paths below `directory` that are missing, differ, or belong to a rule that is gone."""
    made = pages()
    wrong = [path for path, text in made.items() if not _is(directory / path, text)]
    return sorted((*wrong, *(path for path in _present(directory) if path not in made)))


def write(directory: Path) -> list[str]:
    """Bring the files below `directory` in date; return the paths that were changed or deleted."""
    changed = stale(directory)
    made = pages()
    for path in changed:
        target = directory / path
        if path in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(made[path], encoding="utf-8", newline="\n")
        else:
            target.unlink()
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 if `--check` finds something out of date."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    parser.add_argument("--directory", type=Path, default=ROOT / "docs", help="where the pages are (default: docs)")
    options = parser.parse_args(arguments)
    if options.check:
        wrong = stale(options.directory)
        if wrong:
            sys.stderr.write(f"out of date: {', '.join(wrong)}\nrun: {COMMAND}\n")
        return 1 if wrong else 0
    for path in write(options.directory):
        sys.stdout.write(f"{path}\n")
    return 0


def _example(example: Example) -> str:
    because = f"{example.because[:1].upper()}{example.because[1:]}:\n\n" if example.because else ""
    after = f"```hcl\n{example.terraform.strip()}\n```"
    if not example.before:
        return f"{because}{after}"
    return f"{because}Before:\n\n```hcl\n{example.before.strip()}\n```\n\nAfter:\n\n{after}"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"* {line}" for line in lines)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join((*parts, f"<!-- made by `{COMMAND}`; edit the rule instead -->")) + "\n"


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def _present(directory: Path) -> list[str]:
    """Generated pages that are there now; other files in `docs/` are nobody's business here."""
    return [f"rules/{path.name}" for path in (directory / "rules").glob("*.md")]


if __name__ == "__main__":
    sys.exit(main())
