"""What the rewriter of Terraform source (`terraform_marks`) leaves for those who read what the evaluator makes of it."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from ..value import Reference
from .terraform_edits import Edits
from .terraform_flow import Flow, Key
from .terraform_found import Expression, Use
from .terraform_tree import Module, Tree

UNSET: Final = "var.iacscan_unset"  # a variable without a value: the evaluator knows that it does not know it
UNKNOWN_KEY: Final = "⟦0⟧"  # the key of the one instance that stands for an unknown for_each
NULL: Final = "⟦null⟧"
HELPERS: Final = "iacscan.tf"  # the file that is added to every module
NOWHERE: Final = "iacscan-nowhere"  # an empty directory in every module
PROBE: Final = "iacscan_"  # how the names begin that are added
AT: Final = PROBE + "at"  # a variable of every module: the keys of its instance, from the outermost call to its own
UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # how the ids look that the evaluator makes up
ABSENT: Final = "iacscan_absent"  # a type that no resource has


# Each for_each that the evaluator does not expand, or expands too late, with the keys of its instances; if these are not known,
# with none: then there is one, with `UNKNOWN_KEY`.
Forced: TypeAlias = Mapping[Key, frozenset[str]]


class Mark(Struct, frozen=True):
    """What a numbered mark stands for: a reference that is made in a module.

    `keyed` says that the instance key follows in the mark; `number` that it is one; `placed` that the keys of the
    module instance follow. `origins` is what the reference comes from, if it is not a block.
    """

    module: str
    reference: Reference
    keyed: bool = False
    number: bool = False
    placed: bool = False
    uses: tuple[Use, ...] = ()


class Probes(Struct):
    """What the added arguments tell, by their number. Each is null where the evaluator could not decide."""

    repeated: dict[int, Key] = {}  # of for_each: how many instances there are, and their keys
    dynamic: dict[int, tuple[Module, Expression]] = {}  # the elements of a dynamic block
    arguments: dict[int, "Argument"] = {}  # whether an argument of a call is null


class Argument(Struct):
    """An argument of a call of a module. `lost` says that a part of it cannot be known."""

    module: Module
    name: str
    lost: bool


class Rewritten(Struct):
    """One module, rewritten.

    `referring` are arguments (block, name) in which a reference is left to the evaluator; `never_null` those with marks for which
    null can only be what the evaluator gives where it fails. `deep` are blocks with dynamic ones in nested ones.
    """

    module: Module
    edits: Edits
    helpers: str
    referring: frozenset[tuple[str, str]]
    never_null: frozenset[tuple[str, str]]
    deep: frozenset[str]

    def line(self, file: str, line: int) -> int:
        """The line of the original file for one that the evaluator names."""
        return self.edits.original_line(file, line)


class Reading(Struct):
    """A tree of modules, ready to be evaluated."""

    tree: Tree
    flow: Flow
    modules: dict[str, Rewritten]
    marks: dict[int, Mark]
    probes: Probes
    forced: Forced = {}
    lossy: frozenset[tuple[str, str]] = frozenset()  # blocks (module, name) of which nested ones were left out
    sources: dict[str, str] = {}
    up: int = 0  # how many directories up functions may read
    only: Mapping[str, frozenset[str]] | None = None
