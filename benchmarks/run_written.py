"""Measure iacscan on Terraform source and templates: `python benchmarks/run_written.py [--checkov PATH] [--runs N]`.

Figures and method are those of run.py; the peer is Checkov on the same files in the same run, with the same checks.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from run import CHECKOV_CHECKS, HERE, Subject, compiled, machine, measure, median


class Case(NamedTuple):
    """One input. `kind` and `size` are what generate_written.py takes; the budget is how many times less CPU than Checkov."""

    label: str
    kind: str
    size: int
    framework: str
    budget: int


CASES: Final = (
    Case("template, 10 resources", "template", 10, "cloudformation", 0),
    Case("template, 2,000 resources", "template", 2_000, "cloudformation", 10),
    Case("source, 600 kB", "source", 600_000, "terraform", 20),
)


def subjects(case: Case, checkov: str | None, runs: int, checkov_runs: int) -> list[Subject]:
    """The programs to measure on an input."""
    found = [Subject("iacscan", [str(Path(sys.executable).parent / "iacscan")], frozenset({0, 1}), runs)]
    if checkov is not None:
        chosen = ["--framework", case.framework, "--check", ",".join(CHECKOV_CHECKS), "--compact", "--quiet"]
        place = "--directory" if case.kind == "source" else "--file"
        command = [checkov, *chosen, "--skip-download", place]
        found.append(Subject("Checkov", command, frozenset({0, 1}), checkov_runs))
    return found


def main() -> None:
    """Measure everything and print the table, row by row as it comes."""
    parser = argparse.ArgumentParser(description="Measure iacscan on Terraform source and templates.")
    parser.add_argument("--checkov", help="path of a checkov command, in an environment of its own")
    parser.add_argument("--runs", type=int, default=7, help="runs of iacscan on each input")
    parser.add_argument("--checkov-runs", type=int, default=1, help="the same for Checkov")
    options = parser.parse_args()

    print(f"{machine(options.checkov)}\n")
    print("| input | kB | program | CPU, s | times less than Checkov | budget | memory, MiB |")
    print("|---|--:|---|--:|--:|--:|--:|", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        environment = compiled(str(Path(directory, "bytecode")))
        for case in CASES:
            target = Path(directory, "input", f"{case.kind}-{case.size}" + (".yaml" if case.kind == "template" else ""))
            target.parent.mkdir(exist_ok=True)
            # In a process of its own: the peak of a child begins with what its parent holds.
            generate = [sys.executable, str(HERE / "generate_written.py"), case.kind, str(case.size), str(target)]
            subprocess.run(generate, check=True)
            files = [target] if target.is_file() else [path for path in target.rglob("*.tf") if path.is_file()]
            costs = []
            for subject in subjects(case, options.checkov, options.runs, options.checkov_runs):
                measure([*subject.command, str(target)], subject.expected, environment)
                costs.append((subject.name, median(subject, target, environment)))
            for name, cost in costs:
                row = (
                    case.label,
                    f"{sum(file.stat().st_size for file in files) / 1e3:,.0f}",
                    name,
                    f"{cost.cpu:.3f}",
                    f"{costs[-1][1].cpu / cost.cpu:.1f}" if options.checkov else "",
                    f"{case.budget}" if case.budget and name == "iacscan" else "",
                    f"{cost.memory:.0f}",
                )
                print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
