"""What it costs to work out what all of AWS's own policies allow: parse, expand, take Denies away, compare with themselves.

    python benchmarks/managed_policies.py

prints CPU milliseconds (user and system) of a fresh interpreter for each step, each step alone, and of the whole process up to there.
Reading and parsing is told apart, as a scan does that anyway; the budget is for expanding and subtracting.
"""

import subprocess
import sys
import time

BUDGET = 150  # milliseconds of CPU for expanding and subtracting, cold
RUNS = 5


def measure() -> list[tuple[str, float]]:
    """CPU milliseconds since the process began, after each step."""
    times = [("interpreter", time.process_time())]
    from iacscan.policy import managed  # noqa: PLC0415  # the import is one of the steps
    from iacscan.policy.containment import contains  # noqa: PLC0415
    from iacscan.policy.sets import allowed  # noqa: PLC0415
    from iacscan.value import Truth  # noqa: PLC0415

    times.append(("import", time.process_time()))
    documents = tuple(managed.all_policies().values())
    times.append(("read and parse", time.process_time()))
    cells = sum(len(allowed((document,))) for document in documents)
    times.append(("expand and subtract", time.process_time()))
    within = sum(contains(document, document).truth is Truth.YES for document in documents)
    times.append(("contained in itself", time.process_time()))
    print(f"{len(documents)} policies, {cells} cells, {within} proved to be within themselves", file=sys.stderr)
    return [(name, 1000 * seconds) for name, seconds in times]


def main() -> None:
    """Measure in fresh interpreters and print the medians."""
    if "--once" in sys.argv:
        for name, milliseconds in measure():
            print(f"{name}\t{milliseconds}")
        return
    runs = []
    for _ in range(RUNS):
        done = subprocess.run([sys.executable, __file__, "--once"], check=True, capture_output=True, text=True)
        runs.append([line.split("\t") for line in done.stdout.splitlines()])
    print(done.stderr.strip())
    before = 0.0
    for step in zip(*runs, strict=True):
        total = sorted(float(value) for _, value in step)[RUNS // 2]
        note = f"  (budget {BUDGET})" if step[0][0] == "expand and subtract" else ""
        print(f"{step[0][0]:<22}{total - before:8.0f} ms{note}")
        before = total


if __name__ == "__main__":
    main()
