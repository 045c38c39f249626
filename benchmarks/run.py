"""Measure iacscan and its peers on the same plans: `python benchmarks/run.py [--checkov PATH] [--runs N] [SIZE ...]`.

Each figure is of a whole process, from its start to its end: CPU time (user and system) and the peak of its resident
memory, as the kernel counted them; the median of the runs. Prints a Markdown table.
"""

import argparse
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__).parent
SIZES: Final = (30, 1_000, 10_000)
ORJSON: Final = "import pathlib, sys, orjson; orjson.loads(pathlib.Path(sys.argv[1]).read_bytes())"

# Checkov's checks that ask what rules of ours ask. Escalation and exfiltration (CKV_AWS_107 to 110, 286 to 289), which
# cost it most, are left out: we have no rule for them yet, so they would not be a fair comparison.
CHECKOV_CHECKS: Final = {
    "CKV_AWS_41": "IAM101",
    "CKV_AWS_45": "IAM101",
    "CKV_AWS_46": "IAM101",
    "CKV_AWS_273": "IAM201",
    "CKV_AWS_60": "IAM208",
    "CKV_AWS_61": "IAM208",
    "CKV_AWS_358": "IAM211",
    "CKV_AWS_40": "IAM301 IAM303",
    "CKV_AWS_1": "IAM401",
    "CKV_AWS_49": "IAM401",
    "CKV_AWS_62": "IAM401",
    "CKV_AWS_63": "IAM401",
    "CKV_AWS_274": "IAM401 IAM402",
    "CKV_AWS_107": "IAM411",
    "CKV_AWS_108": "IAM411",
    "CKV_AWS_109": "IAM405",
    "CKV_AWS_110": "IAM408",
    "CKV_AWS_286": "IAM408",
    "CKV_AWS_287": "IAM411",
    "CKV_AWS_288": "IAM411",
    "CKV_AWS_289": "IAM405",
    "CKV_AWS_111": "IAM403 IAM405",
    "CKV_AWS_290": "IAM403 IAM405",
    "CKV_AWS_355": "IAM405",
    "CKV_AWS_356": "IAM405",
    "CKV_AWS_33": "IAM603",
    "CKV_AWS_72": "IAM605",
    "CKV_AWS_168": "IAM605",
    "CKV_AWS_169": "IAM605",
    "CKV_AWS_301": "IAM606",
    "CKV_AWS_258": "IAM607",
    "CKV_AWS_32": "IAM611",
    "CKV_AWS_20": "IAM901",
    "CKV_AWS_57": "IAM901 IAM903",
    "CKV_AWS_70": "IAM902 IAM903",
    "CKV2_AWS_6": "IAM904",
    "CKV_AWS_53": "IAM905",
    "CKV_AWS_54": "IAM905",
    "CKV_AWS_55": "IAM905",
    "CKV_AWS_56": "IAM905",
    "CKV2_AWS_65": "IAM907",
}


class Cost(NamedTuple):
    """What a process cost: CPU in seconds, peak memory in MiB."""

    cpu: float
    memory: float


class Subject(NamedTuple):
    """A program to measure; `expected` are its exit statuses when all went well."""

    name: str
    command: list[str]
    expected: frozenset[int]
    runs: int


def measure(command: list[str], expected: frozenset[int], environment: dict[str, str]) -> Cost:
    """Run a command with its output thrown away and return what it cost.

    Raises RuntimeError if it ends with another status than expected, or with a traceback (Python, too, then ends with 1,
    which says "findings" of the programs measured): a run that fails early is not a fast one.
    """
    silence = subprocess.DEVNULL
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, stdin=silence, stdout=silence, stderr=complaints, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        complaints.seek(0)
        crashed = b"Traceback (most recent call last)" in complaints.read()
    if process.returncode not in expected or crashed:
        message = f"{command[0]} ended with {process.returncode}{' and a traceback' if crashed else ''}"
        raise RuntimeError(message)
    per_unit = 1024 * 1024 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS, in KiB on Linux
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / per_unit)


def median(subject: Subject, plan: Path, environment: dict[str, str]) -> Cost:
    """Return the median of each figure over the runs."""
    command = [*subject.command, str(plan)]
    costs = [measure(command, subject.expected, environment) for _ in range(subject.runs)]
    return Cost(statistics.median(cost.cpu for cost in costs), statistics.median(cost.memory for cost in costs))


def subjects(checkov: str | None, runs: int, checkov_runs: int) -> list[Subject]:
    """Return the programs to measure."""
    scripts = Path(sys.executable).parent
    found = [
        Subject("orjson.loads", [sys.executable, "-c", ORJSON], frozenset({0}), runs),
        Subject("iacscan", [str(scripts / "iacscan")], frozenset({0, 1}), runs),
    ]
    if checkov is not None:
        chosen = ["--framework", "terraform_plan", "--check", ",".join(CHECKOV_CHECKS), "--compact", "--quiet"]
        command = [checkov, *chosen, "--skip-download", "--file"]
        found.append(Subject("Checkov", command, frozenset({0, 1}), checkov_runs))
    return found


def compiled(directory: str) -> dict[str, str]:
    """Return an environment in which Python keeps its bytecode, in that directory: pip compiles what it installs."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": directory}


def machine(checkov: str | None) -> str:
    """Say what the figures were measured with."""
    processor = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("iacscan", "msgspec", "orjson")]
    if checkov is not None:
        answer = subprocess.run([checkov, "--version"], check=True, capture_output=True, text=True).stdout
        versions.append(f"Checkov {answer.strip()}")
    return f"{processor}, {platform.system()} {platform.release()}, Python {platform.python_version()}; {', '.join(versions)}"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def main() -> None:
    """Measure everything and print the table, row by row as it comes."""
    parser = argparse.ArgumentParser(description="Measure iacscan against its peers.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="managed resources of the plans")
    parser.add_argument("--checkov", help="path of a checkov command, in an environment of its own")
    parser.add_argument("--runs", type=int, default=7, help="runs of each program on each plan")
    parser.add_argument("--checkov-runs", type=int, default=1, help="the same for Checkov, which takes minutes")
    options = parser.parse_args()

    print(f"{machine(options.checkov)}\n")
    print("| resources | plan, MB | program | CPU, s | times orjson | memory, MiB | times the file |")
    print("|--:|--:|---|--:|--:|--:|--:|", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        environment = compiled(directory)
        for subject in subjects(options.checkov, options.runs, options.checkov_runs):
            measure([*subject.command, str(HERE / "template" / "plan.json")], subject.expected, environment)
        for size in options.sizes:
            plan = Path(directory, f"plan-{size}.json")
            # In a process of its own: the peak of a child begins with what its parent holds.
            subprocess.run([sys.executable, str(HERE / "generate.py"), str(size), str(plan)], check=True)
            bytes_ = plan.stat().st_size
            yardstick = 0.0
            for subject in subjects(options.checkov, options.runs, options.checkov_runs):
                cost = median(subject, plan, environment)
                yardstick = yardstick or cost.cpu
                row = (
                    f"{size:,}",
                    f"{bytes_ / 1e6:.2f}",
                    subject.name,
                    f"{cost.cpu:.3f}",
                    f"{cost.cpu / yardstick:.1f}",
                    f"{cost.memory:.0f}",
                    f"{cost.memory * 2**20 / bytes_:.1f}",
                )
                print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
