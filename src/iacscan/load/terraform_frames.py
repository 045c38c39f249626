"""What is open at a place in Terraform source, from the file down to the innermost bracket, and what that does to a reference there."""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from .terraform_found import EACH, Cut
from .terraform_functions import COUNTING, DECIDING


class Frame(Struct):
    """An open bracket, quote or block. `fixed` taints every item in it, `tainted` only the present one."""

    kind: str
    node: str = ""
    label: str = ""
    fixed: bool = False
    tainted: bool = False
    ignored: bool = False
    assigned: bool = False
    item: int = 0  # the number of uses at the start of the present item
    operand: int = 0  # the same of what is joined by && and ||
    compares: bool = False  # what follows is compared with something else than null or nothing
    passed: int = 0  # items before the present one
    attribute: str = ""
    header: list[str] = []
    headed: int = 0  # where the header begins
    begins: int = 0  # where its own header begins
    expands: bool = (
        False  # a block that is written out, in which a dynamic one stands, or before which one of its name does
    )
    looped: list[str] = []  # the names of the dynamic blocks that stood in it so far
    first: int = 0  # the number of uses before it
    opened: int = 0  # where a block or a call begins
    start: int = 0  # where the expression of the present argument begins
    end: int = -1  # where a heredoc ends
    first_at: int = 0  # where the first argument of a call begins
    began: int = 0  # the number of uses before the present argument
    branched: bool = False  # a `?` stands in the present argument
    nullable: bool = False  # what follows a `?` or `:` of it may be null
    iterator: str = ""  # of a dynamic block: what its elements are called
    bound: str = ""  # what the `for` in it calls its elements
    over: tuple[int, int] = (0, 0)  # the references in what that goes over
    cut: Cut | None = None  # of a call that cuts something off of a text

    def begin(self, uses: int) -> None:
        """Begin an item, before which there is that number of uses."""
        self.item = self.operand = uses
        self.tainted, self.compares = self.fixed, False


def bound(stack: Sequence[Frame], word: str) -> tuple[int, int] | None:
    """What a `for` goes over, if the word is what it binds."""
    head = re.split(r"[.\[]", word, maxsplit=1)[0]
    found = (frame.over for frame in reversed(stack) if head == frame.bound and frame.over[1])
    return next(found, None)


def is_measured(stack: Sequence[Frame]) -> bool:
    """Whether what is read stands in `length` and is not changed on the way there."""
    for frame in reversed(stack):
        if frame.kind == "(" and frame.label == "length":
            return True
        if frame.tainted:
            return False
    return False


def counts_or_decides(stack: Sequence[Frame]) -> tuple[int, bool]:
    """How deep the call stands that asks for the number or the keys of what is read only; whether what it says is compared instead.

    The depth is 0 if there is no such call, or one that compares stands in it.
    """
    for depth in range(len(stack), 0, -1):
        frame = stack[depth - 1]
        is_call = frame.kind == "("
        if frame.compares or (is_call and (frame.label in DECIDING or (frame.label == "lookup" and frame.passed == 1))):
            return 0, True
        if is_call and frame.label in COUNTING:
            return depth, False
    return 0, False


def written_out(stack: Sequence[Frame]) -> list[Frame]:
    """The nested blocks that are open and written out. In such, the evaluator leaves dynamic blocks as they are."""
    blocks = [frame for frame in stack if frame.kind == "block"]
    return [
        inner
        for outer, inner in pairwise(blocks[1:])  # after the file
        if not (inner.iterator or (outer.iterator and inner.label == "content"))
    ]


def dynamic_instead(frame: Frame) -> str:
    """The beginning of a dynamic block that makes the one block which is written out."""
    return f'dynamic "{frame.label}" {{\nfor_each = [""]\niterator = iacscan_one\ncontent {{'


def goes_over(nested: str, dynamic: Frame) -> str:
    """What the for_each of a dynamic block is called as an argument: there may be several blocks of that name, also in each other."""
    return f"{nested}{EACH}{dynamic.opened}"


def node_of(top: Frame) -> str:
    """The block or local that stands in the file's own block."""
    return f"local.{top.attribute}" if top.node == "locals" else top.node
