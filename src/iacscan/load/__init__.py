"""Bytes to blocks, one module a language; guesses nothing about AWS."""

from .block import Loaded
from .detect import read
from .terraform_plan import load_plan


def load(path: str) -> Loaded:
    """Load one input file. Raises InputError, and nothing else, if it cannot be read or is of a kind that is not read."""
    return load_plan(path, read(path))
