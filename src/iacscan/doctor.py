"""What this installation can read, and what it lacks: the text of `iacscan doctor`."""

import platform
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from . import __version__

# What each package is for; where one is missing, what cannot be done.
_PACKAGES: Final = (
    ("msgspec", "reads plans", "nothing can be scanned"),
    ("tfparse", "evaluates Terraform source", "a directory with Terraform source cannot be scanned; plans can"),
    ("pyyaml", "reads CloudFormation templates", "templates cannot be scanned; plans can"),
    ("pydantic", "writes --format json", "--format json cannot be written; other formats can"),
)
# Two packages that install a module of the same name, `hcl2`: the later one breaks the other.
_HCL2: Final = ("python-hcl2", "bc-python-hcl2")


def report() -> tuple[str, bool]:
    """The text, and whether nothing is missing."""
    lines = [f"iacscan {__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}"]
    whole = True
    for name, use, loss in _PACKAGES:
        version = _version(name)
        whole = whole and version is not None
        lines.append(
            f"  {name:<9} {version or 'is not installed':<17} {use if version else f'so {loss}: pip install {name}'}"
        )
    return "\n".join((*lines, *_hcl2(), "")), whole


def _hcl2() -> Iterator[str]:
    found = {name: version for name in _HCL2 if (version := _version(name))}
    if len(found) == len(_HCL2):
        both = " and ".join(f"{name} {version}" for name, version in found.items())
        yield f"{both} are both installed, and the later one has overwritten the other's module hcl2."
        yield "Checkov may fail with that; iacscan uses neither."
    for name, version in found.items() if len(found) == 1 else ():
        yield f"{name} {version} is installed; iacscan does not use it: lines of source come from its own reading."


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
