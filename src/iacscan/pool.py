"""Scanning several inputs in processes of their own, where that pays."""

import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Bytes that one second of CPU gets through, about, by kind of input.
_SPEED: Final = {"terraform-plan": 15_000_000, "terraform-source": 300_000, "cloudformation": 1_000_000}
_WORTHWHILE: Final = 0.5  # seconds of work that can be done beside the longest piece; starting processes costs some


def pays(sizes: Sequence[tuple[str, int]]) -> bool:
    """Whether inputs of these kinds and sizes (in bytes) are scanned sooner side by side than one after the other."""
    seconds = [size / _SPEED[kind] for kind, size in sizes]
    return len(seconds) > 1 and sum(seconds) - max(seconds) > _WORTHWHILE


def spread(work: Callable[[T], R], items: Sequence[T], jobs: int) -> list[R]:
    """Do a piece of work for each item in up to `jobs` processes; the results come in the order of the items."""
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  only for several large inputs
    from multiprocessing import get_context  # noqa: PLC0415  likewise

    # Forking costs a tenth of a fresh start, but only while nothing runs beside us: the evaluator of Terraform has
    # threads of its own, which would be missing in the fork.
    alone = sys.platform == "linux" and "tfparse" not in sys.modules and threading.active_count() == 1
    context = get_context("fork" if alone else "spawn")
    with ProcessPoolExecutor(min(jobs, len(items)), mp_context=context) as pool:
        return list(pool.map(work, items))
