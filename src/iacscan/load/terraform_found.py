"""What is found by reading a module's files as text: its blocks, their arguments, and the references in them."""

from collections import Counter
from typing import Final

from msgspec import Struct

from ..errors import InputError
from ..lazy import regex
from ..source import Span


class Declared(Struct):
    """A block of the module: `address` without a key, its lines, and the arguments that stand in it, by name.

    Variables, outputs, modules and providers are declared, too: `variable.x`, `output.x`, `module.m`, `provider.aws`.
    `opened` and `closed` are the places after its opening and before its closing bracket.
    """

    address: str
    span: Span
    opened: int
    closed: int
    arguments: dict[str, "Expression"]


class Cut(Struct, frozen=True):
    """A call that cuts the beginning off of a text: all of it, that argument of it, and which cut it is (`cuts`)."""

    start: int
    end: int
    first: int
    last: int
    cut: str


class Expression(Struct):
    """What one argument is set to: where it stands, and which of the references (`Scanned.uses`) stand in it.

    `dynamic` is the label of the dynamic block whose for_each it is, `around` the place after the opening bracket of
    the block that this one stands in. `nullable` tells that it may give null. `nested` tells that it does not stand
    in the block itself.
    """

    file: str
    node: str
    attribute: str
    name: str
    start: int
    end: int
    first: int
    last: int
    nullable: bool
    nested: bool
    dynamic: str = ""
    around: int = 0


class Use(Struct):
    """One reference in the text: where it stands, which block it stands in, and what becomes of its text.

    Its text is `carried` if it is not compared, cut or computed with on the way into the argument that it stands in; it is
    `measured` if only the number of its elements matters, `tested` if only whether it is null or empty does.
    """

    file: str
    start: int
    end: int
    text: str
    node: str
    attribute: str
    carried: bool
    measured: bool = False
    tested: bool = False
    counted: int = 0  # only the number or the keys of its elements are asked for: how many brackets around that
    decides: bool = False  # it is compared with something that is there, or looked for, or looked up by
    listed: bool = False  # it is a list: an argument of a function of lists
    joined: bool = False  # it is the list that makes a text
    enclosed: bool = False  # it is a part of a text, a list or an object
    templated: bool = False  # it is a part of a text
    inside: int = -1  # of a function call, whose text is empty: the first of the references in its arguments
    repetition: bool = False  # it stands in a count or for_each, of the block or of a dynamic one
    via: str = ""  # of `each.value` and its like: the argument that the value comes from
    over: tuple[int, int] = (0, 0)  # of what a `for` binds: the references in what it goes over
    fields: tuple[str, ...] = ()  # the keys of the objects that it stands in; empty if one is not known
    whole: bool = False  # it is all that the argument is set to
    tried: bool = False  # it stands in `try` or `can`
    direct: bool = False  # with no other function around it
    structure: bool = False  # it is an argument of a function that wants a map or object
    # Of a `for` that makes a list, whose text is empty: the references in what it goes over.
    loop: tuple[int, int] = (0, 0)
    bare: bool = False  # it stands in a string already (JSON), brackets of its template included
    guards: bool = False  # of a call, whose text is empty: it is `try` or `can`
    changed: bool = True  # of a call, whose text is empty: it gives something else than what it is given
    cut: "Cut | None" = None  # of a call, whose text is empty: what it cuts off of its argument
    within: "Use | None" = None  # the call that cuts something off of what this one stands in


_NAME: Final = regex(r"[\w-]+")
MAX_DEPTH: Final = 500  # of brackets in each other; the evaluator would not survive a million


def too_deep(file: str) -> InputError:
    """The error for a file whose brackets are nested more deeply than that."""
    return InputError(
        f"{file} has more than {MAX_DEPTH} brackets in each other", "people do not write that; leave it out"
    )


EACH: Final = (
    "@each"  # what is added to the name of a nested block, with its place, for what its dynamic for_each goes over
)


class Scanned:
    """What a scanner finds in all files of a module. `waits` is what stands in `depends_on`, by block."""

    def __init__(self) -> None:
        self.uses: list[Use] = []
        self.providers: list[Declared] = []  # of which several have one name
        self.expressions: list[Expression] = []
        self.declared: dict[str, Declared] = {}
        self.replacements: list[tuple[str, int, int, str]] = []
        self.variables: dict[str, str] = {}  # name: the text of its block
        self.waits: dict[str, list[str]] = {}
        self.written: Counter[tuple[str, str]] = Counter()  # nested blocks that are written out (block, name)
        self.assigned: set[str] = set()  # outside of blocks, as in files of variables
        self.locals: dict[str, Expression] = {}
        self.failing: set[tuple[str, str]] = set()  # arguments (block, name) that call what the evaluator may not know
        self.arguments: dict[str, Expression] = {}  # of the present block
        self._line = 0
        self._labels: list[str] = []

    def open(self, header: list[str], line: int) -> str:
        """Begin a block of the file; return the node that it makes."""
        self._line, self.arguments, self._labels = line, {}, header[1:]
        match header:
            case ["resource", kind, name]:
                return f"{kind}.{name}"
            case ["data" | "module" | "output" | "variable" | "provider" as mode, *names]:
                return ".".join((mode, *names))
            case [other, *_]:
                return other
            case _:
                return ""

    def close(self, node: str, file: str, text: str, opened: int, closed: int) -> None:
        """End a block of the file, which stands between two places. Raises InputError if its name is none."""
        kind, _, name = node.partition(".")
        for label in self._labels if "." in node else ():
            if not _NAME.fullmatch(label):
                what = f"{file}:{self._line}: a block cannot be called {label!r}"
                raise InputError(what, "a name has letters, digits, _ and -")
        if kind == "variable":
            self.variables[name] = text[opened:closed]
        if name:
            span = Span(file, self._line, text.count("\n", 0, closed) + 1)
            self.declared[node] = Declared(node, span, opened, closed, self.arguments)
            if kind == "provider":
                self.providers.append(self.declared[node])
